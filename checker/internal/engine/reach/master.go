package reach

import (
	"context"
	"slices"

	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
	"github.com/vauban-verifier/vauban/checker/internal/engine/sat"
	"github.com/vauban-verifier/vauban/checker/system"
)

// master looks for the lightest set of switches that hits all cuts, by OLL: what the solver cannot do without becomes a
// core; the bound rises by its least weight; and how many of a core are needed is counted from then on.
type master struct {
	h       *hitter
	s       *sat.Solver
	lits    []cdcl.Lit // by system literal over choices; 0 where there is none yet
	rules   []cdcl.Lit // by switch
	extras  [][]cdcl.Lit
	fixed   []bool // by system literal: given
	failing []cdcl.Lit

	softs   []soft
	pending []soft // counters of new cores, which wait until no core is left that is disjoint from them
	softOf  map[cdcl.Lit]int
	level   int // softs that weigh less are not asked for yet
	lower   int
	cores   int
	gaveUp  bool
}

// soft is an assumption that may be dropped at a price.
type soft struct {
	assume cdcl.Lit
	weight int
	count  *sat.Totalizer // the assumption says that fewer than k of its inputs are true
	k      int
}

// left is what a search may do where others have done something before.
func left(effort, spent int64) int64 { return max(1, min(effort, searches*effort-spent)) }

func newMaster(h *hitter, fixed []system.Lit) *master {
	s := h.p.q.System
	m := &master{
		h: h, s: sat.New(left(h.effort.Conflicts, h.spent.Conflicts), left(h.effort.Looks, h.spent.Looks)), lits: make([]cdcl.Lit, h.p.first), fixed: make([]bool, h.p.first),
		rules: make([]cdcl.Lit, len(h.p.switched)), extras: make([][]cdcl.Lit, len(h.p.switched)), softOf: map[cdcl.Lit]int{},
	}
	for _, l := range fixed {
		m.fixed[l] = true
		m.s.AddClause(m.lit(l))
	}
	if h.goal != failures {
		for i := range int32(s.Choices()) {
			if s.ChoiceKind(i) == system.Failure {
				m.failing = append(m.failing, m.lit(s.Choice(i)))
			}
		}
		if h.allowed < len(m.failing) {
			m.limitFailures(h.allowed)
		}
	}
	for _, c := range h.cuts {
		m.add(c)
	}
	return m
}

func (m *master) limitFailures(n int) {
	if n < 0 {
		m.s.AddClause()
		return
	}
	m.s.AddClause(sat.NewTotalizer(m.s, m.failing).AtLeast(n + 1).Not())
}

// lit returns the solver's literal of a literal over choices.
func (m *master) lit(l system.Lit) cdcl.Lit {
	if m.lits[l] == 0 {
		v := m.s.NewVar()
		pos := l &^ 1
		m.lits[pos], m.lits[pos|1] = v, v.Not()
		switch kind, ref := m.h.p.q.System.Node(l.Node()); kind {
		case system.ConstNode:
			m.s.AddClause(v)
		case system.ChoiceNode:
			if m.h.goal == failures && m.h.p.q.System.ChoiceKind(ref) == system.Failure {
				m.soften(soft{assume: v.Not(), weight: 1})
			}
		case system.GateNode:
			all := []cdcl.Lit{v}
			for _, in := range m.h.p.q.System.Gate(ref) {
				x := m.lit(in)
				m.s.AddClause(v.Not(), x)
				all = append(all, x.Not())
			}
			m.s.AddClause(all...)
		}
	}
	return m.lits[l]
}

// of returns the solver's literal of a controlled atom. A rule that is taken implies the choices in its guard, and pays its extras.
func (m *master) of(a int32) cdcl.Lit {
	if a < m.h.p.first {
		return m.lit(system.Lit(a))
	}
	i := a - m.h.p.first
	if m.rules[i] != 0 {
		return m.rules[i]
	}
	v := m.s.NewVar()
	m.rules[i] = v
	s, r := m.h.p.q.System, m.h.p.switched[i]
	for _, l := range s.Guard(r) {
		if m.h.p.only[l.Node()] {
			m.s.AddClause(v.Not(), m.lit(l))
		}
	}
	m.soften(soft{assume: v.Not(), weight: m.h.switchWeight(a)})
	for _, x := range s.Extras(r) {
		y := m.s.NewVar()
		m.s.AddClause(v.Not(), m.lit(x.When).Not(), y)
		m.soften(soft{assume: y.Not(), weight: int(x.Cost) * m.h.unit})
		m.extras[i] = append(m.extras[i], y)
	}
	return v
}

func (m *master) add(cut []int32) {
	clause := make([]cdcl.Lit, len(cut))
	for i, a := range cut {
		clause[i] = m.of(a)
	}
	m.s.AddClause(clause...)
}

func (m *master) soften(x soft) {
	if x.weight == 0 {
		return
	}
	if i, ok := m.softOf[x.assume]; ok {
		m.softs[i].weight += x.weight
		return
	}
	m.softOf[x.assume] = len(m.softs)
	m.softs = append(m.softs, x)
}

// raise lifts the lower bound until some hitting set attains it, or it exceeds the cutoff. It reports whether there is a hitting set at all.
// Heavy softs are settled before light ones.
func (m *master) raise(ctx context.Context, cutoff int) (feasible bool) {
	m.level = 0
	for _, x := range m.softs {
		m.level = max(m.level, x.weight)
	}
	var assumptions []cdcl.Lit
	for m.lower <= cutoff && m.cores <= m.h.opt.MaxCores {
		assumptions = assumptions[:0]
		next := 0
		for _, x := range m.softs {
			switch {
			case x.weight == 0:
			case x.weight >= m.level:
				assumptions = append(assumptions, x.assume)
			default:
				next = max(next, x.weight)
			}
		}
		st := m.s.Solve(ctx, assumptions)
		if st == cdcl.Unknown {
			m.gaveUp = true
			return true
		}
		if st == cdcl.Sat {
			switch {
			case len(m.pending) > 0:
				for _, x := range m.pending {
					m.soften(x)
				}
				m.pending = m.pending[:0]
			case next == 0:
				return true
			default:
				m.level = next
			}
			continue
		}
		if len(m.s.Core()) == 0 {
			m.lower = unbounded
			return false
		}
		core := m.s.Minimise(ctx, 8)
		if len(core) == 0 {
			m.lower = unbounded
			return false
		}
		m.relax(core)
	}
	return true
}

func (m *master) relax(core []cdcl.Lit) {
	least := unbounded
	for _, l := range core {
		least = min(least, m.softs[m.softOf[l]].weight)
	}
	m.lower += least
	m.cores++
	broken := make([]cdcl.Lit, len(core))
	for i, l := range core {
		broken[i] = l.Not()
		x := &m.softs[m.softOf[l]]
		x.weight -= least
		if t := x.count; t != nil && x.k < t.Len() {
			m.pending = append(m.pending, soft{assume: t.AtLeast(x.k + 1).Not(), weight: least, count: t, k: x.k + 1})
		}
	}
	m.s.AddClause(broken...)
	if len(core) > 1 {
		t := sat.NewTotalizer(m.s, broken)
		m.pending = append(m.pending, soft{assume: t.AtLeast(2).Not(), weight: least, count: t, k: 2})
	}
}

// value returns a choice literal's value in the hitting set; failures that no cut mentions do not happen.
func (m *master) value(l system.Lit) bool {
	switch {
	case m.lits[l] != 0:
		return m.s.Value(m.lits[l])
	case m.h.p.kinds[l] == uint8(system.Failure):
		return l.Negated()
	}
	return !l.Negated()
}

// switches returns the controlled atoms that are on in the hitting set.
func (m *master) switches() []int32 {
	var on []int32
	for _, a := range m.h.p.controls {
		if a < m.h.p.first {
			if m.value(system.Lit(a)) {
				on = append(on, a)
			}
		} else if v := m.rules[a-m.h.p.first]; v != 0 && m.s.Value(v) {
			on = append(on, a)
		}
	}
	return on
}

// choices returns the hitting set's values of all choices.
func (m *master) choices() []system.Lit {
	var out []system.Lit
	s := m.h.p.q.System
	for i := range int32(s.Choices()) {
		l := s.Choice(i)
		if !m.value(l) {
			l = l.Not()
		}
		out = append(out, l)
	}
	return out
}

// consistent reports whether a plan uses no choice both ways, keeps what is given, and fails no more than is allowed.
func (m *master) consistent(p *plan) bool {
	var used []int32
	n := 0
	for _, a := range p.used {
		if a >= m.h.p.first {
			continue
		}
		if m.fixed[a^1] {
			return false
		}
		used = append(used, a)
		if m.h.failure(a) {
			n++
		}
	}
	slices.Sort(used)
	for i := 1; i < len(used); i++ {
		if used[i] == used[i-1]^1 {
			return false
		}
	}
	return m.h.goal == failures || n <= m.h.allowed
}

// weigh returns the weight of a plan under the choices it uses and otherwise those of the model.
func (m *master) weigh(p *plan, model []system.Lit) int {
	w := 0
	if m.h.goal == failures {
		for _, a := range p.used {
			if m.h.failure(a) {
				w++
			}
		}
		return w
	}
	s := m.h.p.q.System
	given := m.h.assign(p.used, model)
	st, err := system.NewState(s, nil, given)
	if err != nil {
		return unbounded
	}
	for _, a := range p.used {
		if a < m.h.p.first {
			continue
		}
		w += m.h.switchWeight(a)
		for _, x := range s.Extras(m.h.p.switched[a-m.h.p.first]) {
			if st.Eval(x.When) == system.Yes {
				w += int(x.Cost) * m.h.unit
			}
		}
	}
	return w
}

// assign returns the choices of a plan: what it uses, otherwise those of the model. A failure that it does not use stays only where it may
// make rules cheaper, and is allowed.
func (h *hitter) assign(used []int32, model []system.Lit) []system.Lit {
	s := h.p.q.System
	val := slices.Clone(model)
	for _, a := range used {
		if a < h.p.first {
			_, i := s.Node(a >> 1)
			val[i] = system.Lit(a)
		}
	}
	failed := 0
	for i, l := range val {
		if s.ChoiceKind(int32(i)) == system.Failure && !l.Negated() {
			failed++
		}
	}
	if h.goal != failures && failed <= h.allowed {
		return val
	}
	for i, l := range val {
		if s.ChoiceKind(int32(i)) == system.Failure && !slices.Contains(used, int32(l)) {
			val[i] = l | 1
		}
	}
	return val
}

// weightOf is the weight that a switch still has, by which cuts are chosen.
func (m *master) weightOf(a int32) int {
	if a >= m.h.p.first {
		if v := m.rules[a-m.h.p.first]; v != 0 {
			if i, ok := m.softOf[v.Not()]; ok {
				return m.softs[i].weight
			}
			return 0
		}
		return m.h.switchWeight(a)
	}
	if m.h.goal == failures && m.h.failure(a) {
		if v := m.lits[a]; v != 0 {
			return m.softs[m.softOf[v.Not()]].weight
		}
		return 1
	}
	return 0
}
