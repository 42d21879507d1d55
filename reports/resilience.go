package reports

import (
	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/reports/document"
)

// NewResilience makes the document of a result that was asked for it. Version is the version of the tool.
func NewResilience(r *checker.Result, version string) *document.Resilience {
	b := newBuilder(r.Model)
	out := &document.Resilience{
		Schema: document.ResilienceSchema, Tool: document.Tool{Name: "vauban", Version: version}, Design: r.Model.Design.Title, Inputs: b.inputs(r.Model), Options: document.Options{AsOf: r.AsOf, Quick: r.Quick},
		Requirements: []document.ResilienceRequirement{},
	}
	for _, q := range r.Requirements {
		x := document.ResilienceRequirement{Name: q.Source.Name, Title: q.Source.Title, Verdict: string(q.Verdict), Cases: []document.ResilienceCase{}}
		for _, c := range q.Cases {
			if c.Resilience == nil {
				continue
			}
			k := document.ResilienceCase{
				Attackers: attackers(c.Attackers), Bindings: bindings(c.Bindings), MoreThan: c.Resilience.More,
				Sets: [][]document.Place{}, Complete: c.Resilience.All, Why: c.Resilience.Why,
			}
			if n := c.Resilience.Least; n >= 0 {
				k.Least = &n
			}
			for _, set := range c.Resilience.Sets {
				k.Sets = append(k.Sets, places(set))
			}
			x.Cases = append(x.Cases, k)
		}
		out.Requirements = append(out.Requirements, x)
	}
	return out
}
