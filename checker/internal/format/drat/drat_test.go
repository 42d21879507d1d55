package drat_test

import (
	"bytes"
	"encoding/csv"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
	"github.com/vauban-verifier/vauban/checker/internal/format/dimacs"
	"github.com/vauban-verifier/vauban/checker/internal/format/drat"
	"github.com/vauban-verifier/vauban/checker/internal/kerneltest"
)

func formula(tb testing.TB, path string) *dimacs.Formula {
	tb.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	f, err := dimacs.Read(bytes.NewReader(b))
	if err != nil {
		tb.Fatalf("%s: %v", path, err)
	}
	return f
}

// TestProofs checks the proofs of others, and refuses them with a literal turned.
func TestProofs(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join(kerneltest.Dir(t, "drat"), "*.drat"))
	if err != nil || len(paths) < 5 {
		t.Fatal("too few proofs", paths, err)
	}
	refused := 0
	for _, path := range paths {
		f := formula(t, strings.TrimSuffix(path, ".drat")+".cnf")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		proof, err := drat.Read(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if err := drat.Check(f, proof); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if drat.Check(f, nil) == nil {
			t.Errorf("%s: nothing is a proof", path)
		}
		weaker := &dimacs.Formula{Variables: f.Variables, Clauses: f.Clauses[:len(f.Clauses)/2]}
		if drat.Check(weaker, proof) == nil {
			t.Errorf("%s: it refutes half of the formula", path)
		}
		rng := rand.New(rand.NewSource(1))
		for range 20 {
			i := rng.Intn(len(proof))
			if proof[i].Delete || len(proof[i].Clause) == 0 {
				continue
			}
			bad := slices.Clone(proof)
			bad[i].Clause = slices.Clone(bad[i].Clause)
			k := rng.Intn(len(bad[i].Clause))
			bad[i].Clause[k] = -bad[i].Clause[k]
			if drat.Check(f, bad) != nil {
				refused++
			}
		}
	}
	if refused < 20 {
		t.Errorf("only %d proofs that were tampered with are refused", refused)
	}
}

// solve returns the answer of the engines' solver, a model or a refutation.
func solve(f *dimacs.Formula, conflicts int64) (cdcl.Status, []drat.Step, func(int32) bool) {
	s := cdcl.New()
	for range f.Variables {
		s.NewVar()
	}
	lit := func(l int32) cdcl.Lit {
		if l < 0 {
			return cdcl.Lit(-l-1)<<1 | 1
		}
		return cdcl.Lit(l-1) << 1
	}
	for _, c := range f.Clauses {
		var out []cdcl.Lit
		for _, l := range c {
			out = append(out, lit(l))
		}
		s.AddClause(out...)
	}
	var proof []drat.Step
	s.Learnt = func(c []cdcl.Lit) {
		var out []int32
		for _, l := range c {
			x := int32(l>>1) + 1
			if l&1 == 1 {
				x = -x
			}
			out = append(out, x)
		}
		proof = append(proof, drat.Step{Clause: out})
	}
	s.Limit = conflicts
	st := s.Solve(nil)
	return st, append(proof, drat.Step{}), func(l int32) bool { return s.Value(lit(l)) }
}

// TestSolver compares the engines' solver with two peers, and checks its models and refutations.
func TestSolver(t *testing.T) {
	t.Parallel()
	dir := kerneltest.Dir(t, "cnf")
	table, err := os.Open(filepath.Join(dir, "verdicts.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	rows, err := csv.NewReader(table).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	answers := map[string]int{}
	for _, row := range rows[1:] {
		f := formula(t, filepath.Join(dir, row[0]))
		want := row[4]
		if want == "TIMEOUT" {
			want = row[5]
		}
		st, proof, value := solve(f, 3_000)
		switch st {
		case cdcl.Unknown:
			answers["unknown"]++
			continue
		case cdcl.Sat:
			answers["SAT"]++
			for _, c := range f.Clauses {
				if !slices.ContainsFunc(c, value) {
					t.Errorf("%s: the model breaks %v", row[0], c)
				}
			}
			if want == "UNSAT" {
				t.Errorf("%s: SAT, want %s", row[0], want)
			}
		case cdcl.Unsat:
			answers["UNSAT"]++
			if err := drat.Check(f, proof); err != nil {
				t.Errorf("%s: %v", row[0], err)
			}
			if want == "SAT" {
				t.Errorf("%s: UNSAT, want %s", row[0], want)
			}
		}
	}
	t.Log(answers)
	if answers["SAT"] < 40 || answers["UNSAT"] < 20 {
		t.Error("too few answers", answers)
	}
}

// TestResolution wants a lemma that is no consequence, but keeps a formula satisfiable or not.
func TestResolution(t *testing.T) {
	t.Parallel()
	f := &dimacs.Formula{Variables: 3, Clauses: [][]int32{{1, 2}, {-1, 2}, {1, -2}, {-1, -2}}}
	proof := []drat.Step{{Clause: []int32{3, 1}}, {Clause: []int32{2}}, {}}
	if err := drat.Check(f, proof); err != nil {
		t.Error(err)
	}
	// On its second literal, the first lemma does not resolve.
	g := &dimacs.Formula{Variables: 3, Clauses: [][]int32{{1, 2}, {-1, 2}, {1, -2}}}
	if drat.Check(g, []drat.Step{{Clause: []int32{-1, 3}}}) == nil {
		t.Error("a lemma that resolves on the wrong literal passes")
	}
	for _, text := range []string{"1 2", "1 x 0", "d", "1 -0 0", "99999999999 0"} {
		if _, err := drat.Read(strings.NewReader(text)); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
	if drat.Check(f, []drat.Step{{Delete: true, Clause: []int32{1, 3}}}) == nil {
		t.Error("a deletion of nothing passes")
	}
}

// FuzzCheck wants no panic, whatever the proof.
func FuzzCheck(f *testing.F) {
	f.Add([]byte("2 0\nd 1 2 0\n0\n"))
	f.Add([]byte("3 1 0 -3 0 c\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		proof, err := drat.Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		for _, s := range proof {
			for _, l := range s.Clause {
				if l > 1000 || l < -1000 {
					return
				}
			}
		}
		g := &dimacs.Formula{Variables: 3, Clauses: [][]int32{{1, 2}, {-1, 2}, {1, -2, 3}}}
		if drat.Check(g, proof) == nil {
			t.Fatal("a formula that has a model is refuted")
		}
	})
}
