package reach

import (
	"context"
	"math"
	"slices"

	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
	"github.com/vauban-verifier/vauban/checker/system"
)

// objective is what a hitting set is cheapest in.
type objective uint8

const (
	failures objective = iota // how many Failure choices are true
	cost                      // what the run costs
	steps                     // what the run costs, then how many rules it takes
)

// unbounded is more than anything costs.
const unbounded = math.MaxInt / 4

// hitter is the oracle with all the cuts learnt so far. They hold whatever is decided.
type hitter struct {
	opt     Options
	effort  Effort // of one search
	spent   Effort // by all of them; visits are those of the fixpoint
	p       *program
	x       *fixpoint
	goal    objective
	cuts    [][]int32
	allowed int // failures, where they are not the objective
	unit    int // weight of a cost of one, where steps count too

	seen  []int32
	epoch int32
	stack []int32
}

func newHitter(q *system.Question, goal objective, opt Options) *hitter {
	h := &hitter{opt: opt, effort: opt.Any, goal: goal, unit: 1, allowed: q.MaxFailures}
	s := q.System
	switched := func(r int32) bool { return s.Cost(r) > 0 || len(s.Extras(r)) > 0 }
	switch goal {
	case failures:
		switched = nil
	case steps:
		switched = func(int32) bool { return true }
		h.unit = s.Rules() + 1
	}
	h.p = compile(q, switched)
	h.x = newFixpoint(h.p)
	h.seen = make([]int32, h.p.atoms)
	return h
}

// adopt takes over the cuts of another hitter of the same question, whose switched rules are among this one's.
func (h *hitter) adopt(from *hitter) {
	at := map[int32]int32{}
	for i, r := range h.p.switched {
		at[r] = h.p.first + int32(i)
	}
	for _, c := range from.cuts {
		cut := make([]int32, len(c))
		for i, a := range c {
			if cut[i] = a; a >= from.p.first {
				cut[i] = at[from.p.switched[a-from.p.first]]
			}
		}
		slices.Sort(cut)
		h.cuts = append(h.cuts, cut)
	}
}

// switchWeight is the weight of taking a rule, without extras.
func (h *hitter) switchWeight(a int32) int {
	w := int(h.p.q.System.Cost(h.p.switched[a-h.p.first])) * h.unit
	if h.goal == steps {
		w++
	}
	return w
}

// outcome is what is known after a search.
type outcome struct {
	lower    int   // no attack weighs less; unbounded when there is none
	best     *plan // the lightest attack found
	weight   int   // its weight
	model    []system.Lit
	complete bool // best is the lightest, or there is none within the cutoff
	stuck    bool // what looks like the lightest attack takes a choice both ways
}

// search finds the lightest attack under given decisions, or proves that none weighs at most cutoff. With first, any
// attack within the cutoff will do.
func (h *hitter) search(ctx context.Context, fixed []system.Lit, cutoff int, first bool) outcome {
	m := newMaster(h, fixed)
	out := outcome{weight: unbounded}
	base := h.x.mark()
	defer h.x.undo(base)
	stopAt := min(h.x.visits+h.effort.Visits, searches*h.effort.Visits)
	defer func() {
		h.spent.Conflicts += m.s.Conflicts
		h.spent.Looks += m.s.Visits
	}()
	for range h.opt.MaxIterations {
		feasible := m.raise(ctx, cutoff)
		out.lower = m.lower
		if !feasible || m.lower > cutoff || m.lower >= out.weight {
			out.complete = ctx.Err() == nil
			return out
		}
		if m.gaveUp || h.x.visits > stopAt || m.cores > h.opt.MaxCores {
			return out
		}
		h.x.undo(base)
		on := m.switches()
		model := m.choices()
		for _, a := range on {
			h.x.turnOn(a)
		}
		for round := 0; ; round++ {
			if h.x.propagate() {
				if plan := h.x.plan(); m.consistent(plan) {
					if w := m.weigh(plan, model); w < out.weight {
						out.best, out.weight, out.model = plan, w, model
					}
				}
				if round == 0 { // the hitting set itself: nothing is lighter
					out.complete = out.best != nil
					out.stuck = !out.complete
					return out
				}
				if first && out.weight <= cutoff || out.weight <= m.lower {
					out.complete = true
					return out
				}
				break
			}
			cut := h.cut(m.weightOf)
			h.cuts = append(h.cuts, cut)
			m.add(cut)
			if len(cut) == 0 || h.x.visits > stopAt {
				break
			}
			for _, a := range cut { // so that the next cut is disjoint from this one
				h.x.turnOn(a)
			}
		}
	}
	return out
}

// certificate returns the cuts as certificate of a question, or just those that matter to refute failures within limit when
// decisions are given.
func (h *hitter) certificate(ctx context.Context, t *translation, fixed []system.Lit, limit int) *system.Certificate {
	cuts := h.cuts
	for _, c := range cuts {
		if len(c) == 0 {
			cuts = [][]int32{{}}
			break
		}
	}
	if h.goal == failures && len(cuts) > 1 && (len(fixed) > 0 || limit <= 3) {
		cuts = h.trim(ctx, cuts, fixed, limit)
	}
	out := &system.Certificate{}
	for _, c := range cuts {
		out.Cuts = append(out.Cuts, h.barrier(t, c))
	}
	return out
}

// barrier returns a cut of switches in the terms of the question.
func (h *hitter) barrier(t *translation, switches []int32) system.Cut {
	var cut system.Cut
	for _, a := range switches {
		if a >= h.p.first {
			cut.Rules = append(cut.Rules, t.Rules[h.p.switched[a-h.p.first]])
		} else {
			cut.Choices = append(cut.Choices, t.Original(system.Lit(a)))
		}
	}
	slices.Sort(cut.Choices)
	slices.Sort(cut.Rules)
	return cut
}

// trim returns a subset of the cuts that is refuted already.
func (h *hitter) trim(ctx context.Context, cuts [][]int32, fixed []system.Lit, limit int) [][]int32 {
	m := newMaster(&hitter{opt: h.opt, effort: h.effort, p: h.p, goal: cost, unit: 1, allowed: limit}, fixed)
	chosen := make([]cdcl.Lit, len(cuts))
	for i, c := range cuts {
		chosen[i] = m.s.NewVar()
		clause := []cdcl.Lit{chosen[i].Not()}
		for _, a := range c {
			clause = append(clause, m.of(a))
		}
		m.s.AddClause(clause...)
	}
	if m.s.Solve(ctx, chosen) != cdcl.Unsat {
		return cuts
	}
	core := m.s.Minimise(ctx, 30)
	var out [][]int32
	for i, l := range chosen {
		if slices.Contains(core, l) {
			out = append(out, cuts[i])
		}
	}
	return out
}

// failure reports whether an atom is that a control fails.
func (h *hitter) failure(a int32) bool {
	return a < h.p.first && h.p.controlled[a] && a&1 == 0 && h.p.kinds[a] == uint8(system.Failure)
}

// item reports whether an atom weighs something by itself: a failure, or a rule that is taken, whichever is the objective.
func (h *hitter) item(a int32) bool {
	if h.goal == failures {
		return h.failure(a)
	}
	return a >= h.p.first && int(a-h.p.first) < len(h.p.switched)
}

// price is what an item weighs, without extras.
func (h *hitter) price(a int32) int {
	if h.goal == failures {
		return 1
	}
	return h.switchWeight(a)
}
