package verdicts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/conform"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models/logs"
	"github.com/vauban-verifier/vauban/models/logs/logfile"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
	"github.com/vauban-verifier/vauban/threats"
)

// explained judges what an explanation says again from its inputs.
func (a *judge) explained(ctx context.Context) error {
	all := []string{audit.Inputs, audit.Mapping, audit.Logs, audit.Verdicts, audit.Contents, audit.Rerun}
	model := a.load(&diag.List{}, all...)
	if model == nil {
		return nil
	}
	files, err := a.logs(model)
	if err != nil {
		a.Fail(audit.Logs, err)
		a.Skip("the logs are others", all...)
		return ctx.Err()
	}
	if files == nil {
		a.Skip("there are no logs: give them with --log", all...)
		return nil
	}
	mapping, err := a.mapping(model, files[0].Format.Defaults)
	if err != nil {
		a.Fail(audit.Mapping, err)
		a.Skip("the mapping is another one", all...)
		return nil
	}
	opt := conform.Options{Lost: a.Explanation.Options.Lost, Failures: a.Explanation.Options.Tolerating, Stops: true}
	x, result, err := conform.Read(ctx, model, mapping, a.In.Mapping, files, opt)
	var unread *logfile.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &unread):
		a.Fail(audit.Verdicts, err)
	case err != nil:
		if !a.unfit(err, all...) {
			return err
		}
	}
	if err != nil {
		a.Skip("the logs could not be held against the design", all...)
		return nil
	}
	if err := a.happened(ctx, x, result); err != nil {
		return err
	}
	if !a.In.Rerun {
		return nil
	}
	for _, g := range result.Groups {
		if len(g.Trace.Events) > 0 { // others could not be mapped
			g.Answer = nil
		}
	}
	if err := x.Answers(ctx, result, func(done, of int) {
		if a.progress != nil {
			a.progress(checker.Progress{Requirement: "traces", Done: done, Total: of})
		}
	}); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := reports.NewExplanation(result, a.Head.Tool.Version).Same(a.In.Report); err != nil {
		a.Fail(audit.Rerun, fmt.Errorf("made again, %w", err))
		return nil
	}
	a.Pass(audit.Rerun, "sha256 %s", document.Digest(a.In.Report))
	return nil
}

// unfit notes what a design is not fit for; false where the error is another one.
func (a *judge) unfit(err error, all ...string) bool {
	var mistakes *ground.Mistakes
	switch {
	case errors.As(err, &mistakes):
		a.Fail(audit.Verdicts, fmt.Errorf("the design has errors: %s", first(mistakes.Diags)))
		a.Skip("the design has errors", all...)
	case errors.Is(err, ground.ErrTooLarge):
		a.Fail(audit.Verdicts, err)
		a.Skip("the design is too large", all...)
	default:
		return false
	}
	return true
}

// named are the inputs of the explanation that have a role.
func (a *judge) named(role string) []document.Input {
	var out []document.Input
	for _, in := range a.Head.Inputs {
		if in.Role == role {
			out = append(out, in)
		}
	}
	return out
}

// logs checks that the logs given are those of the explanation; nil where none are given.
func (a *judge) logs(m *threats.Model) ([]logfile.File, error) {
	want := a.named("log")
	if len(a.In.Logs) == 0 {
		return nil, nil
	}
	if len(want) != len(a.Explanation.Logs) || len(want) != len(a.In.Logs) {
		return nil, fmt.Errorf("the explanation is about %s, and %d are given", plain.Number(len(want), "log"), len(a.In.Logs))
	}
	var out []logfile.File
	entries := 0
	for i, l := range a.In.Logs {
		f, err := logfile.Named(a.Explanation.Logs[i].Format)
		if err != nil {
			return nil, err
		}
		if name := reports.Paths(m)(l.Name); want[i].Path != logfile.Stdin && want[i].Path != name {
			return nil, fmt.Errorf("the explanation is about the log %s, and %s is given in its place", want[i].Path, name)
		}
		sum := sha256.New()
		from, err := l.Open()
		if err == nil {
			_, err = io.Copy(sum, from)
			from.Close()
		}
		if err != nil {
			return nil, fmt.Errorf("%s cannot be read: %w", l.Name, err)
		}
		if got := hex.EncodeToString(sum.Sum(nil)); got != want[i].SHA256 {
			return nil, fmt.Errorf("%s is another log: sha256 %s, the explanation is about %s", want[i].Path, got, want[i].SHA256)
		}
		entries += a.Explanation.Logs[i].Entries
		out = append(out, logfile.File{Name: want[i].Path, Format: f, Open: l.Open})
	}
	a.Pass(audit.Logs, "%s with %s", plain.Number(len(out), "log"), plain.Thousands(entries)+" entries")
	return out, nil
}

// mapping reads the mapping given, if it is that of the explanation.
func (a *judge) mapping(m *threats.Model, defaults logs.Defaults) (*logs.Mapping, error) {
	want := a.named("mapping")
	switch f := a.In.Mapping; {
	case len(want) == 0 && f == nil:
		a.Pass(audit.Mapping, "none: the logs speak of steps by their names")
		return logs.Plain(m.Design, defaults), nil
	case len(want) == 0:
		return nil, errors.New("the explanation is about logs without a mapping, and one is given")
	case f == nil:
		return nil, fmt.Errorf("the explanation is about the mapping %s: give it with --map", want[0].Path)
	}
	got := document.Digest([]byte(a.In.Mapping.Text))
	if len(want) != 1 || got != want[0].SHA256 {
		return nil, a.another(want[0], got, a.In.Mapping.Text)
	}
	diags := &diag.List{}
	mapping := logs.Parse(a.In.Mapping, m.Design, defaults, diags)
	if mapping == nil || diags.HasErrors() {
		return nil, fmt.Errorf("the mapping has errors: %s", first(diags))
	}
	a.Pass(audit.Mapping, "sha256 %s", got)
	return mapping, nil
}

// happened judges what is said of each trace by its evidence.
func (a *judge) happened(ctx context.Context, x *conform.Explainer, result *conform.Result) error {
	said := a.Explanation.Groups
	refuse := func(format string, args ...any) error {
		a.Fail(audit.Verdicts, fmt.Errorf(format, args...))
		a.Skip("the verdicts do not follow", audit.Contents)
		return nil
	}
	if len(said) != len(result.Groups) {
		return refuse("the logs have %s, and the explanation has %d", plain.Number(len(result.Groups), "different trace"), len(said))
	}
	runs, proofs, unknown := 0, 0, 0
	for i, g := range result.Groups {
		claim := reports.Claimed(&said[i])
		for _, q := range claim.Asked {
			if q.Answer != nil && q.Answer.Holds != nil {
				proofs++
			} else {
				runs++
			}
		}
		name := fmt.Sprintf("case %s: %s", strings.Join(g.Cases[0], ", "), claim.Verdict)
		switch {
		case g.Answer != nil && claim.Verdict != conform.Unknown:
			return refuse("%s: it could not be mapped", name)
		case g.Answer == nil:
			answer, err := x.Recheck(ctx, g.Trace.Events, claim)
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				return refuse("%s: %w", name, err)
			}
			g.Answer = answer
		}
		if claim.Verdict == conform.Unknown {
			unknown++
		}
	}
	detail := fmt.Sprintf("%s: %s replayed, %s checked", plain.Number(len(said), "trace"), plain.Number(runs, "run"), plain.Number(proofs, "proof"))
	if unknown > 0 {
		detail += "; unknown, which claims nothing: " + plain.Number(unknown, "trace")
	}
	a.Pass(audit.Verdicts, "%s", detail)
	again := reports.NewExplanation(result, a.Head.Tool.Version)
	a.Claims = a.told(result)
	for i := range again.Groups {
		broken := again.Groups[i].Next // which come first
		rest := said[i].Next[min(len(broken), len(said[i].Next)):]
		if slices.ContainsFunc(rest, func(f document.Follow) bool { return f.Outlook == string(conform.Broken) }) {
			a.Fail(audit.Contents, fmt.Errorf("case %s: a requirement is said to be broken that its run does not break", strings.Join(result.Groups[i].Cases[0], ", ")))
			return nil
		}
		again.Groups[i].Next = slices.Concat(broken, rest) // for the rest the engines are asked
	}
	if err := again.Same(a.In.Report); err != nil {
		a.Fail(audit.Contents, fmt.Errorf("made again, %w", err))
	} else {
		a.Pass(audit.Contents, "%d bytes", len(a.In.Report))
	}
	return nil
}

// told derives what is claimed from a result that was judged again.
func (a *judge) told(result *conform.Result) *audit.Claims {
	h := &audit.Happened{
		Logs: []audit.LogClaim{}, Observed: []string{}, Attackers: a.Explanation.Attackers, Tolerating: result.Options.Failures, Lost: result.Options.Lost,
		Counts: map[string]int{}, Cases: []audit.Told{},
	}
	out := &audit.Claims{
		Requirements: []audit.Claim{}, Assumptions: []audit.Assumption{}, Guesses: []string{}, Catalogues: []audit.Catalogue{}, Warnings: []audit.Warning{},
		Unchecked: []string{"vauban " + a.Head.Tool.Version + " made the explanation"}, Happened: h,
	}
	if slices.ContainsFunc(a.Explanation.Groups, func(g document.Explained) bool {
		return slices.ContainsFunc(g.Next, func(f document.Follow) bool { return f.Outlook != string(conform.Broken) })
	}) && !a.In.Rerun {
		out.Unchecked = append(out.Unchecked, "what can follow, and what would stop it: --rerun asks for it again")
	}
	for _, l := range result.Logs {
		h.Logs = append(h.Logs, audit.LogClaim{Path: l.Name, SHA256: l.SHA256, Entries: l.Entries, Unread: len(l.Problems)})
	}
	if m := result.Mapping; m != nil {
		h.Mapping = document.Digest([]byte(m.Text))
	}
	for _, s := range result.Observed {
		h.Observed = append(h.Observed, s.Name)
	}
	for _, v := range conform.WorstFirst {
		h.Counts[string(v)] = result.Cases(v)
	}
	for _, c := range wording.Tell(result).Cases {
		says := []string{}
		if c.Head != "" {
			says = append(says, c.Head)
		}
		for _, f := range c.Follows {
			says = append(says, f.Word+" "+f.Says)
		}
		if c.Verdict != conform.Normal || len(c.Follows) > 0 {
			h.Cases = append(h.Cases, audit.Told{Cases: c.Names, Verdict: string(c.Verdict), Says: strings.Join(says, "; ")})
		}
		if c.Verdict == conform.Unknown {
			out.Unchecked = append(out.Unchecked, "why "+c.Names+" is unknown")
		}
	}
	a.of(out, result.Model)
	return out
}
