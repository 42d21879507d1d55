package ground

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// requirement grounds a requirement: a case for each coalition and each binding of its `for` variables.
func (g *Grounding) requirement(r *models.Requirement) []*Case {
	coalitions := r.Coalitions
	if len(coalitions) == 0 || r.Static || r.Kind == models.Possible {
		coalitions = [][]*models.Attacker{nil}
	}
	if r.Process {
		var out []*Case
		for _, c := range coalitions {
			out = append(out, &Case{Attackers: c, Process: true})
		}
		return out
	}
	var out []*Case
	g.each(r.For, &models.Expr{Op: models.OpTrue}, nil, false, func(e *scope) bool {
		p := g.property(r, e)
		for _, coalition := range coalitions {
			c := &Case{Attackers: coalition, Process: p.process, Assumed: p.assumed, Breaks: p.breaks}
			for i, v := range e.vars {
				c.Bindings = append(c.Bindings, Binding{v.Name, e.vals[i].element.Name})
			}
			c.Question = g.question(coalition, r.Failures)
			c.Question.Bad, c.Question.Assume = p.bad, p.assume
			out = append(out, c)
		}
		return g.err == nil
	})
	return out
}

// property is a requirement's property under one binding.
type property struct {
	bad     system.Lit
	assume  []system.Lit
	assumed []*models.Assumption
	breaks  []Break
	process bool
}

func (g *Grounding) property(r *models.Requirement, e *scope) property {
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
		p.assume = append(p.assume, g.formula(r.G, e).Not())
	case models.Possible:
		// Without processes the honest system does not move: F must hold at the start.
		p.bad = f.Not()
	}
	if r.Static { // judged once, without runs
		p.breaks = g.breaks(r.F, e, r.Kind == models.Never, nil)
		return p
	}
	g.assume(&p)
	return p
}

// assume adds the assumptions of the design.
func (g *Grounding) assume(p *property) {
	for _, a := range g.assumptions {
		switch {
		case a.process:
			p.process = true
		case a.lit != system.True && g.b.Frozen(a.lit):
			p.bad = g.b.And(p.bad, a.lit) // the same in all states of a run
		default:
			p.assume = append(p.assume, g.b.Conjuncts(a.lit)...)
		}
		p.assumed = append(p.assumed, a.source)
	}
}

// question sets what the coalition decides: where it starts, what it may spend and which threats it does not use.
func (g *Grounding) question(coalition []*models.Attacker, failures int) *system.Question {
	q := &system.Question{MaxFailures: failures, Budget: -1}
	if len(coalition) == 0 {
		q.Off = slices.Repeat([]bool{true}, len(g.ruleOf)) // nobody attacks: no threat fires
		return q
	}
	q.Budget = 0
	for _, a := range coalition {
		for _, s := range a.Start {
			q.Start = append(q.Start, g.fact(s.Predicate, s.Args))
		}
		if a.Budget < 0 || q.Budget < 0 {
			q.Budget = -1 // one without a budget has enough for all
		} else {
			q.Budget += a.Budget
		}
	}
	slices.Sort(q.Start)
	q.Start = slices.Compact(q.Start)
	without := map[string]int{}
	for _, a := range coalition {
		for _, id := range a.Without {
			without[id]++
		}
	}
	for i, t := range g.Model.Catalogue.Threats {
		if without[t.ID] < len(coalition) {
			continue // some member may use it
		}
		for rule, of := range g.ruleOf {
			if of == int32(i) {
				if q.Off == nil {
					q.Off = make([]bool, len(g.ruleOf))
				}
				q.Off[rule] = true
			}
		}
	}
	return q
}

// breaks lists the instances of the outer quantifiers and counts of an architecture rule that break it. With negated, the formula must be
// false rather than true.
func (g *Grounding) breaks(f *models.Expr, e *scope, negated bool, at []Binding) []Break {
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
				here = append(here, Binding{v.Name, x.element.Name})
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
	b := Break{Bindings: at, When: l.Not()}
	for _, x := range at {
		if el := g.Model.Design.Lookup(x.Value); el != nil {
			b.Elements = append(b.Elements, el)
		}
	}
	return []Break{b}
}
