package ground

import (
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/threats"
)

// Deed is what a rule does, apart from all that has no say in whether it can be stopped: a threat with the elements whose controls it asks for, or a
// step or message of a process, whatever its arguments. Rules of one deed are stopped by the same.
type Deed struct {
	Name string // such as `injection(Shop)` or `step Capture`; no two deeds of a design have the same
	Rank DeedRank
}

// DeedRank says how much a deed has to do with what stops an attack: the lower, the more.
type DeedRank uint8

// The ranks of deeds.
const (
	Costly  DeedRank = iota // a threat that costs something, or a message or step that is forged
	Guarded                 // a free threat that a control can stop
	Free                    // what nothing but another design stops
	Regular                 // a step of a process as it is meant
)

// Deed returns what a rule does.
func (g *Grounding) Deed(rule int32) Deed {
	if p := g.process(rule); p != nil {
		name := string(p.kind) + " "
		switch {
		case p.alert != "":
			name += p.alert
		case p.step != nil:
			name += declaredStep(p.step).Name
		default:
			name += declaredMessage(p.msg).Name
		}
		return Deed{name, map[Kind]DeedRank{ByStep: Regular, ByAlert: Regular, ByRead: Free}[p.kind]}
	}
	t := g.Threat(rule)
	var names []string
	for _, at := range asked(t) {
		names = append(names, g.Model.Design.Elements[g.element(rule, at)].Name)
	}
	d := Deed{t.ID + "(" + strings.Join(names, ", ") + ")", Free}
	switch {
	case t.Cost > 0:
		d.Rank = Costly
	case t.Unless != nil:
		d.Rank = Guarded
	}
	return d
}

// Alike returns the rules that do the same as a rule, ascending; it is one of them.
func (g *Grounding) Alike(rule int32) []int32 {
	var out []int32
	if p := g.process(rule); p != nil {
		for i := range g.steps {
			if o := &g.steps[i]; o.kind == p.kind && declaredStep(o.step) == declaredStep(p.step) && declaredMessage(o.msg) == declaredMessage(p.msg) && o.alert == p.alert {
				out = append(out, g.firstStep+int32(i))
			}
		}
		return out
	}
	at := asked(g.Threat(rule))
	from, to := g.byThreat.of(g.byThreat.threat(rule))
	for other := from; other < to; other++ {
		if !slices.ContainsFunc(at, func(i int) bool { return g.element(other, i) != g.element(rule, i) }) {
			out = append(out, other)
		}
	}
	return out
}

// element is the ID of the element of the design that a variable of a rule's threat is bound to, whoever's of many it is.
func (g *Grounding) element(rule int32, variable int) int32 {
	return int32(declared(g.design.Elements[g.byThreat.binds(rule)[variable]]).ID)
}

// asked returns which variables of a threat are asked for controls. Where none is, they are all that are neither flows nor zones, which only lead
// there; and where there are only such, all.
func asked(t *threats.Threat) []int {
	var some, places, all []int
	for i, v := range t.For {
		all = append(all, i)
		if t.Unless.Uses(v) || slices.ContainsFunc(t.Harder, func(h threats.Harder) bool { return h.Var == v }) {
			some = append(some, i)
		}
		if root := v.Type.Kind.Root().Name; root != "flow" && root != "zone" {
			places = append(places, i)
		}
	}
	switch {
	case len(some) > 0:
		return some
	case len(places) > 0:
		return places
	}
	return all
}
