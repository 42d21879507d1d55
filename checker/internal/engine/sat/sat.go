package sat

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-air/gini"
	"github.com/go-air/gini/inter"
	"github.com/go-air/gini/z"

	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
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
	g       *gini.Gini   // or nil:
	c       *cdcl.Solver // for what has a limit
	control inter.Solve  // of g
	vars    int
	dead    bool // unconditionally unsatisfiable
	ended   bool // interrupted, or broken: it answers nothing any more
	model   []bool
	core    []Lit
	buf     []z.Lit
}

// New returns a solver with room for about that many variables.
func New(vars int) *Solver {
	g := gini.NewV(vars + 8)
	control := g.GoSolve() // the one way to come by it; there is nothing to solve yet
	control.Wait()
	return &Solver{g: g, control: control}
}

// NewLimited returns a solver that gives up after that many conflicts, or about that many propagated literals, in all.
func NewLimited(conflicts, propagated int64) *Solver {
	s := &Solver{c: cdcl.New()}
	s.c.Limit, s.c.MaxPropagated = conflicts, propagated
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

// Solve looks for a model in which the assumptions hold. The error is an internal one of the solver. After an error, or a context that ended
// while it searched, a solver without a limit answers nothing any more but Unknown.
func (s *Solver) Solve(ctx context.Context, assumptions []Lit) (status Status, err error) {
	s.core = s.core[:0]
	if s.ended || ctx.Err() != nil {
		return Unknown, nil
	}
	if s.dead {
		return Unsat, nil
	}
	if s.c != nil {
		return s.solveLimited(ctx, assumptions), nil
	}
	defer func() {
		if p := recover(); p != nil {
			s.ended = true
			status, err = Unknown, panicked(p)
		}
	}()
	for _, l := range assumptions {
		s.g.Assume(z.Lit(l))
	}
	if status, err = s.run(ctx); err != nil {
		return Unknown, err
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

// run solves in a goroutine of this package, which makes a panic of gini's an error: in the one that gini's GoSolve starts, nothing could keep it from
// ending the process.
func (s *Solver) run(ctx context.Context) (Status, error) {
	if ctx.Done() == nil {
		return Status(s.g.Solve()), nil
	}
	type answer struct {
		status Status
		err    error
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if p := recover(); p != nil {
				a.err = panicked(p)
			}
			done <- a
		}()
		a.status = Status(s.g.Solve())
	}()
	select {
	case a := <-done:
		s.ended = a.err != nil
		return a.status, a.err
	case <-ctx.Done():
	}
	s.ended = true
	stopped := make(chan struct{})
	go func() {
		s.control.Stop() // the search looks for that now and then
		close(stopped)
	}()
	a := <-done
	if a.err == nil && a.status != Unsat {
		// Stop waits for the result of a search that gini started itself: it gets one of a contradiction. What was found contradictory in this very
		// moment must not be searched again (see the limitations): then Stop waits for good.
		l := s.g.Lit()
		for _, l := range []z.Lit{l, z.LitNull, l.Not(), z.LitNull} {
			s.g.Add(l)
		}
		s.g.GoSolve()
		<-stopped
	}
	return Unknown, a.err
}

func panicked(p any) error { return fmt.Errorf("vauban: internal error: gini: %v", p) }

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
