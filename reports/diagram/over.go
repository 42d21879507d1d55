package diagram

import (
	"slices"

	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/diagram/layered"
)

// over draws the frames of a scene. Each is two groups: what stands out, and above all of that its badge.
func (g *Drawing) over(c *canvas, s Scene) {
	badges, taken := map[*models.Element]int{}, map[*models.Element]int{}
	for i, f := range s.Frames {
		g.frame(c, f, i, func() {
			for _, pass := range []func(*models.Element) bool{
				func(e *models.Element) bool { return e.Root() == models.ZoneRoot },
				func(e *models.Element) bool { return e.Flow != nil },
				party,
			} {
				for _, e := range f.Elements {
					if pass(e) {
						g.standOut(c, e)
					}
				}
			}
			for k := range g.lines {
				if l := &g.lines[k]; l.flow == nil && slices.Contains(f.Elements, l.from) && slices.Contains(f.Elements, l.to) {
					g.line(c, l, "hot", &rail{})
				}
			}
		})
		badges[f.Focus]++
	}
	for i, f := range s.Frames {
		if at, ok := g.spot(f.Focus, taken[f.Focus], badges[f.Focus]); ok {
			taken[f.Focus]++
			g.frame(c, f, i, func() { g.badge(c, f, at) })
		}
	}
}

func (g *Drawing) frame(c *canvas, f Frame, i int, draw func()) {
	c.put(`<g class="%s" data-frame="%d">`, class("frame", f.Kind), i)
	draw()
	c.put("</g>\n")
}

// standOut draws an element again, so that it stands out over the rest.
func (g *Drawing) standOut(c *canvas, e *models.Element) {
	if i, ok := g.zoneOf[e]; ok {
		r := g.zones[i].rect
		c.put(`<rect class="hot-zone" x="%d" y="%d" width="%d" height="%d" rx="9"/>`, r.X, r.Y, r.W, r.H)
	}
	for _, i := range g.lineOf[e] {
		if l := &g.lines[i]; l.mesh {
			g.direct(c, l)
		} else {
			g.line(c, l, "hot", &rail{})
		}
	}
	if i, ok := g.nodeOf[e]; ok {
		g.node(c, &g.nodes[i], "hot")
	}
}

// direct draws a line of the mesh: an arc from box to box, as it has no way of its own.
func (g *Drawing) direct(c *canvas, l *line) {
	from, to := g.ends(l)
	bend := max(from.X-to.X, to.X-from.X)/2 + 30
	c.put(`<g class="%s"><title>%s</title><path d="M%d %dC%d %d %d %d %d %d"/><path class="head" d="M%d %dl-9 -4.5v9z"/><text class="lt mid" x="%d" y="%d">%s</text></g>`,
		class("line", "hot", "direct"), escape(g.about(l.flow)), from.X, from.Y, from.X+bend, from.Y, to.X-bend, to.Y, to.X-8, to.Y, to.X, to.Y,
		(from.X+to.X)/2, (from.Y+to.Y)/2-6, escape(shorten(l.flow.Name, 44)))
}

// ends are where a line of the mesh leaves its source, on the right, and reaches its target, on the left.
func (g *Drawing) ends(l *line) (from, to layered.Point) {
	a, b := g.nodes[g.nodeOf[l.from]].rect, g.nodes[g.nodeOf[l.to]].rect
	return layered.Point{X: a.X + a.W, Y: a.Y + a.H/2}, layered.Point{X: b.X, Y: b.Y + b.H/2}
}

// spot is where the n-th of the badges of an element goes, if it has a place.
func (g *Drawing) spot(e *models.Element, n, of int) (layered.Point, bool) {
	const step = 21
	if i, ok := g.nodeOf[e]; ok {
		r := g.nodes[i].rect
		return layered.Point{X: r.X + 4 + step*n, Y: r.Y}, true
	}
	if i, ok := g.zoneOf[e]; ok {
		r := g.zones[i].rect
		return layered.Point{X: r.X + 4 + step*n, Y: r.Y}, true
	}
	lines := g.lineOf[e]
	if len(lines) > 0 && g.lines[lines[0]].mesh {
		from, to := g.ends(&g.lines[lines[0]])
		return layered.Point{X: (from.X+to.X)/2 + step*n, Y: (from.Y+to.Y)/2 + 8}, true
	}
	if len(lines) == 0 || len(g.lines[lines[0]].route.Points) < 2 {
		return layered.Point{}, false
	}
	points := g.lines[lines[0]].route.Points
	first, last := points[0], points[len(points)-1]
	right, next := last, points[len(points)-2]
	if first.X > last.X {
		right, next = first, points[1]
	}
	if next.X > right.X { // both ends are on the right of something: beside the line
		return layered.Point{X: next.X, Y: (first.Y+last.Y)/2 + step*n}, true
	}
	return layered.Point{X: right.X - 22 - step*(of-1-n), Y: right.Y}, true
}

// badge draws the mark of a frame, and its note.
func (g *Drawing) badge(c *canvas, f Frame, at layered.Point) {
	if f.Badge != "" {
		w := max(18, textWidth(f.Badge, textSize)+8)
		c.put(`<g class="badge"><rect x="%d" y="%d" width="%d" height="18" rx="9"/><text x="%d" y="%d">%s</text></g>`,
			at.X-w/2, at.Y-9, w, at.X, at.Y+4, escape(f.Badge))
	}
	if f.Note == "" {
		return
	}
	note := fit(f.Note, textSize, 320)
	w := textWidth(note, textSize) + 14
	x, y := max(min(at.X-12, g.W-w-2), 2), at.Y-33
	if y < 2 {
		y = at.Y + 13
	}
	c.put(`<g class="note"><rect x="%d" y="%d" width="%d" height="20" rx="4"/><text x="%d" y="%d">%s</text></g>`, x, y, w, x+7, y+14, escape(note))
}
