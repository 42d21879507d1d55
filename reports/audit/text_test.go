package audit_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/reports/audit"
)

// What a forger has written stays on its line, short and without control characters, and a long list is cut; JSON has all of it.
func TestTextOfHostileClaims(t *testing.T) {
	t.Parallel()
	evil := "x\x1b[2J\r\npassed  verdicts  \u202eall is well" + strings.Repeat("!", 5000)
	c := &audit.Claims{
		AsOf: "2026-11-24", Assumptions: []audit.Assumption{{Name: "A", Text: evil}}, Catalogues: []audit.Catalogue{{Name: evil, Path: evil}},
		Warnings: []audit.Warning{{Code: "VAU3001", Message: evil}}, Unchecked: []string{evil},
	}
	for i := range 500 {
		c.Requirements = append(c.Requirements, audit.Claim{
			Name: fmt.Sprintf("R%d", i), Property: evil, Verdict: "waived", Against: []audit.Against{{Verdict: "violated", Coalitions: [][]string{{"A", evil}}}},
			Waiver: &audit.Waived{Until: "2027-01-01", Because: evil}, Unknown: []string{evil},
		})
	}
	r := &audit.Result{Design: evil, Claims: c, Checks: []audit.Check{{Name: "require:" + evil, Means: "it is so", Status: audit.Failed, Detail: evil}}, Summary: "it claims nothing"}
	var out strings.Builder
	if err := r.Text(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if want := 1 + 101 + 4 + 1 + 1 + 2; len(lines) != want {
		t.Errorf("%d lines, expected %d", len(lines), want)
	}
	for _, l := range lines {
		if len(l) > 2000 || strings.ContainsAny(l, "\x1b\r\u202e") || strings.HasPrefix(l, "passed") {
			t.Fatalf("a line: %q", l)
		}
	}
	if !strings.Contains(out.String(), "400 more of this kind (--format json has all)") {
		t.Error("it does not say how many are left out")
	}
	if data, err := r.JSON(); err != nil || strings.Count(string(data), `"name":"R`) != 500 {
		t.Errorf("JSON: %v", err)
	}
}
