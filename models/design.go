package models

import (
	"slices"

	"github.com/vauban-verifier/vauban/dsl/source"
)

// Design is a resolved design: every name bound, every formula typed. Slices are in the order of declaration
// (files in the order included), so everything derived from them is deterministic.
type Design struct {
	Title        string
	Vocabulary   *Vocabulary
	Elements     []*Element // zones, actors, components, data and flows; Elements[i].ID == i
	Attackers    []*Attacker
	Processes    []*Process
	Requirements []*Requirement
	Assumptions  []*Assumption
	Waivers      []*Waiver
	Files        []*source.File // in the order read
	Draft        bool           // something is wrong: it says as much as could be read, and nothing of it may be verified

	index index
}

// Element is a zone, actor, component, data item or flow.
type Element struct {
	ID    int
	Name  string
	Kinds []*Kind   // at least one (a flow without `is` has the root kind flow)
	Flow  *FlowEnds // only of flows

	// Grounding looks at these and those above most, of one element after the other: they lie side by side.
	Zones    []*Element     // where it stands: of a zone at most one; of actors and components any number
	Controls []ControlState // sorted by control name, unique
	Like     *Element       // of an element of a design with members: the declared one that it is; nil in designs as they are declared
	Own      bool           // of such an element: it is the attacker's own, or has to do with that

	Span  source.Span
	Doc   string
	Title string // "" when not given
	Owner string
	Tech  string
	Link  string
	Of    *Element // of data and components: the actor of whom each has one; nil when there is one for all

	Members *Kind // of an actor that stands for many: the sort of its members; nil when it stands for one

	Origin  source.Origin // where it was found, from the directory of the file that says so; none when it was written by hand
	Guessed []string      // what of it nobody has confirmed, sorted
	Sure    bool          // somebody has confirmed all of it
	None    []Claim       // relations that it is said not to have, by name

	Taken      []*Control // that `has not` takes back, in the order written: to say `has` elsewhere changes nothing
	Stores     []Stored   // of components
	Handles    []*Element
	Accepts    []*Element
	RunsOn     []*Element
	Attributes map[*Attribute]AttributeValue
	Relations  map[*Relation][]*Element

	Wrong bool // of a draft: an error stands where it is declared or extended, so that something of it may be missing
}

// Root returns the name of the root kind: zone, actor, component, data or flow.
func (e *Element) Root() string { return e.Kinds[0].Root().Name }

// Is reports whether the element has a kind at or below k.
func (e *Element) Is(k *Kind) bool {
	if k.Actor != nil {
		return e == k.Actor || e.Like == k.Actor
	}
	for _, own := range e.Kinds {
		if own.Is(k) {
			return true
		}
	}
	return false
}

// IsAny reports whether the element has a kind at or below one of these; of none, every element does.
func (e *Element) IsAny(kinds []*Kind) bool {
	return len(kinds) == 0 || slices.ContainsFunc(kinds, e.Is)
}

// Zone returns the first zone that the element stands in, or nil: the only one of a zone.
func (e *Element) Zone() *Element {
	if len(e.Zones) == 0 {
		return nil
	}
	return e.Zones[0]
}

// Around returns all zones that the element lies in, each zone before the one around it, without repetition.
func (e *Element) Around() []*Element {
	var out []*Element
	for i, at := range e.Zones {
		for ; at != nil; at = at.Zone() {
			if i > 0 && slices.Contains(out, at) {
				break
			}
			out = append(out, at)
		}
	}
	return out
}

// Place returns the zone that an [OpZone] over the element means, or nil when it has no such zone.
func (e *Element) Place(zone *Expr) *Element {
	if n := max(int(zone.Int)-1, 0); n < len(e.Zones) {
		return e.Zones[n]
	}
	return nil
}

// Inside reports whether the element lies in zone z, directly or in nested zones. A zone is not in itself.
func (e *Element) Inside(z *Element) bool {
	for _, at := range e.Zones {
		for ; at != nil; at = at.Zone() {
			if at == z {
				return true
			}
		}
	}
	return false
}

// Places returns the largest number of zones that an element of the design stands in.
func (d *Design) Places() int {
	n := 0
	for _, e := range d.Elements {
		n = max(n, len(e.Zones))
	}
	return n
}

// Claim is a relation that an element is said not to have: `loads none`.
type Claim struct {
	Relation string
	Span     source.Span
}

// FlowEnds is what only flows have. In a draft, ends and protocol may be nil.
type FlowEnds struct {
	Source, Target *Element
	Protocol       *Protocol
	Blocked        bool
	Idle           bool // open, but nobody uses it
	Carries        []*Element
	Returns        []*Element
	Authenticated  []*Element
	Through        []*Element
}

// ControlState says that an element (or data stored on it) has a control, or may come to have it.
type ControlState struct {
	Control *Control
	Open    bool // `control?`: not decided yet
	Given   bool // the flow's protocol gives it: it can neither fail nor be open
	Span    source.Span
}

// Stored is data at rest on a component, with the controls that protect it there.
type Stored struct {
	Data     *Element
	Controls []ControlState
	Span     source.Span
}

// AttributeValue is an integer or a word.
type AttributeValue struct {
	Int  int64
	Word string
}

// Attacker is where an attack starts.
type Attacker struct {
	Name    string
	Span    source.Span
	Doc     string
	Is      []*Element // the actors of each of which it is one, with what the design gives to these
	Start   []Start
	Secrets []*Member // values of secret domains that it knows
	Budget  int       // -1 when there is none
	Without []string  // threat IDs, sorted
	Wrong   bool      // as of an [Element]
}

// Start is a fact that holds for an attacker from the beginning.
type Start struct {
	Predicate *Predicate
	Args      []*Element
	Span      source.Span
}

// PropertyKind is the form of a property; the three short forms of the language are expanded into Never.
type PropertyKind int

// The forms.
const (
	Never PropertyKind = iota
	Always
	OnlyAfter
	Possible
)

// Requirement is something that must hold.
type Requirement struct {
	Name       string
	Title      string
	Severity   string
	Refs       []string
	Doc        string
	Span       source.Span // of the name
	Text       string      // the property as written, white space folded
	For        []*Var
	Kind       PropertyKind
	F, G       *Expr         // G only of OnlyAfter
	AtScale    bool          // only what works against all of the many alike counts
	Short      bool          // one of the three short forms
	Secret     bool          // `confidential`: what the design gives to an attacker is not learnt
	Each       []*Expr       // of a short form with several names: what must not come about of each, whose disjunction is F; nil otherwise
	Static     bool          // mentions no fact: an architecture rule, judged once without attackers
	Process    bool          // mentions the state of a process
	Coalitions [][]*Attacker // resolved: each declared attacker alone when the requirement names none; empty: the honest system
	Failures   int
	Wrong      bool // as of an [Element]
}

// Severities are what a requirement may be, worst first.
var Severities = []string{"critical", "high", "medium", "low", "info"}

// SeverityRank orders the Severities of requirements, the worst first; without one, a requirement comes last.
func SeverityRank(severity string) int {
	if i := slices.Index(Severities, severity); i >= 0 {
		return i
	}
	return len(Severities)
}

// Assumption restricts the runs that are looked at.
type Assumption struct {
	Name string
	F    *Expr
	Span source.Span
	Text string
}

// Waiver accepts that a requirement is not met.
type Waiver struct {
	Requirement *Requirement
	Until       string // YYYY-MM-DD
	Because     string
	Span        source.Span
}
