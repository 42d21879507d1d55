package trim

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// Attack returns an attack on a question that takes no rules but the given ones, under choices of which the given ones are a part: in their order,
// or where that does not replay, in the shortest that does. Decisions that are not given are for the control. It returns nil where no order
// replays.
func Attack(original *system.Question, rules []int32, choices []system.Lit) *system.Run {
	var distinct []int32
	index := map[int32]int32{}
	run := system.Run{}
	for _, r := range rules {
		if _, ok := index[r]; !ok {
			index[r] = int32(len(distinct))
			distinct = append(distinct, r)
		}
		run.Rules = append(run.Rules, index[r])
	}
	// Everything below happens on a question with these rules alone: replaying it costs what the attack costs.
	part := slice.Only(original, distinct)
	q := part.Question
	given := map[system.Lit]bool{}
	for _, l := range choices {
		given[l] = true
	}
	for i := range int32(q.System.Choices()) {
		l := q.System.Choice(i)
		o := part.Original(l)
		switch {
		case given[o], q.System.ChoiceKind(i) == system.Decision && !given[o.Not()]:
			run.Choices = append(run.Choices, l)
		case q.System.ChoiceKind(i) == system.Decision:
			run.Choices = append(run.Choices, l.Not())
		}
	}
	trace, err := system.Replay(q, &run)
	if err != nil {
		if run.Rules = reorder(q, run.Choices); run.Rules == nil {
			return nil
		}
		if trace, err = system.Replay(q, &run); err != nil {
			return nil
		}
	}
	run = shorten(q, run, trace.Cost)
	out := &system.Run{}
	for _, l := range run.Choices {
		out.Choices = append(out.Choices, part.Original(l))
	}
	slices.Sort(out.Choices)
	for _, r := range run.Rules {
		out.Rules = append(out.Rules, part.Rules[r])
	}
	if _, err := system.Replay(original, out); err != nil {
		return nil
	}
	return out
}

// shorten leaves out steps, then choices, for as long as the run replays and costs no more.
func shorten(q *system.Question, run system.Run, cost int) system.Run {
	works := func(r system.Run) bool {
		trace, err := system.Replay(q, &r)
		if err != nil || trace.Cost > cost {
			return false
		}
		cost = trace.Cost
		return true
	}
	for again := true; again; {
		again = false
		play, err := system.NewPlay(q, run.Choices)
		for i := 0; err == nil && i < len(run.Rules); i++ {
			err = play.Take(run.Rules[i])
		}
		if err != nil {
			return run
		}
		kept := make([]int32, len(run.Rules))
		from := len(kept) // kept[from:] are the steps that stay of those that were looked at
		for i := len(run.Rules) - 1; i >= 0; i-- {
			play.Back()
			if c, err := play.Try(kept[from:]); err == nil && c <= cost {
				cost, again = c, !keeps(q)
				continue
			}
			from--
			kept[from] = run.Rules[i]
		}
		run.Rules = kept[from:]
		// Failures first: without one, its complement holds, and fewer decisions or steps may be needed.
		for _, kind := range []system.ChoiceKind{system.Failure, system.Decision} {
			for i := len(run.Choices) - 1; i >= 0; i-- {
				l := run.Choices[i]
				if _, c := q.System.Node(l.Node()); q.System.ChoiceKind(c) != kind {
					continue
				}
				less := system.Run{Choices: slices.Delete(slices.Clone(run.Choices), i, i+1), Rules: run.Rules}
				if works(less) {
					run = less
					again = again || kind == system.Failure && !l.Negated()
				}
			}
		}
	}
	return run
}

// keeps reports whether no rule deletes.
func keeps(q *system.Question) bool {
	for r := range int32(q.System.Rules()) {
		for _, e := range q.System.Effects(r) {
			if !e.Set {
				return false
			}
		}
	}
	return true
}

// What bounds the states that reorder visits: how many, and how many times the nodes of the question, as a state of a large one takes longer.
const (
	maxReorder      = 4096
	maxReorderNodes = 1 << 24
)

// reorder looks for the shortest run of the question's few rules, breadth first, where the derivation's order does not replay.
func reorder(q *system.Question, choices []system.Lit) []int32 {
	type node struct {
		facts []int32
		path  []int32
	}
	seen := map[string]bool{}
	key := func(facts []int32) string {
		b := make([]byte, 0, 4*len(facts))
		for _, f := range facts {
			b = append(b, byte(f), byte(f>>8), byte(f>>16), byte(f>>24))
		}
		return string(b)
	}
	queue := []node{{facts: q.Start}}
	seen[key(q.Start)] = true
	for len(queue) > 0 && len(seen) < min(maxReorder, maxReorderNodes/q.System.Nodes()) {
		n := queue[0]
		queue = queue[1:]
		var st *system.State // that of n, until a rule is taken
		for r := range int32(q.System.Rules()) {
			if st == nil {
				var err error
				if st, err = system.NewState(q.System, n.facts, choices); err != nil {
					return nil
				}
			}
			if _, err := st.Take(r); err != nil {
				continue
			}
			after := st
			st = nil
			if slices.ContainsFunc(q.Assume, func(l system.Lit) bool { return after.Eval(l) != system.Yes }) {
				continue
			}
			next := node{path: append(slices.Clone(n.path), r)}
			for f := range int32(q.System.Facts()) {
				if after.Fact(f) {
					next.facts = append(next.facts, f)
				}
			}
			if after.Eval(q.Bad) == system.Yes {
				return next.path
			}
			if k := key(next.facts); !seen[k] {
				seen[k] = true
				queue = append(queue, next)
			}
		}
	}
	return nil
}
