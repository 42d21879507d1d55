package sat

import "github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"

// Totalizer counts true literals in unary: an output is implied by that many true inputs. Outputs are made when
// they are asked for, and clauses only for them.
type Totalizer struct {
	s    *Solver
	root *counter
}

type counter struct {
	left, right *counter
	size        int
	outs        []cdcl.Lit // outs[k] is implied by k+1 true inputs
}

// NewTotalizer returns a Totalizer of the inputs, at least one.
func NewTotalizer(s *Solver, inputs []cdcl.Lit) *Totalizer {
	return &Totalizer{s, tree(inputs)}
}

func tree(in []cdcl.Lit) *counter {
	if len(in) == 1 {
		return &counter{size: 1, outs: []cdcl.Lit{in[0]}}
	}
	return &counter{left: tree(in[:len(in)/2]), right: tree(in[len(in)/2:]), size: len(in)}
}

// Len returns the number of inputs.
func (t *Totalizer) Len() int { return t.root.size }

// AtLeast returns a literal that is true when k or more inputs are, 1 ≤ k ≤ Len.
func (t *Totalizer) AtLeast(k int) cdcl.Lit {
	t.root.extend(t.s, k)
	return t.root.outs[k-1]
}

func (c *counter) extend(s *Solver, k int) {
	k = min(k, c.size)
	old := len(c.outs)
	if old >= k {
		return
	}
	c.left.extend(s, k)
	c.right.extend(s, k)
	for len(c.outs) < k {
		c.outs = append(c.outs, s.NewVar())
	}
	for sum := old + 1; sum <= k; sum++ {
		if sum > 1 { // keeps the unary number ordered
			s.AddClause(c.outs[sum-1].Not(), c.outs[sum-2])
		}
		for i := 0; i <= sum; i++ {
			j := sum - i
			if i > len(c.left.outs) || j > len(c.right.outs) {
				continue
			}
			clause := []cdcl.Lit{c.outs[sum-1]}
			if i > 0 {
				clause = append(clause, c.left.outs[i-1].Not())
			}
			if j > 0 {
				clause = append(clause, c.right.outs[j-1].Not())
			}
			s.AddClause(clause...)
		}
	}
}
