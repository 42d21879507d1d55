package lsp

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.lsp.dev/protocol"
	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/dsl/yamldoc"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// prose are the keys of a catalogue whose values are read by people.
var prose = map[string]bool{"title": true, "doc": true, "says": true, "rationale": true, "refs": true, "area": true, "stride": true, "ask": true, "text": true, "catalogue": true}

var (
	catalogueName = regexp.MustCompile(`[\pL_][\pL\p{Nd}_]*(?:-[\pL\p{Nd}_]+)*`)
	designToken   = regexp.MustCompile("//[^\n]*|\"[^\"\n]*\"|" + catalogueName.String())
)

// wordUses are the places of a catalogue's file where a word stands that a catalogue declares: not in prose, not as a key of the schema, and not where
// variables of a threat or of a notion have the same name.
func wordUses(f *source.File, name string) []source.Span {
	doc, root := yamldoc.Parse(f, "catalogue", "catalogue", &diag.List{})
	if root == nil {
		return nil
	}
	var out []source.Span
	scalar := func(n *yaml.Node) {
		place := doc.Offsets(n)
		for _, at := range catalogueName.FindAllStringIndex(n.Value, -1) {
			start := place(at[0])
			if n.Value[at[0]:at[1]] == name && strings.HasPrefix(f.Text[start:], name) {
				out = append(out, source.Span{File: f, Start: start, End: start + len(name)})
			}
		}
	}
	var walk func(n *yaml.Node, shape *schema)
	walk = func(n *yaml.Node, shape *schema) {
		switch n.Kind {
		case yaml.ScalarNode:
			scalar(n)
		case yaml.SequenceNode:
			for _, x := range n.Content {
				walk(x, shape)
			}
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				if key, value := n.Content[i].Value, n.Content[i+1]; key == "for" && value.Kind == yaml.MappingNode && binds(value, name) {
					return
				}
			}
			for i := 0; i+1 < len(n.Content); i += 2 {
				key, value := n.Content[i], n.Content[i+1]
				var inner *schema
				if shape != nil {
					inner = shape.below(key.Value)
				}
				if shape == nil || shape.keys()[key.Value] == nil {
					scalar(key)
				} else if prose[key.Value] && value.Kind != yaml.MappingNode {
					continue
				}
				walk(value, inner)
			}
		}
	}
	walk(root, catalogueSchema())
	return out
}

// binds reports whether `for` has a variable.
func binds(n *yaml.Node, name string) bool {
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return true
		}
	}
	return false
}

// cataloguedAt finds a word that is declared in a catalogue at a place of one, and all places of it: in the catalogue's files, and in the designs that are open
// and use it. The declaration is nil where there is none.
func (s *server) cataloguedAt(ctx context.Context, doc protocol.TextDocumentIdentifier, position protocol.Position) (declared *catalogueWord, uses []source.Span) {
	c, f := s.catalogue(ctx, doc)
	if c == nil {
		return nil, nil
	}
	at := offset(f, position)
	words := declaredAt(c, f, at)
	here := func(x source.Span) bool { return x.File.Name == f.Name && x.Start <= at && at <= x.End }
	if len(words) == 0 || !slices.ContainsFunc(wordUses(f, words[0].name), here) {
		return nil, nil
	}
	name := words[0].name
	for _, in := range c.Inputs {
		if !in.BuiltIn() {
			uses = append(uses, wordUses(in.File, name)...)
		}
	}
	for _, r := range s.usersOf(ctx, c, f.Name) {
		for _, file := range r.design.Files {
			if source.Embedded(file.Source.Name) {
				continue
			}
			for _, at := range designToken.FindAllStringIndex(file.Source.Text, -1) {
				if file.Source.Text[at[0]:at[1]] != name {
					continue
				}
				if d, _ := r.names.At(file, at[0]); d == nil {
					uses = append(uses, source.Span{File: file.Source, Start: at[0], End: at[1]})
				}
			}
		}
	}
	return &words[0], uses
}

// usersOf are the designs that are open and use a catalogue's file, by root.
func (s *server) usersOf(ctx context.Context, c *threats.Catalogue, name string) []*reading {
	s.mu.Lock()
	open := slices.SortedFunc(maps.Values(s.projects), func(a, b *project) int { return cmp.Compare(a.root, b.root) })
	s.mu.Unlock()
	var out []*reading
	for _, p := range open {
		if r := s.read(ctx, p); r.design != nil && r.design.Catalogue != c && slices.ContainsFunc(r.design.Catalogue.Inputs, func(in threats.Input) bool { return in.Path == name }) {
			out = append(out, r)
		}
	}
	return out
}

// renameWord changes a word of a catalogue everywhere. What comes of it is read, and has to say the same with the new word.
func (s *server) renameWord(ctx context.Context, p *protocol.RenameParams) (*protocol.WorkspaceEdit, error) {
	declared, uses := s.cataloguedAt(ctx, p.TextDocument, p.Position)
	if declared == nil {
		return nil, fmt.Errorf("there is no word that the catalogue declares")
	}
	name := declared.name
	if _, ok := location(declared.at); !ok {
		return nil, fmt.Errorf("%s is declared in %s, which cannot be changed from here", name, diag.Escape(declared.at.File.Name))
	}
	if catalogueName.FindString(p.NewName) != p.NewName || p.NewName == "" {
		return nil, fmt.Errorf("%q cannot be a word: letters, digits and _, a letter first", diag.Escape(p.NewName))
	}
	root := s.project(ctx, filePath(p.TextDocument.URI)).root
	_, texts := s.texts()
	edits := map[*source.File][]dsl.Edit{}
	for _, at := range uses {
		if _, ok := location(at); !ok {
			return nil, fmt.Errorf("%s is used in %s, which cannot be changed from here", name, diag.Escape(at.File.Name))
		}
		if !slices.ContainsFunc(edits[at.File], func(e dsl.Edit) bool { return e.Span.Start == at.Start }) {
			edits[at.File] = append(edits[at.File], dsl.Edit{Span: at, Text: p.NewName})
		}
	}
	changed := maps.Clone(texts)
	for f, list := range edits {
		slices.SortFunc(list, func(a, b dsl.Edit) int { return a.Span.Start - b.Span.Start })
		changed[f.Name] = dsl.Apply(f, list)
	}
	before, after := s.load(ctx, root, texts), s.load(ctx, root, changed)
	if len(before.diags) > 0 {
		return nil, fmt.Errorf("the catalogue has errors, so what %s means in them is unclear: fix them first", name)
	}
	renamed := func(text string) string {
		return catalogueName.ReplaceAllStringFunc(text, func(w string) string {
			if w == name {
				return p.NewName
			}
			return w
		})
	}
	if len(after.diags) > 0 {
		return nil, fmt.Errorf("with %s in place of %s the catalogue would have errors: %s", diag.Escape(p.NewName), name, after.diags[0].Message)
	}
	if renamed(gist(before.words, name)) != gist(after.words, name) {
		return nil, fmt.Errorf("%s would mean something else than %s: choose another word", diag.Escape(p.NewName), name)
	}
	return workspaceEdit(edits), nil
}

// gist is what a catalogue says of its own, but for prose and places, and for threats that have a variable of a word's name.
func gist(c *threats.Catalogue, name string) string {
	var b strings.Builder
	for _, w := range declaredIn(c) {
		if !source.Embedded(w.at.File.Name) {
			fmt.Fprintln(&b, w.sort, w.name)
		}
	}
	for _, t := range c.Threats {
		if !source.Embedded(t.Span.File.Name) && !slices.ContainsFunc(t.For, func(v *models.Var) bool { return v.Name == name }) {
			fmt.Fprintln(&b, t.ID, t.When)
			for _, e := range t.Then {
				fmt.Fprintln(&b, e.Predicate.Name, e.Args, e.Set)
			}
		}
	}
	return b.String()
}
