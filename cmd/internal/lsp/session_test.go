package lsp_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"go.lsp.dev/protocol"
)

var update = flag.Bool("update", false, "rewrite the transcript")

// transcript is what a page of the documentation shows: each of its lines about the editor is what the server answered in [TestSession].
const transcript = "../../../editors/SESSION.md"

// session is somebody at work, and what is written down of it.
type session struct {
	*editor
	out bytes.Buffer
}

const sessionFile = "shop.vbn"

func (s *session) say(format string, args ...any) { fmt.Fprintf(&s.out, format+"\n\n", args...) }

// typed puts a text in the place of another one, or at the end, and shows it.
func (s *session) typed(old, text string) {
	s.t.Helper()
	at := len(s.texts[sessionFile])
	if old != "" {
		if at = strings.Index(s.texts[sessionFile], old); at < 0 {
			s.t.Fatalf("%q is not there", old)
		}
	}
	s.replace(sessionFile, at, at+len(old), text)
	fmt.Fprintf(&s.out, "```vbn\n%s\n```\n\n", strings.TrimRight(text, "\n"))
}

// told waits for a diagnostic and shows it as an editor does, below the place.
func (s *session) told(text string) {
	s.t.Helper()
	list := s.wait(sessionFile, text, has(text))
	i := slices.IndexFunc(list, func(d protocol.Diagnostic) bool { return strings.Contains(message(d), text) })
	d := list[i]
	fmt.Fprintf(&s.out, "> line %d: %s\n", d.Range.Start.Line+1, strings.ReplaceAll(message(d), "\n", "\n> "))
	for _, r := range d.RelatedInformation {
		fmt.Fprintf(&s.out, "> · line %d: %s\n", r.Location.Range.Start.Line+1, r.Message)
	}
	s.out.WriteByte('\n')
}

// lens shows what stands above a requirement.
func (s *session) lens(begins string) {
	s.t.Helper()
	title := ""
	s.wait(sessionFile, begins, func([]protocol.Diagnostic) bool {
		lenses, err := s.server.CodeLens(s.t.Context(), &protocol.CodeLensParams{TextDocument: s.doc(sessionFile)})
		if err != nil {
			s.t.Fatal(err)
		}
		for _, l := range lenses {
			if title = strings.Clone(l.Command.Title); strings.HasPrefix(title, begins) && !strings.Contains(title, " between ") {
				return true
			}
		}
		return false
	})
	fmt.Fprintf(&s.out, "> %s\n\n", title)
}

// completes shows what is offered where a text ends, up to the first few.
func (s *session) completes(mark string, want ...string) {
	s.t.Helper()
	r, err := s.server.Completion(s.t.Context(), &protocol.CompletionParams{TextDocumentPositionParams: s.position(sessionFile, mark, len(mark))})
	list, ok := r.(*protocol.CompletionList)
	if err != nil || !ok {
		s.t.Fatalf("%+v, %v", r, err)
	}
	fmt.Fprintf(&s.out, "Behind `%s` the editor offers %d words, among them", mark, len(list.Items))
	for i, w := range want {
		k := slices.IndexFunc(list.Items, func(x protocol.CompletionItem) bool { return x.Label == w })
		if k < 0 {
			s.t.Fatalf("%s is not offered behind %s", w, mark)
		}
		detail, _ := list.Items[k].Detail.Get()
		fmt.Fprintf(&s.out, "%s `%s` (%s)", []string{"", ","}[min(i, 1)], w, detail)
	}
	s.out.WriteString(".\n\n")
}

// hovers shows what is said of the name that a text ends in.
func (s *session) hovers(mark string) {
	s.t.Helper()
	h, err := s.server.Hover(s.t.Context(), &protocol.HoverParams{TextDocumentPositionParams: s.position(sessionFile, mark, len(mark)-1)})
	if err != nil || h == nil {
		s.t.Fatalf("%s: %+v, %v", mark, h, err)
	}
	text := h.Contents.(*protocol.MarkupContent).Value
	fmt.Fprintf(&s.out, "> %s\n\n", strings.ReplaceAll(text, "\n", "\n> "))
}

// does takes the action whose title contains a text.
func (s *session) does(mark, title string) {
	s.t.Helper()
	list := s.actions(s.position(sessionFile, mark, 1))
	i := slices.IndexFunc(list, func(a *protocol.CodeAction) bool { return strings.Contains(a.Title, title) })
	if i < 0 {
		for _, a := range list {
			s.t.Log(a.Title)
		}
		s.t.Fatalf("nothing offers %q", title)
	}
	fmt.Fprintf(&s.out, "> ▸ %s\n\n", list[i].Title)
	text := s.apply(list[i].Edit)[sessionFile]
	before := s.texts[sessionFile]
	s.replace(sessionFile, 0, len(before), text)
	was := strings.Split(before, "\n")
	var changed []string
	for _, line := range strings.Split(text, "\n") {
		if !slices.Contains(was, line) {
			changed = append(changed, line)
		}
	}
	fmt.Fprintf(&s.out, "```vbn\n%s\n```\n\n", strings.Join(changed, "\n"))
}

// TestSession goes through half an hour of somebody's work, and holds the page about it to what the server answered.
func TestSession(t *testing.T) {
	t.Parallel()
	s := &session{editor: start(t, nil)}
	s.say("# Half an hour in the editor")
	s.say("An architect draws a small bookshop with `vauban lsp` running. What stands behind `>` is what the editor showed; a test goes through all of it and compares.")
	s.say("## Drawing")
	s.open(sessionFile, "")
	s.typed("", `design "Bookshop"
use "retail"

zone Internet: public
zone Core: private

data Card: payment_data
data Addresses: personal_data

actor Reader: customer in Internet
component Shop: storefont in Core { stores Addresses }
`)
	s.say("An unknown word is said while it is written, with the one that was meant:")
	s.told("did you mean")
	s.typed("storefont", "storefront")
	s.typed("", "flow Order: Reader -> Shop over http { carries Card, Addresses }\n")
	s.completes("over ", "https", "http")
	s.completes("Card: ", "payment_data", "password")
	s.say("A cursor on `Shop` says what is known of it:")
	s.hovers("component Shop")

	s.say("## Who attacks, and what must hold")
	s.typed("", "attacker Outsider { in Internet }\nrequire CardSecrecy: confidential Card against Outsider\nrequire AddressSecrecy: confidential Addresses against Outsider\n")
	s.say("A moment after the last key, the verdict stands above the requirement, and the attack, step by step, below it:")
	s.lens("violated")
	s.told("CardSecrecy violated: Outsider, cost 1")

	s.say("## What to do about it")
	s.say("On the requirement, the editor offers the cheapest repair, found by checking again:")
	s.does("require CardSecrecy", "so that CardSecrecy holds")
	s.gone(has("violated"))
	s.say("Both requirements hold now:")
	s.lens("holds")

	s.say("## A decision that is still open")
	s.say("Nobody has decided yet whether the data is encrypted where it lies; a question mark says so, and an insider is a further attacker:")
	s.typed("{ stores Addresses", "{ stores Addresses with encryption_at_rest?")
	s.typed("", "attacker Thief { budget 4 in Core }\nrequire Kept: confidential Addresses against Thief\n")
	s.lens("violated")
	s.told("Kept violated")

	s.say("## Business logic")
	s.typed("", "process Selling {\n  domain Order = 1..2\n  fact paid(Order)\n  message Pay(o: Order) over Order1\n}\n")
	s.told("unknown")
	s.typed("over Order1", "over Order")
	s.say("Behind an open parenthesis stands what it takes:")
	help, err := s.server.SignatureHelp(t.Context(), &protocol.SignatureHelpParams{TextDocumentPositionParams: s.position(sessionFile, "fact paid(", len("fact paid("))})
	if err != nil || help == nil {
		t.Fatalf("%+v, %v", help, err)
	}
	fmt.Fprintf(&s.out, "> %s\n\n", help.Signatures[0].Label)

	s.say("## What is accepted, and until when")
	s.wait(sessionFile, "the verdict again", has("Kept violated"))
	s.does("require Kept", "accept Kept")
	s.lens("waived")
	s.say("What an element says can move into an `extend`, which may stand in another file:")
	s.does("component Shop", "`extend` of its own")
	s.say("A name is changed where it is defined and wherever it is used; `vauban.server.report` shows the page of all verdicts beside the text.")
	s.finish()
}

// gone waits until something is not told any more.
func (s *session) gone(is func([]protocol.Diagnostic) bool) {
	s.t.Helper()
	s.wait(sessionFile, "that it holds", func(list []protocol.Diagnostic) bool { return !is(list) })
}

// finish compares the page.
func (s *session) finish() {
	s.t.Helper()
	got := bytes.TrimRight(s.out.Bytes(), "\n")
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(transcript, got, 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(transcript)
	if err != nil || !bytes.Equal(got, want) {
		s.t.Errorf("%s is not what the server says (%v): run go test ./cmd/internal/lsp -run Session -update\n%s", transcript, err, got)
	}
}
