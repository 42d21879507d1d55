package explain

import "github.com/vauban-verifier/vauban/models"

// Guesses returns the elements of which something was guessed and that have to do with a requirement: those that what it speaks of, and where its
// attackers start, are joined with by flows, zones and what else the design says of two elements. A proof may hang on each, also on one that it does
// not name: another kind, or another zone, might open a way.
func Guesses(d *models.Design, q *models.Requirement) []*models.Element {
	some := false
	for _, e := range d.Elements {
		some = some || len(e.Guessed) > 0
	}
	if !some {
		return nil
	}
	reached := map[*models.Element]bool{}
	var queue []*models.Element
	reach := func(list ...*models.Element) {
		for _, e := range list {
			if e != nil && !reached[e] {
				reached[e] = true
				queue = append(queue, e)
			}
		}
	}
	if q.Process {
		reach(d.Elements...) // the steps of a process speak of what they like
	}
	spokenOf(q.F, d, reach)
	spokenOf(q.G, d, reach)
	for _, v := range q.For {
		reach(d.Of(v.Type.Kind)...)
	}
	for _, coalition := range q.Coalitions {
		for _, a := range coalition {
			for _, s := range a.Start {
				reach(s.Args...)
			}
		}
	}
	joined := neighbours(d)
	for len(queue) > 0 {
		e := queue[0]
		queue = queue[1:]
		reach(joined[e.ID]...)
	}
	var out []*models.Element
	for _, e := range d.Elements {
		if reached[e] && len(e.Guessed) > 0 {
			out = append(out, e)
		}
	}
	return out
}

// spokenOf calls reach with the elements that a formula names, or that its variables range over.
func spokenOf(f *models.Expr, d *models.Design, reach func(...*models.Element)) {
	f.Walk(func(x *models.Expr) bool {
		reach(x.Element)
		for _, v := range x.Vars {
			reach(d.Of(v.Type.Kind)...)
		}
		return true
	})
}

// neighbours returns, by ID, the elements that the design says something of together with an element.
func neighbours(d *models.Design) [][]*models.Element {
	out := make([][]*models.Element, len(d.Elements))
	for _, e := range d.Elements {
		join := func(list ...*models.Element) {
			for _, x := range list {
				out[e.ID] = append(out[e.ID], x)
				out[x.ID] = append(out[x.ID], e)
			}
		}
		join(e.Zones...)
		join(e.Handles...)
		join(e.Accepts...)
		join(e.RunsOn...)
		for _, s := range e.Stores {
			join(s.Data)
		}
		for _, list := range e.Relations {
			join(list...)
		}
		if f := e.Flow; f != nil {
			join(f.Source, f.Target)
			join(f.Carries...)
			join(f.Returns...)
			join(f.Authenticated...)
			join(f.Through...)
		}
	}
	return out
}
