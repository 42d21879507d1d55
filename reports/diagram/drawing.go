package diagram

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/diagram/layered"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// compactFrom is the number of things to be seen from which on boxes are small and lines have no labels.
const compactFrom = 60

// meshFrom is the number of bare flows, without a name of their own and without data, from which on they are not drawn each as a line: in a network where
// everything may connect to everything they would hide what the service does. Of more than maxLines lines, and more than
// two for each thing, none can be followed.
const (
	meshFrom = 40
	maxLines = 300
)

// margin is around a drawing.
const margin = 14

// The sizes of texts, which the style sheet has, too.
const (
	titleSize = 13
	textSize  = 12
)

// Drawing is the architecture of a design, laid out.
type Drawing struct {
	W, H    int
	Compact bool
	Mesh    int // how many flows are drawn only where they stand out

	design *models.Design
	view   *view
	marks  bool // what a component runs on is a mark in its box, and no line
	zones  []zone
	nodes  []node
	lines  []line
	nodeOf map[*models.Element]int // into nodes; of what is in a folded zone, that of the zone
	zoneOf map[*models.Element]int // into zones
	lineOf map[*models.Element][]int
	starts map[*models.Element][]string // names of the attackers that are there from the start
	runs   map[*models.Element]int      // by host: how many run on it
}

// zone is a zone of the design.
type zone struct {
	element  *models.Element
	rect     layered.Rect
	depth    int
	physical bool
	note     string // how much of it is shown, where that is not all
}

// node is an actor, a component, or a zone that is folded, with all that is in it.
type node struct {
	element  *models.Element
	members  []*models.Element // of a folded zone: the parties and zones in it
	rect     layered.Rect
	title    string
	subtitle string
	lines    []mark // below the subtitle
	icon     string
	open     bool // some control is not decided
}

// mark is a line in a node: what it stores, or runs on.
type mark struct{ icon, text string }

// line is a flow, a stretch of one between intermediaries, a relation, or all flows or relations of a kind between two nodes of which one is a folded zone.
type line struct {
	flow     *models.Element   // nil of a relation; the first of several
	members  []*models.Element // all the flows
	count    int               // how many lines it stands for
	merged   bool              // one of its ends is a folded zone
	from, to *models.Element   // as drawn
	relation string
	title    string
	subtitle string
	route    layered.Route
	bus      int  // lines of one bus are drawn as one; 0: none
	lead     bool // the line of its bus that has the label
	fans     bool // its bus has one source, and not one target
	first    bool // of the stretches of a flow
	last     bool
	clear    bool // nothing hides what it carries
	hidden   bool // encryption hides what it carries
	blocked  bool
	returns  bool
	mesh     bool // drawn only where it stands out
}

func itoa(n int) string { return strconv.Itoa(n) }

// New lays out the architecture of a design; of a large one an overview, in which zones are folded to boxes.
func New(d *models.Design) *Drawing { return draw(d, overview(d), nil) }

// Open lays out the architecture with one zone opened and all others folded, as far as they have much in them.
func Open(d *models.Design, zone *models.Element) *Drawing { return draw(d, opened(d, zone), nil) }

// About lays out what a scene is drawn over: of a large design no more than the part that the scene is about.
func About(d *models.Design, s Scene) *Drawing {
	whole := census(d)
	if !Large(d) {
		return draw(d, whole, nil)
	}
	part := Excerpt(d, s)
	return draw(part, census(part), whole.parties)
}

// draw lays out what a view shows of a design. Of an excerpt, all says how many parties the zones of the whole have.
func draw(d *models.Design, v *view, all map[*models.Element]int) *Drawing {
	g, in, box := sketch(d, v, all)
	opt := layered.Options{Pad: 16, Head: 22, Gap: 22, Column: 40, Lane: 10}
	if g.Compact {
		opt = layered.Options{Pad: 14, Head: 22, Gap: 10, Column: 30, Lane: 7}
	}
	r := layered.Layout(in, opt)
	g.W, g.H = r.W+2*margin, r.H+2*margin
	move := func(b layered.Rect) layered.Rect {
		b.X, b.Y = b.X+margin, b.Y+margin
		return b
	}
	for e, i := range g.zoneOf {
		g.zones[i].rect = move(r.Boxes[box[e]])
	}
	for i := range g.nodes {
		g.nodes[i].rect = move(r.Boxes[box[g.nodes[i].element]])
	}
	edge := 0
	for i := range g.lines {
		if g.lines[i].mesh {
			continue
		}
		route := r.Routes[edge]
		edge++
		route.Label = move(route.Label)
		for k := range route.Points {
			route.Points[k].X += margin
			route.Points[k].Y += margin
		}
		g.lines[i].route = route
	}
	return g
}

// sketch makes a drawing without places, the graph that gives it these, and the boxes of elements in it.
func sketch(d *models.Design, v *view, all map[*models.Element]int) (*Drawing, *layered.Graph, map[*models.Element]int) {
	g := &Drawing{
		design: d, view: v, marks: true, nodeOf: map[*models.Element]int{}, zoneOf: map[*models.Element]int{},
		lineOf: map[*models.Element][]int{}, starts: starts(d), runs: map[*models.Element]int{},
	}
	for _, e := range d.Elements {
		for _, h := range e.RunsOn {
			g.runs[h]++
		}
		if at := v.of(e); v.folded[at] && (party(e) || e.Root() == models.ZoneRoot) {
			g.fold(at, e)
		} else if party(e) {
			g.nodeOf[e] = len(g.nodes)
			g.nodes = append(g.nodes, node{element: e})
		}
	}
	g.Compact = len(g.nodes) >= compactFrom
	in := &layered.Graph{}
	box := map[*models.Element]int{}
	g.addZones(in, box, all)
	for i := range g.nodes {
		g.addNode(in, box, i)
	}
	g.addLines(in, box)
	return g, in, box
}

// fold puts an element into the node of the folded zone around it.
func (g *Drawing) fold(zone, e *models.Element) {
	i, ok := g.nodeOf[zone]
	if !ok {
		i = len(g.nodes)
		g.nodeOf[zone] = i
		g.nodes = append(g.nodes, node{element: zone})
	}
	g.nodeOf[e] = i
	n := &g.nodes[i]
	if e != zone {
		n.members = append(n.members, e)
		g.starts[zone] = append(g.starts[zone], g.starts[e]...)
	}
	n.open = n.open || undecided(e)
}

// undecided reports whether some control of an element is not decided.
func undecided(e *models.Element) bool {
	open := func(c models.ControlState) bool { return c.Open }
	return slices.ContainsFunc(e.Controls, open) ||
		slices.ContainsFunc(e.Stores, func(s models.Stored) bool { return slices.ContainsFunc(s.Controls, open) })
}

func party(e *models.Element) bool {
	return e.Root() == models.ActorRoot || e.Root() == models.ComponentRoot
}

// starts finds where attackers are from the beginning: in zones, or in control of parties.
func starts(d *models.Design) map[*models.Element][]string {
	out := map[*models.Element][]string{}
	for _, a := range d.Attackers {
		for _, s := range a.Start {
			if len(s.Args) == 1 && (party(s.Args[0]) || s.Args[0].Root() == models.ZoneRoot) {
				out[s.Args[0]] = append(out[s.Args[0]], a.Name)
			}
		}
	}
	return out
}

// below reports whether an element has a kind of that name, or one below it.
func below(e *models.Element, name string) bool {
	for _, k := range e.Kinds {
		for ; k != nil; k = k.Parent {
			if k.Name == name {
				return true
			}
		}
	}
	return false
}

// addZones adds the zones that are not folded, outer ones first.
func (g *Drawing) addZones(in *layered.Graph, box map[*models.Element]int, all map[*models.Element]int) {
	var add func(e *models.Element)
	add = func(e *models.Element) {
		if _, ok := box[e]; ok || g.view.folded[g.view.of(e)] {
			return
		}
		parent, depth := -1, 0
		if z := e.Zone(); z != nil {
			add(z)
			parent, depth = box[z], g.zones[g.zoneOf[z]].depth+1
		}
		z := zone{element: e, depth: depth, physical: below(e, "place")}
		if n := g.view.parties[e]; n < all[e] {
			z.note = itoa(n) + " of " + itoa(all[e]) + " shown"
		}
		b := layered.Box{Parent: parent, Group: true, W: g.zoneWidth(z), H: 60}
		if z.physical {
			b.Band = 1
		}
		box[e] = len(in.Boxes)
		in.Boxes = append(in.Boxes, b)
		g.zoneOf[e] = len(g.zones)
		g.zones = append(g.zones, z)
	}
	for _, e := range g.design.Elements {
		if e.Root() == models.ZoneRoot {
			add(e)
		}
	}
}

// zoneWidth has room for the title of a zone, with its kind and who attacks from there.
func (g *Drawing) zoneWidth(z zone) int {
	return 30 + textWidth(label(z.element.Name), titleSize) + textWidth(z.about(), textSize) + g.flagWidth(z.element)
}

// about is what stands beside the name of a zone.
func (z zone) about() string {
	if z.note != "" {
		return kindTitle(z.element) + ", " + z.note
	}
	return kindTitle(z.element)
}

func (g *Drawing) flagWidth(e *models.Element) int {
	if names := g.starts[e]; len(names) > 0 {
		return 26 + textWidth(flagText(names), textSize)
	}
	return 0
}

func flagText(names []string) string { return label(listFit(names, textSize, 180)) }

// kindTitle names the first kind of an element.
func kindTitle(e *models.Element) string {
	if t := e.Kinds[0].Title; t != "" {
		return label(t)
	}
	return label(strings.ReplaceAll(e.Kinds[0].Name, "_", " "))
}

func (g *Drawing) addNode(in *layered.Graph, box map[*models.Element]int, i int) {
	n := &g.nodes[i]
	e := n.element
	n.icon = icon(e)
	n.open = n.open || undecided(e)
	b := layered.Box{Parent: -1, W: 132, H: 48}
	if g.Compact && n.members == nil {
		n.title = fit(label(e.Name), textSize, 150)
		b.W, b.H = min(max(44+textWidth(n.title, textSize), 80), 190), 26
	} else {
		g.describe(n)
		b.W = max(b.W, 52+textWidth(n.title, titleSize), 52+textWidth(n.subtitle, textSize))
		for k, m := range n.lines {
			b.H += 18
			b.W = min(max(b.W, 38+textWidth(m.text, textSize)), max(b.W, 220))
			n.lines[k].text = fit(m.text, textSize, b.W-36)
		}
	}
	if names := g.starts[e]; len(names) > 0 {
		b.W = max(b.W, g.flagWidth(e)+20)
		if n.subtitle == "" { // the flag stands on the upper border
			b.H += 10
		}
	}
	if z := e.Zone(); z != nil { // where it stands in several, it is drawn in the first
		b.Parent = box[z]
	} else if below(e, "thing") || below(e, "place") {
		b.Band = 1
	}
	box[e] = len(in.Boxes)
	in.Boxes = append(in.Boxes, b)
}

// describe writes the texts of a node: what it is, stores and runs on, or what is in it.
func (g *Drawing) describe(n *node) {
	e := n.element
	n.title = fit(label(e.Name), titleSize, 200)
	n.subtitle = fit(kindTitle(e), textSize, 210)
	if n.members != nil {
		people, components := 0, 0
		for _, m := range n.members {
			switch m.Root() {
			case models.ActorRoot:
				people++
			case models.ComponentRoot:
				components++
			}
		}
		if components > 0 {
			n.lines = append(n.lines, mark{iconOf[models.ComponentRoot], plain.Number(components, "component")})
		}
		if people > 0 {
			n.lines = append(n.lines, mark{iconOf[models.ActorRoot], plain.Number(people, "actor")})
		}
		return
	}
	if runs := g.runs[e]; runs > 0 {
		n.subtitle = fit(n.subtitle+", "+plain.Number(runs, "part")+" on it", textSize, 210)
	}
	var stored, on []string
	for _, s := range e.Stores {
		stored = append(stored, label(s.Data.Name))
	}
	for _, h := range e.RunsOn {
		on = append(on, label(h.Name))
	}
	if len(stored) > 0 {
		n.lines = append(n.lines, mark{"store", listFit(stored, textSize, 180)})
	}
	if len(on) > 0 {
		n.lines = append(n.lines, mark{"host", "on " + listFit(on, textSize, 160)})
	}
}
