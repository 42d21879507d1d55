package certify

import (
	"cmp"
	"context"
	"math/big"
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
)

// outweighed returns literals, among them Bad or some below it, that are true in no state, as then what is true would weigh more than a law says, or less. What follows from clauses is looked at
// where Bad may be true without: it takes longer, and may say less where two literals follow from the same.
func (c *conservation) outweighed(ctx context.Context) map[system.Lit]bool {
	out := map[system.Lit]bool{}
	order := make([]int, len(c.laws)) // those about most first, as they say most
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(c.laws[b].Of), len(c.laws[a].Of)) })
	c.work = 0
	for _, follow := range []bool{false, true} {
		for _, i := range order {
			for _, sign := range []int{1, -1} {
				if out[c.q.Bad] || c.work > maxWeighed || ctx.Err() != nil {
					return out
				}
				s := c.scale(i, sign)
				s.follows = follow
				if len(s.bit) == 0 {
					continue
				}
				s.least(c.q.Bad)
				for l, w := range s.known {
					if w.least > s.total {
						out[l] = true
					}
				}
			}
		}
	}
	return out
}

// scale says what the variables of a law weigh at the least where a literal is true. Weights are moved so that none is negative, and each variable has a value that weighs nothing.
type scale struct {
	*conservation
	weights map[int32][]int // by variable that has a weight, by value
	bit     map[int32]int   // by the same variable: its place in sets of them
	total   int
	follows bool // what follows from clauses counts
	known   map[system.Lit]burden
	sets    map[int32]*big.Int // by node: the variables with a weight that it depends on
}

// burden is what some variables weigh together at the least.
type burden struct {
	least int
	on    *big.Int
}

// impossible is what a literal weighs that is never true: more than any total, and twice it is still a number.
const impossible = 1 << 61

// scale returns the scale of a law, with all weights negated where the sign is -1.
func (c *conservation) scale(law, sign int) *scale {
	s := &scale{conservation: c, weights: map[int32][]int{}, bit: map[int32]int{}, total: sign * c.laws[law].Total, known: map[system.Lit]burden{}, sets: map[int32]*big.Int{}}
	var vars []int32
	for _, m := range c.laws[law].Of {
		vars = append(vars, c.of[c.q.System.Fact(m.Fact).Node()])
	}
	for _, v := range ascending(vars) {
		weights := make([]int, c.vars[v].values())
		for k, n := range c.vars[v].nodes {
			_, f := c.q.System.Node(n)
			if !c.vars[v].class {
				k = 1
			}
			weights[k] = sign * c.weight[law][f]
		}
		least := slices.Min(weights)
		s.total -= least
		if slices.Max(weights) == least {
			continue
		}
		for k := range weights {
			weights[k] -= least
		}
		s.weights[v], s.bit[v] = weights, len(s.bit)
	}
	return s
}

// on returns the set of variables with a weight that a node depends on.
func (s *scale) on(n int32) *big.Int {
	if set, ok := s.sets[n]; ok {
		return set
	}
	set := new(big.Int)
	switch kind, ref := s.q.System.Node(n); kind {
	case system.FactNode, system.ChoiceNode:
		if bit, ok := s.bit[s.of[n]]; ok {
			set.SetBit(set, bit, 1)
		}
	case system.GateNode:
		for _, in := range s.q.System.Gate(ref) {
			set.Or(set, s.on(in.Node()))
		}
	}
	s.sets[n] = set
	return set
}

// least returns what variables weigh together at the least where a literal is true: those that it depends on, or others, too.
func (s *scale) least(l system.Lit) burden {
	w, ok := s.known[l]
	if !ok {
		s.known[l] = burden{0, new(big.Int)} // for whoever asks meanwhile
		if s.work > maxWeighed {
			return s.known[l]
		}
		if w = (burden{impossible, new(big.Int)}); s.ever[l] {
			w = s.together(s.parts(l, s.on(l.Node()), nil))
		}
		s.known[l] = w
	}
	return w
}

// alone returns what a variable weighs at the least where literals are true that depend on no other.
func (s *scale) alone(lits []system.Lit, bit int) int {
	least := impossible
	for v, b := range s.bit {
		if b == bit {
			s.try([]int32{v}, func() {
				at := slices.IndexFunc(s.vars[v].nodes, func(n int32) bool { return s.value[n] == system.Yes })
				if !s.vars[v].class {
					at++
				}
				if !slices.ContainsFunc(lits, func(l system.Lit) bool { return s.eval(l) == system.No }) {
					least = min(least, s.weights[v][at])
				}
			})
		}
	}
	return least
}

// parts appends the parts of a conjunction: its inputs, or the parts of those that depend on all that it depends on.
func (s *scale) parts(l system.Lit, on *big.Int, out []system.Lit) []system.Lit {
	kind, ref := s.q.System.Node(l.Node())
	if kind != system.GateNode || l.Negated() || s.on(l.Node()).Cmp(on) != 0 {
		return append(out, l)
	}
	for _, in := range s.q.System.Gate(ref) {
		out = s.parts(in, on, out)
	}
	return out
}

// together returns what variables weigh at the least where literals are all true: what those do that depend on different variables or, where they are about two sets of variables alone, which of the sets may weigh
// how little so that each literal is true by one or the other.
func (s *scale) together(parts []system.Lit) burden {
	parts, ways := s.follow(parts)
	if parts == nil {
		return burden{impossible, new(big.Int)}
	}
	var each []burden
	alone := map[int][]system.Lit{}
	for i, l := range parts {
		on := s.on(l.Node())
		if on.Sign() != 0 && on.TrailingZeroBits()+1 == uint(on.BitLen()) && len(s.depends(l.Node())) <= maxOn { // whose values are soon tried
			alone[on.BitLen()-1] = append(alone[on.BitLen()-1], l)
		} else if on.Sign() != 0 {
			each = append(each, s.either(ways[i]))
		}
	}
	for bit, lits := range alone {
		each = append(each, burden{s.alone(lits, bit), new(big.Int).SetBit(new(big.Int), bit, 1)})
	}
	slices.SortFunc(each, func(a, b burden) int { return cmp.Or(cmp.Compare(b.least, a.least), a.on.Cmp(b.on)) })
	out := burden{0, new(big.Int)}
	for _, w := range each {
		if new(big.Int).And(out.on, w.on).Sign() == 0 {
			out = burden{min(out.least+w.least, impossible), new(big.Int).Or(out.on, w.on)}
		}
	}
	if w := s.between(ways); w.least > out.least {
		return w
	}
	return out
}

// follow returns literals and those that follow from them, each with literals of which one is true where it is; none where they are never true together.
func (s *scale) follow(lits []system.Lit) (parts []system.Lit, ways [][]system.Lit) {
	yes := map[system.Lit]bool{}
	add := func(l system.Lit) {
		if !yes[l] {
			yes[l] = true
			parts = append(parts, l)
		}
	}
	for _, l := range lits {
		add(l)
	}
	no := func(l system.Lit) bool { return yes[l.Not()] || int(l.Node()) < s.q.System.Nodes() && !s.ever[l] }
	open := func(list []system.Lit) (n int, last system.Lit) { // how many are not known to be false, and one of them
		for _, l := range list {
			if s.work++; !no(l) {
				n, last = n+1, l
			}
		}
		return n, last
	}
	for more := 0; more < len(parts) && s.work <= maxWeighed; {
		more = len(parts)
		for _, l := range parts {
			n, way := open(s.ways(l))
			if n == 0 {
				return nil, nil
			}
			if n == 1 && way != l {
				for _, x := range s.parts(way, s.on(l.Node()), nil) {
					add(x)
				}
			}
			if !s.follows || !s.fact(l) {
				continue
			}
			v := s.of[l.Node()]
			for _, n := range s.vars[v].nodes {
				if x := system.Lit(n)<<1 | 1; x != l.Not() && s.vars[v].class && !l.Negated() {
					yes[x] = true
				}
			}
			for _, clause := range s.named[v] {
				if n, l := open(clause); n == 1 && s.fact(l) {
					add(l)
				}
			}
		}
	}
	for _, l := range parts {
		ways = append(ways, slices.DeleteFunc(s.ways(l), no))
	}
	return parts, ways
}

// ways returns literals of which one is true where the literal is.
func (s *scale) ways(l system.Lit) []system.Lit {
	kind, ref := s.q.System.Node(l.Node())
	if kind != system.GateNode || !l.Negated() {
		return []system.Lit{l}
	}
	var out []system.Lit
	for _, in := range s.q.System.Gate(ref) {
		out = append(out, in.Not())
	}
	return out
}

// join returns disjoint sets with one more, which takes in those that it has something in common with.
func join(sets []*big.Int, with *big.Int) []*big.Int {
	if with.Sign() == 0 {
		return sets
	}
	var out []*big.Int
	with = new(big.Int).Set(with)
	for _, set := range sets {
		if new(big.Int).And(set, with).Sign() == 0 {
			out = append(out, set)
		} else {
			with.Or(with, set)
		}
	}
	return append(out, with)
}

// either returns what variables weigh at the least where one of several literals is true.
func (s *scale) either(ways []system.Lit) burden {
	w := burden{impossible, new(big.Int)}
	for _, l := range ways {
		x := s.least(l)
		w = burden{min(w.least, x.least), new(big.Int).Or(w.on, x.on)}
	}
	return w
}

// between returns what the variables of two sets weigh at the least where of each list of literals one is true, and each of them is about one of the sets; 0 where there are more sets.
func (s *scale) between(ways [][]system.Lit) burden {
	var sets []*big.Int
	for _, list := range ways {
		for _, l := range list {
			sets = join(sets, s.least(l).on)
		}
	}
	if len(sets) != 2 {
		return burden{0, new(big.Int)}
	}
	var needs [][2]int // of each list: what the one set, or else the other, weighs at the least
	for _, list := range ways {
		need := [2]int{impossible, impossible}
		for _, l := range list {
			x := s.least(l)
			for i, set := range sets {
				if x.on.Sign() == 0 || new(big.Int).And(set, x.on).Sign() != 0 {
					need[i] = min(need[i], x.least)
				}
			}
		}
		needs = append(needs, need)
	}
	least := impossible
	for _, first := range append(needs, [2]int{}) {
		other := 0
		for _, need := range needs {
			if need[0] > first[0] {
				other = max(other, need[1])
			}
		}
		least = min(least, first[0]+other)
	}
	return burden{least, new(big.Int).Or(sets[0], sets[1])}
}
