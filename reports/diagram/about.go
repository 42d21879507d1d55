package diagram

import (
	"strings"

	"github.com/vauban-verifier/vauban/models"
)

// about says what an element is in a few lines, for the tip that a drawing shows.
func (g *Drawing) about(e *models.Element) string {
	var inside []string
	if i, ok := g.nodeOf[e]; ok && e.Root() == models.ZoneRoot {
		for _, m := range g.nodes[i].members {
			inside = append(inside, m.Name)
		}
	}
	head := e.Name
	if e.Title != "" {
		head += ", " + e.Title
	}
	var kinds []string
	for _, k := range e.Kinds {
		kinds = append(kinds, strings.ReplaceAll(k.Name, "_", " "))
	}
	parts := []string{head + " (" + strings.Join(kinds, ", ") + ")"}
	add := func(what string, list []string) {
		if len(list) > 0 {
			parts = append(parts, what+" "+strings.Join(list, ", "))
		}
	}
	if f := e.Flow; f != nil {
		way := f.Source.Name + " → " + f.Target.Name
		if f.Protocol != nil {
			way += " over " + f.Protocol.Name
		}
		parts = append(parts, way)
	}
	for _, s := range e.Said() {
		add(s.Word, names(s.To))
	}
	add("has", Controls(e.Controls))
	add("in it:", inside)
	return strings.Join(parts, "; ")
}

func names(list []*models.Element) []string {
	var out []string
	for _, e := range list {
		out = append(out, e.Name)
	}
	return out
}

// Controls names controls as a design writes them: with a question mark where they are not decided.
func Controls(list []models.ControlState) []string {
	var out []string
	for _, c := range list {
		name := c.Control.Name
		if c.Open {
			name += "?"
		}
		out = append(out, name)
	}
	return out
}
