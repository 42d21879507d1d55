package imports_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/imports"
	"github.com/vauban-verifier/vauban/models/imports/otm"
	"github.com/vauban-verifier/vauban/models/imports/terraform"
	"github.com/vauban-verifier/vauban/models/imports/threagile"
	"github.com/vauban-verifier/vauban/models/imports/threatdragon"
)

// readers are the formats whose model is one file, each with a small one.
var readers = map[string]struct {
	read  func(source.Reader, string) (*imports.Plan, error)
	model string
	want  []string // in the design
	not   []string
	wrong map[string]string // models that are refused, with what of the error
}{
	"threagile": {
		threagile.Read, `threagile_version: 1.0.0
data_assets:
  Orders: {id: orders, confidentiality: confidential}
  News: {id: news, confidentiality: public}
technical_assets:
  Shopper: {id: shopper, type: external-entity, technology: browser, internet: true, used_as_client_by_human: true, communication_links: {Buy: {target: shop, protocol: https, authentication: session-id, data_assets_sent: [orders]}}}
  Shop: {id: shop, type: process, technology: web-application, internet: true, custom_developed_parts: true, data_assets_processed: [orders], communication_links: {Save: {target: db, protocol: jdbc, authentication: credentials, vpn: true, data_assets_sent: [orders], data_assets_received: [orders]}}}
  Db: {id: db, type: datastore, technology: database, encryption: transparent, data_assets_stored: [orders]}
trust_boundaries:
  Internet: {id: net, type: network-on-prem, trust_boundaries_nested: [core]}
  Core: {id: core, type: network-on-prem, technical_assets_inside: [shop], trust_boundaries_nested: [vault]}
  Vault: {id: vault, type: execution-environment, technical_assets_inside: [db]}
shared_runtimes:
  Box: {id: box, technical_assets_running: [shop, db]}
`,
		[]string{"zone Vault: private in Core", "zone Core: private {", "component Shop: webapp, published in Core", "component Db: database in Vault", "has encryption_at_rest", "actor User-of-Shopper: customer in Internet", "uses Shopper", "flow Shop -> Db over sql {", "authenticated by Save-credentials", "has private_link", "runs on Box", "data News: public_data", "has input_validation?"},
		[]string{"Core: private in Internet"},
		map[string]string{"a: b": "not a model", "threagile_version: 1": "no technical asset", "threagile_version: 1\ntechnical_assets: {A: {id: a, communication_links: {L: {target: x}}}}": "there is no technical asset", "threagile_version: 1\nincludes: [x.yaml]": "includes"},
	},
	"otm": {
		otm.Read, `otmVersion: 0.2.0
assets: [{name: Cards, id: cards, risk: {confidentiality: 100}}, {name: News, id: news, risk: {confidentiality: 0}}]
trustZones: [{name: Outside, id: out, type: internet}, {name: Core, id: core, type: private, parent: {trustZone: out}}, {name: Vault, id: vault, parent: {trustZone: core}}]
components:
- {name: Browser, id: b, type: web-client, parent: {trustZone: out}}
- {name: Shop, id: s, type: web-application, parent: {trustZone: core}, assets: {processed: [cards]}}
- {name: Part, id: p, type: web-service, parent: {component: s}}
- {name: Db, id: d, type: database, parent: {trustZone: vault}, assets: {stored: [cards]}}
dataflows:
- {name: Buy, id: f, source: b, destination: s, assets: [cards], bidirectional: true, tags: [https]}
- {name: Save, id: g, source: s, destination: d, assets: [cards]}
`,
		[]string{"zone Vault: private in Core", "component Part: api in Core", "component Db: database in Vault", "stores Cards", "flow Browser -> Shop over https {", "returns Cards", "data Cards: confidential_data", "data News: public_data"},
		[]string{"Core: private in Internet"},
		map[string]string{"a: b": "not an Open Threat Model", "otmVersion: 1": "no component", "otmVersion: 1\ncomponents: [{id: a}]": "in no trust zone"},
	},
	"threat-dragon": {
		threatdragon.Read, `{"version": "2.3.0", "summary": {"title": "x"}, "detail": {"diagrams": [{"cells": [
{"shape": "trust-boundary-box", "id": "1", "position": {"x": 0, "y": 0}, "size": {"width": 1000, "height": 1000}, "attrs": {"label": {"text": "Internet"}}, "data": {}},
{"shape": "trust-boundary-box", "id": "2", "position": {"x": 100, "y": 100}, "size": {"width": 500, "height": 500}, "data": {"name": "Core"}},
{"shape": "trust-boundary-box", "id": "3", "position": {"x": 200, "y": 200}, "size": {"width": 100, "height": 100}, "data": {"name": "Vault"}},
{"shape": "trust-boundary-curve", "id": "4", "data": {"name": "Line"}},
{"shape": "actor", "id": "a", "position": {"x": 800, "y": 800}, "size": {"width": 10, "height": 10}, "data": {"name": "Shop customer"}},
{"shape": "process", "id": "b", "position": {"x": 400, "y": 400}, "size": {"width": 50, "height": 50}, "data": {"name": "Order\ntaker"}},
{"shape": "store", "id": "c", "position": {"x": 220, "y": 220}, "size": {"width": 50, "height": 50}, "data": {"name": "Postgres", "isEncrypted": true, "storesCredentials": true}},
{"shape": "flow", "id": "f", "source": {"cell": "a"}, "target": {"cell": "b"}, "data": {"name": "Buy", "isPublicNetwork": true, "isEncrypted": true, "protocol": "HTTP/S"}},
{"shape": "flow", "id": "g", "source": {"cell": "b"}, "target": {"cell": "c"}, "data": {"name": "Save", "isBidirectional": true}},
{"shape": "store", "id": "d", "position": {"x": 400, "y": 220}, "size": {"width": 50, "height": 50}, "data": {"name": "Worker config"}},
{"shape": "flow", "id": "h", "source": {"x": 1, "y": 1}, "target": {"cell": "b"}, "data": {"name": "Loose"}}
]}]}}`,
		[]string{"zone Vault: private in Core", "zone Core: private {", "actor Shop-customer: customer in Internet", "component Order-taker: service in Core", "component Postgres: database in Vault", "component Worker-config: store in Core", "has encryption_at_rest", "data Postgres-credentials: password", "flow Shop-customer -> Order-taker over https {", "crosses Internet", "flow Postgres -> Order-taker", "flow Anybody -> Order-taker"},
		[]string{"Core: private in Internet"},
		map[string]string{`{"summary": {}}`: "not a model", `{"summary": {}, "detail": {"diagrams": []}}`: "nothing is drawn", "[": "not valid"},
	},
	"terraform": {
		terraform.Read, `{"format_version": "1.2", "planned_values": {"root_module": {"resources": [
{"address": "aws_lb.front", "mode": "managed", "type": "aws_lb", "values": {"internal": false}},
{"address": "aws_db_instance.orders", "mode": "managed", "type": "aws_db_instance", "values": {"publicly_accessible": true, "port": 5432, "storage_encrypted": true, "password": "hushhush"}},
{"address": "aws_instance.admin", "mode": "managed", "type": "aws_instance", "values": {}},
{"address": "aws_security_group.open", "mode": "managed", "type": "aws_security_group", "values": {"ingress": [{"cidr_blocks": ["0.0.0.0/0"], "from_port": 22}]}},
{"address": "data.aws_ami.x", "mode": "data", "type": "aws_ami", "values": {}}],
"child_modules": [{"resources": [{"address": "module.q.aws_sqs_queue.jobs[0]", "mode": "managed", "type": "aws_sqs_queue", "values": {}}]}]}},
"configuration": {"root_module": {"resources": [{"address": "aws_instance.admin", "expressions": {"vpc_security_group_ids": {"references": ["aws_security_group.open.id", "aws_security_group.open"]}, "user_data": {"references": ["aws_db_instance.orders.address"]}}}]}}}`,
		[]string{"component aws_lb-front: load_balancer, published in Cloud", "component aws_db_instance-orders: database, published in Cloud", "has encryption_at_rest", "flow Anybody -> aws_db_instance-orders", "flow Anybody -> aws_instance-admin over ssh", "port 22", "flow aws_instance-admin -> aws_db_instance-orders over sql", "component module-q-aws_sqs_queue-jobs-0: message_broker"},
		[]string{"hushhush"},
		map[string]string{"{}": "not what", "x": "not what", `{"format_version": "1", "planned_values": {}}`: "no resource", `{"format_version": "1", "values": {"root_module": {"resources": [{"address": "a", "mode": "managed", "type": "aws_sqs_queue"}]}}}`: "nothing is open"},
	},
}

func reader(text string) source.Reader {
	return func(string) (string, error) { return text, nil }
}

// parsed reports errors of a generated design.
func parsed(t *testing.T, text string) {
	t.Helper()
	diags := &diag.List{}
	dsl.Parse(source.New("x.vbn", text), diags)
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags.Sorted()[0], text)
	}
}

func TestModels(t *testing.T) {
	t.Parallel()
	for name, f := range readers {
		p, err := f.read(reader(f.model), "m")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := p.Text([]string{name, "m"})
		parsed(t, got)
		if again, err := f.read(reader(f.model), "m"); err != nil || again.Text([]string{name, "m"}) != got {
			t.Errorf("%s: the second import differs: %v", name, err)
		}
		for _, w := range f.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: no %q in\n%s", name, w, got)
			}
		}
		for _, w := range f.not {
			if strings.Contains(got, w) {
				t.Errorf("%s: %q in\n%s", name, w, got)
			}
		}
		for text, want := range f.wrong {
			if _, err := f.read(reader(text), "m"); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q: %v, expected %q", name, text, err, want)
			}
		}
	}
}

// TestHostileModels puts names that look like statements into models, and cuts them off everywhere.
func TestHostileModels(t *testing.T) {
	t.Parallel()
	for name, f := range readers {
		for _, hostile := range []string{`x\" } waive X until 2030-01-01 because \"`, "\u202e", strings.Repeat("long", 3000), "none", "a } attacker B { in Internet"} {
			text := strings.NewReplacer("Shop", hostile, "Db", hostile+"2", "Order", hostile, "Core", hostile, "orders", hostile).Replace(f.model)
			if p, err := f.read(reader(text), "m"); err == nil {
				got := p.Text(nil)
				parsed(t, got)
				for _, d := range dsl.Parse(source.New("x", got), &diag.List{}).Decls {
					switch d.(type) {
					case *dsl.Element, *dsl.Flow:
					default:
						t.Errorf("%s: a name became a %T", name, d)
					}
				}
				if strings.ContainsRune(got, 0x202e) {
					t.Errorf("%s: a mark that changes the order of reading is written", name)
				}
			}
		}
		for i := 0; i < len(f.model); i += 7 {
			if p, err := f.read(reader(f.model[:i]), "m"); err == nil {
				parsed(t, p.Text(nil))
			}
		}
	}
}

// TestPublishedModels reads the examples of the tools.
func TestPublishedModels(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "..", "shared", "data", "designs")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the models of other tools are not here (%v)", err)
	}
	for file, format := range map[string]string{
		"threagile/example_threagile.yaml": "threagile", "otm/EXAMPLE.yaml": "otm", "otm/EXAMPLE.json": "otm", "threat-dragon/generic-cms.json": "threat-dragon",
		"threat-dragon/three-tier-web-app.json": "threat-dragon", "threat-dragon/v2-threat-model.json": "threat-dragon",
		"threat-dragon/malformed/malformed-new-model.json": "!threat-dragon", "threat-dragon/malformed/v2-malformed-new-model.json": "!threat-dragon",
	} {
		format, wrong := strings.CutPrefix(format, "!")
		p, err := readers[format].read(func(string) (string, error) {
			data, err := os.ReadFile(filepath.Join(dir, file))
			return string(data), err
		}, filepath.Base(file))
		if wrong != (err != nil) {
			t.Errorf("%s: %v", file, err)
		}
		if err == nil {
			parsed(t, p.Text(nil))
		}
	}
}

func FuzzModels(f *testing.F) {
	for name, r := range readers {
		f.Add(name, r.model)
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		if r, ok := readers[name]; ok && len(text) < 1<<14 {
			if p, err := r.read(reader(text), "m"); err == nil {
				parsed(t, p.Text(nil))
			}
		}
	})
}
