package certify

import (
	"context"
	"errors"
	"fmt"

	"github.com/vauban-verifier/vauban/checker/system"
)

// maxTold bounds the choices by which states are told apart: each of their combinations is a start.
const maxTold = 16

// states checks that a set of states has every start, that no rule leads out of it, and that Bad is false in each of its states.
//
// A state here is what is told of one: some facts and choices. Whatever else there is may be either way, unless the closure in which nothing is ever taken
// back says that it never is. So a literal is true, false or open in a state, and each check takes what is open for the worse: a rule can be
// taken unless its guard is false, and a state can be entered unless an assumption is false in it. What a rule does to what is told must not be open.
func states(ctx context.Context, q *system.Question, set *system.States) error {
	n := q.System.Nodes()
	v := &teller{q: q, told: make([]int, n), has: make(map[string]bool, len(set.Each)), memo: make([]system.Value, n), at: make([]int, n)}
	for i, l := range set.Of {
		if l.Negated() || int(l.Node()) >= q.System.Nodes() || i > 0 && l <= set.Of[i-1] {
			return errors.New("the facts and choices that tell states apart are out of order, or are not facts or choices")
		}
		switch kind, ref := q.System.Node(l.Node()); kind {
		case system.FactNode:
		case system.ChoiceNode:
			v.choices = append(v.choices, ref)
		default:
			return errors.New("the facts and choices that tell states apart are out of order, or are not facts or choices")
		}
		v.told[l.Node()] = i + 1
	}
	if len(v.choices) > maxTold {
		return fmt.Errorf("states are told apart by more than %d choices", maxTold)
	}
	c := newClosure(ctx, q)
	defer c.done()
	if v.ever = c.possible(); ctx.Err() != nil {
		return ctx.Err()
	}
	for i, state := range set.Each {
		if len(state) != (len(set.Of)+7)/8 {
			return fmt.Errorf("state %d does not tell what states are told apart by", i+1)
		}
		v.has[state] = true
	}
	if err := v.starts(make([]byte, (len(set.Of)+7)/8), 0); err != nil {
		return err
	}
	rules := v.rules()
	for i, state := range set.Each {
		if i&0xff == 0xff && ctx.Err() != nil {
			return ctx.Err()
		}
		if v.enter([]byte(state)); v.excluded() {
			continue
		}
		if v.value(q.Bad) != system.No {
			return fmt.Errorf("state %d may be bad", i+1)
		}
		for _, r := range rules {
			if err := v.step(r, state); err != nil {
				return fmt.Errorf("state %d: %w", i+1, err)
			}
		}
	}
	return nil
}

// teller tells the values of literals in one state at a time.
type teller struct {
	q       *system.Question
	told    []int           // by node: its place in a state, from 1; 0 where it is not told
	choices []int32         // among them
	ever    []bool          // by literal: it may be true in some state of some run
	has     map[string]bool // the states of the set

	state []byte
	now   int            // which state it is
	memo  []system.Value // by gate's node, of state at
	at    []int
}

func (v *teller) enter(state []byte) {
	v.state = state
	v.now++
}

// bit returns the value of what is told at a place, from 1.
func bit(state []byte, at int) bool { return state[(at-1)/8]>>((at-1)%8)&1 == 1 }

func put(state []byte, at int, yes bool) {
	if state[(at-1)/8] &^= 1 << ((at - 1) % 8); yes {
		state[(at-1)/8] |= 1 << ((at - 1) % 8)
	}
}

// value returns the value of a literal in the state; Unknown where it is open.
func (v *teller) value(l system.Lit) system.Value {
	n := l.Node()
	out := system.Unknown
	switch kind, ref := v.q.System.Node(n); {
	case v.told[n] > 0:
		out = system.No
		if bit(v.state, v.told[n]) {
			out = system.Yes
		}
	case kind != system.GateNode:
		yes := system.Lit(n) << 1
		switch {
		case !v.ever[yes]:
			out = system.No
		case !v.ever[yes.Not()]:
			out = system.Yes
		}
	case v.at[n] == v.now:
		out = v.memo[n]
	default:
		out = all(v.q.System.Gate(ref), v.value)
		v.memo[n], v.at[n] = out, v.now
	}
	if l.Negated() {
		return out.Not()
	}
	return out
}

// excluded reports whether no run is in the state, as an assumption is false there.
func (v *teller) excluded() bool {
	for _, l := range v.q.Assume {
		if v.value(l) == system.No {
			return true
		}
	}
	return false
}

// starts checks that the set has the start under all choices that the question allows, of which the first n are made.
func (v *teller) starts(state []byte, n int) error {
	s := v.q.System
	if n < len(v.choices) {
		l := s.Choice(v.choices[n])
		for _, l := range []system.Lit{l, l.Not()} {
			if v.ever[l] {
				put(state, v.told[l.Node()], !l.Negated())
				if err := v.starts(state, n+1); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for _, f := range v.q.Start {
		if at := v.told[s.Fact(f).Node()]; at > 0 {
			put(state, at, true)
		}
	}
	v.enter(state)
	failed := 0
	for c := range int32(s.Choices()) {
		if s.ChoiceKind(c) == system.Failure && v.value(s.Choice(c)) == system.Yes {
			failed++
		}
	}
	if failed > v.q.MaxFailures {
		return nil
	}
	if !v.has[string(state)] && !v.excluded() {
		return errors.New("the states lack a start")
	}
	return nil
}

// rules returns the rules that may be taken at all and change what is told.
func (v *teller) rules() []int32 {
	var out []int32
	for r := range int32(v.q.System.Rules()) {
		taken, tells := v.q.Enabled(r), false
		for _, l := range v.q.System.Guard(r) {
			taken = taken && v.ever[l]
		}
		for _, e := range v.q.System.Effects(r) {
			tells = tells || v.told[v.q.System.Fact(e.Fact).Node()] > 0
		}
		if taken && tells {
			out = append(out, r)
		}
	}
	return out
}

// step checks that a rule does not lead out of the set from the state, which it leaves as it was.
func (v *teller) step(r int32, state string) error {
	s := v.q.System
	for _, l := range s.Guard(r) {
		if v.value(l) == system.No {
			return nil
		}
	}
	next := []byte(state)
	for _, set := range []bool{false, true} { // what a rule both clears and sets, it sets
		for _, e := range s.Effects(r) {
			at := v.told[s.Fact(e.Fact).Node()]
			if at == 0 || e.Set != set {
				continue
			}
			switch v.value(e.When) {
			case system.Unknown:
				return fmt.Errorf("what rule %d does is open", r)
			case system.Yes:
				put(next, at, set)
			}
		}
	}
	if v.has[string(next)] {
		return nil
	}
	v.enter(next)
	excluded := v.excluded()
	v.enter([]byte(state))
	if !excluded {
		return fmt.Errorf("rule %d leads out of the set", r)
	}
	return nil
}

// all returns the value of a conjunction.
func all(lits []system.Lit, value func(system.Lit) system.Value) system.Value {
	out := system.Yes
	for _, l := range lits {
		switch value(l) {
		case system.No:
			return system.No
		case system.Unknown:
			out = system.Unknown
		}
	}
	return out
}
