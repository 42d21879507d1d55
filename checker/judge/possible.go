package judge

import (
	"context"
	"fmt"
	"math/bits"
	"slices"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/system"
)

// How many branches `possible` goes into, and on how many open decisions together its answer may hang.
const (
	maxBranches         = 1 << 12
	maxWantingDecisions = 8
)

// Reach is what `possible` was decided by.
type Reach struct {
	Runs       []Reaching          // for each combination of choices under which it is reached one that goes through, each rule sequence once
	Wanting    *system.Question    // nil, or the first question that has no run: the choices that it adds to the case's are all given
	Proof      *system.Certificate // that Wanting has none
	Sufficient [][]system.Lit      // where there is a Wanting: every minimal set of decisions under which it is reached whatever fails
}

// Reaching is a run that reaches what is possible.
type Reaching struct {
	Run   system.Run // with the choices that it relies on, the failures that must not happen among them
	Whole system.Run // with all choices that it was found under
}

// possible decides a case of `possible F`: some run of the honest system must reach F whatever is decided and whichever allowed controls fail.
//
// It branches over choices. A branch gives some of them, and what is left is any.
//
//  1. It is asked whether a run reaches F with what the branch gives and with no failures besides. A run that is known may answer.
//  2. Without a run, the decisions of the branch are wanting: these failures are allowed, and that nothing gets there is proved.
//  3. A run relies on some choices: given these, it goes through however all others are ([system.Always]). So what is left to look at are the combinations in
//     which one of them is otherwise, and these are the next branches: the first is otherwise; the first is so and the second otherwise; and so on.
//
// A combination of choices is thus in a branch that a run covers or in one that is wanting. A branch has no more failures than are allowed, since a run relies on none
// where that many are given. Which choices matter is
// nowhere assumed: it is what runs turn out to rely on.
func (b *bench) possible(ctx context.Context) error {
	q := b.from.Question
	b.r.Reach = &Reach{}
	if certify.NoStart(ctx, q, b.from.Frozen) {
		b.r.Verdict, b.r.Empty = Violated, NoRuns
		return ctx.Err()
	}
	var wanting [][]system.Lit // sets of decisions, under each of which some allowed failures leave no run
	open := [][]system.Lit{nil}
	for n := 0; len(open) > 0; n++ {
		given := open[len(open)-1]
		open = open[:len(open)-1]
		decided := decisions(q.System, given)
		switch {
		case slices.ContainsFunc(wanting, func(w []system.Lit) bool { return subset(w, decided) }):
			continue
		case n >= maxBranches:
			return b.unknown("it depends on more than %d combinations of decisions and failures: decide some, or tolerate fewer failures", maxBranches)
		}
		at := under(q, given)
		whole := known(at, b.r.Reach.Runs)
		if whole == nil {
			p, err := b.further(ctx, at)
			switch {
			case err != nil:
				return err
			case len(p.Attacks) > 0:
				whole = &system.Run{Rules: p.Attacks[0].Rules, Choices: p.Attacks[0].Choices}
			case p.Holds == nil:
				return b.unknown("%s", p.Incomplete)
			default:
				if free, err := b.free(ctx, at); !free {
					return err
				}
				if b.r.Reach.Wanting == nil {
					b.r.Reach.Wanting, b.r.Reach.Proof = at, p.Holds
				}
				wanting = append(wanting, decided)
				continue
			}
		}
		whole.Choices = slices.Concat(at.Fixed[len(q.Fixed):], whole.Choices)
		run := relied(q, whole, given)
		if !slices.ContainsFunc(b.r.Reach.Runs, func(r Reaching) bool { return slices.Equal(r.Run.Rules, run.Rules) }) {
			b.r.Reach.Runs = append(b.r.Reach.Runs, Reaching{*run, *whole})
		}
		so := slices.Clone(given)
		for _, l := range run.Choices {
			if !slices.Contains(given, l) {
				open = append(open, append(slices.Clone(so), l.Not()))
				so = append(so, l)
			}
		}
	}
	return b.reached(wanting)
}

// unknown rules that it is unknown.
func (b *bench) unknown(format string, args ...any) error {
	b.r.Verdict, b.r.Why = Unknown, fmt.Sprintf(format, args...)
	return nil
}

// under is the question under the choices of a branch, with no failures besides those that it names.
func under(q *system.Question, given []system.Lit) *system.Question {
	at := *q
	at.Fixed = slices.Concat(q.Fixed, given)
	named := nodes(at.Fixed)
	for i := range int32(q.System.Choices()) {
		if l := q.System.Choice(i); q.System.ChoiceKind(i) == system.Failure && !named[l.Node()] {
			at.Fixed = append(at.Fixed, l.Not())
		}
	}
	return &at
}

func nodes(lits []system.Lit) map[int32]bool {
	out := make(map[int32]bool, len(lits))
	for _, l := range lits {
		out[l.Node()] = true
	}
	return out
}

// known returns a run that goes through under a branch, too, with the choices that it takes besides; nil where none of those that are known does.
func known(at *system.Question, runs []Reaching) *system.Run {
	named := nodes(at.Fixed)
	for _, r := range runs {
		run := system.Run{Rules: r.Run.Rules}
		for _, l := range r.Whole.Choices {
			if !named[l.Node()] {
				run.Choices = append(run.Choices, l)
			}
		}
		if _, err := system.Replay(at, &run); err == nil {
			return &run
		}
	}
	return nil
}

// relied returns a run with what the branch gives and those of its other choices without which it is not known to go through. Where a branch has all the
// failures that are allowed, the others do not happen, and nothing is to be said of them.
func relied(q *system.Question, whole *system.Run, given []system.Lit) *system.Run {
	if failures(q.System, given) == q.MaxFailures {
		q = under(q, given)
	}
	all := nodes(q.Fixed)
	var rest []system.Lit // what may not be needed
	for _, l := range whole.Choices {
		if !all[l.Node()] && !slices.Contains(given, l) {
			rest = append(rest, l)
		}
	}
	goes := func(rest []system.Lit) bool {
		return system.Always(q, &system.Run{Rules: whole.Rules, Choices: slices.Concat(given, rest)}) == nil
	}
	for size := len(rest); size > 0; size /= 2 { // many at once, then fewer
		for end := len(rest); end > 0; end -= size {
			if less := slices.Delete(slices.Clone(rest), max(0, end-size), end); goes(less) {
				rest = less
			}
		}
	}
	return &system.Run{Rules: whole.Rules, Choices: slices.Concat(given, rest)}
}

// reached rules on what was found in all branches.
func (b *bench) reached(wanting [][]system.Lit) error {
	if len(wanting) == 0 {
		b.r.Verdict = Holds
		return nil
	}
	var names []system.Lit // the decisions that it hangs on, each as what is decided for
	for _, w := range wanting {
		for _, l := range w {
			if l.Negated() {
				l = l.Not()
			}
			names = append(names, l)
		}
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) > maxWantingDecisions {
		return b.unknown("%d open decisions matter to it, and `possible` takes at most %d: decide some of them", len(names), maxWantingDecisions)
	}
	good := make([]bool, 1<<len(names))
	for mask := range good {
		good[mask] = !slices.ContainsFunc(wanting, func(w []system.Lit) bool {
			return !slices.ContainsFunc(w, func(l system.Lit) bool {
				i := slices.IndexFunc(names, func(name system.Lit) bool { return name.Node() == l.Node() })
				return (mask>>i&1 == 1) == l.Negated()
			})
		})
	}
	b.r.Verdict = Violated
	for _, set := range primes(good, len(names)) {
		b.r.Verdict = Depends
		var lits []system.Lit
		for i, l := range names {
			switch {
			case set.yes>>i&1 == 1:
				lits = append(lits, l)
			case set.no>>i&1 == 1:
				lits = append(lits, l.Not())
			}
		}
		b.r.Reach.Sufficient = append(b.r.Reach.Sufficient, lits)
	}
	return nil
}

// decisions returns the literals that decide something.
func decisions(s *system.System, lits []system.Lit) []system.Lit {
	var out []system.Lit
	for _, l := range lits {
		if _, i := s.Node(l.Node()); s.ChoiceKind(i) == system.Decision {
			out = append(out, l)
		}
	}
	return out
}

// failures counts the literals that say that something fails.
func failures(s *system.System, lits []system.Lit) int {
	n := 0
	for _, l := range lits {
		if _, i := s.Node(l.Node()); s.ChoiceKind(i) == system.Failure && !l.Negated() {
			n++
		}
	}
	return n
}

// subset reports whether all of one list are in another.
func subset(part, of []system.Lit) bool {
	return !slices.ContainsFunc(part, func(l system.Lit) bool { return !slices.Contains(of, l) })
}

// cube is a partial assignment: what is decided for, and what against.
type cube struct{ yes, no uint }

// primes returns the minimal partial assignments of n decisions all completions of which are good, the smallest first.
func primes(good []bool, n int) []cube {
	var out []cube
	for size := 0; size <= n; size++ {
		for care := uint(0); care < 1<<n; care++ {
			if bits.OnesCount(care) != size {
				continue
			}
			for yes := care; ; yes = (yes - 1) & care {
				c := cube{yes, care &^ yes}
				if !implied(out, c) && allGood(good, c, n) {
					out = append(out, c)
				}
				if yes == 0 {
					break
				}
			}
		}
	}
	return out
}

// implied reports whether a smaller cube is part of c.
func implied(smaller []cube, c cube) bool {
	for _, s := range smaller {
		if s.yes&^c.yes == 0 && s.no&^c.no == 0 {
			return true
		}
	}
	return false
}

func allGood(good []bool, c cube, n int) bool {
	free := (uint(1)<<n - 1) &^ (c.yes | c.no)
	for rest := free; ; rest = (rest - 1) & free {
		if !good[c.yes|rest] {
			return false
		}
		if rest == 0 {
			return true
		}
	}
}
