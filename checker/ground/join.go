package ground

import (
	"slices"
	"sort"

	"github.com/vauban-verifier/vauban/checker/ground/term"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// scope binds variables to elements (or other values). Lookup is linear: there are never many.
type scope struct {
	vars []*models.Var
	vals []term.Value
}

func (e *scope) lookup(v *models.Var) (term.Value, bool) {
	if e == nil {
		return term.Value{}, false
	}
	for i := len(e.vars) - 1; i >= 0; i-- {
		if e.vars[i] == v {
			return e.vals[i], true
		}
	}
	return term.Value{}, false
}

func (e *scope) element(v *models.Var) *models.Element {
	x, _ := e.lookup(v)
	return x.Element
}

func (e *scope) push(v *models.Var, x term.Value) {
	e.vars = append(e.vars, v)
	e.vals = append(e.vals, x)
}

func (e *scope) pop() {
	e.vars = e.vars[:len(e.vars)-1]
	e.vals = e.vals[:len(e.vals)-1]
}

// conjuncts flattens nested conjunctions.
func conjuncts(e *models.Expr, out []*models.Expr) []*models.Expr {
	if e.Op == models.OpAnd {
		for _, a := range e.Args {
			out = conjuncts(a, out)
		}
		return out
	}
	return append(out, e)
}

// bindStep binds one variable of a join.
type bindStep struct {
	v        *models.Var
	proposer *models.Expr   // the condition that proposes its candidates; nil: all of its kind
	checks   []*models.Expr // static conditions that can be evaluated once it is bound
}

// join calls yield with every binding of the variables under which no static conjunct is false, in a fixed order. It stops when
// yield returns false.
func (g *Grounding) join(vars []*models.Var, conds []*models.Expr, yield func(*scope) bool) {
	steps := g.plan(vars, conds)
	e := &scope{}
	var bind func(depth int) bool
	bind = func(depth int) bool {
		if depth == len(steps) {
			return yield(e)
		}
		s := &steps[depth]
		for _, x := range g.candidates(s.v, s.proposer, e) {
			if !g.goOn() {
				return false
			}
			if x.Flow != nil && x.Flow.Blocked {
				continue // nothing passes over a blocked flow, so no threat uses it
			}
			e.push(s.v, term.Value{Element: x})
			ok := true
			for _, c := range s.checks {
				if g.formula(c, e) == system.False {
					ok = false
					break
				}
			}
			if ok && !bind(depth+1) {
				return false
			}
			e.pop()
		}
		return true
	}
	bind(0)
}

// plan orders the variables so that each is proposed by as few candidates as possible, and tells which static conjuncts can be checked once
// each of them is bound.
func (g *Grounding) plan(vars []*models.Var, conds []*models.Expr) (steps []bindStep) {
	bound := &scope{}
	checked := make([]bool, len(conds))
	left := append([]*models.Var(nil), vars...)
	for len(left) > 0 {
		best, bestCost := 0, 1<<60
		var by *models.Expr
		for i, v := range left {
			p, cost := proposer(v, conds, bound)
			if p == nil {
				cost = 8 * len(g.Model.Design.Of(v.Type.Kind))
			}
			if cost < bestCost {
				best, bestCost, by = i, cost, p
			}
		}
		s := bindStep{v: left[best], proposer: by}
		left = append(left[:best:best], left[best+1:]...)
		bound.push(s.v, term.Value{})
		for i, c := range conds {
			if !checked[i] && isStatic(c) && allBound(freeVars(c, nil), vars, bound) {
				checked[i] = true
				s.checks = append(s.checks, c)
			}
		}
		steps = append(steps, s)
	}
	return steps
}

// proposer returns the condition that restricts v most once the bound variables are known, or nil.
func proposer(v *models.Var, conds []*models.Expr, bound *scope) (best *models.Expr, bestCost int) {
	for _, c := range conds {
		if k, ok := proposes(c, v, bound, false); ok && (best == nil || k < bestCost) {
			best, bestCost = c, k
		}
	}
	return best, bestCost
}

func contains(vs []*models.Var, v *models.Var) bool { return slices.Contains(vs, v) }

// allBound reports whether each of vs that is one of the variables of the join is bound.
func allBound(vs, join []*models.Var, bound *scope) bool {
	for _, v := range vs {
		if _, ok := bound.lookup(v); !ok && contains(join, v) {
			return false
		}
	}
	return true
}

// freeVars returns the variables of an expression that it does not bind itself.
func freeVars(e *models.Expr, out []*models.Var) []*models.Var {
	if e.Op == models.OpVar && !contains(out, e.Var) {
		out = append(out, e.Var)
	}
	for _, a := range e.Args {
		if a == nil {
			continue
		}
		for _, v := range freeVars(a, nil) {
			if !contains(out, v) && !contains(e.Vars, v) {
				out = append(out, v)
			}
		}
	}
	return out
}

// isStatic reports whether a formula depends on nothing but the design: no fact, and no control.
func isStatic(e *models.Expr) bool {
	switch e.Op {
	case models.OpPredicate, models.OpFact, models.OpState, models.OpKnowsValue, models.OpHas:
		return false
	case models.OpStores:
		if e.Control != nil {
			return false
		}
	}
	for _, a := range e.Args {
		if a != nil && !isStatic(a) {
			return false
		}
	}
	return true
}

// isVar reports whether e is the variable v itself.
func isVar(e *models.Expr, v *models.Var) bool { return e.Op == models.OpVar && e.Var == v }

// known reports whether a term can be evaluated with the bound variables. A term with variables of its own never proposes.
func known(e *models.Expr, bound *scope) bool {
	if e.Op == models.OpVar {
		_, ok := bound.lookup(e.Var)
		return ok
	}
	if len(e.Vars) > 0 {
		return false
	}
	for _, a := range e.Args {
		if a != nil && !known(a, bound) {
			return false
		}
	}
	return true
}

// lookedUp is the cost at most of what a static define proposes.
const lookedUp = 24

// proposes tells whether a condition (or, negated, its complement) restricts v to few candidates once the bound variables are known,
// and a rough cost.
func proposes(c *models.Expr, v *models.Var, bound *scope, negated bool) (cost int, ok bool) {
	switch c.Op {
	case models.OpNot:
		return proposes(c.Args[0], v, bound, !negated)
	case models.OpAnd, models.OpOr, models.OpImplies:
		return proposesConnective(c, v, bound, negated)
	}
	switch {
	case c.Op == models.OpDefined:
		cost, ok = proposes(c.Args[0], v, bound, negated)
		if !negated && len(c.Define.Params) > 1 && c.Define.Static() {
			cost = min(cost, lookedUp) // what its other arguments lead to is worked out once
		}
		return cost, ok
	case c.Op == models.OpExists && !negated, c.Op == models.OpForall && negated:
		return proposesSome(c, v, bound, negated)
	case negated:
		return 0, false
	}
	switch c.Op {
	case models.OpClosure:
		for i := range 2 {
			if isVar(c.Args[i], v) && known(c.Args[1-i], bound) {
				return 12, true
			}
		}
	case models.OpEq:
		for i := range 2 {
			x, y := c.Args[i], c.Args[1-i]
			if isVar(x, v) && known(y, bound) {
				return 1, true
			}
			if (x.Op == models.OpSource || x.Op == models.OpTarget) && isVar(x.Args[0], v) && known(y, bound) {
				return 6, true
			}
		}
	case models.OpIn, models.OpStores, models.OpHandles, models.OpCarries, models.OpReturns, models.OpThrough,
		models.OpAccepts, models.OpAuthenticated, models.OpRunsOn, models.OpRelation:
		x, y := c.Args[0], c.Args[1]
		if isVar(y, v) && known(x, bound) {
			return 2, true
		}
		if isVar(x, v) && known(y, bound) {
			return 6, true
		}
	}
	return 0, false
}

func proposesConnective(c *models.Expr, v *models.Var, bound *scope, negated bool) (cost int, ok bool) {
	// A conjunction needs one side that proposes, a disjunction all; a negation swaps the two.
	conjunction := (c.Op == models.OpAnd) != negated
	cost = -1
	for i, a := range c.Args {
		n := negated
		if c.Op == models.OpImplies && i == 0 {
			n = !n
		}
		k, ok := proposes(a, v, bound, n)
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

// candidates returns the elements of v's kind that satisfy the proposer, or all of the kind when there is none: a superset of those that
// can satisfy all the conditions, ascending by ID and without duplicates.
func (g *Grounding) candidates(v *models.Var, proposer *models.Expr, e *scope) []*models.Element {
	if proposer == nil {
		return g.Model.Design.Of(v.Type.Kind)
	}
	out := sortedElements(g.propose(proposer, v, e, false, nil))
	kept := out[:0]
	for _, x := range out {
		if x.Is(v.Type.Kind) {
			kept = append(kept, x)
		}
	}
	return kept
}

func sortedElements(list []*models.Element) []*models.Element {
	if len(list) < 2 {
		return list
	}
	sort.Slice(list, func(i, j int) bool { return list[i].ID < list[j].ID })
	out := list[:1]
	for _, x := range list[1:] {
		if x != out[len(out)-1] {
			out = append(out, x)
		}
	}
	return out
}

// propose collects what [proposes] promised.
func (g *Grounding) propose(c *models.Expr, v *models.Var, e *scope, negated bool, out []*models.Element) []*models.Element {
	switch c.Op {
	case models.OpNot:
		return g.propose(c.Args[0], v, e, !negated, out)
	case models.OpAnd, models.OpOr, models.OpImplies:
		conjunction := (c.Op == models.OpAnd) != negated
		best, bestCost := -1, 1<<60
		sign := func(i int) bool { return negated != (c.Op == models.OpImplies && i == 0) }
		for i, a := range c.Args {
			k, ok := proposes(a, v, e, sign(i))
			if !conjunction {
				out = g.propose(a, v, e, sign(i), out)
			} else if ok && k < bestCost {
				best, bestCost = i, k
			}
		}
		if conjunction {
			out = g.propose(c.Args[best], v, e, sign(best), out)
		}
		return out
	case models.OpDefined:
		if !negated {
			if list, ok := g.argument(c, v, e); ok {
				return append(out, list...)
			}
		}
		return g.propose(c.Args[0], v, e, negated, out)
	case models.OpExists, models.OpForall:
		return g.proposeSome(c, c.Vars, v, e, negated, out)
	case models.OpClosure:
		for i := range 2 {
			if isVar(c.Args[i], v) && known(c.Args[1-i], e) {
				for _, x := range g.values(c.Args[1-i], e, nil) {
					list, _ := g.closure(c.Define, x, i == 0)
					out = append(out, list...)
				}
				return out
			}
		}
	case models.OpEq:
		for i := range 2 {
			x, y := c.Args[i], c.Args[1-i]
			if isVar(x, v) && known(y, e) {
				return g.values(y, e, out)
			}
			if (x.Op == models.OpSource || x.Op == models.OpTarget) && isVar(x.Args[0], v) && known(y, e) {
				for _, end := range g.values(y, e, nil) {
					if x.Op == models.OpSource {
						out = append(out, g.index.from[end]...)
					} else {
						out = append(out, g.index.to[end]...)
					}
				}
				return out
			}
		}
	}
	if isVar(c.Args[1], v) && known(c.Args[0], e) {
		for _, x := range g.values(c.Args[0], e, nil) {
			out = append(out, related(c, x)...)
		}
		return out
	}
	for _, y := range g.values(c.Args[1], e, nil) {
		out = append(out, g.index.reverse(c, y)...)
	}
	return out
}

// values evaluates a term to the elements that it may be.
func (g *Grounding) values(t *models.Expr, e *scope, out []*models.Element) []*models.Element {
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
	case models.OpRelation:
		return x.Relations[c.Relation]
	}
	if x.Flow == nil {
		return nil
	}
	switch c.Op {
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

// indexes are the relations of the design, read backwards.
type indexes struct {
	design   *models.Design
	from, to map[*models.Element][]*models.Element
	back     map[relationKey]map[*models.Element][]*models.Element
}

type relationKey struct {
	op       models.Op
	relation *models.Relation
}

func newIndexes(d *models.Design) *indexes {
	ix := &indexes{
		design: d, from: map[*models.Element][]*models.Element{}, to: map[*models.Element][]*models.Element{},
		back: map[relationKey]map[*models.Element][]*models.Element{},
	}
	for _, x := range d.Elements {
		if x.Flow != nil {
			ix.from[x.Flow.Source] = append(ix.from[x.Flow.Source], x)
			ix.to[x.Flow.Target] = append(ix.to[x.Flow.Target], x)
		}
	}
	return ix
}

// reverse returns the elements x for which the atom c holds of x and y.
func (ix *indexes) reverse(c *models.Expr, y *models.Element) []*models.Element {
	k := relationKey{c.Op, c.Relation}
	m := ix.back[k]
	if m == nil {
		m = map[*models.Element][]*models.Element{}
		for _, x := range ix.design.Elements {
			for _, to := range related(c, x) {
				m[to] = append(m[to], x)
			}
		}
		ix.back[k] = m
	}
	return m[y]
}
