package checker

import (
	"strings"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
)

// addable tells which facts some rule can make true.
func addable(s *system.System) []bool {
	out := make([]bool, s.Facts())
	for r := range int32(s.Rules()) {
		for _, e := range s.Effects(r) {
			if e.Set {
				out[e.Fact] = true
			}
		}
	}
	return out
}

// warn reports what makes a `holds` silent, threats of one's own catalogues and steps that never fire, starts that lead nowhere, and waivers that have
// expired or cover nothing.
func warn(r *Result, g *ground.Grounding, ever func(system.Lit) bool) {
	for _, q := range r.Requirements {
		warnVacuous(r, q)
		warnWaiver(r, q)
	}
	warnUnused(r, g)
	if ever != nil {
		warnSteps(r, g, ever)
	}
}

// visit calls f for each fact in the cone of a literal, once.
func visit(s *system.System, l system.Lit, seen map[int32]bool, f func(fact int32)) {
	n := l.Node()
	if seen[n] {
		return
	}
	seen[n] = true
	switch kind, ref := s.Node(n); kind {
	case system.FactNode:
		f(ref)
	case system.GateNode:
		for _, in := range s.Gate(ref) {
			visit(s, in, seen, f)
		}
	}
}

func warnWaiver(r *Result, q *Requirement) {
	if q.Waiver == nil {
		return
	}
	switch {
	case !q.InForce && q.Verdict != Holds:
		r.Warnings.Warnf(CodeWaiverExpired, q.Waiver.Span, "the waiver of %q expired on %s", q.Source.Name, q.Waiver.Until)
	case q.Verdict == Holds:
		r.Warnings.Warnf(CodeWaiverUnmatched, q.Waiver.Span, "the waiver of %q covers nothing: the requirement holds", q.Source.Name).
			Helpf("remove the waiver")
	}
}

// warnUnused warns of attackers whose start leads nowhere and of threats that cannot fire in this design. Threats of built-in catalogues are no
// news: a design is not made of everything.
func warnUnused(r *Result, g *ground.Grounding) {
	used := make([]bool, g.System.Facts())
	mark := func(l system.Lit) {
		visit(g.System, l, map[int32]bool{}, func(fact int32) { used[fact] = true })
	}
	fires := make([]bool, len(r.Model.Catalogue.Threats))
	index := map[any]int{}
	for i, t := range r.Model.Catalogue.Threats {
		index[t] = i
	}
	for rule := range int32(g.System.Rules()) {
		if t := g.Threat(rule); t != nil {
			fires[index[t]] = true
		}
		for _, l := range g.System.Guard(rule) {
			if kind, ref := g.System.Node(l.Node()); kind == system.FactNode {
				used[ref] = true
			} else if kind == system.GateNode {
				mark(l)
			}
		}
	}
	for _, cases := range g.Cases {
		for _, c := range cases {
			mark(c.Question.Bad)
		}
	}
	for _, a := range r.Model.Design.Attackers {
		for _, s := range a.Start {
			if fact, ok := g.Lookup(s.Predicate, s.Args); ok && !used[fact] {
				r.Warnings.Warnf(CodeDeadStart, s.Span, "nothing leads on from %s, where attacker %q starts", g.FactName(fact), a.Name)
			}
		}
	}
	builtin := map[string]bool{}
	for _, in := range r.Model.Catalogue.Inputs {
		builtin[in.Name] = strings.HasPrefix(in.Path, "builtin:")
	}
	for i, t := range r.Model.Catalogue.Threats {
		if !fires[i] && !builtin[t.Catalogue] {
			r.Warnings.Warnf(CodeDeadThreat, t.Span, "threat %q can never fire in this design: nothing in it meets its condition", t.ID)
		}
	}
}

// missing names the first sort of a requirement's variables that has no values.
func missing(r *Result, q *models.Requirement) string {
	for _, v := range q.For {
		if len(r.Model.Design.Literals(v.Type)) == 0 {
			return v.Type.String()
		}
	}
	return "case"
}

// side names a coalition, or the honest system.
func side(attackers []*models.Attacker) string {
	if len(attackers) == 0 {
		return "the honest system"
	}
	return names(attackers)
}

func names(attackers []*models.Attacker) string {
	var out []string
	for _, a := range attackers {
		out = append(out, a.Name)
	}
	return strings.Join(out, " + ")
}

// The codes of warnings about verdicts.
const (
	CodeSilent          diag.Code = "VAU3001"
	CodeNoRuns          diag.Code = "VAU3002"
	CodeDeadStart       diag.Code = "VAU3003"
	CodeDeadThreat      diag.Code = "VAU3004"
	CodeWaiverExpired   diag.Code = "VAU3005"
	CodeWaiverUnmatched diag.Code = "VAU3006"
	CodeDeadStep        diag.Code = "VAU3007"
	CodeVacuous         diag.Code = "VAU3008"
)
