package checker_test

import (
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
)

// TestClosedByDefault checks that who leaves something out gets no success: without a date no waiver is in force, and what is no verdict is no success.
func TestClosedByDefault(t *testing.T) {
	t.Parallel()
	m := load(t, map[string]string{"d.vbn": `design "Waived" use "core"
zone Z: zone  component A: component in Z
attacker X { controls A }
require R: never controls(A)
waive R until 2030-01-01 because "later"
`}, "d.vbn")
	for _, c := range []struct {
		asOf    string
		verdict checker.Verdict
		exit    int
	}{{"", checker.Violated, 1}, {"2029-12-31", checker.Waived, 0}, {"2030-01-02", checker.Violated, 1}} {
		r, err := checker.Check(t.Context(), m, checker.Options{AsOf: c.asOf})
		if err != nil {
			t.Fatal(err)
		}
		if q := r.Requirements[0]; q.Verdict != c.verdict || r.Exit() != c.exit {
			t.Errorf("as of %q: %s, exit status %d, expected %s and %d", c.asOf, q.Verdict, r.Exit(), c.verdict, c.exit)
		}
	}
	for _, v := range []checker.Verdict{"", "fine", checker.Unknown} {
		r := &checker.Result{Model: m, Requirements: []*checker.Requirement{{Verdict: checker.Violated}, {Verdict: v}}}
		if r.Exit() != 3 {
			t.Errorf("%q has exit status %d", v, r.Exit())
		}
	}
	if r := (&checker.Result{}); r.Exit() != 3 {
		t.Errorf("what nobody checked has exit status %d", r.Exit())
	}
	// What nobody judged is no success, whatever it says of itself.
	for name, q := range map[string]*checker.Requirement{
		"no case":           {Verdict: checker.Holds},
		"a case":            {Verdict: checker.Holds, Cases: []*checker.Case{{Verdict: checker.Holds}}},
		"a case and proof":  {Verdict: checker.Holds, Cases: []*checker.Case{{Verdict: checker.Holds, Proof: &explain.Proof{Kind: explain.Closure}}}},
		"waived, in force":  {Verdict: checker.Waived, InForce: true, Cases: []*checker.Case{{Verdict: checker.Violated}}},
		"waived, undecided": {Verdict: checker.Waived, Cases: []*checker.Case{{Verdict: checker.Unknown}}},
	} {
		if r := (&checker.Result{Model: m, Requirements: []*checker.Requirement{q}}); r.Exit() != 3 {
			t.Errorf("%s: exit status %d", name, r.Exit())
		}
	}
	// And what was judged is none where a verdict is changed after it.
	r, err := checker.Check(t.Context(), m, checker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r.Requirements[0].Verdict = checker.Holds
	if r.Exit() != 3 {
		t.Errorf("a violated requirement that is said to hold has exit status %d", r.Exit())
	}
	r.Requirements[0].Cases[0].Verdict = checker.Holds
	if r.Exit() != 3 {
		t.Errorf("a violated case that is said to hold has exit status %d", r.Exit())
	}
}
