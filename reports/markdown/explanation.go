package markdown

import (
	"fmt"
	"io"

	"github.com/vauban-verifier/vauban/checker/conform"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

var marks = map[conform.Verdict]string{conform.Normal: "✅", conform.Explained: "⚠️", conform.Unexplained: "❌", conform.Unknown: "❔"}

// Explanation writes what became of logs.
func Explanation(w io.Writer, r *conform.Result) error {
	a := wording.Tell(r)
	p := &page{}
	p.add(fmt.Sprintf("## %s\n\n%s\n", Text(a.Title), Text(a.Tally)))
	for _, c := range a.Cases {
		part := fmt.Sprintf("\n### %s %s: %s\n\n", marks[c.Verdict], Text(c.Names), c.Verdict)
		if c.Head != "" {
			part += Text(c.Head) + "\n\n"
		}
		if c.Log != "" {
			part += "Log: " + Code(c.Log) + "\n\n"
		}
		for _, n := range c.Notes {
			part += "* " + Text(n) + "\n"
		}
		part += steps(c.Steps)
		for _, or := range c.Or {
			part += "\n" + Text(or) + "\n"
		}
		for _, f := range c.Follows {
			part += fmt.Sprintf("\n**%s** %s\n", f.Word, Text(f.Says)) + steps(f.Steps)
			if f.Stops != "" {
				part += "\nWould still stop it: " + Text(f.Stops) + "\n"
			}
		}
		p.add(part)
	}
	rests := "\n"
	if a.More > 0 {
		rests += plain.Number(a.More, "more trace") + " not shown.\n\n"
	}
	for _, line := range a.Rests {
		rests += "* " + Text(line) + "\n"
	}
	p.add(rests)
	_, err := io.WriteString(w, p.out.String())
	return err
}

// steps writes a numbered list of steps.
func steps(list []wording.StepAccount) string {
	out := ""
	for i, s := range list {
		if i == 0 {
			out = "\n"
		}
		out += fmt.Sprintf("%d. %s", i+1, Text(s.Says))
		if s.Event > 0 {
			out += fmt.Sprintf(" (event %d)", s.Event)
		}
		if s.Cost > 0 {
			out += fmt.Sprintf(" (cost %d)", s.Cost)
		}
		out += "\n"
	}
	return out
}
