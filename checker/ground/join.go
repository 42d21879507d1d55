package ground

import (
	"math"
	"math/bits"
	"slices"

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
	e.shrink(len(e.vars) - 1)
}

// shrink forgets what was pushed since there were so many.
func (e *scope) shrink(n int) { e.vars, e.vals = e.vars[:n], e.vals[:n] }

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
	v         *models.Var
	at        int            // among the variables of the join
	proposers []*models.Expr // the conditions that propose its candidates, the likely best first; none: all of its kind
	checks    []*models.Expr // static conditions that can be evaluated once it is bound
	tries
}

// tries are what it costs to find out by collecting them whether there are fewer candidates elsewhere, and what that is good for.
type tries struct {
	looked int // elements
	won    int // fewer candidates
}

// pay reports whether to go on with it.
func (t *tries) pay() bool { return t.looked <= t.won+maxLooks }

// join calls yield with every binding of the variables under which no static conjunct is false, in an order that the design decides. It stops when
// yield returns false.
func (g *grounder) join(vars []*models.Var, conds []*models.Expr, yield func(*scope) bool) {
	g.search(vars, conds, -1, yield)
}

// search is a join that gives up after a number of candidates, unless that is negative. It reports whether it came to its end, or to yield's.
func (g *grounder) search(vars []*models.Var, conds []*models.Expr, limit int, yield func(*scope) bool) (done bool) {
	done = true
	p := &planner{g: g, vars: vars, conds: conds, plans: map[uint64]*plan{}, last: make([]*plan, len(vars)+1)}
	for _, c := range conds {
		if isStatic(c) {
			p.checks = append(p.checks, check{c, freeVars(c, nil)})
		}
	}
	for _, v := range vars {
		for _, c := range conds {
			if len(g.design.Of(v.Type.Kind)) < soonTried {
				continue // soon gone through
			}
			if r := g.rare(c, v); r.few && len(r.all) == 0 {
				return true // no element meets the condition, whatever the others are
			}
		}
	}
	e := &scope{}
	var bind func(bound uint64) bool
	bind = func(bound uint64) bool {
		if bound == 1<<len(vars)-1 {
			return yield(e)
		}
		s, list := p.next(bound, e)
		for _, x := range list {
			if !g.goOn() {
				return false
			}
			if x.Flow != nil && x.Flow.Blocked {
				continue // nothing passes over a blocked flow, so no threat uses it
			}
			if limit == 0 {
				done = false
				return false
			}
			limit--
			e.push(s.v, term.Value{Element: x})
			ok := true
			for _, c := range s.checks {
				if g.formula(c, e) == system.False {
					ok = false
					break
				}
			}
			if ok && !bind(bound|1<<s.at) {
				return false
			}
			e.pop()
		}
		s.giveBack(g, list)
		return true
	}
	bind(0)
	return done
}

// planner says in which order the variables of a join are bound.
type planner struct {
	g      *grounder
	vars   []*models.Var
	conds  []*models.Expr
	checks []check          // those of conds that are static
	plans  map[uint64]*plan // by set of bound variables
	last   []*plan          // by how many are bound: the one that was asked for last
}

// check is a static condition, with the variables that it does not bind itself.
type check struct {
	cond *models.Expr
	free []*models.Var
}

// plan is what can be bound next.
type plan struct {
	bound uint64     // what is bound already
	best  int        // the variable that is likely to have the fewest candidates
	steps []bindStep // by variable that is not bound
}

// plan orders the variables so that each is proposed by as few candidates as possible, and tells which static conjuncts can be checked once
// each of them is bound.
func (p *planner) plan(bound uint64) *plan {
	last := &p.last[bits.OnesCount64(bound)]
	if *last != nil && (*last).bound == bound {
		return *last
	}
	if at := p.plans[bound]; at != nil {
		*last = at
		return at
	}
	at := &plan{bound: bound, steps: make([]bindStep, len(p.vars))}
	p.plans[bound], *last = at, at
	has := &scope{}
	for i, v := range p.vars {
		if bound>>i&1 == 1 {
			has.push(v, term.Value{})
		}
	}
	least := math.Inf(1)
	for i, v := range p.vars {
		if bound>>i&1 == 1 {
			continue
		}
		by, cost := p.width(v, has)
		if rest := p.cost(bound|1<<i, has, v); float64(max(cost, 1))*(1+rest) < least {
			at.best, least = i, float64(max(cost, 1))*(1+rest)
		}
		s := &at.steps[i]
		s.v, s.at, s.proposers = v, i, by
		has.push(v, term.Value{})
		for _, c := range p.checks {
			if allBound(c.free, p.vars, has) && (contains(c.free, v) || bound == 0 && len(c.free) == 0) {
				s.checks = append(s.checks, c.cond)
			}
		}
		has.pop()
	}
	return at
}

// width returns about how many candidates a variable has, and what proposes them.
func (p *planner) width(v *models.Var, bound *scope) (by []*models.Expr, n int) {
	if by, n = p.g.proposers(v, p.conds, bound); len(by) == 0 {
		n = len(p.g.design.Of(v.Type.Kind))
	}
	return by, n
}

// ahead is the largest number of variables of which all orders are looked at.
const ahead = 5

// cost returns about how many bindings are tried for each binding of some variables, the last of which is v, in the best order of the others.
func (p *planner) cost(bound uint64, has *scope, v *models.Var) float64 {
	if len(p.vars) > ahead {
		return 0
	}
	has.push(v, term.Value{})
	defer has.pop()
	least := -1.0
	for i, w := range p.vars {
		if bound>>i&1 == 1 {
			continue
		}
		_, n := p.width(w, has)
		if c := float64(max(n, 1)) * (1 + p.cost(bound|1<<i, has, w)); least < 0 || c < least {
			least = c
		}
	}
	return max(least, 0)
}

// many is how many candidates are too many to take them without a look at the other variables.
const many = 32

// maxLooks is how many elements are looked at for another variable's candidates that turn out to be no fewer, and so for nothing.
const maxLooks = 1 << 12

// next returns the variable to bind next, with its candidates under the binding so far: the one that is planned, unless it has many and another one
// has far fewer here.
func (p *planner) next(bound uint64, e *scope) (step *bindStep, list []*models.Element) {
	plan := p.plan(bound)
	at := plan.best
	step = &plan.steps[at]
	if list = p.g.candidates(step, e); len(list) <= many {
		return step, list
	}
	least := len(list) / 2
	for i := range plan.steps {
		s := &plan.steps[i]
		for _, c := range s.proposers {
			if n, ok := p.g.size(c, s.v, e, false); ok && n < least {
				at, least = i, n
			}
		}
	}
	if at != plan.best {
		step.giveBack(p.g, list)
		step = &plan.steps[at]
		list = p.g.candidates(step, e)
	}
	if least <= many {
		return step, list
	}
	for i := range plan.steps {
		s := &plan.steps[i]
		if s == step || len(s.proposers) == 0 || !s.pay() {
			continue
		}
		before := p.g.looked
		found := p.g.candidates(s, e)
		s.looked += p.g.looked - before
		if len(found) < len(list)/2 {
			s.won += len(list) - len(found)
			s, step, list, found = step, s, found, list
		}
		s.giveBack(p.g, found)
	}
	return step, list
}

// giveBack takes candidates back that nobody needs any more.
func (s *bindStep) giveBack(g *grounder, candidates []*models.Element) {
	if len(s.proposers) > 0 { // else they are all of a kind, which is the design's list
		g.giveBack(candidates)
	}
}

// proposers returns the conditions that restrict v once the bound variables are known, the one that restricts it most first, and the cost of that.
func (g *grounder) proposers(v *models.Var, conds []*models.Expr, bound *scope) (all []*models.Expr, cost int) {
	for _, c := range conds {
		k, ok := g.proposes(c, v, bound, false)
		switch {
		case !ok:
		case len(all) == 0 || k < cost:
			all, cost = append([]*models.Expr{c}, all...), k
		default:
			all = append(all, c)
		}
	}
	return all, cost
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
	case models.OpDefined:
		if e.Define.Asks {
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
	if len(e.Vars) > 0 || e.Op == models.OpDefined && e.Define.Binds {
		return false
	}
	for _, a := range e.Args {
		if a != nil && !known(a, bound) {
			return false
		}
	}
	return true
}
