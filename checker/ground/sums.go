package ground

import (
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/checker/ground/term"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// maxSumPairs is how many pairs of values a sum may look at. One of more terms is added up in binary, whose work grows with the number of terms: a sum of n
// terms has about n partial sums of n values each.
const maxSumPairs = 1 << 19

// addend is a part of a sum: a term to be added or taken away.
type addend struct {
	term  term.Term
	minus bool
}

// addends takes a sum apart, in the order written: what is added to out is e times factor.
func (g *grounder) addends(out []addend, e *models.Expr, factor int64, env *scope) []addend {
	switch e.Op {
	case models.OpAdd:
		return g.addends(g.addends(out, e.Args[0], factor, env), e.Args[1], factor, env)
	case models.OpSub:
		return g.addends(g.addends(out, e.Args[0], factor, env), e.Args[1], -factor, env)
	case models.OpMul:
		for i, k := range e.Args {
			if other := e.Args[1-i]; k.Op == models.OpInt && isSum(other) {
				if n, ok := calculate(k.Int, factor, models.OpMul); ok {
					return g.addends(out, other, n, env)
				}
			}
		}
	case models.OpSum:
		g.summands(e, env, func(t term.Term) { out = g.addend(out, t, factor) })
		return out
	}
	return g.addend(out, g.term(e, env), factor)
}

// addend adds a term, times a factor.
func (g *grounder) addend(out []addend, t term.Term, factor int64) []addend {
	if factor != 1 && factor != -1 {
		t = g.combine(t, term.Of(term.Value{Number: max(factor, -factor)}), models.OpMul)
	}
	return append(out, addend{t, factor < 0})
}

// isSum reports whether a term adds.
func isSum(e *models.Expr) bool {
	switch e.Op {
	case models.OpAdd, models.OpSub, models.OpSum:
		return true
	case models.OpMul:
		return e.Args[0].Op == models.OpInt && isSum(e.Args[1]) || e.Args[1].Op == models.OpInt && isSum(e.Args[0])
	}
	return false
}

// pairs returns how many pairs of values are looked at where the parts are added one by one.
func pairs(parts []addend) int {
	work, values := 0, 1
	var lo, hi int64
	for _, p := range parts {
		work += values * p.term.Len()
		var least, most int64
		for v := range p.term.All() {
			least, most = min(least, v.Number), max(most, v.Number)
		}
		lo, hi = lo+least, hi+most
		values = min(values*p.term.Len(), int(min(hi-lo, maxInteger))+1)
		if work > maxSumPairs {
			break
		}
	}
	return work
}

// total adds the parts up.
func (g *grounder) total(parts []addend) term.Term {
	total := term.Of(term.Value{})
	for _, p := range parts {
		op := models.OpAdd
		if p.minus {
			op = models.OpSub
		}
		total = g.combine(total, p.term, op)
	}
	return total
}

// compareSum grounds a comparison with a sum on a side.
func (g *grounder) compareSum(e *models.Expr, env *scope) (system.Lit, bool) {
	if !isSum(e.Args[0]) && !isSum(e.Args[1]) {
		return 0, false
	}
	x, y := g.addends(nil, e.Args[0], 1, env), g.addends(nil, e.Args[1], 1, env)
	if g.err != nil {
		return system.False, true
	}
	if pairs(x)+pairs(y) <= maxSumPairs {
		return g.related(e.Op, g.total(x), g.total(y)), true
	}
	for _, p := range y {
		x = append(x, addend{p.term, !p.minus})
	}
	return g.relatedToZero(e.Op, x), true
}

// relatedToZero compares a sum with 0, in binary: what is added against what is taken away, with the constant of both on the side where it is positive.
func (g *grounder) relatedToZero(op models.Op, parts []addend) system.Lit {
	var sides [2][]term.Number // what is added, what is taken away
	var most [2]int64
	var known []system.Lit
	constant, ok := int64(0), true
	add := func(to *int64, n int64, op models.Op) {
		if n, fits := calculate(*to, n, op); fits {
			*to = n
			return
		}
		ok = false
	}
	for _, p := range parts {
		least, above, is := p.term.Binary(g.b)
		known = append(known, is)
		side, op := 0, models.OpAdd
		if p.minus {
			side, op = 1, models.OpSub
		}
		add(&constant, least, op)
		add(&most[side], above.Most(), models.OpAdd)
		sides[side] = append(sides[side], above)
	}
	if !ok || most[0]+constant > maxInteger || most[1]-constant > maxInteger {
		g.fail(fmt.Errorf("%w: an integer of a formula exceeds 2^53", ErrTooLarge))
		return system.False
	}
	whole := g.b.And(known...)
	lo, hi := constant-most[1], constant+most[0]
	if slices.Contains([]models.Op{models.OpEq, models.OpNe}, op) {
		equal := system.False
		if lo <= 0 && hi >= 0 {
			x, y := g.balanced(sides, constant)
			equal = g.b.And(whole, term.Equal(g.b, x, y))
		}
		if op == models.OpNe {
			return equal.Not()
		}
		return equal
	}
	// Is it less than 0, and if not, is it 0 or more?
	strict := op == models.OpLt || op == models.OpGe
	switch {
	case strict && hi < 0, !strict && hi <= 0: // always
		return g.either(op == models.OpLt || op == models.OpLe, whole)
	case strict && lo >= 0, !strict && lo > 0: // never
		return g.either(op == models.OpGt || op == models.OpGe, whole)
	}
	x, y := g.balanced(sides, constant)
	switch op {
	case models.OpLt:
		return g.b.And(whole, term.Less(g.b, x, y))
	case models.OpLe:
		return g.b.And(whole, term.Less(g.b, y, x).Not())
	case models.OpGt:
		return g.b.And(whole, term.Less(g.b, y, x))
	}
	return g.b.And(whole, term.Less(g.b, x, y).Not())
}

func (g *grounder) either(holds bool, whole system.Lit) system.Lit {
	if holds {
		return whole
	}
	return system.False
}

// balanced returns the totals of both sides.
func (g *grounder) balanced(sides [2][]term.Number, constant int64) (x, y term.Number) {
	if constant > 0 {
		sides[0] = append(sides[0], term.Integer(constant))
	} else {
		sides[1] = append(sides[1], term.Integer(-constant))
	}
	return term.Total(g.b, sides[0]), term.Total(g.b, sides[1])
}
