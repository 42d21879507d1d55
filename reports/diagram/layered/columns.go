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

// foldAt is how high a column may be before it becomes two.
const foldAt = 2200

// fold splits columns that are too high.
func (g *group) fold(nodes []int) {
	columns := make([][]int, g.n)
	for _, v := range nodes {
		columns[g.l.layer[v]] = append(columns[g.l.layer[v]], v)
	}
	shift := 0
	for k, column := range columns {
		total := 0
		for _, v := range column {
			total += g.l.guess(v)
		}
		parts := (total + foldAt - 1) / foldAt
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

// guess is a rough height of a box before anything is laid out.
func (l *layout) guess(box int) int {
	b := l.g.Boxes[box]
	if !b.Group {
		return b.H + l.opt.Gap
	}
	g := l.groups[box]
	total := 0
	for _, c := range g.children {
		total += l.guess(c)
	}
	return l.opt.Head + 2*l.opt.Pad + min(total, foldAt)
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
		g.item[c] = add(vertex{box: c, edge: -1, column: g.l.layer[c], band: g.l.g.Boxes[c].Band})
	}
	for _, c := range g.chains {
		a, b := -1, g.n
		band := 1 << 30
		if c.from != border {
			a = g.l.layer[c.from]
			band = min(band, g.l.g.Boxes[c.from].Band)
		}
		if c.to != border {
			b = g.l.layer[c.to]
			band = min(band, g.l.g.Boxes[c.to].Band)
		}
		if band == 1<<30 { // a line that ends at the border
			band = 0
		}
		lane := func(column int) int {
			return add(vertex{box: -1, edge: c.edge, column: column, h: g.l.lane(c.edge), band: band})
		}
		switch {
		case c.loop:
			c.path = []int{g.item[c.from], g.item[c.to]}
		case c.from == border && c.to == border:
			c.path = []int{lane(map[int]int{-1: -1, 1: g.n}[c.side])}
		default:
			if c.from == border {
				c.path = append(c.path, lane(-1))
			} else {
				c.path = append(c.path, g.item[c.from])
			}
			for k := a + 1; k < b; k++ {
				c.path = append(c.path, lane(k))
			}
			if c.to == border {
				c.path = append(c.path, lane(g.n))
			} else {
				c.path = append(c.path, g.item[c.to])
			}
		}
		c.track = make([]int, len(c.path))
		c.port = make([]int, len(c.path))
		for i := range len(c.path) - 1 {
			u, v := &g.vertices[c.path[i]], &g.vertices[c.path[i+1]]
			u.right = append(u.right, end{c, i})
			if c.loop {
				v.right = append(v.right, end{c, i + 1})
			} else {
				v.left = append(v.left, end{c, i + 1})
			}
		}
	}
}

// lane is the height of the lane of an edge.
func (l *layout) lane(edge int) int { return max(l.opt.Lane, l.g.Edges[edge].LabelH) }
