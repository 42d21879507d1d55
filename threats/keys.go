package threats

import (
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/dsl/yamldoc"
	"github.com/vauban-verifier/vauban/models"
)

// What a catalogue may say, as tables: what reads it, the schema for editors and the page of keys all come from them.

// key is one key of a mapping: what its value looks like, what it means, and what reads the value into a T.
type key[T any] struct {
	name  string
	value value[T]
	doc   string
}

// value is what stands behind a key. One without read is read by whoever reads the mapping.
type value[T any] struct {
	shape shape
	read  func(b *builder, p part, n *yaml.Node, what string, of T)
}

// keyNames returns what a mapping may say.
func keyNames[T any](keys []key[T]) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.name
	}
	return out
}

// as is a value that is read elsewhere.
func as[T any](s shape) value[T] { return value[T]{shape: s} }

func text[T any](at func(T) *string) value[T] {
	return value[T]{textShape, func(_ *builder, p part, n *yaml.Node, what string, of T) { *at(of) = p.doc.Text(n, what) }}
}

func question[T any](at func(T) *string) value[T] {
	return value[T]{textShape, func(b *builder, p part, n *yaml.Node, _ string, of T) { *at(of) = b.ask(p, n) }}
}

func number[T any](at func(T) *int) value[T] {
	return value[T]{numberShape, func(_ *builder, p part, n *yaml.Node, what string, of T) { *at(of) = p.doc.Number(n, what) }}
}

func flag[T any](at func(T) *bool) value[T] {
	return value[T]{flagShape, func(_ *builder, p part, n *yaml.Node, what string, of T) { *at(of) = p.doc.Bool(n, what) }}
}

func texts[T any](at func(T) *[]string) value[T] {
	return value[T]{listShape, func(_ *builder, p part, n *yaml.Node, what string, of T) { *at(of) = p.doc.Texts(n, what) }}
}

func oneKind[T any](at func(T) **models.Kind) value[T] {
	return value[T]{textShape, func(b *builder, p part, n *yaml.Node, _ string, of T) { *at(of) = b.kind(p, n) }}
}

func kinds[T any](at func(T) *[]*models.Kind) value[T] {
	return value[T]{listShape, func(b *builder, p part, n *yaml.Node, what string, of T) { *at(of) = b.kindList(p, n, what) }}
}

// section is a part of a catalogue that declares words, each with a mapping of what it is.
type section[T any] struct {
	key, what string
	taken     dsl.Role // further words of the language that one cannot be called
	doc       string
	keys      []key[T]

	words func(*models.Vocabulary) map[string]T
	new   func(name string, at source.Span) T
	span  func(T) source.Span
	check func(b *builder, e entry[T]) bool // reports what is wrong with a whole one, and whether it can be used; nil: always
}

// entry is what one catalogue declares in a section.
type entry[T any] struct {
	part part
	yamldoc.Field
	of   T
	at   map[string]*yaml.Node // what it says, by key
	told bool                  // what is wrong with its keys was reported
}

// lacks reports what an entry does not say, unless the reason is a mistake that was reported.
func (e entry[T]) lacks(b *builder, format string, args ...any) {
	if !e.told {
		b.diags.Errorf(CodeKey, e.part.doc.Span(e.At), format, args...)
	}
}

// says reports whether an entry has a key, rightly or not.
func (e entry[T]) says(key string) bool { return e.at[key] != nil }

// declare enters the words of a section, of all catalogues.
func declare[T any](b *builder, s section[T]) []entry[T] {
	var out []entry[T]
	for _, p := range b.pending {
		for _, x := range p.entries(s.key) {
			if old, known := s.words(b.v)[x.Key]; known {
				b.twice(p, x, s.span(old), s.what)
				continue
			}
			of := s.new(x.Key, p.doc.Span(x.At))
			s.words(b.v)[x.Key] = of
			out = append(out, entry[T]{part: p, Field: x, of: of})
		}
	}
	return out
}

// read reads a mapping into what it is of, and returns the values by their keys.
func read[T any](b *builder, p part, n *yaml.Node, what string, keys []key[T], of T) map[string]*yaml.Node {
	at := map[string]*yaml.Node{}
	for _, f := range p.doc.Fields(n, what, keyNames(keys)...) {
		at[f.Key] = f.Value
		i := slices.IndexFunc(keys, func(k key[T]) bool { return k.name == f.Key })
		if keys[i].value.read != nil {
			keys[i].value.read(b, p, f.Value, f.Key, of)
		}
	}
	return at
}

// fill reads what the words of a section are. One that is nothing is taken back.
func fill[T any](b *builder, s section[T], entries []entry[T]) {
	for _, e := range entries {
		before := b.diags.Len()
		e.at = read(b, e.part, e.Value, e.Key, s.keys, e.of)
		e.told = b.diags.Len() > before
		if s.check != nil && !s.check(b, e) {
			delete(s.words(b.v), e.Key)
			b.formulas.Lost(e.Key)
		}
	}
}

// head is what it is to declare a word: the key of the section, what one is called, and what it cannot be called.
type head struct {
	key, what string
	taken     dsl.Role
}

func (s section[T]) head() head { return head{s.key, s.what, s.taken} }
