package checker_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/models"
)

// outcome is what a check says about the one requirement of a sketch.
type outcome struct {
	violated      bool
	least, atMost int // of the cheapest attack
	used          []string
}

func judge(t *testing.T, text string) outcome {
	t.Helper()
	q := check(t, resolve(t, text, builtin())).Requirements[0]
	if q.Verdict != checker.Violated && q.Verdict != checker.Holds {
		t.Fatalf("%s\n%s", q.Verdict, text)
	}
	out := outcome{violated: q.Verdict == checker.Violated}
	if out.violated {
		a := q.Cases[0].Attack
		out.least, out.atMost = a.CostAtLeast, a.Cost
		for _, s := range a.Steps {
			out.used = append(out.used, s.ID)
		}
	}
	return out
}

// abused are the controls that some threat makes use of, and says so: the exceptions to the law that a control never helps the attacker.
func abused() map[*models.Control]bool {
	out := map[*models.Control]bool{}
	for _, t := range builtin().Threats {
		for _, c := range t.Abuses {
			out[c] = true
		}
	}
	return out
}

// TestLaws holds the built-in catalogue to what must be true of any: on random designs, joined from those that belong to the threats and changed
// at random, one more control never makes an attack possible or cheaper (unless a threat says that it abuses the control), one more power of the
// attacker never makes one impossible or dearer, nor does blocking a flow help him (unless it was the other way to what is cut off then), and other names in another order change nothing.
// VAUBAN_LAWS sets how many designs there are.
func TestLaws(t *testing.T) {
	alone(t)
	t.Parallel()
	n := len(builtin().Threats) // each with one of its two designs
	if s := os.Getenv("VAUBAN_LAWS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	from := cases(t)
	exceptions := abused()
	violated, checks := 0, 0
	used := map[string]bool{}
	for seed := range n {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		s := random(rng, from[(2*seed+rng.IntN(2))%len(from)], from)
		before := judge(t, s.plain())
		if before.violated {
			violated++
		}
		for _, id := range before.used {
			used[id] = true
		}
		harder := func(change string, c *sketch, except ...string) {
			after := judge(t, c.plain())
			checks++
			excused := slices.ContainsFunc(after.used, func(id string) bool { return slices.Contains(except, id) })
			if after.violated && (!before.violated || after.atMost < before.least) && !excused {
				t.Errorf("seed %d: %s helps the attacker: cost %d by %v, before %t %d\n%s", seed, change, after.atMost, after.used, before.violated, before.least, s.plain())
			}
		}
		for range 2 {
			c := s.clone()
			if change := addControl(rng, c, func(x *models.Control) bool { return !exceptions[x] }); change != "" {
				harder(change, c)
			}
		}
		for i := range s.parts {
			if s.parts[i].root == models.FlowRoot && !s.parts[i].blocked && rng.IntN(4) == 0 {
				c := s.clone()
				c.parts[i].blocked = true
				harder(fmt.Sprintf("blocking X%d", i), c, "cut-off") // which is about ways that there are no more
			}
		}
		c := s.clone()
		change := addPower(rng, c)
		after := judge(t, c.plain())
		checks++
		if before.violated && (!after.violated || after.least > before.atMost) {
			t.Errorf("seed %d: %s hinders the attacker: %t %d, before %d\n%s", seed, change, after.violated, after.least, before.atMost, s.plain())
		}
		names, order := make([]string, len(s.parts)), rng.Perm(len(s.parts))
		for i, k := range rng.Perm(len(s.parts)) {
			names[i] = fmt.Sprintf("N%d", k)
		}
		after = judge(t, s.print(names, order))
		checks++
		if after.violated != before.violated || after.violated && (after.least > before.atMost || before.least > after.atMost) {
			t.Errorf("seed %d: other names and another order change %+v to %+v\n%s", seed, before, after, s.plain())
		}
	}
	t.Logf("%d designs, %d of them violated, by %d different threats; %d changes", n, violated, len(used), checks)
	if violated < n/4 || violated > n*9/10 || len(used) < len(builtin().Threats)/4 {
		t.Errorf("%d of %d designs are violated, by %d different threats: the laws are hardly tested", violated, n, len(used))
	}
}

// TestExceptions names the controls that attackers make use of, and shows for each a design in which it makes an attack possible. To make the list
// longer takes a decision.
func TestExceptions(t *testing.T) {
	t.Parallel()
	const shop = `design "exception"
zone Internet: public
zone Dmz: dmz
actor Customer: customer in Internet
component Shop: storefront in Dmz { has input_validation, output_encoding, content_security_policy, rate_limiting, ddos_protection }
data Password: customer_password
flow Login: Customer -> Shop over https { authenticated by Password  has mfa }
attacker Finder { in Internet  knows Password  without relay-phishing }
require Goal: never `
	goals := map[string]string{"push_mfa": "injects(Login)", "sms_mfa": "injects(Login)", "account_lockout": "denies(Login)"}
	for c := range abused() {
		goal, ok := goals[c.Name]
		if !ok {
			t.Errorf("some threat abuses %s, which is not expected", c.Name)
			continue
		}
		delete(goals, c.Name)
		if judge(t, shop+goal).violated {
			t.Errorf("the design is attacked without %s", c.Name)
		}
		if !judge(t, strings.Replace(shop, "has mfa", "has mfa, "+c.Name, 1)+goal).violated {
			t.Errorf("%s does not help the attacker", c.Name)
		}
	}
	for name := range goals {
		t.Errorf("no threat abuses %s", name)
	}
}
