package threats

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/models"
)

// ExplainDefine describes a define of the catalogue in full, as text, with the threats that use it. It is not ok where there is none of that name.
func (c *Catalogue) ExplainDefine(name string) (text string, ok bool) {
	d := c.Vocabulary.Defines[name]
	if d == nil {
		return "", false
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", d.Signature(), d.Title)
	for _, r := range definitionOf(d) {
		fmt.Fprintf(&b, "  %-10s %s\n", r.label, r.text)
	}
	if used := c.uses(d); len(used) > 0 {
		ids := make([]string, len(used))
		for i, t := range used {
			ids[i] = t.ID
		}
		fmt.Fprintf(&b, "  %-10s %s\n", "used by", strings.Join(ids, ", "))
	}
	if d.Example != "" {
		fmt.Fprintf(&b, "\nIt is true in this design:\n%s", indent(d.Example, "  "))
	}
	return b.String(), true
}

// definitionOf returns what a define says.
func definitionOf(d *models.Define) []row {
	out := []row{{"is", d.Text}}
	if d.Step != nil {
		out = []row{{"closure", d.Text}}
	}
	if d.Doc != "" {
		out = append(out, row{"about", strings.TrimSpace(d.Doc)})
	}
	return out
}

// uses returns the threats in whose conditions a define occurs, by itself or by way of others.
func (c *Catalogue) uses(d *models.Define) []*Threat {
	var out []*Threat
	for _, t := range c.Threats {
		if slices.Contains(definesOf(t.When, nil), d) {
			out = append(out, t)
		}
	}
	return out
}

// definesOf adds the defines that occur in a formula, by themselves or by way of others.
func definesOf(e *models.Expr, out []*models.Define) []*models.Define {
	e.Walk(func(x *models.Expr) bool {
		if x.Define == nil {
			return true
		}
		d := x.Define.Declared()
		if !slices.Contains(out, d) {
			out = definesOf(d.Step, append(out, d))
		}
		return true
	})
	return out
}

func notionsText(c *Catalogue, draw func(design string) (string, error)) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "# Notions that threats are written in\n\n%s\n", generated)
	b.WriteString("A verdict must not depend on how the same thing was drawn. So threats are not written about flows and relations as somebody happened to draw them, but in these " +
		"notions, each of which is true of all the ways to draw it. Formulas of designs may use them, too.\n")
	for _, name := range sortedKeys(c.Vocabulary.Defines) {
		d := c.Vocabulary.Defines[name]
		fmt.Fprintf(&b, "\n<a id=\"%s\"></a>\n\n## %s\n\n%s.\n\n```yaml\n", name, d.Signature(), escape(d.Title))
		for _, r := range definitionOf(d) {
			if r.label != "about" {
				fmt.Fprintf(&b, "%s: %s\n", r.label, strings.Join(strings.Fields(r.text), " "))
			}
		}
		b.WriteString("```\n")
		if d.Doc != "" {
			fmt.Fprintf(&b, "\n%s\n", escape(strings.TrimSpace(d.Doc)))
		}
		var links []string
		for _, t := range c.uses(d) {
			links = append(links, link(t))
		}
		if len(links) > 0 {
			fmt.Fprintf(&b, "\nUsed by %s.\n", strings.Join(links, ", "))
		}
		if d.Example == "" {
			continue
		}
		picture, err := draw(d.Example)
		if err != nil {
			return "", fmt.Errorf("the example of define %q: %w", name, err)
		}
		fmt.Fprintf(&b, "\n```mermaid\n%s\n```\n\n<details><summary>The design that is drawn</summary>\n\n```\n%s```\n</details>\n", strings.TrimRight(picture, "\n"), d.Example)
	}
	return b.String(), nil
}
