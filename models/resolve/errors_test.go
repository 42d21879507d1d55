package resolve

import (
	"fmt"
	"strings"
	"testing"
)

// blowUp is defines each of which uses the one before it several times.
var blowUp = func() string {
	out := "define d0(x: component): controls(x)\n"
	for i := range 9 {
		out += fmt.Sprintf("define d%d(x: component): d%d(x)%s\n", i+1, i, strings.Repeat(fmt.Sprintf(" or d%d(x)", i), 5))
	}
	return out
}()

// TestErrors holds one wrong design per line of diagnostics. A text without `design` is added to shop; one that begins with
// `p:` is the inside of a process, added to process.
func TestErrors(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text, want string }{
		{"no title", "//design\nzone Z: public", "this is a part of a design: it has no `design` of its own [VAU1001]"},
		{"a part", "component C: nothing in Nowhere //design\nflow A -> B require R: never knows(D)", "this is a part of a design: it has no `design` of its own [VAU1001]"},
		{"two severities", "require R: never controls(Shop) { severity high, low }", "a requirement has one severity, found 2 [VAU1020]"},
		{"a blow-up", blowUp + "require R: never d9(Shop) require Q: never d9(Db) or d8(Db)", "this formula is too large, expected at most 100000 parts with every `define` in it expanded [VAU1013]"},
		{"extend nothing", "extend Shpo { has input_validation }", `unknown element "Shpo" — did you mean "Shop"? [VAU1003]`},
		{"extend another sort", "extend data Shop: cardholder_data", `expected data, but "Shop" is a component [VAU1008]`},
		{"extend a value", "process Q { domain D = x1 } extend x1 blocked", `expected an element, but "x1" is a value of D [VAU1008]`},
		{"extend no flow", "extend Shop -> Db { has encryption }", `unknown flow "Shop->Db" [VAU1003]
  help: what leads from Shop to Db is called Save`},
		{"extend no flow at all", "extend Db -> Shop { has encryption }", "unknown flow \"Db->Shop\" [VAU1003]\n  help: `extend` adds to what is declared elsewhere; declare it with `flow Db -> Shop`"},
		{"extend blocked", "extend Shop blocked", "expected a flow before `blocked`, but \"Shop\" is a component [VAU1008]"},
		{"extend with a wrong kind", "extend Shop: webhook", `"webhook" is a kind of flow, expected a kind of component [VAU1004]`},
		{"extend with a misfit", "extend Buy, Shop { has pinning }", `control "pinning" is made for a flow, but "Shop" is a component (webapp) [VAU1005]`},
		{"extend twice with a title", "extend Shop { title \"A\" } extend Shop { title \"B\" }", "`title` of \"Shop\" has two values, expected one [VAU1010]"},
		{"each over a title", "component C: webapp { title \"A\" } each webapp title \"B\"", "`title` of \"C\" has two values, expected one [VAU1010]"},
		{"take back what a protocol gives", "extend Buy { has not encryption }", `protocol "https" gives "encryption" to "Buy", so it cannot be taken back [VAU1005]`},
		{"take back what is open", "extend Shop { has not input_validation? }", "`has not` takes a control back, which leaves nothing to decide [VAU1005]"},
		{"an idle flow carries", "flow F: Shop -> Db { is idle carries Card }", `flow "F" is idle, so it carries nothing [VAU1007]`},
		{"an idle flow is used", "flow F: Psp -> Db { is idle } process Q { message M over F }", "flow \"F\" is idle, so there is no \"M\" on it: leave `is idle` out, or send it over another flow [VAU1024]"},
		{"an idle flow is observed", "flow F: Psp -> Db { is idle } attacker A { observes F }", `flow "F" is idle, so there is nothing to observe, expected a flow that somebody uses [VAU1019]`},
		{"none and some", "component C: webapp { selects none selects Shop }", "`selects none` contradicts that \"C\" selects something: leave one of the two out [VAU1007]"},
		{"none and another", "component C: webapp { selects none, Shop }", "`none` is alone after `selects` [VAU1007]"},
		{"none of a misfit", "zone Z: public { selects none }", `relation "selects" is for another kind: expected a component, but "Z" is a zone (public) [VAU1010]`},
		{"origin outside", "component C: webapp { from \"../x:3\" }", `"../x" is not a file below the directory of the design [VAU1007]`},
		{"origin without a file", "component C: webapp { from \":3\" }", `"" is not a file below the directory of the design [VAU1007]`},
		{"guessed nothing", "component C: webapp { guessed kinb }", `unknown part of an element "kinb" — did you mean "kind"? [VAU1007]`},
		{"a zone in two", "zone A: public in Internet, Core", `zone "A" is in "Internet" and in "Core", expected one zone around it [VAU1008]`},
		{"data of a component", "data D: cardholder_data of Shop", `expected an actor, but "Shop" is a component (webapp) [VAU1008]`},
		{"a flow between many", "actor A, B, C, D: customer data E: cardholder_data of A data G: cardholder_data of B data H: cardholder_data of C data I: cardholder_data of D flow F: A -> B over https { through C, D }", `flow "F" involves 4 actors that stand for many, expected at most 3 [VAU1013]`},
		{"an actor of many", "actor A: customer of Shopper", `expected data or a component before ` + "`of`" + `, but "A" is an actor (customer) [VAU1008]`},
		{"at scale of one for all", "require R: confidential Card at scale", `there is one "Card" for all, so nothing of it is at scale [VAU1033]`},
		{"what is at scale", "require R: available Shop at scale", "found `at scale` after another property, expected it after `confidential` or `integrity` only [VAU1020]"},
		{"for what is not many", "process Q { domain D = x step S by Shop for s: D }", "expected an actor that stands for many after `for`, but \"s\" is a D [VAU1033]"},
		{"for two at once", "process Q { step S by Shop for a: Shopper, b: Shopper }", "the step is for two of Shopper, expected one at a time [VAU1033]"},
		{"called none", "component none: webapp", `nothing can be called "none", which means something in every formula [VAU1031]`},
		{"value called none", "process Q { domain D = none, x }", `nothing can be called "none"`},
		{"variable called true", "require R: always forall true: flow | true is webhook", `nothing can be called "true"`},
		{"the zone of a sum", "component C: webapp in Core, Internet require R: never (sum x: component | if x.zone = Core then 1 else 0) > 3", "`.zone` of elements in several zones stands in a sum here"},
		{"the zone in a process", "component C: webapp in Core, Internet process Q { fact f step S by Shop when Shop.zone = Core do f }", `which zone "Shop.zone" is depends on which is meant`},
		{"title late", "zone Z: public design \"D\"", "found `design` after other declarations, expected it first [VAU1001]"},
		{"two titles", "design \"D\" design \"E\"", "the design has two titles, expected one [VAU1001]"},
		{"twice", "zone Core: private", `"Core" is declared twice, expected another name [VAU1002]`},
		{"value as element", "data o1: cardholder_data process Q { domain D = o1 }", `"o1" is declared twice, expected another name [VAU1002]`},
		{"unknown kind", "component C: webap in Core", `unknown kind of component "webap" — did you mean "webapp"? [VAU1004]`},
		{"unknown class", "data D: cardholder_dta", `unknown class of data "cardholder_dta" — did you mean "cardholder_data"? [VAU1004]`},
		{"wrong root", "component C: customer", `"customer" is a kind of actor, expected a kind of component [VAU1004]`},
		{"is wrong root", "component C: webapp { is webhook }", `"webhook" is a kind of flow, expected a kind of component [VAU1004]`},
		{"unknown zone", "component C: webapp in Cor", `unknown zone "Cor" — did you mean "Core"? [VAU1003]`},
		{"no zone", "component C: webapp in Shop", `expected a zone, but "Shop" is a component (webapp) [VAU1008]`},
		{"nested in another", "zone Z: public { component C: webapp in Core }", "\"C\" is declared inside zone \"Z\" and says `in Core`, expected one of the two [VAU1008]"},
		{"zones in a circle", "zone A: public in B zone B: public in A", `zone "A" is inside itself, expected zones without a cycle [VAU1009]`},
		{"zone in itself", "zone A: public in A", `zone "A" is inside itself, expected zones without a cycle [VAU1009]`},
		{"hosts in a circle", "component A: webapp { runs on B } component B: webapp { runs on A }", `"B" runs on "A", which runs on it, expected hosts without a cycle [VAU1009]`},
		{"unknown control", "component C: webapp { has input_validaton }", `unknown control "input_validaton" — did you mean "input_validation"? [VAU1005]`},
		{"misfit", "component C: webapp { has pinning }", `control "pinning" is made for a flow, but "C" is a component (webapp) [VAU1005]`},
		{"stored misfit", "component C: webapp { stores Card with pinning }", `control "pinning" is made for a flow, but "Card" is data (cardholder_data)`},
		{"unknown protocol", "flow F: Shop -> Db over htps", `unknown protocol "htps" — did you mean "https"? [VAU1006]`},
		{"unknown clause", "component C: webapp { portt 3 }", `unknown clause, attribute or relation "portt" — did you mean "port"? [VAU1007]`},
		{"clause of a flow", "component C: webapp { carries Card }", "`carries` is a clause of another kind: expected a flow, but \"C\" is a component [VAU1007]"},
		{"end of flow", "flow F: Card -> Db over sql", `expected an actor or a component, but "Card" is data (cardholder_data) [VAU1008]`},
		{"carries a party", "flow F: Shop -> Db over sql { carries Shopper }", `expected data, but "Shopper" is an actor (customer) [VAU1008]`},
		{"named fan-out", "flow F: Shop -> Db, Psp over sql", `one name for several flows: "F" [VAU1012]`},
		{"flow twice", "flow Shop -> Db over sql flow Shop -> Db over http", `"Shop->Db" is declared twice, expected another name [VAU1002]`},
		{"no credential", "component C: webapp { accepts Card }", "`accepts` names a credential, but \"Card\" is data (cardholder_data) [VAU1011]"},
		{"authenticated by", "flow F: Shop -> Db over sql { authenticated by Card }", "`authenticated by` names a credential, but \"Card\""},
		{"integer attribute", "component C: webapp { port web }", `attribute "port" has the value "web", expected an integer [VAU1010]`},
		{"word attribute", "zone Z: public { tier wep }", `"wep" is not a value of attribute "tier", expected one of web, app [VAU1010]`},
		{"attribute misfit", "zone Z: public { port 3 }", `attribute "port" is for another kind: expected a component or a flow, but "Z" is a zone (public) [VAU1010]`},
		{"attribute twice", "component C: webapp { port 1 port 2 }", "`port` of \"C\" has two values, expected one [VAU1010]"},
		{"relation misfit", "component C: webapp { selects Card }", "`selects`: expected a component, but \"Card\" is data (cardholder_data) [VAU1008]"},
		{"each unknown", "each webapq has encryption", `unknown kind "webapq" — did you mean "webapp"? [VAU1004]`},
		{"each flow in zone", "each flow in Core has encryption", `a flow lies in no zone [VAU1008]`},
		{"each misfit", "each webapp has pinning", `control "pinning" is made for a flow, but "Shop" is a component (webapp) [VAU1005]`},
		{"shadow", "require R: always forall Shop: component | Shop is webapp", `variable "Shop" has the name of a component (webapp) [VAU1014]`},
		{"same variable", "require R: always forall x: flow, x: flow | x is flow", `variable "x" is declared twice, expected another name [VAU1002]`},
		{"unknown name", "require R: never controls(Shpo)", `unknown name "Shpo" — did you mean "Shop"? [VAU1003]`},
		{"unknown predicate", "require R: never control(Shop)", `unknown predicate, fact or value "control" — did you mean "controls"? [VAU1003]`},
		{"arity", "require R: never controls(Shop, Db)", `"controls" has 2 arguments here, expected 1 [VAU1016]`},
		{"arity of element", "require R: never controls(Shop(Db))", `"Shop" is a component (webapp), expected no arguments after it [VAU1016]`},
		{"wrong sort", "require R: never controls(Card)", `the argument of "controls": expected an actor or a component, but "Card" is data (cardholder_data) [VAU1015]`},
		{"denies", "require R: available Shopper", `the argument of "denies": expected a component or a flow, but "Shopper" is an actor (customer) [VAU1015]`},
		{"second argument", "require R: never linked(Shop, Card)", `argument 2 of "linked": expected a component, but "Card" is data (cardholder_data) [VAU1015]`},
		{"term as formula", "require R: never Shop", `expected a formula, but "Shop" is a component (webapp) [VAU1015]`},
		{"formula as term", "require R: never controls(Shop) = 3", `expected a term, but "controls(Shop)" is a formula [VAU1015]`},
		{"compare", "require R: never Shop = Card", `"=" compares two sorts: "Shop" is a component (webapp), "Card" is data (cardholder_data); expected one sort [VAU1015]`},
		{"none twice", "require R: never none = none", "`none` is compared with itself, expected a term on one side [VAU1018]"},
		{"order", "require R: never Shop < 3", `expected an integer, but "Shop" is a component (webapp) [VAU1015]`},
		{"never none", "require R: never Buy.source = none", "found `none`, expected a value of sort party [VAU1018]"},
		{"unknown sort", "require R: always forall x: componnt | x is webapp", `unknown kind or domain "componnt" — did you mean "component"? [VAU1004]`},
		{"never that kind", "require R: always forall x: flow | x is webapp", `this is never true: "x" is a flow, expected something that can be a webapp [VAU1015]`},
		{"field", "require R: always Shop.source = Shop", `"Shop" is a component (webapp), which has no source, expected a field that it has [VAU1010]`},
		{"unknown field", "require R: always Shop.prt = 3", `unknown attribute "prt" — did you mean "port"? [VAU1010]`},
		{"field misfit", "require R: always Core.port = 3", `attribute "port" is for another kind: expected a component or a flow, but "Core" is a zone (private) [VAU1010]`},
		{"wrong word", "require R: always Core.tier = wbe", `unknown name "wbe"`},
		{"wrong protocol", "require R: always Buy.protocol = htps", `unknown protocol "htps" — did you mean "https"? [VAU1006]`},
		{"in a party", "require R: always Shop in Db", "`in`: expected a zone here, but \"Db\" is a component (database) [VAU1015]"},
		{"unknown relation", "require R: always Shop selecs Db", `unknown relation "selecs" — did you mean "selects"? [VAU1003]`},
		{"define of itself", "define p: q define q: p require R: never p", `define "p" uses itself: p -> q -> p; expected defines without a cycle [VAU1017]`},
		{"argument of define", "define p(c: component): controls(c) require R: never p(Card)", `the argument of "p": expected a component, but "Card" is data (cardholder_data) [VAU1015]`},
		{"attacker", "attacker A { controls Card }", "`controls`: expected an actor or a component, but \"Card\" is data (cardholder_data) [VAU1008]"},
		{"attacker twice", "attacker Outsider { in Core }", `attacker "Outsider" is declared twice, expected another name [VAU1002]`},
		{"threat", "attacker A { without snif }", `unknown threat "snif" — did you mean "sniff"? [VAU1019]`},
		{"attacker clause", "attacker A { cntrols Shop }", `unknown clause of an attacker "cntrols" — did you mean "controls"? [VAU1007]`},
		{"against", "require R: never controls(Db) against Outsidr", `unknown attacker "Outsidr" — did you mean "Outsider"? [VAU1003]`},
		{"twice in a coalition", "require R: never controls(Db) against Outsider + Outsider", `attacker "Outsider" is named twice in one coalition: leave one out [VAU1020]`},
		{"possible against", "require R: possible controls(Db) against Outsider", "`possible` is about runs without any attacker: leave `against` out [VAU1020]"},
		{"severity", "require R: never controls(Db) { severity hihg }", `unknown severity "hihg" — did you mean "high"? [VAU1020]`},
		{"requirement twice", "require R: never controls(Db) require R: never controls(Db)", `requirement "R" is declared twice, expected another name [VAU1002]`},
		{"no requirement", "require R: never controls(Db) waive Q until 2030-01-01 because \"x\"", `unknown requirement "Q"`},
		{"waived twice", "require R: never controls(Db) waive R until 2030-01-01 because \"x\" waive R until 2031-01-01 because \"y\"", `requirement "R" is waived twice, expected one waiver [VAU1021]`},
		{"no date", "require R: never controls(Db) waive R until 2030-02-30 because \"x\"", `"2030-02-30" is not a date, expected YYYY-MM-DD [VAU1021]`},
		{"large domain", "p:domain D = 0..99999", "the domain is too large, expected at most 65536 values [VAU1013]"},
		{"empty domain", "p:domain D = 3..1", `domain "D" is empty: 3 is more than 1; expected the smaller one first [VAU1022]`},
		{"secret range", "p:domain D = 0..1 secret", "integers can be guessed, expected names: only named values may be `secret` [VAU1022]"},
		{"value twice", "p:domain D = x, x", `"x" is declared twice, expected another name [VAU1002]`},
		{"table not total", "p:value v(Order): Amount = { o1: 1 }", `value "v" has no entry for v(o2), expected one for each [VAU1023]`},
		{"table twice", "p:value v(Order): Amount = { o1: 1, o2: 1, o1: 2 }", `"v" has two entries for the same arguments, expected one [VAU1023]`},
		{"table outside", "p:value v: Amount = 7", `7 is out of range, expected a value of domain "Amount", 0..3 [VAU1022]`},
		{"table of others", "p:value v(Order): Amount = { o1: 1, t1: 1 }", `the argument of "v": expected an Order, but "t1" is a value of Token [VAU1015]`},
		{"no start", "p:var w: Amount", `variable "w" has no start value [VAU1028]`},
		{"start of the state", "p:var w: Amount = paid(o1)", `the start value of "w" depends on the state, expected one that the design fixes [VAU1028]`},
		{"start none", "p:var w: Order = none", "found `none`, expected a value of sort Order [VAU1018]"},
		{"message flow", "p:message M(Order) over Notfy", `unknown flow "Notfy" — did you mean "Notify"? [VAU1003]`},
		{"signed", "p:message M(Order) over Notify signed by Card", "expected a credential after `signed by`, but \"Card\" is data (cardholder_data) [VAU1011]"},
		{"except", "p:message M(o: Order) over Notify signed by Key except p", `unknown field "p"`},
		{"sender", "p:step S(o: Order) by Shop sends Paid(o, 1)", "step \"S\" sends \"Paid\", but the source of flow \"Notify\" is \"Psp\", which is not a party of the step: add it after `by` [VAU1025]"},
		{"receiver", "p:step S(o: Order) by Psp receives Paid(o, 1) do placed(o)", "step \"S\" receives \"Paid\", but the target of flow \"Notify\" is \"Shop\", which is not a party of the step: add it after `by` [VAU1025]"},
		{"unknown message", "p:step S(o: Order) by Psp sends Piad(o, 1)", `unknown message "Piad" — did you mean "Paid"? [VAU1024]`},
		{"message arity", "p:step S(o: Order) by Psp sends Paid(o)", `"Paid" has 1 argument here, expected 2 [VAU1016]`},
		{"set twice", "p:step S(o: Order) by Shop do paid(o) := 1, paid(o) := 2", `step "S" sets "paid" twice, expected once [VAU1026]`},
		{"set an element", "p:step S by Shop do Card", `expected a fact or a variable of a process, but "Card" is data (cardholder_data) [VAU1026]`},
		{"set without value", "p:step S by Shop do paid(o1)", `"paid" is a variable, not a fact: it needs a value [VAU1026]`},
		{"set to another sort", "p:step S by Shop do session := t1", `the value of "session": expected an Order?, but "t1" is a value of Token [VAU1015]`},
		{"forall several", "p:step S by Shop do forall o: Order | paid(o1) := price(o)", `"o" is missing on the left, so one variable would get several values: expected it among the arguments on the left`},
		{"party of a step", "p:step S by Card do done", `expected an actor or a component, but "Card" is data (cardholder_data) [VAU1008]`},
		{"step twice", "p:step Place by Shop do done", `step "Place" is declared twice, expected another name [VAU1002]`},
		{"define of a base predicate", "define knows(d: data): Shop stores d", `"knows" is a predicate of the language, which a define cannot hide [VAU1014]`},
		{"fact of a base predicate", "process Q { fact controls(component) }", `"controls" is a predicate of the language, which a fact cannot hide [VAU1014]`},
		{"domain of a base kind", "process Q { domain component = c1 }", `"component" is a kind of the language, which a domain cannot hide [VAU1014]`},
		{"never that number", "p:} require R: never paid(o1) = 77 process Q {", "this is never true: paid(o1) is 0..3; expected values in common [VAU1022]"},
		{"never that sum", "p:} require R: never paid(o1) + paid(o2) * 2 = 10 process Q {", "this is never true: paid(o1) + paid(o2) * 2 is 0..9; expected values in common [VAU1022]"},
		{"always another number", "p:} require R: always paid(o1) != -1 process Q {", "this is always true: paid(o1) is 0..3; expected values in common [VAU1022]"},
		{"no common number", "p:domain Far = 7..9 var far: Far = 7 step S by Shop when far = paid(o1) do done", "this is never true: far is 7..9, and paid(o1) is 0..3; expected values in common [VAU1022]"},
		{"two numbers", "require R: never 1 = 2", "this is never true: 1 is not 2; expected values in common [VAU1022]"},
		{"set outside", "p:step S by Shop do paid(o1) := 99", `99 is out of range, expected a value of domain "Amount", 0..3 [VAU1022]`},
		{"set outside in a branch", "p:step S by Shop do paid(o1) := if done then 1 else 99", `99 is out of range, expected a value of domain "Amount", 0..3 [VAU1022]`},
		{"set outside by a sum", "p:step S by Shop do paid(o1) := paid(o1) + 4", `paid(o1) + 4, which is 4..7, is out of range, expected a value of domain "Amount", 0..3 [VAU1022]`},
		{"sent outside", "p:step S by Psp sends Paid(o1, 9)", `9 is out of range, expected a value of domain "Amount", 0..3 [VAU1022]`},
		{"asked outside", "p:value v(Amount): Amount = 1 } require R: never v(9) = 1 process Q {", `9 is out of range, expected a value of domain "Amount", 0..3 [VAU1022]`},
		{"no secret", "p:} require R: never knows(o1) process Q {", `everybody knows the values of "Order" [VAU1015]`},
		{"if of two sorts", "p:step S by Shop do session := if done then o1 else t1", "the branches of `if` have two sorts: \"o1\" is a value of Order, \"t1\" is a value of Token; expected one sort"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := c.text
			if inside, ok := strings.CutPrefix(text, "p:"); ok {
				text = shop + process + inside + "\n}"
			} else if !strings.Contains(text, "design") {
				text = shop + text
			}
			_, diags := resolve(t, text)
			got := render(diags)
			if !strings.Contains(got, "error: "+c.want) && !strings.Contains(got, c.want) || !diags.HasErrors() {
				t.Errorf("want %s\ngot:\n%s", c.want, got)
			}
			if n := strings.Count(got, ": error: "); n != 1 {
				t.Errorf("%d errors for one mistake:\n%s", n, got)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text, want string }{
		{"static against", "require R: always Shop is webapp against Outsider", `requirement "R" mentions no fact: it is judged once, without attackers [VAU1020]`},
		{"each of nothing", "each database in Internet has input_validation", "this `each` selects nothing: no database matches; leave it out, or widen `in` and the kind [VAU1027]"},
		{"nothing to except", "each database has input_validation except Shop", "\"Shop\" is not selected by this `each`: leave it out after `except` [VAU1027]"},
		{"unused for", "require R for d: data: never controls(Shop)", `variable "d" of requirement "R" is not used: leave it out [VAU1027]`},
		{"nothing to take back", "extend Shop { has not input_validation } extend Db { has not input_validation }", "\"Db\" does not have \"input_validation\": leave `has not` out [VAU1027]"},
		{"never so many", "process Q { domain N = 0..3 var n: N = 0 } require R: never n > 3", "this is never true: n is 0..3; expected a number in reach [VAU1022]"},
		{"always so few", "process Q { domain N = 0..3 var n: N = 0 } require R: always n <= 5", "this is always true: n is 0..3; leave it out, or compare with a number in reach [VAU1022]"},
		{"hidden", "require R: never exists x: zone | exists x: flow | observes(x)", `variable "x" hides the variable of the same name outside: rename one [VAU1014]`},
		{"blocked message", "flow B: Psp -> Shop over http blocked process Q { message M over B }", "flow \"B\" is blocked, so \"M\" never passes: leave `blocked` out, or send it over another flow [VAU1024]"},
		{"fact hides", "process Q { fact poisoned }", `"poisoned" hides the predicate of the same name: rename it if formulas need the predicate [VAU1014]`},
		{"domain hides", "process Q { domain webapp = w1 }", `domain "webapp" hides the kind of the same name: rename it if formulas need the kind [VAU1014]`},
		{"a number that may be none", "process Q { domain N = 0..3 var n: N? = none } require R: never n < 2", "\"n\" may be `none`, and then no comparison holds with it"},
		{"a sum of what may be none", "process Q { domain D = d1, d2 domain N = 0..3 var n(D): N? = none } assume R: (sum d: D | n(d)) < 2", "\"n(d)\" may be `none`, and then"},
		{"unused parameter", "process Q { fact f domain D = d1 step S(d: D) by Shop do f }", `parameter "d" of step "S" is not used: leave it out [VAU1027]`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, diags := resolve(t, shop+c.text)
			if got := render(diags); !strings.Contains(got, "warning: "+c.want) || diags.HasErrors() {
				t.Errorf("want %s\ngot:\n%s", c.want, got)
			}
		})
	}
}

// TestGuarded checks that there is no warning of a number that is asked whether it is none.
func TestGuarded(t *testing.T) {
	t.Parallel()
	_, diags := resolve(t, shop+`process Q { domain D = d1, d2 domain N = 0..3 var n(D): N? = none var m: N = 0 }
require Sum: never (sum d: D | n(d) where n(d) != none) > 2
require If: always (if n(d1) = none then 0 else n(d1)) + m < 3
require Compare: never n(d1) = m or n(d2) = none and n(d2) > 2`)
	if got := render(diags); strings.Contains(got, "may be") || diags.HasErrors() {
		t.Error(got)
	}
}

// TestAllErrors checks that one run reports errors of every phase, and second places.
func TestAllErrors(t *testing.T) {
	t.Parallel()
	_, diags := resolve(t, shop+`zone Core: nowhere
flow F: Shop -> Nobody over ftp
require R: never controls(Nobody) and contrls(Shop)
waive Q until 2030-01-01 because "x"`)
	got := render(diags)
	for _, want := range []string{`"Core" is declared twice`, "  3: first declared here", `"nowhere"`, `"ftp"`, `"Nobody"`, `"contrls"`, `"Q"`} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %s in:\n%s", want, got)
		}
	}
}
