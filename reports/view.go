package reports

import (
	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/coverage"
)

// ViewSchema names the form of a view document.
const ViewSchema = "vauban.view/1"

// View groups what was found about a design under the entries of a published list. Other programs may rely on the JSON names.
type View struct {
	Schema       string            `json:"schema"`
	Tool         Tool              `json:"tool"`
	Design       string            `json:"design"`
	Inputs       []Input           `json:"inputs"`
	Options      Options           `json:"options"`
	List         string            `json:"list"`
	Title        string            `json:"title"`
	Scope        string            `json:"scope,omitempty"` // the class of data that the list is about
	Requirements []ViewRequirement `json:"requirements"`    // of the design, all
	Items        []ViewItem        `json:"items"`           // in the order of the list
}

// ViewRequirement is a requirement of the design with its verdict.
type ViewRequirement struct {
	Name    string `json:"name"`
	Title   string `json:"title,omitempty"`
	Verdict string `json:"verdict"`
}

// ViewItem is an entry of a list.
type ViewItem struct {
	ID           string       `json:"id"`
	Title        string       `json:"title"`
	Status       string       `json:"status"`           // attacked, unknown, depends, not-possible or outside
	Absent       bool         `json:"absent,omitempty"` // of not-possible: just because the design has nothing that its threats fit
	Why          string       `json:"why,omitempty"`    // of outside
	Requirements []string     `json:"requirements"`     // of the design, that refer to it
	Threats      []ViewThreat `json:"threats"`          // of the catalogue, that refer to it
}

// ViewThreat is what became of a threat.
type ViewThreat struct {
	ID        string   `json:"id"`
	Verdict   string   `json:"verdict"` // violated: it can be carried out; depends; holds: it cannot, proved; unknown
	Because   string   `json:"because,omitempty"`
	Why       string   `json:"why,omitempty"`
	Attackers []string `json:"attackers,omitempty"` // who carries it out at the least cost
	Cost      *int     `json:"cost,omitempty"`
}

// NewView makes the document of a result and its view by a list. Version is the version of the tool.
func NewView(r *checker.Result, v *coverage.View, version string) *View {
	b := newBuilder(r.Model)
	out := &View{
		Schema: ViewSchema, Tool: Tool{"vauban", version}, Design: r.Model.Design.Title, Inputs: b.inputs(r.Model), Options: Options{AsOf: r.AsOf, Quick: r.Quick},
		List: v.List.ID, Title: v.List.Title, Scope: v.List.Scope, Requirements: []ViewRequirement{}, Items: []ViewItem{},
	}
	for _, q := range r.Requirements {
		out.Requirements = append(out.Requirements, ViewRequirement{q.Source.Name, q.Source.Title, string(q.Verdict)})
	}
	for _, i := range v.Items {
		item := ViewItem{ID: i.ID, Title: i.Title, Status: string(i.Status), Absent: i.Absent, Why: i.Why, Requirements: []string{}, Threats: []ViewThreat{}}
		for _, q := range i.Requirements {
			item.Requirements = append(item.Requirements, q.Source.Name)
		}
		for _, x := range i.Threats {
			t := ViewThreat{ID: x.Threat.ID, Verdict: string(x.Verdict), Because: string(x.Because), Why: x.Why}
			if k := x.Cheapest(); k != nil {
				t.Attackers, t.Cost = attackers(k.Attackers), &k.Attack.Cost
			}
			item.Threats = append(item.Threats, t)
		}
		out.Items = append(out.Items, item)
	}
	return out
}

// Canonical returns the document as canonical JSON (RFC 8785), without a line end after it.
func (v *View) Canonical() ([]byte, error) { return marshal(v) }
