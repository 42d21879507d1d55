package notarytest

import (
	"math/big"
	"slices"
	"sync"

	"golang.org/x/crypto/blake2b"
)

// The curve of Ed25519 as RFC 8032 states it, in big integers: -x² + y² = 1 + d·x²·y² modulo p.
var (
	prime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	curve = mod(new(big.Int).Mul(big.NewInt(-121665), new(big.Int).ModInverse(big.NewInt(121666), prime)))
	order = new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 252), number("27742317777372353535851937790883648493"))
)

func number(decimal string) *big.Int {
	n, ok := new(big.Int).SetString(decimal, 10)
	if !ok {
		panic("vauban: internal error: no number: " + decimal)
	}
	return n
}

func mod(n *big.Int) *big.Int { return n.Mod(n, prime) }

func times(factors ...*big.Int) *big.Int {
	out := big.NewInt(1)
	for _, f := range factors {
		out = mod(new(big.Int).Mul(out, f))
	}
	return out
}

// point is a point of the curve.
type point struct{ x, y *big.Int }

func (a point) add(b point) point {
	xy := times(curve, a.x, a.y, b.x, b.y)
	x := new(big.Int).Add(times(a.x, b.y), times(a.y, b.x))
	y := new(big.Int).Add(times(a.y, b.y), times(a.x, b.x))
	inverse := func(n *big.Int) *big.Int { return new(big.Int).ModInverse(mod(n), prime) }
	return point{
		times(x, inverse(new(big.Int).Add(big.NewInt(1), xy))),
		times(y, inverse(new(big.Int).Sub(big.NewInt(1), xy))),
	}
}

func (a point) zero() bool { return a.x.Sign() == 0 && a.y.Cmp(big.NewInt(1)) == 0 }

var asked sync.Map // what inGroup said of a key, as it takes long

// inGroup reports whether 32 bytes write a point of the group of prime order, other than zero, in the one canonical way.
func inGroup(key []byte) bool {
	if known, there := asked.Load(string(key)); there {
		return known.(bool)
	}
	in := ofGroup(slices.Clone(key))
	asked.Store(string(key), in)
	return in
}

func ofGroup(data []byte) bool {
	slices.Reverse(data)
	sign := data[0] >> 7
	data[0] &= 127
	y := new(big.Int).SetBytes(data)
	if y.Cmp(prime) >= 0 {
		return false
	}
	y2 := times(y, y)
	x := new(big.Int).ModSqrt(times(new(big.Int).Sub(y2, big.NewInt(1)), new(big.Int).ModInverse(mod(new(big.Int).Add(times(curve, y2), big.NewInt(1))), prime)), prime)
	if x == nil || x.Sign() == 0 && sign == 1 {
		return false
	}
	if byte(x.Bit(0)) != sign {
		x.Sub(prime, x)
	}
	p := point{x, y}
	if p.zero() {
		return false
	}
	sum := point{big.NewInt(0), big.NewInt(1)}
	for i := order.BitLen() - 1; i >= 0; i-- {
		if sum = sum.add(sum); order.Bit(i) == 1 {
			sum = sum.add(p)
		}
	}
	return sum.zero()
}

func blake(data []byte) []byte {
	sum := blake2b.Sum256(data)
	return sum[:]
}
