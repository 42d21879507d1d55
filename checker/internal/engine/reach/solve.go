package reach

import (
	"context"
	"errors"
	"slices"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/engine/decide"
	"github.com/vauban-verifier/vauban/checker/internal/reason"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// Effort is how much one search may do, in three measures of work.
type Effort struct {
	Visits    int   // of clauses by the fixpoint
	Conflicts int64 // of the solver
	Looks     int64 // at clauses by the solver
}

// Options are the limits of a search. Zero fields take the defaults.
type Options struct {
	MaxIterations int    // of hitting set and fixpoint, in one search
	Any           Effort // for any attack
	Cost          Effort // for one of least cost, when some attack is known
	Sums          Effort // for what cuts weigh, of which visits count alone
	Steps         Effort // for one of fewest steps, when its cost is known
	MaxCores      int    // of the optimiser, in one search
	MaxCutVisits  int    // of clauses, to make one cut minimal
	MaxSets       int    // of sufficient sets of decisions

	// Known is told of each attack that costs less, and of each higher bound; nil: nobody is.
	Known func(cost, atLeast int)
}

// searches is how many times what one search may do the searches for any attack of one question may do together, one for each set of decisions that is tried.
const searches = 16

// whole is how many times what one search may do the searches of each kind may do together that a check makes.
const whole = 1024

// Shared returns the limits of one of so many questions of a check; those of iterations and sizes stay. Where there are few questions, each search may do what it may do by itself, and where there are
// many, its share of what they may do together.
func (o Options) Shared(questions int) Options {
	o = o.defaults()
	share := func(e *Effort, made int) {
		if made > whole {
			e.Visits = max(1, e.Visits/made*whole)
			e.Conflicts = max(1, e.Conflicts*whole/int64(made))
			e.Looks = max(1, e.Looks/int64(made)*whole)
		}
	}
	share(&o.Any, searches*questions)
	share(&o.Cost, questions)
	share(&o.Sums, questions)
	share(&o.Steps, questions)
	return o
}

// Whole returns what a check may do in all.
func Whole() Effort {
	o := Options{}.defaults()
	return Effort{
		Visits:    whole * (o.Any.Visits + o.Cost.Visits + o.Sums.Visits + o.Steps.Visits),
		Conflicts: whole * (o.Any.Conflicts + o.Cost.Conflicts + o.Steps.Conflicts),
		Looks:     whole * (o.Any.Looks + o.Cost.Looks + o.Steps.Looks),
	}
}

func (o Options) defaults() Options {
	set := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	effort := func(v *Effort, d Effort) {
		if *v == (Effort{}) {
			*v = d
		}
	}
	set(&o.MaxIterations, 2000)
	effort(&o.Any, Effort{400e6, 4 << 20, 40e9})
	effort(&o.Cost, Effort{20e6, 50_000, 50e6})
	effort(&o.Sums, Effort{Visits: 100e6})
	effort(&o.Steps, Effort{2e6, 50_000, 15e6})
	set(&o.MaxCores, 500)
	set(&o.MaxCutVisits, 20e6)
	set(&o.MaxSets, 64)
	return o
}

// solver answers one question.
type solver struct {
	ctx    context.Context
	opt    Options
	t      *translation
	oracle *hitter      // whose cuts every oracle call adds to
	aside  []system.Lit // decisions given that are not in the slice
	out    system.Proposal
}

func newSolver(ctx context.Context, q *system.Question, opt Options) *solver {
	s := &solver{ctx: ctx, opt: opt.defaults(), t: &translation{slice.Of(q), q}}
	goal := failures
	if q.Budget >= 0 {
		goal = cost
	}
	s.oracle = newHitter(s.t.Question, goal, s.opt)
	return s
}

// Solve proposes an answer: a proof, or attacks with the decisions that prevent them.
func Solve(ctx context.Context, q *system.Question, opt Options) (system.Proposal, error) {
	s := newSolver(ctx, q, opt)
	if s.t.Question.MaxFailures < 0 {
		s.out.Holds = &system.Certificate{}
		return s.out, nil
	}
	err := s.run()
	if ctx.Err() != nil && s.out.Holds == nil { // what was found is worth having
		s.out.Incomplete, err = reason.Cancelled, nil
	}
	return s.out, err
}

// tell tells what is known of the cost.
func (s *solver) tell() {
	if s.opt.Known == nil || len(s.out.Attacks) == 0 {
		return
	}
	if trace, err := system.Replay(s.t.original, &s.out.Attacks[0]); err == nil {
		s.opt.Known(trace.Cost, s.out.AtLeast)
	}
}

// Any proposes an answer without decisions and costs: an attack, or a proof, or neither when the relaxation does not tell.
func Any(ctx context.Context, q *system.Question, opt Options) (*system.Run, *system.Certificate) {
	s := newSolver(ctx, q, opt)
	if s.t.Question.MaxFailures < 0 {
		return nil, &system.Certificate{}
	}
	return s.ask(nil)
}

// cutoff is the most that an attack may weigh in the oracle's objective.
func (s *solver) cutoff() int {
	if s.oracle.goal == failures {
		return s.t.Question.MaxFailures
	}
	return s.t.Question.Budget
}

// ask returns an attack under the decisions, or a proof that there is none; neither, when the engine gives up.
func (s *solver) ask(fixed []system.Lit) (*system.Run, *system.Certificate) {
	out := s.oracle.search(s.ctx, fixed, s.cutoff(), true)
	switch {
	case out.best != nil && out.weight <= s.cutoff():
		run := s.oracle.attack(s.t, out.best, out.model, s.aside)
		if run == nil {
			s.out.Incomplete = reason.Stuck
		}
		return run, nil
	case out.complete:
		return nil, s.oracle.certificate(s.ctx, s.t, fixed, s.cutoff())
	}
	s.out.Incomplete = reason.Limits
	if out.stuck {
		s.out.Incomplete = reason.Stuck
	}
	return nil, nil
}

func (s *solver) run() error {
	run, proof := s.ask(nil)
	if proof != nil {
		s.out.Holds = proof
		return nil
	}
	if run == nil {
		return nil
	}
	s.out.Attacks = append(s.out.Attacks, *run)
	s.tell()
	if err := s.cheapest(); err != nil {
		return err
	}
	return s.decide()
}

// decide asks for all minimal sets of decisions.
func (s *solver) decide() error {
	var decisions []system.Lit
	inner := make(map[system.Lit]system.Lit, len(s.t.Choices)) // the slice's literal
	for i, l := range s.t.Choices {
		inner[l] = s.t.Question.System.Choice(int32(i))
		if s.t.Question.System.ChoiceKind(int32(i)) == system.Decision {
			decisions = append(decisions, l)
		}
	}
	slices.Sort(decisions)
	return decide.Sets(s.ctx, s.t.original.System, decisions, s.opt.MaxSets, &s.out, func(set []system.Lit) (*system.Run, *system.Certificate, error) {
		var fixed []system.Lit
		s.aside = s.aside[:0]
		for _, l := range set {
			if in, ok := inner[l&^1]; ok {
				fixed = append(fixed, in^(l&1))
			} else {
				s.aside = append(s.aside, l)
			}
		}
		run, proof := s.ask(fixed)
		return run, proof, nil
	})
}

// cheapest puts an attack of least cost and then of fewest steps first, with a proof of the cost.
func (s *solver) cheapest() error {
	q := s.t.Question
	priced := newHitter(q, cost, s.opt)
	if s.oracle.goal == cost {
		priced = s.oracle
	}
	if len(priced.p.switched) > 0 {
		settled, err := s.price(priced)
		if !settled || err != nil {
			return err
		}
	}
	return s.shortest(newHitter(q, steps, s.opt), priced)
}

// shortest puts an attack of fewest steps first, among those of least cost, and says how many steps there are at least. Who waits for a verdict has it already: so it
// takes little work, and less where little is to be had.
func (s *solver) shortest(short, priced *hitter) error {
	short.effort = s.opt.Steps
	l := newLandmarks(short)
	lower := l.dearest()
	if met, err := s.light(l, lower); err != nil || met || lower >= unbounded {
		return errors.Join(err, s.depth(short, lower))
	}
	l.bound(short.effort.Visits)
	lower = max(lower, l.total)
	if met, err := s.met(short, lower); err != nil || met {
		return errors.Join(err, s.depth(short, lower))
	}
	l.share()
	short.adopt(priced)
	out := short.search(s.ctx, nil, unbounded-1, false)
	s.offer(short, out)
	return s.depth(short, max(lower, out.lower))
}

// price puts an attack of least cost first, with a proof. It reports whether none costs less.
func (s *solver) price(priced *hitter) (settled bool, err error) {
	if priced != s.oracle {
		priced.effort = s.opt.Cost
	}
	l, met, err := s.landmarks(priced)
	if err != nil {
		return false, err
	}
	if l.total > 0 {
		s.out.AtLeast, s.out.Bound = l.total, l.certificate(s.t)
		s.tell()
	}
	if met {
		return true, nil
	}
	if met, err = s.branch(priced, l); met || err != nil {
		return met, err
	}
	if priced != s.oracle {
		priced.adopt(s.oracle)
	}
	trace, err := system.Replay(s.t.original, &s.out.Attacks[0])
	if err != nil {
		return false, err
	}
	out := priced.search(s.ctx, nil, trace.Cost-1, false)
	s.offer(priced, out)
	lower := min(out.lower, trace.Cost) // where nothing costs less, the search says no more than that
	if lower <= s.out.AtLeast {
		return out.complete, nil
	}
	bound := priced.certificate(s.ctx, s.t, nil, 0)
	if !s.refutable(bound, lower-1) {
		return false, nil
	}
	s.out.AtLeast, s.out.Bound = lower, bound
	s.tell()
	return out.complete, nil
}

// easyConflicts is how many conflicts the check of a bound may take: the sum that bounds it besides takes none.
const easyConflicts = 500

// refutable reports whether cuts are found to allow no attack within a budget by those who check it: a solver of another kind may be lost where this one was not.
func (s *solver) refutable(cuts *system.Certificate, budget int) bool {
	less := *s.t.original
	less.Budget = budget
	return certify.Within(s.ctx, &less, cuts, easyConflicts) == nil
}

// landmarks bounds what attacks cost by cuts that are weighed, which the hitter takes over, and offers the cheap ones that propagation finds. It reports whether
// the first attack is met by the bound.
func (s *solver) landmarks(h *hitter) (l *landmarks, met bool, err error) {
	l = newLandmarks(h)
	if l.bound(h.effort.Visits); l.total >= unbounded {
		return l, false, nil // the relaxation says that there is no attack: that is for the search to prove
	}
	l.share()
	met, err = s.light(l, l.total)
	return l, met, err
}

// branch bounds what attacks cost by branch and cut, and offers the light ones that it comes by. It reports whether the first attack is met by the bound.
func (s *solver) branch(h *hitter, l *landmarks) (met bool, err error) {
	trace, err := system.Replay(s.t.original, &s.out.Attacks[0])
	if err != nil {
		return false, err
	}
	upper := trace.Cost
	lower, proof := branch(s.ctx, h, upper, func(x []float64) int {
		if p := l.near(x); p != nil {
			s.offer(h, outcome{best: l.improve(p, s.out.AtLeast, h.effort.Visits/attacksNear), model: h.plain()})
		}
		if trace, err := system.Replay(s.t.original, &s.out.Attacks[0]); err == nil {
			upper = trace.Cost
		}
		return upper
	})
	if lower > s.out.AtLeast {
		s.out.AtLeast, s.out.Bound = lower, proof.certificate(h, s.t)
		s.tell()
	}
	return s.met(h, s.out.AtLeast)
}

// attacksNear is how many times what one search may do is for attacks near a point.
const attacksNear = 16

// light offers the light attacks that propagation finds, until one is met by a lower bound.
func (s *solver) light(l *landmarks, lower int) (met bool, err error) {
	for _, residual := range []bool{false, true} {
		if met, err = s.met(l.h, lower); met || err != nil {
			return met, err
		}
		if p := l.cheap(residual); p != nil {
			s.offer(l.h, outcome{best: l.improve(p, lower, l.h.effort.Visits), model: l.h.plain()})
		}
	}
	return s.met(l.h, lower)
}

// met reports whether the first attack weighs no more than a lower bound.
func (s *solver) met(h *hitter, lower int) (bool, error) {
	trace, err := system.Replay(s.t.original, &s.out.Attacks[0])
	if err != nil {
		return false, err
	}
	weight := trace.Cost
	if h.goal == steps {
		weight = trace.Cost*h.unit + len(s.out.Attacks[0].Rules)
	}
	return weight <= lower, nil
}

// plain returns the choices that are for the control: decisions that it is there, and no failures.
func (h *hitter) plain() []system.Lit {
	s := h.p.q.System
	out := make([]system.Lit, s.Choices())
	for i := range out {
		if out[i] = s.Choice(int32(i)); s.ChoiceKind(int32(i)) == system.Failure {
			out[i] = out[i].Not()
		}
	}
	return out
}

// depth reads off the bound on the weight how many steps the first attack has at least: each run of its cost takes as many rules, once or more.
func (s *solver) depth(h *hitter, lower int) error {
	if lower >= unbounded {
		return nil
	}
	trace, err := system.Replay(s.t.original, &s.out.Attacks[0])
	if err == nil && trace.Cost == lower/h.unit {
		s.out.Depth = lower % h.unit
	}
	return err
}

// offer puts an attack first when it is better than the first.
func (s *solver) offer(h *hitter, out outcome) {
	if out.best == nil {
		return
	}
	run := h.attack(s.t, out.best, out.model, nil)
	if run == nil {
		return
	}
	old, err := system.Replay(s.t.original, &s.out.Attacks[0])
	now, err2 := system.Replay(s.t.original, run)
	if err != nil || err2 != nil || now.Cost > old.Cost || now.Cost == old.Cost && len(run.Rules) >= len(s.out.Attacks[0].Rules) {
		return
	}
	s.out.Attacks = append([]system.Run{*run}, s.out.Attacks...)
	s.tell()
}

// LeastFailures returns the smallest set of failures that was found to let an attack through whatever MaxFailures says, with that attack, how many failures it takes at the least, and a certificate that
// fewer do not: of the question with one failure less allowed. The set is the smallest there is where it has no more than that; it may have more where the limits or ctx end the search first, and is nil
// where nothing was found by then. Without any attack, atLeast is more than there are choices, and the certificate is one for any number of failures. The budget is ignored.
func LeastFailures(ctx context.Context, q *system.Question, opt Options) (set []system.Lit, atLeast int, proof *system.Certificate, run *system.Run) {
	all := *q
	all.MaxFailures, all.Budget = q.System.Choices(), -1
	t := &translation{slice.Of(&all), &all}
	h := newHitter(t.Question, failures, opt.defaults())
	out := outcome{weight: unbounded}
	l := newLandmarks(h)
	offer := func(p *plan) {
		if p == nil {
			return
		}
		p = l.improve(p, atLeast, h.effort.Visits/attacksNear)
		if w := l.weigh(p); w < out.weight {
			out.best, out.weight, out.model = p, w, h.plain()
		}
	}
	if l.bound(h.effort.Visits); l.total < unbounded {
		atLeast, proof = l.total, l.certificate(t)
		l.share()
		for _, residual := range []bool{false, true} {
			offer(l.cheap(residual))
		}
	}
	if atLeast < out.weight {
		lower, sums := branch(ctx, h, out.weight, func(x []float64) int {
			offer(l.near(x))
			return out.weight
		})
		if lower > atLeast {
			atLeast, proof = lower, sums.certificate(h, t)
		}
	}
	if atLeast < out.weight {
		found := h.search(ctx, nil, out.weight-1, false)
		if found.best != nil {
			out = found
		}
		if lower := min(found.lower, out.weight); lower > atLeast {
			atLeast, proof = lower, h.certificate(ctx, t, nil, min(lower-1, len(t.Choices)))
		}
	}
	if out.best == nil {
		return nil, atLeast, proof, nil
	}
	if run = h.attack(t, out.best, out.model, nil); run != nil {
		set = []system.Lit{}
		for _, l := range run.Choices {
			if _, i := q.System.Node(l.Node()); !l.Negated() && q.System.ChoiceKind(i) == system.Failure {
				set = append(set, l)
			}
		}
	}
	return set, atLeast, proof, run
}
