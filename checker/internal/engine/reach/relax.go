package reach

// fixpoint is the least model of a program under some switches, with a trail, so that a switch can be tried and taken back. Counters are those of
// Dowling and Gallier: a clause waits for as many atoms as its counter says.
type fixpoint struct {
	p       *program
	derived []bool
	need    []int32
	reason  []int32 // by derived atom: the clause, or -1
	trail   []int32
	head    int // trail[:head] is propagated
	visits  int // clauses visited so far, the measure of work
}

// newFixpoint returns the least model without switches.
func newFixpoint(p *program) *fixpoint {
	n := len(p.rule)
	x := &fixpoint{p: p, derived: make([]bool, p.atoms), need: make([]int32, n), reason: make([]int32, p.atoms), trail: make([]int32, 0, p.atoms)}
	for c := range n {
		x.need[c] = p.bodies.start[c+1] - p.bodies.start[c]
	}
	for _, a := range p.start {
		x.turnOn(a)
	}
	for c := range n {
		if x.need[c] == 0 {
			x.fire(int32(c))
		}
	}
	x.propagate()
	return x
}

func (x *fixpoint) turnOn(a int32) {
	if !x.derived[a] {
		x.derived[a] = true
		x.reason[a] = -1
		x.trail = append(x.trail, a)
	}
}

func (x *fixpoint) fire(c int32) {
	for _, h := range x.p.heads.at(c) {
		if !x.derived[h] {
			x.derived[h] = true
			x.reason[h] = c
			x.trail = append(x.trail, h)
		}
	}
}

// propagate completes the model, or stops when the goal is reached and reports it.
func (x *fixpoint) propagate() bool {
	for x.head < len(x.trail) && !x.derived[x.p.goal] {
		a := x.trail[x.head]
		x.head++
		uses := x.p.uses.at(a)
		x.visits += len(uses)
		for _, c := range uses {
			if x.need[c]--; x.need[c] == 0 {
				x.fire(c)
			}
		}
	}
	return x.derived[x.p.goal]
}

func (x *fixpoint) mark() int { return len(x.trail) }

// undo takes back what was derived since the mark, at which the model was complete.
func (x *fixpoint) undo(mark int) {
	for i := len(x.trail) - 1; i >= mark; i-- {
		a := x.trail[i]
		if i < x.head {
			for _, c := range x.p.uses.at(a) {
				x.need[c]++
			}
		}
		x.derived[a] = false
	}
	x.trail = x.trail[:mark]
	x.head = min(x.head, mark)
}

// plan is a derivation of the goal: rules in an order in which they fire, and the switches it uses.
type plan struct {
	rules []int32
	used  []int32 // controlled atoms, in the order of the trail
}

// plan reads the derivation of the goal off the reasons.
func (x *fixpoint) plan() *plan { return x.p.derivation(x.reason, x.trail) }

// derivation reads the derivation of the goal off the clauses that made atoms, -1 for those that nothing made, and the order in which atoms were made.
func (p *program) derivation(reason, order []int32) *plan {
	wanted := make(map[int32]bool, 64)
	wanted[p.goal] = true
	stack := []int32{p.goal}
	for len(stack) > 0 {
		a := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if c := reason[a]; c >= 0 {
			for _, b := range p.bodies.at(c) {
				if !wanted[b] {
					wanted[b] = true
					stack = append(stack, b)
				}
			}
		}
	}
	out := &plan{}
	taken := map[int32]bool{}
	for _, a := range order {
		if !wanted[a] {
			continue
		}
		if p.controlled[a] {
			out.used = append(out.used, a)
		}
		if c := reason[a]; c >= 0 && p.rule[c] >= 0 && !taken[c] {
			taken[c] = true
			out.rules = append(out.rules, p.rule[c])
		}
	}
	return out
}
