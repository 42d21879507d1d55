package audit

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/threats"
)

// verdicts judges the report's verdicts again from the inputs.
func (a *auditor) verdicts(ctx context.Context) error {
	all := []string{Inputs, Verdicts, Contents, Rerun}
	if a.report == nil {
		a.skip("the report cannot be read", all...)
		return nil
	}
	if len(a.in.Design) == 0 {
		a.skip("there is no design: give its files with --design", all...)
		return nil
	}
	if !a.in.Rerun {
		a.skip("ask for it with --rerun", Rerun)
	}
	diags := &diag.List{}
	model := a.load(diags, all...)
	if model == nil {
		return nil
	}
	opt := checker.Options{AsOf: a.report.Options.AsOf, MaxIterations: a.report.Options.MaxIterations, Attacks: a.report.Options.Attacks, Quick: a.report.Options.Quick, Progress: a.in.Progress}
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
		a.fail(Verdicts, err)
		a.skip("the verdicts do not follow", Contents)
	} else {
		a.result.Claims = a.claims(result, again)
		if err := a.same(again); err != nil {
			a.fail(Contents, err)
		} else {
			a.pass(Contents, "%d bytes", len(a.in.Report))
		}
	}
	if !a.in.Rerun {
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
		a.fail(Rerun, err)
	} else {
		a.pass(Rerun, "sha256 %s", reports.Digest(a.in.Report))
	}
	return nil
}

// load reads the design and checks that it is the one that the document is about; nil where it is not, and then the checks cannot be made.
func (a *auditor) load(diags *diag.List, all ...string) *threats.Model {
	model := threats.Load(a.in.Read, a.in.Design, diags)
	if model == nil || diags.HasErrors() {
		a.fail(Inputs, fmt.Errorf("the design does not load: %s", first(diags)))
		a.skip("the design does not load", all...)
		return nil
	}
	given := slices.DeleteFunc(slices.Clone(a.head.Inputs), func(in reports.Input) bool { return in.Role != "design" && in.Role != "catalogue" })
	if err := a.sameInputs(model, given); err != nil {
		a.fail(Inputs, err)
		a.skip("the inputs are others", all...)
		return nil
	}
	a.pass(Inputs, "%s", plain.Number(len(given), "file"))
	return model
}

// evidence is what the report has for a case.
func (a *auditor) evidence(requirement, at int) *evidence.Answer {
	if requirement >= len(a.report.Requirements) || at >= len(a.report.Requirements[requirement].Cases) {
		return nil
	}
	return a.report.Requirements[requirement].Cases[at].Evidence
}

// again makes the report of a result as the tool that made the audited one would have.
func (a *auditor) again(result *checker.Result, loading *diag.List) *reports.Report {
	if result.Warnings == nil {
		result.Warnings = &diag.List{}
	}
	result.Warnings.Append(loading)
	r := reports.New(result, a.report.Tool.Version)
	r.Options.MaxIterations = a.report.Options.MaxIterations
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
func (a *auditor) sameInputs(model *threats.Model, named []reports.Input) error {
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
			return fmt.Errorf("the %s is about the %s %s, which is not among the inputs given", a.head.Kind, want.Role, want.Path)
		}
		if got := again.Inputs[i].SHA256; got != want.SHA256 {
			if source.Embedded(want.Path) {
				return fmt.Errorf("%s of this vauban is another one than that of vauban %s, which made the %s: audit with that", want.Path, a.head.Tool.Version, a.head.Kind)
			}
			return a.another(want, got, texts[i])
		}
	}
	if n := len(named); len(again.Inputs) > n {
		return fmt.Errorf("the %s is not about %s, which the design uses", a.head.Kind, again.Inputs[n].Path)
	}
	return nil
}

// another says what is different in a file that is not the one that the document is about. A check-out on Windows changes line endings, and nothing else.
func (a *auditor) another(want reports.Input, got, text string) error {
	unix := strings.ReplaceAll(text, "\r\n", "\n")
	for form, other := range map[string]string{"LF": unix, "CRLF": strings.ReplaceAll(unix, "\n", "\r\n")} {
		if reports.Digest([]byte(other)) == want.SHA256 {
			return fmt.Errorf("%s differs in its line endings only: the %s is about the file with %s; have git keep them with a line `*%s -text` in .gitattributes, and check the file out again", want.Path, a.head.Kind, form, path.Ext(want.Path))
		}
	}
	return fmt.Errorf("%s is another file: sha256 %s, the %s is about %s", want.Path, got, a.head.Kind, want.SHA256)
}

// sameVerdicts compares the verdicts that follow from the evidence with those of the report.
func (a *auditor) sameVerdicts(result *checker.Result, again *reports.Report, refused []checker.Refused) error {
	for i, q := range again.Requirements {
		if i >= len(a.report.Requirements) || a.report.Requirements[i].Name != q.Name {
			return fmt.Errorf("the report does not have the requirement %q in its place", q.Name)
		}
		claimed := a.report.Requirements[i]
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
	if n := len(again.Requirements); len(a.report.Requirements) > n {
		return fmt.Errorf("the design has no requirement %q", a.report.Requirements[n].Name)
	}
	if len(again.Requirements) == 0 {
		a.skip("the design has no requirements, so nothing is claimed", Verdicts)
		return nil
	}
	a.pass(Verdicts, "%s", tally(result))
	return nil
}

func (a *auditor) describe(q reports.Requirement, at int) string {
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
func (a *auditor) same(again *reports.Report) error {
	if err := again.Same(a.in.Report); err != nil {
		return fmt.Errorf("made again, %w", err)
	}
	return nil
}
