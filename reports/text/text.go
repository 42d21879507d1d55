package text

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/coverage"
	"github.com/vauban-verifier/vauban/checker/questions"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// Options say how much is written, and how.
type Options struct {
	Color      bool
	Quiet      bool // only the line of each requirement
	Known      reports.Known
	Resilience bool // how many controls must fail, in the place of attacks and proofs
	Questions  *questions.Found
	Files      []string       // of the design, as the user named them; none where it cannot be read again
	View       *coverage.View // by a list, in the place of attacks and proofs; nil: none
}

// maxWarnings is how many warnings are written out.
const maxWarnings = 20

// Write writes a result.
func Write(w io.Writer, r *checker.Result, opt Options) error {
	p := &page{color: opt.Color}
	table(p, r, opt.Known)
	if !opt.Quiet {
		switch {
		case opt.View != nil:
			view(p, opt.View)
		case opt.Resilience:
			resilience(p, r)
		default:
			evidence(p, r, opt.Known)
			asks(p, opt.Questions)
		}
		if err := warnings(p, r, opt); err != nil {
			return err
		}
		p.line("")
		p.line("%s", summary(p, r))
		for _, hint := range wording.Next(r, opt.Files...) {
			p.line("%s %s", p.in(bold, "next:"), plain.Clean(hint))
		}
	}
	_, err := w.Write(p.Bytes())
	return err
}

// maxQuestions is how many questions are written with the verdicts.
const maxQuestions = 10

// asks writes what the design is silent about.
func asks(p *page, f *questions.Found) {
	if f == nil || len(f.Questions) == 0 {
		return
	}
	p.line("")
	p.line("%s", p.in(bold, "Questions: these facts are not in the design, and an answer can break what holds"))
	Questions(p, f, maxQuestions)
}

// Questions writes at most so many questions, with what answers do.
func Questions(w io.Writer, f *questions.Found, most int) {
	for i, q := range f.Questions {
		if i == most {
			fmt.Fprintf(w, "  and %s: `vauban questions` lists them\n", plain.Number(len(f.Questions)-most, "more question"))
			break
		}
		fmt.Fprintf(w, "  %s\n      %s\n", plain.Clean(q.Text), plain.Clean(wording.Answers(q)))
	}
}

// Details returns what is behind the verdict of a requirement that is not met, without colours.
func Details(q *checker.Requirement, known reports.Known) string {
	p := &page{}
	details(p, q, known)
	return strings.TrimPrefix(p.String(), "\n")
}

// evidence writes what is behind the verdicts.
func evidence(p *page, r *checker.Result, known reports.Known) {
	for _, q := range r.Requirements {
		switch q.Verdict {
		case checker.Violated, checker.Depends:
			details(p, q, known)
		case checker.Unknown:
			if !wording.Told(q) {
				details(p, q, known)
			}
		}
	}
	proofs(p, r)
}

var colors = map[checker.Verdict]string{
	checker.Holds: green, checker.Violated: red, checker.Depends: yellow, checker.Waived: cyan, checker.Unknown: magenta,
}

// table writes a line for each requirement.
func table(p *page, r *checker.Result, known reports.Known) {
	p.line("%s", p.in(bold, plain.Clean(r.Model.Design.Title)))
	if len(r.Requirements) == 0 {
		p.line("")
		p.line("  the design has no requirement, so there is nothing to verify: add one, such as `require Secret: confidential NAME`")
		return
	}
	p.line("")
	width := 0
	for _, q := range r.Requirements {
		width = max(width, utf8.RuneCountInString(plain.Clean(q.Source.Name)))
	}
	width = min(width, 40)
	for _, q := range r.Requirements {
		line := fmt.Sprintf("  %s  %s  %s", p.in(colors[q.Verdict], pad(string(q.Verdict), 8)), pad(plain.Clean(q.Source.Name), width), plain.Shorten(plain.Clean(wording.About(q)), 72))
		if gist := plain.Clean(wording.Gist(q)); gist != "" {
			line += p.in(dim, " · "+gist)
		}
		if known.All(q) {
			line += p.in(dim, " · known")
		}
		if v := q.Vacuous(); v != nil {
			line += p.in(yellow, " · vacuous")
		}
		p.line("%s", strings.TrimRight(line, " "))
	}
}

// warnings writes what the reader should know before trusting a verdict.
func warnings(p *page, r *checker.Result, opt Options) error {
	if r.Warnings == nil {
		return nil
	}
	list := r.Warnings.Sorted()
	if len(list) == 0 {
		return nil
	}
	p.line("")
	return diag.Render(p, list, diag.Options{Color: opt.Color, Max: maxWarnings})
}

// summary counts the verdicts.
func summary(p *page, r *checker.Result) string {
	count := wording.Counts(r)
	waivers := false
	for _, q := range r.Requirements {
		waivers = waivers || q.Waiver != nil
	}
	var parts []string
	for _, v := range wording.Verdicts {
		if n := count[v]; n > 0 {
			part := fmt.Sprintf("%d %s", n, v)
			if vacuous := wording.Vacuous(r); v == checker.Holds && vacuous > 0 {
				part += fmt.Sprintf(" (%d vacuous)", vacuous)
			}
			parts = append(parts, p.in(colors[v], part))
		}
	}
	s := plain.Number(len(r.Requirements), "requirement")
	if len(parts) > 0 {
		s += ": " + strings.Join(parts, ", ")
	}
	s += p.in(dim, " · "+plain.Number(r.Rules, "possible attacker action")+", "+plain.Number(r.Facts, "fact"))
	if waivers {
		s += p.in(dim, " · waivers judged as of "+r.AsOf)
	}
	return s
}
