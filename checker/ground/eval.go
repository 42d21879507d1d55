package ground

import (
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/checker/ground/term"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// maxAlternatives bounds the values that a counted or summed term may have.
const maxAlternatives = 4096

var (
	errManyValues   = fmt.Errorf("%w: a counted, summed or computed term has more than %d possible values: compare it with a number, or set a variable of a smaller domain to it", ErrTooLarge, maxAlternatives)
	errLargeInteger = fmt.Errorf("%w: an integer of a formula exceeds 2^53", ErrTooLarge)
)

// formula grounds a formula under a binding.
func (g *grounder) formula(e *models.Expr, env *scope) system.Lit {
	switch e.Op {
	case models.OpTrue:
		return system.True
	case models.OpFalse:
		return system.False
	case models.OpNot:
		return g.formula(e.Args[0], env).Not()
	case models.OpAnd:
		return g.all(e.Args, env, false)
	case models.OpOr:
		return g.all(e.Args, env, true).Not()
	case models.OpImplies:
		a := g.formula(e.Args[0], env)
		if a == system.False {
			return system.True
		}
		return g.b.Or(a.Not(), g.formula(e.Args[1], env))
	case models.OpForall:
		return g.quantified(e, env, true).Not()
	case models.OpExists:
		return g.quantified(e, env, false)
	case models.OpIf:
		c, x, y := g.formula(e.Args[0], env), g.formula(e.Args[1], env), g.formula(e.Args[2], env)
		return g.b.Or(g.b.And(c, x), g.b.And(c.Not(), y))
	case models.OpPredicate:
		return g.predicate(e, env)
	case models.OpDefined:
		return g.defined(e, env)
	case models.OpClosure:
		return g.closes(e, env)
	case models.OpFact:
		return g.processFact(e, env)
	case models.OpKnowsValue:
		return g.knowsValue(e, env)
	case models.OpEq, models.OpNe, models.OpLt, models.OpLe, models.OpGt, models.OpGe:
		return g.compare(e, env)
	}
	return g.atom(e, env)
}

// all returns the conjunction of formulas, or with negated of their complements. It stops at the first that decides it.
func (g *grounder) all(args []*models.Expr, env *scope, negated bool) system.Lit {
	var buf [8]system.Lit
	lits := buf[:0]
	for _, a := range args {
		l := g.formula(a, env)
		if negated {
			l = l.Not()
		}
		if l == system.False {
			return l
		}
		lits = append(lits, l)
	}
	return g.b.And(lits...)
}

// quantified returns "some binding makes the body true", or with negated "some binding makes it false". What the design alone fixes and is about one element only, though more are bound, is worked out once.
func (g *grounder) quantified(e *models.Expr, outer *scope, negated bool) system.Lit {
	about := g.aboutOne(e)
	if !about.ok || outer == nil || len(outer.vars) < 2 && about.end == models.OpTrue {
		return g.binding(e, outer, negated)
	}
	x := outer.element(about.of)
	switch {
	case x == nil, about.end != models.OpTrue && x.Flow == nil:
		return g.binding(e, outer, negated)
	case about.end == models.OpSource:
		x = x.Flow.Source
	case about.end == models.OpTarget:
		x = x.Flow.Target
	}
	if about.is == nil {
		about.is = make([]truth, len(g.design.Elements))
	}
	is := &about.is[x.ID]
	if *is == open {
		l := g.binding(e, outer, negated)
		if l != system.True && l != system.False {
			return l
		}
		*is = no
		if l == system.True {
			*is = yes
		}
	}
	return constant(*is == yes)
}

// single is a quantifier that may be about one element only.
type single struct {
	of  *models.Var
	end models.Op // OpSource or OpTarget where it speaks of that end of a flow alone, and OpTrue else
	ok  bool
	is  []truth // by element
}

// aboutOne tells which variable alone a quantifier speaks of, where the design fixes what it says.
func (g *grounder) aboutOne(e *models.Expr) *single {
	at := g.tables.singles[e]
	if at == nil {
		at = &single{}
		if vars := freeVars(e, nil); isStatic(e) {
			vars = slices.DeleteFunc(vars, func(v *models.Var) bool { return contains(e.Vars, v) })
			if at.ok = len(vars) == 1 && vars[0].Type.Kind != nil; at.ok {
				at.of, at.end = vars[0], g.end(e, vars[0])
			}
		}
		g.tables.singles[e] = at
	}
	return at
}

// binding is [grounder.quantified] of what is not known yet.
func (g *grounder) binding(e *models.Expr, outer *scope, negated bool) system.Lit {
	var none []system.Lit // complements of the instances
	g.each(g.ordered(e, outer, negated), e.Args[0], outer, negated, func(env *scope) bool {
		l := g.formula(e.Args[0], env)
		if negated {
			l = l.Not()
		}
		if l == system.True {
			none = []system.Lit{system.False}
			return false
		}
		none = append(none, l.Not())
		return true
	})
	return g.b.And(none...).Not()
}

// ordered returns the variables of a quantifier in the order in which its body restricts them: where a condition ties the second one to what is known, and the first one to the second, the first is not
// sought among all of its kind. It is worked out once, from what is known the first time; any order will do.
func (g *grounder) ordered(e *models.Expr, outer *scope, negated bool) []*models.Var {
	if len(e.Vars) == 1 {
		return e.Vars
	}
	if list, known := g.tables.orders[e]; known {
		return list
	}
	known := &scope{}
	if outer != nil {
		known.vars, known.vals = slices.Clone(outer.vars), slices.Clone(outer.vals)
	}
	left := slices.Clone(e.Vars)
	var list []*models.Var
	for len(left) > 0 {
		i, _ := g.next(e.Args[0], left, known, negated)
		i = max(i, 0)
		known.push(left[i], term.Value{})
		list = append(list, left[i])
		left = slices.Delete(left, i, i+1)
	}
	g.tables.orders[e] = list
	return list
}

// each calls yield for the bindings of vars that can make a body true (or, negated, false), leaving out others where the body says so cheaply.
func (g *grounder) each(vars []*models.Var, body *models.Expr, outer *scope, negated bool, yield func(*scope) bool) {
	e := outer
	if e == nil {
		e = &scope{}
	}
	defer e.shrink(len(e.vars))
	var bind func(depth int) bool
	bind = func(depth int) bool {
		if depth == len(vars) {
			return g.spend() && yield(e)
		}
		v := vars[depth]
		if v.Type.Domain != nil {
			for _, x := range g.universe(v.Type).values {
				e.push(v, x)
				if !g.goOn() || !bind(depth+1) {
					return false
				}
				e.pop()
			}
			return true
		}
		list := g.design.Of(v.Type.Kind)
		if len(list) == 0 {
			return true
		}
		if held, ok := g.held(body, v, e, negated); ok && len(held) >= soonTried {
			list = held
		} else if _, ok := g.restricts(body, v, e, negated); ok {
			list = ofKind(v.Type.Kind, g.proposed(body, v, e, negated))
			defer g.giveBack(list)
		}
		for _, x := range list {
			if x.Own && g.others[v] || !x.Is(v.Type.Kind) {
				continue
			}
			e.push(v, term.Value{Element: x})
			if !g.goOn() || !bind(depth+1) {
				return false
			}
			e.pop()
		}
		return true
	}
	bind(0)
}

// maxBindings bounds the bindings of quantifiers and steps that are looked at.
const maxBindings = 1 << 28

// goOn reports whether to go on with the next candidate: nothing has failed, and the context has not ended.
func (g *grounder) goOn() bool {
	if g.looked++; g.looked-g.seen > 0xff {
		g.seen = g.looked
		if err := g.ctx.Err(); err != nil {
			g.fail(err)
		}
	}
	return g.err == nil
}

// spend counts a binding, and reports whether there is time for it.
func (g *grounder) spend() bool {
	if g.spent++; g.spent > maxBindings {
		g.fail(fmt.Errorf("%w: its quantifiers and steps have more than %d bindings: make domains smaller", ErrTooLarge, maxBindings))
	}
	return g.err == nil
}

// predicate returns the literal of a fact. Its arguments may have several values.
func (g *grounder) predicate(e *models.Expr, env *scope) system.Lit {
	var buf [maxArguments]*models.Element
	if args, some, plain := g.plainAll(e.Args, env, buf[:0]); plain {
		if !some {
			return system.False
		}
		return g.factLit(e.Predicate, args)
	}
	var any []system.Lit
	g.elements(e.Args, env, func(args []*models.Element, when system.Lit) {
		any = append(any, g.b.And(when, g.factLit(e.Predicate, args)))
	})
	return g.b.Or(any...)
}

func (g *grounder) factLit(p *models.Predicate, args []*models.Element) system.Lit {
	if !accepts(p, args) {
		return system.False
	}
	return g.b.FactLit(g.fact(p, args))
}

// accepts reports whether a predicate is made for these elements: of others it is never true.
func accepts(p *models.Predicate, args []*models.Element) bool {
	for i, a := range args {
		if a == nil || !p.Accepts(i, a) {
			return false
		}
	}
	return true
}

// compare grounds a comparison. Where a side has no value, nothing is equal to it and no order holds. `none` is a value, equal to itself, without an order.
func (g *grounder) compare(e *models.Expr, env *scope) system.Lit {
	if e.Op == models.OpEq || e.Op == models.OpNe {
		x, plain := g.plain(e.Args[0], env)
		if plain {
			y, plain := g.plain(e.Args[1], env)
			if plain {
				return constant((x != nil && x == y) == (e.Op == models.OpEq))
			}
		}
	}
	if l, ok := g.compareState(e, env); ok {
		return l
	}
	if l, ok := g.compareCount(e, env); ok {
		return l
	}
	if l, ok := g.compareSum(e, env); ok {
		return l
	}
	return g.related(e.Op, g.term(e.Args[0], env), g.term(e.Args[1], env))
}

// related grounds a comparison of two terms.
func (g *grounder) related(op models.Op, x, y term.Term) system.Lit {
	holds := x.With(g.b, y, func(x, y term.Value) (term.Value, bool) {
		return term.Value{}, compares(op, x, y)
	}).Is(term.Value{})
	if op == models.OpNe {
		return holds.Not()
	}
	return holds
}

// compares reports whether a comparison holds of two values; for OpNe, whether they are equal.
func compares(op models.Op, x, y term.Value) bool {
	switch op {
	case models.OpEq, models.OpNe:
		return x == y
	case models.OpLt:
		return !x.None && !y.None && x.Number < y.Number
	case models.OpLe:
		return !x.None && !y.None && x.Number <= y.Number
	case models.OpGt:
		return !x.None && !y.None && x.Number > y.Number
	}
	return !x.None && !y.None && x.Number >= y.Number
}

// mirror returns the comparison with its sides exchanged.
func mirror(op models.Op) models.Op {
	switch op {
	case models.OpLt:
		return models.OpGt
	case models.OpLe:
		return models.OpGe
	case models.OpGt:
		return models.OpLt
	case models.OpGe:
		return models.OpLe
	}
	return op
}

// term grounds a term.
func (g *grounder) term(e *models.Expr, env *scope) term.Term {
	switch e.Op {
	case models.OpInt, models.OpNone, models.OpMember, models.OpElement, models.OpWord, models.OpProtocolName:
		return term.Of(g.literal(e))
	case models.OpState:
		return g.stateTerm(e, env)
	case models.OpValue:
		return g.valueTerm(e, env)
	case models.OpVar:
		if v, ok := env.lookup(e.Var); ok {
			return term.Of(v)
		}
		panic("vauban: internal error: unbound variable " + e.Var.Name)
	case models.OpSource, models.OpTarget, models.OpProtocol, models.OpZone, models.OpAttribute:
		return g.term(e.Args[0], env).Map(g.b, func(x term.Value) (term.Value, bool) { return field(e, x.Element) })
	case models.OpIf:
		switch c := g.formula(e.Args[0], env); c {
		case system.True:
			return g.term(e.Args[1], env)
		case system.False:
			return g.term(e.Args[2], env)
		default:
			return g.limited(term.If(g.b, c, g.term(e.Args[1], env), g.term(e.Args[2], env)))
		}
	case models.OpAdd, models.OpSub, models.OpSum:
		parts := g.addends(nil, e, 1, env)
		if pairs(parts) <= maxSumPairs {
			return g.total(parts)
		}
		return g.limited(g.sum(parts, -maxInteger, maxInteger))
	case models.OpMul:
		return g.combine(g.term(e.Args[0], env), g.term(e.Args[1], env), e.Op)
	case models.OpCount:
		return g.count(e, env)
	}
	return term.Term{}
}

// plain evaluates a term that stands for the same element in all states, as most do; it is nil where the term has no value. It is not plain where the term may be something else.
func (g *grounder) plain(e *models.Expr, env *scope) (x *models.Element, plain bool) {
	switch e.Op {
	case models.OpVar:
		x = env.element(e.Var)
		return x, x != nil
	case models.OpElement:
		return g.literal(e).Element, true
	case models.OpSource, models.OpTarget, models.OpZone:
		if x, plain = g.plain(e.Args[0], env); x != nil {
			v, _ := field(e, x)
			x = v.Element
		}
		return x, plain
	}
	return nil, false
}

// maxArguments is how many arguments a predicate has at the most.
const maxArguments = 3

// plainAll evaluates terms that are all plain, and adds their elements to out. There are none where one has no value.
func (g *grounder) plainAll(terms []*models.Expr, env *scope, out []*models.Element) (all []*models.Element, some, plain bool) {
	some = true
	for _, t := range terms {
		x, plain := g.plain(t, env)
		if !plain {
			return nil, false, false
		}
		some = some && x != nil
		out = append(out, x)
	}
	return out, some, true
}

// field evaluates `x.NAME`.
func field(e *models.Expr, x *models.Element) (term.Value, bool) {
	if x == nil {
		return term.Value{}, false
	}
	switch e.Op {
	case models.OpZone:
		z := x.Place(e)
		return term.Value{Element: z}, z != nil
	case models.OpAttribute:
		a, ok := x.Attributes[e.Attribute]
		return term.Value{Number: a.Int, Name: a.Word}, ok
	}
	if x.Flow == nil {
		return term.Value{}, false
	}
	switch e.Op {
	case models.OpSource:
		return term.Value{Element: x.Flow.Source}, true
	case models.OpTarget:
		return term.Value{Element: x.Flow.Target}, true
	}
	return term.Value{Name: x.Flow.Protocol.Name}, true
}

// combine applies an arithmetic operator. `none` is no number, so there is no result.
func (g *grounder) combine(x, y term.Term, op models.Op) term.Term {
	return g.limited(x.With(g.b, y, func(x, y term.Value) (term.Value, bool) {
		if x.None || y.None {
			return term.Value{}, false
		}
		n, ok := calculate(x.Number, y.Number, op)
		if !ok {
			g.fail(errLargeInteger)
		}
		return term.Value{Number: n}, true
	}))
}

// limited gives up on a term with too many values.
func (g *grounder) limited(t term.Term) term.Term {
	if t.Len() > maxAlternatives {
		g.fail(errManyValues)
		return term.Term{}
	}
	return t
}

// maxInteger bounds the integers that formulas calculate with.
const maxInteger = 1 << 53

// calculate applies an arithmetic operator. It is not ok where the result, or what it is made of, exceeds the bound: a result that wraps around
// would be taken for a small one.
func calculate(x, y int64, op models.Op) (n int64, ok bool) {
	small := func(n int64) bool { return -maxInteger <= n && n <= maxInteger }
	if !small(x) || !small(y) {
		return 0, false
	}
	switch op {
	case models.OpAdd:
		n = x + y
	case models.OpSub:
		n = x - y
	case models.OpMul:
		if n = x * y; x != 0 && n/x != y {
			return 0, false
		}
	}
	return n, small(n)
}

// atom grounds what the design says of elements.
func (g *grounder) atom(e *models.Expr, env *scope) system.Lit {
	if x, plain := g.plain(e.Args[0], env); plain {
		if x == nil {
			return system.False
		}
		if len(e.Args) < 2 {
			return g.unary(e, x)
		}
		if y, plain := g.plain(e.Args[1], env); plain {
			return g.binary(e, x, y)
		}
	}
	return g.term(e.Args[0], env).Any(g.b, func(x term.Value) system.Lit {
		if len(e.Args) < 2 {
			return g.unary(e, x.Element)
		}
		return g.term(e.Args[1], env).Any(g.b, func(y term.Value) system.Lit { return g.binary(e, x.Element, y.Element) })
	})
}

func constant(b bool) system.Lit {
	if b {
		return system.True
	}
	return system.False
}

func (g *grounder) unary(e *models.Expr, x *models.Element) system.Lit {
	if x == nil {
		return system.False
	}
	switch e.Op {
	case models.OpIs:
		return constant(x.Is(e.Kind))
	case models.OpHas:
		return g.control(x, e.Control)
	case models.OpOver:
		return constant(x.Flow != nil && x.Flow.Protocol.Is(e.Protocol))
	case models.OpBlocked:
		return constant(x.Flow != nil && x.Flow.Blocked)
	case models.OpOwn:
		return constant(x.Own)
	case models.OpClaimsNone:
		return constant(slices.ContainsFunc(x.None, func(c models.Claim) bool { return c.Relation == e.Word }))
	}
	panic(fmt.Sprintf("vauban: internal error: formula operator %d is not grounded", e.Op))
}

func (g *grounder) binary(e *models.Expr, x, y *models.Element) system.Lit {
	if x == nil || y == nil {
		return system.False
	}
	switch e.Op {
	case models.OpIn:
		return constant(x.Inside(y))
	case models.OpStores:
		for _, s := range x.Stores {
			if s.Data != y {
				continue
			}
			if e.Control == nil {
				return system.True
			}
			for _, c := range s.Controls {
				if c.Control == e.Control {
					return g.has(c, x, y)
				}
			}
			for _, c := range g.further[Place{declared(x), declared(y)}] {
				if c.Control == e.Control {
					return g.has(c, x, y)
				}
			}
		}
		return system.False
	}
	for _, to := range related(e, x) {
		if to == y {
			return system.True
		}
	}
	return system.False
}

// control returns the literal of "x has c", as the design says it or the flow's protocol gives it.
func (g *grounder) control(x *models.Element, c *models.Control) system.Lit {
	for _, s := range x.Controls {
		if s.Control == c {
			return g.has(s, x, nil)
		}
	}
	for _, s := range g.further[Place{On: declared(x)}] {
		if s.Control == c {
			return g.has(s, x, nil)
		}
	}
	if x.Flow != nil {
		for _, given := range x.Flow.Protocol.Gives {
			if given == c {
				return system.True
			}
		}
	}
	return system.False
}
