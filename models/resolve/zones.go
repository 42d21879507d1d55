package resolve

import (
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

// Spread writes the steps of closures out for elements in up to places zones: one that names `x.zone` of a parameter leads on if it does for some zone. It reports those that get too large.
func Spread(v *models.Vocabulary, places int, diags *diag.List) {
	for _, name := range words(v.Defines) {
		d := v.Defines[name]
		out := models.Spread(d.Step, places, false)
		if out == nil && d.Step != nil {
			diags.Errorf(codeTooLarge, d.Span, "the steps of closure %q get too large for elements in %d zones, expected fewer zones for an element", d.Name, places)
			continue
		}
		d.Step = out
	}
}

// spread writes the formulas of the design out. A process may not depend on which zone is meant.
func (r *resolver) spread() {
	places := r.d.Places()
	if places < 2 || r.diags.HasErrors() {
		return
	}
	write := func(f *models.Expr, all bool, at source.Span) *models.Expr {
		out := models.Spread(f, places, all)
		if out == nil && f != nil {
			r.diags.Errorf(codeTooLarge, at, "`.zone` of elements in several zones stands in a sum here, or so often that the formula gets too large").
				Helpf("say which zone is meant, as in `x in Core`")
			return f
		}
		return out
	}
	for _, q := range r.d.Requirements {
		q.F = write(q.F, q.Kind == models.Always || q.Kind == models.Possible, q.Span)
		q.G = write(q.G, true, q.Span)
	}
	for _, a := range r.d.Assumptions {
		a.F = write(a.F, true, a.Span)
	}
	for _, p := range r.d.Processes {
		exprs(p, func(e *models.Expr) {
			if terms := models.Zones(e); len(terms) > 0 {
				r.diags.Errorf(codeUnsupported, terms[0].Span, "which zone %q is depends on which is meant, as elements of the design stand in several", terms[0].String()).
					Helpf("say it with `in`, as in `x in Core`")
			}
		})
	}
}

// exprs calls visit for every formula and term of a process.
func exprs(p *models.Process, visit func(*models.Expr)) {
	terms := func(list []models.MessageTerm) {
		for _, m := range list {
			for _, a := range m.Args {
				visit(a)
			}
		}
	}
	for _, v := range p.Vars {
		visit(v.Init)
	}
	for _, m := range p.Messages {
		visit(m.Signed)
	}
	for _, s := range p.Steps {
		visit(s.When)
		terms(s.Receives)
		terms(s.Sends)
		for _, e := range s.Do {
			visit(e.Value)
			for _, a := range e.Args {
				visit(a)
			}
		}
	}
}
