package text

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

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
	line := 10 + len(b.out.Requirements)
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

func (b *builder) steps() []checker.Step {
	exploit := &threats.Threat{ID: "exploit", Catalogue: "mini"}
	enter := &threats.Threat{ID: "enter", Catalogue: "mini"}
	return []checker.Step{
		{Kind: "threat", ID: "enter", Threat: enter, Adds: []string{"injects(Browse)"}, Says: "the attacker sends on Browse from Internet", Source: b.at(30)},
		{Kind: "threat", ID: "exploit", Threat: exploit, Cost: 3, Adds: []string{"controls(Shop)"}, Removes: []string{"denies(Shop)"}, Says: "the attacker takes over Shop with a crafted request on Browse", Source: b.at(31)},
	}
}

func has(control, on string) checker.Choice {
	return checker.Choice{Control: control, On: on, Is: true}
}

func lacks(control, on string) checker.Choice {
	return checker.Choice{Control: control, On: on}
}

// everything has one of each.
func everything() *builder {
	b := newBuilder()
	titled := b.require("CardSecrecy", "confidential CardNumber", checker.Violated,
		&checker.Case{Verdict: checker.Violated, Attackers: against("Outsider"), LiveRules: 7, Attack: &checker.Attack{Cost: 3, CostAtLeast: 3, Steps: b.steps()}},
		&checker.Case{Verdict: checker.Holds, Attackers: against("Poor"), Proof: &checker.Proof{Kind: "closure"}},
		&checker.Case{Verdict: checker.Violated, Attackers: against("Insider", "Thief"), Attack: &checker.Attack{
			Cost: 9, CostAtLeast: 6, Steps: b.steps()[1:],
			Choices:  []checker.Choice{{Control: "encryption", On: "Db", Data: "CardNumber"}},
			Failures: []checker.Choice{lacks("waf", "Shop"), {Control: "encryption", On: "Db", Data: "CardNumber"}},
		}, Unknown: &checker.Reason{Text: "the solver was stopped after 1000 rounds", NoViolationWithin: -1}})
	titled.Source.Title, titled.Source.Severity = "Card numbers stay secret", "critical"
	b.require("Open", "confidential Address", checker.Depends, &checker.Case{
		Verdict: checker.Depends, Attackers: against("Outsider"), Bindings: []ground.Binding{{Var: "o", Value: "o1"}},
		Attack:     &checker.Attack{Cost: 3, CostAtLeast: 3, Steps: b.steps(), Choices: []checker.Choice{lacks("input_validation", "Shop")}},
		Sufficient: [][]checker.Choice{{has("input_validation", "Shop")}, {has("waf", "Shop"), {Control: "encryption", On: "Db", Data: "Address", Is: true}}},
	})
	b.require("Rule", "always forall f: flow | f has encryption", checker.Violated, &checker.Case{Verdict: checker.Violated, Breaks: []checker.Break{
		{Bindings: []ground.Binding{{Var: "f", Value: "Legacy"}}, Elements: []*models.Element{{Span: b.at(40)}}},
		{Bindings: []ground.Binding{{Var: "f", Value: "Telemetry"}}, Elements: []*models.Element{{Span: b.at(41)}}, Open: true},
	}}).Source.Static = true
	b.require("Whole", "always exists z: zone | z has "+strings.Repeat("very_", 20)+"long_name", checker.Violated, &checker.Case{Verdict: checker.Violated}).Source.Static = true
	b.require("Same", "confidential Address", checker.Violated,
		&checker.Case{Verdict: checker.Violated, Attackers: against("Outsider"), Attack: &checker.Attack{Cost: 3, CostAtLeast: 3, Steps: b.steps()}},
		&checker.Case{Verdict: checker.Violated, Attackers: against("Insider"), Attack: &checker.Attack{Cost: 3, CostAtLeast: 3, Steps: b.steps()[1:]}})
	b.require("Dead", "possible shipped(o1)", checker.Violated, &checker.Case{Verdict: checker.Violated})
	b.require("Honest", "never denies(Shop)", checker.Violated, &checker.Case{Verdict: checker.Violated, Attack: &checker.Attack{
		Steps: []checker.Step{{Kind: "step", ID: "Place(o1)", Bindings: []ground.Binding{{Var: "o", Value: "o1"}}}},
	}})
	b.require("Given", "never controls(Shop)", checker.Violated, &checker.Case{Verdict: checker.Violated, Attackers: against("Owner"), Attack: &checker.Attack{}})
	b.require("Proved", "integrity Order", checker.Holds, &checker.Case{
		Verdict: checker.Holds, LiveRules: 5,
		Proof: &checker.Proof{Kind: "closure", RestsOn: []checker.Choice{has("waf", "Shop"), has("mtls", "Api")}, Assumptions: []string{"PspHonest"}},
	})
	b.require("Static", "always exists z: zone | z in Core", checker.Holds, &checker.Case{Verdict: checker.Holds}).Source.Static = true
	b.require("NoRuns", "integrity Stock", checker.Holds, &checker.Case{Verdict: checker.Holds, Proof: &checker.Proof{Kind: "no-runs", Assumptions: []string{"Never"}}})
	waived := b.require("Later", "available Shop", checker.Waived, &checker.Case{Verdict: checker.Violated, Attackers: against("Outsider"), Attack: &checker.Attack{Cost: 1, CostAtLeast: 1, Steps: b.steps()}})
	waived.Waiver, waived.InForce = &models.Waiver{Until: "2027-03-01", Because: "PSP migration\nticket 4711"}, true
	ended := b.require("Expired", "available Api", checker.Violated, &checker.Case{Verdict: checker.Violated, Attackers: against("Outsider"), Attack: &checker.Attack{Cost: 1, CostAtLeast: 1, Steps: b.steps()[1:]}})
	ended.Waiver = &models.Waiver{Until: "2026-01-01", Because: "until the move"}
	b.require("Stopped", "never paid(o1)", checker.Unknown, &checker.Case{Verdict: checker.Unknown, Unknown: &checker.Reason{Text: "no engine decides that", NoViolationWithin: -1}})
	b.require("Process", "never shipped(o1)", checker.Unknown, &checker.Case{Verdict: checker.Unknown, Attackers: against("Cheat"), Unknown: &checker.Reason{Text: "out of time", NoViolationWithin: 14}})
	return b
}

func many() *builder {
	b := newBuilder()
	var cases []*checker.Case
	for _, o := range []string{"o1", "o2", "o3", "o4", "o5"} {
		cases = append(cases, &checker.Case{
			Verdict: checker.Violated, Attackers: against("Outsider"), Bindings: []ground.Binding{{Var: "o", Value: o}},
			Attack: &checker.Attack{Cost: 3, CostAtLeast: 3, Steps: b.steps()},
		})
	}
	b.require("Each", "never shipped(o)", checker.Violated, cases...)
	return b
}

func hostile() *builder {
	b := newBuilder()
	b.out.Model.Design.Title = "Evil \x1b[2J shop \u202e\xff"
	q := b.require("R", "confidential D", checker.Violated, &checker.Case{Verdict: checker.Violated, Attackers: against("A"), Attack: &checker.Attack{
		Steps: []checker.Step{{Kind: "threat", ID: "t", Says: "reads \x1b]0;title\x07 and\nmore"}},
	}})
	q.Source.Title = "a\ttab"
	return b
}

func empty() *builder { return newBuilder() }

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		build func() *builder
		opt   Options
	}{
		"everything": {everything, Options{}},
		"colour":     {everything, Options{Color: true}},
		"quiet":      {everything, Options{Quiet: true}},
		"many":       {many, Options{}},
		"hostile":    {hostile, Options{}},
		"empty":      {empty, Options{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if err := Write(&out, c.build().out, c.opt); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes(), want) {
				t.Errorf("got\n%s\nwant (-update rewrites it)\n%s", &out, want)
			}
			if !c.opt.Color && bytes.ContainsRune(out.Bytes(), '\x1b') {
				t.Error("there is an escape character in uncoloured output")
			}
		})
	}
}
