// Package systemtest has random small questions with the truth about them, found by going through all choices and all states. Engines and the checks of
// certificates are held to it.
//
// # Limitations
//
// A question has at most 32 facts and rules, and a handful of choices.
package systemtest

import (
	"cmp"
	"fmt"
	"math/bits"
	"math/rand"
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
)

// Truth is what the explorer finds by going through all choices and all states.
type Truth struct {
	Attacked []bool // by total assignment of the decisions
	Cost     int    // least, over all choices; -1 without an attack
	Steps    int    // fewest at that cost
}

func (tr Truth) verdict() string {
	switch {
	case !slices.Contains(tr.Attacked, true):
		return "holds"
	case !slices.Contains(tr.Attacked, false):
		return "violated"
	}
	return "depends"
}

// Design is a random question with what the explorer needs to know of it.
type Design struct {
	Q         *system.Question
	Decisions []system.Lit
	Failures  []system.Lit
	Simple    bool // monotone, so that an engine must not give up
}

// Explore answers a question from the definition of a run alone.
func Explore(d Design) Truth {
	tr := Truth{Attacked: make([]bool, 1<<len(d.Decisions)), Cost: -1}
	for dm := range 1 << len(d.Decisions) {
		for fm := range 1 << len(d.Failures) {
			var choices []system.Lit
			failed, ok := 0, true
			put := func(l system.Lit, yes bool) {
				if !yes {
					l = l.Not()
				}
				ok = ok && !slices.Contains(d.Q.Fixed, l.Not())
				choices = append(choices, l)
			}
			for i, l := range d.Decisions {
				put(l, dm>>i&1 == 1)
			}
			for i, l := range d.Failures {
				put(l, fm>>i&1 == 1)
				failed += fm >> i & 1
			}
			if !ok || failed > d.Q.MaxFailures {
				continue
			}
			if cost, steps := dijkstra(d.Q, choices); cost >= 0 {
				tr.Attacked[dm] = true
				if tr.Cost < 0 || cost < tr.Cost || cost == tr.Cost && steps < tr.Steps {
					tr.Cost, tr.Steps = cost, steps
				}
			}
		}
	}
	return tr
}

// Possible tells of each total assignment of the decisions whether a run reaches Bad whichever allowed controls fail.
func Possible(d Design) []bool {
	out := make([]bool, 1<<len(d.Decisions))
	for dm := range out {
		out[dm] = true
		for fm := range 1 << len(d.Failures) {
			if bits.OnesCount(uint(fm)) > d.Q.MaxFailures {
				continue
			}
			var choices []system.Lit
			for i, l := range slices.Concat(d.Decisions, d.Failures) {
				if (fm<<len(d.Decisions)|dm)>>i&1 == 0 {
					l = l.Not()
				}
				choices = append(choices, l)
			}
			if cost, _ := dijkstra(d.Q, choices); cost < 0 {
				out[dm] = false
			}
		}
	}
	return out
}

// dijkstra returns the least cost and then the fewest steps of a run under all choices given, or -1. A node is the facts and the rules paid for.
func dijkstra(q *system.Question, choices []system.Lit) (cost, steps int) {
	type node struct {
		facts, paid uint32
		cost, steps int
	}
	var start uint32
	for _, f := range q.Start {
		start |= 1 << f
	}
	state := func(facts uint32) *system.State {
		var list []int32
		for f := range int32(q.System.Facts()) {
			if facts>>f&1 == 1 {
				list = append(list, f)
			}
		}
		st, err := system.NewState(q.System, list, choices)
		if err != nil {
			panic(err)
		}
		return st
	}
	allowed := func(st *system.State) bool {
		return !slices.ContainsFunc(q.Assume, func(l system.Lit) bool { return st.Eval(l) != system.Yes })
	}
	if !allowed(state(start)) {
		return -1, 0
	}
	open := []node{{facts: start}}
	done := map[[2]uint32]bool{}
	for len(open) > 0 {
		best := 0
		for i, n := range open {
			if cmp.Or(cmp.Compare(n.cost, open[best].cost), cmp.Compare(n.steps, open[best].steps)) < 0 {
				best = i
			}
		}
		n := open[best]
		open = slices.Delete(open, best, best+1)
		if k := [2]uint32{n.facts, n.paid}; done[k] {
			continue
		} else {
			done[k] = true
		}
		if state(n.facts).Eval(q.Bad) == system.Yes {
			return n.cost, n.steps
		}
		for r := range int32(q.System.Rules()) {
			if !q.Enabled(r) {
				continue
			}
			st := state(n.facts)
			c, err := st.Take(r)
			if err != nil || !allowed(st) {
				continue
			}
			next := node{paid: n.paid, cost: n.cost, steps: n.steps + 1}
			if c.Cost > 0 && n.paid>>r&1 == 0 {
				next.paid |= 1 << r
				next.cost += c.Cost
			}
			if q.Budget >= 0 && next.cost > q.Budget {
				continue
			}
			for f := range int32(q.System.Facts()) {
				if st.Fact(f) {
					next.facts |= 1 << f
				}
			}
			if next.facts != n.facts {
				open = append(open, next)
			}
		}
	}
	return -1, 0
}

// Random returns a small question, with the things that make questions hard; where it is simple, nothing is taken back or wanted false.
func Random(rng *rand.Rand, simple bool) Design {
	b := system.NewBuilder()
	d := Design{Simple: simple}
	facts := 3 + rng.Intn(5)
	for range facts {
		b.Fact()
	}
	for range rng.Intn(4) {
		d.Decisions = append(d.Decisions, b.Choice(system.Decision))
	}
	for range rng.Intn(4) {
		d.Failures = append(d.Failures, b.Choice(system.Failure))
	}
	choices := append(slices.Clone(d.Decisions), d.Failures...)
	anyChoice := func() system.Lit {
		if len(choices) == 0 {
			return system.True
		}
		l := choices[rng.Intn(len(choices))] ^ system.Lit(rng.Intn(2))
		switch rng.Intn(4) {
		case 0:
			l = b.And(l, choices[rng.Intn(len(choices))]^system.Lit(rng.Intn(2)))
		case 1:
			l = b.Or(l, choices[rng.Intn(len(choices))]^system.Lit(rng.Intn(2)))
		}
		return l
	}
	fact := func() system.Lit { return b.FactLit(int32(rng.Intn(facts))) }
	for range 3 + rng.Intn(7) {
		guard := []system.Lit{}
		for range rng.Intn(3) {
			l := fact()
			if rng.Intn(5) == 0 {
				l = b.Or(l, fact())
			}
			if !d.Simple && rng.Intn(2) == 0 {
				l = l.Not()
			}
			guard = append(guard, l)
		}
		if rng.Intn(2) == 0 {
			guard = append(guard, anyChoice())
		}
		var effects []system.Effect
		for range 1 + rng.Intn(2) {
			e := system.Effect{When: system.True, Fact: int32(rng.Intn(facts)), Set: true}
			if rng.Intn(6) == 0 {
				e.When = anyChoice()
			}
			if !d.Simple && rng.Intn(2) == 0 {
				e.Set = false
			}
			effects = append(effects, e)
		}
		var extras []system.Extra
		if rng.Intn(4) == 0 {
			extras = append(extras, system.Extra{When: anyChoice(), Cost: int32(rng.Intn(3))})
		}
		b.Rule(guard, effects, int32(rng.Intn(4)), extras)
	}
	q := &system.Question{MaxFailures: rng.Intn(3), Budget: -1}
	q.Bad = b.FactLit(int32(facts - 1))
	switch rng.Intn(5) {
	case 0:
		q.Bad = b.And(q.Bad, fact())
	case 1:
		q.Bad = b.And(q.Bad, fact().Not())
	}
	for f := range int32(facts - 1) {
		if rng.Intn(5) == 0 {
			q.Start = append(q.Start, f)
		}
	}
	if rng.Intn(4) == 0 {
		q.Assume = append(q.Assume, b.And(fact(), anyChoice()).Not())
	}
	if !d.Simple && rng.Intn(4) == 0 {
		q.Assume = append(q.Assume, b.And(fact(), fact()).Not())
	}
	if rng.Intn(4) == 0 && len(choices) > 0 {
		q.Fixed = append(q.Fixed, choices[rng.Intn(len(choices))]^system.Lit(rng.Intn(2)))
	}
	if rng.Intn(3) == 0 {
		q.Budget = rng.Intn(7)
	}
	q.System = b.System()
	if rng.Intn(4) == 0 {
		q.Off = make([]bool, q.System.Rules())
		q.Off[rng.Intn(len(q.Off))] = true
	}
	d.Q = q
	return d
}

// Decided reports whether some decision is given. The assignments that contradict it are then no business of the sets.
func (d Design) Decided() bool {
	return slices.ContainsFunc(d.Q.Fixed, func(l system.Lit) bool {
		_, i := d.Q.System.Node(l.Node())
		return d.Q.System.ChoiceKind(i) == system.Decision
	})
}

// Verdict is the verdict without the assignments that contradict what is given.
func (tr Truth) Verdict(d Design) string {
	var kept []bool
	for dm, a := range tr.Attacked {
		if consistent(d, dm) {
			kept = append(kept, a)
		}
	}
	return Truth{Attacked: kept}.verdict()
}

func consistent(d Design, dm int) bool {
	for i, l := range d.Decisions {
		if dm>>i&1 == 0 {
			l = l.Not()
		}
		if slices.Contains(d.Q.Fixed, l.Not()) {
			return false
		}
	}
	return true
}

// Partial decides some of n decisions, those in Mask, as Val has it.
type Partial struct{ Mask, Val int }

// Minimal returns the minimal partial decisions of n under which no total one, by its bits, is attacked.
func Minimal(n int, attacked []bool) []Partial {
	var good []Partial
	for mask := range 1 << n {
		for val := range 1 << n {
			if val&^mask != 0 {
				continue
			}
			ok := true
			for decided, is := range attacked {
				ok = ok && !(is && decided&mask == val)
			}
			if ok {
				good = append(good, Partial{mask, val})
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(good), func(p Partial) bool {
		return slices.ContainsFunc(good, func(o Partial) bool { return o != p && o.Mask&^p.Mask == 0 && p.Val&o.Mask == o.Val })
	})
}

// MinimalSets returns the minimal partial decisions under which no total assignment is attacked.
func MinimalSets(d Design, tr Truth) []string {
	var out []string
	for _, p := range Minimal(len(d.Decisions), tr.Attacked) {
		var lits []system.Lit
		for i, l := range d.Decisions {
			if p.Mask>>i&1 == 1 {
				lits = append(lits, l^system.Lit(1-p.Val>>i&1))
			}
		}
		out = append(out, fmt.Sprint(lits))
	}
	slices.Sort(out)
	return out
}
