package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/simulate"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
	"github.com/vauban-verifier/vauban/threats"
)

// maxMoves is how many moves are listed at a time, and maxCommand how long a command may be.
const (
	maxMoves   = 40
	maxCommand = 4096
)

// simulateOptions are the flags of `vauban simulate`.
type simulateOptions struct {
	against     string
	choices     []string
	report      string
	requirement string
	at          int
}

func (a *app) simulateCommand() *cobra.Command {
	var opt simulateOptions
	cmd := &cobra.Command{
		Use:   "simulate [FILE...]",
		Short: "Step through a design by hand, or replay the attack of a report",
		Long: `Simulate shows what can happen in a design, one step at a time: honest steps, what attackers do with messages, forced steps, and
threats. Commands are read from standard input, from a person or a pipe:

  3                a move, by its number in the list
  step Place(o1)   a move, by its name; a name that only one move begins with is enough
  moves [WORD]     what can be done now, with this word in it
  state            the current state, and what the attackers have
  back             undo the last move
  quit

With --report, the attack of a report on a requirement is replayed first (or the run that shows that something is possible).
Undecided controls are absent, and present controls work, unless --choose says otherwise.`,
		Example: `  vauban simulate shop.vbn
  vauban simulate --against Outsider shop.vbn`,
		ValidArgsFunction: console.CompleteDesigns,
		RunE:              a.OnDesign(func(ctx context.Context, files []string) error { return a.simulate(ctx, files, opt) }),
	}
	cmd.AddCommand(a.simulateLogCommand())
	f := cmd.Flags()
	a.AllowOutside(cmd)
	f.StringVar(&opt.against, "against", "", "play `ATTACKERS`, such as \"Outsider\" or \"Outsider + Insider\" (default: no attacker)")
	f.StringArrayVar(&opt.choices, "choose", nil, "decide a `CONTROL`: an open one that is there (\"waf on Shop\"), or one that fails (\"waf on Shop fails\"); may be repeated")
	f.StringVar(&opt.report, "report", "", "replay an attack of the report in `FILE`, which \"vauban check --format json\" wrote for this design")
	f.StringVar(&opt.requirement, "requirement", "", "with --report: replay the attack on the requirement `NAME`")
	f.IntVar(&opt.at, "case", 0, "with --report: replay case `N` of the requirement, counted from 1; 0 is the first with something to replay")
	return cmd
}

func (a *app) simulate(ctx context.Context, paths []string, opt simulateOptions) error {
	var replay []string
	against := []string{}
	if opt.report != "" {
		run, attackers, err := a.readRun(ctx, opt)
		if err != nil {
			return err
		}
		replay, against = run.Rules, attackers
		for _, c := range run.Choices {
			if !strings.HasPrefix(c, "not ") {
				opt.choices = append(opt.choices, c)
			}
		}
	} else if opt.requirement != "" || opt.at != 0 {
		return errors.New("--requirement and --case say what to replay from a --report")
	}
	if opt.against != "" {
		against = nil
		for name := range strings.SplitSeq(opt.against, "+") {
			against = append(against, strings.TrimSpace(name))
		}
	}
	var s *simulate.Simulation
	var model *threats.Model
	outcome, _, err := a.work(ctx, paths, true, func(m *threats.Model, _ func(checker.Progress)) error {
		coalition, err := coalition(m, against)
		if err != nil {
			return console.Failf(console.ExitUsage, "%v", err)
		}
		model = m
		if s, err = simulate.New(ctx, m, coalition, opt.choices); err != nil {
			if m := (*ground.Mistakes)(nil); errors.As(err, &m) || errors.Is(err, ground.ErrTooLarge) {
				return err
			}
			return console.Failf(console.ExitUsage, "%v", err)
		}
		return nil
	})
	if err == nil && s == nil {
		err = a.wrong(outcome)
	}
	if err != nil {
		return err
	}
	who := "nobody attacks"
	if len(against) > 0 {
		who = "against " + strings.Join(against, " + ")
	}
	t := &stepper{app: a, s: s, told: map[string]bool{}}
	t.say("%s · %s", model.Design.Title, who)
	for i, name := range replay {
		t.say("%d. %s", i+1, name)
		if err := t.take(name); err != nil {
			return console.Failf(console.ExitUsage, "the report does not fit the design: %v", err)
		}
	}
	return t.loop(ctx)
}

// readRun reads the run that a report has for a requirement, and whose it is.
func (a *app) readRun(ctx context.Context, opt simulateOptions) (*evidence.Run, []string, error) {
	if opt.requirement == "" {
		return nil, nil, errors.New("name the requirement whose attack is replayed with --requirement")
	}
	data, err := a.ReadFile(ctx, opt.report, document.MaxBytes)
	if err != nil {
		return nil, nil, console.Failf(console.ExitUsage, "%v", err)
	}
	r, err := document.Parse(data)
	if err != nil {
		return nil, nil, console.Failf(console.ExitUsage, "%s: %v", opt.report, err)
	}
	var known []string
	for _, q := range r.Requirements {
		known = append(known, q.Name)
		if q.Name != opt.requirement {
			continue
		}
		for i, c := range q.Cases {
			if opt.at > 0 && i != opt.at-1 || c.Evidence == nil {
				continue
			}
			for _, e := range append([]*evidence.Answer{c.Evidence}, c.Evidence.Further...) {
				if len(e.Attacks) > 0 && (c.Attack != nil || len(c.Runs) > 0) {
					return &e.Attacks[0], c.Attackers, nil
				}
			}
		}
		return nil, nil, console.Failf(console.ExitUsage, "the report has no attack on %q to replay: its verdict is %s", q.Name, q.Verdict)
	}
	return nil, nil, console.Failf(console.ExitUsage, "the report has no requirement %q%s", opt.requirement, diag.DidYouMean(opt.requirement, known))
}

// coalition finds attackers by their names.
func coalition(m *threats.Model, names []string) ([]*models.Attacker, error) {
	var known []string
	for _, x := range m.Design.Attackers {
		known = append(known, x.Name)
	}
	var out []*models.Attacker
	for _, name := range names {
		i := slices.Index(known, name)
		if i < 0 {
			return nil, fmt.Errorf("unknown attacker %q%s", name, diag.DidYouMean(name, known))
		}
		out = append(out, m.Design.Attackers[i])
	}
	return out, nil
}

// stepper is the conversation of a simulation.
type stepper struct {
	*app
	s     *simulate.Simulation
	moves []simulate.Move // as last listed
	told  map[string]bool // requirements that were said to be broken
}

func (t *stepper) say(format string, args ...any) {
	fmt.Fprintln(t.Stdout, plain.Clean(fmt.Sprintf(format, args...)))
}

// take takes a move and says what it did.
func (t *stepper) take(name string) error {
	m, err := t.s.Take(name)
	if err != nil {
		return err
	}
	t.moves = nil
	t.say("   %s", wording.Sentence(m.Step))
	if e := wording.Effect(m.Step); e != "" {
		t.say("   %s", e)
	}
	t.judge()
	return nil
}

// judge says which requirements the run breaks or meets now, and did not before.
func (t *stepper) judge() {
	broken, met := t.s.Broken()
	now := map[string]bool{}
	tell := func(what string, list []simulate.Reached) {
		for _, b := range list {
			line := what + b.Requirement.Name
			if at := wording.Bound(b.Bindings); at != "" {
				line += ", where " + at
			}
			if now[line] = true; !t.told[line] {
				t.say("   %s: %s, after %s", line, b.Requirement.Text, plain.Number(t.s.Steps(), "step"))
			}
		}
	}
	tell("breaks ", broken)
	tell("meets ", met)
	t.told = now
}

func (t *stepper) loop(ctx context.Context) error {
	person := console.IsTerminal(t.Stdout)
	t.list("")
	in := bufio.NewScanner(t.Stdin)
	in.Buffer(make([]byte, maxCommand), maxCommand)
	lines := make(chan string)
	go func() {
		defer close(lines)
		for in.Scan() {
			select {
			case lines <- in.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		if person {
			fmt.Fprint(t.Stdout, "> ")
		}
		select {
		case <-ctx.Done():
			return console.Failf(console.ExitInterrupted, "interrupted")
		case line, ok := <-lines:
			if !ok {
				if err := in.Err(); err != nil {
					return console.Failf(console.ExitUsage, "cannot read a command: %v", err)
				}
				return nil
			}
			line = strings.TrimSpace(line)
			if !person {
				t.say("> %s", line)
			}
			if done := t.command(line); done {
				return nil
			}
		}
	}
}

// command does what a line says, and reports whether it ends the simulation.
func (t *stepper) command(line string) (done bool) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "":
	case "quit", "q", "exit":
		return true
	case "moves", "m":
		t.list(strings.TrimSpace(rest))
	case "state", "s":
		t.state()
	case "back", "b":
		if !t.s.Back() {
			t.say("this is the start")
			return false
		}
		t.moves = nil
		t.judge()
		t.say("back: %s taken", plain.Number(t.s.Steps(), "step"))
	case "help", "h", "?":
		t.say("a number or the name of a move, moves [WORD], state, back, quit")
	default:
		name, err := t.find(line)
		if err == nil {
			err = t.take(name)
		}
		if err != nil {
			t.say("%v; type `moves` for the moves, `help` for commands", err)
			return false
		}
		t.list("")
	}
	return false
}

// find returns the name of the move that a line means.
func (t *stepper) find(line string) (string, error) {
	if t.moves == nil {
		t.moves = t.s.Moves()
	}
	if n, err := strconv.Atoi(line); err == nil {
		if n < 1 || n > len(t.moves) {
			return "", fmt.Errorf("there is no move %d", n)
		}
		return t.moves[n-1].Name, nil
	}
	var begin []string
	for _, m := range t.moves {
		if m.Name == line {
			return line, nil
		}
		if strings.HasPrefix(m.Name, line) || strings.HasPrefix(m.Name, "step "+line) {
			begin = append(begin, m.Name)
		}
	}
	switch len(begin) {
	case 1:
		return begin[0], nil
	case 0:
		return line, nil // Take knows why not
	}
	return "", fmt.Errorf("%q may be %s", line, plain.List(begin, plain.MaxList))
}

// list writes the moves with a word in them.
func (t *stepper) list(word string) {
	if t.moves == nil {
		t.moves = t.s.Moves()
	}
	if len(t.moves) == 0 {
		t.say("no more moves: %s taken, cost %d", plain.Number(t.s.Steps(), "step"), t.s.Cost())
		return
	}
	shown := 0
	for i, m := range t.moves {
		if word != "" && !strings.Contains(m.Name, word) && !strings.Contains(m.Step.Says, word) {
			continue
		}
		if shown++; shown > maxMoves {
			continue
		}
		cost := ""
		if m.Step.Cost > 0 {
			cost = fmt.Sprintf(" · cost %d", m.Step.Cost)
		}
		t.say("%4d  %s · %s%s", i+1, m.Name, wording.Sentence(m.Step), cost)
	}
	if shown == 0 {
		t.say("no move has %q in it", word)
	}
	if shown > maxMoves {
		t.say("      and %d more: `moves WORD` lists those with a word in them", shown-maxMoves)
	}
}

// state writes what is so now.
func (t *stepper) state() {
	process, flight, attackers := t.s.State()
	for _, part := range []struct {
		name string
		list []string
	}{{"state", process}, {"in flight", flight}, {"attackers have", attackers}} {
		if len(part.list) == 0 {
			part.list = []string{"nothing"}
		}
		t.say("%s: %s", part.name, strings.Join(part.list, ", "))
	}
	t.say("%s taken, cost %d", plain.Number(t.s.Steps(), "step"), t.s.Cost())
}
