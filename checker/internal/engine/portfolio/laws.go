package portfolio

import (
	"context"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/engine/conserve"
	"github.com/vauban-verifier/vauban/checker/internal/reason"
	"github.com/vauban-verifier/vauban/checker/system"
)

// lawful reports whether a search may end by laws: not that of a part, where they would be others for a slice than for the whole.
func (o Options) lawful() bool { return !o.Part && o.Laws != LawsNone }

// laws looks for a proof by conservation laws, as far as that is for this search to do.
func (s *solver) laws(q *system.Question) found {
	if s.opt.Laws == LawsElsewhere {
		return found{why: reason.Laws}
	}
	s.report("laws", 0, 0)
	return found{proof: Conserved(s.ctx, q)}
}

// Conserved returns a proof by conservation laws; nil where there are none, or they do not exclude what is bad.
func Conserved(ctx context.Context, q *system.Question) *system.Certificate {
	proof := &system.Certificate{Invariant: conserve.Laws(ctx, q)}
	if certify.Within(ctx, q, proof, lawConflicts) != nil {
		return nil
	}
	return proof
}
