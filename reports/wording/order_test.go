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

// Whatever verdicts a whole has: its verdict asks for the exit status that the check ends with, and none that occurs is worse among those of that status.
func TestOverall(t *testing.T) {
	t.Parallel()
	for set := range 1 << len(Verdicts) {
		counts, exit := map[checker.Verdict]int{}, 0
		for i, v := range Verdicts {
			if set&(1<<i) != 0 {
				counts[v]++
				exit = max(exit, v.Exit())
			}
		}
		got := Overall(counts)
		if got.Exit() != exit || set != 0 && counts[got] == 0 {
			t.Errorf("%v: %s, which asks for exit status %d, want %d", counts, got, got.Exit(), exit)
		}
		for v := range counts {
			if v.Exit() == exit && v.Rank() > got.Rank() {
				t.Errorf("%v: %s, and %s is worse", counts, got, v)
			}
		}
	}
}
