package cli

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/conform"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/wording"
	"github.com/vauban-verifier/vauban/threats"
)

// verifyExplanation judges an answer that somebody wrote: that it is about these inputs, that each verdict follows from its evidence, without any engine, and that explaining
// again gives the same bytes.
func (a *app) verifyExplanation(ctx context.Context, in input, r *logReader, opt explainOptions) error {
	data, err := a.readFile(ctx, opt.verify, reports.MaxBytes)
	if err != nil {
		return failf(exitUsage, "%v", err)
	}
	e, err := reports.ParseExplanation(data)
	if err != nil {
		return failf(exitFound, "%s: %v", opt.verify, err)
	}
	opt.lost, opt.tolerating = e.Options.Lost, e.Options.Tolerating
	if opt.lost < 0 || opt.lost > conform.MaxLost || opt.tolerating < 0 {
		return failf(exitFound, "%s: what it tolerates is out of range", opt.verify)
	}
	done := false
	outcome, _, err := a.workOn(ctx, in, opt.quiet, func(m *threats.Model, progress func(checker.Progress)) error {
		done = true
		return r.recheck(ctx, m, opt, e, data, progress)
	})
	if err == nil && !done {
		err = a.wrong(outcome)
	}
	if err != nil {
		return err
	}
	return a.deliver(fmt.Appendf(nil, "%s follows: %s judged by their evidence, and explaining again gives the same bytes\n", opt.verify, wording.Number(len(e.Groups), "trace")), "")
}

// recheck judges an answer.
func (r *logReader) recheck(ctx context.Context, m *threats.Model, opt explainOptions, e *reports.Explanation, data []byte, progress func(checker.Progress)) error {
	refuse := func(format string, args ...any) error {
		return failf(exitFound, "%s does not follow: %s", opt.verify, fmt.Sprintf(format, args...))
	}
	x, all, out, err := r.cases(ctx, m, opt)
	if err != nil {
		return err
	}
	given := reports.NewExplanation(out, Version)
	for i, want := range given.Inputs {
		if i >= len(e.Inputs) || e.Inputs[i].SHA256 != want.SHA256 || e.Inputs[i].Role != want.Role {
			return refuse("the %s %s is another one than it is about", want.Role, want.Path)
		}
	}
	if len(e.Inputs) != len(given.Inputs) || !slices.Equal(e.Observed, given.Observed) {
		return refuse("it is about other inputs, or observes other steps")
	}
	groups := x.Traces(all)
	if len(groups) != len(e.Groups) {
		return refuse("the logs have %s, and it has %d", wording.Number(len(groups), "different trace"), len(e.Groups))
	}
	for i, g := range groups {
		said := &e.Groups[i]
		if g.Answer != nil { // what could not be mapped is known already
			continue
		}
		if err := x.Recheck(ctx, g.Trace.Events, said.Claim()); err != nil {
			return refuse("trace %d, %s: %v", i+1, said.Verdict, err)
		}
	}
	if e.Tool.Version != given.Tool.Version {
		return refuse("version %s of this program made it, and this is %s: its verdicts follow from its evidence, and the rest was not compared", e.Tool.Version, given.Tool.Version)
	}
	again, err := r.explain(ctx, m, opt, progress)
	if err != nil {
		return err
	}
	bytesAgain, err := reports.NewExplanation(again, Version).Canonical()
	if err != nil {
		return err
	}
	if !bytes.Equal(bytesAgain, data) {
		return refuse("explaining again gives another answer")
	}
	return nil
}
