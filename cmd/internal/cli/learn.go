package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/models/logs"
	"github.com/vauban-verifier/vauban/models/logs/discover"
	"github.com/vauban-verifier/vauban/reports/text"
	"github.com/vauban-verifier/vauban/reports/wording"
	"github.com/vauban-verifier/vauban/threats"
)

// learnOptions are the flags of learn.
type learnOptions struct {
	design    string
	mapping   string
	logFormat string
	out       string
	quiet     bool
}

func (a *app) learnCommand() *cobra.Command {
	var opt learnOptions
	cmd := &cobra.Command{
		Use:   "learn LOG...",
		Short: "Propose requirements that logs never break, and say whether the design enforces them",
		Long: `Learn looks in logs for rules that were never broken: what comes only after what, at most once, always after, never after, together; which fields are equal or in
order. It learns from the first 70 % of the cases by time and judges on the rest: each rule has exact counts, and an upper bound of its error there (Clopper and Pearson, 95 %). Rules that
are broken in a few cases are listed apart with these cases, for they are often what somebody looks for.

With --design, the events are the steps of its processes, by the same mapping as for explain; each proposal that the design has words for is checked: enforced against every attacker, or true so far only
because nobody attacked. Without a design, a skeleton of a process is proposed, in which everything is guessed.

Proposals change nothing: --out writes them to a file of its own, from which a person copies what is meant.

Exit status: 0 learnt, 2 the input is invalid, 130 interrupted.`,
		Example: `  vauban learn orders.jsonl
  vauban learn orders.jsonl --out guessed.vbn
  vauban learn orders.jsonl --design checkout.vbn`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("name a log, such as `vauban learn orders.jsonl`")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.learn(cmd.Context(), args, opt) },
	}
	f := cmd.Flags()
	f.StringVar(&opt.design, "design", "", "learn in the words of the design in `FILE`, and check what is learnt against it")
	f.StringVar(&opt.mapping, "map", "", "what the entries of the logs mean: a mapping in `FILE`; without a design only where things are counts")
	f.StringVar(&opt.logFormat, "log-format", "", "the logs are in `FORMAT` (default: as the mapping says, or by their names)")
	f.StringVarP(&opt.out, "out", "o", "", "write the proposals to `FILE`: requirements, or without a design a skeleton")
	f.BoolVarP(&opt.quiet, "quiet", "q", false, "no progress")
	return cmd
}

func (a *app) learn(ctx context.Context, paths []string, opt learnOptions) error {
	r, err := a.logsOf(ctx, paths, explainOptions{mapping: opt.mapping, logFormat: opt.logFormat})
	if err != nil {
		return err
	}
	if opt.out != "" {
		if err := a.Guard.Check(opt.out); err != nil {
			return console.Failf(console.ExitUsage, "%v", err)
		}
	}
	if opt.design == "" {
		return a.learnFreely(ctx, r, opt)
	}
	in, err := a.InputOnce(ctx, []string{opt.design})
	if err != nil {
		return err
	}
	var found *discover.Found
	var proposals []discover.Proposal
	outcome, _, err := a.workOn(ctx, in, true, func(m *threats.Model, _ func(checker.Progress)) error {
		mapping, err := r.mapped(m)
		if err != nil {
			return err
		}
		if found, err = r.learn(ctx, r.interpreted(mapping, m.Design)); err == nil {
			proposals = discover.Propose(m.Design, found.Proposals)
		}
		return err
	})
	if err == nil && found == nil {
		err = a.wrong(outcome)
	}
	if err != nil {
		return err
	}
	verdicts, err := a.enforced(ctx, in, proposals, opt)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	text.Learnt(&out, found, func(p discover.Pattern) string {
		for _, x := range proposals {
			if x.Rule.Pattern == p && x.Name != "" {
				return verdicts[x.Name]
			}
		}
		return ""
	}, a.Colored(a.Stdout))
	if opt.out != "" {
		if err := a.Deliver([]byte(requirements(proposals, found, verdicts)), opt.out); err != nil {
			return err
		}
		fmt.Fprintf(&out, "wrote the proposals to %s: copy what is meant into the design\n", opt.out)
	}
	return a.Deliver(out.Bytes(), "")
}

// requirements are proposals as a file of a design.
func requirements(proposals []discover.Proposal, found *discover.Found, verdicts map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "// Learnt from %d cases: proposals, which change nothing until somebody copies them into the design.\n", found.Cases)
	for _, p := range proposals {
		r := p.Rule
		fmt.Fprintf(&b, "\n// %s: %d cases, then %d of %d broken, so at most %.1f %%\n", r.Pattern, r.Learnt, r.Broken, r.Judged, 100*r.Bound)
		if p.Name == "" {
			b.WriteString("// the design has no words for it\n")
			continue
		}
		fmt.Fprintf(&b, "// %s\n%s\n", verdicts[p.Name], p.Requirement)
	}
	return b.String()
}

// learnt is what proposals are called when they are checked.
const learnt = "<learnt>"

// enforced checks proposals against the design, and says of each what came of it.
func (a *app) enforced(ctx context.Context, in console.Input, proposals []discover.Proposal, opt learnOptions) (map[string]string, error) {
	var b strings.Builder
	for _, p := range proposals {
		if p.Name != "" {
			b.WriteString(p.Requirement + "\n")
		}
	}
	if b.Len() == 0 {
		return nil, nil //nolint:nilnil // nothing is to be checked
	}
	read := in.Read
	with := in
	with.Names = append(append([]string(nil), in.Names...), learnt)
	with.Read = func(name string) (string, error) {
		if name == learnt {
			return b.String(), nil
		}
		return read(name)
	}
	o, err := a.verifyInput(ctx, with, checkOptions{quiet: opt.quiet})
	if err == nil {
		err = a.wrong(o)
	}
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, q := range o.Result.Requirements {
		switch q.Verdict {
		case checker.Holds:
			out[q.Source.Name] = "enforced: no attacker of the design breaks it"
		case checker.Unknown:
			out[q.Source.Name] = "unknown whether the design enforces it"
		default:
			out[q.Source.Name] = "true so far only: " + wording.Gist(q)
		}
	}
	return out, nil
}

// learnFreely learns without a design.
func (a *app) learnFreely(ctx context.Context, r *logReader, opt learnOptions) error {
	d := r.formats[0].Defaults
	fields := logs.Plain(&models.Design{}, d)
	if r.mapping != nil {
		diags := &diag.List{}
		if fields = logs.Fields(r.mapping, d, diags); fields == nil {
			if err := diag.Render(a.Stderr, diags.Sorted(), diag.Options{Color: a.Colored(a.Stderr), Max: console.MaxDiagnostics}); err != nil {
				return console.Failf(console.ExitUsage, "cannot write the errors: %v", err)
			}
			return console.Failf(console.ExitUsage, "the mapping has errors: nothing was learnt")
		}
	}
	found, err := r.learn(ctx, func(rec logs.Record, log string) (cases []string, e discover.Event, at logs.Event, problem string) {
		m := logs.Raw(fields, rec, log)
		return m.Cases, discover.Event{Name: rec.Fields[fields.Type], Fields: besides(rec, fields)}, m, ""
	})
	if err != nil {
		return err
	}
	var out bytes.Buffer
	text.Learnt(&out, found, func(discover.Pattern) string { return "" }, a.Colored(a.Stdout))
	skeleton := discover.Skeleton(found, filepath.Base(r.paths[0]))
	if opt.out == "" {
		fmt.Fprintf(&out, "next: --out FILE writes a skeleton of a design, in which everything is guessed; --design FILE checks what is learnt against a design\n")
	} else {
		if err := a.Deliver([]byte(skeleton), opt.out); err != nil {
			return err
		}
		fmt.Fprintf(&out, "wrote a skeleton of a design to %s, in which everything is guessed\n", opt.out)
	}
	return a.Deliver(out.Bytes(), "")
}

// besides are the fields of a record but for those that say what, when and whose it is.
func besides(rec logs.Record, m *logs.Mapping) map[string]string {
	out := maps.Clone(rec.Fields)
	for _, f := range append([]string{m.Time, m.Source, m.Type}, m.Case...) {
		delete(out, f)
	}
	return out
}

// interpreted says in the words of a design what a record is.
func (r *logReader) interpreted(mapping *logs.Mapping, d *models.Design) reading {
	x := logs.NewInterpreter(mapping, d, nil)
	return func(rec logs.Record, log string) (cases []string, e discover.Event, at logs.Event, problem string) {
		m := x.Mean(rec, log)
		if m.Event == nil || m.Event.Step == nil {
			return nil, e, at, m.Problem
		}
		e = discover.Event{Name: m.Event.Step.Name, Fields: besides(rec, mapping)}
		maps.DeleteFunc(e.Fields, func(path, _ string) bool { return path == "args" || strings.HasPrefix(path, "args.") }) // they have names below
		for i, p := range m.Event.Step.Params {
			if i < len(m.Event.Args) && m.Event.Args[i] != "" {
				e.Fields[p.Name] = m.Event.Args[i]
			}
		}
		return m.Event.Cases, e, *m.Event, m.Problem
	}
}

// reading says of a record which cases it is of, and what it says.
type reading func(rec logs.Record, log string) (cases []string, e discover.Event, at logs.Event, problem string)

// learn reads the logs, and learns from their cases.
func (r *logReader) learn(ctx context.Context, read reading) (*discover.Found, error) {
	of := map[string]*discover.Case{}
	var order []string
	events := 0
	for i := range r.paths {
		log := r.log(ctx, i)
		err := log.Each(io.Discard, func(rec logs.Record) error {
			cases, e, at, problem := read(rec, log.Name)
			if problem != "" {
				return fmt.Errorf("line %d: %s", rec.Line, problem)
			}
			if events += len(cases); events > logs.MaxEvents {
				return logs.ErrMany
			}
			for _, id := range cases {
				c := of[id]
				if c == nil {
					c = &discover.Case{Name: id, Start: at.Time}
					of[id] = c
					order = append(order, id)
				}
				c.Events = append(c.Events, e)
			}
			return nil
		})
		if err != nil {
			return nil, unread(err, "nothing was learnt")
		}
	}
	all := make([]discover.Case, 0, len(order))
	for _, id := range order {
		all = append(all, *of[id])
	}
	found, err := discover.Learn(all)
	if err != nil {
		return nil, console.Failf(console.ExitUsage, "%v", err)
	}
	return found, nil
}
