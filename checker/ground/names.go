package ground

import (
	"fmt"
	"strings"

	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Kind is what kind of thing a rule of the system is.
type Kind string

// The kinds of rules.
const (
	ByThreat Kind = "threat"
	ByStep   Kind = "step"   // of a process, as it is meant
	ByForced Kind = "forced" // a step by a party that an attacker controls
	ByInject Kind = "inject" // an attacker puts a message on a flow
	ByRead   Kind = "read"   // and reads one
	ByAlert  Kind = "alert"  // an event of a log that is no step
)

// Rule is what a rule of the system stands for.
type Rule struct {
	Kind     Kind
	ID       string // of the threat, the step or the message
	Threat   *threats.Threat
	Step     *models.Step
	Bindings []Binding
	Elements []*models.Element // what the variables of a threat are bound to; the parties of a step; the flow of a message
	Says     string
	Source   source.Span // of what a reader should look at first
}

// Rule returns what a rule stands for.
func (g *Grounding) Rule(rule int32) Rule {
	if p := g.process(rule); p != nil {
		r := Rule{Kind: p.kind, Step: declaredStep(p.step), Bindings: p.args, Says: p.says(), Source: p.span()}
		if p.step != nil {
			r.ID = p.step.Name
			for _, e := range p.step.By {
				r.Elements = append(r.Elements, declared(e))
			}
			return r
		}
		if p.msg == nil {
			r.ID = p.alert
			return r
		}
		r.ID, r.Elements = p.msg.Name, []*models.Element{declared(p.msg.Over)}
		for i, v := range p.shape.tuple(p.number) {
			r.Bindings = append(r.Bindings, Binding{label(p.msg.Fields[i], i), v.String()})
		}
		return r
	}
	t := g.Threat(rule)
	text := t.Says
	if text == "" {
		text = t.Title
	}
	r := Rule{Kind: ByThreat, ID: t.ID, Threat: t}
	pairs := make([]string, 0, 2*len(t.For))
	for i, id := range g.byThreat.binds(rule) {
		e := g.design.Elements[id]
		pairs = append(pairs, "{"+t.For[i].Name+"}", e.Name)
		r.Bindings = append(r.Bindings, Binding{t.For[i].Name, e.Name})
		r.Elements = append(r.Elements, declared(e))
	}
	r.Says = strings.NewReplacer(pairs...).Replace(text)
	if e := focus(r.Elements); e != nil {
		r.Source = e.Span
	}
	return r
}

// RuleName returns what a rule is called, such as `exploit(Browse, Shop)` or `step Ship(o1)`. No two have the same name, but for rules that are alike.
func (g *Grounding) RuleName(rule int32) string {
	if p := g.process(rule); p != nil {
		name := string(p.kind) + " " + p.name()
		if p.at != "" {
			name = p.at + ": " + name
		}
		switch {
		case p.replay:
			name += " again"
		case p.key != nil:
			name += " with " + p.key.Name
		}
		return name
	}
	var names []string
	for _, id := range g.byThreat.binds(rule) {
		names = append(names, g.design.Elements[id].Name)
	}
	return g.Threat(rule).ID + "(" + strings.Join(names, ", ") + ")"
}

// Threat returns the threat that a rule is an instance of; nil where it is none.
func (g *Grounding) Threat(rule int32) *threats.Threat {
	if rule >= g.firstStep {
		return nil
	}
	return g.Model.Catalogue.Threats[g.byThreat.threat(rule)]
}

// Instances returns how many rules the i-th threat of the catalogue has.
func (g *Grounding) Instances(i int) int {
	from, to := g.byThreat.of(i)
	return int(to - from)
}

// Step returns the step that a rule takes, and whether an attacker forces it; nil where it takes none.
func (g *Grounding) Step(rule int32) (step *models.Step, forced bool) {
	if p := g.process(rule); p != nil {
		return declaredStep(p.step), p.kind == ByForced
	}
	return nil, false
}

// declaredStep returns the step of the design that a step is, or is a member's of.
func declaredStep(s *models.Step) *models.Step {
	if s != nil && s.Like != nil {
		return s.Like
	}
	return s
}

// Happens reports whether a fact is one that steps make true: a fact of a process, and none that attackers gain.
func (g *Grounding) Happens(fact int32) bool {
	s, ok := g.means[fact]
	return ok && s.kind == factState
}

// FactSort says whose a fact is.
type FactSort uint8

// The sorts of facts.
const (
	OfAttacker FactSort = iota // what attackers gained
	OfProcess                  // facts and variables
	OfFlight                   // messages in flight
)

// Sort returns whose a fact is.
func (g *Grounding) Sort(fact int32) FactSort {
	switch s, ok := g.means[fact]; {
	case fact >= g.facts.n: // of a log
		return OfProcess
	case !ok || s.kind == knownState || s.kind == seenState:
		return OfAttacker
	case s.kind == flightState:
		return OfFlight
	}
	return OfProcess
}

// InFlight returns the message that a fact says is in flight; nil where it says something else.
func (g *Grounding) InFlight(fact int32) *models.Message {
	if s, ok := g.means[fact]; ok && s.kind == flightState {
		return declaredMessage(s.msg)
	}
	return nil
}

// process returns what a rule does in a process; nil for a threat.
func (g *Grounding) process(rule int32) *processRule {
	if rule < g.firstStep {
		return nil
	}
	return &g.steps[rule-g.firstStep]
}

// focus returns the element that a reader should look at first: a flow, else what is not a zone.
func focus(list []*models.Element) *models.Element {
	for _, want := range []func(*models.Element) bool{
		func(e *models.Element) bool { return e.Flow != nil },
		func(e *models.Element) bool { return e.Root() != models.ZoneRoot },
		func(*models.Element) bool { return true },
	} {
		for _, e := range list {
			if want(e) {
				return e
			}
		}
	}
	return nil
}

// Literal returns what a fact being true, or false, is called: `controls(Shop)`, `not placed(o1)`, `received(o1) = 3`.
func (g *Grounding) Literal(fact int32, holds bool) string {
	if s, ok := g.means[fact]; ok && s.kind == varState {
		if holds || len(s.sort.values) == 2 {
			return s.name(holds)
		}
	}
	if holds {
		return g.FactName(fact)
	}
	return "not " + g.FactName(fact)
}

// Says returns what a state says with a fact that holds in it, or does not: nothing with one that does not hold, unless that is how a variable has a value.
func (g *Grounding) Says(fact int32, holds bool) (text string, says bool) {
	s, ok := g.means[fact]
	if holds || ok && s.kind == varState && len(s.sort.values) == 2 {
		return g.Literal(fact, holds), true
	}
	return "", false
}

// FactName returns what a fact is called, such as `controls(Shop)` or `received(o1) = 3`.
func (g *Grounding) FactName(fact int32) string {
	if n := fact - g.facts.n; n >= 0 {
		return g.log.facts[n]
	}
	if s, ok := g.means[fact]; ok {
		return s.name(true)
	}
	k := g.facts.at(fact)
	var names []string
	for _, id := range []int32{k.a, k.b, k.c} {
		if id >= 0 {
			names = append(names, g.design.Elements[id].Name)
		}
	}
	return g.predicates[k.predicate].Name + "(" + strings.Join(names, ", ") + ")"
}

// Changes names what a step of a run changed: what holds after it and did not before, and the other way round. A variable that has
// another value holds that one; that the old one is gone goes without saying, and so does how far a log has come.
func (g *Grounding) Changes(added, removed []int32) (adds, removes []string) {
	for _, f := range added {
		if f < g.facts.n {
			adds = append(adds, g.FactName(f))
		}
	}
	for _, f := range removed {
		s, ok := g.means[f]
		switch {
		case !ok || s.kind != varState:
			removes = append(removes, g.FactName(f))
		case len(s.sort.values) == 2:
			adds = append(adds, s.name(false))
		}
	}
	return adds, removes
}

// Choice returns what a choice is about.
func (g *Grounding) Choice(choice int32) Choice { return g.choices[choice] }

// ChoiceName returns what a choice literal says, such as `waf on Shop` or `not encryption of CardNumber on Db fails`. No two have
// the same name.
func (g *Grounding) ChoiceName(l system.Lit) string {
	_, choice := g.System.Node(l.Node())
	c := g.choices[choice]
	name := c.Control.Name
	if c.Data != nil {
		name += " of " + c.Data.Name
	}
	name += " on " + c.On.Name
	if c.Failure {
		name += " fails"
	}
	if l.Negated() {
		name = "not " + name
	}
	return name
}

// processRule is a rule of a process: a step, or what an attacker does with a message.
type processRule struct {
	kind   Kind
	step   *models.Step
	args   []Binding
	msg    *models.Message
	shape  shape           // of its fields
	number int64           // and their number
	key    *models.Element // of a message that the attacker signs itself
	replay bool
	at     string // which event of a log it leaves, such as `event 3`; "" where there is no log, or none of it
	alert  string // what an event of a log says that is no step
}

// name is a step or a message with its arguments.
func (r *processRule) name() string {
	if r.alert != "" {
		return r.alert
	}
	if r.step == nil {
		return call(r.msg.Name, r.shape.tuple(r.number))
	}
	if len(r.args) == 0 {
		return r.step.Name
	}
	texts := make([]string, len(r.args))
	for i, b := range r.args {
		texts[i] = b.Value
	}
	return r.step.Name + "(" + strings.Join(texts, ", ") + ")"
}

// says is the sentence of a rule.
func (r *processRule) says() string {
	if r.alert != "" {
		return "the log has the " + r.alert
	}
	if r.step != nil {
		who := r.step.By[0].Name
		for _, p := range r.step.By[1:] {
			who += " with " + p.Name
		}
		what := r.name()
		if r.kind == ByForced {
			return fmt.Sprintf("the attacker, in control of %s, takes step %s as it likes", who, what)
		}
		return fmt.Sprintf("%s takes step %s", who, what)
	}
	m := r.name()
	switch {
	case r.kind == ByRead:
		return fmt.Sprintf("the attacker reads %s on %s", m, r.msg.Over.Name)
	case r.replay:
		return fmt.Sprintf("the attacker sends %s on %s, signed as it was seen before", m, r.msg.Over.Name)
	case r.key != nil:
		return fmt.Sprintf("the attacker sends %s on %s, signed with %s", m, r.msg.Over.Name, r.key.Name)
	}
	return fmt.Sprintf("the attacker sends %s on %s, which nobody signs", m, r.msg.Over.Name)
}

// span is where a reader finds what the rule is about.
func (r *processRule) span() source.Span {
	switch {
	case r.step != nil:
		return r.step.Span
	case r.msg == nil:
		return source.Span{}
	}
	return r.msg.Span
}
