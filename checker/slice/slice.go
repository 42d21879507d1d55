package slice

import (
	"fmt"
	"sync"
	"weak"

	"github.com/vauban-verifier/vauban/checker/system"
)

// Slice is a smaller question, and where its parts come from.
type Slice struct {
	Question *system.Question
	Facts    []int32 // by fact of the slice: the original
	Rules    []int32 // by rule of the slice: the original
	Choices  []system.Lit
}

// Original returns the literal of the original question that a choice literal of the slice stands for.
func (s *Slice) Original(l system.Lit) system.Lit {
	_, i := s.Question.System.Node(l.Node())
	return s.Choices[i] ^ (l & 1)
}

// Source returns the literal of the original system that one of the slice stands for: of a fact, of a choice, or Taken.
func (s *Slice) Source(original *system.System, l system.Lit) system.Lit {
	own := s.Question.System
	if r := int(l.Node()) - own.Nodes(); r >= 0 {
		return original.Taken(s.Rules[r]) ^ (l & 1)
	}
	if kind, ref := own.Node(l.Node()); kind == system.FactNode {
		return original.Fact(s.Facts[ref]) ^ (l & 1)
	}
	return s.Original(l)
}

// rebuild copies nodes of one system into another.
type rebuild struct {
	from *system.System
	b    *system.Builder
	out  *Slice
	// index is the fact of a new node; a dense slice, as new nodes are numbered in order.
	index []int32
	lit   func(n int32) (system.Lit, bool)
	set   func(n int32, l system.Lit)

	guard   []system.Lit
	effects []system.Effect
	extras  []system.Extra
}

func (r *rebuild) node(n int32) system.Lit {
	if l, ok := r.lit(n); ok {
		return l
	}
	l := system.True
	switch kind, ref := r.from.Node(n); kind {
	case system.FactNode:
		l = r.b.FactLit(r.b.Fact())
		for int(l.Node()) >= len(r.index) {
			r.index = append(r.index, -1)
		}
		r.index[l.Node()] = int32(len(r.out.Facts))
		r.out.Facts = append(r.out.Facts, ref)
	case system.ChoiceNode:
		l = r.b.Choice(r.from.ChoiceKind(ref))
		r.out.Choices = append(r.out.Choices, r.from.Choice(ref))
	case system.GateNode:
		in := make([]system.Lit, 0, len(r.from.Gate(ref)))
		for _, x := range r.from.Gate(ref) {
			in = append(in, r.of(x))
		}
		l = r.b.Gate(in...)
	}
	r.set(n, l)
	return l
}

func (r *rebuild) of(l system.Lit) system.Lit { return r.node(l.Node()) ^ (l & 1) }

// rule copies a rule, with the effects that keep says.
func (r *rebuild) rule(i int32, keep func(system.Effect) bool) {
	guard, effects, extras := r.guard[:0], r.effects[:0], r.extras[:0] // the builder copies them
	for _, l := range r.from.Guard(i) {
		if l = r.of(l); l != system.True {
			guard = append(guard, l)
		}
	}
	for _, e := range r.from.Effects(i) {
		if !keep(e) {
			continue
		}
		if when := r.of(e.When); when != system.False {
			effects = append(effects, system.Effect{When: when, Fact: r.fact(e.Fact), Set: e.Set})
		}
	}
	cost := r.from.Cost(i)
	for _, x := range r.from.Extras(i) {
		switch when := r.of(x.When); when {
		case system.True:
			cost += x.Cost
		case system.False:
		default:
			extras = append(extras, system.Extra{When: when, Cost: x.Cost})
		}
	}
	r.b.Rule(guard, effects, cost, extras)
	r.guard, r.effects, r.extras = guard, effects, extras
	r.out.Rules = append(r.out.Rules, i)
}

// fact returns the new index of a fact, whose literal is never a constant here. Facts are numbered as they are met.
func (r *rebuild) fact(f int32) int32 {
	l := r.node(r.from.Fact(f).Node())
	return r.index[l.Node()]
}

// Of returns the slice of a question in which everything can matter. Choices that are given become constants; where failures are given, they
// are taken off MaxFailures, which may become negative: then there are no runs. As long as somebody has a slice, whoever asks for it again gets the same one, which nobody may change.
func Of(q *system.Question) *Slice {
	type key struct {
		begin               begin
		bad                 system.Lit
		assume              string
		maxFailures, budget int
	}
	k := key{beginOf(q), q.Bad, fmt.Sprint(q.Assume), q.MaxFailures, q.Budget}
	known := q.System.Derive(k, func() any { return &held{} }).(*held)
	known.mu.Lock()
	defer known.mu.Unlock()
	s := known.slice.Value()
	if s == nil {
		s = of(q)
		known.slice = weak.Make(s)
	}
	return s
}

// held is a slice that somebody may have.
type held struct {
	mu    sync.Mutex
	slice weak.Pointer[Slice]
}

func of(q *system.Question) *Slice {
	can := forward(q)
	w := workOf(q.System)
	defer w.done()
	rules := w.backward(q, can)
	r := within(q, can, w)
	for _, i := range rules {
		r.rule(i, func(e system.Effect) bool {
			return w.seen[r.from.Fact(e.Fact).Node()] && can.of(e.When) && !can.constant(r.from.Fact(e.Fact))
		})
	}
	return r.finish(q)
}

// within begins a slice in which what cannot change is a constant.
func within(q *system.Question, can *possible, w *work) *rebuild {
	return &rebuild{
		from: q.System, b: system.NewBuilder(), out: &Slice{},
		lit: func(n int32) (l system.Lit, known bool) {
			switch yes, no := can.lit[2*n], can.lit[2*n+1]; {
			case yes && no:
				return w.copied[n] - 1, w.copied[n] != 0
			case no:
				return system.False, true
			}
			return system.True, true
		},
		set: func(n int32, l system.Lit) {
			w.copied[n] = l + 1
			w.touched = append(w.touched, n)
		},
	}
}

// All returns the slice of questions that differ in Bad alone in which all is that can happen, whether or not it matters to one of them: that of the first, and the Bads of all.
func All(qs []*system.Question) (s *Slice, bad []system.Lit) {
	can := forward(qs[0])
	w := workOf(qs[0].System)
	defer w.done()
	r := within(qs[0], can, w)
	for i, fires := range can.fired {
		if fires {
			r.rule(int32(i), func(e system.Effect) bool { return can.of(e.When) && !can.constant(r.from.Fact(e.Fact)) })
		}
	}
	for _, q := range qs {
		bad = append(bad, r.of(q.Bad))
	}
	return r.finish(qs[0]), bad
}

// Only returns the question with just the given rules, in that order, and whole.
func Only(q *system.Question, rules []int32) *Slice {
	memo := map[int32]system.Lit{0: system.True}
	for _, l := range q.Fixed {
		memo[l.Node()] = l & 1
	}
	r := &rebuild{
		from: q.System, b: system.NewBuilder(), out: &Slice{},
		lit: func(n int32) (system.Lit, bool) { l, ok := memo[n]; return l, ok },
		set: func(n int32, l system.Lit) { memo[n] = l },
	}
	for _, i := range rules {
		r.rule(i, func(system.Effect) bool { return true })
	}
	return r.finish(q)
}

func (r *rebuild) finish(q *system.Question) *Slice {
	out := &system.Question{Bad: r.of(q.Bad), MaxFailures: q.MaxFailures, Budget: q.Budget}
	for _, l := range q.Assume {
		if l = r.of(l); l != system.True {
			out.Assume = append(out.Assume, l)
		}
	}
	for _, l := range q.Fixed {
		if _, i := q.System.Node(l.Node()); !l.Negated() && q.System.ChoiceKind(i) == system.Failure {
			out.MaxFailures--
		}
	}
	out.System = r.b.System()
	start := make(map[int32]bool, len(q.Start))
	for _, f := range q.Start {
		start[f] = true
	}
	for i, f := range r.out.Facts {
		if start[f] {
			out.Start = append(out.Start, int32(i))
		}
	}
	r.out.Question = out
	return r.out
}
