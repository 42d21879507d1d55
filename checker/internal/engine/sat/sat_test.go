package sat

import (
	"context"
	"math/bits"
	"math/rand"
	"runtime"
	"testing"
	"time"

	"github.com/go-air/gini"
)

// kinds are both kinds of solvers, with a limit that is not reached.
var kinds = map[string]func() *Solver{
	"unlimited": func() *Solver { return New(64) },
	"limited":   func() *Solver { return NewLimited(1<<40, 1<<40) },
}

// of runs a test on both.
func of(t *testing.T, test func(t *testing.T, s func() *Solver)) {
	t.Parallel()
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, kind)
		})
	}
}

// TestTotalizerCounts compares with counting on all assignments, with outputs made in a random order.
func TestTotalizerCounts(t *testing.T) { of(t, counts) }

func counts(t *testing.T, solver func() *Solver) {
	for n := 1; n <= 6; n++ {
		rng := rand.New(rand.NewSource(int64(n)))
		s := solver()
		in := make([]Lit, n)
		for i := range in {
			in[i] = s.NewVar()
		}
		tot := NewTotalizer(s, in)
		for _, k := range rng.Perm(n) {
			out := tot.AtLeast(k + 1)
			for m := range uint(1) << n {
				assume := []Lit{out.Not()}
				for i, l := range in {
					if m>>i&1 == 0 {
						l = l.Not()
					}
					assume = append(assume, l)
				}
				st, err := s.Solve(context.Background(), assume)
				if err != nil {
					t.Fatal(err)
				}
				if want := bits.OnesCount(m) <= k; want != (st == Sat) {
					t.Fatalf("n=%d: fewer than %d of %b: %v", n, k+1, m, st)
				}
			}
		}
	}
}

func TestUnconditionalUnsatIsRemembered(t *testing.T) { of(t, remembers) }

func remembers(t *testing.T, solver func() *Solver) {
	s := solver()
	a := s.NewVar()
	s.AddClause(a)
	s.AddClause(a.Not())
	for range 3 {
		if st, err := s.Solve(context.Background(), []Lit{a}); st != Unsat || err != nil || len(s.Core()) != 0 {
			t.Fatal(st, err, s.Core())
		}
	}
}

// TestCancel wants a hard problem to stop.
func TestCancel(t *testing.T) {
	of(t, func(t *testing.T, solver func() *Solver) {
		s := solver()
		pigeons(s)
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		if st, err := s.Solve(ctx, nil); st != Unknown || err != nil {
			t.Fatal(st, err)
		}
	})
}

// TestLimit wants it to be given up, and to stay so.
func TestLimit(t *testing.T) {
	t.Parallel()
	s := NewLimited(500, 1<<40)
	pigeons(s)
	for range 2 {
		if st, err := s.Solve(context.Background(), nil); st != Unknown || err != nil {
			t.Fatal(st, err)
		}
	}
}

// pigeons adds clauses that nothing satisfies, whose refutation is long.
func pigeons(s *Solver) {
	const holes = 12
	var at [holes + 1][holes]Lit
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

func TestCoreIsUnsatisfiable(t *testing.T) { of(t, cores) }

func cores(t *testing.T, solver func() *Solver) {
	s := solver()
	a, b, c := s.NewVar(), s.NewVar(), s.NewVar()
	s.AddClause(a.Not(), b.Not())
	st, err := s.Solve(context.Background(), []Lit{a, b, c})
	if st != Unsat || err != nil {
		t.Fatal(st, err)
	}
	core, err := s.Minimise(context.Background(), 8)
	if err != nil || len(core) != 2 || core[0] != a || core[1] != b {
		t.Fatal(core, err)
	}
}

// TestPanicsBecomeErrors breaks the solver inside: the process must go on, whether the context can be cancelled or not, and nothing is answered after.
func TestPanicsBecomeErrors(t *testing.T) {
	t.Parallel()
	cancellable, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, ctx := range []context.Context{context.Background(), cancellable} {
		s := New(4)
		s.AddClause(s.NewVar())
		s.g = &gini.Gini{}
		if st, err := s.Solve(ctx, nil); st != Unknown || err == nil {
			t.Errorf("the first answer is %v, %v", st, err)
		}
		if st, err := s.Solve(ctx, nil); st != Unknown || err != nil {
			t.Errorf("the next answer is %v, %v", st, err)
		}
	}
}

// TestCancelEndsTheSearch checks that no goroutine goes on searching, and that what was interrupted does not take its half-done state for an answer.
func TestCancelEndsTheSearch(t *testing.T) {
	s := New(64)
	pigeons(s)
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if st, err := s.Solve(ctx, nil); st != Unknown || err != nil {
		t.Fatal(st, err)
	}
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines before the search, %d after it", before, runtime.NumGoroutine())
		}
	}
	if st, err := s.Solve(context.Background(), nil); st != Unknown || err != nil {
		t.Errorf("after it was interrupted: %v, %v", st, err)
	}
}
