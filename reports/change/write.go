package change

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/reports/markdown"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// maxRemarks is how many remarks about a requirement are written out; the JSON form has all.
const maxRemarks = 12

// maxEditLines is how many changes of the design are written out.
const maxEditLines = 40

// maxMarkdown is how many characters of Markdown are written: a comment holds 65,536.
const maxMarkdown = 60_000

// WriteJSON writes a review for programs.
func WriteJSON(w io.Writer, r *Review) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// section is the requirements of a trend.
type section struct {
	title        string
	requirements []Requirement
}

func sections(d Design) []section {
	out := []section{{title: "For the worse"}, {title: "For the better"}, {title: "Changed, neither better nor worse"}}
	for _, q := range d.Requirements {
		at := &out[order(q.Trend)]
		at.requirements = append(at.requirements, q)
	}
	return out
}

// step writes "depends → holds".
func step(q Requirement) string {
	switch {
	case q.Before == "":
		return "new → " + q.After
	case q.After == "":
		return q.Before + " → dropped"
	case q.Before == q.After:
		return q.After + " as before"
	}
	return q.Before + " → " + q.After
}

func tally(m map[string]int) string {
	var parts []string
	for _, v := range wording.Verdicts {
		if n := m[string(v)]; n > 0 {
			parts = append(parts, plain.Thousands(n)+" "+string(v))
		}
	}
	if len(parts) == 0 {
		return "no requirement"
	}
	return strings.Join(parts, ", ")
}

// headline says what became of a design as a whole.
func headline(d Design) string {
	switch {
	case !d.Old:
		return "now: " + tally(d.After)
	case !d.New:
		return "before: " + tally(d.Before)
	}
	return "before: " + tally(d.Before) + " · now: " + tally(d.After)
}

// Summary says how many requirements went which way, and how many findings are new.
func Summary(r *Review) string {
	var n [3]int
	for _, d := range r.Designs {
		for _, q := range d.Requirements {
			n[order(q.Trend)]++
		}
	}
	weaker := 0
	for _, m := range r.general() {
		if m.Trend == Worse {
			weaker++
		}
	}
	end := ""
	if weaker > 0 {
		end = " · what is checked has become less in " + plain.Number(weaker, "way")
	}
	if n[0]+n[1]+n[2] == 0 {
		return "nothing changes for any requirement" + end
	}
	return fmt.Sprintf("%s worse, %d better, %d changed otherwise · %s", plain.Number(n[0], "requirement"), n[1], n[2], plain.Number(r.Findings(), "new finding")) + end
}

var signs = map[Trend]string{Worse: "-", Better: "+", Same: "·"}

// WriteText writes a review for people at a terminal.
func WriteText(w io.Writer, r *Review) error {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s → %s", diag.Escape(r.Old), diag.Escape(r.New))
	for _, m := range r.Remarks {
		line("  %s %s", signs[m.Trend], diag.Escape(m.Text))
	}
	for _, d := range r.Designs {
		if quiet(d) {
			continue
		}
		line("\n%s", diag.Escape(d.Title))
		if len(r.Designs) > 1 {
			line("  %s", diag.Escape(d.Name))
		}
		line("  %s", headline(d))
		for _, m := range d.Remarks {
			line("  %s %s", signs[m.Trend], diag.Escape(m.Text))
		}
		if len(d.Edits) > 0 {
			line("\nWhat was changed")
		}
		for i, e := range d.Edits {
			if i == maxEditLines {
				line("  … and %s", plain.Number(len(d.Edits)-i, "more change"))
				break
			}
			line("  %s", diag.Escape(e))
		}
		for _, s := range sections(d) {
			if len(s.requirements) == 0 {
				continue
			}
			line("\n%s", s.title)
			for _, q := range s.requirements {
				about := plain.Shorten(q.About, 72)
				if q.Severity != "" {
					about += " [" + q.Severity + "]"
				}
				line("  %s  %s  %s  %s", diag.Escape(q.Name), step(q), diag.Escape(about), diag.Escape(q.Source))
				for i, m := range q.Remarks {
					if i == maxRemarks {
						line("    … and %s", plain.Number(len(q.Remarks)-i, "more remark"))
						break
					}
					line("    %s %s", signs[m.Trend], diag.Escape(m.Text))
					for i, s := range m.Steps {
						line("      %2d. %s", i+1, diag.Escape(s))
					}
				}
			}
		}
	}
	line("\n%s", Summary(r))
	_, err := io.WriteString(w, b.String())
	return err
}

// quiet reports whether there is nothing to say about a design.
func quiet(d Design) bool {
	return d.Old && d.New && len(d.Requirements) == 0 && len(d.Remarks) == 0 && len(d.Edits) == 0
}

var symbols = map[Trend]string{Worse: "🔻", Better: "🟢", Same: "◽"}

// WriteMarkdown writes a review for a comment on a pull request.
func WriteMarkdown(w io.Writer, r *Review) error {
	var b strings.Builder
	symbol := "✅"
	if r.Findings() > 0 {
		symbol = "❌"
	}
	fmt.Fprintf(&b, "## %s What this change does to the requirements\n\n%s → %s · **%s**\n", symbol, markdown.Code(r.Old), markdown.Code(r.New), Summary(r))
	for i, m := range r.Remarks {
		if i == 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "- %s %s\n", symbols[m.Trend], markdown.Text(m.Text))
	}
	used, dropped := len(b.String()), 0
	add := func(part string) {
		if used+len(part) > maxMarkdown { // bytes are no less than characters
			dropped++
			return
		}
		used += len(part)
		b.WriteString(part)
	}
	for _, d := range r.Designs {
		if quiet(d) {
			continue
		}
		head := fmt.Sprintf("\n### %s\n\n%s · %s\n", markdown.Text(plain.Shorten(d.Title, 200)), markdown.Code(d.Name), headline(d))
		for i, m := range d.Remarks {
			if i == 0 {
				head += "\n"
			}
			head += fmt.Sprintf("- %s %s\n", symbols[m.Trend], markdown.Text(m.Text))
		}
		add(head)
		add(editList(d.Edits))
		for _, s := range sections(d) {
			if len(s.requirements) == 0 {
				continue
			}
			add(fmt.Sprintf("\n**%s**\n\n", s.title))
			for _, q := range s.requirements {
				add(item(q))
			}
		}
	}
	if dropped > 0 {
		fmt.Fprintf(&b, "\n_%s left out here._\n", plain.Number(dropped, "more part"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// editList folds away what was changed: a reviewer has the diff of the text.
func editList(edits []string) string {
	if len(edits) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n<details><summary>What was changed in the design: %s</summary>\n\n", plain.Number(len(edits), "line"))
	for i, e := range edits {
		if i == maxEditLines {
			fmt.Fprintf(&b, "- … and %s\n", plain.Number(len(edits)-i, "more change"))
			break
		}
		fmt.Fprintf(&b, "- %s\n", markdown.Text(e))
	}
	b.WriteString("\n</details>\n")
	return b.String()
}

// item is a requirement as an item of a list.
func item(q Requirement) string {
	var b strings.Builder
	fmt.Fprintf(&b, "- **%s** %s: %s", markdown.Text(q.Name), step(q), markdown.Text(plain.Shorten(q.About, 200)))
	if q.Severity != "" {
		fmt.Fprintf(&b, " (%s)", markdown.Text(q.Severity))
	}
	if q.Source != "" {
		fmt.Fprintf(&b, " · %s", markdown.Code(q.Source))
	}
	b.WriteString("\n")
	for i, m := range q.Remarks {
		if i == maxRemarks {
			fmt.Fprintf(&b, "  - … and %s\n", plain.Number(len(q.Remarks)-i, "more remark"))
			break
		}
		fmt.Fprintf(&b, "  - %s %s\n", symbols[m.Trend], markdown.Text(m.Text))
		for i, s := range m.Steps {
			fmt.Fprintf(&b, "    %d. %s\n", i+1, markdown.Text(s))
		}
	}
	return b.String()
}
