package models

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
}

// BaseRelations are the relations of the base language that the design states of elements, by their words.
var BaseRelations = map[string]BaseRelation{
	"in":               {OpIn, []string{ZoneRoot, PartyRoot}, ZoneRoot},
	"stores":           {OpStores, []string{ComponentRoot}, DataRoot},
	"handles":          {OpHandles, []string{ComponentRoot}, DataRoot},
	"carries":          {OpCarries, []string{FlowRoot}, DataRoot},
	"returns":          {OpReturns, []string{FlowRoot}, DataRoot},
	"through":          {OpThrough, []string{FlowRoot}, PartyRoot},
	"accepts":          {OpAccepts, []string{ComponentRoot}, Credential},
	"authenticated by": {OpAuthenticated, []string{FlowRoot}, Credential},
	"runs on":          {OpRunsOn, []string{ComponentRoot}, ComponentRoot},
	"of":               {OpOf, []string{DataRoot, ComponentRoot}, ActorRoot},
}
