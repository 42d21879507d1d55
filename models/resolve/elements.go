package resolve

import (
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

// elements binds kinds, zones, ends and clauses of everything declared.
func (r *resolver) elements() {
	r.zones = map[*models.Element]dsl.Name{}
	r.hosts = map[*models.Element][]source.Span{}
	for _, g := range r.groups {
		r.bindKinds(g)
	}
	for _, g := range r.groups { // after all kinds: what an element is decides where it may stand
		switch {
		case g.element != nil:
			r.bindZones(g)
			r.bindOwner(g)
		case g.flow != nil:
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
func (r *resolver) kind(name dsl.Name, root string) *models.Kind {
	k := r.v.Kind(name.Text)
	if k == nil {
		var fit []string
		for _, w := range words(r.v.Kinds) {
			if r.v.Kinds[w].Root().Name == root {
				fit = append(fit, w)
			}
		}
		what := "kind of " + root
		if root == models.DataRoot {
			what = "class of data"
		}
		r.names.near(r.names.unknown(r.diags, codeKind, what, name, fit), r.v, name.Text, fit, r.v.Synonyms.Kinds, func(n string) string { return r.v.Kinds[n].Title })
		return nil
	}
	if k.Root().Name != root {
		expected := "a kind of " + root
		if root == models.DataRoot {
			expected = "a class of data"
		}
		d := r.diags.Errorf(codeKind, name.Span, "%q is a kind of %s, expected %s", k.Name, k.Root().Name, expected)
		if of := k.Root().Name; of == models.FlowRoot {
			d.Helpf("flows are of that kind by `is %s` in their braces", k.Name)
		} else {
			d.Helpf("what is of that kind is declared as `%s NAME: %s`", of, k.Name)
		}
		r.misfit = true
		return nil
	}
	return k
}

// bindKinds reads the kinds behind the colon: of an `extend` they come on top.
func (r *resolver) bindKinds(g *group) {
	var names []dsl.Name
	switch {
	case len(g.elements) == 0:
		return
	case g.element != nil:
		names = g.element.Kinds
	case g.extend != nil:
		names = g.extend.Kinds
	}
	var kinds []*models.Kind
	r.misfit = false
	for _, name := range names {
		if k := r.kind(name, g.elements[0].Root()); k != nil {
			kinds = append(kinds, k)
		}
	}
	if r.misfit && g.element != nil {
		for _, e := range g.elements {
			r.doubtful[e] = true
		}
	}
	if g.extend != nil {
		r.addKinds(g.elements, kinds)
		return
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

func (r *resolver) furtherKinds(clause *dsl.Clause, root string) []*models.Kind {
	var kinds []*models.Kind
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
func (r *resolver) addKinds(elements []*models.Element, kinds []*models.Kind) bool {
	changed := false
	for _, e := range elements {
		for _, k := range kinds {
			if e.Is(k) {
				continue
			}
			changed = true
			if len(e.Kinds) == 1 && e.Kinds[0].Name == models.FlowRoot {
				e.Kinds = []*models.Kind{k}
			} else {
				e.Kinds = append(e.Kinds[:len(e.Kinds):len(e.Kinds)], k)
			}
		}
	}
	return changed
}

func (r *resolver) bindZones(g *group) {
	for i, name := range g.element.In {
		zone := r.findOf(name, models.ZoneRoot)
		if zone == nil {
			continue
		}
		if i > 0 && g.element.Sort.Text == models.ZoneRoot {
			r.diags.Errorf(codeSort, name.Span, "zone %q is in %q and in %q, expected one zone around it", g.element.Names[0].Text, g.element.In[0].Text, zone.Name)
			return
		}
		for _, e := range g.elements {
			if g.in != nil && g.in != zone {
				r.diags.Errorf(codeSort, name.Span, "%q is declared inside zone %q and says `in %s`, expected one of the two", e.Name, g.in.Name, zone.Name).
					Label(g.in.Span, "the zone around it")
				return
			}
			if !slices.Contains(e.Zones, zone) {
				e.Zones = append(e.Zones, zone)
			}
			if len(e.Zones) > models.MaxZones {
				r.diags.Errorf(codeTooLarge, name.Span, "too many zones, expected at most %d for an element", models.MaxZones)
				return
			}
			r.zones[e] = name
		}
	}
}

func (r *resolver) bindEnds(g *group) {
	name := dsl.Name{Text: models.Unspecified, Span: g.elements[0].Span}
	if g.flow.Protocol != nil {
		name = *g.flow.Protocol
	}
	protocol := r.check.protocol(name)
	for i, e := range g.elements {
		e.Flow.Protocol = protocol
		e.Flow.Source = r.findOf(g.ends[i][0], models.PartyRoot)
		e.Flow.Target = r.findOf(g.ends[i][1], models.PartyRoot)
		if protocol == nil {
			continue
		}
		e.Controls = slices.Grow(e.Controls, len(protocol.Gives))
		for _, given := range protocol.Gives {
			e.Controls = append(e.Controls, models.ControlState{Control: given, Given: true, Span: name.Span})
		}
	}
}

// acyclicZones reports zones that lie in themselves, and takes them out so that nothing else runs in circles.
func (r *resolver) acyclicZones() {
	const busy, done = 1, 2
	state := make([]byte, len(r.d.Elements))
	for _, e := range r.d.Elements {
		if e.Root() != models.ZoneRoot {
			continue
		}
		var path []*models.Element
		at := e
		for at != nil && state[at.ID] == 0 {
			state[at.ID] = busy
			path = append(path, at)
			at = at.Zone()
		}
		if at != nil && state[at.ID] == busy {
			d := r.diags.Errorf(codeCycle, r.zones[at].Span, "zone %q is inside itself, expected zones without a cycle", at.Name)
			for z := at.Zone(); z != at; z = z.Zone() {
				d.Label(z.Span, "by way of %q", z.Name)
			}
			at.Zones = nil
		}
		for _, z := range path {
			state[z.ID] = done
		}
	}
}

// finish merges what was written several times, in an order that does not tell where it was written, and checks what the parts say of each other.
func (r *resolver) finish() {
	r.takeBack()
	for _, e := range r.d.Elements {
		e.Kinds = mergeKinds(e.Kinds)
		e.Controls = mergeControls(e.Controls)
		e.Stores = mergeStored(e.Stores)
		for _, b := range models.BaseRelations {
			if b.Said != nil && slices.Contains(b.Left, e.Root()) {
				list := b.Said(e)
				*list = merge(*list)
			}
		}
		for rel, list := range e.Relations {
			e.Relations[rel] = merge(list)
		}
		if e.Flow != nil {
			r.idle(e)
		}
		r.claims(e)
		slices.Sort(e.Guessed)
		e.Guessed = slices.Compact(e.Guessed)
		if e.Sure {
			e.Guessed = nil
		}
	}
	r.acyclicHosts()
}

// idle notes that a flow is idle, and reports what passes on it all the same.
func (r *resolver) idle(e *models.Element) {
	if e.Flow.Idle = e.Is(r.v.Kinds[models.Idle]); !e.Flow.Idle {
		return
	}
	for _, word := range []string{"carries", "returns"} {
		if s, ok := r.said[saying{e, word}]; ok {
			r.diags.Errorf(codeClause, s, "flow %q is idle, so it %s nothing", e.Name, word).Helpf("leave out `is idle` if somebody uses it")
		}
	}
}

// claims reports relations that an element both has and is said not to have.
func (r *resolver) claims(e *models.Element) {
	slices.SortFunc(e.None, func(a, b models.Claim) int { return strings.Compare(a.Relation, b.Relation) })
	e.None = slices.CompactFunc(e.None, func(a, b models.Claim) bool { return a.Relation == b.Relation })
	for _, c := range e.None {
		if s, ok := r.said[saying{e, c.Relation}]; ok {
			r.diags.Errorf(codeClause, c.Span, "`%s none` contradicts that %q %s something: leave one of the two out", c.Relation, e.Name, c.Relation).Label(s, "here")
		}
	}
}

// takeBack takes away the controls that `has not` names.
func (r *resolver) takeBack() {
	was := make([][]models.ControlState, len(r.taken))
	for i, t := range r.taken {
		was[i] = t.of.Controls
		t.of.Taken = append(t.of.Taken, t.control.Control)
	}
	for i, t := range r.taken {
		is := func(c models.ControlState) bool { return c.Control == t.control.Control }
		switch {
		case !slices.ContainsFunc(was[i], is):
			r.diags.Warnf(codeUnused, t.control.Span, "%q does not have %q: leave `has not` out", t.of.Name, t.control.Control.Name).Label(t.of.Span, "declared here")
		case slices.ContainsFunc(was[i], func(c models.ControlState) bool { return is(c) && c.Given }):
			r.diags.Errorf(codeControl, t.control.Span, "protocol %q gives %q to %q, so it cannot be taken back", t.of.Flow.Protocol.Name, t.control.Control.Name, t.of.Name).
				Helpf("let the flow run over another protocol")
		default:
			t.of.Controls = slices.DeleteFunc(slices.Clone(t.of.Controls), is)
		}
	}
}

// merge removes what occurs again and sorts elements in the order declared.
func merge(list []*models.Element) []*models.Element {
	list = unique(list)
	slices.SortFunc(list, func(a, b *models.Element) int { return a.ID - b.ID })
	return list
}

// mergeKinds keeps the kind that an element is called by in front, and behind it those that none of the others implies, by name. A flow is called
// by none: the root kind stands in until it has one.
func mergeKinds(kinds []*models.Kind) []*models.Kind {
	if len(kinds) < 2 {
		return kinds
	}
	first := 1
	if kinds[0].Root().Name == models.FlowRoot {
		first = 0
	}
	rest := slices.DeleteFunc(slices.Clone(kinds[first:]), func(k *models.Kind) bool {
		return slices.ContainsFunc(kinds, func(o *models.Kind) bool { return o != k && o.Is(k) })
	})
	slices.SortFunc(rest, func(a, b *models.Kind) int { return strings.Compare(a.Name, b.Name) })
	return append(kinds[:first:first], rest...)
}

// acyclicHosts reports each circle of `runs on` once, by a search that keeps its own stack.
func (r *resolver) acyclicHosts() {
	const busy, done = 1, 2
	state := make([]byte, len(r.d.Elements))
	type frame struct {
		e    *models.Element
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
				r.diags.Errorf(codeCycle, span, "%q runs on %q, which runs on it, expected hosts without a cycle", top.e.Name, host.Name).Label(host.Span, "declared here")
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
