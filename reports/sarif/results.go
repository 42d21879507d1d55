package sarif

import (
	"fmt"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// requirement adds the results of a requirement that is not met.
func (b *builder) requirement(q *checker.Requirement) {
	groups, _ := wording.Groups(q, len(q.Cases))
	for i, g := range groups {
		var r *result
		switch {
		case g.Breaks != nil:
			for _, k := range g.Breaks {
				known(b.broken(q, g.Case, k), b.of.Known.Has(q, g.Case, &k))
			}
			continue
		case g.Attack != nil && !q.Source.Static:
			r = b.attack(q, g)
		default:
			r = b.plain(q, g.Case)
		}
		if extent := wording.Extent(q); extent != "" && i == len(groups)-1 {
			r.Message.Text += protect(" " + sentence(extent))
		}
		known(r, b.of.Known.Group(q, g))
	}
}

// known makes what a baseline has a note.
func known(r *result, is bool) {
	if is {
		r.Level = "note"
		r.Message.Text += " The baseline knows it."
	}
}

// result adds a result that stands at a place, or at its requirement.
func (b *builder) result(q *checker.Requirement, c *checker.Case, rule int, at *physicalLocation, words string, names ...string) *result {
	requirement := b.at(q.Source.Span)
	r := result{
		RuleID: b.run.Tool.Driver.Rules[rule].ID, RuleIndex: rule, Level: level(c.Verdict), Message: text(words), Locations: []location{},
		PartialFingerprints: fingerprint(append([]string{b.of.Result.Model.Design.Title, q.Source.Name, wording.Who(c), wording.Bound(c.Bindings)}, names...)...),
		rank:                rank(q.Source.Severity),
	}
	if at == nil {
		at = requirement
	}
	if at == nil {
		at = &physicalLocation{artifactLocation{b.file(b.of.Name)}, region{1, 1, 1, 2}, nil}
	}
	r.Locations = []location{{PhysicalLocation: at}}
	if at.design != nil {
		m := text("In the design.")
		r.RelatedLocations = []location{{ID: 1, PhysicalLocation: at.design, Message: &m}}
	}
	if requirement != nil && *at != *requirement {
		m := text(fmt.Sprintf("%s requires: %s", q.Source.Name, q.Source.Text))
		r.RelatedLocations = append(r.RelatedLocations, location{ID: len(r.RelatedLocations) + 1, PhysicalLocation: requirement, Message: &m})
	}
	b.run.Results = append(b.run.Results, r)
	return &b.run.Results[len(b.run.Results)-1]
}

func level(v checker.Verdict) string {
	if v == checker.Violated {
		return "error"
	}
	return "warning"
}

// attack adds an attack: where its decisive step acts, with the way there as a code flow.
func (b *builder) attack(q *checker.Requirement, g *wording.Group) *result {
	c := g.Case
	who, how, given := wording.Head(c)
	words := q.Source.Name + " (" + wording.About(q) + "): "
	if c.Verdict == checker.Unknown {
		words += "not decided, but "
	}
	if who != "" {
		words += who + " "
	}
	words += how
	if given != "" {
		words += ", " + given
	}
	for i, s := range c.Attack.Steps {
		words += fmt.Sprintf(". %d. %s", i+1, wording.Sentence(s))
	}
	words += "."
	if len(c.Sufficient) > 0 {
		words += " It holds if " + wording.Choices(c.Sufficient[0]) + "."
	}
	if others := g.Others(); others != "" {
		words += " " + others + " can do the same."
	}
	if also := g.Likewise(); also != "" {
		words += " Likewise where " + also + "."
	}
	step := wording.Decisive(c)
	rule := -1
	var at *physicalLocation
	if step != nil {
		at = b.at(step.Source)
		if step.Threat != nil {
			rule = b.threat(step.Threat, q)
		}
	}
	if rule < 0 {
		rule = b.property(q)
	}
	r := b.result(q, c, rule, at, words, c.Attack.Way...)
	if flow := b.flow(q, c); flow != nil {
		r.CodeFlows = []codeFlow{{[]threadFlow{{flow}}}}
	}
	return r
}

// flow is the way of an attack through the design, up to the requirement; of a very long one, how it begins and how it ends.
func (b *builder) flow(q *checker.Requirement, c *checker.Case) []threadFlowLocation {
	requirement := b.at(q.Source.Span)
	var out []threadFlowLocation
	add := func(at *physicalLocation, importance, words string) {
		if at == nil {
			at = requirement
		}
		m := text(words)
		out = append(out, threadFlowLocation{location{PhysicalLocation: at, Message: &m}, importance})
	}
	steps := c.Attack.Steps
	skip := max(0, len(steps)+1-maxFlow)
	begin := maxFlow / 2
	for i, s := range steps {
		if skip > 0 && i >= begin && i < begin+skip {
			continue
		}
		importance := "important"
		if s.Cost > 0 {
			importance = "essential"
		}
		words := fmt.Sprintf("%d. %s · %s", i+1, wording.Sentence(s), wording.Effect(s))
		if skip > 0 && i == begin+skip {
			words = fmt.Sprintf("(%s left out) %s", plain.Number(skip, "step"), words)
		}
		add(b.at(s.Source), importance, words)
	}
	add(requirement, "essential", q.Source.Name+" is broken: "+q.Source.Text)
	if requirement == nil {
		return nil
	}
	return out
}

// broken adds an instance that breaks an architecture rule.
func (b *builder) broken(q *checker.Requirement, c *checker.Case, k judge.Broken) *result {
	words := fmt.Sprintf("%s (%s): broken by %s", q.Source.Name, wording.About(q), wording.Broken(k))
	if k.Open {
		words += ", for some decisions only"
	}
	var at *physicalLocation
	var names []string
	var others []location
	focus := wording.Focus(k)
	for _, e := range k.Elements {
		names = append(names, e.Name)
		p := b.at(e.Span)
		switch {
		case p == nil:
		case e == focus:
			at = p
		case len(others) < maxRelated:
			m := text(e.Name)
			others = append(others, location{PhysicalLocation: p, Message: &m})
		}
	}
	names = append(names, wording.Broken(k))
	r := b.result(q, c, b.property(q), at, words+".", names...)
	if k.Open {
		r.Level = "warning"
	}
	for _, o := range others {
		o.ID = len(r.RelatedLocations) + 1
		r.RelatedLocations = append(r.RelatedLocations, o)
	}
	return r
}

// plain adds a case that has neither an attack nor instances to show.
func (b *builder) plain(q *checker.Requirement, c *checker.Case) *result {
	words := fmt.Sprintf("%s (%s): ", q.Source.Name, wording.About(q))
	switch {
	case c.Verdict == checker.Unknown && c.Unknown != nil:
		words += "unknown: " + wording.Why(c.Unknown) + ". Nothing is proved about it"
	case q.Source.Static:
		words += "broken by the design as a whole"
	default:
		words += wording.Unreachable(c)
	}
	return b.result(q, c, b.property(q), nil, words+".")
}
