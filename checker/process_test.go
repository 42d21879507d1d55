package checker_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// verify checks a design that uses mini.yaml, written out.
func verify(t *testing.T, text string) *checker.Result {
	t.Helper()
	m := threatstest.Load(t, func(name string) (string, error) {
		if name == "design.vbn" {
			return text, nil
		}
		return threatstest.Disk("testdata/" + name)
	}, "design.vbn")
	r, err := checker.Check(t.Context(), m, checker.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return r
}

// of returns the requirement of a name.
func of(t *testing.T, r *checker.Result, name string) *checker.Requirement {
	t.Helper()
	i := slices.IndexFunc(r.Requirements, func(q *checker.Requirement) bool { return q.Source.Name == name })
	if i < 0 {
		t.Fatalf("no requirement %q", name)
	}
	return r.Requirements[i]
}

// moves are the steps of an attack: their kinds and names, with what they are bound to.
func moves(a *explain.Attack) []string {
	var out []string
	for _, s := range a.Steps {
		var args []string
		for _, b := range s.Bindings {
			args = append(args, b.Value)
		}
		out = append(out, string(s.Kind)+" "+s.ID+"("+strings.Join(args, ", ")+")")
	}
	return out
}

func TestCashier(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/cashier.vbn")
	if err != nil {
		t.Fatal(err)
	}
	r := verify(t, string(text))
	for name, want := range map[string]checker.Verdict{
		"Sells": checker.Holds, "SellsSafely": checker.Holds, "PaidInFull": checker.Violated, "PaidInFullSafely": checker.Holds,
	} {
		if got := of(t, r, name).Verdict; got != want {
			t.Errorf("%s: %s, expected %s", name, got, want)
		}
	}
	attack := moves(of(t, r, "PaidInFull").Cases[0].Attack)
	slices.Sort(attack) // placing the order and sitting down at the redirect commute
	want := []string{
		"inject PayRequest(o1, cent)", "step Charge(o1, cent)", "step Place(o1)", "step Ship(o1, cent)", "threat sit-at-an-end(Redirect, Shopper)",
	}
	if !slices.Equal(attack, want) {
		t.Errorf("the attack is %q, expected %q", attack, want)
	}
	run := moves(of(t, r, "Sells").Cases[0].Runs[0])
	if want := []string{"step Place(o1)", "step Charge(o1, full)", "step Ship(o1, full)"}; !slices.Equal(run, want) {
		t.Errorf("the honest run is %q, expected %q", run, want)
	}
}

// notification is a shop that takes orders for paid when the payment provider notifies it, by way of the customer's browser. The checks that the
// shop makes are filled in.
const notification = `design "Notification"
use "mini.yaml"
zone Internet: public
actor Shopper: customer in Internet
actor Psp: business in Internet
component Shop: webapp in Internet { has input_validation }
data PspKey: credential
flow Pay: Shopper -> Psp over https
flow Notify: Psp -> Shop over https { through Shopper }
attacker Cheat { controls Shopper }
process Checkout {
  domain Order = o1, o2
  domain Amount = full, cent
  domain Currency = usd, other
  domain Payee = merchant, cheat
  domain Transaction = t1, t2
  fact payment(Transaction, Order, Amount, Currency, Payee)
  fact made(Transaction)
  fact used(Transaction)
  fact paid(Order)
  message Request(Order, Amount, Currency, Payee) over Pay
  message Notice(Transaction, Order, Amount, Currency, Payee) over Notify%[1]s
  step Charge(t: Transaction, o: Order, a: Amount, c: Currency, p: Payee) by Psp
    receives Request(o, a, c, p)
    when not made(t)
    do made(t), payment(t, o, a, c, p)
    sends Notice(t, o, a, c, p)
  // The order that the shop takes for paid comes with the message, or from the address that the browser calls.
  step Accept(q: Order, t: Transaction, o: Order, a: Amount, c: Currency, p: Payee) by Shop
    receives Notice(t, o, a, c, p)
    when not paid(q)%[2]s
    do paid(q), used(t)
}
require Matched: never exists q: Order | paid(q) and not exists t: Transaction | payment(t, q, full, usd, merchant)
`

// TestNotificationChecks goes through all subsets of six checks of a payment notification. Each paid order has its own matching payment to the merchant
// exactly where five of them are made: that a transaction was not used before adds nothing, since a payment that is bound
// to its order pays for no other one.
func TestNotificationChecks(t *testing.T) {
	t.Parallel()
	checks := []string{"origin", "amount", "currency", "payee", "order", "transaction"}
	conditions := []string{"", " and a = full", " and c = usd", " and p = merchant", " and q = o", " and not used(t)"}
	for subset := range 64 {
		when := ""
		var made []string
		for i := range checks {
			if subset>>i&1 == 1 {
				made = append(made, checks[i])
				when += conditions[i]
			}
		}
		signed := ""
		if subset&1 == 1 {
			signed = " signed by PspKey"
		}
		want := checker.Violated
		if subset&31 == 31 {
			want = checker.Holds
		}
		r := verify(t, fmt.Sprintf(notification, signed, when))
		if got := r.Requirements[0].Verdict; got != want {
			t.Errorf("with %v checked: %s, expected %s", made, got, want)
		}
	}
}

// coupon is a shop that redeems a coupon that is good for one order, in requests that may run at the same time: each looks whether the coupon is
// used, decides, and writes that it is. How it sees to it that only one of them goes through is filled in.
const coupon = `design "Coupon"
use "mini.yaml"
zone Internet: public
component Shop: webapp in Internet
process Redeeming {
  domain Request = %[1]s
  domain Uses = 0..2
  domain Seen = fresh, spent
  var uses: Uses = 0 bounded
  var seen(Request): Seen? = none
  var holder: Request? = none
  fact redeemed(Request)
  step Lock(r: Request) by Shop when holder = none do holder := r
  step Read(r: Request) by Shop when seen(r) = none%[2]s do seen(r) := if uses = 0 then fresh else spent
  step Redeem(r: Request) by Shop when not redeemed(r) and seen(r) != none%[3]s do redeemed(r), uses := %[4]s%[5]s
}
require Once: never (count r: Request | redeemed(r)) > 1
require Works: possible redeemed(r1)
`

func TestCouponRace(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name                       string
		read, redeem, write, after string
		want                       checker.Verdict
	}{
		{"no check", "", "", "1", "", checker.Violated},
		{"check of what was read", "", " and seen(r) = fresh", "1", "", checker.Violated},
		{"atomic increment", "", " and seen(r) = fresh", "uses + 1", "", checker.Violated},
		{"lock", " and holder = r", " and seen(r) = fresh and holder = r", "1", ", holder := none", checker.Holds},
		{"compare and set", "", " and seen(r) = fresh and uses = 0", "1", "", checker.Holds},
		{"conditional update", "", " and uses < 1", "uses + 1", "", checker.Holds},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			for requests, want := range map[string]checker.Verdict{"r1, r2": x.want, "r1": checker.Holds} {
				r := verify(t, fmt.Sprintf(coupon, requests, x.read, x.redeem, x.write, x.after))
				once := of(t, r, "Once")
				if once.Verdict != want {
					t.Errorf("requests %s: %s, expected %s (%+v)", requests, once.Verdict, want, once.Cases[0].Unknown)
				}
				if got := of(t, r, "Works").Verdict; got != checker.Holds {
					t.Errorf("requests %s: nothing is ever redeemed", requests)
				}
				// The verdict says how many requests it is about.
				size := 0
				for _, d := range once.Cases[0].Domains {
					if d.Name == "Request" {
						size = d.Size()
					}
				}
				if n := len(strings.Split(requests, ",")); size != n {
					t.Errorf("the verdict is about %d requests, expected %d", size, n)
				}
			}
		})
	}
}

// TestBounds holds to the rule that a bound is never passed off as a proof.
func TestBounds(t *testing.T) {
	t.Parallel()
	const design = `design "Bounds"
use "mini.yaml"
zone Internet: public
component Shop: webapp in Internet { has input_validation? }
process Counting {
  domain N = 0..2
  var n: N = 0%s
  fact other
  step Add by Shop when n < %s do n := n + 1
  step Off by Shop when n = 2 do n := 0
  step Other by Shop do other
}
require Never: never n = 2 and other and n = 1
require Apart: never other and not other
require Reached: possible n = 2 and other
require Far: possible (n + n) * 2 = 6
`
	for _, x := range []struct {
		bounded, less string
		never, far    checker.Verdict
	}{
		{"", "2", checker.Holds, checker.Violated},
		{"", "3", checker.Unknown, checker.Unknown},
		{" bounded", "3", checker.Holds, checker.Violated},
	} {
		r := verify(t, fmt.Sprintf(design, x.bounded, x.less))
		for name, want := range map[string]checker.Verdict{"Never": x.never, "Apart": checker.Holds, "Reached": checker.Holds, "Far": x.far} {
			q := of(t, r, name)
			if q.Verdict != want {
				t.Errorf("n%s, added while less than %s: %s is %s, expected %s", x.bounded, x.less, name, q.Verdict, want)
			}
			if u := q.Cases[0].Unknown; q.Verdict == checker.Unknown && (!strings.Contains(u.Text, "Add") || !strings.Contains(u.Text, "N")) {
				t.Errorf("%q names neither step nor domain", u.Text)
			}
		}
	}
}

// TestIdle checks that what never happens is said, with the reason.
func TestIdle(t *testing.T) {
	t.Parallel()
	r := verify(t, `design "Idle"
use "mini.yaml"
zone Internet: public
actor Psp: business in Internet
component Shop: webapp in Internet { has input_validation }
flow Notify: Psp -> Shop over https
process Checkout {
  domain Order = o1, o2
  fact placed(Order)
  fact paid(Order)
  fact shipped(Order)
  fact refunded(Order)
  message PaidNotice(Order) over Notify
  step Place(o: Order) by Shop do placed(o)
  step Ship(o: Order) by Shop receives PaidNotice(o) when placed(o) do shipped(o), paid(o)
  step Refund(o: Order) by Shop when shipped(o) do refunded(o)
}
require After for o: Order: refunded(o) only after paid(o)
require Both for o: Order: never placed(o) and refunded(o)
require One: placed(o1) only after placed(o1)
`)
	var got []string
	for _, d := range r.Warnings.Sorted() {
		got = append(got, fmt.Sprintf("%s %s", d.Code, d.Message))
	}
	for _, want := range []string{
		`VAU3007 step "Ship" can never be taken: nobody sends PaidNotice; check its ` + "`when`" + ` and what it receives`,
		`VAU3007 step "Refund" can never be taken: nothing leads to shipped(o1); check its ` + "`when`" + ` and what it receives`,
		`VAU3008 "After" is vacuous: refunded(o1) never happens at all, whoever attacks and whatever fails`,
		`VAU3008 "Both" is vacuous: refunded(o1) never happens at all, whoever attacks and whatever fails`,
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no warning %q", want)
		}
	}
	for _, w := range got {
		if strings.Contains(w, `"One"`) || strings.Contains(w, `"Place"`) {
			t.Errorf("unexpected warning %q", w)
		}
	}
	if len(r.Unneeded) != 1 || r.Unneeded[0].Control != "input_validation" {
		t.Errorf("controls that no proof needs: %v", r.Unneeded)
	}
}
