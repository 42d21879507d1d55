package threats

import (
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
)

// notional has defines that use each other, a closure, synonyms and questions.
const notional = words + `relations: {feeds: {from: component, to: component, ask: "where do the data of {0} go?"}}
synonyms:
  kinds: {shop: webapp, lan: network}
  controls: {firewall: waf}
  protocols: {web: http}
  relations: {leads_to: feeds}
define:
  through_or_at: {for: {f: flow, p: party}, is: f.target = p or f through p, title: "{f} gets to {p}"}
  guarded: {for: {f: flow, k: control}, is: "exists p: party | through_or_at(f, p) and p has k"}
  reaches: {for: {a: component, b: component}, closure: feeds}
threats:
  - {id: break, for: {f: flow, c: webapp}, when: 'injects(f) and through_or_at(f, c)', unless: 'guarded(f, waf)', then: [controls(c)]}
  - {id: go-on, for: {a: component, b: component}, when: 'controls(a) and reaches(a, b)', then: [controls(b)]}
`

// TestDefines checks how defines are kept, shown and used by catalogues and designs, and that synonyms mean what they stand for.
func TestDefines(t *testing.T) {
	t.Parallel()
	const design = `design "d"
use "t.yaml"
zone Z: lan
component A: shop in Z { has firewall  leads_to B }
component B, C: webapp in Z { feeds C }
flow F: A -> B over web
require Linked: always forall a: shop, b: webapp | a leads_to b implies reaches(a, b) and not guarded(F, waf)
`
	diags := &diag.List{}
	m := Load(reader(map[string]string{"t.yaml": notional, "d.vbn": design}), []string{"d.vbn"}, diags)
	if m == nil || diags.HasErrors() {
		t.Fatal(lines(diags))
	}
	c := m.Catalogue
	if got := c.Threats[0].When.String(); got != "injects(f) and through_or_at(f, c) and not guarded(f, waf)" {
		t.Errorf("when: %s", got)
	}
	d := c.Vocabulary.Defines
	if d["guarded"].Static || !d["through_or_at"].Static || !d["reaches"].Static {
		t.Error("only what asks for controls is not fixed by the design")
	}
	if a := m.Design.Lookup("A"); a.Kinds[0].Name != "webapp" || a.Controls[0].Control.Name != "waf" || len(a.Relations[c.Vocabulary.Relations["feeds"]]) != 1 {
		t.Errorf("synonyms: %+v", a)
	}
	if p := m.Design.Lookup("F").Flow.Protocol.Name; p != "http" {
		t.Errorf("the protocol is %s", p)
	}
	if ask := c.Vocabulary.Relations["feeds"].Ask; ask != "where do the data of {0} go?" {
		t.Errorf("ask: %q", ask)
	}
	text, _ := c.ExplainDefine("through_or_at")
	for _, want := range []string{"through_or_at(f: flow, p: party): {f} gets to {p}\n", "is         f.target = p or f through p\n", "used by    break\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	if _, ok := c.ExplainDefine("break"); ok {
		t.Error("a threat is explained as a define")
	}
	var used []string
	m.Design.Requirements[0].F.Walk(func(e *models.Expr) bool {
		if e.Define != nil {
			used = append(used, e.Define.Name)
		}
		return true
	})
	if got := strings.Join(used, " "); got != "reaches guarded through_or_at" {
		t.Errorf("the requirement uses %q", got)
	}
}

// TestUnusedDefine checks that lint tells of defines without a use, and counts those that others use.
func TestUnusedDefine(t *testing.T) {
	t.Parallel()
	diags := &diag.List{}
	text := strings.Replace(notional, "define:\n", "define:\n  idle: {for: {f: flow}, is: 'guarded(f, waf)'}\n", 1)
	c := LoadCatalogue(reader(map[string]string{"t.yaml": text}), []string{"t.yaml"}, diags)
	if diags.HasErrors() {
		t.Fatal(lines(diags))
	}
	var got []string
	for _, d := range Lint(c).Sorted() {
		if d.Code == CodeDefine {
			got = append(got, d.Message)
		}
	}
	if strings.Join(got, "|") != `no threat, control or repair uses define "idle": use it, or leave it out` {
		t.Errorf("lint says %q", got)
	}
}
