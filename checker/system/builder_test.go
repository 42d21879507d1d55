package system_test

import (
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/system"
)

// formula is what a literal of a builder should mean: its value under the values of facts and choices, and whether a fact is below it.
type formula struct {
	lit    system.Lit
	value  func(world []bool) bool
	frozen bool
}

// TestBuilder compares random circuits with what they were built from: the value of each literal in every state, which depend on choices alone, and what they are the conjunction of.
func TestBuilder(t *testing.T) {
	t.Parallel()
	wide, constant := 0, 0
	for seed := range int64(300) {
		rng := rand.New(rand.NewSource(seed))
		b := system.NewBuilder()
		const facts, choices = 4, 3
		all := []formula{{system.True, func([]bool) bool { return true }, true}}
		for i := range facts {
			all = append(all, formula{b.FactLit(b.Fact()), func(world []bool) bool { return world[i] }, false})
		}
		for i := range choices {
			all = append(all, formula{b.Choice(system.Decision), func(world []bool) bool { return world[facts+i] }, true})
		}
		for range 25 {
			var in []formula
			for range rng.Intn(4) {
				in = append(in, all[rng.Intn(len(all))])
			}
			if rng.Intn(8) == 0 { // long gates are looked through in another way
				for range 20 {
					in = append(in, all[rng.Intn(min(len(all), 12))])
				}
				wide++
			}
			var lits []system.Lit
			value, frozen := func([]bool) bool { return true }, true
			for _, f := range in {
				not := rng.Intn(4) == 0
				before := value
				lits = append(lits, f.lit^system.Lit(map[bool]int{true: 1}[not]))
				value = func(world []bool) bool { return f.value(world) != not && before(world) }
				frozen = frozen && f.frozen
			}
			made := formula{frozen: frozen, value: value}
			switch rng.Intn(3) {
			case 0:
				made.lit = b.And(lits...)
				if slices.ContainsFunc(lits, func(l system.Lit) bool { return slices.Contains(lits, l.Not()) }) && made.lit != system.False {
					t.Fatalf("seed %d: a conjunction of complements is %d", seed, made.lit)
				}
				if again := b.And(lits...); again != made.lit {
					t.Fatalf("seed %d: a gate is made twice: %d, %d", seed, made.lit, again)
				}
			case 1:
				made.lit = b.Gate(lits...)
			default:
				for i := range lits {
					lits[i] = lits[i].Not()
				}
				made.lit = b.Or(lits...).Not()
			}
			if made.lit == system.True || made.lit == system.False {
				constant++
				made.frozen = true
			}
			if frozen && !b.Frozen(made.lit) {
				t.Fatalf("seed %d: literal %d over choices alone is not frozen", seed, made.lit)
			}
			all = append(all, made)
		}
		conjuncts := make([][]system.Lit, len(all))
		for i, f := range all {
			conjuncts[i] = b.Conjuncts(f.lit)
		}
		s := b.System()
		below := make([]bool, s.Nodes()) // a fact is
		for n := range int32(s.Nodes()) {
			kind, ref := s.Node(n)
			below[n] = kind == system.FactNode
			if kind == system.GateNode {
				if len(s.Gate(ref)) < 2 {
					t.Fatalf("seed %d: a gate over %v", seed, s.Gate(ref))
				}
				for i, in := range s.Gate(ref) {
					if slices.Contains(s.Gate(ref)[:i], in) || in.Node() == 0 {
						t.Fatalf("seed %d: a gate over %v", seed, s.Gate(ref))
					}
					below[n] = below[n] || below[in.Node()]
					if in.Node() >= n {
						t.Fatalf("seed %d: node %d is above its input %d", seed, n, in.Node())
					}
				}
			}
			if s.Frozen(system.Lit(n)<<1) == below[n] {
				t.Fatalf("seed %d: node %d is frozen: %v, and a fact is below it: %v", seed, n, !below[n], below[n])
			}
		}
		for mask := range 1 << (facts + choices) {
			world := make([]bool, facts+choices)
			var start []int32
			var chosen []system.Lit
			for i := range world {
				world[i] = mask>>i&1 == 1
				switch {
				case i >= facts && world[i]:
					chosen = append(chosen, s.Choice(int32(i-facts)))
				case i >= facts:
					chosen = append(chosen, s.Choice(int32(i-facts)).Not())
				case world[i]:
					start = append(start, int32(i))
				}
			}
			st, err := system.NewState(s, start, chosen)
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range all {
				if got := st.Eval(f.lit) == system.Yes; got != f.value(world) || (st.Eval(f.lit.Not()) == system.Yes) == got {
					t.Fatalf("seed %d: literal %d is %v in %v", seed, f.lit, got, world)
				}
				every := true
				for _, l := range conjuncts[i] {
					every = every && st.Eval(l) == system.Yes
				}
				if every != f.value(world) {
					t.Fatalf("seed %d: literal %d is not the conjunction of %v in %v", seed, f.lit, conjuncts[i], world)
				}
			}
		}
		for i, f := range all {
			for k, l := range conjuncts[i] {
				if kind, _ := s.Node(l.Node()); l == system.True || kind == system.GateNode && !l.Negated() || slices.Contains(conjuncts[i][:k], l) {
					t.Fatalf("seed %d: literal %d is said to be the conjunction of %v", seed, f.lit, conjuncts[i])
				}
			}
			if !slices.Equal(s.Conjuncts(f.lit), conjuncts[i]) {
				t.Fatalf("seed %d: the system and its builder tell conjuncts of %d apart", seed, f.lit)
			}
		}
	}
	if wide < 100 || constant < 100 {
		t.Errorf("only %d long gates and %d constants", wide, constant)
	}
}

// TestGateKeepsComplements checks that a gate that is copied stays one, so that what closure says of it stays the same; And sees through it.
func TestGateKeepsComplements(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	f := b.FactLit(b.Fact())
	if l := b.Gate(f, f.Not()); l == system.False {
		t.Error("Gate looks for complements")
	}
	if l := b.And(f, f.Not()); l != system.False {
		t.Error("And does not")
	}
}

// TestRulesAreKept checks that a system has the rules that it was given, and without costs the same ones for nothing.
func TestRulesAreKept(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	f, d := b.Fact(), b.Choice(system.Decision)
	guard, effects, extras := []system.Lit{b.FactLit(f), d}, []system.Effect{{When: d, Fact: f, Set: true}}, []system.Extra{{When: d, Cost: 2}}
	b.Rule(nil, nil, 0, nil)
	r := b.Rule(guard, effects, 5, extras)
	b.Rule(guard[:1], nil, 1, nil)
	s := b.System()
	free := s.WithoutCosts()
	for _, x := range []*system.System{s, free} {
		if x.Rules() != 3 || !slices.Equal(x.Guard(r), guard) || !slices.Equal(x.Effects(r), effects) || len(x.Guard(0))+len(x.Effects(0))+len(x.Extras(0)) > 0 {
			t.Errorf("the rules are %d, with the guard %v and the effects %v", x.Rules(), x.Guard(r), x.Effects(r))
		}
	}
	if s.Cost(r) != 5 || !slices.Equal(s.Extras(r), extras) || s.Cost(2) != 1 {
		t.Errorf("it costs %d and %v", s.Cost(r), s.Extras(r))
	}
	if free.Cost(r) != 0 || len(free.Extras(r)) > 0 || free.Cost(2) != 0 {
		t.Errorf("without costs it costs %d and %v", free.Cost(r), free.Extras(r))
	}
	made := 0
	derive := func(s *system.System) any { return s.Derive("it", func() any { made++; return made }) }
	for i, x := range []*system.System{s, s, free, s} {
		if got := derive(x); got != []int{1, 1, 2, 1}[i] {
			t.Errorf("derived in turn %d: %v, after it was made %d times", i+1, got, made)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a rule gives money back")
		}
	}()
	system.NewBuilder().Rule(nil, nil, -1, nil)
}

// TestTermsOfAQuestion checks that a run breaks none of a question's terms: what is off, what does not exist, what costs too much, what is assumed, what is given, and what may fail.
func TestTermsOfAQuestion(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	x, y := b.Fact(), b.Fact()
	d, fail := b.Choice(system.Decision), b.Choice(system.Failure)
	set := func(f int32) []system.Effect { return []system.Effect{{When: system.True, Fact: f, Set: true}} }
	toX := b.Rule([]system.Lit{system.True}, set(x), 2, []system.Extra{{When: fail, Cost: 1}})
	toY := b.Rule([]system.Lit{b.FactLit(x)}, set(y), 3, nil)
	s := b.System()
	for _, c := range []struct {
		name   string
		change func(q *system.Question, run *system.Run)
		want   string // part of the error; "" where it goes through
	}{
		{"as asked", func(*system.Question, *system.Run) {}, ""},
		{"a rule that is off", func(q *system.Question, _ *system.Run) { q.Off = []bool{false, true} }, "step 2 takes a rule that the question does not have"},
		{"a rule below all", func(_ *system.Question, run *system.Run) { run.Rules[1] = -1 }, "step 2 takes a rule that the question does not have"},
		{"a rule behind all", func(_ *system.Question, run *system.Run) { run.Rules[1] = 2 }, "step 2 takes a rule that the question does not have"},
		{"a step too soon", func(_ *system.Question, run *system.Run) { run.Rules = []int32{toY, toX} }, "step 1: rule 1 is not enabled"},
		{"just enough", func(q *system.Question, _ *system.Run) { q.Budget = 5 }, ""},
		{"a step again, which is paid for once", func(q *system.Question, run *system.Run) { q.Budget, run.Rules = 5, []int32{toX, toX, toY} }, ""},
		{"too dear", func(q *system.Question, _ *system.Run) { q.Budget = 4 }, "costs 5, the budget is 4"},
		{"too dear where nothing may be spent", func(q *system.Question, _ *system.Run) { q.Budget = 0 }, "costs 5, the budget is 0"},
		{"more expensive where something fails", func(q *system.Question, run *system.Run) {
			q.Budget, q.MaxFailures, run.Choices = 5, 1, []system.Lit{fail}
		}, "costs 6, the budget is 5"},
		{"something fails that may not", func(_ *system.Question, run *system.Run) { run.Choices = []system.Lit{fail} }, "needs 1 failures, 0 are allowed"},
		{"something fails that is given not to", func(q *system.Question, run *system.Run) {
			q.MaxFailures, q.Fixed, run.Choices = 1, []system.Lit{fail.Not()}, []system.Lit{fail}
		}, "given both ways"},
		{"a decision both ways", func(_ *system.Question, run *system.Run) { run.Choices = []system.Lit{d, d.Not()} }, "given both ways"},
		{"a fact for a choice", func(_ *system.Question, run *system.Run) { run.Choices = []system.Lit{s.Fact(x)} }, "not a choice of the system"},
		{"the start is assumed away", func(q *system.Question, _ *system.Run) { q.Assume = []system.Lit{s.Fact(x)} }, "assumed away"},
		{"bad from the start, which is assumed away", func(q *system.Question, run *system.Run) {
			q.Bad, q.Assume, run.Rules = system.True, []system.Lit{s.Fact(x)}, nil
		}, "assumed away"},
		{"a state on the way is assumed away", func(q *system.Question, _ *system.Run) { q.Assume = []system.Lit{s.Fact(x).Not()} }, "step 1: the run enters a state that is assumed away"},
		{"an assumption over a decision that is open", func(q *system.Question, _ *system.Run) { q.Assume = []system.Lit{d} }, "assumed away"},
		{"not bad in the end", func(_ *system.Question, run *system.Run) { run.Rules = run.Rules[:1] }, "does not end in a bad state"},
		{"bad under a decision that is open", func(q *system.Question, _ *system.Run) { q.Bad = d }, "does not end in a bad state"},
	} {
		q := &system.Question{System: s, Bad: s.Fact(y), Budget: -1}
		run := &system.Run{Rules: []int32{toX, toY}}
		c.change(q, run)
		_, err := system.Replay(q, run)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, expected %q", c.name, err, c.want)
		}
		// What always goes through goes through, and what is refused for its terms is refused whatever fails.
		always := system.Always(q, run)
		if always == nil && err != nil {
			t.Errorf("%s: it is said always to go through", c.name)
		}
		if c.want != "" && always == nil {
			t.Errorf("%s: accepted", c.name)
		}
	}
	q := &system.Question{System: s, Bad: s.Fact(y), Budget: -1, Fixed: []system.Lit{fail.Not()}}
	if err := system.Always(q, &system.Run{Rules: []int32{toX, toY}}); err != nil {
		t.Errorf("a run whose cost is fixed does not always go through: %v", err)
	}
	q.Fixed = nil
	if err := system.Always(q, &system.Run{Rules: []int32{toX, toY}}); err == nil {
		t.Error("a run whose cost hangs on a failure always goes through")
	}
	if err := system.Always(q, &system.Run{Choices: []system.Lit{s.Fact(x)}, Rules: []int32{toX, toY}}); err == nil {
		t.Error("a run under what is no choice always goes through")
	}
}
