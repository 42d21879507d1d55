package text

import (
	"fmt"
	"io"

	"github.com/vauban-verifier/vauban/checker/conform"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

var (
	tints    = map[conform.Verdict]string{conform.Normal: green, conform.Explained: yellow, conform.Unexplained: red, conform.Unknown: magenta}
	outlooks = map[conform.Outlook]string{conform.Broken: red, conform.Breaks: yellow, conform.Hidden: yellow, conform.Cannot: green, conform.Unclear: magenta}
)

// Explanation writes what became of logs: the cases that somebody should look at, the worst first, then counts and what the answers rest on.
func Explanation(w io.Writer, r *conform.Result, color bool) error {
	a := wording.Tell(r)
	p := &page{color: color}
	p.line("%s", p.in(bold, plain.Clean(a.Title)))
	for _, c := range a.Cases {
		p.line("")
		explained(p, c)
	}
	if a.More > 0 {
		p.line("")
		p.line("%s not shown: `--format json` has them all", plain.Number(a.More, "more trace"))
	}
	p.line("")
	p.line("%s", a.Tally)
	for _, line := range a.Rests {
		p.line("%s", p.in(dim, plain.Clean(line)))
	}
	_, err := w.Write(p.Bytes())
	return err
}

// explained writes cases with equal traces.
func explained(p *page, c wording.CaseAccount) {
	head := p.in(bold, plain.Clean(c.Names)) + ": " + p.in(tints[c.Verdict], string(c.Verdict))
	switch {
	case c.Head == "":
	case c.Verdict == conform.Explained:
		head += " " + plain.Clean(c.Head)
	default:
		head += ": " + plain.Clean(c.Head)
	}
	p.line("%s", head)
	if c.Log != "" {
		p.line("  %s", p.in(dim, "log: "+plain.Clean(c.Log)))
	}
	for _, n := range c.Notes {
		p.line("  %s", plain.Clean(n))
	}
	steps(p, c.Steps)
	for _, or := range c.Or {
		p.line("  %s", plain.Clean(or))
	}
	for _, f := range c.Follows {
		p.line("  %s %s", p.in(outlooks[f.Outlook], f.Word), plain.Clean(f.Says))
		steps(p, f.Steps)
		if f.Stops != "" {
			p.line("     would still stop it: %s", plain.Clean(f.Stops))
		}
	}
}

// steps writes the steps of a run, with the events that they leave.
func steps(p *page, list []wording.StepAccount) {
	digits := len(fmt.Sprint(len(list)))
	for i, s := range list {
		line := fmt.Sprintf("  %s %s", p.in(bold, fmt.Sprintf("%*d.", digits+1, i+1)), plain.Clean(s.Says))
		if s.Event > 0 {
			line += p.in(dim, fmt.Sprintf(" · event %d", s.Event))
		}
		if s.Cost > 0 {
			line += p.in(dim, fmt.Sprintf(" · cost %d", s.Cost))
		}
		p.line("%s", line)
	}
}
