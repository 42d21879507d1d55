package cdcl

import (
	"math"
	"slices"
)

// Lit is a literal: a variable, maybe negated. Variables count from 0.
type Lit uint32

// Not returns the complement.
func (l Lit) Not() Lit { return l ^ 1 }

// Status is the answer of a solver.
type Status int

// The answers. Unknown means that a limit was reached, or that the solver was told to stop.
const (
	Unknown Status = iota
	Sat
	Unsat
)

// Literal values.
const (
	no    int8 = -1
	unset int8 = 0
	yes   int8 = 1
)

// watch is a clause that watches a literal. While the blocker is true, the clause need not be looked at. The top bit of ref tells binary clauses.
type watch struct {
	ref     uint32
	blocker Lit
}

// cause is why a variable has its value: by a clause, or none, and since when.
type cause struct {
	level  int32
	place  int32 // on the trail
	reason uint32
}

const (
	none      = ^uint32(0)
	binary    = uint32(1) << 31
	header    = 2 // words before the literals of a clause: size, then levels of a learnt one
	never     = math.MaxInt32
	pollEvery = 1 << 15 // visits between two looks at Stop and MaxVisits
)

// Solver is an incremental solver. Make one with [New].
type Solver struct {
	// Stop, when it is set, is asked now and then; the solver gives up when it says so.
	Stop func() bool
	// Conflicts counts the conflicts so far, and the solver gives up when there are Limit of them; 0 means no limit.
	Conflicts, Limit int64
	// Visits counts the clauses that were looked at, and the solver gives up when there are about MaxVisits of them; 0 means no limit.
	Visits, MaxVisits int64
	// Learnt, when it is set, is called with each clause learnt: a refutation when there is neither SolveWith nor an assumption.
	Learnt func([]Lit)

	value []int8  // by literal
	cause []cause // by variable
	mark  []uint8 // by variable, unmarked between uses
	phase []uint8 // by variable: sign last assigned
	order queue

	arena   []uint32
	wasted  int
	watches [][]watch // by literal that becomes false
	learnts []uint32
	reduce  int64 // conflicts at which learnt clauses are next cut down

	reductions int64 // how often they were
	assumed    int   // levels of assumptions

	trail []Lit
	head  int
	marks []int32 // trail length by decision level
	dead  bool    // unsatisfiable without assumptions

	model   []int8
	core    []Lit
	act     Lit // guards the clause of SolveWith
	hasAct  bool
	within  bool     // SolveWith
	temp    uint32   // its clause, or none
	passing []uint32 // learnt from it

	fast, slow float64 // moving averages of levels, for restarts
	stack      []Lit
	scratch    []Lit
	learnt     []Lit
	marked     []Lit // variables
	keys       []uint64
	first      []int32 // by level: the first place on the trail that a literal of the learnt clause has, or never
}

// New returns a solver without variables and clauses.
func New() *Solver { return &Solver{temp: none, order: newQueue(), reduce: firstReduce} }

// NewVar returns the positive literal of a new variable.
func (s *Solver) NewVar() Lit {
	v := len(s.cause)
	s.value = append(s.value, unset, unset)
	s.cause = append(s.cause, cause{reason: none})
	s.mark = append(s.mark, unmarked)
	s.phase = append(s.phase, 1)
	s.watches = append(s.watches, nil, nil)
	s.order.add(int32(v))
	return Lit(v) << 1
}

// Vars returns the number of variables.
func (s *Solver) Vars() int { return len(s.cause) }

// AddClause adds a disjunction.
func (s *Solver) AddClause(lits ...Lit) { s.add(lits) }

// add returns the clause that it made, if any.
func (s *Solver) add(lits []Lit) uint32 {
	if s.dead {
		return none
	}
	s.cancel(0)
	s.stack = append(s.stack[:0], lits...)
	slices.Sort(s.stack)
	kept := s.stack[:0]
	for _, l := range s.stack {
		n := len(kept)
		switch {
		case s.value[l] == yes || n > 0 && kept[n-1] == l.Not():
			return none
		case s.value[l] == no || n > 0 && kept[n-1] == l:
			continue
		}
		kept = append(kept, l)
	}
	switch len(kept) {
	case 0:
		s.dead = true
	case 1:
		s.assign(kept[0], none)
		s.dead = s.propagate() != none
	default:
		ref := s.alloc(kept, 0)
		s.attach(ref)
		return ref
	}
	return none
}

func (s *Solver) alloc(lits []Lit, levels uint32) uint32 {
	ref := uint32(len(s.arena))
	if ref >= binary-uint32(len(lits)+header) {
		panic("vauban: internal error: clause memory exhausted")
	}
	s.arena = append(s.arena, uint32(len(lits)), levels)
	for _, l := range lits {
		s.arena = append(s.arena, uint32(l))
	}
	return ref
}

// clause returns the literals of a clause.
func (s *Solver) clause(ref uint32) []uint32 {
	at := ref + header
	return s.arena[at : at+s.arena[ref]]
}

func (s *Solver) attach(ref uint32) {
	c := s.clause(ref)
	tag := ref
	if len(c) == 2 {
		tag |= binary
	}
	s.watches[c[0]] = append(s.watches[c[0]], watch{tag, Lit(c[1])})
	s.watches[c[1]] = append(s.watches[c[1]], watch{tag, Lit(c[0])})
}

func (s *Solver) detach(ref uint32) {
	c := s.clause(ref)
	for _, l := range c[:2] {
		ws := s.watches[l]
		for i := range ws {
			if ws[i].ref&^binary == ref {
				ws[i] = ws[len(ws)-1]
				s.watches[l] = ws[:len(ws)-1]
				break
			}
		}
	}
	s.wasted += len(c) + header
}

func (s *Solver) assign(l Lit, reason uint32) {
	s.value[l], s.value[l^1] = yes, no
	s.cause[l>>1] = cause{int32(len(s.marks)), int32(len(s.trail)), reason}
	s.trail = append(s.trail, l)
}

// propagate assigns what follows and returns a clause that is false, or none. What it looks at all the time is kept in variables of its own: no clause and no variable is made meanwhile.
func (s *Solver) propagate() uint32 {
	value, arena, watches := s.value, s.arena, s.watches
	for s.head < len(s.trail) {
		f := s.trail[s.head] ^ 1
		s.head++
		ws := watches[f]
		s.Visits += int64(len(ws)) + 1
		n := 0
	next:
		for i, w := range ws {
			v := value[w.blocker]
			if v == yes {
				ws[n] = w
				n++
				continue
			}
			if w.ref&binary != 0 {
				ws[n] = w
				n++
				if v == no {
					n += copy(ws[n:], ws[i+1:])
					watches[f] = ws[:n]
					return w.ref &^ binary
				}
				s.assign(w.blocker, w.ref&^binary)
				continue
			}
			at := w.ref + header
			c := arena[at : at+arena[w.ref]]
			first := Lit(c[0])
			if first == f {
				first = Lit(c[1])
				c[0], c[1] = uint32(first), uint32(f)
			}
			v = value[first]
			if v == yes {
				ws[n] = watch{w.ref, first}
				n++
				continue
			}
			for k, x := range c[2:] {
				if l := Lit(x); value[l] != no {
					c[1], c[k+2] = x, uint32(f)
					watches[l] = append(watches[l], watch{w.ref, first})
					continue next
				}
			}
			ws[n] = watch{w.ref, first}
			n++
			if v == no {
				n += copy(ws[n:], ws[i+1:])
				watches[f] = ws[:n]
				return w.ref
			}
			s.assign(first, w.ref)
		}
		watches[f] = ws[:n]
	}
	return none
}

// cancel goes back to a decision level.
func (s *Solver) cancel(level int) {
	if len(s.marks) <= level {
		return
	}
	from := int(s.marks[level])
	for i := len(s.trail) - 1; i >= from; i-- {
		l := s.trail[i]
		s.value[l], s.value[l^1] = unset, unset
		s.phase[l>>1] = uint8(l & 1)
		s.order.free(int32(l >> 1))
	}
	s.trail = s.trail[:from]
	s.head = from
	s.marks = s.marks[:level]
}

// Value reports whether a literal is true in the last model. Variables that were made later are false.
func (s *Solver) Value(l Lit) bool { return int(l) < len(s.model) && s.model[l] == yes }

// Core returns assumptions of the last question that are unsatisfiable together with the clauses. The slice is valid until the next
// question; it is empty when the clauses alone are unsatisfiable.
func (s *Solver) Core() []Lit { return s.core }

// Solve looks for a model in which the assumptions hold.
func (s *Solver) Solve(assumptions []Lit) Status {
	s.core = s.core[:0]
	if s.dead {
		return Unsat
	}
	st := s.search(assumptions)
	if st == Sat {
		s.model = append(s.model[:0], s.value...)
	}
	s.cancel(0)
	if !s.within {
		s.tidy()
	}
	return st
}

// SolveWith looks for a model in which the assumptions and one clause hold, and forgets that clause with what was learnt from it.
func (s *Solver) SolveWith(clause, assumptions []Lit) Status {
	if s.dead {
		return s.Solve(assumptions)
	}
	if !s.hasAct || s.value[s.act] != unset { // learnt to be false for good: the clause contradicted the others
		s.cancel(0)
		s.act, s.hasAct = s.NewVar(), true
	}
	s.scratch = append(append(s.scratch[:0], s.act.Not()), clause...)
	s.temp = s.add(s.scratch)
	s.scratch = append(append(s.scratch[:0], s.act), assumptions...)
	s.within = true
	st := s.Solve(s.scratch)
	s.within = false
	if i := slices.Index(s.core, s.act); i >= 0 {
		s.core = slices.Delete(s.core, i, i+1)
	}
	for _, r := range s.passing {
		s.detach(r)
	}
	s.passing = s.passing[:0]
	if s.temp != none {
		s.detach(s.temp)
	}
	s.temp = none
	s.tidy()
	return st
}
