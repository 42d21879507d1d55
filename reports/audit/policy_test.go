package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/audit/verdicts"
)

var somebody = attest.DID(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)).Public().(ed25519.PublicKey))

func policy(t *testing.T, text string) *audit.Policy {
	t.Helper()
	diags := &diag.List{}
	p := audit.ParsePolicy(source.New("policy.yaml", "schema: vauban.policy/1\n"+text), diags)
	if p == nil {
		t.Fatal(diags.Sorted()[0].Message)
	}
	return p
}

// Every mistake in a policy is told at its line and column; nothing is taken half.
func TestPolicyIsStrict(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, says string }{
		{"", "1:1 the policy is empty"},
		{"waived: no", `1:1 the policy has no schema`},
		{"schema: vauban.policy/2", `1:9 schema is "vauban.policy/2", expected "vauban.policy/1"`},
		{"schema: vauban.policy/1\nmaxage: 3d", `2:1 unknown key "maxage"`},
		{"schema: vauban.policy/1\nmax_age: 3 weeks", `2:10 max_age is "3 weeks", expected a number of days`},
		{"schema: vauban.policy/1\nmax_age: 0d", "2:10 max_age is"},
		{"schema: vauban.policy/1\nmax_age: 30", "2:10 max_age is"},
		{"schema: vauban.policy/1\nwaived: false", `2:9 waived is "false", expected yes or no`},
		{"schema: vauban.policy/1\nwaived: no\nwaived: yes", `3:1 key "waived" appears twice`},
		{"schema: vauban.policy/1\ncatalogues: [retail]", `2:14 "retail" is not a catalogue`},
		{"schema: vauban.policy/1\ncatalogues:\n  - builtin:core\n  - builtin:core", `4:5 "builtin:core" is accepted twice`},
		{"schema: vauban.policy/1\ncatalogues: [sha256:ABC]", "2:14 "},
		{"schema: vauban.policy/1\nassumptions: [A, A]", `2:18 the assumption "A" is accepted twice`},
		{"schema: vauban.policy/1\nassumptions: [{text: x}]", "2:15 an assumption has no name"},
		{"schema: vauban.policy/1\nrequire: {R: hold}", `2:14 "hold" is not a verdict`},
		{"schema: vauban.policy/1\nrequire: {R: {property: x}}", `2:14 "R" has no verdict`},
		{"schema: vauban.policy/1\nrequire: {R: [holds, holds]}", `2:22 "holds" appears twice`},
		{"schema: vauban.policy/1\nrequire: {R: {verdict: holds, tolerating: -1}}", "2:43 tolerating is"},
		{"schema: vauban.policy/1\nrequire: [R]", "2:10 require is a list, expected a mapping"},
		{"schema: vauban.policy/1\nsigners: []", "2:10 signers is an empty list"},
		{"schema: vauban.policy/1\nsigners: [alice]", `2:11 a signer: "alice" is not the did:key`},
		{"schema: vauban.policy/1\nsigners: {did: " + somebody + ", from: 2026-02-30}", `from is "2026-02-30", expected a date`},
		{"schema: vauban.policy/1\nsigners: {did: " + somebody + ", from: 2026-03-01, until: 2026-02-01}", "may sign until 2026-02-01, before"},
		{"schema: vauban.policy/1\nsigners: &a x", "anchors and aliases"},
	} {
		diags := &diag.List{}
		if p := audit.ParsePolicy(source.New("policy.yaml", c.text), diags); p != nil {
			t.Errorf("%q is taken: %+v", c.text, p)
			continue
		}
		d := diags.Sorted()[0]
		at := d.Primary.Span.Position()
		if got := fmt.Sprintf("%d:%d %s", at.Line, at.Column, d.Message); !strings.Contains(got, c.says) {
			t.Errorf("%q: %s, expected %s", c.text, got, c.says)
		}
	}
}

func TestParseDemand(t *testing.T) {
	t.Parallel()
	if d, err := audit.ParseDemand("R=holds,waived"); err != nil || d.Name != "R" || !slices.Equal(d.Verdicts, []string{"holds", "waived"}) {
		t.Errorf("%+v, %v", d, err)
	}
	for _, bad := range []string{"", "R", "=holds", "R=", "R=hold", "R=holds,", "R=holds waived"} {
		if _, err := audit.ParseDemand(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// Each demand is a check of its own, and meets what was judged, not what the report says.
func TestDemands(t *testing.T) {
	t.Parallel()
	const design = "../../examples/audit/case/shop.vbn"
	report := made(t, design)
	for _, c := range []struct {
		name, policy, check, says string
		require                   string
		met                       bool
	}{
		{name: "holds", require: "CardSecrecy=holds", check: "require:CardSecrecy", met: true},
		{name: "violated", require: "CardSecrecyRobust=holds", check: "require:CardSecrecyRobust", says: "it is violated, demanded: holds"},
		{name: "one of two", require: "NothingInClear=holds,waived", check: "require:NothingInClear", met: true},
		{name: "no such", require: "CardSecrecyy=holds", check: "require:CardSecrecyy", says: "no requirement of that name"},
		{name: "property", policy: "require: {CardSecrecy: {verdict: holds, property: confidential Name}}", check: "require:CardSecrecy", says: `it says "confidential CardNumber"`},
		{name: "against", policy: "require: {CardSecrecy: {verdict: holds, against: [Outsider, Outsider + Insider]}}", check: "require:CardSecrecy", says: "not considered against Outsider + Insider"},
		{name: "tolerating", policy: "require: {CardSecrecy: {verdict: holds, tolerating: 1}}", check: "require:CardSecrecy", says: "it tolerates 0 failures, demanded: 1"},
		{name: "all of it", policy: "require: {CardSecrecyRobust: {verdict: violated, property: confidential CardNumber, against: Outsider, tolerating: 1}}", check: "require:CardSecrecyRobust", met: true},
		{name: "no catalogue", policy: "catalogues: [builtin:mini]", check: "policy:catalogues", says: "mini.yaml is not accepted: sha256:"},
		{name: "no waivers", policy: "waived: no", check: "policy:waived", says: "NothingInClear is waived until 2027-03-01"},
		{name: "waivers", policy: "waived: yes\nassumptions: []", check: "policy:assumptions", met: true},
		{name: "age of what has no time", policy: "max_age: 1d", check: "policy:max_age", says: "no time that can be trusted"},
		{name: "signer of what has none", policy: "signers: " + somebody, check: "policy:signers", says: "no signature"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := &audit.Input{AsOf: asOf, Report: report, Design: []string{design}, Judge: verdicts.Judge(nil), Read: read}
			if c.require != "" {
				d, err := audit.ParseDemand(c.require)
				if err != nil {
					t.Fatal(err)
				}
				in.Require = []audit.Demand{d}
			}
			if c.policy != "" {
				in.Policy = policy(t, c.policy)
			}
			r, err := audit.Run(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			got := status(t, r, c.check)
			if (got.Status == audit.Passed) != c.met || !strings.Contains(got.Detail, c.says) {
				t.Errorf("%s: %s, %s", got.Name, got.Status, got.Detail)
			}
			if !got.Asked || !c.met && !strings.Contains(r.Summary, "not met: ") {
				t.Errorf("asked: %t; %s", got.Asked, r.Summary)
			}
		})
	}
	if _, err := audit.Run(t.Context(), &audit.Input{AsOf: asOf, Require: []audit.Demand{{Name: "R"}, {Name: "R"}}}); err == nil {
		t.Error("a requirement may be demanded twice")
	}
}

// A waiver is judged by the day of the audit, to the day.
func TestWaiversByTheDayOfTheAudit(t *testing.T) {
	t.Parallel()
	const design = "../../examples/audit/case/shop.vbn"
	report := made(t, design)
	for day, want := range map[string]audit.Status{"2026-11-24": audit.Passed, "2027-03-01": audit.Passed, "2027-03-02": audit.Failed, "2099-01-01": audit.Failed} {
		r, err := audit.Run(t.Context(), &audit.Input{AsOf: day, Report: report, Design: []string{design}, Judge: verdicts.Judge(nil), Read: read})
		if err != nil {
			t.Fatal(err)
		}
		if c := status(t, r, audit.Waivers); c.Status != want {
			t.Errorf("%s: %s, %s", day, c.Status, c.Detail)
		}
	}
	if _, err := audit.Run(t.Context(), &audit.Input{AsOf: "today"}); err == nil {
		t.Error("today is taken for a date")
	}
}

// What changes in line endings alone is told apart from another file.
func TestLineEndings(t *testing.T) {
	t.Parallel()
	const design = "../../examples/audit/case/shop.vbn"
	report := made(t, design)
	for name, c := range map[string]struct {
		change func(string) string
		says   string
	}{
		"Windows":  {func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }, "in its line endings only: the report is about the file with LF; have git keep them with a line `*.vbn -text` in .gitattributes"},
		"one more": {func(s string) string { return strings.Replace(s, "\n", "\r\n", 1) }, "in its line endings only"},
		"a word": {func(s string) string {
			return strings.ReplaceAll(strings.Replace(s, "bookshop", "bakery", 1), "\n", "\r\n")
		}, "is another file: sha256"},
	} {
		r, err := audit.Run(t.Context(), &audit.Input{AsOf: asOf, Report: report, Design: []string{design}, Judge: verdicts.Judge(nil), Read: func(name string) (string, error) {
			text, err := read(name)
			if strings.HasSuffix(name, ".vbn") {
				text = c.change(text)
			}
			return text, err
		}})
		if err != nil {
			t.Fatal(err)
		}
		if k := status(t, r, audit.Inputs); k.Status != audit.Failed || !strings.Contains(k.Detail, c.says) {
			t.Errorf("%s: %s, %s", name, k.Status, k.Detail)
		}
	}
}

// What of a design is a guess is told with the claims.
func TestGuesses(t *testing.T) {
	t.Parallel()
	guessed := func(name string) (string, error) {
		if name == "guessed.vbn" {
			return "design \"D\"\nuse \"mini.yaml\"\nzone I: public\ncomponent S: webapp in I { guessed kind, zone }\nrequire R: never controls(S)\n", nil
		}
		return read("../../examples/audit/case/" + name)
	}
	report := madeWith(t, guessed, "guessed.vbn")
	r, err := audit.Run(t.Context(), &audit.Input{AsOf: asOf, Report: report, Design: []string{"guessed.vbn"}, Judge: verdicts.Judge(nil), Read: guessed})
	if err != nil {
		t.Fatal(err)
	}
	if r.Claims == nil || !slices.Equal(r.Claims.Guesses, []string{"S: kind, zone"}) {
		t.Errorf("%+v", r.Claims)
	}
}

// A design without requirements claims nothing, which is no success.
func TestNothingClaimed(t *testing.T) {
	t.Parallel()
	empty := func(name string) (string, error) {
		if name == "empty.vbn" {
			return "design \"D\"\nuse \"mini.yaml\"\nzone I: public\n", nil
		}
		return read("../../examples/audit/case/" + name)
	}
	report := madeWith(t, empty, "empty.vbn")
	r, err := audit.Run(t.Context(), &audit.Input{AsOf: asOf, Report: report, Design: []string{"empty.vbn"}, Judge: verdicts.Judge(nil), Read: empty})
	if err != nil {
		t.Fatal(err)
	}
	if c := status(t, r, audit.Verdicts); c.Status != audit.NotMade || !strings.Contains(r.Summary, "it claims nothing: the design has no requirements") {
		t.Errorf("%s, %s; %s", c.Status, c.Detail, r.Summary)
	}
}
