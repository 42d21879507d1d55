package system_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/reach"
	"github.com/vauban-verifier/vauban/checker/system"
)

// truth is what the explorer finds by going through all choices and all states.
type truth struct {
	attacked []bool // by total assignment of the decisions
	cost     int    // least, over all choices; -1 without an attack
	steps    int    // fewest at that cost
}

func (tr truth) verdict() string {
	switch {
	case !slices.Contains(tr.attacked, true):
		return "holds"
	case !slices.Contains(tr.attacked, false):
		return "violated"
	}
	return "depends"
}

// design is a random question with what the explorer needs to know of it.
type design struct {
	q         *system.Question
	decisions []system.Lit
	failures  []system.Lit
	simple    bool // monotone, so that the engine must not give up
}

// explore answers a question from the definition of a run alone.
func explore(d design) truth {
	tr := truth{attacked: make([]bool, 1<<len(d.decisions)), cost: -1}
	for dm := range 1 << len(d.decisions) {
		for fm := range 1 << len(d.failures) {
			var choices []system.Lit
			failed, ok := 0, true
			put := func(l system.Lit, yes bool) {
				if !yes {
					l = l.Not()
				}
				ok = ok && !slices.Contains(d.q.Fixed, l.Not())
				choices = append(choices, l)
			}
			for i, l := range d.decisions {
				put(l, dm>>i&1 == 1)
			}
			for i, l := range d.failures {
				put(l, fm>>i&1 == 1)
				failed += fm >> i & 1
			}
			if !ok || failed > d.q.MaxFailures {
				continue
			}
			if cost, steps := dijkstra(d.q, choices); cost >= 0 {
				tr.attacked[dm] = true
				if tr.cost < 0 || cost < tr.cost || cost == tr.cost && steps < tr.steps {
					tr.cost, tr.steps = cost, steps
				}
			}
		}
	}
	return tr
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

// randomDesign returns a small question, with the things that make questions hard.
func randomDesign(rng *rand.Rand, simple bool) design {
	b := system.NewBuilder()
	d := design{simple: simple}
	facts := 3 + rng.Intn(5)
	for range facts {
		b.Fact()
	}
	for range rng.Intn(4) {
		d.decisions = append(d.decisions, b.Choice(system.Decision))
	}
	for range rng.Intn(4) {
		d.failures = append(d.failures, b.Choice(system.Failure))
	}
	choices := append(slices.Clone(d.decisions), d.failures...)
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
			if !d.simple && rng.Intn(2) == 0 {
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
			if !d.simple && rng.Intn(2) == 0 {
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
	if !d.simple && rng.Intn(4) == 0 {
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
	d.q = q
	return d
}

// minimalSets returns the minimal partial decisions under which no total assignment is attacked.
func minimalSets(d design, tr truth) []string {
	n := len(d.decisions)
	type partial struct{ mask, val int }
	var good []partial
	for mask := range 1 << n {
		for val := range 1 << n {
			if val&^mask != 0 {
				continue
			}
			ok := true
			for dm, attacked := range tr.attacked {
				ok = ok && !(attacked && dm&mask == val)
			}
			if ok {
				good = append(good, partial{mask, val})
			}
		}
	}
	var out []string
	for _, p := range good {
		if slices.ContainsFunc(good, func(o partial) bool { return o != p && o.mask&^p.mask == 0 && p.val&o.mask == o.val }) {
			continue
		}
		var lits []system.Lit
		for i, l := range d.decisions {
			if p.mask>>i&1 == 1 {
				lits = append(lits, l^system.Lit(1-p.val>>i&1))
			}
		}
		out = append(out, fmt.Sprint(lits))
	}
	slices.Sort(out)
	return out
}

func verdict(p *system.Proposal) string {
	switch {
	case p.Holds != nil:
		return "holds"
	case len(p.Sufficient) > 0:
		return "depends"
	}
	return "violated"
}

func TestExplorerAgrees(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	const designs = 6000
	for seed := range int64(designs) {
		rng := rand.New(rand.NewSource(seed))
		d := randomDesign(rng, rng.Intn(5) > 0)
		p, err := reach.Solve(context.Background(), d.q, reach.Options{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		tr := explore(d)
		fixedDecision := d.decided()
		if err := certify.Proposal(t.Context(), d.q, &p); err != nil {
			t.Fatalf("seed %d: %v\n%+v\n%+v", seed, err, p, tr)
		}
		if p.AtLeast > 0 && tr.cost >= 0 && p.AtLeast > tr.cost {
			t.Fatalf("seed %d: at least %d, explorer %d", seed, p.AtLeast, tr.cost)
		}
		if p.Incomplete != "" {
			if d.simple {
				t.Fatalf("seed %d: gave up on a monotone design: %s\n%+v", seed, p.Incomplete, tr)
			}
			counts["incomplete"]++
			continue
		}
		want := tr.verdictUnder(d)
		if got := verdict(&p); got != want {
			t.Fatalf("seed %d: %s, explorer says %s\n%+v", seed, got, want, p)
		}
		counts[want]++
		if want == "holds" {
			continue
		}
		trace, err := system.Replay(d.q, &p.Attacks[0])
		if err != nil {
			t.Fatal(err)
		}
		if d.simple && (trace.Cost != tr.cost || len(p.Attacks[0].Rules) != tr.steps || p.AtLeast != tr.cost) {
			t.Fatalf("seed %d: cost %d (at least %d) in %d steps, explorer says %d in %d\n%+v", seed, trace.Cost, p.AtLeast, len(p.Attacks[0].Rules), tr.cost, tr.steps, p)
		}
		if want == "depends" && !fixedDecision {
			var got []string
			for _, s := range p.Sufficient {
				got = append(got, fmt.Sprint(s.Decisions))
			}
			slices.Sort(got)
			if sets := minimalSets(d, tr); !slices.Equal(got, sets) {
				t.Fatalf("seed %d: sets %v, explorer says %v", seed, got, sets)
			}
		}
		// What is tampered with is refused.
		bad := p
		bad.Attacks = slices.Clone(p.Attacks)
		bad.Attacks[0].Rules = bad.Attacks[0].Rules[:max(0, len(bad.Attacks[0].Rules)-1)]
		if len(p.Attacks[0].Rules) > 0 && certify.Proposal(t.Context(), d.q, &bad) == nil {
			t.Fatalf("seed %d: a truncated attack passes", seed)
		}
		bad = p
		bad.Attacks, bad.Holds = nil, &system.Certificate{Cuts: []system.Cut{{}}}
		if certify.Proposal(t.Context(), d.q, &bad) == nil {
			t.Fatalf("seed %d: a wrong proof passes", seed)
		}
		if len(p.Sufficient) > 0 {
			bad = p
			bad.Sufficient = p.Sufficient[1:]
			if certify.Proposal(t.Context(), d.q, &bad) == nil {
				t.Fatalf("seed %d: a missing set passes", seed)
			}
			counts["mutated sets"]++
		}
		counts["mutated attacks"]++
	}
	t.Logf("%d designs: %v", designs, counts)
}

// decided reports whether some decision is given. The assignments that contradict it are then no business of the sets.
func (d design) decided() bool {
	return slices.ContainsFunc(d.q.Fixed, func(l system.Lit) bool {
		_, i := d.q.System.Node(l.Node())
		return d.q.System.ChoiceKind(i) == system.Decision
	})
}

// verdictUnder is the verdict without the assignments that contradict what is given.
func (tr truth) verdictUnder(d design) string {
	var kept []bool
	for dm, a := range tr.attacked {
		if consistent(d, dm) {
			kept = append(kept, a)
		}
	}
	return truth{attacked: kept}.verdict()
}

func consistent(d design, dm int) bool {
	for i, l := range d.decisions {
		if dm>>i&1 == 0 {
			l = l.Not()
		}
		if slices.Contains(d.q.Fixed, l.Not()) {
			return false
		}
	}
	return true
}
