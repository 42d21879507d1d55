package cdcl_test

import (
	"math/rand"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
)

// satisfiable decides by trying everything.
func satisfiable(vars int, clauses [][]cdcl.Lit) bool {
assignments:
	for m := range 1 << vars {
		for _, c := range clauses {
			if !slices.ContainsFunc(c, func(l cdcl.Lit) bool { return m>>(l>>1)&1 != int(l&1) }) {
				continue assignments
			}
		}
		return true
	}
	return false
}

func units(lits []cdcl.Lit) (out [][]cdcl.Lit) {
	for _, l := range lits {
		out = append(out, []cdcl.Lit{l})
	}
	return out
}

// TestAgreesWithBruteForce asks one solver many questions, adding clauses in between, some for one question only.
func TestAgreesWithBruteForce(t *testing.T) {
	t.Parallel()
	asked := map[cdcl.Status]int{}
	for seed := range int64(400) {
		rng := rand.New(rand.NewSource(seed))
		vars := 3 + rng.Intn(8)
		s := cdcl.New()
		for range vars {
			s.NewVar()
		}
		random := func(size int) []cdcl.Lit {
			var c []cdcl.Lit
			for range size {
				c = append(c, cdcl.Lit(rng.Intn(2*vars)))
			}
			return c
		}
		var clauses [][]cdcl.Lit
		for range 40 {
			for range rng.Intn(4) {
				c := random(1 + rng.Intn(4))
				if len(c) == 1 && rng.Intn(3) > 0 {
					c = random(3)
				}
				clauses = append(clauses, c)
				s.AddClause(c...)
			}
			assume := random(rng.Intn(4))
			all := append(slices.Clone(clauses), units(assume)...)
			with := all
			var st cdcl.Status
			if rng.Intn(2) == 0 {
				st = s.Solve(assume)
			} else {
				c := random(rng.Intn(4))
				with = append(with, c)
				st = s.SolveWith(c, assume)
			}
			asked[st]++
			if want := satisfiable(vars, with); want != (st == cdcl.Sat) {
				t.Fatalf("seed %d: %v, want %v", seed, st, want)
			}
			if st == cdcl.Sat {
				for _, c := range with {
					if !slices.ContainsFunc(c, s.Value) {
						t.Fatalf("seed %d: the model breaks %v", seed, c)
					}
				}
				continue
			}
			core := slices.Clone(s.Core())
			for _, l := range core {
				if !slices.Contains(assume, l) {
					t.Fatalf("seed %d: %v is not assumed", seed, l)
				}
			}
			if satisfiable(vars, append(append(slices.Clone(clauses), with[len(all):]...), units(core)...)) {
				t.Fatalf("seed %d: the core can hold", seed)
			}
		}
	}
	if asked[cdcl.Sat] < 1000 || asked[cdcl.Unsat] < 1000 {
		t.Fatal("too few questions of one kind:", asked)
	}
}

// pigeons says that each of holes+1 pigeons has a hole of its own.
func pigeons(s *cdcl.Solver, holes int) {
	at := make([][]cdcl.Lit, holes+1)
	for p := range at {
		for range holes {
			at[p] = append(at[p], s.NewVar())
		}
		s.AddClause(at[p]...)
	}
	for h := range holes {
		for p := range at {
			for o := range p {
				s.AddClause(at[p][h].Not(), at[o][h].Not())
			}
		}
	}
}

func TestLimitsAreConflicts(t *testing.T) {
	t.Parallel()
	s := cdcl.New()
	pigeons(s, 10)
	s.Limit = 500
	if st := s.Solve(nil); st != cdcl.Unknown || s.Conflicts != 500 {
		t.Fatal(st, s.Conflicts)
	}
	asked := 0
	s.Limit, s.Stop = 0, func() bool { asked++; return asked == 3 }
	if st := s.Solve(nil); st != cdcl.Unknown || asked != 3 {
		t.Fatal(st, asked)
	}
}

func BenchmarkPigeons(b *testing.B) {
	for b.Loop() {
		s := cdcl.New()
		pigeons(s, 7)
		if st := s.Solve(nil); st != cdcl.Unsat {
			b.Fatal(st)
		}
		b.ReportMetric(float64(s.Conflicts), "conflicts")
	}
}
