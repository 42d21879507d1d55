package layered

import "slices"

// snapshot is the state after a round.
type snapshot struct {
	cost      int
	crossings int
	groups    []groupState
}

type groupState struct {
	vertices []vertex

	columnX []int
	columnW []int
	x, y    int
	tracks  [][]int
	ports   [][]int
	w, h    int
}

func (l *layout) snapshot() *snapshot {
	s := &snapshot{}
	for _, g := range l.order {
		state := groupState{
			vertices: slices.Clone(g.vertices), columnX: g.columnX, columnW: g.columnW, x: g.x, y: g.y,
		}
		if g.box >= 0 {
			state.w, state.h = l.w[g.box], l.h[g.box]
		}
		for _, c := range g.chains {
			state.tracks = append(state.tracks, slices.Clone(c.track))
			ports := make([]int, len(c.port))
			for i, p := range c.port {
				ports[i] = *p
			}
			state.ports = append(state.ports, ports)
		}
		s.groups = append(s.groups, state)
	}
	s.cost, s.crossings = l.cost()
	return s
}

func (l *layout) restore(s *snapshot) {
	for i, g := range l.order {
		state := s.groups[i]
		g.vertices, g.columnX, g.columnW, g.x, g.y = state.vertices, state.columnX, state.columnW, state.x, state.y
		if g.box >= 0 {
			l.w[g.box], l.h[g.box] = state.w, state.h
		}
		for k, c := range g.chains {
			c.track = state.tracks[k]
			for i, y := range state.ports[k] {
				*c.port[i] = y
			}
		}
	}
}

// crossing is what a crossing costs; a line costs what it runs up and down.
const crossing = 300

func (l *layout) cost() (total, crossings int) {
	root := l.groups[-1]
	total = root.contentH + root.columnX[len(root.columnX)-1]
	lines := make([][]Point, len(l.g.Edges))
	for i := range lines {
		lines[i] = l.route(i).Points
		for k := 1; k < len(lines[i]); k++ {
			total += max(lines[i][k].Y-lines[i][k-1].Y, lines[i][k-1].Y-lines[i][k].Y)
		}
	}
	crossings = Crossings(lines, func(i int) int { return l.g.Edges[i].Bus })
	return total + crossing*crossings, crossings
}

func (l *layout) result() *Result {
	root := l.groups[-1]
	out := &Result{W: root.columnX[len(root.columnX)-1]}
	for _, v := range root.vertices {
		out.H = max(out.H, v.y+v.h)
	}
	for i := range l.g.Boxes {
		out.Boxes = append(out.Boxes, l.rect(i))
	}
	for i := range l.g.Edges {
		out.Routes = append(out.Routes, l.route(i))
	}
	return out
}

// route joins the parts of a line.
func (l *layout) route(edge int) Route {
	e := l.g.Edges[edge]
	h := l.home(e)
	if !h.ok {
		return Route{}
	}
	var r Route
	add := func(box int, backwards bool) {
		g := l.groups[box]
		c := g.chainOf[edge]
		if c == nil || len(c.path) == 1 {
			return
		}
		part := g.points(c)
		if c.reversed {
			slices.Reverse(part)
		}
		if backwards {
			slices.Reverse(part)
		}
		r.Points = append(r.Points, part...)
	}
	for box := e.From; box != h.from; box = l.parent(box) {
		add(l.parent(box), false)
	}
	add(h.group, false)
	at := len(r.Points)
	for box := e.To; box != h.to; box = l.parent(box) {
		add(l.parent(box), true)
	}
	slices.Reverse(r.Points[at:]) // they were collected from the inside out
	r.Points = straight(r.Points)
	r.Label = l.groups[h.group].label(edge)
	return r
}

// points is the way of a chain from left to right.
func (g *group) points(c *chain) []Point {
	var out []Point
	side := func(i int, right bool) int {
		v := &g.vertices[c.path[i]]
		k := v.column + 1
		switch {
		case v.box < 0 && right:
			return g.columnX[k] + g.columnW[k]
		case v.box < 0:
			return g.columnX[k]
		}
		r := g.l.rect(v.box)
		if right {
			return r.X - g.x + r.W
		}
		return r.X - g.x
	}
	for i := range len(c.path) - 1 {
		a, b := g.portY(c, i), g.portY(c, i+1)
		out = append(out, Point{side(i, true), a})
		if a != b || c.loop {
			out = append(out, Point{c.track[i], a}, Point{c.track[i], b})
		}
		out = append(out, Point{side(i+1, c.loop), b})
	}
	for i := range out {
		out[i].X += g.x
		out[i].Y += g.y
	}
	return out
}

// label is where the label of an edge stands: on its lane, or beside the column where it begins.
func (g *group) label(edge int) Rect {
	e := g.l.g.Edges[edge]
	if e.LabelW == 0 {
		return Rect{}
	}
	c := g.chainOf[edge]
	i, onLane := g.labelLane(c)
	v := &g.vertices[c.path[i]]
	k := v.column + 1
	y := g.y + g.portY(c, i) - e.LabelH/2
	if onLane {
		return Rect{g.x + g.columnX[k] + (g.columnW[k]-e.LabelW)/2, y, e.LabelW, e.LabelH}
	}
	return Rect{g.x + g.columnX[k] + g.columnW[k] + 10, y, e.LabelW, e.LabelH}
}

// straight drops points that a line does not turn at.
func straight(in []Point) []Point {
	var out []Point
	for _, p := range in {
		if n := len(out); n > 0 && out[n-1] == p {
			continue
		}
		if n := len(out); n > 1 && (out[n-2].X == out[n-1].X && out[n-1].X == p.X || out[n-2].Y == out[n-1].Y && out[n-1].Y == p.Y) {
			out[n-1] = p
			continue
		}
		out = append(out, p)
	}
	return out
}
