package repair_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/repair"
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/threats"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

var designs = flag.Int("designs", 40, "how many random designs are repaired")

const catalogue = `
catalogue: tiny
kinds: {network: {is: zone}, service: {is: component}, store: {is: component}}
classes: {secret: {is: data}}
controls: {filter: {of: [service], cost: 2}, crypt: {of: [flow, data]}, guard: {of: [component], cost: 3}, lockout: {of: [service]}}
protocols: {plain: {}, tls: {is: plain, gives: [crypt], secures: [plain], cost: 2}}
threats:
  - {id: enter, for: {f: flow, z: network}, when: present(z) and f.source in z, then: [injects(f)], cost: 0}
  - {id: exploit, for: {f: flow, c: service}, when: injects(f) and f.target = c, unless: c has filter or c has guard, then: [controls(c)], cost: 2}
  - {id: guess, for: {f: flow, c: service}, when: injects(f) and f.target = c, unless: c has lockout or c has guard, then: [controls(c)], cost: 4}
  - {id: lock, for: {f: flow, c: service}, when: injects(f) and f.target = c and c has lockout, unless: c has filter, then: [denies(c)], cost: 1}
  - {id: sit, for: {f: flow, x: party}, when: controls(x) and (f.source = x or f.target = x), then: [injects(f), observes(f)], cost: 0}
  - {id: sniff, for: {f: flow, d: data}, when: observes(f) and f carries d, unless: f has crypt, then: [knows(d)], cost: 1}
  - {id: dump, for: {c: store, f: flow, d: data}, when: injects(f) and f.target = c and c stores d, unless: c stores d with crypt, then: [knows(d)], cost: 1}
`

// option is a control that can be added to a random design, or is open in it.
type option struct {
	on, control string
	cost        int
	data, open  bool
	swap        bool // control is a protocol
}

// sample is a random design of which each option can be taken.
type sample struct {
	options []option
	kinds   []string
	stores  []bool
	flows   [][3]string
	rest    string
}

func random(rng *rand.Rand) *sample {
	s := &sample{}
	pick := func(list ...string) string { return list[rng.Intn(len(list))] }
	costs := map[string]int{"filter": 2, "crypt": 1, "guard": 3, "lockout": 1}
	add := func(on, control string, data bool) {
		s.options = append(s.options, option{on: on, control: control, cost: costs[control], data: data, open: rng.Intn(6) == 0})
	}
	for i := range 2 + rng.Intn(2) {
		name := fmt.Sprintf("C%d", i)
		s.kinds = append(s.kinds, pick("service", "store"))
		if s.kinds[i] == "service" {
			add(name, "filter", false)
			add(name, "lockout", false)
		}
		add(name, "guard", false)
		s.stores = append(s.stores, rng.Intn(2) == 0)
		if s.stores[i] {
			add(name, "crypt", true)
		}
	}
	for i := range 2 + rng.Intn(2) {
		protocol := pick("plain", "plain", "tls")
		s.flows = append(s.flows, [3]string{pick("A", "A", "C0"), pick("C0", "C1"), protocol})
		if protocol == "plain" {
			add(fmt.Sprintf("F%d", i), "crypt", false)
			s.options = append(s.options, option{on: fmt.Sprintf("F%d", i), control: "tls", cost: 2, swap: true})
		}
	}
	s.rest = "attacker X { in Z" + pick("", " budget 3") + " }\nrequire R: confidential D" + pick("", " tolerating 1 failure") + "\n"
	if rng.Intn(2) == 0 {
		s.rest += "require S: available C0, C1\n"
	}
	return s
}

// text writes the design with the options that taken names; an open one is open where undecided says so.
func (s *sample) text(taken func(i int) bool, undecided bool) string {
	var b strings.Builder
	b.WriteString("design \"random\"\nuse \"tiny.yaml\"\nzone Z: network\ndata D: secret\nactor A: actor in Z\n")
	list := func(on string, data bool) string {
		var out []string
		for i, o := range s.options {
			switch {
			case o.on != on || o.data != data || o.swap:
			case o.open && undecided:
				out = append(out, o.control+"?")
			case taken(i):
				out = append(out, o.control)
			}
		}
		return strings.Join(out, ", ")
	}
	clause := func(word, items string) string {
		if items == "" {
			return ""
		}
		return " " + word + " " + items
	}
	for i, k := range s.kinds {
		name := fmt.Sprintf("C%d", i)
		fmt.Fprintf(&b, "component %s: %s {%s", name, k, clause("has", list(name, false)))
		if s.stores[i] {
			b.WriteString(" stores D" + clause("with", list(name, true)))
		}
		b.WriteString(" }\n")
	}
	for i, f := range s.flows {
		for k, o := range s.options {
			if o.swap && o.on == fmt.Sprintf("F%d", i) && taken(k) {
				f[2] = o.control
			}
		}
		fmt.Fprintf(&b, "flow F%d: %s -> %s over %s {\n  carries D // said on its own line\n%s}\n", i, f[0], f[1], f[2], clause("has", list(fmt.Sprintf("F%d", i), false)))
	}
	return b.String() + s.rest
}

func load(t *testing.T, design string) *threats.Model {
	t.Helper()
	return threatstest.Load(t, threatstest.Texts(map[string]string{"random.vbn": design, "tiny.yaml": catalogue}), "random.vbn")
}

// holds tells of each requirement whether it holds.
func holds(t *testing.T, design string) map[string]bool {
	t.Helper()
	r, err := checker.Check(context.Background(), load(t, design), checker.Options{AsOf: "2026-01-01"})
	if err != nil {
		t.Fatalf("%v\n%s", err, design)
	}
	out := map[string]bool{}
	for _, q := range r.Requirements {
		out[q.Source.Name] = q.Verdict == checker.Holds
	}
	return out
}

func all(m map[string]bool, but []string) bool {
	for name, ok := range m {
		if !ok && !slices.Contains(but, name) {
			return false
		}
	}
	return true
}

// TestCheapest puts plans beside brute force over all sets of controls.
func TestCheapest(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	for seed := range int64(*designs) {
		s := random(rand.New(rand.NewSource(seed)))
		before := s.text(func(int) bool { return false }, true)
		m := load(t, before)
		plan, err := repair.Find(t.Context(), m, repair.Options{Alternatives: 3})
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, before)
		}
		if same := load(t, before); !reflect.DeepEqual(m.Design.Elements, same.Design.Elements) {
			t.Fatalf("seed %d: the model is another one after the search\n%s", seed, before)
		}
		var hopeless []string
		for _, h := range plan.Hopeless {
			hopeless = append(hopeless, h.Requirement.Name)
		}
		best := -1
		single := map[string]bool{} // can be made to hold alone
		for set := range 1 << len(s.options) {
			cost := 0
			for i, o := range s.options {
				if set>>i&1 == 1 {
					cost += o.cost
				}
			}
			if best >= 0 && cost >= best && len(hopeless) == 0 {
				continue
			}
			now := holds(t, s.text(func(i int) bool { return set>>i&1 == 1 }, false))
			for name, ok := range now {
				single[name] = single[name] || ok
			}
			if all(now, hopeless) && (best < 0 || cost < best) {
				best = cost
			}
		}
		for _, h := range hopeless {
			if single[h] {
				t.Fatalf("seed %d: %s is not hopeless\n%s", seed, h, before)
			}
		}
		if plan.Conflict != nil {
			if best >= 0 {
				t.Fatalf("seed %d: a conflict of %v, but a repair costs %d\n%s", seed, plan.Conflict, best, before)
			}
			counts["conflict"]++
			continue
		}
		if best != plan.Cost {
			t.Fatalf("seed %d: the plan costs %d, the best repair %d: %v\n%s", seed, plan.Cost, best, plan.Changes, before)
		}
		for _, changes := range append([][]*repair.Change{plan.Changes}, plan.Alternatives...) {
			after := before
			for f, e := range repair.Edits(m.Design, changes) {
				after = dsl.Apply(f, e)
			}
			if now := holds(t, after); !all(now, hopeless) {
				t.Fatalf("seed %d: after %v: %v\n%s\n%s", seed, changes, now, before, after)
			}
			if strings.Count(after, "// said on its own line") != len(s.flows) {
				t.Fatalf("seed %d: comments are lost\n%s", seed, after)
			}
			counts["edits"]++
		}
		counts["repaired"]++
		if len(plan.Changes) == 0 {
			counts["nothing to repair"]++
		}
		counts["hopeless"] += len(hopeless)
	}
	t.Logf("%d designs: %v", *designs, counts)
}

// TestFixShutsNobodyOut: a control that lets in only whom somebody listed is proposed for a partner's flow, and never for one that customers or strangers use, however
// they are drawn.
func TestFixShutsNobodyOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, source string
		proposed     bool
		listed       bool // has an address that can be listed
	}{
		{"a customer", "actor Who: customer in Internet", false, false},
		{"a stranger", "actor Who: person in Internet", false, false},
		{"an app that nobody is said to use", "component Who: mobile_app in Internet", false, false},
		{"a tool of a customer", "component Who: workstation in Internet\nactor Shopper: customer in Internet { uses Who }", false, false},
		{"a partner", "actor Who: business in Internet", true, true},
		{"staff", "actor Who: employee in Internet", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := load(t, "design \"d\"\nzone Internet: public\nzone Core: private\n"+c.source+`
component Shop: webapp in Core
flow Ask: Who -> Shop over https
attacker Outsider { in Internet }
require Mine: never controls(Shop)
`)
			unfit := ground.Fit(m).Unfit
			for _, name := range []string{"source_allowlist", "private_link", "client_authentication", "request_signing", "mtls"} {
				control := m.Catalogue.Vocabulary.Controls[name]
				want := c.proposed && (c.listed || name != "source_allowlist")
				if unfit(control, m.Design.Lookup("Ask")) == want {
					t.Errorf("%s on a flow of %s: proposed %v", name, c.name, !want)
				}
			}
			if unfit(m.Catalogue.Vocabulary.Controls["input_validation"], m.Design.Lookup("Shop")) {
				t.Error("input_validation does not belong at a shop")
			}
		})
	}
}
