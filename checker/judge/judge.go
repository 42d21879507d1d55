package judge

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/system"
)

// Ask has a question answered by whoever it may be.
type Ask func(ctx context.Context, q *system.Question) (system.Proposal, error)

// Empty says why a case has nothing to be proved.
type Empty string

// The ways of being empty. The zero value is none.
const (
	NoRuns    Empty = "no-runs"    // an assumption excludes the start
	FromStart Empty = "from-start" // what must come first is so already
)

// Ruling is the verdict of a case with all that it was judged by.
type Ruling struct {
	Verdict Verdict
	Empty   Empty              // it was decided without a question: nothing runs
	Answer  *system.Proposal   // to the case's question, checked; nil where that was not asked
	Further []*system.Proposal // to the questions that followed from it, in their order, checked
	Broken  []Broken           // of an architecture rule that does not hold: the instances that break it
	Reach   *Reach             // of `possible`

	// Why says what was not settled: of Unknown, and of Violated and Depends where something else is left open. Within is the number of steps within which there is no
	// violation, -1 where that is not known.
	Why    string
	Within int
	Bound  *ground.Bound // of Unknown: it holds, but for this, which a run can come to
}

// Broken is an instance that breaks an architecture rule.
type Broken struct {
	ground.Break
	Open bool // only for some decisions
}

// Decide rules on a case. An error is one of the program or of whoever answered, and then there is no ruling; or ctx ended before there was one.
func Decide(ctx context.Context, from *ground.Case, ask Ask) (*Ruling, error) {
	b := &bench{from: from, ask: ask, r: &Ruling{Within: -1}}
	var err error
	if from.Possible {
		err = b.possible(ctx)
	} else {
		err = b.never(ctx)
	}
	if err != nil {
		return nil, err
	}
	return b.r, nil
}

// Answer has a question answered and checks the answer. What was given up without a claim is no error. Nor is a proof that is too hard to check: it counts for nothing, and what else was
// proposed counts if it stands without. Where ctx has ended, whoever answers gives no more than is checked at once: that is still done.
func Answer(ctx context.Context, q *system.Question, ask Ask) (*system.Proposal, error) {
	return answer(ctx, q, ask, certify.Proposal)
}

// answer is Answer with a check of proposals.
func answer(ctx context.Context, q *system.Question, ask Ask, check func(context.Context, *system.Question, *system.Proposal) error) (*system.Proposal, error) {
	p, err := ask(ctx, q)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		ctx = context.WithoutCancel(ctx)
	}
	if p.Incomplete != "" && p.Holds == nil && len(p.Attacks) == 0 {
		return &system.Proposal{Incomplete: p.Incomplete, Depth: p.Depth}, nil
	}
	err = check(ctx, q, &p)
	if errors.Is(err, certify.ErrLimit) {
		p = system.Proposal{Attacks: p.Attacks, Incomplete: err.Error()}
		if len(p.Attacks) == 0 {
			return &p, nil
		}
		err = check(ctx, q, &p)
	}
	if err != nil {
		return nil, fmt.Errorf("the evidence is refused: %w", err)
	}
	return &p, nil
}

// Closed rules on cases that need no engine: of each fact that the attackers of a question cannot gain whatever fails, it is proved by one closure.
type Closed struct{ never []bool }

// NewClosed computes the closure of a question.
func NewClosed(ctx context.Context, q *system.Question) Closed {
	return Closed{certify.Unreachable(ctx, q)}
}

// Never reports whether a fact is true in no state.
func (c Closed) Never(fact int32) bool { return c.never[fact] }

// Rule rules on a case of the same attackers that asks for this fact, perhaps among others; nil where that needs an engine.
func (c Closed) Rule(ctx context.Context, from *ground.Case, fact int32) *Ruling {
	s := from.Question.System
	if !c.never[fact] || !slices.Contains(s.Conjuncts(from.Question.Bad), s.Fact(fact)) || certify.NoStart(ctx, from.Question, from.Frozen) {
		return nil
	}
	return &Ruling{Verdict: Holds, Within: -1}
}

// bench is a case that is being decided.
type bench struct {
	from *ground.Case
	ask  Ask
	r    *Ruling
}

// further asks a question that the ruling depends on besides that of the case.
func (b *bench) further(ctx context.Context, q *system.Question) (*system.Proposal, error) {
	p, err := Answer(ctx, q, b.ask)
	if err == nil {
		b.r.Further = append(b.r.Further, p)
	}
	return p, err
}

// never decides whether something bad is never reached.
func (b *bench) never(ctx context.Context) error {
	q := b.from.Question
	if certify.NoStart(ctx, q, b.from.Frozen) {
		b.r.Verdict, b.r.Empty = Holds, NoRuns
		others := *q
		others.Assume = q.Assume[b.from.Own:]
		if !certify.NoStart(ctx, &others, b.from.Frozen) {
			b.r.Empty = FromStart
		}
		return ctx.Err()
	}
	p, err := Answer(ctx, q, b.ask)
	if err != nil {
		return err
	}
	b.r.Answer = p
	b.settle(ctx, p)
	if b.r.Verdict != Holds {
		if b.r.Broken, err = broken(b.from); err != nil {
			return err
		}
	}
	return b.bounds(ctx)
}

// settle writes the verdict that a checked answer proves.
func (b *bench) settle(ctx context.Context, p *system.Proposal) {
	if p.Incomplete != "" {
		b.r.Why, b.r.Within = p.Incomplete, p.Depth-1
	}
	switch {
	case p.Holds != nil:
		b.r.Verdict = Holds
	case len(p.Attacks) == 0:
		b.r.Verdict = Unknown
	case len(p.Sufficient) > 0:
		b.r.Verdict = Depends
	case p.Incomplete == "" || certify.Cover(ctx, b.from.Question, p) == nil:
		b.r.Verdict = Violated
	default:
		b.r.Verdict = Unknown // an attack for some decisions, and nothing known of the others
	}
}

// broken returns the instances that break an architecture rule. One that no decision brings about is none: where no failure is tolerated, a control
// that is there is one to rely on.
func broken(from *ground.Case) ([]Broken, error) {
	q := from.Question
	st, err := system.NewState(q.System, q.Start, q.Fixed)
	if err != nil {
		return nil, err
	}
	var out []Broken
	for _, x := range from.Breaks {
		open := x.When != system.True
		if q.MaxFailures == 0 {
			v := st.Eval(x.When)
			if v == system.No {
				continue
			}
			open = v != system.Yes
		}
		out = append(out, Broken{x, open})
	}
	return out, nil
}

// Certified reports whether a certificate proves that no run violates a question.
func Certified(ctx context.Context, q *system.Question, cert *system.Certificate) bool {
	return certify.Certificate(ctx, q, cert) == nil
}
