package lp_test

import (
	"math"
	"math/rand"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker/internal/engine/lp"
)

// row is a row with its slack.
type row struct {
	slack int
	least float64
	terms []lp.Term
}

// optimal fails where a point is not the cheapest: it satisfies all rows, and prices of the rows, none of them negative, come to what it costs, and for each variable to no more than its price.
// Whoever looks for a cheaper point pays these.
func optimal(t *testing.T, seed int64, p *lp.Program, vars []int, costs []float64, rows []row) {
	t.Helper()
	left, paid, cost := map[int]float64{}, 0.0, 0.0
	for i, v := range vars {
		left[v] = costs[i]
		cost += costs[i] * p.Value(v)
	}
	for _, r := range rows {
		sum, w := -r.least, p.Price(r.slack)
		for _, x := range r.terms {
			sum += x.Coef * p.Value(x.Var)
			left[x.Var] -= w * x.Coef
		}
		if paid += w * r.least; sum < -1e-5 || w < 0 {
			t.Fatalf("seed %d: a row is missed by %g, its price is %g", seed, sum, w)
		}
	}
	for _, v := range vars {
		if left[v] < -1e-5 || p.Value(v) < -1e-5 {
			t.Fatalf("seed %d: variable %d is %g, and %g is left of its price", seed, v, p.Value(v), left[v])
		}
	}
	if math.Abs(cost-paid) > 1e-4 || math.Abs(cost-p.Cost()) > 1e-4 {
		t.Fatalf("seed %d: it costs %g and says %g, the rows come to %g", seed, cost, p.Cost(), paid)
	}
}

// TestOptimum solves random programs, rows of which come one after the other and some of which are dropped. Where no point is said to satisfy all rows, the least by which they are missed together is more than nothing.
func TestOptimum(t *testing.T) {
	t.Parallel()
	solved, infeasible, dropped := 0, 0, 0
	for seed := range int64(3000) {
		rng := rand.New(rand.NewSource(seed))
		p := &lp.Program{}
		var vars []int
		var costs []float64
		var rows []row
		variable := func() {
			c := float64(rng.Intn(10))
			vars, costs = append(vars, p.Variable(c)), append(costs, c)
		}
		for range 2 + rng.Intn(6) {
			variable()
		}
		for range 1 + rng.Intn(12) {
			if rng.Intn(4) == 0 {
				variable()
			}
			x := row{least: float64(rng.Intn(7) - 2)}
			for _, v := range vars {
				if rng.Intn(3) == 0 {
					x.terms = append(x.terms, lp.Term{Var: v, Coef: float64(rng.Intn(8) - 2)})
				}
			}
			x.slack = p.AtLeast(x.least, x.terms)
			rows = append(rows, x)
			if rng.Intn(3) == 0 {
				p = p.Clone()
			}
			st := p.Solve(1 << 20)
			if st == lp.GaveUp {
				t.Fatalf("seed %d: it gave up", seed)
			}
			if st == lp.Infeasible {
				missed := &lp.Program{}
				at, free := map[int]int{}, []int{}
				for _, v := range vars {
					at[v] = missed.Variable(0)
					free = append(free, at[v])
				}
				prices := make([]float64, len(free))
				var again []row
				for _, r := range rows {
					by := missed.Variable(1)
					free, prices = append(free, by), append(prices, 1)
					terms := []lp.Term{{Var: by, Coef: 1}}
					for _, x := range r.terms {
						terms = append(terms, lp.Term{Var: at[x.Var], Coef: x.Coef})
					}
					again = append(again, row{missed.AtLeast(r.least, terms), r.least, terms})
				}
				if missed.Solve(1<<20) != lp.Optimal || missed.Cost() < 1e-5 {
					t.Fatalf("seed %d: some point satisfies all rows", seed)
				}
				optimal(t, seed, missed, free, prices, again)
				infeasible++
				break
			}
			solved++
			optimal(t, seed, p, vars, costs, rows)
			rows = slices.DeleteFunc(rows, func(r row) bool { // what is dropped is no row of the next program
				gone := p.Value(r.slack) > 0.5 && rng.Intn(3) == 0 && p.Drop(r.slack)
				if gone {
					dropped++
				}
				return gone
			})
		}
	}
	if solved < 5000 || infeasible < 200 || dropped < 500 {
		t.Errorf("%d solved, %d infeasible, %d rows dropped", solved, infeasible, dropped)
	}
}
