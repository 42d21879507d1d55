package conserve

import (
	"context"
	"slices"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// Limits.
const (
	maxFacts   = 1 << 11 // that laws are about
	maxWays    = 1 << 17 // in which rules change them
	maxClauses = 1 << 13
)

// rule is what a rule does to the facts that laws are about.
type rule struct {
	number  int32
	changes []certify.Changes
}

// Laws proposes an invariant: of each group of facts of which one is true, that this is so; clauses that say of two values of variables that they are not there together; and the laws that
// rules keep where all that is so. It is empty where that is too much.
func Laws(ctx context.Context, q *system.Question) *system.Invariant {
	out := &system.Invariant{}
	facts, groups := about(q)
	for _, group := range groups {
		law := system.Law{Total: 1}
		for _, f := range group {
			law.Of = append(law.Of, system.Mass{Fact: f, Weight: 1})
		}
		out.Laws = append(out.Laws, law)
	}
	if len(facts) > maxFacts {
		return out
	}
	var rules []rule
	ways := 0
	if err := certify.Conserving(ctx, q, out.Laws, facts, func(r int32, changes []certify.Changes) {
		for _, x := range changes {
			ways += len(x.Ways)
		}
		if ways <= maxWays {
			rules = append(rules, rule{r, changes})
		}
	}); err != nil || ways > maxWays {
		return out
	}
	p := newPairs(q, facts, groups)
	p.close(ctx, rules)
	if clauses := p.clauses(ctx); len(clauses) <= maxClauses {
		out.Clauses = clauses
		rules = p.possible(rules)
	}
	out.Laws = append(out.Laws, solve(q, facts, groups, rules)...)
	out.Laws = certify.Kept(ctx, q, out) // what is known of the values of some facts together is not looked at where a law is about one of them alone
	return out
}

// solve returns the laws that no change breaks.
func solve(q *system.Question, facts []int32, groups [][]int32, rules []rule) []system.Law {
	starts := make(map[int32]bool, len(q.Start))
	for _, f := range q.Start {
		starts[f] = true
	}
	base := map[int32]bool{} // of each group, the fact that is true at the start: it is so where no other is
	for _, group := range groups {
		for _, f := range group {
			if starts[f] {
				base[f] = true
			}
		}
	}
	column := make(map[int32]int, len(facts))
	var of []int32
	for _, f := range facts {
		if !base[f] {
			column[f] = len(of)
			of = append(of, f)
		}
	}
	sp := &space{width: len(of)}
	row := make([]uint64, len(of))
	add := func(to int, change []system.Mass) {
		for _, m := range change {
			if i, ok := column[m.Fact]; ok {
				row[i] = (row[i] + uint64(prime+to*m.Weight)) % prime
			}
		}
	}
	for _, r := range rules {
		clear(row)
		for _, x := range r.changes { // all together they change nothing
			if !x.Open {
				add(1, x.Ways[0].Change)
			}
		}
		sp.add(row)
		for _, x := range r.changes {
			if x.Open {
				for _, f := range x.Facts { // of which no law can speak
					clear(row)
					add(1, []system.Mass{{Fact: f, Weight: 1}})
					sp.add(row)
				}
				continue
			}
			for _, way := range x.Ways[1:] { // and each way as much as the others
				clear(row)
				add(1, way.Change)
				add(-1, x.Ways[0].Change)
				sp.add(row)
			}
		}
	}
	var out []system.Law
	for _, weights := range sp.kernel() {
		law := system.Law{}
		for i, weight := range weights {
			if weight != 0 {
				law.Of = append(law.Of, system.Mass{Fact: of[i], Weight: weight})
				if starts[of[i]] {
					law.Total += weight
				}
			}
		}
		out = append(out, law)
	}
	return out
}

// about returns the facts that laws may be about, ascending, and the groups of them, each ascending: those that the question's slice has a fact of, and what else it has.
func about(q *system.Question) (facts []int32, groups [][]int32) {
	matters := make([]bool, q.System.Facts())
	for _, f := range slice.Of(q).Facts {
		matters[f] = true
		facts = append(facts, f)
	}
	for _, group := range q.System.Groups() {
		if slices.ContainsFunc(group, func(f int32) bool { return matters[f] }) {
			group = slices.Clone(group)
			slices.Sort(group)
			groups = append(groups, group)
			facts = append(facts, group...)
		}
	}
	slices.Sort(facts)
	return slices.Compact(facts), groups
}
