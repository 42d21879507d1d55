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
	links bool // elements are links to their entries in the page
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

// Base returns the architecture as the content of an SVG. Its elements link to the anchors that [Anchor] names.
func (g *Drawing) Base() string {
	c := &canvas{links: true}
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
	flows := 0
	for _, l := range g.lines {
		if l.flow != nil && l.first {
			flows++
		}
	}
	text := fmt.Sprintf("%d people and components in %d zones, with %d flows", len(g.nodes), len(g.zones), flows)
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
	for i := range g.lines {
		if g.lines[i].flow == nil {
			g.line(c, &g.lines[i], "")
		}
	}
	for i := range g.lines {
		if g.lines[i].flow != nil {
			g.line(c, &g.lines[i], "")
		}
	}
	c.put("</g>\n<g class=\"nodes\">\n")
	for i := range g.nodes {
		g.node(c, &g.nodes[i], "")
	}
	c.put("</g>\n<g class=\"covers\">\n")
	for i := range g.zones {
		g.cover(c, g.zones[i])
	}
	c.put("</g>\n")
}

// class joins the words of a class that are not empty.
func class(words ...string) string {
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

func (c *canvas) link(e *models.Element) func() {
	if !c.links {
		return func() {}
	}
	c.put(`<a href="#%s">`, Anchor(e))
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
	name := fit(label(z.element.Name), 13, r.W-20)
	x := r.X + 10
	c.put(`<text class="zt" x="%d" y="%d">%s</text>`, x, r.Y+18, escape(name))
	x += textWidth(name, 13) + 6
	if kind := kindTitle(z.element); x+textWidth(kind, 11)+g.flagWidth(z.element) < r.X+r.W {
		c.put(`<text class="zk" x="%d" y="%d">%s</text>`, x, r.Y+18, escape(kind))
	}
	if names := g.starts[z.element]; len(names) > 0 {
		g.flag(c, names, r.X+r.W-8, r.Y+6)
	}
	c.put("</g>\n")
}

// flag shows that attackers start here. It ends at x.
func (g *Drawing) flag(c *canvas, names []string, x, y int) {
	text := flagText(names)
	w := textWidth(text, 11) + 20
	c.put(`<g class="flag"><rect x="%d" y="%d" width="%d" height="17" rx="8"/><path d="M%d %dl5 9h-10z"/><text x="%d" y="%d">%s</text></g>`,
		x-w, y, w, x-w+9, y+4, x-w+17, y+12, escape(text))
}

// cover hides what is in a zone while it is collapsed. It is marked where no zone is inside, so that all zones can be collapsed without one hiding others.
func (g *Drawing) cover(c *canvas, z zone) {
	if z.inside == 0 {
		return
	}
	leaf := "leaf"
	for _, other := range g.zones {
		if other.element.Inside(z.element) {
			leaf = ""
		}
	}
	r := z.rect
	what := plain.Number(z.inside, "element")
	size := max(13, min(40, 16*(r.W-20)/max(textWidth(label(z.element.Name), 16), 1), r.H/3))
	name := fit(label(z.element.Name), size, r.W-12)
	middle := r.Y + r.H/2
	c.put(`<g class="%s" data-cover="%d"><rect x="%d" y="%d" width="%d" height="%d" rx="9"/><text class="ct" font-size="%d" x="%d" y="%d">%s</text><text class="cn" font-size="%d" x="%d" y="%d">%s</text></g>`+"\n",
		class("cover", leaf), z.element.ID, r.X, r.Y, r.W, r.H, size, r.X+r.W/2, middle, escape(name), max(11, size/2), r.X+r.W/2, middle+max(15, size*3/4), what)
}

func (g *Drawing) node(c *canvas, n *node, extra string) {
	r := n.rect
	root := n.element.Root()
	c.put(`<g class="%s" data-node="%d">`, class("node", root, extra), n.element.ID)
	end := c.link(n.element)
	c.put(`<title>%s</title>`, escape(g.about(n.element)))
	rx := 6
	if root == models.ActorRoot {
		rx = 16
	}
	c.put(`<rect x="%d" y="%d" width="%d" height="%d" rx="%d"/>`, r.X, r.Y, r.W, r.H, rx)
	inner := 46
	if g.Compact {
		inner = 24
	}
	if n.stores != "" {
		inner += 17
	}
	y := r.Y + (r.H-inner)/2
	icon := func(y int) {
		c.put(`<path class="icon" transform="translate(%d %d)" d="%s"/>`, r.X+12, y, icons[n.icon])
	}
	if g.Compact {
		icon(y + 4)
		c.put(`<text class="nt small" x="%d" y="%d">%s</text>`, r.X+34, y+16, escape(n.title))
	} else {
		icon(y + 15)
		c.put(`<text class="nt" x="%d" y="%d">%s</text><text class="nk" x="%d" y="%d">%s</text>`, r.X+37, y+21, escape(n.title), r.X+37, y+36, escape(n.subtitle))
		if n.stores != "" {
			c.put(`<path class="icon" transform="translate(%d %d) scale(.7)" d="%s"/><text class="ns" x="%d" y="%d">%s</text>`,
				r.X+14, y+43, icons["store"], r.X+29, y+53, escape(n.stores))
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

func (g *Drawing) line(c *canvas, l *line, extra string) {
	points := l.route.Points
	if len(points) < 2 {
		return
	}
	state := ""
	switch {
	case l.flow == nil:
		state = "relation"
	case l.blocked:
		state = "blocked"
	case l.clear:
		state = "clear"
	}
	id := ""
	var end func()
	if l.flow != nil {
		id = fmt.Sprintf(` data-line="%d"`, l.flow.ID)
	}
	c.put(`<g class="%s"%s>`, class("line", state, extra), id)
	if l.flow != nil {
		end = c.link(l.flow)
		c.put(`<title>%s</title>`, escape(g.about(l.flow)))
	}
	c.put(`<path d="%s"/>`, path(points))
	c.put(`<path class="head" d="%s"/>`, head(points[len(points)-2], points[len(points)-1]))
	if l.returns && l.first {
		p, q := points[0], points[1]
		c.put(`<circle class="back" cx="%d" cy="%d" r="3"/>`, p.X+4*sign(q.X-p.X), p.Y)
	}
	g.lineLabel(c, l, extra)
	if end != nil {
		end()
	}
	c.put("</g>\n")
}

// lineLabel writes the name of a line above it, and what it runs over below it.
func (g *Drawing) lineLabel(c *canvas, l *line, extra string) {
	at := l.route.Label
	if g.Compact {
		if extra == "" || l.flow == nil {
			return
		}
		p := longest(l.route.Points)
		c.put(`<text class="lt mid" x="%d" y="%d">%s</text>`, p.X, p.Y-4, escape(shorten(l.flow.Name, 30)))
		return
	}
	if at.W == 0 {
		return
	}
	y := at.Y + at.H/2
	if l.title != "" {
		c.put(`<text class="lt" x="%d" y="%d">%s</text>`, at.X+2, y-4, escape(l.title))
	}
	x := at.X + 2
	if l.hidden && l.first {
		c.put(`<path class="lock" transform="translate(%d %d)" d="M0 4h7v5.5H0zM1.5 4V2.5a2 2 0 0 1 4 0V4"/>`, x, y+2)
		x += 11
	}
	if l.subtitle != "" {
		c.put(`<text class="ls" x="%d" y="%d">%s</text>`, x, y+11, escape(l.subtitle))
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

// path draws a line with round corners, which ends where its arrowhead begins.
func path(points []layered.Point) string {
	var b strings.Builder
	last := len(points) - 1
	end := points[last]
	end.X -= 8 * sign(end.X-points[last-1].X)
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
