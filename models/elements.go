package models

import (
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// elements binds kinds, zones, ends and clauses of everything declared.
func (r *resolver) elements() {
	r.zones = map[*Element]dsl.Name{}
	r.hosts = map[*Element][]source.Span{}
	for _, g := range r.groups {
		if g.element != nil {
			r.bindKinds(g)
		}
	}
	for _, g := range r.groups { // after all kinds: what an element is decides where it may stand
		if g.element != nil {
			r.bindZone(g)
		} else {
			r.bindEnds(g)
		}
	}
	r.acyclicZones()
	for _, g := range r.groups {
		r.bindFurtherKinds(g)
	}
	for _, g := range r.groups {
		for _, clause := range g.body().Clauses() {
			r.apply(r.clause(clause, g.elements), g.elements)
		}
	}
}

// kind finds a kind below a root, or reports what is wrong and returns nil.
func (r *resolver) kind(name dsl.Name, root string) *Kind {
	k := r.v.Kind(name.Text)
	if k == nil {
		var fit []string
		for _, w := range words(r.v.Kinds) {
			if r.v.Kinds[w].Root().Name == root {
				fit = append(fit, w)
			}
		}
		what := "kind of " + root
		if root == DataRoot {
			what = "class of data"
		}
		r.names.unknown(r.diags, codeKind, what, name, fit)
		return nil
	}
	if k.Root().Name != root {
		r.diags.Errorf(codeKind, name.Span, "%q is a kind of %s, expected one of %s", k.Name, k.Root().Name, root)
		return nil
	}
	return k
}

func (r *resolver) bindKinds(g *group) {
	sort := g.element.Sort.Text
	var kinds []*Kind
	for _, name := range g.element.Kinds {
		if k := r.kind(name, sort); k != nil {
			kinds = append(kinds, k)
		}
	}
	kinds = unique(kinds)
	for _, e := range g.elements {
		if len(kinds) > 0 {
			e.Kinds = kinds[:len(kinds):len(kinds)]
		}
	}
}

// bindFurtherKinds reads the `is` clauses; the kinds that they name are facts of the design.
func (r *resolver) bindFurtherKinds(g *group) {
	for _, clause := range g.body().Clauses() {
		if clause.Keyword.Text == "is" && len(g.elements) > 0 {
			r.addKinds(g.elements, r.furtherKinds(clause, g.elements[0].Root()))
		}
	}
}

func (r *resolver) furtherKinds(clause *dsl.Clause, root string) []*Kind {
	var kinds []*Kind
	for _, item := range clause.Items {
		if item.Kind != dsl.NameItem || item.Maybe {
			r.diags.Errorf(codeClause, item.Span, "expected a kind after `is`, found %q", item.Span.Text())
			continue
		}
		if k := r.kind(dsl.Name{Text: item.Text, Span: item.Span}, root); k != nil {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// addKinds gives elements further kinds and reports whether any was new.
func (r *resolver) addKinds(elements []*Element, kinds []*Kind) bool {
	changed := false
	for _, e := range elements {
		for _, k := range kinds {
			if e.Is(k) {
				continue
			}
			changed = true
			if len(e.Kinds) == 1 && e.Kinds[0].Name == FlowRoot {
				e.Kinds = []*Kind{k}
			} else {
				e.Kinds = append(e.Kinds[:len(e.Kinds):len(e.Kinds)], k)
			}
		}
	}
	return changed
}

func (r *resolver) bindZone(g *group) {
	if g.element.In == nil {
		return
	}
	zone := r.findOf(*g.element.In, ZoneRoot)
	if zone == nil {
		return
	}
	for _, e := range g.elements {
		if g.in != nil && g.in != zone {
			r.diags.Errorf(codeSort, g.element.In.Span, "%q is declared inside zone %q, so it cannot be in %q", e.Name, g.in.Name, zone.Name).
				Label(g.in.Span, "the zone around it")
			return
		}
		e.Zone = zone
		r.zones[e] = *g.element.In
	}
}

func (r *resolver) bindEnds(g *group) {
	protocol := r.check.protocol(g.flow.Protocol)
	for i, e := range g.elements {
		e.Flow.Protocol = protocol
		e.Flow.Source = r.findOf(g.ends[i][0], PartyRoot)
		e.Flow.Target = r.findOf(g.ends[i][1], PartyRoot)
		if protocol == nil {
			continue
		}
		for _, given := range protocol.Gives {
			e.Controls = append(e.Controls, ControlState{Control: given, Given: true, Span: g.flow.Protocol.Span})
		}
	}
}

// acyclicZones reports zones that lie in themselves, and takes them out so that nothing else runs in circles.
func (r *resolver) acyclicZones() {
	const busy, done = 1, 2
	state := make([]byte, len(r.d.Elements))
	for _, e := range r.d.Elements {
		var path []*Element
		at := e
		for at != nil && state[at.ID] == 0 {
			state[at.ID] = busy
			path = append(path, at)
			at = at.Zone
		}
		if at != nil && state[at.ID] == busy {
			d := r.diags.Errorf(codeCycle, r.zones[at].Span, "zone %q lies in itself", at.Name)
			for z := at.Zone; z != at; z = z.Zone {
				d.Label(z.Span, "by way of %q", z.Name)
			}
			at.Zone = nil
		}
		for _, z := range path {
			state[z.ID] = done
		}
	}
}

// finish merges what was written several times and checks that hosts do not run on each other in a circle.
func (r *resolver) finish() {
	for _, e := range r.d.Elements {
		e.Controls = mergeControls(e.Controls)
		e.Stores = mergeStored(e.Stores)
		e.Handles, e.Accepts, e.RunsOn = unique(e.Handles), unique(e.Accepts), unique(e.RunsOn)
		for rel, list := range e.Relations {
			e.Relations[rel] = unique(list)
		}
		if f := e.Flow; f != nil {
			f.Carries, f.Returns, f.Authenticated, f.Through = unique(f.Carries), unique(f.Returns), unique(f.Authenticated), unique(f.Through)
		}
	}
	r.acyclicHosts()
}

// acyclicHosts reports each circle of `runs on` once, by a search that keeps its own stack.
func (r *resolver) acyclicHosts() {
	const busy, done = 1, 2
	state := make([]byte, len(r.d.Elements))
	type frame struct {
		e    *Element
		next int
	}
	for _, root := range r.d.Elements {
		if state[root.ID] != 0 || len(root.RunsOn) == 0 {
			continue
		}
		state[root.ID] = busy
		stack := []frame{{e: root}}
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.next == len(top.e.RunsOn) {
				state[top.e.ID] = done
				stack = stack[:len(stack)-1]
				continue
			}
			host := top.e.RunsOn[top.next]
			top.next++
			switch state[host.ID] {
			case busy:
				span := top.e.Span
				if spans := r.hosts[top.e]; len(spans) > 0 {
					span = spans[0]
				}
				r.diags.Errorf(codeCycle, span, "%q runs on %q, which runs on it", top.e.Name, host.Name).Label(host.Span, "declared here")
			case 0:
				state[host.ID] = busy
				stack = append(stack, frame{e: host})
			}
		}
	}
}

// unique removes what occurs again and keeps the order.
func unique[T comparable](list []T) []T {
	if len(list) < 2 {
		return list
	}
	seen := make(map[T]bool, len(list))
	out := list[:0:0]
	for _, x := range list {
		if !seen[x] {
			seen[x] = true
			out = append(out, x)
		}
	}
	return out
}
