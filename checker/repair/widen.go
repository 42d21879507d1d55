package repair

import (
	"cmp"
	"slices"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Kind says how a change is written.
type Kind uint8

// The kinds of changes.
const (
	Add    Kind = iota // a control that was not there
	Settle             // an open control is there: its `?` goes
	Drop               // an open control is not there: it goes
)

// Change is one change of the design as it is written. It concerns all elements of a declaration, or all data of a clause.
type Change struct {
	Kind    Kind
	Control *models.Control
	On      []*models.Element
	Data    []*models.Element // of data at rest on On; nil otherwise
	Cost    int               // in the catalogue's scale

	decl   dsl.Decl    // of Add, for controls of elements
	clause *dsl.Clause // of Add for stored data, and of the others
	place  source.Span // of what is open
	twin   *Change     // of what is open: the other way to settle it
	number int
}

// String says the change in the words of the language.
func (c *Change) String() string {
	text := names(c.On) + " has"
	if c.Data != nil {
		text = names(c.On) + " stores " + names(c.Data) + " with"
	}
	if c.Kind == Drop {
		text += " no"
	}
	return text + " " + c.Control.Name
}

func names(list []*models.Element) string {
	out := ""
	for i, e := range list {
		if i > 0 {
			out += ", "
		}
		out += e.Name
	}
	return out
}

// widened is a design in which everything that could be changed is an open decision.
type widened struct {
	changes []*Change
	of      map[placeKey]*Change // by place of a control: the change that adds it
	open    map[source.Span]*Change
}

type placeKey struct {
	control  *models.Control
	on, data *models.Element
}

// widen makes every control that is missing an open decision of the model, but for those that must not be added, and for those that would shut out
// whom an element is for.
func widen(m *threats.Model, without []string) *widened {
	unfit := ground.Unfit(m)
	barred := func(c *models.Control, on *models.Element) bool {
		return unfit(c, on) || slices.Contains(without, c.Name) || slices.Contains(without, c.Name+" on "+on.Name)
	}
	w := &widened{of: map[placeKey]*Change{}, open: map[source.Span]*Change{}}
	decls := map[source.Span]dsl.Decl{}
	clauses := map[source.Span]*dsl.Clause{}
	holds := map[source.Span]*dsl.Clause{} // by item
	for _, f := range m.Design.Files {
		dsl.Parse(f, &diag.List{}).Walk(func(d dsl.Decl) {
			switch d := d.(type) {
			case *dsl.Element:
				for _, n := range d.Names {
					decls[n.Span] = d
				}
			case *dsl.Flow:
				decls[d.Span] = d
				if d.Name != nil {
					decls[d.Name.Span] = d
				}
				for _, s := range d.Sources {
					decls[s.Span] = d
					for _, t := range d.Targets {
						decls[t.Span], decls[s.Span.To(t.Span)] = d, d
					}
				}
			case *dsl.Clause:
				clauses[d.Span] = d
				for _, i := range slices.Concat(d.Items, d.With) {
					holds[i.Span] = d
				}
			}
		})
	}
	var controls []*models.Control
	for _, c := range m.Design.Vocabulary.Controls {
		controls = append(controls, c)
	}
	slices.SortFunc(controls, func(a, b *models.Control) int { return cmp.Compare(a.Name, b.Name) })

	additions := map[any]*Change{} // by what is written together
	add := func(together any, c Change) {
		x := additions[together]
		if x == nil {
			x = &c
			x.number = len(w.changes)
			additions[together] = x
			w.changes = append(w.changes, x)
		} else {
			x.On, x.Data, x.Cost = append(x.On, c.On...), append(x.Data, c.Data...), x.Cost+c.Cost
		}
		if c.Data == nil {
			w.of[placeKey{c.Control, c.On[0], nil}] = x
			return
		}
		w.of[placeKey{c.Control, c.On[0], c.Data[0]}] = x
	}
	settle := func(s models.ControlState, on, data *models.Element) {
		clause := holds[s.Span]
		if clause == nil {
			return
		}
		yes := w.open[s.Span]
		if yes == nil {
			yes = &Change{Kind: Settle, Control: s.Control, clause: clause, place: s.Span, number: len(w.changes)}
			no := &Change{Kind: Drop, Control: s.Control, clause: clause, place: s.Span, number: len(w.changes) + 1, twin: yes}
			yes.twin = no
			w.open[s.Span] = yes
			w.changes = append(w.changes, yes, no)
		}
		for _, x := range []*Change{yes, yes.twin} {
			x.On = append(x.On, on)
			if data != nil {
				x.Data = append(x.Data, data)
			}
		}
		yes.Cost += s.Control.Cost
		w.of[placeKey{s.Control, on, data}] = yes
	}
	for _, e := range m.Design.Elements {
		for _, s := range e.Controls {
			if s.Open {
				settle(s, e, nil)
			}
		}
		if d := decls[e.Span]; d != nil {
			for _, c := range controls {
				has := slices.ContainsFunc(e.Controls, func(s models.ControlState) bool { return s.Control == c })
				if has || barred(c, e) || slices.Contains(e.Taken, c) || !c.Fits(e.Kinds) || e.Flow != nil && slices.Contains(e.Flow.Protocol.Gives, c) {
					continue
				}
				add([2]any{d, c}, Change{Control: c, On: []*models.Element{e}, Cost: c.Cost, decl: d})
				e.Controls = append(e.Controls, models.ControlState{Control: c, Open: true, Span: e.Span})
			}
			slices.SortFunc(e.Controls, func(a, b models.ControlState) int { return cmp.Compare(a.Control.Name, b.Control.Name) })
		}
		for i := range e.Stores {
			st := &e.Stores[i]
			for _, s := range st.Controls {
				if s.Open {
					settle(s, e, st.Data)
				}
			}
			clause := clauses[st.Span]
			if clause == nil {
				continue
			}
			for _, c := range controls {
				has := slices.ContainsFunc(st.Controls, func(s models.ControlState) bool { return s.Control == c })
				if has || barred(c, e) || !fits(c, e, clause, m.Design) {
					continue
				}
				add([2]any{clause, c}, Change{Control: c, On: []*models.Element{e}, Data: []*models.Element{st.Data}, Cost: c.Cost, clause: clause})
				st.Controls = append(st.Controls, models.ControlState{Control: c, Open: true, Span: st.Span})
			}
		}
	}
	for _, c := range w.changes {
		c.On, c.Data = unique(c.On), unique(c.Data)
	}
	return w
}

// fits reports whether a control is made for all data of a `stores` clause of an element, so that it can be written behind its `with`.
func fits(c *models.Control, e *models.Element, clause *dsl.Clause, d *models.Design) bool {
	for _, i := range clause.Items {
		data := d.Lookup(i.Text)
		if data == nil || !c.Fits(append(slices.Clone(data.Kinds), e.Kinds...)) {
			return false
		}
	}
	return true
}

func unique(in []*models.Element) []*models.Element {
	var out []*models.Element
	for _, e := range in {
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

// decision is a choice of the ground system with the change that it stands for.
type decision struct {
	lit system.Lit // the control is there
	yes *Change
}

// decisions returns the choices of the grounding that stand for changes, by literal.
func (w *widened) decisions(g *ground.Grounding) map[system.Lit]decision {
	out := map[system.Lit]decision{}
	for i := range int32(g.System.Choices()) {
		if g.System.ChoiceKind(i) != system.Decision {
			continue
		}
		c := g.Choice(i)
		if x := w.of[placeKey{c.Control, c.On, c.Data}]; x != nil {
			l := g.System.Choice(i)
			out[l] = decision{l, x}
		}
	}
	return out
}
