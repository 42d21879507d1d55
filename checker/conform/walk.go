package conform

import (
	"context"
	"slices"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/system"
)

// maxStates bounds the states of a walk.
const maxStates = 100_000

// walk visits the states of runs that leave a log, event by event: first all those in which no event has been left, then those in which one has, and so on. Each
// layer is made of the one before and of nothing else.
type walk struct {
	g     *ground.Grounding
	q     *system.Question
	dense []int32 // by fact: its place in a state; -1 of facts that nothing changes
	facts []int32 // by place
	start []bool  // by fact
	fixed []system.Value
	free  []int32 // rules that leave no event

	states []visit
	index  map[string]int32
	now    string
	memo   []system.Value // by node, of the state that stamp says
	stamp  []int32
	turn   int32
	open   bool // something depends on a choice that is not given
}

// visit is a state that was met.
type visit struct {
	state  string // a bit for each place
	parent int32  // -1 of the start
	rule   int32
	next   []int32 // by source: how many of its events have been left
}

// walked is what a walk found.
type walked struct {
	run    []int32        // that ends where Bad holds; nil where there is none
	states *system.States // all that there are, where there is no run; nil where the walk was given up
	last   []visit        // of the furthest layer
	events int            // left in it
}

// newWalk prepares a walk through a question about a log, in which nobody attacks.
func newWalk(g *ground.Grounding, q *system.Question) *walk {
	s := q.System
	w := &walk{
		g: g, q: q, dense: make([]int32, s.Facts()), start: make([]bool, s.Facts()), fixed: make([]system.Value, s.Choices()), index: map[string]int32{},
		memo: make([]system.Value, s.Nodes()), stamp: make([]int32, s.Nodes()),
	}
	for f := range w.dense {
		w.dense[f] = -1
	}
	for _, f := range q.Start {
		w.start[f] = true
	}
	for _, l := range q.Fixed {
		_, i := s.Node(l.Node())
		w.fixed[i] = system.Yes
		if l.Negated() {
			w.fixed[i] = system.No
		}
	}
	for i := range int32(s.Choices()) {
		if s.ChoiceKind(i) == system.Failure && q.MaxFailures == 0 && w.fixed[i] == system.Unknown {
			w.fixed[i] = system.No
		}
	}
	for r := range int32(s.Rules()) {
		if !q.Enabled(r) {
			continue
		}
		if g.Leaves(r) < 0 {
			w.free = append(w.free, r)
		}
		for _, e := range s.Effects(r) {
			w.dense[e.Fact] = 0
		}
	}
	for f := range w.dense {
		if w.dense[f] == 0 {
			w.dense[f] = int32(len(w.facts))
			w.facts = append(w.facts, int32(f))
		}
	}
	return w
}

// through walks as far as it gets.
func (w *walk) through(ctx context.Context, sources [][]int32) walked {
	first := make([]byte, (len(w.facts)+7)/8)
	for k, f := range w.facts {
		if w.start[f] {
			first[k/8] |= 1 << (k % 8)
		}
	}
	out := walked{}
	layer := w.meet(nil, string(first), visit{parent: -1, rule: -1, next: make([]int32, len(sources))})
	for events := 0; len(layer) > 0; events++ {
		var further []int32
		for i := 0; i < len(layer); i++ { // which grows by what leaves no event
			at := layer[i]
			v := w.states[at]
			w.enter(v.state)
			if w.value(w.q.Bad) == system.Yes {
				out.run = w.back(at)
				return out
			}
			for _, r := range w.free {
				layer = w.take(layer, at, r, v.next)
			}
			for source, list := range sources {
				if n := v.next[source]; int(n) < len(list) {
					next := slices.Clone(v.next)
					next[source]++
					from, to := w.g.EventRules(int(list[n]))
					for r := from; r < to; r++ {
						further = w.take(further, at, r, next)
					}
				}
			}
			if w.open || len(w.states) > maxStates || ctx.Err() != nil {
				return walked{}
			}
		}
		out.last, out.events = out.last[:0], events
		for _, at := range layer {
			out.last = append(out.last, w.states[at])
		}
		layer = further
	}
	if w.open {
		return walked{}
	}
	out.states = &system.States{}
	for _, f := range w.facts {
		out.states.Of = append(out.states.Of, w.q.System.Fact(f))
	}
	for _, v := range w.states {
		out.states.Each = append(out.states.Each, v.state)
	}
	slices.Sort(out.states.Each)
	return out
}

// meet adds a state that is new and allowed to a layer.
func (w *walk) meet(layer []int32, state string, v visit) []int32 {
	if _, known := w.index[state]; known {
		return layer
	}
	w.enter(state)
	for _, l := range w.q.Assume {
		if w.value(l) != system.Yes {
			return layer
		}
	}
	n := int32(len(w.states))
	w.index[state] = n
	v.state = state
	w.states = append(w.states, v)
	return append(layer, n)
}

func (w *walk) enter(state string) {
	if w.turn == 0 || w.now != state {
		w.now = state
		w.turn++
	}
}

// take adds the state that a rule leads to from another one, if it can be taken there.
func (w *walk) take(layer []int32, from, rule int32, next []int32) []int32 {
	s := w.q.System
	if !w.q.Enabled(rule) {
		return layer
	}
	w.enter(w.states[from].state)
	for _, l := range s.Guard(rule) {
		if w.value(l) != system.Yes {
			return layer
		}
	}
	to := []byte(w.now)
	for _, set := range []bool{false, true} {
		for _, e := range s.Effects(rule) {
			if e.Set != set || w.value(e.When) != system.Yes {
				continue
			}
			k := w.dense[e.Fact]
			if to[k/8] &^= 1 << (k % 8); set {
				to[k/8] |= 1 << (k % 8)
			}
		}
	}
	return w.meet(layer, string(to), visit{parent: from, rule: rule, next: next})
}

// value returns the value of a literal in the state.
func (w *walk) value(l system.Lit) system.Value {
	n := l.Node()
	v := system.Yes
	switch kind, ref := w.q.System.Node(n); kind {
	case system.FactNode:
		yes := w.start[ref]
		if k := w.dense[ref]; k >= 0 {
			yes = w.now[k/8]>>(k%8)&1 == 1
		}
		if !yes {
			v = system.No
		}
	case system.ChoiceNode:
		if v = w.fixed[ref]; v == system.Unknown {
			w.open = true
		}
	case system.GateNode:
		if w.stamp[n] != w.turn {
			for _, in := range w.q.System.Gate(ref) {
				if x := w.value(in); x == system.No {
					v = system.No
					break
				} else if x == system.Unknown {
					v = system.Unknown
				}
			}
			w.memo[n], w.stamp[n] = v, w.turn
		}
		v = w.memo[n]
	}
	if l.Negated() {
		return v.Not()
	}
	return v
}

// back returns the rules that led to a state.
func (w *walk) back(at int32) []int32 {
	out := []int32{}
	for ; w.states[at].parent >= 0; at = w.states[at].parent {
		out = append(out, w.states[at].rule)
	}
	slices.Reverse(out)
	return out
}
