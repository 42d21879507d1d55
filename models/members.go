package models

import "slices"

// Owners returns the actors that stand for many of whom an element is, or has to do with, in the order declared: an actor himself, whose data or component
// it is, and of a flow those at its ends and on the way.
func Owners(e *Element) []*Element {
	var out []*Element
	add := func(x *Element) {
		switch {
		case x == nil:
		case x.Members != nil:
			out = append(out, x)
		case x.Of != nil:
			out = append(out, x.Of)
		}
	}
	if f := e.Flow; f != nil {
		add(f.Source)
		add(f.Target)
		for _, x := range f.Through {
			add(x)
		}
	} else {
		add(e)
	}
	if len(out) > 1 {
		slices.SortFunc(out, func(a, b *Element) int { return a.ID - b.ID })
		out = slices.Compact(out)
	}
	return out
}

// Owners returns the actors that stand for many of whom somebody takes part in a step, in the order declared.
func (s *Step) Owners() []*Element {
	var out []*Element
	for _, e := range s.By {
		out = append(out, Owners(e)...)
	}
	for _, m := range slices.Concat(s.Receives, s.Sends) {
		if m.Message.Over != nil {
			out = append(out, Owners(m.Message.Over)...)
		}
	}
	for _, v := range s.For {
		out = append(out, v.Type.Kind.Actor)
	}
	slices.SortFunc(out, func(a, b *Element) int { return a.ID - b.ID })
	return slices.Compact(out)
}
