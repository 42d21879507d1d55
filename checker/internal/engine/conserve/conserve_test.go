package conserve_test

import (
	"math/rand"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/engine/conserve"
	"github.com/vauban-verifier/vauban/checker/system"
)

// process is a random question about a few counters, between which rules move things, and a switch.
type process struct {
	*rand.Rand
	b        *system.Builder
	counters [][]int32 // by value
	flag     int32
	start    []int32
}

func (p *process) any(lits []int32) system.Lit { return p.b.FactLit(lits[p.Intn(len(lits))]) }

// move returns the effects of a counter that goes by so much, and the values from which it can.
func (p *process) move(counter []int32, by int, when system.Lit) (can system.Lit, out []system.Effect) {
	var from []system.Lit
	for v := range counter {
		to := v + by
		if to < 0 || to >= len(counter) || to == v {
			continue
		}
		l := p.b.And(p.b.FactLit(counter[v]), when)
		from = append(from, p.b.FactLit(counter[v]))
		out = append(out, system.Effect{When: l, Fact: counter[v]}, system.Effect{When: l, Fact: counter[to], Set: true})
	}
	return p.b.Or(from...), out
}

func (p *process) rule() {
	a, b := p.Intn(len(p.counters)), p.Intn(len(p.counters))
	if a == b && p.Intn(6) > 0 {
		b = (a + 1) % len(p.counters)
	}
	by := 1 + p.Intn(2)
	can, effects := p.move(p.counters[a], -by, system.True)
	guard := []system.Lit{can}
	if a != b {
		if p.Intn(6) == 0 {
			by++
		}
		can, more := p.move(p.counters[b], by, system.True)
		if p.Intn(10) > 0 {
			guard = append(guard, can)
		}
		effects = append(effects, more...)
	}
	flag := p.b.FactLit(p.flag)
	switch p.Intn(5) {
	case 0: // everything moves once, as the switch is turned
		guard = append(guard, flag.Not())
		effects = append(effects, system.Effect{When: system.True, Fact: p.flag, Set: true})
	case 1:
		guard = append(guard, flag)
	case 2:
		guard = append(guard, p.any(p.counters[p.Intn(len(p.counters))])^system.Lit(p.Intn(2)))
	}
	p.b.Rule(guard, effects, 0, nil)
}

// bad returns what is asked about: whether counters have some values, or add up to so much or to less.
func (p *process) bad() system.Lit {
	if p.Intn(3) == 0 {
		var lits []system.Lit
		for _, c := range p.counters {
			lits = append(lits, p.any(c)^system.Lit(p.Intn(2)))
		}
		return p.b.And(lits...)
	}
	least := []system.Lit{system.True} // by number: at least that, so far
	for _, c := range p.counters[p.Intn(2):] {
		next := make([]system.Lit, len(least)+len(c)-1)
		for n := range next {
			var ways []system.Lit
			for v := range c {
				if k := max(n-v, 0); k < len(least) {
					ways = append(ways, p.b.And(least[k], p.b.FactLit(c[v])))
				}
			}
			next[n] = p.b.Or(ways...)
		}
		least = next
	}
	return least[p.Intn(len(least))] ^ system.Lit(p.Intn(2))
}

func random(seed int64) *system.Question {
	p := &process{Rand: rand.New(rand.NewSource(seed)), b: system.NewBuilder()}
	p.flag = p.b.Fact()
	if p.Intn(3) == 0 {
		p.start = append(p.start, p.flag)
	}
	for range 2 + p.Intn(3) {
		c := make([]int32, 3+p.Intn(2))
		for v := range c {
			c[v] = p.b.Fact()
		}
		p.b.OneOf(c)
		p.start = append(p.start, c[p.Intn(len(c))])
		p.counters = append(p.counters, c)
	}
	for range 1 + p.Intn(4) {
		p.rule()
	}
	bad := p.bad()
	slices.Sort(p.start)
	return &system.Question{System: p.b.System(), Start: p.start, Bad: bad, Budget: -1}
}

// states returns all states that runs reach, as facts, and whether one of them is bad.
func states(t *testing.T, q *system.Question) (all []map[int32]bool, bad bool) {
	t.Helper()
	key := func(st *system.State) string {
		var out []byte
		for f := range int32(q.System.Facts()) {
			out = append(out, byte(st.Eval(q.System.Fact(f))))
		}
		return string(out)
	}
	seen := map[string]bool{}
	var visit func(run []int32)
	visit = func(run []int32) {
		st, err := system.NewState(q.System, q.Start, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range run {
			if _, err := st.Take(r); err != nil {
				return
			}
		}
		k := key(st)
		if seen[k] {
			return
		}
		seen[k] = true
		state := map[int32]bool{}
		for f := range int32(q.System.Facts()) {
			state[f] = st.Eval(q.System.Fact(f)) == system.Yes
		}
		all = append(all, state)
		bad = bad || st.Eval(q.Bad) == system.Yes
		for r := range int32(q.System.Rules()) {
			visit(append(slices.Clone(run), r))
		}
	}
	visit(nil)
	return all, bad
}

// holds reports whether laws hold in a state.
func holds(laws []system.Law, state map[int32]bool) bool {
	for _, law := range laws {
		sum := 0
		for _, m := range law.Of {
			if state[m.Fact] {
				sum += m.Weight
			}
		}
		if sum != law.Total {
			return false
		}
	}
	return true
}

// forge changes an invariant in one place.
func forge(rng *rand.Rand, q *system.Question, inv *system.Invariant) *system.Invariant {
	out := &system.Invariant{Clauses: slices.Clone(inv.Clauses)}
	for _, law := range inv.Laws {
		out.Laws = append(out.Laws, system.Law{Of: slices.Clone(law.Of), Total: law.Total})
	}
	i := rng.Intn(len(out.Laws))
	law := &out.Laws[i]
	k := rng.Intn(len(law.Of))
	switch rng.Intn(6) {
	case 0:
		law.Total += 1 - 2*rng.Intn(2)
	case 1:
		law.Of[k].Weight += 1 - 2*rng.Intn(2)
	case 2:
		law.Of = slices.Delete(law.Of, k, k+1)
	case 3:
		out.Laws = slices.Delete(out.Laws, i, i+1)
	case 4:
		if len(out.Clauses) > 0 {
			k := rng.Intn(len(out.Clauses))
			out.Clauses = slices.Delete(out.Clauses, k, k+1)
		}
	case 5: // with the total that it has at the start
		law.Of[k].Weight += 1 + rng.Intn(3)
		if slices.Contains(q.Start, law.Of[k].Fact) {
			law.Total = 0
			for _, m := range law.Of {
				if slices.Contains(q.Start, m.Fact) {
					law.Total += m.Weight
				}
			}
		}
	}
	return out
}

// TestLaws puts laws beside all states that runs reach: each holds in all of them, and what is believed by laws, or by forged ones, is not bad.
func TestLaws(t *testing.T) {
	t.Parallel()
	found, proved, open, forged, believed := 0, 0, 0, 0, 0
	for seed := range int64(3000) {
		q := random(seed)
		all, bad := states(t, q)
		inv := conserve.Laws(t.Context(), q)
		for _, state := range all {
			if !holds(inv.Laws, state) {
				t.Fatalf("seed %d: a state breaks a law", seed)
			}
		}
		classes := len(q.System.Groups())
		if len(inv.Laws) > classes {
			found++
		}
		err := certify.Certificate(t.Context(), q, &system.Certificate{Invariant: inv})
		switch {
		case err == nil && bad:
			t.Fatalf("seed %d: a state is bad, which laws are said to exclude", seed)
		case err == nil:
			proved++
		case !bad:
			open++
		}
		if err != nil && err.Error() != "the invariant does not exclude what is bad" {
			t.Fatalf("seed %d: what is proposed is no invariant: %v", seed, err)
		}
		if len(inv.Laws) == 0 {
			continue
		}
		rng := rand.New(rand.NewSource(seed))
		for range 20 {
			f := forge(rng, q, inv)
			forged++
			if certify.Certificate(t.Context(), q, &system.Certificate{Invariant: f}) != nil {
				continue
			}
			believed++
			for _, state := range all {
				if !holds(f.Laws, state) {
					t.Fatalf("seed %d: a forged law is believed that a state breaks: %v", seed, f.Laws)
				}
			}
			if bad {
				t.Fatalf("seed %d: a forged law is believed, and a state is bad", seed)
			}
		}
	}
	t.Logf("laws beside classes in %d, %d proved, %d not; %d forged, %d believed", found, proved, open, forged, believed)
	if found < 200 || proved < 200 || believed < 200 {
		t.Error("too few of a kind")
	}
}
