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

// search is the loop of propagation, learning and decisions.
func (s *Solver) search(assumptions []Lit) Status {
	since, poll, rounds := int64(0), s.props+pollEvery, int64(0)
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
		if s.props >= poll {
			poll = s.props + pollEvery
			if s.Stop != nil && s.Stop() {
				return Unknown
			}
		}
		if since >= restartAfter && s.fast > restartFactor*s.slow && len(s.marks) > len(assumptions) {
			since = 0
			s.cancel(len(assumptions))
		}
		if s.Conflicts >= s.reduce {
			rounds++
			s.cancel(0)
			s.forget()
			s.reduce = s.Conflicts + firstReduce + reduceGrowth*rounds
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
			v := s.order.pick(s.activity, s.value)
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
	if s.level[v] == 0 {
		return
	}
	s.seen[v] = true
	for i := len(s.trail) - 1; i >= int(s.marks[0]); i-- {
		l := s.trail[i]
		v := l >> 1
		if !s.seen[v] {
			continue
		}
		s.seen[v] = false
		if r := s.reason[v]; r == none {
			s.core = append(s.core, l)
		} else {
			for _, in := range s.clause(r) {
				if u := Lit(in) >> 1; u != v && s.level[u] > 0 {
					s.seen[u] = true
				}
			}
		}
	}
}

// learn derives the first clause with one literal of the conflict's level, and goes back to where that literal follows from it.
func (s *Solver) learn(conflict uint32) {
	learnt := append(s.learnt[:0], 0)
	clear := s.toClear[:0]
	open, top := 0, int32(len(s.marks))
	at := len(s.trail) - 1
	skip := Lit(none)
	for ref := conflict; ; {
		for _, in := range s.clause(ref) {
			l := Lit(in)
			v := l >> 1
			if l == skip || s.seen[v] || s.level[v] == 0 {
				continue
			}
			s.seen[v] = true
			clear = append(clear, l)
			s.bumpVar(int32(v))
			if s.level[v] >= top {
				open++
			} else {
				learnt = append(learnt, l)
			}
		}
		for !s.seen[s.trail[at]>>1] {
			at--
		}
		skip = s.trail[at]
		at--
		open--
		if open == 0 {
			break
		}
		ref = s.reason[skip>>1]
	}
	learnt[0] = skip.Not()
	// A literal that follows from others of the clause is redundant.
	kept := learnt[:1]
	for _, l := range learnt[1:] {
		if s.reason[l>>1] == none || !s.redundant(l, &clear) {
			kept = append(kept, l)
		}
	}
	learnt = kept
	for _, l := range clear {
		s.seen[l>>1] = false
	}
	s.toClear = clear
	s.now++
	levels := uint32(0)
	back, scoped := 0, false
	for i, l := range learnt {
		lv := s.level[l>>1]
		for int(lv) >= len(s.stamp) {
			s.stamp = append(s.stamp, 0)
		}
		if s.stamp[lv] != s.now {
			s.stamp[lv] = s.now
			levels++
		}
		if i > 0 && int(lv) > back {
			back = int(lv)
			learnt[1], learnt[i] = learnt[i], learnt[1]
		}
		scoped = scoped || s.within && l == s.act.Not()
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
	s.bump *= decayVars
	s.cancel(back)
	if len(learnt) == 1 {
		s.assign(learnt[0], none)
		return
	}
	ref := s.alloc(learnt, levels)
	s.attach(ref)
	if scoped {
		s.scoped = append(s.scoped, ref)
	} else {
		s.learnts = append(s.learnts, ref)
	}
	s.assign(learnt[0], ref)
}

// redundant reports whether a literal is false because of literals that are marked, or follow from such.
func (s *Solver) redundant(l Lit, clear *[]Lit) bool {
	mark := len(*clear)
	s.stack = append(s.stack[:0], l)
	for len(s.stack) > 0 {
		v := s.stack[len(s.stack)-1] >> 1
		s.stack = s.stack[:len(s.stack)-1]
		for _, in := range s.clause(s.reason[v]) {
			u := Lit(in) >> 1
			if u == v || s.seen[u] || s.level[u] == 0 {
				continue
			}
			if s.reason[u] == none {
				for _, m := range (*clear)[mark:] {
					s.seen[m>>1] = false
				}
				*clear = (*clear)[:mark]
				return false
			}
			s.seen[u] = true
			*clear = append(*clear, Lit(in))
			s.stack = append(s.stack, Lit(in))
		}
	}
	return true
}

func (s *Solver) bumpVar(v int32) {
	s.activity[v] += s.bump
	if s.activity[v] > 1e100 {
		for i := range s.activity {
			s.activity[i] *= 1e-100
		}
		s.bump *= 1e-100
	}
	s.order.raised(v, s.activity)
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
		s.reason[l>>1] = none
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
	for i, ref := range s.scoped {
		s.scoped[i] = move(ref)
	}
	if s.temp != none {
		s.temp = move(s.temp)
	}
}
