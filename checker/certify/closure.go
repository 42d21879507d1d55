package certify

import (
	"context"

	"github.com/vauban-verifier/vauban/checker/system"
)

// closure computes what can be true and what can be false when nothing is ever taken back.
type closure struct {
	waiting
	ctx    context.Context
	q      *system.Question
	always []system.Lit
	counts []int32
	holds  []bool
	queue  []system.Lit
	target system.Lit
}

// waiting says, for each literal, who waits for it: a conjunction waits for all of its literals, a disjunction for the first.
type waiting struct {
	first []int32 // by literal: its first wait, or -1
	waits []wait
	conds []condition
}

// wait is a link of the list of conditions that wait for a literal.
type wait struct{ condition, next int32 }

// condition adds a literal once all it waits for hold; rule is its rule or -1.
type condition struct {
	wait int32
	rule int32
	then system.Lit
}

// newClosure reads a question without what runs must avoid, which asks more of a proof than is needed.
func newClosure(ctx context.Context, q *system.Question) *closure { return build(ctx, q, nil) }

// refined reads the question again with what runs must avoid, now that it is known what never changes.
func (c *closure) refined() *closure { return build(c.ctx, c.q, c.possible()) }

// possible returns, by literal, whether it holds in any state when nothing is ever taken back. What does not, holds in no state of any run.
// Where the context ended, all may hold.
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
	can := newClosure(ctx, q).possible()
	out := make([]bool, q.System.Facts())
	for f := range out {
		out[f] = !can[q.System.Fact(int32(f))]
	}
	return out
}

func build(ctx context.Context, q *system.Question, possible []bool) *closure {
	s := q.System
	c := &closure{ctx: ctx, q: q, target: q.Bad}
	if possible == nil { // who waits for what is the same for all questions of a system
		type key struct{}
		c.waiting = s.Derive(key{}, func() any {
			w := newWaiting(s)
			for r := range int32(s.Rules()) {
				w.rule(s, r, nil)
			}
			return w
		}).(waiting)
	} else {
		c.waiting = newWaiting(s)
		never, once := c.prohibitions(possible)
		for r := range int32(s.Rules()) {
			if c.stopped(r) {
				break
			}
			c.rule(s, r, never)
		}
		c.target = c.fresh()
		c.when(-1, append(once, q.Bad), c.target)
	}
	isStart := make([]bool, s.Facts())
	for _, f := range q.Start {
		isStart[f] = true
	}
	c.always = append(make([]system.Lit, 0, s.Facts()+1), system.True)
	for f := range int32(s.Facts()) {
		l := s.Fact(f)
		if !isStart[f] {
			l = l.Not()
		}
		c.always = append(c.always, l)
	}
	c.counts, c.holds, c.queue = make([]int32, len(c.conds)), make([]bool, len(c.first)), make([]system.Lit, 0, s.Nodes())
	return c
}

// newWaiting returns the waiting of gates, with room for that of rules.
func newWaiting(s *system.System) waiting {
	waits, conds := 0, 0
	for n := range int32(s.Nodes()) {
		if kind, ref := s.Node(n); kind == system.GateNode {
			waits, conds = waits+2*len(s.Gate(ref)), conds+1+len(s.Gate(ref))
		}
	}
	for r := range int32(s.Rules()) {
		effects := len(s.Effects(r))
		waits, conds = waits+effects*(len(s.Guard(r))+1), conds+effects
	}
	w := waiting{first: make([]int32, 2*s.Nodes()), waits: make([]wait, 0, waits), conds: make([]condition, 0, conds)}
	for i := range w.first {
		w.first[i] = -1
	}
	for n := range int32(s.Nodes()) {
		kind, ref := s.Node(n)
		if kind != system.GateNode {
			continue
		}
		yes := system.Lit(n) << 1
		w.when(-1, s.Gate(ref), yes)
		for _, in := range s.Gate(ref) {
			w.when(-1, []system.Lit{in.Not()}, yes.Not())
		}
	}
	return w
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

func (w *waiting) rule(s *system.System, r int32, never map[int32][][]system.Lit) {
	guard := s.Guard(r)
	guard = guard[:len(guard):len(guard)]
	for _, e := range s.Effects(r) {
		if e.Set {
			for _, options := range never[e.Fact] {
				guard = append(guard, w.either(append([]system.Lit{e.When.Not()}, options...)))
			}
		}
	}
	for _, e := range s.Effects(r) {
		l := s.Fact(e.Fact)
		if !e.Set {
			l = l.Not()
		}
		if e.When == system.True {
			w.when(r, guard, l)
		} else {
			w.when(r, append(guard[:len(guard):len(guard)], e.When), l)
		}
	}
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
// What is possible comes from a closure that knows none of this ([closure.refined]), so that nothing is assumed that it is to show.
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
			once = append(once, c.either(options))
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
	s := c.q.System
	clear(c.holds)
	off := make([]bool, s.Rules())
	copy(off, c.q.Off)
	for _, r := range cut.Rules {
		off[r] = true
	}
	without := map[system.Lit]bool{}
	for _, l := range cut.Choices {
		without[l] = true
	}
	c.queue = c.queue[:0]
	put := func(l system.Lit) {
		if !c.holds[l] {
			c.holds[l] = true
			c.queue = append(c.queue, l)
		}
	}
	allowed := c.q.MaxFailures
	given := map[system.Lit]bool{}
	for _, l := range c.q.Fixed {
		given[l] = true
		if _, i := s.Node(l.Node()); !l.Negated() && s.ChoiceKind(i) == system.Failure {
			allowed--
		}
	}
	for _, l := range c.always {
		put(l)
	}
	for i := range int32(s.Choices()) {
		l := s.Choice(i)
		for _, l := range []system.Lit{l, l.Not()} {
			impossible := !l.Negated() && s.ChoiceKind(i) == system.Failure && allowed <= 0 && !given[l]
			if !without[l] && !given[l.Not()] && !impossible {
				put(l)
			}
		}
	}
	meet := func(i int32) {
		if x := &c.conds[i]; x.rule < 0 || !off[x.rule] {
			put(x.then)
		}
	}
	for i := range c.conds {
		c.counts[i] = c.conds[i].wait
		if c.counts[i] == 0 {
			meet(int32(i))
		}
	}
	for n := int32(0); len(c.queue) > 0; n++ {
		if c.stopped(n) {
			break
		}
		l := c.queue[len(c.queue)-1]
		c.queue = c.queue[:len(c.queue)-1]
		for w := c.first[l]; w >= 0; w = c.waits[w].next {
			i := c.waits[w].condition
			if c.counts[i]--; c.counts[i] == 0 {
				meet(i)
			}
		}
	}
	return c.holds[c.target] || c.ctx.Err() != nil
}
