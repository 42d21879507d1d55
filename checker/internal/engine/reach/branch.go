package reach

import (
	"context"
	"math"
	"slices"

	"github.com/vauban-verifier/vauban/checker/internal/engine/lp"
	"github.com/vauban-verifier/vauban/checker/system"
)

// branching bounds the weight of every attack from below by branch and cut: a linear program whose rows are cuts has the least weight that hits all of them, in parts where it may. Its
// dual values are what cuts weigh, so that the bound is a sum that anybody can check.
//
//  1. strata: the first rows are cuts between the strongly connected components of the program, in the order in which an attack has to pass them: as disjoint as they can be made, they often are the bound.
//  2. tighten: solve the program, and add cuts that its point violates (violating), until there are none that are found.
//  3. Where the point is whole, what it takes is an attack, or violates a cut. Else the fractions of its items guide h_add to a light attack.
//  4. prove: to raise the bound by one, items are split on, most undecided ones first: each is taken or not. Leaves are where the program's optimum is high enough.
//
// Rows that are satisfied with room to spare are dropped, and are rows again when they are violated.
//
// Sources: Dantzig, Fulkerson & Johnson 1954 (cutting planes); Padberg & Rinaldi 1991 (branch and cut); Karp & Papadimitriou 1982 (cuts on demand); Bonet & Castillo 2011 and Imai & Fukunaga 2014 (linear
// programs over landmarks).
type branching struct {
	ctx   context.Context
	h     *hitter
	net   *network
	found func(x []float64) (upper int) // looks for attacks near a point, by atom, and returns what the lightest that is known weighs

	cuts  [][]int32 // items, ascending
	x     []float64 // by atom: the point
	look  []float64 // by atom: where cuts are looked for
	work  int64     // that was done, in visits and what takes as long
	most  int64     // that may be done
	upper int

	cases []splitting // of the proof that is being made, in preorder
}

// splitting is a node of a proof by cases: an item that is split on, or weights of cuts.
type splitting struct {
	item    int32 // -1: a leaf
	weights []system.Weight
}

// part is a node of the search.
type part struct {
	lp    *lp.Program
	vars  []int32 // by atom: its variable, or -1
	rows  []row
	off   map[int32]bool // items that are not taken
	late  []float64      // by atom: where points have been of late
	depth int
}

// row is a cut that is a row of a program.
type row struct{ slack, cut int }

func (n *part) clone() *part {
	off := make(map[int32]bool, len(n.off)+1)
	for a := range n.off {
		off[a] = true
	}
	return &part{lp: n.lp.Clone(), vars: slices.Clone(n.vars), rows: slices.Clone(n.rows), off: off, late: slices.Clone(n.late), depth: n.depth + 1}
}

// Limits of the search.
const (
	maxSplits  = 64 // on one path
	patience   = 12 // rounds of cuts that raise the bound by less than little
	little     = 1e-3
	maxTurns   = 8   // ways to choose holders for one point
	weightLate = 0.7 // of where points were, beside where one is now
	perVisit   = 16  // entries of a tableau that are changed in the time of one look at a clause
)

// margin is by how much an optimum must exceed what weights of whole parts are to exceed.
func (n *part) margin() float64 { return 2 * float64(len(n.rows)+2) / system.Parts }

// sums are cuts with proofs by cases over them.
type sums struct {
	cuts  [][]int32
	cases []splitting
}

// branch bounds what attacks weigh, the lightest known of which weighs upper, and returns the bound with a proof, nil where it is 0. It starts with the cuts of the hitter, and leaves its own with it. found
// looks for attacks near a point, and returns what the lightest known one weighs then.
func branch(ctx context.Context, h *hitter, upper int, found func(x []float64) int) (lower int, proof *sums) {
	mark := h.x.mark()
	defer h.x.undo(mark)
	b, n := newBranching(ctx, h)
	if b == nil {
		return 0, nil
	}
	b.found = found
	before := len(b.cuts)
	lower, cases := b.run(n, upper)
	h.cuts = append(h.cuts, b.cuts[before:]...)
	if lower <= 0 {
		return 0, nil
	}
	return lower, &sums{b.cuts, cases}
}

// certificate returns the cuts that have weights, and the cases.
func (p *sums) certificate(h *hitter, t *translation) *system.Certificate {
	out := &system.Certificate{}
	number := map[int32]int32{}
	for _, x := range p.cases {
		for _, w := range x.weights {
			number[w.Cut] = 0
		}
	}
	for i, c := range p.cuts {
		if _, ok := number[int32(i)]; ok {
			number[int32(i)] = int32(len(out.Cuts))
			out.Cuts = append(out.Cuts, h.barrier(t, c))
		}
	}
	for _, x := range p.cases {
		var to system.Case
		switch {
		case x.item >= h.p.first:
			to.Split = t.original.System.Taken(t.Rules[h.p.switched[x.item-h.p.first]])
		case x.item >= 0:
			to.Split = t.Original(system.Lit(x.item))
		}
		for _, w := range x.weights {
			to.Weights = append(to.Weights, system.Weight{Cut: number[w.Cut], Parts: w.Parts})
		}
		out.Cases = append(out.Cases, to)
	}
	return out
}

// newBranching starts with the cuts of a hitter, on what weighs by its objective; nil where what weighs nothing is enough for an attack.
func newBranching(ctx context.Context, h *hitter) (*branching, *part) {
	b := &branching{ctx: ctx, h: h, x: make([]float64, h.p.atoms), look: make([]float64, h.p.atoms), most: int64(h.opt.Sums.Visits)}
	for _, a := range h.p.controls {
		if !h.item(a) {
			h.x.turnOn(a)
		}
	}
	n := &part{lp: &lp.Program{}, vars: make([]int32, h.p.atoms), off: map[int32]bool{}}
	for a := range n.vars {
		n.vars[a] = -1
	}
	if h.x.propagate() {
		return nil, nil
	}
	b.net = newNetwork(h, h.item)
	seen := map[string]bool{}
	for _, c := range h.cuts {
		if !slices.ContainsFunc(c, func(a int32) bool { return !h.item(a) }) && !seen[key(c)] {
			seen[key(c)] = true
			b.cuts = append(b.cuts, c)
		}
	}
	for _, c := range b.strata() {
		if !seen[key(c)] {
			b.cuts = append(b.cuts, c)
		}
	}
	for i := range b.cuts {
		b.enter(n, i)
	}
	return b, n
}

func key(c []int32) string {
	var out []byte
	for _, a := range c {
		out = append(out, byte(a), byte(a>>8), byte(a>>16), byte(a>>24))
	}
	return string(out)
}

// odd is the price of an item less some thousandth that is another one for most items, so that few points cost the same: on its way from one to the next the program would get nowhere.
func (b *branching) odd(a int32) float64 {
	return float64(b.h.price(a)) - float64(float64(uint32(a)*2654435761>>22)*1e-6)
}

// enter makes a cut a row.
func (b *branching) enter(n *part, cut int) {
	terms := make([]lp.Term, 0, len(b.cuts[cut]))
	for _, a := range b.cuts[cut] {
		if n.vars[a] < 0 {
			n.vars[a] = int32(n.lp.Variable(b.odd(a)))
		}
		terms = append(terms, lp.Term{Var: int(n.vars[a]), Coef: 1})
	}
	n.rows = append(n.rows, row{n.lp.AtLeast(1, terms), cut})
}

// state is what became of a part.
type state int

const (
	high state = iota // no attack in it weighs less than the target
	open              // no violated cut is found, or none that helps
	gone              // the limits end it
)

// tighten adds cuts until the optimum is so high that no attack weighs less than the target, or none are violated.
func (b *branching) tighten(n *part, target int) state {
	last, idle := math.Inf(-1), 0
	for {
		if b.ctx.Err() != nil || b.work > b.most {
			return gone
		}
		before := n.lp.Work
		st := n.lp.Solve((b.most - b.work) * perVisit)
		b.work += (n.lp.Work - before) / perVisit
		switch st {
		case lp.Infeasible:
			return high
		case lp.GaveUp:
			return gone
		}
		at := n.lp.Cost()
		if at > float64(target-1)+n.margin() {
			return high
		}
		if at < last+little {
			if idle++; idle > patience {
				return open
			}
		} else {
			last, idle = at, 0
		}
		b.read(n)
		b.drop(n)
		if !b.again(n) && !b.violating(n) {
			return open
		}
	}
}

// read reads the point off the program.
func (b *branching) read(n *part) {
	for a, v := range n.vars {
		if b.x[a] = 0; v >= 0 {
			b.x[a] = n.lp.Value(int(v))
		}
	}
}

// drop drops the rows that have room to spare.
func (b *branching) drop(n *part) {
	n.rows = slices.DeleteFunc(n.rows, func(r row) bool { return n.lp.Value(r.slack) > 0.5 && n.lp.Drop(r.slack) })
}

// again makes cuts rows that are known and violated.
func (b *branching) again(n *part) bool {
	is := make([]bool, len(b.cuts))
	for _, r := range n.rows {
		is[r.cut] = true
	}
	some := false
	for i := range is {
		if !is[i] && b.passed(b.cuts[i]) < 1-violated {
			b.enter(n, i)
			some = true
		}
	}
	return some
}

// passed returns how much of a cut's items is taken.
func (b *branching) passed(cut []int32) float64 {
	sum := 0.0
	for _, a := range cut {
		sum += b.x[a]
	}
	return sum
}

// violating finds cuts that the point violates, each of what the ones before have not, and reports whether there was one. They are looked for between the point and where points have been of late, which jumps less
// from one end of a face to another; where there is none, at the point itself.
func (b *branching) violating(n *part) bool {
	if n.late == nil {
		n.late = slices.Clone(b.x)
	}
	before := len(b.cuts)
	for a, x := range b.x {
		n.late[a] += float64((1 - weightLate) * (x - n.late[a]))
		b.look[a] = n.late[a] + float64((1-weightLate)*(x-n.late[a]))
	}
	if b.cutAt(1); len(b.cuts) == before {
		copy(b.look, b.x)
		b.cutAt(maxTurns)
	}
	for i := before; i < len(b.cuts); i++ {
		b.enter(n, i)
	}
	return len(b.cuts) > before
}

// strata returns the cuts between strongly connected components, as far from the start: within a component, an attack may go to and fro past the same items. They have no items
// in common, where that can be.
func (b *branching) strata() (cuts [][]int32) {
	l, of, p := newLandmarks(b.h), b.net.components(), b.h.p
	place := func(a int32) int32 {
		if v := b.net.place[a]; v >= 0 {
			return of[v]
		}
		return -1
	}
	levels := l.levels(maxStrata, func(c int32) int {
		if len(l.priced.at(c)) == 0 {
			return 0
		}
		for _, to := range p.heads.at(c) {
			for _, from := range p.bodies.at(c) {
				if at := place(to); at >= 0 && at == place(from) {
					return 0
				}
			}
		}
		return 1
	})
	on := make([]int, b.h.p.atoms) // by item: how many levels it is on
	for _, c := range levels {
		for _, a := range c {
			on[a]++
		}
	}
	for _, c := range levels {
		for _, a := range c {
			on[a]--
		}
		items := slices.DeleteFunc(slices.Clone(l.items), func(a int32) bool { return on[a] > 0 })
		for _, a := range items {
			b.look[a] = 1
		}
		for _, a := range c {
			b.look[a] = 0
		}
		if apart := b.shrink(items); apart != nil {
			c = apart
		}
		for _, a := range c {
			on[a]++
		}
		cuts = append(cuts, c)
	}
	return cuts
}

// maxStrata is how many of these cuts there are at the most.
const maxStrata = 64

// cutAt looks for cuts at a point, with so many ways to choose holders. What they cut counts as taken then.
func (b *branching) cutAt(turns int) {
	for turn := 0; turn < turns; {
		b.work += int64(b.net.estimate(b.look))
		b.net.hold(turn)
		items, ok, visits := b.net.cut()
		b.work += int64(visits)
		if ok {
			items = b.shrink(items)
		}
		if !ok || items == nil || b.passed(items) > 1-violated {
			turn++
			continue
		}
		b.cuts = append(b.cuts, items)
		for _, a := range items {
			b.x[a], b.look[a] = 1, 1
		}
	}
}

// shrink makes a cut minimal, what is taken most going first; nil where it is no cut.
func (b *branching) shrink(items []int32) []int32 {
	x := b.h.x
	mark, before := x.mark(), x.visits
	defer func() {
		x.undo(mark)
		b.work += int64(x.visits - before)
	}()
	for _, a := range b.h.p.controls {
		if _, in := slices.BinarySearch(items, a); !in && b.h.item(a) {
			x.turnOn(a)
		}
	}
	if x.propagate() {
		return nil
	}
	return b.h.cut(func(a int32) int { return -int(b.look[a] * (1 << 20)) })
}

// run raises the bound for as long as the work allows, and returns it with its proof by cases; no proof where the bound is 0.
func (b *branching) run(n *part, upper int) (lower int, proof []splitting) {
	b.upper = upper
	st := b.tighten(n, upper)
	if st == open {
		b.attack(n)
	}
	// What the program comes to in the end is proved already, if only by what its rows weigh.
	lower = int(math.Ceil(n.lp.Cost() - n.margin()))
	if st == high {
		lower = upper
	}
	if lower <= 0 {
		return 0, nil
	}
	b.leaf(n, lower)
	proof = b.cases
	for st == open && lower < b.upper {
		if b.cases = nil; !b.prove(n.clone(), lower+1) {
			break
		}
		lower, proof = lower+1, b.cases
	}
	return lower, proof
}

// prove makes a proof by cases that no attack in a part weighs less than the target, and reports whether there is one.
func (b *branching) prove(n *part, target int) bool {
	switch b.tighten(n, target) {
	case gone:
		return false
	case high:
		b.leaf(n, target)
		return true
	}
	b.read(n)
	if b.attack(n); b.upper < target {
		return false
	}
	split, most := int32(-1), 0.0
	for a, x := range b.x {
		if n.vars[a] < 0 || x < near || x > 1-near {
			continue
		}
		if f := min(x, 1-x) * float64(1+b.h.price(int32(a))); f > most {
			split, most = int32(a), f
		}
	}
	if split < 0 || n.depth == maxSplits {
		return false
	}
	b.cases = append(b.cases, splitting{item: split})
	hit := n.clone()
	hit.lp.AtLeast(1, []lp.Term{{Var: int(n.vars[split]), Coef: 1}})
	if !b.prove(hit, target) {
		return false
	}
	n.off[split] = true
	n.depth++
	n.lp.AtLeast(0, []lp.Term{{Var: int(n.vars[split]), Coef: -1}})
	return b.prove(n, target)
}

// near is how near to a whole number counts as one.
const near = 1e-5

// attack looks for a light attack near the point.
func (b *branching) attack(n *part) {
	b.read(n)
	b.upper = min(b.upper, b.found(b.x))
}

// leaf ends a case by what the rows weigh.
func (b *branching) leaf(n *part, target int) {
	var out []system.Weight
	for i, c := range b.cuts {
		if !slices.ContainsFunc(c, func(a int32) bool { return !n.off[a] }) { // nothing is left to hit it by
			b.cases = append(b.cases, splitting{item: -1, weights: []system.Weight{{Cut: int32(i), Parts: target * system.Parts}}})
			return
		}
	}
	for _, r := range n.rows {
		if w := int(n.lp.Price(r.slack) * system.Parts); w > 0 {
			out = append(out, system.Weight{Cut: int32(r.cut), Parts: w})
		}
	}
	slices.SortFunc(out, func(x, y system.Weight) int { return int(x.Cut - y.Cut) })
	b.cases = append(b.cases, splitting{item: -1, weights: out})
}
