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
controls: {filter: {of: [service]}, crypt: {of: [flow, data]}, guard: {of: [component, flow, actor]}, wall: {of: [zone]}, seal: {of: [flow]}}
protocols: {mutual: {is: tls, gives: [seal]}, plain: {}, tls: {is: plain, gives: [crypt]}}
relations: {feeds: {from: component, to: component}}
attributes: {port: {of: [component, flow], type: integer}, tier: {of: [zone], type: [front, back]}}
predicates: {linked: {args: [component, component]}, moved: {args: [component, flow, data]}, rung: {args: []}}
define:
  touches: {for: {f: flow, p: party}, is: f.source = p or f.target = p or f through p}
  leads: {for: {a: party, b: component}, is: "exists f: flow | f.source = a and f.target = b and not f is blocked"}
  onwards: {for: {a: component, b: component}, closure: leads}
  chained: {for: {a: component, b: component}, closure: feeds}
  beside: {for: {a: service, f: flow}, is: "exists s: store | leads(a, s) and f.target = s or onwards(a, s) and touches(f, s)"}
  guarded: {for: {f: flow, k: control}, is: "f has k or f.target has k or exists c: component | f through c and c has k"}
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
	"{id: swap, for: {f: flow}, when: injects(f), then: ['controls(if f has guard then f.source else f.target)'], cost: %d}",
	"{id: hand, for: {a: component, b: component}, when: 'linked(a, b) and b.port > 0', then: ['linked(if a has guard then b else a, a)', denies(if a.port = b.port then a else b)], cost: %d}",
	"{id: carry, for: {a: component, f: flow, d: data}, when: controls(a) and f.source = a and f carries d, then: ['moved(a, f, d)'], cost: %d}",
	"{id: drop, for: {a: component, f: flow, d: data}, when: 'moved(a, f, d)', unless: f has seal or d has crypt, then: [tampers(d), 'controls(f.target)'], cost: %d}",
	"{id: ring, for: {z: zone}, when: present(z) and z has wall, then: [rung], cost: %d}",
	"{id: toll, for: {d: data, c: component}, when: rung and c handles d, then: [tampers(d), denies(c)], cost: %d}",
	"{id: sums, for: {c: component}, when: 'controls(c) and (sum x: component | x.port where c feeds x) * 2 - 1 > 1', then: [denies(c)], cost: %d}",
	"{id: away, for: {a: component, b: component}, when: controls(a) and a.zone != b.zone and a.port != b.port, then: ['linked(a, b)'], cost: %d}",
	"{id: kin, for: {f: flow, g: flow}, when: observes(f) and f.protocol = g.protocol and f.target = g.source, then: [observes(g)], cost: %d}",
	"{id: about, for: {a: component}, when: 'exists f: flow | f.target = a and injects(f) or f.source = a and observes(f)', then: [denies(a)], cost: %d}",
	"{id: nowhere, for: {c: component, z: zone}, when: 'present(z) and not c in z and not exists y: zone | c in y', then: [controls(c)], cost: %d}",
	"{id: person, for: {p: actor, f: flow}, when: injects(f) and (f.source = p or f through p), unless: p has guard, then: [controls(p)], cost: %d, harder: {f: {guard: 2, seal: 1}}}",
	"{id: passes, for: {f: flow, c: service}, when: 'injects(f) and touches(f, c)', unless: 'guarded(f, guard)', then: [controls(c)], cost: %d}",
	"{id: far, for: {a: component, b: component}, when: 'controls(a) and onwards(a, b)', then: [denies(b)], cost: %d}",
	"{id: pulled, for: {a: component, b: store}, when: 'denies(b) and chained(a, b) and not chained(b, a)', then: ['linked(a, b)'], cost: %d}",
	"{id: nearby, for: {a: service, f: flow}, when: 'controls(a) and beside(a, f)', unless: 'guarded(f, crypt)', then: [observes(f)], cost: %d}",
	"{id: apart, for: {f: flow}, when: 'injects(f) and not leads(f.target, f.source) and (exists c: webapp | onwards(c, f.source))', then: [denies(f)], cost: %d}",
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
	var ids []string // of the threats
	for _, r := range rules {
		if rng.Intn(100) < 55 {
			id, _, _ := strings.Cut(strings.TrimPrefix(r, "{id: "), ",")
			ids = append(ids, id)
			c.WriteString("  - " + fmt.Sprintf(r, rng.Intn(3)) + "\n")
		}
	}
	if rng.Intn(3) == 0 {
		fmt.Fprintf(&c, "  - {id: alarm, for: {c: component, d: card}, when: controls(c) and c has guard and knows(d), then: [not controls(c), denies(c)], cost: %d}\n", rng.Intn(2))
	}
	for _, r := range []string{
		"{id: early, for: {c: component, z: zone}, when: present(z) and c in z and not controls(c) and not denies(c), then: [denies(c)], cost: %d}",
		"{id: regain, for: {c: component}, when: denies(c) and controls(c), then: [not denies(c), not controls(c), controls(c)], cost: %d}",
		"{id: quiet, for: {d: data}, when: 'rung and not exists c: component | controls(c) and c stores d', then: [tampers(d), not rung], cost: %d}",
		"{id: turn, for: {c: component, f: flow}, when: controls(c) and f.target = c, then: ['not injects(f)', 'denies(if observes(f) then c else c)', 'controls(if injects(f) then f.source else f.target)'], cost: %d}",
		"{id: few, for: {c: component}, when: '(count x: component | controls(x)) < 2 and present(c.zone)', then: [controls(c)], cost: %d}",
	} {
		if rng.Intn(12) == 0 {
			c.WriteString("  - " + fmt.Sprintf(r, rng.Intn(3)) + "\n")
		}
	}
	without := func() string { return " without " + pick(ids...) + maybe(50, ", "+pick(ids...)) }
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
	fmt.Fprintf(&b, "data D1: card { %s }\ndata D2: secret, password\ndata P: password\n", control("crypt"))
	fmt.Fprintf(&b, "actor A: person %s { %s }\n", pick("in Z1", "in Z2", ""), control("guard"))
	for i, name := range []string{"C1", "C2", "C3"} {
		fmt.Fprintf(&b, "component %s: %s %s {\n", name, pick("service", "webapp", "store", "webapp, store"), pick("in Z1", "in Z1", "in Z2", "in Z2", ""))
		b.WriteString(maybe(30, "handles "+pick("D1", "D1, P")+"\n"))
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
		fmt.Fprintf(&b, "flow F%d: %s -> %s over %s %s {\n%s%s", i, pick("A", "A", "C1", "C2"), pick("C1", "C2", "C3"), pick("plain", "tls", "mutual"), maybe(15, "blocked"),
			maybe(60, "carries "+pick("D1", "D2", "P", "D1, P")+"\n"), maybe(30, "returns "+pick("D1", "D2")+"\n"))
		b.WriteString(maybe(20, "through "+pick("C1", "C3")+"\n") + maybe(20, "is radio\n"))
		if s := control("crypt", "guard", "seal"); s != "" {
			b.WriteString(s + "\n")
		}
		b.WriteString("}\n")
	}
	fmt.Fprintf(&b, "attacker X { in %s %s %s }\n", pick("Z1", "Z2"), maybe(40, fmt.Sprintf("budget %d", rng.Intn(6))), maybe(15, "knows P")+maybe(20, without()))
	fmt.Fprintf(&b, "attacker Y { %s %s }\n", pick("controls C3", "knows P", "controls A", "observes F0", "injects F1 denies C2", "in Z2, Z1", "tampers D1"), maybe(30, "budget 2")+maybe(15, without()))
	b.WriteString(maybe(20, pick("assume S: not controls(C1)\n", "assume S: not (knows(P) and knows(D1))\n", "assume S: forall f: flow | injects(f) implies not f has guard\n", "assume S: C1 has guard\n",
		"assume S: not denies(C2)\nassume T: forall c: component | c has guard implies not controls(c)\n", "assume S: D1 has crypt implies F0 has crypt\n", "assume S: controls(C1) implies knows(P)\n")))
	b.WriteString("define inside(x: component): x.zone = Z2 or x in Z1\ndefine lost(d: data, n: component): tampers(d) or (exists c: component | controls(c) and c handles d and (c = n or inside(c)))\n")
	against := func() string {
		return pick("", "against X", "against Y", "against X + Y", "against X, X + Y", "against Y + X, Y") + maybe(40, fmt.Sprintf(" tolerating %d failures", rng.Intn(3)))
	}
	for i, p := range []string{
		"confidential D1", "integrity D2", "available C2", "never controls(C2) and knows(D1)", "never knows(D1) or denies(C3)",
		"always not controls(C3) or exists f: flow | observes(f) and f carries D1", "controls(C2) only after knows(P)", "knows(D1) only after controls(C1) or injects(F0)",
		"never exists c: component, d: data | controls(c) and c stores d and not c stores d with crypt", "never (count c: component | controls(c)) > 1",
		"never lost(D1, C1) or lost(D2, C2)", "available C2, F0, F1", "integrity D1, P", "not knows(D1) only after not injects(F0)", "always forall c: component | controls(c) implies exists f: flow | f.target = c and (injects(f) or observes(f))",
		"never (sum c: component | c.port where controls(c)) > 2", "never controls(if C1 has guard then C2 else C3)", "never rung and not exists f: flow | moved(f.source, f, D1)",
		"always (if controls(C1) then 2 else 1) * 2 > (count d: data | knows(d))", "never denies(F0.target) or present(C1.zone)",
	} {
		if rng.Intn(100) < 20 {
			fmt.Fprintf(&b, "require R%d: %s %s\n", i, p, against())
		}
	}
	for i, p := range []string{"possible not denies(C1)", "possible C1 has guard and not controls(C2)", "possible not knows(P) or D1 has crypt or C1 has guard"} {
		if rng.Intn(100) < 15 {
			fmt.Fprintf(&b, "require P%d: %s%s\n", i, p, maybe(40, fmt.Sprintf(" tolerating %d failures", 1+rng.Intn(2))))
		}
	}
	if rng.Intn(100) < 8 {
		fmt.Fprintf(&b, "require W for f: flow, d: data: never observes(f) and f carries d and not f has crypt %s\n", against())
	}
	fmt.Fprintf(&b, "require V for c: component: never controls(c) and not c is open %s\n", against())
	for i, p := range []string{
		"always forall f: flow | f has crypt or f is blocked", "never exists c: store | not c in Z1 and c.port >= 2",
		"always (count c: component | c has guard) <= 2", "C1 has guard only after exists f: flow | f has crypt and not f is blocked", "possible forall f: flow | f over tls implies f has crypt",
		"never (sum c: component | c.port) > 3", "always forall f: flow, g: flow | f.protocol = g.protocol implies f has seal or not g has guard", "always inside(C1) or C2 has guard", "always forall c: component, d: data | c stores d implies c stores d with crypt or c.zone != Z2",
	} {
		if rng.Intn(100) < 20 {
			fmt.Fprintf(&b, "require S%d: %s%s\n", i, p, maybe(30, " tolerating 1 failure"))
		}
	}
	return c.String(), b.String()
}
