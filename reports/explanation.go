package reports

import (
	"github.com/vauban-verifier/vauban/checker/conform"
	"github.com/vauban-verifier/vauban/reports/document"
)

// NewExplanation makes the explanation of a result. Version is the version of the tool.
func NewExplanation(r *conform.Result, version string) *document.Explanation {
	b := newBuilder(r.Model)
	out := &document.Explanation{
		Schema: document.ExplanationSchema, Tool: document.Tool{Name: document.ToolName, Version: version}, Design: r.Model.Design.Title, Inputs: b.inputs(r.Model),
		Options: document.ExplainOptions{Lost: r.Options.Lost, Tolerating: r.Options.Failures}, Observed: []string{}, Attackers: [][]string{}, Logs: []document.LogRead{}, Counts: map[string]int{}, Groups: []document.Explained{},
	}
	if m := r.Mapping; m != nil {
		out.Inputs = append(out.Inputs, document.Input{Path: b.path(m.Name), Role: "mapping", SHA256: document.Digest([]byte(m.Text))})
	}
	for _, l := range r.Logs {
		out.Inputs = append(out.Inputs, document.Input{Path: l.Name, Role: "log", SHA256: l.SHA256})
		out.Logs = append(out.Logs, document.LogRead{Path: l.Name, Format: l.Format, Entries: l.Entries, Ignored: l.Ignored, Problems: l.Problems})
	}
	for _, s := range r.Observed {
		out.Observed = append(out.Observed, s.Name)
	}
	for _, c := range r.Coalitions {
		out.Attackers = append(out.Attackers, attackers(c))
	}
	for _, v := range conform.WorstFirst {
		out.Counts[string(v)] = r.Cases(v)
	}
	for _, g := range r.Groups {
		out.Groups = append(out.Groups, b.explained(g))
	}
	return out
}

// Claimed returns what is said of a group.
func Claimed(g *document.Explained) conform.Claim {
	c := conform.Claim{Verdict: conform.Verdict(g.Verdict), By: g.By, Lost: g.Lost, Why: g.Why}
	if g.HonestFit != nil {
		c.Honest = *g.HonestFit
	}
	if g.Run != nil {
		c.Cost, c.AtLeast = g.Run.Attack.Cost, g.Run.Attack.CostAtLeast
	}
	if g.Fits != nil {
		c.Fits = *g.Fits
	}
	for _, q := range g.Evidence {
		c.Asked = append(c.Asked, conform.ClaimedAnswer{By: q.By, Events: q.Events, Failures: q.Tolerating, Lost: q.Lost, Answer: q.Answer})
	}
	return c
}

func (b builder) explained(g *conform.Group) document.Explained {
	a := g.Answer
	out := document.Explained{Verdict: string(a.Verdict), Cases: [][]string{}, Events: []string{}, Lost: a.Lost, Why: a.Why}
	out.Cases = append(out.Cases, g.Cases...)
	for _, e := range g.Trace.Events {
		out.Events = append(out.Events, e.String())
	}
	if a.Verdict == conform.Explained {
		out.By = attackers(a.By)
	}
	if a.Run != nil {
		run := b.leaving(a.Run)
		out.Run = &run
	}
	for _, r := range a.Also {
		out.Also = append(out.Also, b.leaving(r))
	}
	if a.Verdict == conform.Explained || a.Verdict == conform.Unexplained {
		out.HonestFit, out.Wants = &a.Honest, a.Wants
	}
	if a.Verdict == conform.Unexplained {
		out.Fits = &a.Events
	}
	for _, f := range a.Next {
		out.Next = append(out.Next, document.Follow{
			Requirement: f.Requirement.Name, Outlook: string(f.Outlook), By: attackers(f.By), Bindings: bindings(f.Bindings), Cases: f.Cases, Of: f.Of, Step: f.Step, Attack: b.attack(f.Attack), Stops: f.Stops, ByDesign: f.ByDesign, Why: f.Why, Evidence: f.Evidence,
		})
	}
	for _, q := range a.Asked {
		e := document.LogEvidence{By: attackers(q.By), Events: q.Events, Tolerating: q.Failures, Lost: q.Lost, Answer: q.Evidence}
		if q.Ruling != nil {
			e.Verdict = string(q.Ruling.Verdict)
		}
		out.Evidence = append(out.Evidence, e)
	}
	return out
}

func (b builder) leaving(r *conform.Run) document.LeavingRun {
	return document.LeavingRun{By: attackers(r.By), Leaves: append([]int{}, r.Leaves...), Lost: r.Lost, Attack: *b.attack(r.Attack)}
}
