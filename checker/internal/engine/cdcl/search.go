package cdcl

import (
	"cmp"
	"slices"
)

// Restarts and deletion of learnt clauses.
const (
	firstReduce   = 2000
	reduceGrowth  = 300
	keepLevels    = 2 // learnt clauses over so few levels stay
	restartFactor = 1.2
	restartAfter  = 50 // conflicts
	fastAverage   = 1.0 / 32
	slowAverage   = 1.0 / 4096
)

// Marks of variables while a clause or a core is made.
const (
	unmarked uint8 = iota
	inside         // a literal of it, or false whenever those are
	outside        // not to be derived from it
)

// maxVarBits are those of the number of a variable.
const maxVarBits = 30

// maxDepth bounds how far back a literal's reasons are looked at.
const maxDepth = 1000

// search is the loop of propagation, learning and decisions.
func (s *Solver) search(assumptions []Lit) Status {
	s.assumed = len(assumptions)
	since, poll := int64(0), s.Visits
	for {
		if s.Limit > 0 && s.Conflicts >= s.Limit {
			return Unknown
		}
		if conflict := s.propagate(); conflict != none {
			s.Conflicts++
			since++
			if len(s.marks) == 0 {
				s.dead = true
				return Unsat
			}
			s.learn(conflict)
			continue
		}
		if s.Visits >= poll {
			poll = s.Visits + pollEvery
			if s.MaxVisits > 0 && s.Visits >= s.MaxVisits || s.Stop != nil && s.Stop() {
				return Unknown
			}
		}
		if since >= restartAfter && s.fast > restartFactor*s.slow && len(s.marks) > len(assumptions) {
			since = 0
			s.cancel(len(assumptions))
		}
		if s.Conflicts >= s.reduce {
			s.cancel(0)
			s.forget()
			s.reductions++
			s.reduce = s.Conflicts + firstReduce + reduceGrowth*s.reductions
			continue
		}
		next := Lit(none)
		for len(s.marks) < len(assumptions) {
			a := assumptions[len(s.marks)]
			if s.value[a] == no {
				s.explain(a)
				return Unsat
			}
			s.marks = append(s.marks, int32(len(s.trail)))
			if s.value[a] == unset {
				next = a
				break
			}
		}
		if next == Lit(none) {
			v := s.order.pick(s.value)
			if v < 0 {
				return Sat
			}
			next = Lit(v)<<1 | Lit(s.phase[v])
			s.marks = append(s.marks, int32(len(s.trail)))
		}
		s.assign(next, none)
	}
}

// explain sets the core: the assumptions from which the complement of a follows, and a.
func (s *Solver) explain(a Lit) {
	s.core = append(s.core[:0], a)
	v := a >> 1
	if s.cause[v].level == 0 {
		return
	}
	s.mark[v] = inside
	for i := len(s.trail) - 1; i >= int(s.marks[0]); i-- {
		l := s.trail[i]
		v := l >> 1
		if s.mark[v] == unmarked {
			continue
		}
		s.mark[v] = unmarked
		if r := s.cause[v].reason; r == none {
			s.core = append(s.core, l)
		} else {
			for _, in := range s.clause(r) {
				if u := Lit(in) >> 1; u != v && s.cause[u].level > 0 {
					s.mark[u] = inside
				}
			}
		}
	}
}

// learn derives the first clause with one literal of the conflict's level, and goes back to where that literal follows from it.
func (s *Solver) learn(conflict uint32) {
	learnt := append(s.learnt[:0], 0)
	open, top := 0, int32(len(s.marks))
	at := len(s.trail) - 1
	skip := Lit(none)
	for ref := conflict; ; {
		for _, in := range s.clause(ref) {
			l := Lit(in)
			v := l >> 1
			if l == skip || s.mark[v] != unmarked || s.cause[v].level == 0 {
				continue
			}
			s.mark[v] = inside
			s.marked = append(s.marked, v)
			if s.cause[v].level >= top {
				open++
			} else {
				learnt = append(learnt, l)
			}
		}
		for s.mark[s.trail[at]>>1] == unmarked {
			at--
		}
		skip = s.trail[at]
		at--
		open--
		if open == 0 {
			break
		}
		ref = s.cause[skip>>1].reason
	}
	learnt[0] = skip.Not()
	s.raise()
	levels := uint32(0)
	for len(s.first) <= len(s.marks) {
		s.first = append(s.first, never)
	}
	for _, l := range learnt {
		c := s.cause[l>>1]
		if s.first[c.level] == never && int(c.level) > s.assumed {
			levels++
		}
		s.first[c.level] = min(s.first[c.level], c.place)
	}
	// A literal that follows from others of the clause is redundant. The first of each level never does, so that levels stay.
	kept := learnt[:1]
	for _, l := range learnt[1:] {
		if !s.redundant(l, 0) {
			kept = append(kept, l)
		}
	}
	learnt = kept
	for _, l := range learnt {
		s.first[s.cause[l>>1].level] = never
	}
	for _, v := range s.marked {
		s.mark[v] = unmarked
	}
	s.marked = s.marked[:0]
	back, passing := 0, false
	for i, l := range learnt {
		if lv := int(s.cause[l>>1].level); i > 0 && lv > back {
			back = lv
			learnt[1], learnt[i] = learnt[i], learnt[1]
		}
		passing = passing || s.within && l == s.act.Not()
	}
	s.learnt = learnt
	if s.Learnt != nil {
		s.Learnt(learnt)
	}
	if s.slow == 0 {
		s.fast, s.slow = float64(levels), float64(levels)
	}
	s.fast += (float64(levels) - s.fast) * fastAverage
	s.slow += (float64(levels) - s.slow) * slowAverage
	s.cancel(back)
	if len(learnt) == 1 {
		s.assign(learnt[0], none)
		return
	}
	ref := s.alloc(learnt, levels)
	s.attach(ref)
	if passing {
		s.passing = append(s.passing, ref)
	} else {
		s.learnts = append(s.learnts, ref)
	}
	s.assign(learnt[0], ref)
}

// raise moves the variables that took part to the front, as they are ordered now, so that they stay so. Numbers are sorted far faster than by a function.
func (s *Solver) raise() {
	s.keys = s.keys[:0]
	for _, v := range s.marked {
		s.keys = append(s.keys, uint64(s.order.links[v].stamp-s.order.low)<<maxVarBits|uint64(v))
	}
	slices.Sort(s.keys)
	for _, k := range s.keys {
		s.order.raise(int32(k & (1<<maxVarBits - 1)))
	}
}

// redundant reports whether a false literal follows from others of the learnt clause. What it finds out about a variable stays marked until the
// clause is done, so that none is looked at twice.
func (s *Solver) redundant(l Lit, depth int) bool {
	v := l >> 1
	c := s.cause[v]
	if depth > 0 && (c.level == 0 || s.mark[v] == inside) {
		return true
	}
	// What is as early as the first literal of the clause in its level, or in a level that the clause has nothing of, depends on the level's decision.
	if c.place <= s.first[c.level] || s.mark[v] == outside || depth == maxDepth {
		return false
	}
	m := inside
	for _, in := range s.clause(c.reason) {
		if u := Lit(in); u>>1 != v && !s.redundant(u, depth+1) {
			m = outside
			break
		}
	}
	if depth > 0 {
		s.mark[v] = m
		s.marked = append(s.marked, v)
	}
	return m == inside
}

// forget drops half of the learnt clauses, those over the most levels. It is called at level 0.
func (s *Solver) forget() {
	s.unlock()
	slices.SortStableFunc(s.learnts, func(a, b uint32) int { return cmp.Compare(s.arena[a+1], s.arena[b+1]) })
	kept := s.learnts[:0]
	for i, ref := range s.learnts {
		if i < len(s.learnts)/2 || s.arena[ref+1] <= keepLevels || s.arena[ref] == 2 {
			kept = append(kept, ref)
		} else {
			s.detach(ref)
		}
	}
	s.learnts = kept
	s.tidy()
}

// unlock forgets the reasons of what is true for good, as their clauses may go.
func (s *Solver) unlock() {
	for _, l := range s.trail {
		s.cause[l>>1].reason = none
	}
}

// tidy moves clauses together when much memory is wasted. It is called at level 0.
func (s *Solver) tidy() {
	if s.wasted < 1<<14 || 2*s.wasted < len(s.arena) {
		return
	}
	s.unlock()
	old := s.arena
	s.arena = make([]uint32, 0, len(old)-s.wasted)
	s.wasted = 0
	const moved = ^uint32(0)
	move := func(ref uint32) uint32 {
		if old[ref] == moved {
			return old[ref+1]
		}
		to := uint32(len(s.arena))
		s.arena = append(s.arena, old[ref:ref+header+old[ref]]...)
		old[ref], old[ref+1] = moved, to
		return to
	}
	for _, ws := range s.watches {
		for i, w := range ws {
			ws[i].ref = move(w.ref&^binary) | w.ref&binary
		}
	}
	for i, ref := range s.learnts {
		s.learnts[i] = move(ref)
	}
	for i, ref := range s.passing {
		s.passing[i] = move(ref)
	}
	if s.temp != none {
		s.temp = move(s.temp)
	}
}
