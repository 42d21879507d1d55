package checker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/judge"
)

// MaxAttacks is how many attacks of a case are looked for.
const MaxAttacks = 100

// Limits of the search for further attacks of a case: in questions, fewer where a question takes longer, and in branches, most of which need no question.
const (
	maxAttackQuestions = 400
	minAttackQuestions = 8
	maxAttackWork      = 40 << 20 // rule instances of all questions
	maxAttackBranches  = 20_000
)

// found is an attack with its way.
type found struct {
	way    explain.Way
	attack *explain.Attack
}

// attacks looks for attacks of a case that other things stop than those that are known. It branches: an attack of another way does without some deed of each
// way that is known. A way that does without what a branch leaves off is an attack there, and leads on; where none is known, the
// question is asked without these deeds: what goes through is replayed, and that nothing does is certified. Where all branches came to an end,
// whatever stops the ways that were found stops every attack.
//
// Source: Reiter, "A theory of diagnosis from first principles", Artificial Intelligence 32, 1987 (hitting-set trees).
func (c *check) attacks(ctx context.Context, jb job) error {
	at := jb.at
	if c.opt.Attacks < 2 || jb.of.Static || at.Attack == nil || at.Verdict != Violated && at.Verdict != Depends {
		return nil
	}
	questions := max(minAttackQuestions, min(maxAttackQuestions, maxAttackWork/max(1, jb.from.Question.System.Rules())))
	known := []found{{explain.WayOf(c.g, &at.ruling.Answer.Attacks[0]), at.Attack}}
	var closed []explain.Way // without these, and so without more, nothing goes through
	open, seen := []explain.Way{nil}, map[string]bool{"": true}
	complete := true
	for n := 0; n < len(open); n++ {
		off := open[n]
		if slices.ContainsFunc(closed, func(w explain.Way) bool { return w.Within(off) }) {
			continue
		}
		i := slices.IndexFunc(known, func(f found) bool { return f.way.Apart(off) })
		if i < 0 {
			if questions == 0 || len(known) > MaxAttacks || ctx.Err() != nil {
				complete = false
				break
			}
			questions--
			f, proved, err := c.without(ctx, jb, off)
			switch {
			case errors.Is(err, errUnanswered) || err != nil && ctx.Err() != nil: // the verdict stands without
				complete, open = false, nil
				continue
			case err != nil:
				return err
			case proved:
				closed = append(closed, off)
				continue
			case f == nil:
				complete = false
				continue
			}
			i = len(known)
			known = append(known, *f)
		}
		for _, d := range known[i].way {
			next := off.With(d)
			key := strings.Join(next.Names(), "\n")
			if seen[key] {
				continue
			}
			if seen[key] = true; len(open) == maxAttackBranches {
				complete = false
				break
			}
			open = append(open, next)
		}
	}
	// What contains another way is stopped by all that stops that. The attack that the verdict shows stays first: it is among the cheapest.
	rest := slices.DeleteFunc(slices.Clone(known[1:]), func(f found) bool {
		return slices.ContainsFunc(known, func(o found) bool { return len(o.way) < len(f.way) && o.way.Within(f.way) })
	})
	slices.SortStableFunc(rest, func(x, y found) int {
		return cmp.Or(cmp.Compare(x.attack.Cost, y.attack.Cost), cmp.Compare(len(x.attack.Steps), len(y.attack.Steps)), slices.Compare(x.attack.Way, y.attack.Way))
	})
	known = append(known[:1], rest...)
	for _, f := range known[:min(len(known), c.opt.Attacks)] {
		at.Attacks = append(at.Attacks, f.attack)
	}
	at.More, at.AllAttacks = len(known)-len(at.Attacks), complete
	return nil
}

// without looks for the cheapest attack that does without some deeds, or proves that there is none.
func (c *check) without(ctx context.Context, jb job, off explain.Way) (f *found, proved bool, err error) {
	q := *jb.from.Question
	if q.Off = slices.Clone(q.Off); q.Off == nil {
		q.Off = make([]bool, q.System.Rules())
	}
	for _, d := range off {
		for _, r := range c.g.Alike(d.Rule) {
			q.Off[r] = true
		}
	}
	jb.off = off.Names()
	p, err := judge.Answer(ctx, &q, c.ask(jb))
	if err != nil {
		return nil, false, err
	}
	jb.at.besides = append(jb.at.besides, p)
	if len(p.Attacks) == 0 {
		return nil, p.Holds != nil, nil
	}
	run := &p.Attacks[0]
	attack, err := explain.Replayed(c.g, jb.from, &q, run)
	if err != nil {
		return nil, false, fmt.Errorf("an attack does not replay: %w", err)
	}
	attack.CostAtLeast = p.AtLeast
	return &found{explain.WayOf(c.g, run), attack}, false, nil
}
