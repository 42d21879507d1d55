package threats

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/models"
)

// Page is a page of the reference, in Markdown.
type Page struct{ Name, Text string }

const generated = "This page is generated from the catalogues by `vauban catalogue reference`: change them, not it.\n"

// Generated reports whether a text is a page that [Reference] has made.
func Generated(text string) bool { return strings.Contains(text, strings.TrimSuffix(generated, "\n")) }

// Reference returns the pages about a catalogue: an index, a page for each area with its threats, one for the notions that threats are written in, if any, one for
// the published lists that threats refer to, and one for the words that designs may use. draw makes a drawing in Mermaid of a design, given as text.
func Reference(c *Catalogue, draw func(design string) (string, error)) ([]Page, error) {
	var areas []string
	for _, t := range c.Threats {
		if !slices.Contains(areas, t.Area) {
			areas = append(areas, t.Area)
		}
	}
	slices.Sort(areas)
	pages := []Page{{"README.md", index(c, areas)}}
	for _, area := range areas {
		pages = append(pages, Page{areaPage(area), areaText(c, area)})
	}
	if len(c.Vocabulary.Defines) > 0 {
		notions, err := notionsText(c, draw)
		if err != nil {
			return nil, err
		}
		pages = append(pages, Page{"notions.md", notions})
	}
	return append(pages, Page{"lists.md", listsText(c)}, Page{"words.md", wordsText(c.Vocabulary)}), nil
}

// areaPage is the name of the page of an area. Areas are words of a catalogue, so what could not be a file is left out.
func areaPage(area string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, strings.ToLower(area))
	if name == "" {
		name = "general"
	}
	return "area-" + name + ".md"
}

func areaName(area string) string {
	if area == "" {
		return "general"
	}
	return area
}

func of(c *Catalogue, area string) []*Threat {
	var out []*Threat
	for _, t := range c.Threats {
		if t.Area == area {
			out = append(out, t)
		}
	}
	return out
}

func index(c *Catalogue, areas []string) string {
	var b strings.Builder
	consequences := 0
	for _, t := range c.Threats {
		if t.Cost == 0 {
			consequences++
		}
	}
	fmt.Fprintf(&b, "# Threats\n\n%s\n", generated)
	fmt.Fprintf(&b, "%d threats, of which %d cost nothing: they say what follows from what. ", len(c.Threats), consequences)
	if len(c.Vocabulary.Defines) > 0 {
		b.WriteString("[Notions that threats are written in](notions.md) · ")
	}
	b.WriteString("[Words that designs may use](words.md) · [published lists, entry by entry](lists.md)\n")
	b.WriteString("\n| area | threats |\n|---|---|\n")
	for _, area := range areas {
		fmt.Fprintf(&b, "| [%s](%s) | %d |\n", escape(areaName(area)), areaPage(area), len(of(c, area)))
	}
	b.WriteString("\n| list | entries | of which some threat is about | threats that refer to it |\n|---|---|---|---|\n")
	for _, l := range Lists() {
		covered := 0
		refer := map[*Threat]bool{}
		for _, item := range l.Items {
			some := false
			for _, t := range c.Threats {
				if t.RefersTo(item) {
					some, refer[t] = true, true
				}
			}
			if some {
				covered++
			}
		}
		fmt.Fprintf(&b, "| [%s](lists.md#%s) | %d | %d | %d |\n", escape(l.Title), l.ID, len(l.Items), covered, len(refer))
	}
	fmt.Fprintf(&b, "\n| threat | title | area | cost |\n|---|---|---|---|\n")
	sorted := slices.Clone(c.Threats)
	slices.SortFunc(sorted, func(x, y *Threat) int { return strings.Compare(x.ID, y.ID) })
	for _, t := range sorted {
		fmt.Fprintf(&b, "| %s | %s | %s | %d |\n", link(t), escape(t.Title), escape(areaName(t.Area)), t.Cost)
	}
	return b.String()
}

// link is a link to a threat from any page.
func link(t *Threat) string { return fmt.Sprintf("[%s](%s#%s)", t.ID, areaPage(t.Area), t.ID) }

func areaText(c *Catalogue, area string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Threats: %s\n\n%s", escape(areaName(area)), generated)
	lists := Lists()
	for _, t := range of(c, area) {
		fmt.Fprintf(&b, "\n## %s\n\n%s. %s.\n\n```yaml\n", t.ID, escape(t.Title), costs(t))
		for _, r := range t.rows() {
			switch r.label {
			case "for", "when", "unless", "then", "harder", "says":
				fmt.Fprintf(&b, "%-7s %s\n", r.label+":", strings.ReplaceAll(r.text, "\n", " "))
			}
		}
		b.WriteString("```\n")
		if t.Doc != "" {
			fmt.Fprintf(&b, "\n%s\n", escape(t.Doc))
		}
		if len(t.Stride) > 0 {
			fmt.Fprintf(&b, "\nSTRIDE: %s.", strings.Join(t.Stride, ", "))
		}
		var refs []string
		for _, ref := range t.Refs {
			if title := titleOf(lists, ref); title != "" {
				ref += " (" + title + ")"
			}
			refs = append(refs, escape(ref))
		}
		if len(refs) > 0 {
			fmt.Fprintf(&b, "\nReferences: %s.\n", strings.Join(refs, ", "))
		}
		if !t.builtin() {
			continue
		}
		for _, k := range CasesOf(t.ID) {
			fmt.Fprintf(&b, "\n%s\n\n<details><summary>A design that it attacks, and the least change that stops it</summary>\n\n```\n%s```\n\n```diff\n%s```\n</details>\n",
				escape(k.About), k.Attacked, k.change())
		}
	}
	return b.String()
}

// costs says what a threat costs and why.
func costs(t *Threat) string {
	s := "It costs nothing"
	if t.Cost > 0 {
		s = fmt.Sprintf("Cost %d", t.Cost)
	}
	if t.Rationale != "" {
		s += ": " + escape(t.Rationale)
	}
	return s
}

func listsText(c *Catalogue) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Published lists, entry by entry\n\n%s", generated)
	for _, l := range Lists() {
		fmt.Fprintf(&b, "\n<a id=\"%s\"></a>\n\n## %s\n\n| id | title | threats |\n|---|---|---|\n", l.ID, escape(l.Title))
		for _, item := range l.Items {
			var about []string
			for _, t := range c.Threats {
				if t.RefersTo(item) {
					about = append(about, link(t))
				}
			}
			text := strings.Join(about, ", ")
			if text == "" && item.Outside != "" {
				text = "none: " + escape(item.Outside)
			} else if text == "" {
				text = "none"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", escape(item.ID), escape(item.Title), text)
		}
	}
	return b.String()
}

func wordsText(v *models.Vocabulary) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Words that designs may use\n\n%s", generated)
	table := func(title string, columns ...string) func(cells ...string) {
		fmt.Fprintf(&b, "\n## %s\n\n| %s |\n|%s\n", title, strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
		return func(cells ...string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	}
	for _, root := range []struct{ name, title string }{
		{models.ZoneRoot, "Kinds of zones"},
		{models.ActorRoot, "Kinds of actors"},
		{models.ComponentRoot, "Kinds of components"},
		{models.FlowRoot, "Kinds of flows"},
		{models.DataRoot, "Classes of data"},
	} {
		line := table(root.title, "name", "title", "is")
		for _, name := range sortedKeys(v.Kinds) {
			if k := v.Kinds[name]; k.Root().Name == root.name && k.Parent != nil && k.Name != root.name {
				line(code(name), meaning(k.Title, k.Doc), code(k.Parent.Name))
			}
		}
	}
	line := table("Controls", "name", "title", "of", "cost", "references")
	for _, name := range sortedKeys(v.Controls) {
		k := v.Controls[name]
		line(code(name), meaning(k.Title, k.Doc), kindNames(k.Of), fmt.Sprint(k.Cost), escape(strings.Join(k.Refs, ", ")))
	}
	line = table("Protocols", "name", "title", "gives")
	for _, name := range sortedKeys(v.Protocols) {
		var gives []string
		for _, k := range v.Protocols[name].Gives {
			gives = append(gives, code(k.Name))
		}
		line(code(name), meaning(v.Protocols[name].Title, v.Protocols[name].Doc), strings.Join(gives, ", "))
	}
	line = table("Relations", "name", "title", "from", "to")
	for _, name := range sortedKeys(v.Relations) {
		r := v.Relations[name]
		line(code(name), meaning(r.Title, r.Doc), code(r.From.Name), code(r.To.Name))
	}
	line = table("Synonyms", "word", "means", "of")
	for _, s := range []struct {
		what string
		all  map[string]string
	}{{"kinds and classes", v.Synonyms.Kinds}, {"controls", v.Synonyms.Controls}, {"protocols", v.Synonyms.Protocols}, {"relations", v.Synonyms.Relations}} {
		for _, word := range sortedKeys(s.all) {
			line(code(word), code(s.all[word]), s.what)
		}
	}
	line = table("Questions that a design answers", "word", "question")
	for _, name := range sortedKeys(v.Kinds) {
		if ask := v.Kinds[name].Ask; ask != "" {
			line(code(name), escape(ask))
		}
	}
	for _, name := range sortedKeys(v.Relations) {
		if ask := v.Relations[name].Ask; ask != "" {
			line(code(name), escape(ask))
		}
	}
	for _, name := range sortedKeys(v.Attributes) {
		if ask := v.Attributes[name].Ask; ask != "" {
			line(code(name), escape(ask))
		}
	}
	line = table("Attributes", "name", "title", "of", "values")
	for _, name := range sortedKeys(v.Attributes) {
		a := v.Attributes[name]
		values := "an integer"
		if len(a.Words) > 0 {
			values = strings.Join(a.Words, ", ")
		}
		line(code(name), meaning(a.Title, a.Doc), kindNames(a.Of), escape(values))
	}
	line = table("Predicates", "name", "of", "meaning")
	for _, name := range sortedKeys(v.Predicates) {
		p := v.Predicates[name]
		var args []string
		for i := range p.Args {
			args = append(args, kindNames(p.Ranges(i)))
		}
		line(code(name), strings.Join(args, "; "), meaning(p.Title, p.Doc))
	}
	return b.String()
}

// meaning joins a title and what a catalogue says besides.
func meaning(title, doc string) string {
	if title != "" && doc != "" {
		title += ". "
	}
	return escape(title + doc)
}

func kindNames(kinds []*models.Kind) string {
	var out []string
	for _, k := range kinds {
		out = append(out, code(k.Name))
	}
	return strings.Join(out, ", ")
}

func code(s string) string { return "`" + s + "`" }

// escape makes a text of a catalogue harmless in Markdown and in a cell of a table.
func escape(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "`", "\\`", "[", `\[`, "*", `\*`, "_", `\_`).Replace(s)
}
