package checker

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/system"
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

// deed is a deed with one of the rules that do it.
type deed struct {
	name string
	rule int32
}

// way is a set of deeds, sorted by name.
type way []deed

// way returns the deeds of a run that something could stop best: those of the lowest rank in it.
func (j *judge) way(run *system.Run) way {
	var out way
	least := ground.Regular
	for _, r := range run.Rules {
		d := j.g.Deed(r)
		switch {
		case d.Rank > least:
			continue
		case d.Rank < least:
			least, out = d.Rank, nil
		}
		out = out.with(deed{d.Name, r})
	}
	return out
}

func (w way) names() []string {
	var out []string
	for _, d := range w {
		out = append(out, d.name)
	}
	return out
}

func (w way) has(d deed) bool {
	_, ok := slices.BinarySearchFunc(w, d, func(x, y deed) int { return strings.Compare(x.name, y.name) })
	return ok
}

func (w way) with(d deed) way {
	at, ok := slices.BinarySearchFunc(w, d, func(x, y deed) int { return strings.Compare(x.name, y.name) })
	if ok {
		return w
	}
	return slices.Insert(slices.Clone(w), at, d)
}

// within reports whether all deeds of a way are in another, apart whether none is.
func (w way) within(other way) bool {
	return !slices.ContainsFunc(w, func(d deed) bool { return !other.has(d) })
}

func (w way) apart(other way) bool { return !slices.ContainsFunc(w, other.has) }

// found is an attack with its way.
type found struct {
	way    way
	attack *Attack
}

// attacks looks for attacks of a case that other things stop than those that are known. It branches: an attack of another way does without some deed of each
// way that is known. A way that does without what a branch leaves off is an attack there, and leads on; where none is known, the
// question is asked without these deeds: what goes through is replayed, and that nothing does is certified. Where all branches came to an end,
// whatever stops the ways that were found stops every attack.
//
// Source: Reiter, "A theory of diagnosis from first principles", Artificial Intelligence 32, 1987 (hitting-set trees).
func (j *judge) attacks(ctx context.Context, jb job) error {
	c := jb.at
	if j.opt.Attacks < 2 || jb.of.Static || c.Attack == nil || c.Verdict != Violated && c.Verdict != Depends {
		return nil
	}
	questions := max(minAttackQuestions, min(maxAttackQuestions, maxAttackWork/max(1, jb.from.Question.System.Rules())))
	known := []found{{j.way(&c.proposal.Attacks[0]), c.Attack}}
	var closed []way // without these, and so without more, nothing goes through
	open, seen := []way{nil}, map[string]bool{"": true}
	complete := true
	for n := 0; n < len(open); n++ {
		off := open[n]
		if slices.ContainsFunc(closed, func(w way) bool { return w.within(off) }) {
			continue
		}
		i := slices.IndexFunc(known, func(f found) bool { return f.way.apart(off) })
		if i < 0 {
			if questions == 0 || len(known) > MaxAttacks || ctx.Err() != nil {
				complete = false
				break
			}
			questions--
			f, proved, err := j.without(ctx, jb, off)
			switch {
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
			next := off.with(d)
			key := strings.Join(next.names(), "\n")
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
		return slices.ContainsFunc(known, func(o found) bool { return len(o.way) < len(f.way) && o.way.within(f.way) })
	})
	slices.SortStableFunc(rest, func(x, y found) int {
		return cmp.Or(cmp.Compare(x.attack.Cost, y.attack.Cost), cmp.Compare(len(x.attack.Steps), len(y.attack.Steps)), slices.Compare(x.attack.Way, y.attack.Way))
	})
	known = append(known[:1], rest...)
	for _, f := range known[:min(len(known), j.opt.Attacks)] {
		c.Attacks = append(c.Attacks, f.attack)
	}
	c.More, c.AllAttacks = len(known)-len(c.Attacks), complete
	return nil
}

// without looks for the cheapest attack that does without some deeds, or proves that there is none.
func (j *judge) without(ctx context.Context, jb job, off way) (f *found, proved bool, err error) {
	q := *jb.from.Question
	if q.Off = slices.Clone(q.Off); q.Off == nil {
		q.Off = make([]bool, q.System.Rules())
	}
	for _, d := range off {
		for _, r := range j.g.Alike(d.rule) {
			q.Off[r] = true
		}
	}
	jb.off = off.names()
	p, err := j.more(ctx, jb, &q)
	if err != nil || len(p.Attacks) == 0 {
		return nil, err == nil && p.Holds != nil, err
	}
	run := &p.Attacks[0]
	trace, err := system.Replay(&q, run)
	if err != nil {
		return nil, false, fmt.Errorf("an attack does not replay: %w", err)
	}
	f = &found{j.way(run), j.attack(&q, run, trace)}
	f.attack.CostAtLeast = p.AtLeast
	return f, false, nil
}
