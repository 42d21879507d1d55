package checker_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
)

// TestBreaks asks an architecture rule of flows that meet it, may come to meet it, and do not, with and without a failure that is tolerated.
func TestBreaks(t *testing.T) {
	t.Parallel()
	for tolerating, want := range map[string][]string{"": {"Never false", "Perhaps true"}, " tolerating 1 failure": {"Always true", "Never false", "Perhaps true"}} {
		diags := &diag.List{}
		m := threats.Load(func(string) (string, error) {
			return `design "Rules" use "core"
				zone Net: public
				component A, B: service in Net
				flow Always: A -> B over http { has encryption }
				flow Perhaps: A -> B over http { has encryption? }
				flow Never: A -> B over http
				flow Given: A -> B over https
				require Met: always forall f: flow | f.source = A implies (f = Always or f = Given) and f has encryption or not (f = Always or f = Given)
				require Rule: always forall f: flow | f has encryption` + tolerating, nil
		}, []string{"rules.vbn"}, diags)
		if diags.HasErrors() {
			t.Fatal(diags.Sorted())
		}
		r, err := checker.Check(t.Context(), m, checker.Options{AsOf: "2026-11-24"})
		if err != nil {
			t.Fatal(err)
		}
		if met := r.Requirements[0]; met.Verdict != checker.Holds || met.Cases[0].Breaks != nil {
			t.Errorf("a rule that is met: %s, broken by %v", met.Verdict, met.Cases[0].Breaks)
		}
		var got []string
		for _, b := range r.Requirements[1].Cases[0].Breaks {
			got = append(got, fmt.Sprint(b.Bindings[0].Value, " ", b.Open))
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q: broken by %q, want %q", tolerating, got, want)
		}
	}
}
