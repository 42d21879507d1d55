package imports

import (
	"cmp"
	"slices"

	"github.com/vauban-verifier/vauban/dsl/source"
)

// The sorts of elements.
const (
	Zone      = "zone"
	Actor     = "actor"
	Component = "component"
	Data      = "data"
)

// Plan is what an import found.
type Plan struct {
	Elements []*Element
	Flows    []*Flow
	Carried  []*Carried // what is said further of elements of another import
	Sources  []Source   // in the order read
	Policed  bool       // the network of the input has policies, or could have
	Unread   []Unread   // what was accepted without being understood
	Notes    []string   // what a reader should know, for the command line

	names   names
	between map[[2]*Element][]*Flow
}

// Element is a zone, an actor, a component or data.
type Element struct {
	Sort    string
	Name    string // an identifier of the language
	Raw     string // what its file calls it
	Title   string // what is shown in place of Raw
	Tech    string
	Kinds   []string
	In      []*Element // zones
	Origin  source.Origin
	Guessed []string // kind, zone: what of it is only probable
	Has     []string // controls; `x?` is an open decision
	Stores  []*Element
	Handles []*Element
	Accepts []*Element
	RunsOn  *Element
	Port    int
	Ties    []Tie
}

// Tie is a relation of the catalogue.
type Tie struct {
	Relation string
	To       *Element
}

// Flow is what one element sends another.
type Flow struct {
	Source, Target *Element
	Protocol       string // "" is unknown
	Port           int
	Idle           bool // open, and nobody is known to use it
	Blocked        bool
	Carries        []*Element
	Returns        []*Element
	By             []*Element // credentials
	Through        []*Element
	Has            []string
	Kinds          []string
	Guessed        []string
	Title          string
	Ties           []Tie
	Origin         source.Origin
}

// Carried says further of a flow or a component of another import what it carries, returns or handles.
type Carried struct {
	Name             string // of the flow or component
	Carries, Returns []*Element
	Handles          []*Element
	Origin           source.Origin
}

// Unread is something that an import did not understand.
type Unread struct {
	What   string
	Origin source.Origin
}

// Add puts an element into the plan under a name made from what its file calls it.
func (p *Plan) Add(sort, raw string, kinds []string, at source.Origin) *Element {
	e := &Element{Sort: sort, Raw: raw, Name: p.names.free(raw, sort), Kinds: kinds, Origin: at}
	p.Elements = append(p.Elements, e)
	return e
}

// Internet returns the public network of the plan, with the one actor who stands for anybody there.
func (p *Plan) Internet() (internet, anybody *Element) {
	for _, e := range p.Elements {
		if e.Sort == Actor && e.Raw == "Anybody" {
			return e.In[0], e
		}
	}
	internet = p.Public()
	anybody = p.Add(Actor, "Anybody", []string{"customer"}, source.Origin{})
	anybody.Title = "Anybody on the Internet"
	anybody.In = []*Element{internet}
	return internet, anybody
}

// Repository returns the component that keeps the files that were read, where secrets lie in the open.
func (p *Plan) Repository() *Element {
	for _, e := range p.Elements {
		if e.Sort == Component && e.Raw == "Repository" && slices.Contains(e.Kinds, "repository") {
			return e
		}
	}
	r := p.Add(Component, "Repository", []string{"repository"}, source.Origin{})
	r.Title = "Where the files of this import lie"
	return r
}

// Flow adds a flow, or returns the one between the two that is there already: one that is used takes the place of one that is only open.
func (p *Plan) Flow(f Flow) *Flow {
	pair := [2]*Element{f.Source, f.Target}
	if p.between == nil {
		p.between = map[[2]*Element][]*Flow{}
	}
	for _, x := range p.between[pair] {
		switch {
		case x.Blocked != f.Blocked || x.Port != f.Port && x.Port > 0 && f.Port > 0:
		case f.Idle && f.Source.Sort == Component, x.Idle == f.Idle && (x.Protocol == f.Protocol || x.Protocol == "" || f.Protocol == ""):
			x.Port, x.Protocol = cmp.Or(x.Port, f.Port), cmp.Or(x.Protocol, f.Protocol)
			return x
		case x.Idle && !f.Idle:
			*x = f
			return x
		}
	}
	p.Flows = append(p.Flows, &f)
	p.between[pair] = append(p.between[pair], &f)
	return &f
}

// Put adds a flow beside those that are there: a model may draw several between two.
func (p *Plan) Put(f Flow) { p.Flows = append(p.Flows, &f) }

// Is reports whether an element has one of these kinds.
func (e *Element) Is(kinds ...string) bool {
	return slices.ContainsFunc(e.Kinds, func(k string) bool { return slices.Contains(kinds, k) })
}

// Guess notes that something of an element is only probable.
func (e *Element) Guess(what string) {
	if !slices.Contains(e.Guessed, what) {
		e.Guessed = append(e.Guessed, what)
	}
}

// Put adds to a list what is not there yet.
func Put[T comparable](list []T, xs ...T) []T {
	for _, x := range xs {
		if !slices.Contains(list, x) {
			list = append(list, x)
		}
	}
	return list
}

// entries returns the components that somebody on the Internet talks to on purpose: the doors of the shop.
func (p *Plan) entries() []*Element {
	var out []*Element
	for _, f := range p.Flows {
		if f.Source.Sort == Actor && !f.Idle && !f.Blocked && !f.Target.Is("admin_interface", "third_party") {
			out = Put(out, f.Target)
		}
	}
	slices.SortStableFunc(out, func(a, b *Element) int { return cmp.Compare(a.Name, b.Name) })
	return out
}
