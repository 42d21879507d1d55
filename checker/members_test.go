package checker_test

import (
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
)

// TestOneAmongMany judges shops, marketplaces and couriers whose attackers are one of many: what is their own is not stolen, what is another's has to be guarded.
func TestOneAmongMany(t *testing.T) {
	t.Parallel()
	const (
		places = "zone Internet: public\nzone Core: private\nzone Depot: depot\n"
		shop   = places + "actor Shopper: customer in Internet\ncomponent Shop: webapp in Core { has input_validation, output_encoding, rate_limiting, response_filtering, frame_protection, hsts, bot_detection, recovery_verification"
		login  = "data Pw: customer_password of Shopper { has password_policy }\n"
		strong = "authenticated by Pw has phishing_resistant_login, token_binding"
		is     = "attacker Cheat { is Shopper }\n"
	)
	for _, c := range []struct{ what, design, verdict, vacuous string }{
		{"own card", shop + " }\ndata Card: cardholder_data of Shopper\nflow Buy: Shopper -> Shop over https { carries Card }\n" + is + "require R: never defrauded(Shop)", "holds", ""},
		{"own card, not said", shop + " }\ndata Card: cardholder_data\nflow Buy: Shopper -> Shop over https { carries Card }\nattacker Cheat { controls Shopper }\nrequire R: never defrauded(Shop)", "holds", ""},
		{"another's card that is known", shop + " }\ndata Card: cardholder_data of Shopper\nflow Buy: Shopper -> Shop over https { carries Card }\nattacker Cheat { is Shopper knows Card }\nrequire R: never defrauded(Shop)", "violated", ""},
		{"another's card by an account of one's own", places + "actor Shopper: customer in Internet\ncomponent Shop: checkout in Core { has input_validation, output_encoding }\ndata Card: cardholder_data of Shopper\nflow Buy: Shopper -> Shop over https { carries Card has mtls }\nattacker Cheat { is Shopper knows Card without relayed-authentication }\nrequire R: never defrauded(Shop)", "violated", ""},
		{"own card by an account of one's own", places + "actor Shopper: customer in Internet\ncomponent Shop: checkout in Core { has input_validation, output_encoding }\ndata Card: cardholder_data of Shopper\nflow Buy: Shopper -> Shop over https { carries Card has mtls }\nattacker Cheat { is Shopper }\nrequire R: never defrauded(Shop)", "holds", ""},
		{"own order", shop + ", object_authorization }\ndata Order: order_data of Shopper\n" + login + "flow Look: Shopper -> Shop over https { returns Order " + strong + " }\n" + is + "require R: confidential Order", "holds", ""},
		{"orders by number", shop + " }\ndata Order: order_data of Shopper\n" + login + "flow Look: Shopper -> Shop over https { returns Order " + strong + " }\n" + is + "require R: confidential Order", "violated all", ""},
		{"orders by number, at scale", shop + " }\ndata Order: order_data of Shopper\n" + login + "flow Look: Shopper -> Shop over https { returns Order " + strong + " }\n" + is + "require R: confidential Order at scale", "violated all", ""},
		{"a phished customer", shop + ", object_authorization }\ndata Order: order_data of Shopper\n" + login + "flow Look: Shopper -> Shop over https { returns Order authenticated by Pw has token_binding }\n" + is + "require R: confidential Order", "violated one", ""},
		{"phished customers are not all", shop + ", object_authorization, mfa }\ndata Order: order_data of Shopper\n" + login + "flow Look: Shopper -> Shop over https { returns Order authenticated by Pw has token_binding }\n" + is + "require R: confidential Order at scale", "holds", ""},
		{"a phished clerk opens the orders of all", places + "actor Shopper: customer in Internet\nactor Clerk: employee in Internet\ncomponent Office: admin_interface in Core { has input_validation, output_encoding stores Order }\ndata Order: order_data of Shopper\ndata Pw: staff_password\nflow Work: Clerk -> Office over https { returns Order authenticated by Pw has token_binding }\nattacker Out { in Internet without function-level-authorization, send-with-credential }\nrequire R: confidential Order at scale", "violated all", ""},
		{"own address", shop + ", object_authorization stores Address }\ndata Address: contact_data of Shopper\n" + login + "flow Change: Shopper -> Shop over https { carries Address " + strong + " }\n" + is + "require R: integrity Address", "holds", ""},
		{"another's address", shop + " stores Address }\ndata Address: contact_data of Shopper\n" + login + "flow Change: Shopper -> Shop over https { carries Address " + strong + " }\n" + is + "require R: integrity Address", "violated all", ""},
		{"two customers that act together", shop + ", object_authorization }\ndata Order: order_data of Shopper\n" + login + "flow Look: Shopper -> Shop over https { returns Order " + strong + " }\n" + is + "attacker Other { is Shopper }\nrequire R: confidential Order against Cheat + Other", "holds", ""},
		{"an app of each", shop + ", object_authorization }\ncomponent App: mobile_app in Internet { has endpoint_protection }\ndata Order: order_data of Shopper\nflow Shopper -> App over screen\nflow Look: App -> Shop over https { returns Order has mtls }\n" + is + "require R: confidential Order at scale", "holds", ""},
		{"an app of each, before a stranger", shop + ", object_authorization }\ncomponent App: mobile_app in Internet\ndata Order: order_data of Shopper\nflow Shopper -> App over screen\nflow Look: App -> Shop over https { returns Order has mtls }\nattacker Out { in Internet }\nrequire R: confidential Order", "holds", ""},
		{"a courier and his list", places + "actor Courier: courier in Internet\ncomponent Tours: api in Core { has input_validation, object_authorization }\ndata List: delivery_instructions of Courier\nflow Look: Courier -> Tours over https { returns List has mtls }\nattacker Curious { is Courier }\nrequire R: confidential List", "holds", ""},
		{"a courier and the list of another", places + "actor Courier: courier in Internet\ncomponent Tours: api in Core { has input_validation }\ndata List: delivery_instructions of Courier\nflow Look: Courier -> Tours over https { returns List has mtls }\nattacker Curious { is Courier }\nrequire R: confidential List", "violated all", ""},
		{"a clerk is given orders", places + "actor Clerk: employee in Core\ncomponent Office: admin_interface in Core { has input_validation }\ndata Order: order_data\nflow Look: Clerk -> Office over https { returns Order has mtls }\nattacker Insider { is Clerk }\nrequire R: confidential Order", "holds", "the design gives Order"},
		{"a clerk who passes orders on", places + "actor Clerk: employee in Core\ncomponent Office: admin_interface in Core { has input_validation }\ndata Order: order_data\nflow Look: Clerk -> Office over https { returns Order has mtls }\nattacker Insider { controls Clerk }\nrequire R: confidential Order", "violated", ""},
		{"who is given it beside who is not", places + "actor Clerk: employee in Core\ncomponent Office: admin_interface in Core { has input_validation }\ndata Order: order_data\nflow Look: Clerk -> Office over https { returns Order has mtls }\nattacker Insider { is Clerk }\nattacker Out { in Internet }\nrequire R: confidential Order against Insider + Out", "violated", ""},
		{"merchants of a marketplace", places + "actor Merchant: marketplace_seller in Internet\ncomponent Market: api in Core { has input_validation, response_filtering, object_authorization stores Sales }\ndata Sales: confidential_data of Merchant\nflow Ask: Merchant -> Market over https { returns Sales has mtls }\nattacker Rival { is Merchant }\nrequire R: confidential Sales", "holds", ""},
		{"the whole table", shop + ", object_authorization }\ncomponent Db: database in Core { stores Order }\ndata Order: order_data of Shopper\nflow Look: Shopper -> Shop over https { returns Order has mtls }\nflow Save: Shop -> Db over sql_tls { carries Order has mtls }\nattacker Dba { injects Save }\nrequire R: confidential Order", "violated all", ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			r := check(t, resolve(t, "design \"D\"\n"+c.design, builtin()))
			q := r.Requirements[0]
			got := string(q.Verdict)
			if a := q.Cases[0].Attack; a != nil && a.Reach != "" {
				got += " " + string(a.Reach)
			}
			if got != c.verdict {
				t.Errorf("%s, expected %s %s", got, c.verdict, steps(q))
			}
			said := ""
			if v := q.Vacuous(); v != nil {
				said = v.Text
			}
			if (said == "") != (c.vacuous == "") || !strings.Contains(said, c.vacuous) {
				t.Errorf("vacuous: %q, expected %q", said, c.vacuous)
			}
		})
	}
}

// TestCallers: a shop that shows what is asked for to whoever asks is wrong, one that asks whose it is right, whoever calls.
func TestCallers(t *testing.T) {
	t.Parallel()
	const design = `design "D"
zone Internet: public
zone Core: private
actor Reader: customer in Internet
component Shop: storefront in Core { has input_validation, output_encoding }
flow Ask: Reader -> Shop over https
flow Answer: Shop -> Reader over https
attacker Cheat { is Reader }
process Wishes {
  domain Number = n1, n2
  fact owns(Reader, Number)
  fact shown(Reader, Number)
  message Make(n: Number) over Ask
  message Look(n: Number) over Ask
  message Page(n: Number) over Answer
  step Keep(n: Number) by Shop for r: Reader receives Make(n) when not exists o: Reader | owns(o, n) do owns(r, n)
  step Show(n: Number) by Shop for r: Reader receives Look(n) when owns(r, n) do shown(r, n) sends Page(n)
}
require R: never exists a: Reader, n: Number | shown(a, n) and not owns(a, n)
`
	for guard, want := range map[string]checker.Verdict{"owns(r, n)": checker.Holds, "exists o: Reader | owns(o, n)": checker.Violated} {
		q := check(t, resolve(t, strings.Replace(design, "when owns(r, n)", "when "+guard, 1), builtin())).Requirements[0]
		if q.Verdict != want {
			t.Errorf("when %s: %s, expected %s", guard, q.Verdict, want)
		}
	}
}
