package resolve

import (
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/models"
)

// each writes the clauses of every `each` at the elements that it means: first the kinds, until no more elements are meant.
func (r *resolver) each() {
	zones := make([]*models.Element, len(r.eaches))
	kinds := make([]*models.Kind, len(r.eaches))
	for i, x := range r.eaches {
		kinds[i], zones[i] = r.eachTarget(x)
	}
	for changed := true; changed; {
		changed = false
		for i, x := range r.eaches {
			for _, c := range x.decl.Body.Clauses() {
				if kinds[i] != nil && c.Keyword.Text == "is" {
					further := r.furtherKinds(c, kinds[i].Root().Name)
					changed = r.addKinds(r.meant(x, kinds[i], zones[i]), further) || changed
				}
			}
		}
	}
	byKind := map[*models.Kind][]*models.Element{}
	for _, k := range kinds {
		if k != nil && byKind[k] == nil {
			byKind[k] = r.meant(&eachIn{decl: &dsl.Each{}}, k, nil)
		}
	}
	for i, x := range r.eaches {
		if kinds[i] == nil {
			continue
		}
		elements := r.narrow(x, byKind[kinds[i]], zones[i])
		if len(elements) == 0 {
			r.diags.Warnf(codeUnused, x.decl.Span, "this `each` selects nothing: no %s matches; leave it out, or widen `in` and the kind", kinds[i].Name)
			continue
		}
		for _, c := range x.decl.Body.Clauses() {
			r.apply(r.clause(c, elements), elements)
		}
	}
}

// eachTarget binds the kind, the zone and the exceptions of an `each`. The kind is nil when it is wrong.
func (r *resolver) eachTarget(x *eachIn) (*models.Kind, *models.Element) {
	k := r.v.Kind(x.decl.Kind.Text)
	if k == nil {
		r.names.unknown(r.diags, codeKind, "kind", x.decl.Kind, words(r.v.Kinds))
		return nil, nil
	}
	zone := x.in
	if x.decl.In != nil {
		zone = r.findOf(*x.decl.In, models.ZoneRoot)
		if zone == nil {
			return nil, nil
		}
	}
	if root := k.Root().Name; x.decl.In != nil && (root == models.DataRoot || root == models.FlowRoot) {
		r.diags.Errorf(codeSort, x.decl.In.Span, "%s lies in no zone", article(root)).Helpf("each %s ... without `in %s`", k.Name, x.decl.In.Text)
		return nil, nil
	} else if root == models.DataRoot || root == models.FlowRoot {
		zone = nil
	}
	for _, name := range x.decl.Except {
		e := r.find(name, "element")
		if e != nil && (!e.Is(k) || zone != nil && !e.Inside(zone)) {
			r.diags.Warnf(codeUnused, name.Span, "%q is not selected by this `each`: leave it out after `except`", e.Name).Label(e.Span, "declared here")
		}
	}
	return k, zone
}

// meant returns the elements that an `each` is written at.
func (r *resolver) meant(x *eachIn, k *models.Kind, zone *models.Element) []*models.Element {
	var of []*models.Element
	for _, e := range r.d.Elements {
		if e.Is(k) {
			of = append(of, e)
		}
	}
	return r.narrow(x, of, zone)
}

func (r *resolver) narrow(x *eachIn, of []*models.Element, zone *models.Element) []*models.Element {
	except := make(map[string]bool, len(x.decl.Except))
	for _, name := range x.decl.Except {
		except[name.Text] = true
	}
	var out []*models.Element
	for _, e := range of {
		if !except[e.Name] && (zone == nil || e.Inside(zone)) {
			out = append(out, e)
		}
	}
	return out
}
