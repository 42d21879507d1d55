package data

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/imports/k8s"
)

func from(files map[string]string) func(string) (string, error) {
	return func(name string) (string, error) {
		if text, ok := files[name]; ok {
			return text, nil
		}
		return "", os.ErrNotExist
	}
}

const design = `zone Net: private
component web, cart-service, PaymentService, mail: service in Net
flow web -> cart-service over grpc
flow Pay: web -> PaymentService over grpc
flow mail -> PaymentService { is idle }
flow mail -> cart-service blocked
`

const shopProto = `syntax = "proto3";
package shop;
service Cart { rpc Add(AddRequest) returns (Nothing); rpc Get(Nothing) returns (.shop.Basket); }
service PaymentService { rpc Charge(Charge) returns (Receipt); }
service Unknown { rpc Do(Charge) returns (Nothing); }
message Nothing {}
message AddRequest { string product = 1; Basket basket = 2; }
message Basket { repeated AddRequest again = 1; map<string, Customer> who = 2; }
message Customer { string email = 1; oneof where { string postal_code = 2; } }
message Charge { Card card = 1; message Inner { string password = 1; } }
message Card { string credit_card_number = 1; int32 credit_card_cvv = 2; int32 credit_card_expiration_year = 3; }
message Receipt { string id = 1; }
`

func TestProto(t *testing.T) {
	t.Parallel()
	p, err := Read(from(map[string]string{"d.vbn": design, "s.proto": shopProto}), "d.vbn", []string{"s.proto"})
	if err != nil {
		t.Fatal(err)
	}
	got := p.Text(nil)
	for _, want := range []string{
		"extend Pay {\n  carries card-code, card-number\n}", "extend web -> cart-service {\n  carries address, email\n  returns address, email\n}", "extend cart-service {\n  handles address, email\n}",
		"data card-number: cardholder_data {\n  title \"The number of a card\"\n  from \"s.proto:11\"\n  guessed kind\n}",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "mail ->") || strings.Contains(got, "password") {
		t.Errorf("what nobody calls is said to carry something:\n%s", got)
	}
	if len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "Unknown is not a component") {
		t.Error(p.Notes)
	}
}

func TestOpenAPI(t *testing.T) {
	t.Parallel()
	const api = `openapi: 3.0.0
info: {title: Payment API}
paths:
  /pay:
    parameters: [{name: sessionId, in: query}]
    post:
      requestBody: {$ref: "#/components/requestBodies/Pay"}
      responses: {200: {content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Person"}}}}}}
components:
  requestBodies: {Pay: {content: {application/json: {schema: {allOf: [{$ref: "#/components/schemas/Card"}, {properties: {amount: {}}}]}}}}}
  schemas:
    Card: {properties: {cardNumber: {example: "4111111111111111"}, self: {$ref: "#/components/schemas/Card"}}}
    Person: {properties: {phoneNumber: {}}}
`
	p, err := Read(from(map[string]string{"d.vbn": design, "api.yaml": api}), "d.vbn", []string{"api.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Text(nil); !strings.Contains(got, "extend Pay {\n  carries card-number, session\n  returns phone\n}") || strings.Contains(got, "4111") {
		t.Errorf("%s", got)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, text, err string }{
		"no design":        {"x.proto", shopProto, "cannot read the design"},
		"no match":         {"s.proto", "service Other { rpc A(B) returns (B); } message B { string email = 1; }", "none of its interfaces"},
		"nothing to say":   {"s.proto", "service Cart { rpc A(B) returns (B); } message B { string x = 1; }", "no field has a name"},
		"no call":          {"s.proto", "message B { string x = 1; }", "no call"},
		"no proto":         {"s.proto", "{{{", "not a file of protocol buffers"},
		"nested":           {"s.proto", strings.Repeat("message A {", 200), "nested too deeply"},
		"no OpenAPI":       {"s.yaml", "a: b", "neither protocol buffers nor OpenAPI"},
		"one that is gone": {"", "", "cannot read"},
	} {
		files := map[string]string{"d.vbn": design, c.file: c.text}
		use := c.file
		if name == "no design" {
			delete(files, "d.vbn")
		}
		if use == "" {
			use = "gone.proto"
		}
		if _, err := Read(from(files), "d.vbn", []string{use}); err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, expected %q", name, err, c.err)
		}
	}
}

// TestBoutique: eleven pairs of a call and sensitive data, one of which the drawn calls lack.
func TestBoutique(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "..", "..", "shared", "data", "designs", "online-boutique")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the published interfaces are not here (%v)", err)
	}
	read := func(name string) (string, error) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		return string(data), err
	}
	found, err := filepath.Glob(filepath.Join(dir, "kubernetes-manifests__*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range found {
		names = append(names, filepath.Base(f))
	}
	deployed, err := k8s.Read(read, names, k8s.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := deployed.Text(nil)
	p, err := Read(func(name string) (string, error) {
		if name == "shop.vbn" {
			return text, nil
		}
		return read(name)
	}, "shop.vbn", []string{"protos__demo.proto"})
	if err != nil {
		t.Fatal(err)
	}
	pairs, quote := 0, false
	for _, c := range p.Carried {
		pairs += len(c.Carries) + len(c.Returns)
		for _, d := range c.Carries {
			quote = quote || c.Name == "frontend->shippingservice" && d.Name == "address"
		}
	}
	if pairs != 11 || !quote {
		t.Errorf("%d pairs, expected 11; the address of a quote: %v", pairs, quote)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("s.proto", shopProto)
	f.Add("s.yaml", "openapi: 3\npaths: {/x: {get: {parameters: [{name: email}]}}}")
	f.Fuzz(func(t *testing.T, name, text string) {
		if len(text) > 1<<14 || name == "d.vbn" {
			return
		}
		p, err := Read(from(map[string]string{"d.vbn": design, name: text}), "d.vbn", []string{name})
		if err != nil {
			return
		}
		diags := &diag.List{}
		dsl.Parse(source.New("x", p.Text(nil)), diags)
		if diags.HasErrors() {
			t.Fatal(fmt.Sprint(diags.Sorted()[0]))
		}
	})
}
