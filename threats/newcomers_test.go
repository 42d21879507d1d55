package threats_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
)

const newcomersDesign = `design "Shop"
zone Internet: public
zone Core: private
actor Shopper: customer in Internet
actor Clerk: employee in Core
component Shop: webapp in Core { has input_validation }
component Db: database in Core { stores Card with encryption stores Orders }
data Card: payment_data
data Orders: order_data
data Session: credential
flow Browse: Shopper -> Shop over https { carries Session, Card authenticated by Session }
flow Save: Shop -> Db over sql { carries Card }
process Pay {
  domain State = open, paid, shipped
  domain Order = 1..3
  fact sent(Order)
  var st(Order): State = open
  message Paid(o: Order) over Save signed by Session
  step Charge(o: Order) by Shop
    when st(o) = open
    do st(o) := paid
    sends Paid(o)
  step Ship(o: Order) by Db
    receives Paid(o)
    when not sent(o)
    do sent(o)
}
attacker Outsider { in Internet budget 5 }
attacker Insider { controls Clerk }
require CardSecret: confidential Card against Outsider, Insider { severity critical }
require DbKept: never controls(Db) against Outsider
require Sent for o: Order: sent(o) only after st(o) = paid
`

// TestNewcomers makes mistakes of people who know other languages: each is told once, in words that say what to write.
func TestNewcomers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, to, says string }{
		{"zone Core: private", "component Core: private", "what is of that kind is declared as `zone NAME: private`"},
		{"in Internet\nactor", "in Internet and Core\nactor", "write a comma between the names of a list"},
		{"has input_validation", "has input_validation and waf", "write a comma between the names of a list"},
		{"has input_validation", "has: input_validation", `clauses have no ":"`},
		{"has input_validation", "has input_validation = true", "`has NAME` is enough"},
		{"has input_validation", "owner = \"me\"", `clauses have no "="`},
		{"Shopper -> Shop", "Shopper --> Shop", `unexpected "-->", expected "->"`},
		{"Shopper -> Shop", "Shopper → Shop", `unexpected "→", expected "->"`},
		{"zone Core: private", "zone Core: private # the shop's own", `expected "//" before a comment`},
		{"actor Shopper:", "actor Online Shopper:", "a name is one word, such as Online_Shopper"},
		{"actor Shopper:", "actor \"Shopper\":", "write names without quotes"},
		{"data Orders: order_data", "data Orders: order_data in Core", "data has no zone"},
		{"sql { carries", "sql { carry", `did you mean "carries"?`},
		{"with encryption stores Orders", "with encryption, Orders", `unknown control "Orders": that is data (order_data)`},
		{"Save: Shop -> Db", "Save: Card -> Db", "expected an actor or a component, but \"Card\" is data (payment_data)"},
		{"Save: Shop -> Db", "Save Shop -> Db", `":" behind the name of the flow`},
		{"controls(Db)", "controls(Outsider, Db)", "name attackers after `against`, not in formulas"},
		{"DbKept: never controls(Db)", "DbKept: Outsider never controls Db", "say what must not happen, then to whom"},
		{"against Outsider, Insider", "against Outsider and Insider", "`+` for those who work together"},
		{"against Outsider, Insider", "against customer", `unknown attacker "customer": that is a kind of actor`},
		{"against Outsider, Insider", "against all", "leave out `against`"},
		{"severity critical", "severity 9", `unknown severity "9"`},
		{"attacker Outsider { in Internet budget 5 }", "attacker Outsider in Internet", "write clauses inside braces, as in `{ in ... }`"},
		{"{ controls Clerk }", "{ at Core }", "an attacker has is, in, controls"},
		{"{ controls Clerk }", "{ is employee }", `unknown actor "employee": that is a kind of actor`},
		{"design \"Shop\"", "design \"Shop\"\nimport \"data\"", "perhaps `include` for a file of the design"},
		{"design \"Shop\"", "design \"Shop\"\ninclude \"data\"", `include "data.vbn"`},
		{"zone Core: private", "zone Core: private\neach component has encryption", "`has encryption` in the braces of a flow"},
		{"zone Core: private", "zone Core: private\neach webapp has waf in Core", "before the clauses of an `each`"},
		{"{ has input_validation", "{ port \"8443\"", "port 8443"},
		{"zone Core: private", "zone Core: private in DataCenter", "one of Core, Internet"},
		{"when st(o) = open", "when st(o) == open", `unexpected "==", expected "="`},
		{"when st(o) = open", "when st(o) <> open", `unexpected "<>", expected "!="`},
		{"when st(o) = open", "when st = open", "it is declared as st(Order)"},
		{"when st(o) = open", "if st(o) = open", "perhaps `when` is meant"},
		{"do st(o) := paid\n", "then st(o) := paid\n", "perhaps `do` is meant"},
		{"do st(o) := paid\n", "do st(o) := paid and sent(o)\n", `expected a formula, but "paid" is a value of State`},
		{"sends Paid(o)", "send Paid(o)", `did you mean "sends"?`},
		{"= open, paid, shipped", "= open | paid | shipped", `expected "," between the values`},
		{"domain State = open, paid, shipped", "domain State { open, paid, shipped }", `found "{", expected "="`},
		{"var st(Order): State = open", "var st(Order): int = 0", "integers are of a domain"},
		{"fact sent(Order)", "var sent(Order): bool = false", "what is true or false is a `fact`"},
		{"over Save signed", "over sql signed", `unknown flow "sql": that is a protocol`},
		{"do sent(o)", "do sent(o) := yes", "write `true` or `false`"},
		{"Sent for o: Order: sent(o) only after st(o) = paid", "Sent for o: Order: always sent(o) -> st(o) = paid", "a condition is written `A implies B`"},
		{"Sent for o: Order: sent(o) only after st(o) = paid", "Sent for o: Order: always sent(o) => st(o) = paid", "a condition is written `A implies B`"},
		{"Sent for o: Order: sent(o) only after st(o) = paid", "Sent: always count(sent(1)) <= 1", "count x: SORT | ..."},
		{"Sent for o: Order: sent(o) only after st(o) = paid", "Sent: if sent(1) then sent(2)", "`if` is a term"},
		{"process Pay {", "fact early\nprocess Pay {", "write it inside the braces of a `process`"},
	} {
		text := strings.Replace(newcomersDesign, c.from, c.to, 1)
		if text == newcomersDesign {
			t.Fatalf("%q is not in the design", c.from)
		}
		newcomer(t, c.to, c.says, text, "")
	}
	const words = `catalogue: words
extends: [retail]
kinds:
  photo_booth: {is: component, title: Photo booth}
controls:
  booth_lock: {of: [photo_booth], title: Lock}
threats:
  - id: break-booth
    title: Break a photo booth
    for: {k: photo_booth, z: zone}
    when: k in z and present(z)
    unless: k has booth_lock
    then: [controls(k)]
    cost: 3
    rationale: "3: a tool"
    says: "breaks {k}"
    stride: [tampering]
`
	for _, c := range []struct{ from, to, says string }{
		{"is: component", "kind: component", "one of is, title"},
		{"for: {k: photo_booth, z: zone}", "for: [k, z]", "for: {c: component, d: data}"},
		{"for: {k: photo_booth, z: zone}", "for: photo_booth", "expected variables with their sorts"},
		{"for: {k: photo_booth, z: zone}", "for: {k: photo_both, z: zone}\n    harder: {booth_lock: 2}", `did you mean "photo_booth"?`},
		{"id: break-booth", "id: BreakBooth", "id: break-booth"},
		{"when: k in z and present(z)", "when: exists d: data | k stores d", "stands in quotes"},
		{"then: [controls(k)]", "then: [owns(k)]", "what attackers gain are controls"},
		{"stride: [tampering]", "stride: [T]", "one of spoofing"},
		{"  photo_booth: {is", "\tphoto_booth: {is", "lines begin with spaces"},
	} {
		text := strings.Replace(words, c.from, c.to, 1)
		if text == words {
			t.Fatalf("%q is not in the catalogue", c.from)
		}
		newcomer(t, c.to, c.says, "use \"words.yaml\"\n"+newcomersDesign, text)
	}
}

// newcomer checks that one error is told, and what it says.
func newcomer(t *testing.T, of, says, design, words string) {
	t.Helper()
	diags := &diag.List{}
	threats.Load(func(name string) (string, error) {
		switch name {
		case "d.vbn":
			return strings.Replace(design, "use \"words.yaml\"\ndesign \"Shop\"", "design \"Shop\"\nuse \"words.yaml\"", 1), nil
		case "words.yaml":
			return words, nil
		}
		return "", errors.New("no such file")
	}, []string{"d.vbn"}, diags)
	var said []string
	for _, d := range diags.Sorted() {
		if d.Severity == diag.Error {
			said = append(said, d.Message+"\n"+d.Help)
		}
	}
	if len(said) != 1 || !strings.Contains(said[0], says) {
		t.Errorf("%s\nsays %q, want %q", of, said, says)
	}
}
