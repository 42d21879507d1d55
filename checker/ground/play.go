package ground

import (
	"context"

	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Play grounds a design together with a case for a coalition that asks for nothing: it has the coalition's start, the rules that it may use
// and the assumptions, and is there to be stepped through. Errors are those of [Ground].
func Play(ctx context.Context, m *threats.Model, coalition []*models.Attacker) (*Grounding, *Case, error) {
	g, err := newGrounding(ctx, m)
	if err != nil {
		return nil, nil, err
	}
	g.rules()
	for _, r := range m.Design.Requirements {
		g.Cases = append(g.Cases, g.requirement(r))
	}
	p := property{bad: system.False}
	g.assume(&p)
	c := &Case{Question: g.question(coalition, len(g.choices)), Attackers: coalition, Assumed: p.assumed}
	c.Question.Bad, c.Question.Assume = system.False, append(p.assume, p.frozen)
	if err := g.problem(); err != nil {
		return nil, nil, err
	}
	g.seal(append(append([][]*Case(nil), g.Cases...), []*Case{c}))
	return g, c, nil
}
