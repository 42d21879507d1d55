package explain

import (
	"context"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// AttackGraph has every way in which one case of a requirement might be broken: an AND/OR graph of facts, each of which some action gives, and of
// actions, each of which needs all of its facts. It is larger than what is possible: it takes the open choices and the failures that are allowed as they suit the
// attacker, each time anew, and counts neither failures nor cost.
type AttackGraph struct {
	Attackers []*models.Attacker
	Bindings  []ground.Binding
	Facts     []string
	Actions   []Action
	Goal      []int // the facts that the requirement speaks of
}

// Action is something that the attacker, or in a process anybody, can do.
type Action struct {
	Kind         ground.Kind
	ID, Says     string
	Cost         int
	Needs, Gives []int    // facts, by index
	Unless       []string // open controls and controls that may fail on which it depends
}

// AttackGraphs returns the graph of each case of a requirement. It is nil where the model has no such requirement. The error is that of [ground.Ground].
func AttackGraphs(ctx context.Context, m *threats.Model, requirement string) ([]*AttackGraph, error) {
	g, err := ground.Ground(ctx, m)
	if err != nil {
		return nil, err
	}
	for i, r := range m.Design.Requirements {
		if r.Name != requirement {
			continue
		}
		out := []*AttackGraph{}
		for _, c := range g.Cases[i] {
			out = append(out, attackGraph(g, c))
		}
		return out, nil
	}
	return nil, nil
}

func attackGraph(g *ground.Grounding, c *ground.Case) *AttackGraph {
	out := &AttackGraph{Attackers: c.Attackers, Bindings: c.Bindings}
	s := slice.Of(c.Question)
	q := s.Question
	// The facts on which a literal depends are the ones that a reader needs, whether they must be true or false.
	facts := func(lits ...system.Lit) []int {
		var list []int
		seen := map[int32]bool{}
		for _, l := range lits {
			visit(q.System, l, seen, func(fact int32) { list = append(list, int(fact)) })
		}
		return list
	}
	for _, f := range s.Facts {
		out.Facts = append(out.Facts, g.FactName(f))
	}
	out.Goal = facts(q.Bad)
	for i, original := range s.Rules {
		rule := g.Rule(original)
		guard := q.System.Guard(int32(i))
		a := Action{Kind: rule.Kind, ID: rule.ID, Says: rule.Says, Cost: int(q.System.Cost(int32(i))), Needs: facts(guard...)}
		for _, e := range q.System.Effects(int32(i)) {
			if e.Set {
				a.Gives = append(a.Gives, int(e.Fact))
			}
		}
		a.Unless = controls(g, s, guard)
		out.Actions = append(out.Actions, a)
	}
	return out
}

// controls names the controls that literals of a slice depend on, each once.
func controls(g *ground.Grounding, s *slice.Slice, lits []system.Lit) []string {
	var out []string
	seen, told := map[int32]bool{}, map[Choice]bool{}
	var walk func(l system.Lit)
	walk = func(l system.Lit) {
		if seen[l.Node()] {
			return
		}
		seen[l.Node()] = true
		switch kind, ref := s.Question.System.Node(l.Node()); kind {
		case system.GateNode:
			for _, in := range s.Question.System.Gate(ref) {
				walk(in)
			}
		case system.ChoiceNode:
			_, choice := g.System.Node(s.Choices[ref].Node())
			of := g.Choice(choice)
			c := Choice{Control: of.Control.Name, On: of.On.Name}
			name := of.Control.Name
			if of.Data != nil {
				c.Data = of.Data.Name
				name += " of " + of.Data.Name
			}
			if !told[c] {
				told[c] = true
				out = append(out, name+" on "+of.On.Name)
			}
		}
	}
	for _, l := range lits {
		walk(l)
	}
	return out
}
