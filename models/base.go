package models

import (
	"slices"
	"sync"
)

// NewVocabulary returns the words that need no catalogue: the root kinds, `credential`, `idle`, `unspecified`, and the base predicates.
func NewVocabulary() *Vocabulary {
	v := &Vocabulary{
		Kinds:      map[string]*Kind{},
		Controls:   map[string]*Control{},
		Protocols:  map[string]*Protocol{},
		Relations:  map[string]*Relation{},
		Attributes: map[string]*Attribute{},
		Predicates: map[string]*Predicate{},
		Defines:    map[string]*Define{},
		Repairs:    map[RepairKind][]*Repair{},
		ThreatIDs:  map[string]bool{},
		Synonyms: Synonyms{
			Kinds: map[string]string{}, Controls: map[string]string{}, Protocols: map[string]string{}, Relations: map[string]string{},
		},
	}
	kind := func(name, title string, parent *Kind) *Kind {
		k := &Kind{Name: name, Title: title, Parent: parent}
		v.Kinds[name] = k
		return k
	}
	zone := kind(ZoneRoot, "Zone", nil)
	party := kind(PartyRoot, "Party", nil)
	kind(ActorRoot, "Actor", party)
	component := kind(ComponentRoot, "Component", party)
	data := kind(DataRoot, "Data", nil)
	kind(Credential, "Credential", data)
	flow := kind(FlowRoot, "Flow", nil)
	kind(Idle, "Open, but not used", flow)
	v.Protocols[Unspecified] = &Protocol{Name: Unspecified, Title: "Not said"}

	predicate := func(name, title string, of *Kind, alternatives ...*Kind) {
		p := &Predicate{Name: name, Title: title, Args: []*Kind{of}, Base: true}
		if len(alternatives) > 0 {
			p.Alternatives = [][]*Kind{alternatives}
		}
		v.Predicates[name] = p
	}
	predicate("present", "the attacker can act from {0}", zone)
	predicate("controls", "the attacker controls {0}", party)
	predicate("observes", "the attacker reads {0}", flow)
	predicate("injects", "the attacker sends on {0}", flow)
	predicate("knows", "the attacker knows {0}", data)
	predicate("tampers", "the attacker changes {0} unnoticed", data)
	predicate("denies", "the attacker makes {0} unavailable", component, flow)
	return v
}

// BaseRelation is a relation of the base language, with the kinds that it holds between.
type BaseRelation struct {
	Op    Op
	Left  []string
	Right string
	Said  func(*Element) *[]*Element // where an element keeps what is said of it; nil where it keeps more than names, or one
}

// BaseRelations are the relations of the base language that the design states of elements, by their words.
var BaseRelations = map[string]BaseRelation{
	"in":               {OpIn, []string{ZoneRoot, PartyRoot}, ZoneRoot, nil},
	"stores":           {OpStores, []string{ComponentRoot}, DataRoot, nil},
	"handles":          {OpHandles, []string{ComponentRoot}, DataRoot, func(e *Element) *[]*Element { return &e.Handles }},
	"carries":          {OpCarries, []string{FlowRoot}, DataRoot, func(e *Element) *[]*Element { return &e.Flow.Carries }},
	"returns":          {OpReturns, []string{FlowRoot}, DataRoot, func(e *Element) *[]*Element { return &e.Flow.Returns }},
	"through":          {OpThrough, []string{FlowRoot}, PartyRoot, func(e *Element) *[]*Element { return &e.Flow.Through }},
	"accepts":          {OpAccepts, []string{ComponentRoot}, Credential, func(e *Element) *[]*Element { return &e.Accepts }},
	"authenticated by": {OpAuthenticated, []string{FlowRoot}, Credential, func(e *Element) *[]*Element { return &e.Flow.Authenticated }},
	"runs on":          {OpRunsOn, []string{ComponentRoot}, ComponentRoot, func(e *Element) *[]*Element { return &e.RunsOn }},
	"of":               {OpOf, []string{DataRoot, ComponentRoot}, ActorRoot, nil},
}

// Sayings are the words of the relations that [Element.Said] lists, in order.
var Sayings = sync.OnceValue(func() []string {
	var out []string
	for word, b := range BaseRelations {
		if b.Said != nil || b.Op == OpStores {
			out = append(out, word)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return int(BaseRelations[a].Op) - int(BaseRelations[b].Op) })
	return out
})

// Stated is a relation that an element states, with what it leads to.
type Stated struct {
	Word string
	To   []*Element
}

// Said returns what the design says of an element by relations of the base language, but for where it is and whose: those that lead anywhere.
func (e *Element) Said() []Stated {
	var out []Stated
	for _, word := range Sayings() {
		b := BaseRelations[word]
		var to []*Element
		switch {
		case !slices.Contains(b.Left, e.Root()):
		case b.Op == OpStores:
			for _, s := range e.Stores {
				to = append(to, s.Data)
			}
		default:
			to = *b.Said(e)
		}
		if len(to) > 0 {
			out = append(out, Stated{word, to})
		}
	}
	return out
}

// ShortForms are the predicates that the short forms of properties are about, by their words: `confidential D` is `never knows(D)`.
var ShortForms = map[string]string{"confidential": "knows", "integrity": "tampers", "available": "denies"}
