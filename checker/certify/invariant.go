package certify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
)

// invariant checks that clauses hold at the start of every run, that no rule leads out of them, and that Bad breaks them.
//
// States that no run has may be left out: those that break an assumption, the number of failures or the budget, and those in which a
// fact has a value that it never has by closure, when nothing is ever taken back. That a rule keeps the
// clauses is asked for each clause by itself, and only where an effect of the rule can break it.
func invariant(ctx context.Context, q *system.Question, inv *system.Invariant, conflicts int) error {
	s := q.System
	for i, clause := range inv.Clauses {
		for _, l := range clause {
			if !inInvariant(s, l) {
				return fmt.Errorf("clause %d names something that is not a fact, a choice or a rule", i+1)
			}
		}
	}
	if err := newEncoding(ctx, q).initiation(inv); err != nil {
		return err
	}
	p := &stepper{encoding: newEncoding(ctx, q), breaks: map[system.Lit][]int32{}, taken: map[int32]system.Lit{}}
	p.conflict = maxConflicts - conflicts
	p.states()
	c := newClosure(ctx, q)
	defer c.done()
	ever := c.possible()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := p.laws(ctx, inv, ever); err != nil {
		return err
	}
	for f := range int32(s.Facts()) {
		for _, l := range []system.Lit{s.Fact(f), s.Fact(f).Not()} {
			if !ever[l] {
				p.add(p.lit(l.Not()))
			}
		}
	}
	for i, lits := range inv.Clauses {
		var clause []system.Lit
		for _, l := range lits {
			clause = append(clause, p.of(l))
			p.breaks[l] = append(p.breaks[l], int32(i))
		}
		p.add(clause...)
	}
	switch err := p.refuteUnder([]system.Lit{p.lit(q.Bad)}); {
	case errors.Is(err, errSatisfiable):
		return errors.New("the invariant does not exclude what is bad")
	case err != nil:
		return err
	}
	for r := range int32(s.Rules()) {
		if !q.Enabled(r) || slices.ContainsFunc(s.Guard(r), func(l system.Lit) bool { return !ever[l] }) {
			continue
		}
		if err := p.rule(r, inv); err != nil {
			return err
		}
	}
	return nil
}

func inInvariant(s *system.System, l system.Lit) bool {
	if n := int(l.Node()); n >= s.Nodes() {
		return n-s.Nodes() < s.Rules()
	}
	kind, _ := s.Node(l.Node())
	return kind == system.FactNode || kind == system.ChoiceNode
}

// states adds what is so in all states of all runs.
func (e *encoding) states() {
	for _, l := range e.q.Fixed {
		e.add(e.lit(l))
	}
	for _, l := range e.q.Assume {
		e.add(e.lit(l))
	}
}

// initiation checks that the clauses hold at the start, whatever the choices.
func (e *encoding) initiation(inv *system.Invariant) error {
	s := e.q.System
	starts := make([]bool, s.Facts())
	for _, f := range e.q.Start {
		starts[f] = true
	}
	e.states()
	for f, yes := range starts {
		l := e.lit(s.Fact(int32(f)))
		if !yes {
			l = l.Not()
		}
		e.add(l)
	}
clauses:
	for i, c := range inv.Clauses {
		var not []system.Lit
		for _, l := range c {
			if int(l.Node()) >= s.Nodes() {
				if l.Negated() {
					continue clauses // nothing is taken at the start
				}
				continue
			}
			not = append(not, e.lit(l).Not())
		}
		switch err := e.refuteUnder(not); {
		case errors.Is(err, errSatisfiable):
			return fmt.Errorf("clause %d of the invariant does not hold at the start", i+1)
		case err != nil:
			return err
		}
	}
	return nil
}

// laws checks laws, adds what they say, and takes out of ever what they exclude.
func (p *stepper) laws(ctx context.Context, inv *system.Invariant, ever []bool) error {
	if len(inv.Laws) == 0 {
		return nil
	}
	c, err := newConservation(p.q, inv, ever)
	if err == nil {
		err = c.check(ctx)
	}
	if err != nil {
		return err
	}
	for _, l := range slices.Sorted(maps.Keys(c.outweighed(ctx))) {
		ever[l] = false
		p.add(p.lit(l.Not()))
	}
	for _, law := range inv.Laws {
		for _, negated := range []bool{false, true} {
			m := &limit{most: law.Total}
			if negated {
				m.most = -m.most
			}
			for _, x := range law.Of {
				l, w := p.lit(p.q.System.Fact(x.Fact)), x.Weight
				if negated {
					w = -w
				}
				if w < 0 { // the complement weighs as much, and the total is as much more
					l, w, m.most = l.Not(), -w, m.most-w
				}
				p.weigh(m, l, w)
			}
			p.limits = append(p.limits, m)
		}
	}
	return ctx.Err()
}

// stepper checks that rules keep an invariant, whose clauses its solver has.
type stepper struct {
	*encoding
	breaks map[system.Lit][]int32 // by literal of the invariant: the clauses that it is in
	taken  map[int32]system.Lit   // by rule: that it was taken before

	after   map[int32]system.Lit // by node: its literal after the rule
	changes map[int32][]system.Effect
}

// of returns the literal for one of the invariant.
func (p *stepper) of(l system.Lit) system.Lit {
	n := int(l.Node()) - p.q.System.Nodes()
	if n < 0 {
		return p.lit(l)
	}
	r := int32(n)
	v, ok := p.taken[r]
	if !ok {
		v = p.newVar()
		p.taken[r] = v
		p.add(v.Not(), p.encoding.rule(r))
	}
	return v ^ (l & 1)
}

// rule checks that a rule keeps all clauses.
func (p *stepper) rule(r int32, inv *system.Invariant) error {
	s := p.q.System
	p.after, p.changes = map[int32]system.Lit{}, map[int32][]system.Effect{}
	suspects := map[int32]bool{}
	var order []int32
	suspect := func(l system.Lit) {
		for _, i := range p.breaks[l] {
			if !suspects[i] {
				suspects[i] = true
				order = append(order, i)
			}
		}
	}
	for _, e := range s.Effects(r) {
		p.changes[e.Fact] = append(p.changes[e.Fact], e)
		l := s.Fact(e.Fact)
		if e.Set {
			l = l.Not()
		}
		suspect(l)
	}
	taken := s.Taken(r)
	suspect(taken.Not())
	if len(order) == 0 {
		return nil
	}
	var before []system.Lit
	for _, l := range s.Guard(r) {
		before = append(before, p.lit(l))
	}
	if p.cost != nil {
		before = append(before, p.encoding.rule(r))
	}
	for _, l := range p.q.Assume {
		if x := p.then(l); x != p.lit(l) {
			before = append(before, x)
		}
	}
clauses:
	for _, i := range order {
		assume := before[:len(before):len(before)]
		for _, l := range inv.Clauses[i] {
			switch {
			case l == taken:
				continue clauses
			case l == taken.Not():
				continue
			case int(l.Node()) >= s.Nodes():
				assume = append(assume, p.of(l).Not())
				continue
			}
			x := p.then(l)
			if x == p.lit(system.True) {
				continue clauses
			}
			assume = append(assume, x.Not())
		}
		switch err := p.refuteUnder(assume); {
		case errors.Is(err, errSatisfiable):
			return fmt.Errorf("rule %d leads out of clause %d of the invariant", r, i+1)
		case err != nil:
			return err
		}
	}
	return nil
}

// then returns the literal for what one of the system is after the rule; it is the same literal where the rule changes nothing.
func (p *stepper) then(l system.Lit) system.Lit {
	n := l.Node()
	v, ok := p.after[n]
	if !ok {
		v = p.lit(system.Lit(n) << 1)
		switch kind, ref := p.q.System.Node(n); kind {
		case system.FactNode:
			v = p.changed(ref, v)
		case system.GateNode:
			in, same := p.q.System.Gate(ref), true
			then := make([]system.Lit, len(in))
			for i, x := range in {
				then[i] = p.then(x)
				same = same && then[i] == p.lit(x)
			}
			if !same {
				v = p.and(then)
			}
		}
		p.after[n] = v
	}
	return v ^ (l & 1)
}

// changed returns the literal for a fact after the rule: what makes it true wins.
func (p *stepper) changed(fact int32, now system.Lit) system.Lit {
	keep := []system.Lit{now}
	var not []system.Lit
	for _, e := range p.changes[fact] {
		when := p.lit(e.When)
		if e.Set {
			not = append(not, when.Not())
		} else {
			keep = append(keep, when.Not())
		}
	}
	if len(keep) == 1 && len(not) == 0 {
		return now
	}
	return p.and(append(not, p.and(keep).Not())).Not()
}

// and returns a literal for a conjunction, simplified where a constant is in it.
func (p *stepper) and(in []system.Lit) system.Lit {
	yes := p.lit(system.True)
	var kept []system.Lit
	for _, l := range in {
		switch l {
		case yes.Not():
			return l
		case yes:
			continue
		}
		kept = append(kept, l)
	}
	switch len(kept) {
	case 0:
		return yes
	case 1:
		return kept[0]
	}
	v := p.newVar()
	all := []system.Lit{v}
	for _, l := range kept {
		p.add(v.Not(), l)
		all = append(all, l.Not())
	}
	p.add(all...)
	return v
}
