package portfolio_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/markdown"
	"github.com/vauban-verifier/vauban/reports/portfolio"
)

func report(title, digest string, verdicts ...string) *document.Report {
	r := &document.Report{
		Schema: document.Schema, Tool: document.Tool{Name: document.ToolName, Version: "1.0.0"}, Design: title,
		Inputs: []document.Input{{Path: "builtin:core", Role: "catalogue", SHA256: digest}}, Requirements: []document.Requirement{}, Warnings: []document.Warning{},
	}
	for i, v := range verdicts {
		r.Requirements = append(r.Requirements, document.Requirement{Name: string(rune('A' + i)), Property: "never x", Verdict: v, Cases: []document.Case{}})
	}
	return r
}

func TestOf(t *testing.T) {
	t.Parallel()
	now := map[string]*document.Report{
		"good.report.json":    report("Good", "new", "holds", "holds"),
		"waived.report.json":  report("Waived", "new", "holds", "waived"),
		"open.report.json":    report("Open", "new", "depends", "holds"),
		"unknown.report.json": report("Unknown", "new", "unknown"),
		"bad.report.json":     report("Bad <b>", "old", "holds", "violated", "depends"),
		"empty.report.json":   report("Empty | x", "new"),
	}
	now["good.report.json"].Requirements[0].Vacuous = "nobody attacks"
	now["bad.report.json"].Requirements[1].Severity = "high"
	before := map[string]*document.Report{"bad.report.json": report("Bad", "old", "holds", "holds", "depends", "holds"), "gone.report.json": report("Gone", "old", "holds")}
	before["bad.report.json"].Requirements[0].Property = "never y"
	p, err := portfolio.Of(now, before, map[string]string{"builtin:core": "new"})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, d := range p.Designs {
		order = append(order, d.Verdict)
	}
	if want := []string{"unknown", "violated", "depends", portfolio.Empty, "waived", "holds"}; !slices.Equal(order, want) || p.Verdict != "unknown" {
		t.Errorf("%v, the worst %s, expected %v", order, p.Verdict, want)
	}
	bad := strings.Join(p.Designs[1].Says(), "\n")
	if want := "not met: B [high], C\nA says something else than before: never x\nB: holds → violated\nD is gone; it was holds\nmade by vauban 1.0.0 with other catalogues than this one has: core"; bad != want {
		t.Errorf("%q, expected %q", bad, want)
	}
	if !slices.Equal(p.Gone, []string{"gone.report.json"}) || !p.Designs[0].New {
		t.Errorf("gone %v, new %t", p.Gone, p.Designs[1].New)
	}
	page, err := p.HTML()
	if err != nil || strings.Contains(page, "Bad <b>") || !strings.Contains(page, "Bad &lt;b&gt;") {
		t.Errorf("a title is markup: %v", err)
	}
	if md := markdown.Portfolio(p); strings.Contains(md, "<b>") || strings.Contains(md, "Empty | x") || strings.Count(md, "\n") != 2+2+len(p.Designs)+len(p.Gone) {
		t.Errorf("a title is markup:\n%s", md)
	}
	if want := "6 designs: 1 is unknown, 1 is violated, 1 depends on what is open, 1 has no requirement, 1 is waived, 1 holds"; p.Summary() != want {
		t.Errorf("%q, expected %q", p.Summary(), want)
	}
	again, err := portfolio.Of(now, nil, nil)
	if err != nil || len(again.Designs[1].Says()) != 1 || again.Designs[0].New {
		t.Errorf("without earlier reports: %v, %v", again.Designs[1].Says(), err)
	}
	one, _ := p.JSON()
	two, _ := p.JSON()
	if string(one) != string(two) || !strings.HasSuffix(string(one), "}\n") {
		t.Errorf("%s", one)
	}
}
