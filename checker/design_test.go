package checker_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/internal/systemtest"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// This file holds grounding to the definition of the language: a second reading of designs, written from the text of the definition over the
// resolved design alone, which goes through all decisions, all failures and all states. It shares nothing with package ground.

var designs = flag.Int("designs", 150, "how many random designs are gone through")

// place is a control at its place: what may be decided, and what may fail.
type place struct {
	control  *models.Control
	on, data *models.Element
	open     bool
}

func (p place) String() string {
	s := p.control.Name + "@" + p.on.Name
	if p.data != nil {
		s += "/" + p.data.Name
	}
	return s
}

// places lists the controls that may be decided or may fail. What a protocol gives does neither.
func places(d *models.Design) []place {
	var out []place
	for _, e := range d.Elements {
		for _, s := range e.Controls {
			if e.Flow == nil || !slices.Contains(e.Flow.Protocol.Gives, s.Control) {
				out = append(out, place{s.Control, e, nil, s.Open})
			}
		}
		for _, st := range e.Stores {
			for _, s := range st.Controls {
				out = append(out, place{s.Control, e, st.Data, s.Open})
			}
		}
	}
	return out
}

// world is a design with everything decided: which controls work.
type world struct {
	d     *models.Design
	works map[place]bool // open is not set in the keys
	facts map[fact]int   // numbered as they are met
}

// fact is a predicate of elements.
type fact struct {
	predicate *models.Predicate
	a, b, c   *models.Element
}

// state is a set of facts, by number.
type state [2]uint64

func (st state) has(n int) bool { return st[n/64]>>(n%64)&1 == 1 }

// with returns the state with a fact set or taken out.
func (st state) with(n int, set bool) state {
	st[n/64] |= 1 << (n % 64)
	if !set {
		st[n/64] &^= 1 << (n % 64)
	}
	return st
}

func (w *world) number(f fact) int {
	n, ok := w.facts[f]
	if !ok {
		if n = len(w.facts); n >= 128 {
			panic("more facts than a state has room for")
		}
		w.facts[f] = n
	}
	return n
}

type env map[*models.Var]*models.Element

// leads reports whether steps of a closure lead from its first argument to its second.
func (w *world) leads(e *models.Expr, at env, st state) bool {
	from, _ := w.term(e.Args[0], at, st).(*models.Element)
	to, _ := w.term(e.Args[1], at, st).(*models.Element)
	x, y := e.Define.Params[0], e.Define.Params[1]
	seen := map[*models.Element]bool{}
	var visit func(a *models.Element)
	visit = func(a *models.Element) {
		for _, b := range w.d.Elements {
			if !seen[b] && a.Is(x.Type.Kind) && b.Is(y.Type.Kind) && w.truth(e.Define.Step, env{x: a, y: b}, st) {
				seen[b] = true
				visit(b)
			}
		}
	}
	if from != nil {
		visit(from)
	}
	return to != nil && seen[to]
}

func (w *world) truth(e *models.Expr, at env, st state) bool {
	switch e.Op {
	case models.OpTrue:
		return true
	case models.OpFalse:
		return false
	case models.OpNot:
		return !w.truth(e.Args[0], at, st)
	case models.OpAnd:
		return !slices.ContainsFunc(e.Args, func(a *models.Expr) bool { return !w.truth(a, at, st) })
	case models.OpOr:
		return slices.ContainsFunc(e.Args, func(a *models.Expr) bool { return w.truth(a, at, st) })
	case models.OpImplies:
		return !w.truth(e.Args[0], at, st) || w.truth(e.Args[1], at, st)
	case models.OpForall, models.OpExists:
		all := true
		some := false
		w.each(e.Vars, at, func(inner env) {
			v := w.truth(e.Args[0], inner, st)
			all, some = all && v, some || v
		})
		if e.Op == models.OpForall {
			return all
		}
		return some
	case models.OpDefined:
		return w.truth(e.Body(), at, st)
	case models.OpClosure:
		return w.leads(e, at, st)
	case models.OpEq:
		x, y := w.term(e.Args[0], at, st), w.term(e.Args[1], at, st)
		return x != nil && x == y
	case models.OpNe:
		x, y := w.term(e.Args[0], at, st), w.term(e.Args[1], at, st)
		return x == nil || x != y
	case models.OpLt, models.OpLe, models.OpGt, models.OpGe:
		x, okX := w.term(e.Args[0], at, st).(int64)
		y, okY := w.term(e.Args[1], at, st).(int64)
		return okX && okY && map[models.Op]bool{models.OpLt: x < y, models.OpLe: x <= y, models.OpGt: x > y, models.OpGe: x >= y}[e.Op]
	case models.OpPredicate:
		n, ok := w.fact(e.Predicate, e.Args, at, st)
		return ok && st.has(n)
	}
	x, _ := w.term(e.Args[0], at, st).(*models.Element)
	if x == nil {
		return false
	}
	switch e.Op {
	case models.OpIs:
		return x.Is(e.Kind)
	case models.OpHas:
		return w.has(x, nil, e.Control)
	case models.OpOver:
		return x.Flow.Protocol.Is(e.Protocol)
	case models.OpBlocked:
		return x.Flow.Blocked
	case models.OpClaimsNone:
		return slices.ContainsFunc(x.None, func(c models.Claim) bool { return c.Relation == e.Word })
	}
	y, _ := w.term(e.Args[1], at, st).(*models.Element)
	if y == nil {
		return false
	}
	among := func(list []*models.Element) bool { return slices.Contains(list, y) }
	switch e.Op {
	case models.OpIn:
		return x.Inside(y)
	case models.OpStores:
		i := slices.IndexFunc(x.Stores, func(s models.Stored) bool { return s.Data == y })
		return i >= 0 && (e.Control == nil || w.has(x, y, e.Control))
	case models.OpHandles:
		return among(x.Handles)
	case models.OpCarries:
		return among(x.Flow.Carries)
	case models.OpReturns:
		return among(x.Flow.Returns)
	case models.OpThrough:
		return among(x.Flow.Through)
	case models.OpAccepts:
		return among(x.Accepts)
	case models.OpAuthenticated:
		return among(x.Flow.Authenticated)
	case models.OpRunsOn:
		return among(x.RunsOn)
	case models.OpRelation:
		return among(x.Relations[e.Relation])
	}
	panic(fmt.Sprintf("formula %d", e.Op))
}

func (w *world) has(x, data *models.Element, c *models.Control) bool {
	if data == nil && x.Flow != nil && slices.Contains(x.Flow.Protocol.Gives, c) {
		return true
	}
	return w.works[place{control: c, on: x, data: data}]
}

// term returns an element, an integer, a word, or nil where there is no value.
func (w *world) term(e *models.Expr, at env, st state) any {
	element := func(x *models.Element) any {
		if x == nil {
			return nil
		}
		return x
	}
	switch e.Op {
	case models.OpInt:
		return e.Int
	case models.OpVar:
		return element(at[e.Var])
	case models.OpElement:
		return element(e.Element)
	case models.OpWord:
		return e.Word
	case models.OpProtocolName:
		return e.Protocol.Name
	case models.OpIf:
		if w.truth(e.Args[0], at, st) {
			return w.term(e.Args[1], at, st)
		}
		return w.term(e.Args[2], at, st)
	case models.OpAdd, models.OpSub, models.OpMul:
		x, okX := w.term(e.Args[0], at, st).(int64)
		y, okY := w.term(e.Args[1], at, st).(int64)
		if !okX || !okY {
			return nil
		}
		return map[models.Op]int64{models.OpAdd: x + y, models.OpSub: x - y, models.OpMul: x * y}[e.Op]
	case models.OpSum:
		n, all := int64(0), true
		w.each(e.Vars, at, func(inner env) {
			if len(e.Args) > 1 && !w.truth(e.Args[1], inner, st) {
				return
			}
			x, ok := w.term(e.Args[0], inner, st).(int64)
			n, all = n+x, all && ok
		})
		if !all {
			return nil
		}
		return n
	case models.OpCount:
		n := int64(0)
		w.each(e.Vars, at, func(inner env) {
			if w.truth(e.Args[0], inner, st) {
				n++
			}
		})
		return n
	}
	x, _ := w.term(e.Args[0], at, st).(*models.Element)
	if x == nil {
		return nil
	}
	switch e.Op {
	case models.OpSource:
		return element(x.Flow.Source)
	case models.OpTarget:
		return element(x.Flow.Target)
	case models.OpProtocol:
		return x.Flow.Protocol.Name
	case models.OpZone:
		return element(x.Place(e))
	case models.OpAttribute:
		v, ok := x.Attributes[e.Attribute]
		switch {
		case !ok:
			return nil
		case e.Attribute.Words != nil:
			return v.Word
		}
		return v.Int
	}
	panic(fmt.Sprintf("term %d", e.Op))
}

// each calls yield for every binding of the variables to elements of their kinds.
func (w *world) each(vars []*models.Var, at env, yield func(env)) {
	if len(vars) == 0 {
		yield(at)
		return
	}
	for _, x := range w.d.Elements {
		if x.Is(vars[0].Type.Kind) {
			inner := env{vars[0]: x}
			for k, v := range at {
				inner[k] = v
			}
			w.each(vars[1:], inner, yield)
		}
	}
}

// fact returns a fact's number; ok is false where a predicate is not made for its arguments.
func (w *world) fact(p *models.Predicate, args []*models.Expr, at env, st state) (n int, ok bool) {
	var of [3]*models.Element
	for i, a := range args {
		x, _ := w.term(a, at, st).(*models.Element)
		if x == nil || !p.Accepts(i, x) {
			return 0, false
		}
		of[i] = x
	}
	return w.number(fact{p, of[0], of[1], of[2]}), true
}

// truth of a case: over all total decisions, and least cost, then fewest steps.
type truth struct {
	decisions []place
	attacked  []bool
	cost      int
	steps     int
	tooLarge  bool // not all runs were gone through
}

// maxNodes bounds the search of one world.
const maxNodes = 1500

func (tr truth) verdict() checker.Verdict {
	switch {
	case !slices.Contains(tr.attacked, true):
		return checker.Holds
	case !slices.Contains(tr.attacked, false):
		return checker.Violated
	}
	return checker.Depends
}

// read answers one case from the definition: at binds the `for` variables.
func read(m *threats.Model, q *models.Requirement, coalition []*models.Attacker, at env) truth {
	var open []place
	all := places(m.Design)
	for _, p := range all {
		if p.open {
			open = append(open, p)
		}
	}
	tr := truth{decisions: open, attacked: make([]bool, 1<<len(open)), cost: -1}
	for decided := range 1 << len(open) {
		for failed := range 1 << len(all) {
			w := &world{d: m.Design, works: map[place]bool{}, facts: map[fact]int{}}
			n, next, ok := 0, 0, true
			for i, p := range all {
				there := true
				if p.open {
					there = decided>>next&1 == 1
					next++
				}
				fails := failed>>i&1 == 1
				if fails {
					n++
				}
				ok = ok && (there || !fails)
				w.works[place{p.control, p.on, p.data, false}] = there && !fails
			}
			if !ok || n > q.Failures {
				continue
			}
			cost, steps := w.attack(m, q, coalition, at)
			if cost == gaveUp {
				tr.tooLarge = true
				return tr
			}
			if q.Kind == models.Possible {
				tr.attacked[decided] = tr.attacked[decided] || cost < 0
				continue
			}
			if cost >= 0 {
				tr.attacked[decided] = true
				if tr.cost < 0 || cost < tr.cost || cost == tr.cost && steps < tr.steps {
					tr.cost, tr.steps = cost, steps
				}
			}
		}
	}
	return tr
}

const (
	none   = -1 // no attack
	gaveUp = -2
)

// instance is a threat with its variables bound.
type instance struct {
	threat *threats.Threat
	at     env
	cost   int
	bit    int // of what is paid, for one that costs
}

// attack searches all runs of one world, the cheapest first.
func (w *world) attack(m *threats.Model, q *models.Requirement, coalition []*models.Attacker, bound env) (cost, steps int) {
	start, budget := state{}, 0
	for _, a := range coalition {
		for _, s := range a.Start {
			start = start.with(w.number(fact{predicate: s.Predicate, a: s.Args[0]}), true)
		}
		if a.Budget < 0 || budget < 0 {
			budget = -1
		} else {
			budget += a.Budget
		}
	}
	bad := func(st state) bool {
		f := w.truth(q.F, bound, st)
		if q.Kind == models.Always {
			return !f
		}
		return f
	}
	allowed := func(st state) bool {
		if q.Kind == models.OnlyAfter && w.truth(q.G, bound, st) {
			return false
		}
		return q.Static || !slices.ContainsFunc(m.Design.Assumptions, func(a *models.Assumption) bool { return !w.truth(a.F, nil, st) })
	}
	var rules []instance
	costly := 0
	for _, t := range m.Catalogue.Threats {
		banned := len(coalition) == 0 || q.Static || q.Kind == models.Possible
		if !banned {
			banned = !slices.ContainsFunc(coalition, func(a *models.Attacker) bool { return !slices.Contains(a.Without, t.ID) })
		}
		if banned {
			continue
		}
		w.each(t.For, nil, func(e env) {
			for _, x := range e {
				if x.Flow != nil && x.Flow.Blocked {
					return // no threat uses what is not permitted
				}
			}
			c := t.Cost
			for _, h := range t.Harder {
				if w.has(e[h.Var], nil, h.Control) {
					c += h.Cost
				}
			}
			if c > 0 {
				costly++
			}
			rules = append(rules, instance{t, e, c, costly - 1})
		})
	}
	type node struct {
		st          state
		paid        [4]uint64 // by number of the instance
		cost, steps int
	}
	if costly > 256 {
		return gaveUp, 0
	}
	if !allowed(start) {
		return none, 0
	}
	// Nodes wait in the order of their cost, then of their steps; each step raises that, so that the first time is the best.
	open := map[[2]int][]node{{0, 0}: {{st: start}}}
	type seen struct {
		st   state
		paid [4]uint64
	}
	done := map[seen]bool{}
	for len(open) > 0 {
		at := slices.MinFunc(slices.Collect(maps.Keys(open)), func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
		list := open[at]
		n := list[len(list)-1]
		if open[at] = list[:len(list)-1]; len(list) == 1 {
			delete(open, at)
		}
		if k := (seen{n.st, n.paid}); done[k] {
			continue
		} else {
			done[k] = true
		}
		if len(done) > maxNodes {
			return gaveUp, 0
		}
		if bad(n.st) {
			return n.cost, n.steps
		}
		for _, r := range rules {
			if !w.truth(r.threat.When, r.at, n.st) {
				continue
			}
			next := node{st: n.st, paid: n.paid, cost: n.cost, steps: n.steps + 1}
			if r.cost > 0 && n.paid[r.bit/64]>>(r.bit%64)&1 == 0 {
				next.paid[r.bit/64] |= 1 << (r.bit % 64)
				next.cost += r.cost
			}
			for _, set := range []bool{false, true} {
				for _, e := range r.threat.Then {
					f, ok := w.fact(e.Predicate, e.Args, r.at, n.st)
					if ok && e.Set == set {
						next.st = next.st.with(f, set)
					}
				}
			}
			if budget >= 0 && len(coalition) > 0 && next.cost > budget || !allowed(next.st) || next.st == n.st {
				continue
			}
			open[[2]int{next.cost, next.steps}] = append(open[[2]int{next.cost, next.steps}], next)
		}
	}
	return none, 0
}

// minimal returns the minimal sets of decisions that make a case hold.
func (tr truth) minimal() []string {
	var out []string
	for _, p := range systemtest.Minimal(len(tr.decisions), tr.attacked) {
		var set []string
		for i, at := range tr.decisions {
			if p.Mask>>i&1 == 1 {
				set = append(set, fmt.Sprintf("%s=%t", at, p.Val>>i&1 == 1))
			}
		}
		slices.Sort(set)
		out = append(out, strings.Join(set, " "))
	}
	slices.Sort(out)
	return out
}

func TestDesignsMeanWhatTheDefinitionSays(t *testing.T) {
	alone(t)
	t.Parallel()
	counts := map[checker.Verdict]int{}
	for seed := range int64(*designs) {
		catalogue, design := randomDesign(rand.New(rand.NewSource(seed)))
		m := load(t, map[string]string{"random.vbn": design, "tiny.yaml": catalogue}, "random.vbn")
		r, err := checker.Check(context.Background(), m, checker.Options{AsOf: "2026-01-01", Resilience: seed%4 == 0})
		if err != nil {
			t.Fatalf("seed %d: %v\n%s\n%s", seed, err, catalogue, design)
		}
		for _, q := range r.Requirements {
			for _, c := range q.Cases {
				at := env{}
				for i, v := range q.Source.For {
					at[v] = m.Design.Lookup(c.Bindings[i].Value)
				}
				source := q.Source
				for _, f := range source.Each { // a case for each name
					if f.Args[0].Element.Name == c.Bindings[len(c.Bindings)-1].Value {
						one := *q.Source
						one.F = f
						source = &one
					}
				}
				tr := read(m, source, c.Attackers, at)
				if tr.tooLarge {
					counts["too large to go through"]++
					continue
				}
				counts[c.Verdict]++
				if c.Resilience != nil {
					if want, ok := leastFailures(m, source, c.Attackers, at); ok && (c.Resilience.Least != want || c.Resilience.More || !c.Resilience.All) {
						t.Fatalf("seed %d: %s breaks with %+v failures, the definition says %d\n%s\n%s", seed, q.Source.Name, c.Resilience, want, catalogue, design)
					}
					counts["resilience"]++
				}
				fail := func(format string, args ...any) {
					t.Fatalf("seed %d: %s %v %v: %s\n%s\n%s", seed, q.Source.Name, c.Bindings, len(c.Attackers), fmt.Sprintf(format, args...), catalogue, design)
				}
				if c.Verdict == checker.Unknown {
					if !deletes(m) {
						fail("unknown on a design without deletions: %s", c.Unknown.Text)
					}
					continue
				}
				if c.Verdict != tr.verdict() {
					fail("%s, the definition says %s", c.Verdict, tr.verdict())
				}
				if c.Verdict == checker.Holds {
					continue
				}
				switch {
				case q.Source.Kind == models.Possible:
				case q.Source.Static:
					if len(c.Breaks) == 0 {
						fail("nothing breaks it")
					}
				case c.Attack.Cost < tr.cost || c.Attack.CostAtLeast > tr.cost || !deletes(m) && (c.Attack.Cost != tr.cost || len(c.Attack.Steps) != tr.steps):
					fail("cost %d (at least %d) in %d steps, the definition says %d in %d", c.Attack.Cost, c.Attack.CostAtLeast, len(c.Attack.Steps), tr.cost, tr.steps)
				}
				var sets []string
				for _, s := range c.Sufficient {
					var set []string
					for _, x := range s {
						p := x.Control + "@" + x.On
						if x.Data != "" {
							p += "/" + x.Data
						}
						set = append(set, fmt.Sprintf("%s=%t", p, x.Is))
					}
					slices.Sort(set)
					sets = append(sets, strings.Join(set, " "))
				}
				slices.Sort(sets)
				if want := tr.minimal(); c.Verdict == checker.Depends && !slices.Equal(sets, want) {
					fail("sufficient sets %v, the definition says %v", sets, want)
				}
			}
		}
	}
	t.Logf("%d designs: %v", *designs, counts)
}

// deletes reports whether a threat of the model takes something back, or waits for what is not so yet, so that an engine may give up.
func deletes(m *threats.Model) bool {
	return slices.ContainsFunc(m.Catalogue.Threats, func(t *threats.Threat) bool {
		return waits(t.When, false) || slices.ContainsFunc(t.Then, func(e threats.Effect) bool {
			return !e.Set || slices.ContainsFunc(e.Args, (*models.Expr).MentionsFact)
		})
	})
}

// waits reports whether a formula, or its complement, can become false while more and more facts become true.
func waits(e *models.Expr, negated bool) bool {
	switch e.Op {
	case models.OpPredicate:
		return negated
	case models.OpNot:
		return waits(e.Args[0], !negated)
	case models.OpImplies:
		return waits(e.Args[0], !negated) || waits(e.Args[1], negated)
	case models.OpAnd, models.OpOr, models.OpForall, models.OpExists:
		return slices.ContainsFunc(e.Args, func(a *models.Expr) bool { return waits(a, negated) })
	case models.OpGe:
		return e.MentionsFact() && (negated || e.Args[0].Op != models.OpCount || waits(e.Args[0].Args[0], false))
	}
	return e.MentionsFact()
}
