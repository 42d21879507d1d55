package reports

import (
	"github.com/vauban-verifier/vauban/checker/coverage"
	"github.com/vauban-verifier/vauban/reports/document"
)

// NewCoverage makes the document of a coverage. Version is the version of the tool.
func NewCoverage(c *coverage.Coverage, version string) *document.Coverage {
	b := newBuilder(c.Model)
	out := &document.Coverage{
		Schema: document.CoverageSchema, Tool: document.Tool{Name: "vauban", Version: version}, Design: c.Model.Design.Title, Inputs: b.inputs(c.Model),
		Attackers: [][]string{}, Threats: []document.Considered{},
	}
	for _, list := range c.Coalitions {
		out.Attackers = append(out.Attackers, attackers(list))
	}
	for _, x := range c.Threats {
		out.Threats = append(out.Threats, b.considered(x))
	}
	return out
}

func (b builder) considered(x *coverage.Considered) document.Considered {
	t := x.Threat
	out := document.Considered{
		ID: t.ID, Title: t.Title, Area: t.Area, Stride: texts(t.Stride), Refs: texts(t.Refs), Verdict: string(x.Verdict), Because: string(x.Because),
		Why: x.Why, Instances: x.Instances, Stopped: x.Stopped, Cases: []document.CoverageOf{},
	}
	for _, s := range x.Stops {
		out.Stops = append(out.Stops, document.Stop{Control: s.Control, On: s.On})
	}
	for _, k := range x.Cases {
		of := document.CoverageOf{Attackers: attackers(k.Attackers), Verdict: string(k.Verdict)}
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
