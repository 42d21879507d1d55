package lsp

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.lsp.dev/protocol"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/threats"
)

// isCatalogue reports whether a file is read as a catalogue.
func isCatalogue(name string) bool { return path.Ext(name) == ".yaml" || path.Ext(name) == ".yml" }

// catalogue returns the catalogue that a document is, with its text as it stands; nil where it is none. Of one that cannot be read at all, the last is returned.
func (s *server) catalogue(ctx context.Context, doc protocol.TextDocumentIdentifier) (*threats.Catalogue, *source.File) {
	name := filePath(doc.URI)
	if !isCatalogue(name) {
		return nil, nil
	}
	p := s.project(ctx, name)
	if p == nil {
		return nil, nil
	}
	s.read(ctx, p)
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.docs[name]
	if d == nil {
		return nil, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.words == nil {
		return nil, nil
	}
	return p.words, source.New(name, d.text)
}

// place is where in a catalogue something is written.
type place struct {
	path  []string // the keys around it, outermost first
	key   string   // whose value is written; "" where a key is
	value string   // what of the value stands before it, on its line
}

// keyLine is a line of a mapping in block style: what stands before the key, and the key.
var keyLine = regexp.MustCompile(`^([ \t]*(?:- +)*)([A-Za-z_][\w-]*|"[^"]*"):(?:\s|$)`)

// maxLines is how far back keys are looked for.
const maxLines = 4000

// placeAt finds out where an offset of a catalogue is, by indentation and braces; the text need not be YAML yet.
func placeAt(text string, at int) place {
	at = min(at, len(text))
	start := strings.LastIndexByte(text[:at], '\n') + 1
	line := text[start:at]
	var p place
	indent := len(line) - len(strings.TrimLeft(line, " \t-"))
	if m := keyLine.FindStringSubmatch(line); m != nil {
		indent, p.key, p.value = len(m[1]), m[2], line[len(m[0]):]
		p.flow()
	}
	flow := p.path
	p.path = nil
	above := strings.Split(text[:start], "\n")
	for i := len(above) - 1; i >= 0 && i > len(above)-maxLines && indent > 0; i-- {
		m := keyLine.FindStringSubmatch(above[i])
		if m == nil || len(m[1]) >= indent || strings.HasPrefix(strings.TrimSpace(above[i]), "#") {
			continue
		}
		p.path = append([]string{m[2]}, p.path...)
		indent = len(m[1])
		if dash := strings.IndexByte(m[1], '-'); dash >= 0 { // the item stands below what its dash stands below
			indent = max(dash, 1)
		}
	}
	p.path = append(p.path, flow...)
	return p
}

// flow follows braces in a value: its keys become part of the path, and the last one that whose value is written.
func (p *place) flow() {
	rest, key := p.value, p.key
	from, quote := 0, byte(0)
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' && strings.TrimSpace(rest[from:i]) == "":
			quote = c
		case c == '{':
			p.path = append(p.path, key)
			key, from = "", i+1
		case c == '}' && len(p.path) > 0:
			key = p.path[len(p.path)-1]
			p.path = p.path[:len(p.path)-1]
			from = i + 1
		case c == ',' && len(p.path) > 0 && strings.Count(rest[from:i], "(") <= strings.Count(rest[from:i], ")") && strings.Count(rest[from:i], "[") <= strings.Count(rest[from:i], "]"):
			key, from = "", i+1
		case c == ':' && len(p.path) > 0 && key == "" && (i+1 == len(rest) || rest[i+1] == ' '):
			key, from = strings.Trim(strings.TrimSpace(rest[from:i]), `"`), i+1
		}
	}
	p.key, p.value = key, rest[from:]
}

// schema is a part of the schema of catalogues.
type schema struct {
	Ref         string             `json:"$ref"`
	Description string             `json:"description"`
	Properties  map[string]*schema `json:"properties"`
	Additional  json.RawMessage    `json:"additionalProperties"`
	Items       *schema            `json:"items"`
	AnyOf       []*schema          `json:"anyOf"`
	Enum        []string           `json:"enum"`
	Defs        map[string]*schema `json:"$defs"`
}

// catalogueSchema is the whole of it.
var catalogueSchema = sync.OnceValue(func() *schema {
	s := &schema{}
	if err := json.Unmarshal(threats.Schema(), s); err != nil {
		panic("vauban: internal error: " + err.Error())
	}
	return s
})

// shape is the name of what a value looks like; "" where it has none.
func (s *schema) shape() string { return strings.TrimPrefix(s.Ref, "#/$defs/") }

// below returns what a key of a mapping may be, and what lists of such mappings may; nil where it has no such key.
func (s *schema) below(key string) *schema {
	if s.Ref != "" {
		return catalogueSchema().Defs[s.shape()].below(key)
	}
	if x := s.Properties[key]; x != nil {
		return x
	}
	more := &schema{}
	if len(s.Additional) > 0 && s.Additional[0] == '{' && json.Unmarshal(s.Additional, more) == nil {
		return more
	}
	for _, x := range append(slices.Clone(s.AnyOf), s.Items) {
		if x == nil {
			continue
		}
		if found := x.below(key); found != nil {
			return found
		}
	}
	return nil
}

// keys are those that a mapping may have, with what they mean.
func (s *schema) keys() map[string]*schema {
	if s.Ref != "" {
		return catalogueSchema().Defs[s.shape()].keys()
	}
	out := maps.Clone(s.Properties)
	for _, x := range append(slices.Clone(s.AnyOf), s.Items) {
		if x != nil && out == nil {
			out = x.keys()
		}
	}
	return out
}

// at is what a path leads to; nil where it leads nowhere.
func (s *schema) at(path []string) *schema {
	for _, key := range path {
		if s = s.below(key); s == nil {
			return nil
		}
	}
	return s
}

// wordsOf says of keys whose values are words of a catalogue, which.
var wordsOf = map[string]string{
	"of": "kind", "args": "kind", "from": "kind", "to": "kind", "gives": "control", "abuses": "control", "secures": "protocol", "extends": "catalogue", "closure": "formula",
}

// completeCatalogue lists what may stand at a place of a catalogue.
func completeCatalogue(c *threats.Catalogue, f *source.File, at int) []protocol.CompletionItem {
	w := &completer{names: dsl.NamesOf(nil), catalogue: c}
	p := placeAt(f.Text, at)
	around := catalogueSchema().at(p.path)
	if around == nil {
		return nil
	}
	if p.key == "" && around.keys() != nil {
		for _, name := range slices.Sorted(maps.Keys(around.keys())) {
			w.put(protocol.CompletionItemKindProperty, name, "", around.keys()[name].Description)
		}
		return w.items
	}
	value := around
	if p.key != "" {
		if value = around.below(p.key); value == nil {
			return nil
		}
	}
	shape := value.shape()
	switch {
	case shape == "formula" || shape == "formulas":
		w.formulas()
		w.relations()
		w.controls()
		w.kinds("")
		w.protocols()
		for _, v := range variables(f.Text[:at]) {
			w.put(protocol.CompletionItemKindVariable, v, "variable", "")
		}
		w.words("forall", "exists", "not", "and", "or", "implies", "is", "has", "over", "carries", "stores", "handles", "accepts")
	case around.shape() == "sorts":
		w.kinds("")
		w.words("control")
	case around.shape() == "harder" || shape == "harder":
		w.controls()
	case shape == "stride":
		for _, x := range catalogueSchema().Defs["stride"].AnyOf {
			w.words(x.Enum...)
		}
	case p.key == "is":
		if len(p.path) > 0 && p.path[0] == "protocols" {
			w.protocols()
		} else {
			w.kinds("")
		}
	default:
		switch wordsOf[p.key] {
		case "kind":
			w.kinds("")
		case "control":
			w.controls()
		case "protocol":
			w.protocols()
		case "catalogue":
			w.words(threats.Builtin()...)
		case "formula":
			w.formulas()
			w.relations()
		}
	}
	return w.items
}

var (
	forClause = regexp.MustCompile(`(?m)^\s*(?:- +)?for:\s*(\{[^}\n]*\}?|(?:\n\s+[A-Za-z_]\w*:[^\n]*)+)|\bfor:\s*(\{[^}\n]*\}?)`)
	forName   = regexp.MustCompile(`([A-Za-z_]\w*)\s*:`)
)

// variables are those of the last `for` before a place.
func variables(text string) []string {
	text = text[max(0, len(text)-4000):]
	all := forClause.FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return nil
	}
	last := all[len(all)-1]
	var out []string
	for _, m := range forName.FindAllStringSubmatch(cmp.Or(last[1], last[2]), -1) {
		out = append(out, m[1])
	}
	return out
}

// hoverCatalogue says what a word of a catalogue means, or a key.
func hoverCatalogue(c *threats.Catalogue, f *source.File, at int) string {
	name := word(f.Text, at)
	end := at
	for end < len(f.Text) && word(f.Text, end) != "" && f.Text[end] != ':' && f.Text[end] != '\n' {
		end++
	}
	if end < len(f.Text) && f.Text[end] == ':' {
		p := placeAt(f.Text, at)
		if around := catalogueSchema().at(p.path); around != nil {
			if key := around.keys()[name]; key != nil && p.key == "" {
				return "`" + name + "` · " + plain(key.Description)
			}
		}
	}
	return catalogued(hyphened(f.Text, at), c, nil)
}

// declaredIn lists what a catalogue declares, in the order of places: names, what they are, and where.
func declaredIn(c *threats.Catalogue) []catalogueWord {
	var out []catalogueWord
	put := func(name, sort string, kind protocol.SymbolKind, at source.Span) {
		if at.File != nil {
			out = append(out, catalogueWord{name, sort, kind, at})
		}
	}
	v := c.Vocabulary
	for name, x := range v.Kinds {
		put(name, "kind", protocol.SymbolKindClass, x.Span)
	}
	for name, x := range v.Controls {
		put(name, "control", protocol.SymbolKindProperty, x.Span)
	}
	for name, x := range v.Protocols {
		put(name, "protocol", protocol.SymbolKindInterface, x.Span)
	}
	for name, x := range v.Relations {
		put(name, "relation", protocol.SymbolKindOperator, x.Span)
	}
	for name, x := range v.Attributes {
		put(name, "attribute", protocol.SymbolKindField, x.Span)
	}
	for name, x := range v.Predicates {
		put(name, "predicate", protocol.SymbolKindBoolean, x.Span)
	}
	for name, x := range v.Defines {
		put(name, "notion", protocol.SymbolKindFunction, x.Span)
	}
	for _, x := range c.Threats {
		put(x.ID, "threat", protocol.SymbolKindEvent, x.Span)
	}
	slices.SortFunc(out, func(a, b catalogueWord) int {
		return cmp.Or(cmp.Compare(a.at.File.Name, b.at.File.Name), cmp.Compare(a.at.Start, b.at.Start), cmp.Compare(a.name, b.name))
	})
	return out
}

// catalogueWord is something that a catalogue declares.
type catalogueWord struct {
	name, sort string
	kind       protocol.SymbolKind
	at         source.Span
}

// declaredAt returns what a name at an offset of a catalogue is declared as.
func declaredAt(c *threats.Catalogue, f *source.File, at int) []catalogueWord {
	name := hyphened(f.Text, at)
	return slices.DeleteFunc(declaredIn(c), func(w catalogueWord) bool { return w.name != name })
}

// catalogueSymbols are what a catalogue's own file declares.
func catalogueSymbols(c *threats.Catalogue, f *source.File) protocol.DocumentSymbolSlice {
	out := protocol.DocumentSymbolSlice{}
	for _, w := range declaredIn(c) {
		if w.at.File.Name == f.Name {
			out = append(out, protocol.DocumentSymbol{Name: w.name, Detail: &w.sort, Kind: w.kind, Range: span(w.at), SelectionRange: span(w.at)})
		}
	}
	return out
}
