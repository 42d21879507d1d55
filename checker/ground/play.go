package ground

import (
	"context"
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Play grounds a design together with a case for a coalition that asks for nothing: it has the coalition's start, the rules that it may use
// and the assumptions, and is there to be stepped through. Errors are those of [Ground].
func Play(ctx context.Context, m *threats.Model, coalition []*models.Attacker) (*Grounding, *Case, error) {
	g, err := newGrounder(ctx, m)
	if err != nil {
		return nil, nil, err
	}
	g.rules()
	g.requirements()
	p := property{bad: system.False}
	g.assume(&p)
	c := &Case{Question: g.question(coalition, len(g.choices)), Attackers: coalition, Assumed: p.assumed}
	c.Question.Bad, c.Question.Assume = system.False, append(p.assume, p.frozen)
	out, err := g.finish(append(slices.Clone(g.Cases), []*Case{c})...)
	return out, c, err
}
