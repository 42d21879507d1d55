package certify

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
)

// Limits of a law.
const (
	maxWeight  = 1 << 30 // of a fact, either way: so many facts as there may be weigh no more than an integer holds
	maxOn      = 12      // variables that a change depends on, of those that change together
	maxTries   = 1 << 16 // combinations of their values
	maxWork    = 1 << 24 // the same, and gates that are looked at, of all laws together
	maxWeighed = 1 << 22 // literals that are looked at to see what laws exclude
)

// conservation checks that laws hold at the start and that no rule breaks one, by arithmetic alone; what follows from them is said by outweighed.
//
// A variable is a class, of whose facts a law says that exactly one is true, or a single fact or choice. What a rule does to the weight of a law is the sum of what it does
// to groups of facts that depend on no common variable. So each group is tried by itself, with all values of its variables with which the rule can be taken, and must always change the
// weight by the same; and all groups together must not change it. In the state before all laws are taken to hold, which is what makes classes.
type conservation struct {
	q    *system.Question
	laws []system.Law
	ever []bool // by literal: it may be true in some state of some run

	started []bool // by fact: it is true at the start
	vars    []variable
	of      []int32                  // by node of a fact or choice: its variable
	needs   map[int32][]int32        // by node: the variables that it depends on, ascending; no more than one above maxOn
	weight  []map[int32]int          // by law, by fact
	about   map[int32][]int32        // by fact: the laws that it has a weight in
	named   map[int32][][]system.Lit // by variable: clauses that hold in the state before, too

	value []system.Value         // by node of a fact or choice
	known map[int32]system.Value // by gate's node, of the values as they are
	work  int
}

// variable is a class of facts, or one fact or choice that is true or false.
type variable struct {
	nodes []int32
	class bool
}

func (v variable) values() int {
	if v.class {
		return len(v.nodes)
	}
	return 2
}

// newConservation returns an error for laws that are malformed.
func newConservation(q *system.Question, inv *system.Invariant, ever []bool) (*conservation, error) {
	s := q.System
	c := &conservation{
		q: q, laws: inv.Laws, ever: ever, started: make([]bool, s.Facts()), of: make([]int32, s.Nodes()), value: make([]system.Value, s.Nodes()),
		needs: map[int32][]int32{}, about: map[int32][]int32{}, named: map[int32][][]system.Lit{}, known: map[int32]system.Value{},
	}
	for _, f := range q.Start {
		c.started[f] = true
	}
	for n := range c.of {
		c.of[n], c.value[n] = -1, system.Unknown
	}
	for i, law := range inv.Laws {
		weights, class := make(map[int32]int, len(law.Of)), law.Total == 1
		var nodes []int32
		for k, m := range law.Of {
			if m.Fact < 0 || int(m.Fact) >= s.Facts() || k > 0 && m.Fact <= law.Of[k-1].Fact || m.Weight == 0 || m.Weight > maxWeight || m.Weight < -maxWeight {
				return nil, fmt.Errorf("law %d has facts out of order, or weights out of range", i+1)
			}
			weights[m.Fact] = m.Weight
			c.about[m.Fact] = append(c.about[m.Fact], int32(i))
			nodes = append(nodes, s.Fact(m.Fact).Node())
			class = class && m.Weight == 1 && c.of[nodes[k]] < 0
		}
		c.weight = append(c.weight, weights)
		if class && len(nodes) > 0 {
			c.variable(variable{nodes, true})
		}
	}
	for n := range int32(s.Nodes()) {
		if kind, _ := s.Node(n); c.of[n] < 0 && (kind == system.FactNode || kind == system.ChoiceNode) {
			c.variable(variable{[]int32{n}, false})
		}
	}
	for _, clause := range inv.Clauses {
		for _, l := range clause {
			if int(l.Node()) < s.Nodes() {
				v := c.of[l.Node()]
				c.named[v] = append(c.named[v], clause)
			}
		}
	}
	return c, nil
}

func (c *conservation) variable(v variable) {
	for _, n := range v.nodes {
		c.of[n] = int32(len(c.vars))
	}
	c.vars = append(c.vars, v)
}

// check checks all laws.
func (c *conservation) check(ctx context.Context) error {
	for i := range c.laws {
		if !c.starts(i) {
			return fmt.Errorf("law %d does not hold at the start", i+1)
		}
	}
	for r := range int32(c.q.System.Rules()) {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, i := range c.touched(r) {
			if !c.keeps(r, i) {
				return fmt.Errorf("rule %d may break law %d", r, i+1)
			}
		}
	}
	return nil
}

// Kept returns the laws of an invariant that hold at the start and that no rule breaks, where its clauses and the others of them hold, too; none where one is malformed. The clauses are not checked.
func Kept(ctx context.Context, q *system.Question, inv *system.Invariant) []system.Law {
	ever := newClosure(ctx, q).possible()
	rest := &system.Invariant{Clauses: inv.Clauses, Laws: inv.Laws}
	for {
		c, err := newConservation(q, rest, ever)
		if err != nil || ctx.Err() != nil {
			return nil
		}
		broken := make([]bool, len(rest.Laws))
		for i := range rest.Laws {
			broken[i] = !c.starts(i)
		}
		for r := range int32(q.System.Rules()) {
			for _, i := range c.touched(r) {
				broken[i] = broken[i] || !c.keeps(r, i)
			}
		}
		if !slices.Contains(broken, true) {
			return rest.Laws
		}
		var kept []system.Law
		for i, law := range rest.Laws {
			if !broken[i] {
				kept = append(kept, law)
			}
		}
		rest.Laws = kept
	}
}

// starts reports whether a law holds at the start.
func (c *conservation) starts(law int) bool {
	total := 0
	for _, m := range c.laws[law].Of {
		if c.started[m.Fact] {
			total += m.Weight
		}
	}
	return total == c.laws[law].Total
}

// ascending returns a list in order, each once.
func ascending(list ...[]int32) []int32 {
	out := slices.Concat(list...)
	slices.Sort(out)
	return slices.Compact(out)
}

// touched returns the laws about facts that a rule may change.
func (c *conservation) touched(r int32) []int32 {
	if !c.mayBeTaken(r) {
		return nil
	}
	var out []int32
	for _, e := range c.q.System.Effects(r) {
		out = append(out, c.about[e.Fact]...)
	}
	return ascending(out)
}

func (c *conservation) mayBeTaken(r int32) bool {
	return c.q.Enabled(r) && !slices.ContainsFunc(c.q.System.Guard(r), func(l system.Lit) bool { return !c.ever[l] })
}

// keeps reports whether a rule does not change what a law adds up.
func (c *conservation) keeps(r, law int32) bool {
	sum := 0
	for _, g := range c.groups(r, func(f int32) bool { return c.weight[law][f] != 0 }) {
		by, taken, same := 0, false, true
		ok := c.changes(r, g, func(change []system.Mass) {
			weight := 0
			for _, m := range change {
				weight += m.Weight * c.weight[law][m.Fact]
			}
			same = same && (!taken || weight == by)
			by, taken = weight, true
		})
		if !ok || !same {
			return false
		}
		if !taken {
			return true
		}
		sum += by
	}
	return sum == 0
}

// group is some facts that a rule may change, of which none depends on a variable that another group depends on.
type group struct {
	facts, vars []int32
	effects     map[int32][]system.Effect // by fact
}

// groups returns the facts that a rule may change and that matter, in groups.
func (c *conservation) groups(r int32, matters func(fact int32) bool) []group {
	s := c.q.System
	effects := map[int32][]system.Effect{}
	for _, e := range s.Effects(r) {
		if matters(e.Fact) {
			effects[e.Fact] = append(effects[e.Fact], e)
		}
	}
	facts := slices.Sorted(maps.Keys(effects))
	on := make([][]int32, len(facts)) // the variables that the change of each depends on
	for i, f := range facts {
		on[i] = c.depends(s.Fact(f).Node())
		for _, e := range effects[f] {
			on[i] = ascending(on[i], c.depends(e.When.Node()))
		}
	}
	var out []group
	for len(facts) > 0 {
		g := group{vars: on[0], effects: effects}
		for more := true; more; { // all facts that share a variable with one of the group
			more = false
			for i := len(facts) - 1; i >= 0; i-- {
				if slices.ContainsFunc(on[i], func(v int32) bool { return slices.Contains(g.vars, v) }) {
					g.vars, g.facts, more = ascending(g.vars, on[i]), append(g.facts, facts[i]), true
					facts, on = slices.Delete(facts, i, i+1), slices.Delete(on, i, i+1)
				}
			}
		}
		slices.Sort(g.facts)
		out = append(out, g)
	}
	return out
}

// changes calls f with each change that a rule may make to a group: facts with 1 where they become true and -1 where they become false. It reports whether these are all.
func (c *conservation) changes(r int32, g group, f func(change []system.Mass)) bool {
	s := c.q.System
	tries := 1
	for _, v := range g.vars {
		if tries *= c.vars[v].values(); len(g.vars) > maxOn || tries > maxTries {
			return false
		}
	}
	if c.work += tries; c.work > maxWork {
		return false
	}
	var guard []system.Lit
	for _, l := range s.Guard(r) {
		for _, part := range s.Conjuncts(l) {
			switch on := c.depends(part.Node()); {
			case !slices.ContainsFunc(on, func(v int32) bool { return !slices.Contains(g.vars, v) }):
				guard = append(guard, part)
			case len(on) == 1 && !slices.Contains(g.vars, on[0]) && c.value[part.Node()] == system.Unknown:
				defer c.suppose(on[0], part)()
			}
		}
	}
	all := true
	c.try(g.vars, func() {
		if slices.ContainsFunc(guard, func(l system.Lit) bool { return c.eval(l) == system.No }) || slices.ContainsFunc(g.vars, c.broken) {
			return
		}
		var change []system.Mass
		for _, fact := range g.facts {
			before, sets, clears := c.value[s.Fact(fact).Node()] == system.Yes, false, false
			for _, e := range g.effects[fact] {
				switch c.eval(e.When) {
				case system.Yes:
					sets, clears = sets || e.Set, clears || !e.Set
				case system.Unknown:
					all = false
				}
			}
			switch {
			case !before && sets:
				change = append(change, system.Mass{Fact: fact, Weight: 1})
			case before && clears && !sets:
				change = append(change, system.Mass{Fact: fact, Weight: -1})
			}
		}
		f(change)
	})
	return all
}

// fact reports whether a literal is one of a fact or a choice.
func (c *conservation) fact(l system.Lit) bool {
	return int(l.Node()) < c.q.System.Nodes() && c.of[l.Node()] >= 0
}

// suppose gives a variable the value that a literal of it says, if it says one; what is returned takes that back.
func (c *conservation) suppose(v int32, l system.Lit) func() {
	nodes := c.vars[v].nodes
	if kind, _ := c.q.System.Node(l.Node()); kind == system.GateNode || c.vars[v].class && l.Negated() {
		return func() {}
	}
	for _, n := range nodes {
		c.value[n] = system.No
	}
	if !l.Negated() {
		c.value[l.Node()] = system.Yes
	}
	return func() {
		for _, n := range nodes {
			c.value[n] = system.Unknown
		}
	}
}

// broken reports whether a clause with a variable in it is false.
func (c *conservation) broken(v int32) bool {
	return slices.ContainsFunc(c.named[v], func(clause []system.Lit) bool {
		return !slices.ContainsFunc(clause, func(l system.Lit) bool { return int(l.Node()) >= c.q.System.Nodes() || c.eval(l) != system.No })
	})
}

// Changes are what a rule may do to facts that it changes together.
type Changes struct {
	Facts []int32
	Ways  []Way
	Open  bool // there may be more ways
}

// Way is one of the ways in which facts change: the literals that are true before, one for each variable that the change depends on, and the facts with 1 where they become true and -1 where they become false.
type Way struct {
	Before []system.Lit
	Change []system.Mass
}

// Conserving calls f, for each rule that may be taken, with the changes by which it may change these facts, where classes, which are not checked, tell of which facts one is true. A law about the facts that no change of a rule breaks, however
// they are combined, is one that rules keep.
func Conserving(ctx context.Context, q *system.Question, classes []system.Law, facts []int32, f func(r int32, changes []Changes)) error {
	c, err := newConservation(q, &system.Invariant{Laws: classes}, newClosure(ctx, q).possible())
	if err != nil {
		return err
	}
	matters := make(map[int32]bool, len(facts))
	for _, f := range facts {
		matters[f] = true
	}
	for r := range int32(q.System.Rules()) {
		if !c.mayBeTaken(r) {
			continue
		}
		var out []Changes
		taken := true
		for _, g := range c.groups(r, func(f int32) bool { return matters[f] }) {
			x := Changes{Facts: g.facts}
			x.Open = !c.changes(r, g, func(change []system.Mass) {
				way := Way{Change: change}
				for _, v := range g.vars {
					way.Before = append(way.Before, c.says(v))
				}
				x.Ways = append(x.Ways, way)
			})
			taken = taken && (x.Open || len(x.Ways) > 0)
			out = append(out, x)
		}
		if taken && len(out) > 0 {
			f(r, out)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// says returns the true literal of a variable that has a value.
func (c *conservation) says(v int32) system.Lit {
	for _, n := range c.vars[v].nodes {
		if c.value[n] == system.Yes {
			return system.Lit(n) << 1
		}
	}
	return system.Lit(c.vars[v].nodes[0])<<1 | 1
}

// depends returns the variables that a node depends on; where those are more than maxOn, as many as that and one.
func (c *conservation) depends(n int32) []int32 {
	kind, ref := c.q.System.Node(n)
	switch kind {
	case system.FactNode, system.ChoiceNode:
		return []int32{c.of[n]}
	case system.ConstNode:
		return nil
	}
	out, ok := c.needs[n]
	if !ok {
		for _, in := range c.q.System.Gate(ref) {
			if out = ascending(out, c.depends(in.Node())); len(out) > maxOn {
				out = out[:maxOn+1]
				break
			}
		}
		c.needs[n] = out
	}
	return out
}

// try gives variables, in turn, all the values that they can have, and calls f with each combination.
func (c *conservation) try(vars []int32, f func()) {
	if len(vars) == 0 {
		clear(c.known)
		f()
		return
	}
	v := c.vars[vars[0]]
	for i := range v.values() {
		possible := true
		for k, n := range v.nodes {
			l := system.Lit(n) << 1
			if c.value[n] = system.Yes; v.class && k != i || !v.class && i == 0 {
				c.value[n], l = system.No, l.Not()
			}
			possible = possible && c.ever[l]
		}
		if possible {
			c.try(vars[1:], f)
		}
	}
	for _, n := range v.nodes {
		c.value[n] = system.Unknown
	}
}

// eval returns the value of a literal where variables have the values that they have now.
func (c *conservation) eval(l system.Lit) system.Value {
	n := l.Node()
	out := system.Yes
	switch kind, ref := c.q.System.Node(n); kind {
	case system.ConstNode:
	case system.GateNode:
		v, ok := c.known[n]
		if !ok {
			c.work++
			v = all(c.q.System.Gate(ref), c.eval)
			c.known[n] = v
		}
		out = v
	default:
		out = c.value[n]
	}
	if l.Negated() {
		return out.Not()
	}
	return out
}
