package certify

import (
	"context"
	"errors"
	"testing"

	"github.com/vauban-verifier/vauban/checker/system"
)

// TestWithin checks that a right certificate is neither refused nor accepted where there are too few conflicts to tell.
func TestWithin(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	fail := []system.Lit{b.Choice(system.Failure), b.Choice(system.Failure), b.Choice(system.Failure)}
	bad := b.Fact()
	for i := range fail { // two of three must fail
		b.Rule([]system.Lit{fail[i], fail[(i+1)%3]}, []system.Effect{{When: system.True, Fact: bad, Set: true}}, 0, nil)
	}
	q := &system.Question{System: b.System(), Bad: b.FactLit(bad), MaxFailures: 1, Budget: -1}
	cert := &system.Certificate{}
	for i := range fail {
		pair := []system.Lit{fail[i], fail[(i+1)%3]}
		if pair[0] > pair[1] {
			pair[0], pair[1] = pair[1], pair[0]
		}
		cert.Cuts = append(cert.Cuts, system.Cut{Choices: pair})
	}
	if err := Certificate(context.Background(), q, cert); err != nil {
		t.Error(err)
	}
	if err := Within(context.Background(), q, cert, 0); !errors.Is(err, ErrLimit) {
		t.Errorf("without conflicts: %v", err)
	}
}

// TestInvariantGivesUp checks that an invariant of which it takes too many conflicts to say that it holds at the start is not accepted.
func TestInvariantGivesUp(t *testing.T) {
	t.Parallel()
	const holes = 6
	b := system.NewBuilder()
	q := &system.Question{Bad: b.FactLit(b.Fact()), Budget: -1}
	at := make([][]system.Lit, holes+1)
	for p := range at { // nothing satisfies what is assumed
		for range holes {
			at[p] = append(at[p], b.Choice(system.Decision))
		}
		q.Assume = append(q.Assume, b.Or(at[p]...))
		for o := range p {
			for h := range holes {
				q.Assume = append(q.Assume, b.And(at[p][h], at[o][h]).Not())
			}
		}
	}
	q.System = b.System()
	inv := &system.Invariant{Clauses: [][]system.Lit{{q.Bad.Not()}, {at[0][0]}}}
	for conflicts, want := range map[int]error{20: ErrLimit, maxConflicts: nil} {
		e := newEncoding(t.Context(), q)
		e.conflict = maxConflicts - conflicts
		if err := e.initiation(inv); !errors.Is(err, want) {
			t.Errorf("with %d conflicts: %v, expected %v", conflicts, err, want)
		}
	}
	e := newEncoding(t.Context(), q)
	if e.looks = maxLooks; !errors.Is(e.initiation(inv), ErrLimit) {
		t.Error("no looks are left, and the check goes on")
	}
}

// TestLooksAreCounted checks that what a solver looks at counts: clauses that watch a literal, and those that a bound adds up.
func TestLooksAreCounted(t *testing.T) {
	t.Parallel()
	s := &solver{ctx: t.Context(), limits: []*limit{{most: 1}}}
	x, y, z := s.newVar(), s.newVar(), s.newVar()
	for _, l := range []system.Lit{x, y, z} {
		s.weigh(s.limits[0], l, 1)
	}
	s.add(x, y)
	s.add(x.Not(), z)
	if err := s.refute(); !errors.Is(err, errSatisfiable) && err != nil {
		t.Fatal(err)
	}
	if s.looks < 4 {
		t.Errorf("%d looks at two clauses, each of which is added up and watched", s.looks)
	}
}
