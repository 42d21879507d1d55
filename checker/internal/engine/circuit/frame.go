package circuit

import "github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"

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
	todo []int32
	in   []int32
	out  []cdcl.Lit
}

const absent = ^cdcl.Lit(0)

// NewFrame returns a frame of which nothing is loaded. The literal yes is always true in the solver.
func (l *Loader) NewFrame(s Sink, yes cdcl.Lit) *Frame {
	return &Frame{l: l, s: s, lits: []cdcl.Lit{yes.Not()}}
}

// Loaded returns the solver's literal for one of the circuit, if it is loaded.
func (f *Frame) Loaded(l Lit) (cdcl.Lit, bool) {
	if int(l>>1) >= len(f.lits) {
		return 0, false
	}
	x := f.lits[l>>1]
	return x ^ cdcl.Lit(l&1), x != absent
}

// Lit returns the solver's literal for one of the circuit, after loading its cone.
func (f *Frame) Lit(l Lit) cdcl.Lit {
	for len(f.lits) < len(f.l.c.nodes) {
		f.lits = append(f.lits, absent)
	}
	if f.lits[l>>1] == absent {
		f.load(l.Node())
	}
	return f.at(l)
}

// at returns the solver's literal for one that is loaded.
func (f *Frame) at(l Lit) cdcl.Lit { return f.lits[l>>1] ^ cdcl.Lit(l&1) }

func (f *Frame) load(root int32) {
	f.todo = append(f.todo[:0], root)
	for len(f.todo) > 0 {
		n := f.todo[len(f.todo)-1]
		if f.lits[n] != absent {
			f.todo = f.todo[:len(f.todo)-1]
			continue
		}
		isGate := f.l.c.nodes[n].kind == And
		if isGate {
			ready := true
			f.in = f.l.inputs(n, f.in[:0])
			for _, m := range f.in {
				if f.lits[m] == absent {
					ready = false
					f.todo = append(f.todo, m)
				}
			}
			if !ready {
				continue
			}
		}
		f.todo = f.todo[:len(f.todo)-1]
		g := f.s.NewVar()
		f.lits[n] = g
		if isGate {
			x := Lit(n) << 1
			f.imply(g, f.l.gate(x))
			f.imply(g.Not(), f.l.gate(x.Not()))
		}
	}
}

// imply says that clauses hold where a literal is true.
func (f *Frame) imply(g cdcl.Lit, clauses [][]Lit) {
	for _, c := range clauses {
		f.out = append(f.out[:0], g.Not())
		for _, x := range c {
			f.out = append(f.out, f.at(x))
		}
		f.s.AddClause(f.out...)
	}
}
