package checker_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
)

// Every attack that is found is a way through the attack graph of its case: each step is an action whose facts an earlier step gives, and the last gives
// what the requirement speaks of. Where there is an attack, there is a graph.
func TestAttacksAreInTheirGraph(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"tofar/pharmacy.vbn", "first/first.vbn", "checkout/coupon.vbn"} {
		diags := &diag.List{}
		m := threats.Load(func(name string) (string, error) {
			data, err := os.ReadFile(filepath.FromSlash(name))
			return string(data), err
		}, []string{"../examples/" + name}, diags)
		if m == nil {
			t.Fatalf("%s: %v", name, diags.Sorted())
		}
		r, err := checker.Check(context.Background(), m, checker.Options{AsOf: "2026-11-23"})
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range r.Requirements {
			graphs, err := explain.AttackGraphs(t.Context(), m, q.Source.Name)
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range q.Cases {
				g := graphs[i]
				for _, a := range g.Actions {
					for _, f := range append(slices.Clone(a.Needs), a.Gives...) {
						if f < 0 || f >= len(g.Facts) {
							t.Fatalf("%s, %s: action %s is about fact %d of %d", name, q.Source.Name, a.ID, f, len(g.Facts))
						}
					}
				}
				if c.Attack == nil || len(c.Attack.Steps) == 0 {
					continue
				}
				if len(g.Goal) == 0 {
					t.Errorf("%s, %s: there is an attack, and the graph has no goal", name, q.Source.Name)
				}
				for _, s := range c.Attack.Steps {
					if !slices.ContainsFunc(g.Actions, func(a explain.Action) bool { return a.Kind == s.Kind && a.ID == s.ID && a.Says == s.Says }) {
						t.Errorf("%s, %s: step %q is not in the graph", name, q.Source.Name, s.Says)
					}
				}
			}
		}
		if graphs, err := explain.AttackGraphs(t.Context(), m, "Nothing"); graphs != nil || err != nil {
			t.Errorf("a requirement that is not there has %d graphs (%v)", len(graphs), err)
		}
	}
}
