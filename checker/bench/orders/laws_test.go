package orders_test

import (
	"context"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/bench/orders"
	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// asked returns what the requirements of a design ask, and with what its domains stop.
func asked(tb testing.TB, text string) []*system.Question {
	tb.Helper()
	m := threatstest.Load(tb, threatstest.Texts(map[string]string{"design.vbn": text}), "design.vbn")
	g, err := ground.Ground(context.Background(), m)
	if err != nil {
		tb.Fatal(err)
	}
	var out []*system.Question
	for _, cases := range g.Cases {
		for _, c := range cases {
			out = append(out, c.Question)
			if len(c.Bounds) > 0 {
				stops := *c.Question
				stops.Bad = c.Bound
				out = append(out, &stops)
			}
		}
	}
	return out
}

// TestLaws wants sums that stay the same to be found and certified, on designs of far more states than can be visited.
func TestLaws(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"points": orders.Points(6, 12), "stock": orders.Stock(16, 8), "drawer": orders.Drawer(8), "ledger": orders.Ledger(12),
	} {
		for i, q := range asked(t, text) {
			p, err := portfolio.Solve(t.Context(), q, portfolio.Options{})
			if err != nil || p.Holds == nil {
				t.Fatalf("%s %d: no proof: %v %v", name, i, p.Incomplete, err)
			}
			if p.Holds.Invariant == nil || len(p.Holds.Invariant.Laws) == 0 {
				continue
			}
			if err := certify.Proposal(t.Context(), q, &p); err != nil {
				t.Errorf("%s %d: %v", name, i, err)
			}
			without := system.Invariant{Clauses: p.Holds.Invariant.Clauses}
			if certify.Within(t.Context(), q, &system.Certificate{Invariant: &without}, 1000) == nil {
				t.Errorf("%s %d: the laws are not needed", name, i)
			}
		}
	}
}

// TestBrokenLaws wants the attack where a step breaks what the proof rests on.
func TestBrokenLaws(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, step, by string }{
		"points": {orders.Points(3, 4), "points(from) := points(from) - 1, points(to)", "points(to)"},
		"stock":  {orders.Stock(4, 2), "stage(o) := reserved, stock := stock - 1", "stage(o) := reserved"},
		"drawer": {orders.Drawer(3), "drawer := drawer - received(o), received(o) := 0", "drawer := drawer - received(o)"},
	} {
		text := strings.Replace(c.text, c.step, c.by, 1)
		if text == c.text {
			t.Fatalf("%s: the step is another", name)
		}
		attacks := 0
		for _, q := range asked(t, text) {
			p, err := portfolio.Solve(t.Context(), q, portfolio.Options{})
			if err != nil || certify.Proposal(t.Context(), q, &p) != nil {
				t.Errorf("%s: %v, %+v", name, err, p)
			}
			attacks += len(p.Attacks)
		}
		if attacks == 0 {
			t.Errorf("%s: nothing is found", name)
		}
	}
}
