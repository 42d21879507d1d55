package ground

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// lookedUp is the cost at most of what a static define proposes.
const lookedUp = 24

// proposes tells whether a condition (or, negated, its complement) restricts v to few candidates once the bound variables are known,
// and a rough cost: about how many candidates there are for one binding, where that is many.
func (g *grounder) proposes(c *models.Expr, v *models.Var, bound *scope, negated bool) (cost int, ok bool) {
	switch c.Op {
	case models.OpNot:
		return g.proposes(c.Args[0], v, bound, !negated)
	case models.OpAnd, models.OpOr, models.OpImplies:
		return g.proposesConnective(c, v, bound, negated)
	}
	switch {
	case c.Op == models.OpDefined:
		cost, ok = g.proposesUse(c, v, bound, negated)
		if !negated && len(c.Define.Params) > 1 && c.Define.Static {
			cost = min(cost, lookedUp) // what its other arguments lead to is worked out once
		}
		return cost, ok
	case c.Op == models.OpExists && !negated, c.Op == models.OpForall && negated:
		_, cost, ok = g.proposesSome(c, v, bound, negated)
		return cost, ok
	case negated:
		return 0, false
	}
	switch c.Op {
	case models.OpIs:
		if isVar(c.Args[0], v) && c.Kind.Parent != nil && c.Kind.Root().Name == models.ZoneRoot {
			return max(64, len(g.design.Of(c.Kind))), true
		}
	case models.OpClosure:
		for i := range 2 {
			if (isVar(c.Args[i], v) || endOf(c.Args[i], v)) && known(c.Args[1-i], bound) {
				return 12, true
			}
		}
	case models.OpEq:
		for i := range 2 {
			x, y := c.Args[i], c.Args[1-i]
			if isVar(x, v) && known(y, bound) {
				return 1, true
			}
			if endOf(x, v) && known(y, bound) {
				return max(6, g.index.fan(x, true)), true
			}
		}
	case models.OpIn, models.OpStores, models.OpHandles, models.OpCarries, models.OpReturns, models.OpThrough,
		models.OpAccepts, models.OpAuthenticated, models.OpRunsOn, models.OpOf, models.OpRelation:
		x, y := c.Args[0], c.Args[1]
		if isVar(y, v) && known(x, bound) {
			return max(2, g.index.fan(c, false)), true
		}
		if isVar(x, v) && known(y, bound) {
			return max(6, g.index.fan(c, true)), true
		}
		if c.Op != models.OpIn {
			for i := range 2 {
				if end := c.Args[i]; endOf(end, v) && known(c.Args[1-i], bound) {
					return max(6, g.index.fan(c, i == 0)) * max(1, g.index.fan(end, true)), true
				}
			}
		}
	}
	return 0, false
}

// restricts is [grounder.proposes] of conditions that are asked for again and again under bindings of the same variables, which is all of a binding that it depends on: it is worked out once.
func (g *grounder) restricts(c *models.Expr, v *models.Var, bound *scope, negated bool) (cost int, ok bool) {
	switch c.Op {
	case models.OpAnd, models.OpOr, models.OpImplies, models.OpExists, models.OpForall, models.OpDefined:
	case models.OpNot:
		return g.restricts(c.Args[0], v, bound, !negated)
	default: // sooner worked out than looked up
		return g.proposes(c, v, bound, negated)
	}
	r := g.restriction(c, v, bound, negated)
	return r.cost, r.ok
}

// restriction is what is known of a condition: whether it restricts a variable when others are bound, in that order.
type restriction struct {
	v       *models.Var
	bound   []*models.Var
	negated bool
	width
	by []*models.Var // of a quantifier: its variables that are found on the way, one after the other
}

// restriction says what [grounder.proposes] says, working it out once.
func (g *grounder) restriction(c *models.Expr, v *models.Var, bound *scope, negated bool) *restriction {
	for _, r := range g.tables.restrictions[c] {
		if r.v == v && r.negated == negated && slices.Equal(r.bound, bound.vars) {
			return r
		}
	}
	r := &restriction{v: v, bound: slices.Clone(bound.vars), negated: negated}
	if c.Op == models.OpExists && !negated || c.Op == models.OpForall && negated {
		r.by, r.cost, r.ok = g.proposesSome(c, v, bound, negated)
	} else {
		r.cost, r.ok = g.proposes(c, v, bound, negated)
	}
	g.tables.restrictions[c] = append(g.tables.restrictions[c], r)
	return r
}

// endOf reports whether a term is the source or the target of v.
func endOf(x *models.Expr, v *models.Var) bool {
	return (x.Op == models.OpSource || x.Op == models.OpTarget) && isVar(x.Args[0], v)
}

func (g *grounder) proposesConnective(c *models.Expr, v *models.Var, bound *scope, negated bool) (cost int, ok bool) {
	// A conjunction needs one side that proposes, a disjunction all; a negation swaps the two.
	conjunction := (c.Op == models.OpAnd) != negated
	cost = -1
	for i, a := range c.Args {
		n := negated
		if c.Op == models.OpImplies && i == 0 {
			n = !n
		}
		k, ok := g.proposes(a, v, bound, n)
		switch {
		case conjunction && ok && (cost < 0 || k < cost):
			cost = k
		case !conjunction && !ok:
			return 0, false
		case !conjunction:
			cost = max(cost, 0) + k
		}
	}
	return cost, cost >= 0
}

// candidates returns the elements of a variable's kind that satisfy one of its proposers, or all of the kind when there is none: a superset of those
// that can satisfy all the conditions, ascending by ID and without duplicates. Of several proposers it is the one that has the fewest under this binding: of
// the two ends of a flow, say, the one with fewer flows.
func (g *grounder) candidates(s *bindStep, e *scope) []*models.Element {
	if len(s.proposers) == 0 {
		return g.design.Of(s.v.Type.Kind)
	}
	by, least := s.proposers[0], -1
	if len(s.proposers) > 1 {
		for _, c := range s.proposers {
			if n, ok := g.size(c, s.v, e, false); ok && (least < 0 || n < least) {
				by, least = c, n
			}
		}
	}
	return ofKind(s.v.Type.Kind, g.proposed(by, s.v, e, false))
}

// ofKind leaves those of a list that are of a kind.
func ofKind(k *models.Kind, list []*models.Element) []*models.Element {
	return slices.DeleteFunc(list, func(x *models.Element) bool { return !x.Is(k) })
}

// size returns how many candidates a condition that proposes has under a binding, where an index tells that without collecting them.
func (g *grounder) size(c *models.Expr, v *models.Var, e *scope, negated bool) (n int, ok bool) {
	switch c.Op {
	case models.OpNot:
		return g.size(c.Args[0], v, e, !negated)
	case models.OpAnd, models.OpOr, models.OpImplies:
		return g.sizeOfConnective(c, v, e, negated)
	case models.OpDefined:
		if !negated {
			list, ok := g.argument(c, v, e)
			return len(list), ok
		}
	}
	if negated || len(c.Args) != 2 {
		return 0, false
	}
	for i := range 2 {
		x, y := c.Args[i], c.Args[1-i]
		back := c // the relation whose reverse leads to v
		switch {
		case !known(y, e):
			continue
		case c.Op == models.OpEq && isVar(x, v):
			return 1, true
		case c.Op == models.OpEq && endOf(x, v):
			back = x
		case c.Op == models.OpEq, c.Op == models.OpClosure, !isVar(x, v):
			continue
		case i == 1:
			back = nil
		}
		mark := len(g.args)
		g.args = g.values(y, e, g.args)
		for _, z := range g.args[mark:] {
			if back == nil {
				n += len(related(c, z))
			} else {
				n += len(g.index.reverse(back, z))
			}
		}
		g.args = g.args[:mark]
		return n, true
	}
	return 0, false
}

// sizeOfConnective returns the least of what the sides of a conjunction propose, and the sum of those of a disjunction.
func (g *grounder) sizeOfConnective(c *models.Expr, v *models.Var, e *scope, negated bool) (n int, ok bool) {
	conjunction := (c.Op == models.OpAnd) != negated
	for i, a := range c.Args {
		sign := negated != (c.Op == models.OpImplies && i == 0)
		k, known := 0, false
		if _, proposes := g.restricts(a, v, e, sign); proposes {
			k, known = g.size(a, v, e, sign)
		}
		switch {
		case !conjunction && !known:
			return 0, false
		case !conjunction:
			n, ok = n+k, true
		case known && (!ok || k < n):
			n, ok = k, true
		}
	}
	return n, ok
}

func byID(a, b *models.Element) int { return a.ID - b.ID }

func sortedElements(list []*models.Element) []*models.Element {
	if len(list) < 2 {
		return list
	}
	slices.SortFunc(list, byID)
	return slices.Compact(list)
}

// fails reports whether a formula without free variables, or negated its complement, is false.
func (g *grounder) fails(c *models.Expr, e *scope, negated bool) bool {
	if negated {
		return g.formula(c, e) == system.True
	}
	return g.formula(c, e) == system.False
}

// proposed returns what a condition proposes, in order, each once. The list may be given back.
func (g *grounder) proposed(c *models.Expr, v *models.Var, e *scope, negated bool) []*models.Element {
	var list []*models.Element
	if n := len(g.lists); n > 0 {
		list, g.lists = g.lists[n-1], g.lists[:n-1]
	}
	list = g.propose(c, v, e, negated, list)
	g.looked += len(list)
	return sortedElements(list)
}

// giveBack takes a list back that was [grounder.proposed], for the next one.
func (g *grounder) giveBack(list []*models.Element) {
	if cap(list) > 0 {
		g.lists = append(g.lists, list[:0])
	}
}

// propose collects what [proposes] promised.
func (g *grounder) propose(c *models.Expr, v *models.Var, e *scope, negated bool, out []*models.Element) []*models.Element {
	switch c.Op {
	case models.OpNot:
		return g.propose(c.Args[0], v, e, !negated, out)
	case models.OpAnd, models.OpOr, models.OpImplies:
		conjunction := (c.Op == models.OpAnd) != negated
		best, bestCost := -1, 1<<60
		sign := func(i int) bool { return negated != (c.Op == models.OpImplies && i == 0) }
		for i, a := range c.Args {
			if conjunction && known(a, e) && isStatic(a) && g.fails(a, e, sign(i)) {
				return out // whatever v is
			}
			if conjunction && !sign(i) {
				if r := g.rare(a, v); r.few && (r.related || len(g.design.Of(v.Type.Kind)) >= soonTried) {
					return append(out, r.all...)
				}
			}
			k, ok := g.restricts(a, v, e, sign(i))
			if !conjunction {
				out = g.propose(a, v, e, sign(i), out)
			} else if ok {
				if n, exact := g.size(a, v, e, sign(i)); exact {
					k = n
				}
				if k < bestCost {
					best, bestCost = i, k
				}
			}
		}
		if conjunction {
			n := len(g.ends)
			if v.Type.Kind.Root().Name == models.FlowRoot {
				for i, a := range c.Args {
					if op := g.end(a, v); i != best && op != models.OpTrue {
						g.ends = append(g.ends, atEnd{a, sign(i), v, op, e})
					}
				}
			}
			out = g.proposeFewest(c, best, v, e, sign, out)
			g.ends = g.ends[:n]
		}
		return out
	case models.OpDefined:
		if !negated {
			if list, ok := g.argument(c, v, e); ok {
				return append(out, list...)
			}
		}
		return g.proposeUse(c, v, e, negated, out)
	case models.OpExists, models.OpForall:
		return g.proposeSome(c, g.restriction(c, v, e, negated).by, v, e, negated, out)
	case models.OpIs:
		return append(out, g.design.Of(c.Kind)...)
	case models.OpClosure:
		for i := range 2 {
			if (isVar(c.Args[i], v) || endOf(c.Args[i], v)) && known(c.Args[1-i], e) {
				mark := len(g.args)
				g.args = g.values(c.Args[1-i], e, g.args)
				for _, x := range g.args[mark:] {
					out = g.ending(c.Args[i], v, g.closure(c.Define, x, i == 0), out)
				}
				g.args = g.args[:mark]
				return out
			}
		}
	case models.OpEq:
		for i := range 2 {
			x, y := c.Args[i], c.Args[1-i]
			if isVar(x, v) && known(y, e) {
				return g.values(y, e, out)
			}
			if endOf(x, v) && known(y, e) {
				mark := len(g.args)
				g.args = g.values(y, e, g.args)
				out = g.ending(x, v, g.args[mark:], out)
				g.args = g.args[:mark]
				return out
			}
		}
	}
	mark := len(g.args)
	if (isVar(c.Args[1], v) || endOf(c.Args[1], v)) && known(c.Args[0], e) {
		g.args = g.values(c.Args[0], e, g.args)
		for _, x := range g.args[mark:] {
			out = g.ending(c.Args[1], v, related(c, x), out)
		}
	} else {
		g.args = g.values(c.Args[1], e, g.args)
		for _, y := range g.args[mark:] {
			out = g.ending(c.Args[0], v, g.index.reverse(c, y), out)
		}
	}
	g.args = g.args[:mark]
	return out
}

// ending adds elements to the candidates of v, or, where a term is an end of v, the flows of which they are that end.
func (g *grounder) ending(x *models.Expr, v *models.Var, list, out []*models.Element) []*models.Element {
	if isVar(x, v) {
		return append(out, list...)
	}
	for _, end := range list {
		if flows := g.index.reverse(x, end); len(flows) < 3 || !g.refused(x.Op, v, flows[0]) {
			out = append(out, flows...)
		}
	}
	return out
}

// values evaluates a term to the elements that it may be.
func (g *grounder) values(t *models.Expr, e *scope, out []*models.Element) []*models.Element {
	if x, plain := g.plain(t, e); plain {
		if x != nil {
			out = append(out, x)
		}
		return out
	}
	for v := range g.term(t, e).All() {
		if v.Element != nil {
			out = append(out, v.Element)
		}
	}
	return out
}

// related returns the elements y for which the atom c holds of x and y.
func related(c *models.Expr, x *models.Element) []*models.Element {
	switch c.Op {
	case models.OpIn:
		return x.Around()
	case models.OpStores:
		out := make([]*models.Element, len(x.Stores))
		for i, s := range x.Stores {
			out[i] = s.Data
		}
		return out
	case models.OpHandles:
		return x.Handles
	case models.OpAccepts:
		return x.Accepts
	case models.OpRunsOn:
		return x.RunsOn
	case models.OpOf:
		if x.Of == nil {
			return nil
		}
		return []*models.Element{x.Of}
	case models.OpRelation:
		return x.Relations[c.Relation]
	}
	if x.Flow == nil {
		return nil
	}
	switch c.Op {
	case models.OpSource:
		return []*models.Element{x.Flow.Source}
	case models.OpTarget:
		return []*models.Element{x.Flow.Target}
	case models.OpCarries:
		return x.Flow.Carries
	case models.OpReturns:
		return x.Flow.Returns
	case models.OpThrough:
		return x.Flow.Through
	case models.OpAuthenticated:
		return x.Flow.Authenticated
	}
	return nil
}
