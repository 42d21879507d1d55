package checker

import (
	"context"
	"slices"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// How much is spent to find out which controls a proof rests on: controls, and clauses or cuts that are checked for all of them together.
const (
	maxNeededControls = 16
	maxNeededClauses  = 4000
)

// needed returns the choices that a proof rests on besides those that its cuts name: failures that must not happen, and decisions that an invariant speaks of.
// Each control is let go in turn; where the proof stands the check without it, it is not needed. What is too large to try is taken to be needed.
func needed(ctx context.Context, q *system.Question, cert *system.Certificate) []system.Lit {
	var out []system.Lit
	var clauses [][]system.Lit
	if cert.Invariant != nil {
		clauses = cert.Invariant.Clauses
	} else if q.MaxFailures > 0 {
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
	if q.MaxFailures > 0 || len(kept) > maxNeededControls || len(kept)*(len(clauses)+len(cert.Cuts)) > maxNeededClauses {
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

// unneeded returns the controls that no verdict rests on: without them, too, all that holds would hold. It returns nil where nothing holds.
func unneeded(r *Result) []Choice {
	used := map[Choice]bool{}
	proved := false
	for _, q := range r.Requirements {
		for _, c := range q.Cases {
			if c.Proof == nil {
				continue
			}
			proved = proved || c.Verdict == Holds
			for _, list := range [][]Choice{c.Proof.RestsOn, c.Proof.Decisions, c.Proof.Failures} {
				for _, l := range list {
					l.Is = true
					used[l] = true
				}
			}
		}
	}
	if !proved {
		return nil
	}
	var out []Choice
	add := func(c Choice) {
		if !used[c] {
			out = append(out, c)
		}
	}
	for _, e := range r.Model.Design.Elements {
		for _, s := range e.Controls {
			if !s.Given && !s.Open {
				add(Choice{Control: s.Control.Name, On: e.Name, Is: true})
			}
		}
		for _, stored := range e.Stores {
			for _, s := range stored.Controls {
				if !s.Given && !s.Open {
					add(Choice{Control: s.Control.Name, On: e.Name, Data: stored.Data.Name, Is: true})
				}
			}
		}
	}
	return out
}

// runsRestOn returns the controls without which a run of `possible` does not go through.
func (j *judge) runsRestOn(from *ground.Case, runs []system.Run) []Choice {
	q := *from.Question
	q.MaxFailures = q.System.Choices()
	var out []Choice
	for _, l := range slice.Of(&q).Choices {
		_, ref := q.System.Node(l.Node())
		for _, r := range runs {
			try := system.Run{Rules: r.Rules, Choices: append(slices.Clone(r.Choices), l)}
			if q.System.ChoiceKind(ref) == system.Decision {
				try.Choices = append(slices.Clone(r.Choices), l.Not())
			}
			if _, err := system.Replay(&q, &try); err != nil {
				c := j.choice(l)
				c.Is = true
				out = append(out, c)
				break
			}
		}
	}
	return uniqueChoices(out)
}
