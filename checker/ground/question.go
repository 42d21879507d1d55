package ground

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// requirement grounds a requirement: a case for each coalition and each binding of its `for` variables. Each name of a short form is a case of its own.
func (g *grounder) requirement(r *models.Requirement) []*Case {
	if len(r.Each) == 0 {
		return g.cases(r)
	}
	var out []*Case
	for _, f := range r.Each {
		one := *r
		one.F = f
		of := f.Args[0].Element
		for _, c := range g.cases(&one) {
			if of != nil {
				c.Bindings = append(c.Bindings, Binding{of.Root(), of.Name})
			}
			out = append(out, c)
		}
	}
	return out
}

func (g *grounder) cases(r *models.Requirement) []*Case {
	coalitions := r.Coalitions
	if len(coalitions) == 0 || r.Static || r.Kind == models.Possible {
		coalitions = [][]*models.Attacker{nil}
	}
	bounds, bound := g.bound(r)
	var out []*Case
	g.each(r.For, &models.Expr{Op: models.OpTrue}, nil, false, func(e *scope) bool {
		p := g.property(r, e)
		of := g.short(r, e)
		for _, coalition := range coalitions {
			c := &Case{
				Attackers: coalition, Assumed: p.assumed, Frozen: p.frozen, Breaks: p.breaks,
				Possible: r.Kind == models.Possible && !r.Static,
				Own:      p.own, Bounds: bounds, Bound: g.b.And(bound, p.frozen), Idle: p.idle,
			}
			for i, v := range e.vars {
				c.Bindings = append(c.Bindings, Binding{v.Name, e.vals[i].String()})
			}
			c.Question = g.question(coalition, r.Failures)
			bad := p.bad
			if of != nil {
				c.Of = declared(of.Of)
				if r.Secret && g.given(of, coalition) {
					c.Given, bad = declared(of), system.False
				}
			}
			if r.AtScale {
				g.atScale(c)
			}
			if r.Static {
				c.Question.Off = slices.Repeat([]bool{true}, len(c.Question.Off)) // judged once, without runs
			}
			c.Question.Bad, c.Question.Assume = bad, p.assume
			out = append(out, c)
		}
		return g.err == nil
	})
	return out
}

// speaks notes the variables of formulas of requirements and assumptions, which stand for what is the others', but for those over the members of an actor.
func (g *grounder) speaks(vars []*models.Var, formulas ...*models.Expr) {
	note := func(vars []*models.Var) {
		for _, v := range vars {
			if k := v.Type.Kind; k != nil && k.Actor == nil {
				g.others[v] = true
			}
		}
	}
	note(vars)
	for _, f := range formulas {
		f.Walk(func(x *models.Expr) bool {
			note(x.Vars)
			return x.Op != models.OpDefined
		})
	}
}

// short returns the data that a case of a short form is about; nil of others.
func (g *grounder) short(r *models.Requirement, e *scope) *models.Element {
	if !r.Short || r.F.Op != models.OpPredicate {
		return nil
	}
	v, _ := g.term(r.F.Args[0], e).Constant()
	return v.Element
}

// given reports whether the design gives data to each of a coalition, who are one of those at the ends of a flow that they are on.
func (g *grounder) given(d *models.Element, coalition []*models.Attacker) bool {
	gets := func(p *models.Element) bool {
		if d.Of != nil && declared(d.Of) == p {
			return false // each has his own
		}
		return slices.ContainsFunc(g.Model.Design.Elements, func(e *models.Element) bool {
			f := e.Flow
			at := func(x *models.Element) bool { return x == p || x.Of == p }
			return f != nil && !f.Blocked && (at(f.Source) || at(f.Target)) && slices.Contains(slices.Concat(f.Carries, f.Returns, f.Authenticated), declared(d))
		})
	}
	return len(coalition) > 0 && !slices.ContainsFunc(coalition, func(a *models.Attacker) bool { return !slices.ContainsFunc(a.Is, gets) })
}

// atScale takes the rules out of a question that hit one at a time of those whom it is about.
func (g *grounder) atScale(c *Case) {
	q := c.Question
	off := make([]bool, int(g.byThreat.rules())+len(g.steps))
	copy(off, q.Off)
	for i, t := range g.Model.Catalogue.Threats {
		if !t.Singly {
			continue
		}
		for rule, end := g.byThreat.of(i); rule < end; rule++ {
			off[rule] = off[rule] || g.Singly(rule, c.Of)
		}
	}
	q.Off = off
}

// property is a requirement's property under one binding.
type property struct {
	bad     system.Lit
	assume  []system.Lit
	own     int        // the first ones of assume, which are no assumptions of the design
	frozen  system.Lit // assumptions over choices alone; they are part of bad
	assumed []*models.Assumption
	breaks  []Break
	idle    *models.Expr
}

func (g *grounder) property(r *models.Requirement, e *scope) property {
	var p property
	f := g.formula(r.F, e)
	switch r.Kind {
	case models.Never:
		p.bad = f
	case models.Always:
		p.bad = f.Not()
	case models.OnlyAfter:
		// A violating run reaches F and has no state with G on the way, nor at its end.
		p.bad = f
		p.assume, p.own = append(p.assume, g.formula(r.G, e).Not()), 1
	case models.Possible:
		p.bad = f
		if r.Static {
			p.bad = f.Not() // judged once, without runs
		}
	}
	if r.Static { // judged once, without runs
		rule := r.F
		if r.Kind == models.OnlyAfter { // all in the one state
			rule = &models.Expr{Op: models.OpImplies, Args: []*models.Expr{r.F, r.G}, Span: r.F.Span}
		}
		p.breaks = g.breaks(rule, e, r.Kind == models.Never, nil)
		if len(p.breaks) == 0 {
			p.idle = g.idle(rule, e, r.Kind == models.Never)
		}
		return p
	}
	switch {
	case p.bad != system.False || r.Kind == models.Possible:
	case r.Kind == models.OnlyAfter:
		p.idle = r.F
	default:
		p.idle = g.idle(r.F, e, r.Kind == models.Never)
	}
	g.assume(&p)
	return p
}

// assume adds the assumptions of the design.
func (g *grounder) assume(p *property) {
	for _, a := range g.assumptions {
		switch {
		case a.lit != system.True && g.b.Frozen(a.lit):
			p.frozen = g.b.And(p.frozen, a.lit) // the same in all states of a run
		default:
			p.assume = append(p.assume, g.b.Conjuncts(a.lit)...)
		}
		p.assumed = append(p.assumed, a.source)
	}
	p.bad = g.b.And(p.bad, p.frozen)
}

// breaks lists the instances of the outer quantifiers and counts of an architecture rule that break it. With negated, the formula must be
// false rather than true.
func (g *grounder) breaks(f *models.Expr, e *scope, negated bool, at []Binding) []Break {
	l := g.formula(f, e)
	if negated {
		l = l.Not()
	}
	if l == system.True {
		return nil
	}
	var out []Break
	descend := func(vars []*models.Var, body *models.Expr, negated bool) {
		g.each(vars, body, e, !negated, func(inner *scope) bool {
			here := slices.Clone(at)
			for _, v := range vars {
				x, _ := inner.lookup(v)
				here = append(here, Binding{v.Name, x.String()})
			}
			copied := &scope{vars: slices.Clone(inner.vars), vals: slices.Clone(inner.vals)}
			out = append(out, g.breaks(body, copied, negated, here)...)
			return true
		})
	}
	switch {
	case f.Op == models.OpNot:
		return g.breaks(f.Args[0], e, !negated, at)
	case f.Op == models.OpForall && !negated, f.Op == models.OpExists && negated:
		descend(f.Vars, f.Args[0], negated)
		return out
	case f.Op == models.OpAnd && !negated, f.Op == models.OpOr && negated:
		for _, a := range f.Args {
			out = append(out, g.breaks(a, e, negated, at)...)
		}
		return out
	case f.Op == models.OpImplies && !negated && g.formula(f.Args[0], e) == system.True:
		return g.breaks(f.Args[1], e, false, at)
	case f.Op >= models.OpEq && f.Op <= models.OpGe:
		for _, side := range f.Args {
			if side.Op == models.OpCount {
				descend(side.Vars, side.Args[0], true)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	b := Break{Bindings: at, What: "`" + f.String() + "` is " + map[bool]string{true: "true", false: "false"}[negated], When: l.Not()}
	put := func(e *models.Element) {
		if e != nil && !slices.Contains(b.Elements, e) {
			b.Elements = append(b.Elements, e)
		}
	}
	for _, x := range at {
		put(g.design.Lookup(x.Value))
	}
	if len(b.Elements) == 0 { // the rule speaks of elements by name
		f.WalkWritten(func(x *models.Expr) bool {
			if x.Op == models.OpElement {
				put(x.Element)
			}
			return true
		})
	}
	return []Break{b}
}

// idle returns the part of a property that nothing in the design meets, so that the property says nothing: a quantifier over a kind that the design has
// nothing of, or a premise that is false of every binding. It returns nil where the property speaks of something. With negated, the formula must be
// false rather than true.
func (g *grounder) idle(f *models.Expr, e *scope, negated bool) *models.Expr {
	switch {
	case f.Op == models.OpNot:
		return g.idle(f.Args[0], e, !negated)
	case f.Op == models.OpForall && !negated, f.Op == models.OpExists && negated:
		// Bindings are looked at until one is spoken of. That the body of `exists` is false says nothing of what it is about, so that only its kinds count.
		body, premise := f.Args[0], &models.Expr{Op: models.OpTrue}
		if body.Op == models.OpImplies && !negated {
			premise = body.Args[0]
		}
		why := f
		g.each(f.Vars, premise, e, false, func(inner *scope) bool {
			if g.formula(premise, inner) == system.False {
				why = premise
				return true
			}
			why = g.idle(body, inner, negated)
			return why != nil
		})
		if why == f && premise.Op != models.OpTrue && g.some(f.Vars) {
			return premise // the join left out all bindings
		}
		return why
	case f.Op == models.OpImplies && !negated:
		if g.formula(f.Args[0], e) == system.False {
			return f.Args[0]
		}
		return g.idle(f.Args[1], e, false)
	case f.Op == models.OpAnd && negated:
		for _, a := range conjuncts(f, nil) {
			if a.Op == models.OpIs && g.formula(a, e) == system.False {
				return a
			}
		}
	case f.Op == models.OpAnd, f.Op == models.OpOr && negated:
		var why *models.Expr
		for _, a := range f.Args {
			if why = g.idle(a, e, negated); why == nil {
				return nil
			}
		}
		return why
	case f.Op == models.OpOr:
		for _, a := range f.Args {
			if a.Op == models.OpNot && g.formula(a.Args[0], e) == system.False {
				return a.Args[0]
			}
		}
	}
	return nil
}

// some reports whether there is a value for each variable.
func (g *grounder) some(vars []*models.Var) bool {
	return !slices.ContainsFunc(vars, func(v *models.Var) bool { return len(g.design.Literals(v.Type)) == 0 })
}
