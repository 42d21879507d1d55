package ic3

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/internal/engine/circuit"
)

// justifier cuts a state down to the latches that matter.
type justifier struct {
	circuit *circuit.Circuit
	latches []int32 // by node: about how many latches are below it
	from    *frame  // whose model is read
	value   []bool  // by node, where known is now
	known   []uint32
	marked  []uint32 // by node, where needed is now
	now     uint32
	targets []circuit.Lit // what is to stay true
	todo    []circuit.Lit
}

func (j *justifier) init(c *circuit.Circuit) {
	j.circuit = c
	n := c.Nodes()
	j.latches, j.value, j.known, j.marked = make([]int32, n), make([]bool, n), make([]uint32, n), make([]uint32, n)
	for i := range int32(n) {
		switch c.Kind(i) {
		case circuit.State:
			j.latches[i] = 1
		case circuit.And:
			a, b := c.Gate(i)
			j.latches[i] = min(j.latches[a.Node()]+j.latches[b.Node()], 1<<20)
		}
	}
}

// read makes a frame's last model the one that is looked at.
func (j *justifier) read(f *frame) {
	j.from = f
	j.now++
	j.known[0], j.value[0] = j.now, false
}

// holds returns the value of a literal in the model. Latches and inputs that no question was about are false.
func (j *justifier) holds(l circuit.Lit) bool {
	n := l.Node()
	if j.known[n] != j.now {
		v := false
		if x, ok := j.from.at.Loaded(circuit.Lit(n) << 1); ok {
			v = j.from.s.Value(x)
		} else if j.circuit.Kind(n) == circuit.And {
			a, b := j.circuit.Gate(n)
			v = j.holds(a) && j.holds(b)
		}
		j.value[n], j.known[n] = v, j.now
	}
	return j.value[n] != l.Negated()
}

// justify returns latch literals that, with the model's inputs, make the targets and all constraints true.
func (j *justifier) justify() cube {
	var out cube
	j.todo = append(append(j.todo[:0], j.targets...), j.circuit.Constraints...)
	for len(j.todo) > 0 {
		l := j.todo[len(j.todo)-1]
		n := l.Node()
		j.todo = j.todo[:len(j.todo)-1]
		if j.marked[n] == j.now {
			continue
		}
		j.marked[n] = j.now
		switch j.circuit.Kind(n) {
		case circuit.State:
			if !j.holds(circuit.Lit(n) << 1) {
				out = append(out, circuit.Lit(n)<<1|1)
			} else {
				out = append(out, circuit.Lit(n)<<1)
			}
		case circuit.And:
			a, b := j.circuit.Gate(n)
			if j.holds(circuit.Lit(n) << 1) {
				j.todo = append(j.todo, a, b)
				continue
			}
			if j.holds(a) || !j.holds(b) && j.prefers(b, a) {
				a = b
			}
			j.todo = append(j.todo, a)
		}
	}
	slices.Sort(out)
	return out
}

// prefers reports whether justifying a is the better way.
func (j *justifier) prefers(a, b circuit.Lit) bool {
	if x, y := j.marked[a.Node()] == j.now, j.marked[b.Node()] == j.now; x != y {
		return x
	}
	return j.latches[a.Node()] < j.latches[b.Node()]
}

// inputs returns the model's inputs.
func (j *justifier) inputs() []bool {
	out := make([]bool, len(j.circuit.Inputs))
	for i, l := range j.circuit.Inputs {
		out[i] = j.holds(l)
	}
	return out
}
