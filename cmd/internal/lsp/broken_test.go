package lsp_test

import (
	"math/rand"
	"os"
	"slices"
	"strings"
	"testing"

	"go.lsp.dev/protocol"

	"github.com/vauban-verifier/vauban/dsl/source"
)

// hover returns what is said at a mark.
func (e *editor) hover(name, mark string, n int) string {
	e.t.Helper()
	h, err := e.server.Hover(e.t.Context(), &protocol.HoverParams{TextDocumentPositionParams: e.position(name, mark, n)})
	if err != nil {
		e.t.Fatal(err)
	}
	if h == nil {
		return ""
	}
	return h.Contents.(*protocol.MarkupContent).Value
}

// completed returns what is offered behind a mark.
func (e *editor) completed(name, mark string) []string {
	e.t.Helper()
	r, err := e.server.Completion(e.t.Context(), &protocol.CompletionParams{TextDocumentPositionParams: e.position(name, mark, len(mark))})
	if err != nil {
		e.t.Fatal(err)
	}
	var labels []string
	for _, i := range r.(*protocol.CompletionList).Items {
		labels = append(labels, i.Label)
	}
	return labels
}

// TestBrokenLine breaks a line, in a design that the editor has never seen without the mistake: everything is still answered about the others, and about what the
// line says before its mistake.
func TestBrokenLine(t *testing.T) {
	t.Parallel()
	const line = "component Shop: storefront in Core { has input_validation? }\n"
	for _, broken := range []string{
		"component Shop: storefront in\n",
		"component Shop: storefront in Core { has }\n",
		"component Shop: storefront in Core { has input_validation?, }\n",
		"component Shop: storefront in Core { has input_validation?\n",
		"component Shop storefront in Core { has input_validation? }\n",
		"component Shop: storfront in Core { has input_validation? }\n",
		"component Shop: storefront in Cor { has input_validaton? }\n",
		line + "flow Pay: Shopper ->\n",
		line + "flow Pay: Shopper -> Shop over\n",
		line + "flow Pay: Shopper -> Shp over https { carries Crd }\n",
		line + "compnent Other: service in Core\n",
		line + "require Other: never knows(Card\n",
		line + "attacker\n",
		line + "use \"nowhere.yaml\"\n",
	} {
		text := strings.Replace(shop, line, broken, 1)
		if text == shop {
			t.Fatal(broken)
		}
		e := start(t, map[string]string{"shop.vbn": text, "data.vbn": two["data.vbn"]})
		e.open("shop.vbn", text)
		for _, x := range []struct {
			mark string
			n    int
			want string
		}{
			{"Shopper: customer", 2, "`customer` in Internet"},
			{"Buy: Shopper", 1, "Shopper → Shop"},
			{"-> Shop over https {", 4, "**Shop** · component"},
			{"over https { carries Card", 6, "protocol: "},
			{"Secret: conf", 1, "requirement"},
			{"customer in", 2, "kind of actor"},
		} {
			if got := e.hover("shop.vbn", x.mark, x.n); !strings.Contains(got, x.want) {
				t.Errorf("%s%q: %q, want %q", broken, x.mark, got, x.want)
			}
		}
		if got := e.hover("shop.vbn", "zone Core", 6); !strings.Contains(got, "**Core** · zone\n\n`private`") {
			t.Errorf("%s%q", broken, got)
		}
		if !strings.HasPrefix(broken, line) && strings.HasSuffix(broken, "}\n") || strings.HasSuffix(broken, "in\n") {
			if got := e.hover("shop.vbn", "-> Shop over https {", 4); !strings.Contains(got, "with an error") || !strings.Contains(got, "reached by Buy from Shopper in Internet") {
				t.Errorf("%s%q", broken, got)
			}
		}
		d, err := e.server.Definition(t.Context(), &protocol.DefinitionParams{TextDocumentPositionParams: e.position("shop.vbn", "-> Shop over https {", 4)})
		if at, ok := d.(*protocol.Location); err != nil || !ok || at.Range.Start.Line != 7 {
			t.Errorf("%s%+v, %v", broken, d, err)
		}
		symbols, err := e.server.DocumentSymbol(t.Context(), &protocol.DocumentSymbolParams{TextDocument: e.doc("shop.vbn")})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, s := range symbols.(protocol.DocumentSymbolSlice) {
			names = append(names, s.Name)
		}
		for _, want := range []string{"Internet", "Core", "Shopper", "Shop", "Buy", "Outsider", "Secret"} {
			if !slices.Contains(names, want) {
				t.Errorf("%s%v", broken, names)
			}
		}
		at := strings.Index(text, "flow Buy")
		for insert, want := range map[string]string{"extend Shop { has ": "input_validation", "flow X: Shopper -> ": "Shop", "require X: confidential Card against ": "Outsider", "flow X: Shopper -> Shop over ": "https"} {
			e.replace("shop.vbn", at, at, insert+"\n")
			if got := e.completed("shop.vbn", insert); !slices.Contains(got, want) {
				t.Errorf("%s%q: %v", broken, insert, got)
			}
			e.replace("shop.vbn", at, at+len(insert)+1, "")
		}
		list := e.wait("shop.vbn", "an error", func(list []protocol.Diagnostic) bool { return len(list) > 0 })
		if has("violated")(list) || has("holds")(list) {
			t.Errorf("%sa verdict: %+v", broken, list)
		}
	}
}

// TestRenameBesideBroken: a name is not changed where a use of it may be in what could not be read.
func TestRenameBesideBroken(t *testing.T) {
	t.Parallel()
	e := start(t, two)
	text := two["shop.vbn"] + "process P {\n  step S by Shop when Shop has\n}\n"
	e.open("shop.vbn", text)
	rename := func(mark string) error {
		_, err := e.server.Rename(t.Context(), &protocol.RenameParams{TextDocumentPositionParams: e.position("shop.vbn", mark, 0), NewName: "Other"})
		return err
	}
	if err := rename("Shop: storefront"); err == nil || !strings.Contains(err.Error(), "line 13") {
		t.Error(err)
	}
	if err := rename("Shopper: customer"); err != nil {
		t.Error(err)
	}
}

// TestAnythingAnywhere asks everything at random places of texts that are changed at random.
func TestAnythingAnywhere(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(7))
	for _, name := range []string{"first/first.vbn", "checkout/amount.vbn"} {
		data, err := os.ReadFile("../../../examples/" + name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		e := start(t, nil)
		e.open("shop.vbn", text)
		for range 60 {
			now := e.texts["shop.vbn"]
			i := rng.Intn(len(now))
			j := min(len(now), i+rng.Intn(12))
			with := []string{"", " ", "}", "flow X: ", "component ", "in ", "\"", "->"}[rng.Intn(8)]
			if rng.Intn(4) == 0 {
				i, j, with = 0, len(now), text
			}
			e.replace("shop.vbn", i, j, strings.ToValidUTF8(with, ""))
			for range 5 {
				l, c := source.New("", e.texts["shop.vbn"]).UTF16(rng.Intn(len(e.texts["shop.vbn"]) + 1))
				at := protocol.TextDocumentPositionParams{TextDocument: e.doc("shop.vbn"), Position: protocol.Position{Line: uint32(l), Character: uint32(c)}}
				_, err1 := e.server.Hover(t.Context(), &protocol.HoverParams{TextDocumentPositionParams: at})
				_, err2 := e.server.Completion(t.Context(), &protocol.CompletionParams{TextDocumentPositionParams: at})
				_, err3 := e.server.Definition(t.Context(), &protocol.DefinitionParams{TextDocumentPositionParams: at})
				_, err4 := e.server.DocumentSymbol(t.Context(), &protocol.DocumentSymbolParams{TextDocument: e.doc("shop.vbn")})
				_, err5 := e.server.SemanticTokensFull(t.Context(), &protocol.SemanticTokensParams{TextDocument: e.doc("shop.vbn")})
				_, err6 := e.server.InlayHint(t.Context(), &protocol.InlayHintParams{TextDocument: e.doc("shop.vbn"), Range: protocol.Range{End: protocol.Position{Line: 999}}})
				for _, err := range []error{err1, err2, err3, err4, err5, err6} {
					if err != nil {
						t.Fatalf("%v\n%s", err, e.texts["shop.vbn"])
					}
				}
			}
		}
	}
}
