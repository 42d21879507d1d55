package diagram

import "github.com/vauban-verifier/vauban/models"

// Excerpt returns the part of a design that a scene is about: what stands out in it, with the ends of flows and the zones around. It is for formats
// that draw one scene in little space.
func Excerpt(d *models.Design, s Scene) *models.Design {
	keep := map[*models.Element]bool{}
	var add func(*models.Element)
	add = func(e *models.Element) {
		if e == nil || keep[e] {
			return
		}
		keep[e] = true
		for _, z := range e.Zones {
			add(z)
		}
		if e.Flow != nil {
			add(e.Flow.Source)
			add(e.Flow.Target)
			for _, t := range e.Flow.Through {
				add(t)
			}
		}
	}
	for _, f := range s.Frames {
		for _, e := range f.Elements {
			add(e)
		}
	}
	out := &models.Design{Title: d.Title, Vocabulary: d.Vocabulary, Attackers: d.Attackers}
	for _, e := range d.Elements {
		if keep[e] {
			out.Elements = append(out.Elements, e)
		}
	}
	return out
}
