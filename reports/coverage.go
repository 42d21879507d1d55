package reports

import (
	"github.com/vauban-verifier/vauban/checker/coverage"
)

// CoverageSchema names the form of a coverage document.
const CoverageSchema = "vauban.coverage/1"

// Coverage is what became of every threat of the catalogue in a design. Other programs may rely on the JSON names.
type Coverage struct {
	Schema    string       `json:"schema"`
	Tool      Tool         `json:"tool"`
	Design    string       `json:"design"`
	Inputs    []Input      `json:"inputs"`
	Attackers [][]string   `json:"attackers"` // each attacker alone, then the coalitions that requirements name
	Threats   []Considered `json:"threats"`   // in the order of the catalogue
}

// Considered is a threat with what became of it.
type Considered struct {
	ID        string       `json:"id"`
	Title     string       `json:"title"`
	Area      string       `json:"area,omitempty"`
	Stride    []string     `json:"stride"`
	Refs      []string     `json:"refs"`
	Verdict   string       `json:"verdict"`           // violated: it can be carried out; depends; holds: it cannot, proved; unknown
	Because   string       `json:"because,omitempty"` // of holds: absent, stopped, out-of-reach or excluded
	Why       string       `json:"why,omitempty"`     // the same for people; of unknown: why it is not known
	Instances int          `json:"instances"`         // ways to bind it to elements that fit the design, controls aside
	Stopped   int          `json:"stopped"`           // of these, how many a control stops
	Stops     []Stop       `json:"stops,omitempty"`
	Cases     []CoverageOf `json:"cases"` // as attackers above
	Attack    *Attack      `json:"attack,omitempty"`
}

// Stop is a control that stops instances of a threat, with the places where it does.
type Stop struct {
	Control string   `json:"control"`
	On      []string `json:"on"`
}

// CoverageOf is what one coalition can do.
type CoverageOf struct {
	Attackers  []string     `json:"attackers"`
	Verdict    string       `json:"verdict"`
	Cost       *int         `json:"cost,omitempty"`       // of its cheapest way there, where there is one
	Sufficient [][]Decision `json:"sufficient,omitempty"` // of depends: what rules it out
}

// NewCoverage makes the document of a coverage. Version is the version of the tool.
func NewCoverage(c *coverage.Coverage, version string) *Coverage {
	b := newBuilder(c.Model)
	out := &Coverage{
		Schema: CoverageSchema, Tool: Tool{"vauban", version}, Design: c.Model.Design.Title, Inputs: b.inputs(c.Model),
		Attackers: [][]string{}, Threats: []Considered{},
	}
	for _, list := range c.Coalitions {
		out.Attackers = append(out.Attackers, attackers(list))
	}
	for _, x := range c.Threats {
		out.Threats = append(out.Threats, b.considered(x))
	}
	return out
}

func (b builder) considered(x *coverage.Considered) Considered {
	t := x.Threat
	out := Considered{
		ID: t.ID, Title: t.Title, Area: t.Area, Stride: texts(t.Stride), Refs: texts(t.Refs), Verdict: string(x.Verdict), Because: string(x.Because),
		Why: x.Why, Instances: x.Instances, Stopped: x.Stopped, Cases: []CoverageOf{},
	}
	for _, s := range x.Stops {
		out.Stops = append(out.Stops, Stop{s.Control, s.On})
	}
	for _, k := range x.Cases {
		of := CoverageOf{Attackers: attackers(k.Attackers), Verdict: string(k.Verdict)}
		if k.Attack != nil {
			of.Cost = &k.Attack.Cost
		}
		for _, set := range k.Sufficient {
			of.Sufficient = append(of.Sufficient, decisions(set))
		}
		out.Cases = append(out.Cases, of)
	}
	if k := x.Cheapest(); k != nil {
		out.Attack = b.attack(k.Attack)
	}
	return out
}

// Canonical returns the document as canonical JSON (RFC 8785), without a line end after it.
func (c *Coverage) Canonical() ([]byte, error) { return marshal(c) }
