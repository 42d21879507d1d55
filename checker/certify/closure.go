package certify

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/vauban-verifier/vauban/checker/system"
)

// closure computes what can be true and what can be false when nothing is ever taken back. A gate waits for its inputs, a rule for its guard and each of its effects for a condition: that is the
// system's own index. What runs must avoid comes on top of it.
type closure struct {
	ctx    context.Context
	q      *system.Question
	index  *system.Index
	avoid  waiting
	target system.Lit
	pool   *sync.Pool
	*scratch
}

// scratch is what a closure works with. It is used again: for a question of a large system, to clear it takes less time than to make it.
type scratch struct {
	need   []int32 // by rule: for how many literals it waits; or off
	gates  []int32 // by gate
	conds  []int32 // by condition
	holds  []bool  // by literal
	queue  []system.Lit
	passed int32 // literals, since the closure began
	ended  bool  // the context did, before all was followed
}

// off is what a rule waits for that may not be taken: more than there can be.
const off = math.MaxInt32

// waiting is what waits for literals besides gates and rules of the system.
type waiting struct {
	first []int32 // by literal: its first wait, or -1; none where nothing waits
	waits []wait
	conds []condition
}

// wait is a link of the list of conditions that wait for a literal.
type wait struct{ condition, next int32 }

// condition waits for some literals. When all of them hold, so does a further one, or a rule waits for one literal less.
type condition struct {
	wait int32
	rule int32 // or -1
	then system.Lit
}

// newClosure reads a question without what runs must avoid, which asks more of a proof than is needed. It is to be given back.
func newClosure(ctx context.Context, q *system.Question) *closure {
	type key struct{}
	s := q.System
	pool := s.Derive(key{}, func() any {
		return &sync.Pool{New: func() any {
			return &scratch{need: make([]int32, s.Rules()), gates: make([]int32, s.Gates()), holds: make([]bool, 2*s.Nodes())}
		}}
	}).(*sync.Pool)
	c := &closure{ctx: ctx, q: q, index: s.Index(), target: q.Bad, pool: pool, scratch: pool.Get().(*scratch)}
	c.holds = c.holds[:2*s.Nodes()]
	return c
}

// done gives back what the closure worked with. It must not be used after.
func (c *closure) done() {
	c.pool.Put(c.scratch)
	c.scratch = nil
}

// refine reads the question again with what runs must avoid, now that it is known what never changes.
func (c *closure) refine() {
	possible := c.possible()
	s := c.q.System
	c.avoid.first = make([]int32, 2*s.Nodes())
	for l := range c.avoid.first {
		c.avoid.first[l] = -1
	}
	never, once := c.prohibitions(possible)
	for r := range int32(s.Rules()) {
		if c.stopped(r) {
			break
		}
		for _, e := range s.Effects(r) {
			if e.Set {
				for _, options := range never[e.Fact] {
					c.avoid.when(r, []system.Lit{c.avoid.either(append([]system.Lit{e.When.Not()}, options...))}, 0)
				}
			}
		}
	}
	c.target = c.avoid.fresh()
	c.avoid.when(-1, append(once, c.q.Bad), c.target)
	c.holds = slices.Grow(c.holds[:0], len(c.avoid.first))[:len(c.avoid.first)]
}

// possible returns, by literal, whether it holds in any state when nothing is ever taken back. What does not, holds in no state of any run.
// Where the context ended, all may hold. It is good until the closure is used again.
func (c *closure) possible() []bool {
	if c.reaches(&system.Cut{}); c.ctx.Err() != nil {
		for l := range c.holds {
			c.holds[l] = true
		}
	}
	return c.holds
}

// Unreachable tells of each fact whether it is true in no state of any run: it is not in the least set of facts that is closed under all rules.
// Where ctx ends before, it tells of none.
func Unreachable(ctx context.Context, q *system.Question) []bool {
	c := newClosure(ctx, q)
	defer c.done()
	can := c.possible()
	out := make([]bool, q.System.Facts())
	for f := range out {
		out[f] = !can[q.System.Fact(int32(f))]
	}
	return out
}

// stopped reports, now and then, whether the context has ended.
func (c *closure) stopped(n int32) bool { return n&0xfff == 0xfff && c.ctx.Err() != nil }

func (w *waiting) fresh() system.Lit {
	w.first = append(w.first, -1, -1)
	return system.Lit(len(w.first) - 2)
}

func (w *waiting) when(rule int32, all []system.Lit, then system.Lit) {
	for _, l := range all {
		w.waits = append(w.waits, wait{int32(len(w.conds)), w.first[l]})
		w.first[l] = int32(len(w.waits) - 1)
	}
	w.conds = append(w.conds, condition{int32(len(all)), rule, then})
}

// either returns a literal that holds when one of the options does.
func (w *waiting) either(options []system.Lit) system.Lit {
	if len(options) == 1 {
		return options[0]
	}
	l := w.fresh()
	for _, o := range options {
		w.when(-1, []system.Lit{o}, l)
	}
	return l
}

// prohibitions reads what runs must avoid: by fact, disjunctions over choices one of which must hold once the fact is true; and
// disjunctions that must hold for there to be an attack at all (once).
//
// A literal is called frozen where it has the same value in all states of a run: it depends on choices, and on facts that are possible only one way.
//
// Lemma 1. A conjunct of an assumption that is frozen is true in every run, since it is true in the run's first state. So an attack needs it.
//
// Lemma 2. Let a conjunct of an assumption be not (f and c1 and ... and cn), with a fact f and frozen ci. In a state of a run in which f is true some ci is false
// there, and by being frozen it is false in the whole run. So a rule makes f true in a run only where one of not c1, ..., not cn is true: that is added to what
// the effect waits for. A rule whose effect on f has a condition may be taken with the condition false instead. Where f is true at the start, every run needs the
// disjunction. With two facts or more in the conjunction nothing follows, since neither need be true when the other becomes so.
//
// Lemma 3. Let not f be a conjunct of Bad, and let no rule that can be taken clear f. Then f, once true, is true to the end, and a run that ends in Bad has it true nowhere: as
// in lemma 2, with no option. Where f is true at the start, nothing ends in Bad.
//
// What is possible comes from a closure that knows none of this ([closure.refine]), so that nothing is assumed that it is to show.
func (c *closure) prohibitions(possible []bool) (never map[int32][][]system.Lit, once []system.Lit) {
	q, s := c.q, c.q.System
	never = map[int32][][]system.Lit{}
	isStart := map[int32]bool{}
	for _, f := range q.Start {
		isStart[f] = true
	}
	add := func(f int32, options []system.Lit) {
		never[f] = append(never[f], options)
		if isStart[f] {
			once = append(once, c.avoid.either(options))
		}
	}
	frozen := make([]bool, s.Nodes()) // depends on no fact
	for n := range int32(s.Nodes()) {
		kind, ref := s.Node(n)
		frozen[n] = kind != system.FactNode || !possible[2*n] || !possible[2*n+1]
		if kind == system.GateNode && possible[2*n] && possible[2*n+1] {
			for _, in := range s.Gate(ref) {
				frozen[n] = frozen[n] && frozen[in.Node()]
			}
		}
	}
	for _, a := range q.Assume {
		for _, l := range s.Conjuncts(a) {
			if frozen[l.Node()] {
				once = append(once, l)
			}
			facts, fact, options := 0, int32(0), []system.Lit(nil)
			for _, in := range s.Conjuncts(l.Not()) {
				kind, ref := s.Node(in.Node())
				switch {
				case frozen[in.Node()]:
					options = append(options, in.Not())
				case kind == system.FactNode && !in.Negated():
					facts++
					fact = ref
				default:
					facts += 2
				}
			}
			if facts == 1 {
				add(fact, options)
			}
		}
	}
	deleted := map[int32]bool{}
	for r := range int32(s.Rules()) {
		taken := q.Enabled(r)
		for _, l := range s.Guard(r) {
			taken = taken && possible[l]
		}
		for _, e := range s.Effects(r) {
			if taken && !e.Set && possible[e.When] {
				deleted[e.Fact] = true
			}
		}
	}
	for _, l := range s.Conjuncts(q.Bad) {
		if kind, ref := s.Node(l.Node()); kind == system.FactNode && l.Negated() && !deleted[ref] {
			add(ref, nil)
		}
	}
	return never, once
}

// reaches reports whether the target can be reached with a cut's literals false and its rules off. Where the context ended, it can.
func (c *closure) reaches(cut *system.Cut) bool {
	c.count(cut)
	c.begin(cut)
	return c.holds[c.target] || c.ctx.Err() != nil
}

// pass tells those of the system who wait for a literal.
func (c *closure) pass(l system.Lit) {
	for _, in := range c.index.Inputs(l.Node()) {
		gate := in &^ 1
		if in.Negated() != l.Negated() {
			c.put(gate.Not())
		} else if _, ref := c.q.System.Node(gate.Node()); c.gates[ref] > 1 {
			c.gates[ref]--
		} else {
			c.put(gate)
		}
	}
	for _, u := range c.index.Uses(l) {
		if r := u.Rule(); !u.Condition() {
			c.meet(r)
		} else if c.need[r] == 0 {
			c.take(r)
		}
	}
}

// avoided tells the conditions that wait for a literal.
func (c *closure) avoided(l system.Lit) {
	for w := c.avoid.first[l]; w >= 0; w = c.avoid.waits[w].next {
		i := c.avoid.waits[w].condition
		c.conds[i]--
		switch x := &c.avoid.conds[i]; {
		case c.conds[i] > 0:
		case x.rule >= 0:
			c.meet(x.rule)
		default:
			c.put(x.then)
		}
	}
}

// count counts what everything waits for.
func (c *closure) count(cut *system.Cut) {
	s := c.q.System
	clear(c.holds)
	c.queue, c.passed, c.ended = c.queue[:0], 0, false
	for i := range c.gates {
		c.gates[i] = int32(len(s.Gate(int32(i))))
	}
	for r := range int32(s.Rules()) {
		if c.need[r] = int32(len(s.Guard(r))); !c.q.Enabled(r) {
			c.need[r] = off
		}
	}
	for _, r := range cut.Rules {
		c.need[r] = off
	}
	c.conds = c.conds[:0]
	for _, x := range c.avoid.conds {
		if c.conds = append(c.conds, x.wait); x.rule >= 0 && c.need[x.rule] < off {
			c.need[x.rule]++
		}
	}
}

// begin puts what holds from the start, each literal with all that follows from it: so few wait at a time.
func (c *closure) begin(cut *system.Cut) {
	s, q := c.q.System, c.q
	c.start(system.True)
	started := slices.Sorted(slices.Values(q.Start))
	for f := range int32(s.Facts()) {
		l := s.Fact(f)
		if _, yes := slices.BinarySearch(started, f); !yes {
			l = l.Not()
		}
		c.start(l)
	}
	without := map[system.Lit]bool{}
	for _, l := range cut.Choices {
		without[l] = true
	}
	allowed := q.MaxFailures
	given := map[system.Lit]bool{}
	for _, l := range q.Fixed {
		given[l] = true
		if _, i := s.Node(l.Node()); !l.Negated() && s.ChoiceKind(i) == system.Failure {
			allowed--
		}
	}
	for i := range int32(s.Choices()) {
		l := s.Choice(i)
		for _, l := range []system.Lit{l, l.Not()} {
			impossible := !l.Negated() && s.ChoiceKind(i) == system.Failure && allowed <= 0 && !given[l]
			if !without[l] && !given[l.Not()] && !impossible {
				c.start(l)
			}
		}
	}
	for r := range int32(s.Rules()) {
		if len(s.Guard(r)) == 0 && c.need[r] == 0 {
			c.take(r)
		}
	}
	for i := range c.avoid.conds {
		if x := &c.avoid.conds[i]; x.wait == 0 {
			c.put(x.then)
		}
	}
	c.follow()
}

// start puts a literal that holds from the start, with all that follows from it.
func (c *closure) start(l system.Lit) {
	c.put(l)
	c.follow()
}

// follow goes after all that follows from what was put, until the context ends.
func (c *closure) follow() {
	for len(c.queue) > 0 && !c.ended {
		c.passed++
		c.ended = c.stopped(c.passed)
		l := c.queue[len(c.queue)-1]
		c.queue = c.queue[:len(c.queue)-1]
		if int(l.Node()) < c.q.System.Nodes() {
			c.pass(l)
		}
		if c.avoid.first != nil {
			c.avoided(l)
		}
	}
}

// put adds a literal that holds.
func (c *closure) put(l system.Lit) {
	if !c.holds[l] {
		c.holds[l] = true
		c.queue = append(c.queue, l)
	}
}

// meet says that a rule waits for one literal less.
func (c *closure) meet(r int32) {
	if c.need[r]--; c.need[r] == 0 {
		c.take(r)
	}
}

// take adds the effects of a rule whose guard holds, as far as their conditions do.
func (c *closure) take(r int32) {
	for _, e := range c.q.System.Effects(r) {
		l := c.q.System.Fact(e.Fact)
		if !e.Set {
			l = l.Not()
		}
		if c.holds[e.When] {
			c.put(l)
		}
	}
}
