package judge

import (
	"context"
	"errors"
	"slices"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/system"
)

// bounds takes a `holds` back where a domain stops a step in a state that can be reached: what the step would have led to was not looked at. The
// same goes for what would hold with a sufficient set of decisions.
func (b *bench) bounds(ctx context.Context) error {
	var given []*system.Question
	switch b.r.Verdict {
	case Holds:
		given = append(given, b.from.Question)
	case Depends:
		for _, s := range b.r.Answer.Sufficient {
			q := *b.from.Question
			q.Fixed = slices.Concat(q.Fixed, s.Decisions)
			given = append(given, &q)
		}
	}
	for _, q := range given {
		if free, err := b.free(ctx, q); !free {
			return err
		}
	}
	return nil
}

// free reports whether no domain stops a step in a state that a run of the question reaches, and rules that it is unknown where one does, or where that
// is not settled. It is not free where there is an error.
func (b *bench) free(ctx context.Context, q *system.Question) (bool, error) {
	if len(b.from.Bounds) == 0 {
		return true, nil
	}
	// Without the requirement's own assumption the question is the same for all its cases, and mostly settles them.
	assumed := [][]system.Lit{q.Assume[b.from.Own:]}
	if b.from.Own > 0 {
		assumed = append(assumed, q.Assume)
	}
	var (
		stops *ground.Bound
		why   string
	)
	for _, assume := range assumed {
		at := *q
		at.Bad, at.Assume = b.from.Bound, assume
		var err error
		if stops, why, err = b.stops(ctx, &at); err != nil {
			return false, err
		}
		if stops == nil && why == "" {
			return true, nil
		}
	}
	b.r.Verdict, b.r.Bound, b.r.Why, b.r.Within = Unknown, stops, why, -1
	return false, nil
}

// stops asks which domain stops a step: none where that is proved, and why it is not known where it is not settled.
func (b *bench) stops(ctx context.Context, q *system.Question) (at *ground.Bound, why string, err error) {
	p, err := b.further(ctx, q)
	switch {
	case err != nil:
		return nil, "", err
	case p.Holds != nil:
		return nil, "", nil
	case len(p.Attacks) == 0:
		return nil, "it holds within its domains, but whether a domain stops a step is unknown: " + p.Incomplete, nil
	}
	st, err := system.NewState(q.System, q.Start, slices.Concat(q.Fixed, p.Attacks[0].Choices))
	if err != nil {
		return nil, "", err
	}
	for _, r := range p.Attacks[0].Rules {
		if _, err := st.Take(r); err != nil {
			return nil, "", err
		}
	}
	for i := range b.from.Bounds {
		if st.Eval(b.from.Bounds[i].When) == system.Yes {
			return &b.from.Bounds[i], "", nil
		}
	}
	return nil, "", errors.New("a run ends where no domain stops a step")
}
