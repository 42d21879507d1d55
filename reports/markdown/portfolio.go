package markdown

import (
	"fmt"
	"strings"

	"github.com/vauban-verifier/vauban/reports/portfolio"
)

// Portfolio writes what reports on several designs say, for the summary of a step.
func Portfolio(p *portfolio.Portfolio) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n| verdict | design | requirements | report |\n| --- | --- | --- | --- |\n", Text(p.Summary()))
	for _, d := range p.Designs {
		lines := []string{cell(d.Gist())}
		for _, line := range d.Says() {
			lines = append(lines, cell(line))
		}
		fmt.Fprintf(&b, "| **%s** | %s | %s | %s |\n", d.Verdict, cell(d.Title), strings.Join(lines, "<br>"), Code(d.Report))
	}
	for _, name := range p.Gone {
		fmt.Fprintf(&b, "| gone | | there was a report before | %s |\n", Code(name))
	}
	return b.String()
}
