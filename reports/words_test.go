package reports_test

import (
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/conform"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/portfolio"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// TestDocumentsSpeakAsTheCheckerDoes holds the words and limits of documents, which know no checker, to its own: verdicts in the order that it calls worst first, and what may be asked for.
func TestDocumentsSpeakAsTheCheckerDoes(t *testing.T) {
	t.Parallel()
	var verdicts, outcomes []string
	for _, v := range judge.WorstFirst {
		verdicts = append(verdicts, string(v))
	}
	for _, v := range conform.WorstFirst {
		outcomes = append(outcomes, string(v))
	}
	if !slices.Equal(verdicts, document.Verdicts) || !slices.Equal(outcomes, document.Outcomes) {
		t.Errorf("documents say %v and %v, the checker %v and %v", document.Verdicts, document.Outcomes, verdicts, outcomes)
	}
	if document.MaxAttacks != checker.MaxAttacks || document.MaxLost != conform.MaxLost {
		t.Errorf("documents have %d attacks and %d lost events at the most, the checker %d and %d", document.MaxAttacks, document.MaxLost, checker.MaxAttacks, conform.MaxLost)
	}
	if explain.OfOne != "one" || explain.OfAll != "all" {
		t.Errorf("documents say one and all, the checker %s and %s", explain.OfOne, explain.OfAll)
	}
}

// TestOneVerdictOfTheWhole holds what a portfolio says of a design to what counts, pages and summaries say of it.
func TestOneVerdictOfTheWhole(t *testing.T) {
	t.Parallel()
	for _, a := range judge.WorstFirst {
		for _, b := range judge.WorstFirst {
			r := &document.Report{Requirements: []document.Requirement{{Name: "A", Verdict: string(a)}, {Name: "B", Verdict: string(b)}}}
			p, err := portfolio.Of(map[string]*document.Report{"a.report.json": r}, nil, nil)
			if want := wording.Overall(map[judge.Verdict]int{a: 1, b: 2}); err != nil || p.Verdict != string(want) || p.Designs[0].Verdict != string(want) {
				t.Errorf("%s and %s: %s, expected %s: %v", a, b, p.Verdict, want, err)
			}
		}
	}
}
