package conform

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/checker/repair"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// Outlook is what becomes of a requirement after a log.
type Outlook string

// The outlooks.
const (
	Broken  Outlook = "broken"  // the run breaks it already
	Breaks  Outlook = "breaks"  // some attacker can break it from the state after the run
	Hidden  Outlook = "hidden"  // none can from there, but one can where something else than the run shown happened
	Cannot  Outlook = "cannot"  // proved: no run that leaves the log goes on to break it
	Unclear Outlook = "unclear" // neither was found
)

// WorstOutlooks has the outlooks in the order in which somebody should look at them.
var WorstOutlooks = []Outlook{Broken, Breaks, Hidden, Unclear, Cannot}

// Follow is what can follow for one requirement: of its cases the worst, of those that break the one that costs least and then takes fewest steps.
type Follow struct {
	Requirement *models.Requirement
	Outlook     Outlook
	By          []*models.Attacker
	Bindings    []ground.Binding
	Cases       int             // with this outlook
	Of          int             // cases in all
	Step        int             // of broken: the step of the run after which it is
	Attack      *explain.Attack // of breaks: what is left to do; of hidden: a whole run
	Stops       []string        // of breaks: the cheapest changes after which nobody breaks it from there; nil where none were found, or none were looked for
	Why         string          // of unclear
	ByDesign    bool            // of cannot: no run at all breaks it

	Evidence []*evidence.Answer // of what was asked for the worst case
}

// next finds out what can follow after the run.
func (a *asking) next(ctx context.Context) error {
	state, broken, excused, err := a.after()
	if err != nil {
		return err
	}
	return a.follow(ctx, state, broken, excused)
}

// follow finds out what can follow from a state, after a run that broke some cases, and met what others wait for.
func (a *asking) follow(ctx context.Context, state []int32, broken map[*ground.Case]int, excused map[*ground.Case]bool) error {
	var on *ground.Grounding // the log, and what comes after it
	for i, cases := range a.Watched.Cases {
		r := a.m.Design.Requirements[i]
		if r.Static || r.Kind == models.Possible {
			continue
		}
		var best *Follow
		n := 0
		for _, c := range cases {
			f := &Follow{Requirement: r, By: c.Attackers, Bindings: c.Bindings}
			switch step, is := broken[c]; {
			case is:
				f.Outlook, f.Step = Broken, step
			default:
				if err := a.outlook(ctx, f, c, state, excused[c], &on); err != nil {
					return err
				}
			}
			switch n++; {
			case best == nil || f.worse(best) < 0:
				f.Cases = 1
				if best != nil && best.Outlook == f.Outlook {
					f.Cases += best.Cases
				}
				best = f
			case best.Outlook == f.Outlook:
				best.Cases++
			}
		}
		if best == nil {
			continue
		}
		best.Of = n
		if best.Outlook == Breaks {
			if err := a.stop(ctx, best, state); err != nil {
				return err
			}
		}
		a.out.Next = append(a.out.Next, best)
	}
	slices.SortStableFunc(a.out.Next, func(x, y *Follow) int { return x.worse(y) })
	return nil
}

// worse orders by what somebody should look at first.
func (f *Follow) worse(than *Follow) int {
	rank := func(f *Follow) int { return slices.Index(WorstOutlooks, f.Outlook) }
	if d := cmp.Compare(rank(f), rank(than)); d != 0 || f.Attack == nil || than.Attack == nil {
		return d
	}
	return cmp.Or(cmp.Compare(f.Attack.Cost, than.Attack.Cost), cmp.Compare(len(f.Attack.Steps), len(than.Attack.Steps)))
}

// after replays the run: the facts of the design that hold at its end, after which step it breaks cases, and which it has met what they wait for.
func (a *asking) after() (facts []int32, broken map[*ground.Case]int, excused map[*ground.Case]bool, err error) {
	run := a.out.Run
	q := a.g.Left(run.By, a.opt.Failures, len(a.events), a.opt.Lost).Question
	st, err := system.NewState(q.System, q.Start, slices.Concat(q.Fixed, run.choices))
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%w: %w", judge.ErrInternal, err)
	}
	broken, excused = map[*ground.Case]int{}, map[*ground.Case]bool{}
	look := func(step int) {
		for i, cases := range a.Watched.Cases {
			if a.m.Design.Requirements[i].Static {
				continue
			}
			for _, c := range cases {
				if slices.ContainsFunc(c.Question.Assume[:c.Own], func(l system.Lit) bool { return st.Eval(l) != system.Yes }) {
					excused[c] = true
				}
				// Whose the run is matters only where it is somebody's: what an honest run breaks is broken for everybody.
				if _, known := broken[c]; !known && !excused[c] && st.Eval(c.Question.Bad) == system.Yes && (len(run.By) == 0 || slices.Equal(run.By, c.Attackers)) {
					broken[c] = step
				}
			}
		}
	}
	look(0)
	for i, r := range run.rules {
		if _, err := st.Take(r); err != nil {
			return nil, nil, nil, fmt.Errorf("%w: %w", judge.ErrInternal, err)
		}
		look(i + 1)
	}
	for f := range int32(a.Watched.System.Facts()) {
		if st.Fact(f) {
			facts = append(facts, f)
		}
	}
	return facts, broken, excused, nil
}

// outlook asks whether a case breaks from the state after the run, and where it does not, whether any run that leaves the log goes on to break it.
func (a *asking) outlook(ctx context.Context, f *Follow, c *ground.Case, state []int32, excused bool, on **ground.Grounding) error {
	if a.told != nil { // no engine is asked
		f.Outlook = Unclear
		return nil
	}
	design, err := a.designed(ctx, c)
	switch {
	case err != nil:
		return err
	case design == judge.Holds:
		f.Outlook, f.ByDesign = Cannot, true
		return nil
	}
	if !excused {
		from := a.Watched.From(c, state)
		from.Question.Fixed = slices.Concat(from.Question.Fixed, a.out.Run.choices)
		if b := from.Question.Budget; b >= 0 && slices.Equal(c.Attackers, a.out.Run.By) {
			from.Question.Budget = max(0, b-a.out.Run.Attack.Cost)
		}
		for _, l := range a.out.Run.choices {
			if _, i := from.Question.System.Node(l.Node()); from.Question.System.ChoiceKind(i) == system.Failure && !l.Negated() {
				from.Question.MaxFailures++
			}
		}
		r, err := a.judged(ctx, f, a.Watched.Grounding, from)
		if err != nil {
			return err
		}
		if r.Answer != nil && len(r.Answer.Attacks) > 0 {
			f.Outlook = Breaks
			if f.Attack, err = explain.Replayed(a.Watched.Grounding, from, from.Question, &r.Answer.Attacks[0]); err == nil {
				f.Attack.CostAtLeast = r.Answer.AtLeast
			}
			return err
		}
		if r.Verdict != judge.Holds {
			f.Outlook, f.Why = Unclear, r.Why
			return nil
		}
	}
	if a.fromHere {
		f.Outlook = Unclear
		return nil
	}
	if *on == nil {
		if *on, err = a.Watched.Log(a.events, a.opt.Lost, true); err != nil {
			return err
		}
	}
	from := (*on).Follows(c, a.opt.Failures) // the log may need them
	r, err := a.judged(ctx, f, *on, from)
	switch {
	case err != nil:
		return err
	case r.Verdict == judge.Holds:
		f.Outlook = Cannot
	case r.Answer != nil && len(r.Answer.Attacks) > 0:
		f.Outlook = Hidden
		f.Attack, err = explain.Replayed(*on, from, from.Question, &r.Answer.Attacks[0])
	default:
		f.Outlook, f.Why = Unclear, r.Why
	}
	return err
}

// designed returns the verdict of a case of the design, whatever was observed. It is found once.
func (x *Explainer) designed(ctx context.Context, c *ground.Case) (judge.Verdict, error) {
	if v, ok := x.design[c]; ok {
		return v, nil
	}
	r, err := judge.Decide(ctx, c, func(ctx context.Context, q *system.Question) (system.Proposal, error) {
		return portfolio.Run(ctx, q, x.opt.Portfolio)
	})
	if err != nil {
		return "", fmt.Errorf("%w: a requirement of the design: %w", judge.ErrInternal, err)
	}
	x.design[c] = r.Verdict
	return r.Verdict, nil
}

// judged has a case judged, and keeps the evidence.
func (a *asking) judged(ctx context.Context, f *Follow, g *ground.Grounding, c *ground.Case) (*judge.Ruling, error) {
	r, err := judge.Decide(ctx, c, a.engine(g, cheapest))
	if err != nil {
		return nil, fmt.Errorf("%w: what follows for %s: %w", judge.ErrInternal, f.Requirement.Name, err)
	}
	if e := evidence.Of(g, r, nil); e != nil {
		f.Evidence = append(f.Evidence, e)
	}
	return r, nil
}

// stop looks for the cheapest changes of controls after which the requirement no longer breaks from the state.
func (a *asking) stop(ctx context.Context, f *Follow, state []int32) error {
	if !a.opt.Stops {
		return nil
	}
	var facts []string
	for _, fact := range state {
		facts = append(facts, a.Watched.FactName(fact))
	}
	key := f.Requirement.Name + "\x00" + strings.Join(facts, "\x00")
	known, ok := a.stops[key]
	if !ok {
		plan, err := repair.Find(ctx, a.m, repair.Options{Requirements: []string{f.Requirement.Name}, Portfolio: a.opt.Portfolio, From: facts})
		switch {
		case errors.Is(err, repair.ErrLimits) || err == nil && len(plan.Hopeless)+len(plan.Conflict) > 0:
		case err != nil:
			return err
		default:
			for _, c := range plan.Changes {
				known = append(known, c.String())
			}
		}
		a.stops[key] = known
	}
	f.Stops = known
	return nil
}
