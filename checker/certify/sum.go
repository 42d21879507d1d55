package certify

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/vauban-verifier/vauban/checker/system"
)

// Bounds of sums, so that nothing overflows and no proof is too deep.
const (
	maxMost   = math.MaxInt32 // of a limit
	maxTotal  = 1 << 60       // of the parts that cuts weigh together
	maxSplits = 1 << 10       // on the way to a leaf
)

// ledger checks that whatever hits all cuts exceeds a limit, by sums.
//
// Let an item be what can hit a cut: a choice that is true, or a rule that is taken. Let x be 1 for the items that a run hits and 0 for all others, p an item's least price, and w >= 0 what a cut weighs. As the run hits
// each cut C, 1 - (sum over C of x) is 0 or less, and so
//
//	what the run pays >= sum of p·x >= sum of p·x + sum over cuts of w·(1 - sum over C of x) = sum of w + sum over items of (p - load)·x,
//
// where an item's load is what the cuts weigh that it is in. An item that is known to be hit adds p - load, one that is known not to be hit adds nothing, and any other one at the least p - load where that is negative, and else nothing. That is
// so whatever the weights are; they need not be the best, nor add up to anything.
type ledger struct {
	ctx     context.Context
	q       *system.Question
	cuts    []system.Cut
	limits  []allowance
	cases   []system.Case       // those that are still to be gone through
	decided map[system.Lit]bool // by item: it is hit, or it is not
}

// allowance is a limit: what runs pay for items is at most that much, in parts.
type allowance struct {
	most  int
	price func(item system.Lit) int
}

// sums checks a certificate whose cuts have weights, or weights in cases.
func sums(ctx context.Context, q *system.Question, cert *system.Certificate) error {
	g := &ledger{ctx: ctx, q: q, cuts: cert.Cuts, cases: cert.Cases, decided: map[system.Lit]bool{}}
	p := newPrices(q)
	g.limits = append(g.limits, allowance{p.failures * system.Parts, func(item system.Lit) int {
		if !choice(q.System, item) || item.Negated() || p.given[item] {
			return 0
		}
		if _, ref := q.System.Node(item.Node()); q.System.ChoiceKind(ref) != system.Failure {
			return 0
		}
		return system.Parts
	}})
	if q.Budget >= 0 && q.Budget < maxMost {
		g.limits = append(g.limits, allowance{q.Budget * system.Parts, func(item system.Lit) int {
			r := int(item.Node()) - q.System.Nodes()
			if r < 0 {
				return 0
			}
			return min(p.of(int32(r)), q.Budget+1) * system.Parts // more than all that may be paid is as good
		}})
	}
	if len(g.cases) == 0 {
		var all system.Case
		for i, c := range cert.Cuts {
			if c.Weight > maxMost || c.Weight < 0 {
				return fmt.Errorf("cut %d weighs too much, or less than nothing", i+1)
			}
			all.Weights = append(all.Weights, system.Weight{Cut: int32(i), Parts: c.Weight * system.Parts})
		}
		g.cases = []system.Case{all}
	}
	if err := g.next(); err != nil {
		return err
	}
	if len(g.cases) > 0 {
		return errors.New("there are cases that belong to no split")
	}
	return nil
}

// next goes through the first of the cases that are left, and all that belong to it.
func (g *ledger) next() error {
	if len(g.cases) == 0 {
		return errors.New("a split lacks a case")
	}
	if err := g.ctx.Err(); err != nil {
		return err
	}
	c := g.cases[0]
	g.cases = g.cases[1:]
	if c.Split == 0 {
		return g.leaf(c.Weights)
	}
	if _, twice := g.decided[c.Split]; twice || !g.item(c.Split) || len(c.Weights) > 0 || len(g.decided) == maxSplits {
		return errors.New("a case is split on what is no item, on one that is decided, or too often")
	}
	for _, hit := range []bool{true, false} {
		g.decided[c.Split] = hit
		if err := g.next(); err != nil {
			return err
		}
	}
	delete(g.decided, c.Split)
	return nil
}

// item reports whether a literal is one of a choice, or says that a rule is taken.
func (g *ledger) item(l system.Lit) bool {
	if n := int(l.Node()) - g.q.System.Nodes(); n >= 0 {
		return n < g.q.System.Rules() && !l.Negated()
	}
	return choice(g.q.System, l)
}

// leaf checks that under what is decided, runs exceed a limit.
func (g *ledger) leaf(weights []system.Weight) error {
	load := map[system.Lit]int{}
	total, last := 0, int32(-1)
	for _, w := range weights {
		if w.Cut <= last || int(w.Cut) >= len(g.cuts) || w.Parts < 0 || w.Parts > maxMost*system.Parts {
			return errors.New("the weights of a case do not ascend by cut, or one is less than nothing or too much")
		}
		last = w.Cut
		if total += w.Parts; total > maxTotal {
			return errors.New("the cuts of a case weigh too much together")
		}
		carry := func(item system.Lit) {
			load[item] = min(load[item]+w.Parts, maxTotal) // no cut weighs more: it can be named twice in one
		}
		for _, l := range g.cuts[w.Cut].Choices {
			carry(l)
		}
		for _, r := range g.cuts[w.Cut].Rules {
			if g.q.Enabled(r) {
				carry(g.q.System.Taken(r))
			}
		}
	}
	for _, limit := range g.limits {
		if g.exceeds(limit, total, load) {
			return nil
		}
	}
	return fmt.Errorf("in a case, %d parts are weighed, which the limits allow", total)
}

// exceeds reports whether every run under what is decided pays more than a limit.
func (g *ledger) exceeds(limit allowance, total int, load map[system.Lit]int) bool {
	least := total
	for item, hit := range g.decided {
		if hit {
			least += limit.price(item)
		}
	}
	for item, carried := range load {
		hit, known := g.decided[item]
		switch {
		case known && hit:
			least -= carried
		case !known:
			least -= max(0, carried-limit.price(item))
		}
		if least < 0 { // it only falls
			return false
		}
	}
	return least > limit.most
}

// prices tells what rules cost at the least, whatever is chosen within what is given.
type prices struct {
	q        *system.Question
	given    map[system.Lit]bool
	failures int // how many may fail besides what is given
	memo     map[int32]system.Value
}

func newPrices(q *system.Question) *prices {
	p := &prices{q: q, given: map[system.Lit]bool{}, memo: map[int32]system.Value{}}
	left := q.MaxFailures
	for _, l := range q.Fixed {
		_, ref := q.System.Node(l.Node())
		if !l.Negated() && !p.given[l] && q.System.ChoiceKind(ref) == system.Failure {
			left--
		}
		p.given[l] = true
	}
	p.failures = left
	return p
}

// of returns the cost of a rule with the extras that are due in any case.
func (p *prices) of(r int32) int {
	cost := int(p.q.System.Cost(r))
	for _, x := range p.q.System.Extras(r) {
		if p.value(x.When) == system.Yes {
			cost += int(x.Cost)
		}
	}
	return cost
}

// value returns the value of a literal where it is the same under all choices that are allowed, as far as each is looked at by itself.
func (p *prices) value(l system.Lit) system.Value {
	n := l.Node()
	v, ok := p.memo[n]
	if !ok {
		switch kind, ref := p.q.System.Node(n); kind {
		case system.ConstNode:
			v = system.Yes
		case system.FactNode:
			v = system.Unknown
		case system.ChoiceNode:
			yes := system.Lit(n) << 1
			switch {
			case p.given[yes]:
				v = system.Yes
			case p.given[yes.Not()], p.q.System.ChoiceKind(ref) == system.Failure && p.failures <= 0:
				v = system.No
			default:
				v = system.Unknown
			}
		case system.GateNode:
			v = all(p.q.System.Gate(ref), p.value)
		}
		p.memo[n] = v
	}
	if l.Negated() {
		return v.Not()
	}
	return v
}
