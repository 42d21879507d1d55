package circuit

import "slices"

// Loader decides, for all frames of a circuit, which gates get a variable and what their clauses are.
//
// A gate that only one other gate uses gets none where its clauses, multiplied out into those of the other, are no more than the two have otherwise.
// So a conjunction of many literals is one gate, and so are a choice and an exclusive or, which take three And nodes each: there is less
// to decide and to propagate, and what the solver learns is over what is left.
type Loader struct {
	c     *Circuit
	uses  []uint8 // by node: by no gate, by one, or more than that
	owner []int32 // by node: the gate that it is a part of, or 0
	sizes []size  // by node
}

// size is the number of clauses that say that a gate is true, and of those that say that it is false.
type size struct{ yes, no int32 }

// maxClauses bounds the clauses of a gate, either way.
const maxClauses = 32

// NewLoader prepares a circuit for loading.
func NewLoader(c *Circuit) *Loader {
	roots := append([]Lit{c.Bad}, c.Constraints...)
	for _, x := range c.Latches {
		roots = append(roots, x.Next)
	}
	l := &Loader{c: c}
	l.extend(roots)
	return l
}

// extend takes in the nodes that the circuit has got since the last time. The roots are those that are going to be asked for, or to be used by
// gates that are not there yet: none is to be a part of another gate.
func (l *Loader) extend(roots []Lit) {
	from := len(l.uses)
	nodes := l.c.nodes[from:]
	l.uses = append(l.uses, make([]uint8, len(nodes))...)
	l.owner = append(l.owner, make([]int32, len(nodes))...)
	for _, n := range nodes {
		if n.kind == And {
			l.uses[n.a>>1] = min(l.uses[n.a>>1]+1, 2)
			l.uses[n.b>>1] = min(l.uses[n.b>>1]+1, 2)
		}
	}
	for _, x := range roots {
		l.uses[x>>1] = 2
	}
	for i, g := range nodes {
		s := size{yes: 0, no: 1}
		if g.kind == And {
			n := int32(from + i)
			s = l.join(n, l.join(n, s, g.a), g.b)
		}
		l.sizes = append(l.sizes, s)
	}
}

// join returns the size of gate n with one more input, which becomes a part of the gate where that is no worse.
func (l *Loader) join(n int32, s size, x Lit) size {
	m := x.Node()
	if l.c.nodes[m].kind == And && l.uses[m] == 1 {
		in := l.sizes[m]
		if x.Negated() {
			in.yes, in.no = in.no, in.yes
		}
		one, two := size{s.yes + in.yes, s.no * in.no}, size{s.yes + 1 + in.yes, s.no + in.no}
		if one.yes+one.no <= two.yes+two.no && max(one.yes, one.no) <= maxClauses {
			l.owner[m] = n
			return one
		}
	}
	return size{s.yes + 1, s.no}
}

// inputs appends the nodes that the clauses of a gate are over.
func (l *Loader) inputs(n int32, out []int32) []int32 {
	for _, x := range [2]Lit{l.c.nodes[n].a, l.c.nodes[n].b} {
		if m := x.Node(); l.owner[m] == n {
			out = l.inputs(m, out)
		} else {
			out = append(out, m)
		}
	}
	return out
}

// gate returns the clauses over its inputs that are true just when a gate is true, or, for its complement, when it is false.
func (l *Loader) gate(x Lit) [][]Lit {
	n := x.Node()
	a, b := l.c.Gate(n)
	if !x.Negated() {
		return append(l.clauses(n, a), l.clauses(n, b)...)
	}
	var out [][]Lit
	ds := l.clauses(n, b.Not())
	for _, c := range l.clauses(n, a.Not()) {
		for _, d := range ds {
			if e, ok := or(c, d); ok {
				out = append(out, e)
			}
		}
	}
	return out
}

// clauses returns the clauses that are true just when an input of gate n, or a part of it, is.
func (l *Loader) clauses(n int32, x Lit) [][]Lit {
	if l.owner[x>>1] == n {
		return l.gate(x)
	}
	return [][]Lit{{x}}
}

// or joins two clauses, if the result is not always true.
func or(c, d []Lit) ([]Lit, bool) {
	e := slices.Clone(c)
	for _, x := range d {
		if slices.Contains(c, x.Not()) {
			return nil, false
		}
		if !slices.Contains(c, x) {
			e = append(e, x)
		}
	}
	return e, true
}
