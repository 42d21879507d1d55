package conserve

import "slices"

// prime is that of the field in which equations are solved: two of its numbers multiply within 64 bits.
const prime = 1<<31 - 1

// maxWeight bounds numerators and denominators of weights.
const maxWeight = 1 << 14

// space is spanned by rows, of which each has a 1 at its pivot, where all others have a 0.
type space struct {
	width  int // of a row
	rows   [][]uint64
	pivots []int // by row
}

// add adds a row, and reports whether it was not in the space. It leaves the row as it is.
func (s *space) add(row []uint64) bool {
	row = slices.Clone(row)
	for i, r := range s.rows {
		eliminate(row, r, row[s.pivots[i]])
	}
	pivot := slices.IndexFunc(row, func(x uint64) bool { return x != 0 })
	if pivot < 0 {
		return false
	}
	by := inverse(row[pivot])
	for i, x := range row {
		row[i] = x * by % prime
	}
	for _, r := range s.rows {
		eliminate(r, row, r[pivot])
	}
	s.rows, s.pivots = append(s.rows, row), append(s.pivots, pivot)
	return true
}

// eliminate takes so many times a row off another one.
func eliminate(from, row []uint64, times uint64) {
	if times == 0 {
		return
	}
	for i, x := range row {
		if x != 0 {
			from[i] = (from[i] + (prime-times)*x) % prime
		}
	}
}

// inverse returns 1/x, which is x to the power of prime-2.
func inverse(x uint64) uint64 {
	out := uint64(1)
	for n := prime - 2; n > 0; n >>= 1 {
		if n&1 == 1 {
			out = out * x % prime
		}
		x = x * x % prime
	}
	return out
}

// kernel returns weights of columns with which all rows add up to 0: for each column without a pivot the one with no other such column in it, in integers. A column
// in which all rows have 0 is in none.
func (s *space) kernel() [][]int {
	var out [][]int
	for c := range s.width {
		if slices.Contains(s.pivots, c) || !slices.ContainsFunc(s.rows, func(r []uint64) bool { return r[c] != 0 }) {
			continue
		}
		nums, dens, common := make([]int, s.width), make([]int, s.width), 1
		nums[c], dens[c] = 1, 1
		ok := true
		for i, r := range s.rows {
			if r[c] == 0 {
				continue
			}
			num, den, small := fraction(prime - r[c])
			nums[s.pivots[i]], dens[s.pivots[i]] = num, den
			common *= den / gcd(common, den)
			ok = ok && small && common <= maxWeight
		}
		if !ok {
			continue
		}
		weights := make([]int, s.width)
		for i, num := range nums {
			if num != 0 {
				weights[i] = num * (common / dens[i])
			}
		}
		out = append(out, weights)
	}
	return out
}

// fraction returns the small numbers that a number of the field is the quotient of, by the extended Euclidean algorithm (Wang, 1981).
func fraction(x uint64) (num, den int, ok bool) {
	a, b := int(prime), int(x)
	u, v := 0, 1
	for b >= maxWeight {
		q := a / b
		a, b, u, v = b, a-q*b, v, u-q*v
	}
	if v < 0 {
		b, v = -b, -v
	}
	return b, v, v > 0 && v < maxWeight
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
