package checker_test

import (
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl"
)

// TestPersonalData takes the requirements about personal data from the reference of the language, and breaks each by one word of a design that meets all.
func TestPersonalData(t *testing.T) {
	t.Parallel()
	_, page, _ := strings.Cut(dsl.Reference, "### Personal data")
	_, snippet, _ := strings.Cut(page, "```vbn\n")
	snippet, _, _ = strings.Cut(snippet, "```")
	_, requirements, ok := strings.Cut(snippet, "\nrequire ")
	if !ok {
		t.Fatal("the page has no requirements about personal data")
	}
	design := `design "Personal data"
zone Core: private { country eea }
zone Partner: partner_network { country adequate }
data Address: contact_data { purpose delivery  retention_days 90 }
component Shop: storefront in Core
component Orders: database in Core { purpose delivery  retention_days 30  stores Address }
actor Carrier: carrier in Partner { country adequate  recipient processor }
flow Save: Shop -> Orders over sql_tls { carries Address }
flow Send: Shop -> Carrier over https { carries Address }
require ` + requirements
	for _, c := range []struct{ old, new, broken string }{
		{"", "", ""},
		{"{ purpose delivery  retention_days 30", "{ purpose marketing  retention_days 30", "ForItsPurpose"},
		{"retention_days 30", "retention_days 400", "Shorter"},
		{"  retention_days 30", "", "Shorter"},
		{"partner_network { country adequate }", "partner_network { country elsewhere }", "StaysHere"},
		{"Partner { country adequate", "Partner { country elsewhere", "StaysHere"},
		{"  recipient processor", "", "KnownRecipients"},
	} {
		r := check(t, resolve(t, strings.Replace(design, c.old, c.new, 1), builtin()))
		if len(r.Requirements) != 4 {
			t.Fatalf("%d requirements, expected 4", len(r.Requirements))
		}
		for _, q := range r.Requirements {
			want := checker.Holds
			if q.Source.Name == c.broken {
				want = checker.Violated
			}
			if q.Verdict != want {
				t.Errorf("%q in place of %q: %s %s, expected %s", c.new, c.old, q.Source.Name, q.Verdict, want)
			}
		}
	}
}
