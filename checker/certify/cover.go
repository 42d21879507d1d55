package certify

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
)

// Cover checks that the sets of decisions of a proposal are minimal and all there are, given that its attacks and proofs are right:
// without any of its decisions a set leaves some attack possible, and every consistent set of decisions leaves one possible or
// contains a set of the proposal.
func Cover(ctx context.Context, q *system.Question, p *system.Proposal) error {
	s := q.System
	relies := make([][]system.Lit, len(p.Attacks))
	for i, run := range p.Attacks {
		for _, l := range run.Choices {
			if !choice(s, l) {
				return fmt.Errorf("attack %d names something that is not a choice", i+1)
			}
			if _, c := s.Node(l.Node()); s.ChoiceKind(c) == system.Decision && !slices.Contains(q.Fixed, l) {
				relies[i] = append(relies[i], l)
			}
		}
	}
	for i, set := range p.Sufficient {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := decisions(q, set.Decisions); err != nil {
			return fmt.Errorf("set %d: %w", i+1, err)
		}
		for j := range set.Decisions {
			if !slices.ContainsFunc(relies, func(attack []system.Lit) bool {
				for k, d := range set.Decisions {
					if k != j && slices.Contains(attack, d.Not()) {
						return false
					}
				}
				return true
			}) {
				return fmt.Errorf("set %d may not need all its decisions", i+1)
			}
		}
	}
	// A variable says that a set has a literal.
	x := &solver{ctx: ctx}
	has := map[system.Lit]system.Lit{}
	of := func(l system.Lit) system.Lit {
		if _, ok := has[l]; !ok {
			has[l], has[l.Not()] = x.newVar(), x.newVar()
			x.add(has[l].Not(), has[l.Not()].Not())
		}
		return has[l]
	}
	for _, attack := range relies {
		var clause []system.Lit
		for _, l := range attack {
			clause = append(clause, of(l.Not()))
		}
		x.add(clause...)
	}
	for _, set := range p.Sufficient {
		var clause []system.Lit
		for _, l := range set.Decisions {
			clause = append(clause, of(l).Not())
		}
		x.add(clause...)
	}
	if err := x.refute(); errors.Is(err, errSatisfiable) {
		return errors.New("the attacks and the sets of decisions leave something out")
	} else {
		return err
	}
}

// decisions checks that literals are decisions that can be taken together.
func decisions(q *system.Question, set []system.Lit) error {
	for _, l := range set {
		if !choice(q.System, l) {
			return errors.New("it names something that is not a decision")
		}
		_, c := q.System.Node(l.Node())
		if q.System.ChoiceKind(c) != system.Decision || slices.Contains(set, l.Not()) || slices.Contains(q.Fixed, l.Not()) {
			return errors.New("it is not a set of decisions")
		}
	}
	return nil
}
