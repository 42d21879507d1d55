package checker

import (
	"cmp"
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
)

// translator replaces the numbers in a proposal by others; bad says that one has none.
type translator struct {
	rule   func(int32) (int32, bool)
	fact   func(int32) (int32, bool)
	choice func(system.Lit) (system.Lit, bool)
	any    func(system.Lit) (system.Lit, bool) // facts, choices, and that a rule was taken
	bad    bool
}

// inward writes a proposal over a question in the numbers of its slice; false where it speaks of what is not in the slice.
func (a *asked) inward(p system.Proposal) (system.Proposal, bool) {
	s, original, own := a.slice, a.of.System, a.slice.Question.System
	rules, facts := make(map[int32]int32, len(s.Rules)), make(map[int32]int32, len(s.Facts))
	all := make(map[system.Lit]system.Lit, len(s.Rules)+len(s.Facts)+len(s.Choices))
	for i, r := range s.Rules {
		rules[r] = int32(i)
		all[original.Taken(r)] = own.Taken(int32(i))
	}
	for i, f := range s.Facts {
		facts[f], all[original.Fact(f)] = int32(i), own.Fact(int32(i))
	}
	for i, l := range s.Choices {
		all[l] = own.Choice(int32(i))
	}
	lit := func(l system.Lit) (system.Lit, bool) {
		to, ok := all[l&^1]
		return to ^ (l & 1), ok
	}
	t := &translator{
		rule:   func(r int32) (int32, bool) { i, ok := rules[r]; return i, ok },
		fact:   func(f int32) (int32, bool) { i, ok := facts[f]; return i, ok },
		choice: lit, any: lit,
	}
	out := t.proposal(p)
	return out, !t.bad
}

// outward writes a proposal in the numbers of a slice over the question that the slice is of; false where the slice has no such numbers.
func (a *asked) outward(p system.Proposal) (system.Proposal, bool) {
	s, own := a.slice, a.slice.Question.System
	of := func(l system.Lit, kinds ...system.NodeKind) (system.Lit, bool) {
		if n := int(l.Node()); n >= own.Nodes() {
			return 0, false
		}
		if kind, _ := own.Node(l.Node()); !slices.Contains(kinds, kind) {
			return 0, false
		}
		return s.Source(a.of.System, l), true
	}
	t := &translator{
		choice: func(l system.Lit) (system.Lit, bool) { return of(l, system.ChoiceNode) },
		rule: func(r int32) (int32, bool) {
			if r < 0 || int(r) >= len(s.Rules) {
				return 0, false
			}
			return s.Rules[r], true
		},
		fact: func(f int32) (int32, bool) {
			if f < 0 || int(f) >= len(s.Facts) {
				return 0, false
			}
			return s.Facts[f], true
		},
		any: func(l system.Lit) (system.Lit, bool) {
			if n := int(l.Node()) - own.Nodes(); n >= 0 {
				if n >= own.Rules() {
					return 0, false
				}
				return s.Source(a.of.System, l), true
			}
			return of(l, system.FactNode, system.ChoiceNode)
		},
	}
	out := t.proposal(p)
	return out, !t.bad
}

func (t *translator) proposal(p system.Proposal) system.Proposal {
	out := system.Proposal{Holds: t.certificate(p.Holds), AtLeast: p.AtLeast, Bound: t.certificate(p.Bound), Incomplete: p.Incomplete, Depth: p.Depth}
	for _, a := range p.Attacks {
		out.Attacks = append(out.Attacks, system.Run{Choices: each(t, t.choice, a.Choices), Rules: each(t, t.rule, a.Rules)})
	}
	for i := range p.Sufficient {
		decisions := each(t, t.choice, p.Sufficient[i].Decisions)
		slices.Sort(decisions)
		out.Sufficient = append(out.Sufficient, system.Sufficient{Decisions: decisions, Proof: *t.certificate(&p.Sufficient[i].Proof)})
	}
	slices.SortStableFunc(out.Sufficient, func(a, b system.Sufficient) int {
		return cmp.Or(cmp.Compare(len(a.Decisions), len(b.Decisions)), slices.Compare(a.Decisions, b.Decisions))
	})
	return out
}

func (t *translator) certificate(c *system.Certificate) *system.Certificate {
	if c == nil {
		return nil
	}
	out := &system.Certificate{}
	if x := c.Split; x != nil {
		out.Split = &system.Split{Choice: each(t, t.choice, []system.Lit{x.Choice})[0], Given: *t.certificate(&x.Given), Not: *t.certificate(&x.Not)}
	}
	if c.States != nil {
		out.States = t.states(c.States)
	}
	for _, cut := range c.Cuts {
		choices := each(t, t.choice, cut.Choices)
		slices.Sort(choices)
		out.Cuts = append(out.Cuts, system.Cut{Choices: choices, Rules: each(t, t.rule, cut.Rules), Weight: cut.Weight})
	}
	for _, x := range c.Cases {
		to := system.Case{Weights: x.Weights}
		if x.Split != 0 {
			to.Split = each(t, t.any, []system.Lit{x.Split})[0]
		}
		out.Cases = append(out.Cases, to)
	}
	if c.Invariant != nil {
		out.Invariant = &system.Invariant{}
		for _, clause := range c.Invariant.Clauses {
			out.Invariant.Clauses = append(out.Invariant.Clauses, each(t, t.any, clause))
		}
		for _, law := range c.Invariant.Laws {
			to := system.Law{Total: law.Total}
			for _, m := range law.Of {
				to.Of = append(to.Of, system.Mass{Fact: each(t, t.fact, []int32{m.Fact})[0], Weight: m.Weight})
			}
			slices.SortFunc(to.Of, func(a, b system.Mass) int { return cmp.Compare(a.Fact, b.Fact) })
			out.Invariant.Laws = append(out.Invariant.Laws, to)
		}
	}
	return out
}

// states tells the same states apart, in the order of the other numbers.
func (t *translator) states(from *system.States) *system.States {
	of := each(t, t.any, from.Of)
	order := make([]int, len(of))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(of[a], of[b]) })
	out := &system.States{Of: make([]system.Lit, len(of)), Each: make([]string, len(from.Each))}
	for to, i := range order {
		out.Of[to] = of[i]
	}
	for n, state := range from.Each {
		if len(state) != (len(of)+7)/8 {
			t.bad = true
			return out
		}
		moved := make([]byte, len(state))
		for to, i := range order {
			moved[to/8] |= state[i/8] >> (i % 8) & 1 << (to % 8)
		}
		out.Each[n] = string(moved)
	}
	slices.Sort(out.Each)
	return out
}

func each[T any](t *translator, of func(T) (T, bool), list []T) []T {
	if list == nil {
		return nil
	}
	out := make([]T, len(list))
	for i, x := range list {
		var ok bool
		if out[i], ok = of(x); !ok {
			t.bad = true
		}
	}
	return out
}
