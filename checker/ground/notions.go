package ground

import (
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/checker/ground/term"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// maxPairs bounds the pairs of all closures of a design.
const maxPairs = 1 << 24

// tables are what the defines of a catalogue come to in a design: filled where they are asked for, and never twice.
type tables struct {
	static  map[*models.Define]bool
	true    map[tupleKey]bool              // of static defines, for all arguments
	others  map[otherKey][]*models.Element // of static defines: what the one argument may be that is not given
	reached map[reachedKey]map[*models.Element]bool
	listed  map[reachedKey][]*models.Element
	pairs   int
}

type tupleKey struct {
	define *models.Define
	args   [3]*models.Element
}

type otherKey struct {
	tupleKey
	at int
}

type reachedKey struct {
	define *models.Define
	from   *models.Element
	back   bool
}

func newTables() *tables {
	return &tables{
		static: map[*models.Define]bool{}, true: map[tupleKey]bool{}, others: map[otherKey][]*models.Element{},
		reached: map[reachedKey]map[*models.Element]bool{}, listed: map[reachedKey][]*models.Element{},
	}
}

// tabled reports whether the truth of a use of a define is looked up: it is fixed by the design, and not cheaper to work out.
func (g *Grounding) tabled(d *models.Define) bool {
	is, known := g.tables.static[d]
	if !known {
		quantified := false
		d.Body.Walk(func(x *models.Expr) bool {
			quantified = quantified || len(x.Vars) > 0 || x.Op == models.OpClosure
			return !quantified
		})
		is = d.Static() && quantified && len(d.Params) <= len(tupleKey{}.args)
		g.tables.static[d] = is
	}
	return is
}

// defined grounds a use of a define.
func (g *Grounding) defined(e *models.Expr, env *scope) system.Lit {
	if !g.tabled(e.Define) {
		return g.formula(e.Args[0], env)
	}
	args, ok := g.fixed(e.Actual, env)
	if !ok {
		return g.formula(e.Args[0], env)
	}
	return constant(g.holds(e.Define, args))
}

// holds reports whether a static define is true of elements.
func (g *Grounding) holds(d *models.Define, args []*models.Element) bool {
	k := tupleKey{define: d}
	env := &scope{}
	for i, p := range d.Params {
		if !args[i].Is(p.Type.Kind) {
			return false
		}
		k.args[i] = args[i]
		env.push(p, term.Value{Element: args[i]})
	}
	is, known := g.tables.true[k]
	if !known {
		is = g.formula(d.Body, env) == system.True
		g.tables.true[k] = is
	}
	return is
}

// argument returns what a variable may be that is one argument of a static define whose others are known. It is not ok where that is not so.
func (g *Grounding) argument(e *models.Expr, v *models.Var, env *scope) ([]*models.Element, bool) {
	if !g.tabled(e.Define) {
		return nil, false
	}
	k := otherKey{tupleKey: tupleKey{define: e.Define}, at: -1}
	inner := &scope{}
	for i, a := range e.Actual {
		if isVar(a, v) && k.at < 0 {
			k.at = i
			continue
		}
		if !known(a, env) {
			return nil, false
		}
		x, ok := g.fixed([]*models.Expr{a}, env)
		if !ok {
			return nil, false
		}
		k.args[i] = x[0]
		if !x[0].Is(e.Define.Params[i].Type.Kind) {
			return nil, true
		}
		inner.push(e.Define.Params[i], term.Value{Element: x[0]})
	}
	if k.at < 0 {
		return nil, false
	}
	if list, known := g.tables.others[k]; known {
		return list, true
	}
	p := e.Define.Params[k.at]
	if _, ok := g.proposes(e.Define.Body, p, inner, false); !ok {
		return nil, false
	}
	var list []*models.Element
	for _, x := range sortedElements(g.propose(e.Define.Body, p, inner, false, nil)) {
		args := k.args
		args[k.at] = x
		if x.Is(p.Type.Kind) && g.holds(e.Define, args[:len(e.Define.Params)]) {
			list = append(list, x)
		}
	}
	g.tables.others[k] = list
	return list, true
}

// closure returns what the steps of a closure lead to from an element, or, back, what they lead to it from: in order, and as a set.
func (g *Grounding) closure(d *models.Define, from *models.Element, back bool) ([]*models.Element, map[*models.Element]bool) {
	k := reachedKey{d, from, back}
	if set, ok := g.tables.reached[k]; ok {
		return g.tables.listed[k], set
	}
	set := map[*models.Element]bool{}
	queue := []*models.Element{from}
	for len(queue) > 0 && g.err == nil {
		at := queue[0]
		queue = queue[1:]
		for _, to := range g.step(d, at, back) {
			if !set[to] {
				set[to] = true
				queue = append(queue, to)
				if g.tables.pairs++; g.tables.pairs > maxPairs {
					g.fail(fmt.Errorf("%w: the closure %q has more than %d pairs", ErrTooLarge, d.Name, maxPairs))
				}
			}
		}
	}
	list := make([]*models.Element, 0, len(set))
	for x := range set {
		list = append(list, x)
	}
	list = sortedElements(list)
	g.tables.reached[k], g.tables.listed[k] = set, list
	return list, set
}

// step returns what one step of a closure leads to from an element, or to it from.
func (g *Grounding) step(d *models.Define, at *models.Element, back bool) []*models.Element {
	from, to := d.Params[0], d.Params[1]
	if back {
		from, to = to, from
	}
	if !at.Is(from.Type.Kind) {
		return nil
	}
	env := &scope{}
	env.push(from, term.Value{Element: at})
	var out []*models.Element
	g.each([]*models.Var{to}, d.Step, env, false, func(inner *scope) bool {
		if g.formula(d.Step, inner) == system.True {
			out = append(out, inner.element(to))
		}
		return g.err == nil
	})
	return out
}

// closes reports whether a closure leads from one element to another.
func (g *Grounding) closes(e *models.Expr, env *scope) system.Lit {
	var any []system.Lit
	g.elements(e.Args, env, func(args []*models.Element, when system.Lit) {
		if args[0] == nil || args[1] == nil {
			return
		}
		if _, set := g.closure(e.Define, args[0], false); set[args[1]] {
			any = append(any, when)
		}
	})
	return g.b.Or(any...)
}

// proposesSome tells whether a quantified body restricts v, when its own variables are found one after the other.
func (g *Grounding) proposesSome(c *models.Expr, v *models.Var, bound *scope, negated bool) (cost int, ok bool) {
	left := slices.Clone(c.Vars)
	depth := len(bound.vars)
	defer func() { bound.vars, bound.vals = bound.vars[:depth], bound.vals[:depth] }()
	cost = 1
	for {
		if k, ok := g.proposes(c.Args[0], v, bound, negated); ok {
			return min(cost*k, 1<<20), true
		}
		i, k := g.next(c.Args[0], left, bound, negated)
		if i < 0 {
			return 0, false
		}
		cost = min(cost*k, 1<<20)
		bound.push(left[i], term.Value{})
		left = slices.Delete(left, i, i+1)
	}
}

// next returns which of the variables a body restricts most, and its cost; -1 where it restricts none.
func (g *Grounding) next(body *models.Expr, vars []*models.Var, bound *scope, negated bool) (at, cost int) {
	at = -1
	for i, w := range vars {
		if w.Type.Kind == nil {
			continue
		}
		if k, ok := g.proposes(body, w, bound, negated); ok && (at < 0 || k < cost) {
			at, cost = i, k
		}
	}
	return at, cost
}

// proposeSome collects what [proposesSome] promised.
func (g *Grounding) proposeSome(c *models.Expr, left []*models.Var, v *models.Var, e *scope, negated bool, out []*models.Element) []*models.Element {
	if _, ok := g.proposes(c.Args[0], v, e, negated); ok {
		return g.propose(c.Args[0], v, e, negated, out)
	}
	i, _ := g.next(c.Args[0], left, e, negated)
	w := left[i]
	rest := slices.Delete(slices.Clone(left), i, i+1)
	for _, x := range sortedElements(g.propose(c.Args[0], w, e, negated, nil)) {
		if x.Is(w.Type.Kind) {
			e.push(w, term.Value{Element: x})
			out = g.proposeSome(c, rest, v, e, negated, out)
			e.pop()
		}
	}
	return out
}
