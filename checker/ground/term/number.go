package term

import (
	"math/bits"

	"github.com/vauban-verifier/vauban/checker/system"
)

// Number is an integer that is not negative, in binary: for each bit, the least first, the literal that it is set. What takes k literals as a [Term] takes
// log k, and a sum is a circuit of adders instead of all pairs of values. What it takes away is what a relaxation knows of single values.
type Number struct {
	bits []system.Lit
	most int64 // the largest that it can be
}

// Most returns the largest that the number can be.
func (n Number) Most() int64 { return n.most }

// Binary splits a term into the least number that it can be and what it is above that, and returns the literal that it is a number at all. At most one
// alternative is true (property 1), so a bit is set where some alternative has it; where none is, the number is 0 and stands for nothing.
func (t Term) Binary(b *system.Builder) (least int64, above Number, is system.Lit) {
	first := true
	for v := range t.All() {
		if !v.None && (first || v.Number < least) {
			least, first = v.Number, false
		}
	}
	var whens []system.Lit
	var set [][]system.Lit
	for v, l := range t.All() {
		if v.None {
			continue
		}
		whens = append(whens, l)
		n := v.Number - least
		above.most = max(above.most, n)
		for ; n > 0; n &= n - 1 {
			i := bits.TrailingZeros64(uint64(n))
			for len(set) <= i {
				set = append(set, nil)
			}
			set[i] = append(set[i], l)
		}
	}
	for _, lits := range set {
		above.bits = append(above.bits, b.Or(lits...))
	}
	return least, above, b.Or(whens...)
}

// Integer returns n, which is not negative, as a number.
func Integer(n int64) Number {
	out := Number{most: n}
	for ; n > 0; n >>= 1 {
		out.bits = append(out.bits, constant(n&1 == 1))
	}
	return out
}

func constant(b bool) system.Lit {
	if b {
		return system.True
	}
	return system.False
}

// bit returns a bit, which is not set beyond the last.
func (n Number) bit(i int) system.Lit {
	if i < len(n.bits) {
		return n.bits[i]
	}
	return system.False
}

// Total adds numbers, in pairs, pairs of pairs and so on, so that most adders are narrow: what it builds grows with how many there are. The caller sees to it
// that the largest total fits into an int64.
func Total(b *system.Builder, numbers []Number) Number {
	switch len(numbers) {
	case 0:
		return Number{}
	case 1:
		return numbers[0]
	}
	half := len(numbers) / 2
	x, y := Total(b, numbers[:half]), Total(b, numbers[half:])
	out := Number{most: x.most + y.most}
	carry := system.False
	for i := range bits.Len64(uint64(out.most)) {
		p, q := x.bit(i), y.bit(i)
		one := xor(b, p, q)
		out.bits = append(out.bits, xor(b, one, carry))
		carry = b.Or(b.And(p, q), b.And(one, carry))
	}
	return out
}

func xor(b *system.Builder, x, y system.Lit) system.Lit {
	return b.Or(b.And(x, y.Not()), b.And(x.Not(), y))
}

// Term returns the number above a base as a term, where it is from lo to hi and is a number at all. Its value is n where each bit is as that of n, so two
// of its alternatives exclude each other.
func (n Number) Term(b *system.Builder, base, lo, hi int64, is system.Lit) Term {
	var m merger
	for v := max(lo, base); v <= min(hi, base+n.most); v++ {
		lits := []system.Lit{is}
		for i, bit := range n.bits {
			if (v-base)>>i&1 == 0 {
				bit = bit.Not()
			}
			lits = append(lits, bit)
		}
		m.add(b.And(lits...), Value{Number: v})
	}
	return m.term(b)
}

// Less returns the literal that x is less than y: they differ in some bit, and in the highest that they do it is set in y.
func Less(b *system.Builder, x, y Number) system.Lit {
	less := system.False
	for i := range max(len(x.bits), len(y.bits)) {
		p, q := x.bit(i), y.bit(i)
		less = b.Or(b.And(p.Not(), q), b.And(xor(b, p, q).Not(), less))
	}
	return less
}

// Equal returns the literal that x and y are the same.
func Equal(b *system.Builder, x, y Number) system.Lit {
	var same []system.Lit
	for i := range max(len(x.bits), len(y.bits)) {
		same = append(same, xor(b, x.bit(i), y.bit(i)).Not())
	}
	return b.And(same...)
}
