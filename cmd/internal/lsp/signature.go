package lsp

import (
	"context"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// signature is what stands in parentheses behind a name.
type signature struct {
	name   string
	params []string
	doc    string
}

// SignatureHelp says what stands in the parentheses that are open at a place: the arguments of a predicate, of a notion, a fact or a message.
func (s *server) SignatureHelp(ctx context.Context, p *protocol.SignatureHelpParams) (*protocol.SignatureHelp, error) {
	if c, f := s.catalogue(ctx, p.TextDocument); c != nil {
		name, argument := call(f.Text[:offset(f, p.Position)])
		if sign, ok := wordSignature(c.Vocabulary, name); ok {
			return sign.help(argument), nil
		}
		return nil, nil
	}
	_, r, f := s.at(ctx, p.TextDocument)
	if f == nil {
		return nil, nil
	}
	name, argument := call(f.Source.Text[:offset(f.Source, p.Position)])
	sign, ok := signatureOf(r.design.Design, r.design.Catalogue, name)
	if !ok {
		return nil, nil
	}
	return sign.help(argument), nil
}

// help shows a signature with one of its parameters marked.
func (g signature) help(argument int) *protocol.SignatureHelp {
	info := protocol.SignatureInformation{Label: g.name + "(" + strings.Join(g.params, ", ") + ")"}
	for _, label := range g.params {
		info.Parameters = append(info.Parameters, protocol.ParameterInformation{Label: protocol.String(label)})
	}
	if g.doc != "" {
		info.Documentation = &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: plain(g.doc)}
	}
	active := uint32(argument)
	return &protocol.SignatureHelp{Signatures: []protocol.SignatureInformation{info}, ActiveParameter: protocol.NewNullable(active)}
}

// maxCall is how far back an open parenthesis is looked for.
const maxCall = 2000

// call returns the name before the innermost parenthesis that a text leaves open, and how many arguments stand before its end; "" where there is none.
func call(text string) (name string, argument int) {
	depth := 0
	for i := len(text) - 1; i >= 0 && i > len(text)-maxCall; i-- {
		switch text[i] {
		case ')':
			depth++
		case ',':
			if depth == 0 {
				argument++
			}
		case '{', '}', '"':
			return "", 0
		case '(':
			if depth--; depth < 0 {
				head := strings.TrimRight(text[:i], " \t")
				return word(head, len(head)), argument
			}
		}
	}
	return "", 0
}

// signatureOf looks a name up in the design and in its catalogue.
func signatureOf(d *models.Design, c *threats.Catalogue, name string) (signature, bool) {
	for _, p := range d.Processes {
		for _, x := range p.Messages {
			if x.Name == name && x.Like == nil {
				return signature{name, typed(x.Fields), "message over " + x.Over.Name}, true
			}
		}
		for _, x := range p.Facts {
			if x.Name == name {
				var params []string
				for _, t := range x.Params {
					params = append(params, t.String())
				}
				return signature{name, params, "fact of " + p.Name}, true
			}
		}
	}
	return wordSignature(c.Vocabulary, name)
}

// wordSignature looks a name up among the predicates and notions of a catalogue.
func wordSignature(v *models.Vocabulary, name string) (signature, bool) {
	if p := v.Predicates[name]; p != nil {
		params := make([]string, len(p.Args))
		for i, k := range p.Args {
			params[i] = k.Name
			if i < len(p.Alternatives) {
				for _, o := range p.Alternatives[i] {
					params[i] += " or " + o.Name
				}
			}
		}
		doc := p.Doc
		if doc == "" {
			doc = p.Title
		}
		return signature{name, params, doc}, true
	}
	if d := v.Defines[name]; d != nil {
		doc := d.Doc
		if doc == "" {
			doc = d.Title
		}
		return signature{name, typed(d.Params), doc}, true
	}
	return signature{}, false
}

// typed writes variables with their types.
func typed(list []*models.Var) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = v.Name + ": " + v.Type.String()
	}
	return out
}
