package judge

import (
	"context"
	"testing"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/system"
)

// TestTooHardToCheck has a check give up on every proof: an attack stays, without its bound, a proof leaves the case open, and what is wrong besides is refused.
func TestTooHardToCheck(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	f := b.Fact()
	r := b.Rule(nil, []system.Effect{{When: system.True, Fact: f, Set: true}}, 1, nil)
	q := &system.Question{System: b.System(), Bad: b.FactLit(f), Budget: -1}
	proof := &system.Certificate{Cuts: []system.Cut{{Rules: []int32{r}, Weight: 1}}}
	check := func(ctx context.Context, q *system.Question, p *system.Proposal) error {
		if p.Holds != nil || p.Bound != nil || len(p.Sufficient) > 0 {
			return certify.ErrLimit
		}
		return certify.Proposal(ctx, q, p)
	}
	for _, c := range []struct {
		proposed system.Proposal
		attacks  int
		refused  bool
	}{
		{proposed: system.Proposal{Holds: proof}},
		{proposed: system.Proposal{Attacks: []system.Run{{Rules: []int32{r}}}, AtLeast: 1, Bound: proof, Depth: 1}, attacks: 1},
		{proposed: system.Proposal{Attacks: []system.Run{{Rules: []int32{r}}}, Sufficient: []system.Sufficient{{Proof: *proof}}}, attacks: 1},
		{proposed: system.Proposal{Attacks: []system.Run{{}}, AtLeast: 1, Bound: proof}, refused: true},
	} {
		got, err := answer(t.Context(), q, func(context.Context, *system.Question) (system.Proposal, error) { return c.proposed, nil }, check)
		if c.refused != (err != nil) {
			t.Errorf("%+v: %v", c.proposed, err)
		}
		if err == nil && (got.Holds != nil || got.Bound != nil || got.AtLeast != 0 || len(got.Sufficient) != 0 || len(got.Attacks) != c.attacks || got.Incomplete != certify.ErrLimit.Error()) {
			t.Errorf("%+v: %+v", c.proposed, got)
		}
	}
}
