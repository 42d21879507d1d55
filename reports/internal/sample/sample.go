package sample

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/threats"
)

// builder makes results by hand.
type builder struct {
	file *source.File
	out  *checker.Result
}

func newBuilder() *builder {
	file := source.New("shop.vbn", strings.Repeat("something\n", 60))
	return &builder{file, &checker.Result{
		AsOf: "2026-11-23", Facts: 12, Rules: 3456,
		Model: &threats.Model{
			Design:    &models.Design{Title: "A shop", Files: []*source.File{file}},
			Catalogue: &threats.Catalogue{Inputs: []threats.Input{{Name: "mini", Path: "mini.yaml"}, {Name: "retail", Path: "builtin:retail"}}},
		},
	}}
}

func (b *builder) at(line int) source.Span {
	start := b.file.LineStart(line)
	return source.Span{File: b.file, Start: start, End: start + 9}
}

func (b *builder) require(name, text string, v checker.Verdict, cases ...*checker.Case) *checker.Requirement {
	for _, c := range cases {
		if c.Attack != nil {
			for _, s := range c.Attack.Steps {
				if s.Cost > 0 && !slices.Contains(c.Attack.Way, s.ID) {
					c.Attack.Way = append(c.Attack.Way, s.ID)
				}
			}
		}
	}
	line := 10 + len(b.out.Requirements)%50
	q := &checker.Requirement{Source: &models.Requirement{Name: name, Text: text, Span: b.at(line)}, Verdict: v, Cases: cases}
	b.out.Requirements = append(b.out.Requirements, q)
	return q
}

func against(names ...string) (out []*models.Attacker) {
	for _, n := range names {
		out = append(out, &models.Attacker{Name: n})
	}
	return out
}

func (b *builder) steps() []explain.Step {
	exploit := &threats.Threat{ID: "exploit", Catalogue: "mini"}
	enter := &threats.Threat{ID: "enter", Catalogue: "mini"}
	return []explain.Step{
		{Kind: "threat", ID: "enter", Threat: enter, Adds: []string{"injects(Browse)"}, Says: "the attacker sends on Browse from Internet", Source: b.at(30)},
		{Kind: "threat", ID: "exploit", Threat: exploit, Cost: 3, Adds: []string{"controls(Shop)"}, Removes: []string{"denies(Shop)"}, Says: "the attacker takes over Shop with a crafted request on Browse", Source: b.at(31)},
	}
}

func has(control, on string) explain.Choice {
	return explain.Choice{Control: control, On: on, Is: true}
}

func lacks(control, on string) explain.Choice {
	return explain.Choice{Control: control, On: on}
}

// Everything has one of each.
func Everything() *checker.Result {
	b := newBuilder()
	titled := b.require("CardSecrecy", "confidential CardNumber", checker.Violated,
		&checker.Case{Verdict: checker.Violated, Attackers: against("Outsider"), LiveRules: 7, Attack: &explain.Attack{Cost: 3, CostAtLeast: 3, Steps: b.steps()}},
		&checker.Case{Verdict: checker.Holds, Attackers: against("Poor"), Proof: &explain.Proof{Kind: "closure"}},
		&checker.Case{Verdict: checker.Violated, Attackers: against("Insider", "Thief"), Attack: &explain.Attack{
			Cost: 9, CostAtLeast: 6, Steps: b.steps()[1:],
			Choices:  []explain.Choice{{Control: "encryption", On: "Db", Data: "CardNumber"}},
			Failures: []explain.Choice{lacks("waf", "Shop"), {Control: "encryption", On: "Db", Data: "CardNumber"}},
		}, Unknown: &checker.Reason{Text: "the solver was stopped after 1000 rounds", NoViolationWithin: -1}})
	titled.Source.Title, titled.Source.Severity = "Card numbers stay secret", "critical"
	b.require("Open", "confidential Address", checker.Depends, &checker.Case{
		Verdict: checker.Depends, Attackers: against("Outsider"), Bindings: []ground.Binding{{Var: "o", Value: "o1"}},
		Attack:     &explain.Attack{Cost: 3, CostAtLeast: 3, Steps: b.steps(), Choices: []explain.Choice{lacks("input_validation", "Shop")}},
		Sufficient: [][]explain.Choice{{has("input_validation", "Shop")}, {has("waf", "Shop"), {Control: "encryption", On: "Db", Data: "Address", Is: true}}},
	})
	b.require("Rule", "always forall f: flow | f has encryption", checker.Violated, &checker.Case{Verdict: checker.Violated, Breaks: []judge.Broken{
		{Break: ground.Break{Bindings: []ground.Binding{{Var: "f", Value: "Legacy"}}, Elements: []*models.Element{{Span: b.at(40)}}}},
		{Break: ground.Break{Bindings: []ground.Binding{{Var: "f", Value: "Telemetry"}}, Elements: []*models.Element{{Span: b.at(41)}}}, Open: true},
	}}).Source.Static = true
	b.require("Whole", "always exists z: zone | z has "+strings.Repeat("very_", 20)+"long_name", checker.Violated, &checker.Case{Verdict: checker.Violated}).Source.Static = true
	b.require("Same", "confidential Address", checker.Violated,
		&checker.Case{Verdict: checker.Violated, Attackers: against("Outsider"), Attack: &explain.Attack{Cost: 3, CostAtLeast: 3, Steps: b.steps()}},
		&checker.Case{Verdict: checker.Violated, Attackers: against("Insider"), Attack: &explain.Attack{Cost: 3, CostAtLeast: 3, Steps: b.steps()[1:]}})
	b.require("Dead", "possible shipped(o1)", checker.Violated, &checker.Case{Verdict: checker.Violated})
	b.require("Honest", "never denies(Shop)", checker.Violated, &checker.Case{Verdict: checker.Violated, Attack: &explain.Attack{
		Steps: []explain.Step{{Kind: "step", ID: "Place(o1)", Bindings: []ground.Binding{{Var: "o", Value: "o1"}}}},
	}})
	b.require("Given", "never controls(Shop)", checker.Violated, &checker.Case{Verdict: checker.Violated, Attackers: against("Owner"), Attack: &explain.Attack{}})
	b.require("Proved", "integrity Order", checker.Holds, &checker.Case{
		Verdict: checker.Holds, LiveRules: 5,
		Proof: &explain.Proof{Kind: "closure", RestsOn: []explain.Choice{has("waf", "Shop"), has("mtls", "Api")}, Assumptions: []string{"PspHonest"}},
	})
	b.require("Static", "always exists z: zone | z in Core", checker.Holds, &checker.Case{Verdict: checker.Holds}).Source.Static = true
	b.require("NoRuns", "integrity Stock", checker.Holds, &checker.Case{
		Verdict: checker.Holds, Proof: &explain.Proof{Kind: "no-runs", Assumptions: []string{"Never"}},
		Vacuous: &explain.Vacuity{Text: "the assumptions Never rule out the initial state of Outsider", Help: "drop one of the assumptions"},
	})
	waived := b.require("Later", "available Shop", checker.Waived, &checker.Case{Verdict: checker.Violated, Attackers: against("Outsider"), Attack: &explain.Attack{Cost: 1, CostAtLeast: 1, Steps: b.steps()}})
	waived.Waiver, waived.InForce = &models.Waiver{Until: "2027-03-01", Because: "PSP migration\nticket 4711"}, true
	ended := b.require("Expired", "available Api", checker.Violated, &checker.Case{Verdict: checker.Violated, Attackers: against("Outsider"), Attack: &explain.Attack{Cost: 1, CostAtLeast: 1, Steps: b.steps()[1:]}})
	ended.Waiver = &models.Waiver{Until: "2026-01-01", Because: "until the move"}
	b.require("Stopped", "never paid(o1)", checker.Unknown, &checker.Case{Verdict: checker.Unknown, Unknown: &checker.Reason{Text: "no engine decides that", NoViolationWithin: -1}})
	b.require("Process", "never shipped(o1)", checker.Unknown, &checker.Case{Verdict: checker.Unknown, Attackers: against("Cheat"), Unknown: &checker.Reason{Text: "out of time", NoViolationWithin: 14}})
	return b.out
}

// Many has more cases than a format writes out.
func Many() *checker.Result {
	b := newBuilder()
	var cases []*checker.Case
	for _, o := range []string{"o1", "o2", "o3", "o4", "o5"} {
		cases = append(cases, &checker.Case{
			Verdict: checker.Violated, Attackers: against("Outsider"), Bindings: []ground.Binding{{Var: "o", Value: o}},
			Attack: &explain.Attack{Cost: 3, CostAtLeast: 3, Steps: b.steps()},
		})
	}
	b.require("Each", "never shipped(o)", checker.Violated, cases...)
	return b.out
}

// Hostile is full of names that mean something to terminals, Markdown, HTML and GitHub Actions.
func Hostile() *checker.Result {
	b := newBuilder()
	const evil = "Evil \x1b[2J\u202e\xff\n::error::owned\n##[add-mask]x <img src=x onerror=alert(1)> [a](javascript:1) `code` | @nobody #1 {0} http://a.example 100% ]]> &amp; __x__"
	b.out.Model.Design.Title = evil
	b.file.Name = "a,b:c%/<x>\n.vbn"
	q := b.require("R", evil, checker.Violated, &checker.Case{
		Verdict: checker.Violated, Attackers: against("A"), Bindings: []ground.Binding{{Var: evil, Value: evil}},
		Attack: &explain.Attack{
			Choices: []explain.Choice{{Control: evil, On: evil}},
			Steps: []explain.Step{{
				Kind: "threat", ID: evil, Says: "reads \x1b]0;title\x07 and\nmore " + evil, Source: b.at(3), Adds: []string{evil},
				Threat: &threats.Threat{ID: evil, Title: evil, Doc: evil, Rationale: evil, Refs: []string{evil}, Stride: []string{evil}},
			}},
		},
		Unknown: &checker.Reason{Text: evil, NoViolationWithin: -1},
	})
	q.Source.Title, q.Source.Severity, q.Source.Refs = "a\ttab "+evil, evil, []string{evil}
	rule := b.require("Static", evil, checker.Violated, &checker.Case{Verdict: checker.Violated, Breaks: []judge.Broken{
		{Break: ground.Break{Bindings: []ground.Binding{{Var: "f", Value: evil}}, Elements: []*models.Element{{Name: evil, Span: b.at(5)}}}},
	}})
	rule.Source.Static, rule.Source.Doc = true, evil
	waived := b.require("W", evil, checker.Waived, &checker.Case{Verdict: checker.Violated})
	waived.Waiver, waived.InForce = &models.Waiver{Until: "2027-03-01", Because: evil, Span: b.at(9)}, true
	proved := b.require("P", evil, checker.Holds, &checker.Case{Verdict: checker.Holds, Proof: &explain.Proof{Kind: "closure", RestsOn: []explain.Choice{{Control: evil, On: evil}}, Assumptions: []string{evil}}})
	proved.Source.Title = evil
	b.out.Warnings = &diag.List{}
	b.out.Warnings.Warnf("VAU3001", b.at(7), "%s", evil).Helpf("%s", evil)
	return b.out
}

// Wrong is a design with errors.
func Wrong() reports.Outcome {
	b := newBuilder()
	list := &diag.List{}
	list.Errorf("VAU1005", b.at(3), "unknown control \"input_validaton\" — did you mean \"input_validation\"?")
	list.Errorf("VAU1003", b.at(12), "unknown element \"Db\"").Helpf("declare it: component Db: database")
	list.Errorf("VAU2001", source.Span{}, "cannot read \"carriers.vbn\": there is no such file")
	return reports.Outcome{Name: "shop.vbn", Errors: list.Sorted()}
}

// Huge has more of everything than any format writes.
func Huge() *checker.Result {
	b := newBuilder()
	step := b.steps()[1]
	long := make([]explain.Step, 2500)
	for i := range long {
		long[i] = step
	}
	b.require("Long", "confidential CardNumber", checker.Violated, &checker.Case{Verdict: checker.Violated, Attackers: against("Outsider"), Attack: &explain.Attack{Cost: 7500, CostAtLeast: 7500, Steps: long}}).Source.Severity = "low"
	var breaks []judge.Broken
	for i := range 3000 {
		breaks = append(breaks, judge.Broken{Break: ground.Break{Bindings: []ground.Binding{{Var: "f", Value: fmt.Sprintf("F%d", i)}}, Elements: []*models.Element{{Name: fmt.Sprintf("F%d", i), Span: b.at(1 + i%50)}}}})
	}
	rule := b.require("Rule", "always forall f: flow | f has encryption", checker.Violated, &checker.Case{Verdict: checker.Violated, Breaks: breaks})
	rule.Source.Static, rule.Source.Severity = true, "high"
	for i := range 3000 {
		q := b.require(fmt.Sprintf("R%d", i), "confidential CardNumber", checker.Violated, &checker.Case{Verdict: checker.Violated, Attackers: against("Outsider"), Attack: &explain.Attack{Cost: 90, CostAtLeast: 90, Steps: long[:30]}})
		q.Source.Span = b.at(1 + i%50)
		q.Source.Severity = "critical"
	}
	b.out.Warnings = &diag.List{}
	for i := range 1000 {
		b.out.Warnings.Warnf("VAU3001", b.at(1+i%50), "%d", i)
	}
	return b.out
}

// Empty has no requirement.
func Empty() *checker.Result { return newBuilder().out }
