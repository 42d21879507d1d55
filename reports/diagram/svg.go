package diagram

import (
	_ "embed"
	"fmt"
	"io"
	"strings"

	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/diagram/layered"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// CSS is the style sheet of the drawings, for elements with the class vd.
//
//go:embed diagram.css
var CSS string

// canvas collects the text of an SVG.
type canvas struct {
	strings.Builder
	to func(e *models.Element, folded bool) string // where an element links to in a page; nil, or "": nowhere
}

func (c *canvas) put(format string, args ...any) { fmt.Fprintf(c, format, args...) }

// SVG writes the drawing with a scene over it as a file of its own. The zero Scene shows the architecture alone.
func (g *Drawing) SVG(w io.Writer, s Scene) error {
	c := &canvas{}
	legend := &canvas{}
	width, height := g.legend(legend, s)
	w1, h1 := max(g.W, width+2*margin), g.H+height+margin
	c.put(`<svg xmlns="http://www.w3.org/2000/svg" class="vd" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="t d">`+"\n", w1, h1, w1, h1)
	c.put("<title id=\"t\">%s</title>\n<desc id=\"d\">%s</desc>\n<style>%s</style>\n", escape(g.design.Title), escape(g.Describe(s)), CSS)
	c.put("<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", w1, h1)
	if len(s.Frames) > 0 {
		c.put("<g class=\"dim\">")
	}
	g.base(c)
	if len(s.Frames) > 0 {
		c.put("</g>\n")
		g.over(c, s)
	}
	c.put("<g transform=\"translate(%d %d)\">%s</g>\n</svg>\n", margin, g.H, legend.String())
	_, err := io.WriteString(w, c.String())
	return err
}

// Base returns the architecture as the content of an SVG. Its elements link to where to says; folded zones may link to where they are opened.
func (g *Drawing) Base(to func(e *models.Element, folded bool) string) string {
	c := &canvas{to: to}
	g.base(c)
	return c.String()
}

// Over returns a scene as the content of an SVG, to be put over the base.
func (g *Drawing) Over(s Scene) string {
	c := &canvas{}
	g.over(c, s)
	return c.String()
}

// Anchor is the anchor of an element in a page that has a drawing.
func Anchor(e *models.Element) string { return "e" + itoa(e.ID) }

// Describe says in a sentence what a drawing with a scene shows.
func (g *Drawing) Describe(s Scene) string {
	flows := map[*models.Element]bool{}
	folded := 0
	for _, l := range g.lines {
		if l.flow != nil {
			flows[l.flow] = true
		}
	}
	for _, n := range g.nodes {
		if n.members != nil {
			folded++
		}
	}
	text := fmt.Sprintf("%d people and components in %d zones, with %d flows", len(g.nodes)-folded, len(g.zones), len(flows))
	if folded > 0 {
		text = fmt.Sprintf("%d zones folded to boxes, %d people and components beside them, with %d lines of flows", folded, len(g.nodes)-folded, len(flows))
	}
	if s.Title != "" {
		return s.Title + ": " + text
	}
	return text
}

func (g *Drawing) base(c *canvas) {
	c.put("<g class=\"zones\">\n")
	for _, z := range g.zones {
		g.zone(c, z, "")
	}
	c.put("</g>\n<g class=\"lines\">\n")
	rails := map[int]*rail{}
	for _, flows := range []bool{false, true} {
		for i := range g.lines {
			if l := &g.lines[i]; (l.flow != nil) == flows {
				if rails[l.bus] == nil || l.bus == 0 {
					rails[l.bus] = &rail{}
				}
				g.line(c, l, "", rails[l.bus])
			}
		}
	}
	c.put("</g>\n<g class=\"nodes\">\n")
	for i := range g.nodes {
		g.node(c, &g.nodes[i], "")
	}
	c.put("</g>\n")
}

// class joins the words of a class that are not empty.
func class(words ...string) string {
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

func (c *canvas) link(e *models.Element, folded bool) func() {
	if c.to == nil {
		return func() {}
	}
	at := c.to(e, folded)
	if at == "" {
		return func() {}
	}
	c.put(`<a href="#%s">`, escape(at))
	return func() { c.put("</a>") }
}

func (g *Drawing) zone(c *canvas, z zone, extra string) {
	kind := ""
	if z.physical {
		kind = "place"
	}
	start := ""
	if len(g.starts[z.element]) > 0 {
		start = "start"
	}
	r := z.rect
	c.put(`<g class="%s" data-zone="%d"><title>%s</title><rect x="%d" y="%d" width="%d" height="%d" rx="9"/>`,
		class("zone", kind, start, extra), z.element.ID, escape(g.about(z.element)), r.X, r.Y, r.W, r.H)
	end := c.link(z.element, false)
	name := fit(label(z.element.Name), titleSize, r.W-20)
	x := r.X + 10
	c.put(`<text class="zt" x="%d" y="%d">%s</text>`, x, r.Y+18, escape(name))
	end()
	x += textWidth(name, titleSize) + 6
	if about := z.about(); x+textWidth(about, textSize)+g.flagWidth(z.element) < r.X+r.W {
		c.put(`<text class="zk" x="%d" y="%d">%s</text>`, x, r.Y+18, escape(about))
	}
	if names := g.starts[z.element]; len(names) > 0 {
		g.flag(c, names, r.X+r.W-8, r.Y+6)
	}
	c.put("</g>\n")
}

// flag shows that attackers start here. It ends at x.
func (g *Drawing) flag(c *canvas, names []string, x, y int) {
	text := flagText(names)
	w := textWidth(text, textSize) + 20
	c.put(`<g class="flag"><rect x="%d" y="%d" width="%d" height="18" rx="9"/><path d="M%d %dl5 9h-10z"/><text x="%d" y="%d">%s</text></g>`,
		x-w, y, w, x-w+9, y+4, x-w+17, y+13, escape(text))
}

func (g *Drawing) node(c *canvas, n *node, extra string) {
	r := n.rect
	root := n.element.Root()
	kind, ids := "", itoa(n.element.ID)
	for _, m := range n.members {
		ids += " " + itoa(m.ID)
		kind = "folded"
	}
	if kind != "" && below(n.element, "place") {
		kind += " place"
	}
	c.put(`<g class="%s" data-node="%s">`, class("node", root, kind, extra), ids)
	end := c.link(n.element, n.members != nil)
	c.put(`<title>%s</title>`, escape(g.about(n.element)))
	rx := 6
	if root == models.ActorRoot {
		rx = 16
	}
	if n.members != nil { // a pile
		c.put(`<rect class="pile" x="%d" y="%d" width="%d" height="%d" rx="%d"/>`, r.X+4, r.Y-4, r.W-4, r.H, rx)
	}
	c.put(`<rect x="%d" y="%d" width="%d" height="%d" rx="%d"/>`, r.X, r.Y, r.W, r.H, rx)
	icon := func(name string, x, y int, size string) {
		c.put(`<path class="icon" transform="translate(%d %d)%s" d="%s"/>`, x, y, size, icons[name])
	}
	if n.subtitle == "" {
		y := r.Y + (r.H-24)/2
		icon(n.icon, r.X+12, y+4, "")
		c.put(`<text class="nt small" x="%d" y="%d">%s</text>`, r.X+34, y+16, escape(n.title))
	} else {
		y := r.Y + (r.H-46-18*len(n.lines))/2
		icon(n.icon, r.X+12, y+15, "")
		c.put(`<text class="nt" x="%d" y="%d">%s</text><text class="nk" x="%d" y="%d">%s</text>`, r.X+37, y+20, escape(n.title), r.X+37, y+36, escape(n.subtitle))
		for _, m := range n.lines {
			icon(m.icon, r.X+14, y+44, " scale(.75)")
			c.put(`<text class="ns" x="%d" y="%d">%s</text>`, r.X+31, y+54, escape(m.text))
			y += 18
		}
	}
	if n.open {
		c.put(`<g class="badge open"><circle cx="%d" cy="%d" r="8"/><text x="%d" y="%d">?</text></g>`, r.X+r.W, r.Y, r.X+r.W, r.Y+4)
	}
	end()
	if names := g.starts[n.element]; len(names) > 0 {
		g.flag(c, names, r.X+r.W-6, r.Y-12)
	}
	c.put("</g>\n")
}

// line draws a line; of a bus, only as far as its rail.
func (g *Drawing) line(c *canvas, l *line, extra string, rail *rail) {
	points := l.route.Points
	if len(points) < 2 {
		return
	}
	id := ""
	end := func() {}
	for _, f := range l.members {
		id += " " + itoa(f.ID)
	}
	if id != "" {
		id = fmt.Sprintf(` data-line="%s"`, id[1:])
	}
	c.put(`<g class="%s"%s>`, class("line", l.style(), extra), id)
	if l.flow != nil {
		if !l.merged {
			end = c.link(l.flow, false)
		}
		c.put(`<title>%s</title>`, escape(g.tip(l)))
	}
	begins, arrives := true, true // at its own ends, and not at the rail
	if l.bus > 0 {
		points, begins, arrives = rail.join(points, l.fans)
	}
	c.put(`<path d="%s"/>`, path(points, arrives))
	if arrives {
		c.put(`<path class="head" d="%s"/>`, head(points[len(points)-2], points[len(points)-1]))
	} else {
		at := points[len(points)-1]
		c.put(`<circle class="joint" cx="%d" cy="%d" r="2"/>`, at.X, at.Y)
	}
	if p, q := points[0], points[1]; !begins {
		c.put(`<circle class="joint" cx="%d" cy="%d" r="2"/>`, p.X, p.Y)
	} else if l.returns && l.first {
		c.put(`<circle class="back" cx="%d" cy="%d" r="3"/>`, p.X+4*sign(q.X-p.X), p.Y)
	}
	g.lineLabel(c, l, extra)
	end()
	c.put("</g>\n")
}

// tip says what a line is, or all that it stands for.
func (g *Drawing) tip(l *line) string {
	if len(l.members) == 1 {
		return g.about(l.flow)
	}
	return plain.Number(len(l.members), "flow") + ": " + strings.Join(names(l.members), ", ")
}

// lineLabel writes the name of a line above it, and what it runs over below it.
func (g *Drawing) lineLabel(c *canvas, l *line, extra string) {
	at := l.route.Label
	if at.W == 0 {
		if extra != "" && l.flow != nil {
			p := longest(l.route.Points)
			c.put(`<text class="lt mid" x="%d" y="%d">%s</text>`, p.X, p.Y-4, escape(shorten(l.flow.Name, 30)))
		}
		return
	}
	y := at.Y + at.H/2
	if l.title != "" {
		c.put(`<text class="lt" x="%d" y="%d">%s</text>`, at.X+2, y-4, escape(l.title))
	}
	x := at.X + 2
	if l.hidden && l.first && l.subtitle != "" {
		c.put(`<path class="lock" transform="translate(%d %d)" d="M0 4h7v5.5H0zM1.5 4V2.5a2 2 0 0 1 4 0V4"/>`, x, y+3)
		x += 11
	}
	if l.subtitle != "" {
		c.put(`<text class="ls" x="%d" y="%d">%s</text>`, x, y+13, escape(l.subtitle))
	}
}

func sign(n int) int {
	switch {
	case n > 0:
		return 1
	case n < 0:
		return -1
	}
	return 0
}

// path draws a line with round corners, which ends where its arrowhead begins, if it has one.
func path(points []layered.Point, arrow bool) string {
	var b strings.Builder
	last := len(points) - 1
	end := points[last]
	if arrow {
		end.X -= 8 * sign(end.X-points[last-1].X)
	}
	fmt.Fprintf(&b, "M%d %d", points[0].X, points[0].Y)
	for i := 1; i < last; i++ {
		p, q, r := points[i-1], points[i], points[i+1]
		before, after := max(q.X-p.X, p.X-q.X, q.Y-p.Y, p.Y-q.Y), max(q.X-r.X, r.X-q.X, q.Y-r.Y, r.Y-q.Y)
		round := min(7, before/2, after/2)
		fmt.Fprintf(&b, "L%d %dQ%d %d %d %d", q.X-round*sign(q.X-p.X), q.Y-round*sign(q.Y-p.Y), q.X, q.Y, q.X+round*sign(r.X-q.X), q.Y+round*sign(r.Y-q.Y))
	}
	fmt.Fprintf(&b, "L%d %d", end.X, end.Y)
	return b.String()
}

// head is an arrowhead.
func head(from, to layered.Point) string {
	d := sign(to.X - from.X)
	return fmt.Sprintf("M%d %dl%d -4.5v9z", to.X, to.Y, -9*d)
}

// longest is the middle of the longest level stretch of a line.
func longest(points []layered.Point) layered.Point {
	best, at := -1, points[0]
	for i := range len(points) - 1 {
		p, q := points[i], points[i+1]
		if n := max(p.X-q.X, q.X-p.X); n > best {
			best, at = n, layered.Point{X: (p.X + q.X) / 2, Y: p.Y}
		}
	}
	return at
}
