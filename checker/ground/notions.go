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
	notions      map[*models.Define]*notion
	kept         map[useKey]system.Lit         // of defines of several elements that have no relation: what they come to
	written      map[*models.Expr]*models.Expr // by use of a define: what it says
	zoned        map[*models.Expr]bool         // by use of a define: it, or what it says, speaks of the zone of something
	widths       map[widthKey]width
	restrictions map[*models.Expr][]*restriction
	orders       map[*models.Expr][]*models.Var // of quantifiers: in which order their variables are bound
	singles      map[*models.Expr]*single
	tries        map[*models.Expr]*tries
	rare         map[endKey]rarity
	ends         map[endKey]models.Op // of conditions on flows: the one end that they are about, or none
	places       int                  // in how many zones an element stands at the most
	pairs        int                  // of closures
}

// notion is what is known of a define.
type notion struct {
	relation bool               // it is one of two elements that the design alone fixes, and that is not cheaper to work out than to look up
	only     int                // the parameter that stands for an element, where it is one alone; -1 otherwise
	one      []system.Lit       // of such a define, by element: what it comes to, plus one, or zero
	others   [2]lists           // of a relation or a closure, by which argument is given: what the other one may be, in order
	turned   [2]truth           // whether the other side told the lists of this one
	last     [2]*models.Element // of a relation: what was asked last, as joins ask for one pair again and again
	lastIs   bool
	few      *rarity // which elements a define of one is true of, where somebody has asked
}

// truth is what is known of something.
type truth uint8

const (
	open truth = iota
	yes
	no
)

// lists are some elements for each element, where they are known. Most are empty or short, so that they lie one behind the other.
type lists struct {
	at   []int32 // by element: which one is its list, or zero
	ends []int32 // by list, the first of which is nobody's: where it ends in all
	all  []*models.Element
}

func (l *lists) of(x *models.Element) (list []*models.Element, known bool) {
	if l.at == nil || l.at[x.ID] == 0 {
		return nil, false
	}
	i := l.at[x.ID]
	return l.all[l.ends[i-1]:l.ends[i]:l.ends[i]], true
}

// put keeps the list of one of so many elements, which is copied, and returns it.
func (l *lists) put(elements int, x *models.Element, list []*models.Element) []*models.Element {
	if l.at == nil {
		l.at, l.ends = make([]int32, elements), []int32{0}
	}
	l.at[x.ID] = int32(len(l.ends))
	l.all = append(l.all, list...)
	l.ends = append(l.ends, int32(len(l.all)))
	list, _ = l.of(x)
	return list
}

// maxKept is of how many parameters a define may be for what it comes to to be kept.
const maxKept = 3

// useKey is a define with the elements that it is applied to.
type useKey struct {
	define *models.Define
	args   [maxKept]*models.Element
}

func newTables(d *models.Design) *tables {
	return &tables{
		places: d.Places(), notions: map[*models.Define]*notion{}, kept: map[useKey]system.Lit{}, written: map[*models.Expr]*models.Expr{}, zoned: map[*models.Expr]bool{}, widths: map[widthKey]width{}, restrictions: map[*models.Expr][]*restriction{},
		orders: map[*models.Expr][]*models.Var{}, ends: map[endKey]models.Op{}, singles: map[*models.Expr]*single{}, tries: map[*models.Expr]*tries{}, rare: map[endKey]rarity{},
	}
}

// notion returns what is known of a define.
func (g *grounder) notion(d *models.Define) *notion {
	n := g.tables.notions[d]
	if n == nil {
		n = &notion{only: -1}
		elements := 0
		for i, p := range d.Params {
			if p.Type.Base != models.ControlType {
				elements++
				n.only = i
			}
		}
		if elements != 1 {
			n.only = -1
		}
		n.relation = d.Static && len(d.Params) == 2 && (d.Binds || d.Body.Any(func(op models.Op) bool { return op == models.OpClosure }))
		g.tables.notions[d] = n
	}
	return n
}

// zoned reports whether a use of a define is about one of several zones, and the define is not.
func (g *grounder) zoned(e *models.Expr) bool {
	if g.tables.places < 2 {
		return false
	}
	yes, known := g.tables.zoned[e]
	if !known {
		yes = e.Any(func(op models.Op) bool { return op == models.OpZone })
		g.tables.zoned[e] = yes
	}
	return yes
}

// body returns what a use of a define says, which is written out where somebody asks for it, and once.
func (g *grounder) body(e *models.Expr) *models.Expr {
	b := g.tables.written[e]
	if b == nil {
		b = e.Body()
		g.tables.written[e] = b
	}
	return b
}

// defined grounds a use of a define. What it comes to of given elements is worked out once, whether the design alone fixes it or controls do, too.
func (g *grounder) defined(e *models.Expr, env *scope) system.Lit {
	n := len(g.args)
	single := g.arguments(e, env)
	var l system.Lit
	if single && !g.zoned(e) {
		l = g.definedOf(e.Define, g.args[n:])
	} else {
		l = g.formula(g.body(e), env)
	}
	g.args = g.args[:n]
	return l
}

// definedOf grounds a define of given elements, and nil for controls.
func (g *grounder) definedOf(d *models.Define, args []*models.Element) system.Lit {
	n := g.notion(d)
	switch {
	case n.relation:
		return constant(g.holds(n, d, args))
	case n.only >= 0:
		if n.one == nil {
			n.one = make([]system.Lit, len(g.design.Elements))
		}
		at := args[n.only].ID
		if n.one[at] == 0 {
			n.one[at] = g.applied(d, args) + 1
		}
		return n.one[at] - 1
	}
	k := useKey{define: d}
	if copy(k.args[:], args) < len(args) {
		return g.applied(d, args)
	}
	is, known := g.tables.kept[k]
	if !known {
		is = g.applied(d, args)
		g.tables.kept[k] = is
	}
	return is
}

// arguments puts on g.args the elements that a define is applied to, and nil for controls. It reports whether each is a single one.
func (g *grounder) arguments(e *models.Expr, env *scope) bool {
	for _, a := range e.Args {
		var x *models.Element
		if a.Type.Base != models.ControlType {
			if x = g.single(a, env); x == nil {
				return false
			}
		}
		g.args = append(g.args, x)
	}
	return true
}

// applied grounds a define of elements, which are of the kinds of its parameters or it is false of them.
func (g *grounder) applied(d *models.Define, args []*models.Element) system.Lit {
	for i, p := range d.Params {
		if args[i] != nil && !args[i].Is(p.Type.Kind) {
			return system.False
		}
	}
	env := g.scope()
	defer g.done(env)
	for i, p := range d.Params {
		if args[i] != nil {
			env.push(p, term.Value{Element: args[i]})
		}
	}
	return g.formula(d.Body, env)
}

// scope returns an empty scope, to be given back.
func (g *grounder) scope() *scope {
	n := len(g.scopes)
	if n == 0 {
		return &scope{}
	}
	e := g.scopes[n-1]
	g.scopes = g.scopes[:n-1]
	return e
}

// done takes a scope back.
func (g *grounder) done(e *scope) {
	e.shrink(0)
	g.scopes = append(g.scopes, e)
}

// holds reports whether a relation is true of elements.
func (g *grounder) holds(n *notion, d *models.Define, args []*models.Element) bool {
	for i, p := range d.Params {
		if !args[i].Is(p.Type.Kind) {
			return false
		}
	}
	for i, x := range args {
		if list, known := n.others[i].of(x); known {
			_, found := slices.BinarySearchFunc(list, args[1-i], byID)
			return found
		}
	}
	if n.last[0] != args[0] || n.last[1] != args[1] {
		is := g.true(d, args)
		n.last, n.lastIs = [2]*models.Element{args[0], args[1]}, is
	}
	return n.lastIs
}

// true works out whether a static define is true of elements.
func (g *grounder) true(d *models.Define, args []*models.Element) bool {
	return g.applied(d, args) == system.True
}

// argument returns what a variable may be that is one argument of a relation whose other one is known. It is not ok where that is not so.
func (g *grounder) argument(e *models.Expr, v *models.Var, env *scope) ([]*models.Element, bool) {
	n := g.notion(e.Define)
	if !n.relation || g.zoned(e) {
		return nil, false
	}
	at := 0
	if isVar(e.Args[1], v) {
		at = 1
	}
	if !isVar(e.Args[at], v) || !known(e.Args[1-at], env) {
		return nil, false
	}
	given := g.single(e.Args[1-at], env)
	if given == nil {
		return nil, false
	}
	others := &n.others[1-at]
	if list, known := others.of(given); known {
		return list, true
	}
	p, q := e.Define.Params[at], e.Define.Params[1-at]
	inner := g.scope()
	defer g.done(inner)
	inner.push(q, term.Value{Element: given})
	if _, ok := g.restricts(e.Define.Body, p, inner, false); !ok {
		return nil, false
	}
	mark := len(g.args)
	if given.Is(q.Type.Kind) {
		args := []*models.Element{given, given}
		proposed := g.proposed(e.Define.Body, p, inner, false)
		if len(proposed) > many && g.turn(n, e.Define, at) {
			return others.of(given)
		}
		for _, x := range proposed {
			if !g.goOn() {
				return nil, false
			}
			args[at] = x
			if x.Is(p.Type.Kind) && g.true(e.Define, args) {
				g.args = append(g.args, x)
			}
		}
		g.giveBack(proposed)
	}
	list := others.put(len(g.design.Elements), given, g.args[mark:])
	g.args = g.args[:mark]
	return list, true
}

// turn works a relation out from the side of one argument, for all that the other one can be: where one side proposes much of which little is true, the other
// one may propose little. It reports whether that was so, and then the tables have it. Each side is tried once, and given up where it proposes much, too.
func (g *grounder) turn(n *notion, d *models.Define, at int) bool {
	if done := n.turned[1-at]; done != open {
		return done == yes
	}
	n.turned[1-at] = no
	p, q := d.Params[at], d.Params[1-at]
	from := g.design.Of(p.Type.Kind)
	left := many * (len(from) + 1)
	type pair struct{ of, is *models.Element }
	var pairs []pair
	args := make([]*models.Element, 2)
	inner := g.scope()
	defer g.done(inner)
	for _, x := range from {
		inner.shrink(0)
		inner.push(p, term.Value{Element: x})
		if _, ok := g.restricts(d.Body, q, inner, false); !ok {
			return false
		}
		list := g.proposed(d.Body, q, inner, false)
		for _, y := range list {
			if left--; left < 0 || !g.goOn() {
				return false
			}
			args[at], args[1-at] = x, y
			if y.Is(q.Type.Kind) && g.true(d, args) {
				pairs = append(pairs, pair{y, x})
			}
		}
		g.giveBack(list)
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return byID(a.of, b.of) })
	mark := len(g.args)
	for _, y := range g.design.Of(q.Type.Kind) {
		g.args = g.args[:mark]
		for ; len(pairs) > 0 && pairs[0].of.ID <= y.ID; pairs = pairs[1:] {
			if pairs[0].of == y {
				g.args = append(g.args, pairs[0].is)
			}
		}
		n.others[1-at].put(len(g.design.Elements), y, g.args[mark:])
	}
	g.args = g.args[:mark]
	n.turned[1-at] = yes
	return true
}

// closure returns what the steps of a closure lead to from an element, or, back, what they lead to it from, in order.
func (g *grounder) closure(d *models.Define, from *models.Element, back bool) []*models.Element {
	side := 0
	if back {
		side = 1
	}
	n := g.notion(d)
	if list, known := n.others[side].of(from); known {
		return list
	}
	var list []*models.Element
	set := map[*models.Element]bool{}
	for at, next := from, 0; at != nil && g.err == nil; {
		for _, to := range g.step(d, at, back) {
			if !set[to] {
				set[to] = true
				list = append(list, to)
				if g.tables.pairs++; g.tables.pairs > maxPairs {
					g.fail(fmt.Errorf("%w: the closure %q has more than %d pairs", ErrTooLarge, d.Name, maxPairs))
				}
			}
		}
		at = nil
		if next < len(list) {
			at = list[next]
			next++
		}
	}
	return n.others[side].put(len(g.design.Elements), from, sortedElements(list))
}

// step returns what one step of a closure leads to from an element, or to it from.
func (g *grounder) step(d *models.Define, at *models.Element, back bool) []*models.Element {
	from, to := d.Params[0], d.Params[1]
	if back {
		from, to = to, from
	}
	if !at.Is(from.Type.Kind) {
		return nil
	}
	env := g.scope()
	defer g.done(env)
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
func (g *grounder) closes(e *models.Expr, env *scope) system.Lit {
	var any []system.Lit
	g.elements(e.Args, env, func(args []*models.Element, when system.Lit) {
		if args[0] == nil || args[1] == nil {
			return
		}
		if _, found := slices.BinarySearchFunc(g.closure(e.Define, args[0], false), args[1], byID); found {
			any = append(any, when)
		}
	})
	return g.b.Or(any...)
}

// widthKey is a define, which of its parameters is looked for, and which others are known.
type widthKey struct {
	define    *models.Define
	at, given uint
	negated   bool
}

// width is what [grounder.proposes] says.
type width struct {
	cost int
	ok   bool
}

// proposesUse is [grounder.proposes] of a use of a define.
func (g *grounder) proposesUse(c *models.Expr, v *models.Var, bound *scope, negated bool) (cost int, ok bool) {
	k, shared := g.param(c, v, bound, negated)
	switch {
	case !shared:
		return g.proposes(g.body(c), v, bound, negated)
	case k.define == nil:
		return 0, false
	}
	w, known := g.tables.widths[k]
	if !known {
		inner := &scope{}
		for i, p := range c.Define.Params {
			if k.given>>i&1 == 1 {
				inner.push(p, term.Value{})
			}
		}
		w.cost, w.ok = g.proposes(c.Define.Body, c.Define.Params[k.at], inner, negated)
		g.tables.widths[k] = w
	}
	return w.cost, w.ok
}

// param tells which parameter of a define a variable stands for in a use of it, and which ones are known. It is not shared where the use says more than the
// define with that parameter. Where the variable stands for none, nothing is proposed: then the key has no define.
func (g *grounder) param(c *models.Expr, v *models.Var, bound *scope, negated bool) (k widthKey, shared bool) {
	if len(c.Args) > 8 || g.zoned(c) {
		return k, false
	}
	for i, a := range c.Args {
		if c.Narrows(i) && (negated || isVar(a, v) && c.Define.Params[i].Type.Kind.Root().Name == models.ZoneRoot) {
			return k, false
		}
		switch {
		case a.Type.Base == models.ControlType:
		case isVar(a, v) && k.define == nil:
			k.define, k.at, k.negated = c.Define, uint(i), negated
		case isVar(a, v), endOf(a, v):
			return k, false
		case known(a, bound):
			k.given |= 1 << i
		}
	}
	return k, true
}

// proposeUse collects what [grounder.proposesUse] promised.
func (g *grounder) proposeUse(c *models.Expr, v *models.Var, e *scope, negated bool, out []*models.Element) []*models.Element {
	k, shared := g.param(c, v, e, negated)
	if !shared {
		return g.propose(g.body(c), v, e, negated, out)
	}
	inner := g.scope()
	defer g.done(inner)
	for i, p := range c.Define.Params {
		if k.given>>i&1 == 0 {
			continue
		}
		x := g.single(c.Args[i], e)
		if x == nil {
			return g.propose(g.body(c), v, e, negated, out)
		}
		if !negated && !x.Is(p.Type.Kind) {
			return out
		}
		inner.push(p, term.Value{Element: x})
	}
	return g.propose(c.Define.Body, c.Define.Params[k.at], inner, negated, out)
}

// proposesSome tells whether a quantified body restricts v, when its own variables are found one after the other, and which of them are.
func (g *grounder) proposesSome(c *models.Expr, v *models.Var, bound *scope, negated bool) (by []*models.Var, cost int, ok bool) {
	left := slices.Clone(c.Vars)
	defer bound.shrink(len(bound.vars))
	cost = 1
	for {
		if k, ok := g.proposes(c.Args[0], v, bound, negated); ok {
			return by, min(cost*k, 1<<20), true
		}
		i, k := g.next(c.Args[0], left, bound, negated)
		if i < 0 {
			return nil, 0, false
		}
		by, cost = append(by, left[i]), min(cost*k, 1<<20)
		bound.push(left[i], term.Value{})
		left = slices.Delete(left, i, i+1)
	}
}

// next returns which of the variables a body restricts most, and its cost; -1 where it restricts none.
func (g *grounder) next(body *models.Expr, vars []*models.Var, bound *scope, negated bool) (at, cost int) {
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

// proposeSome collects what [proposesSome] promised, by these variables of the quantifier.
func (g *grounder) proposeSome(c *models.Expr, by []*models.Var, v *models.Var, e *scope, negated bool, out []*models.Element) []*models.Element {
	if len(by) == 0 {
		return g.propose(c.Args[0], v, e, negated, out)
	}
	list := g.proposed(c.Args[0], by[0], e, negated)
	for _, x := range list {
		if x.Is(by[0].Type.Kind) {
			e.push(by[0], term.Value{Element: x})
			out = g.proposeSome(c, by[1:], v, e, negated, out)
			e.pop()
		}
	}
	g.giveBack(list)
	return out
}
