package threats

import (
	"fmt"
	"slices"
	"strings"

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

// Explain describes a threat in full, as text.
func (t *Threat) Explain(*Catalogue) string {
	var b strings.Builder
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(&b, "  %-10s %s\n", label, text)
		}
	}
	fmt.Fprintf(&b, "%s: %s\n", t.ID, t.Title)
	line("catalogue", t.Catalogue)
	line("area", t.Area)
	line("stride", strings.Join(t.Stride, ", "))
	line("refs", strings.Join(t.Refs, ", "))
	vars := make([]string, len(t.For))
	for i, v := range t.For {
		vars[i] = v.Name + ": " + v.Type.String()
	}
	line("for", strings.Join(vars, ", "))
	line("when", t.Condition().String())
	if t.Unless != nil {
		line("unless", t.Unless.String())
	}
	effects := make([]string, len(t.Then))
	for i, e := range t.Then {
		effects[i] = effectText(e)
	}
	line("then", strings.Join(effects, ", "))
	line("cost", fmt.Sprint(t.Cost))
	for _, h := range t.Harder {
		line("harder", fmt.Sprintf("+%d where %s has %s", h.Cost, h.Var.Name, h.Control.Name))
	}
	for _, c := range t.Abuses {
		line("abuses", c.Name)
	}
	line("says", t.Says)
	line("rationale", t.Rationale)
	line("about", t.Doc)
	return b.String()
}

// Reference returns the reference page of a catalogue in Markdown: its threats by area, and its words.
func Reference(c *Catalogue) string {
	var b strings.Builder
	b.WriteString("# Threat catalogue\n\nThis page is generated from the catalogues; change them, not it.\n")
	var areas []string
	for _, t := range c.Threats {
		if !slices.Contains(areas, t.Area) {
			areas = append(areas, t.Area)
		}
	}
	for _, area := range areas {
		title := area
		if title == "" {
			title = "general"
		}
		fmt.Fprintf(&b, "\n## Threats: %s\n\n| id | title | STRIDE | cost | references |\n|---|---|---|---|---|\n", title)
		for _, t := range c.Threats {
			if t.Area == area {
				fmt.Fprintf(&b, "| `%s` | %s | %s | %d | %s |\n", t.ID, cell(t.Title), strings.Join(t.Stride, ", "), t.Cost, cell(strings.Join(t.Refs, ", ")))
			}
		}
	}
	v := c.Vocabulary
	b.WriteString("\n## Kinds and classes\n\n| name | title | is |\n|---|---|---|\n")
	for _, name := range sortedKeys(v.Kinds) {
		parent := ""
		if k := v.Kinds[name]; k.Parent != nil {
			parent = "`" + k.Parent.Name + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, cell(v.Kinds[name].Title), parent)
	}
	b.WriteString("\n## Controls\n\n| name | title | of | cost | references |\n|---|---|---|---|---|\n")
	for _, name := range sortedKeys(v.Controls) {
		k := v.Controls[name]
		var of []string
		for _, x := range k.Of {
			of = append(of, x.Name)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %d | %s |\n", name, cell(k.Title), strings.Join(of, ", "), k.Cost, cell(strings.Join(k.Refs, ", ")))
	}
	b.WriteString("\n## Protocols\n\n| name | title | gives |\n|---|---|---|\n")
	for _, name := range sortedKeys(v.Protocols) {
		p := v.Protocols[name]
		var gives []string
		for _, k := range p.Gives {
			gives = append(gives, "`"+k.Name+"`")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, cell(p.Title), strings.Join(gives, ", "))
	}
	return b.String()
}

// cell escapes a text for a cell of a Markdown table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(s)
}
