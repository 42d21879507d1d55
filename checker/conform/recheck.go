package conform

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/checker/ground"
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

// Recheck judges what is claimed of a log by its evidence alone: no engine and no walk runs. Each run is replayed, and has to leave just this log; each proof is checked. A log
// that is said to be unknown claims nothing. The error says what does not follow.
func (x *Explainer) Recheck(ctx context.Context, events []ground.Event, c Claim) error {
	if c.Verdict == Unknown {
		return nil
	}
	g, err := x.Watched.Log(events, x.opt.Lost, false)
	if err != nil {
		return err
	}
	r := &rechecking{x: x, g: g, words: evidence.NewWords(g), events: len(events), c: c}
	switch c.Verdict {
	case Normal:
		return r.normal()
	case Explained:
		return r.explained(ctx)
	case Unexplained:
		return r.unexplained(ctx)
	}
	return fmt.Errorf("there is no verdict %q", c.Verdict)
}

type rechecking struct {
	x      *Explainer
	g      *ground.Grounding
	words  *evidence.Words
	events int
	c      Claim
	work   int64
}

// coalition finds attackers by their names: none of them, one that is declared, or one that a requirement names.
func (r *rechecking) coalition(names []string) ([]*models.Attacker, error) {
	if len(names) == 0 {
		return nil, nil
	}
	for _, c := range r.x.Coalitions {
		if slices.Equal(namesOf(c), names) {
			return c, nil
		}
	}
	return nil, fmt.Errorf("the design does not have the attackers %s", strings.Join(names, " + "))
}

// within checks that a question is one that the claim may rest on.
func (r *rechecking) within(q ClaimedAnswer) error {
	if q.Events < 0 || q.Events > r.events || q.Failures < 0 || q.Failures > r.x.opt.Failures || q.Lost < 0 || q.Lost > r.x.opt.Lost || q.Answer == nil {
		return errors.New("it answers a question about another log, or about more than is tolerated")
	}
	return nil
}

// judged has a question judged by its answer.
func (r *rechecking) judged(ctx context.Context, q ClaimedAnswer) (*judge.Ruling, error) {
	if err := r.within(q); err != nil {
		return nil, err
	}
	by, err := r.coalition(q.By)
	if err != nil {
		return nil, err
	}
	asked := 0
	return judge.Decide(ctx, r.g.Left(by, q.Failures, q.Events, q.Lost), func(_ context.Context, of *system.Question) (system.Proposal, error) {
		e := q.Answer
		if asked++; asked > 1 {
			if asked-2 >= len(e.Further) {
				return system.Proposal{}, errors.New("it does not answer all that its verdict depends on")
			}
			e = e.Further[asked-2]
		}
		p, err := r.words.Proposal(e)
		if r.work += evidence.Effort(&p, r.g.System); err == nil && r.work > maxWork {
			err = errors.New("its evidence takes more steps to check than are made")
		}
		return p, err
	})
}

// proved checks that a coalition leaves none of the logs that it is asked about.
func (r *rechecking) proved(ctx context.Context, q ClaimedAnswer, events int) error {
	if q.Events != events || q.Failures != r.x.opt.Failures || q.Lost != r.x.opt.Lost {
		return fmt.Errorf("that %s does not leave it is asked with less than is tolerated, or of other events", who(q.By))
	}
	ruling, err := r.judged(ctx, q)
	switch {
	case err != nil:
		return fmt.Errorf("that %s does not leave it: %w", who(q.By), err)
	case ruling.Verdict != judge.Holds:
		return fmt.Errorf("that %s does not leave it is not proved: %s", who(q.By), ruling.Verdict)
	}
	return nil
}

func who(names []string) string {
	if len(names) == 0 {
		return "an honest run"
	}
	return strings.Join(names, " + ")
}

func (r *rechecking) normal() error {
	if len(r.c.Asked) != 1 || len(r.c.Asked[0].By) > 0 || r.c.Asked[0].Events != r.events || r.c.Asked[0].Lost != r.c.Lost {
		return errors.New("a normal log needs one honest run that leaves all of it")
	}
	q := r.c.Asked[0]
	if err := r.within(q); err != nil {
		return err
	}
	p, err := r.words.Proposal(q.Answer)
	if err != nil {
		return err
	}
	if len(p.Attacks) != 1 {
		return errors.New("there is no honest run")
	}
	if _, err := system.Replay(r.g.Left(nil, q.Failures, q.Events, q.Lost).Question, &p.Attacks[0]); err != nil {
		return fmt.Errorf("the honest run does not leave the log: %w", err)
	}
	return nil
}

func (r *rechecking) explained(ctx context.Context) error {
	if len(r.c.Asked) < 2 || len(r.c.Asked[0].By) > 0 {
		return errors.New("an explained log needs a proof that no honest run leaves it, and a run that does")
	}
	if err := r.proved(ctx, r.c.Asked[0], r.events); err != nil {
		return err
	}
	for _, q := range r.c.Asked[1:] {
		if !slices.Equal(q.By, r.c.By) || q.Lost != r.c.Lost || q.Events != r.events || len(q.By) == 0 {
			continue
		}
		ruling, err := r.judged(ctx, q)
		switch {
		case err != nil:
			return fmt.Errorf("the run of %s: %w", who(q.By), err)
		case ruling.Answer == nil || len(ruling.Answer.Attacks) == 0:
			return fmt.Errorf("there is no run of %s", who(q.By))
		}
		by, err := r.coalition(q.By)
		if err != nil {
			return err
		}
		trace, err := system.Replay(r.g.Left(by, q.Failures, q.Events, q.Lost).Question, &ruling.Answer.Attacks[0])
		switch {
		case err != nil:
			return err
		case trace.Cost != r.c.Cost || ruling.Answer.AtLeast != r.c.AtLeast:
			return fmt.Errorf("the run of %s costs %d, and at least %d is proved: the answer says %d and %d", who(q.By), trace.Cost, ruling.Answer.AtLeast, r.c.Cost, r.c.AtLeast)
		}
		return nil
	}
	return fmt.Errorf("there is no run of %s that leaves the log", who(r.c.By))
}

func (r *rechecking) unexplained(ctx context.Context) error {
	if r.c.Fits < 0 || r.c.Fits >= r.events {
		return errors.New("the event that does not fit is none of the log")
	}
	for _, by := range slices.Concat([][]*models.Attacker{nil}, r.x.Coalitions) {
		names := namesOf(by)
		i := slices.IndexFunc(r.c.Asked, func(q ClaimedAnswer) bool { return slices.Equal(q.By, names) || len(q.By)+len(names) == 0 })
		if i < 0 {
			return fmt.Errorf("nothing says that %s does not leave it", who(names))
		}
		if err := r.proved(ctx, r.c.Asked[i], r.c.Fits+1); err != nil {
			return err
		}
	}
	return nil
}
