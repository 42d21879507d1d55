package reports

import (
	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// fixture is a result built by hand, whose inputs lie in a directory.
func fixture(dir string) *checker.Result {
	file := source.New(dir+"shop.vbn", "design \"D\"\nrequire Secret: confidential Card\n")
	catalogue := source.New(dir+"../mini.yaml", "catalogue: mini\n")
	at := source.Span{File: file, Start: 19, End: 25}
	require := &models.Requirement{Name: "Secret", Text: "confidential Card", Span: at, Title: "Cards <b>&\u2028", Failures: 1}
	waiver := &models.Waiver{Requirement: require, Until: "2027-01-01", Because: "ticket 1", Span: at}
	warnings := &diag.List{}
	warnings.Warnf("VAU9999", at, "nothing leads there").Helpf("add a threat")
	return &checker.Result{
		Model: &threats.Model{
			Design: &models.Design{Title: "D", Files: []*source.File{file}},
			Catalogue: &threats.Catalogue{Inputs: []threats.Input{
				{Name: "mini", Path: dir + "../mini.yaml", File: catalogue},
				{Name: "core", Path: "builtin:core", File: source.New("builtin:core", "catalogue: core\n")},
			}},
		},
		AsOf: "2026-11-23", Facts: 3, Rules: 4, Warnings: warnings,
		Requirements: []*checker.Requirement{{
			Source: require, Verdict: checker.Depends, Waiver: waiver,
			Cases: []*checker.Case{
				{
					Attackers: []*models.Attacker{{Name: "Outsider"}}, Bindings: []ground.Binding{{Var: "o", Value: "o1"}},
					Verdict: checker.Depends, LiveRules: 4,
					Attack: &explain.Attack{
						Cost: 3, CostAtLeast: 2, Reach: explain.OfOne,
						Choices:  []explain.Choice{{Control: "encryption", On: "Db", Data: "Card"}},
						Failures: []explain.Choice{{Control: "waf", On: "Shop"}},
						Steps: []explain.Step{{
							Kind: "threat", ID: "exploit", Bindings: []ground.Binding{{Var: "c", Value: "Shop"}}, Cost: 3,
							Adds: []string{"controls(Shop)"}, Says: "the attacker takes over Shop", Source: at,
						}},
					},
					Sufficient: [][]explain.Choice{{{Control: "encryption", On: "Db", Data: "Card", Is: true}}},
					Proof: &explain.Proof{
						Kind: "cuts", RestsOn: []explain.Choice{{Control: "encryption", On: "Db", Data: "Card", Is: true}},
						Cuts:      []explain.Barrier{{Choices: []explain.Choice{{Control: "waf", On: "Shop"}}, Rules: []string{"the attacker reads Card"}}},
						Decisions: []explain.Choice{{Control: "encryption", On: "Db", Data: "Card", Is: true}},
					},
				},
				{Verdict: checker.Unknown, Unknown: &checker.Reason{Text: "out of time", NoViolationWithin: 0}},
				{Verdict: checker.Violated, Breaks: []judge.Broken{{Break: ground.Break{Elements: []*models.Element{{Name: "F", Span: at}}}, Open: true}}},
				{Verdict: checker.Holds, Proof: &explain.Proof{Kind: "closure", Gains: []string{"knows(Card)"}}},
				{Verdict: checker.Unknown, Unknown: &checker.Reason{Text: "stopped", NoViolationWithin: -1}},
			},
		}},
	}
}
