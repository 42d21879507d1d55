package threats

import (
	"slices"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
)

// lintShadowed warns of a threat that another one makes superfluous: wherever it fires, the other one does too, gives all that it gives, and
// costs no more. Of two that do the same for the same, the later one is superfluous.
func lintShadowed(l *diag.List, c *Catalogue, i int) {
	t := c.Threats[i]
	for k, other := range c.Threats {
		if k != i && other.Cost <= t.Cost && shadows(other, t) && (k < i || other.Cost < t.Cost || !shadows(t, other)) {
			l.Warnf(CodeShadowed, t.Span, "threat %q is superfluous, as %q does the same at no higher cost: leave it out", t.ID, other.ID).Label(other.Span, "the other one")
			return
		}
	}
}

// shadows reports whether threat o fires wherever t does, with all its effects and at no higher cost.
func shadows(o, t *Threat) bool {
	for _, e := range t.Then {
		if !slices.ContainsFunc(o.Then, func(x Effect) bool { return x.Predicate == e.Predicate && x.Set == e.Set }) {
			return false
		}
	}
	if len(o.For) > len(t.For) { // an element that t does not name may not be there
		return false
	}
	as := map[*models.Var]*models.Expr{}
	var try func(n int) bool
	try = func(n int) bool {
		if n == len(o.For) {
			return renamed(o, t, as)
		}
		for _, v := range t.For {
			if !fitsIn(v.Type, o.For[n].Type) {
				continue
			}
			as[o.For[n]] = &models.Expr{Op: models.OpVar, Var: v, Type: v.Type, Span: v.Span}
			if try(n + 1) {
				return true
			}
		}
		return false
	}
	return try(0)
}

// fitsIn reports whether all that is of type a is of type b.
func fitsIn(a, b models.Type) bool {
	return a.Kind != nil && b.Kind != nil && a.Maybe == b.Maybe && a.Kind.Is(b.Kind)
}

// renamed reports whether o shadows t when its variables stand for those of t.
func renamed(o, t *Threat, as map[*models.Var]*models.Expr) bool {
	var effects []string
	for _, e := range o.Then {
		args := make([]*models.Expr, len(e.Args))
		for i, a := range e.Args {
			args[i] = models.Substitute(a, as)
		}
		effects = append(effects, effectText(Effect{e.Predicate, args, e.Set}))
	}
	for _, e := range t.Then {
		if !slices.Contains(effects, effectText(e)) {
			return false
		}
	}
	for _, h := range o.Harder {
		if !slices.ContainsFunc(t.Harder, func(x Harder) bool { return x.Var == as[h.Var].Var && x.Control == h.Control && x.Cost >= h.Cost }) {
			return false
		}
	}
	when := models.Substitute(o.When, as)
	not := &models.Expr{Op: models.OpNot, Args: []*models.Expr{when}, Type: when.Type}
	budget := logicBudget
	return !satisfiable(&budget, t.When, not)
}
