package system

import (
	"fmt"
	"maps"
	"slices"
)

// Builder makes a [System]. Equal gates are made once.
type Builder struct {
	s     System // without the rules that are added
	gates map[string]Lit
	pairs map[[2]Lit]Lit // gates of two inputs, which most are
	key   []byte

	rules struct { // what is added: columns as those of a System
		guardEnd, effectEnd, extraEnd, costs pieces[int32]
		guards                               pieces[Lit]
		effects                              pieces[Effect]
		extras                               pieces[Extra]
	}
}

// Extend returns a Builder of a system that begins as another one, which does not change: nodes, facts, choices and rules that are added follow those
// that are there. A gate that the other one has may be made again.
func Extend(s *System) *Builder {
	b := &Builder{s: *s, gates: map[string]Lit{}, pairs: map[[2]Lit]Lit{}}
	x := &b.s
	x.kinds, x.refs, x.frozen, x.facts = slices.Clip(x.kinds), slices.Clip(x.refs), slices.Clip(x.frozen), slices.Clip(x.facts)
	x.chose, x.means = slices.Clip(x.chose), slices.Clip(x.means)
	x.gateStart, x.gateIn = slices.Clip(x.gateStart), slices.Clip(x.gateIn)
	x.groups, x.groupOf = slices.Clip(x.groups), maps.Clone(x.groupOf)
	return b
}

// NewBuilder returns a Builder of an empty system.
func NewBuilder() *Builder {
	b := &Builder{gates: map[string]Lit{}, pairs: map[[2]Lit]Lit{}}
	b.s.kinds = []NodeKind{ConstNode}
	b.s.refs = []int32{0}
	b.s.frozen = []bool{true}
	b.s.gateStart = []int32{0}
	b.s.guardStart = []int32{0}
	b.s.effectStart = []int32{0}
	return b
}

func (b *Builder) node(kind NodeKind, ref int, frozen bool) Lit {
	if len(b.s.kinds) >= 1<<30 {
		panic("vauban: internal error: circuit too large")
	}
	b.s.kinds = push(b.s.kinds, kind)
	b.s.refs = push(b.s.refs, int32(ref))
	b.s.frozen = push(b.s.frozen, frozen)
	return Lit(len(b.s.kinds)-1) << 1
}

// Fact adds a fact and returns its index; its literal is System.Fact of it.
func (b *Builder) Fact() int32 {
	b.s.facts = push(b.s.facts, b.node(FactNode, len(b.s.facts), false))
	return int32(len(b.s.facts) - 1)
}

// OneOf says that of these facts exactly one is true in every state of every run, which is so by the rules that the caller makes. No answer
// rests on it: the interpreter holds runs to it, so that a system that is built wrong shows.
func (b *Builder) OneOf(facts []int32) {
	if b.s.groupOf == nil {
		b.s.groupOf = map[int32]int32{}
	}
	for _, f := range facts {
		b.s.groupOf[f] = int32(len(b.s.groups))
	}
	b.s.groups = append(b.s.groups, slices.Clone(facts))
}

// FactLit returns the literal of a fact.
func (b *Builder) FactLit(fact int32) Lit { return b.s.facts[fact] }

// Choice adds a choice and returns its literal.
func (b *Builder) Choice(kind ChoiceKind) Lit {
	l := b.node(ChoiceNode, len(b.s.chose), true)
	b.s.chose = append(b.s.chose, l)
	b.s.means = append(b.s.means, kind)
	return l
}

// And returns the conjunction of literals, simplified. It keeps the order of its inputs.
func (b *Builder) And(in ...Lit) Lit { return b.and(in, true) }

// Gate is And without a look for complements: what copies a circuit must not make of it one of which more can be proved by closure.
func (b *Builder) Gate(in ...Lit) Lit { return b.and(in, false) }

func (b *Builder) and(in []Lit, complements bool) Lit {
	kept := make([]Lit, 0, len(in))
	var seen map[Lit]bool // only for long gates: scanning a short one is faster
	if len(in) > 16 {
		seen = make(map[Lit]bool, len(in))
	}
	has := func(l Lit) bool {
		if seen != nil {
			return seen[l]
		}
		return slices.Contains(kept, l)
	}
	for _, l := range in {
		switch {
		case l == False || complements && has(l.Not()):
			return False
		case l == True || has(l):
			continue
		}
		if seen != nil {
			seen[l] = true
		}
		kept = append(kept, l)
	}
	switch len(kept) {
	case 0:
		return True
	case 1:
		return kept[0]
	}
	if g, ok := b.known(kept); ok {
		return g
	}
	frozen := true
	for _, l := range kept {
		frozen = frozen && b.s.Frozen(l)
	}
	g := b.node(GateNode, len(b.s.gateStart)-1, frozen)
	b.s.gateIn = append(b.s.gateIn, kept...)
	b.s.gateStart = push(b.s.gateStart, int32(len(b.s.gateIn)))
	if len(kept) == 2 {
		b.pairs[[2]Lit(kept)] = g
	} else {
		b.gates[string(b.key)] = g
	}
	return g
}

// known returns the gate of these inputs, if it was made; its key is then in b.key, unless there are two.
func (b *Builder) known(in []Lit) (g Lit, ok bool) {
	if len(in) == 2 {
		g, ok = b.pairs[[2]Lit(in)]
		return g, ok
	}
	b.key = b.key[:0]
	for _, l := range in {
		b.key = append(b.key, byte(l), byte(l>>8), byte(l>>16), byte(l>>24))
	}
	g, ok = b.gates[string(b.key)]
	return g, ok
}

// Or returns the disjunction of literals, simplified.
func (b *Builder) Or(in ...Lit) Lit {
	not := make([]Lit, len(in))
	for i, l := range in {
		not[i] = l.Not()
	}
	return b.And(not...).Not()
}

// Conjuncts is [System.Conjuncts] of the system so far.
func (b *Builder) Conjuncts(l Lit) []Lit { return b.s.Conjuncts(l) }

// Frozen is [System.Frozen] of the system so far.
func (b *Builder) Frozen(l Lit) bool { return b.s.Frozen(l) }

// Rule adds a rule and returns its index.
func (b *Builder) Rule(guard []Lit, effects []Effect, cost int32, extras []Extra) int32 {
	if cost < 0 {
		panic(fmt.Sprintf("vauban: internal error: rule of cost %d", cost))
	}
	x := &b.rules
	x.guards.add(guard...)
	x.guardEnd.add(int32(len(b.s.guards) + x.guards.n))
	x.effects.add(effects...)
	x.effectEnd.add(int32(len(b.s.effects) + x.effects.n))
	x.extras.add(extras...)
	x.extraEnd.add(int32(len(b.s.extras) + x.extras.n))
	x.costs.add(cost)
	return int32(len(b.s.costs) + x.costs.n - 1)
}

// System returns the finished system. The Builder must not be used after.
func (b *Builder) System() *System {
	s, x := b.s, &b.rules
	b.gates, b.pairs = nil, nil
	if s.extraStart == nil && x.extras.n > 0 {
		s.extraStart = make([]int32, len(s.guardStart))
	}
	if s.extraStart != nil {
		s.extraStart = x.extraEnd.behind(s.extraStart)
	}
	s.guardStart, s.guards = x.guardEnd.behind(s.guardStart), x.guards.behind(s.guards)
	s.effectStart, s.effects = x.effectEnd.behind(s.effectStart), x.effects.behind(s.effects)
	s.extras, s.costs = x.extras.behind(s.extras), x.costs.behind(s.costs)
	s.kinds, s.refs, s.frozen, s.facts = fit(s.kinds), fit(s.refs), fit(s.frozen), fit(s.facts)
	s.gateStart, s.gateIn = fit(s.gateStart), fit(s.gateIn)
	s.derived = &derived{made: map[any]func() any{}}
	return &s
}

// push appends to a list that may become long and is read meanwhile: it takes as much room again, so that less is copied than append copies.
func push[T any](s []T, x T) []T {
	if n := len(s); n == cap(s) {
		s = append(make([]T, 0, max(leastPiece, 2*n)), s...)
	}
	return append(s, x)
}

// fit returns a list without much room for more.
func fit[T any](s []T) []T {
	if cap(s)-len(s) > len(s)/8 {
		return append(make([]T, 0, len(s)), s...)
	}
	return s
}

// pieces is a list that grows by pieces: what is in it is not copied, and leaves no garbage, each time that it outgrows its place.
type pieces[T any] struct {
	full [][]T
	last []T
	n    int
}

// Sizes of pieces: each is as long as all before, between the two.
const (
	leastPiece = 16
	mostPiece  = 1 << 15
)

func (p *pieces[T]) add(x ...T) {
	if len(x) == 0 {
		return
	}
	if len(p.last)+len(x) > cap(p.last) {
		if len(p.last) > 0 {
			p.full = append(p.full, p.last)
		}
		p.last = make([]T, 0, max(len(x), min(max(leastPiece, p.n), mostPiece)))
	}
	p.last = append(p.last, x...)
	p.n += len(x)
}

// behind returns the list behind another one, in one piece, and forgets it.
func (p *pieces[T]) behind(s []T) []T {
	if p.n == 0 {
		return slices.Clip(s)
	}
	out := append(make([]T, 0, len(s)+p.n), s...)
	for _, piece := range p.full {
		out = append(out, piece...)
	}
	out = append(out, p.last...)
	*p = pieces[T]{}
	return out
}
