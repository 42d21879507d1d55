package sat

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/go-air/gini"
	"github.com/go-air/gini/inter"
	"github.com/go-air/gini/z"

	"github.com/vauban-verifier/vauban/checker/cdcl"
)

// Lit is a literal: a variable, maybe negated. The zero Lit is no literal.
type Lit uint32

// Not returns the complement.
func (l Lit) Not() Lit { return l ^ 1 }

// Status is the answer of a solver.
type Status int

// The answers. Unknown means that the context was cancelled, or that there were too many conflicts.
const (
	Unknown Status = 0
	Sat     Status = 1
	Unsat   Status = -1
)

// Solver is an incremental solver.
type Solver struct {
	g     *gini.Gini   // or nil:
	c     *cdcl.Solver // for what has a limit
	vars  int
	dead  bool // unconditionally unsatisfiable
	model []bool
	core  []Lit
	buf   []z.Lit
}

// New returns a solver with room for about that many variables.
func New(vars int) *Solver { return &Solver{g: gini.NewV(vars + 8)} }

// NewLimited returns a solver that gives up after that many conflicts in all.
func NewLimited(conflicts int64) *Solver {
	s := &Solver{c: cdcl.New()}
	s.c.Limit = conflicts
	s.c.NewVar() // as 0 is no literal
	return s
}

// NewVar returns the positive literal of a new variable.
func (s *Solver) NewVar() Lit {
	s.vars++
	if s.c != nil {
		return Lit(s.c.NewVar())
	}
	return Lit(s.g.Lit())
}

// AddClause adds a disjunction.
func (s *Solver) AddClause(lits ...Lit) {
	if s.c != nil {
		s.c.AddClause(limited(lits)...)
		return
	}
	if s.dead {
		return
	}
	c := slices.Clone(lits)
	slices.Sort(c)
	c = slices.Compact(c)
	for i := 1; i < len(c); i++ {
		if c[i] == c[i-1].Not() {
			return
		}
	}
	if len(c) == 0 {
		s.dead = true
		return
	}
	for _, l := range c {
		s.g.Add(z.Lit(l))
	}
	s.g.Add(z.LitNull)
}

func limited(lits []Lit) []cdcl.Lit {
	out := make([]cdcl.Lit, len(lits))
	for i, l := range lits {
		out[i] = cdcl.Lit(l)
	}
	return out
}

// Solve looks for a model in which the assumptions hold. The error is an internal one of the solver.
func (s *Solver) Solve(ctx context.Context, assumptions []Lit) (status Status, err error) {
	s.core = s.core[:0]
	if s.dead {
		return Unsat, nil
	}
	if ctx.Err() != nil {
		return Unknown, nil
	}
	if s.c != nil {
		return s.solveLimited(ctx, assumptions), nil
	}
	defer func() {
		if r := recover(); r != nil {
			s.dead = true
			status, err = Unknown, fmt.Errorf("vauban: internal error: gini: %v", r)
		}
	}()
	for _, l := range assumptions {
		s.g.Assume(z.Lit(l))
	}
	if ctx.Done() == nil {
		status = Status(s.g.Solve())
	} else {
		status = wait(ctx, s.g.GoSolve())
	}
	switch status {
	case Sat:
		if n := 2*s.vars + 2; cap(s.model) < n {
			s.model = make([]bool, n, 2*n)
		} else {
			s.model = s.model[:n]
		}
		for v := 1; v <= s.vars; v++ {
			yes := s.g.Value(z.Var(v).Pos())
			s.model[2*v], s.model[2*v+1] = yes, !yes
		}
	case Unsat:
		s.buf = s.g.Why(s.buf[:0])
		for _, m := range s.buf {
			s.core = append(s.core, Lit(m))
		}
		slices.Sort(s.core)
		s.core = slices.Compact(s.core)
		s.dead = len(s.core) == 0
	}
	return status, nil
}

func (s *Solver) solveLimited(ctx context.Context, assumptions []Lit) Status {
	s.c.Stop = func() bool { return ctx.Err() != nil }
	switch s.c.Solve(limited(assumptions)) {
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

// wait polls, because gini's own Wait holds the lock that its Stop needs.
func wait(ctx context.Context, c inter.Solve) Status {
	pause := 10 * time.Microsecond
	for {
		if r, done := c.Test(); done {
			return Status(r)
		}
		if ctx.Err() != nil {
			return Status(c.Stop())
		}
		time.Sleep(pause)
		pause = min(2*pause, time.Millisecond)
	}
}

// Value returns the value of a literal in the last model.
func (s *Solver) Value(l Lit) bool {
	if s.c != nil {
		return s.c.Value(cdcl.Lit(l))
	}
	return s.model[l]
}

// Core returns assumptions of the last Solve that are unsatisfiable together with the clauses, ascending. The slice is valid until
// the next Solve; it is empty when the clauses alone are unsatisfiable.
func (s *Solver) Core() []Lit { return s.core }

// Minimise returns a subset of the last core, with at most tries attempts at leaving a literal out.
func (s *Solver) Minimise(ctx context.Context, tries int) ([]Lit, error) {
	core := slices.Clone(s.core)
	for i := len(core) - 1; i >= 0 && tries > 0 && len(core) > 1; i-- {
		tries--
		without := slices.Delete(slices.Clone(core), i, i+1)
		st, err := s.Solve(ctx, without)
		if err != nil {
			return nil, err
		}
		if st == Unsat {
			core = slices.Clone(s.core)
			i = min(i, len(core))
		}
	}
	return core, nil
}
