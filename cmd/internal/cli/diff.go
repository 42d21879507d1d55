package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/cmd/internal/config"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports/baseline"
	"github.com/vauban-verifier/vauban/reports/change"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// diffOptions are the flags of diff.
type diffOptions struct {
	checkOptions
	failOn string
}

// reviews are the formats of diff.
var reviews = map[string]func(io.Writer, *change.Review) error{
	"text": change.WriteText, "json": change.WriteJSON, "markdown": change.WriteMarkdown,
}

func (a *app) diffCommand() *cobra.Command {
	var opt diffOptions
	cmd := &cobra.Command{
		Use:   "diff OLD NEW...",
		Short: "Say what a change of a design does to its requirements",
		Long: `Diff checks two versions of a design and says, as a review would, which verdicts changed, which attacks are new, gone, cheaper or more expensive,
what proofs no longer rely on, and what became of requirements and waivers.

OLD and NEW are each a file, a directory (all designs in it), a path in a git revision (REV:PATH, from the root of the repository), or a
revision alone, which stands for the path that the other one names. Several files as NEW are one design, and OLD is a revision then. Two revisions alone stand for
the designs that the vauban.yaml of each names, or for all of the repository; a design that is no longer named is reported, and still compared.

An attack is known again by what it does that something could stop. So another way to break a requirement is new, whatever it costs.

Exit status: 0, or 1 where there is what --fail-on names; 2 when a version cannot be checked; 130 interrupted. The verdicts themselves do not
matter: a requirement that was and is violated is no change.`,
		Example: `  vauban diff old.vbn shop.vbn
  vauban diff --format markdown --out review.md old.vbn shop.vbn`,
		ValidArgsFunction: console.CompleteDesigns,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return fmt.Errorf("expected two versions, such as `vauban diff main shop.vbn`; got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.diff(cmd.Context(), args[0], args[1:], opt) },
	}
	f := cmd.Flags()
	a.AllowOutside(cmd)
	f.StringVar(&opt.format, "format", "text", "`FORMAT` of the result: text (for people), json (for programs), markdown (for comments)")
	f.StringVar(&opt.out, "out", "", "write to `FILE` instead of standard output")
	opt.helpers.flags(cmd)
	f.StringVar(&opt.failOn, "fail-on", "never", "exit with 1 on `CHANGE`: new (an attack, a broken rule or an unknown result that is new or cheaper, and not waived), worse (anything that got worse, also if less is checked: designs, requirements, attackers, assumptions, waivers), never")
	f.StringVar(&opt.asOf, "as-of", "", "judge waivers of both versions as of `DATE`, YYYY-MM-DD (default: today, UTC)")
	f.IntVar(&opt.maxIterations, "max-iterations", 0, "give up on a case after `N` rounds of the solver, with the verdict unknown; 0 is the default limit")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(slices.Sorted(maps.Keys(reviews)), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions([]string{"new", "worse", "never"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (a *app) diff(ctx context.Context, old string, now []string, opt diffOptions) error {
	if err := opt.validate(); err != nil {
		return err
	}
	opt.enumerate = true
	write := reviews[opt.format]
	if write == nil {
		return fmt.Errorf("--format is %q, expected text, json or markdown", opt.format)
	}
	if !slices.Contains([]string{"new", "worse", "never"}, opt.failOn) {
		return fmt.Errorf("--fail-on is %q, expected new, worse or never", opt.failOn)
	}
	h, err := a.helpers(ctx, opt.helpers)
	if err != nil {
		return err
	}
	defer h.done()
	opt.memory = h.memory
	x, y, err := a.Sides(ctx, old, now)
	if e := (*console.ExitError)(nil); errors.As(err, &e) {
		return e
	}
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	var list []change.Pair
	for _, name := range pairs(x, y) {
		p := change.Pair{Name: name.shown}
		if p.Old, err = a.version(ctx, x, name.old, opt); err != nil {
			return err
		}
		if name.out {
			// What is no longer checked is compared all the same, if it can be.
			p.Out = true
			if p.New, err = a.version(ctx, y, name.now, opt); err != nil && ctx.Err() == nil {
				p.New, err = nil, nil
			}
		} else {
			p.New, err = a.version(ctx, y, name.now, opt)
		}
		if err != nil {
			return err
		}
		list = append(list, p)
	}
	settings, err := a.settingsChanged(x, y)
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	review := change.Compare(old, strings.Join(now, " "), list, settings...)
	var b bytes.Buffer
	if err := write(&b, review); err != nil {
		return err
	}
	if err := a.Deliver(b.Bytes(), opt.out); err != nil {
		return err
	}
	if opt.failOn == "new" && review.Findings() > 0 || opt.failOn == "worse" && review.Worsenings() > 0 {
		return &console.ExitError{Code: console.ExitFound}
	}
	return nil
}

// pairName is a design on two sides: its files, none where it is not there.
type pairName struct {
	shown    string
	old, now []string
	out      bool // now has it, and its configuration does not name it
}

// pairs matches designs: those that the user named, or by their path; else by their title, where there is just one of it on each side that has no other.
func pairs(x, y console.Side) []pairName {
	if !x.Whole && !y.Whole {
		for _, old := range x.Designs {
			for name, now := range y.Designs {
				return []pairName{{shown: name, old: old, now: now}}
			}
		}
	}
	byTitle := func(s, other console.Side) map[string][]string {
		out := map[string][]string{}
		for name, files := range s.Designs {
			if other.Designs[name] == nil {
				if text, err := s.Read(files[0]); err == nil {
					out[title(files[0], text)] = append(out[title(files[0], text)], name)
				}
			}
		}
		return out
	}
	gone, added := byTitle(x, y), byTitle(y, x)
	moved := map[string]string{} // by the new name, the old one
	for title, names := range gone {
		if len(names) == 1 && len(added[title]) == 1 {
			moved[added[title][0]] = names[0]
		}
	}
	names := slices.Collect(maps.Keys(y.Designs))
	for name := range x.Designs {
		if y.Designs[name] == nil && !slices.Contains(slices.Collect(maps.Values(moved)), name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []pairName
	for _, name := range names {
		p := pairName{shown: name, old: x.Designs[name], now: y.Designs[name]}
		if from, ok := moved[name]; ok {
			p.old = x.Designs[from]
		}
		if p.now == nil && y.Config != nil {
			if _, err := y.Read(p.old[0]); err == nil {
				p.now, p.out = p.old, true
			}
		}
		out = append(out, p)
	}
	return out
}

// title is the title of a design; "" where it has none.
func title(name, text string) string {
	for _, d := range dsl.Parse(source.New(name, text), &diag.List{}).Decls {
		if d, ok := d.(*dsl.Design); ok {
			return d.Title.Value
		}
	}
	return ""
}

// version checks a design of a side; nil where it is not there.
func (a *app) version(ctx context.Context, s console.Side, files []string, opt diffOptions) (*checker.Result, error) {
	if files == nil {
		return nil, nil
	}
	outcome, err := a.verifyInput(ctx, console.Input{Names: files, Read: s.Read, Outside: s.Outside}, opt.checkOptions)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, console.Failf(console.ExitInterrupted, "interrupted: nothing was compared")
	}
	if err := a.wrong(outcome); err != nil {
		return nil, console.Failf(console.ExitUsage, "%s in %s: nothing was compared", strings.TrimSuffix(err.Error(), ": nothing was verified"), s.Name)
	}
	return outcome.Result, nil
}

// settingsChanged says what the configurations of two sides make of the verdicts: what is known may hide what is found.
func (a *app) settingsChanged(x, y console.Side) ([]change.Remark, error) {
	var out []change.Remark
	say := func(t change.Trend, format string, args ...any) {
		out = append(out, change.Remark{Kind: change.SettingsChanged, Trend: t, Text: fmt.Sprintf(format, args...)})
	}
	if x.Config == nil && y.Config == nil {
		return nil, nil
	}
	before, now := cmp.Or(x.Config, &config.Config{}), cmp.Or(y.Config, &config.Config{})
	switch {
	case before.Strict && !now.Strict:
		say(change.Worse, "the check is no longer strict: what holds vacuously passes")
	case !before.Strict && now.Strict:
		say(change.Better, "the check is strict now: what holds vacuously does not pass")
	}
	known := func(s console.Side, c *config.Config) (*baseline.List, error) {
		if c.Baseline == "" {
			return &baseline.List{}, nil
		}
		text, err := s.Read(path.Join(c.Dir, c.Baseline))
		if errors.Is(err, console.ErrNotThere) {
			return &baseline.List{}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("cannot read the baseline %s in %s: %w", c.Baseline, s.Name, err)
		}
		l, err := baseline.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("cannot read the baseline %s in %s: %w", c.Baseline, s.Name, err)
		}
		for i := range l.Findings { // a design that was moved keeps its findings
			l.Findings[i].Design = cmp.Or(l.Findings[i].Title, l.Findings[i].Design)
		}
		return l, nil
	}
	was, err := known(x, before)
	if err != nil {
		was = &baseline.List{} // of another form: all that is known now is new to it
	}
	is, err := known(y, now)
	if err != nil {
		return nil, err
	}
	if more := was.Unknown(is.Findings); len(more) > 0 {
		var names []string
		for _, f := range more {
			names = append(names, f.String())
		}
		say(change.Worse, "the baseline %s knows %s more, which no longer fail: %s", now.Baseline, plain.Number(len(more), "finding"), plain.List(names, plain.MaxList))
	}
	if less := is.Unknown(was.Findings); len(less) > 0 && len(was.Findings) > 0 {
		say(change.Better, "the baseline no longer knows %s", plain.Number(len(less), "finding"))
	}
	return out, nil
}
