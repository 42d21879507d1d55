package explicit

import (
	"cmp"
	"slices"

	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// Limits.
const (
	MaxStates  = 200_000
	maxChoices = 16 // as package certify takes them
)

// Status is how far a search is.
type Status int

// The answers. Unknown means that there is more to do.
const (
	Unknown Status = iota
	Safe
	Unsafe
	GaveUp // there are too many states, or starts
)

// Engine visits the states of a question. Make one with [New].
type Engine struct {
	q      *system.Question
	width  int              // bytes of a state: a bit for each fact, then for each choice
	index  map[string]int32 // by state: its number
	states []string         // by number, in the order in which they were met
	parent []int32          // by number: the state before; -1 of starts
	by     []int32          // by number: the rule that led there
	next   int              // states[:next] are visited
	status Status
	bad    int32

	state string
	now   int
	looks int64  // at inputs of gates
	memo  []bool // by gate, of state at
	at    []int
}

// New returns an engine for a question in which no choice is given.
func New(q *system.Question) *Engine {
	s := q.System
	x := &Engine{q: q, width: (s.Facts() + s.Choices() + 7) / 8, index: map[string]int32{}, memo: make([]bool, s.Nodes()), at: make([]int, s.Nodes())}
	if s.Choices() > maxChoices {
		x.status = GaveUp
		return x
	}
	for mask := range 1 << s.Choices() {
		start := make([]byte, x.width)
		failed := 0
		for i := range s.Choices() {
			if mask>>i&1 == 1 {
				put(start, s.Facts()+i, true)
				if s.ChoiceKind(int32(i)) == system.Failure {
					failed++
				}
			}
		}
		for _, f := range q.Start {
			put(start, int(f), true)
		}
		if failed <= q.MaxFailures {
			x.meet(string(start), -1, -1)
		}
	}
	return x
}

func put(state []byte, at int, yes bool) {
	if state[at/8] &^= 1 << (at % 8); yes {
		state[at/8] |= 1 << (at % 8)
	}
}

func bit(state string, at int) bool { return state[at/8]>>(at%8)&1 == 1 }

// meet adds a state, unless it is known or assumed away.
func (x *Engine) meet(state string, from, by int32) {
	if _, known := x.index[state]; known || x.status != Unknown {
		return
	}
	x.enter(state)
	if slices.ContainsFunc(x.q.Assume, func(l system.Lit) bool { return !x.holds(l) }) {
		return
	}
	n := int32(len(x.states))
	x.index[state] = n
	x.states, x.parent, x.by = append(x.states, state), append(x.parent, from), append(x.by, by)
	switch {
	case x.holds(x.q.Bad):
		x.status, x.bad = Unsafe, n
	case n == MaxStates:
		x.status = GaveUp
	}
}

func (x *Engine) enter(state string) {
	x.state = state
	x.now++
}

// holds returns the value of a literal in the state.
func (x *Engine) holds(l system.Lit) bool {
	n := l.Node()
	yes := true
	switch kind, ref := x.q.System.Node(n); {
	case kind == system.FactNode:
		yes = bit(x.state, int(ref))
	case kind == system.ChoiceNode:
		yes = bit(x.state, x.q.System.Facts()+int(ref))
	case kind == system.GateNode && x.at[n] == x.now:
		yes = x.memo[n]
	case kind == system.GateNode:
		for _, in := range x.q.System.Gate(ref) {
			x.looks++
			if yes = x.holds(in); !yes {
				break
			}
		}
		x.memo[n], x.at[n] = yes, x.now
	}
	return yes != l.Negated()
}

// Run goes on for about that much work: rules that are tried, and inputs of gates that are looked at.
func (x *Engine) Run(work int64) Status {
	s := x.q.System
	next := make([]byte, x.width)
	for work += x.looks; x.status == Unknown && work > x.looks; x.next++ {
		if x.next == len(x.states) {
			x.status = Safe
			break
		}
		state := x.states[x.next]
		x.enter(state)
		for r := range int32(s.Rules()) {
			work--
			if !x.q.Enabled(r) || slices.ContainsFunc(s.Guard(r), func(l system.Lit) bool { return !x.holds(l) }) {
				continue
			}
			copy(next, state)
			for _, set := range []bool{false, true} {
				for _, e := range s.Effects(r) {
					if e.Set == set && x.holds(e.When) {
						put(next, int(e.Fact), set)
					}
				}
			}
			x.meet(string(next), int32(x.next), r)
			x.enter(state)
		}
	}
	return x.status
}

// Met returns how many states were met.
func (x *Engine) Met() int { return len(x.states) }

// States returns the states that were met, told apart by the facts and choices of the system that the slice, whose question this is, was made of.
func (x *Engine) States(original *system.System, sl *slice.Slice) *system.States {
	type place struct {
		of system.Lit
		at int // in a state
	}
	var places []place
	for i, f := range sl.Facts {
		places = append(places, place{original.Fact(f), i})
	}
	for i, l := range sl.Choices {
		places = append(places, place{l, len(sl.Facts) + i})
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.of, b.of) })
	out := &system.States{}
	for _, p := range places {
		out.Of = append(out.Of, p.of)
	}
	for _, state := range x.states {
		to := make([]byte, x.width)
		for k, p := range places {
			put(to, k, bit(state, p.at))
		}
		out.Each = append(out.Each, string(to))
	}
	slices.Sort(out.Each)
	return out
}

// Attack returns the run to the bad state.
func (x *Engine) Attack() *system.Run {
	out := &system.Run{}
	s := x.q.System
	for i := range s.Choices() {
		l := s.Choice(int32(i))
		if !bit(x.states[x.bad], s.Facts()+i) {
			l = l.Not()
		}
		out.Choices = append(out.Choices, l)
	}
	for n := x.bad; x.parent[n] >= 0; n = x.parent[n] {
		out.Rules = append(out.Rules, x.by[n])
	}
	slices.Reverse(out.Rules)
	return out
}
