package oracle

import (
	"container/heap"
	"fmt"
	"maps"
	"math/rand"
	"slices"

	"github.com/vauban-verifier/vauban/models"
)

// Entry is an event of a log: an observed step that was taken.
type Entry struct {
	Source int
	After  []int // by source: how many of its events were before
	Step   *models.Step
	Args   []string // "" is any
}

// Log is what runs must leave.
type Log struct {
	Events   []Entry
	Observed map[*models.Step]bool
	Lost     int // so many events may be lost
}

// Left is what brute force finds out about a log.
type Left struct {
	Cost, Steps int  // of the cheapest run that leaves it, and of these the shortest; -1: there is none
	Large       bool // there are more states than the limit: nothing else is said
}

// reach is how far a run has come in a log.
type reach struct {
	gone []int // by source
	lost int
}

// Leaves looks for a run of attackers that leaves a log, whatever is decided and however so many controls fail. It gives up above a number of states.
func (o *Oracle) Leaves(attackers []*models.Attacker, l Log, failures, limit int) Left {
	out := Left{Cost: -1}
	for _, decided := range o.decisions() {
		for _, choices := range o.failures(decided, failures) {
			w := &world{o: o, choices: choices, env: map[*models.Var]val{}, speaks: true}
			f := w.leaves(attackers, l, limit)
			if f.Large {
				return f
			}
			if f.Cost >= 0 && (out.Cost < 0 || f.Cost < out.Cost || f.Cost == out.Cost && f.Steps < out.Steps) {
				out = f
			}
		}
	}
	return out
}

// leaving is a node with how far it has come.
type leaving struct {
	node
	at reach
}

type leavings []*leaving

func (q leavings) Len() int { return len(q) }
func (q leavings) Less(i, j int) bool {
	return q[i].cost < q[j].cost || q[i].cost == q[j].cost && q[i].steps < q[j].steps
}
func (q leavings) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *leavings) Push(x any)   { *q = append(*q, x.(*leaving)) }
func (q *leavings) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// allowed reports whether a run may be in a state.
func (w *world) allowed(s state) bool {
	w.s, w.speaks = s, true
	return !slices.ContainsFunc(w.o.m.Design.Assumptions, func(a *models.Assumption) bool { return !w.formula(a.F) })
}

func (w *world) leaves(attackers []*models.Attacker, l Log, limit int) Left {
	of := map[int][]Entry{}
	sources := 0
	for _, e := range l.Events {
		of[e.Source] = append(of[e.Source], e)
		sources = max(sources, e.Source+1)
	}
	budget, limited := 0, len(attackers) > 0
	for _, a := range attackers {
		limited = limited && a.Budget >= 0
		budget += a.Budget
	}
	w.speaks = false
	start := w.start(attackers)
	if !w.allowed(start) {
		return Left{Cost: -1}
	}
	open := &leavings{{node{s: start, paid: map[string]int{}}, reach{gone: make([]int, sources)}}}
	done := map[string]bool{}
	for open.Len() > 0 {
		n := heap.Pop(open).(*leaving)
		key := fmt.Sprint(n.s.key(), n.at, slices.Sorted(maps.Keys(n.paid)))
		if done[key] {
			continue
		}
		if done[key] = true; len(done) > limit {
			return Left{Large: true}
		}
		left := 0
		for s, k := range n.at.gone {
			left += len(of[s]) - k
		}
		if left == 0 {
			return Left{Cost: n.cost, Steps: n.steps}
		}
		w.s, w.speaks = n.s, false
		for _, m := range w.moves(&models.Requirement{}, attackers, map[string]bool{}) {
			if !w.allowed(m.s) {
				continue
			}
			next := leaving{node{s: m.s, paid: n.paid, cost: n.cost, steps: n.steps + 1}, n.at}
			if _, ok := n.paid[m.threat]; m.cost > 0 && !ok {
				next.paid = maps.Clone(n.paid)
				next.paid[m.threat] = m.cost
				next.cost += m.cost
			}
			if limited && next.cost > budget {
				continue
			}
			for _, at := range n.at.after(m, l, of) {
				one := next
				one.at = at
				heap.Push(open, &one)
			}
		}
	}
	return Left{Cost: -1}
}

// after returns how far a run may have come after a move.
func (r reach) after(m move, l Log, of map[int][]Entry) []reach {
	switch {
	case m.step == nil || !l.Observed[m.step]:
		return []reach{r}
	case m.forced:
		return nil
	}
	var out []reach
	for source, n := range r.gone {
		if n == len(of[source]) {
			continue
		}
		e := of[source][n]
		fits := e.Step == m.step
		for i, a := range e.Args {
			fits = fits && (a == "" || a == m.args[i])
		}
		for other, k := range e.After {
			fits = fits && (other == source || r.gone[other] >= k)
		}
		if fits {
			next := reach{slices.Clone(r.gone), r.lost}
			next.gone[source]++
			out = append(out, next)
		}
	}
	if r.lost < l.Lost {
		out = append(out, reach{r.gone, r.lost + 1})
	}
	return out
}

// Walk runs a design by chance, for so many moves at the most, and returns the log that this leaves. All controls work, and what is open is not there.
func (o *Oracle) Walk(rng *rand.Rand, attackers []*models.Attacker, observed map[*models.Step]bool, moves int) []Entry {
	choices := o.decisions()
	w := &world{o: o, choices: choices[len(choices)-1], env: map[*models.Var]val{}}
	s := w.start(attackers)
	if !w.allowed(s) {
		return nil
	}
	var out []Entry
	for range moves {
		w.s, w.speaks = s, false
		var list, attacks []move
		for _, m := range w.moves(&models.Requirement{}, attackers, map[string]bool{}) {
			if w.allowed(m.s) && m.s.key() != s.key() && !(m.forced && observed[m.step]) {
				if list = append(list, m); m.step == nil || m.forced {
					attacks = append(attacks, m)
				}
			}
		}
		if len(attacks) > 0 && rng.Intn(2) == 0 { // honest steps are many
			list = attacks
		}
		if len(list) == 0 {
			break
		}
		m := list[rng.Intn(len(list))]
		if s = m.s; m.step != nil && observed[m.step] {
			out = append(out, Entry{Step: m.step, Args: m.args})
		}
	}
	return out
}
