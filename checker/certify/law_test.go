package certify_test

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
)

// purse are two counters from 0 to 2, of which the first is 2 at the start and the other 0.
type purse struct{ x, y [3]int32 }

func newPurse(w *world) (p purse) {
	for i := range p.x {
		p.x[i] = w.b.Fact()
	}
	for i := range p.y {
		p.y[i] = w.b.Fact()
	}
	return p
}

// moves returns the effects of a counter that goes by so much from each value from which it can.
func moves(w *world, c [3]int32, by int) (out []system.Effect) {
	for v := range c {
		if to := v + by; to >= 0 && to < len(c) {
			out = append(out, system.Effect{When: w.lit(c[v]), Fact: c[v]}, system.Effect{When: w.lit(c[v]), Fact: c[to], Set: true})
		}
	}
	return out
}

// give moves one from the first counter to the second, where a guard holds.
func (p purse) give(w *world, by int, guard ...system.Lit) {
	w.b.Rule(guard, slices.Concat(moves(w, p.x, -1), moves(w, p.y, by)), 0, nil)
}

func (p purse) can(w *world) []system.Lit {
	return []system.Lit{w.lit(p.x[0]).Not(), w.lit(p.y[2]).Not()}
}

func (p purse) ask(w *world, bad ...system.Lit) *system.Question {
	return w.ask(func(q *system.Question) {
		q.Start = append(q.Start, p.x[2], p.y[0])
		q.Bad = w.b.And(bad...)
	})
}

func weigh(total int, masses ...int) system.Law {
	law := system.Law{Total: total}
	for i := 0; i < len(masses); i += 2 {
		law.Of = append(law.Of, system.Mass{Fact: int32(masses[i]), Weight: masses[i+1]})
	}
	return law
}

func one(c [3]int32) system.Law { return weigh(1, int(c[0]), 1, int(c[1]), 1, int(c[2]), 1) }

func (p purse) sum(total int) system.Law {
	return weigh(total, int(p.x[1]), 1, int(p.x[2]), 2, int(p.y[1]), 1, int(p.y[2]), 2)
}

func laws(list ...system.Law) *system.Certificate {
	return &system.Certificate{Invariant: &system.Invariant{Laws: list}}
}

// given makes a purse that gives, asks whether three can be there, and changes the proof that only two are.
func given(change func(w *world, p purse, cert *system.Invariant)) func(w *world) (*system.Question, *system.Certificate) {
	return func(w *world) (*system.Question, *system.Certificate) {
		p := newPurse(w)
		p.give(w, 1, p.can(w)...)
		cert := laws(one(p.x), one(p.y), p.sum(2))
		if change != nil {
			change(w, p, cert.Invariant)
		}
		return p.ask(w, w.lit(p.x[2]), w.lit(p.y[1])), cert
	}
}

// ruled is given with another rule instead.
func ruled(rule func(w *world, p purse)) func(w *world) (*system.Question, *system.Certificate) {
	return func(w *world) (*system.Question, *system.Certificate) {
		p := newPurse(w)
		rule(w, p)
		return p.ask(w, w.lit(p.x[2]), w.lit(p.y[1])), laws(one(p.x), one(p.y), p.sum(2))
	}
}

var lawProofs = []struct {
	name string
	make func(w *world) (*system.Question, *system.Certificate)
	want string
}{
	{"a law", given(nil), ""},
	{"a law with another total", given(func(_ *world, _ purse, c *system.Invariant) { c.Laws[2].Total = 3 }), "law 3 does not hold at the start"},
	{"a law with another weight", given(func(_ *world, _ purse, c *system.Invariant) { c.Laws[2].Of[0].Weight = 3 }), "rule 5 may break law 3"},
	{"a law without a value", given(func(_ *world, _ purse, c *system.Invariant) { c.Laws[2].Of = c.Laws[2].Of[:3] }), "rule 5 may break law 3"},
	{"a law that weighs nothing", given(func(_ *world, _ purse, c *system.Invariant) { c.Laws[2].Of[0].Weight = 0 }), "law 3 has facts out of order, or weights out of range"},
	{"a law that weighs too much", given(func(_ *world, _ purse, c *system.Invariant) { c.Laws[2].Of[0].Weight = 1 << 40 }), "law 3 has facts out of order, or weights out of range"},
	{"a law that weighs too little", given(func(_ *world, _ purse, c *system.Invariant) { c.Laws[2].Of[0].Weight = -1 << 40 }), "law 3 has facts out of order, or weights out of range"},
	{"a law with a fact twice", given(func(_ *world, _ purse, c *system.Invariant) { c.Laws[2].Of[1].Fact = c.Laws[2].Of[0].Fact }), "law 3 has facts out of order, or weights out of range"},
	{"a law about what is not there", given(func(_ *world, p purse, c *system.Invariant) { c.Laws[2].Of[3].Fact = p.y[2] + 1 }), "law 3 has facts out of order, or weights out of range"},
	{"a law about what is below all", given(func(_ *world, _ purse, c *system.Invariant) { c.Laws[2].Of[0].Fact = -1 }), "law 3 has facts out of order, or weights out of range"},
	{"a law without a class", given(func(_ *world, _ purse, c *system.Invariant) { c.Laws = c.Laws[1:] }), "rule 5 may break law 2"},
	{"a class that is empty at the start", given(func(w *world, p purse, c *system.Invariant) { c.Laws[0] = weigh(1, int(p.x[0]), 1, int(p.x[1]), 1) }), "law 1 does not hold at the start"},
	{"a class that a rule empties", given(func(w *world, p purse, c *system.Invariant) { c.Laws[0] = weigh(1, int(p.x[1]), 1, int(p.x[2]), 1) }), "rule 5 may break law 1"},
	{"a class that a rule of the world fills twice", given(func(w *world, _ purse, c *system.Invariant) {
		c.Laws = append(c.Laws, weigh(1, int(w.mid), 1, int(w.right), 1))
	}), "rule 0 may break law 4"},
	{"two classes with a fact", given(func(_ *world, p purse, c *system.Invariant) {
		c.Laws = append(c.Laws, weigh(1, int(p.x[0]), 1, int(p.x[1]), 1, int(p.x[2]), 1))
	}), ""},
	{"a law of nothing", given(func(_ *world, _ purse, c *system.Invariant) { c.Laws = append(c.Laws, system.Law{}) }), ""},
	{"a law that nothing weighs one", given(func(_ *world, _ purse, c *system.Invariant) { c.Laws = append(c.Laws, system.Law{Total: 1}) }), "law 4 does not hold at the start"},
	{"a law that excludes nothing bad", func(w *world) (*system.Question, *system.Certificate) {
		p := newPurse(w)
		p.give(w, 1, p.can(w)...)
		return p.ask(w, w.lit(p.x[1]), w.lit(p.y[1])), laws(one(p.x), one(p.y), p.sum(2))
	}, "does not exclude what is bad"},
	{"what a law excludes or something else", func(w *world) (*system.Question, *system.Certificate) {
		p := newPurse(w)
		p.give(w, 1, p.can(w)...)
		return p.ask(w, w.b.Or(w.b.And(w.lit(p.x[2]), w.lit(p.y[1])), w.lit(w.left))), laws(one(p.x), one(p.y), p.sum(2))
	}, "does not exclude what is bad"},
	{"less than a law says", func(w *world) (*system.Question, *system.Certificate) {
		p := newPurse(w)
		p.give(w, 1, p.can(w)...)
		return p.ask(w, w.lit(p.x[0]), w.lit(p.y[2]).Not()), laws(one(p.x), one(p.y), p.sum(2))
	}, ""},
	{"as little as a law says", func(w *world) (*system.Question, *system.Certificate) {
		p := newPurse(w)
		p.give(w, 1, p.can(w)...)
		return p.ask(w, w.lit(p.x[0]), w.lit(p.y[1]).Not()), laws(one(p.x), one(p.y), p.sum(2))
	}, "does not exclude what is bad"},
	{"a rule gives more than it takes", ruled(func(w *world, p purse) { p.give(w, 2, p.can(w)...) }), "rule 5 may break law 3"},
	{"a rule gives what is not there", ruled(func(w *world, p purse) { p.give(w, 1, p.can(w)[1:]...) }), "rule 5 may break law 3"},
	{"a rule gives to who is full", ruled(func(w *world, p purse) { p.give(w, 1, p.can(w)[:1]...) }), "rule 5 may break law 3"},
	{"a rule that asks for one of two things gives", ruled(func(w *world, p purse) { p.give(w, 1, w.b.Or(p.can(w)...)) }), "rule 5 may break law 3"},
	{"a rule that is never taken", ruled(func(w *world, p purse) { p.give(w, 2, w.lit(w.bad)) }), ""},
	{"a rule that takes all values at once", ruled(func(w *world, p purse) { p.give(w, 2, w.lit(p.x[1]), w.lit(p.x[2])) }), ""},
	{"a rule gives all, whatever that is", ruled(func(w *world, p purse) {
		var effects []system.Effect
		for v := 1; v < 3; v++ {
			when := w.b.And(w.lit(p.x[v]), w.lit(p.y[0]))
			effects = append(effects, system.Effect{When: when, Fact: p.x[v]}, system.Effect{When: when, Fact: p.x[0], Set: true}, system.Effect{When: when, Fact: p.y[0]}, system.Effect{When: when, Fact: p.y[v], Set: true})
		}
		w.b.Rule(nil, effects, 0, nil)
	}), ""},
	{"a rule gives one, whatever is taken", ruled(func(w *world, p purse) {
		var effects []system.Effect
		for v := 1; v < 3; v++ {
			when := w.b.And(w.lit(p.x[v]), w.lit(p.y[0]))
			effects = append(effects, system.Effect{When: when, Fact: p.x[v]}, system.Effect{When: when, Fact: p.x[0], Set: true}, system.Effect{When: when, Fact: p.y[0]}, system.Effect{When: when, Fact: p.y[1], Set: true})
		}
		w.b.Rule(nil, effects, 0, nil)
	}), "rule 5 may break law 3"},
	{"a rule that gives under a choice takes without", ruled(func(w *world, p purse) {
		effects := moves(w, p.x, -1)
		for _, e := range moves(w, p.y, 1) {
			e.When = w.b.And(e.When, w.e)
			effects = append(effects, e)
		}
		w.b.Rule(p.can(w), effects, 0, nil)
	}), "rule 5 may break law 3"},
	{"a rule that clears what it sets", ruled(func(w *world, p purse) {
		w.b.Rule(nil, []system.Effect{{When: system.True, Fact: p.x[2]}, {When: w.lit(p.x[2]), Fact: p.x[2], Set: true}}, 0, nil)
	}), ""},
	{"a rule that clears what it sets at times", ruled(func(w *world, p purse) {
		w.b.Rule(nil, []system.Effect{{When: system.True, Fact: p.x[2]}, {When: w.lit(p.y[1]), Fact: p.x[2], Set: true}}, 0, nil)
	}), "rule 5 may break law 1"},
	{"a change that depends on too much", ruled(func(w *world, p purse) {
		var all []system.Lit
		for range 14 {
			f := w.b.Fact()
			w.b.Rule(nil, []system.Effect{{When: system.True, Fact: f, Set: true}}, 0, nil)
			all = append(all, w.lit(f))
		}
		w.b.Rule(nil, []system.Effect{{When: w.b.And(all...), Fact: p.x[2]}, {When: w.b.And(all...), Fact: p.x[2], Set: true}}, 0, nil)
	}), "rule 19 may break law 1"},
	{"a law that weighs each value", shifted(1), ""},
	{"a law that weighs each value, and what is there", shifted(0), "does not exclude what is bad"},
	{"a law of two things is no class", func(w *world) (*system.Question, *system.Certificate) {
		p := newPurse(w)
		w.b.Rule([]system.Lit{w.lit(p.x[0])}, []system.Effect{{When: w.lit(p.x[1]), Fact: p.y[0]}, {When: w.lit(p.x[1]), Fact: p.y[1], Set: true}}, 0, nil)
		return w.ask(func(q *system.Question) {
			q.Start, q.Bad = append(q.Start, p.x[0], p.x[1], p.y[0]), w.lit(p.y[1])
		}), laws(weigh(2, int(p.x[0]), 1, int(p.x[1]), 1), weigh(0, int(p.y[1]), 1))
	}, "rule 5 may break law 2"},
	{"a law of other weights is no class", func(w *world) (*system.Question, *system.Certificate) {
		p := newPurse(w)
		w.b.Rule([]system.Lit{w.lit(p.x[0])}, []system.Effect{{When: w.lit(p.x[1]), Fact: p.y[0]}, {When: w.lit(p.x[1]), Fact: p.y[1], Set: true}}, 0, nil)
		return w.ask(func(q *system.Question) {
			q.Start, q.Bad = append(q.Start, p.x[0], p.x[1], p.y[0]), w.lit(p.y[1])
		}), laws(weigh(1, int(p.x[0]), 2, int(p.x[1]), -1), weigh(0, int(p.y[1]), 1))
	}, "rule 5 may break law 2"},
	{"a law that a rule breaks that is off", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Fixed = 1, []system.Lit{w.f.Not()} }), laws(weigh(0, int(w.bad), 1))
	}, ""},
	{"a law that a rule breaks that was off", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Fixed, q.Off = 1, []system.Lit{w.f.Not()}, nil }), laws(weigh(0, int(w.bad), 1))
	}, "rule 4 may break law 1"},
	{"a rule that asks that a value is another one", func(w *world) (*system.Question, *system.Certificate) {
		p := newPurse(w)
		w.b.Rule([]system.Lit{w.lit(p.x[0]).Not(), w.lit(p.y[2]).Not()}, moves(w, p.y, 1), 0, nil)
		cert := laws(one(p.x), one(p.y), p.sum(2))
		cert.Invariant.Clauses = [][]system.Lit{{w.lit(p.x[0]), w.lit(p.x[1]), w.lit(p.x[2]), w.lit(p.y[2])}}
		return p.ask(w, w.lit(p.x[2]), w.lit(p.y[1])), cert
	}, "rule 5 may break law 3"},
	{"a law with what a clause says", closed(false, func(w *world, u, v int32) []system.Lit { return []system.Lit{w.lit(u).Not(), w.lit(v).Not()} }), ""},
	{"a law without what a clause says", closed(false, nil), "rule 6 may break law 3"},
	{"a law with what a clause says of something else", closed(false, func(w *world, u, v int32) []system.Lit { return []system.Lit{w.lit(u), w.lit(v)} }), "rule 6 may break law 3"},
	{"a law with what a clause says of a rule", closed(false, func(w *world, u, v int32) []system.Lit {
		return []system.Lit{system.Lit(1 << 20), w.lit(u).Not(), w.lit(v).Not()}
	}), "clause 1 names something"},
	{"a law with a clause that a rule breaks", closed(true, func(w *world, u, v int32) []system.Lit { return []system.Lit{w.lit(u).Not(), w.lit(v).Not()} }), "rule 7 leads out of clause 1"},
}

// closed makes a purse that gets more where u and v are both true, which they are not, with a rule that breaks that they are. It has a clause, if there is one.
func closed(broken bool, clause func(w *world, u, v int32) []system.Lit) func(w *world) (*system.Question, *system.Certificate) {
	return func(w *world) (*system.Question, *system.Certificate) {
		p := newPurse(w)
		u, v := w.b.Fact(), w.b.Fact()
		w.b.Rule([]system.Lit{w.lit(u)}, []system.Effect{{When: system.True, Fact: u}, {When: system.True, Fact: v, Set: true}}, 0, nil)
		var effects []system.Effect
		for _, e := range moves(w, p.y, 1) {
			e.When = w.b.And(e.When, w.lit(v))
			effects = append(effects, e)
		}
		w.b.Rule([]system.Lit{w.lit(u), w.lit(p.y[2]).Not()}, effects, 0, nil)
		if broken {
			w.b.Rule([]system.Lit{w.lit(v)}, []system.Effect{{When: system.True, Fact: u, Set: true}}, 0, nil)
		}
		cert := laws(one(p.x), one(p.y), p.sum(2))
		if clause != nil {
			cert.Invariant.Clauses = [][]system.Lit{clause(w, u, v)}
		}
		return w.ask(func(q *system.Question) {
			q.Start, q.Bad = append(q.Start, p.x[2], p.y[0], u), w.b.And(w.lit(p.x[2]), w.lit(p.y[1]))
		}), cert
	}
}

// shifted makes a purse with a law by which each value of the first counter weighs one more, and asks whether two are there and that many more.
func shifted(more int) func(w *world) (*system.Question, *system.Certificate) {
	return func(w *world) (*system.Question, *system.Certificate) {
		p := newPurse(w)
		p.give(w, 1, p.can(w)...)
		law := weigh(3, int(p.x[0]), 1, int(p.x[1]), 2, int(p.x[2]), 3, int(p.y[1]), 1, int(p.y[2]), 2)
		return p.ask(w, w.lit(p.x[1+more]), w.lit(p.y[1])), laws(one(p.x), one(p.y), law)
	}
}
