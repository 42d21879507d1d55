package sat

import (
	"context"
	"math/bits"
	"math/rand"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
)

// unlimited returns a solver with limits that are not reached.
func unlimited() *Solver { return New(1<<40, 1<<40) }

// TestTotalizerCounts compares with counting on all assignments, with outputs made in a random order.
func TestTotalizerCounts(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 6; n++ {
		rng := rand.New(rand.NewSource(int64(n)))
		s := unlimited()
		in := make([]cdcl.Lit, n)
		for i := range in {
			in[i] = s.NewVar()
		}
		tot := NewTotalizer(s, in)
		for _, k := range rng.Perm(n) {
			out := tot.AtLeast(k + 1)
			for m := range uint(1) << n {
				assume := []cdcl.Lit{out.Not()}
				for i, l := range in {
					if m>>i&1 == 0 {
						l = l.Not()
					}
					assume = append(assume, l)
				}
				st := s.Solve(context.Background(), assume)
				if want := bits.OnesCount(m) <= k; want != (st == cdcl.Sat) {
					t.Fatalf("n=%d: fewer than %d of %b: %v", n, k+1, m, st)
				}
			}
		}
	}
}

func TestUnconditionalUnsatIsRemembered(t *testing.T) {
	t.Parallel()
	s := unlimited()
	a := s.NewVar()
	s.AddClause(a)
	s.AddClause(a.Not())
	for range 3 {
		if st := s.Solve(context.Background(), []cdcl.Lit{a}); st != cdcl.Unsat || len(s.Core()) != 0 {
			t.Fatal(st, s.Core())
		}
	}
}

// TestCancel wants a hard problem to stop.
func TestCancel(t *testing.T) {
	t.Parallel()
	s := unlimited()
	pigeons(s)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if st := s.Solve(ctx, nil); st != cdcl.Unknown {
		t.Fatal(st)
	}
}

// TestLimit wants it to be given up, and to stay so.
func TestLimit(t *testing.T) {
	t.Parallel()
	for _, s := range []*Solver{New(500, 1<<40), New(1<<40, 20_000)} {
		pigeons(s)
		for range 2 {
			if st := s.Solve(context.Background(), nil); st != cdcl.Unknown {
				t.Fatal(st)
			}
		}
	}
}

// pigeons adds clauses that nothing satisfies, whose refutation is long.
func pigeons(s *Solver) {
	const holes = 12
	var at [holes + 1][holes]cdcl.Lit
	for p := range at {
		for h := range at[p] {
			at[p][h] = s.NewVar()
		}
		s.AddClause(at[p][:]...)
	}
	for h := range holes {
		for p := range at {
			for o := range p {
				s.AddClause(at[p][h].Not(), at[o][h].Not())
			}
		}
	}
}

func TestCoreIsUnsatisfiable(t *testing.T) {
	t.Parallel()
	s := unlimited()
	a, b, c := s.NewVar(), s.NewVar(), s.NewVar()
	s.AddClause(a.Not(), b.Not())
	if st := s.Solve(context.Background(), []cdcl.Lit{a, b, c}); st != cdcl.Unsat {
		t.Fatal(st)
	}
	if core := s.Minimise(context.Background(), 8); len(core) != 2 || core[0] != a || core[1] != b {
		t.Fatal(core)
	}
}
