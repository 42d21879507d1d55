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
			g.reach(v, false)
		}
	}
	if !g.settled {
		for _, column := range g.columns {
			l.shuffle(column)
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
			g.slide(k)
		}
		for k := len(g.columns) - 1; k >= 0; k-- {
			g.settleColumn(k, true, true)
			g.slide(k)
		}
	}
	g.snap()
	for k := range g.columns {
		g.slide(k)
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

// shuffle brings a column into the order that it starts from: as it is in the first start, then some other one, which is the same on every machine.
func (l *layout) shuffle(column []int) {
	x := uint32(l.start)
	for i := len(column) - 1; l.start > 0 && i > 0; i-- {
		x = x*1664525 + 1013904223 // Numerical Recipes, 3rd edition, 7.1.4
		k := int(x>>16) % (i + 1)
		column[i], column[k] = column[k], column[i]
	}
}

// top is where the content of a group begins, below its title.
func (g *group) top() int {
	if g.box < 0 {
		return 0
	}
	return g.l.opt.Head + g.l.opt.Pad
}

// reach sets where the lines of a child arrive: at the ports of an inner group, or on the sides of a leaf, which grows as it must. There they are spread
// evenly, or, with near, as near to where they come from as their distances allow.
func (g *group) reach(v *vertex, near bool) {
	l := g.l
	if l.g.Boxes[v.box].Group {
		in := l.groups[v.box]
		for _, e := range append(slices.Clone(v.left), v.right...) {
			*e.chain.port[e.at] = in.top() + in.port(e.chain.edge)
		}
		return
	}
	const margin = 8
	sides := [][]end{sockets(v.left), sockets(v.right)}
	for _, side := range sides {
		need := margin
		for _, e := range side {
			need += l.lane(e.chain.edge)
		}
		v.h = max(v.h, need)
	}
	for _, side := range sides {
		slices.SortStableFunc(side, func(a, b end) int { return g.otherY(a) - g.otherY(b) })
		total := 0
		for _, e := range side {
			total += l.lane(e.chain.edge)
		}
		wants := make([]want, len(side))
		y := (v.h - total) / 2
		for i, e := range side {
			high := l.lane(e.chain.edge)
			wants[i] = want{middle: y + high/2, weight: 1, h: high}
			if near {
				wants[i].middle = g.otherY(e) - v.y
			}
			y += high
		}
		for i, y := range pool(wants, margin/2, v.h-margin/2) {
			*side[i].chain.port[side[i].at] = y + wants[i].h/2
		}
	}
}

// sockets returns one end for each place where lines meet a side.
func sockets(side []end) []end {
	var out []end
	for _, e := range side {
		if !slices.ContainsFunc(out, func(o end) bool { return o.chain.port[o.at] == e.chain.port[e.at] }) {
			out = append(out, e)
		}
	}
	return out
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
	return v.y + *c.port[at]
}

// wish is the middle that a vertex would like to have, for its lines to be straight.
func (g *group) wish(i int, left, right bool) (y, weight int) {
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
				port = *e.chain.port[e.at]
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
	if far := p.vertices[c.path[at]].box; far >= 0 && g.l.g.Boxes[far].Group && far != g.box {
		in := g.l.groups[far] // as it is in this round: were both sides to follow the round before, they would swap for ever
		return in.y + in.port(v.edge) - g.y, true
	}
	return p.y + p.portY(c, at) - g.y, true
}

// port is where the line of an edge meets the border of the group, in the content of the group.
func (g *group) port(edge int) int {
	c := g.ports[edge]
	at := 0
	if c.from != border {
		at = len(c.path) - 1
	}
	return g.portY(c, at)
}

// sort orders a column by where its vertices would like to be, and places it.
func (g *group) sort(k int, fromLeft, both bool) {
	column := g.columns[k]
	keys := make(map[int]int, len(column))
	for _, i := range column {
		y, weight := g.wish(i, fromLeft, !fromLeft)
		if beyond, ok := g.outside(&g.vertices[i]); ok { // where a line goes to orders the ports, but does not pull them
			own := min(weight, 1)
			y = (y*own + 3*beyond) / (own + 3)
		}
		keys[i] = y
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
	g.stack(g.columns[k], func(i int) (int, int) { return g.wish(i, left, right) })
	for _, i := range g.columns[k] {
		if v := &g.vertices[i]; v.box >= 0 {
			g.reach(v, false)
		}
	}
}

// slide moves the ends of lines along the sides of the leaves of a column, for the lines to be straight.
func (g *group) slide(k int) {
	for _, i := range g.columns[k] {
		if v := &g.vertices[i]; v.box >= 0 {
			g.reach(v, true)
		}
	}
}

// snap moves lanes, within the room that they have, to where their lines go on straight.
func (g *group) snap() {
	move := func(k, n int, right bool) {
		column := g.columns[k]
		v := &g.vertices[column[n]]
		ends := v.left
		if right {
			ends = v.right
		}
		if v.box >= 0 || len(ends) == 0 {
			return
		}
		y := g.portY(ends[0].chain, ends[0].other(right)) - v.h/2
		if n > 0 {
			above := &g.vertices[column[n-1]]
			y = max(y, above.y+above.h+g.space(above, v))
		}
		if n+1 < len(column) {
			below := &g.vertices[column[n+1]]
			y = min(y, below.y-v.h-g.space(v, below))
		}
		v.y = y
	}
	last := len(g.columns) - 1
	for k, column := range g.columns {
		for n := range column {
			move(k, n, k == 0)
		}
	}
	for k := last - 1; k > 0; k-- {
		for n, i := range g.columns[k] {
			v := &g.vertices[i]
			if v.box < 0 && g.portY(v.left[0].chain, v.left[0].other(false)) != v.y+v.h/2 {
				move(k, n, true)
			}
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

// stack places the vertices of a column in their order, near to what they wish; without wishes from 0 on.
func (g *group) stack(column []int, wish func(int) (y, weight int)) {
	wants := make([]want, len(column))
	for n, i := range column {
		v := &g.vertices[i]
		wants[n].h = v.h
		if n > 0 {
			wants[n].gap = g.space(&g.vertices[column[n-1]], v)
		}
		if wish != nil {
			y, w := wish(i)
			wants[n].middle, wants[n].weight = y, w*4+1
		}
	}
	low := -unbounded
	if wish == nil {
		low = 0
	}
	for n, y := range pool(wants, low, unbounded) {
		g.vertices[column[n]].y = y
	}
}

// unbounded is more than any coordinate.
const unbounded = 1 << 30

// want is where something would like to have its middle, and how much.
type want struct {
	middle, weight int
	h              int
	gap            int // to what is above it
}

// pool returns the tops of things that stand below one another between two bounds, such that the weighted squares of the distances to what they want have the
// least sum: neighbours that would overlap become a block, which goes to the mean (pool adjacent violators).
func pool(wants []want, low, high int) []int {
	type block struct{ sum, weight, n int }
	var blocks []block
	tops := make([]int, len(wants))
	total := 0
	for n, w := range wants {
		total += w.gap
		tops[n] = total // were everything as high as it can
		total += w.h
		weight := max(w.weight, 1)
		b := block{(w.middle - w.h/2 - tops[n]) * weight, weight, 1}
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
	n := 0
	for _, b := range blocks {
		y := min(max(floor(b.sum, b.weight), low), max(high-total, low))
		for range b.n {
			tops[n] += y
			n++
		}
	}
	return tops
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
				if g.ofBus(x.chain, y.chain) {
					continue
				}
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
