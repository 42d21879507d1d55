package checker

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/internal/reason"
	"github.com/vauban-verifier/vauban/checker/internal/wire"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Options are the inputs of a check besides the model. All but Attacks, Memory and Progress can change a verdict, so reports state them.
type Options struct {
	AsOf          string  // YYYY-MM-DD: the date that waivers are judged by; without it no waiver is in force
	MaxIterations int     // of the choice engine for each case; 0: the default
	Resilience    bool    // find out how many controls must fail for each case to be violated
	Quick         bool    // look only for what is found at once: a proof, or the first attack
	Attacks       int     // up to how many attacks of each case to look for that other things stop; below 2: only the cheapest
	Memory        *Memory // what was proposed before; nil: nothing
	Progress      func(Progress)
}

// Progress tells how far a check has come.
type Progress struct {
	Requirement string
	Done, Total int // cases
	Detail      string
}

// Check verifies every requirement of a model. Requirements that were not decided when ctx ended are `unknown`. The error wraps [judge.ErrInternal], except
// for [ground.ErrTooLarge] and that of a ctx that ended before there was anything to decide.
func Check(ctx context.Context, m *threats.Model, opt Options) (*Result, error) {
	c := newCheck(opt)
	result, err := c.model(ctx, m)
	if err == nil && opt.Resilience {
		err = c.measure(ctx, result)
	}
	if err != nil {
		return nil, err
	}
	return result, nil
}

// Decide decides cases of a grounding that belong to no requirement; names are for progress. Errors are those of [Check].
func Decide(ctx context.Context, g *ground.Grounding, cases []*ground.Case, names []string, opt Options) ([]*Case, error) {
	c := newCheck(opt)
	c.g = g
	jobs := make([]job, len(cases))
	out := make([]*Case, len(cases))
	for i, from := range cases {
		out[i] = &Case{Attackers: from.Attackers}
		jobs[i] = job{at: out[i], from: from, name: names[i]}
	}
	return out, c.all(ctx, jobs)
}

// check decides the cases of a model. It is safe for concurrent use.
type check struct {
	g   *ground.Grounding
	opt Options
	// propose answers a question of a job; asked tells how many it has asked before.
	propose func(ctx context.Context, jb job, q *system.Question, asked int) (system.Proposal, error)
	solved  sync.Map         // by question: what the engines said
	refuse  func(job, error) // takes what is refused of what was proposed; nil: that is an error of the engines

	questions int // among which the limits are shared: the cases, each of which asks one first

	mu          sync.Mutex // of progress
	done, total int
}

func newCheck(opt Options) *check {
	c := &check{opt: opt}
	c.propose = c.solve
	return c
}

func (c *check) model(ctx context.Context, m *threats.Model) (*Result, error) {
	g, err := ground.Ground(ctx, m)
	if err != nil {
		return nil, err
	}
	c.g = g
	result := &Result{Model: m, AsOf: c.opt.AsOf, Attacks: c.opt.Attacks, Quick: c.opt.Quick, Facts: g.System.Facts(), Rules: g.System.Rules(), Warnings: &diag.List{}}
	var jobs []job
	for i, r := range m.Design.Requirements {
		q := &Requirement{Source: r}
		for k, from := range g.Cases[i] {
			at := &Case{Attackers: from.Attackers, Bindings: from.Bindings}
			q.Cases = append(q.Cases, at)
			jobs = append(jobs, job{at: at, from: from, name: r.Name, of: r, requirement: i, index: k})
		}
		result.Requirements = append(result.Requirements, q)
	}
	if err := c.all(ctx, jobs); err != nil {
		return nil, err
	}
	for _, q := range result.Requirements {
		q.Verdict = Worst(q.Cases)
	}
	waive(result)
	c.explain(result)
	return result, nil
}

// explain says what the verdicts are worth, and what of the model is not used.
func (c *check) explain(r *Result) {
	of := explain.New(c.g)
	for i, q := range r.Requirements {
		if len(q.Cases) == 0 {
			q.empty = explain.Silent(r.Model.Design, q.Source)
		}
		for k, at := range q.Cases {
			if at.Verdict == Holds {
				at.Vacuous = of.Vacuous(q.Source, explain.Held{From: c.g.Cases[i][k], Proof: at.Proof, Runs: at.Runs, Domains: at.Domains})
			}
		}
		if q.Verdict == Holds {
			q.Ways = explain.WaysTo(c.g, q.Source, c.g.Cases[i])
			q.Guesses = explain.Guesses(r.Model.Design, q.Source)
		}
		warnVacuous(r, q)
		warnWaiver(r, q)
	}
	r.Unneeded = unneeded(r)
	of.WarnUnused(r.Warnings)
}

// waive applies the waivers that have not expired.
func waive(r *Result) {
	for _, q := range r.Requirements {
		for _, w := range r.Model.Design.Waivers {
			if w.Requirement != q.Source {
				continue
			}
			q.Waiver, q.InForce = w, r.AsOf != "" && r.AsOf <= w.Until // both YYYY-MM-DD; without a date none is in force
			if q.InForce && (q.Verdict == Violated || q.Verdict == Depends) {
				q.Verdict = Waived
			}
		}
	}
}

// report tells how far a case has come, and that so many more are done.
func (c *check) report(jb job, detail string, more int) {
	if c.opt.Progress == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done += more
	c.opt.Progress(Progress{Requirement: jb.name, Done: c.done, Total: c.total, Detail: detail})
}

// job is a case to be decided.
type job struct {
	at   *Case
	from *ground.Case
	name string              // of the requirement or the threat
	of   *models.Requirement // nil of a threat

	requirement, index int      // in the order of the design, of a requirement's case
	off                []string // of a question without some deeds, sorted
	asked              *int     // how many questions it has asked
	quick              bool     // what is found at once will do
	fresh              bool     // nothing that is remembered will do: the judge refused it
}

// manyRules is from how many rules of all cases together on a first pass asks for what is found at once, before anything is looked for that takes its time.
var manyRules int64 = 1 << 19

// all decides jobs, and says what proofs rest on.
func (c *check) all(ctx context.Context, jobs []job) error {
	if err := c.answers(ctx, jobs); err != nil {
		return err
	}
	proofs := make([]*explain.Proof, len(jobs))
	for i, jb := range jobs {
		proofs[i] = jb.at.Proof
	}
	explain.Rest(c.g, proofs)
	return nil
}

// answers decides jobs. Of what takes its time there is a first answer, so that whoever stops it has one.
func (c *check) answers(ctx context.Context, jobs []job) error {
	c.questions = len(jobs)
	if c.refuse != nil || !c.opt.Quick && int64(len(jobs))*int64(c.g.System.Rules()) < manyRules {
		return c.pass(ctx, jobs)
	}
	var first []job
	for _, jb := range jobs {
		if jb.quick = true; !jb.from.Possible || c.opt.Quick {
			first = append(first, jb)
		}
	}
	if err := c.pass(ctx, first); err != nil || c.opt.Quick {
		return err
	}
	return c.pass(ctx, slices.DeleteFunc(slices.Clone(jobs), func(jb job) bool { return jb.at.ruling != nil && jb.at.Unknown == nil }))
}

// pass decides jobs, several at a time.
func (c *check) pass(ctx context.Context, jobs []job) error {
	errs := make([]error, len(jobs))
	var (
		wg    sync.WaitGroup
		slots = make(chan struct{}, c.slots())
	)
	c.done, c.total = 0, len(jobs)
	for i, jb := range jobs {
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() {
				if p := recover(); p != nil {
					errs[i] = fmt.Errorf("%w: requirement %q: %v", judge.ErrInternal, jb.name, p)
				}
				if errs[i] != nil && c.refuse != nil {
					*jb.at = Case{Attackers: jb.at.Attackers, Bindings: jb.at.Bindings}
					c.refuse(jb, errs[i])
					errs[i] = nil
				}
				<-slots
				wg.Done()
			}()
			errs[i] = c.decide(ctx, jb)
			c.report(jb, "", 1)
		}()
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// slots is how many cases are decided at a time.
func (c *check) slots() int {
	n := runtime.GOMAXPROCS(0)
	if c.opt.Memory != nil && c.opt.Memory.Fleet != nil {
		n += besideFleet
	}
	return n
}

// decide fills in a case. What is known of it stays, where ctx ends before more is.
func (c *check) decide(ctx context.Context, jb job) error {
	known := jb.at.ruling != nil
	next := &Case{Attackers: jb.at.Attackers, Bindings: jb.at.Bindings, grounding: c.g}
	if jb.of != nil {
		next.Domains = domains(c.g, jb.of, jb.from)
	}
	if ctx.Err() != nil {
		if !known {
			next.undecided(jb.from)
			*jb.at = *next
		}
		return nil
	}
	at := jb.at
	jb.at, jb.asked = next, new(int)
	r, err := judge.Decide(ctx, jb.from, c.ask(jb))
	if err == nil {
		err = c.describe(ctx, jb, r)
	}
	if err != nil && c.opt.Memory != nil && !jb.fresh && ctx.Err() == nil {
		jb.at = at
		return c.afresh(ctx, jb)
	}
	switch {
	case err == nil && (ctx.Err() == nil || r.Verdict != Unknown || !known):
		*at = *next
	case ctx.Err() == nil:
		return c.fault(jb, err)
	case !known: // whatever went wrong, it may be for lack of time
		*at = Case{Attackers: at.Attackers, Bindings: at.Bindings, Domains: next.Domains, grounding: c.g}
		at.undecided(jb.from)
	}
	if jb.of == nil || jb.of.Static || jb.quick {
		return nil
	}
	jb.at = at
	err = c.attacks(ctx, jb)
	switch {
	case err == nil:
	case c.opt.Memory != nil && !jb.fresh && ctx.Err() == nil:
		return c.afresh(ctx, jb)
	default:
		return c.fault(jb, err)
	}
	return nil
}

// afresh decides a case again, of which the judge has refused what others proposed.
func (c *check) afresh(ctx context.Context, jb job) error {
	c.opt.Memory.count(func(t *Tally) { t.Refused++ })
	jb.fresh = true
	return c.decide(ctx, jb)
}

// ask has questions of a job answered.
func (c *check) ask(jb job) judge.Ask {
	return func(ctx context.Context, q *system.Question) (system.Proposal, error) {
		*jb.asked++
		return c.propose(ctx, jb, q, *jb.asked-1)
	}
}

// fault returns an error that is one of the engines, or with what was refused of somebody else's evidence.
func (c *check) fault(jb job, err error) error {
	if c.refuse != nil {
		return err
	}
	return fmt.Errorf("%w: requirement %q: %w", judge.ErrInternal, jb.name, err)
}

// undecided makes the case one that was not decided for lack of time.
func (c *Case) undecided(from *ground.Case) {
	given := &system.Proposal{Incomplete: reason.Cancelled}
	c.ruling = &judge.Ruling{Verdict: Unknown, Within: -1, Why: given.Incomplete}
	if from.Possible {
		c.ruling.Further = append(c.ruling.Further, given)
	} else {
		c.ruling.Answer = given
	}
	c.Verdict, c.Unknown = Unknown, &Reason{Text: given.Incomplete, NoViolationWithin: -1}
}

// describe fills in a case with its ruling, and says what that means.
func (c *check) describe(ctx context.Context, jb job, r *judge.Ruling) (err error) {
	at, from := jb.at, jb.from
	at.ruling, at.Verdict, at.Breaks = r, r.Verdict, r.Broken
	switch {
	case r.Bound != nil:
		at.Unknown = &Reason{Text: explain.Bound(r.Bound), NoViolationWithin: -1}
	case r.Why != "":
		at.Unknown = &Reason{Text: r.Why, NoViolationWithin: r.Within}
	}
	if r.Empty != "" {
		at.Proof = explain.Empty(from, r.Empty)
		return nil
	}
	at.LiveRules = slice.Live(from.Question)
	if r.Reach != nil {
		if r.Verdict == Unknown {
			return nil
		}
		for _, set := range r.Reach.Sufficient {
			at.Sufficient = append(at.Sufficient, explain.Choices(c.g, set))
		}
		at.Runs, at.Proof, err = explain.Reached(ctx, c.g, from, r.Reach)
		return err
	}
	p := r.Answer
	if p.Holds != nil && r.Verdict == Holds {
		at.Proof = explain.Certified(ctx, c.g, from, from.Question, p.Holds, nil)
	}
	if len(p.Attacks) == 0 {
		return nil
	}
	if at.Attack, err = explain.Replayed(c.g, from, from.Question, &p.Attacks[0]); err != nil {
		return err
	}
	at.Attack.CostAtLeast = p.AtLeast
	if r.Verdict != Depends {
		return nil
	}
	for _, s := range p.Sufficient {
		at.Sufficient = append(at.Sufficient, explain.Choices(c.g, s.Decisions))
	}
	first := &p.Sufficient[0]
	given := *from.Question
	given.Fixed = slices.Concat(given.Fixed, first.Decisions)
	at.Proof = explain.Certified(ctx, c.g, from, &given, &first.Proof, first.Decisions)
	return nil
}

// solve asks the engines, of equal questions once.
func (c *check) solve(ctx context.Context, jb job, q *system.Question, _ int) (system.Proposal, error) {
	opt := c.limits()
	if c.opt.Progress != nil {
		opt.Progress = func(p portfolio.Progress) {
			switch {
			case p.Engine != "":
				c.report(jb, fmt.Sprintf("%s, %d steps deep, %d conflicts", p.Engine, p.Depth, p.Conflicts), 0)
			case p.AtLeast < p.Cost:
				c.report(jb, fmt.Sprintf("an attack of cost %d, none below %d", p.Cost, p.AtLeast), 0)
			default:
				c.report(jb, fmt.Sprintf("an attack of cost %d, the least", p.Cost), 0)
			}
		}
	}
	engine, kind := portfolio.Solve, wire.Solve
	switch {
	case jb.quick:
		engine, kind = portfolio.First, wire.First
	case jb.from.Possible: // what runs cost is not asked
		engine, kind = portfolio.Run, wire.Run
	}
	key := fmt.Sprintf("%v|%s|%t|%d|%v|%v|%d|%d|%v", jb.quick, explain.Names(jb.from.Attackers), jb.of != nil && jb.of.AtScale, q.Bad, q.Assume, q.Fixed, q.MaxFailures, q.Budget, jb.off)
	if jb.fresh {
		key += "|fresh"
	}
	answer, _ := c.solved.LoadOrStore(key, sync.OnceValues(func() (system.Proposal, error) {
		here := func(ctx context.Context) (system.Proposal, error) { return engine(ctx, q, opt) }
		var (
			p   system.Proposal
			err error
		)
		if m := c.opt.Memory; m != nil {
			p, err = m.answer(ctx, m.ask(q, kind, c.limits()), jb.quick, jb.fresh, here)
		} else {
			p, err = here(ctx)
		}
		if ctx.Err() != nil {
			p = atOnce(q, p)
		}
		evidence.Distinct(&p)
		return p, err
	}))
	return answer.(func() (system.Proposal, error))()
}

// little is how much of a proposal is checked at once, in cuts times nodes and rules.
const little = 1 << 23

// atOnce returns what is checked at once of a proposal: the first attack, and a proof or a bound that has few cuts.
func atOnce(q *system.Question, p system.Proposal) system.Proposal {
	few := func(c *system.Certificate) bool {
		return c != nil && c.Invariant == nil && c.States == nil && c.Split == nil && int64(len(c.Cuts)+1)*int64(q.System.Nodes()+q.System.Rules()) <= little
	}
	if few(p.Holds) {
		return system.Proposal{Holds: p.Holds}
	}
	out := system.Proposal{Attacks: p.Attacks[:min(1, len(p.Attacks))], Incomplete: cmp.Or(p.Incomplete, reason.Cancelled), Depth: p.Depth}
	if len(out.Attacks) > 0 && few(p.Bound) {
		out.AtLeast, out.Bound = p.AtLeast, p.Bound
	}
	return out
}
