package ground

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/checker/members"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// ErrDraft says that something is wrong with a design, so that nothing of it may be verified.
var ErrDraft = errors.New("the design has errors: nothing of it may be verified")

// ErrTooLarge says that a design unfolds into more than the checker takes.
var ErrTooLarge = errors.New("the design is too large")

// MaxRules is the largest number of rule instances that a design may unfold into.
const MaxRules = 8 << 20

// MaxProcessRules is the largest number of rules that the processes of a design may unfold into.
const MaxProcessRules = 1 << 20

// CodeProcess is the code of what is only seen to be wrong with a process once it is unfolded.
const CodeProcess diag.Code = "VAU1030"

// Mistakes is the error of a design that is wrong in a way that shows when it is unfolded.
type Mistakes struct{ Diags *diag.List }

func (m *Mistakes) Error() string { return "the design has errors" }

// grounder makes a [Grounding]: what is finished of it lies in the Grounding inside, and what is only needed on the way around that. It evaluates formulas (eval.go, state.go,
// sums.go), which adds to the system what they speak of, so facts, choices and gates come in the order in which something first asks for them. It is used once, by one.
type grounder struct {
	Grounding
	ctx context.Context
	b   *system.Builder

	others map[*models.Var]bool // variables of requirements and assumptions that stand for nothing of an attacker's own
	index  *indexes
	tables *tables
	hasLit map[choiceKey]system.Lit

	// Of processes.
	universes map[sortKey]*universe
	state     state
	added     map[int32]bool // facts that a threat or the start of an attacker makes true; only kept where there are processes
	bounds    []Bound
	firings   map[*models.Step][]firing // of declared steps, taken as they are meant; only kept where something is observed

	assumptions []assumption
	carriedOut  []int32                         // of a survey, by threat: the fact that its rules make true, too
	about       Concerned                       // of a survey: which of them
	further     map[Place][]models.ControlState // by declared elements, what [GroundWith] adds

	mistakes *diag.List
	err      error
	scopes   []*scope            // that are not in use
	args     []*models.Element   // a stack: what defines are applied to, and what terms stand for
	lists    [][]*models.Element // that are not in use
	changes  []system.Effect     // of a rule
	binds    []int32             // what the rules of a threat bind so far
	ends     []atEnd             // that have to be met by what is being proposed
	looked   int                 // elements: what conditions proposed, and the candidates among them
	seen     int                 // how many they were when the context was looked at
	spent    int                 // bindings
}

type choiceKey struct {
	control  *models.Control
	on, data int32
}

type assumption struct {
	source *models.Assumption
	lit    system.Lit
}

// Ground builds the system of a model. It is an error when the design is a draft or unfolds into more than [MaxRules] rule instances, or when ctx ends before.
func Ground(ctx context.Context, m *threats.Model) (*Grounding, error) {
	return GroundWith(ctx, m, nil)
}

// GroundWith is Ground for a design that has further controls besides those that it says.
func GroundWith(ctx context.Context, m *threats.Model, further map[Place][]models.ControlState) (*Grounding, error) {
	g, err := newGrounder(ctx, m)
	if err != nil {
		return nil, err
	}
	g.further = further
	g.rules()
	g.requirements()
	return g.finish(g.Cases...)
}

// newGrounder begins a grounding. This is the only way into one, so that there is no verdict of a draft.
func newGrounder(ctx context.Context, m *threats.Model) (*grounder, error) {
	if m.Design.Draft {
		return nil, ErrDraft
	}
	d := members.Split(m.Design)
	return &grounder{
		Grounding: Grounding{
			Model: m, design: d, indexOf: map[*models.Predicate]int32{}, factIDs: map[factKey]int32{}, means: map[int32]stateFact{}, known: map[*models.Member]int32{},
		},
		ctx: ctx, b: system.NewBuilder(), index: newIndexes(d.Design), tables: newTables(d.Design), hasLit: map[choiceKey]system.Lit{},
		others: map[*models.Var]bool{}, universes: map[sortKey]*universe{}, state: newState(), added: map[int32]bool{}, mistakes: &diag.List{},
	}, nil
}

// rules grounds the threats, the processes and the assumptions.
func (g *grounder) rules() {
	for i, t := range g.Model.Catalogue.Threats {
		if err := g.ctx.Err(); err != nil {
			g.fail(err)
			return
		}
		before := g.looked
		g.threat(int32(i), t)
		g.Looked = append(g.Looked, g.looked-before)
	}
	g.processes()
	for _, r := range g.design.Requirements {
		g.speaks(r.For, r.F, r.G)
	}
	for _, a := range g.design.Assumptions {
		g.speaks(nil, a.F)
		g.assumptions = append(g.assumptions, assumption{a, g.formula(a.F, nil)})
	}
}

// requirements grounds what the requirements of the design ask.
func (g *grounder) requirements() {
	for _, r := range g.Model.Design.Requirements {
		g.Cases = append(g.Cases, g.requirement(r))
	}
}

// finish hands over what was made, with the system in all the questions about it. The grounder must not be used after.
func (g *grounder) finish(asked ...[]*Case) (*Grounding, error) {
	if err := g.problem(); err != nil {
		return nil, err
	}
	out := g.Grounding
	out.System = g.b.System()
	for _, c := range slices.Concat(asked...) {
		c.Question.System, c.Question.Start = out.System, out.start(c.Attackers)
	}
	return &out, nil
}

// fact returns the index of a fact, making it when it is new.
func (g *grounder) fact(p *models.Predicate, args []*models.Element) int32 {
	k := keyOf(p, g.numbered(p), args)
	if id, ok := g.number(k); ok {
		return id
	}
	id := g.b.Fact()
	g.facts.add(k)
	if !k.single() {
		g.factIDs[k] = id
		return id
	}
	if g.factsOf[k.predicate] == nil {
		g.factsOf[k.predicate] = make([]int32, len(g.design.Elements))
	}
	g.factsOf[k.predicate][k.a] = id + 1
	return id
}

// numbered returns the index of a predicate, giving it one when it is new.
func (g *grounder) numbered(p *models.Predicate) int32 {
	i, ok := g.indexOf[p]
	if !ok {
		i = int32(len(g.predicates))
		g.indexOf[p] = i
		g.predicates, g.factsOf = append(g.predicates, p), append(g.factsOf, nil)
	}
	return i
}

// has returns the literal of "this control is there and works".
func (g *grounder) has(s models.ControlState, on, data *models.Element) system.Lit {
	if s.Given {
		return system.True
	}
	on, data = declared(on), declared(data) // what is there for one is there for all
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

// wrong reports a mistake of the design. The first ones say enough: the same line unfolds many times.
func (g *grounder) wrong(at source.Span, format string, args ...any) {
	const enough = 10
	if len(g.mistakes.Sorted()) < enough {
		g.mistakes.Errorf(CodeProcess, at, format, args...)
	}
}

// problem returns what stands against going on.
func (g *grounder) problem() error {
	if g.err == nil && g.mistakes.HasErrors() {
		return &Mistakes{g.mistakes}
	}
	return g.err
}

func (g *grounder) fail(err error) {
	if g.err == nil {
		g.err = err
	}
}

// threat grounds one threat: a rule for each binding of its variables under which its condition can be true.
func (g *grounder) threat(index int32, t *threats.Threat) {
	rules, before := int32(0), g.byThreat.rules()
	g.binds = g.binds[:0]
	g.join(t.For, conjuncts(t.When, nil), func(env *scope) bool {
		guard := g.guard(t.When, env)
		if guard == nil {
			return true
		}
		effects := g.effects(t, env)
		if len(effects) == 0 {
			return true
		}
		if g.carriedOut != nil && g.about.has(t, env) {
			effects = append(effects, system.Effect{When: system.True, Fact: g.carriedOut[index], Set: true})
		}
		var extras []system.Extra
		for _, h := range t.Harder {
			if l := g.control(env.element(h.Var), h.Control); l != system.False {
				extras = append(extras, system.Extra{When: l, Cost: int32(h.Cost)})
			}
		}
		g.b.Rule(guard, effects, int32(t.Cost), extras)
		rules++
		for _, v := range t.For {
			g.binds = append(g.binds, int32(env.element(v).ID))
		}
		if before+rules >= MaxRules {
			g.fail(fmt.Errorf("%w: it unfolds into more than %d threat instances (the last one of %q): split it, or narrow the threat", ErrTooLarge, MaxRules, t.ID))
		}
		return g.err == nil
	})
	g.byThreat.add(rules, g.binds)
}

// effects returns what a threat does to what its predicates are made for. An argument may be one element or another, by a control or a fact. The slice is used again.
func (g *grounder) effects(t *threats.Threat, env *scope) []system.Effect {
	effects := g.changes[:0]
	add := func(e *threats.Effect, args []*models.Element, when system.Lit) {
		if !accepts(e.Predicate, args) {
			return
		}
		f := g.fact(e.Predicate, args)
		effects = append(effects, system.Effect{When: when, Fact: f, Set: e.Set})
		if e.Set && len(g.design.Processes) > 0 {
			g.added[f] = true
		}
	}
	var buf [maxArguments]*models.Element
	for i := range t.Then {
		e := &t.Then[i]
		args, some, plain := g.plainAll(e.Args, env, buf[:0])
		switch {
		case !plain:
			g.elements(e.Args, env, func(args []*models.Element, when system.Lit) { add(e, args, when) })
		case some:
			add(e, args, system.True)
		}
	}
	g.changes = effects
	return effects
}

// guard returns the literals of a condition, or nil when it is false. A condition that is always true gives the constant.
func (g *grounder) guard(e *models.Expr, env *scope) []system.Lit {
	l := g.formula(e, env)
	switch l {
	case system.False:
		return nil
	case system.True:
		return []system.Lit{system.True}
	}
	return g.b.Conjuncts(l)
}

// elements calls yield with all elements that terms may stand for together, and when they do. The slice is used again.
func (g *grounder) elements(terms []*models.Expr, env *scope, yield func(args []*models.Element, when system.Lit)) {
	args := make([]*models.Element, len(terms))
	var pick func(i int, when system.Lit)
	pick = func(i int, when system.Lit) {
		if when == system.False {
			return
		}
		if i == len(args) {
			yield(args, when)
			return
		}
		for v, l := range g.term(terms[i], env).All() {
			args[i] = v.Element
			pick(i+1, g.b.And(when, l))
		}
	}
	pick(0, system.True)
}
