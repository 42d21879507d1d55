package oracle_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/oracle"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
)

// hostile are designs by somebody who wants a wrong `holds`: each aims at one place where grounding or judging leaves something out or takes something together. Below each the verdicts
// that the language gives, by hand; the oracle must say the same.
var hostile = []struct{ name, text, want string }{
	{"a field of one thing or another, and no value", `
zone Net: public
zone Core: zone { tier back }
actor Shopper: customer in Net
component A: server in Core { port 1 }
component B: server in Core
component Shop: webapp in Core, Net { port 1 }
attacker Cheat { in Net }
process P {
  domain N = 0..2
  var who: component = A
  var p: N = 0
  step Move(c: component) by Shop do who := c
  step Read by Shop when who.port = 1 or who.port != 1 do p := if who.port = 1 then 1 else 2
}
require One: never p = 1
require Two: never p = 2
require Both: never who.port = 1 and who.port != 1
require Less: never who = B and who.port < 5
require Tier: never who.zone.tier != back
`, "One violated, Two violated, Both holds, Less holds, Tier violated"},
	{"a value that a field does not have is set", `
zone Net: public
actor Shopper: customer in Net
component A: server in Net { port 7 }
component B: server in Net { port 1 }
component Shop: webapp in Net
attacker Cheat { in Net }
process P {
  domain N = 0..2
  var who: component = B
  var p: N = 0
  step Move by Shop do who := A
  step Read by Shop do p := who.port
}
require One: never p = 1
require Seven: never p > 1
`, "One violated, Seven unknown"},
	{"an assumption that choices and facts make together", `
zone Net: public
actor Shopper: customer in Net
component Shop: webapp in Net { has guard? }
component Db: server in Net { has seal? }
flow Browse: Shopper -> Shop over https
attacker Cheat { in Net }
assume Kept: Shop has guard implies not controls(Db)
assume Some: Shop has guard or Db has seal
process P { fact hit  step Hit by Shop when controls(Shop) do hit }
require Hit: never hit
require Shop: never controls(Shop)
require Reaches: possible not controls(Shop)
require Fails: never hit tolerating 1 failure
`, "Hit depends, Shop depends, Reaches depends, Fails depends"},
	{"an assumption that the start breaks for some choices", `
zone Net: public
actor Shopper: customer in Net
component Shop: webapp in Net { has guard? }
flow Browse: Shopper -> Shop over https
attacker Cheat { in Net controls Shopper }
assume Odd: controls(Shopper) implies Shop has guard
require Shop: never controls(Shop)
require Both: never controls(Shop) tolerating 1 failure
`, "Shop holds, Both holds"},
	{"sums with products, parts taken away, and what has no value", `
zone Net: public
component Shop: webapp in Net
component Db: server in Net { port 2 }
attacker Cheat { in Net }
process P {
  domain D = a, b
  domain N = 0..3
  domain M = -3..3
  var v(D): N? = none
  var u: M = 0
  step Set(d: D, n: N) by Shop when v(d) = none and n > 0 do v(d) := n
  step Sum by Shop do u := (sum d: D | v(d) where v(d) != none) - 3
  step Twice by Shop do u := -2 * (u - 1)
}
require Low: never u = -2
require High: never u >= 3
require None: never (sum d: D | v(d)) < 100 and v(a) = none and u < 9
require Product: never v(a) * v(b) = 9 and (v(a) - v(b)) * Db.port != 0 and u < 9
require Mixed: never 2 * (v(a) - v(b)) + 3 * v(b) = 7
`, "Low violated, High violated, None unknown, Product unknown, Mixed violated"},
	{"counts against counts under open controls", `
zone Net: public
component Shop: webapp in Net { has guard? }
component Db: server in Net { has guard? }
component Ab: server in Net { has guard }
flow Browse: Db -> Shop over https
attacker Cheat { in Net }
process P {
  fact f(component)
  step F(c: component) by Shop do f(c)
  step G(c: component) by Shop when (count x: component | f(x)) <= (count x: component | x has guard) do not f(c)
}
require More: never (count x: component | f(x)) > (count x: component | x has guard) + 1
require Equal: never (count x: component | f(x)) = (count x: component | x has guard) and controls(Shop)
require Half: never 2 * (count x: component | f(x)) >= 3 * (count x: component | x has guard) and not f(Ab)
require Fails: never (count x: component | f(x)) > (count x: component | x has guard) tolerating 2 failures
`, "More depends, Equal depends, Half depends, Fails violated"},
	{"only after, in the same step", `
zone Net: public
component Shop: webapp in Net
component Db: server in Net
attacker Cheat { in Net }
process P {
  fact paid
  fact sent
  fact lost
  step Both by Shop do paid, sent
  step Lose by Shop when paid do lost, not paid
  step Send by Shop when lost do sent
}
require Same: sent only after paid
require Lost: lost only after sent
require Start: true only after paid
`, "Same holds, Lost holds, Start violated"},
	{"a domain stops one step that another one needs, far away", `
zone Net: zone
component Shop: webapp in Net
component Db: server in Net
data K2: credential
flow Order: Shop -> Db over https
flow Back: Db -> Shop over https
attacker Cheat { knows K2 }
process P {
  domain N = 0..2
  var n: N = 0
  fact done
  message Ask(N) over Order
  message Told(N) over Back
  step Ask1 by Shop sends Ask(n + 1)
  step Tell(x: N) by Db receives Ask(x) sends Told(x + 1)
  step Take(x: N) by Shop receives Told(x) do n := x
  step Done by Shop when n * n > 4 do done
}
require Done: never done
`, "Done unknown"},
	{"bounded and not, in one step", `
zone Net: public
component Shop: webapp in Net
component Db: server in Net
attacker Cheat { in Net }
process P {
  domain N = 0..2
  var n: N = 0 bounded
  var m: N = 0
  fact seen
  step Up by Shop do n := n + 1, m := m + n
  step Down by Shop when m > 0 do m := m - n
  step See by Shop when n = 2 and m = 0 do seen
}
require Seen: never seen
require Top: never n = 2 and m = 2
`, "Seen unknown, Top unknown"},
	{"a step of a variable that is addressed by the state, twice", `
zone Net: public
component Shop: webapp in Net
component Db: server in Net
attacker Cheat { in Net }
process P {
  domain D = a, b
  domain N = 0..2
  var at: D = a
  var to: D = b
  var v(D): N = 0
  step Move(d: D) by Shop do at := d
  step Swap by Shop do at := to, to := at
  step Two by Shop when at != to do v(at) := 1, v(to) := 2
  step Any by Shop do v(at) := 1, v(to) := 2
}
require Sum: never v(a) + v(b) = 3
require Equal: never v(a) = 2 and v(b) = 2
require Cross: never v(a) > v(b)
`, "Sum violated, Equal unknown, Cross violated"},
	{"two processes that hang together by secrets and attackers alone", `
zone Net: public
zone Core: zone
actor Shopper: customer in Net
actor Psp: business in Core
component Shop: webapp in Core { has guard }
component Db: server in Core
flow Pay: Shopper -> Shop over https
flow Notify: Psp -> Shop over https { through Shopper }
data Key: credential
attacker Cheat { controls Shopper }
process Tokens {
  domain Token = t1, t2 secret
  fact given(Token)
  message Give(Token) over Notify signed by Key
  step Give1(t: Token) by Psp when t = t1 do given(t) sends Give(t)
}
process Use {
  fact used(Token)
  message Show(Token) over Pay
  step Take(t: Token) by Shop receives Show(t) do used(t)
}
require First: never used(t1)
require Second: never used(t2)
require Order: used(t1) only after given(t1)
require Knows: never knows(t1) and not used(t1)
`, "First violated, Second holds, Order holds, Knows violated"},
	{"one of many, whose message is good on the flow of another one", `
zone Net: public
zone Core: zone
actor Shopper: crowd in Net
actor Psp: business in Core
component Shop: webapp in Core { has guard }
component Db: server in Core
flow Pay: Shopper -> Shop over https
flow Notify: Psp -> Shop over https { through Shopper }
data Key: credential
attacker Cheat { is Shopper }
process P {
  domain Item = a, b
  fact paid(Shopper)
  fact got(Shopper)
  message Done(Shopper) over Notify signed by Key
  message Any(item: Item) over Notify signed by Key except item
  step Pay1 by Psp for s: Shopper do paid(s) sends Done(s)
  step Get(w: Shopper) by Shop for s: Shopper receives Done(w) do got(w)
}
require After for s: Shopper: got(s) only after paid(s)
require Others: never (exists s: Shopper | got(s) and not paid(s))
require One: never (count s: Shopper | got(s)) > 1
`, "After holds, Others holds, One violated"},
	{"what costs, paid once, by two who may not do the same", `
zone Net: public
zone Core: zone
actor Shopper: customer in Net
component Shop: webapp in Core { has seal? }
component Db: server in Core { runs on Shop has seal? }
component Far: webapp in Core { runs on Db }
flow Browse: Shopper -> Shop over https
flow Up: Db -> Far over https
data K1: credential
attacker Eve { in Net budget 3 }
attacker Mallory { in Core budget 2 without exploit, jump }
require Db: never controls(Db) against Eve, Mallory, Eve + Mallory
require Far: never controls(Far) against Eve + Mallory
require FarFails: never controls(Far) against Eve + Mallory tolerating 1 failure
require Lost: never denies(Shop) and not controls(Db) against Eve + Mallory
`, "Db depends, Far violated, FarFails violated, Lost holds"},
	{"facts taken back that a goal wants false", `
zone Net: public
actor Shopper: customer in Net
component Shop: webapp in Net { has seal? stores K1 }
component Db: server in Net
flow Browse: Shopper -> Shop over https { authenticated by K1 }
data K1: credential
attacker Eve { in Net knows K1 }
attacker Mallory { in Net }
require Forgot: never controls(Shop) and not knows(K1) against Eve
require Never: never denies(Shop) and not knows(K1) and not controls(Shop) against Eve
require Spent: never denies(Shop) and knows(K1) against Mallory
require Order: denies(Shop) only after not knows(K1) against Eve
require Twice: knows(K1) only after denies(Shop) against Mallory
`, "Forgot depends, Never holds, Spent holds, Order violated, Twice holds"},
	{"none, which has no order", `
zone Net: public
component Shop: webapp in Net
component Db: server in Net
attacker Cheat { in Net }
process P {
  domain N = 0..2
  var v: N? = none
  var w: N? = 0
  var c: component? = none
  step Set(n: N) by Shop do v := n
  step Unset by Shop do w := none
  step Point(x: component) by Shop do c := x
}
require Less: never v = none and (v < 2 or v <= 0 or v > 0 or v >= 0 or 2 > v or 0 >= v or 0 < v or 0 <= v or -1 < v or v > -1 or w = none and w < 1)
require Both: never v = none and w = none and (v <= w or v >= w or v < w or v > w)
require Equal: never v = none and w = none and v = w
require Other: never v != none and w = none and v != w
require Nobody: never c = none and (controls(c) or c has guard or c.port < 9)
require Somebody: never c = Shop and controls(c)
`, "Less holds, Both holds, Equal violated, Other violated, Nobody holds, Somebody holds"},
	{"several variables at once", `
zone Net: public
component Shop: webapp in Net { feeds Db }
component Db: server in Net { feeds Shop }
component Far: server in Net { feeds Far }
attacker Cheat { in Net }
process P {
  fact near(component, component)
  step Meet(a: component, b: component) by Shop when a feeds b and a != b do near(a, b)
  step Part(a: component, b: component) by Shop when near(a, b) and near(b, a) do forall x: component, y: component | near(x, y) := x = y
}
require Pair: never exists a: component, b: component | near(a, b) and a = Db
require Two: never (count a: component, b: component | near(a, b)) = 2
require Four: never (count a: component, b: component | near(a, b)) > 3
require All: never forall a: component, b: component | a = b implies near(a, b)
require Each for a: component, b: component: never near(a, b) and not near(b, a)
`, "Pair violated, Two violated, Four violated, All violated, Each violated"},
	{"what is the attacker's own", `
zone Net: public
zone Core: zone
actor Shopper: crowd in Net
component Shop: webapp in Core { has guard }
data K1: credential of Shopper
data D1: note of Shopper
flow Browse: Shopper -> Shop over https { carries D1 }
attacker Cheat { is Shopper }
require Some: never exists d: data | knows(d)
require All: never forall d: record | knows(d)
require None: never (count d: record | knows(d)) > 0
require Named: never knows(D1)
require Flow: never exists f: flow | injects(f)
`, "Some violated, All holds, None holds, Named holds, Flow holds"},
	{"secrets that are known from the start, and others", `
zone Net: public
zone Core: zone
actor Shopper: customer in Net
component Shop: webapp in Core { has guard }
flow Browse: Shopper -> Shop over https
attacker Cheat { in Net knows t1 }
attacker Other { in Net }
process P {
  domain T = t1, t2 secret
  fact used(T)
  message Use(T) over Browse
  step Take(x: T) by Shop receives Use(x) do used(x)
}
require First: never used(t1) against Cheat
require Second: never used(t2) against Cheat
require Nobody: never used(t1) or used(t2) against Other
require Together: never used(t1) against Other + Cheat
`, "First violated, Second holds, Nobody holds, Together violated"},
	{"controls of what is stored, here and there", `
zone Net: public
component Shop: webapp in Net { stores D1, K1 }
component Db: server in Net { has seal stores D1 with seal }
component Far: server in Net { has seal? stores K1 with seal? }
data D1: record
data K1: credential
attacker Cheat { in Net }
process P {
  var at: component = Shop
  step Move(c: component) by Shop do at := c
}
require Sealed: never at stores D1 with seal
require Key: never at stores K1 with seal
require Open: never at stores K1 and not at stores K1 with seal
require Shop: never at = Shop and (at stores D1 with seal or at stores K1 with seal or at has seal)
require Not: never at = Db and not at stores D1 with seal
require Fails: never at = Db and not at stores D1 with seal tolerating 1 failure
`, "Sealed violated, Key depends, Open violated, Shop holds, Not holds, Fails violated"},
	{"what lies between things that no rule names", `
zone Net: public
zone Core: zone
component Shop: webapp in Net { stores D1 }
component Mid: server in Core
component Far: server in Core { has seal? }
component End: server in Core
data D1: record
data D2: record
data D3: record
flow Shop -> Mid over https { carries D2 }
flow Mid -> Far over https blocked { carries D2 }
flow Mid -> End over mtls { carries D3 }
flow End -> Far over https { carries D3 }
attacker Cheat { controls Shop }
attacker Inside { controls End }
require Mid: never controls(Mid) against Cheat
require Far: never controls(Far) against Cheat, Inside
require End: never controls(End) against Cheat
require One: never knows(D1) against Cheat
require Two: never knows(D2) against Cheat
require Three: never knows(D3) against Cheat
require Other: never knows(D3) against Inside
`, "Mid violated, Far depends, End holds, One violated, Two violated, Three holds, Other violated"},
}

// TestHostileDesigns holds the oracle, the ground system and the verdicts to each other, and to what is said beside the designs.
func TestHostileDesigns(t *testing.T) {
	t.Parallel()
	for _, h := range hostile {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			m, diags := load("design \"hostile\"\nuse \"" + oracle.CatalogueName + "\"" + h.text)
			if m == nil {
				var b strings.Builder
				_ = diag.Render(&b, diags.Sorted(), diag.Options{}) // a strings.Builder never fails
				t.Fatal(b.String())
			}
			g, err := ground.Ground(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			result, err := checker.Check(context.Background(), m, checker.Options{})
			if err != nil {
				t.Fatal(err)
			}
			o := oracle.New(m, 2)
			var got []string
			for i, r := range m.Design.Requirements {
				got = append(got, r.Name+" "+string(result.Requirements[i].Verdict))
				for k, c := range g.Cases[i] {
					want := o.Case(r, c.Attackers, texts(c.Bindings), 20_000)
					if want.Large {
						t.Fatalf("%s is too large", r.Name)
					}
					if !slices.ContainsFunc(steps(m.Design), func(s *models.Step) bool { return want.Stopped[s.Name] }) {
						want.Verdict = want.Within
					}
					low := brute(c)
					top := result.Requirements[i].Cases[k]
					said := fmt.Sprintf("%s %v: the language says %+v, the ground system %+v, the verdict is %s", r.Name, texts(c.Bindings), want, low, top.Verdict)
					if low.verdict != want.Verdict || low.cost != want.Cost || low.cost >= 0 && low.steps != want.Steps || string(top.Verdict) != want.Verdict {
						t.Error(said)
					}
					if a := top.Attack; a != nil && (a.Cost != want.Cost || len(a.Steps) != want.Steps) {
						t.Errorf("%s: the attack costs %d in %d steps", said, a.Cost, len(a.Steps))
					}
				}
			}
			if all := strings.Join(got, ", "); all != h.want {
				t.Errorf("it says\n%s, expected\n%s", all, h.want)
			}
		})
	}
}
