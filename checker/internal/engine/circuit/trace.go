package circuit

import (
	"errors"
	"fmt"
)

// Trace is a run that violates a circuit: a first state, and the inputs in each state. The last inputs are those with which Bad holds.
type Trace struct {
	Latches []bool
	Inputs  [][]bool
}

// Steps returns the number of transitions.
func (t *Trace) Steps() int { return len(t.Inputs) - 1 }

// Replay checks a trace by simulation.
func (c *Circuit) Replay(t *Trace) error {
	if len(t.Inputs) == 0 || len(t.Latches) != len(c.Latches) {
		return errors.New("the trace is not one of this circuit")
	}
	state := append([]bool(nil), t.Latches...)
	for i, l := range c.Latches {
		if l.Init != Free && state[i] != (l.Init == One) {
			return fmt.Errorf("latch %d starts otherwise", i)
		}
	}
	var values []bool
	of := func(l Lit) bool { return values[l>>1] != l.Negated() }
	for k, in := range t.Inputs {
		if len(in) != len(c.Inputs) {
			return fmt.Errorf("step %d has %d inputs, not %d", k, len(in), len(c.Inputs))
		}
		values = c.Eval(state, in, values)
		for _, l := range c.Constraints {
			if !of(l) {
				return fmt.Errorf("a constraint does not hold in state %d", k)
			}
		}
		if k == len(t.Inputs)-1 {
			break
		}
		for i, l := range c.Latches {
			state[i] = of(l.Next)
		}
	}
	if !of(c.Bad) {
		return errors.New("the last state is not bad")
	}
	return nil
}
