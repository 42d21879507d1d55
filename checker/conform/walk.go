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
	gains []int32 // of an attacker: those of them that can only help, whenever they are taken
	may   []bool  // by fact: it is not told, and may hold or not in any state; nil: all facts are told

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
	rules  []int32
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

// tellAll has states tell all facts, whether anything changes them or not.
func (w *walk) tellAll() {
	w.facts = w.facts[:0]
	for f := range w.dense {
		w.dense[f] = int32(f)
		w.facts = append(w.facts, int32(f))
	}
}

// stateOf returns the state in which these facts hold.
func (w *walk) stateOf(facts []int32) string {
	out := make([]byte, (len(w.facts)+7)/8)
	for _, f := range facts {
		k := w.dense[f]
		out[k/8] |= 1 << (k % 8)
	}
	return string(out)
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
	layer := w.meet(nil, string(first), visit{parent: -1, next: make([]int32, len(sources))})
	for events := 0; len(layer) > 0; events++ {
		var further []int32
		for i := 0; i < len(layer); i++ { // which grows by what leaves no event
			at := layer[i]
			v := w.states[at]
			w.enter(v.state)
			switch bad := w.can(w.q.Bad); {
			case bad && w.may != nil:
				return walked{} // it may be a run, or none
			case bad:
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
	if slices.ContainsFunc(w.q.Assume, func(l system.Lit) bool { return !w.can(l) }) {
		return layer
	}
	n := int32(len(w.states))
	w.index[state] = n
	if gained := w.gain(&v); gained != state {
		if _, known := w.index[gained]; known {
			return layer
		}
		w.index[gained], state = n, gained
	}
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
	if !w.q.Enabled(rule) {
		return layer
	}
	w.enter(w.states[from].state)
	if slices.ContainsFunc(w.q.System.Guard(rule), func(l system.Lit) bool { return !w.can(l) }) {
		return layer
	}
	return w.meet(layer, w.after(rule), visit{parent: from, rules: []int32{rule}, next: next})
}

// after returns the state that a rule leads to.
func (w *walk) after(rule int32) string {
	to := []byte(w.now)
	for _, set := range []bool{false, true} {
		for _, e := range w.q.System.Effects(rule) {
			k := w.dense[e.Fact]
			if k < 0 || e.Set != set {
				continue
			}
			switch w.value(e.When) {
			case system.Unknown:
				w.open = true
				continue
			case system.No:
				continue
			}
			if to[k/8] &^= 1 << (k % 8); set {
				to[k/8] |= 1 << (k % 8)
			}
		}
	}
	return string(to)
}

// greedy has whatever can only help an attacker taken at once: rules that make facts true that are nowhere wanted false. From a state with more of these facts all goes on that goes on
// from one with fewer, so a run is found if there is one, as far as costs and a budget are not looked at. The states that are met are not all, and so no proof.
func (w *walk) greedy() {
	s := w.q.System
	bad := make([]bool, s.Facts()) // wanted false somewhere, or something is done in dependence on it
	seen := make([]bool, 2*s.Nodes())
	var want func(l system.Lit)
	want = func(l system.Lit) {
		if seen[l] {
			return
		}
		seen[l] = true
		switch kind, ref := s.Node(l.Node()); kind {
		case system.FactNode:
			bad[ref] = bad[ref] || l.Negated()
		case system.GateNode:
			for _, in := range s.Gate(ref) {
				want(in ^ l&1)
			}
		}
	}
	want(w.q.Bad)
	for _, l := range w.q.Assume {
		want(l)
	}
	for r := range int32(s.Rules()) {
		if !w.q.Enabled(r) {
			continue
		}
		for _, l := range s.Guard(r) {
			want(l)
		}
		for _, e := range s.Effects(r) {
			want(e.When)
			want(e.When.Not())
		}
	}
	var free []int32
	for _, r := range w.free {
		if slices.ContainsFunc(s.Effects(r), func(e system.Effect) bool { return !e.Set || e.When != system.True || bad[e.Fact] }) {
			free = append(free, r)
		} else {
			w.gains = append(w.gains, r)
		}
	}
	w.free = free
}

// blind leaves untold what a greedy walk gains: it may hold or not, wherever it may hold at all. What such a walk does not come to, no run does, and its states are a proof.
func (w *walk) blind() {
	s := w.q.System
	w.may = make([]bool, s.Facts())
	for _, r := range w.gains {
		for _, e := range s.Effects(r) {
			w.dense[e.Fact] = -1
			w.may[e.Fact] = w.start[e.Fact]
		}
	}
	told := w.facts[:0]
	for _, f := range w.facts {
		if w.dense[f] >= 0 {
			w.dense[f] = int32(len(told))
			told = append(told, f)
		}
	}
	w.facts = told
	ever := slices.Clone(w.start) // whether a fact holds in any state, whatever is taken back
	var can func(l system.Lit) bool
	can = func(l system.Lit) bool {
		switch kind, ref := s.Node(l.Node()); kind {
		case system.FactNode:
			return l.Negated() || ever[ref]
		case system.GateNode:
			some := func(in system.Lit) bool { return can(in ^ l&1) }
			if l.Negated() {
				return slices.ContainsFunc(s.Gate(ref), some)
			}
			return !slices.ContainsFunc(s.Gate(ref), func(in system.Lit) bool { return !can(in) })
		}
		return true
	}
	for again := true; again; {
		again = false
		for r := range int32(s.Rules()) {
			adds := w.q.Enabled(r) && slices.ContainsFunc(s.Effects(r), func(e system.Effect) bool { return e.Set && !ever[e.Fact] })
			if !adds || slices.ContainsFunc(s.Guard(r), func(l system.Lit) bool { return !can(l) }) {
				continue
			}
			for _, e := range s.Effects(r) {
				if e.Set {
					ever[e.Fact], again = true, true
				}
			}
		}
	}
	for _, r := range w.gains {
		for _, e := range s.Effects(r) {
			w.may[e.Fact] = ever[e.Fact]
		}
	}
	w.gains = nil
}

// can reports whether a literal is true in the state, or may be.
func (w *walk) can(l system.Lit) bool {
	v := w.value(l)
	return v == system.Yes || v == system.Unknown && w.may != nil
}

// gain takes what can only help in the state that was entered, notes it, and returns the state after it.
func (w *walk) gain(v *visit) string {
	state := w.now
	for again := true; again; {
		again = false
		for _, r := range w.gains {
			adds := slices.ContainsFunc(w.q.System.Effects(r), func(e system.Effect) bool { k := w.dense[e.Fact]; return state[k/8]>>(k%8)&1 == 0 })
			if !adds || slices.ContainsFunc(w.q.System.Guard(r), func(l system.Lit) bool { return w.value(l) != system.Yes }) {
				continue
			}
			state, again = w.after(r), true
			v.rules = append(v.rules, r)
			w.enter(state)
		}
	}
	return state
}

// value returns the value of a literal in the state.
func (w *walk) value(l system.Lit) system.Value {
	n := l.Node()
	v := system.Yes
	switch kind, ref := w.q.System.Node(n); kind {
	case system.FactNode:
		switch k := w.dense[ref]; {
		case k >= 0 && w.now[k/8]>>(k%8)&1 == 1:
		case k >= 0:
			v = system.No
		case w.may != nil && w.may[ref]:
			v = system.Unknown
		case !w.start[ref]:
			v = system.No
		}
	case system.ChoiceNode:
		if v = w.fixed[ref]; v == system.Unknown && w.may == nil {
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
		for _, r := range slices.Backward(w.states[at].rules) {
			out = append(out, r)
		}
	}
	for _, r := range slices.Backward(w.states[at].rules) { // taken before anything else
		out = append(out, r)
	}
	slices.Reverse(out)
	return out
}
