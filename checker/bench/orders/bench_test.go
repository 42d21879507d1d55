package orders_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker/bench/orders"
	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/internal/engine/bmc"
	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
	"github.com/vauban-verifier/vauban/checker/internal/engine/circuit"
	"github.com/vauban-verifier/vauban/checker/internal/engine/encode"
	"github.com/vauban-verifier/vauban/checker/internal/engine/ic3"
	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// question returns what a requirement of a workflow asks.
func question(tb testing.TB, n int, desk bool, requirement string) *system.Question {
	tb.Helper()
	m := threatstest.Load(tb, threatstest.Texts(map[string]string{"orders.vbn": orders.Design(n, desk)}), "orders.vbn")
	g, err := ground.Ground(context.Background(), m)
	if err != nil {
		tb.Fatal(err)
	}
	i := slices.IndexFunc(m.Design.Requirements, func(r *models.Requirement) bool { return r.Name == requirement })
	return g.Cases[i][0].Question
}

// TestWorkflows wants the verdicts that the package says.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	for _, desk := range []bool{false, true} {
		for _, name := range []string{"NeverForFree", "NeverBoth", "AllPaid"} {
			q := question(t, 4, desk, name)
			p, err := portfolio.Solve(t.Context(), q, portfolio.Options{})
			if err != nil || p.Holds == nil || p.Holds.Invariant == nil {
				t.Fatalf("%s: no invariant: %+v %v", name, p, err)
			}
			if err := certify.Proposal(context.Background(), q, &p); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestSymmetry wants the orders of a workflow to be seen as alike, and what is said of one to be said of each other.
func TestSymmetry(t *testing.T) {
	t.Parallel()
	for _, desk := range []bool{false, true} {
		e, err := encode.New(slice.Of(question(t, 5, desk, "NeverForFree")).Question)
		if err != nil {
			t.Fatal(err)
		}
		y := e.Symmetry()
		if y == nil {
			t.Fatalf("desk %v: no symmetry is seen", desk)
		}
		alone := 0
		for _, l := range e.Circuit.Latches {
			switch images := y.Images([]circuit.Lit{l.Lit}); len(images) {
			case 0:
				alone++
			case 4:
				if back := y.Images(images[0]); !slices.ContainsFunc(back, func(c []circuit.Lit) bool { return c[0] == l.Lit }) {
					t.Errorf("desk %v: %v is not among the images of its image", desk, l.Lit)
				}
			default:
				t.Errorf("desk %v: %v has %d images", desk, l.Lit, len(images))
			}
		}
		if alone == len(e.Circuit.Latches) || alone > 10 {
			t.Errorf("desk %v: %d of %d latches have no images", desk, alone, len(e.Circuit.Latches))
		}
	}
}

func sizes(b *testing.B, run func(b *testing.B, q *system.Question)) {
	for _, n := range []int{8, 16, 32, 64, 128} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { run(b, question(b, n, true, "NeverForFree")) })
	}
}

// counted has the questions that count all orders.
func counted(b *testing.B, run func(b *testing.B, q *system.Question)) {
	for _, n := range []int{8, 16, 24} {
		b.Run(fmt.Sprint("counted ", n), func(b *testing.B) { run(b, question(b, n, true, "AllPaid")) })
	}
}

// BenchmarkIC3 measures the encoding and the proof.
func BenchmarkIC3(b *testing.B) {
	sizes(b, func(b *testing.B, q *system.Question) {
		for b.Loop() {
			e, err := encode.New(slice.Of(q).Question)
			if err != nil {
				b.Fatal(err)
			}
			k := ic3.New(e.Circuit, nil)
			if y := e.Symmetry(); y != nil {
				k.Similar = y.Images
			}
			if k.Run(1<<40) != ic3.Safe {
				b.Fatal("no proof")
			}
			b.ReportMetric(float64(len(k.Invariant())), "clauses")
			b.ReportMetric(float64(len(e.Circuit.Latches)), "latches")
		}
	})
}

// BenchmarkBMC measures six steps: with each, the orders in which independent steps can be taken multiply.
func BenchmarkBMC(b *testing.B) {
	sizes(b, func(b *testing.B, q *system.Question) {
		for b.Loop() {
			e, err := encode.New(slice.Of(q).Question)
			if err != nil {
				b.Fatal(err)
			}
			k := bmc.New(e.Circuit, nil)
			for k.Depth() < 6 {
				if st, _ := k.Next(1 << 40); st != cdcl.Unsat {
					b.Fatal(st)
				}
			}
		}
	})
}

// BenchmarkSolve measures all engines, as a check of a design uses them.
func BenchmarkSolve(b *testing.B) {
	solve := func(b *testing.B, q *system.Question) {
		for b.Loop() {
			if p, err := portfolio.Solve(context.Background(), q, portfolio.Options{}); err != nil || p.Holds == nil {
				b.Fatal(p.Incomplete, err)
			}
		}
	}
	sizes(b, solve)
	counted(b, solve)
}

// BenchmarkCertify measures the check of the proof that BenchmarkSolve finds.
func BenchmarkCertify(b *testing.B) {
	check := func(b *testing.B, q *system.Question) {
		p, err := portfolio.Solve(context.Background(), q, portfolio.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := certify.Proposal(context.Background(), q, &p); err != nil {
				b.Fatal(err)
			}
		}
	}
	sizes(b, check)
	counted(b, check)
}
