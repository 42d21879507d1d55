package explain

import (
	"context"
	"slices"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// How much is spent to find out which controls a proof rests on: controls, and clauses, cuts or states that are checked for all of them together.
const (
	maxNeededControls = 16
	maxNeededClauses  = 4000
)

// needed returns the choices that a proof rests on besides those that its cuts name: failures that must not happen, and decisions that an invariant or its states speak of.
// Each control is let go in turn; where the proof stands the check without it, it is not needed. What is too large to try is taken to be needed.
func needed(ctx context.Context, q *system.Question, cert *system.Certificate) []system.Lit {
	var out []system.Lit
	var clauses [][]system.Lit
	size, cuts := 0, cert.Split == nil
	for part := range cert.Leaves {
		if size += len(part.Cuts); part.Invariant != nil {
			clauses = append(clauses, part.Invariant.Clauses...)
			size += len(part.Invariant.Clauses) + len(part.Invariant.Laws)
			cuts = false
		} else if part.States != nil {
			clauses = append(clauses, part.States.Of)
			size += len(part.States.Each)
			cuts = false
		}
	}
	if cuts && q.MaxFailures > 0 {
		return nil // cuts that hold while anything may fail name what must not
	}
	for _, clause := range clauses {
		for _, l := range clause {
			if int(l.Node()) < q.System.Nodes() {
				if kind, ref := q.System.Node(l.Node()); kind == system.ChoiceNode && q.System.ChoiceKind(ref) == system.Decision {
					out = append(out, l)
				}
			}
		}
	}
	all := *q
	all.MaxFailures = q.System.Choices()
	var kept []system.Lit
	for _, l := range slice.Of(&all).Choices {
		if _, ref := q.System.Node(l.Node()); q.System.ChoiceKind(ref) == system.Failure {
			kept = append(kept, l)
		}
	}
	slices.Sort(kept)
	if q.MaxFailures > 0 || len(kept) > maxNeededControls || len(kept)*size > maxNeededClauses {
		return append(out, kept...)
	}
	for i := len(kept) - 1; i >= 0; i-- {
		less := slices.Delete(slices.Clone(kept), i, i+1)
		try := all
		try.Fixed = slices.Clone(q.Fixed)
		for _, l := range less {
			try.Fixed = append(try.Fixed, l.Not())
		}
		if certify.Certificate(ctx, &try, cert) == nil {
			kept = less
		}
	}
	return append(out, kept...)
}

// runsRestOn returns the controls without which a run of `possible` does not go through.
func runsRestOn(g *ground.Grounding, from *ground.Case, runs []judge.Reaching) []Choice {
	q := *from.Question
	q.MaxFailures = q.System.Choices()
	var out []Choice
	for _, l := range slice.Of(&q).Choices {
		_, ref := q.System.Node(l.Node())
		without := l
		if q.System.ChoiceKind(ref) == system.Decision {
			without = l.Not()
		}
		for _, r := range runs {
			choices := slices.DeleteFunc(slices.Clone(r.Run.Choices), func(o system.Lit) bool { return o.Node() == l.Node() })
			if _, err := system.Replay(&q, &system.Run{Rules: r.Run.Rules, Choices: append(choices, without)}); err != nil {
				c := choice(g, l)
				c.Is = true
				out = append(out, c)
				break
			}
		}
	}
	return uniqueChoices(out)
}
