package markdown

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/diagram"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// How much is written out.
const (
	maxCharacters  = 60_000 // of all: a comment holds 65,536
	maxOpen        = 3      // requirements that are not folded away
	maxRows        = 100    // of the table
	maxCell        = 200    // characters
	maxCases       = 3
	maxBreaks      = 20
	maxSets        = 5
	maxPicture     = 6000 // bytes of a drawing
	maxDiagnostics = 20
	maxQuestions   = 10
)

var symbols = map[checker.Verdict]string{
	checker.Holds: "✅", checker.Violated: "❌", checker.Depends: "⚠️", checker.Waived: "📝", checker.Unknown: "❔",
}

// Write writes what came of some designs.
func Write(w io.Writer, outcomes []reports.Outcome) error {
	p := &page{}
	for _, o := range outcomes {
		if o.Result == nil {
			p.add(failure(o))
			continue
		}
		result(p, o)
	}
	if p.dropped > 0 {
		fmt.Fprintf(&p.out, "\n_%s left out here: the JSON report has everything._\n", plain.Number(p.dropped, "more part"))
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

// page collects parts as long as they fit.
type page struct {
	out     strings.Builder
	used    int
	dropped int
}

// add adds a part whole or not at all.
func (p *page) add(part string) {
	if part == "" {
		return
	}
	n := utf8.RuneCountInString(part) + 1
	if p.used+n > maxCharacters {
		p.dropped++
		return
	}
	if p.used > 0 {
		p.out.WriteByte('\n')
	}
	p.used += n
	p.out.WriteString(part)
}

// failure says why a design was not verified.
func failure(o reports.Outcome) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## ⛔ %s: nothing was verified\n\n", Text(o.Name))
	diagnostics(&b, o.Errors)
	return b.String()
}

func diagnostics(b *strings.Builder, list []diag.Diagnostic) {
	for i, d := range list {
		if i == maxDiagnostics {
			fmt.Fprintf(b, "- … and %s\n", plain.Number(len(list)-i, "more"))
			return
		}
		fmt.Fprintf(b, "- %s%s: %s (%s)", place(d.Primary.Span, " "), d.Severity, Text(d.Message), d.Code)
		if d.Help != "" {
			fmt.Fprintf(b, " — help: %s", Text(d.Help))
		}
		b.WriteByte('\n')
	}
}

// place is the place of a span as code, with something after it; "" where there is none.
func place(s source.Span, after string) string {
	if at := wording.Where(s); at != "" {
		return Code(at) + after
	}
	return ""
}

func result(p *page, o reports.Outcome) {
	r := o.Result
	p.add(table(o))
	open := 0
	for _, q := range r.Requirements {
		switch q.Verdict {
		case checker.Violated, checker.Depends:
		case checker.Unknown:
			if wording.Told(q) {
				continue
			}
		default:
			continue
		}
		p.add(details(r.Model.Design, q, o.Known, open >= maxOpen))
		open++
	}
	p.add(asked(o))
	p.add(proofs(r))
	if r.Warnings != nil {
		if list := r.Warnings.Sorted(); len(list) > 0 {
			var b strings.Builder
			b.WriteString("### Warnings\n\n")
			diagnostics(&b, list)
			p.add(b.String())
		}
	}
}

// asked lists the questions that are open, with what answers do.
func asked(o reports.Outcome) string {
	if o.Questions == nil || len(o.Questions.Questions) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("### Questions\n\nThese facts are not in the design, and an answer can break what holds.\n\n")
	for i, q := range o.Questions.Questions {
		if i == maxQuestions {
			fmt.Fprintf(&b, "- … and %s\n", plain.Number(len(o.Questions.Questions)-i, "more"))
			break
		}
		fmt.Fprintf(&b, "- %s%s ", place(q.On.Span, " "), Text(q.Text))
		for k, y := range q.Yes {
			if k > 0 {
				b.WriteString(" or ")
			}
			b.WriteString(Code(y))
		}
		var broken []string
		for _, x := range q.Breaks {
			broken = append(broken, wording.Breaks(x))
		}
		b.WriteString(" breaks " + Text(plain.List(broken, plain.MaxList)))
		if q.No != "" {
			b.WriteString("; " + Code(q.No) + " says no")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// table has a line for each requirement.
func table(o reports.Outcome) string {
	name, r := o.Name, o.Result
	var b strings.Builder
	counts := wording.Counts(r)
	var parts []string
	for _, v := range wording.Verdicts {
		if n := counts[v]; n > 0 {
			parts = append(parts, plain.Thousands(n)+" "+string(v))
		}
	}
	if len(r.Requirements) == 0 {
		fmt.Fprintf(&b, "## ⚠️ %s\n\n%s has no requirement, so there is nothing to verify.\n", cell(r.Model.Design.Title), Code(name))
		return b.String()
	}
	fmt.Fprintf(&b, "## %s %s\n\n", symbols[wording.Overall(counts)], cell(r.Model.Design.Title))
	fmt.Fprintf(&b, "%s · %s: %s · waivers judged as of %s\n\n", Code(name), plain.Number(len(r.Requirements), "requirement"), strings.Join(parts, ", "), r.AsOf)
	b.WriteString("| Verdict | Requirement | Severity | What was found |\n|---|---|---|---|\n")
	rows, full := 0, len(r.Requirements) > maxRows
	for _, q := range r.Requirements {
		if full && (q.Verdict == checker.Holds || rows == maxRows) {
			continue
		}
		rows++
		known := ""
		if o.Known.All(q) {
			known = ", known"
		}
		fmt.Fprintf(&b, "| %s %s%s | **%s** %s | %s | %s |\n",
			symbols[q.Verdict], q.Verdict, known, cell(q.Source.Name), cell(wording.About(q)), cell(q.Source.Severity), cell(wording.Gist(q)))
	}
	if rows < len(r.Requirements) {
		fmt.Fprintf(&b, "\n%s not listed; those that hold were left out first.\n", plain.Number(len(r.Requirements)-rows, "more requirement"))
	}
	return b.String()
}

func cell(s string) string { return Text(plain.Shorten(s, maxCell)) }

// details writes what is behind a verdict.
func details(d *models.Design, q *checker.Requirement, known reports.Known, folded bool) string {
	var b strings.Builder
	head := q.Source.Name + ": " + wording.About(q)
	if folded {
		fmt.Fprintf(&b, "<details><summary>%s <b>%s</b> · %s</summary>\n\n", symbols[q.Verdict], HTML(head), HTML(wording.Gist(q)))
	} else {
		fmt.Fprintf(&b, "### %s %s\n\n", symbols[q.Verdict], Text(head))
	}
	fmt.Fprintf(&b, "%s", Code(q.Source.Text))
	if q.Source.Severity != "" {
		fmt.Fprintf(&b, " · %s", Text(q.Source.Severity))
	}
	if len(q.Source.Refs) > 0 {
		fmt.Fprintf(&b, " · %s", Text(strings.Join(q.Source.Refs, ", ")))
	}
	if at := place(q.Source.Span, ""); at != "" {
		fmt.Fprintf(&b, " · %s", at)
	}
	b.WriteString("\n")
	groups, rest := wording.Groups(q, maxCases)
	for i, g := range groups {
		b.WriteString("\n")
		caseOf(&b, q, g, known)
		if i == 0 && !folded && g.Attack != nil {
			b.WriteString(picture(d, g.Case))
		}
		for _, c := range g.Same {
			who, how := wording.AlsoDoes(c)
			fmt.Fprintf(&b, "\n**%s** %s.\n", Text(who), how)
		}
		if also := g.Likewise(); also != "" {
			fmt.Fprintf(&b, "\nLikewise where %s.\n", Text(also))
		}
	}
	if len(rest) > 0 {
		fmt.Fprintf(&b, "\nAnd %s.\n", Text(wording.Rest(rest)))
	}
	if extent := wording.Extent(q); extent != "" {
		fmt.Fprintf(&b, "\n_%s_\n", Text(extent))
	}
	if folded {
		b.WriteString("\n</details>\n")
	}
	return b.String()
}

func caseOf(b *strings.Builder, q *checker.Requirement, g *wording.Group, known reports.Known) {
	c, mark := g.Case, reports.Mark(known.Group(q, g))
	where := ""
	if s := wording.Bound(c.Bindings); s != "" {
		where = ", where " + Text(s)
	}
	switch {
	case q.Source.Static:
		breaks(b, q, c, known)
	case c.Attack != nil:
		attack(b, c, mark)
	case c.Verdict == checker.Violated:
		fmt.Fprintf(b, "It is not possible: %s%s.\n", Text(wording.Unreachable(c)), mark)
	}
	for i, set := range c.Sufficient {
		switch {
		case i == maxSets:
			fmt.Fprintf(b, "- … and %s of decisions\n", plain.Number(len(c.Sufficient)-i, "more minimal set"))
			return
		case i == 0:
			b.WriteString("\nHolds if:\n\n")
		}
		fmt.Fprintf(b, "- %s\n", Text(wording.Choices(set)))
	}
	if u := c.Unknown; u != nil {
		who := wording.Coalition(c)
		if who != "" {
			who = " against **" + Text(who) + "**"
		}
		label := "Unknown"
		if c.Verdict != checker.Unknown {
			label, who = "Incomplete", ""
		}
		fmt.Fprintf(b, "\n%s%s%s: %s.\n", label, who, where, Text(wording.Why(u)))
	}
}

// attack writes a counterexample as numbered sentences.
func attack(b *strings.Builder, c *checker.Case, known string) {
	who, how, given := wording.Head(c)
	if who != "" {
		fmt.Fprintf(b, "**%s** ", Text(who))
	}
	b.WriteString(Text(how))
	if given != "" {
		fmt.Fprintf(b, ", _%s_", Text(given))
	}
	b.WriteString(known)
	if len(c.Attack.Steps) == 0 {
		b.WriteString(".\n")
		return
	}
	b.WriteString(":\n\n")
	for i, s := range c.Attack.Steps {
		fmt.Fprintf(b, "%d. %s<br><sub>%s", i+1, Text(wording.Sentence(s)), Text(wording.Effect(s)))
		if at := wording.Where(s.Source); at != "" {
			fmt.Fprintf(b, " · %s", Text(at))
		}
		b.WriteString("</sub>\n")
	}
}

// picture draws an attack over what it has to do with, unless it has to do with too much or too little.
func picture(d *models.Design, c *checker.Case) string {
	scene := diagram.Attack(d, c.Attackers, c.Attack)
	part := diagram.Excerpt(d, scene)
	var b strings.Builder
	if len(part.Elements) < 2 || diagram.Mermaid(&b, part, scene) != nil || b.Len() > maxPicture {
		return ""
	}
	return "\n```mermaid\n" + b.String() + "```\n"
}

// breaks lists the instances that break an architecture rule.
func breaks(b *strings.Builder, q *checker.Requirement, c *checker.Case, known reports.Known) {
	if len(c.Breaks) == 0 {
		fmt.Fprintf(b, "Broken by the design as a whole%s.\n", reports.Mark(known.Has(q, c, nil)))
		return
	}
	fmt.Fprintf(b, "Broken by %s:\n\n", plain.Number(len(c.Breaks), "instance"))
	for i, k := range c.Breaks {
		if i == maxBreaks {
			fmt.Fprintf(b, "- … and %s more\n", plain.Thousands(len(c.Breaks)-i))
			return
		}
		fmt.Fprintf(b, "- %s", Text(wording.Broken(k)))
		if places := wording.Places(k); len(places) > 0 {
			fmt.Fprintf(b, " · %s", Text(strings.Join(places, ", ")))
		}
		if k.Open {
			b.WriteString(" · for some decisions only")
		}
		b.WriteString(reports.Mark(known.Has(q, c, &k)))
		b.WriteString("\n")
	}
}

// proofs says what each proof rests on.
func proofs(r *checker.Result) string {
	var b strings.Builder
	for _, q := range r.Requirements {
		if q.Verdict == checker.Holds {
			if b.Len() == 0 {
				b.WriteString("<details><summary>Proofs, and what they rely on</summary>\n\n")
			}
			fmt.Fprintf(&b, "- **%s** %s\n", Text(q.Source.Name), Text(wording.Basis(q)))
		}
	}
	if b.Len() > 0 {
		b.WriteString("\n</details>\n")
	}
	return b.String()
}
