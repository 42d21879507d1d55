package explain

import (
	"strings"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
)

// liberal is a question in which everything is allowed: everybody attacks together, at any cost, and any control fails. What
// the relaxation denies even here never happens.
func liberal(g *ground.Grounding) *system.Question {
	q := &system.Question{System: g.System, MaxFailures: g.System.Choices(), Budget: -1}
	in := make([]bool, g.System.Facts())
	for _, cases := range g.Cases {
		for _, c := range cases {
			for _, f := range c.Question.Start {
				in[f] = true
			}
		}
	}
	for f, yes := range in {
		if yes {
			q.Start = append(q.Start, int32(f))
		}
	}
	return q
}

// warnSteps warns of steps that can never be taken, and says what they wait for.
func (m *Model) warnSteps(to *diag.List) {
	g := m.g
	live := map[*models.Step]bool{}
	waits := map[*models.Step][]system.Lit{} // of the instance that is closest to being taken
	for rule := range int32(g.System.Rules()) {
		step, forced := g.Step(rule)
		if step == nil || forced || live[step] {
			continue
		}
		var unmet []system.Lit
		for _, l := range g.System.Guard(rule) {
			if !m.ever(l) {
				unmet = append(unmet, l)
			}
		}
		if len(unmet) == 0 {
			live[step] = true
		} else if old := waits[step]; old == nil || len(unmet) < len(old) {
			waits[step] = unmet
		}
	}
	for _, p := range g.Model.Design.Processes {
		for _, s := range p.Steps {
			if !live[s] {
				to.Warnf(CodeDeadStep, s.Span, "step %q can never be taken: %s; check its `when` and what it receives", s.Name, waitsFor(g, waits[s]))
			}
		}
	}
}

// waitsFor says what never comes true.
func waitsFor(g *ground.Grounding, unmet []system.Lit) string {
	var parts []string
	for _, l := range unmet {
		kind, ref := g.System.Node(l.Node())
		if kind != system.FactNode {
			continue
		}
		switch m := g.InFlight(ref); {
		case m != nil && !l.Negated():
			parts = append(parts, "nobody sends "+m.Name)
		case !l.Negated():
			parts = append(parts, "nothing leads to "+g.Literal(ref, true))
		default:
			parts = append(parts, g.Literal(ref, true)+" is always so")
		}
	}
	if len(parts) == 0 {
		return "its condition is never met"
	}
	return strings.Join(parts, ", ")
}

// few cuts a list of names, each once.
func few(names []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, n := range names {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	if len(out) > 3 {
		out = append(out[:3:3], "…")
	}
	return out
}
