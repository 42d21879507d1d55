package ground

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Sight says what of a design leaves events in logs.
type Sight struct {
	Steps    []*models.Step    // of the declared design
	Attempts []*threats.Threat // whose attempts do, too, whether they succeed or not
}

// Event is an entry of a log: a step that was taken, an attempt, or an effect.
type Event struct {
	Source int   // whose log it is in: the events of one source happened in their order
	After  []int // by source: how many of its events happened before for certain; sources that are left out: nothing is known

	Step     *models.Step      // of the declared design; nil of the others
	Args     []string          // of the step's parameters, in their order; "" is any
	Attempts []*threats.Threat // any of which was attempted; nil of the others
	On       []string          // of an attempt: elements that it has to do with
	Effect   string            // of an effect: the fact that holds when it happens, such as `poisons(Shop)`
}

// Watched is a grounding of a design of which some steps are observed, without a log.
type Watched struct {
	*Grounding

	sight    Sight
	firings  map[*models.Step][]firing
	observed []int32                       // rules that take an observed step, as it is meant or forced
	attempts map[*threats.Threat][]attempt // in the order of the system
	effects  map[string][]int32            // facts by their names, without whose of many it is
	bounds   []Bound
	assumed  property // what is assumed while a log is left
}

// firing is a way to take a step as it is meant. Where arguments do not matter, several have one rule.
type firing struct {
	args []Binding
	rule int32
}

// attempt is a way to bind the variables of a threat.
type attempt struct {
	on   []string
	when system.Lit // its condition holds, controls apart
}

// log is what a grounding has besides where runs must leave a log.
type log struct {
	observed []int32      // rules of the design that take an observed step
	facts    []string     // names of the facts that follow those of the design
	events   [][2]int32   // by event: its rules, from the first one on and below the second
	lost     [2]int32     // the rules that take an observed step whose event is lost
	missing  []system.Lit // by number: at least so many events are lost
	left     []system.Lit // by number: so many first events have been left
	follows  map[*Case]system.Lit
	assumed  property
	bounds   []Bound
	bound    system.Lit
}

// Watch grounds a design for logs. Errors are those of [Ground].
func Watch(ctx context.Context, m *threats.Model, sight Sight) (*Watched, error) {
	g, err := newGrounder(ctx, m)
	if err != nil {
		return nil, err
	}
	g.firings = map[*models.Step][]firing{}
	g.rules()
	g.requirements()
	w := &Watched{sight: sight, firings: g.firings, attempts: map[*threats.Threat][]attempt{}, effects: map[string][]int32{}, assumed: property{bad: system.True}}
	for _, t := range sight.Attempts {
		w.attempts[t] = g.attempts(t)
	}
	g.assume(&w.assumed)
	w.bounds = g.bounds
	if w.Grounding, err = g.finish(g.Cases...); err != nil {
		return nil, err
	}
	for r := range w.steps {
		rule := w.firstStep + int32(r)
		if s, _ := w.Step(rule); s != nil && slices.Contains(sight.Steps, s) {
			w.observed = append(w.observed, rule)
		}
	}
	for f := range int32(w.System.Facts()) {
		name := plain(w.FactName(f))
		w.effects[name] = append(w.effects[name], f)
	}
	return w, nil
}

// plain takes out of a name whose of many something is.
func plain(name string) string { return strings.ReplaceAll(name, "own ", "") }

// attempts returns the ways to bind a threat, and when each may be tried.
func (g *grounder) attempts(t *threats.Threat) (out []attempt) {
	when := t.When
	if t.Unless != nil {
		when = when.Args[0] // which is `when`; `unless` follows
	}
	g.join(t.For, conjuncts(when, nil), func(env *scope) bool {
		l := g.formula(when, env)
		if l == system.False {
			return true
		}
		a := attempt{when: l}
		for _, v := range t.For {
			a.on = append(a.on, env.element(v).Name)
		}
		if out = append(out, a); len(out) >= MaxRules {
			g.fail(fmt.Errorf("%w: attempts of %q unfold into more than %d", ErrTooLarge, t.ID, MaxRules))
		}
		return g.err == nil
	})
	return out
}

// is reports whether a name is a declared one, or that of one's own of many.
func is(name, declared string) bool {
	return name == declared || plain(name) == declared || strings.HasPrefix(name, declared+" of own ")
}

// fits reports whether arguments are those that an event has.
func (e *Event) fits(args []Binding) bool {
	for i, a := range args {
		if e.Args[i] != "" && !is(a.Value, e.Args[i]) {
			return false
		}
	}
	return true
}

// hits reports whether an attempt has to do with all that an event is on.
func (e *Event) hits(a attempt) bool {
	return !slices.ContainsFunc(e.On, func(name string) bool {
		return !slices.ContainsFunc(a.on, func(x string) bool { return is(x, name) })
	})
}

// String says what the event is: `Ship(o1, full)`, `attempt of injection on Shop`, `effect poisons(Shop)`.
func (e *Event) String() string {
	switch {
	case e.Step != nil && len(e.Args) == 0:
		return e.Step.Name
	case e.Step != nil:
		args := slices.Clone(e.Args)
		for i, a := range args {
			if a == "" {
				args[i] = "_"
			}
		}
		return e.Step.Name + "(" + strings.Join(args, ", ") + ")"
	case len(e.Attempts) > 0:
		ids := make([]string, len(e.Attempts))
		for i, t := range e.Attempts {
			ids[i] = t.ID
		}
		text := "attempt of " + strings.Join(ids, " or ")
		if len(e.On) > 0 {
			text += " on " + strings.Join(e.On, ", ")
		}
		return text
	}
	return "effect " + e.Effect
}

// logger makes a grounding whose runs leave a log.
type logger struct {
	w   *Watched
	g   Grounding
	b   *system.Builder
	out *log
}

// Log returns the system whose runs leave a log. The observer is a further party of each observed step, whom nobody controls: the step is taken
// as it is meant, and only as the next event of its source, and nobody can force it. Everything else is as in the design. Up to so many events may be lost: an observed
// step is taken and no event tells. With on set, the run goes on freely after the last event.
//
// Nodes, facts, choices and rules of the design keep their numbers. It is an error that wraps [ErrTooLarge] where there are too many rules.
func (w *Watched) Log(events []Event, lost int, on bool) (*Grounding, error) {
	l := &logger{w: w, g: *w.Grounding, b: system.Extend(w.System)}
	l.out = &log{observed: w.observed, assumed: w.assumed, missing: []system.Lit{system.True}, follows: map[*Case]system.Lit{}}
	l.g.steps = slices.Clip(w.steps)
	l.g.log = l.out
	l.events(events)
	for _, b := range w.bounds {
		if !l.sees(b.Step) {
			l.out.bounds = append(l.out.bounds, b)
		}
	}
	for k := range lost {
		l.lose(k + 1)
	}
	if on {
		l.goOn()
	}
	l.out.bound = system.False
	for _, b := range l.out.bounds {
		l.out.bound = l.b.Or(l.out.bound, b.When)
	}
	if len(l.g.steps) > MaxProcessRules {
		return nil, fmt.Errorf("%w: with its log it unfolds into more than %d rules", ErrTooLarge, MaxProcessRules)
	}
	l.g.System = l.b.System()
	return &l.g, nil
}

func (l *logger) sees(s *models.Step) bool { return slices.Contains(l.w.sight.Steps, declaredStep(s)) }

// next is the number of the next rule.
func (l *logger) next() int32 { return l.g.firstStep + int32(len(l.g.steps)) }

// rule adds a rule, which is enabled where some literals hold besides its guard.
func (l *logger) rule(besides, guard []system.Lit, effects []system.Effect, r processRule) {
	l.b.Rule(slices.Concat(besides, guard), effects, 0, nil)
	l.g.steps = append(l.g.steps, r)
}

// tell adds a fact of the log, and the effect that it becomes true.
func (l *logger) tell(name string) (system.Lit, system.Effect) {
	l.out.facts = append(l.out.facts, name)
	f := l.b.Fact()
	return l.b.FactLit(f), system.Effect{When: system.True, Fact: f, Set: true}
}

// events adds for each event the fact that it has passed, and the rules by which it comes about.
func (l *logger) events(events []Event) {
	passed := make([]system.Lit, len(events))
	tell := make([]system.Effect, len(events))
	of := map[int][]int{} // by source: its events
	for i := range events {
		passed[i], tell[i] = l.tell(fmt.Sprintf("event %d passed", i+1))
		of[events[i].Source] = append(of[events[i].Source], i)
	}
	l.out.left = []system.Lit{l.out.assumed.bad}
	gone := map[int]int{} // by source
	all := []system.Lit{l.out.assumed.bad}
	at := map[int]int{} // by source: where in all
	for i := range events {
		e := &events[i]
		turn := []system.Lit{passed[i].Not()}
		if n := gone[e.Source]; n > 0 {
			turn = append(turn, passed[of[e.Source][n-1]])
		}
		gone[e.Source]++
		for source, n := range e.After {
			if source != e.Source && n > 0 {
				turn = append(turn, passed[of[source][n-1]])
			}
		}
		from := l.next()
		l.event(e, fmt.Sprintf("event %d", i+1), turn, tell[i])
		l.out.events = append(l.out.events, [2]int32{from, l.next()})
		// So many first events have been left where the last one of each source has. More may have been, of some sources.
		if _, ok := at[e.Source]; !ok {
			at[e.Source] = len(all)
			all = append(all, passed[i])
		}
		all[at[e.Source]] = passed[i]
		l.out.left = append(l.out.left, l.b.And(all...))
	}
}

// event adds the rules of an event, and notes where a domain stops its step.
func (l *logger) event(e *Event, name string, turn []system.Lit, tell system.Effect) {
	w := l.w
	if e.Step == nil {
		var any []system.Lit
		for _, t := range e.Attempts {
			for _, a := range w.attempts[t] {
				if e.hits(a) {
					any = append(any, a.when)
				}
			}
		}
		for _, f := range w.effects[e.Effect] {
			any = append(any, l.b.FactLit(f))
		}
		if when := l.b.Or(any...); when != system.False {
			l.rule(turn, l.b.Conjuncts(when), []system.Effect{tell}, processRule{kind: ByAlert, at: name, alert: e.String()})
		}
		return
	}
	for _, f := range w.firings[e.Step] {
		if e.fits(f.args) {
			r := *w.process(f.rule)
			r.at, r.args = name, f.args
			l.rule(turn, w.System.Guard(f.rule), append(slices.Clone(w.System.Effects(f.rule)), tell), r)
		}
	}
	for _, b := range w.bounds {
		if declaredStep(b.Step) == e.Step && !b.Forced && e.fits(b.Args) {
			l.bound(b, turn...)
		}
	}
}

// bound notes where a domain stops a step that would leave an event.
func (l *logger) bound(b Bound, turn ...system.Lit) {
	if b.When = l.b.And(append(turn, b.When)...); b.When != system.False {
		l.out.bounds = append(l.out.bounds, b)
	}
}

// lose adds the rules by which one more event is lost.
func (l *logger) lose(number int) {
	if number == 1 {
		l.out.lost[0] = l.next()
	}
	missing, tell := l.tell(fmt.Sprintf("%d lost", number))
	turn := []system.Lit{l.out.missing[number-1], missing.Not()}
	l.out.missing = append(l.out.missing, missing)
	for _, s := range l.w.sight.Steps {
		seen := map[int32]bool{}
		for _, f := range l.w.firings[s] {
			if seen[f.rule] {
				continue
			}
			seen[f.rule] = true
			r := *l.w.process(f.rule)
			r.at = fmt.Sprintf("lost %d", number)
			l.rule(turn, l.w.System.Guard(f.rule), append(slices.Clone(l.w.System.Effects(f.rule)), tell), r)
		}
	}
	l.out.lost[1] = l.next()
	for _, b := range l.w.bounds {
		if l.sees(b.Step) && !b.Forced {
			l.bound(b, turn...)
		}
	}
}

// goOn adds the rules by which observed steps are taken after the last event, and says when each requirement is broken then.
func (l *logger) goOn() {
	done := l.out.left[len(l.out.left)-1]
	for _, rule := range l.w.observed {
		r := *l.w.process(rule)
		r.at = "after"
		l.rule(l.b.Conjuncts(done), l.w.System.Guard(rule), l.w.System.Effects(rule), r)
	}
	for _, cases := range l.w.Cases {
		for _, c := range cases {
			l.out.follows[c] = l.b.And(c.Question.Bad, done)
		}
	}
}

// Left returns the case that asks a coalition for a run that leaves the first n events of the log, and loses no more than so many others. Further events may have been
// left then by other sources.
func (g *Grounding) Left(coalition []*models.Attacker, failures, n, lost int) *Case {
	c := &Case{
		Question: g.question(coalition, failures), Attackers: coalition, Assumed: g.log.assumed.assumed, Frozen: g.log.assumed.frozen,
		Bounds: g.log.bounds, Bound: g.log.bound,
	}
	q := c.Question
	q.System, q.Start, q.Bad, q.Assume = g.System, g.start(coalition), g.log.left[n], slices.Clone(g.log.assumed.assume)
	if lost+1 < len(g.log.missing) {
		q.Assume = append(q.Assume, g.log.missing[lost+1].Not())
	}
	return c
}

// Follows returns the case that asks whether what a case of the design forbids comes about after the log, whatever happened besides, where at least so many controls may
// have failed. The log must go on freely.
func (g *Grounding) Follows(of *Case, failures int) *Case {
	c, q := *of, *of.Question
	q.MaxFailures = max(q.MaxFailures, failures)
	q.Off, q.System, q.Bad = g.question(of.Attackers, q.MaxFailures).Off, g.System, g.log.follows[of]
	c.Question = &q
	return &c
}

// From returns a case of the design that starts where these facts hold, ascending, and no others of processes; what its attackers have from the start they have there, too.
func (g *Grounding) From(of *Case, facts []int32) *Case {
	c, q := *of, *of.Question
	q.Start = slices.DeleteFunc(g.start(of.Attackers), func(f int32) bool { return slices.Contains(g.atStart, f) })
	q.Start = append(q.Start, facts...)
	slices.Sort(q.Start)
	q.Start = slices.Compact(q.Start)
	c.Question = &q
	return &c
}

// Means reports whether something in the design could be an event's effect, such as `poisons(Shop)`.
func (w *Watched) Means(effect string) bool { return len(w.effects[effect]) > 0 }

// EventRules returns the rules by which an event of the log comes about, from the first one on and below the second.
func (g *Grounding) EventRules(event int) (from, to int32) {
	r := g.log.events[event]
	return r[0], r[1]
}

// Leaves returns which event of the log a rule leaves, or -1.
func (g *Grounding) Leaves(rule int32) int {
	i, ok := slices.BinarySearchFunc(g.log.events, rule, func(r [2]int32, rule int32) int {
		switch {
		case rule < r[0]:
			return 1
		case rule >= r[1]:
			return -1
		}
		return 0
	})
	if !ok {
		return -1
	}
	return i
}

// Loses reports whether a rule takes an observed step whose event is lost.
func (g *Grounding) Loses(rule int32) bool { return rule >= g.log.lost[0] && rule < g.log.lost[1] }
