package layered

import "slices"

// Graph is what is laid out.
type Graph struct {
	Boxes []Box
	Edges []Edge
}

// Box is a leaf or a group of other boxes.
type Box struct {
	Parent int  // index of the group that it lies in, which comes before it; -1: none
	Group  bool // may have children
	W, H   int  // of a leaf, without what its lines need; of a group at least
	Band   int  // in a column, a box of a lower band stands above one of a higher
}

// Edge is a line from one box to another.
type Edge struct {
	From, To       int
	LabelW, LabelH int // the room that its label takes; 0: it has none
	Weight         int // how much it matters that the line is short and points right; at least 1
	Bus            int // lines of one bus have one target, or one source, and are one line where they run to it, with one label; 0: none
}

// Options are distances.
type Options struct {
	Pad    int // between the border of a group and what is in it
	Head   int // height of the title of a group
	Gap    int // between boxes of a column
	Column int // between columns, at least
	Lane   int // between parallel lines
}

// Point is a place. x runs to the right, y down.
type Point struct{ X, Y int }

// Rect is a rectangle with its upper left corner.
type Rect struct{ X, Y, W, H int }

// Route is the way of an edge from its source to its target. It is empty where the edge is not drawn.
type Route struct {
	Points []Point
	Label  Rect // around the line; empty where there is no label
}

// Result is a layout.
type Result struct {
	W, H   int
	Boxes  []Rect
	Routes []Route
}

// rounds is how often all groups are laid out, each of starts times with its columns in another order at first, until nothing
// crosses. Of more than manyBoxes, the first order must do.
const (
	rounds    = 10
	starts    = 12
	manyBoxes = 60
)

// Layout lays out a graph.
func Layout(g *Graph, opt Options) *Result {
	var (
		best *snapshot
		from *layout
	)
	for start := range starts {
		if start > 0 && (len(g.Boxes) > manyBoxes || best.crossings == 0) {
			break
		}
		l := newLayout(g, opt, start)
		for range rounds {
			for i := len(l.order) - 1; i >= 0; i-- {
				l.order[i].arrange()
			}
			l.place()
			if s := l.snapshot(); best == nil || s.cost < best.cost {
				best, from = s, l
			}
		}
	}
	from.restore(best)
	return from.result()
}

func newLayout(g *Graph, opt Options, start int) *layout {
	l := &layout{
		g: g, opt: opt, start: start, groups: map[int]*group{},
		layer: make([]int, len(g.Boxes)), row: make([]int, len(g.Boxes)), w: make([]int, len(g.Boxes)), h: make([]int, len(g.Boxes)),
	}
	l.build()
	return l
}

// layout is the work in progress.
type layout struct {
	g      *Graph
	opt    Options
	start  int            // how often it was laid out before, from other orders
	groups map[int]*group // by box; -1: the whole
	order  []*group       // outer ones first
	layer  []int          // by box: its column in its group
	row    []int          // by box: its row, where the columns of its group are folded
	w, h   []int          // by box
}

// group is a group with its columns. Column -1 and column n are its left and right border, where only ports are.
type group struct {
	l        *layout
	box      int
	children []int
	free     []int // children without a line to another child: they go where there is room
	n        int   // number of columns
	rows     int   // number of rows that the columns are folded to
	chains   []*chain
	placed   bool // the free children have a column

	vertices []vertex
	columns  [][]int // vertices by column, index 0 is column -1, from top to bottom
	item     map[int]int
	ports    map[int]*chain // by edge: the chain that ends at the border
	chainOf  map[int]*chain // by edge
	lanes    map[lane]int   // of buses: vertices
	sockets  map[socket]*int

	x, y     int   // absolute, of the content
	columnX  []int // by column: left side, relative to the content
	columnW  []int
	contentH int
	settled  bool // x and y are those of a round before
}

// vertex is a child, or the lane of a line that passes a column or ends at a border.
type vertex struct {
	box    int // -1: a lane
	edge   int // of a lane
	column int // -1..n
	h      int
	y      int // top, relative to the content
	band   int
	left   []end // what is attached to its left side, from top to bottom
	right  []end
}

// lane is where a bus passes a column.
type lane struct{ bus, column int }

// socket is where a bus meets a side of a vertex.
type socket struct {
	bus, vertex int
	right       bool
}

// end is one end of a segment of a chain.
type end struct {
	chain *chain
	at    int // index in chain.path
}

// chain is the part of a line within one group, from left to right.
type chain struct {
	edge     int
	from, to int    // boxes; border for a border
	side     int    // of a chain to a border: -1 left, 1 right
	reversed bool   // the line runs from right to left
	loop     bool   // both ends in one column
	home     bool   // the group is the innermost that has both ends: the label stands here
	path     []int  // vertices
	track    []int  // by segment: x of its vertical piece, relative to the content
	port     []*int // by index in path: where the line meets a child, from the top of it; lines of one bus have it in common
}

// border stands for the border of the group itself.
const border = -2

func (l *layout) parent(box int) int {
	if box < 0 {
		return -1
	}
	return l.g.Boxes[box].Parent
}

// ancestors returns the groups around a box, from the inside out; the last is -1.
func (l *layout) ancestors(box int) []int {
	var out []int
	for box >= 0 {
		box = l.parent(box)
		out = append(out, box)
	}
	return out
}

func (l *layout) build() {
	add := func(box int) {
		g := &group{l: l, box: box, item: map[int]int{}, ports: map[int]*chain{}, chainOf: map[int]*chain{}, lanes: map[lane]int{}, sockets: map[socket]*int{}}
		l.groups[box] = g
		l.order = append(l.order, g)
	}
	add(-1)
	for i, b := range l.g.Boxes {
		l.w[i], l.h[i] = b.W, b.H
		if b.Group {
			add(i)
		}
		p := l.groups[b.Parent]
		p.children = append(p.children, i)
	}
	homes := make([]home, len(l.g.Edges))
	arcs := map[int][]arc{}
	for i, e := range l.g.Edges {
		h := l.home(e)
		homes[i] = h
		if h.ok && h.from != h.to {
			arcs[h.group] = append(arcs[h.group], arc{h.from, h.to, max(e.Weight, 1)})
		}
	}
	for _, g := range slices.Backward(l.order) { // inner ones first: how large they are says how outer ones are folded
		g.assign(arcs[g.box])
	}
	for i, e := range l.g.Edges {
		if homes[i].ok {
			l.chain(i, e, homes[i])
		}
	}
}

// home is the innermost group with both ends of an edge, and the children of it that they are or lie in.
type home struct {
	group, from, to int
	ok              bool
}

func (l *layout) home(e Edge) home {
	from, to := l.ancestors(e.From), l.ancestors(e.To)
	i, j := len(from)-1, len(to)-1
	for i > 0 && j > 0 && from[i-1] == to[j-1] {
		i, j = i-1, j-1
	}
	child := func(box int, up []int, i int) int {
		if i == 0 {
			return box
		}
		return up[i-1]
	}
	h := home{group: from[i], from: child(e.From, from, i), to: child(e.To, to, j)}
	h.ok = h.from != h.to || e.From == e.To && !l.g.Boxes[e.From].Group
	return h
}

// chain makes the parts of a line: in its home group, and in each group on the way to its ends.
func (l *layout) chain(i int, e Edge, h home) {
	g := l.groups[h.group]
	a, b := l.layer[h.from], l.layer[h.to]
	c := &chain{edge: i, from: h.from, to: h.to, home: true}
	out, in := 1, -1 // the sides where the line leaves its source and reaches its target
	switch {
	case a == b:
		c.loop, in = true, 1
	case a > b:
		c.from, c.to, c.reversed = h.to, h.from, true
		out, in = -1, 1
	}
	g.chains = append(g.chains, c)
	g.chainOf[i] = c
	l.inward(i, e.From, h.from, out, false)
	l.inward(i, e.To, h.to, in, true)
}

// inward makes the chains from the border of the box top to the end that lies in it.
func (l *layout) inward(edge, end, top, side int, target bool) {
	for box := end; box != top; box = l.parent(box) {
		l.groups[l.parent(box)].exit(edge, box, side, target)
	}
	if l.g.Boxes[end].Group { // the line ends at the border of a group
		l.groups[end].exit(edge, border, side, target)
	}
}

// exit makes a chain from a child to a border, or one that ends at the border.
func (g *group) exit(edge, child, side int, target bool) {
	c := &chain{edge: edge, side: side}
	if side < 0 {
		c.from, c.to, c.reversed = border, child, !target
	} else {
		c.from, c.to, c.reversed = child, border, target
	}
	g.ports[edge], g.chainOf[edge] = c, c
	g.chains = append(g.chains, c)
}
