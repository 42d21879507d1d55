package explain

import (
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Attack is a counterexample that has been replayed: each step in order, and none can be left out.
type Attack struct {
	// Way is what it does that something in the design could stop, such as `injection(Shop)`, sorted: its costly threats, what it forges, and where
	// there is neither, what it does for free. Attacks of one way are stopped by the same, whatever they cost and wherever the design lies.
	Way         []string
	Reach       Reach // of a case about what each of many has
	Honest      bool  // nobody attacks: the steps of processes as they are meant do it
	Cost        int
	CostAtLeast int // proved: no attack costs less
	Choices     []Choice
	Failures    []Choice
	Steps       []Step
}

// Reach says of how many an attack takes what each of many has, such as an order.
type Reach string

// The reaches. Where an attack is of one, another may be of all: `at scale` asks for that.
const (
	OfOne Reach = "one" // some step of it takes one of them at a time
	OfAll Reach = "all" // what it does goes for all alike
)

// reachOf returns the reach of an attack on a case.
func reachOf(g *ground.Grounding, from *ground.Case, run *system.Run) Reach {
	switch {
	case from.Of == nil:
		return ""
	case slices.ContainsFunc(run.Rules, func(rule int32) bool { return g.Singly(rule, from.Of) }):
		return OfOne
	}
	return OfAll
}

// Step is one step of an attack.
type Step struct {
	Kind     ground.Kind
	ID       string
	Threat   *threats.Threat // of a threat
	Bindings []ground.Binding
	Elements []*models.Element // what the bindings name
	Cost     int
	Adds     []string
	Removes  []string
	Says     string
	Source   source.Span // of what the step acts on, in the design
}

// NewStep returns what a rule does; what it changes and costs is for the caller to fill in.
func NewStep(g *ground.Grounding, rule int32) Step {
	r := g.Rule(rule)
	return Step{Kind: r.Kind, ID: r.ID, Threat: r.Threat, Bindings: r.Bindings, Elements: r.Elements, Says: r.Says, Source: r.Source}
}

// Choice is a control at its place, decided or failed.
type Choice struct {
	Control string
	On      string
	Data    string // of data at rest on the component On; "" otherwise
	Is      bool   // of a decision
}

// Choices names choice literals. Of a decision, Is says which way; of a failure, that it fails.
func Choices(g *ground.Grounding, lits []system.Lit) []Choice {
	out := make([]Choice, 0, len(lits))
	for _, l := range lits {
		out = append(out, choice(g, l))
	}
	return out
}

func choice(g *ground.Grounding, l system.Lit) Choice {
	_, ref := g.System.Node(l.Node())
	of := g.Choice(ref)
	c := Choice{Control: of.Control.Name, On: of.On.Name, Is: !l.Negated()}
	if of.Data != nil {
		c.Data = of.Data.Name
	}
	return c
}

// Replayed describes a run that answers a question about a case, which is replayed for it. It is an error where it does not replay.
func Replayed(g *ground.Grounding, from *ground.Case, q *system.Question, run *system.Run) (*Attack, error) {
	trace, err := system.Replay(q, run)
	if err != nil {
		return nil, err
	}
	a := describe(g, q, run, trace)
	a.Reach = reachOf(g, from, run)
	return a, nil
}

// describe describes a run with what it changed. Only the choices of the run are named.
func describe(g *ground.Grounding, q *system.Question, run *system.Run, trace *system.Trace) *Attack {
	a := &Attack{Cost: trace.Cost, Way: WayOf(g, run).Names()}
	for _, l := range run.Choices {
		_, ref := g.System.Node(l.Node())
		switch {
		case g.System.ChoiceKind(ref) == system.Decision:
			a.Choices = append(a.Choices, choice(g, l))
		case !l.Negated():
			a.Failures = append(a.Failures, choice(g, l))
		}
	}
	for i, rule := range run.Rules {
		change := trace.Changes[i]
		s := NewStep(g, rule)
		s.Cost = change.Cost
		s.Adds, s.Removes = g.Changes(change.Added, change.Removed)
		a.Steps = append(a.Steps, s)
	}
	if len(a.Steps) > 0 && !slices.ContainsFunc(a.Steps, func(s Step) bool { return s.Kind != ground.ByStep }) {
		_, err := system.Replay(g.Honest(q), run)
		a.Honest = err == nil
	}
	return a
}

// Deed is something that a run does, with one of the rules that do it.
type Deed struct {
	Name string
	Rule int32
}

// Way is a set of deeds, sorted by name.
type Way []Deed

// WayOf returns the deeds of a run that something could stop best: those of the lowest rank in it.
func WayOf(g *ground.Grounding, run *system.Run) Way {
	var out Way
	least := ground.Regular
	for _, r := range run.Rules {
		d := g.Deed(r)
		switch {
		case d.Rank > least:
			continue
		case d.Rank < least:
			least, out = d.Rank, nil
		}
		out = out.With(Deed{d.Name, r})
	}
	return out
}

// Names returns the names of the deeds.
func (w Way) Names() []string {
	var out []string
	for _, d := range w {
		out = append(out, d.Name)
	}
	return out
}

func (w Way) find(d Deed) (int, bool) {
	return slices.BinarySearchFunc(w, d, func(x, y Deed) int { return strings.Compare(x.Name, y.Name) })
}

// Has reports whether a deed is in the way.
func (w Way) Has(d Deed) bool {
	_, ok := w.find(d)
	return ok
}

// With returns the way with a deed.
func (w Way) With(d Deed) Way {
	at, ok := w.find(d)
	if ok {
		return w
	}
	return slices.Insert(slices.Clone(w), at, d)
}

// Within reports whether all deeds of a way are in another.
func (w Way) Within(other Way) bool {
	return !slices.ContainsFunc(w, func(d Deed) bool { return !other.Has(d) })
}

// Apart reports whether no deed of a way is in another.
func (w Way) Apart(other Way) bool { return !slices.ContainsFunc(w, other.Has) }
