package threats

import (
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/yamldoc"
	"github.com/vauban-verifier/vauban/models"
)

// controlSort is the sort of a parameter of a define for which a control is put in.
const controlSort = "control"

// define reads a notion: a named formula that threats are written in. Notions may use each other in any order, so they are checked when all are read.
func (b *builder) define(e entry[*models.Define]) bool {
	p, d := e.part, e.of
	sorts, is, closure := e.at["for"], e.at["is"], e.at["closure"]
	switch {
	case b.v.Predicates[e.Key] != nil:
		b.diags.Errorf(CodeTwice, d.Span, "define %q has the name of a predicate, expected another name", e.Key)
		return false
	case sorts == nil || (is == nil) == (closure == nil):
		e.lacks(b, "define %q needs `for` with its parameters, and `is` with a formula or `closure` with the name of what it is the closure of", e.Key)
		return false
	}
	known := true
	for _, f := range p.doc.Fields(sorts, "for") {
		v := &models.Var{Name: f.Key, Type: models.Type{Base: models.ControlType}, Span: p.doc.Span(f.At)}
		if text := p.doc.Text(f.Value, "a sort"); text != controlSort {
			var ok bool
			v.Type, ok = b.formulas.Sort(dsl.Name{Text: text, Span: p.doc.Span(f.Value)})
			known = known && ok
		}
		d.Params = append(d.Params, v)
	}
	if title := e.at["title"]; title != nil {
		b.placeholders(p, title, "expected a parameter of define \""+e.Key+"\" in braces", func(s string) bool {
			return slices.ContainsFunc(d.Params, func(v *models.Var) bool { return v.Name == s })
		})
	}
	if closure != nil {
		d.Text = p.doc.Text(closure, "closure")
		d.Closes = dsl.Name{Text: d.Text, Span: p.doc.Span(closure)}
		return known && d.Text != ""
	}
	if d.Formula = b.parse(p, is, "is"); d.Formula == nil {
		return false
	}
	d.Text = p.doc.Text(is, "is")
	return known
}

// synonymSections are the sections whose words have synonyms.
var synonymSections = []string{"kinds", "classes", "controls", "protocols", "relations"}

// synonyms reads further words for what there is.
func (b *builder) synonyms(p part) {
	x, ok := p.fields["synonyms"]
	if !ok {
		return
	}
	for _, section := range p.doc.Fields(x.Value, "synonyms", synonymSections...) {
		into, names := b.v.Synonyms.Kinds, sortedKeys(b.v.Kinds)
		switch section.Key {
		case "controls":
			into, names = b.v.Synonyms.Controls, sortedKeys(b.v.Controls)
		case "protocols":
			into, names = b.v.Synonyms.Protocols, sortedKeys(b.v.Protocols)
		case "relations":
			into, names = b.v.Synonyms.Relations, sortedKeys(b.v.Relations)
		}
		for _, f := range p.doc.Fields(section.Value, section.Key) {
			word, at := p.doc.Text(f.Value, "a name"), p.doc.Span(f.At)
			switch {
			case !lexical.MatchString(f.Key):
				b.diags.Errorf(CodeShape, at, "synonym %q is not a name, expected a letter, then letters, digits, \"_\", and \"-\" between two of these", f.Key)
			case section.Key == "relations" && dsl.IsWord(f.Key, clauseWords):
				b.diags.Errorf(CodeTwice, at, "a relation is called %q, a word of the language; expected another name", f.Key)
			case slices.Contains(names, f.Key) && !b.declares(p, section.Key, f.Key): // another catalogue calls something of its own so
			case slices.Contains(names, f.Key):
				b.diags.Errorf(CodeTwice, at, "%q is a name of its own in %s, so it cannot be a synonym: leave it out", f.Key, section.Key)
			case into[f.Key] != "" && into[f.Key] != word:
				b.diags.Errorf(CodeTwice, at, "%q is already a synonym of %q: leave it out here", f.Key, into[f.Key])
			case !slices.Contains(names, word):
				b.diags.Errorf(CodeName, p.doc.Span(f.Value), "unknown name %q in %s%s", word, section.Key, diag.DidYouMean(word, names))
			default:
				into[f.Key] = word
			}
		}
	}
}

// declares reports whether a catalogue itself declares a name that it gives as a synonym.
func (b *builder) declares(p part, section, name string) bool {
	own := []string{section}
	if section == "kinds" || section == "classes" {
		own = []string{"kinds", "classes"}
	}
	quiet := part{doc: &yamldoc.Document{File: p.doc.File, Diags: &diag.List{}}, fields: p.fields}
	for _, s := range own {
		if slices.ContainsFunc(quiet.entries(s), func(x yamldoc.Field) bool { return x.Key == name }) {
			return true
		}
	}
	return false
}

// ask reads a question with places.
func (b *builder) ask(p part, n *yaml.Node) string {
	text := p.doc.Text(n, "ask")
	b.placeholders(p, n, "expected {0} for the element that is asked about", func(s string) bool { return s == "0" })
	return text
}
