package reports

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"path/filepath"
	"slices"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// New makes the report of a result. Version is the version of the tool.
func New(r *checker.Result, version string) *Report {
	b := newBuilder(r.Model)
	out := &Report{
		Schema:       Schema,
		Tool:         Tool{toolName, version},
		Design:       r.Model.Design.Title,
		Inputs:       b.inputs(r.Model),
		Options:      Options{AsOf: r.AsOf, Quick: r.Quick},
		System:       System{r.Facts, r.Rules},
		Requirements: []Requirement{},
		Warnings:     []Warning{},
	}
	if r.Attacks > 1 {
		out.Options.Attacks = r.Attacks
	}
	for _, q := range r.Requirements {
		out.Requirements = append(out.Requirements, b.requirement(q))
	}
	for _, e := range r.Model.Design.Elements {
		for _, c := range e.None {
			out.Claims = append(out.Claims, Claim{e.Name, c.Relation, b.source(c.Span)})
		}
	}
	if len(r.Unneeded) > 0 {
		out.Unneeded = places(r.Unneeded)
	}
	if r.Warnings != nil {
		for _, d := range r.Warnings.Sorted() {
			if d.Severity == diag.Warning {
				out.Warnings = append(out.Warnings, Warning{string(d.Code), d.Message, d.Help, b.source(d.Primary.Span)})
			}
		}
	}
	return out
}

// builder knows the directory that paths are told from.
type builder struct{ base string }

func newBuilder(m *threats.Model) builder {
	if files := m.Design.Files; len(files) > 0 {
		return builder{filepath.Dir(filepath.FromSlash(files[0].Name))}
	}
	return builder{"."}
}

// Paths returns how a report on a model tells the names of files: from the directory of the first design file, however they were given.
func Paths(m *threats.Model) func(name string) string { return newBuilder(m).path }

// path tells a name that a user gave from the directory of the first design file.
func (b builder) path(name string) string {
	if source.Embedded(name) {
		return name
	}
	base, name := b.base, filepath.FromSlash(name)
	rel, err := filepath.Rel(base, name)
	if err != nil && !filepath.IsAbs(base) && !filepath.IsAbs(name) { // the base climbs above the current directory
		rel, err = between(base, name)
	}
	if err != nil { // only one of them is absolute
		return path.Clean(filepath.ToSlash(name))
	}
	return filepath.ToSlash(rel)
}

// between finds the way from one relative path to another that lexical rules alone do not give.
func between(base, name string) (string, error) {
	from, err := filepath.Abs(base)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	return filepath.Rel(from, to)
}

func (b builder) source(s source.Span) *Source {
	if !s.IsValid() {
		return nil
	}
	at := s.Position()
	out := &Source{Path: b.path(s.File.Name), Line: at.Line, Column: at.Column}
	if o, ok := s.Origin(); ok {
		out.Origin = &Origin{b.path(o.File), o.Line}
	}
	return out
}

func (b builder) inputs(m *threats.Model) []Input {
	in := []Input{}
	add := func(name, role, text string) {
		in = append(in, Input{b.path(name), role, Digest([]byte(text))})
	}
	for _, f := range m.Design.Files {
		add(f.Name, "design", f.Text)
	}
	for _, c := range m.Catalogue.Inputs {
		add(c.Path, "catalogue", c.File.Text)
	}
	return in
}

// Digest returns the SHA-256 of data in hexadecimal.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (b builder) requirement(q *checker.Requirement) Requirement {
	s := q.Source
	out := Requirement{
		Name: s.Name, Title: s.Title, Severity: s.Severity, Refs: s.Refs, Doc: s.Doc, Property: s.Text,
		Failures: s.Failures, Source: b.source(s.Span), Verdict: string(q.Verdict), Waiver: waiver(q.Waiver, q.InForce), Cases: []Case{}, Ways: ways(q.Ways),
	}
	if v := q.Vacuous(); v != nil {
		out.Vacuous = v.Text
	}
	for _, e := range q.Guesses {
		out.Guesses = append(out.Guesses, Guess{e.Name, e.Guessed, b.source(e.Span)})
	}
	for _, c := range q.Cases {
		out.Cases = append(out.Cases, b.caseOf(c))
	}
	return out
}

func ways(w *explain.Ways) *Ways {
	if w == nil {
		return nil
	}
	ids := func(list []*threats.Threat) []string {
		out := []string{}
		for _, t := range list {
			out = append(out, t.ID)
		}
		return out
	}
	return &Ways{ids(w.Stopped), ids(w.OutOfReach), ids(w.Absent)}
}

func waiver(w *models.Waiver, inForce bool) *Waiver {
	if w == nil {
		return nil
	}
	return &Waiver{w.Until, w.Because, inForce}
}

func (b builder) caseOf(c *checker.Case) Case {
	out := Case{
		Attackers: attackers(c.Attackers), Bindings: bindings(c.Bindings), Verdict: string(c.Verdict),
		Attack: b.attack(c.Attack), Proof: proof(c.Proof), LiveRules: c.LiveRules,
		Evidence: c.Evidence(),
	}
	if c.Vacuous != nil {
		out.Vacuous = c.Vacuous.Text
	}
	for _, d := range c.Domains {
		out.Domains = append(out.Domains, Domain{d.Name, d.Size()})
	}
	for _, r := range c.Runs {
		run := b.attack(r)
		run.Honest = false // as all are
		out.Runs = append(out.Runs, *run)
	}
	for _, a := range c.Attacks {
		one := b.attack(a)
		one.Way = a.Way
		out.Attacks = append(out.Attacks, *one)
	}
	out.More, out.All = c.More, c.AllAttacks
	for _, k := range c.Breaks {
		at := []Source{}
		for _, e := range k.Elements {
			if s := b.source(e.Span); s != nil {
				at = append(at, *s)
			}
		}
		one := Break{Bindings: bindings(k.Bindings), Sources: at, Open: k.Open}
		if len(k.Bindings) == 0 {
			one.What = k.What
		}
		out.Breaks = append(out.Breaks, one)
	}
	for _, set := range c.Sufficient {
		out.Sufficient = append(out.Sufficient, decisions(set))
	}
	if u := c.Unknown; u != nil {
		out.Unknown = &Unknown{Reason: u.Text}
		if n := u.NoViolationWithin; n >= 0 {
			out.Unknown.NoViolationWithin = &n
		}
	}
	return out
}

func attackers(list []*models.Attacker) []string {
	out := make([]string, 0, len(list))
	for _, a := range list {
		out = append(out, a.Name)
	}
	return out
}

func (b builder) attack(a *explain.Attack) *Attack {
	if a == nil {
		return nil
	}
	out := &Attack{Honest: a.Honest, Cost: a.Cost, CostAtLeast: a.CostAtLeast, Reach: string(a.Reach), Choices: decisions(a.Choices), Failures: places(a.Failures), Steps: []Step{}}
	for _, s := range a.Steps {
		out.Steps = append(out.Steps, Step{
			string(s.Kind), s.ID, bindings(s.Bindings), s.Cost, texts(s.Adds), texts(s.Removes), s.Says, b.source(s.Source),
		})
	}
	return out
}

func proof(p *explain.Proof) *Proof {
	if p == nil {
		return nil
	}
	out := &Proof{Kind: string(p.Kind), RestsOn: places(p.RestsOn), Assumptions: texts(p.Assumptions), Gains: p.Gains, Clauses: p.Clauses, States: p.States}
	for _, c := range p.Cuts {
		out.Cuts = append(out.Cuts, Cut{places(c.Choices), texts(c.Rules)})
	}
	if len(p.Decisions) > 0 {
		out.Decisions = decisions(p.Decisions)
	}
	if len(p.Failures) > 0 {
		out.Failures = places(p.Failures)
	}
	return out
}

func bindings(list []ground.Binding) map[string]string {
	out := make(map[string]string, len(list))
	for _, v := range list {
		out[v.Var] = v.Value
	}
	return out
}

func decisions(list []explain.Choice) []Decision {
	out := make([]Decision, 0, len(list))
	for _, c := range list {
		out = append(out, Decision{c.Control, c.On, c.Data, c.Is})
	}
	return out
}

// places names where controls stand, each once: one that is open and may fail is two choices, but one control.
func places(list []explain.Choice) []Place {
	out := make([]Place, 0, len(list))
	for _, c := range list {
		if p := (Place{c.Control, c.On, c.Data}); !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// texts is list, but never nil: an empty list is written as one.
func texts(list []string) []string {
	return append([]string{}, list...)
}
