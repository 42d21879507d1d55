package wording

import (
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/models"
)

func TestSorted(t *testing.T) {
	t.Parallel()
	r := &checker.Result{}
	for _, q := range []struct {
		name, severity string
		verdict        checker.Verdict
	}{
		{"a", "low", checker.Violated}, {"b", "", checker.Violated}, {"c", "critical", checker.Holds}, {"d", "critical", checker.Violated}, {"e", "low", checker.Violated}, {"f", "low", checker.Waived},
	} {
		r.Requirements = append(r.Requirements, &checker.Requirement{Source: &models.Requirement{Name: q.name, Severity: q.severity}, Verdict: q.verdict})
	}
	for by, want := range map[string]string{"severity": "dcaefb", "verdict": "daebfc"} {
		got := ""
		for _, q := range Sorted(r, by).Requirements {
			got += q.Source.Name
		}
		if got != want || !slices.Contains(Orders, by) {
			t.Errorf("by %s: %s, want %s", by, got, want)
		}
	}
	if r.Requirements[0].Source.Name != "a" {
		t.Error("the result itself was sorted")
	}
}
