package reports

import (
	"path"
	"path/filepath"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/threats"
)

// New makes the report of a result. Version is the version of the tool.
func New(r *checker.Result, version string) *document.Report {
	b := newBuilder(r.Model)
	out := &document.Report{
		Schema:       document.Schema,
		Tool:         document.Tool{Name: document.ToolName, Version: version},
		Design:       r.Model.Design.Title,
		Inputs:       b.inputs(r.Model),
		Options:      document.Options{AsOf: r.AsOf, Quick: r.Quick},
		System:       document.System{Facts: r.Facts, Rules: r.Rules},
		Requirements: []document.Requirement{},
		Warnings:     []document.Warning{},
	}
	if r.Attacks > 1 {
		out.Options.Attacks = r.Attacks
	}
	for _, q := range r.Requirements {
		out.Requirements = append(out.Requirements, b.requirement(q))
	}
	for _, e := range r.Model.Design.Elements {
		for _, c := range e.None {
			out.Claims = append(out.Claims, document.Claim{Element: e.Name, Relation: c.Relation, Source: b.source(c.Span)})
		}
	}
	if len(r.Unneeded) > 0 {
		out.Unneeded = places(r.Unneeded)
	}
	if r.Warnings != nil {
		for _, d := range r.Warnings.Sorted() {
			if d.Severity == diag.Warning {
				out.Warnings = append(out.Warnings, document.Warning{Code: string(d.Code), Message: d.Message, Help: d.Help, Source: b.source(d.Primary.Span)})
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

func (b builder) source(s source.Span) *document.Source {
	if !s.IsValid() {
		return nil
	}
	at := s.Position()
	out := &document.Source{Path: b.path(s.File.Name), Line: at.Line, Column: at.Column}
	if o, ok := s.Origin(); ok {
		out.Origin = &document.Origin{Path: b.path(o.File), Line: o.Line}
	}
	return out
}

func (b builder) inputs(m *threats.Model) []document.Input {
	in := []document.Input{}
	add := func(name, role, text string) {
		in = append(in, document.Input{Path: b.path(name), Role: role, SHA256: document.Digest([]byte(text))})
	}
	for _, f := range m.Design.Files {
		add(f.Name, "design", f.Text)
	}
	for _, c := range m.Catalogue.Inputs {
		add(c.Path, "catalogue", c.File.Text)
	}
	return in
}

func (b builder) requirement(q *checker.Requirement) document.Requirement {
	s := q.Source
	out := document.Requirement{
		Name: s.Name, Title: s.Title, Severity: s.Severity, Refs: s.Refs, Doc: s.Doc, Property: s.Text,
		Failures: s.Failures, Source: b.source(s.Span), Verdict: string(q.Verdict), Waiver: waiver(q.Waiver, q.InForce), Cases: []document.Case{}, Ways: ways(q.Ways),
	}
	if v := q.Vacuous(); v != nil {
		out.Vacuous = v.Text
	}
	for _, e := range q.Guesses {
		out.Guesses = append(out.Guesses, document.Guess{Element: e.Name, Guessed: e.Guessed, Source: b.source(e.Span)})
	}
	for _, c := range q.Cases {
		out.Cases = append(out.Cases, b.caseOf(c))
	}
	return out
}

func ways(w *explain.Ways) *document.Ways {
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
	return &document.Ways{Stopped: ids(w.Stopped), OutOfReach: ids(w.OutOfReach), Absent: ids(w.Absent)}
}

func waiver(w *models.Waiver, inForce bool) *document.Waiver {
	if w == nil {
		return nil
	}
	return &document.Waiver{Until: w.Until, Because: w.Because, InForce: inForce}
}

func (b builder) caseOf(c *checker.Case) document.Case {
	out := document.Case{
		Attackers: attackers(c.Attackers), Bindings: bindings(c.Bindings), Verdict: string(c.Verdict),
		Attack: b.attack(c.Attack), Proof: proof(c.Proof), LiveRules: c.LiveRules,
		Evidence: c.Evidence(),
	}
	if c.Vacuous != nil {
		out.Vacuous = c.Vacuous.Text
	}
	for _, d := range c.Domains {
		out.Domains = append(out.Domains, document.Domain{Name: d.Name, Size: d.Size()})
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
		at := []document.Source{}
		for _, e := range k.Elements {
			if s := b.source(e.Span); s != nil {
				at = append(at, *s)
			}
		}
		one := document.Break{Bindings: bindings(k.Bindings), Sources: at, Open: k.Open}
		if len(k.Bindings) == 0 {
			one.What = k.What
		}
		out.Breaks = append(out.Breaks, one)
	}
	for _, set := range c.Sufficient {
		out.Sufficient = append(out.Sufficient, decisions(set))
	}
	if u := c.Unknown; u != nil {
		out.Unknown = &document.Unknown{Reason: u.Text}
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

func (b builder) attack(a *explain.Attack) *document.Attack {
	if a == nil {
		return nil
	}
	out := &document.Attack{Honest: a.Honest, Cost: a.Cost, CostAtLeast: a.CostAtLeast, Reach: string(a.Reach), Choices: decisions(a.Choices), Failures: places(a.Failures), Steps: []document.Step{}}
	for _, s := range a.Steps {
		out.Steps = append(out.Steps, document.Step{
			Kind: string(s.Kind), ID: s.ID, Bindings: bindings(s.Bindings), Cost: s.Cost, Adds: texts(s.Adds), Removes: texts(s.Removes), Says: s.Says, Source: b.source(s.Source),
		})
	}
	return out
}

func proof(p *explain.Proof) *document.Proof {
	if p == nil {
		return nil
	}
	out := &document.Proof{Kind: string(p.Kind), RestsOn: places(p.RestsOn), Assumptions: texts(p.Assumptions), Gains: p.Gains, Clauses: p.Clauses, Laws: p.Laws, States: p.States, Parts: p.Parts}
	for _, c := range p.Cuts {
		out.Cuts = append(out.Cuts, document.Cut{Controls: places(c.Choices), Rules: texts(c.Rules)})
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

func decisions(list []explain.Choice) []document.Decision {
	out := make([]document.Decision, 0, len(list))
	for _, c := range list {
		out = append(out, document.Decision{Control: c.Control, On: c.On, Data: c.Data, Is: c.Is})
	}
	return out
}

// places names where controls stand, each once: one that is open and may fail is two choices, but one control.
func places(list []explain.Choice) []document.Place {
	out := make([]document.Place, 0, len(list))
	seen := make(map[document.Place]bool, len(list)) // a proof may rest on all controls of a large design
	for _, c := range list {
		if p := (document.Place{Control: c.Control, On: c.On, Data: c.Data}); !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	return out
}

// texts is list, but never nil: an empty list is written as one.
func texts(list []string) []string {
	return append([]string{}, list...)
}
