package audit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/threats"
)

// Claims are what the evidence amounts to. All of it but Unchecked is derived from what was judged again, never copied from the report.
type Claims struct {
	AsOf         string       `json:"as_of,omitempty"`    // the date that the report judged waivers by
	Requirements []Claim      `json:"requirements"`       // in the order of the design
	Happened     *Happened    `json:"happened,omitempty"` // of an explanation
	Assumptions  []Assumption `json:"assumptions"`
	Guesses      []string     `json:"guesses"` // what of the design nobody has confirmed
	Catalogues   []Catalogue  `json:"catalogues"`
	Warnings     []Warning    `json:"warnings"`
	Unchecked    []string     `json:"unchecked"` // what the report says of itself, and nothing can check
}

// Claim is what is claimed of a requirement.
type Claim struct {
	Name     string    `json:"name"`
	Property string    `json:"property"` // as the design has it
	Verdict  string    `json:"verdict"`
	Vacuous  string    `json:"vacuous,omitempty"` // why that it holds says nothing
	Failures int       `json:"failures"`          // how many controls may fail at once
	Against  []Against `json:"against"`           // who was considered, and with which verdict; the worst verdict first
	Unknown  []string  `json:"unknown,omitempty"` // why there is no verdict
	Waiver   *Waived   `json:"waiver,omitempty"`
}

// Against is a verdict with the coalitions that it is about. One without attackers is about the honest system or, of an architecture rule, about the design.
type Against struct {
	Verdict    string     `json:"verdict"`
	Coalitions [][]string `json:"coalitions"`
}

// Waived is a waiver that a verdict needs.
type Waived struct {
	Until   string `json:"until"`
	Because string `json:"because"`
	InForce bool   `json:"in_force"` // on the day of the audit
}

// Assumption excludes runs.
type Assumption struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Catalogue is a catalogue of threats in use: one that is built into the tool that audits, or one of the design's own.
type Catalogue struct {
	Name    string `json:"name"`
	Path    string `json:"path,omitempty"`    // of the design's own
	Version string `json:"version,omitempty"` // of the tool that it is built into
	SHA256  string `json:"sha256"`
}

// BuiltIn reports whether the catalogue is built into the tool that audits.
func (c Catalogue) BuiltIn() bool { return c.Path == "" }

// Warning is something to know before relying on a verdict.
type Warning struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// claims derives what is claimed from a result that was judged again, and from the report made of it.
func (a *auditor) claims(result *checker.Result, again *reports.Report) *Claims {
	out := &Claims{
		AsOf: again.Options.AsOf, Requirements: []Claim{}, Assumptions: []Assumption{}, Guesses: []string{}, Catalogues: []Catalogue{}, Warnings: []Warning{},
		Unchecked: []string{"vauban " + again.Tool.Version + " made the report"},
	}
	for _, q := range again.Requirements {
		c := Claim{
			Name: q.Name, Property: q.Property, Verdict: q.Verdict, Failures: q.Failures,
			Vacuous: q.Vacuous, Against: against(q.Cases),
		}
		for _, k := range q.Cases {
			if k.Unknown != nil && k.Verdict == string(checker.Unknown) && !slices.Contains(c.Unknown, k.Unknown.Reason) {
				c.Unknown = append(c.Unknown, k.Unknown.Reason)
			}
		}
		if len(c.Unknown) > 0 {
			out.Unchecked = append(out.Unchecked, "why "+q.Name+" is unknown, and how far the search got")
		}
		if q.Waiver != nil && q.Verdict == string(checker.Waived) {
			c.Waiver = &Waived{q.Waiver.Until, q.Waiver.Because, a.in.AsOf <= q.Waiver.Until}
		}
		out.Requirements = append(out.Requirements, c)
	}
	if n := again.Options.MaxIterations; n > 0 {
		out.Unchecked = append(out.Unchecked, "the engines were allowed "+strconv.Itoa(n)+" iterations")
	}
	if again.Options.Quick {
		out.Unchecked = append(out.Unchecked, "only what is found at once was looked for")
	}
	out.of(result.Model, a.in.Version)
	for _, w := range again.Warnings {
		out.Warnings = append(out.Warnings, Warning{w.Code, w.Message})
	}
	return out
}

// of notes what the claims rest on in a model, whose built-in catalogues are those of a version of the tool.
func (c *Claims) of(m *threats.Model, version string) {
	for _, s := range m.Design.Assumptions {
		c.Assumptions = append(c.Assumptions, Assumption{s.Name, s.Text})
	}
	for _, e := range m.Design.Elements {
		if len(e.Guessed) > 0 {
			c.Guesses = append(c.Guesses, e.Name+": "+strings.Join(e.Guessed, ", "))
		}
	}
	path := reports.Paths(m)
	for _, in := range m.Catalogue.Inputs {
		k := Catalogue{Name: in.Name, SHA256: reports.Digest([]byte(in.File.Text))}
		if in.BuiltIn() {
			k.Version = version
		} else {
			k.Path = path(in.Path)
		}
		c.Catalogues = append(c.Catalogues, k)
	}
}

// against tells who was considered.
func against(cases []reports.Case) []Against {
	out := []Against{}
	for _, v := range judge.WorstFirst {
		k := Against{string(v), [][]string{}}
		for _, c := range cases {
			if c.Verdict == k.Verdict && !slices.ContainsFunc(k.Coalitions, func(o []string) bool { return slices.Equal(o, c.Attackers) }) {
				k.Coalitions = append(k.Coalitions, c.Attackers)
			}
		}
		if len(k.Coalitions) > 0 {
			out = append(out, k)
		}
	}
	return out
}

// waivers checks that no verdict rests on a waiver that has expired since the report.
func (a *auditor) waivers() {
	if a.explanation != nil {
		return // it has none
	}
	c := a.result.Claims
	if c == nil {
		a.skip("its verdicts were not judged", Waivers)
		return
	}
	used, expired := 0, []string{}
	for _, q := range c.Requirements {
		if q.Waiver == nil {
			continue
		}
		used++
		if !q.Waiver.InForce {
			expired = append(expired, q.Name+" until "+q.Waiver.Until)
		}
	}
	if len(expired) > 0 {
		a.fail(Waivers, fmt.Errorf("by %s expired: %s: these requirements are not met, and nobody accepts that any more", a.in.AsOf, strings.Join(expired, ", ")))
		return
	}
	a.pass(Waivers, "%d in use, judged by %s", used, a.in.AsOf)
}

// standing is what became of a group of checks.
func (a *auditor) standing(names ...string) Status {
	out := Passed
	for _, n := range names {
		switch c := a.check(n); {
		case c.Status == Failed:
			return Failed
		case c.Asked && c.Status != Passed:
			out = NotMade
		}
	}
	return out
}

// summary says in one sentence whether the evidence is what it seems to be, and what it claims.
func (a *auditor) summary() string {
	var parts []string
	yes, no := " and", ", but" // how what is good and what is bad of the verdicts goes on
	switch a.standing(Report, Statement, Signature, Signer, Record, Block, Milestone, Path, Signatures, Time, Place) {
	case Failed:
		parts = append(parts, "the evidence is not authentic")
		yes, no = no, ", and"
	case NotMade:
		parts = append(parts, "the evidence is not complete")
		yes, no = no, ", and"
	default:
		if a.check(Signer).Asked {
			parts = append(parts, "the evidence is authentic")
		} else {
			parts = append(parts, "the evidence is intact (anybody may have signed it)")
		}
	}
	judged := []string{Inputs, Verdicts, Contents, Rerun}
	if a.explanation != nil {
		judged = append(judged, Mapping, Logs)
	}
	switch a.standing(judged...) {
	case Failed:
		parts[0] += no + " what it says does not follow from the inputs"
	case NotMade:
		parts[0] += no + " its verdicts were not all judged"
	default:
		parts[0] += yes + " its verdicts follow"
	}
	if c := a.result.Claims; c != nil {
		parts = append(parts, "it claims "+c.tally())
	}
	var unmet []string
	asked := 0
	for _, c := range a.result.Checks[a.own:] { // from the waivers on: what the auditor demands
		asked++
		if c.Status == Failed || c.Name != Waivers && c.Status != Passed { // waivers that were not judged are told with the verdicts
			unmet = append(unmet, c.Name)
		}
	}
	switch {
	case len(unmet) > 0:
		parts = append(parts, "not met: "+strings.Join(unmet, ", "))
	case asked > 1 || asked == 1 && a.explanation != nil:
		parts = append(parts, "what was demanded of it is met")
	}
	return strings.Join(parts, "; ")
}

// tally counts the verdicts, as in "12 hold (1 vacuous), 2 violated, 1 waived until 2026-12-31".
func (c *Claims) tally() string {
	if c.Happened != nil {
		return c.Happened.tally()
	}
	counts, vacuous, until := map[checker.Verdict]int{}, 0, ""
	for _, q := range c.Requirements {
		counts[checker.Verdict(q.Verdict)]++
		if q.Vacuous != "" {
			vacuous++
		}
		if w := q.Waiver; w != nil && (until == "" || w.Until < until) {
			until = w.Until
		}
	}
	var parts []string
	for _, v := range []struct {
		verdict checker.Verdict
		one     string
		many    string
	}{
		{checker.Holds, "holds", "hold"},
		{checker.Violated, "violated", "violated"},
		{checker.Depends, "depends on open decisions", "depend on open decisions"},
		{checker.Waived, "waived", "waived"},
		{checker.Unknown, "unknown", "unknown"},
	} {
		n := counts[v.verdict]
		if n == 0 {
			continue
		}
		text := fmt.Sprintf("%d %s", n, v.many)
		if n == 1 {
			text = "1 " + v.one
		}
		switch {
		case v.verdict == checker.Holds && vacuous > 0:
			text += fmt.Sprintf(" (%d vacuous)", vacuous)
		case v.verdict == checker.Waived && n == 1:
			text += " until " + until
		case v.verdict == checker.Waived:
			text += ", the first until " + until
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return "nothing: the design has no requirements"
	}
	return strings.Join(parts, ", ")
}
