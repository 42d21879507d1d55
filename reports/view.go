package reports

import (
	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/coverage"
	"github.com/vauban-verifier/vauban/reports/document"
)

// NewView makes the document of a result and its view by a list. Version is the version of the tool.
func NewView(r *checker.Result, v *coverage.View, version string) *document.View {
	b := newBuilder(r.Model)
	out := &document.View{
		Schema: document.ViewSchema, Tool: document.Tool{Name: "vauban", Version: version}, Design: r.Model.Design.Title, Inputs: b.inputs(r.Model), Options: document.Options{AsOf: r.AsOf, Quick: r.Quick},
		List: v.List.ID, Title: v.List.Title, Scope: v.List.Scope, Requirements: []document.ViewRequirement{}, Items: []document.ViewItem{},
	}
	for _, q := range r.Requirements {
		out.Requirements = append(out.Requirements, document.ViewRequirement{Name: q.Source.Name, Title: q.Source.Title, Verdict: string(q.Verdict)})
	}
	for _, i := range v.Items {
		item := document.ViewItem{ID: i.ID, Title: i.Title, Status: string(i.Status), Absent: i.Absent, Why: i.Why, Requirements: []string{}, Threats: []document.ViewThreat{}}
		for _, q := range i.Requirements {
			item.Requirements = append(item.Requirements, q.Source.Name)
		}
		for _, x := range i.Threats {
			t := document.ViewThreat{ID: x.Threat.ID, Verdict: string(x.Verdict), Because: string(x.Because), Why: x.Why}
			if k := x.Cheapest(); k != nil {
				t.Attackers, t.Cost = attackers(k.Attackers), &k.Attack.Cost
			}
			item.Threats = append(item.Threats, t)
		}
		out.Items = append(out.Items, item)
	}
	return out
}
