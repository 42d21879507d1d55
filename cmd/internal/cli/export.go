package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/export"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/threats"
)

// exportOptions are the flags of export.
type exportOptions struct {
	requirement, format, out string
	at, depth                int
}

func (a *app) exportCommand() *cobra.Command {
	var opt exportOptions
	cmd := &cobra.Command{
		Use:   "export [FILE...]",
		Short: "Hand the question of a requirement to another solver",
		Long: `Export writes the question that a requirement asks, for a solver that shares nothing with Vauban: can a run get to a bad
state, whatever is decided and fails as far as the requirement allows?

  aiger   a circuit in binary, for model checkers: its output can become 1 where the requirement does not hold
  aag     the same as text
  smt2    constrained Horn clauses: sat where it holds, unsat where it does not
  dimacs  the same in at most --depth steps: satisfiable where that is enough to break it

A requirement "possible F" is the other way round: it holds where bad can be reached, whatever is decided. One with several attackers, or with "for", has several cases; each is a question of its own.`,
		Example: `  vauban export --requirement CardSecrecy --format aiger --out card.aig shop.vbn
  vauban export --requirement CardSecrecy --format smt2 shop.vbn`,
		ValidArgsFunction: console.CompleteDesigns,
		RunE:              a.OnDesign(func(ctx context.Context, files []string) error { return a.export(ctx, files, opt) }),
	}
	f := cmd.Flags()
	a.AllowOutside(cmd)
	f.StringVar(&opt.requirement, "requirement", "", "export the question of the requirement `NAME`")
	f.StringVar(&opt.format, "format", "aiger", "`FORMAT` of the question: "+strings.Join(export.Formats, ", "))
	f.StringVar(&opt.out, "out", "", "write to `FILE` instead of standard output")
	f.IntVar(&opt.at, "case", 1, "export case `N` of the requirement, counted from 1")
	f.IntVar(&opt.depth, "depth", 20, "with --format dimacs: unroll `N` steps")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(export.Formats, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// maxDepth bounds the size of an unrolled question.
const maxDepth = 1000

func (o *exportOptions) validate() error {
	switch {
	case o.requirement == "":
		return errors.New("name the requirement with --requirement")
	case !slices.Contains(export.Formats, o.format):
		return fmt.Errorf("--format is %q, expected one of %s", o.format, strings.Join(export.Formats, ", "))
	case o.depth < 0 || o.depth > maxDepth:
		return fmt.Errorf("--depth is %d, expected 0 to %d", o.depth, maxDepth)
	}
	return nil
}

func (a *app) export(ctx context.Context, paths []string, opt exportOptions) error {
	if err := opt.validate(); err != nil {
		return err
	}
	if opt.format == "aiger" && opt.out == "" && console.IsTerminal(a.Stdout) {
		return errors.New("aiger is binary: name a file with --out, or use --format aag")
	}
	var text bytes.Buffer
	var done *export.Exported
	outcome, _, err := a.work(ctx, paths, true, func(m *threats.Model, _ func(checker.Progress)) (err error) {
		done, err = export.Question(ctx, &text, m, opt.requirement, opt.at, opt.format, opt.depth)
		if e := export.Error(""); errors.As(err, &e) {
			return console.Failf(console.ExitUsage, "%v", err)
		}
		return err
	})
	if err == nil && done == nil {
		err = a.wrong(outcome)
	}
	if err != nil {
		return err
	}
	if err := a.Deliver(text.Bytes(), opt.out); err != nil {
		return err
	}
	if done.Cases > 1 {
		fmt.Fprintf(a.Stderr, "case %d of %d, %s: choose with --case\n", done.Case, done.Cases, done.Text)
	}
	return nil
}
