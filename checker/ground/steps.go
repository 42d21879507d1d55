package ground

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/checker/ground/term"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// Bound is a step that a domain stops: where When is true, the step would be enabled, but would put something outside its domain
// (or, where Twice is set, give one variable two values). A proof is only as good as no reachable state has that.
type Bound struct {
	Step   *models.Step
	Target string // the variable, fact or message, with its arguments
	Domain string // what it would leave; "" where Twice is set
	Twice  bool
	Forced bool
	When   system.Lit
	Args   []Binding // of the step
}

// processes grounds the steps of all processes, and what attackers do with their messages. It comes after the threats, because what no threat and no
// start can make true (that somebody controls a party, observes a flow or injects on it) needs no rules: they would never be enabled.
func (g *grounder) processes() {
	g.firstStep = g.byThreat.rules()
	for _, a := range g.design.Attackers {
		for _, s := range g.starts(a) {
			g.added[g.fact(s.Predicate, s.Args)] = true
		}
	}
	for _, p := range g.design.Processes {
		for _, v := range p.Vars {
			g.startsInside(v)
		}
	}
	for _, p := range g.design.Processes {
		for _, s := range p.Steps {
			seen := map[string]int32{}
			g.bindings(s.Params, conjuncts(s.When, nil), func(env *scope) { g.take(s, env, false, seen) })
		}
	}
	for _, p := range g.design.Processes {
		for _, s := range p.Steps {
			if !slices.ContainsFunc(s.By, func(e *models.Element) bool { return !g.reachable("controls", e) }) {
				seen := map[string]int32{}
				g.bindings(s.Params, nil, func(env *scope) { g.take(s, env, true, seen) })
			}
		}
	}
	for _, p := range g.design.Processes {
		for _, m := range p.Messages {
			g.wire(m)
		}
	}
}

// reachable reports whether a base predicate could ever be true of an element.
func (g *grounder) reachable(predicate string, e *models.Element) bool {
	p := g.design.Vocabulary.Predicates[predicate]
	args := []*models.Element{e}
	if !accepts(p, args) {
		return false
	}
	f, ok := g.Lookup(p, args)
	return ok && g.added[f]
}

func (g *grounder) base(predicate string, e *models.Element) system.Lit {
	return g.factLit(g.design.Vocabulary.Predicates[predicate], []*models.Element{e})
}

// bindings calls yield with every binding of the parameters under which no condition that the design fixes is false.
// A condition `p = TERM` proposes the values of p.
func (g *grounder) bindings(params []*models.Var, conds []*models.Expr, yield func(*scope)) {
	e := &scope{}
	checks := make([][]*models.Expr, len(params))
	proposers := make([]*models.Expr, len(params))
	bound := &scope{}
	for i, v := range params {
		for _, c := range conds {
			if !isStatic(c) {
				continue
			}
			if c.Op == models.OpEq {
				for k := range 2 {
					if isVar(c.Args[k], v) && known(c.Args[1-k], bound) {
						proposers[i] = c.Args[1-k]
					}
				}
			}
		}
		bound.push(v, term.Value{})
		for _, c := range conds {
			if free := freeVars(c, nil); isStatic(c) && contains(free, v) && allBound(free, params, bound) {
				checks[i] = append(checks[i], c)
			}
		}
	}
	var bind func(depth int)
	bind = func(depth int) {
		if depth == len(params) {
			if g.spend() {
				yield(e)
			}
			return
		}
		v := params[depth]
		u := g.universe(v.Type)
		list := u.values
		if p := proposers[depth]; p != nil {
			list = nil
			for x := range g.term(p, e).All() {
				if _, ok := u.at(x); ok {
					list = append(list, x)
				}
			}
		}
		for _, x := range list {
			if !g.goOn() {
				return
			}
			e.push(v, x)
			if !slices.ContainsFunc(checks[depth], func(c *models.Expr) bool { return g.formula(c, e) == system.False }) {
				bind(depth + 1)
			}
			e.pop()
		}
	}
	bind(0)
}

// action is an instance of a step while it is being grounded.
type action struct {
	step    *models.Step
	args    []Binding
	forced  bool
	guard   []system.Lit // of the step, without what follows
	refused []system.Lit // literals that say that something declared `bounded` stays in its domain
	bounds  []Bound      // their When is still only "leaves the domain"
	effects []system.Effect
	set     map[int32][]assignment // by the first fact of a variable
}

// assignment is a value that a step gives to a variable where a literal holds.
type assignment struct {
	when system.Lit
	name string
}

// leaves notes that the step is only enabled where a literal holds.
func (a *action) within(inside system.Lit, target, domain string, bounded bool) {
	switch {
	case inside == system.True:
	case bounded:
		a.refused = append(a.refused, inside)
	default:
		a.bounds = append(a.bounds, Bound{Step: a.step, Target: target, Domain: domain, Forced: a.forced, When: inside.Not(), Args: a.args})
	}
}

// take adds the rule of one instance of a step: taken honestly, or forced by an attacker.
func (g *grounder) take(s *models.Step, env *scope, forced bool, seen map[string]int32) {
	a := &action{step: s, forced: forced, set: map[int32][]assignment{}}
	for i, v := range s.Params {
		a.args = append(a.args, Binding{label(v, i), env.vals[i].String()})
	}
	if forced {
		for _, p := range s.By {
			a.guard = append(a.guard, g.base("controls", p))
		}
	} else {
		for _, m := range s.Receives {
			a.guard = append(a.guard, g.receive(a, m, env))
		}
		a.guard = append(a.guard, g.formula(s.When, env))
	}
	if slices.Contains(a.guard, system.False) {
		return
	}
	for i := range s.Do {
		g.effect(a, &s.Do[i], env)
	}
	for _, m := range s.Sends {
		g.send(a, m, env)
	}
	if g.err != nil {
		return
	}
	otherwise := g.b.And(append(slices.Clone(a.guard), a.refused...)...)
	if !g.once(a, otherwise) || otherwise == system.False {
		return
	}
	guard := []system.Lit{otherwise}
	for _, b := range a.bounds {
		guard = append(guard, b.When.Not())
		if b.When = g.b.And(otherwise, b.When); b.When != system.False {
			g.bounds = append(g.bounds, b)
		}
	}
	all := g.b.And(guard...)
	if all == system.False {
		return
	}
	lits := g.b.Conjuncts(all)
	if len(lits) == 0 {
		lits = []system.Lit{system.True}
	}
	effects := simplify(a.effects)
	// Parameters may only differ in what no longer matters, as those of a message that a forced step does not receive.
	key := ruleKey(lits, effects)
	rule, known := seen[key]
	if !known {
		rule = g.firstStep + int32(len(g.steps))
		seen[key] = rule
		kind := ByStep
		if forced {
			kind = ByForced
		}
		g.addRule(lits, effects, processRule{kind: kind, step: s, args: a.args})
	}
	if g.firings != nil && !forced {
		g.firings[declaredStep(s)] = append(g.firings[declaredStep(s)], firing{a.args, rule})
	}
}

// addRule adds a rule of a process, which costs nothing.
func (g *grounder) addRule(guard []system.Lit, effects []system.Effect, r processRule) {
	g.b.Rule(guard, effects, 0, nil)
	g.steps = append(g.steps, r)
	if len(g.steps) >= MaxProcessRules {
		g.fail(fmt.Errorf("%w: its processes unfold into more than %d rules: make domains smaller", ErrTooLarge, MaxProcessRules))
	}
}

// receive returns when a message may be received, and has it consumed.
func (g *grounder) receive(a *action, m models.MessageTerm, env *scope) system.Lit {
	if m.Message.Over.Flow.Blocked {
		return system.False
	}
	var any []system.Lit
	for n, when := range g.tuple(m.Args, g.shapeOf(m.Message), env).All() {
		f := g.flightAt(m.Message, n.Number)
		any = append(any, g.b.And(when, g.b.FactLit(f)))
		a.effects = append(a.effects, system.Effect{When: when, Fact: f})
	}
	return g.b.Or(any...)
}

// send has a message in flight. Nothing passes over a blocked flow: what is sent there is lost.
func (g *grounder) send(a *action, m models.MessageTerm, env *scope) {
	s := g.shapeOf(m.Message)
	var inside []system.Lit
	for n, when := range g.tuple(m.Args, s, env).All() {
		inside = append(inside, when)
		if !m.Message.Over.Flow.Blocked {
			a.effects = append(a.effects, system.Effect{When: when, Fact: g.flightAt(m.Message, n.Number), Set: true})
		}
		if !a.forced {
			continue
		}
		for _, v := range s.tuple(n.Number) {
			if secret(v) {
				a.guard = append(a.guard, g.b.Or(when.Not(), g.b.FactLit(g.knownFact(v.Member))))
			}
		}
	}
	if in := g.b.Or(inside...); in != system.True {
		a.within(in, m.Message.Name, outside(g, m.Args, fieldTypes(m.Message), env), false)
	}
}

// effect sets a fact or a variable, for all values of its bound variables.
func (g *grounder) effect(a *action, e *models.Effect, outer *scope) {
	g.each(e.Forall, &models.Expr{Op: models.OpTrue}, outer, false, func(env *scope) bool {
		if e.Fact != nil {
			g.setFact(a, e, env)
		} else {
			g.assign(a, e, env)
		}
		return g.err == nil
	})
}

func (g *grounder) setFact(a *action, e *models.Effect, env *scope) {
	value := g.formula(e.Value, env)
	var inside []system.Lit
	for n, when := range g.tuple(e.Args, g.shapeOf(e.Fact), env).All() {
		inside = append(inside, when)
		f := g.factAt(e.Fact, n.Number)
		a.effects = append(a.effects,
			system.Effect{When: g.b.And(when, value), Fact: f, Set: true},
			system.Effect{When: g.b.And(when, value.Not()), Fact: f})
	}
	if in := g.b.Or(inside...); in != system.True {
		a.within(in, e.Fact.Name, outside(g, e.Args, e.Fact.Params, env), false)
	}
}

// valueOf grounds a value that is set. Of a sum only what is in the domain matters.
func (g *grounder) valueOf(e *models.Expr, u *universe, env *scope) term.Term {
	if !isSum(e) || len(u.values) == 0 {
		return g.term(e, env)
	}
	parts := g.addends(nil, e, 1, env)
	if pairs(parts) <= maxSumPairs {
		return g.total(parts)
	}
	byNumber := func(a, b term.Value) int { return cmp.Compare(a.Number, b.Number) }
	return g.sum(parts, slices.MinFunc(u.values, byNumber).Number, slices.MaxFunc(u.values, byNumber).Number)
}

func (g *grounder) assign(a *action, e *models.Effect, env *scope) {
	u, s := g.universe(e.Var.Result), g.shapeOf(e.Var)
	value := g.valueOf(e.Value, u, env)
	var inside []system.Lit
	for x, when := range value.All() {
		if _, ok := u.at(x); ok {
			inside = append(inside, when)
		}
	}
	var addressed []system.Lit
	target := e.Var.Name
	for n, when := range g.tuple(e.Args, s, env).All() {
		addressed = append(addressed, when)
		v := g.varAt(e.Var, n.Number)
		name := call(e.Var.Name, s.tuple(n.Number))
		if when == system.True {
			target = name
		}
		a.effects = append(a.effects, v.Assign(g.b, when, value)...)
		if key, ok := v.Key(); ok {
			a.set[key] = append(a.set[key], assignment{when, name})
		}
	}
	if in := g.b.Or(addressed...); in != system.True {
		a.within(in, e.Var.Name, outside(g, e.Args, e.Var.Params, env), false)
	}
	if in := g.b.Or(inside...); in != system.True {
		a.within(in, target, e.Var.Result.String(), e.Var.Bounded)
	}
}

// once sees to it that no variable gets two values: that is an error of the design where it is certain, and stops the step
// where it depends on the state. A forced step has no `when` to prevent it, and just does not exist there.
func (g *grounder) once(a *action, otherwise system.Lit) bool {
	facts := make([]int32, 0, len(a.set))
	for f := range a.set {
		facts = append(facts, f)
	}
	slices.Sort(facts)
	for _, f := range facts {
		list := a.set[f]
		for i := range list {
			for k := range i {
				both := g.b.And(list[i].when, list[k].when)
				switch {
				case both == system.False || g.b.And(otherwise, both) == system.False:
				case both != system.True:
					a.bounds = append(a.bounds, Bound{Step: a.step, Target: list[i].name, Twice: true, Forced: a.forced, When: both, Args: a.args})
				case a.forced:
					return false
				default:
					at := ""
					for j, b := range a.args {
						if at += ", "; j == 0 {
							at = " where "
						}
						at += b.Var + " = " + b.Value
					}
					g.wrong(a.step.Span, "step %q gives %s two values at once%s", a.step.Name, list[i].name, at)
					return false
				}
			}
		}
	}
	return true
}

// outside names the sorts that arguments may leave.
func outside(g *grounder, args []*models.Expr, types []models.Type, env *scope) string {
	for i, a := range args {
		u := g.universe(types[i])
		for v := range g.term(a, env).All() {
			if _, ok := u.at(v); !ok {
				return types[i].String()
			}
		}
	}
	return "the domains of its arguments"
}

func fieldTypes(m *models.Message) []models.Type {
	out := make([]models.Type, len(m.Fields))
	for i, f := range m.Fields {
		out[i] = f.Type
	}
	return out
}

// label names a variable; the fields of a message may have no name, and are counted then.
func label(v *models.Var, i int) string {
	if v.Name != "" {
		return v.Name
	}
	return fmt.Sprint(i + 1)
}

func secret(v term.Value) bool { return v.Member != nil && v.Member.Domain.Secret }

// simplify drops effects that never happen, and those that another one always undoes: what becomes true wins.
func simplify(effects []system.Effect) []system.Effect {
	always := map[int32]bool{}
	for _, e := range effects {
		if e.Set && e.When == system.True {
			always[e.Fact] = true
		}
	}
	seen := map[system.Effect]bool{}
	out := effects[:0]
	for _, e := range effects {
		if e.When == system.False || seen[e] || always[e.Fact] && !(e.Set && e.When == system.True) {
			continue
		}
		seen[e] = true
		out = append(out, e)
	}
	return out
}

func ruleKey(guard []system.Lit, effects []system.Effect) string {
	var key []byte
	for _, l := range guard {
		key = binary.AppendUvarint(key, uint64(l)+1)
	}
	key = append(key, 0)
	for _, e := range effects {
		set := uint64(0)
		if e.Set {
			set = 1
		}
		key = binary.AppendUvarint(key, uint64(e.When))
		key = binary.AppendUvarint(key, uint64(e.Fact)<<1|set)
	}
	return string(key)
}
