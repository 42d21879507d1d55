package drat

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/vauban-verifier/vauban/checker/internal/format/dimacs"
)

// Step is a lemma, or a clause that is deleted.
type Step struct {
	Delete bool
	Clause []int32 // the first literal is the one to resolve on
}

// Read reads a proof.
func Read(in io.Reader) ([]Step, error) {
	s := dimacs.NewScanner(in)
	var out []Step
	step := Step{}
	begun := false
	for {
		w := s.Word()
		if w == "" {
			break
		}
		if w == "d" && !begun {
			step.Delete, begun = true, true
			continue
		}
		l, err := dimacs.Literal(w, dimacs.MaxVariable)
		if err != nil {
			return nil, fmt.Errorf("read proof: line %d: %w", s.Line(), err)
		}
		begun = true
		if l != 0 {
			step.Clause = append(step.Clause, l)
			continue
		}
		out = append(out, step)
		step, begun = Step{}, false
	}
	switch {
	case s.Err() != nil:
		return nil, fmt.Errorf("read proof: %w", s.Err())
	case begun:
		return nil, errors.New("read proof: the last step is not ended by 0")
	}
	return out, nil
}

// Check returns nil when a proof refutes a formula. It stops at the first step that does not follow.
func Check(f *dimacs.Formula, proof []Step) error {
	c := &checker{index: map[string][]int{}}
	c.grow(int32(f.Variables))
	for _, clause := range f.Clauses {
		c.add(clause)
	}
	for i, s := range proof {
		if c.refuted {
			return nil
		}
		if s.Delete {
			if !c.delete(s.Clause) {
				return fmt.Errorf("step %d deletes what is not there", i+1)
			}
			continue
		}
		for _, l := range s.Clause {
			c.grow(max(l, -l))
		}
		if !c.follows(s.Clause) && !c.resolves(s.Clause) {
			return fmt.Errorf("step %d does not follow", i+1)
		}
		c.add(s.Clause)
	}
	if !c.refuted {
		return errors.New("the proof does not end in a contradiction")
	}
	return nil
}

// checker holds the clauses and what follows from them by unit propagation.
type checker struct {
	clauses [][]int32 // nil: deleted; the first two literals are watched
	index   map[string][]int
	watches [][]int
	value   []int8 // by literal
	reason  []int  // by variable: the clause that set it for good
	trail   []int32
	head    int
	refuted bool
}

// at is the place of a literal in lists by literal.
func at(l int32) int {
	if l < 0 {
		return int(-l)*2 + 1
	}
	return int(l) * 2
}

func (c *checker) grow(variable int32) {
	for len(c.value) < at(variable)+2 {
		c.value = append(c.value, 0)
		c.watches = append(c.watches, nil)
	}
	for len(c.reason) <= int(variable) {
		c.reason = append(c.reason, -1)
	}
}

func (c *checker) assign(l int32, reason int) {
	c.value[at(l)], c.value[at(-l)] = 1, -1
	c.reason[max(l, -l)] = reason
	c.trail = append(c.trail, l)
}

func key(clause []int32) string {
	s := slices.Clone(clause)
	slices.Sort(s)
	s = slices.Compact(s)
	b := make([]byte, 0, 4*len(s))
	for _, l := range s {
		b = append(b, byte(l), byte(l>>8), byte(l>>16), byte(l>>24))
	}
	return string(b)
}

// add adds a clause for good.
func (c *checker) add(clause []int32) {
	lits := slices.Clone(clause)
	slices.Sort(lits)
	lits = slices.Compact(lits)
	// What is not false comes first, to be watched.
	slices.SortStableFunc(lits, func(a, b int32) int { return int(c.value[at(b)]) - int(c.value[at(a)]) })
	i := len(c.clauses)
	c.clauses = append(c.clauses, lits)
	k := key(lits)
	c.index[k] = append(c.index[k], i)
	if len(lits) > 1 {
		c.watches[at(lits[0])] = append(c.watches[at(lits[0])], i)
		c.watches[at(lits[1])] = append(c.watches[at(lits[1])], i)
	}
	switch {
	case len(lits) == 0 || c.value[at(lits[0])] == -1:
		c.refuted = true
	case c.value[at(lits[0])] == 0 && (len(lits) == 1 || c.value[at(lits[1])] == -1):
		c.assign(lits[0], i)
		c.refuted = !c.propagate()
	}
}

// delete removes a clause, but not one that made something true for good.
func (c *checker) delete(clause []int32) bool {
	k := key(clause)
	list := c.index[k]
	if len(list) == 0 {
		return false
	}
	i := list[len(list)-1]
	for _, l := range c.clauses[i] {
		if c.value[at(l)] == 1 && c.reason[max(l, -l)] == i {
			return true
		}
	}
	c.index[k] = list[:len(list)-1]
	c.clauses[i] = nil
	return true
}

// propagate reports whether there is no contradiction.
func (c *checker) propagate() bool {
	for c.head < len(c.trail) {
		f := -c.trail[c.head]
		c.head++
		ws := c.watches[at(f)]
		keep := ws[:0]
		for n, i := range ws {
			lits := c.clauses[i]
			if lits == nil {
				continue
			}
			if lits[0] == f {
				lits[0], lits[1] = lits[1], lits[0]
			}
			moved := c.value[at(lits[0])] == 1
			if moved {
				keep = append(keep, i)
				continue
			}
			for k := 2; k < len(lits) && !moved; k++ {
				if c.value[at(lits[k])] != -1 {
					lits[1], lits[k] = lits[k], lits[1]
					c.watches[at(lits[1])] = append(c.watches[at(lits[1])], i)
					moved = true
				}
			}
			if moved {
				continue
			}
			keep = append(keep, i)
			if c.value[at(lits[0])] == -1 {
				c.watches[at(f)] = append(keep, ws[n+1:]...)
				return false
			}
			c.assign(lits[0], i)
		}
		c.watches[at(f)] = keep
	}
	return true
}

// assume makes literals false and reports whether that leads to a contradiction. They stay so.
func (c *checker) assume(clause []int32, but int32) bool {
	for _, l := range clause {
		if l == but {
			continue
		}
		switch c.value[at(l)] {
		case 1:
			return true
		case 0:
			c.assign(-l, -1)
		}
	}
	return !c.propagate()
}

func (c *checker) back(mark int) {
	for _, l := range c.trail[mark:] {
		c.value[at(l)], c.value[at(-l)] = 0, 0
	}
	c.trail = c.trail[:mark]
	c.head = mark
}

// follows reports whether a clause follows by unit propagation.
func (c *checker) follows(clause []int32) bool {
	mark := len(c.trail)
	defer c.back(mark)
	return c.assume(clause, 0)
}

// resolves reports whether all resolvents of a clause on its first literal follow by unit propagation.
func (c *checker) resolves(clause []int32) bool {
	if len(clause) == 0 {
		return false
	}
	pivot := clause[0]
	for i := range c.clauses {
		other := c.clauses[i]
		if !slices.Contains(other, -pivot) {
			continue
		}
		mark := len(c.trail)
		ok := c.assume(clause, 0) || c.assume(other, -pivot)
		c.back(mark)
		if !ok {
			return false
		}
	}
	return true
}
