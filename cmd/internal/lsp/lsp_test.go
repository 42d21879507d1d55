package lsp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/questions"
	"github.com/vauban-verifier/vauban/cmd/internal/lsp"
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/threats"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

const asOf = "2026-01-31"

// editor is a client of the protocol's library that remembers what it was told.
type editor struct {
	protocol.UnimplementedClient
	t      *testing.T
	conn   jsonrpc2.Conn
	server protocol.Server
	dir    string

	mu    sync.Mutex
	told  map[string]*protocol.PublishDiagnosticsParams // by the path from dir
	heard chan struct{}
	texts map[string]string
	vers  map[string]int32
}

func (e *editor) PublishDiagnostics(_ context.Context, p *protocol.PublishDiagnosticsParams) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	rel, err := filepath.Rel(e.dir, p.URI.FsPath())
	if err != nil {
		return err
	}
	e.told[rel] = p
	select {
	case e.heard <- struct{}{}:
	default:
	}
	return nil
}

func (e *editor) CodeLensRefresh(context.Context) error  { return nil }
func (e *editor) InlayHintRefresh(context.Context) error { return nil }

// start serves files of a directory to an editor.
func start(t *testing.T, files map[string]string) *editor {
	t.Helper()
	e := &editor{t: t, dir: t.TempDir(), told: map[string]*protocol.PublishDiagnosticsParams{}, heard: make(chan struct{}, 1), texts: map[string]string{}, vers: map[string]int32{}}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(e.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	here, there := net.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- lsp.Serve(t.Context(), there, lsp.Host{
			Version: "test", Wait: time.Millisecond, Page: func(r *checker.Result) ([]byte, error) {
				return fmt.Appendf(nil, "the page of %s %s", r.Requirements[0].Source.Name, r.Requirements[0].Verdict), nil
			}, AsOf: func() string { return asOf },
			Reader: func(context.Context, string) (source.Reader, error) { return threatstest.Disk, nil },
			Root: func(_ context.Context, path, text string) string {
				if !strings.Contains(text, "design") && strings.HasSuffix(path, ".vbn") {
					return filepath.ToSlash(filepath.Join(filepath.Dir(path), "shop.vbn"))
				}
				return path
			},
		})
	}()
	_, conn, server := protocol.NewClient(t.Context(), e, jsonrpc2.NewStream(here))
	e.server, e.conn = server, conn
	t.Cleanup(func() {
		_ = conn.Close()
		if err := <-ended; err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	r, err := server.Initialize(t.Context(), &protocol.InitializeParams{})
	if err != nil {
		t.Fatal(err)
	}
	if r.ServerInfo.Name != "vauban" {
		t.Errorf("%+v", r.ServerInfo)
	}
	return e
}

func (e *editor) uri(name string) uri.URI { return uri.File(filepath.Join(e.dir, name)) }

func (e *editor) doc(name string) protocol.TextDocumentIdentifier {
	return protocol.TextDocumentIdentifier{URI: e.uri(name)}
}

func (e *editor) open(name, text string) {
	e.t.Helper()
	e.texts[name], e.vers[name] = text, 1
	if err := e.server.DidOpen(e.t.Context(), &protocol.DidOpenTextDocumentParams{TextDocument: protocol.TextDocumentItem{URI: e.uri(name), LanguageID: "vauban", Version: 1, Text: text}}); err != nil {
		e.t.Fatal(err)
	}
}

// replace changes a part of a text.
func (e *editor) replace(name string, start, end int, with string) {
	e.t.Helper()
	f := source.New("", e.texts[name])
	at := func(offset int) protocol.Position {
		l, c := f.UTF16(offset)
		return protocol.Position{Line: uint32(l), Character: uint32(c)}
	}
	e.texts[name] = e.texts[name][:start] + with + e.texts[name][end:]
	e.vers[name]++
	p := &protocol.DidChangeTextDocumentParams{
		TextDocument:   protocol.VersionedTextDocumentIdentifier{TextDocumentIdentifier: e.doc(name), Version: e.vers[name]},
		ContentChanges: []protocol.TextDocumentContentChangeEvent{&protocol.TextDocumentContentChangePartial{Range: protocol.Range{Start: at(start), End: at(end)}, Text: with}},
	}
	if err := e.server.DidChange(e.t.Context(), p); err != nil {
		e.t.Fatal(err)
	}
}

// wait waits until what was told of a file is as wanted.
func (e *editor) wait(name, what string, is func([]protocol.Diagnostic) bool) []protocol.Diagnostic {
	e.t.Helper()
	deadline := time.After(60 * time.Second)
	for {
		e.mu.Lock()
		p := e.told[name]
		e.mu.Unlock()
		if p != nil {
			if v, ok := p.Version.Get(); (!ok || v == e.vers[name]) && is(p.Diagnostics) {
				return p.Diagnostics
			}
		}
		select {
		case <-e.heard:
		case <-deadline:
			e.t.Fatalf("%s: never told %s; last: %+v", name, what, p)
		}
	}
}

func (e *editor) position(name, mark string, n int) protocol.TextDocumentPositionParams {
	e.t.Helper()
	text := e.texts[name]
	i := strings.Index(text, mark)
	if i < 0 {
		e.t.Fatalf("%s has no %q", name, mark)
	}
	l, c := source.New("", text).UTF16(i + n)
	return protocol.TextDocumentPositionParams{TextDocument: e.doc(name), Position: protocol.Position{Line: uint32(l), Character: uint32(c)}}
}

const shop = `design "Shop"
use "retail"
include "data.vbn"

zone Internet: public
zone Core: private
actor Shopper: customer in Internet
component Shop: storefront in Core { has input_validation? }
flow Buy: Shopper -> Shop over https { carries Card }
attacker Outsider { in Internet }
require Secret: confidential Card against Outsider
`

var two = map[string]string{"shop.vbn": shop, "data.vbn": "data Card: payment_data\n"}

func message(d protocol.Diagnostic) string {
	s, _ := d.Message.(protocol.String)
	return string(s)
}

func has(text string) func([]protocol.Diagnostic) bool {
	return func(list []protocol.Diagnostic) bool {
		return slices.ContainsFunc(list, func(d protocol.Diagnostic) bool { return strings.Contains(message(d), text) })
	}
}

func TestVerdictsWhileTyping(t *testing.T) {
	t.Parallel()
	e := start(t, two)
	e.open("shop.vbn", two["shop.vbn"])
	list := e.wait("shop.vbn", "the verdict", has("Secret violated"))
	i := slices.IndexFunc(list, func(d protocol.Diagnostic) bool { return strings.Contains(message(d), "Secret violated") })
	if len(list[i].RelatedInformation) < 2 {
		t.Errorf("the attack has no steps: %+v", list[i])
	}
	lenses, err := e.server.CodeLens(t.Context(), &protocol.CodeLensParams{TextDocument: e.doc("shop.vbn")})
	if err != nil || len(lenses) != 1 || !strings.HasPrefix(lenses[0].Command.Title, "violated · Outsider") {
		t.Errorf("%+v, %v", lenses, err)
	}
	// A mistake takes the verdict away, and says what is wrong; the last verdict is said to be of an earlier text.
	at := strings.Index(e.texts["shop.vbn"], "storefront")
	e.replace("shop.vbn", at, at+len("storefront"), "storfront")
	list = e.wait("shop.vbn", "the mistake", has(`unknown kind of component "storfront"`))
	if has("violated")(list) {
		t.Errorf("a verdict of an earlier text: %+v", list)
	}
	lenses, err = e.server.CodeLens(t.Context(), &protocol.CodeLensParams{TextDocument: e.doc("shop.vbn")})
	if err != nil || len(lenses) != 1 || !strings.HasPrefix(lenses[0].Command.Title, "of an earlier text: violated") {
		t.Errorf("%+v, %v", lenses, err)
	}
	e.replace("shop.vbn", at, at+len("storfront"), "storefront")
	e.wait("shop.vbn", "the verdict again", has("Secret violated"))
	// What is not saved counts: the data of another file is gone from the editor, though it is on the disk.
	e.open("data.vbn", "data Other: payment_data\n")
	e.wait("shop.vbn", "that the card is gone", has("Card"))
}

func TestNamesInEditor(t *testing.T) {
	t.Parallel()
	e := start(t, two)
	e.open("shop.vbn", two["shop.vbn"])
	e.open("data.vbn", two["data.vbn"])
	at := e.position("shop.vbn", "carries Card", len("carries Ca"))
	d, err := e.server.Definition(t.Context(), &protocol.DefinitionParams{TextDocumentPositionParams: at})
	if loc, ok := d.(*protocol.Location); err != nil || !ok || loc.URI != e.uri("data.vbn") {
		t.Errorf("%+v, %v", d, err)
	}
	refs, err := e.server.References(t.Context(), &protocol.ReferenceParams{TextDocumentPositionParams: at, Context: protocol.ReferenceContext{IncludeDeclaration: true}})
	if err != nil || len(refs) != 3 {
		t.Errorf("%+v, %v", refs, err)
	}
	edit, err := e.server.Rename(t.Context(), &protocol.RenameParams{TextDocumentPositionParams: at, NewName: "Pan"})
	if err != nil || len(edit.Changes[e.uri("shop.vbn")]) != 2 || len(edit.Changes[e.uri("data.vbn")]) != 1 {
		t.Errorf("%+v, %v", edit, err)
	}
	for _, name := range []string{"Shop", "two words", "never", "", "x\ny"} {
		if edit, err := e.server.Rename(t.Context(), &protocol.RenameParams{TextDocumentPositionParams: at, NewName: name}); err == nil {
			t.Errorf("%q: %+v", name, edit)
		}
	}
	symbols, err := e.server.DocumentSymbol(t.Context(), &protocol.DocumentSymbolParams{TextDocument: e.doc("shop.vbn")})
	if list, ok := symbols.(protocol.DocumentSymbolSlice); err != nil || !ok || len(list) != 7 {
		t.Errorf("%+v, %v", symbols, err)
	}
	found, err := e.server.Symbols(t.Context(), &protocol.WorkspaceSymbolParams{Query: "car"})
	if list, ok := found.(protocol.SymbolInformationSlice); err != nil || !ok || len(list) != 1 || list[0].Name != "Card" {
		t.Errorf("%+v, %v", found, err)
	}
	tokens, err := e.server.SemanticTokensFull(t.Context(), &protocol.SemanticTokensParams{TextDocument: e.doc("shop.vbn")})
	if err != nil || len(tokens.Data) < 5*12 || len(tokens.Data)%5 != 0 {
		t.Errorf("%+v, %v", tokens, err)
	}
}

func TestHoverAndHints(t *testing.T) {
	t.Parallel()
	e := start(t, two)
	e.open("shop.vbn", two["shop.vbn"])
	e.wait("shop.vbn", "the verdict", has("Secret violated"))
	for mark, want := range map[string]string{
		"Shop: storefront": "reached by Buy from Shopper in Internet", "Secret": "violated · Outsider", "over https": "gives `", "input_validation": "stops `", "storefront": "kind of component",
	} {
		at := e.position("shop.vbn", mark, 0)
		if mark == "over https" {
			at = e.position("shop.vbn", mark, len("over h"))
		}
		h, err := e.server.Hover(t.Context(), &protocol.HoverParams{TextDocumentPositionParams: at})
		if err != nil || h == nil {
			t.Errorf("%s: %+v, %v", mark, h, err)
			continue
		}
		if text := h.Contents.(*protocol.MarkupContent).Value; !strings.Contains(text, want) {
			t.Errorf("%s: %q, expected %q", mark, text, want)
		}
	}
	hints, err := e.server.InlayHint(t.Context(), &protocol.InlayHintParams{TextDocument: e.doc("shop.vbn"), Range: protocol.Range{End: protocol.Position{Line: 100}}})
	var said []string
	for _, h := range hints {
		label, _ := h.Label.(protocol.String)
		said = append(said, string(label))
	}
	if err != nil || !slices.Equal(said, []string{"has encryption, server_authentication, channel_freshness", "violated"}) {
		t.Errorf("%q, %v", said, err)
	}
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	e := start(t, two)
	e.open("shop.vbn", two["shop.vbn"])
	whole := two["shop.vbn"]
	for _, c := range []struct{ text, want, not string }{
		{"component Api: ", "storefront", "payment_data"},
		{"component Api: service in ", "Core", "Shop"},
		{"data Order: ", "payment_data", "storefront"},
		{"flow X: Shopper -> ", "Shop", "Internet"},
		{"flow X: Shopper -> Shop over ", "https", "Shop"},
		{"flow X: Shopper -> Shop over https { carries ", "Card", "Shop"},
		{"component Api: service in Core { has ", "input_validation", "Card"},
		{"component Api: service in Core { has mtls, ", "input_validation", "Card"},
		{"component Api: service in Core { ", "stores", "require"},
		{"require R: ", "confidential", "https"},
		{"require R: confidential ", "Card", "Outsider"},
		{"require R: confidential Card against ", "Outsider", "Card"},
		{"require R: never ", "controls", "Outsider"},
		{"require R: never knows(", "Card", "Shop"},
		{"require R: never knows(Card) and ", "controls", "Outsider"},
		{"require R: never observes(", "Buy", "Shop"},
		{"require R: available ", "Shop", "Card"},
		{"require R: integrity ", "Card", "Shop"},
		{"component Api: service in Core { runs on ", "Shop", "Shopper"},
		{"flow X: Shopper -> Shop over https { authenticated by ", "Card", "Shop"},
		{"attacker A { ", "controls", "stores"},
		{"", "require", "storefront"},
		{"zone ", "", "Core"},
		{"// zone Z: ", "", "public"},
	} {
		text := whole + c.text
		e.replace("shop.vbn", 0, len(e.texts["shop.vbn"]), text)
		l, col := source.New("", text).UTF16(len(text))
		r, err := e.server.Completion(t.Context(), &protocol.CompletionParams{TextDocumentPositionParams: protocol.TextDocumentPositionParams{
			TextDocument: e.doc("shop.vbn"), Position: protocol.Position{Line: uint32(l), Character: uint32(col)},
		}})
		if err != nil {
			t.Fatal(err)
		}
		var labels []string
		if list, ok := r.(*protocol.CompletionList); ok {
			for _, i := range list.Items {
				labels = append(labels, i.Label)
			}
		}
		if c.want != "" && !slices.Contains(labels, c.want) || slices.Contains(labels, c.not) {
			t.Errorf("%q: %d words, expected %q and not %q: %.200s", c.text, len(labels), c.want, c.not, strings.Join(labels, " "))
		}
	}
}

// apply applies an edit to the texts of the editor.
func (e *editor) apply(edit *protocol.WorkspaceEdit) map[string]string {
	e.t.Helper()
	out := map[string]string{}
	for u, list := range edit.Changes {
		name := filepath.Base(u.FsPath())
		text := e.texts[name]
		f := source.New("", text)
		var edits []dsl.Edit
		for _, x := range list {
			edits = append(edits, dsl.Edit{Span: source.Span{File: f, Start: f.Offset(int(x.Range.Start.Line), int(x.Range.Start.Character)), End: f.Offset(int(x.Range.End.Line), int(x.Range.End.Character))}, Text: x.NewText})
		}
		slices.SortStableFunc(edits, func(a, b dsl.Edit) int { return a.Span.Start - b.Span.Start })
		out[name] = dsl.Apply(f, edits)
	}
	return out
}

// actions are what is offered at a place. The library's client returns them in memory that it uses again, so they are read here.
func (e *editor) actions(at protocol.TextDocumentPositionParams) []*protocol.CodeAction {
	e.t.Helper()
	var raw json.RawMessage
	params := &protocol.CodeActionParams{TextDocument: at.TextDocument, Range: protocol.Range{Start: at.Position, End: at.Position}}
	if err := protocol.Call(e.t.Context(), e.conn, protocol.MethodTextDocumentCodeAction, params, &raw); err != nil {
		e.t.Fatal(err)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		e.t.Fatal(err)
	}
	var out []*protocol.CodeAction
	for _, one := range list {
		a := &protocol.CodeAction{}
		if err := protocol.Unmarshal(one, a); err != nil {
			e.t.Fatal(err)
		}
		out = append(out, a)
	}
	return out
}

// TestActions: what is offered does what it says, by checking again.
func TestActions(t *testing.T) {
	t.Parallel()
	e := start(t, two)
	e.open("shop.vbn", two["shop.vbn"])
	e.wait("shop.vbn", "the verdict", has("Secret violated"))
	check := func(a *protocol.CodeAction) (*checker.Result, map[string]string) {
		t.Helper()
		texts := e.apply(a.Edit)
		m := threatstest.Load(t, func(name string) (string, error) {
			if text, ok := texts[filepath.Base(name)]; ok {
				return text, nil
			}
			return two[filepath.Base(name)], nil
		}, "shop.vbn")
		r, err := checker.Check(t.Context(), m, checker.Options{AsOf: asOf})
		if err != nil {
			t.Fatal(err)
		}
		return r, texts
	}
	list := e.actions(e.position("shop.vbn", "require Secret", 2))
	if len(list) < 2 {
		t.Fatalf("%+v", list)
	}
	for _, a := range list {
		want := checker.Holds
		if strings.HasPrefix(a.Title, "accept") {
			want = checker.Waived
		}
		if r, texts := check(a); r.Requirements[0].Verdict != want {
			t.Errorf("%s: %s\n%v", a.Title, r.Requirements[0].Verdict, texts)
		}
	}

	// An answer is a fact of the design, and the question is gone; what an element says moves into an extend, and means the same.
	e.open("data.vbn", two["data.vbn"])
	e.wait("shop.vbn", "the verdict", has("Secret violated"))
	list = append(e.actions(e.position("shop.vbn", "component Shop", 2)), e.actions(e.position("data.vbn", "data Card", 2))...)
	answered, extracted := false, false
	for _, a := range list {
		r, texts := check(a)
		switch {
		case strings.HasPrefix(a.Title, "say that Card "):
			answered = true
			if open := questions.Silences(r.Model.Design); slices.ContainsFunc(open, func(s questions.Silence) bool { return s.On.Name == "Card" && strings.Contains(a.Title, s.Text) }) {
				t.Errorf("%s: the question is still open", a.Title)
			}
		case strings.HasPrefix(a.Title, "say what Shop is"):
			extracted = true
			if *a.Kind != protocol.CodeActionKindRefactorExtract || !strings.HasSuffix(texts["shop.vbn"], "extend Shop { has input_validation? }\n") || r.Requirements[0].Verdict != checker.Violated {
				t.Errorf("%s\n%s", *a.Kind, texts["shop.vbn"])
			}
		}
	}
	if !answered || !extracted {
		t.Errorf("%+v", list)
	}
}

// TestSignatures: the arguments of predicates, notions, facts and messages.
func TestSignatures(t *testing.T) {
	t.Parallel()
	e := start(t, nil)
	text := `design "Shop" use "retail" zone Core: private
actor Shopper: customer in Core
component Shop: storefront in Core
flow Buy: Shopper -> Shop over https
process P {
  domain Order = 1..2
  fact paid(Order)
  message Pay(o: Order, full: Order) over Buy
  step Go(o: Order) by Shopper when paid(o) do not paid(o) sends Pay(o, 1)
}
attacker Outsider { in Core }
require A: never controls(Shop) and reaches(Buy) against Outsider
require B: always forall f: flow, c: component | guarded(f, waf) implies true
`
	e.open("x.vbn", text)
	e.wait("x.vbn", "verdicts", has("violated"))
	for _, c := range []struct {
		mark, label string
		argument    uint32
	}{
		{"sends Pay(o, 1", "Pay(o: Order, full: Order)", 1},
		{"sends Pay(", "Pay(o: Order, full: Order)", 0},
		{"when paid(", "paid(Order)", 0},
		{"never controls(", "controls(party)", 0},
		{"guarded(f, ", "guarded(f: flow, k: control)", 1},
	} {
		help, err := e.server.SignatureHelp(t.Context(), &protocol.SignatureHelpParams{TextDocumentPositionParams: e.position("x.vbn", c.mark, len(c.mark))})
		if err != nil || help == nil || len(help.Signatures) != 1 {
			t.Errorf("%s: %+v, %v", c.mark, help, err)
			continue
		}
		if n, _ := help.ActiveParameter.Get(); help.Signatures[0].Label != c.label || n != c.argument || len(help.Signatures[0].Parameters) <= int(n) {
			t.Errorf("%s: %+v", c.mark, help)
		}
	}
	for _, mark := range []string{"zone Core", "Go(o: Order) by", "against Outsider"} {
		if help, err := e.server.SignatureHelp(t.Context(), &protocol.SignatureHelpParams{TextDocumentPositionParams: e.position("x.vbn", mark, len(mark))}); err != nil || help != nil {
			t.Errorf("%s: %+v, %v", mark, help, err)
		}
	}
}

// TestReportInEditor: the page of the last verdicts, and where in it an element is.
func TestReportInEditor(t *testing.T) {
	t.Parallel()
	e := start(t, two)
	e.open("shop.vbn", two["shop.vbn"])
	e.wait("shop.vbn", "the verdict", has("Secret violated"))
	ask := func(command string, args ...any) string {
		t.Helper()
		p := &protocol.ExecuteCommandParams{Command: command}
		for _, a := range args {
			data, err := json.Marshal(a)
			if err != nil {
				t.Fatal(err)
			}
			p.Arguments = append(p.Arguments, data)
		}
		answer, err := e.server.ExecuteCommand(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		return string(answer)
	}
	uri := string(e.uri("shop.vbn"))
	if got := ask("vauban.server.report", uri); got != `{"page":"the page of Secret violated","stale":false}` {
		t.Error(got)
	}
	for mark, want := range map[string]string{"component Shop": "e3", "has input": "e3", "-> Shop": "e3", "flow Bu": "e4", "carries Ca": "e5", "attacker Out": ""} {
		if got := strings.Trim(ask("vauban.server.element", uri, e.position("shop.vbn", mark, len(mark)).Position), `"`); got != want {
			t.Errorf("%s: %s, want %s", mark, got, want)
		}
	}
	e.replace("shop.vbn", 0, 0, "x")
	e.wait("shop.vbn", "a mistake", func(list []protocol.Diagnostic) bool { return len(list) > 0 && !has("violated")(list) })
	if got := ask("vauban.server.report", uri); !strings.HasSuffix(got, `"stale":true}`) {
		t.Error(got)
	}
	if _, err := e.server.ExecuteCommand(t.Context(), &protocol.ExecuteCommandParams{Command: "rm"}); err == nil {
		t.Error("a command that is none was executed")
	}
}

// editsOf is how many edits a test makes: so many, or as VAUBAN_EDITS says.
func editsOf(t *testing.T, edits int) int {
	t.Helper()
	if os.Getenv("VAUBAN_EDITS") != "" {
		if _, err := fmt.Sscan(os.Getenv("VAUBAN_EDITS"), &edits); err != nil {
			t.Fatal(err)
		}
	}
	return edits
}

// TestRandomEdits changes a design at random and compares what is told after each change with a reading from the beginning.
func TestRandomEdits(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../examples/first/first.vbn")
	if err != nil {
		t.Fatal(err)
	}
	edits := editsOf(t, 120)
	e := start(t, nil)
	e.open("first.vbn", string(text))
	rng := rand.New(rand.NewSource(1))
	pieces := []string{" ", "\n", "}", "{", "has waf", "ü", "𝄞", "Shop", "zone Z: private\n", "?", "\"", "// x\n", "require R: never controls(Shop) against Outsider\n"}
	same := 0
	for n := range edits {
		now := e.texts["first.vbn"]
		i := rng.Intn(len(now) + 1)
		for i < len(now) && i > 0 && now[i]&0xC0 == 0x80 {
			i--
		}
		j := min(len(now), i+rng.Intn(6))
		for j < len(now) && now[j]&0xC0 == 0x80 {
			j++
		}
		with := pieces[rng.Intn(len(pieces))]
		if rng.Intn(3) == 0 {
			i, j, with = 0, len(now), string(text)
		}
		e.replace("first.vbn", i, j, with)
		name := filepath.ToSlash(filepath.Join(e.dir, "first.vbn"))
		diags := &diag.List{}
		load := func(diags *diag.List, more string) *threats.Model {
			return threats.Load(func(file string) (string, error) {
				switch file {
				case name:
					return e.texts["first.vbn"], nil
				case "more":
					return more, nil
				}
				return threatstest.Disk(file)
			}, append([]string{name}, strings.Fields(strings.Repeat("more", min(1, len(more))))...), diags)
		}
		m := load(diags, "")
		var want []string
		for _, d := range diags.Sorted() {
			want = append(want, d.Message)
		}
		if m != nil {
			r, err := checker.Check(t.Context(), m, checker.Options{AsOf: asOf})
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range r.Requirements {
				if q.Verdict != checker.Holds && q.Verdict != checker.Waived {
					want = append(want, fmt.Sprintf("%s %s", q.Source.Name, q.Verdict))
				}
			}
			for _, d := range r.Warnings.Sorted() {
				want = append(want, d.Message)
			}
			open, err := questions.Find(t.Context(), r, func(more string) (*threats.Model, error) { return load(&diag.List{}, more), nil }, questions.Options{Check: checker.Options{AsOf: asOf}})
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range open.Questions {
				want = append(want, q.Text)
			}
		}
		e.wait("first.vbn", fmt.Sprintf("edit %d: %q", n, want), func(list []protocol.Diagnostic) bool {
			if len(list) != len(want) {
				return false
			}
			for _, w := range want {
				if !has(strings.Split(diag.Escape(w), "\n")[0])(list) {
					return false
				}
			}
			return true
		})
		same++
	}
	t.Logf("%d edits without a difference", same)
}

// TestHostileClient sends places that are nowhere and texts that are none.
func TestHostileClient(t *testing.T) {
	t.Parallel()
	e := start(t, nil)
	e.open("x.vbn", "\x00\xff design \"")
	far := protocol.TextDocumentPositionParams{TextDocument: e.doc("x.vbn"), Position: protocol.Position{Line: 1 << 30, Character: 1 << 30}}
	if _, err := e.server.Hover(t.Context(), &protocol.HoverParams{TextDocumentPositionParams: far}); err != nil {
		t.Error(err)
	}
	if _, err := e.server.Completion(t.Context(), &protocol.CompletionParams{TextDocumentPositionParams: far}); err != nil {
		t.Error(err)
	}
	for _, u := range []string{"untitled:x", "file:///nowhere/at/all.vbn", "http://example.org/x.vbn"} {
		parsed, err := uri.Parse(u)
		if err != nil {
			t.Fatal(err)
		}
		at := far
		at.TextDocument.URI = parsed
		if h, err := e.server.Hover(t.Context(), &protocol.HoverParams{TextDocumentPositionParams: at}); err != nil || h != nil {
			t.Errorf("%s: %+v, %v", u, h, err)
		}
	}
	if err := e.server.DidChange(t.Context(), &protocol.DidChangeTextDocumentParams{
		TextDocument: protocol.VersionedTextDocumentIdentifier{TextDocumentIdentifier: e.doc("x.vbn"), Version: 9},
		ContentChanges: []protocol.TextDocumentContentChangeEvent{&protocol.TextDocumentContentChangePartial{
			Range: protocol.Range{Start: protocol.Position{Line: 9}, End: protocol.Position{}}, Text: "x",
		}},
	}); err != nil {
		t.Error(err)
	}
	if _, err := e.server.Hover(t.Context(), &protocol.HoverParams{TextDocumentPositionParams: far}); err != nil {
		t.Error(err)
	}
}

// TestFaults: what is wrong with a design only where its rules are made is told as by check, and gone when it is mended.
func TestFaults(t *testing.T) {
	t.Parallel()
	e := start(t, nil)
	text := `design "Shop" use "retail" zone Core: private
actor Shopper: customer in Core
component Shop: storefront in Core
attacker Cheat { in Core }
process P {
  domain Order = 1..2
  domain Small = 0..3
  var n(Order): Small = 0
  step Up(a: Order, b: Order) by Shopper do n(a) := 1, n(b) := 2
}
require A: never n(1) = 2
`
	e.open("x.vbn", text)
	e.wait("x.vbn", "what is wrong", has(`step "Up" gives n(1) two values at once`))
	const pair = ", n(b) := 2"
	at := strings.Index(text, pair)
	e.replace("x.vbn", at, at+len(pair), "")
	e.wait("x.vbn", "that it is mended", func(list []protocol.Diagnostic) bool { return !has("at once")(list) && has("is not used")(list) })
}
