package checker

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/internal/reason"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/checker/system"
)

// Limits of the search for failures.
const (
	maxTogether    = 6   // how many failures at once are looked at, where no more are known to be needed
	maxFailureSets = 100 // how many sets are listed
	maxBranches    = 2000
)

// Resilience says how many controls must fail at once before a case is violated, whatever failures its requirement tolerates.
type Resilience struct {
	Least int                // 0: it is violated without any failure; -1: no failures break it, however many
	More  bool               // no Least failures were found: it takes more than that, or the search was ended (Why)
	Sets  [][]explain.Choice // the sets of Least controls whose failure breaks it, single points of failure being sets of one
	All   bool               // Sets has all of them
	Why   string             // why it is not known better; "" when it is
}

// measure finds the resilience of all cases.
func (c *check) measure(ctx context.Context, r *Result) error {
	total, done := 0, 0
	for _, q := range r.Requirements {
		total += len(q.Cases)
	}
	for i, q := range r.Requirements {
		for k, at := range q.Cases {
			var err error
			if at.Resilience, err = c.resilience(ctx, c.g.Cases[i][k]); err != nil && ctx.Err() != nil {
				at.Resilience, err = &Resilience{More: true, Why: reason.Cancelled}, nil
			}
			if err != nil {
				return fmt.Errorf("requirement %q: %w", q.Source.Name, err)
			}
			if done++; c.opt.Progress != nil {
				c.opt.Progress(Progress{Requirement: q.Source.Name, Done: done, Total: total, Detail: "failures"})
			}
		}
	}
	return nil
}

// resilience finds the least number of failures that break a case and the sets of that size. What is said to be no break is certified, and what
// is said to be one has been replayed. Open decisions may be either way, whichever is worse.
func (c *check) resilience(ctx context.Context, from *ground.Case) (*Resilience, error) {
	if from.Possible {
		return nil, nil
	}
	failing := 0
	for i := range int32(c.g.System.Choices()) {
		if c.g.System.ChoiceKind(i) == system.Failure {
			failing++
		}
	}
	attack := func(k int, fixed []system.Lit) (run *system.Run, held bool, why string, err error) {
		q := *from.Question
		q.MaxFailures = k
		q.Fixed = slices.Concat(q.Fixed, fixed)
		run, proof, why, err := portfolio.Any(ctx, &q, c.limits())
		switch {
		case err != nil:
			return nil, false, "", err
		case run != nil:
			if _, err := system.Replay(&q, run); err != nil {
				return nil, false, "", fmt.Errorf("%w: an attack with failures does not replay: %w", judge.ErrInternal, err)
			}
		case proof != nil:
			switch err := certify.Certificate(ctx, &q, proof); {
			case ctx.Err() != nil:
				return nil, false, reason.Cancelled, nil
			case errors.Is(err, certify.ErrLimit):
				return nil, false, reason.Hard, nil
			case err != nil:
				return nil, false, "", fmt.Errorf("%w: that failures do not break it is not proved: %w", judge.ErrInternal, err)
			}
		}
		return run, proof != nil, why, nil
	}
	out := &Resilience{}
	first, atLeast, proof := portfolio.LeastFailures(ctx, from.Question, c.limits())
	if first == nil {
		_, held, why, err := attack(failing, nil)
		if err != nil {
			return nil, err
		}
		if out.Why = why; held {
			return &Resilience{Least: -1, All: true}, nil
		}
	}
	if proof != nil {
		fewer := *from.Question
		fewer.MaxFailures = atLeast - 1
		switch err := certify.Certificate(ctx, &fewer, proof); {
		case err == nil:
			out.Least = atLeast
		case ctx.Err() == nil && !errors.Is(err, certify.ErrLimit):
			return nil, fmt.Errorf("%w: that fewer failures do not break it is not proved: %w", judge.ErrInternal, err)
		}
	}
	for last := min(max(maxTogether, out.Least), failing); out.Least <= last; out.Least++ {
		if first != nil && len(c.failures(first)) == out.Least {
			return out, c.failureSets(out, first, attack)
		}
		run, held, why, err := attack(out.Least, nil)
		switch {
		case err != nil:
			return nil, err
		case run != nil:
			return out, c.failureSets(out, run, attack)
		case !held:
			out.More, out.Why = true, why
			return out, nil
		}
	}
	out.Least--
	out.More = true
	return out, nil
}

// failures returns the failures that a run uses, ascending.
func (c *check) failures(run *system.Run) []system.Lit {
	var set []system.Lit
	for _, l := range run.Choices {
		if _, i := c.g.System.Node(l.Node()); !l.Negated() && c.g.System.ChoiceKind(i) == system.Failure {
			set = append(set, l)
		}
	}
	slices.Sort(set)
	return set
}

// failureSets lists the sets of the least size, by branching: whatever breaks the case without a set known has one of its members working.
//
// Source: Reiter, "A theory of diagnosis from first principles", Artificial Intelligence 32, 1987 (hitting-set trees).
func (c *check) failureSets(out *Resilience, first *system.Run, attack func(int, []system.Lit) (*system.Run, bool, string, error)) error {
	var known [][]system.Lit
	note := func(set []system.Lit) {
		if !slices.ContainsFunc(known, func(k []system.Lit) bool { return slices.Equal(k, set) }) {
			known = append(known, set)
		}
	}
	note(c.failures(first))
	out.All = true
	seen := map[string]bool{}
	branches := [][]system.Lit{nil} // controls that work, as negated failures
	for n := 0; n < len(branches) && out.Least > 0; n++ {
		works := branches[n]
		if n >= maxBranches || len(known) > maxFailureSets {
			out.All = false
			break
		}
		// A set that is known already may do, and saves a question.
		i := slices.IndexFunc(known, func(k []system.Lit) bool {
			return !slices.ContainsFunc(k, func(l system.Lit) bool { return slices.Contains(works, l.Not()) })
		})
		var set []system.Lit
		if i >= 0 {
			set = known[i]
		} else {
			run, held, why, err := attack(out.Least, works)
			switch {
			case err != nil:
				return err
			case held:
				continue
			case run == nil:
				out.All, out.Why = false, why
				continue
			}
			set = c.failures(run)
			note(set)
		}
		for _, l := range set {
			next := append(slices.Clone(works), l.Not())
			slices.Sort(next)
			if key := fmt.Sprint(next); !seen[key] {
				seen[key] = true
				branches = append(branches, next)
			}
		}
	}
	known = known[:min(len(known), maxFailureSets)]
	slices.SortFunc(known, slices.Compare)
	if out.Least > 0 {
		for _, set := range known {
			out.Sets = append(out.Sets, explain.Choices(c.g, set))
		}
	}
	return nil
}
