package imports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// Decls returns the plan as declarations, in an order that does not depend on how they were found: zones, actors, data, components, flows, each by name.
func (p *Plan) Decls() []dsl.Decl {
	var out []dsl.Decl
	for _, sort := range []string{Zone, Actor, Data, Component} {
		for _, e := range p.sorted(sort) {
			out = append(out, e.decl())
		}
	}
	out = append(out, p.flows()...)
	slices.SortStableFunc(p.Carried, func(a, b *Carried) int { return cmp.Compare(a.Name, b.Name) })
	for _, c := range p.Carried {
		var body []dsl.Decl
		body = with(body, "carries", c.Carries)
		body = with(body, "returns", c.Returns)
		body = with(body, "handles", c.Handles)
		out = append(out, &dsl.Extend{Names: []dsl.Name{{Text: c.Name}}, Body: &dsl.Body{Entries: body}})
	}
	return out
}

func (p *Plan) sorted(sort string) []*Element {
	var out []*Element
	for _, e := range p.Elements {
		if e.Sort == sort {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b *Element) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func (e *Element) decl() dsl.Decl {
	d := &dsl.Element{Sort: dsl.Name{Text: e.Sort}, Names: []dsl.Name{{Text: e.Name}}}
	for _, k := range e.Kinds {
		d.Kinds = append(d.Kinds, dsl.Name{Text: k})
	}
	for _, z := range inOrder(e.In) {
		d.In = append(d.In, dsl.Name{Text: z.Name})
	}
	var body []dsl.Decl
	if t := Clean(cmp.Or(e.Title, e.Raw)); t != "" && t != e.Name {
		body = append(body, clause("title", text(t)))
	}
	if t := Clean(e.Tech); t != "" && t != e.Raw {
		body = append(body, clause("tech", text(t)))
	}
	if e.Port > 0 {
		body = append(body, clause("port", number(e.Port)))
	}
	body = with(body, "stores", e.Stores)
	body = with(body, "handles", e.Handles)
	body = with(body, "accepts", e.Accepts)
	if e.RunsOn != nil {
		body = with(body, "runs on", []*Element{e.RunsOn})
	}
	slices.SortFunc(e.Ties, func(a, b Tie) int {
		return cmp.Or(cmp.Compare(a.Relation, b.Relation), cmp.Compare(a.To.Name, b.To.Name))
	})
	d.Body = bodyOf(body, e.Ties, e.Has, e.Origin, e.Guessed)
	return d
}

// flows writes flows, those that differ in nothing but their source as one.
func (p *Plan) flows() []dsl.Decl {
	type group struct {
		flow    *Flow
		sources []string
		again   bool // the two have another flow, so this one needs a name of its own
	}
	var groups []*group
	byKey := map[string]*group{}
	drawn := map[[2]*Element]bool{}
	sorted := slices.Clone(p.Flows)
	slices.SortStableFunc(sorted, func(a, b *Flow) int {
		return cmp.Or(cmp.Compare(a.Target.Name, b.Target.Name), cmp.Compare(order(a), order(b)), cmp.Compare(a.Source.Name, b.Source.Name), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Protocol, b.Protocol))
	})
	for _, f := range sorted {
		pair := [2]*Element{f.Source, f.Target}
		again := drawn[pair]
		drawn[pair] = true
		key := fmt.Sprint(f.Target.Name, f.Protocol, f.Port, f.Idle, f.Blocked, list(f.Carries), list(f.Returns), list(f.By), list(f.Through), f.Has, f.Kinds, f.Guessed, f.Title, len(f.Ties), f.Origin)
		g := byKey[key]
		if g == nil || again {
			g = &group{flow: f, again: again}
			groups = append(groups, g)
			if !again {
				byKey[key] = g
			}
		}
		g.sources = append(g.sources, f.Source.Name)
	}
	var out []dsl.Decl
	for _, g := range groups {
		f := g.flow
		d := &dsl.Flow{Targets: []dsl.Name{{Text: f.Target.Name}}, Blocked: f.Blocked}
		for _, s := range g.sources {
			d.Sources = append(d.Sources, dsl.Name{Text: s})
		}
		if g.again {
			raw := fmt.Sprintf("%s-%s-%s", g.sources[0], f.Target.Name, cmp.Or(f.Protocol, "flow"))
			if f.Port > 0 {
				raw = fmt.Sprintf("%s-%s-%d", g.sources[0], f.Target.Name, f.Port)
			}
			d.Name = &dsl.Name{Text: p.names.free(raw, "flow")}
		}
		if f.Protocol != "" {
			d.Protocol = &dsl.Name{Text: f.Protocol}
		}
		var body []dsl.Decl
		if t := Clean(f.Title); t != "" {
			body = append(body, clause("title", text(t)))
		}
		kinds := f.Kinds
		if f.Idle {
			kinds = append(slices.Clone(kinds), "idle")
		}
		if len(kinds) > 0 {
			c := clause("is")
			for _, k := range kinds {
				c.Items = append(c.Items, name(k))
			}
			body = append(body, c)
		}
		if f.Port > 0 {
			body = append(body, clause("port", number(f.Port)))
		}
		if !f.Idle {
			body = with(body, "carries", f.Carries)
			body = with(body, "returns", f.Returns)
			body = with(body, "authenticated by", f.By)
		}
		body = with(body, "through", f.Through)
		d.Body = bodyOf(body, f.Ties, f.Has, f.Origin, f.Guessed)
		out = append(out, d)
	}
	return out
}

// order has flows that are used before those that are only open, and blocked ones last.
func order(f *Flow) int {
	switch {
	case f.Blocked:
		return 2
	case f.Idle:
		return 1
	}
	return 0
}

// bodyOf returns the clauses of an element or a flow, with those that both end with; nil where there are none.
func bodyOf(begin []dsl.Decl, ties []Tie, has []string, at source.Origin, guessed []string) *dsl.Body {
	body := begin
	for _, t := range ties {
		body = append(body, clause(t.Relation, name(t.To.Name)))
	}
	body = slices.Concat(body, controls(has), from(at), guesses(guessed))
	if len(body) == 0 {
		return nil
	}
	return &dsl.Body{Entries: body}
}

func clause(keyword string, items ...dsl.Item) *dsl.Clause {
	return &dsl.Clause{Keyword: dsl.Name{Text: keyword}, Items: items}
}

func text(s string) dsl.Item { return dsl.Item{Kind: dsl.StringItem, Text: s} }
func name(s string) dsl.Item { return dsl.Item{Kind: dsl.NameItem, Text: s} }
func number(n int) dsl.Item  { return dsl.Item{Kind: dsl.IntItem, Int: int64(n)} }
func list(es []*Element) string {
	return strings.Join(namesOf(inOrder(es)), ",")
}

func inOrder(es []*Element) []*Element {
	out := slices.Clone(es)
	slices.SortFunc(out, func(a, b *Element) int { return cmp.Compare(a.Name, b.Name) })
	return slices.Compact(out)
}

func namesOf(es []*Element) []string {
	var out []string
	for _, e := range es {
		out = append(out, e.Name)
	}
	return out
}

// with adds a clause that names elements, unless there are none.
func with(body []dsl.Decl, keyword string, es []*Element) []dsl.Decl {
	if len(es) == 0 {
		return body
	}
	c := clause(keyword)
	for _, n := range namesOf(inOrder(es)) {
		c.Items = append(c.Items, name(n))
	}
	return append(body, c)
}

func controls(has []string) []dsl.Decl {
	if len(has) == 0 {
		return nil
	}
	c := clause("has")
	sorted := slices.Clone(has)
	slices.Sort(sorted)
	for _, h := range slices.Compact(sorted) {
		control, open := strings.CutSuffix(h, "?")
		if open && slices.Contains(has, control) {
			continue
		}
		x := name(control)
		x.Maybe = open
		c.Items = append(c.Items, x)
	}
	return []dsl.Decl{c}
}

func from(o source.Origin) []dsl.Decl {
	if o.File == "" {
		return nil
	}
	return []dsl.Decl{clause("from", text(o.String()))}
}

func guesses(what []string) []dsl.Decl {
	if len(what) == 0 {
		return nil
	}
	c := clause("guessed")
	sorted := slices.Clone(what)
	slices.Sort(sorted)
	for _, g := range sorted {
		c.Items = append(c.Items, name(g))
	}
	return []dsl.Decl{c}
}
