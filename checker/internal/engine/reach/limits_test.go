package reach

import (
	"testing"

	"github.com/vauban-verifier/vauban/checker/bench/problem"
	"github.com/vauban-verifier/vauban/checker/system"
)

// TestShared checks that however many questions a check has, they may not do more together than is said, and that few may do what one may.
func TestShared(t *testing.T) {
	t.Parallel()
	most, alone := Whole(), Options{}.defaults()
	for n := 1; n < 1<<24; n = n*3/2 + 1 {
		o := Options{}.Shared(n)
		visits := n * (searches*o.Any.Visits + o.Cost.Visits + o.Steps.Visits)
		conflicts := int64(n) * (searches*o.Any.Conflicts + o.Cost.Conflicts + o.Steps.Conflicts)
		looks := int64(n) * (searches*o.Any.Looks + o.Cost.Looks + o.Steps.Looks)
		if visits > most.Visits || conflicts > max(most.Conflicts, int64(n)*(searches+2)) || looks > most.Looks {
			t.Errorf("%d questions: %d visits, %d conflicts, %d looks, of %+v", n, visits, conflicts, looks, most)
		}
		if o.Any.Visits > alone.Any.Visits || n <= whole/searches && (o.Any != alone.Any || o.Cost != alone.Cost || o.Steps != alone.Steps) {
			t.Errorf("%d questions: each gets %+v, and one alone %+v", n, o, alone)
		}
	}
}

// TestSearchesAreLimited asks one question under one set of decisions after the other: all searches together do about as much work as is said, and no more.
func TestSearchesAreLimited(t *testing.T) {
	t.Parallel()
	q := problem.New(1000, 60, 7)
	q.MaxFailures = 5
	opt := Options{Any: Effort{Visits: 2000, Conflicts: 10, Looks: 1000}, MaxCutVisits: 1000}.defaults()
	s := newSolver(t.Context(), q, opt)
	h, gaveUp := s.oracle, 0
	step := 2 * len(h.p.uses.items) // of one look at all rules, forth and back, which is not ended midway
	for i := range 200 {
		l := s.t.Question.System.Choice(int32(i % s.t.Question.System.Choices()))
		if run, proof := s.ask([]system.Lit{l ^ system.Lit(i/100)}); run == nil && proof == nil {
			gaveUp++
		}
		if at := h.x.visits; at > searches*opt.Any.Visits+opt.MaxCutVisits+step {
			t.Fatalf("%d visits after %d searches", at, i+1)
		}
		if h.spent.Conflicts > searches*opt.Any.Conflicts+int64(i) {
			t.Fatalf("%d conflicts after %d searches", h.spent.Conflicts, i+1)
		}
	}
	t.Logf("%d gave up; %d visits, %+v", gaveUp, h.x.visits, h.spent)
	if gaveUp < 20 {
		t.Errorf("%d of 200 searches gave up: the limits are hardly tested", gaveUp)
	}
}
