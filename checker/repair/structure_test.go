package repair_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/repair"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// loader loads a design of one file, with the texts that a search puts in its place.
func loader(text string) repair.Load {
	return func(texts map[string]string) (*threats.Model, error) {
		now := text
		if t, ok := texts["shop.vbn"]; ok {
			now = t
		}
		diags := &diag.List{}
		m := threats.Load(threatstest.Texts(map[string]string{"shop.vbn": now}), []string{"shop.vbn"}, diags)
		if diags.HasErrors() {
			return nil, nil //nolint:nilnil // as the interface wants it
		}
		return m, nil
	}
}

const shop = `design "d"
zone Internet: public
zone Core: private
data Order: order_data
data Card: cardholder_data
data Key: api_key
data Staff: password
actor Shopper: customer in Internet
actor Anybody: person in Internet
component Shop: webapp in Core { has input_validation, output_encoding, rate_limiting, object_authorization  handles Card }
flow Visit: Shopper -> Shop over https { carries Card }
attacker Outsider { in Internet }
`

// TestSearch: where the structure is what is wrong, the structure is what is repaired, with a word on who loses what.
func TestSearch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, design  string
		without       []string
		change, users string // of the first change
		text          string // that the design has then
	}{
		{
			name: "a port that is published for nobody",
			design: `component Api: service in Core { has input_validation, rate_limiting, object_authorization  handles Order }
flow Save: Shop -> Api over https { carries Order  has mtls }
/// Nobody remembers why.
flow Port: Anybody -> Api over https { returns Order } // on all hosts
require Secret: confidential Order`,
			change: "Port blocked", users: "Anybody gets no connection to Api any more; those inside still do",
			text: "/// Nobody remembers why.\nflow Port: Anybody -> Api over https blocked { returns Order } // on all hosts",
		},
		{
			name: "an architecture rule that a flow breaks",
			design: `component Db: database in Core { has hardening, least_privilege  stores Order }
flow Save: Shop -> Db over sql_tls { carries Order  has mtls }
/// Nobody remembers why.
flow Port: Anybody -> Db over sql_tls { port 3306 }
require Inside: always forall f: flow | f.target = Db implies f.source in Core`,
			change: "no flow Port", users: "Anybody gets no connection to Db any more; those inside still do",
			text: "has mtls }\nrequire Inside",
		},
		{
			name: "connections that the network permits and nobody draws",
			design: `component Api, Ads: service in Core { has input_validation, rate_limiting, object_authorization }
flow Save: Shop -> Api over https { carries Order  has mtls }
flow Ask: Shop -> Ads over https { carries Order  has mtls }
flow Ads -> Api, Shop over tcp
require Least: always forall f: flow | not (exists d: data | f carries d) implies f is blocked`,
			change: "Ads->Api, Ads->Shop blocked", users: "who connects by these flows no longer can; all others are unaffected",
			text: "flow Ads -> Api, Shop over tcp blocked\n",
		},
		{
			name: "a login that is left over",
			design: `component Admin: webapp, admin_interface in Core { has input_validation, output_encoding, object_authorization, function_authorization, rate_limiting, hardening  accepts Key, Staff }
actor Boss: employee in Core { has security_training }
flow Work: Boss -> Admin over https { authenticated by Staff  has mtls }
attacker Finder { knows Key }
require Safe: never controls(Admin) against Finder`,
			change: "Admin no longer accepts Key", users: "nobody is drawn to log in at Admin with Key",
			text: "accepts Staff }",
		},
		{
			name: "data that is kept and never read",
			design: `component Db: database in Core { stores Order, Card }
flow Save: Shop -> Db over sql_tls { carries Order  returns Order  has mtls }
attacker Thief { controls Db }
require Secret: confidential Card against Thief`,
			change: "Db no longer stores Card", users: "nobody is drawn to read Card from Db, who read other things there",
			text: "component Db: database in Core { stores Order }",
		},
		{
			name: "data that is sent and never used",
			design: `component Ads: service in Core
flow Ask: Shop -> Ads over https { carries Order, Card  returns Order }
component Log: logging_server in Core
attacker Thief { controls Ads }
require Secret: confidential Card against Thief`,
			change: "Ask no longer carries Card", users: "Ads is not drawn to do anything with Card",
			text: "flow Ask: Shop -> Ads over https { carries Order  returns Order }",
		},
		{
			name: "a store among strangers",
			design: `component Db: database in Internet { has hardening  stores Order }
flow Save: Shop -> Db over sql_tls { carries Order  returns Order }
require Secret: confidential Order`,
			without: []string{"source_allowlist", "authentication"},
			change:  "Db in Core", users: "clients in Core reach Db as before, others need a way in",
			text: "component Db: database in Core { has hardening",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := shop + c.design + "\n"
			load := loader(text)
			plan, err := repair.Search(t.Context(), load, repair.Options{Without: c.without})
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(plan.Changes, func(x *repair.Change) bool { return x.String() == c.change })
			if i < 0 {
				for _, h := range plan.Hopeless {
					t.Log(h.Requirement.Name, h.Steps)
				}
				t.Fatalf("the plan is %v, expected %q in it", plan.Changes, c.change)
			}
			if got := plan.Changes[i].Users(); got != c.users {
				t.Errorf("its users: %q, expected %q", got, c.users)
			}
			if !strings.Contains(plan.Texts["shop.vbn"], c.text) {
				t.Errorf("the design becomes\n%s\nexpected in it\n%s", plan.Texts["shop.vbn"], c.text)
			}
			m, err := load(plan.Texts)
			if err != nil || m == nil {
				t.Fatalf("the repaired design cannot be read: %v\n%s", err, plan.Texts["shop.vbn"])
			}
			r, err := checker.Check(t.Context(), m, checker.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range r.Requirements {
				if q.Verdict != checker.Holds {
					t.Errorf("%s is %s afterwards", q.Source.Name, q.Verdict)
				}
			}
		})
	}
}

// TestGuards repairs the published flaws in the business logic of shops where they are: at the step that took what it should have compared.
func TestGuards(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, change string }{
		{"amount", "step Ship waits for a = full"},
		{"cart", "step Sell waits for a = price(cart)"},
		{"coupon", "step Grant waits for seen(r) = uses"},
		{"payee", "step Ship waits for s = shop"},
		{"replay", "step Book is taken once for each t: it waits for not used(t) and sets it"},
		{"token", "step Finish waits for order(t) = o"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text, err := threatstest.Disk("../../examples/checkout/" + c.name + ".vbn")
			if err != nil {
				t.Fatal(err)
			}
			load := loader(text)
			plan, err := repair.Search(t.Context(), load, repair.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(plan.Hopeless) > 0 || len(plan.Changes) != 1 || plan.Changes[0].String() != c.change {
				t.Fatalf("the plan is %v, expected %q", plan.Changes, c.change)
			}
			m, err := load(plan.Texts)
			if err != nil || m == nil {
				t.Fatalf("the repaired design cannot be read: %v\n%s", err, plan.Texts["shop.vbn"])
			}
			r, err := checker.Check(t.Context(), m, checker.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range r.Requirements {
				if q.Verdict != checker.Holds {
					t.Errorf("%s is %s afterwards", q.Source.Name, q.Verdict)
				}
			}
		})
	}
}
