package explain

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
	Text string    // a clause in lower case
	Help string    // what to do about it; may be empty
	Code diag.Code // of the warning

	Unmet bool // a value of `for` does not meet what the requirement says of others: that is what a premise is for
}

// Silent returns why a requirement says nothing that has no case.
func Silent(d *models.Design, q *models.Requirement) *Vacuity {
	what := "case"
	for _, v := range q.For { // the first sort that has no values
		if len(d.Literals(v.Type)) == 0 {
			what = v.Type.String()
			break
		}
	}
	return &Vacuity{Text: "the design has no " + what, Code: CodeSilent}
}

// Held is a case that holds, with what is known of it.
type Held struct {
	From    *ground.Case
	Proof   *Proof
	Runs    []*Attack               // of possible
	Domains []*models.ProcessDomain // that the verdict is about
}

// Vacuous returns why a case that holds does so vacuously; nil where it does not.
func (m *Model) Vacuous(q *models.Requirement, c Held) *Vacuity {
	from := c.From
	check := "check that the requirement names what it should"
	switch {
	case c.Proof != nil && c.Proof.Kind == NoRuns:
		return &Vacuity{
			Text: "the assumptions " + strings.Join(c.Proof.Assumptions, ", ") + " rule out the initial state of " + side(from.Attackers),
			Help: "drop one of the assumptions, or change where the attacker starts", Code: CodeNoRuns,
		}
	case c.Proof != nil && c.Proof.Kind == FromStart:
		return &Vacuity{Text: "what must come first is true from the start", Help: check, Code: CodeSilent}
	case from.Given != nil:
		return &Vacuity{
			Text: "the design gives " + from.Given.Name + " to whom " + side(from.Attackers) + " is one of",
			Help: "say `controls` in place of `is` where they may pass on what they are given, and `of` behind the class where each has one of their own", Code: CodeVacuous,
		}
	case from.Idle != nil:
		return &Vacuity{Text: idle(m.g.Model.Design, from.Idle), Help: check, Code: CodeSilent}
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
		return &Vacuity{Text: "it is true from the start, before any step", Help: check, Code: CodeSilent}
	case from.Question.Bad == system.False:
		return &Vacuity{Text: "nothing in the design can be what it forbids", Help: check, Code: CodeSilent, Unmet: len(q.For) > 0}
	}
	if facts := m.unmakeable(from); len(facts) > 0 {
		return &Vacuity{
			Text: "no threat or step in use can make " + strings.Join(few(facts), " or ") + " true",
			Help: "use a catalogue with a threat that leads there, or " + check, Code: CodeSilent,
		}
	}
	if c.Proof == nil || len(c.Proof.RestsOn) > 0 {
		return nil // a control stands in the way
	}
	if len(c.Domains) > 0 {
		if fact := m.idleFact(q, from); fact != "" {
			return &Vacuity{
				Text: fact + " never happens at all, whoever attacks and whatever fails",
				Help: "add `require ...: possible " + fact + "`, and look which step should lead there", Code: CodeVacuous,
			}
		}
	}
	if slice.Bears(from.Question) {
		return nil
	}
	if len(from.Attackers) == 0 {
		return &Vacuity{
			Text: "no attacker is declared, so nobody attacks",
			Help: "declare one, such as `attacker Outsider { in Internet }`", Code: CodeVacuous,
		}
	}
	return &Vacuity{
		Text: "nothing that " + side(from.Attackers) + " can do leads towards it, even if every control fails",
		Help: "check where the attacker starts, and whether the design leaves out flows, data or relations: `vauban questions` asks for them", Code: CodeVacuous,
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
func (m *Model) unmakeable(from *ground.Case) []string {
	s := m.g.System
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
			out = l.Negated() || m.addable[ref] || starts[ref]
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
		if !m.addable[f] && !starts[f] {
			out = append(out, m.g.FactName(f))
		}
	})
	return out
}

// idleFact returns a fact of a process that what a case forbids needs beside others and that never comes true; "" where there is none.
func (m *Model) idleFact(q *models.Requirement, from *ground.Case) string {
	parts := m.g.System.Conjuncts(from.Question.Bad)
	if len(parts) < 2 && q.Kind != models.OnlyAfter {
		return "" // that it never happens is what the requirement says
	}
	for _, l := range parts {
		if kind, ref := m.g.System.Node(l.Node()); kind == system.FactNode && !l.Negated() && m.g.Happens(ref) && !m.ever(l) {
			return m.g.FactName(ref)
		}
	}
	return ""
}
