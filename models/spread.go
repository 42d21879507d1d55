package models

import "slices"

// An element may stand in several zones, and `x.zone` then is each of them: a formula that names it is about one of them, the same at each place, and is
// judged for all. So a threat fires if it does for some zone, `exists x | F` and `never F` ask for some zone of x, `forall x | F` and `always F` for all.
// Here that is written out: `x.zone` becomes the first, the second, ... zone of x, each but the first on the condition that x has so many.

// MaxZones is how many zones an element may stand in.
const MaxZones = 16

// Spread writes a formula out for elements that stand in up to places zones: for some of them, or for all. It returns nil where it would get too large,
// and where a sum would add what depends on which of the zones is meant.
func Spread(f *Expr, places int, all bool) *Expr {
	if f == nil || places < 2 || !f.zoned() {
		return f
	}
	s := &spreading{places: places}
	out := s.choose(s.inner(f), each, all)
	if s.failed {
		return nil
	}
	return out
}

// SpreadTerm returns a term for each zone that an element it speaks of may stand in. One that has no value adds nothing.
func SpreadTerm(t *Expr, places int) []*Expr {
	s := &spreading{places: max(places, 1)}
	var out []*Expr
	s.each(t, s.terms(t, each), func(variant *Expr, _ []*Expr) { out = append(out, variant) })
	return out
}

// maxNodes is the largest formula that is written out.
const maxNodes = 100_000

type spreading struct {
	places int
	nodes  int
	failed bool
}

// inner resolves the zones of bound variables at the quantifiers that bind them.
func (s *spreading) inner(e *Expr) *Expr {
	if e.Op == OpDefined {
		return s.defined(e)
	}
	if len(e.Args) == 0 {
		return e
	}
	out := *e
	out.Args = make([]*Expr, len(e.Args))
	for i, a := range e.Args {
		out.Args[i] = s.inner(a)
	}
	if len(e.Vars) == 0 {
		return &out
	}
	of := func(x *Expr) bool { return slices.ContainsFunc(e.Vars, x.Uses) }
	last := len(out.Args) - 1
	if e.Op == OpSum {
		if s.failed = s.failed || len(s.terms(out.Args[0], of)) > 0; last == 0 {
			return &out
		}
	}
	out.Args[last] = s.choose(out.Args[last], of, e.Op == OpForall)
	return &out
}

// defined writes a use of a define out where it speaks of zones: its own are chosen in it, those of what it is applied to around it.
func (s *spreading) defined(e *Expr) *Expr {
	if !e.zoned() {
		return e
	}
	out := *e
	given := s.terms(&Expr{Op: OpAnd, Args: e.Args}, each)
	out.Written = s.choose(s.inner(e.Body()), func(x *Expr) bool { return !slices.ContainsFunc(given, func(g *Expr) bool { return sameTerm(g, x) }) }, false)
	return &out
}

// which tells the zones that are chosen at one place from others.
type which func(*Expr) bool

func each(*Expr) bool { return true }

// terms returns the different `x.zone` in e that are still to be chosen, of those that are chosen here.
func (s *spreading) terms(e *Expr, here which) []*Expr {
	var out []*Expr
	e.WalkWritten(func(x *Expr) bool {
		if x.Op == OpZone && x.Int == 0 && x.Args[0].Type.Kind != nil && x.Args[0].Type.Kind.Root().Name != ZoneRoot && here(x) &&
			!slices.ContainsFunc(out, func(o *Expr) bool { return sameTerm(o, x) }) {
			out = append(out, x)
		}
		return x.Op != OpDefined || x.zoned()
	})
	return out
}

// zoned reports whether an expression speaks of the zone of something.
func (e *Expr) zoned() bool { return e.Any(func(op Op) bool { return op == OpZone }) }

// Zones returns the different `x.zone` in e that [Spread] writes out.
func Zones(e *Expr) []*Expr { return (&spreading{}).terms(e, each) }

// choose writes e out for some choice of the zones that are chosen here, or for all. It goes as far down as it can, so that the parts of e stay apart.
func (s *spreading) choose(e *Expr, here which, all bool) *Expr {
	terms := s.terms(e, here)
	if len(terms) == 0 || s.failed {
		return e
	}
	with := func(args ...*Expr) *Expr {
		out := *e
		out.Args = args
		return &out
	}
	switch {
	case e.Op == OpNot:
		return with(s.choose(e.Args[0], here, !all))
	case e.Op == OpImplies && !all:
		return with(s.choose(e.Args[0], here, true), s.choose(e.Args[1], here, false))
	case e.Op == OpAnd && all, e.Op == OpOr && !all:
		args := make([]*Expr, len(e.Args))
		for i, a := range e.Args {
			args[i] = s.choose(a, here, all)
		}
		return with(args...)
	case e.Op == OpForall && all, e.Op == OpExists && !all:
		return with(s.choose(e.Args[0], here, all))
	case e.Op == OpAnd, e.Op == OpOr: // what speaks of the same zone stays together
		var apart, together []*Expr
		for i, a := range e.Args {
			own := s.terms(a, here)
			shares := slices.ContainsFunc(e.Args, func(b *Expr) bool {
				return b != e.Args[i] && slices.ContainsFunc(s.terms(b, here), func(x *Expr) bool {
					return slices.ContainsFunc(own, func(y *Expr) bool { return sameTerm(x, y) })
				})
			})
			if shares {
				together = append(together, a)
			} else {
				apart = append(apart, s.choose(a, here, all))
			}
		}
		if len(together) > 0 {
			apart = append(apart, s.variants(with(together...), s.terms(with(together...), here), all))
		}
		return with(apart...)
	}
	return s.variants(e, terms, all)
}

// variants joins e for each choice.
func (s *spreading) variants(e *Expr, terms []*Expr, all bool) *Expr {
	out := &Expr{Op: OpOr, Span: e.Span}
	if all {
		out.Op = OpAnd
	}
	s.each(e, terms, func(variant *Expr, guards []*Expr) {
		switch {
		case len(guards) == 0:
		case all:
			for _, g := range guards { // no premise of the design's own, so no `implies`
				variant = &Expr{Op: OpOr, Args: []*Expr{{Op: OpNot, Args: []*Expr{g}, Span: e.Span}, variant}, Span: e.Span}
			}
		default:
			variant = &Expr{Op: OpAnd, Args: append(guards, variant), Span: e.Span}
		}
		out.Args = append(out.Args, variant)
	})
	return out
}

// each yields e for each choice of the zones of terms, with the conditions on which there is such a choice.
func (s *spreading) each(e *Expr, terms []*Expr, yield func(variant *Expr, guards []*Expr)) {
	choice := make([]int, len(terms))
	var visit func(i int)
	visit = func(i int) {
		if s.failed {
			return
		}
		if i < len(terms) {
			for choice[i] = range s.places {
				visit(i + 1)
			}
			return
		}
		var guards []*Expr
		for j, t := range terms {
			if choice[j] > 0 {
				z := chosen(t, choice[j])
				guards = append(guards, &Expr{Op: OpEq, Args: []*Expr{z, z}, Span: t.Span}) // nothing is equal to what is not there
			}
		}
		yield(s.replace(e, terms, choice), guards)
	}
	visit(0)
}

// chosen is the zone of that number, from 0.
func chosen(t *Expr, n int) *Expr {
	out := *t
	out.Int = int64(n) + 1
	return &out
}

func (s *spreading) replace(e *Expr, terms []*Expr, choice []int) *Expr {
	if s.nodes++; s.nodes > maxNodes {
		s.failed = true
		return e
	}
	if i := slices.IndexFunc(terms, func(t *Expr) bool { return sameTerm(t, e) }); i >= 0 {
		return chosen(e, choice[i])
	}
	if len(e.Args) == 0 {
		return e
	}
	out := *e
	out.Args = make([]*Expr, len(e.Args))
	for i, a := range e.Args {
		out.Args[i] = s.replace(a, terms, choice)
	}
	if e.Written != nil {
		out.Written = s.replace(e.Written, terms, choice)
	}
	return &out
}

// sameTerm reports whether two terms are written alike over the same variables.
func sameTerm(a, b *Expr) bool {
	return a == b || a.Op == b.Op && a.Var == b.Var && a.Element == b.Element && a.Member == b.Member && a.State == b.State && a.Value == b.Value &&
		a.Attribute == b.Attribute && a.Int == b.Int && len(a.Vars) == 0 && len(a.Args) > 0 == (len(b.Args) > 0) && slices.EqualFunc(a.Args, b.Args, sameTerm)
}
