package lsp

import (
	"context"
	"encoding/json"
	"fmt"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/reports/diagram"
)

// The commands that a client may have executed.
const (
	// [URI] returns {page, stale}: the report of the last verdicts as a page of HTML, and whether it is of an earlier text; null before there are any.
	reportCommand = "vauban.server.report"
	// [URI, position] returns the id that the element at a position has in that page; null where there is none.
	elementCommand = "vauban.server.element"
)

// ExecuteCommand executes one of them.
func (s *server) ExecuteCommand(ctx context.Context, p *protocol.ExecuteCommandParams) (protocol.LSPAny, error) {
	var (
		address string
		at      protocol.Position
	)
	for i, to := range []any{&address, &at} {
		if i < len(p.Arguments) {
			if err := json.Unmarshal(p.Arguments[i], to); err != nil {
				return nil, fmt.Errorf("argument %d of %s: %w", i+1, p.Command, err)
			}
		}
	}
	u, err := uri.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Command, err)
	}
	doc := protocol.TextDocumentIdentifier{URI: u}
	var answer any
	switch p.Command {
	case reportCommand:
		answer, err = s.report(ctx, doc)
	case elementCommand:
		answer = s.elementAt(ctx, protocol.TextDocumentPositionParams{TextDocument: doc, Position: at})
	default:
		return nil, fmt.Errorf("there is no command %s", p.Command)
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(answer)
}

// report is the page of the last verdicts; nil where there are none.
func (s *server) report(ctx context.Context, doc protocol.TextDocumentIdentifier) (any, error) {
	pr, r, _ := s.at(ctx, doc)
	if pr == nil {
		return nil, nil
	}
	found := pr.verdicts()
	if found == nil {
		return nil, nil
	}
	page, err := s.host.Page(found.result)
	return struct {
		Page  string `json:"page"`
		Stale bool   `json:"stale"`
	}{string(page), found.of != r}, err
}

// elementAt is the anchor of what the innermost declaration of an element around a position declares, or of what a name there means.
func (s *server) elementAt(ctx context.Context, p protocol.TextDocumentPositionParams) any {
	_, r, f := s.at(ctx, p.TextDocument)
	if f == nil {
		return nil
	}
	at := offset(f.Source, p.Position)
	name := ""
	f.Walk(func(d dsl.Decl) {
		if span := d.Pos(); at < span.Start || at > span.End {
			return
		}
		switch d := d.(type) {
		case *dsl.Element:
			if len(d.Names) > 0 {
				name = d.Names[0].Text
			}
		case *dsl.Flow:
			switch {
			case d.Name != nil:
				name = d.Name.Text
			case len(d.Sources) > 0 && len(d.Targets) > 0:
				name = d.Sources[0].Text + "->" + d.Targets[0].Text
			}
		case *dsl.Extend:
			if len(d.Names) > 0 {
				name = d.Names[0].Text
			}
		}
	})
	if d, _ := r.names.At(f, at); d != nil {
		for _, e := range r.design.Design.Elements {
			if e.Name == d.Name.Text {
				return diagram.Anchor(e)
			}
		}
	}
	for _, e := range r.design.Design.Elements {
		if e.Name == name {
			return diagram.Anchor(e)
		}
	}
	return nil
}
