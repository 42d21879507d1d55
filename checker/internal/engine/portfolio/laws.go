package portfolio

import (
	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/engine/conserve"
	"github.com/vauban-verifier/vauban/checker/system"
)

// laws returns a proof by conservation laws, nil where they do not exclude what is bad.
func (s *solver) laws(q *system.Question) *system.Certificate {
	s.report("laws", 0, 0)
	proof := &system.Certificate{Invariant: conserve.Laws(s.ctx, q)}
	if certify.Within(s.ctx, q, proof, lawConflicts) != nil {
		return nil
	}
	return proof
}
