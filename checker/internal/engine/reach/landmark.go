package reach

import (
	"maps"
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
)

// landmarks bounds the weight of every attack from below, and finds a light one, both by propagation alone: no search.
//
// What weighs is an item: a rule that is taken, or a control that fails. The program is relaxed once more: every choice that is no item may be taken both ways at no price, and a clause costs what the dearest
// item of its body does. The value of an atom is then the least, over the clauses that make it, of the dearest atom in the clause's body plus the clause's weight (h_max): a lower bound on making it, or a
// measure of how far it is where one item is on several clauses. The dearest atom is the clause's holder. The algorithm is LM-cut:
//
//  1. evaluate: settle the values of all atoms, cheapest first (Knuth's generalisation of Dijkstra's algorithm).
//  2. cut: collect the zone of atoms from which the goal is reached through clauses that cost nothing, each through its holder. The clauses that cost something
//     and lead into the zone from outside are passed by every attack: of each, one item is in the cut.
//  3. The least weight m among the items of the cut is the cut's weight. It is taken off each of them, so that what cuts weigh adds up: no item carries
//     more cuts than it can pay for. Values only fall, and those that do are settled again.
//  4. Repeat until the goal costs nothing. The sum of the weights is the bound, and the weighted cuts are its certificate.
//
// cheap derives the goal by what it costs to make each atom of a body anew (h_add), which overrates what derivations share; the attack is then
// weighed for what it is.
//
// Sources: Knuth, "A generalization of Dijkstra's algorithm", 1977; Bonet & Geffner, "Planning as heuristic search", 2001 (h_max, h_add); Helmert &
// Domshlak, "Landmarks, critical paths and abstractions: what's the difference anyway?", 2009 (LM-cut).
type landmarks struct {
	h       *hitter
	p       *program
	items   []int32 // atoms, ascending
	index   []int32 // by atom: its place among the items, or -1
	priced  lists   // by clause: the items of its body
	clauses lists   // by item: its clauses
	left    []int   // by item: the weight that no cut has used
	value   []int   // by atom
	holder  []int32 // by clause: the dearest atom of its body; -1 without one
	reason  []int32 // by atom: the clause that gives its value; -1 without one
	queue   queue
	cuts    []weighted
	total   int // what they weigh together: no attack weighs less; unbounded where there is none
}

// weighted is a cut of items.
type weighted struct {
	atoms  []int32 // ascending
	weight int
}

func newLandmarks(h *hitter) *landmarks {
	p := h.p
	l := &landmarks{h: h, p: p, index: make([]int32, p.atoms), value: make([]int, p.atoms), holder: make([]int32, len(p.rule)), reason: make([]int32, p.atoms)}
	l.clauses.start = []int32{0}
	for a := range l.index {
		l.index[a] = -1
	}
	for _, a := range p.controls {
		if h.item(a) {
			l.index[a] = int32(len(l.items))
			l.items = append(l.items, a)
			l.left = append(l.left, h.price(a))
			l.clauses.items = append(l.clauses.items, p.uses.at(a)...)
			l.clauses.end()
		}
	}
	l.priced = l.clauses.invert(len(p.rule))
	return l
}

// weight is what a clause costs now.
func (l *landmarks) weight(c int32) int {
	most := 0
	for _, i := range l.priced.at(c) {
		most = max(most, l.left[i])
	}
	return most
}

// evaluate settles the values of all atoms by weights; with add, those of a body add up. It returns the atoms in the order in which they were settled.
func (l *landmarks) evaluate(weight func(c int32) int, add bool) []int32 {
	p := l.p
	need := make([]int32, len(p.rule))
	sum := make([]int, len(p.rule))
	for a := range l.value {
		l.value[a], l.reason[a] = unbounded, -1
	}
	l.queue.reset(0)
	offer := func(c int32, base int) {
		w := base + weight(c)
		for _, a := range p.heads.at(c) {
			if w < l.value[a] {
				l.value[a], l.reason[a] = w, c
				l.queue.push(entry{w, a})
			}
		}
	}
	free := func(a int32) {
		if l.value[a] > 0 {
			l.value[a] = 0
			l.queue.push(entry{0, a})
		}
	}
	for _, a := range p.start {
		free(a)
	}
	for _, a := range p.controls {
		if l.index[a] < 0 {
			free(a)
		}
	}
	for c := range p.rule {
		l.holder[c] = -1
		for _, b := range p.bodies.at(int32(c)) {
			if l.index[b] < 0 {
				need[c]++
			}
		}
		if need[c] == 0 {
			offer(int32(c), 0)
		}
	}
	settled := make([]bool, p.atoms)
	var order []int32
	for e, ok := l.queue.pop(); ok; e, ok = l.queue.pop() {
		if settled[e.atom] || e.value > l.value[e.atom] {
			continue
		}
		settled[e.atom] = true
		order = append(order, e.atom)
		uses := p.uses.at(e.atom)
		l.h.x.visits += len(uses)
		for _, c := range uses {
			sum[c] = min(sum[c]+e.value, unbounded/2)
			if need[c]--; need[c] == 0 {
				l.holder[c] = e.atom
				if add {
					offer(c, sum[c])
				} else {
					offer(c, e.value)
				}
			}
		}
	}
	for c := range p.rule {
		if need[c] > 0 { // never: something that it needs is never made
			bodies := p.bodies.at(int32(c))
			l.holder[c] = bodies[slices.IndexFunc(bodies, func(b int32) bool { return l.index[b] < 0 && !settled[b] })]
		}
	}
	return order
}

// dearest returns h_max of the goal: no attack weighs less.
func (l *landmarks) dearest() int {
	l.evaluate(l.weight, false)
	return l.value[l.p.goal]
}

// share gives the hitter the cuts.
func (l *landmarks) share() {
	for _, w := range l.cuts {
		l.h.cuts = append(l.h.cuts, w.atoms)
	}
}

// bound collects cuts until the goal costs nothing, or the visits are used up.
func (l *landmarks) bound(maxVisits int) {
	if l.dearest() >= unbounded {
		l.total = unbounded
		return
	}
	stop := l.h.x.visits + maxVisits
	for l.value[l.p.goal] > 0 && l.h.x.visits < stop {
		cut := l.cut()
		least := unbounded
		for _, i := range cut {
			least = min(least, l.left[i])
		}
		w := weighted{weight: least}
		for _, i := range cut {
			l.left[i] -= least
			w.atoms = append(w.atoms, l.items[i])
		}
		l.cuts = append(l.cuts, w)
		l.total += least
		l.lower(cut)
	}
}

// cut returns items of the clauses that cost something and lead into the zone of the goal, ascending: of each clause one at least.
func (l *landmarks) cut() []int32 {
	return l.pick(l.around(func(c int32) bool { return l.weight(c) > 0 }), nil)
}

// levels returns the cuts between the atoms that are worth less than so many shares of what the goal is worth, and those that are not, by weights of clauses: one for each share, where they differ. Only clauses
// with items may weigh something.
func (l *landmarks) levels(shares int, weight func(c int32) int) (cuts [][]int32) {
	l.evaluate(weight, false)
	worth, last := l.value[l.p.goal], 0
	if worth >= unbounded {
		return nil
	}
	var into [][]int32
	for i := 1; i <= shares; i++ {
		least := (worth*i + shares - 1) / shares
		if least == last {
			continue
		}
		last = least
		into = append(into, l.around(func(c int32) bool {
			b := l.holder[c]
			return b < 0 || l.value[b] < least
		}))
	}
	// What other cuts have is avoided where it can be, now that it is known.
	taken := make([]int, len(l.items))
	for _, clauses := range into {
		for _, i := range l.pick(clauses, nil) {
			taken[i]++
		}
	}
	for _, clauses := range into {
		items := l.pick(clauses, taken)
		for k, i := range items {
			items[k] = l.items[i]
		}
		cuts = append(cuts, items)
	}
	return cuts
}

// around collects the zone of atoms from which the goal is reached through clauses that do not lead in, each through its holder, and returns those that do, as far as they are reached without the zone.
func (l *landmarks) around(leadsIn func(c int32) bool) []int32 {
	p, h := l.p, l.h
	h.epoch++
	zone := h.epoch
	stack := append(h.stack[:0], p.goal)
	h.seen[p.goal] = zone
	var into []int32 // clauses
	for len(stack) > 0 {
		a := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		makers := p.makers.at(a)
		h.x.visits += len(makers)
		for _, c := range makers {
			b := l.holder[c]
			switch {
			case b >= 0 && l.value[b] >= unbounded: // never
			case leadsIn(c):
				into = append(into, c)
			case b >= 0 && h.seen[b] != zone:
				h.seen[b] = zone
				stack = append(stack, b)
			}
		}
	}
	h.stack = stack
	reached := map[int32]bool{} // atoms outside the zone: whether a chain of holders leads to them from the start without the zone
	return slices.DeleteFunc(into, func(c int32) bool {
		b := l.holder[c]
		return b >= 0 && (h.seen[b] == zone || !l.outside(b, zone, reached))
	})
}

// pick returns items that have weight left, of the body of each clause one at least, ascending. Where a clause has several, it is one that another clause has alone, or else one that is taken
// least, or one of whose own clauses as large a part as may be is among these: so that there are few, and other cuts have others.
func (l *landmarks) pick(clauses []int32, taken []int) []int32 {
	picked := make(map[int32]bool, len(clauses))
	of := make(map[int32]int, len(clauses))
	var several []int32
	for _, c := range clauses {
		items := l.priced.at(c)
		for _, i := range items {
			of[i]++
		}
		if len(items) == 1 {
			picked[items[0]] = true
		} else {
			several = append(several, c)
		}
	}
	better := func(i, than int32) bool {
		if picked[i] != picked[than] {
			return picked[i]
		}
		if taken != nil && taken[i] != taken[than] {
			return taken[i] < taken[than]
		}
		return of[i]*len(l.clauses.at(than)) > of[than]*len(l.clauses.at(i))
	}
	for _, c := range several {
		best := int32(-1)
		for _, i := range l.priced.at(c) {
			if l.left[i] > 0 && (best < 0 || better(i, best)) {
				best = i
			}
		}
		picked[best] = true
	}
	return slices.Sorted(maps.Keys(picked))
}

// outside reports whether an atom is made, or may be made, without an atom of the zone. It may say so of one that is not: a cut is then larger than needed.
func (l *landmarks) outside(a, zone int32, reached map[int32]bool) bool {
	if known, ok := reached[a]; ok {
		return known
	}
	if l.reason[a] < 0 {
		reached[a] = true // from the start
		return true
	}
	reached[a] = true // on a cycle it would be asked again: then it counts as reached
	for _, c := range l.p.makers.at(a) {
		b := l.holder[c]
		if b < 0 || l.value[b] < unbounded && l.h.seen[b] != zone && l.outside(b, zone, reached) {
			return true
		}
	}
	reached[a] = false
	return false
}

// lower settles anew what has become cheaper because rules have.
func (l *landmarks) lower(cut []int32) {
	p := l.p
	offer := func(c int32) {
		base := 0
		if b := l.holder[c]; b >= 0 {
			if l.value[b] >= unbounded {
				return
			}
			base = l.value[b]
		}
		w := base + l.weight(c)
		for _, a := range p.heads.at(c) {
			if w < l.value[a] {
				l.value[a], l.reason[a] = w, c
				l.queue.push(entry{w, a})
			}
		}
	}
	l.queue.reset(-1)
	for _, i := range cut {
		for _, c := range l.clauses.at(i) {
			offer(c)
		}
	}
	for e, ok := l.queue.pop(); ok; e, ok = l.queue.pop() {
		if e.value > l.value[e.atom] {
			continue
		}
		uses := p.uses.at(e.atom)
		l.h.x.visits += len(uses)
		for _, c := range uses {
			if l.holder[c] != e.atom {
				continue // another atom of its body holds it up
			}
			body := p.bodies.at(c)
			l.h.x.visits += len(body)
			for _, b := range body {
				if l.index[b] < 0 && l.value[b] > l.value[l.holder[c]] {
					l.holder[c] = b
				}
			}
			offer(c)
		}
	}
}

// cheap derives the goal by h_add, and returns the derivation; nil where the goal is never reached. What cuts have not used of a weight counts before the
// weight itself when residual is set.
func (l *landmarks) cheap(residual bool) *plan {
	return l.derive(func(i int32) int {
		w := l.h.price(l.items[i])
		if residual {
			w += l.left[i] * 1024
		}
		return w
	})
}

// near derives the goal by h_add, where what a point takes of an item, by atom, is free.
func (l *landmarks) near(x []float64) *plan {
	return l.derive(func(i int32) int {
		a := l.items[i]
		return int(float64(l.h.price(a)) * (float64(1024*(1-x[a])) + 1))
	})
}

// derive derives the goal by h_add with weights by item.
func (l *landmarks) derive(weight func(i int32) int) *plan {
	p := l.p
	order := l.evaluate(func(c int32) int {
		w := 0
		for _, i := range l.priced.at(c) {
			w += weight(i)
		}
		return w
	}, true)
	if l.value[p.goal] >= unbounded {
		return nil
	}
	return p.derivation(l.reason, append(order, l.items...)) // items are no atoms that are settled
}

// weigh returns what the items of a plan weigh, without extras.
func (l *landmarks) weigh(p *plan) int {
	w := 0
	for _, a := range p.used {
		if l.index[a] >= 0 {
			w += l.h.price(a)
		}
	}
	return w
}

// improve makes the plan that was derived last lighter for as long as it can, and returns it: an item is left out with all that serves nothing but it, what is left is
// taken to be free, and the goal is derived anew.
//
// Source: Keyder & Geffner, "Trees of shortest paths vs. Steiner trees: understanding and improving delete relaxation heuristics", 2009.
func (l *landmarks) improve(best *plan, lower, maxVisits int) *plan {
	stop := l.h.x.visits + maxVisits
	reason, weight := slices.Clone(l.reason), l.weigh(best)
	free := make([]bool, len(l.left))
	for again := true; again; {
		again = false
		for _, a := range best.used {
			if weight <= lower || l.h.x.visits > stop {
				return best
			}
			if l.index[a] < 0 {
				continue
			}
			clear(free)
			l.besides(reason, l.index[a], free)
			p := l.derive(func(i int32) int {
				if free[i] {
					return 0
				}
				return l.h.price(l.items[i])
			})
			if w := l.weigh(p); w < weight {
				best, weight, again = p, w, true
				copy(reason, l.reason)
				break
			}
		}
	}
	return best
}

// besides marks the items of a derivation that the goal needs though one of them, and whatever serves its clauses, is taken for granted.
func (l *landmarks) besides(reason []int32, without int32, marked []bool) {
	h := l.h
	h.epoch++
	stack := append(h.stack[:0], l.p.goal)
	h.seen[l.p.goal] = h.epoch
	for len(stack) > 0 {
		c := reason[stack[len(stack)-1]]
		stack = stack[:len(stack)-1]
		if c < 0 {
			continue
		}
		items := l.priced.at(c)
		if slices.Contains(items, without) {
			continue
		}
		for _, i := range items {
			marked[i] = true
		}
		for _, b := range l.p.bodies.at(c) {
			if h.seen[b] != h.epoch {
				h.seen[b] = h.epoch
				stack = append(stack, b)
			}
		}
	}
	h.stack = stack
}

// certificate returns the cuts, with what each weighs.
func (l *landmarks) certificate(t *translation) *system.Certificate {
	out := &system.Certificate{}
	for _, w := range l.cuts {
		cut := l.h.barrier(t, w.atoms)
		cut.Weight = w.weight
		out.Cuts = append(out.Cuts, cut)
	}
	return out
}

// entry is an atom that may be settled at a value.
type entry struct {
	value int
	atom  int32
}

func (e entry) before(o entry) bool {
	return e.value < o.value || e.value == o.value && e.atom < o.atom
}

// queue gives entries back, cheapest first, where none is pushed that is cheaper than what was given back last. Most are just as cheap: those wait in a list.
type queue struct {
	now   int // what level is worth
	level []int32
	head  int // level[:head] was given back
	heap  []entry
}

// reset empties the queue; nothing cheaper than now will be pushed.
func (q *queue) reset(now int) {
	q.now, q.level, q.head, q.heap = now, q.level[:0], 0, q.heap[:0]
}

func (q *queue) push(e entry) {
	if e.value == q.now {
		q.level = append(q.level, e.atom)
		return
	}
	q.heap = append(q.heap, e)
	s := q.heap
	for i := len(s) - 1; i > 0; {
		up := (i - 1) / 2
		if !s[i].before(s[up]) {
			return
		}
		s[i], s[up] = s[up], s[i]
		i = up
	}
}

// pop returns a cheapest entry; ok is false where there is none.
func (q *queue) pop() (e entry, ok bool) {
	if q.head == len(q.level) {
		if len(q.heap) == 0 {
			return entry{}, false
		}
		q.now, q.level, q.head = q.heap[0].value, q.level[:0], 0
		for len(q.heap) > 0 && q.heap[0].value == q.now {
			q.level = append(q.level, q.least())
		}
	}
	q.head++
	return entry{q.now, q.level[q.head-1]}, true
}

// least takes the least atom of the heap.
func (q *queue) least() int32 {
	s := q.heap
	top, last := s[0], len(s)-1
	s[0] = s[last]
	s = s[:last]
	q.heap = s
	for i := 0; ; {
		least := i
		for _, k := range [2]int{2*i + 1, 2*i + 2} {
			if k < last && s[k].before(s[least]) {
				least = k
			}
		}
		if least == i {
			return top.atom
		}
		s[i], s[least] = s[least], s[i]
		i = least
	}
}
