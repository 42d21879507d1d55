package checker

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/internal/engine/reach"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Options are the inputs of a check besides the model. All but By, Attacks and Progress can change a verdict, so reports state them.
type Options struct {
	AsOf          string        // YYYY-MM-DD: the date that waivers are judged by; without it no waiver is in force
	MaxIterations int           // of the choice engine for each case; 0: the default
	By            *threats.List // nil, or a list to group what is found by
	Resilience    bool          // find out how many controls must fail for each case to be violated
	Attacks       int           // up to how many attacks of each case to look for that other things stop; below 2: only the cheapest
	Progress      func(Progress)
}

// Progress tells how far a check has come.
type Progress struct {
	Requirement string
	Done, Total int // cases
	Detail      string
}

// Check verifies every requirement of a model. Requirements that were not decided when ctx ended are `unknown`. The error is one of the
// tool, never of the design, except for [ground.ErrTooLarge].
func Check(ctx context.Context, m *threats.Model, opt Options) (*Result, error) {
	j := &judge{opt: opt}
	j.propose = j.solve
	result, err := j.check(ctx, m)
	if err == nil && opt.Resilience {
		err = j.measure(ctx, result)
	}
	if err != nil || opt.By == nil {
		return result, err
	}
	c, err := Cover(ctx, m, opt)
	if err != nil {
		return nil, err
	}
	result.View = group(result, c, *opt.By)
	return result, nil
}

func (j *judge) check(ctx context.Context, m *threats.Model) (*Result, error) {
	g, err := ground.Ground(ctx, m)
	if err != nil {
		return nil, err
	}
	j.g, j.addable = g, addable(g.System)
	result := &Result{Model: m, AsOf: j.opt.AsOf, Attacks: j.opt.Attacks, Facts: g.System.Facts(), Rules: g.System.Rules(), Warnings: &diag.List{}}
	var jobs []job
	for i, r := range m.Design.Requirements {
		q := &Requirement{Source: r}
		for k, from := range g.Cases[i] {
			c := &Case{Attackers: from.Attackers, Bindings: from.Bindings}
			q.Cases = append(q.Cases, c)
			jobs = append(jobs, job{at: c, from: from, name: r.Name, of: r, requirement: i, index: k})
		}
		result.Requirements = append(result.Requirements, q)
	}
	if err := j.all(ctx, jobs); err != nil {
		return nil, err
	}
	for _, q := range result.Requirements {
		q.Verdict = worst(q.Cases)
	}
	waive(result)
	var ever func(system.Lit) bool // what can be true, whoever attacks and whatever fails; nil without processes
	if len(m.Design.Processes) > 0 {
		ever = slice.Possible(liberal(g))
	}
	j.vacuous(result, ever)
	for i, q := range result.Requirements {
		q.Ways = j.ways(q, g.Cases[i])
		if q.Verdict == Holds {
			q.Guesses = guesses(m.Design, q.Source)
		}
	}
	result.Unneeded = unneeded(result)
	warn(result, g, ever)
	return result, nil
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

// judge turns proposals into verdicts. It is safe for concurrent use.
type judge struct {
	g       *ground.Grounding
	opt     Options
	addable []bool // by fact
	// propose answers a question of a job; asked tells how many it has asked before.
	propose func(ctx context.Context, jb job, q *system.Question, asked int) (system.Proposal, error)
	solved  sync.Map         // by question: what the engines said
	refuse  func(job, error) // takes what is refused of what was proposed; nil: that is an error of the engines

	mu          sync.Mutex // of progress
	done, total int
}

// report tells how far a case has come, and that so many more are done.
func (j *judge) report(jb job, detail string, more int) {
	if j.opt.Progress == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.done += more
	j.opt.Progress(Progress{Requirement: jb.name, Done: j.done, Total: j.total, Detail: detail})
}

// job is a case to be decided.
type job struct {
	at   *Case
	from *ground.Case
	name string              // of the requirement or the threat
	of   *models.Requirement // nil of a threat

	requirement, index int      // in the order of the design, of a requirement's case
	off                []string // of a question without some deeds, sorted
}

// all decides jobs, several at a time.
func (j *judge) all(ctx context.Context, jobs []job) error {
	errs := make([]error, len(jobs))
	var (
		wg    sync.WaitGroup
		slots = make(chan struct{}, runtime.GOMAXPROCS(0))
	)
	j.done, j.total = 0, len(jobs)
	for i, jb := range jobs {
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() {
				if p := recover(); p != nil {
					errs[i] = fmt.Errorf("vauban: internal error: requirement %q: %v", jb.name, p)
				}
				if errs[i] != nil && j.refuse != nil {
					*jb.at = Case{Attackers: jb.at.Attackers, Bindings: jb.at.Bindings}
					j.refuse(jb, errs[i])
					errs[i] = nil
				}
				<-slots
				wg.Done()
			}()
			errs[i] = j.decide(ctx, jb)
			j.report(jb, "", 1)
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

// decide fills in a case.
func (j *judge) decide(ctx context.Context, jb job) error {
	from, c := jb.from, jb.at
	if jb.of != nil {
		c.Domains = j.scope(jb.of, from)
	}
	if ctx.Err() != nil {
		c.Verdict, c.Unknown = Unknown, &Reason{Text: "stopped before it was looked at", NoViolationWithin: -1}
		return nil
	}
	c.grounding = j.g
	err := j.settle(ctx, jb)
	c.verdictBy = len(c.further)
	if err == nil && jb.of != nil {
		err = j.attacks(ctx, jb)
	}
	if err != nil && ctx.Err() != nil { // whatever it is, it may be for lack of time
		*c = Case{Attackers: c.Attackers, Bindings: c.Bindings, Domains: c.Domains, grounding: j.g}
		c.Verdict, c.Unknown = Unknown, &Reason{Text: "stopped before it was decided", NoViolationWithin: -1}
		return nil
	}
	if err != nil && j.refuse == nil {
		return fmt.Errorf("vauban: internal error: requirement %q: %w", jb.name, err)
	}
	return err
}

// settle decides a case.
func (j *judge) settle(ctx context.Context, jb job) error {
	from, c := jb.from, jb.at
	if from.Possible {
		return j.possible(ctx, jb)
	}
	q := from.Question
	if certify.NoStart(ctx, q, from.Frozen) {
		c.Verdict = Holds
		c.Proof = &Proof{Kind: "no-runs", Assumptions: assumptionNames(from)}
		others := *q
		others.Assume = q.Assume[from.Own:]
		if !certify.NoStart(ctx, &others, from.Frozen) {
			c.Proof = &Proof{Kind: "from-start"}
		}
		return ctx.Err()
	}
	p, err := j.ask(ctx, jb, q, 0)
	if err != nil {
		return err
	}
	c.proposal = p
	if err := j.judge(ctx, from, c, p); err != nil {
		return err
	}
	if c.Verdict != Holds {
		if c.Breaks, err = breaks(from); err != nil {
			return err
		}
	}
	return j.bound(ctx, jb)
}

// breaks returns the instances that break an architecture rule. One that no decision brings about is none: where no failure is tolerated, a control
// that is there is one to rely on.
func breaks(from *ground.Case) ([]Break, error) {
	q := from.Question
	st, err := system.NewState(q.System, q.Start, q.Fixed)
	if err != nil {
		return nil, err
	}
	var out []Break
	for _, b := range from.Breaks {
		open := b.When != system.True
		if q.MaxFailures == 0 {
			v := st.Eval(b.When)
			if v == system.No {
				continue
			}
			open = v != system.Yes
		}
		out = append(out, Break{b.Bindings, b.Elements, b.What, open})
	}
	return out, nil
}

// ask has a question answered and checks the answer; asked tells how many the job has asked before. What was given up without a claim is no error.
func (j *judge) ask(ctx context.Context, jb job, q *system.Question, asked int) (*system.Proposal, error) {
	p, err := j.propose(ctx, jb, q, asked)
	if err != nil {
		return nil, err
	}
	if p.Incomplete != "" && p.Holds == nil && len(p.Attacks) == 0 {
		return &system.Proposal{Incomplete: p.Incomplete, Depth: p.Depth}, nil
	}
	if err := certify.Proposal(ctx, q, &p); err != nil {
		return nil, fmt.Errorf("what was proposed is refused: %w", err)
	}
	return &p, nil
}

// more asks a further question that the verdict depends on.
func (j *judge) more(ctx context.Context, jb job, q *system.Question) (*system.Proposal, error) {
	asked := len(jb.at.further)
	if jb.at.proposal != nil {
		asked++
	}
	p, err := j.ask(ctx, jb, q, asked)
	if err == nil {
		jb.at.further = append(jb.at.further, p)
	}
	return p, err
}

// solve asks the engines, of equal questions once.
func (j *judge) solve(ctx context.Context, jb job, q *system.Question, _ int) (system.Proposal, error) {
	opt := portfolio.Options{Reach: reach.Options{MaxIterations: j.opt.MaxIterations}}
	if j.opt.Progress != nil {
		opt.Progress = func(p portfolio.Progress) {
			j.report(jb, fmt.Sprintf("%s, %d steps deep, %d conflicts", p.Engine, p.Depth, p.Conflicts), 0)
		}
	}
	key := fmt.Sprintf("%s|%d|%v|%v|%d|%d|%v", names(jb.from.Attackers), q.Bad, q.Assume, q.Fixed, q.MaxFailures, q.Budget, jb.off)
	answer, _ := j.solved.LoadOrStore(key, sync.OnceValues(func() (system.Proposal, error) {
		p, err := portfolio.Solve(ctx, q, opt)
		distinct(&p)
		return p, err
	}))
	return answer.(func() (system.Proposal, error))()
}

// judge writes the verdict that a proposal, which has been checked, proves.
func (j *judge) judge(ctx context.Context, from *ground.Case, c *Case, p *system.Proposal) error {
	q := from.Question
	c.LiveRules = slice.Live(q)
	if p.Incomplete != "" {
		c.Unknown = &Reason{Text: p.Incomplete, NoViolationWithin: p.Depth - 1}
	}
	switch {
	case p.Holds != nil:
		c.Verdict = Holds
		c.Proof = j.proof(ctx, from, q, p.Holds, nil)
		return nil
	case len(p.Attacks) == 0:
		c.Verdict = Unknown
		return nil
	}
	trace, err := system.Replay(q, &p.Attacks[0])
	if err != nil {
		return err
	}
	c.Attack = j.attack(q, &p.Attacks[0], trace)
	c.Attack.CostAtLeast = p.AtLeast
	for _, s := range p.Sufficient {
		c.Sufficient = append(c.Sufficient, j.choices(s.Decisions))
	}
	switch {
	case len(p.Sufficient) > 0:
		c.Verdict = Depends
		first := &p.Sufficient[0]
		given := *q
		given.Fixed = append(append([]system.Lit(nil), q.Fixed...), first.Decisions...)
		c.Proof = j.proof(ctx, from, &given, &first.Proof, first.Decisions)
	case p.Incomplete == "" || certify.Cover(ctx, q, p) == nil:
		c.Verdict = Violated
	default:
		c.Verdict = Unknown // an attack for some decisions, and nothing known of the others
	}
	return nil
}

func assumptionNames(from *ground.Case) []string {
	var out []string
	for _, a := range from.Assumed {
		out = append(out, a.Name)
	}
	return out
}

// choices names choice literals. Of a decision, Is says which way; of a failure, that it fails.
func (j *judge) choices(lits []system.Lit) []Choice {
	out := make([]Choice, 0, len(lits))
	for _, l := range lits {
		out = append(out, j.choice(l))
	}
	return out
}

func (j *judge) choice(l system.Lit) Choice {
	_, ref := j.g.System.Node(l.Node())
	of := j.g.Choice(ref)
	c := Choice{Control: of.Control.Name, On: of.On.Name, Is: !l.Negated()}
	if of.Data != nil {
		c.Data = of.Data.Name
	}
	return c
}

func (j *judge) attack(q *system.Question, run *system.Run, trace *system.Trace) *Attack {
	a := &Attack{Cost: trace.Cost, Way: j.way(run).names()}
	for _, l := range run.Choices {
		_, ref := j.g.System.Node(l.Node())
		switch {
		case j.g.System.ChoiceKind(ref) == system.Decision:
			a.Choices = append(a.Choices, j.choice(l))
		case !l.Negated():
			a.Failures = append(a.Failures, j.choice(l))
		}
	}
	for i, rule := range run.Rules {
		change := trace.Changes[i]
		r := j.g.Rule(rule)
		s := Step{
			Kind: r.Kind, ID: r.ID, Threat: r.Threat, Bindings: r.Bindings, Elements: r.Elements,
			Cost: change.Cost, Says: r.Says, Source: r.Source,
		}
		s.Adds, s.Removes = j.g.Changes(change.Added, change.Removed)
		a.Steps = append(a.Steps, s)
	}
	if len(a.Steps) > 0 && !slices.ContainsFunc(a.Steps, func(s Step) bool { return s.Kind != "step" }) {
		_, err := system.Replay(j.g.Honest(q), run)
		a.Honest = err == nil
	}
	return a
}

// proof describes a checked certificate: what the attacker gains at the most, and which controls keep it so.
func (j *judge) proof(ctx context.Context, from *ground.Case, q *system.Question, cert *system.Certificate, decisions []system.Lit) *Proof {
	p := &Proof{Kind: "cuts", Assumptions: assumptionNames(from), Decisions: j.choices(decisions)}
	if cert.Invariant != nil {
		p.Kind, p.Clauses = "invariant", len(cert.Invariant.Clauses)
	}
	closed := len(cert.Cuts) == 1 && len(cert.Cuts[0].Choices) == 0 && len(cert.Cuts[0].Rules) == 0
	rests := map[system.Lit]bool{}
	if closed {
		p.Kind = "closure"
		for _, l := range reach.RestsOn(q, reach.Options{}) {
			rests[l] = true
		}
	}
	if !closed {
		for _, l := range needed(ctx, q, cert) {
			rests[l] = true
		}
	}
	for _, cut := range cert.Cuts {
		if closed {
			break
		}
		b := Barrier{}
		for _, l := range cut.Choices {
			c := j.choice(l)
			_, ref := j.g.System.Node(l.Node())
			if j.g.System.ChoiceKind(ref) == system.Decision {
				c.Is = !c.Is // the barrier stands while the literal is false
			}
			b.Choices = append(b.Choices, c)
			rests[l] = true
		}
		for _, r := range cut.Rules {
			b.Rules = append(b.Rules, j.g.Rule(r).Says)
		}
		p.Cuts = append(p.Cuts, b)
	}
	for i := range int32(j.g.System.Choices()) {
		l := j.g.System.Choice(i)
		if rests[l] || rests[l.Not()] {
			c := j.choice(l)
			c.Is = j.g.System.ChoiceKind(i) == system.Failure || rests[l.Not()]
			p.RestsOn = append(p.RestsOn, c)
		}
	}
	p.RestsOn = uniqueChoices(p.RestsOn)
	return p
}

// uniqueChoices drops repeated controls: an open control has two choices, that it is there and that it fails.
func uniqueChoices(in []Choice) []Choice {
	seen := map[Choice]bool{}
	var out []Choice
	for _, c := range in {
		if !seen[c] {
			seen[c] = true
			out = append(out, c)
		}
	}
	return out
}
