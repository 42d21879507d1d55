package checker_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
)

// TestVacuous tells a `holds` that nothing in the model could break from one that a control or the structure of the design keeps up.
func TestVacuous(t *testing.T) {
	t.Parallel()
	const shop = `design "d"
zone Internet: public
zone Core: private
zone Moon: private
actor Shopper: customer in Internet
component Shop: webapp in Core { has input_validation, output_encoding }
component Db: database in Core { stores Order }
data Order: order_data
data Card: cardholder_data
flow Buy: Shopper -> Shop over https { carries Order }
flow Save: Shop -> Db over sql { carries Order }
`
	const outsider = "attacker Outsider { in Internet }\n"
	for _, c := range []struct{ name, text, want string }{
		{"a control stands in the way", outsider + "require R: never controls(Db)", ""},
		{"nobody attacks", "require R: confidential Order", "no attacker is declared"},
		{"nothing leads on", "attacker Nobody { in Moon }\nrequire R: confidential Order", "nothing that Nobody can do leads towards it"},
		{"no threat gives it", outsider + "require R: never controls(Shopper) and present(Moon) and knows(Card)", "no threat or step in use can make"},
		{"a kind that is not there", "require R: always forall v: vehicle | v in Core", "the design has no vehicle"},
		{"one variable of two", "require R: always forall f: flow, v: vehicle | not f.target = v", "the design has no vehicle"},
		{"a premise that nothing meets", "require R: always forall f: flow, d: cardholder_data | f carries d implies f has encryption", "nothing in the design meets `f carries d`"},
		{"one that something meets", "require R: always forall f: flow, d: order_data | f carries d implies not f.source in Moon", ""},
		{"a premise inside", "require R: always forall d: cardholder_data | forall f: flow | f carries d implies f has encryption", "nothing in the design meets `f carries d`"},
		{"a premise written as a disjunction", "require R: always forall f: flow | not f carries Card or f has encryption", "nothing in the design meets `f carries Card`"},
		{"what must not exist, of a kind that is there", "require R: never exists d: database | d in Internet", ""},
		{"what must not exist, of a kind that is not", "require R: never exists v: vehicle | v in Internet", "the design has no vehicle"},
		{"a kind asked of every element", "require R: never exists c: component | c is vehicle and c in Internet", "nothing in the design meets `c is vehicle`"},
		{"two parts, of which one speaks", "require R: always (forall v: vehicle | v in Core) and (forall d: database | d in Core)", ""},
		{"a count", "require R: always (count v: vehicle | v in Core) <= 1", ""},
		{"the binding of a requirement", outsider + "require R for v: vehicle: never controls(v)", "the design has no vehicle"},
		{"a premise beside facts", outsider + "require R: always forall f: flow | f carries Card implies not observes(f)", "nothing in the design meets `f carries Card`"},
		{"assumptions that exclude the start", outsider + "assume A: not present(Internet)\nrequire R: confidential Order", "rule out the initial state"},
		{"the start has it", "process P { fact open = true  fact shut  step Shut by Shop do shut }\nrequire R: shut only after open", "true from the start"},
		{"possible without a step", "process P { fact open = true }\nrequire R: possible open", "true from the start"},
		{"honest steps alone", "process P { fact open  fact shut  step Open by Shop when not shut do open  step Shut by Shop when not open do shut }\nrequire R: never open and shut", ""},
		{"a step that never is", "process P { fact open  fact shut  step Open by Shop do open }\nrequire R: never open and shut", "no threat or step in use can make shut true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := check(t, resolve(t, shop+c.text, builtin()))
			q := r.Requirements[0]
			if q.Verdict != checker.Holds {
				t.Fatalf("it is %s", q.Verdict)
			}
			v, said := q.Vacuous(), false
			for _, d := range r.Warnings.Sorted() {
				said = said || strings.Contains(d.Message, `"R" is vacuous`)
			}
			switch {
			case (v != nil) != said:
				t.Errorf("vacuous: %v, and a warning that says so: %v", v, said)
			case c.want == "" && v != nil:
				t.Errorf("vacuous: %s", v.Text)
			case c.want != "" && (v == nil || !strings.Contains(v.Text, c.want)):
				t.Errorf("%v, want %q", v, c.want)
			}
		})
	}
}

var required = regexp.MustCompile(`(?m)^require .*$`)

// TestVacuousNeedsNoControl: what holds vacuously holds whatever fails.
func TestVacuousNeedsNoControl(t *testing.T) {
	t.Parallel()
	from := cases(t)
	rng := rand.New(rand.NewPCG(5, 7))
	vacuous, others := 0, 0
	for range 120 {
		text := random(rng, from[rng.IntN(len(from))], from).plain()
		q := check(t, resolve(t, text, builtin())).Requirements[0]
		if q.Vacuous() == nil {
			others++
			continue
		}
		vacuous++
		text = required.ReplaceAllString(text, "$0 tolerating 100000 failures")
		if all := check(t, resolve(t, text, builtin())).Requirements[0]; all.Verdict != checker.Holds {
			t.Errorf("%s, but it is %s where everything may fail\n%s", q.Vacuous().Text, all.Verdict, text)
		}
	}
	if vacuous < 10 || others < 10 {
		t.Errorf("%d designs of 120 hold vacuously, %d do not: too few to tell", vacuous, others)
	}
}
