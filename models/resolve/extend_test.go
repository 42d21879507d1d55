package resolve

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

// profile writes all that a design says of an element.
func profile(v *models.Vocabulary, e *models.Element) string {
	var b strings.Builder
	list := func(what string, elements []*models.Element) {
		for _, x := range elements {
			b.WriteString(" " + what + " " + x.Name)
		}
	}
	for _, k := range e.Kinds {
		b.WriteString(" " + k.Name)
	}
	list("in", e.Zones)
	fmt.Fprintf(&b, " %q %q has %s", e.Title, e.Owner, controls(e))
	for _, s := range e.Stores {
		list("stores", []*models.Element{s.Data})
		b.WriteString(" with " + controls(&models.Element{Controls: s.Controls}))
	}
	list("handles", e.Handles)
	for _, rel := range words(v.Relations) {
		list(rel, e.Relations[v.Relations[rel]])
	}
	for _, a := range words(v.Attributes) {
		fmt.Fprint(&b, " ", e.Attributes[v.Attributes[a]])
	}
	if f := e.Flow; f != nil {
		fmt.Fprintf(&b, " over %s blocked %t idle %t", f.Protocol.Name, f.Blocked, f.Idle)
		list("carries", f.Carries)
		list("through", f.Through)
	}
	fmt.Fprintf(&b, " from %v guessed %v none", e.Origin, e.Guessed)
	for _, c := range e.None {
		b.WriteString(" " + c.Relation)
	}
	return b.String()
}

// TestExtend compares what is said in several places with the same in one, whatever the order and the file.
func TestExtend(t *testing.T) {
	t.Parallel()
	const base = `
component A, B: webapp in Core { selects Shop }
flow A -> B, Db over http
data More: cardholder_data
`
	extends := []string{
		`extend A, B { has input_validation title "T" }`,
		`extend A { has not input_validation }`,
		`extend B { stores Card with encryption? owner "x" selects Db }`,
		`extend B { stores More stores Card with encryption }`,
		`extend flow A -> B blocked { carries More }`,
		`extend A->B { is webhook through Shop has encryption, pinning guessed zone from "compose.yml:31" }`,
		`extend A->B { carries Card through Psp has not pinning sure }`,
		`extend data More { title "M" }`,
		`extend Shop { is entrypoint }`,
		`extend Shop, A: database { runs on none guessed kind, zone }`,
	}
	parse := func(name, text string) *dsl.File {
		diags := &diag.List{}
		f := dsl.Parse(source.New(name, text), diags)
		if diags.HasErrors() {
			t.Fatal(render(diags))
		}
		return f
	}
	describe := func(files ...*dsl.File) string {
		diags, v := &diag.List{}, miniature()
		d := Design(files, v, diags)
		if diags.HasErrors() {
			t.Fatal(render(diags))
		}
		var b strings.Builder
		for _, e := range d.Elements {
			b.WriteString(e.Name + ":" + profile(v, e) + "\n")
		}
		return b.String()
	}
	want := describe(parse("a.vbn", shop+base+strings.Join(extends, "\n")))
	for _, line := range []string{
		`Shop: webapp database entrypoint in Core "" "" has input_validation? {8443 } {0 } from  guessed [kind zone] none runs on`,
		`A: webapp database in Core "T" "" has  selects Shop {0 } {0 } from  guessed [kind zone] none runs on`,
		`B: webapp in Core "T" "x" has input_validation stores Card with encryption stores More with  selects Shop selects Db {0 } {0 } from  guessed [] none`,
		`A->B: webhook "" "" has encryption {0 } {0 } over http blocked true idle false carries Card carries More through Psp through Shop from compose.yml:31 guessed [] none`,
	} {
		if !strings.Contains(want, line+"\n") {
			t.Errorf("want a line\n%s\nin\n%s", line, want)
		}
	}
	for i := range extends {
		turned := append(slices.Clone(extends[i:]), extends[:i]...)
		slices.Reverse(turned)
		first, rest := strings.Join(turned[:i], "\n"), strings.Join(turned[i:], "\n")
		if got := describe(parse("a.vbn", shop+first+base), parse("b.vbn", rest)); got != want {
			t.Fatalf("split at %d\n got %s\nwant %s", i, got, want)
		}
	}
}

// TestUnspecified checks what a flow without a protocol runs over, and fans of both ends.
func TestUnspecified(t *testing.T) {
	t.Parallel()
	d := good(t, shop+"flow Shop, Psp -> Db, Shopper flow Open: Shopper -> Db { is idle }\nrequire R: never observes(Open)")
	var names []string
	for _, e := range d.Elements[len(d.Elements)-5:] {
		names = append(names, e.Name+" over "+e.Flow.Protocol.Name)
	}
	if got := strings.Join(names, ", "); got != "Shop->Db over unspecified, Shop->Shopper over unspecified, Psp->Db over unspecified, Psp->Shopper over unspecified, Open over unspecified" {
		t.Error(got)
	}
	observes := d.Vocabulary.Predicates["observes"]
	if observes.Accepts(0, d.Lookup("Open")) || !observes.Accepts(0, d.Lookup("Shop->Db")) {
		t.Error("nobody observes an idle flow, and anybody may observe another")
	}
}
