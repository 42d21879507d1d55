package conform

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/internal/reason"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// Claim is what an answer says of a log, in names, with the evidence for it. It may be anybody's.
type Claim struct {
	Verdict       Verdict
	By            []string
	Cost, AtLeast int // of explained
	Lost          int
	Fits          int // of unexplained
	Honest        int // of explained and unexplained; believed only where the walk that tells is given up
	Why           string
	Asked         []ClaimedAnswer
}

// ClaimedAnswer is [Asked] in names.
type ClaimedAnswer struct {
	By                     []string
	Events, Failures, Lost int
	Answer                 *evidence.Answer
}

// maxWork bounds the check of the evidence of one log, in barriers and clauses times the rules and nodes that each is tried with.
const maxWork = 1 << 34

// Recheck judges what is claimed of a log by its evidence alone: no engine runs. Each run is replayed, and has to leave just this log; each proof is checked. The answer
// is made of that; of what follows it has what the run breaks already, and nothing for which engines are asked. A log that is said to be unknown claims nothing. The error says what does not follow.
func (x *Explainer) Recheck(ctx context.Context, events []ground.Event, c Claim) (*Answer, error) {
	if long := tooLong(events); long != nil && c.Verdict == Unknown && c.Why == long.Why {
		return long, nil
	}
	a, err := x.asks(events[:min(len(events), MaxEvents)])
	if err != nil {
		return nil, err
	}
	a.told = &told{claim: c, words: evidence.NewWords(a.g), g: a.g}
	switch c.Verdict {
	case Unknown:
		a.out.Verdict, a.out.Why = Unknown, c.Why
		return a.out, a.unsettled(ctx)
	case Normal:
		err = a.toldNormal(ctx)
	case Explained:
		err = a.toldExplained(ctx)
	case Unexplained:
		err = a.toldUnexplained(ctx)
	default:
		err = fmt.Errorf("there is no verdict %q", c.Verdict)
	}
	switch {
	case err != nil:
		return nil, err
	case len(a.told.claim.Asked) > a.told.at:
		return nil, errors.New("it has more evidence than its verdict follows from")
	case a.out.Verdict != c.Verdict || a.out.Lost != c.Lost:
		return nil, fmt.Errorf("its evidence shows that it is %s, with %d events lost", a.out.Verdict, a.out.Lost)
	}
	if c.Verdict == Unexplained {
		return a.out, nil
	}
	if err := a.next(ctx); err != nil {
		return nil, err
	}
	a.out.Next = slices.DeleteFunc(a.out.Next, func(f *Follow) bool { return f.Outlook != Broken })
	return a.out, nil
}

// told is what somebody claims of a log, whose answers are taken in the order in which they are asked for.
type told struct {
	claim Claim
	g     *ground.Grounding
	words *evidence.Words
	at    int
	work  int64
}

// next returns the answer to the next question, which must be this one.
func (t *told) next(by []*models.Attacker, failures, events, lost int) (*evidence.Answer, error) {
	about := fmt.Sprintf("whether %s leaves %d events, with %d controls that may fail and %d events that may be lost", Names(by), events, failures, lost)
	if t.at >= len(t.claim.Asked) {
		return nil, fmt.Errorf("it does not say %s", about)
	}
	q := t.claim.Asked[t.at]
	if !slices.Equal(q.By, namesOf(by)) || q.Failures != failures || q.Events != events || q.Lost != lost {
		return nil, fmt.Errorf("it answers another question than %s", about)
	}
	t.at++
	return q.Answer, nil
}

// answers has questions answered by what is claimed.
func (t *told) answers(e *evidence.Answer) judge.Ask {
	asked := 0
	return func(context.Context, *system.Question) (system.Proposal, error) {
		from := e
		if asked++; asked > 1 && e != nil {
			if asked-2 >= len(e.Further) {
				return system.Proposal{}, errors.New("it does not answer all that its verdict depends on")
			}
			from = e.Further[asked-2]
		}
		p, err := t.words.Proposal(from)
		if t.work += evidence.Effort(&p, t.g.System); err == nil && t.work > maxWork {
			err = errors.New("its evidence takes more steps to check than are made")
		}
		return p, err
	}
}

// toldRun takes the next answer for a run of a coalition that leaves the first events.
func (a *asking) toldRun(by []*models.Attacker, events, lost int) (*system.Run, error) {
	e, err := a.told.next(by, a.opt.Failures, events, lost)
	if err != nil {
		return nil, err
	}
	p, err := a.told.words.Proposal(e)
	switch {
	case err != nil:
		return nil, err
	case len(p.Attacks) != 1:
		return nil, fmt.Errorf("there is no run of %s", Names(by))
	}
	if _, err := system.Replay(a.g.Left(by, a.opt.Failures, events, lost).Question, &p.Attacks[0]); err != nil {
		return nil, fmt.Errorf("the run of %s does not leave %d events: %w", Names(by), events, err)
	}
	return &p.Attacks[0], nil
}

func (a *asking) toldNormal(ctx context.Context) error {
	lost := a.told.claim.Lost
	if lost < 0 || lost > a.opt.Lost {
		return errors.New("it loses more events than may be lost")
	}
	r, err := a.fewer(ctx, lost)
	switch {
	case err != nil:
		return err
	case r != nil && r.Answer != nil && len(r.Answer.Attacks) > 0:
		return errors.New("an honest run loses fewer events")
	}
	run, err := a.toldRun(nil, len(a.events), lost)
	if err != nil {
		return err
	}
	return a.normal(run, lost)
}

// notHonest checks that no honest run leaves the log, and notes how far one comes.
func (a *asking) notHonest(ctx context.Context) error {
	w := newWalk(a.g, a.g.Left(nil, a.opt.Failures, len(a.events), a.opt.Lost).Question)
	if !a.nearest(w, w.through(ctx, a.sources)) {
		if a.out.Honest = a.told.claim.Honest; a.out.Honest < 0 || a.out.Honest >= len(a.events) {
			return errors.New("how far an honest run comes is out of range")
		}
	}
	return nil
}

func (a *asking) toldExplained(ctx context.Context) error {
	if err := a.notHonest(ctx); err != nil {
		return err
	}
	r, err := a.ask(ctx, nil, a.opt.Failures, len(a.events), a.opt.Lost, some)
	switch {
	case err != nil:
		return err
	case r.Verdict != judge.Holds:
		return errors.New("that no honest run leaves it is not proved")
	}
	who, err := a.leavers(ctx)
	switch {
	case err != nil:
		return err
	case len(who) == 0:
		return errors.New("there is no run of an attacker that leaves the log")
	}
	if err := a.explained(ctx, who); err != nil {
		return err
	}
	c, run := a.told.claim, a.out.Run
	if !slices.Equal(c.By, namesOf(a.out.By)) || c.Cost != run.Attack.Cost || c.AtLeast != run.Attack.CostAtLeast {
		return fmt.Errorf("the cheapest run is one of %s, costs %d, and at least %d is proved: the answer says %s, %d and %d",
			Names(a.out.By), run.Attack.Cost, run.Attack.CostAtLeast, strings.Join(c.By, " + "), c.Cost, c.AtLeast)
	}
	return nil
}

func (a *asking) toldUnexplained(ctx context.Context) error {
	c := a.told.claim
	if c.Fits < 0 || c.Fits >= len(a.events) {
		return errors.New("the event that does not fit is not in the log")
	}
	if err := a.notHonest(ctx); err != nil {
		return err
	}
	if nobody, err := a.nobody(ctx, c.Fits+1); err != nil || !nobody {
		return err
	}
	if a.told.at == len(c.Asked) {
		if c.Fits > 0 {
			return errors.New("no run leaves what is said to fit")
		}
		a.fits(nil, 0)
		return nil
	}
	var by []*models.Attacker
	if i := slices.IndexFunc(a.Coalitions, func(o []*models.Attacker) bool { return slices.Equal(namesOf(o), c.Asked[a.told.at].By) }); i >= 0 {
		by = a.Coalitions[i]
	}
	run, err := a.toldRun(by, c.Fits, a.opt.Lost)
	if err != nil {
		return err
	}
	best, err := a.run(a.g.Left(by, a.opt.Failures, c.Fits, a.opt.Lost), run)
	if err != nil {
		return err
	}
	a.fits(best, c.Fits)
	return nil
}

// unsettled checks that the reason for which nothing is claimed is one that is given: it may hold nothing else.
func (a *asking) unsettled(ctx context.Context) error {
	why := a.out.Why
	if why == reason.Cancelled {
		return nil
	}
	for _, by := range slices.Concat([][]*models.Attacker{nil}, a.Coalitions) {
		rest, ok := strings.CutPrefix(why, fmt.Sprintf(notSettled, Names(by), ""))
		if !ok {
			continue
		}
		from := a.g.Left(by, a.opt.Failures, len(a.events), a.opt.Lost)
		if reason.Known(rest) || slices.ContainsFunc(from.Bounds, func(b ground.Bound) bool { return explain.Bound(&b) == rest }) {
			return nil
		}
	}
	return errors.New("the reason that it is unknown is not one of those that engines give")
}
