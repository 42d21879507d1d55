package term_test

import (
	"context"
	"math/rand"
	"testing"

	"github.com/vauban-verifier/vauban/checker/ground/term"
	"github.com/vauban-verifier/vauban/checker/system"
)

// meaning is what a term should be worth in a state, worked out beside the package.
type meaning func(st *system.State) (v term.Value, ok bool)

// pair is a term with its meaning.
type pair struct {
	term term.Term
	mean meaning
}

// terms makes random terms over variables and facts.
type terms struct {
	*rand.Rand
	b     *system.Builder
	facts []int32
	vars  []*term.Variable
	mean  []meaning // of the variables
}

func num(n int64) term.Value { return term.Value{Number: n} }

func newTerms(rng *rand.Rand) *terms {
	g := &terms{Rand: rng, b: system.NewBuilder()}
	for range 2 {
		g.facts = append(g.facts, g.b.Fact())
	}
	for range 2 {
		var values []term.Value
		for i := range 1 + rng.Intn(4) {
			values = append(values, num(int64(2*i)))
		}
		facts := map[int]int32{}
		g.vars = append(g.vars, term.NewVariable(g.b, values, func(i int) int32 {
			facts[i] = g.b.Fact()
			return facts[i]
		}))
		g.mean = append(g.mean, func(st *system.State) (term.Value, bool) {
			for i, f := range facts {
				if st.Fact(f) {
					return values[i], true
				}
			}
			return values[0], true
		})
	}
	return g
}

func (g *terms) random(depth int) pair {
	if depth == 0 {
		switch g.Intn(4) {
		case 0:
			n := num(int64(g.Intn(4)))
			return pair{term.Of(n), func(*system.State) (term.Value, bool) { return n, true }}
		case 1:
			return pair{mean: func(*system.State) (term.Value, bool) { return term.Value{}, false }}
		}
		i := g.Intn(len(g.vars))
		return pair{g.vars[i].Term(), g.mean[i]}
	}
	x, y := g.random(depth-1), g.random(depth-1)
	f := g.facts[g.Intn(len(g.facts))]
	switch g.Intn(5) {
	case 0:
		return pair{term.If(g.b, g.b.FactLit(f), x.term, y.term), func(st *system.State) (term.Value, bool) {
			if st.Fact(f) {
				return x.mean(st)
			}
			return y.mean(st)
		}}
	case 1: // a field that is the same of several, and that some do not have
		field := func(v term.Value) (term.Value, bool) { return num(v.Number / 3), v.Number != 2 }
		return pair{x.term.Map(g.b, field), func(st *system.State) (term.Value, bool) {
			if v, ok := x.mean(st); ok {
				return field(v)
			}
			return term.Value{}, false
		}}
	case 2:
		less := func(a, b term.Value) (term.Value, bool) { return num(a.Number - b.Number), true }
		return pair{x.term.With(g.b, y.term, less), func(st *system.State) (term.Value, bool) {
			a, ok := x.mean(st)
			b, ok2 := y.mean(st)
			return num(a.Number - b.Number), ok && ok2
		}}
	case 3:
		return pair{x.term.Then(g.b, func(v term.Value) term.Term {
			if v.Number > 1 {
				return y.term
			}
			return term.Of(v)
		}), func(st *system.State) (term.Value, bool) {
			if v, ok := x.mean(st); ok && v.Number <= 1 {
				return v, true
			} else if !ok {
				return v, false
			}
			return y.mean(st)
		}}
	}
	counted := []system.Lit{x.term.Is(num(0)), y.term.Is(num(2)), g.b.FactLit(f)}
	count, err := term.Count(context.Background(), g.b, counted)
	if err != nil {
		panic(err)
	}
	return pair{count, func(st *system.State) (term.Value, bool) {
		n := int64(0)
		for _, l := range counted {
			if st.Eval(l) == system.Yes {
				n++
			}
		}
		return num(n), true
	}}
}

// TestTerms checks in every state that the interpreter comes to that a term has the value that it should have, by one literal, and that variables keep
// exactly one value when terms are assigned to them.
func TestTerms(t *testing.T) {
	t.Parallel()
	merged := 0
	for seed := range int64(400) {
		g := newTerms(rand.New(rand.NewSource(seed)))
		var all []pair
		var assigned []int // by rule: the variable, and the term
		for range 5 {
			all = append(all, g.random(1+g.Intn(3)))
		}
		start := g.start()
		for i := range all {
			k := g.Intn(len(g.vars))
			v := g.vars[k]
			// What is none of its values is not assigned.
			var inside []system.Lit
			for x := range v.Term().All() {
				inside = append(inside, all[i].term.Is(x))
			}
			g.b.Rule([]system.Lit{g.b.Or(inside...)}, v.Assign(g.b, system.True, all[i].term), 0, nil)
			assigned = append(assigned, k)
		}
		for _, f := range g.facts {
			g.b.Rule([]system.Lit{system.True}, []system.Effect{{When: system.True, Fact: f, Set: true}}, 0, nil)
		}
		s := g.b.System()
		for range 10 {
			st, err := system.NewState(s, start, nil)
			if err != nil {
				t.Fatal(err)
			}
			for range 12 {
				for i, p := range all {
					merged += g.hold(t, seed, st, i, p)
				}
				r := g.Intn(s.Rules())
				if st.Eval(s.Guard(int32(r))[0]) != system.Yes {
					continue
				}
				var want term.Value
				if r < len(all) {
					want, _ = all[r].mean(st)
				}
				if _, err := st.Take(int32(r)); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				if r < len(all) {
					if got, _ := g.mean[assigned[r]](st); got != want {
						t.Fatalf("seed %d: rule %d assigns %v, expected %v", seed, r, got, want)
					}
				}
			}
		}
	}
	t.Logf("%d times a term had its value", merged)
}

// start returns facts under which each variable has its first value.
func (g *terms) start() []int32 {
	var out []int32
	for _, v := range g.vars {
		if f, ok := v.Key(); ok && v.Term().Len() > 2 {
			out = append(out, f)
		}
	}
	return out
}

// hold checks a term in a state, and returns 1 where it has a value.
func (g *terms) hold(t *testing.T, seed int64, st *system.State, i int, p pair) int {
	t.Helper()
	want, has := p.mean(st)
	n := 0
	seen := map[term.Value]bool{}
	for v, when := range p.term.All() {
		if seen[v] {
			t.Fatalf("seed %d, term %d: %v appears twice", seed, i, v)
		}
		seen[v] = true
		if st.Eval(when) == system.Yes {
			if n++; v != want {
				t.Fatalf("seed %d, term %d: it is %v, expected %v", seed, i, v, want)
			}
		}
		if p.term.Is(v) != when {
			t.Fatalf("seed %d, term %d: Is(%v) is another literal", seed, i, v)
		}
	}
	if has != (n == 1) || n > 1 {
		t.Fatalf("seed %d, term %d: it has %d values, expected one: %v", seed, i, n, has)
	}
	return n
}
