package portfolio

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/engine/bmc"
	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
	"github.com/vauban-verifier/vauban/checker/internal/engine/circuit"
	"github.com/vauban-verifier/vauban/checker/internal/engine/decide"
	"github.com/vauban-verifier/vauban/checker/internal/engine/encode"
	"github.com/vauban-verifier/vauban/checker/internal/engine/explicit"
	"github.com/vauban-verifier/vauban/checker/internal/engine/ic3"
	"github.com/vauban-verifier/vauban/checker/internal/engine/reach"
	"github.com/vauban-verifier/vauban/checker/internal/engine/trim"
	"github.com/vauban-verifier/vauban/checker/internal/reason"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// Options are the limits of a search. Zero fields take the defaults.
type Options struct {
	Reach    reach.Options
	MaxWork  int64 // conflicts and questions of one search for any attack; of all searches of a question, as many times that as searches says
	MaxSets  int   // of sufficient sets of decisions
	MaxNodes int   // of a circuit

	// AnyLength says that what costs least is enough, however many steps it takes: runs that leave a long log are hardly shorter than it.
	AnyLength bool

	// Large says that the question is the slice of one of which [Large] is true, so that its proofs are left as those of the whole would be.
	Large bool

	// Part says that the question is a part of one that was split, so that it is not split again.
	Part bool

	// Laws says what becomes of conservation laws.
	Laws Laws

	// Elsewhere answers a part of a question that is split, as [Run] does, and may lie; where it returns an error, the part is answered here. It is safe for concurrent use. nil: all parts are answered here.
	Elsewhere func(ctx context.Context, part *system.Question, limits Options) (system.Proposal, error)

	Progress func(Progress)
}

// Laws is what a search does where it looks for conservation laws, which are about all of a system and not about a slice alone.
type Laws uint8

// What may become of laws. The same comes of a question whose slice is asked about elsewhere as of the whole: where the search of the slice ends at laws, whoever has the whole looks for them, with [Conserved], and where
// there are none, has the slice asked about without.
const (
	LawsHere      Laws = iota // they are looked for
	LawsElsewhere             // the search ends there, with [reason.Laws]
	LawsNone                  // they are known not to be enough
)

// Progress tells how far an engine has come: no run of fewer than Depth steps violates the question. Without an engine, it tells that there is an attack of
// that cost, and that none costs less than AtLeast.
type Progress struct {
	Engine        string
	Depth         int
	Conflicts     int64
	Cost, AtLeast int
}

func (o Options) defaults() Options {
	if o.MaxWork == 0 {
		o.MaxWork = 4 << 20
	}
	if o.MaxSets == 0 {
		o.MaxSets = 64
	}
	if o.MaxNodes == 0 {
		o.MaxNodes = 2 << 20
	}
	return o
}

// Limits of more than one search, as many times what one of them may do.
const (
	searches = 4  // of one question
	whole    = 64 // of a check
)

// Shared returns the limits of one of so many questions of a check, as [reach.Options.Shared] does.
func (o Options) Shared(questions int) Options {
	o = o.defaults()
	o.Reach = o.Reach.Shared(questions)
	if made := int64(searches * questions); made > whole {
		o.MaxWork = max(1, o.MaxWork*whole/made)
	}
	return o
}

// Whole returns how many conflicts and questions the searches of a check may take in all, apart from those of package reach.
func Whole() int64 { return whole * Options{}.defaults().MaxWork }

// Work of a turn: the first of bounded model checking, and how much more IC3 gets. The last is for an attack that is only shorter than one that is
// known: who waits for a verdict has it already.
const (
	FirstTurn = 200
	IC3Share  = 32

	explicitShare = 2000          // rules that are tried, for a conflict or question
	lawTurn       = 2 * FirstTurn // after which laws are looked for
	lawGates      = 64            // for a latch: where there are more, much is added up, and they are looked for before
	lawConflicts  = 5000          // to see whether laws are enough
	shorterWork   = 1 << 17
	shorterNodes  = 1 << 27 // conflicts times nodes of the circuit, for the same: a conflict of a large one takes longer
)

// solver answers one question.
type solver struct {
	ctx context.Context
	opt Options
	q   *system.Question
	out system.Proposal

	spent int64 // conflicts and questions of all searches
}

// Solve proposes an answer: a proof, or attacks with the decisions that prevent them.
func Solve(ctx context.Context, q *system.Question, opt Options) (system.Proposal, error) {
	if opt.Progress != nil {
		opt.Reach.Known = func(cost, atLeast int) { opt.Progress(Progress{Cost: cost, AtLeast: atLeast}) }
	}
	p, err := reach.Solve(ctx, q, opt.Reach)
	if err != nil || ctx.Err() != nil {
		return p, err
	}
	if !closes(ctx, q, &p) {
		p = system.Proposal{Incomplete: reason.Stuck}
	} else if p.Holds != nil {
		p.Holds = fewer(ctx, q, p.Holds, opt.Large)
		return p, nil
	}
	if p.Incomplete != reason.Stuck && (monotone(q) || monotone(slice.Of(q).Question)) {
		return p, nil
	}
	s := &solver{ctx: ctx, opt: opt.defaults(), q: q}
	if err := s.run(p); err != nil && ctx.Err() == nil {
		return p, err
	}
	if ctx.Err() != nil && s.out.Holds == nil {
		s.out.Incomplete = reason.Cancelled
	}
	return s.out, nil
}

// First proposes what is found at once: a proof, or the first attack, whatever it costs.
func First(ctx context.Context, q *system.Question, opt Options) (system.Proposal, error) {
	run, proof := reach.Any(ctx, q, opt.Reach)
	switch {
	case run != nil:
		return system.Proposal{Attacks: []system.Run{*run}, Incomplete: reason.Quick}, nil
	case proof != nil && closes(ctx, q, &system.Proposal{Holds: proof}):
		return system.Proposal{Holds: fewer(ctx, q, proof, opt.Large)}, nil
	}
	return system.Proposal{Incomplete: reason.Quick}, nil
}

// Run proposes a run, whatever it costs and however many steps it takes, or a proof that there is none.
func Run(ctx context.Context, q *system.Question, opt Options) (system.Proposal, error) {
	run, proof, why, err := Any(ctx, q, opt)
	switch {
	case run != nil:
		return system.Proposal{Attacks: []system.Run{*run}, Incomplete: reason.Quick}, err
	case proof != nil:
		return system.Proposal{Holds: fewer(ctx, q, proof, opt.Large)}, err
	}
	return system.Proposal{Incomplete: why}, err
}

// From proposes a run of these rules, which somebody else has found, without those that it does not need; with least, one of least cost, as far as the limits allow. It reports whether they
// replay.
func From(ctx context.Context, q *system.Question, rules []int32, least bool, opt Options) (p system.Proposal, ok bool, err error) {
	run := trim.Attack(q, rules, nil)
	if run == nil {
		return p, false, nil
	}
	s := &solver{ctx: ctx, opt: opt.defaults(), q: q, out: system.Proposal{Attacks: []system.Run{*run}}}
	if !least {
		s.out.Incomplete = reason.Quick
		return s.out, true, nil
	}
	err = s.cheapest(0)
	return s.out, true, err
}

// closes reports whether what the relaxation proved can be checked by closure. Where facts come and go, a slice may know more than the closure of
// the whole question sees (assumptions that only together exclude a state); then the engines that search prove it again.
func closes(ctx context.Context, q *system.Question, p *system.Proposal) bool {
	proofs := p.Holds != nil || p.Bound != nil || len(p.Sufficient) > 0
	return !proofs || monotone(q) || certify.Proposal(ctx, q, p) == nil
}

// Sizes up to which a proof is made smaller: each cut that it might do without costs a check.
const (
	maxFewerCuts  = 24
	maxFewerRules = 20_000
)

// Large reports whether proofs of a question are too large to be made smaller.
func Large(q *system.Question) bool { return q.System.Rules() > maxFewerRules }

// fewer leaves out the cuts that a proof does not need, those of controls first: what a budget alone forbids does not rest on controls.
func fewer(ctx context.Context, q *system.Question, cert *system.Certificate, large bool) *system.Certificate {
	if len(cert.Cuts) < 2 || len(cert.Cases) > 0 || len(cert.Cuts) > maxFewerCuts || large || Large(q) {
		return cert
	}
	out := &system.Certificate{Cuts: slices.Clone(cert.Cuts)}
	for _, ofControls := range []bool{true, false} {
		for i := len(out.Cuts) - 1; i >= 0; i-- {
			if (len(out.Cuts[i].Choices) > 0) != ofControls {
				continue
			}
			less := &system.Certificate{Cuts: slices.Delete(slices.Clone(out.Cuts), i, i+1)}
			if certify.Certificate(ctx, q, less) == nil {
				out = less
			}
		}
	}
	return out
}

// Any returns an attack, of whatever cost, or a proof that there is none. Without either, why says what ended the search.
func Any(ctx context.Context, q *system.Question, opt Options) (run *system.Run, proof *system.Certificate, why string, err error) {
	s := &solver{ctx: ctx, opt: opt.defaults(), q: q}
	f, err := s.settle(q)
	return f.run, f.proof, f.why, err
}

// LeastFailures proposes an attack with as few failures as were found, whatever MaxFailures says, and how many it takes at the least, with a proof that fewer do not; see [reach.LeastFailures]. Where there is
// none of the two, that says nothing.
func LeastFailures(ctx context.Context, q *system.Question, opt Options) (run *system.Run, atLeast int, proof *system.Certificate) {
	set, atLeast, proof, run := reach.LeastFailures(ctx, q, opt.Reach)
	least := *q
	if run != nil {
		least.MaxFailures = len(set)
		if _, err := system.Replay(&least, run); err != nil { // it costs more than may be spent, or relies on what was relaxed
			run = nil
		}
	}
	least.MaxFailures = atLeast - 1
	if atLeast == 0 || !closes(ctx, &least, &system.Proposal{Holds: proof}) {
		return run, 0, nil
	}
	return run, atLeast, proof
}

// monotone reports whether facts never become false and are nowhere wanted false, so that nothing is relaxed when deletions are ignored.
func monotone(q *system.Question) bool {
	type key struct{}
	s := q.System
	rules := s.Derive(key{}, func() any {
		p := positive{s, map[system.Lit]bool{}}
		for r := range int32(s.Rules()) {
			if slices.ContainsFunc(s.Effects(r), func(e system.Effect) bool { return !e.Set || !p.is(e.When) }) || slices.ContainsFunc(s.Guard(r), func(l system.Lit) bool { return !p.is(l) }) {
				return false
			}
		}
		return true
	}).(bool)
	p := positive{s, map[system.Lit]bool{}}
	return rules && p.is(q.Bad) && !slices.ContainsFunc(q.Assume, func(l system.Lit) bool { return !p.is(l) || !p.is(l.Not()) })
}

// positive looks for facts that are wanted false.
type positive struct {
	s    *system.System
	seen map[system.Lit]bool // gates that were looked through, or are being
}

// is reports whether a literal wants no fact to be false.
func (p *positive) is(l system.Lit) bool {
	switch kind, ref := p.s.Node(l.Node()); kind {
	case system.FactNode:
		return !l.Negated()
	case system.GateNode:
		if !p.seen[l] {
			p.seen[l] = true
			return !slices.ContainsFunc(p.s.Gate(ref), func(in system.Lit) bool { return !p.is(in ^ (l & 1)) })
		}
	}
	return true
}

// found is what a search for any attack found: one of the two, or neither when it gave up.
type found struct {
	run   *system.Run
	proof *system.Certificate
	depth int    // no attack takes fewer steps
	why   string // it gave up
}

// run completes what the relaxation left open.
func (s *solver) run(p system.Proposal) error {
	s.out = p
	if p.Incomplete == "" {
		s.out.Attacks = slices.Clone(p.Attacks)
	} else {
		s.out.Attacks, s.out.Sufficient, s.out.Incomplete, s.out.Depth = nil, nil, "", 0
	}
	depth := s.out.Depth
	if len(s.out.Attacks) == 0 {
		f, err := s.search(s.q, 0)
		if err != nil {
			return err
		}
		s.out.Depth, depth = f.depth, f.depth
		switch {
		case f.proof != nil:
			s.out = system.Proposal{Holds: f.proof}
			return nil
		case f.run == nil:
			s.out = system.Proposal{Incomplete: f.why, Depth: f.depth}
			return nil
		}
		s.out.Attacks = []system.Run{*f.run}
	}
	if err := s.cheapest(depth); err != nil {
		return err
	}
	if p.Incomplete == "" {
		return nil
	}
	return s.decide()
}

// decide asks for all minimal sets of decisions.
func (s *solver) decide() error {
	var decisions []system.Lit
	sl := slice.Of(s.q)
	for i, l := range sl.Choices {
		if sl.Question.System.ChoiceKind(int32(i)) == system.Decision {
			decisions = append(decisions, l)
		}
	}
	slices.Sort(decisions)
	return decide.Sets(s.ctx, s.q.System, decisions, s.opt.MaxSets, &s.out, func(set []system.Lit) (*system.Run, *system.Certificate, error) {
		decided := *s.q
		decided.Fixed = append(slices.Clone(s.q.Fixed), set...)
		f, err := s.settle(&decided)
		if f.run != nil {
			// The run may rely on what is decided here.
			f.run = trim.Attack(s.q, f.run.Rules, append(slices.Clone(f.run.Choices), set...))
		}
		if f.run == nil && f.proof == nil {
			s.out.Incomplete = f.why
		}
		return f.run, f.proof, err
	})
}

// settle looks for any attack: by relaxation, then by search.
func (s *solver) settle(q *system.Question) (found, error) {
	run, proof := reach.Any(s.ctx, q, s.opt.Reach)
	if run != nil || proof != nil && closes(s.ctx, q, &system.Proposal{Holds: proof}) {
		return found{run: run, proof: proof}, nil
	}
	return s.search(q, 0)
}

// cheapest puts an attack of least cost and then of fewest steps first. No attack takes fewer steps than depth.
func (s *solver) cheapest(depth int) error {
	first := func() (*system.Run, int, error) {
		trace, err := system.Replay(s.q, &s.out.Attacks[0])
		if err != nil {
			return nil, 0, fmt.Errorf("the attack that was found: %w", err)
		}
		return &s.out.Attacks[0], trace.Cost, nil
	}
	run, cost, err := first()
	if err != nil {
		return err
	}
	for cost > s.out.AtLeast {
		less := *s.q
		less.Budget = cost - 1
		f, err := s.settle(&less)
		if err != nil {
			return err
		}
		if f.proof != nil {
			s.out.AtLeast, s.out.Bound = cost, f.proof
			break
		}
		if f.run == nil {
			return nil // the best so far, and the bound
		}
		depth = f.depth
		s.out.Attacks = slices.Insert(s.out.Attacks, 0, *f.run)
		if run, cost, err = first(); err != nil {
			return err
		}
	}
	if s.opt.AnyLength || len(run.Rules) <= depth {
		return nil
	}
	within := *s.q
	within.Budget = cost
	if cost == 0 && !costs(s.q) {
		within.Budget = s.q.Budget
	}
	f, err := s.search(&within, len(run.Rules))
	if f.run != nil {
		s.out.Attacks = slices.Insert(s.out.Attacks, 0, *f.run)
	}
	return err
}

// costs reports whether any rule does.
func costs(q *system.Question) bool {
	for r := range int32(q.System.Rules()) {
		if q.System.Cost(r) > 0 || len(q.System.Extras(r)) > 0 {
			return true
		}
	}
	return false
}

// search lets bounded model checking and IC3 take turns, until one of them answers or all work is done. With shorter set, only attacks
// of fewer steps are looked for, and there is no proof.
func (s *solver) search(q *system.Question, shorter int) (found, error) {
	sl := slice.Of(q)
	if sl.Question.MaxFailures < 0 {
		return found{proof: &system.Certificate{}}, nil
	}
	e, err := encode.New(sl.Question)
	if errors.Is(err, encode.ErrTooLarge) || err == nil && e.Circuit.Nodes() > s.opt.MaxNodes {
		return found{why: reason.TooLarge}, nil
	}
	if err != nil {
		return found{}, err
	}
	adds, lawful := e.Circuit.Nodes() > lawGates*len(e.Circuit.Latches), q == s.q && s.opt.lawful()
	if adds && lawful && shorter == 0 {
		if f := s.laws(q); f.proof != nil || f.why != "" {
			return f, nil
		}
	}
	stop := func() bool { return s.ctx.Err() != nil }
	b, k := bmc.New(e.Circuit, stop), ic3.New(e.Circuit, stop)
	if y := e.Symmetry(); y != nil {
		k.Similar = y.Images
	}
	x, visit := explicit.New(sl.Question), true
	f, parts := found{}, newSplitter(s, q, sl)
	work, most := int64(0), min(s.opt.MaxWork, searches*s.opt.MaxWork-s.spent)
	if shorter > 0 {
		most = min(most, shorterWork, max(FirstTurn, shorterNodes/int64(e.Circuit.Nodes())))
	}
	defer func() { s.spent += work }()
	each := int64(1 + IC3Share) // what a turn takes in all, for one of bounded model checking
	if shorter > 0 {
		each = 1
	}
	for turn := int64(FirstTurn); work < most; turn *= 2 {
		turn = min(turn, max(1, (most-work)/each))
		for left := turn; left > 0 && !stop(); {
			if shorter > 0 && b.Depth() >= shorter {
				return f, nil
			}
			s.report("bmc", b.Depth(), b.Conflicts())
			before, vars := b.Conflicts(), b.Vars()
			st, trace := b.Next(left)
			left -= b.Conflicts() - before + int64(b.Vars()-vars)/varsPerWork + 1
			f.depth = max(f.depth, b.Depth())
			if st == cdcl.Sat {
				return s.attack(q, sl, e, trace, f)
			}
		}
		work += turn
		if shorter > 0 {
			continue
		}
		s.report("ic3", k.Depth(), k.Conflicts())
		switch k.Run(IC3Share * turn) {
		case ic3.Safe:
			f.proof = &system.Certificate{Invariant: certificate(q, sl, e, k.Invariant())}
			return f, nil
		case ic3.Unsafe:
			f.depth = max(f.depth, k.Depth())
			return s.attack(q, sl, e, k.Trace(), f)
		}
		f.depth = max(f.depth, k.Depth())
		b.Skip(k.Depth())
		work += IC3Share * turn
		if visit {
			s.report("explicit", f.depth, int64(x.Met()))
			var g found
			if g, visit = s.visit(q, sl, x, explicitShare*turn); g.run != nil || g.proof != nil {
				return g, nil
			}
		}
		if turn == lawTurn && lawful && !adds {
			if g := s.laws(q); g.proof != nil || g.why != "" {
				return g, nil
			}
		}
		g, aside, err := parts.try(work, most-work)
		if err != nil || g.run != nil || g.proof != nil {
			return found{run: g.run, proof: g.proof, depth: f.depth}, err
		}
		most -= aside
		if stop() {
			break
		}
	}
	f.why = fmt.Sprintf(reason.Spent, f.depth, s.opt.MaxWork)
	if stop() {
		f.why = reason.Cancelled
	}
	return f, nil
}

// varsPerWork is how many new variables cost as much as a conflict.
const varsPerWork = 1000

func (s *solver) report(engine string, depth int, conflicts int64) {
	if s.opt.Progress != nil {
		s.opt.Progress(Progress{Engine: engine, Depth: depth, Conflicts: conflicts})
	}
}

// attack makes a trace an attack on the question.
func (s *solver) attack(q *system.Question, sl *slice.Slice, e *encode.Encoding, trace *circuit.Trace, f found) (found, error) {
	run, err := e.Run(trace)
	if err != nil {
		return f, err
	}
	if f.run = original(q, sl, run); f.run == nil {
		return f, errors.New("the trace of an engine does not replay")
	}
	return f, nil
}

// visit goes on visiting states, and reports whether there is more to visit where nothing was found.
func (s *solver) visit(q *system.Question, sl *slice.Slice, x *explicit.Engine, work int64) (f found, more bool) {
	switch x.Run(work) {
	case explicit.Unknown:
		return f, true
	case explicit.Safe: // a slice may know more than the closure of the whole question does
		if proof := (&system.Certificate{States: x.States(q.System, sl)}); certify.Certificate(s.ctx, q, proof) == nil {
			f.proof = proof
		}
	case explicit.Unsafe:
		run := x.Attack()
		f.run, f.depth = original(q, sl, run), len(run.Rules)
	}
	return f, false
}

// original makes a run of the slice an attack on the question; nil where it is none.
func original(q *system.Question, sl *slice.Slice, run *system.Run) *system.Run {
	rules := make([]int32, len(run.Rules))
	for i, r := range run.Rules {
		rules[i] = sl.Rules[r]
	}
	var given []system.Lit
	for _, l := range run.Choices {
		given = append(given, sl.Original(l))
	}
	return trim.Attack(q, rules, given)
}

// certificate returns clauses over latches as an invariant of the question.
func certificate(q *system.Question, sl *slice.Slice, e *encode.Encoding, clauses [][]circuit.Lit) *system.Invariant {
	inv := &system.Invariant{}
	for _, c := range clauses {
		var out []system.Lit
		for _, l := range c {
			x := e.Latch(e.Circuit.Index(l.Node()))
			out = append(out, sl.Source(q.System, x)^system.Lit(l&1))
		}
		slices.Sort(out)
		inv.Clauses = append(inv.Clauses, out)
	}
	slices.SortFunc(inv.Clauses, slices.Compare)
	return inv
}
