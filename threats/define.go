package threats

import (
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/yamldoc"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/models/resolve"
)

// controlSort is the sort of a parameter of a define for which a control is put in.
const controlSort = "control"

// defines reads notions: named formulas that threats are written in. They may use each other in any order, so they are checked when all are read.
func (b *builder) defines(p part) {
	for _, x := range p.entries("define") {
		if old := b.v.Defines[x.Key]; old != nil {
			b.twice(p, x, old.Span, "define")
			continue
		}
		if old := b.v.Predicates[x.Key]; old != nil {
			b.diags.Errorf(CodeTwice, p.doc.Span(x.At), "define %q has the name of a predicate", x.Key)
			continue
		}
		b.define(p, x)
	}
}

func (b *builder) define(p part, x yamldoc.Field) {
	d := &models.Define{Name: x.Key, Span: p.doc.Span(x.At)}
	at := map[string]*yaml.Node{}
	for _, f := range p.doc.Fields(x.Value, x.Key, "for", "is", "closure", "title", "doc", "example") {
		at[f.Key] = f.Value
	}
	if at["for"] == nil || (at["is"] == nil) == (at["closure"] == nil) {
		b.diags.Errorf(CodeKey, d.Span, "define %q needs `for` with its parameters, and `is` with a formula or `closure` with the name of what it is the closure of", x.Key)
		return
	}
	for _, f := range p.doc.Fields(at["for"], "for") {
		v := &models.Var{Name: f.Key, Type: models.Type{Base: models.ControlType}, Span: p.doc.Span(f.At)}
		if text := p.doc.Text(f.Value, "a sort"); text != controlSort {
			ty, ok := resolve.Sort(b.v, dsl.Name{Text: text, Span: p.doc.Span(f.Value)}, b.diags)
			if !ok {
				return
			}
			v.Type = ty
		}
		d.Params = append(d.Params, v)
	}
	for key, to := range map[string]*string{"title": &d.Title, "doc": &d.Doc, "example": &d.Example} {
		if at[key] != nil {
			*to = p.doc.Text(at[key], key)
		}
	}
	if at["title"] != nil {
		b.placeholders(p, at["title"], "expected a parameter of define \""+x.Key+"\" in braces", func(s string) bool {
			return slices.ContainsFunc(d.Params, func(v *models.Var) bool { return v.Name == s })
		})
	}
	if at["closure"] != nil {
		d.Text = p.doc.Text(at["closure"], "closure")
		d.Closes = dsl.Name{Text: d.Text, Span: p.doc.Span(at["closure"])}
	} else {
		if d.Formula = b.parse(p, at["is"], "is"); d.Formula == nil {
			return
		}
		d.Text = p.doc.Text(at["is"], "is")
	}
	b.v.Defines[x.Key] = d
}

// synonyms reads further words for what there is.
func (b *builder) synonyms(p part) {
	x, ok := p.fields["synonyms"]
	if !ok {
		return
	}
	for _, section := range p.doc.Fields(x.Value, "synonyms", "kinds", "classes", "controls", "protocols", "relations") {
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
				b.diags.Errorf(CodeShape, at, "synonym %q is no name, expected a letter, then letters, digits, \"_\", and \"-\" between two of these", f.Key)
			case section.Key == "relations" && dsl.IsWord(f.Key, clauseWords):
				b.diags.Errorf(CodeTwice, at, "a relation cannot be called %q, which is a word of the language", f.Key)
			case slices.Contains(names, f.Key) && !b.declares(p, section.Key, f.Key): // another catalogue calls something of its own so
			case slices.Contains(names, f.Key):
				b.diags.Errorf(CodeTwice, at, "%q is a name of its own in %s, so it is no synonym", f.Key, section.Key)
			case into[f.Key] != "" && into[f.Key] != word:
				b.diags.Errorf(CodeTwice, at, "%q is a synonym of %q already", f.Key, into[f.Key])
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
