package lsp

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/wording"
	"github.com/vauban-verifier/vauban/threats"
)

// Hover says what a name or a word means.
func (s *server) Hover(ctx context.Context, p *protocol.HoverParams) (*protocol.Hover, error) {
	if c, f := s.catalogue(ctx, p.TextDocument); c != nil {
		text := hoverCatalogue(c, f, offset(f, p.Position))
		if text == "" {
			return nil, nil
		}
		return &protocol.Hover{Contents: &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: text}}, nil
	}
	pr, r, f := s.at(ctx, p.TextDocument)
	if f == nil {
		return nil, nil
	}
	at := offset(f.Source, p.Position)
	found := pr.verdicts()
	text := ""
	if d, _ := r.names.At(f, at); d != nil {
		text = defined(d, r, found)
	} else {
		text = catalogued(hyphened(f.Source.Text, at), r.design.Catalogue, found)
	}
	if text == "" {
		return nil, nil
	}
	return &protocol.Hover{Contents: &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: text}}, nil
}

// word is the name around an offset.
func word(text string, at int) string {
	part := func(c byte) bool {
		return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
	}
	start, end := min(at, len(text)), min(at, len(text))
	for start > 0 && part(text[start-1]) {
		start--
	}
	for end < len(text) && part(text[end]) {
		end++
	}
	return text[start:end]
}

// hyphened is the name around an offset, with its hyphens: threats have some.
func hyphened(text string, at int) string {
	part := func(i int) bool { return i >= 0 && i < len(text) && (text[i] == '-' || word(text[i:i+1], 0) != "") }
	start, end := min(at, len(text)), min(at, len(text))
	for part(start - 1) {
		start--
	}
	for part(end) {
		end++
	}
	return strings.Trim(text[start:end], "-")
}

// plain writes a text of a design so that it is no Markdown.
func plain(text string) string {
	return strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "<", "&lt;", "[", "\\[", "#", "\\#").Replace(diag.Escape(text))
}

// defined says what something is that the design defines.
func defined(d *dsl.Definition, r *reading, found *verdicts) string {
	lines := []string{fmt.Sprintf("**%s** · %s", plain(d.Name.Text), d.Sort)}
	design := r.design.Design
	wrong := false
	for _, e := range design.Elements {
		if e.Name == d.Name.Text {
			lines = append(lines, element(design, e)...)
			wrong = e.Wrong
		}
	}
	for _, a := range design.Attackers {
		wrong = wrong || a.Wrong && a.Name == d.Name.Text && d.Sort == "attacker"
	}
	for _, q := range design.Requirements {
		wrong = wrong || q.Wrong && q.Name == d.Name.Text && d.Sort == "requirement"
	}
	if _, broken := d.Decl.(*dsl.Broken); wrong || broken {
		lines = append(lines, "with an error, so something may be missing here")
	}
	if found != nil {
		for _, q := range found.result.Requirements {
			if q.Source.Name != d.Name.Text || d.Sort != "requirement" {
				continue
			}
			said := string(q.Verdict)
			if gist := wording.Gist(q); gist != "" {
				said += " · " + gist
			}
			if found.of != r {
				said = "of an earlier text: " + said
			}
			lines = append(lines, plain(said))
		}
		if gains := gained(d.Name.Text, found.result); gains != "" {
			lines = append(lines, gains)
		}
	}
	return strings.Join(lines, "\n\n")
}

// end names an end of a flow.
func end(e *models.Element) string {
	if e == nil {
		return "?"
	}
	return plain(e.Name)
}

// element says what the design says of an element.
func element(d *models.Design, e *models.Element) []string {
	var kinds, controls, out []string
	for _, k := range e.Kinds {
		kinds = append(kinds, "`"+k.Name+"`")
	}
	line := strings.Join(kinds, ", ")
	for i, z := range e.Zones {
		line += []string{" in ", ", "}[min(i, 1)] + plain(z.Name)
	}
	if f := e.Flow; f != nil {
		line += fmt.Sprintf(": %s → %s", end(f.Source), end(f.Target))
	}
	out = append(out, line)
	for _, t := range []string{e.Title, e.Doc} {
		if t != "" {
			out = append(out, plain(t))
		}
	}
	for _, c := range e.Controls {
		text := "`" + c.Control.Name + "`"
		switch {
		case c.Open:
			text += " (open)"
		case c.Given:
			text += " (by its protocol)"
		}
		controls = append(controls, text)
	}
	if len(controls) > 0 {
		out = append(out, "has "+strings.Join(controls, ", "))
	}
	if len(e.Guessed) > 0 {
		out = append(out, "guessed: "+plain(strings.Join(e.Guessed, ", ")))
	}
	var to, from []string
	for _, o := range d.Elements {
		f := o.Flow
		switch {
		case f == nil || f.Source == nil || f.Target == nil: // an end of it is not known
		case f.Target == e && len(to) < maxListed:
			text := plain(o.Name) + " from " + plain(f.Source.Name)
			for _, z := range f.Source.Zones {
				text += " in " + plain(z.Name)
			}
			to = append(to, text)
		case f.Source == e && len(from) < maxListed:
			from = append(from, plain(o.Name)+" to "+plain(f.Target.Name))
		}
	}
	if len(to) > 0 {
		out = append(out, "reached by "+strings.Join(to, ", "))
	}
	if len(from) > 0 {
		out = append(out, "reaches "+strings.Join(from, ", "))
	}
	return out
}

// maxListed is how many of a kind are listed where something is explained.
const maxListed = 12

// gained says what attackers gain at an element, and what that costs them, by the attacks that were found.
func gained(name string, r *checker.Result) string {
	var out []string
	for _, q := range r.Requirements {
		for _, c := range q.Cases {
			if c.Attack == nil {
				continue
			}
			cost := 0
			for _, step := range c.Attack.Steps {
				cost += step.Cost
				for _, a := range step.Adds {
					if strings.HasSuffix(a, "("+name+")") {
						text := fmt.Sprintf("%s gains `%s` at cost %d on the way to %s", plain(wording.Coalition(c)), a, cost, plain(q.Source.Name))
						if !slices.Contains(out, text) && len(out) < 6 {
							out = append(out, text)
						}
					}
				}
			}
		}
	}
	return strings.Join(out, "  \n")
}

// catalogued says what a word of the catalogue means.
func catalogued(name string, c *threats.Catalogue, found *verdicts) string {
	v := c.Vocabulary
	var out []string
	say := func(sort, name, title, doc string) {
		out = append(out, fmt.Sprintf("`%s` · %s: %s", name, sort, plain(title)))
		if doc != "" {
			out = append(out, plain(doc))
		}
	}
	if k := v.Kind(name); k != nil {
		say("kind of "+k.Root().Name, k.Name, k.Title, k.Doc)
	}
	if p := v.Protocol(name); p != nil {
		say("protocol", p.Name, p.Title, "")
		if gives := controlNames(p.Gives); gives != "" {
			out = append(out, "gives "+gives)
		}
	}
	if x := v.Control(name); x != nil {
		say("control", x.Name, x.Title, x.Doc)
		if stops := stopped(c, x); stops != "" {
			out = append(out, "stops "+stops)
		}
		if needed := proofs(x.Name, found); needed != "" {
			out = append(out, "needed by the proofs of "+needed)
		}
	}
	if p := v.Predicates[name]; p != nil {
		say("predicate", name, p.Title, p.Doc)
	}
	if d := v.Defines[name]; d != nil {
		say("notion", d.Signature(), d.Title, cmp.Or(d.Doc, d.Text))
	}
	for _, t := range c.Threats {
		if t.ID == name {
			out = append(out, fenced(t.Explain(c)))
		}
	}
	return strings.Join(out, "\n\n")
}

// fenced writes a text of several lines as it is.
func fenced(text string) string {
	lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(text), "```", "'''"), "\n")
	for i, l := range lines {
		lines[i] = diag.Escape(l)
	}
	return "```text\n" + strings.Join(lines, "\n") + "\n```"
}

// stopped lists the threats whose `unless` asks for a control.
func stopped(c *threats.Catalogue, control *models.Control) string {
	var out []string
	for _, t := range c.Threats {
		found := false
		if t.Unless != nil {
			t.Unless.Walk(func(e *models.Expr) bool {
				found = found || e.Control == control
				return !found
			})
		}
		if found {
			out = append(out, "`"+t.ID+"`")
		}
	}
	if n := len(out); n > maxListed {
		out = append(out[:maxListed], fmt.Sprintf("and %d more", n-maxListed))
	}
	return strings.Join(out, ", ")
}

func controlNames(list []*models.Control) string {
	var out []string
	for _, c := range list {
		out = append(out, "`"+c.Name+"`")
	}
	return strings.Join(out, ", ")
}

// proofs names the requirements whose proofs rest on a control somewhere.
func proofs(control string, found *verdicts) string {
	if found == nil {
		return ""
	}
	var out []string
	for _, q := range found.result.Requirements {
		for _, c := range q.Cases {
			if c.Proof == nil || slices.Contains(out, plain(q.Source.Name)) {
				continue
			}
			for _, x := range c.Proof.RestsOn {
				if x.Control == control {
					out = append(out, plain(q.Source.Name))
					break
				}
			}
		}
	}
	return strings.Join(out, ", ")
}

// InlayHint shows behind a flow which controls its protocol gives, behind an element what of it was guessed, and behind a requirement its verdict.
func (s *server) InlayHint(ctx context.Context, p *protocol.InlayHintParams) ([]protocol.InlayHint, error) {
	pr, r, f := s.at(ctx, p.TextDocument)
	if f == nil {
		return nil, nil
	}
	var out []protocol.InlayHint
	put := func(at source.Span, text string) {
		end := span(at).End
		if end.Line < p.Range.Start.Line || end.Line > p.Range.End.Line {
			return
		}
		pad := true
		out = append(out, protocol.InlayHint{Position: end, Label: protocol.String(diag.Escape(text)), Kind: protocol.InlayHintKindType, PaddingLeft: &pad})
	}
	f.Walk(func(d dsl.Decl) {
		if flow, ok := d.(*dsl.Flow); ok && flow.Protocol != nil {
			if gives := r.design.Catalogue.Vocabulary.Protocol(flow.Protocol.Text); gives != nil && len(gives.Gives) > 0 {
				put(flow.Protocol.Span, "has "+strings.ReplaceAll(controlNames(gives.Gives), "`", ""))
			}
		}
	})
	for _, e := range r.design.Design.Elements {
		if len(e.Guessed) > 0 && e.Span.File != nil && e.Span.File.Name == f.Source.Name {
			put(e.Span, "guessed: "+strings.Join(e.Guessed, ", "))
		}
	}
	found := pr.verdicts()
	if found != nil && found.of == r {
		for _, q := range found.result.Requirements {
			if q.Source.Span.File != nil && q.Source.Span.File.Name == f.Source.Name {
				put(q.Source.Span, string(q.Verdict))
			}
		}
	}
	return out, nil
}

// Completion lists what may stand at a place.
func (s *server) Completion(ctx context.Context, p *protocol.CompletionParams) (protocol.CompletionResult, error) {
	var items []protocol.CompletionItem
	if c, f := s.catalogue(ctx, p.TextDocument); c != nil {
		items = completeCatalogue(c, f, offset(f, p.Position))
	} else if _, r, f := s.at(ctx, p.TextDocument); f != nil {
		items = candidates(f, offset(f.Source, p.Position), r)
	}
	slices.SortFunc(items, func(a, b protocol.CompletionItem) int { return cmp.Compare(a.Label, b.Label) })
	return &protocol.CompletionList{Items: slices.CompactFunc(items, func(a, b protocol.CompletionItem) bool { return a.Label == b.Label })}, nil
}

// candidates are what may stand at an offset by the grammar, with the names and words that are meant there.
func candidates(f *dsl.File, at int, r *reading) []protocol.CompletionItem {
	c := &completer{names: r.names, catalogue: r.design.Catalogue}
	begins, asks := c.contextOf(f.Source.Text[:at])
	for _, e := range dsl.Expected(f.Source, at) {
		switch e.Meaning {
		case "":
			if r := e.Word[0] | 0x20; r >= 'a' && r <= 'z' {
				c.words(e.Word)
			}
		case "kind":
			c.kinds(map[string]string{"zone": "zone", "actor": "actor", "component": "component", "data": "data"}[begins])
		case "zone":
			c.defined("zone")
		case "owner":
			c.defined("actor")
		case "source", "target", "party":
			c.defined("component", "actor")
		case "element_name", "exception":
			c.defined("zone", "actor", "component", "data", "flow")
		case "flow_name":
			c.defined("flow")
		case "attacker":
			c.defined("attacker")
		case "requirement":
			c.defined("requirement")
		case "protocol":
			c.protocols()
		case "control":
			c.controls()
		case "relation", "keyword":
			c.relations()
		case "sort":
			c.kinds("")
			c.defined("domain")
		case "message":
			c.defined("message")
		case "fact_or_variable":
			c.defined("fact", "variable")
		case "name":
			c.named(begins, asks)
		}
	}
	return c.items
}

// contextOf is the word that begins the declaration that a text ends in, and the last word in it that says what kind of name comes behind it; "" where there is none.
func (c *completer) contextOf(text string) (begins, asks string) {
	text = strings.TrimSuffix(text, word(text, len(text)))
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n,?(){};", r) }) {
		switch {
		case !behind(asks)[w] && dsl.IsWord(w, dsl.DeclarationWord):
			begins, asks = w, w
		case strings.HasSuffix(w, ":") && asks == begins:
			asks = ":"
		case dsl.IsWord(w, dsl.FormulaWord), c.sortsBehind(w) != nil:
			asks = w
		}
	}
	return begins, asks
}

// sortsBehind are the sorts of names behind a word, by what the language and the catalogue say of it; controls, threats and kinds are the catalogue's.
func (c *completer) sortsBehind(word string) []string {
	switch word {
	case "has", "with":
		return []string{"control"}
	case "without":
		return []string{"threat"}
	case "is":
		return []string{"kind"}
	}
	v := c.catalogue.Vocabulary
	var of []*models.Kind
	if p := v.Predicates[cmp.Or(models.ShortForms[word], word)]; p != nil && len(p.Args) == 1 {
		of = p.Ranges(0)
	}
	for w, b := range models.BaseRelations {
		if w == word || strings.HasSuffix(w, " "+word) {
			of = append(of, v.Kinds[b.Right])
		}
	}
	if r := v.Relation(word); r != nil {
		of = append(of, r.To)
	}
	var out []string
	for _, k := range of {
		if root := k.Root().Name; root == models.PartyRoot {
			out = append(out, models.ActorRoot, models.ComponentRoot)
		} else {
			out = append(out, root)
		}
	}
	return out
}

// behind are words that do not begin a declaration where another word stands before them.
func behind(asks string) map[string]bool {
	if asks == "extend" || asks == "each" {
		return map[string]bool{"zone": true, "actor": true, "component": true, "data": true, "flow": true}
	}
	return nil
}

// named lists the names that a clause or a formula means.
func (c *completer) named(begins, asks string) {
	sorts := c.sortsBehind(asks)
	switch {
	case asks == begins && begins != "process":
		return // a new one
	case sorts == nil:
		c.formulas()
		return
	}
	for _, s := range sorts {
		switch s {
		case "control":
			c.controls()
		case "threat":
			c.threats()
		case "kind":
			if begins == "attacker" {
				c.defined("actor")
			} else {
				c.kinds("")
			}
		default:
			c.defined(s)
		}
	}
}

// completer collects what may stand at a place.
type completer struct {
	names     *dsl.Names
	catalogue *threats.Catalogue
	items     []protocol.CompletionItem
}

func (c *completer) put(kind protocol.CompletionItemKind, label, detail, doc string) {
	item := protocol.CompletionItem{Label: label, Kind: kind}
	if detail != "" {
		item.Detail = protocol.NewOptional(diag.Escape(detail))
	}
	if doc != "" {
		item.Documentation = &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: plain(doc)}
	}
	c.items = append(c.items, item)
}

func (c *completer) words(list ...string) {
	for _, w := range list {
		c.put(protocol.CompletionItemKindKeyword, w, "", "")
	}
}

func (c *completer) defined(sorts ...string) {
	for _, d := range c.names.Definitions {
		if slices.Contains(sorts, d.Sort) {
			c.put(protocol.CompletionItemKindReference, d.Name.Text, d.Sort, "")
		}
	}
}

// kinds lists the kinds below a root; all without one.
func (c *completer) kinds(root string) {
	all := c.catalogue.Vocabulary.Kinds
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if k := all[name]; root == "" || k.Root().Name == root {
			c.put(protocol.CompletionItemKindClass, name, k.Title, k.Doc)
		}
	}
}

func (c *completer) controls() {
	all := c.catalogue.Vocabulary.Controls
	for _, name := range slices.Sorted(maps.Keys(all)) {
		c.put(protocol.CompletionItemKindProperty, name, all[name].Title, all[name].Doc)
	}
}

func (c *completer) protocols() {
	all := c.catalogue.Vocabulary.Protocols
	for _, name := range slices.Sorted(maps.Keys(all)) {
		detail := all[name].Title
		if len(all[name].Gives) > 0 {
			detail += " · gives " + strings.ReplaceAll(controlNames(all[name].Gives), "`", "")
		}
		c.put(protocol.CompletionItemKindInterface, name, detail, "")
	}
}

func (c *completer) relations() {
	all := c.catalogue.Vocabulary.Relations
	for _, name := range slices.Sorted(maps.Keys(all)) {
		c.put(protocol.CompletionItemKindKeyword, name, "relation", "")
	}
}

func (c *completer) threats() {
	for _, t := range c.catalogue.Threats {
		c.put(protocol.CompletionItemKindEvent, t.ID, t.Title, "")
	}
}

// formulas lists what a formula may begin with.
func (c *completer) formulas() {
	v := c.catalogue.Vocabulary
	for _, name := range slices.Sorted(maps.Keys(v.Predicates)) {
		c.put(protocol.CompletionItemKindFunction, name, "predicate", "")
	}
	for _, name := range slices.Sorted(maps.Keys(v.Defines)) {
		c.put(protocol.CompletionItemKindFunction, name, "notion", "")
	}
	c.defined("zone", "actor", "component", "data", "flow", "fact", "variable", "define", "value", "parameter", "value of a domain")
}
