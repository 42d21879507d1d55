package system

import "sync"

// Lit is a literal of the circuit: a node, maybe negated. The zero Lit is the constant true.
type Lit uint32

// The constants.
const (
	True  Lit = 0
	False Lit = 1
)

// Not returns the complement.
func (l Lit) Not() Lit { return l ^ 1 }

// Negated reports whether the literal is the complement of its node.
func (l Lit) Negated() bool { return l&1 == 1 }

// Node returns the index of the literal's node.
func (l Lit) Node() int32 { return int32(l >> 1) }

// NodeKind says what a node of the circuit is.
type NodeKind uint8

// The kinds of nodes. Node 0 is the only ConstNode.
const (
	ConstNode NodeKind = iota
	FactNode
	ChoiceNode
	GateNode
)

// ChoiceKind says what a choice means when it is true.
type ChoiceKind uint8

// The kinds of choices.
const (
	Decision ChoiceKind = iota // the control is there: its designer has decided for it
	Failure                    // the control fails from the start
)

// Effect sets a fact when a literal holds in the state before.
type Effect struct {
	When Lit
	Fact int32
	Set  bool
}

// Extra is a cost added to a rule's where a literal over choices holds.
type Extra struct {
	When Lit
	Cost int32
}

// System is a circuit with rules over it. Make one with a [Builder]; it is immutable after.
type System struct {
	kinds  []NodeKind
	refs   []int32 // index among the facts, choices or gates
	frozen []bool  // no fact is below the node
	facts  []Lit   // literal of each fact
	chose  []Lit   // literal of each choice
	means  []ChoiceKind

	gateStart []int32
	gateIn    []Lit

	guardStart  []int32
	guards      []Lit
	effectStart []int32
	effects     []Effect
	extraStart  []int32 // nil where no rule has any
	extras      []Extra
	costs       []int32

	groups  [][]int32 // facts of which exactly one is true in every state of every run
	groupOf map[int32]int32

	derived *derived
}

// derived is what was computed of a system, by key.
type derived struct {
	mu   sync.Mutex
	made map[any]func() any
}

// Derive returns what make makes, which is called once for each key: a system never changes, so what is computed of it alone need not be computed twice.
// What is made must not be changed. It is safe for concurrent use, and make may derive with other keys.
func (s *System) Derive(key any, make func() any) any {
	s.derived.mu.Lock()
	once, ok := s.derived.made[key]
	if !ok {
		once = sync.OnceValue(make)
		s.derived.made[key] = once
	}
	s.derived.mu.Unlock()
	return once()
}

// WithoutCosts returns the system in which no rule costs anything. Its nodes, facts, choices and rules are the same.
func (s *System) WithoutCosts() *System {
	out := *s
	out.costs, out.extras, out.extraStart = make([]int32, len(s.costs)), nil, nil
	out.derived = &derived{made: map[any]func() any{}}
	return &out
}

// Nodes returns the number of nodes; their indices are dense, and a gate's inputs come before it.
func (s *System) Nodes() int { return len(s.kinds) }

// Facts returns the number of facts.
func (s *System) Facts() int { return len(s.facts) }

// Choices returns the number of choices.
func (s *System) Choices() int { return len(s.chose) }

// Rules returns the number of rules.
func (s *System) Rules() int { return len(s.costs) }

// Fact returns the literal of fact i.
func (s *System) Fact(i int32) Lit { return s.facts[i] }

// Choice returns the literal of choice i.
func (s *System) Choice(i int32) Lit { return s.chose[i] }

// ChoiceKind returns what choice i means.
func (s *System) ChoiceKind(i int32) ChoiceKind { return s.means[i] }

// Taken returns the literal that says, in an invariant, that rule r was taken before. It is no node of the circuit.
func (s *System) Taken(r int32) Lit { return Lit(s.Nodes()+int(r)) << 1 }

// Node returns what a node is, and its index among the nodes of its kind.
func (s *System) Node(n int32) (NodeKind, int32) { return s.kinds[n], s.refs[n] }

// Gates returns the number of gates.
func (s *System) Gates() int { return len(s.gateStart) - 1 }

// Gate returns the inputs of gate i, which is their conjunction. The slice must not be changed.
func (s *System) Gate(i int32) []Lit { return s.gateIn[s.gateStart[i]:s.gateStart[i+1]] }

// Frozen reports whether a literal depends on choices only, so that it is the same in all states of a run.
func (s *System) Frozen(l Lit) bool { return s.frozen[l.Node()] }

// Groups returns the facts of which one is true, as [Builder.OneOf] was told. They must not be changed.
func (s *System) Groups() [][]int32 { return s.groups }

// Conjuncts returns the literals whose conjunction l is, each once: the inputs of an And, flattened, or l alone; none for True. It looks at each
// node once, however often the circuit shares it.
func (s *System) Conjuncts(l Lit) []Lit {
	if l == True {
		return nil
	}
	if s.kinds[l.Node()] != GateNode || l.Negated() {
		return []Lit{l}
	}
	var out []Lit
	seen := map[Lit]bool{}
	var visit func(l Lit)
	visit = func(l Lit) {
		if seen[l] {
			return
		}
		seen[l] = true
		if s.kinds[l.Node()] != GateNode || l.Negated() {
			out = append(out, l)
			return
		}
		for _, in := range s.Gate(s.refs[l.Node()]) {
			visit(in)
		}
	}
	visit(l)
	return out
}

// Guard returns the guard of rule r, a conjunction. The slice must not be changed.
func (s *System) Guard(r int32) []Lit { return s.guards[s.guardStart[r]:s.guardStart[r+1]] }

// Effects returns the effects of rule r. The slice must not be changed.
func (s *System) Effects(r int32) []Effect { return s.effects[s.effectStart[r]:s.effectStart[r+1]] }

// Extras returns what is added to the cost of rule r. The slice must not be changed.
func (s *System) Extras(r int32) []Extra {
	if s.extraStart == nil {
		return nil
	}
	return s.extras[s.extraStart[r]:s.extraStart[r+1]]
}

// Cost returns the cost of rule r without its extras.
func (s *System) Cost(r int32) int32 { return s.costs[r] }

// Question is one case of a requirement: does some run reach a state where Bad holds?
type Question struct {
	System      *System
	Start       []int32 // the facts that are true at the start, ascending
	Bad         Lit
	Assume      []Lit  // a run only has states where all of these hold
	Off         []bool // by rule: may not be taken; nil: none is off
	Fixed       []Lit  // choice literals that are given
	MaxFailures int    // how many Failure choices may be true
	Budget      int    // the most that a run may cost, or -1
}

// Enabled reports whether the question allows rule r at all.
func (q *Question) Enabled(r int32) bool { return q.Off == nil || !q.Off[r] }

// Run is an attack: the choices that it relies on, and the rules it takes, in order. A Failure choice that is not named is
// false; a Decision that is not named may be either.
type Run struct {
	Choices []Lit
	Rules   []int32
}
