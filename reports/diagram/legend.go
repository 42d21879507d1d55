package diagram

import (
	"github.com/vauban-verifier/vauban/reports/diagram/layered"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// LegendText returns what the signs in a drawing with a scene mean, as the content of an SVG, and its size.
func (g *Drawing) LegendText(s Scene) (content string, w, h int) {
	c := &canvas{}
	w, h = g.legend(c, s)
	return c.String(), w, h
}

// legend writes the legend and returns its size.
func (g *Drawing) legend(c *canvas, s Scene) (w, h int) {
	const line, height = 900, 22
	x, y := 0, 0
	entry := func(text string, width int, draw func(x, y int)) {
		need := width + textWidth(text, textSize) + 26
		if x > 0 && x+need > line {
			x, y = 0, y+height
		}
		draw(x, y+11)
		c.put(`<text class="lg" x="%d" y="%d">%s</text>`, x+width+6, y+15, escape(text))
		x += need
		w = max(w, x)
	}
	box := func(class string) func(x, y int) {
		return func(x, y int) {
			c.put(`<g class="%s"><rect x="%d" y="%d" width="24" height="14" rx="4"/></g>`, class, x, y-7)
		}
	}
	arrow := func(class string, back, lock bool) func(x, y int) {
		return func(x, y int) {
			points := []layered.Point{{X: x, Y: y}, {X: x + 34, Y: y}}
			c.put(`<g class="%s"><path d="%s"/><path class="head" d="%s"/>`, class, path(points, true), head(points[0], points[1]))
			if back {
				c.put(`<circle class="back" cx="%d" cy="%d" r="3"/>`, x+4, y)
			}
			if lock {
				c.put(`<path class="lock" transform="translate(%d %d)" d="M0 4h7v5.5H0zM1.5 4V2.5a2 2 0 0 1 4 0V4"/>`, x+10, y-5)
			}
			c.put("</g>")
		}
	}
	badge := func(frame, class, text string) func(x, y int) {
		return func(x, y int) {
			c.put(`<g class="frame %s"><g class="badge %s"><rect x="%d" y="%d" width="18" height="18" rx="9"/><text x="%d" y="%d">%s</text></g></g>`,
				frame, class, x, y-9, x+9, y+4, text)
		}
	}
	has := g.signs(s)
	for _, e := range []struct {
		sign, text string
		width      int
		draw       func(x, y int)
	}{
		{"zone", "zone", 24, box("zone")},
		{"place", "physical place", 24, box("zone place")},
		{"start", "attackers start here", 24, box("zone start")},
		{"folded", "zone that is folded", 24, box("node folded")},
		{"hidden", "flow, encrypted", 34, arrow("line", false, !g.Compact)},
		{"clear", "flow, not encrypted", 34, arrow("line clear", false, false)},
		{"plain", "flow", 34, arrow("line", false, false)},
		{"blocked", "flow, blocked", 34, arrow("line blocked", false, false)},
		{"returns", "answers with data", 34, arrow("line", true, false)},
		{"relation", "relation", 34, arrow("line relation", false, false)},
		{"open", "a control is not decided", 18, badge("", "open", "?")},
		{attackFrame, "step of the attack", 18, badge(attackFrame, "", "1")},
		{regularFrame, "step of a process as it is meant", 18, badge(regularFrame, "", "1")},
		{missingFrame, "not there, or fails", 18, badge(missingFrame, "", "✕")},
		{proofFrame, "control that the proof relies on", 18, badge(proofFrame, "", "A")},
		{brokenFrame, "breaks the rule", 18, badge(brokenFrame, "", "1")},
	} {
		if has[e.sign] {
			entry(e.text, e.width, e.draw)
		}
	}
	if g.Mesh > 0 {
		entry(g.left(), 0, func(int, int) {})
	}
	if w == 0 {
		return 0, 0
	}
	return w, y + height
}

// left says which flows are not drawn.
func (g *Drawing) left() string {
	for _, l := range g.lines {
		if l.mesh && !bare(l.flow) {
			return plain.Number(g.Mesh, "flow") + " between single elements are too many to follow: they are drawn only where an attack or a rule is about them"
		}
	}
	return plain.Number(g.Mesh, "flow") + " without name and data are drawn only where an attack or a rule is about them"
}

// signs are the signs that a drawing with a scene has.
func (g *Drawing) signs(s Scene) map[string]bool {
	has := map[string]bool{}
	for _, z := range g.zones {
		has["zone"] = has["zone"] || !z.physical
		has["place"] = has["place"] || z.physical
		has["start"] = has["start"] || len(g.starts[z.element]) > 0
	}
	for _, n := range g.nodes {
		has["open"] = has["open"] || n.open
		has["folded"] = has["folded"] || n.members != nil
		has["start"] = has["start"] || len(g.starts[n.element]) > 0
	}
	for _, l := range g.lines {
		switch {
		case l.mesh, len(l.route.Points) == 0:
			continue
		case l.flow == nil:
			has["relation"] = true
		case l.blocked:
			has["blocked"] = true
		case l.hidden:
			has["hidden"] = true
		case l.clear:
			has["clear"] = true
		default:
			has["plain"] = true
		}
		has["returns"] = has["returns"] || l.returns
	}
	for _, f := range s.Frames {
		has[f.Kind] = true
	}
	return has
}
