package ground

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/ground/term"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// maxSumPairs is how many pairs of values a sum may look at. One of more terms is added up in binary, whose work grows with the number of terms: a sum of n
// terms has about n partial sums of n values each.
const maxSumPairs = 1 << 19

// maxClimbPairs is the same for sums of which only totals up to a number matter, which are searched through far better than those in binary.
const maxClimbPairs = 1 << 18

// addend is a part of a sum: a term to be added or taken away.
type addend struct {
	term  term.Term
	minus bool
}

// addends takes a sum apart, in the order written: what is added to out is e times factor.
func (g *grounder) addends(out []addend, e *models.Expr, factor int64, env *scope) []addend {
	switch e.Op {
	case models.OpAdd:
		return g.addends(g.addends(out, e.Args[0], factor, env), e.Args[1], factor, env)
	case models.OpSub:
		return g.addends(g.addends(out, e.Args[0], factor, env), e.Args[1], -factor, env)
	case models.OpMul:
		for i, k := range e.Args {
			if other := e.Args[1-i]; k.Op == models.OpInt && isSum(other) {
				if n, ok := calculate(k.Int, factor, models.OpMul); ok {
					return g.addends(out, other, n, env)
				}
			}
		}
	case models.OpSum:
		g.summands(e, env, func(t term.Term) { out = g.addend(out, t, factor) })
		return out
	}
	return g.addend(out, g.term(e, env), factor)
}

// addend adds a term, times a factor.
func (g *grounder) addend(out []addend, t term.Term, factor int64) []addend {
	if factor != 1 && factor != -1 {
		t = g.combine(t, term.Of(term.Value{Number: max(factor, -factor)}), models.OpMul)
	}
	return append(out, addend{t, factor < 0})
}

// isSum reports whether a term adds.
func isSum(e *models.Expr) bool {
	switch e.Op {
	case models.OpAdd, models.OpSub, models.OpSum:
		return true
	case models.OpMul:
		return e.Args[0].Op == models.OpInt && isSum(e.Args[1]) || e.Args[1].Op == models.OpInt && isSum(e.Args[0])
	}
	return false
}

// pairs returns how many pairs of values are looked at where the parts are added one by one.
func pairs(parts []addend) int {
	work, values := 0, 1
	var lo, hi int64
	for _, p := range parts {
		work += values * p.term.Len()
		var least, most int64
		for v := range p.term.All() {
			least, most = min(least, v.Number), max(most, v.Number)
		}
		lo, hi = lo+least, hi+most
		values = min(values*p.term.Len(), int(min(hi-lo, maxInteger))+1)
		if work > maxSumPairs {
			break
		}
	}
	return work
}

// total adds the parts up.
func (g *grounder) total(parts []addend) term.Term {
	total := term.Of(term.Value{})
	for _, p := range parts {
		op := models.OpAdd
		if p.minus {
			op = models.OpSub
		}
		total = g.combine(total, p.term, op)
	}
	return total
}

// compareSum grounds a comparison with a sum on a side.
func (g *grounder) compareSum(e *models.Expr, env *scope) (system.Lit, bool) {
	if !isSum(e.Args[0]) && !isSum(e.Args[1]) {
		return 0, false
	}
	x, y := g.addends(nil, e.Args[0], 1, env), g.addends(nil, e.Args[1], 1, env)
	if g.err != nil {
		return system.False, true
	}
	x, y = g.differences(x, y)
	all, parts := pairs(x)+pairs(y), x
	for _, p := range y {
		parts = append(parts, addend{p.term, !p.minus})
	}
	if l, ok := g.climbed(e.Op, g.shifted(parts), all); ok {
		return l, true
	}
	if all <= maxSumPairs {
		return g.related(e.Op, g.total(x), g.total(y)), true
	}
	return g.relatedToZero(e.Op, parts), true
}

// maxDifference is how many pairs of values are looked at for the difference of two parts.
const maxDifference = 64

// differences subtracts the parts of a sum from those of one that it is compared with, one by one, as apart does with what counts count: a proof that each part of one is no more than its counterpart has
// nothing to add up then.
func (g *grounder) differences(x, y []addend) (left, right []addend) {
	if len(x) != len(y) || len(x) < 2 {
		return x, y
	}
	for i := range x {
		if x[i].minus || y[i].minus || x[i].term.Len()*y[i].term.Len() > maxDifference {
			left, right = append(left, x[i]), append(right, y[i])
			continue
		}
		left = append(left, addend{term: g.combine(x[i].term, y[i].term, models.OpSub)})
	}
	return left, right
}

// climbed compares a sum with 0 where few values matter: those up to the number that what is added to the least total is compared with, or down to it from the
// greatest. It does so only where it looks at fewer pairs of values than so many.
func (g *grounder) climbed(op models.Op, s shifted, pairs int) (system.Lit, bool) {
	most := -s.base
	if !s.fits || most < 0 || most > s.most {
		return 0, false
	}
	missing := s.turned()
	if up := s.most - most; missing.work(up) < s.work(most) { // what is missing to the greatest total
		s, op, most = missing, mirror(op), up
	}
	if s.work(most) >= min(pairs, maxClimbPairs) {
		return 0, false
	}
	total, whole := s.climb(g.b, most)
	least, more := total.AtLeast(most), total.AtLeast(most+1)
	switch op {
	case models.OpEq:
		return g.b.And(whole, least, more.Not()), true
	case models.OpNe:
		return g.b.And(whole, least, more.Not()).Not(), true
	case models.OpLt:
		return g.b.And(whole, least.Not()), true
	case models.OpLe:
		return g.b.And(whole, more.Not()), true
	case models.OpGt:
		return g.b.And(whole, more), true
	}
	return g.b.And(whole, least), true
}

// shifted is a sum as a base and what each part is above the least, or below the greatest, that it can be.
type shifted struct {
	base  int64
	parts []shiftedPart
	most  int64 // what the parts are together at the most
	fits  bool  // nothing exceeds what formulas calculate with
}

// shiftedPart is sign times the value of the term, plus the offset, which is from 0 to top.
type shiftedPart struct {
	term         term.Term
	sign, offset int64
	top          int64
}

func (p shiftedPart) number(v term.Value) int64 {
	if v.None {
		return 0
	}
	return p.sign*v.Number + p.offset
}

func (g *grounder) shifted(parts []addend) shifted {
	out := shifted{fits: true}
	add := func(to *int64, n int64) {
		m, ok := calculate(*to, n, models.OpAdd)
		*to, out.fits = m, out.fits && ok
	}
	for _, a := range parts {
		p := shiftedPart{term: a.term, sign: 1}
		if a.minus {
			p.sign = -1
		}
		var least, greatest int64
		first := true
		for v := range a.term.All() {
			if n := p.sign * v.Number; !v.None {
				if first {
					least, greatest, first = n, n, false
				}
				least, greatest = min(least, n), max(greatest, n)
			}
		}
		p.offset, p.top = -least, greatest-least
		out.parts = append(out.parts, p)
		add(&out.base, least)
		add(&out.most, p.top)
	}
	return out
}

// turned is what is missing to the greatest total.
func (s shifted) turned() shifted {
	parts := make([]shiftedPart, len(s.parts))
	for i, p := range s.parts {
		parts[i] = shiftedPart{p.term, -p.sign, p.top - p.offset, p.top}
	}
	s.parts = parts
	return s
}

// work returns how many pairs of values are looked at where totals up to a number matter, or more than maxSumPairs.
func (s shifted) work(most int64) int {
	var count func(parts []shiftedPart) (pairs, values int, top int64)
	count = func(parts []shiftedPart) (int, int, int64) {
		if len(parts) < 2 {
			values, top := 1, int64(0)
			for _, p := range parts {
				values, top = p.term.Len()+1, p.top
			}
			return values, values, top
		}
		half := len(parts) / 2
		left, x, top := count(parts[:half])
		right, y, more := count(parts[half:])
		if left+right > maxSumPairs {
			return left + right, 1, 0
		}
		return left + right + x*y, min(x*y, int(min(top+more, most+1))+1), top + more
	}
	pairs, _, _ := count(s.parts)
	return pairs
}

// climb adds the parts up, and returns the literal that each of them is a number.
func (s shifted) climb(b *system.Builder, most int64) (total term.Ladder, whole system.Lit) {
	var ladders []term.Ladder
	var known []system.Lit
	for _, p := range s.parts {
		ladders = append(ladders, p.term.Ladder(b, p.number))
		known = append(known, p.term.Any(b, func(v term.Value) system.Lit {
			if v.None {
				return system.False
			}
			return system.True
		}))
	}
	return term.Climb(b, ladders, most), b.And(known...)
}

// sum grounds a sum as a term, of whose values only those from lo to hi matter: elsewhere it may have none.
func (g *grounder) sum(parts []addend, lo, hi int64) term.Term {
	s := g.shifted(parts)
	if !s.fits {
		g.fail(errLargeInteger)
		return term.Term{}
	}
	lo, hi = max(lo, s.base), min(hi, s.base+s.most)
	switch {
	case lo > hi:
		return term.Term{}
	case s.work(hi-s.base) <= maxClimbPairs:
		total, whole := s.climb(g.b, hi-s.base)
		return total.Term(g.b, s.base, lo, hi, whole)
	case hi-lo >= maxDecoded:
		g.fail(errManyValues)
		return term.Term{}
	}
	base, numbers, whole := s.binary(g.b)
	return term.Total(g.b, numbers).Term(g.b, base, lo, hi, whole)
}

// maxDecoded bounds the values of a sum that was added up in binary.
const maxDecoded = 1 << 16

// binary returns the least total, and what each part is above its own.
func (s shifted) binary(b *system.Builder) (base int64, numbers []term.Number, whole system.Lit) {
	base = s.base
	var known []system.Lit
	for _, p := range s.parts {
		least, above, is := p.term.Map(b, func(v term.Value) (term.Value, bool) { return term.Value{Number: p.number(v)}, !v.None }).Binary(b)
		base, numbers, known = base+least, append(numbers, above), append(known, is)
	}
	return base, numbers, b.And(known...)
}

// relatedToZero compares a sum with 0, in binary: what is added against what is taken away, with the constant of both on the side where it is positive.
func (g *grounder) relatedToZero(op models.Op, parts []addend) system.Lit {
	var sides [2][]term.Number // what is added, what is taken away
	var most [2]int64
	var known []system.Lit
	constant, ok := int64(0), true
	add := func(to *int64, n int64, op models.Op) {
		if n, fits := calculate(*to, n, op); fits {
			*to = n
			return
		}
		ok = false
	}
	for _, p := range parts {
		least, above, is := p.term.Binary(g.b)
		known = append(known, is)
		side, op := 0, models.OpAdd
		if p.minus {
			side, op = 1, models.OpSub
		}
		add(&constant, least, op)
		add(&most[side], above.Most(), models.OpAdd)
		sides[side] = append(sides[side], above)
	}
	if !ok || most[0]+constant > maxInteger || most[1]-constant > maxInteger {
		g.fail(errLargeInteger)
		return system.False
	}
	whole := g.b.And(known...)
	lo, hi := constant-most[1], constant+most[0]
	if slices.Contains([]models.Op{models.OpEq, models.OpNe}, op) {
		equal := system.False
		if lo <= 0 && hi >= 0 {
			x, y := g.balanced(sides, constant)
			equal = g.b.And(whole, term.Equal(g.b, x, y))
		}
		if op == models.OpNe {
			return equal.Not()
		}
		return equal
	}
	// Is it less than 0, and if not, is it 0 or more?
	strict := op == models.OpLt || op == models.OpGe
	switch {
	case strict && hi < 0, !strict && hi <= 0: // always
		return g.either(op == models.OpLt || op == models.OpLe, whole)
	case strict && lo >= 0, !strict && lo > 0: // never
		return g.either(op == models.OpGt || op == models.OpGe, whole)
	}
	x, y := g.balanced(sides, constant)
	switch op {
	case models.OpLt:
		return g.b.And(whole, term.Less(g.b, x, y))
	case models.OpLe:
		return g.b.And(whole, term.Less(g.b, y, x).Not())
	case models.OpGt:
		return g.b.And(whole, term.Less(g.b, y, x))
	}
	return g.b.And(whole, term.Less(g.b, x, y).Not())
}

func (g *grounder) either(holds bool, whole system.Lit) system.Lit {
	if holds {
		return whole
	}
	return system.False
}

// balanced returns the totals of both sides.
func (g *grounder) balanced(sides [2][]term.Number, constant int64) (x, y term.Number) {
	if constant > 0 {
		sides[0] = append(sides[0], term.Integer(constant))
	} else {
		sides[1] = append(sides[1], term.Integer(-constant))
	}
	return term.Total(g.b, sides[0]), term.Total(g.b, sides[1])
}
