package term

import (
	"github.com/vauban-verifier/vauban/checker/system"
)

// Variable is an instance of a variable of the state: for each value that it may have, the literal that it has it.
//
// A variable of two values has one fact, that it has the second. One of more has a fact for each. A binary code would need fewer, but so a
// guard over one value is one literal, and the relaxation, which keeps "can be true" apart from "can be false", knows for each value whether the variable
// can have it, where of bits it would know next to nothing.
type Variable struct {
	values []Value
	facts  []int32
	lits   []system.Lit
}

// NewVariable returns a variable of the given values, which must differ. Fact makes a fact that is true where the variable has value i, at the start too.
//
// Of its literals exactly one is true in every state. At the start that is so because it starts with one value. A rule changes its facts by [Variable.Assign]
// alone, whose effects leave the variable as it is or make one value true and all others false; and no rule assigns to it twice in one state, or
// what is not one of its values: the caller has such a rule not enabled there. The system is told, for its interpreter to hold every run to it.
func NewVariable(b *system.Builder, values []Value, fact func(i int) int32) *Variable {
	v := &Variable{values: values}
	switch len(values) {
	case 1:
		v.lits = []system.Lit{system.True}
	case 2:
		f := fact(1)
		l := b.FactLit(f)
		v.facts, v.lits = []int32{f}, []system.Lit{l.Not(), l}
	default:
		for i := range values {
			f := fact(i)
			v.facts, v.lits = append(v.facts, f), append(v.lits, b.FactLit(f))
		}
		b.OneOf(v.facts)
	}
	return v
}

// Key tells variables apart; ok is false for a variable of one value, which nothing changes.
func (v *Variable) Key() (key int32, ok bool) {
	if len(v.facts) == 0 {
		return 0, false
	}
	return v.facts[0], true
}

// Is returns the literal that the variable has value i.
func (v *Variable) Is(i int) system.Lit { return v.lits[i] }

// Term returns the variable as a term. Its values differ, and exactly one literal is true.
func (v *Variable) Term() Term {
	out := Term{make([]alternative, len(v.values))}
	for i, x := range v.values {
		out.alternatives[i] = alternative{v.lits[i], x}
	}
	return out
}

// Assign returns the effects that give the variable the value of t where a literal is true. Each value of t is one literal (property 2), so the
// effects of one value take back no other.
func (v *Variable) Assign(b *system.Builder, when system.Lit, t Term) []system.Effect {
	becomes := make(map[Value]system.Lit, t.Len())
	for x, l := range t.All() {
		becomes[x] = l
	}
	out := make([]system.Effect, 0, 2*len(v.facts))
	for k, f := range v.facts {
		i := k
		if len(v.values) == 2 {
			i = 1
		}
		is, ok := becomes[v.values[i]]
		if !ok {
			is = system.False
		}
		out = append(out,
			system.Effect{When: b.And(when, is), Fact: f, Set: true},
			system.Effect{When: b.And(when, is.Not()), Fact: f})
	}
	return out
}
