package models

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/vauban-verifier/vauban/dsl/source"
)

// Root names of the kind forest.
const (
	ZoneRoot      = "zone"
	PartyRoot     = "party"
	ActorRoot     = "actor"
	ComponentRoot = "component"
	DataRoot      = "data"
	FlowRoot      = "flow"

	// Credential is no root: credentials are data of the base language.
	Credential = "credential"
	// Idle is no root: a flow that is open, but that nobody uses.
	Idle = "idle"
	// Unspecified is the protocol of a flow that names none.
	Unspecified = "unspecified"
)

// Vocabulary is what a design may speak of: everything that the catalogues in use declare, over the base language.
// [NewVocabulary] holds the root kinds and the base predicates; package threats adds the rest.
type Vocabulary struct {
	Kinds      map[string]*Kind // data classes are kinds below `data`
	Controls   map[string]*Control
	Protocols  map[string]*Protocol
	Relations  map[string]*Relation
	Attributes map[string]*Attribute
	Predicates map[string]*Predicate
	Defines    map[string]*Define
	Repairs    map[RepairKind][]*Repair
	ThreatIDs  map[string]bool // what `without` may name
	Synonyms   Synonyms
}

// Synonyms are further words for what a vocabulary has, each mapped to the name of what it means.
type Synonyms struct {
	Kinds, Controls, Protocols, Relations map[string]string
}

// Kind finds a kind or class by its name or a synonym, or returns nil.
func (v *Vocabulary) Kind(name string) *Kind { return find(v.Kinds, v.Synonyms.Kinds, name) }

// Control finds a control by its name or a synonym, or returns nil.
func (v *Vocabulary) Control(name string) *Control {
	return find(v.Controls, v.Synonyms.Controls, name)
}

// Protocol finds a protocol by its name or a synonym, or returns nil.
func (v *Vocabulary) Protocol(name string) *Protocol {
	return find(v.Protocols, v.Synonyms.Protocols, name)
}

// Relation finds a relation by its name or a synonym, or returns nil.
func (v *Vocabulary) Relation(name string) *Relation {
	return find(v.Relations, v.Synonyms.Relations, name)
}

func find[T any](all map[string]*T, synonyms map[string]string, name string) *T {
	if x := all[name]; x != nil {
		return x
	}
	return all[synonyms[name]]
}

// Kind is a node of the kind forest.
type Kind struct {
	Name   string
	Title  string
	Parent *Kind // nil at a root; the parent of actor and component is party
	Span   source.Span
	Doc    string
	Many   bool     // of actors: stands for many, also where the design does not say so
	Each   bool     // of data and components: of those who stand for many each has one, where the design does not say so and nobody else has to do with it
	Actor  *Element // of the sort of an actor's members: that actor
	Ask    string   // a question that a design answers by giving the kind or not, with {0} for the element
}

// Is reports whether k is other or lies below it.
func (k *Kind) Is(other *Kind) bool {
	for ; k != nil; k = k.Parent {
		if k == other {
			return true
		}
	}
	return false
}

// Root returns the root kind above k: zone, actor, component, data, flow; or party itself.
func (k *Kind) Root() *Kind {
	for k.Parent != nil && k.Parent.Name != PartyRoot {
		k = k.Parent
	}
	return k
}

// Control is a countermeasure that elements, flows or stored data may have.
type Control struct {
	Name  string
	Title string
	Of    []*Kind // what it is made for
	Cost  int     // of adding it, in the catalogue's scale; default 1
	Unfit []Unfit // where nobody would add it
	Users string  // what it does to those who use what gets it, as a sentence; "": nothing that they notice
	Refs  []string
	Span  source.Span
	Doc   string
}

// Unfit is where a control does not belong, though it is made for the element: it would shut out those whom the element is for.
type Unfit struct {
	Var  *Var
	When *Expr  // static
	Says string // why, as a clause
}

// Fits reports whether the control is made for elements of one of these kinds.
func (c *Control) Fits(kinds []*Kind) bool {
	for _, k := range kinds {
		for _, of := range c.Of {
			if k.Is(of) {
				return true
			}
		}
	}
	return false
}

// Protocol is what a flow runs over.
type Protocol struct {
	Name    string
	Title   string
	Parent  *Protocol
	Gives   []*Control  // its own and its ancestors', without duplicates
	Secures []*Protocol // what it carries the same as, and better: a flow over one of these may be changed to it; most similar first
	Cost    int         // of changing to it, in the catalogue's scale; default 1
	Span    source.Span
	Doc     string
}

// RepairKind is a way to change the structure of a design.
type RepairKind string

// RepairWay says what a way to change the structure is about, by root kinds, and means.
type RepairWay struct {
	Kind  RepairKind
	Of    []string
	Means string
}

// The ways to change the structure of a design, as [RepairKinds] has them.
const (
	Close    RepairKind = "close"
	Refuse   RepairKind = "refuse"
	Move     RepairKind = "move"
	Forget   RepairKind = "forget"
	Withhold RepairKind = "withhold"
	Await    RepairKind = "await"
)

// RepairKinds are the ways to change the structure of a design, with the root kinds of what each is about.
var RepairKinds = []RepairWay{
	{Close, []string{FlowRoot}, "it is not permitted, or not there"},
	{Refuse, []string{ComponentRoot, DataRoot}, "the component no longer accepts the credential"},
	{Move, []string{ComponentRoot, ZoneRoot}, "the component stands in the zone instead"},
	{Forget, []string{ComponentRoot, DataRoot}, "the component no longer stores the data"},
	{Withhold, []string{FlowRoot, DataRoot}, "the flow no longer carries or returns the data"},
	{Await, []string{ComponentRoot}, "a step of a process that the component takes waits for a condition"},
}

// Repair is where a change of the structure takes nothing from those who use the design as it is meant.
type Repair struct {
	Kind  RepairKind
	Vars  []*Var
	When  *Expr // static
	Cost  int
	Users string // what it does to them, as a sentence with the variables in braces
	Span  source.Span
}

// Is reports whether p is other or lies below it.
func (p *Protocol) Is(other *Protocol) bool {
	for ; p != nil; p = p.Parent {
		if p == other {
			return true
		}
	}
	return false
}

// Relation is a binary relation between elements that a catalogue declares.
type Relation struct {
	Name     string
	Title    string
	From, To *Kind
	Span     source.Span
	Doc      string
	Ask      string  // a question that a design answers by stating the relation, with {0} for what it leads from
	AskOf    []*Kind // who is asked, of those that it leads from; nil: all
	AskTo    []*Kind // who can be an answer, of those that it leads to; nil: all
}

// Attribute is an integer or a word that elements may carry.
type Attribute struct {
	Name  string
	Title string
	Doc   string
	Of    []*Kind
	Words []string // nil: an integer
	Span  source.Span
	Ask   string // a question that a design answers by giving a value, with {0} for the element
}

// Predicate is a fact that changes over time.
type Predicate struct {
	Name  string
	Title string // with {0}, {1} for its arguments
	Doc   string
	Args  []*Kind // what it ranges over
	Base  bool
	Span  source.Span

	// Common says that what is true of one of many is true of all of them: it is a matter of the interface that they share.
	Common bool

	// Alternatives are further kinds that an argument may have, by position; it may be shorter than Args.
	Alternatives [][]*Kind
}

// Accepts reports whether the element may be the argument at that position. Nothing passes on an idle flow, so nobody observes one.
func (p *Predicate) Accepts(arg int, e *Element) bool {
	if p.Base && p.Name == "observes" && e.Flow != nil && e.Flow.Idle {
		return false
	}
	for _, k := range p.Ranges(arg) {
		if e.Is(k) {
			return true
		}
	}
	return false
}

// Ranges returns the kinds that the argument at that position ranges over: one, or more where it has alternatives.
func (p *Predicate) Ranges(arg int) []*Kind {
	out := []*Kind{p.Args[arg]}
	if arg < len(p.Alternatives) {
		out = append(out, p.Alternatives[arg]...)
	}
	return out
}

// Near returns names among the given ones that are near in meaning to a word that is none: those that share a part with it, in their name, a synonym or their
// title. There are few, in order of how much they share.
func (v *Vocabulary) Near(word string, among []string, synonyms map[string]string, title func(name string) string) []string {
	const few = 4
	parts := meanings(word)
	score := map[string]int{}
	for _, name := range among {
		for _, p := range meanings(name) {
			score[name] += 2 * count(parts, p)
		}
		for _, p := range meanings(strings.ReplaceAll(title(name), " ", "_")) {
			score[name] += count(parts, p)
		}
	}
	for s, name := range synonyms {
		for _, p := range meanings(s) {
			if slices.Contains(among, name) {
				score[name] += 2 * count(parts, p)
			}
		}
	}
	var out []string
	for name, n := range score {
		if n > 0 {
			out = append(out, name)
		}
	}
	slices.SortFunc(out, func(x, y string) int { return cmp.Or(score[y]-score[x], cmp.Compare(x, y)) })
	return out[:min(len(out), few)]
}

// meanings splits a word into the parts that mean something.
func meanings(word string) []string {
	parts := strings.FieldsFunc(strings.ToLower(word), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.DeleteFunc(parts, func(p string) bool { return len(p) < 3 })
}

func count(list []string, x string) int {
	n := 0
	for _, y := range list {
		if x == y {
			n++
		}
	}
	return n
}
