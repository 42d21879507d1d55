package system_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/internal/systemtest"
	"github.com/vauban-verifier/vauban/checker/system"
)

var designs = flag.Int64("designs", 4000, "random designs to compare all engines with the explorer on")

// TestPortfolioAgrees compares all engines with the explorer on questions that are not monotone: verdict, least cost, fewest steps, minimal sets
// of decisions. Nothing may be left open.
func TestPortfolioAgrees(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	for seed := range *designs {
		d := systemtest.Random(rand.New(rand.NewSource(1e6+seed)), false)
		p, err := portfolio.Solve(context.Background(), d.Q, portfolio.Options{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if p.Incomplete != "" {
			t.Fatalf("seed %d: gave up: %s", seed, p.Incomplete)
		}
		if err := certify.Proposal(t.Context(), d.Q, &p); err != nil {
			t.Fatalf("seed %d: %v\n%+v", seed, err, p)
		}
		tr := systemtest.Explore(d)
		want := tr.Verdict(d)
		if got := verdict(&p); got != want {
			t.Fatalf("seed %d: %s, explorer says %s\n%+v", seed, got, want, p)
		}
		counts[want]++
		for _, c := range certificates(&p) {
			if c.Invariant != nil {
				counts["invariants"]++
				counts["mutated invariants"] += mutate(t, d.Q, &p)
				break
			}
		}
		if want == "holds" {
			continue
		}
		trace, err := system.Replay(d.Q, &p.Attacks[0])
		if err != nil {
			t.Fatal(err)
		}
		if steps := len(p.Attacks[0].Rules); trace.Cost != tr.Cost || steps != tr.Steps || p.AtLeast != tr.Cost {
			t.Fatalf("seed %d: cost %d (at least %d) in %d steps, explorer says %d in %d\n%+v", seed, trace.Cost, p.AtLeast, steps, tr.Cost, tr.Steps, p)
		}
		if want == "depends" && !d.Decided() {
			var got []string
			for _, s := range p.Sufficient {
				got = append(got, fmt.Sprint(s.Decisions))
			}
			slices.Sort(got)
			if sets := systemtest.MinimalSets(d, tr); !slices.Equal(got, sets) {
				t.Fatalf("seed %d: sets %v, explorer says %v", seed, got, sets)
			}
		}
	}
	t.Logf("%d designs: %v", *designs, counts)
	for _, kind := range []string{"holds", "violated", "depends", "invariants", "mutated invariants"} {
		if counts[kind] < 50 {
			t.Errorf("only %d of %s", counts[kind], kind)
		}
	}
}

func certificates(p *system.Proposal) []*system.Certificate {
	var out []*system.Certificate
	for _, c := range []*system.Certificate{p.Holds, p.Bound} {
		if c != nil {
			out = append(out, c)
		}
	}
	for i := range p.Sufficient {
		out = append(out, &p.Sufficient[i].Proof)
	}
	return out
}

// mutate weakens and strengthens the invariant of a proof. A clause that excludes the start must be refused; other changes may be as good as what
// they replace. It returns how many changes were refused.
func mutate(t *testing.T, q *system.Question, p *system.Proposal) int {
	t.Helper()
	refused := 0
	if p.Holds == nil || p.Holds.Invariant == nil {
		return 0
	}
	clauses := p.Holds.Invariant.Clauses
	try := func(c [][]system.Lit) bool {
		return certify.Certificate(t.Context(), q, &system.Certificate{Invariant: &system.Invariant{Clauses: c}}) != nil
	}
	// No state at all: that is right only where there is no run either.
	if try([][]system.Lit{{}}) != hasRun(q) {
		t.Fatal("an invariant that excludes the start passes")
	}
	for i := range clauses {
		if try(slices.Delete(slices.Clone(clauses), i, i+1)) {
			refused++
		}
		for k := range clauses[i] {
			changed := slices.Clone(clauses)
			changed[i] = slices.Clone(clauses[i])
			changed[i][k] = changed[i][k].Not()
			if try(changed) {
				refused++
			}
		}
	}
	return refused
}

// hasRun reports whether the start is allowed under some choices.
func hasRun(q *system.Question) bool {
	any := *q
	any.Bad = system.True
	any.Budget = -1
	p, err := portfolio.Solve(context.Background(), &any, portfolio.Options{})
	return err == nil && p.Holds == nil
}
