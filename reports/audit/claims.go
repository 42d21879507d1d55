package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/plain"
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

// Catalogue is a catalogue of threats in use: one that is built into the tool that audits, one of the design's own, or one that a bundle has under a path "builtin:NAME" and that is
// another one than that of the tool: it counts as the design's own.
type Catalogue struct {
	Name    string `json:"name"`
	Path    string `json:"path,omitempty"`    // of one that is not built in
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

// Happened is what an explanation claims of logs. It vouches for which logs these are, and for what follows from them; not for what they tell.
type Happened struct {
	Logs       []LogClaim     `json:"logs"`
	Mapping    string         `json:"mapping,omitempty"` // its SHA-256; "": the logs speak of steps by their names
	Observed   []string       `json:"observed"`          // steps: that one is missing in a log counts as evidence, and for no others
	Attackers  [][]string     `json:"attackers"`
	Tolerating int            `json:"tolerating"`
	Lost       int            `json:"lost"`
	Counts     map[string]int `json:"counts"` // cases, by verdict
	Cases      []Told         `json:"cases"`  // those that somebody should look at, the worst first
}

// LogClaim is a log that an explanation is about.
type LogClaim struct {
	Path    string `json:"path"`
	SHA256  string `json:"sha256"`
	Entries int    `json:"entries"`
	Unread  int    `json:"unread,omitempty"` // entries that belong to no case and could not be mapped
}

// Told is what an explanation says of cases with equal traces.
type Told struct {
	Cases   string `json:"cases"`
	Verdict string `json:"verdict"`
	Says    string `json:"says"`
}

// waivers checks that no verdict rests on a waiver that has expired since the report.
func (a *Auditor) waivers() {
	if a.Explanation != nil {
		return // it has none
	}
	c := a.result.Claims
	if c == nil {
		a.Skip("its verdicts were not judged", Waivers)
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
		a.Fail(Waivers, fmt.Errorf("expired by %s: %s: the requirements are not met, and their waivers no longer cover that", a.In.AsOf, strings.Join(expired, ", ")))
		return
	}
	a.Pass(Waivers, "%d in use, judged by %s", used, a.In.AsOf)
}

// standing is what became of a group of checks.
func (a *Auditor) standing(names ...string) Status {
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

// failed names the checks of a group that failed.
func (a *Auditor) failed(names []string) string {
	return "failed: " + strings.Join(slices.DeleteFunc(slices.Clone(names), func(n string) bool { return a.check(n).Status != Failed }), ", ")
}

// summary says in one sentence whether the evidence is what it seems to be, and what it claims.
func (a *Auditor) summary() string {
	var parts []string
	yes, no := " and", ", but" // how what is good and what is bad of the verdicts goes on
	authentic := []string{Report, Statement, Signature, Signer, Record, Block, Milestone, Path, Signatures, Time, Place}
	if a.In.logged() {
		authentic = append(authentic, Logged, Witnesses)
	}
	if a.In.stamped() {
		authentic = append(authentic, Stamp)
	}
	switch a.standing(authentic...) {
	case Failed:
		parts = append(parts, "the evidence is not shown to be authentic ("+a.failed(authentic)+")")
		yes, no = no, ", and"
	case NotMade:
		parts = append(parts, "the evidence is incomplete")
		yes, no = no, ", and"
	default:
		if a.check(Signer).Asked {
			parts = append(parts, "the evidence is authentic")
		} else {
			parts = append(parts, "the evidence is intact (anybody may have signed it)")
		}
	}
	judged := []string{Inputs, Verdicts, Contents, Rerun}
	if a.Explanation != nil {
		judged = append(judged, Mapping, Logs)
	}
	switch a.standing(judged...) {
	case Failed:
		parts[0] += no + " its claims are not shown to follow from the inputs (" + a.failed(judged) + ")"
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
	case asked > 1 || asked == 1 && a.Explanation != nil:
		parts = append(parts, "what was demanded of it is met")
	}
	return strings.Join(parts, "; ")
}

// tally counts the verdicts, as in "12 hold (1 vacuous), 2 violated, 1 waived until 2026-12-31".
func (c *Claims) tally() string {
	if c.Happened != nil {
		return c.Happened.tally()
	}
	counts, vacuous, until := map[string]int{}, 0, ""
	for _, q := range c.Requirements {
		counts[q.Verdict]++
		if q.Vacuous != "" {
			vacuous++
		}
		if w := q.Waiver; w != nil && (until == "" || w.Until < until) {
			until = w.Until
		}
	}
	var parts []string
	for _, v := range []struct {
		verdict string
		one     string
		many    string
	}{
		{"holds", "holds", "hold"},
		{"violated", "violated", "violated"},
		{"depends", "depends on open decisions", "depend on open decisions"},
		{"waived", "waived", "waived"},
		{"unknown", "unknown", "unknown"},
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
		case v.verdict == "holds" && vacuous > 0:
			text += fmt.Sprintf(" (%d vacuous)", vacuous)
		case v.verdict == "waived" && n == 1:
			text += " until " + until
		case v.verdict == "waived":
			text += ", the first until " + until
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return "nothing: the design has no requirements"
	}
	return strings.Join(parts, ", ")
}

// tally counts the cases, and says what that is worth.
func (h *Happened) tally() string {
	var parts, files []string
	n := 0
	for _, v := range document.Outcomes {
		if k := h.Counts[v]; k > 0 {
			n += k
			parts = append(parts, fmt.Sprintf("%s %s", plain.Thousands(k), v))
		}
	}
	for _, l := range h.Logs {
		files = append(files, l.Path)
	}
	text := "nothing: no case is in " + plain.List(files, plain.MaxList)
	if n > 0 {
		text = strings.Join(parts, ", ") + " of " + plain.Number(n, "case") + " in " + plain.List(files, plain.MaxList)
	}
	return text + "; " + document.AsGiven
}
