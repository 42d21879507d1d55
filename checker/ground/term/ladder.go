package term

import (
	"cmp"
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
)

// Ladder is an integer that is not negative, as the literals that it is at least so much: a rung for each value that it can have, the least first, which is 0.
// What is on it is never negated, so more than what holds already can only lift it: where nothing is taken back, "at least n" stays true, and a relaxation is exact.
type Ladder struct{ rungs []rung }

type rung struct {
	value int64
	least system.Lit // the integer is at least that
}

// Ladder returns the integer that is f of the value of t, and 0 where t has none. f must not be negative.
func (t Term) Ladder(b *system.Builder, f func(Value) int64) Ladder {
	var out Ladder
	for v, l := range t.All() {
		if n := f(v); n > 0 {
			out.rungs = append(out.rungs, rung{n, l})
		}
	}
	return out.sorted(b)
}

// sorted makes rungs of literals that each say that the integer is at least their value, and of which one is true for the value that it has.
func (l Ladder) sorted(b *system.Builder) Ladder {
	slices.SortStableFunc(l.rungs, func(x, y rung) int { return cmp.Compare(y.value, x.value) })
	var out []rung
	for _, r := range l.rungs { // the largest first: what is at least that is at least less
		if n := len(out); n > 0 && out[n-1].value == r.value {
			out[n-1].least = b.Or(out[n-1].least, r.least)
		} else if n > 0 {
			out = append(out, rung{r.value, b.Or(out[n-1].least, r.least)})
		} else {
			out = append(out, r)
		}
	}
	out = append(out, rung{0, system.True})
	slices.Reverse(out)
	return Ladder{out}
}

// Len returns how many values the integer can have.
func (l Ladder) Len() int { return len(l.rungs) }

// Climb adds integers, in pairs, pairs of pairs and so on. What is above most is only known to be.
func Climb(b *system.Builder, ladders []Ladder, most int64) Ladder {
	switch len(ladders) {
	case 0:
		return Ladder{[]rung{{0, system.True}}}
	case 1:
		return ladders[0].add(b, Ladder{[]rung{{0, system.True}}}, most)
	}
	half := len(ladders) / 2
	return Climb(b, ladders[:half], most).add(b, Climb(b, ladders[half:], most), most)
}

// add adds two integers: the sum is at least x and y together where the one is at least x and the other at least y; for the values that they have, both are.
func (l Ladder) add(b *system.Builder, other Ladder, most int64) Ladder {
	var sums []rung
	for _, x := range l.rungs {
		for _, y := range other.rungs {
			if n := min(x.value+y.value, most+1); n > 0 {
				sums = append(sums, rung{n, b.And(x.least, y.least)})
			}
		}
	}
	return Ladder{sums}.sorted(b)
}

// AtLeast returns the literal that the integer is at least n.
func (l Ladder) AtLeast(n int64) system.Lit {
	for _, r := range l.rungs {
		if r.value >= n {
			return r.least
		}
	}
	return system.False
}

// Term returns the integer above a base as a term, where it is from lo to hi and is a number at all. It is n where it is at least n and not the next that it
// can be, so two of its alternatives exclude each other.
func (l Ladder) Term(b *system.Builder, base, lo, hi int64, is system.Lit) Term {
	var m merger
	for i, r := range l.rungs {
		if v := base + r.value; lo <= v && v <= hi {
			next := system.False
			if i+1 < len(l.rungs) {
				next = l.rungs[i+1].least
			}
			m.add(b.And(is, r.least, next.Not()), Value{Number: v})
		}
	}
	return m.term(b)
}
