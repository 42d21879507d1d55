package ground

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// ErrTooLarge says that a design unfolds into more than the checker takes.
var ErrTooLarge = errors.New("the design is too large")

// MaxRules is the largest number of rule instances that a design may unfold into.
const MaxRules = 8 << 20

// Grounding is a design's system, with the questions that its requirements ask and the names of everything in it.
type Grounding struct {
	Model  *threats.Model
	System *system.System
	Cases  [][]*Case // by requirement, in the order of the design

	b     *system.Builder
	index *indexes

	facts   []factKey
	factIDs map[factKey]int32

	choices   []Choice // by choice index
	hasLit    map[choiceKey]system.Lit
	ruleOf    []int32 // by rule: index of its threat in the catalogue
	boundTo   []int32 // element IDs, len(threat.For) for each rule
	bindStart []int32

	assumptions []assumption
	carriedOut  []int32 // of a survey, by threat: the fact that its rules make true, too
	err         error
}

// Choice is a control at its place: what a choice of the system is about.
type Choice struct {
	Control *models.Control
	On      *models.Element
	Data    *models.Element // of data at rest on the component On; nil otherwise
	Failure bool            // the choice is that it fails, not that it is there
}

// factKey identifies a fact: a predicate and up to three arguments, -1 where there is none.
type factKey struct {
	predicate *models.Predicate
	a, b, c   int32
}

type choiceKey struct {
	control  *models.Control
	on, data int32
}

type assumption struct {
	source  *models.Assumption
	lit     system.Lit
	process bool // mentions the state of a process: not grounded
}

// Case is one question of a requirement: one coalition of attackers and one binding of its `for` variables.
type Case struct {
	Question  *system.Question
	Attackers []*models.Attacker
	Bindings  []Binding
	Process   bool                 // the case is about a process, or an assumption is: Question may be nil
	Assumed   []*models.Assumption // the assumptions in force
	Breaks    []Break              // of an architecture rule: what breaks it
}

// Binding is a variable with the name of its value.
type Binding struct{ Var, Value string }

// Break is an instance of the outer quantifiers of an architecture rule that is false, or that an open decision may make false.
type Break struct {
	Bindings []Binding
	Elements []*models.Element
	When     system.Lit // over choices: True when it is broken whatever is decided
}

// Ground builds the system of a model. It is an error when the design unfolds into more than [MaxRules] rule instances.
func Ground(m *threats.Model) (*Grounding, error) {
	g := newGrounding(m)
	g.rules()
	for _, r := range m.Design.Requirements {
		g.Cases = append(g.Cases, g.requirement(r))
	}
	if g.err != nil {
		return nil, g.err
	}
	g.seal(g.Cases)
	return g, nil
}

func newGrounding(m *threats.Model) *Grounding {
	return &Grounding{
		Model: m, b: system.NewBuilder(), index: newIndexes(m.Design),
		factIDs: map[factKey]int32{}, hasLit: map[choiceKey]system.Lit{}, bindStart: []int32{0},
	}
}

// rules grounds the threats and the assumptions.
func (g *Grounding) rules() {
	for i, t := range g.Model.Catalogue.Threats {
		g.threat(int32(i), t)
	}
	for _, a := range g.Model.Design.Assumptions {
		x := assumption{source: a, lit: system.True, process: mentionsProcess(a.F)}
		if !x.process {
			x.lit = g.formula(a.F, nil)
		}
		g.assumptions = append(g.assumptions, x)
	}
}

// seal finishes the system, and puts it into the questions.
func (g *Grounding) seal(all [][]*Case) {
	g.System = g.b.System()
	for _, cases := range all {
		for _, c := range cases {
			if c.Question != nil {
				c.Question.System = g.System
			}
		}
	}
}

// fact returns the index of a fact, making it when it is new.
func (g *Grounding) fact(p *models.Predicate, args []*models.Element) int32 {
	k := keyOf(p, args)
	if id, ok := g.factIDs[k]; ok {
		return id
	}
	id := g.b.Fact()
	g.factIDs[k] = id
	g.facts = append(g.facts, k)
	return id
}

func keyOf(p *models.Predicate, args []*models.Element) factKey {
	ids := [3]int32{-1, -1, -1}
	for i, e := range args {
		ids[i] = int32(e.ID)
	}
	return factKey{p, ids[0], ids[1], ids[2]}
}

// Lookup returns the index of a fact, if the system has it.
func (g *Grounding) Lookup(p *models.Predicate, args []*models.Element) (int32, bool) {
	id, ok := g.factIDs[keyOf(p, args)]
	return id, ok
}

// has returns the literal of "this control is there and works".
func (g *Grounding) has(s models.ControlState, on, data *models.Element) system.Lit {
	if s.Given {
		return system.True
	}
	k := choiceKey{s.Control, int32(on.ID), -1}
	if data != nil {
		k.data = int32(data.ID)
	}
	if l, ok := g.hasLit[k]; ok {
		return l
	}
	g.choices = append(g.choices, Choice{Control: s.Control, On: on, Data: data, Failure: true})
	l := g.b.Choice(system.Failure).Not()
	if s.Open {
		g.choices = append(g.choices, Choice{Control: s.Control, On: on, Data: data})
		l = g.b.And(g.b.Choice(system.Decision), l)
	}
	g.hasLit[k] = l
	return l
}

func (g *Grounding) fail(err error) {
	if g.err == nil {
		g.err = err
	}
}

// threat grounds one threat: a rule for each binding of its variables under which its condition can be true.
func (g *Grounding) threat(index int32, t *threats.Threat) {
	g.join(t.For, conjuncts(t.When, nil), func(env *scope) bool {
		guard := g.guard(t.When, env)
		if guard == nil {
			return true
		}
		effects := g.effects(t, env)
		if len(effects) == 0 {
			return true
		}
		if g.carriedOut != nil {
			effects = append(effects, system.Effect{When: system.True, Fact: g.carriedOut[index], Set: true})
		}
		var extras []system.Extra
		for _, h := range t.Harder {
			if l := g.control(env.element(h.Var), h.Control); l != system.False {
				extras = append(extras, system.Extra{When: l, Cost: int32(h.Cost)})
			}
		}
		g.b.Rule(guard, effects, int32(t.Cost), extras)
		g.ruleOf = append(g.ruleOf, index)
		for _, v := range t.For {
			g.boundTo = append(g.boundTo, int32(env.element(v).ID))
		}
		g.bindStart = append(g.bindStart, int32(len(g.boundTo)))
		if len(g.ruleOf) >= MaxRules {
			g.fail(fmt.Errorf("%w: it unfolds into more than %d threat instances (the last one of %q): split it, or narrow the threat", ErrTooLarge, MaxRules, t.ID))
		}
		return g.err == nil
	})
}

// effects returns what a threat does to what its predicates are made for.
func (g *Grounding) effects(t *threats.Threat, env *scope) []system.Effect {
	effects := make([]system.Effect, 0, len(t.Then)+1)
	for _, e := range t.Then {
		if args, ok := g.elements(e.Args, env); ok && accepts(e.Predicate, args) {
			effects = append(effects, system.Effect{When: system.True, Fact: g.fact(e.Predicate, args), Set: e.Set})
		}
	}
	return effects
}

// guard returns the literals of a condition, or nil when it is false. A condition that is always true gives the constant.
func (g *Grounding) guard(e *models.Expr, env *scope) []system.Lit {
	l := g.formula(e, env)
	switch l {
	case system.False:
		return nil
	case system.True:
		return []system.Lit{system.True}
	}
	return g.b.Conjuncts(l)
}

// elements evaluates terms that stand for elements; ok is false where one has no value.
func (g *Grounding) elements(terms []*models.Expr, env *scope) (out []*models.Element, ok bool) {
	for _, t := range terms {
		alts := g.term(t, env)
		if len(alts) != 1 || alts[0].value.element == nil {
			return nil, false
		}
		out = append(out, alts[0].value.element)
	}
	return out, true
}

// Threat returns the threat that a rule is an instance of.
func (g *Grounding) Threat(rule int32) *threats.Threat {
	return g.Model.Catalogue.Threats[g.ruleOf[rule]]
}

// Bound returns the elements that a rule's variables are bound to, in the order of the threat's `for`.
func (g *Grounding) Bound(rule int32) []*models.Element {
	ids := g.boundTo[g.bindStart[rule]:g.bindStart[rule+1]]
	out := make([]*models.Element, len(ids))
	for i, id := range ids {
		out[i] = g.Model.Design.Elements[id]
	}
	return out
}

// Says returns the sentence of a rule, with the names of its elements filled in.
func (g *Grounding) Says(rule int32) string {
	t := g.Threat(rule)
	text := t.Says
	if text == "" {
		text = t.Title
	}
	pairs := make([]string, 0, 2*len(t.For))
	for i, e := range g.Bound(rule) {
		pairs = append(pairs, "{"+t.For[i].Name+"}", e.Name)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// FactName returns what a fact is called, such as `controls(Shop)`.
func (g *Grounding) FactName(fact int32) string {
	k := g.facts[fact]
	var names []string
	for _, id := range []int32{k.a, k.b, k.c} {
		if id >= 0 {
			names = append(names, g.Model.Design.Elements[id].Name)
		}
	}
	return k.predicate.Name + "(" + strings.Join(names, ", ") + ")"
}

// Predicate returns the predicate of a fact and its first argument.
func (g *Grounding) Predicate(fact int32) (*models.Predicate, *models.Element) {
	k := g.facts[fact]
	if k.a < 0 {
		return k.predicate, nil
	}
	return k.predicate, g.Model.Design.Elements[k.a]
}

// Choice returns what a choice is about.
func (g *Grounding) Choice(choice int32) Choice { return g.choices[choice] }
