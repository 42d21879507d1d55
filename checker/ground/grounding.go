package ground

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/members"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Grounding is what a design comes to: its system, the questions that its requirements ask, and the names of everything in it. It is made by a grounder, and from then on nothing
// of it changes: all that is asked of it may be asked by many at once. What is left of the language in it are names; a formula cannot be evaluated any more.
type Grounding struct {
	Model  *threats.Model
	System *system.System
	Cases  [][]*Case // by requirement, in the order of the design
	Looked []int     // by threat: how many elements its conditions proposed and had tried, which tells the work of a machine's however fast

	design     *members.Design             // of the model, with members
	predicates []*models.Predicate         // that facts have
	indexOf    map[*models.Predicate]int32 // among them
	facts      factTable
	factsOf    [][]int32         // of predicates of one argument, by element: the fact, plus one, or zero
	factIDs    map[factKey]int32 // the others
	choices    []Choice          // by choice index

	byThreat  threatRules   // they come first
	firstStep int32         // the first rule that is of no threat
	steps     []processRule // by rule, from firstStep on

	// Of processes.
	means   map[int32]stateFact      // by fact
	known   map[*models.Member]int32 // that the attacker knows it
	atStart []int32                  // facts

	log *log // that runs must leave; nil: none
}

// Choice is a control at its place: what a choice of the system is about.
type Choice struct {
	Control *models.Control
	On      *models.Element
	Data    *models.Element // of data at rest on the component On; nil otherwise
	Failure bool            // the choice is that it fails, not that it is there
}

// factKey identifies a fact: a predicate, by its index, and up to three arguments, by ID; -1 where there is none.
type factKey struct{ predicate, a, b, c int32 }

// factTable has the key of each fact. It grows by pages, of which none but the first is copied as it grows: there may be millions.
type factTable struct {
	pages [][]factKey
	n     int32
}

// factPage is how many facts a page has.
const factPage = 1 << 14

func (t *factTable) add(k factKey) {
	if t.n%factPage == 0 {
		t.pages = append(t.pages, make([]factKey, 0, min(t.n, factPage)))
	}
	last := &t.pages[len(t.pages)-1]
	*last = append(*last, k)
	t.n++
}

func (t *factTable) at(fact int32) factKey { return t.pages[fact/factPage][fact%factPage] }

// Case is one question of a requirement: one coalition of attackers and one binding of its `for` variables.
type Case struct {
	Question  *system.Question
	Attackers []*models.Attacker
	Bindings  []Binding
	Possible  bool                 // the requirement is met where Bad can be reached, whatever is chosen
	Own       int                  // how many of the question's assumptions, the first ones, are the requirement's own
	Bounds    []Bound              // where a domain stops a step that the case depends on
	Bound     system.Lit           // some of Bounds
	Assumed   []*models.Assumption // the assumptions in force
	Frozen    system.Lit           // the assumptions over choices alone, which are part of Bad
	Breaks    []Break              // of an architecture rule: what breaks it
	Of        *models.Element      // of a short form about what each of many has: whose it is; nil otherwise
	Given     *models.Element      // of `confidential`: the data, which the design gives to each of the attackers; nil otherwise
	Idle      *models.Expr         // the part of the property that nothing in the design meets, so that it holds of nothing; nil otherwise
}

// Binding is a variable with the name of its value.
type Binding struct{ Var, Value string }

// Break is an instance of the outer quantifiers of an architecture rule that is false, or that an open decision may make false.
type Break struct {
	Bindings []Binding
	Elements []*models.Element
	What     string     // the formula that is false, or true where it must not be
	When     system.Lit // over choices: True when it is broken whatever is decided
}

// single reports whether a fact is about one element alone.
func (k factKey) single() bool { return k.a >= 0 && k.b < 0 }

// keyOf is what the fact of a predicate and its arguments is known by. Of a predicate that is common to all of many there is one, whoever of them it is said of.
func keyOf(p *models.Predicate, index int32, args []*models.Element) factKey {
	ids := [3]int32{-1, -1, -1}
	for i, e := range args {
		if p.Common {
			e = declared(e)
		}
		ids[i] = int32(e.ID)
	}
	return factKey{index, ids[0], ids[1], ids[2]}
}

// declared returns the element of the design that an element is, or is the attacker's own of.
func declared(e *models.Element) *models.Element {
	if e != nil && e.Like != nil {
		return e.Like
	}
	return e
}

// Lookup returns the index of a fact, if the system has it.
func (g *Grounding) Lookup(p *models.Predicate, args []*models.Element) (int32, bool) {
	i, ok := g.indexOf[p]
	if !ok {
		return 0, false
	}
	return g.number(keyOf(p, i, args))
}

// number returns the index of a fact, if there is one.
func (g *Grounding) number(k factKey) (id int32, ok bool) {
	if !k.single() {
		id, ok = g.factIDs[k]
		return id, ok
	}
	row := g.factsOf[k.predicate]
	if row == nil || row[k.a] == 0 {
		return 0, false
	}
	return row[k.a] - 1, true
}

// Singly reports whether a rule is a threat that takes one at a time of those that an actor stands for, and takes one who is not the attacker.
func (g *Grounding) Singly(rule int32, of *models.Element) bool {
	if of == nil || rule >= g.firstStep || !g.Threat(rule).Singly {
		return false
	}
	for _, id := range g.byThreat.binds(rule) {
		if e := g.design.Elements[id]; slices.Contains(models.Owners(e.Like), of) && g.design.Others(e, of) {
			return true
		}
	}
	return false
}

// question sets what the coalition decides: what it may spend and which rules it does not use. Where there is a log, steps that are observed are taken only as
// its rules for them say.
func (g *Grounding) question(coalition []*models.Attacker, failures int) *system.Question {
	q := g.freely(coalition, failures)
	if g.log != nil {
		if q.Off == nil {
			q.Off = make([]bool, int(g.byThreat.rules())+len(g.steps))
		}
		for _, r := range g.log.observed {
			q.Off[r] = true
		}
	}
	return q
}

// freely is question where nothing is observed.
func (g *Grounding) freely(coalition []*models.Attacker, failures int) *system.Question {
	q := &system.Question{MaxFailures: failures, Budget: -1}
	rules := int(g.byThreat.rules()) + len(g.steps)
	if len(coalition) == 0 {
		q.Off = make([]bool, rules) // nobody attacks: no threat fires, and only honest steps are taken
		for i := range q.Off {
			p := g.process(int32(i))
			q.Off[i] = p == nil || p.kind != ByStep && p.kind != ByAlert
		}
		return q
	}
	q.Budget = 0
	for _, a := range coalition {
		if a.Budget < 0 || q.Budget < 0 {
			q.Budget = -1 // one without a budget has enough for all
		} else {
			q.Budget += a.Budget
		}
	}
	without := map[string]int{}
	for _, a := range coalition {
		for _, id := range a.Without {
			without[id]++
		}
	}
	for i, t := range g.Model.Catalogue.Threats {
		if without[t.ID] < len(coalition) {
			continue // some member may use it
		}
		for rule, end := g.byThreat.of(i); rule < end; rule++ {
			if q.Off == nil {
				q.Off = make([]bool, rules)
			}
			q.Off[rule] = true
		}
	}
	return q
}

// start returns the facts that are true at the start: of the processes, and of the coalition. It comes last, when all facts are known.
func (g *Grounding) start(coalition []*models.Attacker) []int32 {
	out := slices.Clone(g.atStart)
	for _, a := range coalition {
		for _, s := range g.starts(a) {
			if f, ok := g.Lookup(s.Predicate, s.Args); ok {
				out = append(out, f)
			}
		}
		for _, m := range a.Secrets {
			if f, ok := g.known[m]; ok {
				out = append(out, f)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// starts returns what holds of an attacker from the beginning. Who is one of many, or controls one, acts as the one that is the attacker's own.
func (g *Grounding) starts(a *models.Attacker) []models.Start {
	var out []models.Start
	controls := g.design.Vocabulary.Predicates["controls"]
	for _, s := range a.Start {
		if s.Predicate == controls && s.Args[0].Members != nil {
			s.Args = []*models.Element{g.design.Own(s.Args[0])}
		}
		out = append(out, s)
	}
	for _, e := range a.Is {
		out = append(out, models.Start{Predicate: controls, Args: []*models.Element{g.design.Own(e)}, Span: a.Span})
	}
	return out
}

// Honest returns a question about the same with nobody attacking.
func (g *Grounding) Honest(q *system.Question) *system.Question {
	out := *q
	nobody := g.question(nil, q.MaxFailures)
	out.Off, out.Budget, out.Start = nobody.Off, nobody.Budget, g.start(nil)
	return &out
}
