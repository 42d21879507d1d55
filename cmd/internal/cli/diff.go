package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/reports/change"
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
		Use:   "diff OLD NEW",
		Short: "Say what a change of a design does to its requirements",
		Long: `Diff checks two versions of a design and says, as a review would, which verdicts changed, which attacks are new, gone, cheaper or dearer,
what proofs no longer rest on, and what became of requirements and waivers.

OLD and NEW are each a file, a directory (all designs in it), a path in a git revision (REV:PATH, from the root of the repository), or a
revision alone, which stands for the path that the other one names. Two revisions alone stand for the designs that vauban.yaml names, or for all
of the repository.

Exit status: 0, or 1 where there is what --fail-on names; 2 when a version cannot be checked; 130 interrupted. The verdicts themselves do not
matter: what was violated before and is violated now is no change.`,
		Example: `  vauban diff old.vbn shop.vbn
  vauban diff --format markdown --out review.md old.vbn shop.vbn`,
		ValidArgsFunction: completeDesigns,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("expected two versions, such as `vauban diff main shop.vbn`; there are %d arguments", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.diff(cmd.Context(), args[0], args[1], opt) },
	}
	f := cmd.Flags()
	a.allowOutside(cmd)
	f.StringVar(&opt.format, "format", "text", "`FORMAT` of the result: text (for people), json (for programs), markdown (for comments)")
	f.StringVar(&opt.out, "out", "", "write to `FILE` instead of standard output")
	f.StringVar(&opt.failOn, "fail-on", "never", "exit with 1 on `CHANGE`: new (an attack, a broken rule or an unknown result that is new or cheaper, and not waived), worse (anything that got worse), never")
	f.StringVar(&opt.asOf, "as-of", "", "judge waivers of both versions as of `DATE`, YYYY-MM-DD (default: today, UTC)")
	f.IntVar(&opt.maxIterations, "max-iterations", 0, "give up on a case after `N` rounds of the solver, with the verdict unknown; 0 is the default limit")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(slices.Sorted(maps.Keys(reviews)), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions([]string{"new", "worse", "never"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (a *app) diff(ctx context.Context, old, now string, opt diffOptions) error {
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
	x, y, err := a.sides(ctx, old, now)
	if e := (*exitError)(nil); errors.As(err, &e) {
		return e
	}
	if err != nil {
		return failf(exitUsage, "%v", err)
	}
	var list []change.Pair
	for _, name := range pairs(x, y) {
		p := change.Pair{Name: name.shown}
		if p.Old, err = a.version(ctx, x, name.old, opt); err != nil {
			return err
		}
		if p.New, err = a.version(ctx, y, name.now, opt); err != nil {
			return err
		}
		list = append(list, p)
	}
	review := change.Compare(old, now, list)
	var b bytes.Buffer
	if err := write(&b, review); err != nil {
		return err
	}
	if err := a.deliver(b.Bytes(), opt.out); err != nil {
		return err
	}
	if opt.failOn == "new" && review.Findings() > 0 || opt.failOn == "worse" && review.Worsenings() > 0 {
		return &exitError{code: exitFound}
	}
	return nil
}

// pairName is a design on two sides: its root file, "" where it is not there.
type pairName struct{ shown, old, now string }

// pairs matches designs: by their path, or simply where there is one on each side.
func pairs(x, y side) []pairName {
	if len(x.designs) == 1 && len(y.designs) == 1 {
		for _, old := range x.designs {
			for name, now := range y.designs {
				return []pairName{{name, old, now}}
			}
		}
	}
	names := slices.Collect(maps.Keys(x.designs))
	for name := range y.designs {
		if x.designs[name] == "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []pairName
	for _, name := range names {
		out = append(out, pairName{name, x.designs[name], y.designs[name]})
	}
	return out
}

// version checks a design of a side; nil where it is not there.
func (a *app) version(ctx context.Context, s side, root string, opt diffOptions) (*checker.Result, error) {
	if root == "" {
		return nil, nil
	}
	outcome, err := a.verifyInput(ctx, input{[]string{root}, s.read, s.outside}, opt.checkOptions)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, failf(exitInterrupted, "interrupted: nothing was compared")
	}
	if err := a.wrong(outcome); err != nil {
		return nil, failf(exitUsage, "%s in %s: nothing was compared", strings.TrimSuffix(err.Error(), ": nothing was verified"), s.name)
	}
	return outcome.Result, nil
}
