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
	for len(stack) > 0 {
		a := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
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
				if pick < 0 || p.controlled[pick] && !p.controlled[b] {
					pick = b
				}
			}
			h.seen[pick] = h.epoch
			stack = append(stack, pick)
		}
	}
	h.stack = stack
	slices.Sort(cut)
	mark := x.mark()
	inside := func(a int32) bool { _, ok := slices.BinarySearch(cut, a); return ok }
	for _, a := range p.controls {
		if !x.derived[a] && !inside(a) {
			x.turnOn(a)
		}
	}
	x.propagate()
	order := slices.Clone(cut)
	slices.SortStableFunc(order, func(a, b int32) int { return weight(a) - weight(b) })
	var kept []int32
	limit := x.visits + h.opt.MaxCutVisits
	for i, a := range order {
		if x.visits > limit {
			kept = append(kept, order[i:]...)
			break
		}
		if x.derived[a] {
			kept = append(kept, a)
			continue
		}
		before := x.mark()
		x.turnOn(a)
		if x.propagate() {
			x.undo(before)
			kept = append(kept, a)
		}
	}
	x.undo(mark)
	slices.Sort(kept)
	return kept
}
