package system

import (
	"errors"
	"fmt"
	"slices"
)

// Value is a truth value of Kleene's three-valued logic.
type Value uint8

// The truth values. Unknown is that of a choice that is not given and of what depends on it.
const (
	Unknown Value = iota
	No
	Yes
)

// Not returns the value of the complement.
func (v Value) Not() Value {
	switch v {
	case Yes:
		return No
	case No:
		return Yes
	}
	return Unknown
}

// State is a state of a run: the facts, under partly given choices.
type State struct {
	sys     *System
	facts   []bool
	choices []Value

	memo  []Value // of gates, valid where stamp is now
	stamp []uint32
	now   uint32
}

// NewState returns the state in which just the given facts are true. Failures are false and decisions unknown unless given
// otherwise; it is an error to give a choice both ways, or to give a literal that is no choice.
func NewState(s *System, facts []int32, choices []Lit) (*State, error) {
	st, err := newState(s, facts, choices)
	if err != nil {
		return nil, err
	}
	for i, kind := range s.means {
		if kind == Failure && st.choices[i] == Unknown {
			st.choices[i] = No
		}
	}
	return st, nil
}

// newState is [NewState] with failures unknown, too, unless given.
func newState(s *System, facts []int32, choices []Lit) (*State, error) {
	st := &State{
		sys: s, facts: make([]bool, s.Facts()), choices: make([]Value, s.Choices()),
		memo: make([]Value, len(s.gateStart)-1), stamp: make([]uint32, len(s.gateStart)-1), now: 1,
	}
	for _, f := range facts {
		st.facts[f] = true
	}
	for _, l := range choices {
		kind, ref := s.Node(l.Node())
		if kind != ChoiceNode {
			return nil, errors.New("a choice of the run is not a choice of the system")
		}
		v := Yes
		if l.Negated() {
			v = No
		}
		if old := st.choices[ref]; old != Unknown && old != v {
			return nil, fmt.Errorf("choice %d is given both ways", ref)
		}
		st.choices[ref] = v
	}
	return st, nil
}

// Fact reports whether a fact is true.
func (st *State) Fact(i int32) bool { return st.facts[i] }

// Failures returns how many Failure choices are true.
func (st *State) Failures() int {
	n := 0
	for i, kind := range st.sys.means {
		if kind == Failure && st.choices[i] == Yes {
			n++
		}
	}
	return n
}

// Eval returns the value of a literal in the state.
func (st *State) Eval(l Lit) Value {
	v := Yes
	switch kind, ref := st.sys.Node(l.Node()); kind {
	case FactNode:
		if !st.facts[ref] {
			v = No
		}
	case ChoiceNode:
		v = st.choices[ref]
	case GateNode:
		if st.stamp[ref] != st.now {
			for _, in := range st.sys.Gate(ref) {
				if w := st.Eval(in); w == No {
					v = No
					break
				} else if w == Unknown {
					v = Unknown
				}
			}
			st.memo[ref], st.stamp[ref] = v, st.now
		}
		v = st.memo[ref]
	}
	if l.Negated() {
		return v.Not()
	}
	return v
}

// Change is what taking a rule changed.
type Change struct {
	Added, Removed []int32
	Cost           int // of the rule, with its extras
}

// Take applies rule r, whose guard must be true. It is an error where the guard, an effect or the cost is false or depends on a
// choice that is not given.
func (st *State) Take(r int32) (Change, error) {
	for _, l := range st.sys.Guard(r) {
		if st.Eval(l) != Yes {
			return Change{}, fmt.Errorf("rule %d is not enabled", r)
		}
	}
	c := Change{Cost: int(st.sys.Cost(r))}
	for _, x := range st.sys.Extras(r) {
		switch st.Eval(x.When) {
		case Yes:
			c.Cost += int(x.Cost)
		case Unknown:
			return Change{}, fmt.Errorf("the cost of rule %d depends on an open choice", r)
		}
	}
	var set, clear []int32
	for _, e := range st.sys.Effects(r) {
		switch st.Eval(e.When) {
		case Unknown:
			return Change{}, fmt.Errorf("an effect of rule %d depends on an open choice", r)
		case Yes:
			if e.Set {
				set = append(set, e.Fact)
			} else {
				clear = append(clear, e.Fact)
			}
		}
	}
	before := make(map[int32]bool, len(set)+len(clear))
	put := func(f int32, holds bool) {
		if _, ok := before[f]; !ok { // several effects may be about one fact
			before[f] = st.facts[f]
		}
		st.facts[f] = holds
	}
	for _, f := range clear {
		put(f, false)
	}
	for _, f := range set {
		put(f, true)
	}
	st.now++
	for _, f := range append(clear, set...) {
		was, ok := before[f]
		if !ok {
			continue
		}
		delete(before, f)
		switch now := st.facts[f]; {
		case now && !was:
			c.Added = append(c.Added, f)
		case was && !now:
			c.Removed = append(c.Removed, f)
		}
	}
	if err := st.oneOf(append(clear, set...)); err != nil {
		st.back(c)
		return Change{}, fmt.Errorf("rule %d: %w", r, err)
	}
	return c, nil
}

// back takes back the last change.
func (st *State) back(c Change) {
	for _, f := range c.Added {
		st.facts[f] = false
	}
	for _, f := range c.Removed {
		st.facts[f] = true
	}
	st.now++
}

// oneOf checks the groups of facts of which exactly one must be true that the given facts are in.
func (st *State) oneOf(facts []int32) error {
	var seen map[int32]bool
	for _, f := range facts {
		group, ok := st.sys.groupOf[f]
		if !ok || seen[group] {
			continue
		}
		if seen == nil {
			seen = map[int32]bool{}
		}
		seen[group] = true
		n := 0
		for _, other := range st.sys.groups[group] {
			if st.facts[other] {
				n++
			}
		}
		if n != 1 {
			return fmt.Errorf("vauban: internal error: a variable has %d values", n)
		}
	}
	return nil
}

// Trace is what [Replay] saw.
type Trace struct {
	Changes []Change
	Cost    int // of the different rules taken, each counted once
}

// Play is a run in the making: steps are taken, and taken back.
type Play struct {
	q       *Question
	st      *State
	rules   []int32
	changes []Change
	paid    map[int32]int // by rule: how often it was taken
	cost    int
}

// NewPlay begins a run of the question under choices. It is an error if they break any of the question's terms, or its start does.
func NewPlay(q *Question, choices []Lit) (*Play, error) {
	st, err := NewState(q.System, q.Start, slices.Concat(q.Fixed, choices))
	if err != nil {
		return nil, err
	}
	return newPlay(q, st)
}

// newPlay begins a run in a state.
func newPlay(q *Question, st *State) (*Play, error) {
	if n := st.Failures(); n > q.MaxFailures {
		return nil, fmt.Errorf("the run needs %d failures, %d are allowed", n, q.MaxFailures)
	}
	p := &Play{q: q, st: st, paid: map[int32]int{}}
	if err := p.assumed(); err != nil {
		return nil, err
	}
	for _, group := range q.System.groups {
		if err := st.oneOf(group[:1]); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *Play) assumed() error {
	for _, l := range p.q.Assume {
		if p.st.Eval(l) != Yes {
			return errors.New("the run enters a state that is assumed away")
		}
	}
	return nil
}

// Take takes a step. Where that is an error, the run is as it was.
func (p *Play) Take(r int32) error {
	step := len(p.rules) + 1
	if r < 0 || int(r) >= p.q.System.Rules() || !p.q.Enabled(r) {
		return fmt.Errorf("step %d takes a rule that the question does not have", step)
	}
	c, err := p.st.Take(r)
	if err != nil {
		return fmt.Errorf("step %d: %w", step, err)
	}
	if err := p.assumed(); err != nil {
		p.st.back(c)
		return fmt.Errorf("step %d: %w", step, err)
	}
	p.rules, p.changes = append(p.rules, r), append(p.changes, c)
	if p.paid[r]++; p.paid[r] == 1 {
		p.cost += c.Cost
	}
	return nil
}

// Back takes the last step back.
func (p *Play) Back() {
	last := len(p.rules) - 1
	r, c := p.rules[last], p.changes[last]
	p.rules, p.changes = p.rules[:last], p.changes[:last]
	if p.paid[r]--; p.paid[r] == 0 {
		p.cost -= c.Cost
	}
	p.st.back(c)
}

// End returns what happened. It is an error if the run costs too much, or does not end in a state where Bad holds.
func (p *Play) End() (*Trace, error) {
	if p.q.Budget >= 0 && p.cost > p.q.Budget {
		return nil, fmt.Errorf("the run costs %d, the budget is %d", p.cost, p.q.Budget)
	}
	if p.st.Eval(p.q.Bad) != Yes {
		return nil, errors.New("the run does not end in a bad state")
	}
	return &Trace{p.changes, p.cost}, nil
}

// Try ends the run by further steps, and takes them back: it returns what the whole costs, or an error where it does not go through.
func (p *Play) Try(rest []int32) (cost int, err error) {
	taken := 0
	for _, r := range rest {
		if err = p.Take(r); err != nil {
			break
		}
		taken++
	}
	if err == nil {
		cost = p.cost
		_, err = p.End()
	}
	for range taken {
		p.Back()
	}
	return cost, err
}

// Replay runs an attack from the start of the question and returns what happened. It is an error if the run breaks any of the
// question's terms or does not end in a state where Bad holds.
func Replay(q *Question, run *Run) (*Trace, error) {
	p, err := NewPlay(q, run.Choices)
	if err != nil {
		return nil, err
	}
	return p.all(run.Rules)
}

// Always is [Replay] for a run that goes through whichever way the choices are that neither the question nor the run names, failures included. What depends
// on one of these is refused, and so are some runs that no choice stops: that a choice is one way or the other is not known to be true.
func Always(q *Question, run *Run) error {
	st, err := newState(q.System, q.Start, slices.Concat(q.Fixed, run.Choices))
	if err != nil {
		return err
	}
	p, err := newPlay(q, st)
	if err != nil {
		return err
	}
	_, err = p.all(run.Rules)
	return err
}

// all takes steps, and ends the run.
func (p *Play) all(rules []int32) (*Trace, error) {
	for _, r := range rules {
		if err := p.Take(r); err != nil {
			return nil, err
		}
	}
	return p.End()
}
