package threats

import (
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/vauban-verifier/vauban/models"
)

// Search returns the threats whose id, title, area, STRIDE category or references contain a word, whatever its case. An empty word finds all.
func (c *Catalogue) Search(word string) []*Threat {
	word = strings.ToLower(word)
	var out []*Threat
	for _, t := range c.Threats {
		text := strings.Join([]string{t.ID, t.Title, t.Area, strings.Join(t.Stride, " "), strings.Join(t.Refs, " ")}, "\n")
		if strings.Contains(strings.ToLower(text), word) {
			out = append(out, t)
		}
	}
	return out
}

func effectText(e Effect) string {
	args := make([]string, len(e.Args))
	for i, a := range e.Args {
		args[i] = a.String()
	}
	text := e.Predicate.Name + "(" + strings.Join(args, ", ") + ")"
	if !e.Set {
		text = "not " + text
	}
	return text
}

// Condition returns the `when` of a threat without the `unless` that was folded into it.
func (t *Threat) Condition() *models.Expr {
	if t.Unless == nil {
		return t.When
	}
	return t.When.Args[0]
}

// Explain describes a threat in full, as text: with what it refers to by name, and its pair of examples.
func (t *Threat) Explain(*Catalogue) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", t.ID, t.Title)
	lists := Lists()
	for _, r := range t.rows() {
		fmt.Fprintf(&b, "  %-10s %s\n", r.label, r.text)
		if r.label != "refs" {
			continue
		}
		for _, ref := range t.Refs {
			if title := titleOf(lists, ref); title != "" {
				fmt.Fprintf(&b, "  %-10s %s: %s\n", "", ref, title)
			}
		}
	}
	if t.builtin() {
		for _, c := range CasesOf(t.ID) {
			fmt.Fprintf(&b, "\n%s\n\nIt attacks this design:\n%s\nThis is the least change that stops it:\n%s", c.About, indent(c.Attacked, "  "), indent(c.change(), "  "))
		}
	}
	return b.String()
}

// row is a line about a threat.
type row struct{ label, text string }

// rows returns all that an entry says, in the order of the keys of a catalogue.
func (t *Threat) rows() []row {
	var out []row
	add := func(label, text string) {
		if text != "" {
			out = append(out, row{label, text})
		}
	}
	add("catalogue", t.Catalogue)
	add("area", t.Area)
	add("stride", strings.Join(t.Stride, ", "))
	add("refs", strings.Join(t.Refs, ", "))
	vars := make([]string, len(t.For))
	for i, v := range t.For {
		vars[i] = v.Name + ": " + v.Type.String()
	}
	add("for", strings.Join(vars, ", "))
	add("when", t.Condition().String())
	if t.Unless != nil {
		add("unless", t.Unless.String())
	}
	effects := make([]string, len(t.Then))
	for i, e := range t.Then {
		effects[i] = effectText(e)
	}
	add("then", strings.Join(effects, ", "))
	add("cost", fmt.Sprint(t.Cost))
	for _, h := range t.Harder {
		add("harder", fmt.Sprintf("+%d where %s has %s", h.Cost, h.Var.Name, h.Control.Name))
	}
	if t.Singly {
		add("singly", "takes one of many at a time, and does not count at scale")
	}
	for _, c := range t.Abuses {
		add("abuses", c.Name)
	}
	add("says", t.Says)
	add("rationale", t.Rationale)
	add("about", t.Doc)
	return out
}

// builtin reports whether a threat stands in an embedded catalogue.
func (t *Threat) builtin() bool {
	return t.Span.File != nil && strings.HasPrefix(t.Span.File.Name, embeddedPath)
}

// titleOf returns what an entry of a list is called, or "".
func titleOf(lists []List, ref string) string {
	for _, l := range lists {
		for _, item := range l.Items {
			if item.ID == ref {
				return item.Title
			}
		}
	}
	return ""
}

// change returns the lines in which the two designs of a pair differ, and what is around them.
func (c Case) change() string {
	_, hunks, _ := strings.Cut(string(diff.Diff("attacked", []byte(c.Attacked), "stopped", []byte(c.Stopped))), "\n@@")
	var b strings.Builder
	for line := range strings.Lines(hunks) {
		if strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-") {
			b.WriteString(line[:1] + " " + line[1:])
		}
	}
	return b.String()
}

// indent puts something before each line of a text, which then ends with a line end.
func indent(text, before string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(before + strings.TrimRight(line, "\n") + "\n")
	}
	return b.String()
}
