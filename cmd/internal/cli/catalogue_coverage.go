package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/coverage"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/text"
	"github.com/vauban-verifier/vauban/threats"
)

// coverageOptions are the flags of catalogue coverage.
type coverageOptions struct {
	format, out   string
	maxIterations int
}

func (a *app) coverageCommand() *cobra.Command {
	var opt coverageOptions
	cmd := &cobra.Command{
		Use:   "coverage [FILE...]",
		Short: "Say of every threat whether somebody can carry it out in a design, and where not, why",
		Long: `Coverage considers every threat of the catalogues that a design uses, for each attacker that the design declares and each coalition that
its requirements name. Of each it says who can carry it out, at what cost, or why nobody can: it does not apply to the design, a
control stops it everywhere, or it is out of reach for every attacker. What it says is not possible is proved, with all controls working.

Exit status: 0 every threat was decided, 2 the input is invalid, 3 something is unknown, 130 interrupted.`,
		Example: `  vauban catalogue coverage shop.vbn
  vauban catalogue coverage --format json --out coverage.json shop.vbn`,
		ValidArgsFunction: console.CompleteDesigns,
		RunE:              a.OnDesign(func(ctx context.Context, files []string) error { return a.coverage(ctx, files, opt) }),
	}
	f := cmd.Flags()
	a.AllowOutside(cmd)
	f.StringVar(&opt.format, "format", "text", "`FORMAT` of the result: text (for people), json (canonical, for programs)")
	f.StringVar(&opt.out, "out", "", "write to `FILE` instead of standard output")
	f.IntVar(&opt.maxIterations, "max-iterations", 0, "give up on a case after `N` rounds of the solver, with the verdict unknown; 0 is the default limit")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (a *app) coverage(ctx context.Context, paths []string, opt coverageOptions) error {
	if opt.format != "text" && opt.format != "json" {
		return fmt.Errorf("--format is %q, expected text or json", opt.format)
	}
	if opt.maxIterations < 0 {
		return fmt.Errorf("--max-iterations is %d, expected a positive number, or 0 for the default", opt.maxIterations)
	}
	var c *coverage.Coverage
	outcome, _, err := a.work(ctx, paths, false, func(m *threats.Model, progress func(checker.Progress)) (err error) {
		c, err = coverage.Cover(ctx, m, "", checker.Options{MaxIterations: opt.maxIterations, Progress: progress})
		return err
	})
	if err != nil {
		return err
	}
	if outcome.Errors != nil {
		return a.wrong(outcome)
	}
	if ctx.Err() != nil {
		return console.Failf(console.ExitInterrupted, "interrupted: not every threat was decided, and nothing was written")
	}
	var data []byte
	if opt.format == "json" {
		data, err = reports.NewCoverage(c, Version).Canonical()
	} else {
		var b strings.Builder
		err = text.WriteCoverage(&b, c, text.Options{Color: opt.out == "" && a.Colored(a.Stdout)})
		data = []byte(b.String())
	}
	if err != nil {
		return err
	}
	if err := a.Deliver(data, opt.out); err != nil {
		return err
	}
	for _, x := range c.Threats {
		if x.Verdict == checker.Unknown {
			return &console.ExitError{Code: console.ExitUnknown}
		}
	}
	return nil
}
