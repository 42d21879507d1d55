package circuit

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
)

// Unrolling is a circuit in as many time frames as are asked for. The latches of the first frame have their initial values, and those of each
// other frame are what the one before makes of them.
//
// All frames together are one circuit without latches. So the constants of the first state are folded into all that follows from them, and
// gates that are alike are one, be they of one frame or of several: both by the identities that [Circuit.And] knows, so that each literal stands for the same
// function of the first state and the inputs as before.
type Unrolling struct {
	c      *Circuit
	roots  []Lit  // constraints, the bad literal, and the next values of the latches that these depend on
	cone   []bool // by node: the roots depend on it
	all    *Circuit
	lits   [][]Lit // by frame, by node of the cone
	loader *Loader
	frame  *Frame
}

// Unroll returns an unrolling that loads nothing yet.
func Unroll(c *Circuit, to Sink) *Unrolling {
	u := &Unrolling{c: c, roots: append([]Lit{c.Bad}, c.Constraints...), cone: make([]bool, len(c.nodes)), all: New()}
	todo := slices.Clone(u.roots)
	for len(todo) > 0 {
		n := todo[len(todo)-1].Node()
		todo = todo[:len(todo)-1]
		if u.cone[n] {
			continue
		}
		u.cone[n] = true
		switch g := c.nodes[n]; g.kind {
		case And:
			todo = append(todo, g.a, g.b)
		case State:
			next := c.Latches[g.a].Next
			u.roots = append(u.roots, next)
			todo = append(todo, next)
		}
	}
	yes := to.NewVar()
	to.AddClause(yes)
	u.loader = NewLoader(u.all)
	u.frame = u.loader.NewFrame(to, yes)
	return u
}

// Lit returns the solver's literal for one of time frame k that constraints or the bad literal depend on, after loading its cone.
func (u *Unrolling) Lit(k int, l Lit) cdcl.Lit {
	for len(u.lits) <= k {
		u.unroll()
	}
	return u.frame.Lit(u.at(k, l))
}

// Loaded returns the solver's literal for one of time frame k, if it is loaded.
func (u *Unrolling) Loaded(k int, l Lit) (cdcl.Lit, bool) {
	if k >= len(u.lits) || !u.cone[l>>1] {
		return 0, false
	}
	return u.frame.Loaded(u.at(k, l))
}

// at returns the literal of the unrolled circuit for one of the cone.
func (u *Unrolling) at(k int, l Lit) Lit { return u.lits[k][l>>1] ^ l&1 }

// unroll adds a time frame.
func (u *Unrolling) unroll() {
	k := len(u.lits)
	lits := make([]Lit, len(u.c.nodes))
	u.lits = append(u.lits, lits)
	for n, g := range u.c.nodes {
		if !u.cone[n] {
			continue
		}
		switch g.kind {
		case Input:
			lits[n] = u.all.Input()
		case And:
			lits[n] = u.all.And(u.at(k, g.a), u.at(k, g.b))
		case State:
			l := u.c.Latches[g.a]
			switch {
			case k > 0:
				lits[n] = u.at(k-1, l.Next)
			case l.Init == Free:
				lits[n] = u.all.Input()
			case l.Init == One:
				lits[n] = True
			}
		}
	}
	roots := make([]Lit, len(u.roots))
	for i, l := range u.roots {
		roots[i] = u.at(k, l)
	}
	u.loader.extend(roots)
}
