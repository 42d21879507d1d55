package checker

import (
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// warnVacuous warns of each requirement that is vacuous, and of each attacker against whom one is, where it is not vacuous against all.
// A requirement of a pack is made for every design, so what of it is about nothing here is no mistake.
func warnVacuous(r *Result, q *Requirement) {
	if f := q.Source.Span.File; f != nil && source.Embedded(f.Name) {
		return
	}
	if v := q.Vacuous(); v != nil {
		r.Warnings.Warnf(v.Code, q.Source.Span, "%q is vacuous: %s", q.Source.Name, v.Text).Helpf("%s", v.Help)
		return
	}
	told := map[string]bool{}
	for _, c := range q.Cases {
		if v := c.Vacuous; v != nil && !v.Unmet && !told[v.Text] {
			told[v.Text] = true
			r.Warnings.Warnf(v.Code, q.Source.Span, "%q is vacuous in one case: %s", q.Source.Name, v.Text).Helpf("%s", v.Help)
		}
	}
}

// warnWaiver warns of a waiver that has expired or covers nothing.
func warnWaiver(r *Result, q *Requirement) {
	if q.Waiver == nil {
		return
	}
	switch {
	case !q.InForce && q.Verdict != Holds:
		r.Warnings.Warnf(explain.CodeWaiverExpired, q.Waiver.Span, "the waiver of %q expired on %s: renew it with a new date, or remove it", q.Source.Name, q.Waiver.Until)
	case q.Verdict == Holds:
		r.Warnings.Warnf(explain.CodeWaiverUnmatched, q.Waiver.Span, "the waiver of %q covers nothing: the requirement holds", q.Source.Name).
			Helpf("remove the waiver")
	}
}

// unneeded returns the controls that no verdict rests on: without them, too, all that holds would hold. It returns nil where nothing holds.
func unneeded(r *Result) []explain.Choice {
	used := map[explain.Choice]bool{}
	seen := map[*explain.Choice]bool{} // the first of a list, which many proofs may have in common
	proved := false
	for _, q := range r.Requirements {
		for _, c := range q.Cases {
			if c.Proof == nil {
				continue
			}
			proved = proved || c.Verdict == Holds
			for _, list := range [][]explain.Choice{c.Proof.RestsOn, c.Proof.Decisions, c.Proof.Failures} {
				if len(list) == 0 || seen[&list[0]] {
					continue
				}
				seen[&list[0]] = true
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
	var out []explain.Choice
	add := func(c explain.Choice) {
		if !used[c] {
			out = append(out, c)
		}
	}
	for _, e := range r.Model.Design.Elements {
		for _, s := range e.Controls {
			if !s.Given && !s.Open {
				add(explain.Choice{Control: s.Control.Name, On: e.Name, Is: true})
			}
		}
		for _, stored := range e.Stores {
			for _, s := range stored.Controls {
				if !s.Given && !s.Open {
					add(explain.Choice{Control: s.Control.Name, On: e.Name, Data: stored.Data.Name, Is: true})
				}
			}
		}
	}
	return out
}
