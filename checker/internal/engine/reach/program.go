package reach

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
)

// program is a question as Horn clauses. The first atoms are the circuit's literals, then come switches of rules, disjunctions that
// assumptions ask for, and last the goal.
type program struct {
	q     *system.Question
	atoms int
	goal  int32

	start      []int32       // atoms that hold from the start
	bodies     lists         // by clause
	heads      lists         // by clause
	uses       lists         // by atom: clauses with it in their body
	makers     lists         // by atom: clauses with it as a head
	rule       []int32       // by clause: its rule, or -1
	switched   []int32       // by switch: its rule
	first      int32         // atom of switch 0
	controlled []bool        // by atom: a choice literal or a switch
	kinds      []uint8       // by controlled atom below first: its system.ChoiceKind
	controls   []int32       // controlled atoms, ascending
	only       []bool        // by node: depends on choices alone
	forbid     [][]forbidden // by fact; nil when there are none
}

// forbidden says that a fact must not be true while all of these choice literals are.
type forbidden []system.Lit

// lists is a compressed array of lists.
type lists struct {
	start []int32
	items []int32
}

func (l lists) at(k int32) []int32 { return l.items[l.start[k]:l.start[k+1]] }

func (l *lists) end() { l.start = append(l.start, int32(len(l.items))) }

// invert returns the lists of keys by item.
func (l lists) invert(n int) lists {
	out := lists{start: make([]int32, n+1), items: make([]int32, len(l.items))}
	for _, x := range l.items {
		out.start[x]++
	}
	sum := int32(0)
	for i, c := range out.start {
		sum += c
		out.start[i] = sum
	}
	for k := len(l.start) - 2; k >= 0; k-- { // from the back, so that lists ascend
		for _, x := range l.at(int32(k)) {
			out.start[x]--
			out.items[out.start[x]] = int32(k)
		}
	}
	return out
}

// compile makes the program of a question without given choices. Rules for which switched says so get a switch.
func compile(q *system.Question, switched func(r int32) bool) *program {
	s := q.System
	p := &program{q: q, first: int32(2 * s.Nodes())}
	p.choiceOnly()
	needs := p.terms()
	atoms := p.first
	for r := range int32(s.Rules()) {
		if switched != nil && switched(r) {
			p.switched = append(p.switched, r)
			atoms++
		}
	}
	p.room()
	clause := func(rule int32) {
		p.bodies.end()
		p.heads.end()
		p.rule = append(p.rule, rule)
	}
	body := func(x int32) { p.bodies.items = append(p.bodies.items, x) }
	head := func(x int32) { p.heads.items = append(p.heads.items, x) }
	// some returns an atom that holds when one of the literals can, or -1 when none ever does.
	some := func(options []system.Lit) int32 {
		if slices.Contains(options, system.True) {
			return int32(system.True)
		}
		switch len(options) {
		case 0:
			return -1
		case 1:
			return int32(options[0])
		}
		atoms++
		for _, l := range options {
			body(int32(l))
			head(atoms - 1)
			clause(-1)
		}
		return atoms - 1
	}
	for n := range s.Nodes() {
		kind, ref := s.Node(int32(n))
		if kind != system.GateNode {
			continue
		}
		for _, in := range s.Gate(ref) {
			body(int32(in))
		}
		head(int32(2 * n))
		clause(-1)
		for _, in := range s.Gate(ref) {
			body(int32(in.Not()))
			head(int32(2*n + 1))
			clause(-1)
		}
	}
	next := 0
	var extra []int32
rules:
	for r := range int32(s.Rules()) {
		extra = extra[:0]
		if next < len(p.switched) && p.switched[next] == r {
			extra = append(extra, p.first+int32(next))
			next++
		}
		if !q.Enabled(r) {
			continue
		}
		if p.forbid != nil {
			for _, e := range s.Effects(r) {
				if !e.Set {
					continue
				}
				for _, f := range p.forbid[e.Fact] {
					x := some(append(negate(f), e.When.Not()))
					if x < 0 {
						continue rules
					}
					extra = append(extra, x)
				}
			}
		}
		guard := func() {
			for _, l := range s.Guard(r) {
				body(int32(l))
			}
			for _, x := range extra {
				body(x)
			}
		}
		plain := false
		for _, e := range s.Effects(r) {
			if e.When == system.True {
				plain = true
				head(changed(s, e))
			}
		}
		if plain {
			guard()
			clause(r)
		}
		for _, e := range s.Effects(r) {
			if e.When != system.True && e.When != system.False {
				head(changed(s, e))
				guard()
				body(int32(e.When))
				clause(r)
			}
		}
	}
	body(int32(q.Bad))
	possible := true
	for _, options := range needs {
		x := some(options)
		possible = possible && x >= 0
		if x >= 0 {
			body(x)
		}
	}
	p.goal = atoms
	p.atoms = int(atoms) + 1
	if possible {
		head(p.goal)
	}
	clause(-1)
	p.finish()
	return p
}

// room makes room for the clauses of gates and rules. What assumptions ask for comes on top of it.
func (p *program) room() {
	s := p.q.System
	clauses, bodies, heads := 1, 1, 1 // of the goal
	for g := range int32(s.Gates()) {
		n := len(s.Gate(g))
		clauses, bodies, heads = clauses+1+n, bodies+2*n, heads+1+n
	}
	for r := range int32(s.Rules()) {
		whens := 0 // each has a clause of its own
		for _, e := range s.Effects(r) {
			if e.When != system.True {
				whens++
			}
		}
		clauses, heads = clauses+1+whens, heads+len(s.Effects(r))
		bodies += (1 + whens) * (1 + len(s.Guard(r)))
	}
	list := func(items int) lists {
		return lists{start: append(make([]int32, 0, clauses+1), 0), items: make([]int32, 0, items)}
	}
	p.bodies, p.heads, p.rule = list(bodies), list(heads), make([]int32, 0, clauses)
}

func changed(s *system.System, e system.Effect) int32 {
	l := s.Fact(e.Fact)
	if !e.Set {
		l = l.Not()
	}
	return int32(l)
}

func negate(lits []system.Lit) []system.Lit {
	out := make([]system.Lit, 0, len(lits)+1)
	for _, l := range lits {
		if l != system.True {
			out = append(out, l.Not())
		}
	}
	return out
}

func (p *program) finish() {
	s := p.q.System
	p.uses, p.makers = p.bodies.invert(p.atoms), p.heads.invert(p.atoms)
	p.start = append(make([]int32, 0, s.Facts()+1), int32(system.True))
	in := make([]bool, s.Facts())
	for _, f := range p.q.Start {
		in[f] = true
	}
	for f := range int32(s.Facts()) {
		l := s.Fact(f)
		if !in[f] {
			l = l.Not()
		}
		p.start = append(p.start, int32(l))
	}
	p.controlled = make([]bool, p.atoms)
	p.kinds = make([]uint8, p.first)
	for i := range int32(s.Choices()) {
		l := s.Choice(i)
		for _, x := range []system.Lit{l, l.Not()} {
			p.controlled[x] = true
			p.kinds[x] = uint8(s.ChoiceKind(i))
			p.controls = append(p.controls, int32(x))
		}
	}
	for i := range p.switched {
		x := p.first + int32(i)
		p.controlled[x] = true
		p.controls = append(p.controls, x)
	}
}

// choiceOnly marks the nodes that depend on choices alone.
func (p *program) choiceOnly() {
	s := p.q.System
	p.only = make([]bool, s.Nodes())
	for n := range p.only {
		switch kind, ref := s.Node(int32(n)); kind {
		case system.ConstNode, system.ChoiceNode:
			p.only[n] = true
		case system.GateNode:
			p.only[n] = true
			for _, in := range s.Gate(ref) {
				p.only[n] = p.only[n] && p.only[in.Node()]
			}
		}
	}
}

// terms reads the assumptions, and the negated facts of Bad that no rule deletes, as facts that must not become true under choices. It
// returns disjunctions that hold in every run: of choices, because of what is true at the start.
func (p *program) terms() (needs [][]system.Lit) {
	q, s := p.q, p.q.System
	in := map[int32]bool{}
	for _, f := range q.Start {
		in[f] = true
	}
	ban := func(f int32, under forbidden) {
		if p.forbid == nil {
			p.forbid = make([][]forbidden, s.Facts())
		}
		p.forbid[f] = append(p.forbid[f], under)
		if in[f] {
			needs = append(needs, negate(under))
		}
	}
	for _, a := range q.Assume {
		for _, l := range s.Conjuncts(a) {
			kind, ref := s.Node(l.Node())
			switch {
			case p.only[l.Node()]:
				needs = append(needs, []system.Lit{l})
			case kind == system.FactNode && l.Negated():
				ban(ref, nil)
			case kind == system.GateNode:
				if f, under, ok := p.single(s.Conjuncts(l.Not())); ok {
					ban(f, under)
				}
			}
		}
	}
	var cleared []bool
	for _, l := range s.Conjuncts(q.Bad) {
		kind, ref := s.Node(l.Node())
		if kind != system.FactNode || !l.Negated() {
			continue
		}
		if cleared == nil {
			cleared = make([]bool, s.Facts())
			for r := range int32(s.Rules()) {
				for _, e := range s.Effects(r) {
					if !e.Set && q.Enabled(r) {
						cleared[e.Fact] = true
					}
				}
			}
		}
		if !cleared[ref] {
			ban(ref, nil)
		}
	}
	return needs
}

// single splits a conjunction of one fact and literals over choices.
func (p *program) single(lits []system.Lit) (fact int32, under forbidden, ok bool) {
	fact = -1
	for _, l := range lits {
		kind, ref := p.q.System.Node(l.Node())
		switch {
		case p.only[l.Node()]:
			under = append(under, l)
		case kind == system.FactNode && !l.Negated() && fact < 0:
			fact = ref
		default:
			return 0, nil, false
		}
	}
	return fact, under, fact >= 0
}
