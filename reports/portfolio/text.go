package portfolio

import (
	"fmt"
	"html/template"
	"strings"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/reports/plain"
)

// said is how many hold, and so on, in words.
var said = map[string][2]string{
	"violated": {"is violated", "are violated"}, "unknown": {"is unknown", "are unknown"}, "depends": {"depends on what is open", "depend on what is open"},
	"waived": {"is waived", "are waived"}, "holds": {"holds", "hold"}, Empty: {"has no requirement", "have no requirement"},
}

func tally(counts map[string]int, order []string) string {
	var parts []string
	for _, v := range order {
		if n := counts[v]; n == 1 {
			parts = append(parts, "1 "+said[v][0])
		} else if n > 1 {
			parts = append(parts, plain.Thousands(n)+" "+said[v][1])
		}
	}
	return strings.Join(parts, ", ")
}

// Summary is one sentence about all designs.
func (p *Portfolio) Summary() string {
	counts := map[string]int{}
	for _, d := range p.Designs {
		counts[d.Verdict]++
	}
	if len(p.Designs) == 0 {
		return "no design"
	}
	return plain.Number(len(p.Designs), "design") + ": " + tally(counts, overall)
}

// Gist says what a design's report amounts to.
func (d Design) Gist() string {
	text := tally(d.Verdicts, overall)
	if text == "" {
		text = "no requirement"
	}
	if d.Vacuous > 0 {
		text += fmt.Sprintf(" (%d vacuously)", d.Vacuous)
	}
	if d.Guessed > 0 {
		text += fmt.Sprintf(" (%d by guesses)", d.Guessed)
	}
	return text
}

// Says are lines about a design: what is not met, what has changed, and which catalogues are behind.
func (d Design) Says() []string {
	var out []string
	if len(d.Unmet) > 0 {
		var names []string
		for _, q := range d.Unmet {
			name := q.Name
			if q.Severity != "" {
				name += " [" + q.Severity + "]"
			}
			names = append(names, name)
		}
		out = append(out, "not met: "+plain.List(names, plain.MaxList))
	}
	if d.New {
		out = append(out, "new")
	}
	for i, c := range d.Changed {
		if i == plain.MaxList && len(d.Changed) > i+1 {
			out = append(out, plain.Number(len(d.Changed)-i, "more change"))
			break
		}
		out = append(out, c.String())
	}
	if len(d.Behind) > 0 {
		out = append(out, fmt.Sprintf("made by vauban %s with other catalogues than this one has: %s", d.Version, plain.List(d.Behind, plain.MaxList)))
	}
	return out
}

// Text is for a terminal.
func (p *Portfolio) Text() string {
	var b strings.Builder
	fmt.Fprintln(&b, p.Summary())
	verdicts, names := 0, 0
	for _, d := range p.Designs {
		verdicts, names = max(verdicts, len(d.Verdict)), max(names, utf8.RuneCountInString(plain.Clean(d.Title)))
	}
	for _, d := range p.Designs {
		title := plain.Clean(d.Title)
		fmt.Fprintf(&b, "  %-*s  %s%s  %s  %s\n", verdicts, d.Verdict, title, strings.Repeat(" ", names-utf8.RuneCountInString(title)), d.Gist(), plain.Clean(d.Report))
		for _, line := range d.Says() {
			fmt.Fprintf(&b, "  %*s    %s\n", verdicts, "", plain.Clean(line))
		}
	}
	for _, path := range p.Gone {
		fmt.Fprintf(&b, "  gone: %s\n", plain.Clean(path))
	}
	return b.String()
}

var page = template.Must(template.New("portfolio").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{.Summary}}</title>
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; --bad: #b3261e; --open: #8a5300; --good: #1b6e3c; --line: #8886 }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --open: #ffc46b; --good: #7ddc9c } }
body { margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
h1 { font-size: 1.4rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--line) }
td ul { margin: .25rem 0 0; padding-left: 1.1rem }
.violated, .unknown, .empty { color: var(--bad) } .depends, .waived { color: var(--open) } .holds { color: var(--good) }
.verdict { font-weight: 600 } code { overflow-wrap: anywhere }
@media print { body { margin: 0; max-width: none } tr { break-inside: avoid } }
</style>
<main>
<h1>{{.Summary}}</h1>
<table>
<caption hidden>Designs, the worst first</caption>
<thead><tr><th scope="col">Verdict</th><th scope="col">Design</th><th scope="col">Requirements</th><th scope="col">Report</th></tr></thead>
<tbody>
{{range .Designs}}<tr><td class="verdict {{.Verdict}}">{{.Verdict}}</td><th scope="row">{{.Title}}</th><td>{{.Gist}}{{with .Says}}<ul>{{range .}}<li>{{.}}</li>{{end}}</ul>{{end}}</td><td><code>{{.Report}}</code></td></tr>
{{end}}{{range .Gone}}<tr><td class="verdict empty">gone</td><td></td><td>there was a report before</td><td><code>{{.}}</code></td></tr>
{{end}}</tbody>
</table>
</main>
</html>
`))

// HTML is a page by itself.
func (p *Portfolio) HTML() (string, error) {
	var b strings.Builder
	err := page.Execute(&b, p)
	return b.String(), err
}
