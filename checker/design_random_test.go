package checker_test

import (
	"fmt"
	"math/rand"
	"strings"
)

// vocabulary is what the random designs are made of.
const vocabulary = `
catalogue: tiny
kinds: {network: {is: zone}, inner: {is: network}, person: {is: actor}, service: {is: component}, webapp: {is: service}, store: {is: component}, open: {is: component}, radio: {is: flow}}
classes: {secret: {is: data}, card: {is: secret}, password: {is: credential}}
controls: {filter: {of: [service]}, crypt: {of: [flow, data]}, guard: {of: [component, flow, actor]}, wall: {of: [zone]}}
protocols: {plain: {}, tls: {is: plain, gives: [crypt]}}
relations: {feeds: {from: component, to: component}}
attributes: {port: {of: [component, flow], type: integer}, tier: {of: [zone], type: [front, back]}}
predicates: {linked: {args: [component, component]}}
threats:
`

// rules are threats of many shapes; %d is a cost.
var rules = []string{
	"{id: enter, for: {f: flow, z: network}, when: present(z) and f.source in z and not f is blocked, then: [injects(f)], cost: %d}",
	"{id: exploit, for: {f: flow, c: service}, when: injects(f) and f.target = c, unless: c has filter, then: [controls(c)], cost: %d, harder: {c: {guard: 2}}}",
	"{id: sit, for: {f: flow, x: party}, when: controls(x) and (f.source = x or f.target = x or f through x), then: [observes(f), injects(f)], cost: %d}",
	"{id: sniff, for: {f: flow, d: data}, when: observes(f) and (f carries d or f returns d), unless: f has crypt and not f is radio, then: [knows(d)], cost: %d}",
	"{id: dump, for: {c: store, d: data}, when: controls(c) and c stores d, unless: c stores d with crypt, then: [knows(d), tampers(d)], cost: %d}",
	"{id: login, for: {c: component, p: credential}, when: knows(p) and c accepts p, then: [controls(c)], cost: %d, harder: {guard: 3}}",
	"{id: host, for: {c: component, h: component}, when: controls(h) and c runs on h, then: [controls(c)], cost: %d}",
	"{id: move, for: {a: component, b: component}, when: controls(a) and a.zone = b.zone and a != b, unless: a.zone has wall, then: [controls(b), 'linked(a, b)'], cost: %d}",
	"{id: cascade, for: {a: component, b: component}, when: 'linked(a, b) and b feeds a or denies(a) and a feeds b', then: [denies(b)], cost: %d}",
	"{id: flood, for: {f: flow}, when: injects(f) and f.target.port > 1, then: [denies(f.target)], cost: %d}",
	"{id: tap, for: {f: flow, z: zone}, when: present(z) and f.source in z and f over plain and not f over tls, then: [observes(f)], cost: %d}",
	"{id: spread, for: {f: flow}, when: 'controls(f.source) and forall d: data | f carries d implies knows(d)', then: [controls(f.target)], cost: %d}",
	"{id: quorum, for: {d: secret}, when: '(count f: flow | observes(f) and f carries d) >= 2', then: [tampers(d)], cost: %d}",
	"{id: back, for: {z: zone, y: zone}, when: present(z) and y in z and y.tier = front, then: [present(y)], cost: %d}",
}

// randomDesign returns the texts of a catalogue and of a design. The catalogue's threats name nothing of the design.
func randomDesign(rng *rand.Rand) (catalogue, design string) {
	pick := func(list ...string) string { return list[rng.Intn(len(list))] }
	maybe := func(percent int, s string) string {
		if rng.Intn(100) < percent {
			return s
		}
		return ""
	}
	var c strings.Builder
	c.WriteString(vocabulary)
	for _, r := range rules {
		if rng.Intn(100) < 70 {
			c.WriteString("  - " + fmt.Sprintf(r, rng.Intn(3)) + "\n")
		}
	}
	if rng.Intn(3) == 0 {
		fmt.Fprintf(&c, "  - {id: alarm, for: {c: component, d: card}, when: controls(c) and c has guard and knows(d), then: [not controls(c), denies(c)], cost: %d}\n", rng.Intn(2))
	}
	var b strings.Builder
	left := 4 // controls that may fail or be open, so that all worlds can be gone through
	control := func(names ...string) string {
		if left == 0 || rng.Intn(2) == 0 {
			return ""
		}
		left--
		return "has " + pick(names...) + maybe(40, "?")
	}
	b.WriteString("design \"random\"\nuse \"tiny.yaml\"\n")
	fmt.Fprintf(&b, "zone Z1: network { %s %s }\nzone Z2: %s %s { %s %s }\n", control("wall"), maybe(30, "tier front"), pick("network", "inner", "zone"), maybe(50, "in Z1"), control("wall"), maybe(50, "tier "+pick("front", "back")))
	b.WriteString("data D1: card\ndata D2: secret, password\ndata P: password\n")
	fmt.Fprintf(&b, "actor A: person in %s\n", pick("Z1", "Z2"))
	for i, name := range []string{"C1", "C2", "C3"} {
		fmt.Fprintf(&b, "component %s: %s in %s {\n", name, pick("service", "webapp", "store", "webapp, store"), pick("Z1", "Z2"))
		b.WriteString(maybe(30, "is open\n"))
		if s := control("guard"); s != "" {
			b.WriteString(s + "\n")
		}
		if rng.Intn(2) == 0 {
			with := ""
			if left > 0 && rng.Intn(2) == 0 {
				left--
				with = " with crypt" + maybe(40, "?")
			}
			fmt.Fprintf(&b, "stores %s%s\n", pick("D1", "D2"), with)
		}
		b.WriteString(maybe(40, "accepts "+pick("P", "D2")+"\n"))
		b.WriteString(maybe(40, fmt.Sprintf("port %d\n", rng.Intn(4))))
		if i > 0 {
			b.WriteString(maybe(30, fmt.Sprintf("runs on C%d\n", i)))
			b.WriteString(maybe(40, fmt.Sprintf("feeds C%d\n", i)))
		}
		b.WriteString("}\n")
	}
	if left > 0 && strings.Contains(b.String(), "component C1: webapp") {
		left--
		b.WriteString("each webapp in Z1 has filter" + maybe(30, "?") + " except C2\n")
	}
	for i := range 2 + rng.Intn(2) {
		fmt.Fprintf(&b, "flow F%d: %s -> %s over %s %s {\n%s%s", i, pick("A", "A", "C1", "C2"), pick("C1", "C2", "C3"), pick("plain", "tls"), maybe(10, "blocked"),
			maybe(60, "carries "+pick("D1", "D2", "P", "D1, P")+"\n"), maybe(30, "returns "+pick("D1", "D2")+"\n"))
		b.WriteString(maybe(20, "through "+pick("C1", "C3")+"\n") + maybe(20, "is radio\n"))
		if s := control("crypt", "guard"); s != "" {
			b.WriteString(s + "\n")
		}
		b.WriteString("}\n")
	}
	fmt.Fprintf(&b, "attacker X { in %s %s %s }\n", pick("Z1", "Z2"), maybe(40, fmt.Sprintf("budget %d", rng.Intn(6))), maybe(15, "knows P"))
	fmt.Fprintf(&b, "attacker Y { %s %s }\n", pick("controls C3", "knows P", "controls A", "observes F0"), maybe(30, "budget 2"))
	b.WriteString(maybe(20, pick("assume S: not controls(C1)\n", "assume S: not (knows(P) and knows(D1))\n", "assume S: forall f: flow | injects(f) implies not f has guard\n", "assume S: C1 has guard\n")))
	b.WriteString(maybe(50, "define inside(x: component): x.zone = Z2 or x in Z1\n"))
	against := func() string {
		return pick("", "against X", "against Y", "against X + Y", "against X, X + Y") + maybe(40, fmt.Sprintf(" tolerating %d failures", 1+rng.Intn(2)))
	}
	for i, p := range []string{
		"confidential D1", "integrity D2", "available C2", "never controls(C2) and knows(D1)", "never knows(D1) or denies(C3)",
		"always not controls(C3) or exists f: flow | observes(f) and f carries D1", "controls(C2) only after knows(P)", "knows(D1) only after controls(C1) or injects(F0)",
		"never exists c: component, d: data | controls(c) and c stores d and not c stores d with crypt", "never (count c: component | controls(c)) > 1",
	} {
		if rng.Intn(100) < 40 {
			fmt.Fprintf(&b, "require R%d: %s %s\n", i, p, against())
		}
	}
	fmt.Fprintf(&b, "require V for c: component: never controls(c) and not c is open %s\n", against())
	for i, p := range []string{
		"always forall f: flow | f has crypt or f is blocked", "never exists c: store | not c in Z1 and c.port >= 2",
		"always (count c: component | c has guard) <= 2", "always forall c: component, d: data | c stores d implies c stores d with crypt or c.zone != Z2",
	} {
		if rng.Intn(100) < 30 {
			fmt.Fprintf(&b, "require S%d: %s%s\n", i, p, maybe(30, " tolerating 1 failure"))
		}
	}
	return c.String(), b.String()
}
