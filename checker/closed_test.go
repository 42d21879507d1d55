package checker_test

import (
	"testing"

	"github.com/vauban-verifier/vauban/checker"
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
		r := &checker.Result{Requirements: []*checker.Requirement{{Verdict: checker.Holds}, {Verdict: v}, {Verdict: checker.Violated}}}
		if r.Exit() != 3 {
			t.Errorf("%q has exit status %d", v, r.Exit())
		}
	}
}
