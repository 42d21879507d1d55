package diagram

import (
	"fmt"
	"io"
	"strings"

	"github.com/vauban-verifier/vauban/models"
)

// mermaidText quotes a text for Mermaid: whatever it, HTML or Markdown would give a meaning to becomes the number of its character.
func mermaidText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range label(s) {
		if strings.ContainsRune("\"#&<>`\\|%;*", r) {
			fmt.Fprintf(&b, "#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// brackets are the shapes of Mermaid for icons.
var brackets = map[string][2]string{"person": {"([", "])"}, "building": {"([", "])"}, "store": {"[(", ")]"}, "service": {"(", ")"}}

// Mermaid writes the design with a scene as a Mermaid flowchart; of a large one an overview in which zones are folded, or no more than the scene is about.
func Mermaid(w io.Writer, d *models.Design, s Scene) error {
	if len(s.Frames) > 0 && Large(d) {
		d = Excerpt(d, s)
	}
	g := &outline{d: d, view: overview(d)}
	g.hot, g.badges = marks(s)
	g.put("flowchart LR\n")
	g.nest(nil, 1, func(e *models.Element, indent string) {
		g.put("%ssubgraph e%d [%s]\n%s  z%d[\" \"]:::anchor\n", indent, e.ID, mermaidText(e.Name), indent, e.ID)
	}, func(indent string) { g.put("%send\n", indent) }, func(e *models.Element, indent string) {
		shape, ok := brackets[icon(e)]
		if !ok {
			shape = [2]string{"[", "]"}
		}
		name := badged(e.Name, g.badges[e])
		if g.view.folded[e] {
			shape, name = [2]string{"[[", "]]"}, name+": "+itoa(g.view.parties[e])+" in it"
		}
		g.put("%se%d%s%s%s\n", indent, e.ID, shape[0], mermaidText(name), shape[1])
	})
	styled := map[string][]string{}
	for i, l := range g.links() {
		name, arrow := l.text(), "-->"
		switch {
		case l.flow == nil, l.blocked, l.clear:
			arrow = "-.->"
		}
		if l.flow != nil {
			name = badged(name, g.badges[l.flow])
			if kind := g.hot[l.flow]; kind != "" {
				styled[kind] = append(styled[kind], itoa(i))
			}
		}
		end := func(e *models.Element) string {
			if e.Root() == models.ZoneRoot && !g.view.folded[e] {
				return "z" + itoa(e.ID)
			}
			return "e" + itoa(e.ID)
		}
		if name != "" {
			name = "|" + mermaidText(name) + "|"
		}
		g.put("  %s %s%s %s\n", end(l.from), arrow, name, end(l.to))
	}
	g.put("  classDef anchor fill:none,stroke:none\n")
	for _, kind := range []string{startFrame, attackFrame, regularFrame, proofFrame, missingFrame, brokenFrame} {
		var hot []string
		for _, e := range d.Elements {
			if g.hot[e] == kind && (party(e) || e.Root() == models.ZoneRoot) {
				hot = append(hot, "e"+itoa(e.ID))
			}
		}
		if len(hot) > 0 {
			g.put("  classDef %s stroke:%s,stroke-width:3px\n  class %s %s\n", kind, frameColors[kind], strings.Join(hot, ","), kind)
		}
		if len(styled[kind]) > 0 {
			g.put("  linkStyle %s stroke:%s,stroke-width:3px\n", strings.Join(styled[kind], ","), frameColors[kind])
		}
	}
	_, err := io.WriteString(w, g.String())
	return err
}
