package conform

import (
	"context"

	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/checker/system"
)

// effort says what is asked for.
type effort bool

const (
	some     effort = false // any run
	cheapest effort = true  // one of least cost, which is proved
)

// Logs of more events than long are long: their runs are led, and whether there are shorter ones of the same cost is not asked. In each of their questions the engines do no more
// work than longWork.
const (
	long     = 64
	longWork = 1 << 12
)

// engine has the engines asked about a grounding with the log, or about that of the design. Along a long log they are led: a walk that has an attacker take at once whatever can only help him finds a run first.
func (a *asking) engine(g *ground.Grounding, e effort) judge.Ask {
	return func(ctx context.Context, q *system.Question) (p system.Proposal, err error) {
		opt, led := a.opt.Portfolio, false
		if len(a.events) > a.long && g != a.Watched.Grounding {
			opt.AnyLength, opt.MaxWork = true, longWork
			if p, led, err = a.lead(ctx, g, q, e, opt); !led {
				p = system.Proposal{}
			}
		}
		switch {
		case led || err != nil:
		case e == cheapest:
			p, err = portfolio.Solve(ctx, q, opt)
		default:
			p, err = portfolio.Run(ctx, q, opt)
		}
		evidence.Distinct(&p)
		return p, err
	}
}

// lead proposes the run that a greedy walk finds, or the states that a blind one meets as a proof that there is none. It reports whether there is either.
func (a *asking) lead(ctx context.Context, g *ground.Grounding, q *system.Question, e effort, opt portfolio.Options) (p system.Proposal, led bool, err error) {
	w := newWalk(g, q)
	w.greedy()
	for i, v := range w.fixed { // a run need not rely on a failure
		if v == system.Unknown && q.System.ChoiceKind(int32(i)) == system.Failure {
			w.fixed[i] = system.No
		}
	}
	if run := w.through(ctx, a.sources).run; run != nil {
		return portfolio.From(ctx, q, run, bool(e), opt)
	}
	w = newWalk(g, q)
	w.greedy()
	w.blind()
	if states := w.through(ctx, a.sources).states; states != nil {
		if proof := (&system.Certificate{States: states}); judge.Certified(ctx, q, proof) {
			return system.Proposal{Holds: proof}, true, nil
		}
	}
	return p, false, nil
}

// walking is engine that looks at honest runs first.
func (a *asking) walking(e effort) judge.Ask {
	return func(ctx context.Context, q *system.Question) (system.Proposal, error) {
		if closed := (&system.Certificate{Cuts: []system.Cut{{}}}); judge.Certified(ctx, q, closed) {
			return system.Proposal{Holds: closed}, nil
		}
		found := newWalk(a.g, q).through(ctx, a.sources)
		if found.states != nil {
			if proof := (&system.Certificate{States: found.states}); judge.Certified(ctx, q, proof) {
				return system.Proposal{Holds: proof}, nil
			}
		}
		return a.engine(a.g, e)(ctx, q)
	}
}
