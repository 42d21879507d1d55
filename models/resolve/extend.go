package resolve

import (
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/models"
)

// extend makes groups of what every `extend` names, once all elements are declared: its clauses then count as if written at them. Elements of several
// sorts in one `extend` make a group each.
func (r *resolver) extend() {
	for _, d := range r.extends {
		var groups []*group
		for _, name := range d.Names {
			e := r.extended(d, name)
			if e == nil {
				continue
			}
			if e.Flow != nil {
				e.Flow.Blocked = e.Flow.Blocked || d.Blocked
			}
			var at *group
			for _, g := range groups {
				if g.elements[0].Root() == e.Root() {
					at = g
				}
			}
			if at == nil {
				at = &group{extend: d}
				groups = append(groups, at)
			}
			at.elements = append(at.elements, e)
		}
		r.groups = append(r.groups, groups...)
	}
}

// extended returns the element that an `extend` names. It reports one that is not there, or of another sort, and returns nil.
func (r *resolver) extended(d *dsl.Extend, name dsl.Name) *models.Element {
	source, target, arrow := strings.Cut(name.Text, "->")
	if s := r.names.terms[name.Text]; s == nil && arrow {
		x := r.names.unknown(r.diags, codeUnknown, "flow", name, r.names.candidates(func(s *symbol) bool { return s.element != nil && s.element.Flow != nil }))
		switch called := r.between(source, target); {
		case len(called) > 0:
			x.Helpf("what leads from %s to %s is called %s", source, target, strings.Join(called, ", "))
		default:
			x.Helpf("`extend` adds to what is declared elsewhere; declare it with `flow %s -> %s`", source, target)
		}
		return nil
	}
	what := "element"
	if d.Sort != nil {
		what = d.Sort.Text
	}
	e := r.find(name, what)
	switch {
	case e == nil:
		return nil
	case d.Sort != nil && e.Root() != d.Sort.Text:
		r.diags.Errorf(codeSort, name.Span, "expected %s, but %q is %s", article(what), name.Text, article(e.Root())).Label(e.Span, "declared here")
		return nil
	case d.Blocked && e.Flow == nil:
		r.diags.Errorf(codeSort, name.Span, "expected a flow before `blocked`, but %q is %s", name.Text, article(e.Root())).Label(e.Span, "declared here")
		return nil
	}
	return e
}

// between returns what the flows between two parties are called.
func (r *resolver) between(source, target string) []string {
	var out []string
	for _, g := range r.groups {
		for i, ends := range g.ends {
			if ends[0].Text == source && ends[1].Text == target {
				out = append(out, g.elements[i].Name)
			}
		}
	}
	return out
}
