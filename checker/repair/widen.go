package repair

import (
	"cmp"
	"maps"
	"slices"
	"strings"

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
	Add       Kind = iota // a control that was not there
	Settle                // an open control is there: its `?` goes
	Drop                  // an open control is not there: it goes
	Swap                  // a flow is over another protocol, which carries the same
	Structure             // of a kind that the catalogue knows: see [models.RepairKind]
	Guard                 // a step of a process waits for a condition
)

// Change is one change of the design as it is written. It concerns all elements of a declaration, or all data of a clause.
type Change struct {
	Kind     Kind
	Control  *models.Control  // of Add, Settle and Drop; nil otherwise
	Protocol *models.Protocol // of Swap; nil otherwise
	On       []*models.Element
	Data     []*models.Element // of data at rest on On; nil otherwise
	Cost     int               // in the catalogue's scale

	decl   dsl.Decl    // of Add, for controls of elements, and of Swap
	clause *dsl.Clause // of Add for stored data, and of the others
	place  source.Span // of what is open
	twin   *Change     // of what is open: the other way to settle it
	number int

	says, what, users string                      // of Structure and Guard
	edits             map[*source.File][]dsl.Edit // of Structure and Guard
}

// What says in words what the change is.
func (c *Change) What() string {
	switch {
	case c.Control != nil:
		return c.Control.Title
	case c.Protocol != nil:
		return c.Protocol.Title
	}
	return c.what
}

// Users says what the change does to those who use what is changed; "" where they notice nothing.
func (c *Change) Users() string {
	switch {
	case c.Kind == Drop:
		return ""
	case c.Control != nil:
		return strings.ReplaceAll(c.Control.Users, "{0}", few(c.On))
	case c.Protocol != nil:
		return "both ends of " + few(c.On) + " must speak " + c.Protocol.Name + " and no longer " + c.On[0].Flow.Protocol.Name
	}
	return c.users
}

// String says the change in the words of the language.
func (c *Change) String() string {
	switch {
	case c.Protocol != nil:
		return names(c.On) + " over " + c.Protocol.Name
	case c.Control == nil:
		return c.says
	}
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

// widened is a design in which everything that could be changed by controls and protocols is an open decision.
type widened struct {
	changes []*Change
	of      map[placeKey]*ways
	open    map[source.Span]*Change
	further map[ground.Place][]models.ControlState // what the design does not have, all of it open
}

// ways are the changes each of which makes a control be at a place.
type ways struct {
	yes   *Change   // writes it there; nil where nobody would, or where it is written there
	swaps []*Change // protocols that give it, which then cannot fail
}

type placeKey struct {
	control  *models.Control
	on, data *models.Element
}

// at returns the ways of a place, to be changed.
func (w *widened) at(k placeKey) *ways {
	if w.of[k] == nil {
		w.of[k] = &ways{}
	}
	return w.of[k]
}

// barred reports whether somebody does not want a change that is called so at an element.
func barred(without []string, what string, on *models.Element) bool {
	return slices.Contains(without, what) || slices.Contains(without, what+" on "+on.Name)
}

// widen makes every control that is missing an open decision, but for those that must not be added, and for those that would shut out whom an element is
// for. The model stays as it is.
func widen(m *threats.Model, without []string) *widened {
	fit := ground.Fit(m)
	bars := func(c *models.Control, on *models.Element) bool {
		return barred(without, c.Name, on) || fit.Unfit(c, on)
	}
	w := &widened{of: map[placeKey]*ways{}, open: map[source.Span]*Change{}, further: map[ground.Place][]models.ControlState{}}
	made := generated(m.Design)
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
	controls := slices.SortedFunc(maps.Values(m.Design.Vocabulary.Controls), func(a, b *models.Control) int { return cmp.Compare(a.Name, b.Name) })
	protocols := slices.SortedFunc(maps.Values(m.Design.Vocabulary.Protocols), func(a, b *models.Protocol) int { return cmp.Compare(a.Name, b.Name) })

	additions := map[any]*Change{} // by what is written together
	together := func(key any, c Change) *Change {
		x := additions[key]
		if x == nil {
			x = &c
			x.number = len(w.changes)
			additions[key] = x
			w.changes = append(w.changes, x)
		} else {
			x.On, x.Data, x.Cost = append(x.On, c.On...), append(x.Data, c.Data...), x.Cost+c.Cost
		}
		return x
	}
	add := func(key any, c Change) {
		x := together(key, c)
		if c.Data == nil {
			w.at(placeKey{c.Control, c.On[0], nil}).yes = x
			return
		}
		w.at(placeKey{c.Control, c.On[0], c.Data[0]}).yes = x
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
		w.at(placeKey{s.Control, on, data}).yes = yes
	}
	for _, e := range m.Design.Elements {
		for _, s := range e.Controls {
			if s.Open {
				settle(s, e, nil)
			}
		}
		if d := decls[e.Span]; d != nil {
			// A protocol that gives a control for no more than the control costs is how one would do it.
			cheaper := map[*models.Control]bool{}
			given := map[*models.Control]bool{}
			for _, p := range better(e, protocols, fit) {
				if made[e.Span.File] || barred(without, p.Name, e) {
					continue
				}
				x := together([2]any{d, p}, Change{Kind: Swap, Protocol: p, On: []*models.Element{e}, Cost: p.Cost, decl: d})
				for _, c := range p.Gives {
					k := w.at(placeKey{c, e, nil})
					k.swaps = append(k.swaps, x)
					given[c], cheaper[c] = true, cheaper[c] || p.Cost <= c.Cost
				}
			}
			for _, c := range controls {
				has := slices.ContainsFunc(e.Controls, func(s models.ControlState) bool { return s.Control == c })
				if has || slices.Contains(e.Taken, c) || !c.Fits(e.Kinds) || e.Flow != nil && slices.Contains(e.Flow.Protocol.Gives, c) {
					continue
				}
				writes := !cheaper[c] && !bars(c, e)
				if writes {
					add([2]any{d, c}, Change{Control: c, On: []*models.Element{e}, Cost: c.Cost, decl: d})
				}
				if writes || given[c] {
					at := ground.Place{On: e}
					w.further[at] = append(w.further[at], models.ControlState{Control: c, Open: true, Span: e.Span})
				}
			}
		}
		for _, st := range e.Stores {
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
				if has || bars(c, e) || !fits(c, e, clause, m.Design) {
					continue
				}
				add([2]any{clause, c}, Change{Control: c, On: []*models.Element{e}, Data: []*models.Element{st.Data}, Cost: c.Cost, clause: clause})
				at := ground.Place{On: e, Data: st.Data}
				w.further[at] = append(w.further[at], models.ControlState{Control: c, Open: true, Span: st.Span})
			}
		}
	}
	for _, c := range w.changes {
		c.On, c.Data = unique(c.On), unique(c.Data)
	}
	return w
}

// better returns the protocols that carry the same as that of a flow and give more, most similar first, but for those that would shut out whom it is for.
func better(e *models.Element, all []*models.Protocol, fit *ground.Fitting) []*models.Protocol {
	if e.Flow == nil {
		return nil
	}
	var out []*models.Protocol
	rank := map[*models.Protocol]int{}
	for _, p := range all {
		i := slices.Index(p.Secures, e.Flow.Protocol)
		shut := func(c *models.Control) bool {
			return !slices.Contains(e.Flow.Protocol.Gives, c) && (slices.Contains(e.Taken, c) || fit.Unfit(c, e))
		}
		if i < 0 || slices.ContainsFunc(p.Gives, shut) {
			continue
		}
		rank[p] = i
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b *models.Protocol) int { return cmp.Compare(rank[a], rank[b]) })
	return out
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

// decision is a choice of the ground system with the changes that it stands for.
type decision struct {
	lit     system.Lit // the control is there, or it fails
	failure bool
	*ways
}

// decisions returns the choices of the grounding that stand for changes, by literal.
func (w *widened) decisions(g *ground.Grounding) map[system.Lit]decision {
	out := map[system.Lit]decision{}
	for i := range int32(g.System.Choices()) {
		c := g.Choice(i)
		if x := w.of[placeKey{c.Control, c.On, c.Data}]; x != nil && (!c.Failure || len(x.swaps) > 0) {
			l := g.System.Choice(i)
			out[l] = decision{l, c.Failure, x}
		}
	}
	return out
}
