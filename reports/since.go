package reports

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// Since is what changed since an earlier report of a design.
type Since struct {
	Report  string // that report, as the user named it
	AsOf    string // the day as of which its waivers were judged
	Changes []Changed
}

// Changed is a requirement whose verdict, property or cheapest attack is another than in an earlier report.
type Changed struct {
	Requirement string
	Worse       bool
	Text        string
}

// NewSince compares an earlier report of a design with a result: requirements by their names, in the order of the design, those that are gone last. A `waived` verdict
// counts as better than one that is open.
func NewSince(name string, old *document.Report, now *checker.Result) *Since {
	out := &Since{Report: name, AsOf: old.Options.AsOf}
	add := func(requirement string, worse bool, text string) {
		out.Changes = append(out.Changes, Changed{requirement, worse, text})
	}
	was := map[string]document.Requirement{}
	for _, q := range old.Requirements {
		was[q.Name] = q
	}
	for _, q := range now.Requirements {
		before, ok := was[q.Source.Name]
		verdict := checker.Verdict(before.Verdict)
		cost, had := cheapest(before)
		least, has := costOf(q)
		switch {
		case !ok:
			add(q.Source.Name, q.Verdict != checker.Holds && q.Verdict != checker.Waived, "new, "+string(q.Verdict))
		case verdict != q.Verdict:
			add(q.Source.Name, q.Verdict.Rank() > verdict.Rank(), string(verdict)+" before, "+string(q.Verdict)+" now")
		case has && had && least < cost:
			add(q.Source.Name, true, "attacked at cost "+plain.Thousands(least)+", "+plain.Thousands(cost)+" before")
		case has && had && least > cost:
			add(q.Source.Name, false, "attacked at cost "+plain.Thousands(least)+", "+plain.Thousands(cost)+" before")
		}
		if ok && before.Property != q.Source.Text {
			add(q.Source.Name, false, "says something else now: it was "+before.Property)
		}
	}
	for _, q := range old.Requirements {
		if !slices.ContainsFunc(now.Requirements, func(r *checker.Requirement) bool { return r.Source.Name == q.Name }) {
			add(q.Name, true, "no longer required; it was "+q.Verdict)
		}
	}
	return out
}

// cheapest is the least cost of an attack on a requirement of a report.
func cheapest(q document.Requirement) (cost int, ok bool) {
	for _, c := range q.Cases {
		if c.Attack != nil && (!ok || c.Attack.Cost < cost) {
			cost, ok = c.Attack.Cost, true
		}
	}
	return cost, ok
}

func costOf(q *checker.Requirement) (cost int, ok bool) {
	for _, c := range q.Cases {
		if c.Attack != nil && (!ok || c.Attack.Cost < cost) {
			cost, ok = c.Attack.Cost, true
		}
	}
	return cost, ok
}

// String says what changed in a line.
func (c Changed) String() string { return c.Requirement + ": " + c.Text }
