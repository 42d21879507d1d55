package reach_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker/bench/problem"
	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/engine/reach"
	"github.com/vauban-verifier/vauban/checker/system"
)

// leastCost returns what it costs to have all of some facts, by going back from the last one over the rules that make it. Rules make one fact each, which comes after those that they need.
func leastCost(q *system.Question) int {
	s := q.System
	makers := make([][]int32, s.Facts())
	for r := range int32(s.Rules()) {
		f := s.Effects(r)[0].Fact
		makers[f] = append(makers[f], r)
	}
	known := map[string]int{}
	var least func(facts []int32) int
	least = func(facts []int32) int {
		facts = slices.DeleteFunc(facts, func(f int32) bool { return slices.Contains(q.Start, f) })
		if len(facts) == 0 {
			return 0
		}
		slices.Sort(facts)
		facts = slices.Compact(facts)
		key := fmt.Sprint(facts)
		if cost, ok := known[key]; ok {
			return cost
		}
		best := math.MaxInt / 2
		last := len(facts) - 1
		for _, r := range makers[facts[last]] {
			before := slices.Clone(facts[:last])
			for _, l := range s.Guard(r) {
				_, f := s.Node(l.Node())
				before = append(before, f)
			}
			best = min(best, int(s.Cost(r))+least(before))
		}
		known[key] = best
		return best
	}
	var wanted []int32
	for _, l := range s.Conjuncts(q.Bad) {
		_, f := s.Node(l.Node())
		wanted = append(wanted, f)
	}
	return least(wanted)
}

// TestCostsAreLeast wants bounds that meet, at what is least by going through all ways, with a proof that others check.
func TestCostsAreLeast(t *testing.T) {
	t.Parallel()
	byCases, splits := 0, 0
	for _, rules := range []int{120, 300, 500} {
		for seed := range int64(4000 / rules) {
			q := problem.Priced(rules, seed)
			want := leastCost(q)
			if want >= math.MaxInt/2 {
				continue
			}
			p, err := reach.Solve(t.Context(), q, reach.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := certify.Proposal(t.Context(), q, &p); err != nil {
				t.Fatalf("%d rules, seed %d: %v", rules, seed, err)
			}
			trace, err := system.Replay(q, &p.Attacks[0])
			if err != nil || trace.Cost != want || p.AtLeast != want {
				t.Fatalf("%d rules, seed %d: %d to %d, and %d is least", rules, seed, p.AtLeast, trace.Cost, want)
			}
			if p.Bound != nil && len(p.Bound.Cases) > 0 {
				byCases++
				splits += len(p.Bound.Cases) / 2
			}
		}
	}
	if t.Logf("%d proofs by cases, %d splits", byCases, splits); byCases < 5 || splits < 3 {
		t.Error("too few")
	}
}

// TestFailuresAreLeast wants the least failures with a proof that others check, whichever way they were bounded.
func TestFailuresAreLeast(t *testing.T) {
	t.Parallel()
	byCases := 0
	for seed := range int64(12) {
		q := problem.New(600, 60, seed)
		set, least, proof, run := reach.LeastFailures(t.Context(), q, reach.Options{})
		if run == nil || len(set) != least {
			t.Fatalf("seed %d: %d of at least %d", seed, len(set), least)
		}
		all, fewer := *q, *q
		all.MaxFailures, fewer.MaxFailures = least, least-1
		if _, err := certify.Attack(t.Context(), &all, run); err != nil {
			t.Fatal(err)
		}
		if err := certify.Certificate(t.Context(), &fewer, proof); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if err := certify.Certificate(t.Context(), &all, proof); err == nil {
			t.Fatalf("seed %d: the proof passes for what is attacked", seed)
		}
		if len(proof.Cases) > 0 {
			byCases++
		}
	}
	if byCases < 5 {
		t.Errorf("%d proofs by cases", byCases)
	}
}

// TestLayersAreBounded wants the least failures where each of many layers has as many controls: no search, which is not allowed here, would find cuts that have no control in common.
func TestLayersAreBounded(t *testing.T) {
	t.Parallel()
	opt := reach.Options{Any: reach.Effort{Visits: 20e6, Conflicts: 1, Looks: 1}}
	for seed := range int64(8) {
		q := problem.New(4000, 700, seed)
		set, least, proof, run := reach.LeastFailures(t.Context(), q, opt)
		if run == nil || len(set) != least {
			t.Fatalf("seed %d: %d of at least %d", seed, len(set), least)
		}
		q.MaxFailures = least - 1
		if err := certify.Certificate(t.Context(), q, proof); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}
