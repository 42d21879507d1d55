package term

import (
	"context"
	"iter"
	"strconv"

	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// Value is an element, a member of a domain, a name (of a word or a protocol), `none`, or else an integer. Values are equal where they are the same.
type Value struct {
	Element *models.Element
	Member  *models.Member
	Name    string
	Number  int64
	None    bool
}

// String is how a value is written.
func (v Value) String() string {
	switch {
	case v.None:
		return "none"
	case v.Element != nil:
		return v.Element.Name
	case v.Member != nil:
		return v.Member.Name
	case v.Name != "":
		return v.Name
	}
	return strconv.FormatInt(v.Number, 10)
}

// Term is a term under a binding of its variables. The zero Term never has a value.
type Term struct{ alternatives []alternative }

type alternative struct {
	when  system.Lit // never False
	value Value
}

// Of returns the term that always has the value v.
func Of(v Value) Term { return Term{[]alternative{{system.True, v}}} }

// Len returns how many values the term may have.
func (t Term) Len() int { return len(t.alternatives) }

// All goes through the values that the term may have, with the literal that it has them. The order depends on how the term was built alone.
func (t Term) All() iter.Seq2[Value, system.Lit] {
	return func(yield func(Value, system.Lit) bool) {
		for _, a := range t.alternatives {
			if !yield(a.value, a.when) {
				return
			}
		}
	}
}

// Constant returns the value of a term that has the same one in all states.
func (t Term) Constant() (v Value, ok bool) {
	if len(t.alternatives) == 1 && t.alternatives[0].when == system.True {
		return t.alternatives[0].value, true
	}
	return Value{}, false
}

// Is returns the literal that the term has the value v.
func (t Term) Is(v Value) system.Lit {
	for _, a := range t.alternatives {
		if a.value == v {
			return a.when
		}
	}
	return system.False
}

// Any returns the literal that the term has a value of which f is true.
func (t Term) Any(b *system.Builder, f func(Value) system.Lit) system.Lit {
	var any []system.Lit
	for _, a := range t.alternatives {
		any = append(any, b.And(a.when, f(a.value)))
	}
	return b.Or(any...)
}

// If returns the term that is x where c is true, and y elsewhere. Two alternatives of one side exclude each other as they did; of two sides, by c.
func If(b *system.Builder, c system.Lit, x, y Term) Term {
	var m merger
	for _, a := range x.alternatives {
		m.add(b.And(c, a.when), a.value)
	}
	for _, a := range y.alternatives {
		m.add(b.And(c.Not(), a.when), a.value)
	}
	return m.term(b)
}

// Then returns the term that is f of the value of t. Two of its alternatives come from two values of t, which exclude each other, or from one, and
// then exclude each other in f of it.
func (t Term) Then(b *system.Builder, f func(Value) Term) Term {
	if len(t.alternatives) == 1 && t.alternatives[0].when == system.True { // as most are
		return f(t.alternatives[0].value)
	}
	var m merger
	for _, x := range t.alternatives {
		for _, y := range f(x.value).alternatives {
			m.add(b.And(x.when, y.when), y.value)
		}
	}
	return m.term(b)
}

// Map returns the term whose value is f of the value of t; it has none where f is not ok.
func (t Term) Map(b *system.Builder, f func(Value) (v Value, ok bool)) Term {
	return t.Then(b, func(x Value) Term {
		if v, ok := f(x); ok {
			return Of(v)
		}
		return Term{}
	})
}

// With returns the term whose value is f of the values of both; it has none where one of them has none or f is not ok.
func (t Term) With(b *system.Builder, other Term, f func(x, y Value) (v Value, ok bool)) Term {
	return t.Then(b, func(x Value) Term {
		return other.Map(b, func(y Value) (Value, bool) { return f(x, y) })
	})
}

// Count returns how many of the literals are true: n where at least n are, and not one more. At least n+1 are only where at least n are, so two
// such numbers exclude each other.
func Count(ctx context.Context, b *system.Builder, lits []system.Lit) (Term, error) {
	least, err := AtLeast(ctx, b, lits, len(lits))
	if err != nil {
		return Term{}, err
	}
	least = append(least, system.False)
	var m merger
	for n := range len(lits) + 1 {
		m.add(b.And(least[n], least[n+1].Not()), Value{Number: int64(n)})
	}
	return m.term(b), nil
}

// AtLeast returns for each number up to most whether at least that many of the literals hold: of the first literals, one by one, at least n hold if they
// do without the last of them, or if it holds and so do n-1 of those before it. It is an error when ctx ends before.
func AtLeast(ctx context.Context, b *system.Builder, lits []system.Lit, most int) ([]system.Lit, error) {
	least := make([]system.Lit, most+1)
	for n := range least {
		least[n] = system.False
	}
	least[0] = system.True
	for i, l := range lits {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for n := min(i+1, most); n > 0; n-- {
			least[n] = b.Or(least[n], b.And(l, least[n-1]))
		}
	}
	return least, nil
}

// merger collects alternatives that exclude each other, and makes one of those of equal value.
type merger struct {
	values []Value // in the order of their first appearance
	whens  [][]system.Lit
	at     map[Value]int // once there are several
}

func (m *merger) add(when system.Lit, v Value) {
	if when == system.False {
		return
	}
	i, ok := len(m.values), false
	switch {
	case m.at != nil:
		if at, known := m.at[v]; known {
			i, ok = at, true
		}
	case len(m.values) == 1:
		if ok = m.values[0] == v; ok {
			i = 0
		} else {
			m.at = map[Value]int{m.values[0]: 0}
		}
	}
	if !ok {
		m.values, m.whens = append(m.values, v), append(m.whens, nil)
		if m.at != nil {
			m.at[v] = i
		}
	}
	m.whens[i] = append(m.whens[i], when)
}

func (m *merger) term(b *system.Builder) Term {
	var out Term
	for i, v := range m.values {
		out.alternatives = append(out.alternatives, alternative{b.Or(m.whens[i]...), v})
	}
	return out
}
