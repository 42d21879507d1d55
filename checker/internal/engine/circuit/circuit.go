package circuit

import "slices"

// Lit is a literal: a node, maybe negated. The zero Lit is the constant false.
type Lit uint32

// The constants.
const (
	False Lit = 0
	True  Lit = 1
)

// Not returns the complement.
func (l Lit) Not() Lit { return l ^ 1 }

// Negated reports whether the literal is the complement of its node.
func (l Lit) Negated() bool { return l&1 == 1 }

// Node returns the index of the literal's node.
func (l Lit) Node() int32 { return int32(l >> 1) }

// Init is the value of a latch in the first state.
type Init uint8

// The values of latches at the start. Free ones may be either.
const (
	Zero Init = iota
	One
	Free
)

// Latch is a state variable.
type Latch struct {
	Lit  Lit // positive
	Next Lit
	Init Init
}

// Kind says what a node is.
type Kind uint8

// The kinds of nodes. Node 0 is the only Const.
const (
	Const Kind = iota
	Input
	State
	And
)

type node struct {
	kind Kind
	a, b Lit // inputs of an And; a is the index among the inputs or latches otherwise
}

// Circuit is a sequential circuit. The state of a run changes by its inputs; a run violates it when all states and inputs so far
// satisfy the constraints, and Bad holds.
type Circuit struct {
	nodes       []node
	gates       map[uint64]Lit
	Inputs      []Lit // positive
	Latches     []Latch
	Constraints []Lit
	Bad         Lit
}

// New returns an empty circuit.
func New() *Circuit { return &Circuit{nodes: []node{{}}, gates: map[uint64]Lit{}} }

// Nodes returns the number of nodes. Their indices are dense, and a gate's inputs come before it.
func (c *Circuit) Nodes() int { return len(c.nodes) }

// Kind returns what a node is.
func (c *Circuit) Kind(n int32) Kind { return c.nodes[n].kind }

// Gate returns the inputs of an And.
func (c *Circuit) Gate(n int32) (a, b Lit) { return c.nodes[n].a, c.nodes[n].b }

// Index returns the index of an input or a latch.
func (c *Circuit) Index(n int32) int { return int(c.nodes[n].a) }

func (c *Circuit) node(n node) Lit {
	if len(c.nodes) >= 1<<30 {
		panic("vauban: internal error: circuit too large")
	}
	c.nodes = append(c.nodes, n)
	return Lit(len(c.nodes)-1) << 1
}

// Input adds an input.
func (c *Circuit) Input() Lit {
	l := c.node(node{Input, Lit(len(c.Inputs)), 0})
	c.Inputs = append(c.Inputs, l)
	return l
}

// Latch adds a latch that keeps its value, until Latches says something else.
func (c *Circuit) Latch(init Init) Lit {
	l := c.node(node{State, Lit(len(c.Latches)), 0})
	c.Latches = append(c.Latches, Latch{l, l, init})
	return l
}

// And returns the conjunction of two literals, simplified. Equal gates are made once.
func (c *Circuit) And(a, b Lit) Lit {
	if a > b {
		a, b = b, a
	}
	switch {
	case a == False || a == b.Not():
		return False
	case a == True || a == b:
		return b
	}
	key := uint64(a)<<32 | uint64(b)
	if g, ok := c.gates[key]; ok {
		return g
	}
	g := c.node(node{And, a, b})
	c.gates[key] = g
	return g
}

// Or returns the disjunction of two literals.
func (c *Circuit) Or(a, b Lit) Lit { return c.And(a.Not(), b.Not()).Not() }

// All returns the conjunction of literals, as a balanced tree.
func (c *Circuit) All(lits []Lit) Lit {
	switch len(lits) {
	case 0:
		return True
	case 1:
		return lits[0]
	}
	return c.And(c.All(lits[:len(lits)/2]), c.All(lits[len(lits)/2:]))
}

// Any returns the disjunction of literals, as a balanced tree.
func (c *Circuit) Any(lits []Lit) Lit {
	not := make([]Lit, len(lits))
	for i, l := range lits {
		not[i] = l.Not()
	}
	return c.All(not).Not()
}

// AtMost returns a literal that is true when the weights of true literals add up to no more than most: a sequential counter that
// stops where it no longer matters. Weights are positive.
func (c *Circuit) AtMost(lits []Lit, weights []int, most int) Lit {
	if most < 0 {
		return False
	}
	sum := make([]Lit, most+2) // sum[k]: at least k so far
	sum[0] = True
	for i, l := range lits {
		for k := most + 1; k > 0; k-- {
			sum[k] = c.Or(sum[k], c.And(l, sum[max(0, k-weights[i])]))
		}
	}
	return sum[most+1].Not()
}

// Eval computes all nodes from the values of latches and inputs, into values, by node.
func (c *Circuit) Eval(latches, inputs []bool, values []bool) []bool {
	values = slices.Grow(values[:0], len(c.nodes))[:len(c.nodes)]
	of := func(l Lit) bool { return values[l>>1] != l.Negated() }
	for i, n := range c.nodes {
		switch n.kind {
		case Const:
			values[i] = false
		case Input:
			values[i] = inputs[n.a]
		case State:
			values[i] = latches[n.a]
		case And:
			values[i] = of(n.a) && of(n.b)
		}
	}
	return values
}
