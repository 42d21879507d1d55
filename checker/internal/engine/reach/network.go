package reach

import "slices"

// network is the program as a graph, for cuts that are violated by a point of a linear program. It has the atoms that the goal may need, and for each clause and each head an arc, through which
// as much flows as the least of its body lets through. A clause of several atoms is taken through one of them, its holder: every attack is a path of the graph then, and what cuts all paths is a cut.
// The best choice of holders is hard; the atom that lets the least through is a good one.
//
// Source: Bonet & Helmert, "Strengthening landmark heuristics via hitting sets", 2010 (justification graphs); Ford & Fulkerson 1956.
type network struct {
	p      *program
	atoms  []int32 // those of a body come before what they make, but for cycles; the goal is last
	place  []int32 // by atom: its place among them, or -1
	arcs   []arc
	into   []int32 // by place: where its arcs begin, which lie together
	source int32   // the place of what needs nothing

	flow   []float64 // by place: how much it lets through, about
	used   []float64 // by arc
	most   []float64 // by arc
	cap    []int32   // by arc: the item that caps it, or -1
	from   []int32   // by arc: the place of its holder, or the source
	out    []int32   // arcs, by the place of their holder
	starts []int32   // by place: where they begin
	prev   []int32   // by place: the arc by which the search came, ^arc where it went against it
	seen   []int32
}

type arc struct {
	to     int32
	items  []int32 // atoms that weigh, one of which caps it
	bodies []int32 // places
}

// newNetwork returns the network of what is not derived.
func newNetwork(h *hitter, item func(a int32) bool) *network {
	p := h.p
	n := &network{p: p, place: make([]int32, p.atoms)}
	for a := range n.place {
		n.place[a] = -1
	}
	open := func(a int32) bool { return !h.x.derived[a] && !item(a) }
	// Depth first from the goal; an atom is placed after all that it may be made of.
	type visit struct{ atom, clause, body int32 }
	seen := make([]bool, p.atoms)
	seen[p.goal] = true
	stack := []visit{{atom: p.goal}}
search:
	for len(stack) > 0 {
		v := &stack[len(stack)-1]
		makers := p.makers.at(v.atom)
		for ; int(v.clause) < len(makers); v.clause, v.body = v.clause+1, 0 {
			for bodies := p.bodies.at(makers[v.clause]); int(v.body) < len(bodies); {
				b := bodies[v.body]
				v.body++
				if open(b) && !seen[b] {
					seen[b] = true
					stack = append(stack, visit{atom: b})
					continue search
				}
			}
		}
		n.place[v.atom] = int32(len(n.atoms))
		n.atoms = append(n.atoms, v.atom)
		stack = stack[:len(stack)-1]
	}
	n.source = int32(len(n.atoms))
	for i, a := range n.atoms {
		n.into = append(n.into, int32(len(n.arcs)))
		for _, c := range p.makers.at(a) {
			x := arc{to: int32(i)}
			for _, b := range p.bodies.at(c) {
				switch {
				case item(b):
					x.items = append(x.items, b)
				case open(b):
					x.bodies = append(x.bodies, n.place[b])
				}
			}
			n.arcs = append(n.arcs, x)
		}
	}
	n.into = append(n.into, int32(len(n.arcs)))
	n.flow, n.prev = make([]float64, len(n.atoms)+1), make([]int32, len(n.atoms)+1)
	n.flow[n.source] = 2
	n.used, n.most = make([]float64, len(n.arcs)), make([]float64, len(n.arcs))
	n.cap, n.from = make([]int32, len(n.arcs)), make([]int32, len(n.arcs))
	n.out, n.starts = make([]int32, len(n.arcs)), make([]int32, len(n.atoms)+2)
	return n
}

// passes is how often what atoms let through is computed anew, for cycles.
const passes = 4

// estimate computes what arcs and atoms let through at the most, where x is what items do.
func (n *network) estimate(x []float64) (visits int) {
	for i := range n.arcs {
		n.most[i], n.cap[i] = 2, -1
		for _, a := range n.arcs[i].items {
			if x[a] < n.most[i] {
				n.most[i], n.cap[i] = x[a], a
			}
		}
	}
	clear(n.flow[:n.source])
	for again, pass := true, 0; again && pass < passes; pass++ {
		again = false
		visits += len(n.arcs)
		for i := range n.atoms {
			sum := 0.0
			for k := n.into[i]; k < n.into[i+1] && sum < 1; k++ {
				least := n.most[k]
				for _, b := range n.arcs[k].bodies {
					least = min(least, n.flow[b])
				}
				sum += least
			}
			if sum = min(sum, 1); sum > n.flow[i]+rounding {
				n.flow[i], again = sum, true
			}
		}
	}
	return visits
}

// hold chooses the holders: with turn 0 what lets the least through, otherwise now and then another one that lets hardly more through.
func (n *network) hold(turn int) {
	clear(n.starts)
	for i := range n.arcs {
		hold, least := n.source, 3.0
		for _, b := range n.arcs[i].bodies {
			if n.flow[b] < least {
				hold, least = b, n.flow[b]
			}
		}
		if bodies := n.arcs[i].bodies; turn > 0 && len(bodies) > 1 {
			if b := bodies[(turn*7+i*(turn+1))%len(bodies)]; n.flow[b] < least+slack || int(n.arcs[i].to) == len(n.atoms)-1 {
				hold = b
			}
		}
		n.from[i] = hold
		n.starts[hold]++
	}
	sum := int32(0)
	for i, k := range n.starts {
		sum += k
		n.starts[i] = sum
	}
	for i := len(n.arcs) - 1; i >= 0; i-- {
		n.starts[n.from[i]]--
		n.out[n.starts[n.from[i]]] = int32(i)
	}
}

// slack is how much more than the least a holder may let through.
const slack = 0.3

// cut returns the items of a smallest cut of the graph, by what they let through; ok is false where that is no less than 1.
func (n *network) cut() (items []int32, ok bool, visits int) {
	clear(n.used)
	goal := n.source - 1
	for total := 0.0; ; {
		for i := range n.prev {
			n.prev[i] = unseen
		}
		n.prev[n.source] = 0
		n.seen = append(n.seen[:0], n.source)
		for at := 0; at < len(n.seen) && n.prev[goal] == unseen; at++ {
			v := n.seen[at]
			out := n.out[n.starts[v]:n.starts[v+1]]
			visits += len(out)
			for _, e := range out {
				if to := n.arcs[e].to; n.prev[to] == unseen && n.most[e] > n.used[e]+rounding {
					n.prev[to] = e
					n.seen = append(n.seen, to)
				}
			}
			if v == n.source {
				continue
			}
			visits += int(n.into[v+1] - n.into[v])
			for e := n.into[v]; e < n.into[v+1]; e++ {
				if to := n.from[e]; n.prev[to] == unseen && n.used[e] > rounding {
					n.prev[to] = ^e
					n.seen = append(n.seen, to)
				}
			}
		}
		if n.prev[goal] == unseen {
			break
		}
		room := 2.0
		n.path(goal, func(e int32, back bool) {
			if back {
				room = min(room, n.used[e])
			} else {
				room = min(room, n.most[e]-n.used[e])
			}
		})
		n.path(goal, func(e int32, back bool) {
			if back {
				n.used[e] -= room
			} else {
				n.used[e] += room
			}
		})
		if total += room; total >= 1-violated {
			return nil, false, visits
		}
	}
	for e := range n.arcs {
		if n.prev[n.from[e]] != unseen && n.prev[n.arcs[e].to] == unseen {
			items = append(items, n.cap[e])
		}
	}
	slices.Sort(items)
	return slices.Compact(items), true, visits
}

// path goes back along the way that the search came.
func (n *network) path(v int32, each func(e int32, back bool)) {
	for v != n.source {
		if e := n.prev[v]; e >= 0 {
			each(e, false)
			v = n.from[e]
		} else {
			each(^e, true)
			v = n.arcs[^e].to
		}
	}
}

const (
	unseen   = -1 << 31
	rounding = 1e-9
	violated = 1e-3 // by so much at least, for a cut to be worth a row
)

// components returns the strongly connected component of each place but the source, numbered so that what an atom may be made of has its number or a higher one.
//
// Source: Sharir, "A strong-connectivity algorithm and its applications in data flow analysis", 1981 (who numbers by a search in each direction; newNetwork has made the first).
func (n *network) components() []int32 {
	uses := lists{start: []int32{0}} // by place: the places that it may be made of
	for v := range n.atoms {
		for _, x := range n.arcs[n.into[v]:n.into[v+1]] {
			uses.items = append(uses.items, x.bodies...)
		}
		uses.end()
	}
	uses = uses.invert(len(n.atoms)) // now by place: those that it may make
	of := make([]int32, len(n.atoms))
	for v := range of {
		of[v] = -1
	}
	next := int32(0)
	for v := len(of) - 1; v >= 0; v-- {
		if of[v] >= 0 {
			continue
		}
		of[v] = next
		for stack := []int32{int32(v)}; len(stack) > 0; {
			u := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, w := range uses.at(u) {
				if of[w] < 0 {
					of[w] = next
					stack = append(stack, w)
				}
			}
		}
		next++
	}
	return of
}
