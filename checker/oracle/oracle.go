package oracle

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
	"sort"

	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Oracle answers questions about one model.
type Oracle struct {
	m       *threats.Model
	many    int // members of each actor that stands for many
	all     map[*models.Element][]val
	entries map[*models.ProcessValue]map[string]*models.Expr
	places  []place
	written map[*models.Expr]*models.Expr // by use of a define of a catalogue: what it says
}

// place is a control where it stands.
type place struct {
	name string // control@element, or control@component/data
	open bool
}

// New returns the oracle of a model in which each actor that stands for many has so many members: who attacks, who is attacked, and others.
func New(m *threats.Model, many int) *Oracle {
	o := &Oracle{m: m, many: many, all: map[*models.Element][]val{}, entries: map[*models.ProcessValue]map[string]*models.Expr{}, written: map[*models.Expr]*models.Expr{}}
	for _, e := range m.Design.Elements {
		for _, c := range e.Controls {
			if !c.Given {
				o.places = append(o.places, place{c.Control.Name + "@" + e.Name, c.Open})
			}
		}
		for _, s := range e.Stores {
			for _, c := range s.Controls {
				o.places = append(o.places, place{c.Control.Name + "@" + e.Name + "/" + s.Data.Name, c.Open})
			}
		}
	}
	for _, p := range m.Design.Processes {
		for _, v := range p.Values {
			if v.All == nil {
				o.entries[v] = o.table(v)
			}
		}
	}
	return o
}

func (o *Oracle) table(v *models.ProcessValue) map[string]*models.Expr {
	out := map[string]*models.Expr{}
	var args []*models.Expr
	var texts []val
	var visit func(i int)
	visit = func(i int) {
		if i == len(v.Params) {
			out[name("", "", texts)] = v.At(args...)
			return
		}
		for _, x := range o.m.Design.Literals(v.Params[i]) {
			for _, y := range o.meant(x) {
				args, texts = append(args, x), append(texts, y)
				visit(i + 1)
				args, texts = args[:i], texts[:i]
			}
		}
	}
	visit(0)
	return out
}

// Answer is what brute force finds out about a case.
type Answer struct {
	Verdict string          // holds, violated or depends; unknown: it would hold but for a domain that stops a step
	Within  string          // the verdict if domains were no matter
	Cost    int             // of the cheapest attack, and of these
	Steps   int             // the fewest
	Stopped map[string]bool // the steps that a domain stops in some state that can be reached, under choices where it would hold
	Large   bool            // there are more states than the limit: nothing else is said
}

// Case answers a case of a requirement: for a coalition, and a binding of its `for` variables by their texts. It gives up above a number of states.
func (o *Oracle) Case(r *models.Requirement, attackers []*models.Attacker, bindings []string, limit int) Answer {
	out := Answer{Cost: -1, Stopped: map[string]bool{}}
	for _, f := range r.Each { // a name of a short form is a case of its own
		if f.Args[0].Element.Name == bindings[len(bindings)-1] {
			one := *r
			one.F = f
			r = &one
			break
		}
	}
	var bad []bool // by decisions
	for _, decided := range o.decisions() {
		attacked, stopped := false, map[string]bool{}
		for _, choices := range o.failures(decided, r.Failures) {
			w := &world{o: o, choices: choices, env: map[*models.Var]val{}, speaks: true}
			for i, v := range r.For {
				for _, x := range w.values(v.Type) {
					if x.text == bindings[i] {
						w.env[v] = x
					}
				}
			}
			f := w.run(r, attackers, limit)
			if f.large {
				return Answer{Large: true}
			}
			reached := f.cost >= 0
			if r.Kind == models.Possible {
				if !reached {
					attacked = true
					maps.Copy(stopped, f.stopped)
				}
				continue
			}
			maps.Copy(stopped, f.stopped)
			if reached {
				attacked = true
				if out.Cost < 0 || f.cost < out.Cost || f.cost == out.Cost && f.steps < out.Steps {
					out.Cost, out.Steps = f.cost, f.steps
				}
			}
		}
		if attacked == (r.Kind == models.Possible) {
			maps.Copy(out.Stopped, stopped)
		}
		bad = append(bad, attacked)
	}
	switch {
	case !slices.Contains(bad, true):
		out.Verdict = "holds"
	case !slices.Contains(bad, false):
		out.Verdict = "violated"
	default:
		out.Verdict = "depends"
	}
	out.Within = out.Verdict
	if len(out.Stopped) > 0 {
		out.Verdict = "unknown"
	}
	return out
}

// decisions returns all ways to decide what is open: which controls are there.
func (o *Oracle) decisions() []map[string]bool {
	out := []map[string]bool{{}}
	for _, p := range o.places {
		var next []map[string]bool
		for _, d := range out {
			with := maps.Clone(d)
			with[p.name] = true
			if next = append(next, with); p.open {
				next = append(next, d)
			}
		}
		out = next
	}
	return out
}

// failures returns what is left of the controls after at most n of those that are there have failed.
func (o *Oracle) failures(there map[string]bool, n int) []map[string]bool {
	out := []map[string]bool{there}
	if n == 0 {
		return out
	}
	names := slices.Collect(maps.Keys(there))
	sort.Strings(names)
	for _, c := range names {
		less := maps.Clone(there)
		delete(less, c)
		out = append(out, o.failures(less, n-1)...)
	}
	return out
}

// found is the outcome of a search.
type found struct {
	cost, steps int             // -1: not reached
	stopped     map[string]bool // steps
	large       bool
}

// node is a state on the way, with the costly threats paid for.
type node struct {
	s           state
	paid        map[string]int
	cost, steps int
}

type queue []*node

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(q[i].cost, q[j].cost), cmp.Compare(q[i].steps, q[j].steps)) < 0
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(*node)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// run searches all runs, the cheapest and then the shortest first, to the end, for whether a step is stopped may show late.
func (w *world) run(r *models.Requirement, attackers []*models.Attacker, limit int) found {
	out := found{cost: -1, stopped: map[string]bool{}}
	target := func(s state) bool {
		w.s, w.speaks = s, true
		if r.Secret && w.given(r.F.Args[0], attackers) {
			return false
		}
		return w.formula(r.F) != (r.Kind == models.Always)
	}
	allowed := func(s state) bool {
		w.s, w.speaks = s, true
		for _, a := range w.o.m.Design.Assumptions {
			if !w.formula(a.F) {
				return false
			}
		}
		return r.Kind != models.OnlyAfter || !w.formula(r.G)
	}
	budget, limited := 0, len(attackers) > 0
	for _, a := range attackers {
		limited = limited && a.Budget >= 0
		budget += a.Budget
	}
	w.speaks = false
	start := w.start(attackers)
	if !allowed(start) {
		return out
	}
	open := &queue{{s: start, paid: map[string]int{}}}
	done := map[string]bool{}
	for open.Len() > 0 {
		n := heap.Pop(open).(*node)
		key := n.s.key()
		for _, p := range slices.Sorted(maps.Keys(n.paid)) {
			key += "|" + p
		}
		if done[key] {
			continue
		}
		done[key] = true
		if len(done) > limit {
			return found{large: true}
		}
		if out.cost < 0 && target(n.s) {
			out.cost, out.steps = n.cost, n.steps
		}
		w.s, w.speaks = n.s, false
		for _, m := range w.moves(r, attackers, out.stopped) {
			if !allowed(m.s) {
				continue
			}
			next := &node{s: m.s, paid: n.paid, cost: n.cost, steps: n.steps + 1}
			if _, ok := n.paid[m.threat]; m.cost > 0 && !ok {
				next.paid = maps.Clone(n.paid)
				next.paid[m.threat] = m.cost
				next.cost += m.cost
			}
			if limited && next.cost > budget {
				continue
			}
			heap.Push(open, next)
		}
	}
	return out
}
