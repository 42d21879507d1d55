package checker

import (
	"context"
	"fmt"
	"math/bits"
	"slices"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// How many open decisions `possible` takes, and how many combinations of decisions and failures.
const (
	maxPossibleDecisions    = 8
	maxPossibleCombinations = 1 << 14
)

// possible decides a case of `possible F`: some run of the honest system must reach F whatever is decided and whichever allowed controls fail.
//
// It goes through the combinations of those choices that can matter to such a run. One that a run found before goes through under is
// covered; another one is a question to the engines, where Bad is F and all choices are given. Their answer is a further run, which is replayed, or
// a proof that no run gets there, which is checked, and with it the decisions of the combination are found wanting.
func (j *judge) possible(ctx context.Context, jb job) error {
	from, c, q := jb.from, jb.at, jb.from.Question
	c.LiveRules = slice.Live(q)
	if certify.NoStart(ctx, q, from.Frozen) {
		c.Verdict, c.Proof = Violated, &Proof{Kind: "no-runs", Assumptions: assumptionNames(from)}
		return nil
	}
	var decisions, failures []system.Lit
	for _, l := range slice.Of(q).Choices {
		if _, i := q.System.Node(l.Node()); q.System.ChoiceKind(i) == system.Decision {
			decisions = append(decisions, l)
		} else {
			failures = append(failures, l)
		}
	}
	unknown := func(format string, args ...any) error {
		c.Verdict, c.Unknown = Unknown, &Reason{Text: fmt.Sprintf(format, args...), NoViolationWithin: -1}
		return nil
	}
	if len(decisions) > maxPossibleDecisions {
		return unknown("%d open decisions matter to it, and `possible` takes at most %d: decide some of them", len(decisions), maxPossibleDecisions)
	}
	sets := failureSets(failures, q.MaxFailures, maxPossibleCombinations>>len(decisions))
	if sets == nil {
		return unknown("there are more than %d combinations of decisions and failures: tolerate fewer failures", maxPossibleCombinations)
	}
	good := make([]bool, 1<<len(decisions))
	var runs, whole []system.Run // with the choices that they rely on, and with all that they were found under
	var wanting *system.Question // the first question without a run
	var proof *system.Certificate
	for mask := range good {
		good[mask] = true
		for _, failed := range sets {
			given := *q
			given.Fixed = append(append([]system.Lit(nil), q.Fixed...), failed...)
			for i, l := range decisions {
				if mask>>i&1 == 0 {
					l = l.Not()
				}
				given.Fixed = append(given.Fixed, l)
			}
			if covered(&given, runs) {
				continue
			}
			p, err := j.more(ctx, jb, &given)
			if err != nil {
				return err
			}
			if len(p.Attacks) > 0 {
				run := p.Attacks[0]
				whole = append(whole, system.Run{Rules: run.Rules, Choices: slices.Concat(given.Fixed, run.Choices)})
				run.Choices = relied(q, run.Rules, given.Fixed)
				if !goesThrough(q, run.Rules, run.Choices) {
					return unknown("a run changes too much that depends on open decisions without a bearing on it: decide some of them")
				}
				runs = append(runs, run)
				continue
			}
			if p.Holds == nil {
				return unknown("%s", p.Incomplete)
			}
			if reason, err := j.stopped(ctx, jb, &given); err != nil || reason != nil {
				c.Verdict, c.Unknown = Unknown, reason
				return err
			}
			good[mask] = false
			if wanting == nil {
				wanting, proof = &given, p.Holds
			}
			break
		}
	}
	for i := range runs {
		trace, err := system.Replay(q, &whole[i])
		if err != nil {
			return err
		}
		c.Runs = append(c.Runs, j.attack(q, &runs[i], trace))
	}
	if wanting == nil {
		c.Verdict = Holds
		c.Proof = &Proof{Kind: "runs", RestsOn: j.runsRestOn(from, runs), Assumptions: assumptionNames(from)}
		return nil
	}
	var given []system.Lit
	var failed []system.Lit
	for _, l := range wanting.Fixed[len(q.Fixed):] {
		if _, i := q.System.Node(l.Node()); q.System.ChoiceKind(i) == system.Decision {
			given = append(given, l)
		} else if !l.Negated() {
			failed = append(failed, l)
		}
	}
	c.Proof = j.proof(ctx, from, wanting, proof, given)
	c.Proof.Failures = j.choices(failed)
	c.Verdict = Violated
	for _, set := range primes(good, len(decisions)) {
		c.Verdict = Depends
		var lits []system.Lit
		for i, l := range decisions {
			switch {
			case set.yes>>i&1 == 1:
				lits = append(lits, l)
			case set.no>>i&1 == 1:
				lits = append(lits, l.Not())
			}
		}
		c.Sufficient = append(c.Sufficient, j.choices(lits))
	}
	return nil
}

// covered reports whether one of the runs goes through under all the choices that are given.
func covered(q *system.Question, runs []system.Run) bool {
	for _, r := range runs {
		if goesThrough(q, r.Rules, nil) {
			return true
		}
	}
	return false
}

// maxAside bounds the open decisions on which there may depend what a run changes without a bearing on what it reaches.
const maxAside = 8

// goesThrough reports whether a run goes through under the given choices, whatever is decided besides. What it changes on the side may depend on open
// decisions: it is replayed under all of them.
func goesThrough(q *system.Question, rules []int32, given []system.Lit) bool {
	var open []system.Lit
	for _, l := range touched(q.System, rules) {
		if !slices.ContainsFunc(slices.Concat(q.Fixed, given), func(g system.Lit) bool { return g.Node() == l.Node() }) {
			open = append(open, l)
		}
	}
	if len(open) > maxAside {
		return false
	}
	for mask := range 1 << len(open) {
		run := system.Run{Rules: rules, Choices: slices.Clone(given)}
		for i, l := range open {
			if mask>>i&1 == 0 {
				l = l.Not()
			}
			run.Choices = append(run.Choices, l)
		}
		if _, err := system.Replay(q, &run); err != nil {
			return false
		}
	}
	return true
}

// touched returns the decisions on which effects of rules depend.
func touched(s *system.System, rules []int32) []system.Lit {
	seen := map[int32]bool{}
	var out []system.Lit
	var visit func(l system.Lit)
	visit = func(l system.Lit) {
		if seen[l.Node()] {
			return
		}
		seen[l.Node()] = true
		switch kind, ref := s.Node(l.Node()); {
		case kind == system.ChoiceNode && s.ChoiceKind(ref) == system.Decision:
			out = append(out, s.Choice(ref))
		case kind == system.GateNode:
			for _, in := range s.Gate(ref) {
				visit(in)
			}
		}
	}
	for _, r := range rules {
		for _, e := range s.Effects(r) {
			visit(e.When)
		}
	}
	return out
}

// relied returns those of the given choices without which a run does not go through.
func relied(q *system.Question, rules []int32, given []system.Lit) []system.Lit {
	kept := append([]system.Lit(nil), given...)
	for i := len(kept) - 1; i >= 0; i-- {
		less := append(append([]system.Lit(nil), kept[:i]...), kept[i+1:]...)
		if goesThrough(q, rules, less) {
			kept = less
		}
	}
	return kept
}

// failureSets returns all ways in which at most n of the failures happen, the fewest first, each as literals; nil where there are more than limit.
func failureSets(failures []system.Lit, n, limit int) [][]system.Lit {
	var out [][]system.Lit
	set := make([]system.Lit, len(failures))
	for i, l := range failures {
		set[i] = l.Not()
	}
	var choose func(from, left int) bool
	choose = func(from, left int) bool {
		if left == 0 {
			out = append(out, append([]system.Lit(nil), set...))
			return len(out) <= limit
		}
		for i := from; i <= len(failures)-left; i++ {
			set[i] = failures[i]
			ok := choose(i+1, left-1)
			set[i] = failures[i].Not()
			if !ok {
				return false
			}
		}
		return true
	}
	for k := 0; k <= min(n, len(failures)); k++ {
		if !choose(0, k) {
			return nil
		}
	}
	return out
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
