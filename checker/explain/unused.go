package explain

import (
	"strings"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
)

// Model is a grounding with what its explanations need of all of it.
type Model struct {
	g       *ground.Grounding
	addable []bool                // by fact: some rule can make it true
	ever    func(system.Lit) bool // what can be true, whoever attacks and whatever fails; nil without processes
}

// New looks through a grounding.
func New(g *ground.Grounding) *Model {
	m := &Model{g: g, addable: make([]bool, g.System.Facts())}
	for r := range int32(g.System.Rules()) {
		for _, e := range g.System.Effects(r) {
			if e.Set {
				m.addable[e.Fact] = true
			}
		}
	}
	if len(g.Model.Design.Processes) > 0 {
		m.ever = slice.Possible(liberal(g))
	}
	return m
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

// WarnUnused warns of attackers whose start leads nowhere, of threats that cannot fire in this design, and of steps that can never be taken. Threats of built-in
// catalogues are no news: a design is not made of everything.
func (m *Model) WarnUnused(to *diag.List) {
	g := m.g
	used := make([]bool, g.System.Facts())
	mark := func(l system.Lit) {
		visit(g.System, l, map[int32]bool{}, func(fact int32) { used[fact] = true })
	}
	for rule := range int32(g.System.Rules()) {
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
	for _, a := range g.Model.Design.Attackers {
		for _, s := range a.Start {
			if fact, ok := g.Lookup(s.Predicate, s.Args); ok && !used[fact] {
				to.Warnf(CodeDeadStart, s.Span, "nothing leads on from %s, where attacker %q starts: check the attacker, and whether flows are missing there", g.FactName(fact), a.Name)
			}
		}
	}
	builtin := map[string]bool{}
	for _, in := range g.Model.Catalogue.Inputs {
		builtin[in.Name] = strings.HasPrefix(in.Path, "builtin:")
	}
	for i, t := range g.Model.Catalogue.Threats {
		if g.Instances(i) == 0 && !builtin[t.Catalogue] {
			to.Warnf(CodeDeadThreat, t.Span, "threat %q can never fire in this design: no element meets its condition; check its `for` and `when`", t.ID)
		}
	}
	if m.ever != nil {
		m.warnSteps(to)
	}
}

// side names a coalition, or the honest system.
func side(attackers []*models.Attacker) string {
	if len(attackers) == 0 {
		return "the honest system"
	}
	return Names(attackers)
}

// Names joins the names of a coalition.
func Names(attackers []*models.Attacker) string {
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
