package bundle_test

import (
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/audit/verdicts"
	"github.com/vauban-verifier/vauban/reports/bundle"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/threats"
)

const (
	asOf = "2027-01-31"
	shop = `design "Shop"
use "tiny"
include "pack:card"
zone Internet: public
component Web: place in Internet { stores CardNumber }
data CardNumber: number
attacker Outsider
`
	// tiny is a built-in catalogue of no version of Vauban.
	tiny = `catalogue: tiny
kinds:
  public: {is: zone}
  place: {is: component}
classes:
  number: {is: data}
threats:
  - id: theft
    title: Theft
    for: {c: place, d: data}
    when: c stores d
    then: [knows(d)]
    cost: 2
    says: "the attacker takes {d} from {c}"
    rationale: anybody can
`
)

// made makes a bundle of a report by these texts of built-in catalogues and packs.
func made(t *testing.T, texts threats.Texts) []byte {
	t.Helper()
	diags := &diag.List{}
	model := threats.LoadBy(texts, func(string) (string, error) { return shop, nil }, []string{"shop.vbn"}, diags)
	if model == nil {
		t.Fatal(diags.Sorted()[0].Message)
	}
	result, err := checker.Check(t.Context(), model, checker.Options{AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	data, err := reports.New(result, "0.0.9").Canonical()
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle.Bundle{Document: data, Inputs: map[string][]byte{"design/shop.vbn": []byte(shop)}}
	for path, text := range texts {
		name, err := bundle.Name(document.Input{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		b.Inputs[name] = []byte(text)
	}
	out, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func run(t *testing.T, data []byte, policy *audit.Policy) *audit.Result {
	t.Helper()
	b, err := bundle.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	in := &audit.Input{AsOf: asOf, Version: "0.1.0", Judge: verdicts.Judge(nil), Policy: policy}
	b.Audit(in)
	r, err := audit.Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func status(r *audit.Result, name string) string {
	for _, c := range r.Checks {
		if c.Name == name {
			return string(c.Status) + ": " + c.Detail
		}
	}
	return "not there"
}

// A report by built-in catalogues that this program does not have is audited by those of the bundle, and nobody takes them for this program's: only who accepts their digests does.
func TestOtherBuiltIns(t *testing.T) {
	t.Parallel()
	pack := `require Secret: confidential CardNumber` + "\n"
	data := made(t, threats.Texts{"builtin:tiny": tiny, "pack:card": pack})
	r := run(t, data, &audit.Policy{Catalogues: []string{"builtin:tiny"}})
	for _, name := range []string{audit.Inputs, audit.Verdicts, audit.Contents} {
		if got := status(r, name); !strings.HasPrefix(got, "passed") {
			t.Errorf("%s %s", name, got)
		}
	}
	if got := status(r, "policy:catalogues"); !strings.HasPrefix(got, "failed: builtin:tiny is not accepted: sha256:") {
		t.Errorf("policy:catalogues %s", got)
	}
	if c := r.Claims.Catalogues; len(c) != 1 || c[0].BuiltIn() || c[0].Path != "builtin:tiny" || c[0].Version != "" {
		t.Errorf("claimed: %+v", c)
	}
	if got := strings.Join(r.Claims.Unchecked, "; "); got != "vauban 0.0.9 made the report; builtin:tiny is that of vauban 0.0.9; pack:card is that of vauban 0.0.9" {
		t.Errorf("unchecked: %s", got)
	}
	var text strings.Builder
	if err := r.Text(&text); err != nil || !strings.Contains(text.String(), "builtin:tiny as the bundle has it, another one than that of this vauban, sha256 "+document.Digest([]byte(tiny))) {
		t.Errorf("%v\n%s", err, &text)
	}
	r = run(t, data, &audit.Policy{Catalogues: []string{"sha256:" + document.Digest([]byte(tiny))}})
	if got := status(r, "policy:catalogues"); !strings.HasPrefix(got, "passed") {
		t.Errorf("policy:catalogues by its digest: %s", got)
	}
}

// What a bundle does not have is not taken from the program; and what it has under another's name is not what the report names.
func TestMissingBuiltIns(t *testing.T) {
	t.Parallel()
	pack := `require Secret: confidential CardNumber` + "\n"
	files, err := bundle.Read(made(t, threats.Texts{"builtin:tiny": tiny, "pack:card": pack}))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"builtin/tiny.yaml": `cannot read catalogue "tiny"`, "pack/card.vbn": `there is no pack "card"`, "design/shop.vbn": `cannot read "shop.vbn": the bundle does not have it`} {
		kept := files[name]
		delete(files, name)
		data, err := bundle.Write(files)
		if err != nil {
			t.Fatal(err)
		}
		if got := status(run(t, data, nil), audit.Inputs); !strings.HasPrefix(got, "failed") || !strings.Contains(got, want) {
			t.Errorf("without %s: %s", name, got)
		}
		files[name] = append([]byte("\n"), kept...)
		if data, err = bundle.Write(files); err != nil {
			t.Fatal(err)
		}
		if got := status(run(t, data, nil), audit.Inputs); !strings.HasPrefix(got, "failed") || !strings.Contains(got, "is another file: sha256") {
			t.Errorf("with another %s: %s", name, got)
		}
		files[name] = kept
	}
}
