package audit

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
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
	"github.com/vauban-verifier/vauban/threats"
)

// Happened is what an explanation claims of logs. It vouches for which logs these are, and for what follows from them; not for what they tell.
type Happened struct {
	Logs       []LogClaim     `json:"logs"`
	Mapping    string         `json:"mapping,omitempty"` // its SHA-256; "": the logs speak of steps by their names
	Observed   []string       `json:"observed"`          // steps: that one is missing in a log counts as evidence, and for no others
	Attackers  [][]string     `json:"attackers"`
	Tolerating int            `json:"tolerating"`
	Lost       int            `json:"lost"`
	Counts     map[string]int `json:"counts"` // cases, by verdict
	Cases      []Told         `json:"cases"`  // those that somebody should look at, the worst first
}

// LogClaim is a log that an explanation is about.
type LogClaim struct {
	Path    string `json:"path"`
	SHA256  string `json:"sha256"`
	Entries int    `json:"entries"`
	Unread  int    `json:"unread,omitempty"` // entries that belong to no case and could not be mapped
}

// Told is what an explanation says of cases with equal traces.
type Told struct {
	Cases   string `json:"cases"`
	Verdict string `json:"verdict"`
	Says    string `json:"says"`
}

// explained judges what an explanation says again from its inputs.
func (a *auditor) explained(ctx context.Context) error {
	all := []string{Inputs, Mapping, Logs, Verdicts, Contents, Rerun}
	if len(a.in.Design) == 0 {
		a.skip("there is no design: give its files with --design", all...)
		return nil
	}
	if !a.in.Rerun {
		a.skip("ask for it with --rerun", Rerun)
	}
	model := a.load(&diag.List{}, all...)
	if model == nil {
		return nil
	}
	files, err := a.logs(model)
	if err != nil {
		a.fail(Logs, err)
		a.skip("the logs are others", all...)
		return ctx.Err()
	}
	if files == nil {
		a.skip("there are no logs: give them with --log", all...)
		return nil
	}
	mapping, err := a.mapping(model, files[0].Format.Defaults)
	if err != nil {
		a.fail(Mapping, err)
		a.skip("the mapping is another one", all...)
		return nil
	}
	opt := conform.Options{Lost: a.explanation.Options.Lost, Failures: a.explanation.Options.Tolerating, Stops: true}
	x, result, err := conform.Read(ctx, model, mapping, a.in.Mapping, files, opt)
	var unread *logfile.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &unread):
		a.fail(Verdicts, err)
	case err != nil:
		if !a.unfit(err, all...) {
			return err
		}
	}
	if err != nil {
		a.skip("the logs could not be held against the design", all...)
		return nil
	}
	if err := a.happened(ctx, x, result); err != nil {
		return err
	}
	if !a.in.Rerun {
		return nil
	}
	for _, g := range result.Groups {
		if len(g.Trace.Events) > 0 { // others could not be mapped
			g.Answer = nil
		}
	}
	if err := x.Answers(ctx, result, func(done, of int) {
		if a.in.Progress != nil {
			a.in.Progress(checker.Progress{Requirement: "traces", Done: done, Total: of})
		}
	}); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := reports.NewExplanation(result, a.head.Tool.Version).Same(a.in.Report); err != nil {
		a.fail(Rerun, fmt.Errorf("made again, %w", err))
		return nil
	}
	a.pass(Rerun, "sha256 %s", reports.Digest(a.in.Report))
	return nil
}

// unfit notes what a design is not fit for; false where the error is another one.
func (a *auditor) unfit(err error, all ...string) bool {
	var mistakes *ground.Mistakes
	switch {
	case errors.As(err, &mistakes):
		a.fail(Verdicts, fmt.Errorf("the design is wrong: %s", first(mistakes.Diags)))
		a.skip("the design is wrong", all...)
	case errors.Is(err, ground.ErrTooLarge):
		a.fail(Verdicts, err)
		a.skip("the design is too large", all...)
	default:
		return false
	}
	return true
}

// named are the inputs of the explanation that have a role.
func (a *auditor) named(role string) []reports.Input {
	var out []reports.Input
	for _, in := range a.head.Inputs {
		if in.Role == role {
			out = append(out, in)
		}
	}
	return out
}

// logs checks that the logs given are those of the explanation; nil where none are given.
func (a *auditor) logs(m *threats.Model) ([]logfile.File, error) {
	want := a.named("log")
	if len(a.in.Logs) == 0 {
		return nil, nil
	}
	if len(want) != len(a.explanation.Logs) || len(want) != len(a.in.Logs) {
		return nil, fmt.Errorf("the explanation is about %s, and %d are given", plain.Number(len(want), "log"), len(a.in.Logs))
	}
	var out []logfile.File
	entries := 0
	for i, l := range a.in.Logs {
		f, err := logfile.Named(a.explanation.Logs[i].Format)
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
		entries += a.explanation.Logs[i].Entries
		out = append(out, logfile.File{Name: want[i].Path, Format: f, Open: l.Open})
	}
	a.pass(Logs, "%s with %s", plain.Number(len(out), "log"), plain.Thousands(entries)+" entries")
	return out, nil
}

// mapping reads the mapping given, if it is that of the explanation.
func (a *auditor) mapping(m *threats.Model, defaults logs.Defaults) (*logs.Mapping, error) {
	want := a.named("mapping")
	switch f := a.in.Mapping; {
	case len(want) == 0 && f == nil:
		a.pass(Mapping, "none: the logs speak of steps by their names")
		return logs.Plain(m.Design, defaults), nil
	case len(want) == 0:
		return nil, errors.New("the explanation is about logs without a mapping, and one is given")
	case f == nil:
		return nil, fmt.Errorf("the explanation is about the mapping %s: give it with --map", want[0].Path)
	}
	got := reports.Digest([]byte(a.in.Mapping.Text))
	if len(want) != 1 || got != want[0].SHA256 {
		return nil, a.another(want[0], got, a.in.Mapping.Text)
	}
	diags := &diag.List{}
	mapping := logs.Parse(a.in.Mapping, m.Design, defaults, diags)
	if mapping == nil || diags.HasErrors() {
		return nil, fmt.Errorf("the mapping is wrong: %s", first(diags))
	}
	a.pass(Mapping, "sha256 %s", got)
	return mapping, nil
}

// happened judges what is said of each trace by its evidence.
func (a *auditor) happened(ctx context.Context, x *conform.Explainer, result *conform.Result) error {
	said := a.explanation.Groups
	refuse := func(format string, args ...any) error {
		a.fail(Verdicts, fmt.Errorf(format, args...))
		a.skip("the verdicts do not follow", Contents)
		return nil
	}
	if len(said) != len(result.Groups) {
		return refuse("the logs have %s, and the explanation has %d", plain.Number(len(result.Groups), "different trace"), len(said))
	}
	runs, proofs, unknown := 0, 0, 0
	for i, g := range result.Groups {
		claim := said[i].Claim()
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
	a.pass(Verdicts, "%s", detail)
	again := reports.NewExplanation(result, a.head.Tool.Version)
	for i := range again.Groups {
		again.Groups[i].Next = said[i].Next // for which the engines are asked
	}
	a.result.Claims = a.told(result)
	if err := again.Same(a.in.Report); err != nil {
		a.fail(Contents, fmt.Errorf("made again, %w", err))
	} else {
		a.pass(Contents, "%d bytes", len(a.in.Report))
	}
	return nil
}

// told derives what is claimed from a result that was judged again.
func (a *auditor) told(result *conform.Result) *Claims {
	h := &Happened{
		Logs: []LogClaim{}, Observed: []string{}, Attackers: a.explanation.Attackers, Tolerating: result.Options.Failures, Lost: result.Options.Lost,
		Counts: map[string]int{}, Cases: []Told{},
	}
	out := &Claims{
		Requirements: []Claim{}, Assumptions: []Assumption{}, Guesses: []string{}, Catalogues: []Catalogue{}, Warnings: []Warning{},
		Unchecked: []string{"vauban " + a.head.Tool.Version + " made the explanation"}, Happened: h,
	}
	if slices.ContainsFunc(a.explanation.Groups, func(g reports.Explained) bool { return len(g.Next) > 0 }) && !a.in.Rerun {
		out.Unchecked = append(out.Unchecked, "what can follow, and what would stop it: --rerun asks for it again")
	}
	for _, l := range result.Logs {
		h.Logs = append(h.Logs, LogClaim{l.Name, l.SHA256, l.Entries, len(l.Problems)})
	}
	if m := result.Mapping; m != nil {
		h.Mapping = reports.Digest([]byte(m.Text))
	}
	for _, s := range result.Observed {
		h.Observed = append(h.Observed, s.Name)
	}
	for _, v := range conform.WorstFirst {
		h.Counts[string(v)] = result.Cases(v)
	}
	for _, c := range wording.Tell(result).Cases {
		if c.Verdict != conform.Normal {
			h.Cases = append(h.Cases, Told{c.Names, string(c.Verdict), c.Head})
		}
		if c.Verdict == conform.Unknown {
			out.Unchecked = append(out.Unchecked, "why "+c.Names+" is unknown")
		}
	}
	out.of(result.Model, a.in.Version)
	return out
}

// tally counts the cases, and says what that is worth.
func (h *Happened) tally() string {
	var parts, files []string
	n := 0
	for _, v := range conform.WorstFirst {
		if k := h.Counts[string(v)]; k > 0 {
			n += k
			parts = append(parts, fmt.Sprintf("%s %s", plain.Thousands(k), v))
		}
	}
	for _, l := range h.Logs {
		files = append(files, l.Path)
	}
	text := "nothing: no case is in " + plain.List(files, plain.MaxList)
	if n > 0 {
		text = strings.Join(parts, ", ") + " of " + plain.Number(n, "case") + " in " + plain.List(files, plain.MaxList)
	}
	return text + "; " + wording.AsGiven
}

// text writes what is claimed of logs.
func (h *Happened) text(line func(name, what string)) {
	list(h.Cases, func(t Told) { line(t.Verdict, short(t.Cases+": "+t.Says)) }, line)
	if n := h.Counts[string(conform.Normal)]; n > 0 {
		line(string(conform.Normal), plain.Number(n, "case"))
	}
	list(h.Logs, func(l LogClaim) {
		text := l.Path + ", " + plain.Thousands(l.Entries) + " entries" + ", sha256 " + l.SHA256
		if l.Unread > 0 {
			text += ", " + plain.Thousands(l.Unread) + " not mapped"
		}
		line("log", short(text))
	}, line)
	if h.Mapping != "" {
		line("mapping", "sha256 "+h.Mapping)
	}
	line("observed", short(plain.List(h.Observed, maxLines)))
	var who []string
	for _, c := range h.Attackers {
		who = append(who, strings.Join(c, " + "))
	}
	line("attackers", short(plain.List(who, maxLines)))
	line("tolerates", fmt.Sprintf("controls that may have failed: %d · events that may be lost: %d", h.Tolerating, h.Lost))
}
