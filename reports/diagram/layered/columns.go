package layered

import "slices"

// arc is a line between two children of a group.
type arc struct{ from, to, weight int }

// assign gives each child of a group that has lines to others its column.
func (g *group) assign(arcs []arc) {
	linked := map[int]bool{}
	for _, a := range arcs {
		linked[a.from], linked[a.to] = true, true
	}
	var nodes []int
	for _, c := range g.children {
		if linked[c] {
			nodes = append(nodes, c)
		} else {
			g.free = append(g.free, c)
		}
	}
	forward := acyclic(nodes, arcs)
	g.layers(nodes, forward)
	g.split(nodes)
	g.fold(nodes)
}

// acyclic turns arcs round so that they have no cycle: few, and light ones.
func acyclic(nodes []int, arcs []arc) []arc {
	balance, degreeIn, degreeOut := map[int]int{}, map[int]int{}, map[int]int{}
	out, in := map[int][]arc{}, map[int][]arc{}
	for _, a := range arcs {
		balance[a.from] += a.weight
		balance[a.to] -= a.weight
		degreeOut[a.from]++
		degreeIn[a.to]++
		out[a.from] = append(out[a.from], a)
		in[a.to] = append(in[a.to], a)
	}
	left := slices.Clone(nodes)
	var head, tail []int
	remove := func(i int) int {
		v := left[i]
		left = slices.Delete(left, i, i+1)
		for _, a := range out[v] {
			degreeIn[a.to]--
			balance[a.to] += a.weight
		}
		for _, a := range in[v] {
			degreeOut[a.from]--
			balance[a.from] -= a.weight
		}
		return v
	}
	for len(left) > 0 {
		if i := slices.IndexFunc(left, func(v int) bool { return degreeOut[v] == 0 }); i >= 0 {
			tail = append(tail, remove(i))
			continue
		}
		if i := slices.IndexFunc(left, func(v int) bool { return degreeIn[v] == 0 }); i >= 0 {
			head = append(head, remove(i))
			continue
		}
		best := 0
		for i, v := range left {
			if balance[v] > balance[left[best]] {
				best = i
			}
		}
		head = append(head, remove(best))
	}
	slices.Reverse(tail)
	rank := map[int]int{}
	for i, v := range append(head, tail...) {
		rank[v] = i
	}
	turned := slices.Clone(arcs)
	for i, a := range turned {
		if rank[a.from] > rank[a.to] {
			turned[i].from, turned[i].to = a.to, a.from
		}
	}
	return turned
}

// layers gives each node the column after its last predecessor, then moves nodes to where their lines are shortest.
func (g *group) layers(nodes []int, arcs []arc) {
	layer := g.l.layer
	before, after := map[int][]arc{}, map[int][]arc{}
	for _, a := range arcs {
		after[a.from] = append(after[a.from], a)
		before[a.to] = append(before[a.to], a)
	}
	for changed := true; changed; { // the arcs have no cycle, so this ends
		changed = false
		for _, a := range arcs {
			if layer[a.to] <= layer[a.from] {
				layer[a.to] = layer[a.from] + 1
				changed = true
			}
		}
	}
	for range 12 {
		moved := false
		for _, v := range nodes {
			lo, hi := -1<<30, 1<<30
			var ends []int
			for _, a := range before[v] {
				lo = max(lo, layer[a.from]+1)
				for range a.weight {
					ends = append(ends, layer[a.from]+1)
				}
			}
			for _, a := range after[v] {
				hi = min(hi, layer[a.to]-1)
				for range a.weight {
					ends = append(ends, layer[a.to]-1)
				}
			}
			slices.Sort(ends)
			if at := max(lo, min(hi, ends[(len(ends)-1)/2])); at != layer[v] {
				layer[v] = at
				moved = true
			}
		}
		if !moved {
			break
		}
	}
	low := 1 << 30
	for _, v := range nodes {
		low = min(low, layer[v])
	}
	for _, v := range nodes {
		layer[v] -= low
		g.n = max(g.n, layer[v]+1)
	}
}

// splitAt is how high a column may be before it becomes two.
const splitAt = 1500

// split makes several columns of those that are too high.
func (g *group) split(nodes []int) {
	shift := 0
	for k, column := range g.byLayer(nodes) {
		total := 0
		for _, v := range column {
			_, h := g.l.guess(v)
			total += h
		}
		parts := (total + splitAt - 1) / splitAt
		size := 1
		if parts > 1 {
			size = (len(column) + parts - 1) / parts
			parts = (len(column) + size - 1) / size
		}
		for i, v := range column {
			g.l.layer[v] = k + shift
			if parts > 1 {
				g.l.layer[v] += i / size
			}
		}
		shift += max(parts-1, 0)
	}
	g.n += shift
}

func (g *group) byLayer(nodes []int) [][]int {
	columns := make([][]int, g.n)
	for _, v := range nodes {
		columns[g.l.layer[v]] = append(columns[g.l.layer[v]], v)
	}
	return columns
}

// A group that is wider than foldAt, and wider than its height by more than strip tenths, is folded to about shape tenths.
const (
	foldAt = 1700
	strip  = 30
	shape  = 18
)

// fold lays a long row of columns in several rows below one another, as a furrow is ploughed: the first to the right, the second back to the left. So what stood in
// neighbouring columns still does, or in one column where it turns, and no line has to run back all the way.
func (g *group) fold(nodes []int) {
	g.rows = 1
	columns := g.byLayer(nodes)
	w, h := g.size(columns)
	if w < foldAt || 10*w < strip*h {
		return
	}
	for g.rows < len(columns) && 10*w/g.rows > shape*h*g.rows {
		g.rows++
	}
	g.n = (len(columns) + g.rows - 1) / g.rows
	for k, column := range columns {
		row, at := k/g.n, k%g.n
		if row%2 == 1 {
			at = g.n - 1 - at
		}
		for _, v := range column {
			g.l.layer[v], g.l.row[v] = at, row
		}
	}
}

// size is a rough size of columns before anything is laid out.
func (g *group) size(columns [][]int) (w, h int) {
	for _, column := range columns {
		wide, high := 0, 0
		for _, v := range column {
			ww, hh := g.l.guess(v)
			wide = max(wide, ww)
			high += hh
		}
		w += wide + 2*g.l.opt.Column
		h = max(h, high)
	}
	return w, h
}

// guess is a rough size of a box before anything is laid out, with the room around it. Groups in it have their columns.
func (l *layout) guess(box int) (w, h int) {
	b := l.g.Boxes[box]
	if !b.Group {
		return b.W, b.H + l.opt.Gap
	}
	g := l.groups[box]
	columns := make([][]int, g.n)
	area := 0
	for _, c := range g.children {
		if slices.Contains(g.free, c) {
			ww, hh := l.guess(c)
			area += (ww + l.opt.Column) * hh
		} else {
			columns[l.layer[c]] = append(columns[l.layer[c]], c)
		}
	}
	w, h = g.size(columns)
	for area > 0 && w*h < area { // they stand beside one another, and in several columns
		w, h = w+50, h+50
	}
	return max(b.W, w), max(b.H, h+l.opt.Head+2*l.opt.Pad)
}

// settle gives the free children a column each: where they make the group grow least.
func (g *group) settle() {
	g.placed = true
	l := g.l
	w, h := make([]int, g.n), make([]int, g.n)
	put := func(box, column int) {
		l.layer[box] = column
		if column == len(w) {
			w, h = append(w, 0), append(h, 0)
		}
		w[column] = max(w[column], l.w[box])
		h[column] += l.h[box] + l.opt.Gap
	}
	for _, c := range g.children {
		if !slices.Contains(g.free, c) {
			put(c, l.layer[c])
		}
	}
	size := func(box, column int) int {
		width, high := 0, 0
		for k := range w {
			ww, hh := w[k], h[k]
			if k == column {
				ww, hh = max(ww, l.w[box]), hh+l.h[box]
			}
			width += ww + l.opt.Column
			high = max(high, hh)
		}
		if column == len(w) {
			width += l.w[box] + l.opt.Column
			high = max(high, l.h[box])
		}
		return max(width, high)
	}
	for _, c := range g.free {
		best := 0
		for k := 1; k <= len(w); k++ {
			if size(c, k) < size(c, best) {
				best = k
			}
		}
		put(c, best)
	}
	g.n = max(len(w), 1)
	g.vertexes()
}

// vertexes makes the children and lanes of the columns, and the ways of the chains over them.
func (g *group) vertexes() {
	g.columns = make([][]int, g.n+2)
	add := func(v vertex) int {
		g.vertices = append(g.vertices, v)
		i := len(g.vertices) - 1
		g.columns[v.column+1] = append(g.columns[v.column+1], i)
		return i
	}
	for _, c := range g.children {
		g.item[c] = add(vertex{box: c, edge: -1, column: g.l.layer[c], band: g.band(c)})
	}
	for _, c := range g.chains {
		a, b := -1, g.n
		band := 1 << 30
		if c.from != border {
			a = g.l.layer[c.from]
			band = min(band, g.band(c.from))
		}
		if c.to != border {
			b = g.l.layer[c.to]
			band = min(band, g.band(c.to))
		}
		if band == 1<<30 { // a line that ends at the border
			band = 0
		}
		e := g.l.g.Edges[c.edge]
		pass := func(column int) int {
			h := g.l.lane(c.edge)
			if i, ok := g.lanes[lane{e.Bus, column}]; ok && e.Bus > 0 {
				g.vertices[i].h = max(g.vertices[i].h, h)
				return i
			}
			i := add(vertex{box: -1, edge: c.edge, column: column, h: h, band: band})
			g.lanes[lane{e.Bus, column}] = i
			return i
		}
		switch {
		case c.loop:
			c.path = []int{g.item[c.from], g.item[c.to]}
		case c.from == border && c.to == border:
			c.path = []int{pass(map[int]int{-1: -1, 1: g.n}[c.side])}
		default:
			if c.from == border {
				c.path = append(c.path, pass(-1))
			} else {
				c.path = append(c.path, g.item[c.from])
			}
			for k := a + 1; k < b; k++ {
				c.path = append(c.path, pass(k))
			}
			if c.to == border {
				c.path = append(c.path, pass(g.n))
			} else {
				c.path = append(c.path, g.item[c.to])
			}
		}
		c.track = make([]int, len(c.path))
		c.port = make([]*int, len(c.path))
		for i := range len(c.path) - 1 {
			at, next := c.path[i], c.path[i+1]
			c.port[i] = g.socket(e.Bus, at, true, c.port[i])
			c.port[i+1] = g.socket(e.Bus, next, c.loop, nil)
			u, v := &g.vertices[at], &g.vertices[next]
			if e.Bus > 0 && slices.ContainsFunc(u.right, func(x end) bool { return g.same(x.chain, x.at, c, i) }) {
				continue // the bus is there already
			}
			u.right = append(u.right, end{c, i})
			if c.loop {
				v.right = append(v.right, end{c, i + 1})
			} else {
				v.left = append(v.left, end{c, i + 1})
			}
		}
		if len(c.path) == 1 {
			c.port[0] = new(int)
		}
	}
}

// band tells which boxes of a column stand above others: those of a row of folded columns, and within a row those of a lower band.
func (g *group) band(box int) int { return g.l.row[box]<<16 + g.l.g.Boxes[box].Band }

// socket is where a line meets a side of a vertex: that of its bus, or one of its own.
func (g *group) socket(bus, vertex int, right bool, own *int) *int {
	key := socket{bus, vertex, right}
	switch {
	case bus > 0 && g.sockets[key] != nil:
		return g.sockets[key]
	case own == nil:
		own = new(int)
	}
	if bus > 0 {
		g.sockets[key] = own
	}
	return own
}

// same reports whether two segments are one line: of one bus, between the same vertices.
func (g *group) same(c *chain, i int, d *chain, k int) bool {
	return g.ofBus(c, d) && i+1 < len(c.path) && c.path[i] == d.path[k] && c.path[i+1] == d.path[k+1]
}

// ofBus reports whether two chains are of one bus.
func (g *group) ofBus(c, d *chain) bool {
	bus := g.l.g.Edges[c.edge].Bus
	return bus > 0 && bus == g.l.g.Edges[d.edge].Bus
}

// lane is the height of the lane of an edge.
func (l *layout) lane(edge int) int { return max(l.opt.Lane, l.g.Edges[edge].LabelH) }
