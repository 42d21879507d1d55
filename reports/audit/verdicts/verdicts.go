package verdicts

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/threats"
)

// Judge returns the judge of an audit, which tells how far it is to progress, which may be nil.
func Judge(progress func(checker.Progress)) audit.Judge {
	return func(ctx context.Context, a *audit.Auditor) error {
		j := &judge{a, progress}
		if a.Explanation != nil {
			return j.explained(ctx)
		}
		return j.verdicts(ctx)
	}
}

// judge judges a document again.
type judge struct {
	*audit.Auditor
	progress func(checker.Progress)
}

// verdicts judges the report's verdicts again from the inputs.
func (a *judge) verdicts(ctx context.Context) error {
	all := []string{audit.Inputs, audit.Verdicts, audit.Contents, audit.Rerun}
	diags := &diag.List{}
	model := a.load(diags, all...)
	if model == nil {
		return nil
	}
	opt := checker.Options{AsOf: a.Report.Options.AsOf, MaxIterations: a.Report.Options.MaxIterations, Attacks: a.Report.Options.Attacks, Quick: a.Report.Options.Quick, Progress: a.progress}
	result, refused, err := checker.Recheck(ctx, model, opt, a.evidence)
	switch {
	case err != nil && a.unfit(err, all...):
		return nil
	case err != nil:
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	}
	again := a.again(result, diags)
	if err := a.sameVerdicts(result, again, refused); err != nil {
		a.Fail(audit.Verdicts, err)
		a.Skip("the verdicts do not follow", audit.Contents)
	} else {
		a.Claims = a.claims(result, again)
		if err := a.same(again); err != nil {
			a.Fail(audit.Contents, err)
		} else {
			a.Pass(audit.Contents, "%d bytes", len(a.In.Report))
		}
	}
	if !a.In.Rerun {
		return nil
	}
	result, err = checker.Check(ctx, model, opt)
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	}
	if err := a.same(a.again(result, diags)); err != nil {
		a.Fail(audit.Rerun, err)
	} else {
		a.Pass(audit.Rerun, "sha256 %s", document.Digest(a.In.Report))
	}
	return nil
}

// load reads the design and checks that it is the one that the document is about; nil where it is not, and then the checks cannot be made.
func (a *judge) load(diags *diag.List, all ...string) *threats.Model {
	model := threats.LoadBy(a.In.Texts, a.In.Read, a.In.Design, diags)
	if model == nil || diags.HasErrors() {
		a.Fail(audit.Inputs, fmt.Errorf("the design does not load: %s", first(diags)))
		a.Skip("the design does not load", all...)
		return nil
	}
	given := slices.DeleteFunc(slices.Clone(a.Head.Inputs), func(in document.Input) bool { return in.Role != "design" && in.Role != "catalogue" })
	if err := a.sameInputs(model, given); err != nil {
		a.Fail(audit.Inputs, err)
		a.Skip("the inputs are others", all...)
		return nil
	}
	a.Pass(audit.Inputs, "%s", plain.Number(len(given), "file"))
	return model
}

// evidence is what the report has for a case.
func (a *judge) evidence(requirement, at int) *evidence.Answer {
	if requirement >= len(a.Report.Requirements) || at >= len(a.Report.Requirements[requirement].Cases) {
		return nil
	}
	return a.Report.Requirements[requirement].Cases[at].Evidence
}

// again makes the report of a result as the tool that made the audited one would have.
func (a *judge) again(result *checker.Result, loading *diag.List) *document.Report {
	if result.Warnings == nil {
		result.Warnings = &diag.List{}
	}
	result.Warnings.Append(loading)
	r := reports.New(result, a.Report.Tool.Version)
	r.Options.MaxIterations = a.Report.Options.MaxIterations
	return r
}

// first returns the first error, on one line.
func first(diags *diag.List) string {
	for _, d := range diags.Sorted() {
		if d.Severity == diag.Error {
			at := ""
			if d.Primary.Span.IsValid() {
				p := d.Primary.Span.Position()
				at = fmt.Sprintf("%s:%d:%d: ", d.Primary.Span.File.Name, p.Line, p.Column)
			}
			return at + d.Message
		}
	}
	return "it cannot be read"
}

// sameInputs compares the inputs that were given with those that the document names.
func (a *judge) sameInputs(model *threats.Model, named []document.Input) error {
	again := reports.New(&checker.Result{Model: model}, "")
	var texts []string // of the inputs, in the order of the document
	for _, f := range model.Design.Files {
		texts = append(texts, f.Text)
	}
	for _, c := range model.Catalogue.Inputs {
		texts = append(texts, c.File.Text)
	}
	for i, want := range named {
		if i >= len(again.Inputs) || again.Inputs[i].Path != want.Path || again.Inputs[i].Role != want.Role {
			return fmt.Errorf("the %s is about the %s %s, which is not among the inputs given", a.Head.Kind, want.Role, want.Path)
		}
		if got := again.Inputs[i].SHA256; got != want.SHA256 {
			if source.Embedded(want.Path) && a.In.Texts == nil {
				return fmt.Errorf("%s of this vauban is another one than that of vauban %s, which made the %s: audit with that, or audit a bundle, which has it", want.Path, a.Head.Tool.Version, a.Head.Kind)
			}
			return a.another(want, got, texts[i])
		}
	}
	if n := len(named); len(again.Inputs) > n {
		return fmt.Errorf("the %s is not about %s, which the design uses", a.Head.Kind, again.Inputs[n].Path)
	}
	return nil
}

// another says what is different in a file that is not the one that the document is about. A check-out on Windows changes line endings, and nothing else.
func (a *judge) another(want document.Input, got, text string) error {
	unix := strings.ReplaceAll(text, "\r\n", "\n")
	for form, other := range map[string]string{"LF": unix, "CRLF": strings.ReplaceAll(unix, "\n", "\r\n")} {
		if document.Digest([]byte(other)) == want.SHA256 {
			return fmt.Errorf("%s differs in its line endings only: the %s is about the file with %s; have git keep them with a line `*%s -text` in .gitattributes, and check the file out again", want.Path, a.Head.Kind, form, path.Ext(want.Path))
		}
	}
	return fmt.Errorf("%s is another file: sha256 %s, the %s is about %s", want.Path, got, a.Head.Kind, want.SHA256)
}

// sameVerdicts compares the verdicts that follow from the evidence with those of the report.
func (a *judge) sameVerdicts(result *checker.Result, again *document.Report, refused []checker.Refused) error {
	for i, q := range again.Requirements {
		if i >= len(a.Report.Requirements) || a.Report.Requirements[i].Name != q.Name {
			return fmt.Errorf("the report does not have the requirement %q in its place", q.Name)
		}
		claimed := a.Report.Requirements[i]
		if len(claimed.Cases) != len(q.Cases) {
			return fmt.Errorf("the requirement %q has %d cases, the report has %d of it", q.Name, len(q.Cases), len(claimed.Cases))
		}
		if k := slices.IndexFunc(refused, func(r checker.Refused) bool { return r.Requirement == i }); k >= 0 {
			return fmt.Errorf("%s: %w", a.describe(claimed, refused[k].Case), refused[k].Err)
		}
		for k, c := range q.Cases {
			if got := claimed.Cases[k].Verdict; got != c.Verdict {
				return fmt.Errorf("%s: the report says %q, its evidence shows %q", a.describe(claimed, k), got, c.Verdict)
			}
		}
		if claimed.Verdict != q.Verdict {
			return fmt.Errorf("requirement %q: the report says %q, its cases amount to %q", q.Name, claimed.Verdict, q.Verdict)
		}
	}
	if n := len(again.Requirements); len(a.Report.Requirements) > n {
		return fmt.Errorf("the design has no requirement %q", a.Report.Requirements[n].Name)
	}
	if len(again.Requirements) == 0 {
		a.Skip("the design has no requirements, so nothing is claimed", audit.Verdicts)
		return nil
	}
	a.Pass(audit.Verdicts, "%s", tally(result))
	return nil
}

func (a *judge) describe(q document.Requirement, at int) string {
	text := fmt.Sprintf("requirement %q", q.Name)
	if c := q.Cases[at]; len(c.Attackers) > 0 {
		text += " against " + strings.Join(c.Attackers, " + ")
	}
	return text
}

// tally counts what was checked.
func tally(result *checker.Result) string {
	attacks, proofs, unknown := 0, 0, 0
	for _, q := range result.Requirements {
		for _, c := range q.Cases {
			if c.Attack != nil {
				attacks += max(1, len(c.Attacks))
			}
			if c.Proof != nil {
				proofs++
			}
			if c.Verdict == checker.Unknown {
				unknown++
			}
		}
	}
	text := fmt.Sprintf("%s: %s replayed, %s checked", plain.Number(len(result.Requirements), "requirement"), plain.Number(attacks, "attack"), plain.Number(proofs, "proof"))
	if unknown > 0 {
		text += "; unknown, which claims nothing: " + plain.Number(unknown, "case")
	}
	return text
}

// same compares a report that was made again with the one audited.
func (a *judge) same(again *document.Report) error {
	if err := again.Same(a.In.Report); err != nil {
		return fmt.Errorf("made again, %w", err)
	}
	return nil
}

// claims derives what is claimed from a result that was judged again, and from the report made of it.
func (a *judge) claims(result *checker.Result, again *document.Report) *audit.Claims {
	out := &audit.Claims{
		AsOf: again.Options.AsOf, Requirements: []audit.Claim{}, Assumptions: []audit.Assumption{}, Guesses: []string{}, Catalogues: []audit.Catalogue{}, Warnings: []audit.Warning{},
		Unchecked: []string{"vauban " + again.Tool.Version + " made the report"},
	}
	for _, q := range again.Requirements {
		c := audit.Claim{
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
			c.Waiver = &audit.Waived{Until: q.Waiver.Until, Because: q.Waiver.Because, InForce: a.In.AsOf <= q.Waiver.Until}
		}
		out.Requirements = append(out.Requirements, c)
	}
	if n := again.Options.MaxIterations; n > 0 {
		out.Unchecked = append(out.Unchecked, "the engines were allowed "+strconv.Itoa(n)+" iterations")
	}
	if again.Options.Quick {
		out.Unchecked = append(out.Unchecked, "only what is found at once was looked for")
	}
	a.of(out, result.Model)
	for _, w := range again.Warnings {
		out.Warnings = append(out.Warnings, audit.Warning{Code: w.Code, Message: w.Message})
	}
	return out
}

// of notes what the claims rest on in a model. A text is that of the program that audits only if it is the same, whatever it is called.
func (a *judge) of(c *audit.Claims, m *threats.Model) {
	unlike := func(path, text string) bool {
		own, ok := threats.Embedded(path)
		if ok && own == text {
			return false
		}
		c.Unchecked = append(c.Unchecked, path+" is that of vauban "+a.Head.Tool.Version)
		return true
	}
	for _, s := range m.Design.Assumptions {
		c.Assumptions = append(c.Assumptions, audit.Assumption{Name: s.Name, Text: s.Text})
	}
	for _, e := range m.Design.Elements {
		if len(e.Guessed) > 0 {
			c.Guesses = append(c.Guesses, e.Name+": "+strings.Join(e.Guessed, ", "))
		}
	}
	path := reports.Paths(m)
	for _, in := range m.Catalogue.Inputs {
		k := audit.Catalogue{Name: in.Name, SHA256: document.Digest([]byte(in.File.Text))}
		if !in.BuiltIn() || unlike(in.Path, in.File.Text) {
			k.Path = path(in.Path)
		} else {
			k.Version = a.In.Version
		}
		c.Catalogues = append(c.Catalogues, k)
	}
	for _, f := range m.Design.Files {
		if source.Embedded(f.Name) {
			unlike(f.Name, f.Text)
		}
	}
}

// against tells who was considered.
func against(cases []document.Case) []audit.Against {
	out := []audit.Against{}
	for _, v := range document.Verdicts {
		k := audit.Against{Verdict: v, Coalitions: [][]string{}}
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
