package ground

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker/ground/term"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// A process adds these facts to the system, each made when something first speaks of it:
//
//   - one for each instance of a fact;
//   - for an instance of a variable, those of a [term.Variable];
//   - one for each message instance in flight;
//   - one for each value of a secret domain, that the attacker knows it;
//   - one for each set of messages equal in their signed fields, that the attacker has seen one of them. No formula can speak of what was seen,
//     and a replay asks for no more, so more would only multiply states.
type stateKind uint8

const (
	factState stateKind = iota
	varState
	flightState
	knownState
	seenState
)

// stateFact says what a fact of the system means in a process.
type stateFact struct {
	kind   stateKind
	fact   *models.ProcessFact
	state  *models.ProcessVar
	msg    *models.Message
	member *models.Member
	shape  shape     // of the arguments
	number int64     // and their number
	sort   *universe // of a variable: its values
	value  int       // and the index of the one that it has when the fact is true
}

// state keeps the facts of processes.
type state struct {
	shapes map[any]shape                                   // by *models.ProcessFact, ProcessVar, Message, ProcessValue
	facts  map[*models.ProcessFact]map[int64]int32         // by number of the arguments
	vars   map[*models.ProcessVar]map[int64]*term.Variable // by number of the arguments
	flight map[*models.Message]map[int64]int32             // by number of the fields
	seen   map[*models.Message]map[int64]int32             // by number of the fields, those that are not signed taken as their first value
	tables map[*models.ProcessValue]map[int64]term.Value
	order  map[*models.Message][]int64 // message instances as they were met
}

func newState() state {
	return state{
		shapes: map[any]shape{}, facts: map[*models.ProcessFact]map[int64]int32{}, vars: map[*models.ProcessVar]map[int64]*term.Variable{},
		flight: map[*models.Message]map[int64]int32{}, seen: map[*models.Message]map[int64]int32{}, tables: map[*models.ProcessValue]map[int64]term.Value{}, order: map[*models.Message][]int64{},
	}
}

// shapeOf returns the shape of the arguments of a symbol.
func (g *grounder) shapeOf(symbol any) shape {
	if s, ok := g.state.shapes[symbol]; ok {
		return s
	}
	var types []models.Type
	switch x := symbol.(type) {
	case *models.ProcessFact:
		types = x.Params
	case *models.ProcessVar:
		types = x.Params
	case *models.ProcessValue:
		types = x.Params
	case *models.Message:
		for _, f := range x.Fields {
			types = append(types, f.Type)
		}
	}
	s := g.shape(types)
	g.state.shapes[symbol] = s
	return s
}

// newFact adds a fact of a process.
func (g *grounder) newFact(means stateFact, start bool) int32 {
	id := g.b.Fact()
	g.facts.add(factKey{-1, -1, -1, -1})
	g.means[id] = means
	if start {
		g.atStart = append(g.atStart, id)
	}
	return id
}

// instance looks a number up in the map of a symbol, and adds it where it is missing.
func instance[K comparable, V any](m map[K]map[int64]V, symbol K, n int64, add func() V) V {
	of := m[symbol]
	if of == nil {
		of = map[int64]V{}
		m[symbol] = of
	}
	v, ok := of[n]
	if !ok {
		v = add()
		of[n] = v
	}
	return v
}

func (g *grounder) factAt(f *models.ProcessFact, n int64) int32 {
	return instance(g.state.facts, f, n, func() int32 {
		return g.newFact(stateFact{kind: factState, fact: f, shape: g.shapeOf(f), number: n}, f.Init)
	})
}

func (g *grounder) varAt(v *models.ProcessVar, n int64) *term.Variable {
	return instance(g.state.vars, v, n, func() *term.Variable {
		first := g.initial(v, n)
		u, s := g.universe(v.Result), g.shapeOf(v)
		return term.NewVariable(g.b, u.values, func(i int) int32 {
			return g.newFact(stateFact{kind: varState, state: v, shape: s, number: n, sort: u, value: i}, first == i)
		})
	})
}

// maxStarts bounds the start values that are looked at before anything needs them.
const maxStarts = 1 << 20

// startsInside reports a start value that is computed and lies outside its domain. Literals have been checked before.
func (g *grounder) startsInside(v *models.ProcessVar) {
	switch v.Init.Op {
	case models.OpInt, models.OpMember, models.OpElement, models.OpNone:
		return
	}
	size := int64(1)
	for _, u := range g.shapeOf(v) {
		if size *= int64(len(u.values)); size > maxStarts {
			g.fail(fmt.Errorf("%w: variable %q has more than %d instances whose start values are computed", ErrTooLarge, v.Name, maxStarts))
			return
		}
	}
	for n := range size {
		if !g.goOn() {
			return
		}
		g.initial(v, n)
	}
}

// initial returns the index of the start value of an instance.
func (g *grounder) initial(v *models.ProcessVar, n int64) int {
	e := &scope{}
	for i, x := range g.shapeOf(v).tuple(n) {
		e.push(v.Vars[i], x)
	}
	what := "has no value"
	if x, ok := g.term(v.Init, e).Constant(); ok {
		if i, ok := g.universe(v.Result).at(x); ok {
			return i
		}
		what = "is " + x.String()
	}
	g.wrong(v.Span, "the start value of %q %s, which is not in %s", call(v.Name, g.shapeOf(v).tuple(n)), what, v.Result.String())
	return 0
}

func (g *grounder) flightAt(m *models.Message, n int64) int32 {
	return instance(g.state.flight, m, n, func() int32 {
		g.state.order[m] = append(g.state.order[m], n)
		return g.newFact(stateFact{kind: flightState, msg: m, shape: g.shapeOf(m), number: n}, false)
	})
}

// seenAt returns the fact that a message equal to this one in its signed fields was seen.
func (g *grounder) seenAt(m *models.Message, n int64) int32 {
	if m.Like != nil && m.Signed != nil && m.Signed.String() == m.Like.Signed.String() {
		m = m.Like // signed by the same key, it is good on the flow of any member
	}
	s := g.shapeOf(m)
	tuple := s.tuple(n)
	for i, free := range m.Unsigned {
		if free {
			tuple[i] = s[i].values[0]
		}
	}
	n, _ = s.number(tuple)
	return instance(g.state.seen, m, n, func() int32 { return g.newFact(stateFact{kind: seenState, msg: m, shape: s, number: n}, false) })
}

func (g *grounder) knownFact(m *models.Member) int32 {
	f, ok := g.known[m]
	if !ok {
		f = g.newFact(stateFact{kind: knownState, member: m}, false)
		g.known[m] = f
	}
	return f
}

// tuple returns the number of the tuple of values that the arguments have, as a term. It has no value where one of them is outside its sort.
func (g *grounder) tuple(args []*models.Expr, s shape, env *scope) term.Term {
	n := term.Of(term.Value{})
	for i, a := range args {
		x := g.term(a, env)
		if n.Len()*x.Len() > maxTuples {
			g.fail(errManyTuples)
			return term.Term{}
		}
		n = n.With(g.b, x, func(n, x term.Value) (term.Value, bool) {
			at, ok := s[i].at(x)
			return term.Value{Number: n.Number*int64(len(s[i].values)) + int64(at)}, ok
		})
	}
	return n
}

// maxTuples bounds the tuples of values that arguments may have, depending on the state.
const maxTuples = 1 << 20

var errManyTuples = fmt.Errorf("%w: the arguments of a fact, variable, value or message have more than %d possible values together: make domains smaller", ErrTooLarge, maxTuples)

// processFact grounds a fact of a process. Where an argument is outside its sort, it is false.
func (g *grounder) processFact(e *models.Expr, env *scope) system.Lit {
	return g.tuple(e.Args, g.shapeOf(e.Fact), env).Any(g.b, func(n term.Value) system.Lit { return g.b.FactLit(g.factAt(e.Fact, n.Number)) })
}

// knowsValue grounds `knows(v)` of a secret value.
func (g *grounder) knowsValue(e *models.Expr, env *scope) system.Lit {
	return g.term(e.Args[0], env).Any(g.b, func(v term.Value) system.Lit {
		if v.Member == nil {
			return system.False
		}
		return g.b.FactLit(g.knownFact(v.Member))
	})
}

// stateTerm grounds a variable of the state. Where an argument is outside its sort, it has no value.
func (g *grounder) stateTerm(e *models.Expr, env *scope) term.Term {
	tuple := g.tuple(e.Args, g.shapeOf(e.State), env)
	t := tuple.Then(g.b, func(n term.Value) term.Term { return g.varAt(e.State, n.Number).Term() })
	if tuple.Len() > 1 {
		return g.limited(t)
	}
	return t
}

// compareState grounds the comparison of a variable with one value, without a look at its other values; ok is false for other comparisons.
func (g *grounder) compareState(e *models.Expr, env *scope) (l system.Lit, ok bool) {
	if e.Op != models.OpEq && e.Op != models.OpNe {
		return 0, false
	}
	for i := range 2 {
		v := e.Args[i]
		if v.Op != models.OpState || e.Args[1-i].Op == models.OpState {
			continue
		}
		to, ok := g.term(e.Args[1-i], env).Constant()
		if !ok {
			return 0, false
		}
		at, inside := g.universe(v.State.Result).at(to)
		l = g.tuple(v.Args, g.shapeOf(v.State), env).Any(g.b, func(n term.Value) system.Lit {
			if x := g.varAt(v.State, n.Number); inside {
				return x.Is(at)
			}
			return system.False
		})
		if e.Op == models.OpNe {
			l = l.Not()
		}
		return l, true
	}
	return 0, false
}

// valueTerm grounds a value function.
func (g *grounder) valueTerm(e *models.Expr, env *scope) term.Term {
	s := g.shapeOf(e.Value)
	return g.limited(g.tuple(e.Args, s, env).Map(g.b, func(n term.Value) (term.Value, bool) { return g.entry(e.Value, s, n.Number), true }))
}

// entry returns the value of a function at a number.
func (g *grounder) entry(v *models.ProcessValue, s shape, n int64) term.Value {
	if v.All != nil {
		return g.literal(v.All)
	}
	return instance(g.state.tables, v, n, func() term.Value {
		args := make([]*models.Expr, len(s))
		var given []*models.Element
		for i, x := range s.tuple(n) {
			switch {
			case x.Member != nil:
				args[i] = &models.Expr{Op: models.OpMember, Member: x.Member}
			case x.Element != nil:
				args[i] = &models.Expr{Op: models.OpElement, Element: declared(x.Element)}
				given = append(given, x.Element)
			default:
				args[i] = &models.Expr{Op: models.OpInt, Int: x.Number}
			}
		}
		out := g.literal(v.At(args...))
		if out.Element != nil {
			out.Element = g.design.With(declared(out.Element), given)
		}
		return out
	})
}

// call writes a name with its arguments.
func call(name string, args []term.Value) string {
	if len(args) == 0 {
		return name
	}
	texts := make([]string, len(args))
	for i, a := range args {
		texts[i] = a.String()
	}
	return name + "(" + strings.Join(texts, ", ") + ")"
}

// name says what a fact of a process being true, or false, means.
func (f stateFact) name(holds bool) string {
	switch f.kind {
	case factState:
		return call(f.fact.Name, f.shape.tuple(f.number))
	case varState:
		values, at := f.sort.values, f.value
		if !holds && len(values) == 2 {
			at = 0
		}
		return call(f.state.Name, f.shape.tuple(f.number)) + " = " + values[at].String()
	case flightState:
		return call(f.msg.Name, f.shape.tuple(f.number)) + " in flight"
	case seenState:
		tuple := f.shape.tuple(f.number)
		texts := make([]string, len(tuple))
		for i, v := range tuple {
			if texts[i] = v.String(); f.msg.Unsigned[i] {
				texts[i] = "_"
			}
		}
		return "seen " + f.msg.Name + "(" + strings.Join(texts, ", ") + ")"
	}
	return "knows(" + f.member.Name + ")"
}

// domains returns the domains that a fact of a process ranges over.
func (f stateFact) domains() []*models.ProcessDomain {
	var types []models.Type
	switch f.kind {
	case factState:
		types = f.fact.Params
	case varState:
		types = append(slices.Clone(f.state.Params), f.state.Result)
	case flightState, seenState:
		for _, v := range f.msg.Fields {
			types = append(types, v.Type)
		}
	case knownState:
		return []*models.ProcessDomain{f.member.Domain}
	}
	var out []*models.ProcessDomain
	for _, t := range types {
		if t.Domain != nil {
			out = append(out, t.Domain)
		}
	}
	return out
}
