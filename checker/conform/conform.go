package conform

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/internal/reason"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/models/logs"
	"github.com/vauban-verifier/vauban/threats"
)

// Verdict is what became of a log. The zero value is none.
type Verdict string

// The verdicts.
const (
	Normal      Verdict = "normal"
	Explained   Verdict = "explained"
	Unexplained Verdict = "unexplained"
	Unknown     Verdict = "unknown"
)

// WorstFirst has the verdicts in the order in which somebody should look at them.
var WorstFirst = []Verdict{Unexplained, Explained, Unknown, Normal}

// Options are the inputs of an explanation besides the model and the log. All can change a verdict, so answers state them.
type Options struct {
	Lost      int // how many events may be lost
	Failures  int // how many controls may have failed
	Portfolio portfolio.Options
	Stops     bool // look for what would still stop an attack
}

// MaxLost bounds the events that may be lost.
const MaxLost = 8

// MaxEvents bounds the events of one case.
const MaxEvents = logs.MaxCase

// Answer is what is known of one log.
type Answer struct {
	Verdict Verdict
	By      []*models.Attacker // of explained: whose run it is
	Run     *Run               // of normal and explained: it leaves the log; of unexplained: its first part, if it is honest or not
	Lost    int                // events that Run lost: the least
	Events  int                // of unexplained: how many first events are explained; the next one does not fit
	Honest  int                // of explained and unexplained: how many first events an honest run leaves
	Wants   []string           // of the same: what an honest run lacks for the next one
	Also    []*Run             // of explained: the runs of other coalitions, cheapest first, and those that need more failures and lose fewer events
	Why     string             // of unknown
	Next    []*Follow          // of normal and explained: what can follow

	Asked []*Asked // what the verdict was judged by
}

// Run is a run that was replayed.
type Run struct {
	By     []*models.Attacker // empty: it is honest
	Attack *explain.Attack
	Leaves []int // by step: the event that it leaves, from 1; 0 of others
	Loses  []bool
	Lost   int // how many events it may lose

	rules   []int32
	choices []system.Lit
	of      *ground.Grounding
}

// Asked is a question about a log with its answer: whether a coalition leaves so many first events.
type Asked struct {
	By             []*models.Attacker
	Events         int
	Failures, Lost int
	Ruling         *judge.Ruling // nil of a run that is its own evidence
	Evidence       *evidence.Answer
}

// Explainer answers for logs of one design. It is not safe for concurrent use.
type Explainer struct {
	Watched    *ground.Watched
	Coalitions [][]*models.Attacker // each declared attacker alone, then the coalitions that requirements name

	m      *threats.Model
	opt    Options
	design map[*ground.Case]judge.Verdict
	stops  map[string][]string
	long   int // logs of more events are long

	windows map[string]*ground.Grounding // by event: of a log that has just it
}

// New grounds a design for logs. Errors are those of [ground.Ground].
func New(ctx context.Context, m *threats.Model, sight ground.Sight, opt Options) (*Explainer, error) {
	w, err := ground.Watch(ctx, m, sight)
	if err != nil {
		return nil, err
	}
	opt.Failures = min(opt.Failures, w.System.Choices()) // more cannot fail
	x := &Explainer{Watched: w, m: m, opt: opt, design: map[*ground.Case]judge.Verdict{}, stops: map[string][]string{}, long: long, windows: map[string]*ground.Grounding{}}
	for _, a := range m.Design.Attackers {
		x.Coalitions = append(x.Coalitions, []*models.Attacker{a})
	}
	for _, r := range m.Design.Requirements {
		for _, c := range r.Coalitions {
			if len(c) > 0 && !slices.ContainsFunc(x.Coalitions, func(o []*models.Attacker) bool { return slices.Equal(o, c) }) {
				x.Coalitions = append(x.Coalitions, c)
			}
		}
	}
	return x, nil
}

// asking is one log being explained.
type asking struct {
	*Explainer
	g       *ground.Grounding
	events  []ground.Event
	sources [][]int32
	out     *Answer
	told    *told // nil: engines answer

	fromHere bool // only what can follow from the state where the run ends is asked
}

// asks returns what asks about a log.
func (x *Explainer) asks(events []ground.Event) (*asking, error) {
	a := &asking{Explainer: x, events: events, out: &Answer{}}
	for i, e := range events {
		for len(a.sources) <= e.Source {
			a.sources = append(a.sources, nil)
		}
		a.sources[e.Source] = append(a.sources[e.Source], int32(i))
	}
	var err error
	a.g, err = x.Watched.Log(events, x.opt.Lost, false)
	return a, err
}

// tooLong is the answer for a case that has too many events; nil where it has not.
func tooLong(events []ground.Event) *Answer {
	if len(events) <= MaxEvents {
		return nil
	}
	return &Answer{Verdict: Unknown, Why: fmt.Sprintf("the case has %d events, and at most %d are looked at: choose a case that ends sooner", len(events), MaxEvents)}
}

// Explain answers for the log of one case. What was not found when ctx ended is unknown. The error wraps [judge.ErrInternal], but for [ground.ErrTooLarge].
func (x *Explainer) Explain(ctx context.Context, events []ground.Event) (*Answer, error) {
	if long := tooLong(events); long != nil {
		return long, nil
	}
	a, err := x.asks(events)
	if err != nil {
		return nil, err
	}
	if err = a.verdict(ctx); err == nil && a.out.Run != nil && (a.out.Verdict == Normal || a.out.Verdict == Explained) {
		err = a.next(ctx)
	}
	if err != nil && ctx.Err() != nil {
		return &Answer{Verdict: Unknown, Why: reason.Cancelled}, nil
	}
	return a.out, err
}

// verdict looks for an honest run, then for one of an attacker.
func (a *asking) verdict(ctx context.Context) error {
	honest, reached, err := a.honest(ctx)
	if err != nil || a.out.Verdict != "" {
		return err
	}
	who, err := a.leavers(ctx)
	switch {
	case err != nil:
		return err
	case len(who) > 0:
		return a.explained(ctx, who)
	case a.out.Why != "":
		a.out.Verdict, a.out.Asked = Unknown, nil
		return nil
	}
	for _, by := range a.Coalitions {
		run, n, err := a.longest(ctx, by, reached)
		if err != nil {
			return err
		}
		if run != nil {
			honest, reached = run, n
		}
	}
	return a.unexplained(ctx, honest, reached)
}

// leavers returns who leaves the log, with all that is tolerated.
func (a *asking) leavers(ctx context.Context) (who [][]*models.Attacker, err error) {
	for _, by := range a.Coalitions {
		r, err := a.ask(ctx, by, a.opt.Failures, len(a.events), a.opt.Lost, some)
		switch {
		case err != nil:
			return nil, err
		case r.Verdict == judge.Holds:
		case r.Answer != nil && len(r.Answer.Attacks) > 0:
			who = append(who, by)
		default:
			a.unknown(by, r)
		}
	}
	return who, nil
}

func (a *asking) unknown(by []*models.Attacker, r *judge.Ruling) {
	why := r.Why
	if r.Bound != nil {
		why = explain.Bound(r.Bound)
	}
	a.out.Why = cmp.Or(a.out.Why, fmt.Sprintf(notSettled, Names(by), why))
}

const notSettled = "whether %s leaves it is unknown: %s"

// Names writes a coalition.
func Names(by []*models.Attacker) string {
	if len(by) == 0 {
		return "an honest run"
	}
	out := ""
	for i, x := range by {
		if i > 0 {
			out += " + "
		}
		out += x.Name
	}
	return out
}

// honest looks for an honest run. Without one it returns the run that leaves most first events, with their number, and what the next one lacks is noted.
func (a *asking) honest(ctx context.Context) (best *Run, reached int, err error) {
	for lost := 0; lost <= a.opt.Lost; lost++ {
		from := a.g.Left(nil, a.opt.Failures, len(a.events), lost)
		w := newWalk(a.g, from.Question)
		found := w.through(ctx, a.sources)
		run := found.run
		if run == nil && found.states == nil { // it was given up
			p, err := judge.Answer(ctx, from.Question, a.engine(a.g, some))
			if err != nil {
				return nil, 0, err
			}
			if len(p.Attacks) > 0 {
				return nil, 0, a.settle(ctx, &p.Attacks[0], lost)
			}
		}
		if run != nil {
			return nil, 0, a.settle(ctx, &system.Run{Rules: run}, lost)
		}
		if lost < a.opt.Lost {
			continue
		}
		if a.nearest(w, found) {
			reached = a.out.Honest
			best, err = a.part(ctx, nil, reached, lost)
		} else {
			best, reached, err = a.longest(ctx, nil, 0)
		}
		if a.out.Honest = reached; err != nil {
			return nil, 0, err
		}
		r, err := a.ask(ctx, nil, a.opt.Failures, len(a.events), lost, some)
		if err != nil {
			return nil, 0, err
		}
		if r.Verdict != judge.Holds {
			a.out.Verdict = Unknown
			a.unknown(nil, r)
		}
	}
	return best, reached, nil
}

// nearest notes how far an honest run comes and what it lacks there, unless the walk was given up.
func (a *asking) nearest(w *walk, found walked) bool {
	if len(found.last) == 0 {
		return false
	}
	a.out.Honest = a.prefix(found)
	a.wants(w, found, a.out.Honest)
	return true
}

// prefix returns how many first events, as they were read, the furthest states have left at the most.
func (a *asking) prefix(found walked) int {
	most := 0
	for _, v := range found.last {
		n := 0
		left := slices.Clone(v.next)
		for n < len(a.events) && left[a.events[n].Source] > 0 {
			left[a.events[n].Source]--
			n++
		}
		most = max(most, n)
	}
	return most
}

// wants notes what the furthest state lacks for the next event, of the way to bring it about that lacks least.
func (a *asking) wants(w *walk, found walked, reached int) {
	if reached >= len(a.events) {
		return
	}
	from, to := a.g.EventRules(reached)
	least := -1
	for _, v := range found.last {
		w.enter(v.state)
		for r := from; r < to; r++ {
			var unmet []string
			for _, l := range w.q.System.Guard(r) {
				if w.value(l) != system.Yes {
					unmet = append(unmet, a.lacks(w, l)...)
				}
			}
			if least < 0 || len(unmet) < least {
				least, a.out.Wants = len(unmet), unmet
			}
		}
	}
}

// lacks names what makes a literal false.
func (a *asking) lacks(w *walk, l system.Lit) []string {
	kind, ref := w.q.System.Node(l.Node())
	switch {
	case kind == system.FactNode && int(ref) < a.Watched.System.Facts(): // others are of the log
		return []string{a.g.Literal(ref, !l.Negated())}
	case kind == system.GateNode && !l.Negated():
		var out []string
		for _, in := range w.q.System.Gate(ref) {
			if w.value(in) != system.Yes {
				out = append(out, a.lacks(w, in)...)
			}
		}
		return out
	}
	return nil
}

// settle notes an honest run that loses as few events as any.
func (a *asking) settle(ctx context.Context, run *system.Run, lost int) error {
	if _, err := a.fewer(ctx, lost); err != nil {
		return err
	}
	return a.normal(run, lost)
}

// fewer asks whether an honest run loses fewer events; nil where none can.
func (a *asking) fewer(ctx context.Context, lost int) (*judge.Ruling, error) {
	if lost == 0 {
		return nil, nil //nolint:nilnil // nothing is asked
	}
	return a.ask(ctx, nil, a.opt.Failures, len(a.events), lost-1, some)
}

// normal notes an honest run, which is replayed.
func (a *asking) normal(run *system.Run, lost int) error {
	r, err := a.run(a.g.Left(nil, a.opt.Failures, len(a.events), lost), run)
	if err != nil {
		return fmt.Errorf("%w: an honest run does not replay: %w", judge.ErrInternal, err)
	}
	a.out.Verdict, a.out.Run, a.out.Lost = Normal, r, lost
	a.shown(r, len(a.events), lost)
	return nil
}

// shown notes a run that leaves the first events. It is its own evidence.
func (a *asking) shown(r *Run, events, lost int) {
	p := &system.Proposal{Attacks: []system.Run{{Rules: r.rules, Choices: r.choices}}}
	a.out.Asked = append(a.out.Asked, &Asked{By: r.By, Events: events, Failures: a.opt.Failures, Lost: lost, Evidence: evidence.Of(a.g, &judge.Ruling{Answer: p}, nil)})
}

// run describes a run, which is replayed.
func (a *asking) run(from *ground.Case, run *system.Run) (*Run, error) {
	attack, err := explain.Replayed(a.g, from, from.Question, run)
	if err != nil {
		return nil, err
	}
	out := &Run{By: from.Attackers, Attack: attack, rules: run.Rules, choices: run.Choices, of: a.g}
	for _, r := range run.Rules {
		out.Leaves = append(out.Leaves, a.g.Leaves(r)+1)
		out.Loses = append(out.Loses, a.g.Loses(r))
	}
	return out, nil
}

// part returns a run of a coalition that leaves the first events; nil where none was found.
func (a *asking) part(ctx context.Context, by []*models.Attacker, events, lost int) (*Run, error) {
	from := a.g.Left(by, a.opt.Failures, events, lost)
	if len(by) == 0 {
		if rules := newWalk(a.g, from.Question).through(ctx, a.sources).run; rules != nil {
			return a.run(from, &system.Run{Rules: rules})
		}
	}
	p, err := judge.Answer(ctx, from.Question, a.engine(a.g, some))
	if err != nil || len(p.Attacks) == 0 {
		return nil, err
	}
	return a.run(from, &p.Attacks[0])
}

// longest returns the run of a coalition that leaves most first events, more than so many, with their number; nil where there is none. All cannot be left.
func (a *asking) longest(ctx context.Context, by []*models.Attacker, low int) (best *Run, n int, err error) {
	for high := len(a.events); low < high-1; {
		mid := (low + high) / 2
		run, err := a.part(ctx, by, mid, a.opt.Lost)
		if err != nil {
			return nil, 0, err
		}
		if run == nil {
			high = mid
			continue
		}
		low, best = mid, run
	}
	return best, low, nil
}

// ask has judged whether a coalition leaves the first events, and notes it.
func (a *asking) ask(ctx context.Context, by []*models.Attacker, failures, events, lost int, e effort) (*judge.Ruling, error) {
	from := a.g.Left(by, failures, events, lost)
	ask := a.engine(a.g, e)
	switch {
	case a.told != nil:
		said, err := a.told.next(by, failures, events, lost)
		if err != nil {
			return nil, err
		}
		ask = a.told.answers(said)
	case len(by) == 0:
		ask = a.walking(e)
	}
	r, err := judge.Decide(ctx, from, ask)
	switch {
	case err != nil && a.told != nil:
		return nil, fmt.Errorf("whether %s leaves %d events: %w", Names(by), events, err)
	case err != nil:
		return nil, fmt.Errorf("%w: a log is asked of %s: %w", judge.ErrInternal, Names(by), err)
	}
	a.out.Asked = append(a.out.Asked, &Asked{By: by, Events: events, Failures: failures, Lost: lost, Ruling: r, Evidence: evidence.Of(a.g, r, nil)})
	return r, nil
}

// explained shows the cheapest runs with as few failures as can be, and of these with as few lost events; then those that need more failures and lose fewer events.
func (a *asking) explained(ctx context.Context, who [][]*models.Attacker) error {
	var all []*Run
	fewest := a.opt.Lost + 1
	for failures := 0; failures <= a.opt.Failures && fewest > 0; failures++ {
		for lost := range fewest {
			runs, err := a.level(ctx, who, failures, lost)
			if err != nil {
				return err
			}
			if len(runs) > 0 {
				all, fewest = append(all, runs...), lost
				break
			}
		}
	}
	if len(all) == 0 {
		return fmt.Errorf("%w: what was found once is not found again", judge.ErrInternal)
	}
	a.out.Verdict, a.out.Why, a.out.Run, a.out.By, a.out.Also, a.out.Lost = Explained, "", all[0], all[0].By, all[1:], all[0].Lost
	return nil
}

// level returns the runs with so many failures and lost events, the cheapest first.
func (a *asking) level(ctx context.Context, who [][]*models.Attacker, failures, lost int) ([]*Run, error) {
	var runs []*Run
	for _, by := range who {
		r, err := a.ask(ctx, by, failures, len(a.events), lost, cheapest)
		if err != nil {
			return nil, err
		}
		if r.Answer == nil || len(r.Answer.Attacks) == 0 {
			continue
		}
		run, err := a.run(a.g.Left(by, failures, len(a.events), lost), &r.Answer.Attacks[0])
		if err != nil {
			return nil, fmt.Errorf("%w: a run does not replay: %w", judge.ErrInternal, err)
		}
		run.Attack.CostAtLeast, run.Lost = r.Answer.AtLeast, lost
		runs = append(runs, run)
	}
	slices.SortStableFunc(runs, func(x, y *Run) int {
		return cmp.Or(cmp.Compare(x.Attack.Cost, y.Attack.Cost), cmp.Compare(len(x.Attack.Steps), len(y.Attack.Steps)))
	})
	return runs, nil
}

// unexplained certifies that the event after the longest first part that is explained is left by nobody, and so nobody leaves more; best leaves that part.
func (a *asking) unexplained(ctx context.Context, best *Run, reached int) error {
	if nobody, err := a.nobody(ctx, min(reached+1, len(a.events))); err != nil || !nobody {
		return err
	}
	a.fits(best, reached)
	return nil
}

// nobody asks whether it is certain that nobody leaves the first events. Where it is not, that is the answer.
func (a *asking) nobody(ctx context.Context, events int) (bool, error) {
	a.out.Asked = nil
	for _, by := range slices.Concat([][]*models.Attacker{nil}, a.Coalitions) {
		r, err := a.ask(ctx, by, a.opt.Failures, events, a.opt.Lost, some)
		if err != nil {
			return false, err
		}
		if r.Verdict != judge.Holds {
			a.out.Verdict, a.out.Asked = Unknown, nil
			a.unknown(by, r)
			return false, nil
		}
	}
	return true, nil
}

// fits notes how many events are explained, and the run that leaves them.
func (a *asking) fits(best *Run, reached int) {
	a.out.Verdict, a.out.Run, a.out.Events = Unexplained, best, reached
	if best != nil {
		a.shown(best, reached, a.opt.Lost)
	}
}
