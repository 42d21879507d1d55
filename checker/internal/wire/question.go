package wire

import (
	"bytes"
	"context"
	"fmt"
	"math"

	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// Engine says what is asked for.
type Engine uint8

// The engines.
const (
	Solve Engine = iota // [portfolio.Solve]
	First               // [portfolio.First]
	Run                 // [portfolio.Run]
)

// MaxBytes bounds a question and a proposal. The slice of a design with a million rules takes some thirty million.
const MaxBytes = 1 << 27

// maxDepth bounds gates upon gates in a question of somebody else: engines go down into them. Sums over 30 orders are 6,000 deep, and that grows with the square.
const maxDepth = 1 << 17

// Question is what an engine is asked.
type Question struct {
	Engine Engine
	Limits portfolio.Options // but for what tells of progress
	Of     *system.Question  // a slice: nothing is off or fixed
}

// Ask has the engine answer.
func (q *Question) Ask(ctx context.Context, progress func(portfolio.Progress)) (system.Proposal, error) {
	opt := q.Limits
	opt.Progress = progress
	switch q.Engine {
	case First:
		return portfolio.First(ctx, q.Of, opt)
	case Run:
		return portfolio.Run(ctx, q.Of, opt)
	}
	return portfolio.Solve(ctx, q.Of, opt)
}

// limits are all numbers of the limits, in the order in which they are written. A test holds them to the fields that there are.
func limits(o *portfolio.Options) ([]*int, []*int64) {
	r := &o.Reach
	return []*int{&r.MaxIterations, &r.Any.Visits, &r.Cost.Visits, &r.Sums.Visits, &r.Steps.Visits, &r.MaxCores, &r.MaxCutVisits, &r.MaxSets, &o.MaxSets, &o.MaxNodes},
		[]*int64{&r.Any.Conflicts, &r.Any.Looks, &r.Cost.Conflicts, &r.Cost.Looks, &r.Sums.Conflicts, &r.Sums.Looks, &r.Steps.Conflicts, &r.Steps.Looks, &o.MaxWork}
}

// Append writes a question.
func (q *Question) Append(b []byte) []byte {
	b = number(b, q.Engine)
	ints, wide := limits(&q.Limits)
	for _, x := range ints {
		b = number(b, *x)
	}
	for _, x := range wide {
		b = number(b, *x)
	}
	b = flag(flag(flag(b, q.Limits.AnyLength), q.Limits.Large), q.Limits.Part)
	b = number(b, q.Limits.Laws)
	return slice.AppendForm(b, q.Of)
}

// ParseQuestion reads a question.
func ParseQuestion(data []byte) (*Question, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("a question of %d bytes is larger than the limit of %d", len(data), MaxBytes)
	}
	r := &reader{data: data}
	q := &Question{Engine: Engine(r.number(uint64(Run)))}
	ints, wide := limits(&q.Limits)
	for _, x := range ints {
		*x = int(r.number(math.MaxInt32))
	}
	for _, x := range wide {
		*x = int64(r.number(1 << 40))
	}
	q.Limits.AnyLength, q.Limits.Large, q.Limits.Part = r.flag(), r.flag(), r.flag()
	q.Limits.Laws = portfolio.Laws(r.number(uint64(portfolio.LawsNone)))
	b := system.NewBuilder()
	depth, facts := []int{0}, 0
	for range r.count(1) {
		deep := 0
		switch system.NodeKind(r.number(uint64(system.GateNode))) {
		case system.FactNode:
			b.Fact()
			facts++
		case system.ChoiceNode:
			b.Choice(system.ChoiceKind(r.number(uint64(system.Failure))))
		case system.GateNode:
			in := r.lits(len(depth))
			for _, l := range in {
				deep = max(deep, depth[l.Node()]+1)
			}
			if deep > maxDepth || r.err != nil || b.Gate(in...) != system.Lit(2*len(depth)) { // one that is another node already, or a constant
				return nil, errForm
			}
		default:
			return nil, errForm
		}
		depth = append(depth, deep)
	}
	nodes := len(depth)
	var (
		effects []system.Effect
		extras  []system.Extra
	)
	for range r.count(4) {
		guard := r.lits(nodes)
		effects, extras = effects[:0], extras[:0]
		for range r.count(3) {
			effects = append(effects, system.Effect{When: r.lit(nodes), Fact: r.index(facts), Set: r.flag()})
		}
		cost := int32(r.number(math.MaxInt32))
		for range r.count(2) {
			x := system.Extra{When: r.lit(nodes)}
			c := r.signed()
			if c < math.MinInt32 || c > math.MaxInt32 || !b.Frozen(x.When) {
				return nil, errForm
			}
			x.Cost = int32(c)
			extras = append(extras, x)
		}
		if r.err != nil {
			return nil, r.err
		}
		b.Rule(guard, effects, cost, extras)
	}
	q.Of = &system.Question{Start: r.indices(facts), Assume: r.lits(nodes), Bad: r.lit(nodes), MaxFailures: int(r.signed()), Budget: int(r.signed())}
	if q.Of.System = b.System(); r.err != nil || len(r.data) > 0 {
		return nil, errForm
	}
	for i, f := range q.Of.Start {
		if i > 0 && f <= q.Of.Start[i-1] {
			return nil, errForm
		}
	}
	if !bytes.Equal(q.Append(make([]byte, 0, len(data))), data) {
		return nil, errForm
	}
	return q, nil
}
