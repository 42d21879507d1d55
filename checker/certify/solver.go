package certify

import (
	"errors"
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
)

// ErrLimit says that a refutation was given up: the certificate may be right or wrong.
var ErrLimit = errors.New("the certificate is too hard to check within the limits")

// maxConflicts bounds a refutation.
const maxConflicts = 200_000

// limit says that true literals may weigh at most that much together.
type limit struct {
	lits    []system.Lit
	weights []int
	of      []int // by literal
	most    int
}

// solver is a conflict-driven clause learner over literals numbered like a system's (variable·2 + sign), with weight limits. Beside
// the weight of what is true it counts what the clauses not hit yet must cost at least, which refutes in one step what resolution
// alone needs exponentially many for.
type solver struct {
	value    []int8 // by literal: 1 true, -1 false
	level    []int32
	reason   []int32 // by variable: clause, or -1
	activity []float64
	bump     float64
	clauses  [][]system.Lit
	watches  [][]int32 // by literal: clauses that watch it
	given    int       // clauses[:given] were not learnt
	trail    []system.Lit
	head     int
	marks    []int // trail length by decision level
	limits   []*limit
	residual []int
}

func (s *solver) newVar() system.Lit {
	s.value = append(s.value, 0, 0)
	s.level = append(s.level, 0)
	s.reason = append(s.reason, -1)
	s.activity = append(s.activity, 0)
	s.watches = append(s.watches, nil, nil)
	return system.Lit(len(s.value) - 2)
}

func (s *solver) add(lits ...system.Lit) {
	c := slices.Clone(lits)
	slices.Sort(c)
	c = slices.Compact(c)
	for i := 1; i < len(c); i++ {
		if c[i] == c[i-1].Not() {
			return
		}
	}
	s.clauses = append(s.clauses, c)
}

func (s *solver) weigh(m *limit, l system.Lit, w int) {
	m.lits = append(m.lits, l)
	m.weights = append(m.weights, w)
}

func (s *solver) attach(i int32) {
	c := s.clauses[i]
	s.watches[c[0]] = append(s.watches[c[0]], i)
	s.watches[c[1]] = append(s.watches[c[1]], i)
}

func (s *solver) assign(l system.Lit, reason int32) {
	s.value[l], s.value[l.Not()] = 1, -1
	s.level[l.Node()], s.reason[l.Node()] = int32(len(s.marks)), reason
	s.trail = append(s.trail, l)
}

// propagate returns a clause that is false, or nil.
func (s *solver) propagate() []system.Lit {
	for {
		for s.head < len(s.trail) {
			if c := s.visit(s.trail[s.head].Not()); c != nil {
				return c
			}
			s.head++
		}
		for _, m := range s.limits {
			if c := s.weight(m); c != nil {
				return c
			}
		}
		if s.head == len(s.trail) {
			return nil
		}
	}
}

// visit goes through the clauses that watch a literal that became false.
func (s *solver) visit(f system.Lit) []system.Lit {
	ws := s.watches[f]
	keep := ws[:0]
	for n, i := range ws {
		c := s.clauses[i]
		if c[0] == f {
			c[0], c[1] = c[1], c[0]
		}
		if s.value[c[0]] == 1 {
			keep = append(keep, i)
			continue
		}
		moved := false
		for k := 2; k < len(c); k++ {
			if s.value[c[k]] != -1 {
				c[1], c[k] = c[k], c[1]
				s.watches[c[1]] = append(s.watches[c[1]], i)
				moved = true
				break
			}
		}
		if moved {
			continue
		}
		keep = append(keep, i)
		if s.value[c[0]] == -1 {
			keep = append(keep, ws[n+1:]...)
			s.watches[f] = keep
			return c
		}
		s.assign(c[0], i)
	}
	s.watches[f] = keep
	return nil
}

// weight returns a clause that a limit makes false, or sets literals that no longer fit.
func (s *solver) weight(m *limit) []system.Lit {
	sum := 0
	var why []system.Lit
	for i, l := range m.lits {
		if s.value[l] == 1 && m.weights[i] > 0 {
			sum += m.weights[i]
			why = append(why, l.Not())
		}
	}
	if sum > m.most {
		return why
	}
	for i, l := range m.lits {
		if s.value[l] == 0 && sum+m.weights[i] > m.most {
			c := append([]system.Lit{l.Not()}, why...)
			s.clauses = append(s.clauses, c)
			if len(c) > 1 { // the reason stays valid as a learnt clause: watch what goes last
				s.watchLatest(c)
				s.attach(int32(len(s.clauses) - 1))
			}
			s.assign(l.Not(), int32(len(s.clauses)-1))
		}
	}
	if s.head < len(s.trail) {
		return nil
	}
	return s.bound(m, sum, why)
}

// bound adds up what hitting each clause that is not hit yet costs at least, never counting a literal's weight twice.
func (s *solver) bound(m *limit, sum int, why []system.Lit) []system.Lit {
	s.residual = append(s.residual[:0], m.of...)
clauses:
	for _, c := range s.clauses[:s.given] {
		least := -1
		for _, l := range c {
			if s.value[l] == 1 {
				continue clauses
			}
			if s.value[l] == 0 && (least < 0 || s.residual[l] < least) {
				if least = s.residual[l]; least == 0 {
					continue clauses
				}
			}
		}
		if least < 0 {
			continue
		}
		for _, l := range c {
			if s.value[l] == 0 {
				s.residual[l] -= least
			} else {
				why = append(why, l)
			}
		}
		if sum += least; sum > m.most {
			slices.Sort(why)
			return slices.Compact(why)
		}
	}
	return nil
}

// watchLatest puts the literal of the highest level second.
func (s *solver) watchLatest(c []system.Lit) {
	for k := 2; k < len(c); k++ {
		if s.level[c[k].Node()] > s.level[c[1].Node()] {
			c[1], c[k] = c[k], c[1]
		}
	}
}

func (s *solver) back(level int) {
	if len(s.marks) <= level {
		return
	}
	for _, l := range s.trail[s.marks[level]:] {
		s.value[l], s.value[l.Not()] = 0, 0
	}
	s.trail = s.trail[:s.marks[level]]
	s.head = len(s.trail)
	s.marks = s.marks[:level]
}

// learn derives the first clause with one literal of the conflict's level, and goes back to where that literal follows. It reports whether the
// conflict depends on any decision.
func (s *solver) learn(conflict []system.Lit) bool {
	top := int32(0)
	for _, l := range conflict {
		top = max(top, s.level[l.Node()])
	}
	if top == 0 {
		return false
	}
	s.back(int(top)) // a limit can be broken by levels below the present one
	seen := make([]bool, len(s.level))
	learnt := []system.Lit{0}
	open := 0
	put := func(l system.Lit) {
		if v := l.Node(); !seen[v] && s.level[v] > 0 {
			seen[v] = true
			s.activity[v] += s.bump
			if s.level[v] == top {
				open++
			} else {
				learnt = append(learnt, l)
			}
		}
	}
	for _, l := range conflict {
		put(l)
	}
	for at := len(s.trail) - 1; ; at-- {
		l := s.trail[at]
		if !seen[l.Node()] {
			continue
		}
		if open--; open == 0 {
			learnt[0] = l.Not()
			break
		}
		for _, in := range s.clauses[s.reason[l.Node()]] {
			if in != l {
				put(in)
			}
		}
	}
	s.bump *= 1.05
	if s.bump > 1e100 {
		for v := range s.activity {
			s.activity[v] *= 1e-100
		}
		s.bump *= 1e-100
	}
	to := 0
	if len(learnt) > 1 {
		s.watchLatest(learnt)
		to = int(s.level[learnt[1].Node()])
	}
	s.back(to)
	s.clauses = append(s.clauses, learnt)
	i := int32(len(s.clauses) - 1)
	if len(learnt) > 1 {
		s.attach(i)
	}
	s.assign(learnt[0], i)
	return true
}

// refute returns nil when the clauses cannot be satisfied within the limits.
func (s *solver) refute() error {
	s.given, s.bump = len(s.clauses), 1
	for _, m := range s.limits {
		if m.most < 0 {
			return nil
		}
		m.of = make([]int, len(s.value))
		for i, l := range m.lits {
			m.of[l] += m.weights[i]
		}
	}
	for i, c := range s.clauses {
		switch {
		case len(c) == 0:
			return nil
		case len(c) > 1:
			s.attach(int32(i))
		case s.value[c[0]] == -1:
			return nil
		case s.value[c[0]] == 0:
			s.assign(c[0], int32(i))
		}
	}
	for conflicts := 0; ; {
		if c := s.propagate(); c != nil {
			if conflicts++; conflicts > maxConflicts {
				return ErrLimit
			}
			if !s.learn(c) {
				return nil
			}
			continue
		}
		best := int32(-1)
		for v := range int32(len(s.level)) {
			if s.value[2*v] == 0 && (best < 0 || s.activity[v] > s.activity[best]) {
				best = v
			}
		}
		if best < 0 {
			return errors.New("the cuts can all be hit within the limits")
		}
		s.marks = append(s.marks, len(s.trail))
		s.assign(system.Lit(best)<<1|1, -1)
	}
}
