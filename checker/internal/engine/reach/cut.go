package reach

import "slices"

// cut returns a minimal set of switches that are off in the present model, one of which is on in every model that reaches the goal.
// The model, which does not reach it, is left as it was.
//
// A walk back from the goal finds a first one in linear time: each clause that could make a wanted atom lacks some atom, and one of
// those is wanted in turn, until it is a switch. Then everything outside is switched on, and switches leave the cut, the
// cheapest first, for as long as the goal stays out of reach: a cut of dear switches bounds cost better.
func (h *hitter) cut(weight func(atom int32) int) []int32 {
	x, p := h.x, h.p
	h.epoch++
	wanted := func(a int32) bool { return h.seen[a] == h.epoch }
	stack := append(h.stack[:0], p.goal)
	h.seen[p.goal] = h.epoch
	var cut []int32
	for at := 0; at < len(stack); at++ {
		a := stack[at]
		if p.controlled[a] {
			cut = append(cut, a)
			continue
		}
		makers := p.makers.at(a)
		x.visits += len(makers)
	makers:
		for _, c := range makers {
			pick := int32(-1)
			for _, b := range p.bodies.at(c) {
				if x.derived[b] {
					continue
				}
				if wanted(b) {
					continue makers
				}
				if pick < 0 || !p.controlled[pick] && p.controlled[b] {
					pick = b
				}
			}
			h.seen[pick] = h.epoch
			stack = append(stack, pick)
		}
	}
	h.stack = stack
	order := slices.Clone(cut)
	slices.Sort(cut)
	mark := x.mark()
	inside := func(a int32) bool { _, ok := slices.BinarySearch(cut, a); return ok }
	for _, a := range p.controls {
		if !x.derived[a] && !inside(a) {
			x.turnOn(a)
		}
	}
	x.propagate()
	slices.SortStableFunc(order, func(a, b int32) int { return weight(a) - weight(b) })
	var kept []int32
	limit := x.visits + h.opt.MaxCutVisits
	h.alone()
	stale := false
	for i, a := range order {
		if x.visits > limit {
			kept = append(kept, order[i:]...)
			break
		}
		if x.derived[a] || wanted(a) {
			kept = append(kept, a)
			continue
		}
		before := x.mark()
		x.turnOn(a)
		if x.propagate() {
			x.undo(before)
			kept = append(kept, a)
			if stale {
				h.alone()
				stale = false
			}
		} else {
			stale = true
		}
	}
	x.undo(mark)
	slices.Sort(kept)
	return kept
}

// alone marks atoms that reach the goal by themselves, through clauses that lack nothing else: they stay in the cut without a try.
func (h *hitter) alone() {
	x, p := h.x, h.p
	h.epoch++
	stack := append(h.stack[:0], p.goal)
	h.seen[p.goal] = h.epoch
	for len(stack) > 0 {
		a := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		makers := p.makers.at(a)
		x.visits += len(makers)
		for _, c := range makers {
			if x.need[c] != 1 {
				continue
			}
			for _, b := range p.bodies.at(c) {
				if !x.derived[b] && h.seen[b] != h.epoch {
					h.seen[b] = h.epoch
					stack = append(stack, b)
				}
			}
		}
	}
	h.stack = stack
}
