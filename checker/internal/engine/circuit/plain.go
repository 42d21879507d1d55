package circuit

// Plain returns a circuit that is violated by runs of the same lengths, in a form that every tool reads: all latches start at 0, and there are
// no constraints. The first inputs and latches are those of the original; a latch that starts at 1 is stored as its complement.
//
// A free latch takes its first value from an input of its own, after those of the original. That a constraint was broken is remembered in a latch.
func (c *Circuit) Plain() *Circuit {
	p := New()
	for range c.Inputs {
		p.Input()
	}
	free := map[int]Lit{}
	for i, l := range c.Latches {
		p.Latch(Zero)
		if l.Init == Free {
			free[i] = False
		}
	}
	for i, l := range c.Latches {
		if l.Init == Free {
			free[i] = p.Input()
		}
	}
	later := True // not the first state
	if len(free) > 0 {
		later = p.Latch(Zero)
		p.Latches[len(p.Latches)-1].Next = True
	}
	lits := make([]Lit, len(c.nodes))
	of := func(l Lit) Lit { return lits[l>>1] ^ (l & 1) }
	for i, n := range c.nodes {
		switch n.kind {
		case Const:
			lits[i] = False
		case Input:
			lits[i] = p.Inputs[n.a]
		case And:
			lits[i] = p.And(of(n.a), of(n.b))
		case State:
			l := p.Latches[n.a].Lit
			switch c.Latches[n.a].Init {
			case One:
				l = l.Not()
			case Free:
				l = p.Or(p.And(later, l), p.And(later.Not(), free[int(n.a)]))
			}
			lits[i] = l
		}
	}
	for i, l := range c.Latches {
		p.Latches[i].Next = of(l.Next)
		if l.Init == One {
			p.Latches[i].Next = of(l.Next).Not()
		}
	}
	p.Bad = of(c.Bad)
	if len(c.Constraints) > 0 {
		allowed := make([]Lit, len(c.Constraints))
		for i, l := range c.Constraints {
			allowed[i] = of(l)
		}
		broken := p.Latch(Zero)
		ok := p.And(broken.Not(), p.All(allowed))
		p.Latches[len(p.Latches)-1].Next = ok.Not()
		p.Bad = p.And(p.Bad, ok)
	}
	return p
}
