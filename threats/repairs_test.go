package threats

import (
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
)

// TestRepairsAreRead: what a catalogue says of repairs is held to what each is about, and to the design alone.
func TestRepairsAreRead(t *testing.T) {
	t.Parallel()
	const head = "catalogue: c\nextends: [base]\n"
	for _, c := range []struct{ text, says string }{
		{`repairs: {close: {for: {f: flow}, when: f is idle, users: "nobody uses {f}"}}`, ""},
		{`repairs: {close: [{for: {f: flow}, when: f is idle, users: "nobody uses {f}"}]}`, ""},
		{`repairs: {close: {for: {c: component}, when: c is store, users: "x"}}`, "`for` with variables for flow"},
		{`repairs: {forget: {for: {c: component}, when: c is store, users: "x"}}`, "`for` with variables for component and data"},
		{`repairs: {close: {for: {f: flow}, when: f is idle}}`, "`users` with the effect on them"},
		{`repairs: {close: {for: {f: flow}, when: observes(f), users: "x"}}`, "speaks of what an attacker gains"},
		{`repairs: {open: {for: {f: flow}, when: f is idle, users: "x"}}`, `unknown repair "open"`},
		{`protocols: {quic: {secures: [htttp]}}`, `unknown protocol "htttp" — did you mean "http"?`},
		{`protocols: {quic: {secures: [quic]}}`, `protocol "quic" secures itself, expected another one`},
	} {
		diags := &diag.List{}
		LoadCatalogue(func(string) (string, error) { return head + c.text + "\n", nil }, []string{"c.yaml"}, diags)
		var all []string
		for _, d := range diags.Sorted() {
			all = append(all, d.Message)
		}
		if got := strings.Join(all, "\n"); c.says == "" && got != "" || !strings.Contains(got, c.says) {
			t.Errorf("%s: says %q, expected %q", c.text, got, c.says)
		}
	}
}

// TestProposalsSayWhatTheyDo: a control of flows, which those who use them meet, says what it does to them, and so does every change of the structure; a protocol that
// secures another gives more.
func TestProposalsSayWhatTheyDo(t *testing.T) {
	t.Parallel()
	v := retail(t).Vocabulary
	for _, name := range []string{"mfa", "phishing_resistant_login", "source_allowlist", "private_link", "mtls", "client_authentication", "request_signing", "captcha", "two_person_rule"} {
		if v.Controls[name].Users == "" {
			t.Errorf("%s does not say what it does to those who use a flow", name)
		}
	}
	for _, w := range models.RepairKinds {
		if len(v.Repairs[w.Kind]) == 0 {
			t.Errorf("nothing says when to %s", w.Kind)
		}
	}
	for _, p := range v.Protocols {
		for _, q := range p.Secures {
			for _, c := range q.Gives {
				if !p.Is(q) && !slices.Contains(p.Gives, c) {
					t.Errorf("%s secures %s and does not give its %s", p.Name, q.Name, c.Name)
				}
			}
			if len(p.Gives) <= len(q.Gives) {
				t.Errorf("%s secures %s and gives no more", p.Name, q.Name)
			}
		}
	}
}
