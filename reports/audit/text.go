package audit

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/internal/canonical"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// JSON writes the result as canonical JSON (RFC 8785).
func (r *Result) JSON() ([]byte, error) {
	data, err := canonical.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("write audit: %w", err)
	}
	return data, nil
}

// normal is the verdict on a case of a log that needs no look.
const normal = "normal"

// marks say how a check came out, in a column.
var marks = map[Status]string{Passed: "passed", Failed: "FAILED", NotMade: "-"}

// What is written at most: it may hold what somebody else has made up. The JSON form has all of it.
const (
	maxDetail = 400 // runes of a detail
	maxLines  = 100 // of a list
)

// short makes a text of somebody else's fit for a line.
func short(s string) string {
	s = plain.Clean(s)
	if utf8.RuneCountInString(s) > maxDetail {
		s = string([]rune(s)[:maxDetail]) + "…"
	}
	return s
}

// Text writes what is claimed, a line for each check, and what it amounts to.
func (r *Result) Text(w io.Writer) error {
	var out strings.Builder
	if r.Claims != nil {
		r.Claims.text(&out, r.Design)
	}
	WriteChecks(&out, r.Checks, r.Summary)
	_, err := io.WriteString(w, out.String())
	return err
}

// WriteChecks writes a line for each check, how many came out how, and the summary.
func WriteChecks(out *strings.Builder, checks []Check, summary string) {
	counts, width := map[Status]int{}, 0
	for _, c := range checks {
		counts[c.Status]++
		width = max(width, utf8.RuneCountInString(short(c.Name)))
	}
	for _, c := range checks {
		means := c.Means
		switch c.Status {
		case Failed:
			fmt.Fprintf(out, "%-6s  %-*s  expected: %s; found: %s\n", marks[c.Status], width, short(c.Name), means, short(c.Detail))
			continue
		case NotMade:
			means = "skipped"
		}
		fmt.Fprintf(out, "%-6s  %-*s  %s: %s\n", marks[c.Status], width, short(c.Name), means, short(c.Detail))
	}
	fmt.Fprintf(out, "%s passed, %d failed, %d skipped\n%s\n", plain.Number(counts[Passed], "check"), counts[Failed], counts[NotMade], plain.Clean(summary))
}

// text writes the claims, each requirement on a line.
func (c *Claims) text(out *strings.Builder, design string) {
	if c.Happened != nil {
		fmt.Fprintf(out, "%s, what happened, judged again by its evidence:\n", short(design))
	} else {
		fmt.Fprintf(out, "%s, judged again by its evidence, waivers as of %s:\n", short(design), c.AsOf)
	}
	verdicts, names := len("catalogue"), 0
	label := func(q Claim) string {
		if q.Vacuous != "" {
			return q.Verdict + " (vacuous)"
		}
		return q.Verdict
	}
	for _, q := range c.Requirements[:min(maxLines, len(c.Requirements))] {
		verdicts, names = max(verdicts, len(label(q))), max(names, utf8.RuneCountInString(q.Name))
	}
	line := func(name, what string) { fmt.Fprintf(out, "  %-*s  %s\n", verdicts, name, what) }
	if c.Happened != nil {
		verdicts = len(document.Outcomes[0])
		c.Happened.text(line)
	}
	list(c.Requirements, func(q Claim) {
		line(label(q), fmt.Sprintf("%-*s  %s", names, short(q.Name), short(strings.Join(q.gist(), "; "))))
	}, line)
	list(c.Assumptions, func(s Assumption) { line("assumes", short(s.Name+": "+s.Text)) }, line)
	list(c.Guesses, func(s string) { line("guessed", short(s)) }, line)
	list(c.Catalogues, func(k Catalogue) {
		switch {
		case k.BuiltIn():
			line("catalogue", short(k.Name)+", built into vauban "+short(k.Version))
		case source.Embedded(k.Path):
			line("catalogue", short(k.Path)+" as the bundle has it, another one than that of this vauban, sha256 "+k.SHA256)
		default:
			line("catalogue", short(k.Path)+", the design's own, sha256 "+k.SHA256)
		}
	}, line)
	list(c.Warnings, func(k Warning) { line("warning", short(k.Code+" "+k.Message)) }, line)
	list(c.Unchecked, func(s string) { line("unchecked", short(s)) }, line)
	out.WriteByte('\n')
}

// list writes items, and how many more there are.
func list[T any](items []T, write func(T), line func(name, what string)) {
	for i, item := range items {
		if i == maxLines {
			line("", plain.Thousands(len(items)-i)+" more of this kind"+" (--format json has all)")
			return
		}
		write(item)
	}
}

// gist says what a claim is about, and what it is worth.
func (q Claim) gist() []string {
	parts := []string{q.Property}
	for _, g := range q.Against {
		var who []string
		for _, k := range g.Coalitions {
			if len(k) > 0 {
				who = append(who, strings.Join(k, " + "))
			}
		}
		if len(who) == 0 {
			continue
		}
		text := "against " + plain.List(who, plain.MaxList)
		if len(q.Against) > 1 {
			text = g.Verdict + " " + text
		}
		parts = append(parts, text)
	}
	if q.Failures > 0 {
		parts = append(parts, "with up to "+plain.Number(q.Failures, "failure"))
	}
	if q.Vacuous != "" {
		parts = append(parts, q.Vacuous)
	}
	if w := q.Waiver; w != nil {
		ends := "until "
		if !w.InForce {
			ends = "EXPIRED on "
		}
		parts = append(parts, ends+w.Until+": "+w.Because)
	}
	return append(parts, q.Unknown...)
}

// text writes what is claimed of logs.
func (h *Happened) text(line func(name, what string)) {
	list(h.Cases, func(t Told) { line(t.Verdict, short(t.Cases+": "+t.Says)) }, line)
	if n := h.Counts[normal]; n > 0 {
		line(normal, plain.Number(n, "case"))
	}
	list(h.Logs, func(l LogClaim) {
		text := l.Path + ", " + plain.Thousands(l.Entries) + " entries" + ", sha256 " + l.SHA256
		if l.Unread > 0 {
			text += ", " + plain.Thousands(l.Unread) + " not mapped"
		}
		line("log", short(text))
	}, line)
	if h.Mapping != "" {
		line("mapping", "sha256 "+h.Mapping)
	}
	line("observed", short(plain.List(h.Observed, maxLines)))
	var who []string
	for _, c := range h.Attackers {
		who = append(who, strings.Join(c, " + "))
	}
	line("attackers", short(plain.List(who, maxLines)))
	line("tolerates", fmt.Sprintf("controls that may have failed: %d · events that may be lost: %d", h.Tolerating, h.Lost))
}
