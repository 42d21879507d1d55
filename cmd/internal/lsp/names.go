package lsp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// under returns what is defined or used at a place.
func (s *server) under(ctx context.Context, p protocol.TextDocumentPositionParams) (*dsl.Definition, dsl.Name) {
	_, r, f := s.at(ctx, p.TextDocument)
	if f == nil {
		return nil, dsl.Name{}
	}
	return r.names.At(f, offset(f.Source, p.Position))
}

// places are all places of a definition, itself first.
func places(d *dsl.Definition) []dsl.Name { return append([]dsl.Name{d.Name}, d.Uses...) }

// Definition leads to where a name is defined.
func (s *server) Definition(ctx context.Context, p *protocol.DefinitionParams) (protocol.DefinitionResult, error) {
	if c, f := s.catalogue(ctx, p.TextDocument); c != nil {
		var out protocol.LocationSlice
		for _, w := range declaredAt(c, f, offset(f, p.Position)) {
			if at, ok := location(w.at); ok {
				out = append(out, at)
			}
		}
		return out, nil
	}
	d, _ := s.under(ctx, p.TextDocumentPositionParams)
	if d == nil {
		return nil, nil
	}
	at, ok := location(d.Name.Span)
	if !ok {
		return nil, nil
	}
	return &at, nil
}

// References lists where a name is used.
func (s *server) References(ctx context.Context, p *protocol.ReferenceParams) ([]protocol.Location, error) {
	if declared, uses := s.cataloguedAt(ctx, p.TextDocument, p.Position); declared != nil {
		var out []protocol.Location
		for _, use := range uses {
			if at, ok := location(use); ok && (p.Context.IncludeDeclaration || use.Start != declared.at.Start || use.File.Name != declared.at.File.Name) {
				out = append(out, at)
			}
		}
		return out, nil
	}
	d, _ := s.under(ctx, p.TextDocumentPositionParams)
	if d == nil {
		return nil, nil
	}
	names := d.Uses
	if p.Context.IncludeDeclaration {
		names = places(d)
	}
	var out []protocol.Location
	for _, n := range names {
		if at, ok := location(n.Span); ok {
			out = append(out, at)
		}
	}
	return out, nil
}

// DocumentHighlight marks the places of a name in its file.
func (s *server) DocumentHighlight(ctx context.Context, p *protocol.DocumentHighlightParams) ([]protocol.DocumentHighlight, error) {
	if declared, uses := s.cataloguedAt(ctx, p.TextDocument, p.Position); declared != nil {
		var out []protocol.DocumentHighlight
		for _, use := range uses {
			if use.File.Name == filePath(p.TextDocument.URI) {
				out = append(out, protocol.DocumentHighlight{Range: span(use)})
			}
		}
		return out, nil
	}
	d, here := s.under(ctx, p.TextDocumentPositionParams)
	if d == nil {
		return nil, nil
	}
	var out []protocol.DocumentHighlight
	for _, n := range places(d) {
		if n.Span.File == here.Span.File {
			out = append(out, protocol.DocumentHighlight{Range: span(n.Span)})
		}
	}
	return out, nil
}

// PrepareRename says whether a place has a name that can be changed.
func (s *server) PrepareRename(ctx context.Context, p *protocol.PrepareRenameParams) (protocol.PrepareRenameResult, error) {
	if isCatalogue(filePath(p.TextDocument.URI)) {
		declared, uses := s.cataloguedAt(ctx, p.TextDocument, p.Position)
		if declared == nil {
			return nil, nil
		}
		for _, use := range uses {
			if at := span(use); use.File.Name == filePath(p.TextDocument.URI) && at.Start.Line == p.Position.Line && at.Start.Character <= p.Position.Character && p.Position.Character <= at.End.Character {
				return &protocol.PrepareRenamePlaceholder{Range: at, Placeholder: declared.name}, nil
			}
		}
		return nil, nil
	}
	d, here := s.under(ctx, p.TextDocumentPositionParams)
	if d == nil {
		return nil, nil
	}
	return &protocol.PrepareRenamePlaceholder{Range: span(here.Span), Placeholder: d.Name.Text}, nil
}

// Rename changes a name in all files of the design, a word of a catalogue also in the designs that are open and use it.
func (s *server) Rename(ctx context.Context, p *protocol.RenameParams) (*protocol.WorkspaceEdit, error) {
	if isCatalogue(filePath(p.TextDocument.URI)) {
		return s.renameWord(ctx, p)
	}
	_, r, f := s.at(ctx, p.TextDocument)
	if f == nil {
		return nil, nil
	}
	d, _ := r.names.At(f, offset(f.Source, p.Position))
	if d == nil {
		return nil, fmt.Errorf("there is no name that the design defines")
	}
	if !isName(p.NewName) {
		return nil, fmt.Errorf("%q cannot be a name: letters, digits and _, a letter first, and no word of the language", diag.Escape(p.NewName))
	}
	if other := r.names.Find(p.NewName); other != nil && other != d {
		return nil, fmt.Errorf("%s is the name of a %s already", p.NewName, other.Sort)
	}
	if at := unread(r, d.Name.Text); at.IsValid() {
		line, _ := at.File.UTF16(at.Start)
		return nil, fmt.Errorf("line %d of %s speaks of %s and has an error, so what it means there is unclear: fix that first", line+1, diag.Escape(at.File.Name), d.Name.Text)
	}
	edits := map[*source.File][]dsl.Edit{}
	for _, n := range places(d) {
		if _, ok := location(n.Span); !ok {
			return nil, fmt.Errorf("%s is used in %s, which cannot be changed from here", d.Name.Text, diag.Escape(n.Span.File.Name))
		}
		edits[n.Span.File] = append(edits[n.Span.File], dsl.Edit{Span: n.Span, Text: p.NewName})
	}
	return workspaceEdit(edits), nil
}

// unread is where a name stands in what could not be read; an invalid place where it does not.
func unread(r *reading, name string) source.Span {
	var out source.Span
	for _, f := range r.design.Files {
		f.Walk(func(d dsl.Decl) {
			if _, broken := d.(*dsl.Broken); !broken || out.IsValid() {
				return
			}
			text, at := f.Source.Text, d.Pos()
			for i := at.Start; i < at.End; i++ {
				if strings.HasPrefix(text[i:], name) && word(text, i) == name {
					out = source.Span{File: f.Source, Start: i, End: i + len(name)}
					return
				}
			}
		})
	}
	return out
}

// isName reports whether a text can be a name: whether a design with it is read.
func isName(text string) bool {
	diags := &diag.List{}
	f := dsl.Parse(source.New("", "zone "+text+": zone"), diags)
	if diags.HasErrors() || len(f.Decls) != 1 {
		return false
	}
	e, ok := f.Decls[0].(*dsl.Element)
	return ok && len(e.Names) == 1 && e.Names[0].Text == text && !dsl.IsWord(text, ^dsl.Role(0))
}

// workspaceEdit are edits of files.
func workspaceEdit(edits map[*source.File][]dsl.Edit) *protocol.WorkspaceEdit {
	out := &protocol.WorkspaceEdit{Changes: map[uri.URI][]protocol.TextEdit{}}
	for f, list := range edits {
		for _, e := range list {
			out.Changes[address(f.Name)] = append(out.Changes[address(f.Name)], protocol.TextEdit{Range: span(e.Span), NewText: e.Text})
		}
	}
	return out
}

var symbolKinds = map[string]protocol.SymbolKind{
	"zone": protocol.SymbolKindNamespace, "actor": protocol.SymbolKindInterface, "component": protocol.SymbolKindClass, "data": protocol.SymbolKindField,
	"flow": protocol.SymbolKindEvent, "attacker": protocol.SymbolKindObject, "requirement": protocol.SymbolKindKey, "assumption": protocol.SymbolKindConstant,
	"define": protocol.SymbolKindFunction, "process": protocol.SymbolKindModule, "domain": protocol.SymbolKindEnum, "value of a domain": protocol.SymbolKindEnumMember,
	"value": protocol.SymbolKindConstant, "fact": protocol.SymbolKindBoolean, "variable": protocol.SymbolKindVariable, "message": protocol.SymbolKindEvent, "step": protocol.SymbolKindMethod,
}

// declared are the definitions of a file that others can speak of.
func declared(r *reading, f *dsl.File) []*dsl.Definition {
	var out []*dsl.Definition
	for _, d := range r.names.Definitions {
		if d.Name.Span.File == f.Source && d.Sort != "parameter" {
			out = append(out, d)
		}
	}
	return out
}

// whole is where a definition's declaration stands.
func whole(d *dsl.Definition) source.Span {
	if x, ok := d.Decl.(dsl.Decl); ok {
		return x.Pos()
	}
	return d.Name.Span
}

// DocumentSymbol is the outline: what a process or a zone has in its braces stands below it.
func (s *server) DocumentSymbol(ctx context.Context, p *protocol.DocumentSymbolParams) (protocol.DocumentSymbolResult, error) {
	if c, f := s.catalogue(ctx, p.TextDocument); c != nil {
		return catalogueSymbols(c, f), nil
	}
	_, r, f := s.at(ctx, p.TextDocument)
	if f == nil {
		return nil, nil
	}
	list := declared(r, f)
	slices.SortStableFunc(list, func(a, b *dsl.Definition) int { return a.Name.Span.Start - b.Name.Span.Start })
	var within func(list []*dsl.Definition) protocol.DocumentSymbolSlice
	within = func(list []*dsl.Definition) protocol.DocumentSymbolSlice {
		var out protocol.DocumentSymbolSlice
		for i := 0; i < len(list); {
			d, at, n := list[i], whole(list[i]), i+1
			for n < len(list) && list[n].Name.Span.Start < at.End && whole(list[n]) != at {
				n++
			}
			out = append(out, protocol.DocumentSymbol{Name: d.Name.Text, Detail: &d.Sort, Kind: symbolKinds[d.Sort], Range: span(at), SelectionRange: span(d.Name.Span), Children: within(list[i+1 : n])})
			i = n
		}
		return out
	}
	return within(list), nil
}

// maxSymbols is how many symbols a search lists.
const maxSymbols = 500

// Symbols finds definitions in all designs that are open, by a part of their names.
func (s *server) Symbols(ctx context.Context, p *protocol.WorkspaceSymbolParams) (protocol.WorkspaceSymbolResult, error) {
	s.mu.Lock()
	var open []*project
	for _, pr := range s.projects {
		open = append(open, pr)
	}
	s.mu.Unlock()
	slices.SortFunc(open, func(a, b *project) int { return strings.Compare(a.root, b.root) })
	var out protocol.SymbolInformationSlice
	for _, pr := range open {
		for _, d := range s.read(ctx, pr).names.Definitions {
			if at, ok := location(d.Name.Span); ok && d.Sort != "parameter" && len(out) < maxSymbols && strings.Contains(strings.ToLower(d.Name.Text), strings.ToLower(p.Query)) {
				out = append(out, protocol.SymbolInformation{BaseSymbolInformation: protocol.BaseSymbolInformation{Name: d.Name.Text, Kind: symbolKinds[d.Sort]}, Location: at})
			}
		}
	}
	return out, nil
}

// FoldingRanges are the braces of declarations.
func (s *server) FoldingRanges(ctx context.Context, p *protocol.FoldingRangeParams) ([]protocol.FoldingRange, error) {
	_, _, f := s.at(ctx, p.TextDocument)
	if f == nil {
		return nil, nil
	}
	var out []protocol.FoldingRange
	f.Walk(func(d dsl.Decl) {
		if at := span(d.Pos()); at.End.Line > at.Start.Line {
			out = append(out, protocol.FoldingRange{StartLine: at.Start.Line, EndLine: at.End.Line - 1})
		}
	})
	return out, nil
}

// Formatting writes a file as `vauban fmt` does; a file with errors stays as it is.
func (s *server) Formatting(ctx context.Context, p *protocol.DocumentFormattingParams) ([]protocol.TextEdit, error) {
	_, _, f := s.at(ctx, p.TextDocument)
	if f == nil {
		return nil, nil
	}
	diags := &diag.List{}
	text := dsl.Format(dsl.Parse(f.Source, diags))
	if diags.HasErrors() || text == f.Source.Text {
		return nil, nil
	}
	return []protocol.TextEdit{{Range: span(source.Span{File: f.Source, Start: 0, End: len(f.Source.Text)}), NewText: text}}, nil
}

// tokenTypes are the types of semantic tokens; the words of the language are for the editor's own grammar.
var tokenTypes = []string{"namespace", "interface", "class", "property", "event", "type", "function", "variable", "enum", "enumMember", "parameter", "method"}

var tokenOf = map[string]string{
	"zone": "namespace", "actor": "interface", "component": "class", "data": "property", "flow": "event", "attacker": "type", "requirement": "function", "assumption": "function",
	"define": "function", "process": "namespace", "domain": "enum", "value of a domain": "enumMember", "value": "variable", "fact": "variable", "variable": "variable",
	"message": "event", "step": "method", "parameter": "parameter",
}

// SemanticTokensFull says what each name of a file is.
func (s *server) SemanticTokensFull(ctx context.Context, p *protocol.SemanticTokensParams) (*protocol.SemanticTokens, error) {
	_, r, f := s.at(ctx, p.TextDocument)
	if f == nil {
		return nil, nil
	}
	type token struct {
		at         source.Span
		kind, mods uint32
	}
	var all []token
	for _, d := range r.names.Definitions {
		kind := uint32(slices.Index(tokenTypes, tokenOf[d.Sort]))
		for i, n := range places(d) {
			if n.Span.File == f.Source {
				t := token{n.Span, kind, 0}
				if i == 0 {
					t.mods = 1
				}
				all = append(all, t)
			}
		}
	}
	slices.SortFunc(all, func(a, b token) int { return a.at.Start - b.at.Start })
	out := &protocol.SemanticTokens{Data: []uint32{}}
	var line, column uint32
	for _, t := range all {
		at := span(t.at)
		if at.Start.Line != line {
			column = 0
		}
		out.Data = append(out.Data, at.Start.Line-line, at.Start.Character-column, at.End.Character-at.Start.Character, t.kind, t.mods)
		line, column = at.Start.Line, at.Start.Character
	}
	return out, nil
}
