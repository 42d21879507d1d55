package portfolio_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/internal/reason"
	"github.com/vauban-verifier/vauban/checker/system"
)

// counter asks for a run that counts in binary to the largest number of so many bits. The relaxation takes one rule a bit for enough. With even
// set, the lowest bit can be set from 0 alone, so that the largest number is out of reach.
func counter(bits int, even bool) *system.Question {
	b := system.NewBuilder()
	var all []system.Lit
	for range bits {
		all = append(all, b.FactLit(b.Fact()))
	}
	for i, bit := range all {
		guard := []system.Lit{bit.Not()}
		effects := []system.Effect{{Fact: int32(i), Set: true, When: system.True}}
		for j, low := range all[:i] {
			guard = append(guard, low)
			effects = append(effects, system.Effect{Fact: int32(j), When: system.True})
		}
		if even && i == 0 {
			for _, high := range all[1:] {
				guard = append(guard, high.Not())
			}
		}
		b.Rule(guard, effects, 0, nil)
	}
	bad := b.And(all...)
	return &system.Question{System: b.System(), Bad: bad, Budget: -1}
}

func TestCountsToTheEnd(t *testing.T) {
	t.Parallel()
	for bits := 1; bits <= 6; bits++ {
		q := counter(bits, false)
		p, err := portfolio.Solve(t.Context(), q, portfolio.Options{})
		if err != nil || p.Incomplete != "" || len(p.Attacks) == 0 {
			t.Fatalf("%d bits: %+v, %v", bits, p, err)
		}
		if err := certify.Proposal(t.Context(), q, &p); err != nil {
			t.Errorf("%d bits: %v", bits, err)
		}
		if got, want := len(p.Attacks[0].Rules), 1<<bits-1; got != want {
			t.Errorf("%d bits: %d steps, expected %d", bits, got, want)
		}
	}
	q := counter(5, true)
	p, err := portfolio.Solve(t.Context(), q, portfolio.Options{})
	if err != nil || p.Holds == nil || p.Holds.Invariant == nil {
		t.Fatalf("no invariant: %+v, %v", p, err)
	}
	if err := certify.Proposal(t.Context(), q, &p); err != nil {
		t.Error(err)
	}
}

// A search that has done its work says how far it got, the same each time.
func TestLimits(t *testing.T) {
	t.Parallel()
	q := counter(24, false)
	var first system.Proposal
	for i := range 2 {
		deepest := 0
		p, err := portfolio.Solve(t.Context(), q, portfolio.Options{MaxWork: 2000, Progress: func(p portfolio.Progress) { deepest = max(deepest, p.Depth) }})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(p.Incomplete, "no proof within 2000 conflicts") || p.Depth < 5 || p.Depth >= 1<<24 || deepest == 0 || deepest > p.Depth {
			t.Errorf("got %+v, progress to %d", p, deepest)
		}
		if i == 0 {
			first = p
		} else if !reflect.DeepEqual(p, first) {
			t.Errorf("got %+v, the first time %+v", p, first)
		}
	}
	if p, err := portfolio.Solve(t.Context(), q, portfolio.Options{MaxNodes: 10}); err != nil || !strings.Contains(p.Incomplete, "too large") {
		t.Errorf("got %+v, %v, expected that it is too large", p, err)
	}
	run, proof, why, err := portfolio.Any(t.Context(), q, portfolio.Options{MaxWork: 100})
	if run != nil || proof != nil || why == "" || err != nil {
		t.Errorf("got %v, %v, %q, %v", run, proof, why, err)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p, err := portfolio.Solve(ctx, counter(24, false), portfolio.Options{Progress: func(portfolio.Progress) { cancel() }})
	if err != nil || p.Incomplete != reason.Cancelled || len(p.Attacks) > 0 || p.Holds != nil {
		t.Errorf("got %+v, %v", p, err)
	}
}
