package diagram

import (
	"fmt"
	"io"
	"strings"

	"github.com/vauban-verifier/vauban/models"
)

// shapes are the shapes of Graphviz for the icons that have one of their own.
var shapes = map[string]string{"person": "oval", "building": "oval", "store": "cylinder", "thing": "box3d", "vehicle": "box3d", "document": "note", "host": "component"}

// dotText quotes a text for DOT. What would be an escape sequence of DOT stays text.
func dotText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(label(s)) + `"`
}

// marks tells which elements stand out in a scene, and with which badges.
func marks(s Scene) (hot map[*models.Element]string, badges map[*models.Element][]string) {
	hot, badges = map[*models.Element]string{}, map[*models.Element][]string{}
	for _, f := range s.Frames {
		for _, e := range f.Elements {
			if hot[e] == "" || hot[e] == startFrame {
				hot[e] = f.Kind
			}
		}
		if f.Focus != nil && f.Badge != "" {
			badges[f.Focus] = append(badges[f.Focus], f.Badge)
		}
	}
	return hot, badges
}

// badged puts the badges of an element before its name.
func badged(name string, badges []string) string {
	if len(badges) > 0 {
		return "(" + strings.Join(badges, ", ") + ") " + name
	}
	return name
}

// frameColors are the colours of frames in formats without a style sheet.
var frameColors = map[string]string{startFrame: "#c4262e", attackFrame: "#c4262e", brokenFrame: "#c4262e", regularFrame: "#0b5cad", proofFrame: "#14743f", missingFrame: "#8a5a00"}

// DOT writes the design with a scene in the language of Graphviz.
func DOT(w io.Writer, d *models.Design, s Scene) error {
	g := &outline{d: d, view: census(d)}
	g.hot, g.badges = marks(s)
	g.put("digraph {\n  label=%s labelloc=t fontname=Helvetica rankdir=LR compound=true\n  node [shape=box style=rounded fontname=Helvetica]\n  edge [fontname=Helvetica fontsize=10]\n", dotText(d.Title))
	color := func(e *models.Element) string {
		if c := frameColors[g.hot[e]]; c != "" {
			return fmt.Sprintf(" color=%q fontcolor=%q penwidth=2", c, c)
		}
		return ""
	}
	g.nest(nil, 1, func(e *models.Element, indent string) {
		g.put("%ssubgraph cluster_%d {\n%s  label=%s%s\n", indent, e.ID, indent, dotText(e.Name+": "+e.Kinds[0].Name), color(e))
		g.put("%s  z%d [shape=point style=invis]\n", indent, e.ID)
	}, func(indent string) { g.put("%s}\n", indent) }, func(e *models.Element, indent string) {
		shape := ""
		if s := shapes[icon(e)]; s != "" {
			shape = " shape=" + s
		}
		g.put("%sn%d [label=%s%s%s]\n", indent, e.ID, dotText(badged(e.Name, g.badges[e])), shape, color(e))
	})
	end := func(e *models.Element, role string) (node, cluster string) {
		if e.Root() == models.ZoneRoot {
			return fmt.Sprintf("z%d", e.ID), fmt.Sprintf(" %s=cluster_%d", role, e.ID)
		}
		return fmt.Sprintf("n%d", e.ID), ""
	}
	for _, l := range g.links() {
		from, tail := end(l.from, "ltail")
		to, head := end(l.to, "lhead")
		style := ""
		switch {
		case l.flow == nil:
			style = " style=dotted arrowhead=empty"
		case l.blocked:
			style = " style=dotted"
		case l.clear:
			style = " style=dashed"
		}
		hot := ""
		name := l.text()
		if l.flow != nil {
			hot = color(l.flow)
			name = badged(name, g.badges[l.flow])
		}
		g.put("  %s -> %s [label=%s%s%s%s%s]\n", from, to, dotText(name), style, hot, tail, head)
	}
	g.put("}\n")
	_, err := io.WriteString(w, g.String())
	return err
}

// outline writes a design as nested text.
type outline struct {
	strings.Builder
	d      *models.Design
	view   *view
	hot    map[*models.Element]string
	badges map[*models.Element][]string
}

func (o *outline) put(format string, args ...any) { fmt.Fprintf(o, format, args...) }

// nest visits the zones in a zone, or the outermost, and the parties in each.
func (o *outline) nest(in *models.Element, depth int, open func(*models.Element, string), closed func(string), leaf func(*models.Element, string)) {
	indent := strings.Repeat("  ", depth)
	for _, e := range o.d.Elements {
		switch {
		case e.Zone() != in:
		case o.view.folded[e]:
			leaf(e, indent)
		case e.Root() == models.ZoneRoot:
			open(e, indent)
			o.nest(e, depth+1, open, closed, leaf)
			closed(indent)
		case party(e):
			leaf(e, indent)
		}
	}
}

// links are the lines of a design, without a layout.
func (o *outline) links() []line {
	g := &Drawing{design: o.d, view: o.view}
	g.merge()
	return g.lines
}

// text names a line by what it is called and runs over.
func (l line) text() string {
	switch {
	case l.merged:
		return strings.TrimSuffix(l.title+" ("+l.subtitle+")", " ()")
	case l.flow == nil:
		return spaced(l.relation)
	}
	f := l.flow.Flow
	name := l.flow.Name
	if generated(l.flow) {
		name = ""
	}
	if f.Protocol != nil {
		name = strings.TrimPrefix(name+" ("+f.Protocol.Name+")", " ")
	}
	return name
}
