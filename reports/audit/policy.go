package audit

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/dsl/yamldoc"
	"github.com/vauban-verifier/vauban/reports/attest"
)

// PolicySchema names the form of a policy.
const PolicySchema = "vauban.policy/1"

// CodePolicy is what a policy demands and nothing can meet.
const CodePolicy diag.Code = "VAU4010"

// Vacuous stands in a [Demand] for `holds` of nothing: a requirement that holds because nothing is there that could break it does not meet `holds`.
const Vacuous = "vacuous"

// demandable are the verdicts that may be demanded.
var demandable = []string{"holds", Vacuous, "violated", "depends", "waived", "unknown"}

// Demand is a requirement that the auditor wants to see, with a verdict.
type Demand struct {
	Name       string
	Verdicts   []string   // any of these
	Property   string     // word for word; "": any
	Against    [][]string // coalitions that must be among those considered
	Tolerating int        // at least as many failures
}

// ParseDemand reads NAME=VERDICT or NAME=VERDICT,VERDICT.
func ParseDemand(text string) (Demand, error) {
	name, verdicts, ok := strings.Cut(text, "=")
	if !ok || name == "" || verdicts == "" {
		return Demand{}, fmt.Errorf("%q is not a demand, expected NAME=holds", text)
	}
	d := Demand{Name: name, Verdicts: strings.Split(verdicts, ",")}
	for _, v := range d.Verdicts {
		if !slices.Contains(demandable, v) {
			return Demand{}, fmt.Errorf("%q is not a verdict, expected one of %s%s", v, strings.Join(demandable, ", "), diag.DidYouMean(v, demandable))
		}
	}
	return d, nil
}

// Policy is what an auditor demands of all evidence of a kind. What is nil or zero is not demanded.
type Policy struct {
	Catalogues  []string     // `builtin:NAME`, or `sha256:` with a digest
	Assumptions []Assumption // that are accepted; Text "": whatever it says
	Require     []Demand
	MaxAge      int           // days from the milestone to the audit
	NoWaivers   bool          // no requirement may be waived
	Signers     []DatedSigner // any of these may have signed
}

// DatedSigner is a did:key with the days of milestones, both included, for which its signature counts; "" is without an end.
type DatedSigner struct{ DID, From, Until string }

// ParsePolicy reads a policy; nil after an error.
func ParsePolicy(f *source.File, diags *diag.List) *Policy {
	d, root := yamldoc.Parse(f, "policy", "schema", diags)
	if root == nil {
		return nil
	}
	r := policyReader{d}
	p := &Policy{}
	schema := ""
	for _, x := range d.Fields(root, "the policy", "schema", "catalogues", "assumptions", "require", "max_age", "waived", "signers") {
		switch x.Key {
		case "schema":
			schema = d.Text(x.Value, "schema")
			if schema != PolicySchema {
				r.errorf(x.Value, "schema is %s, expected %q", yamldoc.Shape(x.Value), PolicySchema)
			}
		case "catalogues":
			p.Catalogues = r.catalogues(x.Value)
		case "assumptions":
			p.Assumptions = r.assumptions(x.Value)
		case "require":
			p.Require = r.demands(x.Value)
		case "max_age":
			p.MaxAge = r.days(x.Value)
		case "waived":
			switch text := d.Text(x.Value, "waived"); text {
			case "no":
				p.NoWaivers = true
			case "yes", "":
			default:
				r.errorf(x.Value, "waived is %q, expected yes or no", text)
			}
		case "signers":
			p.Signers = r.signers(x.Value)
		}
	}
	if schema == "" && !diags.HasErrors() {
		diags.Errorf(yamldoc.CodeKey, d.Span(root), "the policy has no schema, expected `schema: %s`", PolicySchema)
	}
	if diags.HasErrors() {
		return nil
	}
	return p
}

// policyReader reads parts of a policy.
type policyReader struct{ *yamldoc.Document }

func (r policyReader) errorf(n *yaml.Node, format string, args ...any) {
	r.Diags.Errorf(CodePolicy, r.Span(n), format, args...)
}

var catalogueName = regexp.MustCompile(`^(builtin:[a-z][a-z0-9_-]*|sha256:[0-9a-f]{64})$`)

func (r policyReader) catalogues(n *yaml.Node) []string {
	out := []string{}
	for _, c := range r.List(n, "catalogues") {
		switch {
		case !catalogueName.MatchString(c.Value):
			r.errorf(c, "%q is not a catalogue, expected builtin:NAME, or sha256: with the 64 hexadecimal digits that `sha256sum` prints of its file", c.Value)
		case slices.Contains(out, c.Value):
			r.errorf(c, "%q is accepted twice", c.Value)
		default:
			out = append(out, c.Value)
		}
	}
	return out
}

// items returns the items of a list; a single item is a list of one.
func items(n *yaml.Node) []*yaml.Node {
	if n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*yaml.Node{n}
}

func (r policyReader) assumptions(n *yaml.Node) []Assumption {
	out := []Assumption{}
	for _, c := range items(n) {
		var s Assumption
		if c.Kind == yaml.ScalarNode {
			s.Name = r.Text(c, "an assumption")
		} else {
			for _, x := range r.Fields(c, "an assumption", "name", "text") {
				switch x.Key {
				case "name":
					s.Name = r.Text(x.Value, "name")
				case "text":
					s.Text = r.Text(x.Value, "text")
				}
			}
		}
		switch {
		case s.Name == "":
			if !r.Diags.HasErrors() {
				r.errorf(c, "an assumption has no name")
			}
		case slices.ContainsFunc(out, func(o Assumption) bool { return o.Name == s.Name }):
			r.errorf(c, "the assumption %q is accepted twice", s.Name)
		default:
			out = append(out, s)
		}
	}
	return out
}

func (r policyReader) demands(n *yaml.Node) []Demand {
	var out []Demand
	for _, x := range r.Fields(n, "require") {
		d := Demand{Name: x.Key}
		if x.Value.Kind != yaml.MappingNode {
			d.Verdicts = r.verdicts(x.Value)
		} else {
			for _, y := range r.Fields(x.Value, "a required requirement", "verdict", "property", "against", "tolerating") {
				switch y.Key {
				case "verdict":
					d.Verdicts = r.verdicts(y.Value)
				case "property":
					d.Property = r.Text(y.Value, "property")
				case "against":
					for _, c := range r.List(y.Value, "against") {
						d.Against = append(d.Against, splitCoalition(c.Value))
					}
				case "tolerating":
					d.Tolerating = r.Number(y.Value, "tolerating")
				}
			}
		}
		if len(d.Verdicts) == 0 && !r.Diags.HasErrors() {
			r.errorf(x.Value, "%q has no verdict, expected one of %s", x.Key, strings.Join(demandable, ", "))
		}
		out = append(out, d)
	}
	return out
}

// splitCoalition reads "A + B".
func splitCoalition(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, "+") {
		out = append(out, strings.TrimSpace(part))
	}
	return out
}

func (r policyReader) verdicts(n *yaml.Node) []string {
	var out []string
	for _, c := range r.List(n, "a verdict") {
		switch {
		case !slices.Contains(demandable, c.Value):
			r.errorf(c, "%q is not a verdict, expected one of %s%s", c.Value, strings.Join(demandable, ", "), diag.DidYouMean(c.Value, demandable))
		case slices.Contains(out, c.Value):
			r.errorf(c, "%q appears twice", c.Value)
		default:
			out = append(out, c.Value)
		}
	}
	return out
}

var days = regexp.MustCompile(`^[1-9][0-9]{0,4}d$`)

func (r policyReader) days(n *yaml.Node) int {
	text := r.Text(n, "max_age")
	if !days.MatchString(text) {
		if text != "" {
			r.errorf(n, "max_age is %q, expected a number of days from 1d to 99999d", text)
		}
		return 0
	}
	out, err := strconv.Atoi(strings.TrimSuffix(text, "d"))
	if err != nil {
		panic("vauban: internal error: " + err.Error())
	}
	return out
}

func (r policyReader) signers(n *yaml.Node) []DatedSigner {
	out := []DatedSigner{}
	for _, c := range items(n) {
		var s DatedSigner
		date := func(n *yaml.Node, what string) string {
			text := r.Text(n, what)
			if _, err := time.Parse(time.DateOnly, text); err != nil && text != "" {
				r.errorf(n, "%s is %q, expected a date such as 2027-01-31", what, text)
			}
			return text
		}
		if c.Kind == yaml.ScalarNode {
			s.DID = r.Text(c, "a signer")
		} else {
			for _, x := range r.Fields(c, "a signer", "did", "from", "until") {
				switch x.Key {
				case "did":
					s.DID = r.Text(x.Value, "did")
				case "from":
					s.From = date(x.Value, "from")
				case "until":
					s.Until = date(x.Value, "until")
				}
			}
		}
		if _, err := attest.ParseDID(s.DID); err != nil {
			if !r.Diags.HasErrors() {
				r.errorf(c, "a signer: %v", err)
			}
			continue
		}
		if s.From != "" && s.Until != "" && s.Until < s.From {
			r.errorf(c, "the signer %s may sign until %s, before it may from %s on", s.DID, s.Until, s.From)
		}
		out = append(out, s)
	}
	if len(out) == 0 && !r.Diags.HasErrors() {
		r.errorf(n, "signers is an empty list: nobody could sign")
	}
	return out
}

// wanted are the demands of the auditor and of the policy.
func (in *Input) wanted() []Demand {
	if in.Policy == nil {
		return in.Require
	}
	return slices.Concat(in.Require, in.Policy.Require)
}

// demands makes the checks of what the auditor demands. Each is a check of its own.
func (a *Auditor) demands() {
	a.waivers()
	for _, d := range a.In.wanted() {
		a.demand("require:"+d.Name, "the requirement is as demanded", func() (string, error) { return d.meets(a.result.Claims) })
	}
	p := a.In.Policy
	if p == nil {
		return
	}
	if p.Catalogues != nil {
		a.demand("policy:catalogues", "every catalogue in use is accepted", a.acceptedCatalogues)
	}
	if p.Assumptions != nil {
		a.demand("policy:assumptions", "every assumption is accepted", a.acceptedAssumptions)
	}
	if p.NoWaivers {
		a.demand("policy:waived", "no requirement is waived", func() (string, error) {
			for _, q := range a.result.Claims.Requirements {
				if q.Waiver != nil {
					return "", fmt.Errorf("%s is waived until %s", q.Name, q.Waiver.Until)
				}
			}
			return "none", nil
		})
	}
	if p.MaxAge > 0 {
		a.add("policy:max_age", "the record is not older than accepted")
		a.age("policy:max_age", p.MaxAge)
	}
	if p.Signers != nil {
		a.add("policy:signers", "each signer is accepted for the day of the milestone")
		a.datedSigners("policy:signers")
	}
}

// demand makes a check of what was judged.
func (a *Auditor) demand(name, means string, met func() (string, error)) {
	a.add(name, means)
	if a.result.Claims == nil {
		a.Skip("its verdicts were not judged", name)
		return
	}
	if detail, err := met(); err != nil {
		a.Fail(name, err)
	} else {
		a.Pass(name, "%s", detail)
	}
}

// meets compares what is claimed with what is demanded.
func (d Demand) meets(c *Claims) (string, error) {
	if c.Happened != nil {
		return "", errors.New("an explanation says nothing of requirements: demand it of the design's report")
	}
	i := slices.IndexFunc(c.Requirements, func(q Claim) bool { return q.Name == d.Name })
	if i < 0 {
		return "", errors.New("the design has no requirement of that name")
	}
	q := c.Requirements[i]
	got := q.Verdict
	if q.Vacuous != "" {
		got = Vacuous
	}
	if !slices.Contains(d.Verdicts, got) {
		if got == Vacuous {
			got += " (" + q.Vacuous + ")"
		}
		return "", fmt.Errorf("it is %s, demanded: %s", got, strings.Join(d.Verdicts, " or "))
	}
	if d.Property != "" && d.Property != q.Property {
		return "", fmt.Errorf("it says %q, demanded: %q", q.Property, d.Property)
	}
	if q.Failures < d.Tolerating {
		return "", fmt.Errorf("it tolerates %d failures, demanded: %d", q.Failures, d.Tolerating)
	}
	for _, want := range d.Against {
		if !slices.ContainsFunc(q.Against, func(g Against) bool {
			return slices.ContainsFunc(g.Coalitions, func(have []string) bool { return sameSet(have, want) })
		}) {
			return "", fmt.Errorf("it was not considered against %s", strings.Join(want, " + "))
		}
	}
	return got, nil
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

func (a *Auditor) acceptedCatalogues() (string, error) {
	for _, c := range a.result.Claims.Catalogues {
		name := "sha256:" + c.SHA256
		if c.BuiltIn() && slices.Contains(a.In.Policy.Catalogues, "builtin:"+c.Name) || slices.Contains(a.In.Policy.Catalogues, name) {
			continue
		}
		if c.BuiltIn() {
			return "", fmt.Errorf("builtin:%s is not accepted", c.Name)
		}
		return "", fmt.Errorf("%s is not accepted: %s", c.Path, name)
	}
	return strconv.Itoa(len(a.result.Claims.Catalogues)) + " in use", nil
}

func (a *Auditor) acceptedAssumptions() (string, error) {
	for _, s := range a.result.Claims.Assumptions {
		i := slices.IndexFunc(a.In.Policy.Assumptions, func(o Assumption) bool { return o.Name == s.Name })
		if i < 0 {
			return "", fmt.Errorf("%s is not accepted: %s", s.Name, s.Text)
		}
		if want := a.In.Policy.Assumptions[i].Text; want != "" && want != s.Text {
			return "", fmt.Errorf("%s says %q, accepted: %q", s.Name, s.Text, want)
		}
	}
	return strconv.Itoa(len(a.result.Claims.Assumptions)) + " made", nil
}

// age checks how long before the audit the record was on the Tangle.
func (a *Auditor) age(name string, most int) {
	if a.result.Time == "" {
		a.Skip("there is no time that can be trusted", name)
		return
	}
	old := int(a.asOf.Sub(a.proven.Time.Truncate(day)) / day)
	if old > most {
		a.Fail(name, fmt.Errorf("it is %d days old on %s, accepted: %d", old, a.In.AsOf, most))
		return
	}
	a.Pass(name, "%d of at most %d days old on %s", max(old, 0), most, a.In.AsOf)
}

// datedSigners checks who signed when: the audited statement and, with a history, each one in it.
func (a *Auditor) datedSigners(name string) {
	if a.statement == nil || a.proven == nil {
		a.Skip("there is no signature with a time that can be trusted", name)
		return
	}
	accepted := func(did string, at time.Time) error {
		date := at.UTC().Format(time.DateOnly)
		known := false
		for _, s := range a.In.Policy.Signers {
			if s.DID != did {
				continue
			}
			known = true
			if (s.From == "" || s.From <= date) && (s.Until == "" || date <= s.Until) {
				return nil
			}
		}
		if known {
			return fmt.Errorf("%s may not sign on %s", did, date)
		}
		return fmt.Errorf("%s may not sign", did)
	}
	if err := accepted(a.statement.Signer, a.proven.Time); err != nil {
		a.Fail(name, err)
		return
	}
	for i, l := range a.links {
		if err := accepted(l.Signer, l.Proven.Time); err != nil {
			a.Fail(name, fmt.Errorf("entry %d of the history: %w", i+1, err))
			return
		}
	}
	a.Pass(name, "%s on %s", a.statement.Signer, a.proven.Time.UTC().Format(time.DateOnly))
}
