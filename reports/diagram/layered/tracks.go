package layered

import "slices"

// Distances in the space between two columns.
const (
	arrow = 16 // for an arrowhead, and for a line to be seen to arrive
	touch = 3  // lines nearer than this would be taken for one
)

// piece is a segment that turns in the space between two columns: horizontal at left, vertical, horizontal at right. A loop has both horizontals at left. The
// segments of a bus are one piece, with as many horizontals as it has branches.
type piece struct {
	segments    []end // each by where it begins
	left, right []int // heights of the horizontals
	lo, hi      int
	track       int
}

// widen sets the columns and the tracks between them.
func (g *group) widen() {
	opt := g.l.opt
	pieces := make([][]*piece, g.n+1) // by the column after the space
	type key struct {
		bus, space int
		loop       bool
	}
	rails := map[key]*piece{}
	labels := make([]int, g.n+1)
	busy := make([]bool, g.n+1)
	g.columnW = make([]int, g.n+2)
	for _, v := range g.vertices {
		if v.box >= 0 {
			g.columnW[v.column+1] = max(g.columnW[v.column+1], g.l.w[v.box])
		}
	}
	for _, c := range g.chains {
		if len(c.path) == 1 {
			continue
		}
		e := g.l.g.Edges[c.edge]
		if c.home && e.LabelW > 0 {
			if k, ok := g.labelLane(c); ok {
				column := g.vertices[c.path[k]].column + 1
				g.columnW[column] = max(g.columnW[column], e.LabelW+8)
			} else {
				k := g.vertices[c.path[0]].column + 1
				labels[k] = max(labels[k], e.LabelW+10)
			}
		}
		for i := range len(c.path) - 1 {
			k := g.vertices[c.path[i]].column + 1
			busy[k] = true
			a, b := g.portY(c, i), g.portY(c, i+1)
			p := rails[key{e.Bus, k, c.loop}]
			if p == nil || e.Bus == 0 {
				p = &piece{lo: a, hi: a}
				rails[key{e.Bus, k, c.loop}] = p
				pieces[k] = append(pieces[k], p)
			}
			p.segments = append(p.segments, end{c, i})
			p.lo, p.hi = min(p.lo, a, b), max(p.hi, a, b)
			p.left = append(p.left, a)
			if c.loop {
				p.left = append(p.left, b)
			} else {
				p.right = append(p.right, b)
			}
		}
	}
	for k, list := range pieces { // what runs straight on needs no track
		pieces[k] = slices.DeleteFunc(list, func(p *piece) bool { return p.lo == p.hi })
	}
	g.columnX = make([]int, g.n+2)
	x := 0
	for k := range g.n + 1 { // the space after column index k
		x += g.columnW[k]
		tracks := arrangeTracks(pieces[k])
		width := opt.Column
		if k == 0 || k == g.n {
			width = opt.Pad
			if g.box < 0 {
				width = 0
			}
		} else if !busy[k] {
			width = opt.Gap
		}
		if tracks > 0 || labels[k] > 0 {
			width = max(width, arrow+labels[k]+max(tracks-1, 0)*opt.Lane+arrow)
		}
		first := x + width - arrow - max(tracks-1, 0)*opt.Lane
		for _, p := range pieces[k] {
			for _, s := range p.segments {
				s.chain.track[s.at] = first + p.track*opt.Lane
			}
		}
		x += width
		g.columnX[k+1] = x
	}
}

// labelLane returns the index of the lane that has the label of a chain, if a lane has it.
func (g *group) labelLane(c *chain) (int, bool) {
	switch {
	case c.loop || len(c.path) < 3:
		return 0, false
	case g.l.g.Edges[c.edge].Bus == 0:
		return len(c.path) / 2, true
	}
	// Of a bus, where most of its lines run: a lane that this line has in common with others.
	best, most := 1, 0
	for i := 1; i < len(c.path)-1; i++ {
		v := &g.vertices[c.path[i]]
		if n := len(v.left) + len(v.right); n > most {
			best, most = i, n
		}
	}
	return best, true
}

// clash says how bad it is when the track of a is left of that of b.
func clash(a, b *piece) int {
	bad := 0
	for _, y := range a.right {
		if y > b.lo && y < b.hi {
			bad += 2
		}
		for _, z := range b.left {
			if y-z < touch && z-y < touch {
				bad += 9
			}
		}
	}
	for _, y := range b.left {
		if y > a.lo && y < a.hi {
			bad += 2
		}
	}
	return bad
}

// arrangeTracks orders the vertical pieces such that few lines cross and none lie on one another, and returns the number of tracks.
func arrangeTracks(pieces []*piece) int {
	slices.SortStableFunc(pieces, func(a, b *piece) int { return a.lo - b.lo })
	for range len(pieces) {
		swapped := false
		for i := range len(pieces) - 1 {
			a, b := pieces[i], pieces[i+1]
			if clash(b, a) < clash(a, b) {
				pieces[i], pieces[i+1] = b, a
				swapped = true
			}
		}
		if !swapped {
			break
		}
	}
	const apart = 8
	n := 0
	for i, p := range pieces {
		for _, q := range pieces[:i] {
			if p.lo < q.hi+apart && q.lo < p.hi+apart {
				p.track = max(p.track, q.track+1)
			}
		}
		n = max(n, p.track+1)
	}
	return n
}
