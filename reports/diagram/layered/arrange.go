package layered

import "slices"

// sweeps is how often the columns of a group are gone through, to the right and back.
const sweeps = 4

// arrange orders and places the vertices of a group. Its inner groups have been arranged.
func (g *group) arrange() {
	l := g.l
	if !g.placed {
		g.settle()
	}
	for i := range g.vertices {
		if v := &g.vertices[i]; v.box >= 0 {
			v.h = l.h[v.box]
			g.reach(v)
		}
	}
	if !g.settled {
		for _, column := range g.columns {
			slices.SortStableFunc(column, func(a, b int) int { return g.vertices[a].band - g.vertices[b].band })
			g.stack(column, nil)
		}
	}
	for s := range sweeps {
		for k := range g.columns {
			g.sort(k, true, s > 0)
		}
		for k := len(g.columns) - 1; k >= 0; k-- {
			g.sort(k, false, true)
		}
	}
	g.untangle()
	for range sweeps {
		for k := range g.columns {
			g.settleColumn(k, true, true)
		}
		for k := len(g.columns) - 1; k >= 0; k-- {
			g.settleColumn(k, true, true)
		}
	}
	low, high := 1<<30, 0
	for _, v := range g.vertices {
		low = min(low, v.y)
	}
	for i := range g.vertices {
		v := &g.vertices[i]
		v.y -= low
		high = max(high, v.y+v.h)
	}
	g.contentH = high
	g.widen()
	if g.box >= 0 {
		l.h[g.box] = max(l.g.Boxes[g.box].H, g.top()+high+l.opt.Pad)
		last := len(g.columnX) - 1
		l.w[g.box] = max(l.g.Boxes[g.box].W, g.columnX[last])
	}
}

// top is where the content of a group begins, below its title.
func (g *group) top() int {
	if g.box < 0 {
		return 0
	}
	return g.l.opt.Head + g.l.opt.Pad
}

// reach sets where the lines of a child arrive: at the ports of an inner group, or spread over the sides of a leaf, which grows as it must.
func (g *group) reach(v *vertex) {
	l := g.l
	if l.g.Boxes[v.box].Group {
		in := l.groups[v.box]
		for _, e := range append(slices.Clone(v.left), v.right...) {
			c := in.ports[e.chain.edge]
			lane := in.vertices[c.path[0]]
			if c.from != border {
				lane = in.vertices[c.path[len(c.path)-1]]
			}
			e.chain.port[e.at] = in.top() + lane.y + lane.h/2
		}
		return
	}
	const margin = 8
	for _, side := range [][]end{v.left, v.right} {
		need := margin
		for _, e := range side {
			need += l.lane(e.chain.edge)
		}
		v.h = max(v.h, need)
	}
	for _, side := range [][]end{v.left, v.right} {
		slices.SortStableFunc(side, func(a, b end) int { return g.otherY(a) - g.otherY(b) })
		total := 0
		for _, e := range side {
			total += l.lane(e.chain.edge)
		}
		y := (v.h - total) / 2
		for _, e := range side {
			e.chain.port[e.at] = y + l.lane(e.chain.edge)/2
			y += l.lane(e.chain.edge)
		}
	}
}

// other is the index of the vertex at the other end of the segment that an end is of.
func (e end) other(right bool) int {
	if e.chain.loop {
		return 1 - e.at
	}
	if right {
		return e.at + 1
	}
	return e.at - 1
}

// otherY is where the other end of an end of a child lies; a child is at one end of its chains.
func (g *group) otherY(e end) int { return g.portY(e.chain, e.other(e.at == 0)) }

// portY is where a chain passes or ends at the vertex with that index on its path.
func (g *group) portY(c *chain, at int) int {
	v := &g.vertices[c.path[at]]
	if v.box < 0 {
		return v.y + v.h/2
	}
	return v.y + c.port[at]
}

// want is the middle that a vertex would like to have, for its lines to be straight.
func (g *group) want(i int, left, right bool) (y, weight int) {
	v := &g.vertices[i]
	sum := 0
	add := func(ends []end, toRight bool) {
		for _, e := range ends {
			at := e.other(toRight)
			w := 1
			own, other := v.box < 0, g.vertices[e.chain.path[at]].box < 0
			switch {
			case own && other:
				w = 8
			case own || other:
				w = 2
			}
			port := v.h / 2
			if v.box >= 0 {
				port = e.chain.port[e.at]
			}
			sum += w * (g.portY(e.chain, at) - port + v.h/2)
			weight += w
		}
	}
	if left {
		add(v.left, false)
	}
	if right {
		add(v.right, true)
	}
	if y, ok := g.outside(v); ok && (v.column < 0 && left || v.column == g.n && right) {
		sum += 4 * y
		weight += 4
	}
	if weight == 0 {
		return v.y + v.h/2, 0
	}
	return sum / weight, weight
}

// outside is where the line of a port goes beyond the border, by the round before.
func (g *group) outside(v *vertex) (int, bool) {
	if !g.settled || g.box < 0 || v.box >= 0 || v.column >= 0 && v.column < g.n {
		return 0, false
	}
	p := g.l.groups[g.l.parent(g.box)]
	c := p.chainOf[v.edge]
	at := slices.Index(c.path, p.item[g.box])
	if c.loop {
		if c.to == g.box && c.from != g.box {
			at = 1
		}
		at = 1 - at
	} else if v.column < 0 {
		at--
	} else {
		at++
	}
	return p.y + p.portY(c, at) - g.y, true
}

// sort orders a column by where its vertices would like to be, and places it.
func (g *group) sort(k int, fromLeft, both bool) {
	column := g.columns[k]
	keys := make(map[int]int, len(column))
	for _, i := range column {
		keys[i], _ = g.want(i, fromLeft, !fromLeft)
		if v := &g.vertices[i]; v.column < 0 || v.column == g.n {
			keys[i], _ = g.want(i, true, true)
		}
	}
	slices.SortStableFunc(column, func(a, b int) int {
		if d := g.vertices[a].band - g.vertices[b].band; d != 0 {
			return d
		}
		return keys[a] - keys[b]
	})
	g.settleColumn(k, fromLeft || both, !fromLeft || both)
}

// settleColumn places the vertices of a column as near to where they would like to be as their order allows.
func (g *group) settleColumn(k int, left, right bool) {
	g.stack(g.columns[k], func(i int) (int, int) { return g.want(i, left, right) })
	for _, i := range g.columns[k] {
		if v := &g.vertices[i]; v.box >= 0 {
			g.reach(v)
		}
	}
}

// space is the distance between two neighbours of a column.
func (g *group) space(a, b *vertex) int {
	gap := g.l.opt.Gap
	switch {
	case a.box < 0 && b.box < 0:
		gap = 0
	case a.box < 0 || b.box < 0:
		gap /= 2
	case a.band != b.band:
		gap *= 2
	}
	return gap
}

// stack places the vertices of a column in their order. The sum of the weighted squares of the distances to what they want is least: neighbours that
// would overlap become a block, which goes to the mean (pool adjacent violators). Without wants they stand from 0 on.
func (g *group) stack(column []int, want func(int) (y, weight int)) {
	type block struct{ sum, weight, n int }
	var blocks []block
	offset := 0
	offsets := make([]int, len(column))
	for n, i := range column {
		v := &g.vertices[i]
		if n > 0 {
			offset += g.space(&g.vertices[column[n-1]], v)
		}
		offsets[n] = offset
		offset += v.h
		if want == nil {
			v.y = offsets[n]
			continue
		}
		y, w := want(i)
		w = w*4 + 1
		b := block{(y - v.h/2 - offsets[n]) * w, w, 1}
		for len(blocks) > 0 {
			last := blocks[len(blocks)-1]
			if last.sum*b.weight <= b.sum*last.weight {
				break
			}
			b = block{b.sum + last.sum, b.weight + last.weight, b.n + last.n}
			blocks = blocks[:len(blocks)-1]
		}
		blocks = append(blocks, b)
	}
	at := 0
	for _, b := range blocks {
		y := floor(b.sum, b.weight)
		for range b.n {
			g.vertices[column[at]].y = y + offsets[at]
			at++
		}
	}
}

func floor(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// untangle swaps neighbours in a column while that removes crossings.
func (g *group) untangle() {
	for range 8 {
		changed := false
		for k := range g.columns {
			column := g.columns[k]
			for n := range max(len(column)-1, 0) {
				u, v := &g.vertices[column[n]], &g.vertices[column[n+1]]
				if u.band != v.band {
					continue
				}
				now, then := g.crossed(u, v)
				if then < now {
					column[n], column[n+1] = column[n+1], column[n]
					changed = true
				}
			}
			if changed {
				g.settleColumn(k, true, true)
			}
		}
		if !changed {
			return
		}
	}
}

// crossed counts the crossings between the lines of two neighbours as they stand, and were they swapped.
func (g *group) crossed(u, v *vertex) (now, then int) {
	for _, right := range []bool{false, true} {
		a, b := u.left, v.left
		if right {
			a, b = u.right, v.right
		}
		for _, x := range a {
			for _, y := range b {
				d := g.portY(x.chain, x.other(right)) - g.portY(y.chain, y.other(right))
				if d > 0 {
					now++
				} else if d < 0 {
					then++
				}
			}
		}
	}
	return now, then
}

// place sets where the content of each group is, from the outside in.
func (l *layout) place() {
	for _, g := range l.order {
		g.settled = true
		if g.box < 0 {
			g.x, g.y = 0, 0
			continue
		}
		r := l.rect(g.box)
		g.x, g.y = r.X, r.Y+g.top()
	}
}

// rect is where a box is.
func (l *layout) rect(box int) Rect {
	p := l.groups[l.parent(box)]
	v := &p.vertices[p.item[box]]
	k := v.column + 1
	return Rect{p.x + p.columnX[k] + (p.columnW[k]-l.w[box])/2, p.y + v.y, l.w[box], v.h}
}
