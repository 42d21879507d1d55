package sat

import (
	"context"
	"slices"

	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
)

// Lit is a literal: a variable, maybe negated. The zero Lit is no literal.
type Lit uint32

// Not returns the complement.
func (l Lit) Not() Lit { return l ^ 1 }

// Status is the answer of a solver.
type Status int

// The answers. Unknown means that the context ended, or that a limit was reached.
const (
	Unknown Status = 0
	Sat     Status = 1
	Unsat   Status = -1
)

// Solver is an incremental solver.
type Solver struct {
	c    *cdcl.Solver
	core []Lit
	buf  []cdcl.Lit
}

// New returns a solver that gives up after that many conflicts, or has looked at about that many clauses, in all.
func New(conflicts, visits int64) *Solver {
	s := &Solver{c: cdcl.New()}
	s.c.Limit, s.c.MaxVisits = conflicts, visits
	s.c.NewVar() // as 0 is no literal
	return s
}

// NewVar returns the positive literal of a new variable.
func (s *Solver) NewVar() Lit { return Lit(s.c.NewVar()) }

// AddClause adds a disjunction.
func (s *Solver) AddClause(lits ...Lit) { s.c.AddClause(s.lits(lits)...) }

// lits returns literals as those of cdcl, until it is called again.
func (s *Solver) lits(lits []Lit) []cdcl.Lit {
	s.buf = s.buf[:0]
	for _, l := range lits {
		s.buf = append(s.buf, cdcl.Lit(l))
	}
	return s.buf
}

// Solve looks for a model in which the assumptions hold.
func (s *Solver) Solve(ctx context.Context, assumptions []Lit) Status {
	s.core = s.core[:0]
	if ctx.Err() != nil {
		return Unknown
	}
	s.c.Stop = func() bool { return ctx.Err() != nil }
	switch s.c.Solve(s.lits(assumptions)) {
	case cdcl.Sat:
		return Sat
	case cdcl.Unsat:
		for _, l := range s.c.Core() {
			s.core = append(s.core, Lit(l))
		}
		slices.Sort(s.core)
		return Unsat
	}
	return Unknown
}

// Value returns the value of a literal in the last model.
func (s *Solver) Value(l Lit) bool { return s.c.Value(cdcl.Lit(l)) }

// Core returns assumptions of the last Solve that are unsatisfiable together with the clauses, ascending. The slice is valid until
// the next Solve; it is empty when the clauses alone are unsatisfiable.
func (s *Solver) Core() []Lit { return s.core }

// Minimise returns a subset of the last core, with at most tries attempts at leaving a literal out.
func (s *Solver) Minimise(ctx context.Context, tries int) []Lit {
	core := slices.Clone(s.core)
	for i := len(core) - 1; i >= 0 && tries > 0 && len(core) > 1; i-- {
		tries--
		without := slices.Delete(slices.Clone(core), i, i+1)
		if s.Solve(ctx, without) == Unsat {
			core = slices.Clone(s.core)
			i = min(i, len(core))
		}
	}
	return core
}
