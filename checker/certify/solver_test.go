package certify

import (
	"context"
	"errors"
	"flag"
	"math/rand"
	"testing"

	"github.com/vauban-verifier/vauban/checker/system"
)

var puzzles = flag.Int64("puzzles", 20_000, "random puzzles for the solver")

// puzzle is a random set of clauses with limits.
type puzzle struct {
	vars    int
	clauses [][]system.Lit // over literals 2v and 2v+1
	limits  []weighed
}

type weighed struct {
	lits    []system.Lit
	weights []int
	most    int
}

func randomPuzzle(rng *rand.Rand) puzzle {
	p := puzzle{vars: 3 + rng.Intn(6)}
	if rng.Intn(3) == 0 { // what must be hit costs something, and one literal hits several clauses: where adding up is easily wrong
		w := weighed{most: rng.Intn(8)}
		for v := range p.vars {
			w.lits, w.weights = append(w.lits, system.Lit(2*v)), append(w.weights, 1+rng.Intn(3))
		}
		p.limits = []weighed{w}
		for range 2 + rng.Intn(p.vars) {
			var c []system.Lit
			for range 2 + rng.Intn(2) {
				c = append(c, system.Lit(2*rng.Intn(p.vars)))
			}
			p.clauses = append(p.clauses, c)
		}
		return p
	}
	lit := func() system.Lit { return system.Lit(rng.Intn(2 * p.vars)) }
	for range rng.Intn(4 * p.vars) {
		var c []system.Lit
		for range 1 + rng.Intn(4) {
			c = append(c, lit())
		}
		p.clauses = append(p.clauses, c)
	}
	for range rng.Intn(3) {
		w := weighed{most: rng.Intn(6)}
		for range 1 + rng.Intn(p.vars) {
			w.lits, w.weights = append(w.lits, lit()), append(w.weights, rng.Intn(4))
		}
		p.limits = append(p.limits, w)
	}
	return p
}

// solver returns the puzzle as the solver takes it. Some clauses and limits come late, when others have been propagated.
func (p puzzle) solver() *solver {
	s := &solver{ctx: context.Background()}
	for range p.vars {
		s.newVar()
	}
	for i, w := range p.limits {
		m := &limit{most: w.most}
		s.limits = append(s.limits, m)
		for k, l := range w.lits {
			s.weigh(m, l, w.weights[k])
		}
		if i < len(p.clauses) {
			s.add(p.clauses[i]...)
		}
	}
	for _, c := range p.clauses[min(len(p.limits), len(p.clauses)):] {
		s.add(c...)
	}
	return s
}

// satisfiable goes through all assignments.
func (p puzzle) satisfiable(assume []system.Lit) bool {
next:
	for mask := range 1 << p.vars {
		holds := func(l system.Lit) bool { return mask>>l.Node()&1 == 1 != l.Negated() }
		for _, c := range p.clauses {
			some := false
			for _, l := range c {
				some = some || holds(l)
			}
			if !some {
				continue next
			}
		}
		for _, w := range p.limits {
			sum := 0
			for i, l := range w.lits {
				if holds(l) {
					sum += w.weights[i]
				}
			}
			if sum > w.most {
				continue next
			}
		}
		for _, l := range assume {
			if !holds(l) {
				continue next
			}
		}
		return true
	}
	return false
}

// TestSolverAgrees compares the solver with brute force: with the bound that adds up what clauses cost at least, and without it; with assumptions, one set after
// another; and with clauses that come in between.
func TestSolverAgrees(t *testing.T) {
	t.Parallel()
	refuted := 0
	for seed := range *puzzles {
		rng := rand.New(rand.NewSource(seed))
		p := randomPuzzle(rng)
		check := func(what string, err error, assume []system.Lit) {
			t.Helper()
			want := error(nil)
			if p.satisfiable(assume) {
				want = errSatisfiable
			} else {
				refuted++
			}
			if !errors.Is(err, want) {
				t.Fatalf("seed %d, %s: %v, expected %v\n%+v, assuming %v", seed, what, err, want, p, assume)
			}
		}
		check("with bounds", p.solver().refute(), nil)
		s := p.solver()
		var assume []system.Lit
		for range 6 {
			if rng.Intn(3) > 0 && len(assume) > 0 { // what the last question assumed first stays
				assume = assume[:rng.Intn(len(assume))]
			} else {
				assume = nil
			}
			for range rng.Intn(3) {
				assume = append(assume, system.Lit(rng.Intn(2*p.vars)))
			}
			check("under assumptions", s.refuteUnder(assume), assume)
			if rng.Intn(4) == 0 {
				c := []system.Lit{system.Lit(rng.Intn(2 * p.vars)), system.Lit(rng.Intn(2 * p.vars))}
				p.clauses = append(p.clauses, c)
				s.add(c...)
			}
		}
	}
	t.Logf("%d times there was nothing to find", refuted)
}

// TestSolverGivesUp checks that a context that ended, and a limit of conflicts that was reached, are no refutations.
func TestSolverGivesUp(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	s := pigeons(4)
	s.ctx = ended
	if err := s.refuteUnder(nil); !errors.Is(err, context.Canceled) {
		t.Errorf("without time: %v", err)
	}
	s = pigeons(7)
	s.conflict = maxConflicts - 50
	for range 2 {
		if err := s.refuteUnder(nil); !errors.Is(err, ErrLimit) {
			t.Errorf("without conflicts: %v", err)
		}
	}
	if err := pigeons(4).refuteUnder(nil); err != nil {
		t.Errorf("with time: %v", err)
	}
}

// pigeons returns a solver with clauses that nothing satisfies.
func pigeons(holes int) *solver {
	s := &solver{ctx: context.Background()}
	at := make([][]system.Lit, holes+1)
	for p := range at {
		for range holes {
			at[p] = append(at[p], s.newVar())
		}
		s.add(at[p]...)
	}
	for h := range holes {
		for p := range at {
			for q := range p {
				s.add(at[p][h].Not(), at[q][h].Not())
			}
		}
	}
	return s
}
