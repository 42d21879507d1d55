package circuit_test

import (
	"math/rand"
	"testing"

	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
	"github.com/vauban-verifier/vauban/checker/internal/engine/circuit"
	"github.com/vauban-verifier/vauban/checker/internal/kerneltest"
)

// run is a random run of a circuit: the values of all nodes, by time frame.
func run(rng *rand.Rand, c *circuit.Circuit, frames int) [][]bool {
	bits := func(n int) []bool {
		out := make([]bool, n)
		for i := range out {
			out[i] = rng.Intn(2) == 0
		}
		return out
	}
	state := bits(len(c.Latches))
	for i, l := range c.Latches {
		if l.Init != circuit.Free {
			state[i] = l.Init == circuit.One
		}
	}
	var out [][]bool
	for range frames {
		values := c.Eval(state, bits(len(c.Inputs)), nil)
		out = append(out, values)
		for i, l := range c.Latches {
			state[i] = values[l.Next.Node()] != l.Next.Negated()
		}
	}
	return out
}

// known is a literal of a solver, and the value that it must have.
type known struct {
	lit   cdcl.Lit
	value bool
}

// determined wants the given literals to have no other values than theirs once the fixed ones do.
func determined(t *testing.T, s *cdcl.Solver, fixed, given []known) {
	t.Helper()
	sign := func(k known) cdcl.Lit {
		if k.value {
			return k.lit
		}
		return k.lit.Not()
	}
	var assume []cdcl.Lit
	for _, k := range fixed {
		assume = append(assume, sign(k))
	}
	if s.Solve(assume) != cdcl.Sat {
		t.Fatal("a run of the circuit is excluded")
	}
	for _, k := range given {
		if s.Value(k.lit) != k.value || s.Solve(append(assume[:len(assume):len(assume)], sign(k).Not())) != cdcl.Unsat {
			t.Fatalf("literal %d can be other than %v", k.lit, k.value)
		}
	}
}

// TestUnrollingIsTheCircuit wants what is loaded to be, in each time frame, the function of the first state and the inputs that the interpreter computes.
func TestUnrollingIsTheCircuit(t *testing.T) {
	t.Parallel()
	const frames = 6
	for seed := range int64(1000) {
		rng := rand.New(rand.NewSource(seed))
		c := kerneltest.Circuit(rng)
		s := cdcl.New()
		u := circuit.Unroll(c, s)
		for k := range frames {
			for _, l := range append([]circuit.Lit{c.Bad}, c.Constraints...) {
				if rng.Intn(3) > 0 {
					u.Lit(k, l)
				}
			}
		}
		var fixed, given []known
		for k, values := range run(rng, c, frames) {
			for n, v := range values {
				x, ok := u.Loaded(k, circuit.Lit(n)<<1)
				if !ok {
					continue
				}
				given = append(given, known{x, v})
				kind := c.Kind(int32(n))
				if kind == circuit.Input || k == 0 && kind == circuit.State && c.Latches[c.Index(int32(n))].Init == circuit.Free {
					fixed = append(fixed, known{x, v})
				}
			}
		}
		determined(t, s, fixed, given)
	}
}

// TestFrameIsTheCircuit wants the same of one time frame of which any node may be asked for, parts of gates too.
func TestFrameIsTheCircuit(t *testing.T) {
	t.Parallel()
	for seed := range int64(1000) {
		rng := rand.New(rand.NewSource(seed))
		c := kerneltest.Circuit(rng)
		s := cdcl.New()
		yes := s.NewVar()
		s.AddClause(yes)
		f := circuit.NewLoader(c).NewFrame(s, yes)
		var fixed, given []known
		values := run(rng, c, 1)[0]
		for range 10 {
			f.Lit(circuit.Lit(rng.Intn(2 * c.Nodes())))
		}
		for n, v := range values {
			x, ok := f.Loaded(circuit.Lit(n) << 1)
			if !ok {
				continue
			}
			given = append(given, known{x, v})
			if k := c.Kind(int32(n)); k == circuit.Input || k == circuit.State {
				fixed = append(fixed, known{x, v})
			}
		}
		determined(t, s, fixed, given)
	}
}

// TestGates wants one variable for a gate that is written as several.
func TestGates(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		make    func(c *circuit.Circuit, a, b, s circuit.Lit) circuit.Lit
		clauses int
	}{
		{"conjunction", func(c *circuit.Circuit, a, b, s circuit.Lit) circuit.Lit { return c.And(a, c.And(b, s)) }, 4},
		{"disjunction", func(c *circuit.Circuit, a, b, s circuit.Lit) circuit.Lit { return c.Or(c.Or(a, b), s) }, 4},
		{"mixed", func(c *circuit.Circuit, a, b, s circuit.Lit) circuit.Lit { return c.And(a, c.Or(b, s)) }, 4},
		{"choice", func(c *circuit.Circuit, a, b, s circuit.Lit) circuit.Lit {
			return c.Or(c.And(s, a), c.And(s.Not(), b))
		}, 5},
		{"exclusive or", func(c *circuit.Circuit, a, b, s circuit.Lit) circuit.Lit {
			return c.Or(c.And(a, b.Not()), c.And(a.Not(), b))
		}, 4},
	} {
		c := circuit.New()
		c.Bad = tc.make(c, c.Input(), c.Input(), c.Input())
		n := &counter{}
		inputs := 0
		f := circuit.NewLoader(c).NewFrame(n, n.NewVar())
		f.Lit(c.Bad)
		for _, l := range c.Inputs {
			if _, ok := f.Loaded(l); ok {
				inputs++
			}
		}
		if gates := n.vars - 1 - inputs; gates != 1 || n.clauses != tc.clauses {
			t.Errorf("%s: %d variables and %d clauses, not 1 and %d", tc.name, gates, n.clauses, tc.clauses)
		}
	}
}

// counter counts variables and clauses.
type counter struct{ vars, clauses int }

func (n *counter) NewVar() cdcl.Lit {
	n.vars++
	return cdcl.Lit(n.vars-1) << 1
}

func (n *counter) AddClause(...cdcl.Lit) { n.clauses++ }
