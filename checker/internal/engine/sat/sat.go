package sat

import (
	"context"
	"slices"

	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
)

// Solver is a solver of package cdcl that answers until its context ends. In it the literal 0 stands for none.
type Solver struct {
	*cdcl.Solver
	core []cdcl.Lit
}

// New returns a solver that gives up after that many conflicts, or has looked at about that many clauses, in all.
func New(conflicts, visits int64) *Solver {
	s := &Solver{Solver: cdcl.New()}
	s.Limit, s.MaxVisits = conflicts, visits
	s.NewVar() // as 0 is no literal
	return s
}

// Solve looks for a model in which the assumptions hold.
func (s *Solver) Solve(ctx context.Context, assumptions []cdcl.Lit) cdcl.Status {
	s.core = s.core[:0]
	if ctx.Err() != nil {
		return cdcl.Unknown
	}
	s.Stop = func() bool { return ctx.Err() != nil }
	st := s.Solver.Solve(assumptions)
	if st == cdcl.Unsat {
		s.core = append(s.core, s.Solver.Core()...)
		slices.Sort(s.core)
	}
	return st
}

// Core returns assumptions of the last Solve that are unsatisfiable together with the clauses, ascending. The slice is valid until
// the next Solve; it is empty when the clauses alone are unsatisfiable.
func (s *Solver) Core() []cdcl.Lit { return s.core }

// Minimise returns a subset of the last core, with at most tries attempts at leaving a literal out.
func (s *Solver) Minimise(ctx context.Context, tries int) []cdcl.Lit {
	core := slices.Clone(s.core)
	for i := len(core) - 1; i >= 0 && tries > 0 && len(core) > 1; i-- {
		tries--
		without := slices.Delete(slices.Clone(core), i, i+1)
		if s.Solve(ctx, without) == cdcl.Unsat {
			core = slices.Clone(s.core)
			i = min(i, len(core))
		}
	}
	return core
}
