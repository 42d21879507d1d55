package resolve

import (
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

// An actor stands for many where the design says so: something is `of` him, an attacker `is` one of them, or he is the sort of a variable; and where a
// catalogue says it of his kind, an attacker controls him, and what he has to do with is such that each has one: then that attacker is one of them.

// maxMany bounds the actors that stand for many at one flow or step, as there is a copy of it for each choice of who is whose.
const maxMany = 3

// members returns the sort of the members of an actor, who stands for many from then on.
func members(e *models.Element) *models.Kind {
	if e.Members == nil {
		e.Members = &models.Kind{Name: e.Name, Title: e.Title, Parent: e.Kinds[0], Span: e.Span, Actor: e}
	}
	return e.Members
}

// bindOwner reads of whom each has one.
func (r *resolver) bindOwner(g *group) {
	if g.element.Of == nil {
		return
	}
	of := r.findOf(*g.element.Of, models.ActorRoot)
	if of == nil {
		return
	}
	if g.elements[0].Root() == models.ActorRoot {
		r.diags.Errorf(codeSort, g.element.Of.Span, "expected data or a component before `of`, but %q is %s", g.elements[0].Name, sortOf(g.elements[0]))
		return
	}
	members(of)
	for _, e := range g.elements {
		e.Of = of
	}
}

// callers checks for whom a step is taken.
func (r *resolver) callers(vars []*models.Var) []*models.Var {
	var out []*models.Var
	for _, v := range vars {
		of := func(o *models.Var) bool { return o.Type.Kind == v.Type.Kind }
		switch k := v.Type.Kind; {
		case v.Type.Base == models.ElementType && k == nil: // already reported
		case k == nil || k.Actor == nil:
			r.diags.Errorf(codeMembers, v.Span, "expected an actor that stands for many after `for`, but %q is %s", v.Name, article(v.Type.String()))
		case slices.ContainsFunc(out, of):
			r.diags.Errorf(codeMembers, v.Span, "the step is for two of %s, expected one at a time", k.Name)
		default:
			out = append(out, v)
		}
	}
	return out
}

// belongings finds, for actors of whom attackers are one, what each of them has where the design does not say it: what a catalogue calls such, and no
// other actor that stands for many has to do with.
func (r *resolver) belongings() {
	one := map[*models.Element]*models.Attacker{} // the first attacker that is one of them, or would be
	for _, a := range r.d.Attackers {
		for _, e := range a.Is {
			if one[e] == nil {
				one[e] = a
			}
		}
		for _, s := range a.Start {
			e := s.Args[0]
			many := e.Members != nil || slices.ContainsFunc(e.Kinds, isMany)
			if s.Predicate.Base && s.Predicate.Name == "controls" && e.Root() == models.ActorRoot && many && one[e] == nil {
				one[e] = a
			}
		}
	}
	tools := r.tools()
	if len(one) > 0 {
		r.ownData(one, tools)
	}
	for c, p := range tools {
		if c.Of == nil && p.Members != nil {
			c.Of = p
		}
	}
	few := func(what, name string, owners []*models.Element, at source.Span) {
		if n := len(owners); n > maxMany {
			r.diags.Errorf(codeTooLarge, at, "%s %q involves %d actors that stand for many, expected at most %d", what, name, n, maxMany)
		}
	}
	for _, e := range r.d.Elements {
		few("flow", e.Name, models.Owners(e), e.Span)
	}
	for _, p := range r.d.Processes {
		for _, s := range p.Steps {
			few("step", s.Name, s.Owners(), s.Span)
		}
	}
}

// isMany reports whether a catalogue says that actors of a kind stand for many.
func isMany(k *models.Kind) bool { return k != nil && (k.Many || isMany(k.Parent)) }

// isEach reports whether a catalogue says that each of many has what is of a kind.
func isEach(k *models.Kind) bool { return k != nil && (k.Each || isEach(k.Parent)) }

// tools returns apps and the like with the actor who alone uses them.
func (r *resolver) tools() map[*models.Element]*models.Element {
	users := map[*models.Element][]*models.Element{}
	link := func(a, c *models.Element) {
		if a != nil && c != nil && a.Root() == models.ActorRoot && c.Root() == models.ComponentRoot && slices.ContainsFunc(c.Kinds, isEach) && !slices.Contains(users[c], a) {
			users[c] = append(users[c], a)
		}
	}
	for _, e := range r.d.Elements {
		if f := e.Flow; f != nil {
			link(f.Source, f.Target)
			link(f.Target, f.Source)
		}
		for _, list := range e.Relations {
			for _, to := range list {
				link(e, to)
			}
		}
	}
	out := map[*models.Element]*models.Element{}
	for c, list := range users {
		if len(list) == 1 {
			out[c] = list[0]
		}
	}
	return out
}

// ownData gives data to the actor on whose flows alone they are, who stands for many then, and says so. What a flow may be proved with, since its target
// accepts it, may be somebody's who sends there: that takes it from another one, and gives it to nobody.
func (r *resolver) ownData(one map[*models.Element]*models.Attacker, tools map[*models.Element]*models.Element) {
	of, perhaps := map[*models.Element][]*models.Element{}, map[*models.Element][]*models.Element{}
	for _, e := range r.d.Elements {
		f := e.Flow
		if f == nil {
			continue
		}
		for _, p := range append([]*models.Element{f.Source, f.Target}, f.Through...) {
			switch {
			case p != nil && p.Of != nil:
				p = p.Of
			case tools[p] != nil:
				p = tools[p]
			}
			if p == nil || !slices.ContainsFunc(p.Kinds, isMany) {
				continue
			}
			for _, d := range slices.Concat(f.Carries, f.Returns, f.Authenticated) {
				if d.Of == nil && slices.ContainsFunc(d.Kinds, isEach) && !slices.Contains(of[d], p) {
					of[d] = append(of[d], p)
				}
			}
			if len(f.Authenticated) == 0 {
				for _, d := range f.Target.Accepts {
					perhaps[d] = append(perhaps[d], p)
				}
			}
		}
	}
	taken := map[*models.Element][]string{}
	for _, d := range r.d.Elements {
		if list := of[d]; len(list) == 1 && one[list[0]] != nil && !slices.ContainsFunc(perhaps[d], func(p *models.Element) bool { return p != list[0] }) {
			d.Of = list[0]
			members(d.Of)
			taken[d.Of] = append(taken[d.Of], d.Name)
		}
	}
	for _, p := range r.d.Elements {
		if names := taken[p]; len(names) > 0 {
			r.diags.Warnf(codeMembers, one[p].Span, "attacker %q is one %s of many, so each is taken to have %s of their own", one[p].Name, p.Name, strings.Join(names, ", ")).
				Helpf("write `of %s` behind the class of such data, and `is %s` where attackers may know what the design gives them", p.Name, p.Name)
		}
	}
}

// atScale checks `at scale`, which is about what each of many has.
func (r *resolver) atScale(q *models.Requirement, d *dsl.Require) {
	if !d.AtScale.IsValid() {
		return
	}
	q.AtScale, q.Text = true, q.Text+" at scale"
	if d.Property.Kind != dsl.Confidential && d.Property.Kind != dsl.Integrity {
		r.diags.Errorf(codeRequirement, d.AtScale, "found `at scale` after another property, expected it after `confidential` or `integrity` only")
		return
	}
	for _, f := range append(slices.Clone(q.Each), q.F) {
		if len(f.Args) == 1 && f.Args[0].Op == models.OpElement && f.Args[0].Element.Of == nil {
			e := f.Args[0].Element
			r.diags.Errorf(codeMembers, f.Span, "there is one %q for all, so nothing of it is at scale", e.Name).Label(e.Span, "declared here").
				Helpf("say whose it is, as in `data %s: %s of Shopper`", e.Name, e.Kinds[0].Name)
		}
	}
}
