package circuit

import "github.com/vauban-verifier/vauban/checker/cdcl"

// Loader holds what all frames of a circuit share.
type Loader struct {
	c      *Circuit
	inside []bool // by node: an And that is used once, not negated, by another And
}

// NewLoader prepares a circuit for loading.
func NewLoader(c *Circuit) *Loader {
	l := &Loader{c: c, inside: make([]bool, len(c.nodes))}
	uses := make([]uint8, len(c.nodes))
	use := func(x Lit, merged bool) {
		n := x >> 1
		if merged && !x.Negated() && uses[n] == 0 {
			uses[n] = 1
		} else {
			uses[n] = 2
		}
	}
	for _, n := range c.nodes {
		if n.kind == And {
			use(n.a, true)
			use(n.b, true)
		}
	}
	for _, x := range c.Latches {
		use(x.Next, false)
	}
	for _, x := range c.Constraints {
		use(x, false)
	}
	use(c.Bad, false)
	for i, n := range c.nodes {
		l.inside[i] = n.kind == And && uses[i] == 1
	}
	return l
}

// Sink takes variables and clauses: a solver, or a file.
type Sink interface {
	NewVar() cdcl.Lit
	AddClause(lits ...cdcl.Lit)
}

// Frame is a circuit in one time frame of a solver.
type Frame struct {
	l    *Loader
	s    Sink
	lits []cdcl.Lit // by node; absent where not loaded
	leaf func(n int32) cdcl.Lit
	yes  cdcl.Lit // constant
	todo []int32
	in   []Lit
	out  []cdcl.Lit
}

const absent = ^cdcl.Lit(0)

// NewFrame returns a frame of which nothing is loaded. The literal yes is always true in the solver. Where leaf is set, it gives the
// literals of inputs and latches; else they get variables of their own.
func (l *Loader) NewFrame(s Sink, yes cdcl.Lit, leaf func(n int32) cdcl.Lit) *Frame {
	f := &Frame{l: l, s: s, lits: make([]cdcl.Lit, len(l.c.nodes)), yes: yes, leaf: leaf}
	for i := range f.lits {
		f.lits[i] = absent
	}
	f.lits[0] = yes.Not()
	return f
}

// Loaded returns the solver's literal for one of the circuit, if it is loaded.
func (f *Frame) Loaded(l Lit) (cdcl.Lit, bool) {
	x := f.lits[l>>1]
	return x ^ cdcl.Lit(l&1), x != absent
}

// Lit returns the solver's literal for one of the circuit, after loading its cone.
func (f *Frame) Lit(l Lit) cdcl.Lit {
	if f.lits[l>>1] == absent {
		f.load(l.Node())
	}
	return f.lits[l>>1] ^ cdcl.Lit(l&1)
}

func (f *Frame) load(root int32) {
	c := f.l.c
	f.todo = append(f.todo[:0], root)
	for len(f.todo) > 0 {
		n := f.todo[len(f.todo)-1]
		if f.lits[n] != absent {
			f.todo = f.todo[:len(f.todo)-1]
			continue
		}
		if c.nodes[n].kind != And {
			f.todo = f.todo[:len(f.todo)-1]
			if f.leaf != nil {
				f.lits[n] = f.leaf(n)
			} else {
				f.lits[n] = f.s.NewVar()
			}
			continue
		}
		ready := true
		f.in = f.l.inputs(n, f.in[:0])
		for _, x := range f.in {
			if f.lits[x>>1] == absent {
				ready = false
				f.todo = append(f.todo, x.Node())
			}
		}
		if !ready {
			continue
		}
		f.todo = f.todo[:len(f.todo)-1]
		f.lits[n] = f.gate()
	}
}

// maxInputs is where merging stops.
const maxInputs = 32

// inputs appends the literals whose conjunction a gate is, with the gates that are inside it.
func (l *Loader) inputs(n int32, out []Lit) []Lit {
	g := l.c.nodes[n]
	for _, x := range [2]Lit{g.a, g.b} {
		if !x.Negated() && l.inside[x>>1] && len(out) < maxInputs {
			out = l.inputs(x.Node(), out)
		} else {
			out = append(out, x)
		}
	}
	return out
}

// gate adds the gate of f.in, whose inputs are loaded.
func (f *Frame) gate() cdcl.Lit {
	f.out = f.out[:0]
inputs:
	for _, x := range f.in {
		l := f.lits[x>>1] ^ cdcl.Lit(x&1)
		switch {
		case l == f.yes:
			continue
		case l == f.yes.Not():
			return l
		}
		for _, o := range f.out {
			if o == l {
				continue inputs
			}
			if o == l.Not() {
				return f.yes.Not()
			}
		}
		f.out = append(f.out, l)
	}
	switch len(f.out) {
	case 0:
		return f.yes
	case 1:
		return f.out[0]
	}
	g := f.s.NewVar()
	for _, l := range f.out {
		f.s.AddClause(g.Not(), l)
	}
	for i := range f.out {
		f.out[i] = f.out[i].Not()
	}
	f.s.AddClause(append(f.out, g)...)
	return g
}
