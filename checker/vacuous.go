package checker

import (
	"strings"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
)

// Vacuity is why a `holds` says nothing about the design: nothing in the model could have made the requirement false, so neither a control nor the
// structure of the design was put to the test. The term is that of model checking (Beer, Ben-David, Eisner & Rodeh, "Efficient detection of vacuity in
// temporal model checking", 2001).
type Vacuity struct {
	Text string // a clause in lower case
	Help string // what to do about it; may be empty
	code diag.Code
}

// Vacuous returns why a requirement that holds says nothing: each of its cases is vacuous, or it has none. It returns nil for any other.
func (q *Requirement) Vacuous() *Vacuity {
	if q.Verdict != Holds {
		return nil
	}
	if len(q.Cases) == 0 {
		return q.empty
	}
	for _, c := range q.Cases {
		if c.Vacuous == nil {
			return nil
		}
	}
	return q.Cases[0].Vacuous
}

// vacuous fills in which of the cases that hold do so vacuously.
func (j *judge) vacuous(r *Result, ever func(system.Lit) bool) {
	for i, q := range r.Requirements {
		if len(j.g.Cases[i]) == 0 {
			q.empty = &Vacuity{Text: "the design has no " + missing(r, q.Source), code: CodeSilent}
		}
		for k, c := range q.Cases {
			if c.Verdict != Holds {
				continue
			}
			c.Vacuous = j.vacuity(q.Source, c, j.g.Cases[i][k], ever)
		}
	}
}

// vacuity says why a case that holds is vacuous; nil where it is not.
func (j *judge) vacuity(q *models.Requirement, c *Case, from *ground.Case, ever func(system.Lit) bool) *Vacuity {
	check := "check that the requirement names what it should"
	switch {
	case c.Proof != nil && c.Proof.Kind == "no-runs":
		return &Vacuity{
			Text: "the assumptions " + strings.Join(c.Proof.Assumptions, ", ") + " rule out the initial state of " + side(c.Attackers),
			Help: "drop one of the assumptions, or change where the attacker starts", code: CodeNoRuns,
		}
	case c.Proof != nil && c.Proof.Kind == "from-start":
		return &Vacuity{Text: "what must come first is true from the start", Help: check, code: CodeSilent}
	case from.Idle != nil:
		return &Vacuity{Text: idle(j.g.Model.Design, from.Idle), Help: check, code: CodeSilent}
	case q.Static:
		return nil
	case from.Possible:
		for _, r := range c.Runs {
			if len(r.Steps) > 0 {
				return nil
			}
		}
		if len(c.Runs) == 0 {
			return nil
		}
		return &Vacuity{Text: "it is true from the start, before any step", Help: check, code: CodeSilent}
	case from.Question.Bad == system.False:
		return &Vacuity{Text: "nothing in the design can be what it forbids", Help: check, code: CodeSilent}
	}
	if facts := j.unmakeable(from); len(facts) > 0 {
		return &Vacuity{
			Text: "no threat or step in use can make " + strings.Join(few(facts), " or ") + " true",
			Help: "use a catalogue with a threat that leads there, or " + check, code: CodeSilent,
		}
	}
	if c.Proof == nil || len(c.Proof.RestsOn) > 0 {
		return nil // a control stands in the way
	}
	if len(c.Domains) > 0 {
		if fact := j.idleFact(q, from, ever); fact != "" {
			return &Vacuity{
				Text: fact + " never happens at all, whoever attacks and whatever fails",
				Help: "add `require ...: possible " + fact + "`, and look which step should lead there", code: CodeVacuous,
			}
		}
	}
	if slice.Bears(from.Question) {
		return nil
	}
	if len(c.Attackers) == 0 {
		return &Vacuity{
			Text: "no attacker is declared, so nobody attacks",
			Help: "declare one, such as `attacker Outsider { in Internet }`", code: CodeVacuous,
		}
	}
	return &Vacuity{
		Text: "nothing that " + side(c.Attackers) + " can do leads towards it, even if every control fails",
		Help: "check where the attacker starts, and whether the design leaves out flows, data or relations: `vauban questions` asks for them", code: CodeVacuous,
	}
}

// idle says what nothing in the design meets.
func idle(d *models.Design, e *models.Expr) string {
	if e.Op == models.OpForall || e.Op == models.OpExists {
		for _, v := range e.Vars {
			if len(d.Literals(v.Type)) == 0 {
				return "the design has no " + v.Type.String()
			}
		}
	}
	return "nothing in the design meets `" + e.String() + "`"
}

// unmakeable returns facts that what a case forbids needs and that nothing in use makes true; none where it could come true as far as this goes.
func (j *judge) unmakeable(from *ground.Case) []string {
	s := j.g.System
	starts := map[int32]bool{}
	for _, f := range from.Question.Start {
		starts[f] = true
	}
	type answer struct{ known, can bool }
	seen := map[system.Lit]answer{}
	var can func(l system.Lit) bool
	can = func(l system.Lit) bool {
		if a := seen[l]; a.known {
			return a.can
		}
		out := true
		switch kind, ref := s.Node(l.Node()); kind {
		case system.ConstNode:
			out = l == system.True
		case system.FactNode:
			out = l.Negated() || j.addable[ref] || starts[ref]
		case system.GateNode:
			out = !l.Negated()
			for _, in := range s.Gate(ref) {
				if l.Negated() {
					out = out || can(in.Not())
				} else {
					out = out && can(in)
				}
			}
		}
		seen[l] = answer{true, out}
		return out
	}
	if can(from.Question.Bad) {
		return nil
	}
	var out []string
	visit(s, from.Question.Bad, map[int32]bool{}, func(f int32) {
		if !j.addable[f] && !starts[f] {
			out = append(out, j.g.FactName(f))
		}
	})
	return out
}

// idleFact returns a fact of a process that what a case forbids needs beside others and that never comes true; "" where there is none.
func (j *judge) idleFact(q *models.Requirement, from *ground.Case, ever func(system.Lit) bool) string {
	parts := j.g.System.Conjuncts(from.Question.Bad)
	if len(parts) < 2 && q.Kind != models.OnlyAfter {
		return "" // that it never happens is what the requirement says
	}
	for _, l := range parts {
		if kind, ref := j.g.System.Node(l.Node()); kind == system.FactNode && !l.Negated() && j.g.Happens(ref) && !ever(l) {
			return j.g.FactName(ref)
		}
	}
	return ""
}

// warnVacuous warns of each requirement that is vacuous, and of each attacker against whom one is, where it is not vacuous against all.
func warnVacuous(r *Result, q *Requirement) {
	if v := q.Vacuous(); v != nil {
		r.Warnings.Warnf(v.code, q.Source.Span, "%q is vacuous: %s", q.Source.Name, v.Text).Helpf("%s", v.Help)
		return
	}
	told := map[string]bool{}
	for _, c := range q.Cases {
		if v := c.Vacuous; v != nil && !told[v.Text] {
			told[v.Text] = true
			r.Warnings.Warnf(v.code, q.Source.Span, "%q is vacuous in one case: %s", q.Source.Name, v.Text).Helpf("%s", v.Help)
		}
	}
}
