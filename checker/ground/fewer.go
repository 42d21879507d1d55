package ground

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/ground/term"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// How conditions propose fewer elements where many share one: a hub. What they are to propose is all that they may be true of; what is left out here, some condition would have refused.

// proposeFewest proposes by one side of a conjunction, or, if that has many, by another one of which it is not known how many it has, if these are far fewer.
func (g *grounder) proposeFewest(c *models.Expr, best int, v *models.Var, e *scope, sign func(int) bool, out []*models.Element) []*models.Element {
	t := g.tables.tries[c]
	if t == nil {
		t = &tries{}
		g.tables.tries[c] = t
	}
	n := len(out)
	out = g.propose(c.Args[best], v, e, sign(best), out)
	for i, a := range c.Args {
		if i == best || len(out)-n <= many || !t.pay() {
			continue
		}
		if _, ok := g.restricts(a, v, e, sign(i)); !ok {
			continue
		}
		if _, exact := g.size(a, v, e, sign(i)); exact {
			continue
		}
		before := g.looked
		other := g.proposed(a, v, e, sign(i))
		t.looked += g.looked - before
		if len(other) < (len(out)-n)/2 {
			t.won += len(out) - n - len(other)
			out = append(out[:n], other...)
		}
		g.giveBack(other)
	}
	return out
}

// held is what a condition proposes where an index or a table holds just that, in order: whoever goes through it may stop early, and nobody has copied the rest. It is not ok where some other condition may
// propose fewer.
func (g *grounder) held(c *models.Expr, v *models.Var, e *scope, negated bool) (list []*models.Element, ok bool) {
	if negated {
		return nil, false
	}
	switch c.Op {
	case models.OpAnd:
		for _, a := range c.Args {
			if _, proposes := g.restricts(a, v, e, false); !proposes {
				continue
			}
			of, known := g.held(a, v, e, false)
			if !known {
				return nil, false
			}
			if !ok || len(of) < len(list) {
				list, ok = of, true
			}
		}
		return list, ok
	case models.OpDefined:
		return g.argument(c, v, e)
	case models.OpEq:
		for i, x := range c.Args {
			if y := c.Args[1-i]; endOf(x, v) && known(y, e) {
				if z, plain := g.plain(y, e); plain && z != nil {
					return g.index.reverse(x, z), true
				}
			}
		}
	}
	return nil, false
}

// endKey is a condition on a flow.
type endKey struct {
	cond *models.Expr
	v    *models.Var
}

// atEnd is a condition on a flow that has to be met, or, negated, not to be met, and that is about one end of it: what it is of one flow, it is of all that have this end.
type atEnd struct {
	cond    *models.Expr
	negated bool
	v       *models.Var
	end     models.Op // OpSource or OpTarget
	e       *scope
}

// end returns the end of a flow, OpSource or OpTarget, that is all that a static condition says of it, and OpTrue where there is no such end.
func (g *grounder) end(c *models.Expr, v *models.Var) models.Op {
	k := endKey{c, v}
	op, known := g.tables.ends[k]
	if !known {
		if op = models.OpTrue; isStatic(c) {
			op, _ = onlyEnd(c, v, op)
		}
		g.tables.ends[k] = op
	}
	return op
}

// onlyEnd is [grounder.end] of a part of a condition, of which the rest is about so far; ok is false where it says more.
func onlyEnd(c *models.Expr, v *models.Var, far models.Op) (end models.Op, ok bool) {
	switch {
	case endOf(c, v) && (far == models.OpTrue || far == c.Op):
		return c.Op, true
	case endOf(c, v), isVar(c, v):
		return models.OpTrue, false
	}
	ok = true
	for _, a := range c.Args {
		if a != nil && ok {
			far, ok = onlyEnd(a, v, far)
		}
	}
	return far, ok
}

// refused reports whether some condition on flows with an end that one of them has fails.
func (g *grounder) refused(end models.Op, v *models.Var, flow *models.Element) bool {
	return slices.ContainsFunc(g.ends, func(at atEnd) bool {
		if at.end != end || at.v != v {
			return false
		}
		at.e.push(v, term.Value{Element: flow})
		defer at.e.pop()
		return known(at.cond, at.e) && g.fails(at.cond, at.e, at.negated)
	})
}

// maxRare is how many elements a condition can be true of, whatever else it speaks of, for it to be the one that proposes.
const maxRare = 4

// soonTried is below how many elements of a kind it is not asked which of them are rare. A small design has facts then that its rules only speak of in vain, and which its report counts.
const soonTried = 256

// rarity is which elements a condition can be true of, where they are few.
type rarity struct {
	few     bool
	related bool // a relation says so, which costs nothing to find out
	all     []*models.Element
}

// add adds an element, once.
func (r *rarity) add(x *models.Element) {
	if !r.few {
		return
	}
	if r.all = append(r.all, x); len(r.all) > maxRare {
		*r = rarity{}
	}
}

// rare tells which elements a variable can stand for in a condition, whatever its others do, where the relations that the condition asks for leave few.
func (g *grounder) rare(c *models.Expr, v *models.Var) rarity {
	k := endKey{c, v}
	r, known := g.tables.rare[k]
	if !known {
		g.tables.rare[k] = rarity{} // of what asks for itself nothing is known
		r = g.rareOf(c, v)
		r.few = r.few && len(r.all) <= maxRare
		g.tables.rare[k] = r
	}
	return r
}

func (g *grounder) rareOf(c *models.Expr, v *models.Var) rarity {
	switch c.Op {
	case models.OpIs:
		if list := g.design.Of(c.Kind); isVar(c.Args[0], v) && len(list) <= maxRare {
			return rarity{few: true, all: list}
		}
	case models.OpStores, models.OpHandles, models.OpCarries, models.OpReturns, models.OpThrough, models.OpAccepts, models.OpAuthenticated, models.OpRunsOn, models.OpOf, models.OpRelation:
		switch at := g.index.at(c); {
		case isVar(c.Args[0], v):
			return at.from
		case isVar(c.Args[1], v):
			return at.to
		}
	case models.OpAnd:
		var some rarity
		for _, a := range c.Args {
			if r := g.rare(a, v); r.few && (!some.few || r.related && !some.related) {
				some = r
			}
		}
		return some
	case models.OpOr:
		any := rarity{few: true, related: true}
		for _, a := range c.Args {
			r := g.rare(a, v)
			if !r.few {
				return rarity{}
			}
			any.all, any.related = append(any.all, r.all...), any.related && r.related
		}
		any.all = sortedElements(any.all)
		return any
	case models.OpExists:
		r := g.rare(c.Args[0], v)
		for _, w := range c.Vars {
			if w.Type.Kind != nil && len(g.design.Of(w.Type.Kind)) == 0 && !r.related {
				return rarity{few: true}
			}
		}
		return r
	case models.OpClosure:
		for i, a := range c.Args {
			if isVar(a, v) {
				return g.rare(c.Define.Step, c.Define.Params[i]) // it is at one end of a step at least
			}
		}
	case models.OpDefined:
		if g.zoned(c) {
			break
		}
		for i, a := range c.Args {
			if isVar(a, v) && c.Define.Body != nil {
				if r := g.rare(c.Define.Body, c.Define.Params[i]); r.few || len(c.Args) > 1 {
					return r
				}
				return g.few(c.Define)
			}
		}
	}
	return rarity{}
}

// few tells which elements a define of one is true of, where these are few.
func (g *grounder) few(d *models.Define) rarity {
	n := g.notion(d)
	if n.few == nil {
		n.few = &rarity{} // of what asks for itself nothing is known
		r := rarity{few: d.Static && len(d.Params) == 1 && n.only == 0}
		var x [1]*models.Element
		for _, x[0] = range g.design.Of(d.Params[0].Type.Kind) {
			if !r.few || !g.goOn() {
				break
			}
			if g.definedOf(d, x[:]) == system.True {
				r.add(x[0])
			}
		}
		n.few = &r
	}
	return *n.few
}
