package term_test

import (
	"context"
	"math/rand"
	"testing"

	"github.com/vauban-verifier/vauban/checker/ground/term"
	"github.com/vauban-verifier/vauban/checker/system"
)

// counted is a number with what it should be worth, and a literal for each value that it may have.
type counted struct {
	number term.Number
	mean   func(st *system.State) int64
	equal  []system.Lit // to 0, 1 and so on, two more than it can be
}

func (g *terms) counted(n term.Number, mean func(st *system.State) int64) counted {
	c := counted{number: n, mean: mean}
	for k := range n.Most() + 3 {
		c.equal = append(c.equal, term.Equal(g.b, n, term.Integer(k)))
	}
	return c
}

// TestNumbers compares numbers in binary with integers in every state: terms that are split, of which some are no numbers there, totals, and orders.
func TestNumbers(t *testing.T) {
	t.Parallel()
	orders := map[bool]int{}
	for seed := range int64(300) {
		g := newTerms(rand.New(rand.NewSource(seed)))
		type part struct {
			pair
			least int64
			above term.Number
			is    system.Lit
		}
		var parts []part
		sides := [2][]term.Number{}
		for range g.Intn(6) {
			p := g.random(1 + g.Intn(2))
			if g.Intn(3) == 0 { // now and then it is none
				f, inner := g.facts[0], p
				p.term = term.If(g.b, g.b.FactLit(f), term.Of(term.Value{None: true}), inner.term)
				p.mean = func(st *system.State) (term.Value, bool) {
					if st.Fact(f) {
						return term.Value{None: true}, true
					}
					return inner.mean(st)
				}
			}
			x := part{pair: p}
			x.least, x.above, x.is = p.term.Binary(g.b)
			parts = append(parts, x)
			i := g.Intn(2)
			sides[i] = append(sides[i], x.above)
		}
		sides[0] = append(sides[0], term.Integer(int64(g.Intn(6))))
		var numbers []counted
		for _, p := range parts {
			numbers = append(numbers, g.counted(p.above, func(st *system.State) int64 {
				if v, ok := p.mean(st); ok && !v.None {
					return v.Number - p.least
				}
				return 0
			}))
		}
		var values [2][][]system.Lit // by side, number and value: made before the system is finished
		for i, side := range sides {
			for _, x := range side {
				values[i] = append(values[i], g.counted(x, nil).equal)
			}
		}
		totals := [2]counted{}
		for i, side := range sides {
			totals[i] = g.counted(term.Total(g.b, side), func(st *system.State) int64 {
				n := int64(0)
				for _, equal := range values[i] {
					for k, l := range equal {
						if st.Eval(l) == system.Yes {
							n += int64(k)
						}
					}
				}
				return n
			})
		}
		less := [2]system.Lit{term.Less(g.b, totals[0].number, totals[1].number), term.Less(g.b, totals[1].number, totals[0].number)}
		same := term.Equal(g.b, totals[0].number, totals[1].number)
		start := g.start()
		s := g.b.System()
		for mask := range 1 << s.Facts() {
			facts := append([]int32(nil), start...)
			for f := range int32(s.Facts()) {
				if mask>>f&1 == 1 {
					facts = append(facts, f)
				}
			}
			st, err := system.NewState(s, facts, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !g.single(st) {
				continue
			}
			for i, p := range parts {
				v, ok := p.mean(st)
				if number := ok && !v.None; (st.Eval(p.is) == system.Yes) != number {
					t.Fatalf("seed %d: part %d is %v, %v, and is said to be a number: %v", seed, i, v, ok, !number)
				} else if number && v.Number < p.least {
					t.Fatalf("seed %d: part %d is %v, below %d", seed, i, v, p.least)
				}
			}
			for i, c := range append(numbers, totals[:]...) {
				want := c.mean(st)
				for k, l := range c.equal {
					if (st.Eval(l) == system.Yes) != (int64(k) == want) {
						t.Fatalf("seed %d: number %d is %d, and equal to %d: %v", seed, i, want, k, st.Eval(l))
					}
				}
			}
			x, y := totals[0].mean(st), totals[1].mean(st)
			if (st.Eval(less[0]) == system.Yes) != (x < y) || (st.Eval(less[1]) == system.Yes) != (y < x) || (st.Eval(same) == system.Yes) != (x == y) {
				t.Fatalf("seed %d: %d and %d are compared as %v, %v, %v", seed, x, y, st.Eval(less[0]), st.Eval(less[1]), st.Eval(same))
			}
			orders[x < y]++
		}
	}
	if orders[true] < 200 || orders[false] < 200 {
		t.Errorf("too few orders: %v", orders)
	}
}

// single reports whether each variable has one value in a state.
func (g *terms) single(st *system.State) bool {
	for _, v := range g.vars {
		n := 0
		for _, l := range v.Term().All() {
			if st.Eval(l) == system.Yes {
				n++
			}
		}
		if n != 1 {
			return false
		}
	}
	return true
}

// TestBounds checks how far numbers go: from the least value of a term to its largest.
func TestBounds(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	f := b.FactLit(b.Fact())
	x := term.If(b, f, term.Of(num(-3)), term.Of(num(7)))
	if least, above, is := x.Binary(b); least != -3 || above.Most() != 10 || is != system.True {
		t.Errorf("least %d, %d above, a number where %d holds", least, above.Most(), is)
	}
	none := term.If(b, f, term.Of(term.Value{None: true}), term.Of(num(7)))
	if least, above, is := none.Binary(b); least != 7 || above.Most() != 0 || is != f.Not() {
		t.Errorf("least %d, %d above, a number where %d holds", least, above.Most(), is)
	}
	if n := term.Total(b, []term.Number{term.Integer(5), term.Integer(6)}); n.Most() != 11 || term.Equal(b, n, term.Integer(11)) != system.True {
		t.Errorf("5 and 6 are up to %d", n.Most())
	}
}

// TestTermsOneByOne checks what terms say of themselves.
func TestTermsOneByOne(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	f := b.FactLit(b.Fact())
	two := term.If(b, f, term.Of(num(1)), term.Of(num(2)))
	if v, ok := term.Of(num(3)).Constant(); v != num(3) || !ok {
		t.Errorf("3 is %v, %v", v, ok)
	}
	part := two.Map(b, func(v term.Value) (term.Value, bool) { return v, v.Number == 1 })
	for what, x := range map[string]term.Term{"of two values": two, "of no value": {}, "of one value at times": part} {
		if v, ok := x.Constant(); ok {
			t.Errorf("a term %s is always %v", what, v)
		}
	}
	for v := range two.All() {
		if v != num(1) {
			t.Errorf("the first value is %v", v)
		}
		break
	}
	if l := two.Any(b, func(v term.Value) system.Lit { return map[int64]system.Lit{1: f, 2: system.False}[v.Number] }); l != f {
		t.Errorf("what holds of the value 1 alone holds where %d does", l)
	}
	one := term.NewVariable(b, []term.Value{num(4)}, func(int) int32 { panic("a variable of one value needs no fact") })
	if _, ok := one.Key(); ok {
		t.Error("a variable that nothing changes has a key")
	}
	var facts []int32
	three := term.NewVariable(b, []term.Value{num(0), num(1), num(2)}, func(int) int32 {
		facts = append(facts, b.Fact())
		return facts[len(facts)-1]
	})
	if three.Is(1) != b.FactLit(facts[1]) {
		t.Errorf("the value 1 is literal %d", three.Is(1))
	}
	if key, ok := three.Key(); key != facts[0] || !ok {
		t.Errorf("the key of a variable is %d, %v", key, ok)
	}
	b.Rule(nil, []system.Effect{{When: system.True, Fact: facts[1], Set: true}}, 0, nil)
	q := &system.Question{System: b.System(), Start: facts[:1], Budget: -1}
	if _, err := system.Replay(q, &system.Run{Rules: []int32{0}}); err == nil {
		t.Error("a rule gives a variable two values, and nobody minds")
	}
}

// TestCountsEnd checks that what is counted in part is no count.
func TestCountsEnd(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	lits := []system.Lit{b.FactLit(b.Fact()), b.FactLit(b.Fact())}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := term.Count(ended, b, lits); err == nil {
		t.Error("a count without time")
	}
	if _, err := term.AtLeast(ended, b, lits, 2); err == nil {
		t.Error("at least so many without time")
	}
}
