package certify

import (
	"container/heap"
	"context"
	"errors"
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
)

// ErrLimit says that a refutation was given up: the certificate may be right or wrong.
var ErrLimit = errors.New("the certificate is too hard to check within the limits")

// What bounds the check of a certificate: conflicts, and looks at clauses, as a conflict of many long clauses takes longer than another.
const (
	maxConflicts = 200_000
	maxLooks     = 1 << 29
)

// restartAfter is after how many conflicts decisions are taken anew.
const restartAfter = 100

// limit says that true literals may weigh at most that much together.
type limit struct {
	lits     []system.Lit
	weights  []int
	of       []int // by literal, once bounds are used
	most     int
	sum      int // of what is true
	heaviest int
}

// share is what a literal weighs in a limit.
type share struct {
	limit  *limit
	weight int
}

// solver is a conflict-driven clause learner over literals numbered like a system's (variable·2 + sign), with weight limits. It answers by what it has learnt alone, each clause of which follows
// from others; in which order it tries values, and when it takes all decisions back, decides how long that takes and nothing else.
type solver struct {
	ctx      context.Context
	value    []int8 // by literal: 1 true, -1 false
	level    []int32
	reason   []int32   // by variable: clause, or -1
	shares   [][]share // by literal
	seen     []bool    // by variable, false between uses
	clauses  [][]system.Lit
	watches  [][]int32 // by literal: clauses that watch it
	trail    []system.Lit
	head     int
	marks    []int        // trail length by decision level
	assumed  []system.Lit // the first decisions
	limits   []*limit
	order    order
	dead     bool // refuted without assumptions
	conflict int
	looks    int    // at clauses
	phase    []bool // by variable: whether it was true when it last had a value

	given    int // clauses[:given] count for bounds, when refute uses them
	residual []int
}

func (s *solver) newVar() system.Lit {
	s.value = append(s.value, 0, 0)
	s.level = append(s.level, 0)
	s.reason = append(s.reason, -1)
	s.shares = append(s.shares, nil, nil)
	s.seen = append(s.seen, false)
	s.phase = append(s.phase, false)
	s.watches = append(s.watches, nil, nil)
	s.order.add()
	return system.Lit(len(s.value) - 2)
}

// add adds a clause.
func (s *solver) add(lits ...system.Lit) {
	s.back(0)
	c := slices.Clone(lits)
	slices.Sort(c)
	c = slices.Compact(c)
	for i := 1; i < len(c); i++ {
		if c[i] == c[i-1].Not() {
			return
		}
	}
	// Literals that are not false come first, to be watched.
	slices.SortStableFunc(c, func(a, b system.Lit) int { return int(s.value[b]) - int(s.value[a]) })
	s.clauses = append(s.clauses, c)
	i := int32(len(s.clauses) - 1)
	if len(c) > 1 {
		s.attach(i)
	}
	switch {
	case len(c) == 0 || s.value[c[0]] == -1:
		s.dead = true
	case s.value[c[0]] == 0 && (len(c) == 1 || s.value[c[1]] == -1):
		s.assign(c[0], i)
	}
}

func (s *solver) weigh(m *limit, l system.Lit, w int) {
	s.back(0)
	m.lits = append(m.lits, l)
	m.weights = append(m.weights, w)
	m.heaviest = max(m.heaviest, w)
	s.shares[l] = append(s.shares[l], share{m, w})
	if s.value[l] == 1 {
		m.sum += w
	}
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
	for _, x := range s.shares[l] {
		x.limit.sum += x.weight
	}
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
	s.looks += len(ws)
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
	if m.sum+m.heaviest <= m.most {
		return s.bound(m)
	}
	why := m.why(s)
	if m.sum > m.most {
		return why
	}
	for i, l := range m.lits {
		if s.value[l] == 0 && m.sum+m.weights[i] > m.most {
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
	return s.bound(m)
}

// why returns the complements of what is true and weighs.
func (m *limit) why(s *solver) []system.Lit {
	why := []system.Lit{}
	for i, l := range m.lits {
		if s.value[l] == 1 && m.weights[i] > 0 {
			why = append(why, l.Not())
		}
	}
	return why
}

// bound adds up what hitting each clause that is not hit yet costs at least, never counting a literal's weight twice. It refutes in one step what
// resolution alone needs exponentially many for.
func (s *solver) bound(m *limit) []system.Lit {
	if s.given == 0 {
		return nil
	}
	s.residual = append(s.residual[:0], m.of...)
	s.looks += s.given
	sum := m.sum
	var hit []system.Lit
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
				hit = append(hit, l)
			}
		}
		if sum += least; sum > m.most {
			hit = append(hit, m.why(s)...)
			slices.Sort(hit)
			return append([]system.Lit{}, slices.Compact(hit)...)
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
		s.phase[l.Node()] = !l.Negated()
		for _, x := range s.shares[l] {
			x.limit.sum -= x.weight
		}
		s.order.insert(l.Node())
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
	learnt := []system.Lit{0}
	open := 0
	var touched []int32
	put := func(l system.Lit) {
		if v := l.Node(); !s.seen[v] && s.level[v] > 0 {
			s.seen[v] = true
			touched = append(touched, v)
			s.order.raise(v)
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
		if !s.seen[l.Node()] {
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
	for _, v := range touched {
		s.seen[v] = false
	}
	s.order.decay()
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

// refute returns nil when the clauses cannot be satisfied within the limits. Beside the weight of what is true it counts what the clauses
// not hit yet must cost at least.
func (s *solver) refute() error {
	s.back(0)
	s.given = len(s.clauses)
	for _, m := range s.limits {
		m.of = make([]int, len(s.value))
		for i, l := range m.lits {
			m.of[l] += m.weights[i]
		}
	}
	return s.refuteUnder(nil)
}

// errSatisfiable says that something was not refuted.
var errSatisfiable = errors.New("it can be satisfied")

// refuteUnder returns nil when the clauses cannot be satisfied within the limits where the assumptions hold, and the error of the context where that ends first. What the last
// question assumed first, and this one too, stays as it is.
func (s *solver) refuteUnder(assume []system.Lit) error {
	for _, m := range s.limits {
		s.dead = s.dead || m.most < 0
	}
	if s.dead {
		return nil
	}
	same := 0
	for same < min(len(assume), len(s.assumed), len(s.marks)) && assume[same] == s.assumed[same] {
		same++
	}
	s.back(same)
	s.assumed = append(s.assumed[:0], assume...)
	restart := s.conflict + restartAfter
	for n := 0; ; n++ {
		if n&0xff == 0 && s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		if c := s.propagate(); c != nil {
			if s.conflict++; s.conflict > maxConflicts || s.looks > maxLooks {
				return ErrLimit
			}
			if !s.learn(c) {
				s.dead = true
				return nil
			}
			if s.conflict >= restart { // what was learnt stays, and so do the values that are tried first
				restart += restartAfter
				s.back(min(len(assume), len(s.marks)))
			}
			continue
		}
		var next system.Lit
		if len(s.marks) < len(assume) {
			next = assume[len(s.marks)]
			if s.value[next] == -1 {
				return nil
			}
		} else {
			v := s.order.pick(s.value)
			if v < 0 {
				return errSatisfiable
			}
			if next = system.Lit(v) << 1; !s.phase[v] {
				next = next.Not()
			}
		}
		s.marks = append(s.marks, len(s.trail))
		if s.value[next] == 0 {
			s.assign(next, -1)
		}
	}
}

// order is a heap of variables, the most active first.
type order struct {
	vars     []int32
	at       []int // by variable: its place, or -1
	activity []float64
	bump     float64
}

func (o *order) add() {
	if o.bump == 0 {
		o.bump = 1
	}
	o.at = append(o.at, -1)
	o.activity = append(o.activity, 0)
	o.insert(int32(len(o.at) - 1))
}

func (o *order) insert(v int32) {
	if o.at[v] < 0 {
		heap.Push(o, v)
	}
}

func (o *order) raise(v int32) {
	o.activity[v] += o.bump
	if o.at[v] >= 0 {
		heap.Fix(o, o.at[v])
	}
}

func (o *order) decay() {
	o.bump *= 1.2
	if o.bump > 1e100 {
		for v := range o.activity {
			o.activity[v] *= 1e-100
		}
		o.bump *= 1e-100
	}
}

// pick takes out the most active variable without a value, or -1.
func (o *order) pick(value []int8) int32 {
	for len(o.vars) > 0 {
		if v := heap.Pop(o).(int32); value[2*v] == 0 {
			return v
		}
	}
	return -1
}

// Len implements heap.Interface.
func (o *order) Len() int { return len(o.vars) }

// Less implements heap.Interface.
func (o *order) Less(i, j int) bool {
	a, b := o.vars[i], o.vars[j]
	if o.activity[a] != o.activity[b] {
		return o.activity[a] > o.activity[b]
	}
	return a < b
}

// Swap implements heap.Interface.
func (o *order) Swap(i, j int) {
	o.vars[i], o.vars[j] = o.vars[j], o.vars[i]
	o.at[o.vars[i]], o.at[o.vars[j]] = i, j
}

// Push implements heap.Interface.
func (o *order) Push(x any) {
	o.at[x.(int32)] = len(o.vars)
	o.vars = append(o.vars, x.(int32))
}

// Pop implements heap.Interface.
func (o *order) Pop() any {
	v := o.vars[len(o.vars)-1]
	o.vars = o.vars[:len(o.vars)-1]
	o.at[v] = -1
	return v
}
