package threats_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
)

// TestGeneratedFromTables holds the schema and the page of keys to the tables that catalogues are read by.
func TestGeneratedFromTables(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"catalogue.schema.json": string(threats.Schema()), "KEYS.md": threats.Keys()} {
		if *update {
			if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s is not what the tables say (%v): go test ./threats -update, and read the difference", name, err)
		}
	}
}

// schema returns the compiled schema.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(threats.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("catalogue.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("catalogue.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// accepts reports whether the schema accepts a catalogue.
func accepts(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return s.Validate(value)
}

func TestSchemaAcceptsBuiltIn(t *testing.T) {
	t.Parallel()
	s := schema(t)
	for _, name := range threats.Builtin() {
		text, err := os.ReadFile("catalogues/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if err := accepts(t, s, string(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	drafts, err := threats.Scaffold("late-label-swap")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range drafts {
		if strings.HasSuffix(d.Name, ".yaml") {
			if err := accepts(t, s, d.Text); err != nil {
				t.Errorf("%s, as `catalogue new` writes it: %v", d.Name, err)
			}
		}
	}
}

// TestSchemaAgrees gives catalogues to the schema and to the loader: what the schema refuses, the loader refuses.
func TestSchemaAgrees(t *testing.T) {
	t.Parallel()
	s := schema(t)
	const threat = "catalogue: t\nthreats:\n  - id: x\n    for: {f: flow}\n    when: injects(f)\n    then: [observes(f)]\n"
	for _, c := range []struct {
		text string
		ok   bool
	}{
		{"catalogue: t\n", true},
		{threat, true},
		{threat + "    refs: CAPEC-1\n    cost: 3\n    stride: spoofing\n", true},
		{"catalogue: t\nkinds:\ncontrols:\n", true},
		{"catalogue: t\nattributes: {port: {of: flow, type: integer}, mode: {of: [flow], type: [a, b]}}\n", true},
		{"catalogue: t\nrelations: {r: {from: flow, to: zone, ask: {text: 'which of {0}?', to: [zone]}}}\n", true},
		{"catalogue: t\ncontrols: {k: {of: flow, unfit: {for: {f: flow}, when: f is blocked, says: it is}}}\n", true},
		{"title: T\n", false},
		{"catalogue: t\noops: 1\n", false},
		{"catalogue: t\nkinds: {a: {is: component, oops: 1}}\n", false},
		{"catalogue: t\nkinds: {a: {title: A}}\n", false},
		{"catalogue: t\nkinds: {2a: {is: component}}\n", false},
		{"catalogue: t\ncontrols: {a: {title: A}}\n", false},
		{"catalogue: t\ncontrols: {a: {of: flow, cost: -1}}\n", false},
		{"catalogue: t\nrelations: {r: {from: flow}}\n", false},
		{"catalogue: t\nattributes: {port: {of: flow, type: number}}\n", false},
		{"catalogue: t\nattributes: {port: {of: flow, type: []}}\n", false},
		{"catalogue: t\nsynonyms: {kindss: {a: webapp}}\n", false},
		{"catalogue: t\nthreats: {a: b}\n", false},
		{strings.Replace(threat, "    when: injects(f)\n", "", 1), false},
		{threat + "    stride: spofing\n", false},
		{threat + "    harder: {waf: many}\n", false},
		{threat + "    when2: x\n", false},
	} {
		err := accepts(t, s, c.text)
		if (err == nil) != c.ok {
			t.Errorf("%s\nthe schema: %v", c.text, err)
		}
		diags := &diag.List{}
		threats.LoadCatalogue(func(string) (string, error) { return c.text, nil }, []string{"t.yaml"}, diags)
		if diags.HasErrors() == c.ok {
			t.Errorf("%s\nthe loader: %v", c.text, diags.Sorted())
		}
	}
}
