package bmc

import (
	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
	"github.com/vauban-verifier/vauban/checker/internal/engine/circuit"
)

// Checker unrolls a circuit.
type Checker struct {
	c     *circuit.Circuit
	s     *cdcl.Solver
	u     *circuit.Unrolling
	depth int
}

// New returns a Checker that has looked at no depth yet. It stops when stop says so.
func New(c *circuit.Circuit, stop func() bool) *Checker {
	s := cdcl.New()
	s.Stop = stop
	return &Checker{c: c, s: s, u: circuit.Unroll(c, s)}
}

// Depth returns the number of steps that are looked at next: no run violates the circuit in fewer.
func (b *Checker) Depth() int { return b.depth }

// Conflicts returns the number of conflicts so far.
func (b *Checker) Conflicts() int64 { return b.s.Conflicts }

// Vars returns the number of variables so far.
func (b *Checker) Vars() int { return b.s.Vars() }

// Skip goes on to a depth of which another engine has found out that no run violates the circuit in fewer steps.
func (b *Checker) Skip(depth int) {
	for ; b.depth < depth; b.depth++ {
		b.constrain()
	}
}

// constrain adds what holds in the last time frame of the depth.
func (b *Checker) constrain() {
	for _, l := range b.c.Constraints {
		b.s.AddClause(b.u.Lit(b.depth, l))
	}
}

// Next looks at the next depth, with that many conflicts at the most. Sat means a trace, Unsat that the next depth is one deeper, and
// Unknown that this one is not done.
func (b *Checker) Next(conflicts int64) (cdcl.Status, *circuit.Trace) {
	b.constrain()
	bad := b.u.Lit(b.depth, b.c.Bad)
	b.s.Limit = b.s.Conflicts + conflicts
	st := b.s.Solve([]cdcl.Lit{bad})
	switch st {
	case cdcl.Sat:
		return st, b.trace()
	case cdcl.Unsat:
		b.s.AddClause(bad.Not())
		b.depth++
	}
	return st, nil
}

// trace reads the model. What is not loaded does not matter, and is false.
func (b *Checker) trace() *circuit.Trace {
	value := func(k int, l circuit.Lit) bool {
		x, ok := b.u.Loaded(k, l)
		return ok && b.s.Value(x)
	}
	t := &circuit.Trace{}
	for _, l := range b.c.Latches {
		if l.Init == circuit.Free {
			t.Latches = append(t.Latches, value(0, l.Lit))
		} else {
			t.Latches = append(t.Latches, l.Init == circuit.One)
		}
	}
	for k := range b.depth + 1 {
		var in []bool
		for _, l := range b.c.Inputs {
			in = append(in, value(k, l))
		}
		t.Inputs = append(t.Inputs, in)
	}
	return t
}
