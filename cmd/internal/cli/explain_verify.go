package cli

import (
	"context"
	"slices"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/audit/verdicts"
	"github.com/vauban-verifier/vauban/reports/document"
)

// verifyExplanation judges an answer that somebody wrote as an audit does, without asking who signed it or when: that it is about these inputs, that each verdict follows from its
// evidence, without any engine, and that explaining again gives the same bytes.
func (a *app) verifyExplanation(ctx context.Context, in console.Input, r *logReader, opt explainOptions) error {
	data, err := a.ReadFile(ctx, opt.verify, document.MaxBytes)
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	if _, err := document.ParseExplanation(data); err != nil {
		return console.Failf(console.ExitFound, "%s: %v", opt.verify, err)
	}
	today, err := console.DateOf("")
	if err != nil {
		return err
	}
	watch := console.WatchProgress(a.Stderr, opt.quiet)
	defer watch.Stop()
	result, err := audit.Run(ctx, &audit.Input{
		AsOf: today, Version: Version, Report: data, Design: in.Names, Read: in.Read, Mapping: r.mapping, Logs: r.audited(ctx), Rerun: true, Judge: verdicts.Judge(watch.Update),
	})
	watch.Stop()
	switch {
	case ctx.Err() != nil:
		return console.Failf(console.ExitInterrupted, "interrupted: nothing was shown")
	case err != nil:
		return broken(err)
	}
	judged := ""
	for _, name := range []string{audit.Inputs, audit.Logs, audit.Mapping, audit.Verdicts, audit.Contents, audit.Rerun} {
		c := result.Checks[slices.IndexFunc(result.Checks, func(c audit.Check) bool { return c.Name == name })]
		if c.Status != audit.Passed {
			return console.Failf(console.ExitFound, "%s does not follow: %s: %s", opt.verify, c.Name, c.Detail)
		}
		if name == audit.Verdicts {
			judged = c.Detail
		}
	}
	return a.Deliver([]byte(opt.verify+" follows: "+judged+", and explaining again gives the same bytes\n"), "")
}

// audited are the logs as an audit reads them.
func (r *logReader) audited(ctx context.Context) []audit.Log {
	var out []audit.Log
	for i := range r.paths {
		l := r.log(ctx, i)
		out = append(out, audit.Log{Name: l.Name, Open: l.Open})
	}
	return out
}
