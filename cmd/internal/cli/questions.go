package cli

import (
	"bytes"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/questions"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/text"
	"github.com/vauban-verifier/vauban/reports/wording"
)

func (a *app) questionsCommand() *cobra.Command {
	var opt checkOptions
	cmd := &cobra.Command{
		Use:   "questions [FILE...]",
		Short: "List the facts that a design does not state and that would change its verdicts",
		Long: `Questions lists the facts that a design does not state and that would break a requirement that holds now. Every answer is tried by checking the design with it; the
questions whose answers change most come first. Answer one by writing the declaration that it shows into the design: it says yes, or no (` + "`embeds none`" + `), and the question is gone.

Exit status: 0 no question is open, 1 some are, 2 the input is invalid, 3 not all answers could be tried, 130 interrupted.`,
		Example: `  vauban questions shop.vbn
  vauban questions --quiet shop.vbn`,
		ValidArgsFunction: console.CompleteDesigns,
		RunE:              a.OnDesign(func(ctx context.Context, files []string) error { return a.questions(ctx, files, opt) }),
	}
	a.AllowOutside(cmd)
	cmd.Flags().StringVar(&opt.asOf, "as-of", "", "judge waivers as of `DATE`, YYYY-MM-DD (default: today, UTC)")
	cmd.Flags().BoolVarP(&opt.quiet, "quiet", "q", false, "no progress")
	return cmd
}

func (a *app) questions(ctx context.Context, paths []string, opt checkOptions) error {
	if err := opt.validate(); err != nil {
		return err
	}
	in, err := a.InputOnce(ctx, paths)
	if err != nil {
		return err
	}
	o, err := a.verifyInput(ctx, in, opt)
	if err != nil {
		return err
	}
	if err := a.wrong(o); err != nil {
		return err
	}
	if o.Questions, err = a.ask(ctx, in, o, opt, questions.Options{}); err != nil {
		return err
	}
	f := o.Questions
	var b bytes.Buffer
	text.Questions(&b, f, len(f.Questions))
	switch {
	case len(f.Questions) == 0 && f.Complete:
		fmt.Fprintf(&b, "no question is open: no answer to the %s that the design is silent about breaks what holds\n", plain.Number(f.Silent, "fact"))
	case len(f.Questions) > 0:
		fmt.Fprintf(&b, "%s open, of %s that the design is silent about\n", plain.Number(len(f.Questions), "question"), plain.Number(f.Silent, "fact"))
	}
	if s := wording.Silence(f); s != "" {
		fmt.Fprintf(&b, "%s\n", s)
	}
	if err := a.Deliver(b.Bytes(), ""); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return console.Failf(console.ExitInterrupted, "interrupted: not all answers were tried")
	case !f.Complete:
		return &console.ExitError{Code: console.ExitUnknown}
	case len(f.Questions) > 0:
		return &console.ExitError{Code: console.ExitFound}
	}
	return nil
}

// ask looks for the questions of a design that was checked.
func (a *app) ask(ctx context.Context, in console.Input, o reports.Outcome, opt checkOptions, within questions.Options) (*questions.Found, error) {
	within.Check = checker.Options{AsOf: opt.asOf, MaxIterations: opt.maxIterations, Memory: opt.memory}
	found, err := questions.Find(ctx, o.Result, questions.Beside(in.Read, in.Names), within)
	if err != nil && ctx.Err() == nil {
		return nil, broken(err)
	}
	if found == nil {
		found = &questions.Found{}
	}
	return found, nil
}
