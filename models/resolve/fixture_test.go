package resolve

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

// miniature returns a vocabulary with something of each sort, the words of testdata/mini.yaml among them.
func miniature() *models.Vocabulary {
	v := models.NewVocabulary()
	kind := func(name, parent string) { v.Kinds[name] = &models.Kind{Name: name, Parent: v.Kinds[parent]} }
	for name, parent := range map[string]string{
		"public": "zone", "private": "zone", "customer": "actor", "business": "actor", "webapp": "component",
		"database": "component", "entrypoint": "component", "cardholder_data": "data", "webhook": "flow",
	} {
		kind(name, parent)
	}
	control := func(name string, of ...string) {
		c := &models.Control{Name: name, Cost: 1}
		for _, k := range of {
			c.Of = append(c.Of, v.Kinds[k])
		}
		v.Controls[name] = c
	}
	control("input_validation", "component")
	control("encryption", "flow", "data")
	control("pinning", "flow")
	control("segmentation", "zone")
	v.Protocols["http"] = &models.Protocol{Name: "http"}
	v.Protocols["sql"] = &models.Protocol{Name: "sql"}
	v.Protocols["https"] = &models.Protocol{Name: "https", Parent: v.Protocols["http"], Gives: []*models.Control{v.Controls["encryption"]}}
	component := v.Kinds["component"]
	v.Relations["selects"] = &models.Relation{Name: "selects", From: component, To: component}
	v.Attributes["port"] = &models.Attribute{Name: "port", Of: []*models.Kind{component, v.Kinds["flow"]}}
	v.Attributes["tier"] = &models.Attribute{Name: "tier", Of: []*models.Kind{v.Kinds["zone"]}, Words: []string{"web", "app"}}
	v.Predicates["poisoned"] = &models.Predicate{Name: "poisoned", Args: []*models.Kind{component}}
	v.Predicates["linked"] = &models.Predicate{Name: "linked", Args: []*models.Kind{component, component}}
	v.ThreatIDs["sniff"] = true
	return v
}

// shop is a design that the cases add to: `BODY` below it.
const shop = `design "Shop"
zone Internet: public
zone Core: private { tier app zone Inner: private }
actor Shopper: customer in Internet
actor Psp: business in Internet
component Shop: webapp in Core { has input_validation? port 8443 }
component Db: database in Inner { stores Card with encryption? }
data Card: cardholder_data
data Key: credential
flow Buy: Shopper -> Shop over https { carries Card }
flow Notify: Psp -> Shop over https
flow Save: Shop -> Db over sql { carries Card }
attacker Outsider { in Internet }
`

// process is a process that the cases may add to.
const process = `process P {
  domain Order = o1, o2
  domain Amount = 0..3
  domain Token = t1, t2 secret
  value price(Order): Amount = { o1: 3, o2: 1 }
  fact placed(Order)
  fact done
  var paid(Order): Amount = 0
  var session: Order? = none
  message Paid(o: Order, a: Amount) over Notify signed by Key except a
  step Place(o: Order) by Shop when not placed(o) do placed(o)
`

func resolve(t testing.TB, text string) (*models.Design, *diag.List) {
	t.Helper()
	diags := &diag.List{}
	f := dsl.Parse(source.New("t.vbn", text), diags)
	if diags.HasErrors() {
		t.Fatalf("the test's design does not parse:\n%s", render(diags))
	}
	return Design([]*dsl.File{f}, miniature(), diags), diags
}

// good resolves a design that must be right.
func good(t testing.TB, text string) *models.Design {
	t.Helper()
	d, diags := resolve(t, text)
	if diags.HasErrors() {
		t.Fatalf("unexpected errors:\n%s", render(diags))
	}
	return d
}

func render(diags *diag.List) string {
	var b strings.Builder
	for _, d := range diags.Sorted() {
		p := d.Primary.Span.Position()
		fmt.Fprintf(&b, "%d:%d: %s: %s [%s]\n", p.Line, p.Column, d.Severity, d.Message, d.Code)
		for _, o := range d.Others {
			fmt.Fprintf(&b, "  %d: %s\n", o.Span.Position().Line, o.Text)
		}
		if d.Help != "" {
			fmt.Fprintf(&b, "  help: %s\n", d.Help)
		}
	}
	return b.String()
}

func TestExamples(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"first", "cashier"} {
		text, err := os.ReadFile("testdata/" + name + ".vbn")
		if err != nil {
			t.Fatal(err)
		}
		d, diags := resolve(t, string(text))
		if s := render(diags); s != "" {
			t.Errorf("%s: unexpected diagnostics:\n%s", name, s)
		}
		if len(d.Requirements) < 3 {
			t.Errorf("%s: %d requirements", name, len(d.Requirements))
		}
	}
}
