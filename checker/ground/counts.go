package ground

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/ground/term"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// compareCount grounds an order that has a count on a side. What it asks is whether at least so many hold, which needs fewer gates than how many do, and
// more than what holds already can only make it true: where nothing is taken back, it stays true.
func (g *grounder) compareCount(e *models.Expr, env *scope) (system.Lit, bool) {
	x, y, op := e.Args[0], e.Args[1], e.Op
	if x.Op != models.OpCount { // the count comes first
		x, y, op = y, x, mirror(op)
	}
	if x.Op != models.OpCount {
		return 0, false
	}
	// x >= y and x > y as "at least y and so many more"; the other two are their complements.
	more, negated := int64(0), false
	switch op {
	case models.OpGe:
	case models.OpGt:
		more = 1
	case models.OpLt:
		negated = true
	case models.OpLe:
		more, negated = 1, true
	default:
		return 0, false
	}
	sign := func(l system.Lit) system.Lit {
		if negated {
			return l.Not()
		}
		return l
	}
	var any []system.Lit
	if y.Op == models.OpCount {
		// For some number, at least that many and `more` are counted on the left, and not more than that many on the right.
		counted, other := g.apart(g.instances(x, env), g.instances(y, env))
		left, right := g.atLeast(counted, len(counted)), g.atLeast(other, len(counted)+1)
		for n := int(more); n < len(left); n++ {
			any = append(any, g.b.And(left[n], right[n-int(more)+1].Not()))
		}
		return sign(g.b.Or(any...)), true
	}
	counted := g.counted(x, env)
	// need returns how many must be counted for a number: none, or more than there are, where it is outside.
	need := func(n int64) int {
		if n > int64(len(counted))-more { // compared so that nothing wraps around
			return len(counted) + 1
		}
		return int(max(n+more, 0))
	}
	number, most := g.term(y, env), 0
	for v := range number.All() {
		if n := need(v.Number); !v.None && n <= len(counted) {
			most = max(most, n)
		}
	}
	least := g.atLeast(counted, most)
	return number.Any(g.b, func(v term.Value) system.Lit {
		switch n := need(v.Number); {
		case v.None:
			return system.False // it has no order
		case n <= most:
			return sign(least[n])
		}
		return sign(system.False)
	}), true
}

// count grounds how many bindings hold.
func (g *grounder) count(e *models.Expr, env *scope) term.Term {
	t, err := term.Count(g.ctx, g.b, g.counted(e, env))
	if err != nil {
		g.fail(err)
	}
	return t
}

// atLeast is [term.AtLeast]; where the context ends before, nothing holds, and the grounding has failed.
func (g *grounder) atLeast(lits []system.Lit, most int) []system.Lit {
	least, err := term.AtLeast(g.ctx, g.b, lits, most)
	if err != nil {
		g.fail(err)
		return slices.Repeat([]system.Lit{system.False}, most+1)
	}
	return least
}

// counted returns the instances of what a count counts, but for those that never hold.
func (g *grounder) counted(e *models.Expr, env *scope) []system.Lit {
	return happening(g.instances(e, env))
}

// happening leaves out what never holds.
func happening(lits []system.Lit) []system.Lit {
	return slices.DeleteFunc(lits, func(l system.Lit) bool { return l == system.False })
}

// instances returns the instances of what a count counts, in the order of the bindings.
func (g *grounder) instances(e *models.Expr, env *scope) []system.Lit {
	var lits []system.Lit
	n := 0
	g.each(e.Vars, e.Args[0], env, false, func(env *scope) bool {
		l := g.formula(e.Args[0], env)
		if lits = append(lits, l); l != system.False {
			n++
		}
		if n >= maxAlternatives {
			g.fail(errManyValues)
		}
		return g.err == nil
	})
	return lits
}

// apart pairs what two counts count, one instance of the left with one of the right, and leaves on each side what holds without the other: where both hold, the counts are as far apart without them. Who compares them
// has nothing to count then where each instance of one side has its counterpart on the other, as one order that is shipped is one that is paid; without, a proof would count them all.
func (g *grounder) apart(left, right []system.Lit) (more, less []system.Lit) {
	if len(left) == len(right) {
		left, right = slices.Clone(left), slices.Clone(right)
		for i, l := range left {
			left[i], right[i] = g.b.And(l, right[i].Not()), g.b.And(right[i], l.Not())
		}
	}
	return happening(left), happening(right)
}

// summands yields what a sum adds up: for each binding its term, or 0 where the condition does not hold.
func (g *grounder) summands(e *models.Expr, env *scope, yield func(term.Term)) {
	body := e.Args[0]
	where := &models.Expr{Op: models.OpTrue}
	if len(e.Args) > 1 && e.Args[1] != nil {
		where = e.Args[1]
	}
	g.each(e.Vars, where, env, false, func(env *scope) bool {
		if l := g.formula(where, env); l != system.False {
			yield(term.If(g.b, l, g.term(body, env), term.Of(term.Value{})))
		}
		return g.err == nil
	})
}
