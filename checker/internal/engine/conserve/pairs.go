package conserve

import (
	"context"
	"slices"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/system"
)

// pairs are pairs of values of variables that some state may have together. A value is a literal: a fact of a group, or a fact or its complement.
type pairs struct {
	q      *system.Question
	values []system.Lit
	number map[system.Lit]int
	of     []int   // by value: its variable
	all    [][]int // by variable: its values
	with   []bits  // by value: the values that may be there with it; itself where it may be there at all
}

// bits is a set of values.
type bits []uint64

func (b bits) has(i int) bool { return b[i/64]>>(i%64)&1 == 1 }
func (b bits) put(i int)      { b[i/64] |= 1 << (i % 64) }

func newPairs(q *system.Question, facts []int32, groups [][]int32) *pairs {
	s := q.System
	p := &pairs{q: q, number: map[system.Lit]int{}}
	variable := func(lits ...system.Lit) {
		var values []int
		for _, l := range lits {
			p.number[l] = len(p.values)
			values = append(values, len(p.values))
			p.values, p.of = append(p.values, l), append(p.of, len(p.all))
		}
		p.all = append(p.all, values)
	}
	grouped := map[int32]bool{}
	for _, group := range groups {
		var lits []system.Lit
		for _, f := range group {
			grouped[f] = true
			lits = append(lits, s.Fact(f))
		}
		variable(lits...)
	}
	for _, f := range facts {
		if !grouped[f] {
			variable(s.Fact(f), s.Fact(f).Not())
		}
	}
	for range p.values {
		p.with = append(p.with, make(bits, (len(p.values)+63)/64))
	}
	var first []int
	for _, l := range p.values {
		_, f := s.Node(l.Node())
		if slices.Contains(q.Start, f) != l.Negated() {
			first = append(first, p.number[l])
		}
	}
	for _, a := range first {
		for _, b := range first {
			p.with[a].put(b)
		}
	}
	return p
}

// meet notes that two values may be there together, and reports whether that is new.
func (p *pairs) meet(a, b int) bool {
	if p.with[a].has(b) {
		return false
	}
	p.with[a].put(b)
	p.with[b].put(a)
	return true
}

// step is a way in which a rule changes variables, in values.
type step struct {
	before, after, becomes []int
}

// close takes in what rules lead to, until that is all.
func (p *pairs) close(ctx context.Context, rules []rule) {
	given, steps := make([][]int, len(rules)), make([][][]step, len(rules))
	for i, r := range rules {
		given[i] = p.guard(r.number)
		for _, x := range r.changes {
			var list []step
			for _, way := range x.Ways {
				list = append(list, p.step(way.Before, way.Change))
			}
			steps[i] = append(steps[i], list)
			for _, f := range x.Facts {
				if x.Open {
					for _, a := range p.variable(f) {
						for b := range p.values {
							p.meet(a, b)
						}
					}
				}
			}
		}
	}
	for more := true; more && ctx.Err() == nil; {
		more = false
		for i := range rules {
			more = p.take(given[i], steps[i]) || more
		}
	}
}

// variable returns the values of the variable of a fact.
func (p *pairs) variable(f int32) []int { return p.all[p.of[p.number[p.q.System.Fact(f)]]] }

// guard returns the values that a rule asks for.
func (p *pairs) guard(r int32) []int {
	var out []int
	for _, l := range p.q.System.Guard(r) {
		for _, l := range p.q.System.Conjuncts(l) {
			if a, ok := p.number[l]; ok {
				out = append(out, a)
			}
		}
	}
	return out
}

func (p *pairs) step(before []system.Lit, change []system.Mass) step {
	var s step
	changed := map[int]bool{}
	for _, m := range change {
		l := p.q.System.Fact(m.Fact)
		if m.Weight < 0 {
			l = l.Not()
		}
		if a, ok := p.number[l]; ok { // of a group, what becomes false is no value
			s.becomes = append(s.becomes, a)
			changed[p.of[a]] = true
		}
	}
	s.after = slices.Clone(s.becomes)
	for _, l := range before {
		if a, ok := p.number[l]; ok {
			s.before = append(s.before, a)
			if !changed[p.of[a]] {
				s.after = append(s.after, a)
			}
		}
	}
	return s
}

// beside returns the values that may be there with all of some; nil where those may not be there together.
func (p *pairs) beside(lists ...[]int) bits {
	out := make(bits, (len(p.values)+63)/64)
	for i := range out {
		out[i] = ^uint64(0)
	}
	for _, list := range lists {
		for _, a := range list {
			for i, x := range p.with[a] {
				out[i] &= x
			}
		}
	}
	for _, list := range lists {
		for _, a := range list {
			if !out.has(a) {
				return nil
			}
		}
	}
	return out
}

// take takes a rule in all ways that may be, and reports whether that leads to something new.
func (p *pairs) take(given []int, groups [][]step) bool {
	var can [][]step
	var beside [][]bits
	touched := map[int]bool{}
	for _, steps := range groups {
		var list []step
		var masks []bits
		for _, s := range steps {
			if mask := p.beside(given, s.before); mask != nil {
				list, masks = append(list, s), append(masks, mask)
			}
			for _, a := range s.before {
				touched[p.of[a]] = true
			}
		}
		can, beside = append(can, list), append(beside, masks)
	}
	for i, list := range can {
		if len(list) == 0 && len(groups[i]) > 0 {
			return false
		}
	}
	more := false
	for i, list := range can {
		for k, s := range list {
			if len(s.becomes) == 0 {
				continue
			}
			mask := slices.Clone(beside[i][k])
			for j, others := range can {
				if j == i || len(groups[j]) == 0 {
					continue
				}
				any := make(bits, len(mask)) // what may be there with some way to take the rule
				for n, o := range others {
					if slices.ContainsFunc(o.before, func(b int) bool { return !mask.has(b) }) {
						continue
					}
					for w := range any {
						any[w] |= beside[j][n][w]
					}
					for _, a := range s.becomes {
						for _, b := range o.after {
							more = p.meet(a, b) || more
						}
					}
				}
				for w := range mask {
					mask[w] &= any[w]
				}
			}
			for _, a := range s.becomes {
				for _, b := range s.after {
					more = p.meet(a, b) || more
				}
				for b := range p.values {
					if mask.has(b) && !touched[p.of[b]] {
						more = p.meet(a, b) || more
					}
				}
			}
		}
	}
	return more
}

// clauses returns, for two values that may each be there and not together, that this is so, and that what is never there is not, where the closure does not say so already.
func (p *pairs) clauses(ctx context.Context) [][]system.Lit {
	var out [][]system.Lit
	never := certify.Unreachable(ctx, p.q)
	for a, l := range p.values {
		if _, f := p.q.System.Node(l.Node()); !p.with[a].has(a) && (l.Negated() || !never[f]) {
			out = append(out, []system.Lit{l.Not()})
		}
		for b := range a {
			if p.with[a].has(a) && p.with[b].has(b) && p.of[a] != p.of[b] && !p.with[a].has(b) {
				clause := []system.Lit{p.values[a].Not(), p.values[b].Not()}
				slices.Sort(clause)
				out = append(out, clause)
			}
		}
	}
	slices.SortFunc(out, slices.Compare)
	return out
}

// possible returns rules without the ways that cannot be taken.
func (p *pairs) possible(rules []rule) []rule {
	var out []rule
next:
	for _, r := range rules {
		given := p.guard(r.number)
		to := rule{number: r.number}
		for _, x := range r.changes {
			y := x
			y.Ways = nil
			for _, way := range x.Ways {
				if p.beside(given, p.step(way.Before, nil).before) != nil {
					y.Ways = append(y.Ways, way)
				}
			}
			if len(y.Ways) == 0 && !x.Open {
				continue next
			}
			to.changes = append(to.changes, y)
		}
		out = append(out, to)
	}
	return out
}
