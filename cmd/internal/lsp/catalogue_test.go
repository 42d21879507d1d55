package lsp_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.lsp.dev/protocol"

	"github.com/vauban-verifier/vauban/dsl/source"
)

const own = `catalogue: own
title: Ours
extends: core
kinds:
  kiosk:
    is: component
    title: a terminal in a shop
controls:
  lid:
    of: kiosk
predicates:
  pried: {args: [kiosk], title: "{0} was pried open"}
define:
  bare: {for: {k: kiosk}, is: not k has lid}
threats:
  - id: pry-open
    title: Somebody pries a kiosk open
    for: {k: kiosk}
    when: bare(k)
    then: pried(k)
    cost: 2
    says: "somebody pries {k} open"
    rationale: a crowbar
`

// complete asks for what may stand in place of the mark | in a text.
func (e *editor) complete(name, text string) []string {
	e.t.Helper()
	at := strings.IndexByte(text, '|')
	text = text[:at] + text[at+1:]
	e.replace(name, 0, len(e.texts[name]), text)
	l, c := source.New("", text).UTF16(at)
	r, err := e.server.Completion(e.t.Context(), &protocol.CompletionParams{TextDocumentPositionParams: protocol.TextDocumentPositionParams{TextDocument: e.doc(name), Position: protocol.Position{Line: uint32(l), Character: uint32(c)}}})
	if err != nil {
		e.t.Fatal(err)
	}
	var out []string
	if list, ok := r.(*protocol.CompletionList); ok {
		for _, i := range list.Items {
			out = append(out, i.Label)
		}
	}
	return out
}

// TestCatalogueInEditor: keys by the schema, words by the key, formulas checked and completed, and where words are declared.
func TestCatalogueInEditor(t *testing.T) {
	t.Parallel()
	e := start(t, nil)
	e.open("own.yaml", strings.Replace(own, "when: bare(k)", "when: bear(k)", 1))
	e.wait("own.yaml", "a mistake in a formula", has("bear"))
	e.replace("own.yaml", 0, len(e.texts["own.yaml"]), own)
	e.wait("own.yaml", "that all is right", func(list []protocol.Diagnostic) bool { return len(list) == 0 })
	for _, c := range []struct{ from, to, want, not string }{
		{"threats:\n", "thr|", "threats", "when"},
		{"    cost: 2\n", "    co|", "cost", "controls"},
		{"    title: a terminal in a shop\n", "    ti|", "title", "cost"},
		{"when: bare(k)", "when: ba|", "bare", ""},
		{"when: bare(k)", "when: |", "k", "title"},
		{"when: bare(k)", "when: k has |", "lid", ""},
		{"then: pried(k)", "then: pr|", "pried", ""},
		{"    when: bare(k)\n", "    when: >\n      bare(k)\n      and k is |\n", "kiosk", "title"},
		{"is: component", "is: |", "component", "bare"},
		{"of: kiosk", "of: |", "kiosk", "lid"},
		{"args: [kiosk]", "args: [|]", "kiosk", "lid"},
		{"for: {k: kiosk}\n", "for: {k: |}\n", "kiosk", "lid"},
		{"is: not k has lid}", "is: not k has |}", "lid", "title"},
		{"{for: {k: kiosk}, is: not k has lid}", "{|}", "closure", "id"},
		{"extends: core", "extends: |", "retail", "kiosk"},
		{"    cost: 2\n", "    cost: 2\n    abuses: |\n", "lid", "kiosk"},
	} {
		if !strings.Contains(own, c.from) {
			t.Fatalf("%q is not there", c.from)
		}
		got := e.complete("own.yaml", strings.Replace(own, c.from, c.to, 1))
		if !slices.Contains(got, c.want) || c.not != "" && slices.Contains(got, c.not) {
			t.Errorf("%q: %d: %.10q, expected %q and not %q", c.to, len(got), got, c.want, c.not)
		}
	}
	e.replace("own.yaml", 0, len(e.texts["own.yaml"]), own)
	for mark, want := range map[string]string{
		"when: ba": "notion: ", "then: pri": "predicate: ", "k has li": "control: ", "  - id: pry-o": "pry-open: Somebody", "    rat": "`rationale` · ", "of: kio": "kind of component",
	} {
		h, err := e.server.Hover(t.Context(), &protocol.HoverParams{TextDocumentPositionParams: e.position("own.yaml", mark, len(mark))})
		if err != nil || h == nil {
			t.Errorf("%s: %+v, %v", mark, h, err)
			continue
		}
		if text := h.Contents.(*protocol.MarkupContent).Value; !strings.Contains(text, want) {
			t.Errorf("%s: %q, expected %q", mark, text, want)
		}
	}
	for mark, line := range map[string]uint32{"when: ba": 13, "then: pri": 11, "k has li": 8, "  - id: pry-o": 15, "of: kio": 4} {
		d, err := e.server.Definition(t.Context(), &protocol.DefinitionParams{TextDocumentPositionParams: e.position("own.yaml", mark, len(mark))})
		if list, ok := d.(protocol.LocationSlice); err != nil || !ok || len(list) != 1 || list[0].Range.Start.Line != line {
			t.Errorf("%s: %+v, %v", mark, d, err)
		}
	}
	symbols, err := e.server.DocumentSymbol(t.Context(), &protocol.DocumentSymbolParams{TextDocument: e.doc("own.yaml")})
	if list, ok := symbols.(protocol.DocumentSymbolSlice); err != nil || !ok || len(list) != 5 {
		t.Errorf("%+v, %v", symbols, err)
	}
	help, err := e.server.SignatureHelp(t.Context(), &protocol.SignatureHelpParams{TextDocumentPositionParams: e.position("own.yaml", "when: bare(", len("when: bare("))})
	if err != nil || help == nil || help.Signatures[0].Label != "bare(k: kiosk)" {
		t.Errorf("%+v, %v", help, err)
	}
}

// TestWordsInCatalogues: where a word of a catalogue is used, in open designs, too, and that it can be changed there.
func TestWordsInCatalogues(t *testing.T) {
	t.Parallel()
	e := start(t, nil)
	e.open("own.yaml", own)
	e.open("shop.vbn", "design \"D\"\nuse \"own.yaml\"\nzone lid: private\ncomponent K: kiosk in lid { has lid title \"the lid of\" } // a lid\n")
	right := func(list []protocol.Diagnostic) bool { return len(list) == 0 }
	e.wait("shop.vbn", "that all is right", right)
	for mark, want := range map[string]int{"controls:\n  li": 3, "k has li": 3, "of: kio": 6, "  bar": 2, "pry-o": 1, "is: comp": 0, "title: a ter": 0, "    titl": 0, "for: {k": 0} {
		for _, all := range []bool{true, false} {
			list, err := e.server.References(t.Context(), &protocol.ReferenceParams{TextDocumentPositionParams: e.position("own.yaml", mark, len(mark)), Context: protocol.ReferenceContext{IncludeDeclaration: all}})
			n := want
			if n > 0 && !all {
				n--
			}
			if err != nil || len(list) != n {
				t.Errorf("%s: %d places, expected %d: %v", mark, len(list), n, err)
			}
		}
	}
	rename := func(mark, to string) (*protocol.WorkspaceEdit, error) {
		return e.server.Rename(t.Context(), &protocol.RenameParams{TextDocumentPositionParams: e.position("own.yaml", mark, len(mark)), NewName: to})
	}
	for to, why := range map[string]string{"a b": "cannot be a word", "": "cannot be a word", "none": "would have errors"} {
		if _, err := rename("k has li", to); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, expected %q", to, err, why)
		}
	}
	if _, err := rename("is: comp", "part"); err == nil {
		t.Error("a word of the language is renamed")
	}
	for mark, want := range map[string][2]string{
		"k has li": {"has cover}", "in lid { has cover title \"the lid of\" } // a lid"},
		"of: kio":  {"args: [terminal]", "K: terminal in lid {"},
		"  bar":    {"when: open(k)", "K: kiosk in lid {"},
		"pry-o":    {"id: lever", "K: kiosk in lid {"},
	} {
		to := map[string]string{"k has li": "cover", "of: kio": "terminal", "  bar": "open", "pry-o": "lever"}[mark]
		edit, err := rename(mark, to)
		if err != nil {
			t.Errorf("%s: %v", mark, err)
			continue
		}
		after := e.apply(edit)
		if !strings.Contains(after["own.yaml"], want[0]) || after["shop.vbn"] != "" && !strings.Contains(after["shop.vbn"], want[1]) {
			t.Errorf("%s to %s:\n%s\n%s", mark, to, after["own.yaml"], after["shop.vbn"])
		}
	}
}

// TestWordsRenamed renames words of a long catalogue: what comes of it is read and says the same, or the server refuses.
func TestWordsRenamed(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "threats", "catalogues", "base.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "catalogue: base", "catalogue: mine", 1)
	e := start(t, nil)
	e.open("mine.yaml", text)
	symbols, err := e.server.DocumentSymbol(t.Context(), &protocol.DocumentSymbolParams{TextDocument: e.doc("mine.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	list := symbols.(protocol.DocumentSymbolSlice)
	for i := 3; i < len(list); i += 19 {
		at := protocol.TextDocumentPositionParams{TextDocument: e.doc("mine.yaml"), Position: list[i].SelectionRange.Start}
		edit, err := e.server.Rename(t.Context(), &protocol.RenameParams{TextDocumentPositionParams: at, NewName: "renamed"})
		if err != nil {
			t.Errorf("%s: %v", list[i].Name, err)
			continue
		}
		n := 0
		for _, edits := range edit.Changes {
			n += len(edits)
		}
		t.Logf("%s %s: %d places", *list[i].Detail, list[i].Name, n)
	}
}

// TestCompletionEverywhere asks at many places of a long catalogue: nothing fails.
func TestCompletionEverywhere(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "threats", "catalogues", "base.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	e := start(t, nil)
	e.open("base.yaml", string(text))
	for at := 0; at <= len(text); at += 97 {
		l, c := source.New("", string(text)).UTF16(at)
		p := protocol.TextDocumentPositionParams{TextDocument: e.doc("base.yaml"), Position: protocol.Position{Line: uint32(l), Character: uint32(c)}}
		if _, err := e.server.Completion(t.Context(), &protocol.CompletionParams{TextDocumentPositionParams: p}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.server.Hover(t.Context(), &protocol.HoverParams{TextDocumentPositionParams: p}); err != nil {
			t.Fatal(err)
		}
	}
}
