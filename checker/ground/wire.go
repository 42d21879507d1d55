package ground

import (
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// wire adds what an attacker does with a message. Reading an unsigned message without secrets gives nothing that any rule asks for, so there is no
// rule for it.
//
// Instances that no step sends or receives are left out: injecting one could only serve to have it seen, and only for a replay of another one that
// differs in what is not signed; those are added here.
func (g *grounder) wire(m *models.Message) {
	s := g.shapeOf(m)
	if m.Over.Flow.Blocked {
		return
	}
	g.completeUnsigned(m, s)
	observes, injects := g.reachable("observes", m.Over), g.reachable("injects", m.Over)
	numbers := slices.Clone(g.state.order[m])
	slices.Sort(numbers)
	for _, n := range numbers {
		if !g.goOn() {
			return
		}
		tuple := s.tuple(n)
		flight := g.flightAt(m, n)
		var learns []system.Effect
		var needs []system.Lit
		for _, v := range tuple {
			if secret(v) {
				f := g.knownFact(v.Member)
				learns = append(learns, system.Effect{When: system.True, Fact: f, Set: true})
				needs = append(needs, g.b.FactLit(f))
			}
		}
		if m.Signed != nil {
			learns = append(learns, system.Effect{When: system.True, Fact: g.seenAt(m, n), Set: true})
		}
		r := processRule{msg: m, shape: s, number: n}
		if observes && len(learns) > 0 {
			r.kind = ByRead
			g.addRule([]system.Lit{g.base("observes", m.Over), g.b.FactLit(flight)}, simplify(learns), r)
		}
		if !injects {
			continue
		}
		r.kind = ByInject
		fly := []system.Effect{{When: system.True, Fact: flight, Set: true}}
		guard := append([]system.Lit{g.base("injects", m.Over)}, needs...)
		if m.Signed == nil {
			g.addRule(guard, fly, r)
			continue
		}
		if g.seeable(m) {
			r.replay = true
			g.addRule(append(slices.Clone(guard), g.b.FactLit(g.seenAt(m, n))), fly, r)
			r.replay = false
		}
		e := &scope{}
		for i, v := range tuple {
			e.push(m.Fields[i], v)
		}
		for k, when := range g.term(m.Signed, e).All() {
			if key := k.Element; key != nil && g.reachable("knows", key) {
				r.key = key
				g.addRule(append(append(slices.Clone(guard), g.base("knows", key)), g.b.Conjuncts(when)...), fly, r)
			}
		}
	}
}

// declaredMessage returns the message of the design that a message is, or is a member's of.
func declaredMessage(m *models.Message) *models.Message {
	if m != nil && m.Like != nil {
		return m.Like
	}
	return m
}

// seeable reports whether a message, or that of another member, could be seen.
func (g *grounder) seeable(m *models.Message) bool {
	for _, p := range g.design.Processes {
		for _, o := range p.Messages {
			if declaredMessage(o) == declaredMessage(m) && g.reachable("observes", o.Over) {
				return true
			}
		}
	}
	return false
}

// completeUnsigned adds the instances that differ from a known one only in fields that are not signed.
func (g *grounder) completeUnsigned(m *models.Message, s shape) {
	for i, free := range m.Unsigned {
		if !free || m.Signed == nil {
			continue
		}
		for _, n := range slices.Clone(g.state.order[m]) {
			if !g.goOn() {
				return
			}
			tuple := s.tuple(n)
			for _, v := range s[i].values {
				tuple[i] = v
				k, _ := s.number(tuple)
				g.flightAt(m, k)
			}
			if len(g.state.order[m]) > MaxProcessRules {
				g.fail(fmt.Errorf("%w: message %q has more than %d instances", ErrTooLarge, m.Name, MaxProcessRules))
				return
			}
		}
	}
}
