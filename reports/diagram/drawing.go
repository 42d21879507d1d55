package diagram

import (
	"strconv"
	"strings"

	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/diagram/layered"
)

// compactFrom is the number of parties from which on boxes are small and lines have no labels.
const compactFrom = 60

// meshFrom is the number of bare flows, without a name of their own and without data, from which on they are not drawn each as a line: in a network where
// everything may connect to everything they would hide what the service does.
const meshFrom = 40

// margin is around a drawing.
const margin = 14

// Drawing is the architecture of a design, laid out.
type Drawing struct {
	W, H    int
	Compact bool
	Mesh    int // how many bare flows are drawn only where they stand out

	design *models.Design
	zones  []zone
	nodes  []node
	lines  []line
	nodeOf map[*models.Element]int // into nodes
	zoneOf map[*models.Element]int // into zones
	lineOf map[*models.Element][]int
	starts map[*models.Element][]string // names of the attackers that are there from the start
}

// zone is a zone of the design.
type zone struct {
	element  *models.Element
	rect     layered.Rect
	depth    int
	physical bool
	inside   int // parties in it
}

// node is an actor or a component.
type node struct {
	element  *models.Element
	rect     layered.Rect
	title    string
	subtitle string
	stores   string
	icon     string
	open     bool // some control is not decided
}

// line is a flow, a stretch of one between intermediaries, or a relation.
type line struct {
	flow     *models.Element // nil of a relation
	from, to *models.Element
	relation string
	title    string
	subtitle string
	route    layered.Route
	first    bool // of the stretches of a flow
	last     bool
	clear    bool // nothing hides what it carries
	hidden   bool // encryption hides what it carries
	blocked  bool
	returns  bool
	mesh     bool // one of many bare flows: drawn only where it stands out
}

func itoa(n int) string { return strconv.Itoa(n) }

// New lays out the architecture of a design.
func New(d *models.Design) *Drawing {
	g := &Drawing{
		design: d, nodeOf: map[*models.Element]int{}, zoneOf: map[*models.Element]int{},
		lineOf: map[*models.Element][]int{}, starts: starts(d),
	}
	for _, e := range d.Elements {
		if party(e) {
			g.nodes = append(g.nodes, node{element: e})
		}
	}
	g.Compact = len(g.nodes) >= compactFrom
	for _, e := range d.Elements {
		if bare(e) {
			g.Mesh++
		}
	}
	if g.Mesh < meshFrom {
		g.Mesh = 0
	}
	in := &layered.Graph{}
	box := map[*models.Element]int{}
	g.addZones(in, box)
	for i := range g.nodes {
		g.addNode(in, box, i)
	}
	g.addLines(in, box)
	opt := layered.Options{Pad: 16, Head: 20, Gap: 22, Column: 40, Lane: 9}
	if g.Compact {
		opt = layered.Options{Pad: 14, Head: 20, Gap: 8, Column: 30, Lane: 6}
	}
	r := layered.Layout(in, opt)
	g.W, g.H = r.W+2*margin, r.H+2*margin
	move := func(b layered.Rect) layered.Rect {
		b.X, b.Y = b.X+margin, b.Y+margin
		return b
	}
	edge := 0
	for e, i := range g.zoneOf {
		g.zones[i].rect = move(r.Boxes[box[e]])
	}
	for e, i := range g.nodeOf {
		g.nodes[i].rect = move(r.Boxes[box[e]])
	}
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

// addZones adds the zones, outer ones first.
func (g *Drawing) addZones(in *layered.Graph, box map[*models.Element]int) {
	var add func(e *models.Element)
	add = func(e *models.Element) {
		if _, ok := box[e]; ok {
			return
		}
		parent, depth := -1, 0
		if z := e.Zone(); z != nil {
			add(z)
			parent, depth = box[z], g.zones[g.zoneOf[z]].depth+1
		}
		z := zone{element: e, depth: depth, physical: below(e, "place")}
		b := layered.Box{Parent: parent, Group: true, W: g.zoneWidth(e), H: 60}
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
	for _, n := range g.nodes {
		for at := n.element.Zone(); at != nil; at = at.Zone() {
			g.zones[g.zoneOf[at]].inside++
		}
	}
}

// zoneWidth has room for the title of a zone, with its kind and who attacks from there.
func (g *Drawing) zoneWidth(e *models.Element) int {
	return 30 + textWidth(label(e.Name), 13) + textWidth(kindTitle(e), 11) + g.flagWidth(e)
}

func (g *Drawing) flagWidth(e *models.Element) int {
	if names := g.starts[e]; len(names) > 0 {
		return 26 + textWidth(flagText(names), 11)
	}
	return 0
}

func flagText(names []string) string { return label(listFit(names, 11, 170)) }

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
	g.nodeOf[e] = i
	for _, c := range e.Controls {
		n.open = n.open || c.Open
	}
	var stored []string
	for _, s := range e.Stores {
		stored = append(stored, label(s.Data.Name))
		for _, c := range s.Controls {
			n.open = n.open || c.Open
		}
	}
	b := layered.Box{Parent: -1, W: 132, H: 46}
	if g.Compact {
		n.title = fit(label(e.Name), 11, 140)
		b.W, b.H = min(max(40+textWidth(n.title, 11), 80), 170), 24
	} else {
		n.title = fit(label(e.Name), 13, 190)
		n.subtitle = fit(kindTitle(e), 11, 200)
		b.W = max(b.W, 52+textWidth(n.title, 13), 52+textWidth(n.subtitle, 11))
		if len(stored) > 0 {
			b.H += 17
			b.W = min(max(b.W, 34+textWidth(strings.Join(stored, ", "), 11)), max(b.W, 210))
			n.stores = listFit(stored, 11, b.W-34)
		}
		if names := g.starts[e]; len(names) > 0 {
			b.W = max(b.W, g.flagWidth(e)+20)
		}
	}
	if z := e.Zone(); z != nil { // where it stands in several, it is drawn in the first
		b.Parent = box[z]
	} else if below(e, "thing") {
		b.Band = 1
	}
	box[e] = len(in.Boxes)
	in.Boxes = append(in.Boxes, b)
}

// addLines adds flows and relations.
func (g *Drawing) addLines(in *layered.Graph, box map[*models.Element]int) {
	g.connect(func(l line, weight int) {
		e := layered.Edge{From: box[l.from], To: box[l.to], Weight: weight}
		if !g.Compact && (l.title != "" || l.subtitle != "") {
			e.LabelW = max(textWidth(l.title, 11), textWidth(l.subtitle, 10)+lockWidth(l)) + 4
			e.LabelH = 28
		}
		if l.flow != nil {
			g.lineOf[l.flow] = append(g.lineOf[l.flow], len(g.lines))
		}
		l.mesh = g.Mesh > 0 && l.flow != nil && bare(l.flow)
		g.lines = append(g.lines, l)
		if !l.mesh {
			in.Edges = append(in.Edges, e)
		}
	})
}

// How much it matters that lines are short and point to the right.
const (
	flowWeight     = 4
	relationWeight = 1
)

// connect calls add for each stretch of each flow, and for each relation that can be drawn.
func (g *Drawing) connect(add func(l line, weight int)) {
	for _, e := range g.design.Elements {
		if e.Flow == nil {
			continue
		}
		stops := append(append([]*models.Element{e.Flow.Source}, e.Flow.Through...), e.Flow.Target)
		for i := range len(stops) - 1 {
			l := g.flow(e, stops[i], stops[i+1])
			l.first, l.last = i == 0, i == len(stops)-2
			if i > 0 {
				l.subtitle = ""
			}
			add(l, flowWeight)
		}
	}
	there := map[*models.Element]bool{} // of an excerpt, not all that relations lead to
	for _, e := range g.design.Elements {
		there[e] = true
	}
	for _, e := range g.design.Elements {
		if !party(e) && e.Root() != models.ZoneRoot {
			continue
		}
		relate := func(to *models.Element, relation string) {
			if there[to] && (party(to) || to.Root() == models.ZoneRoot) {
				title := fit(label(strings.ReplaceAll(relation, "_", " ")), 11, 110)
				add(line{from: e, to: to, relation: relation, title: title, first: true, last: true}, relationWeight)
			}
		}
		for _, s := range e.Said() {
			for _, to := range s.To {
				relate(to, s.Word)
			}
		}
		for _, r := range sortedBy(e.Relations, func(r *models.Relation) string { return r.Name }) {
			for _, to := range e.Relations[r] {
				relate(to, r.Name)
			}
		}
	}
}

// flow describes a stretch of a flow.
func (g *Drawing) flow(e, from, to *models.Element) line {
	f := e.Flow
	l := line{flow: e, from: from, to: to, blocked: f.Blocked, returns: len(f.Returns) > 0}
	if !generated(e) {
		l.title = fit(label(e.Name), 11, 120)
	}
	var about []string
	if f.Protocol != nil {
		about = append(about, strings.ReplaceAll(f.Protocol.Name, "_", " "))
	}
	for _, k := range e.Kinds {
		if k.Parent != nil {
			about = append(about, strings.ReplaceAll(k.Name, "_", " "))
		}
	}
	if f.Blocked {
		about = append(about, "blocked")
	}
	l.subtitle = fit(label(strings.Join(about, ", ")), 10, 100)
	if g.design.Vocabulary.Controls["encryption"] != nil {
		l.hidden = has(e, "encryption")
		l.clear = !l.hidden && !(f.Source.Root() == models.ActorRoot && f.Target.Root() == models.ActorRoot)
	}
	return l
}

func lockWidth(l line) int {
	if l.hidden {
		return 12
	}
	return 0
}

// has reports whether a control is there and decided.
func has(e *models.Element, control string) bool {
	for _, c := range e.Controls {
		if c.Control.Name == control && !c.Open {
			return true
		}
	}
	return false
}

// bare reports whether a flow has neither a name of its own nor data.
func bare(e *models.Element) bool {
	return e.Flow != nil && generated(e) && len(e.Flow.Carries)+len(e.Flow.Returns)+len(e.Flow.Through)+len(e.Flow.Authenticated) == 0
}

// generated reports whether a flow has the name that the language gave it.
func generated(e *models.Element) bool { return strings.Contains(e.Name, "->") }
