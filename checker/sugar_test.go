package checker_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// This file holds the short ways of writing a design to the long ones: zones that hold declarations, several elements and flows at once, `each`, `is`,
// `define`, `include`, `unless`, catalogues that build on others. Random designs are made out of parts, written out in full by an own
// reading of the definition, and in short, in another order and over several files. Both must get the same verdicts at the same costs.

var sugared = flag.Int("sugared", 60, "how many random designs are written in two ways")

// sugar is a design in parts.
type sugar struct {
	rng     *rand.Rand
	zones   []*thing
	things  []*thing
	flows   []*wires
	eaches  []each
	macros  []macro
	rest    []string // other declarations, the same both ways
	demands []string // requirements, with uses of macros as @NAME(ARGUMENT)
	short   bool
	kinds   map[string]string // the parent of each kind
}

// thing is an element that is no flow.
type thing struct {
	sort, zone string
	names      []string // several: declared at once
	kinds      []string
	clauses    []string
	outer      *thing // of zones
}

// wires are flows that are declared at once.
type wires struct {
	source, over, blocked string
	targets               []string
	both                  bool
	clauses               []string
}

// each is a clause that is written at several elements.
type each struct {
	kind, zone string
	clauses    []string
	except     []string
}

type macro struct{ name, sort, body string }

func (g *sugar) pick(list ...string) string { return list[g.rng.Intn(len(list))] }

func (g *sugar) chance(percent int) bool { return g.rng.Intn(100) < percent }

func (g *sugar) some(percent int, list ...string) (out []string) {
	for _, x := range list {
		if g.chance(percent) {
			out = append(out, x)
		}
	}
	return out
}

// is reports whether a kind is another one or below it.
func (g *sugar) is(kind, other string) bool {
	for ; kind != ""; kind = g.kinds[kind] {
		if kind == other {
			return true
		}
	}
	return false
}

func (g *sugar) of(kinds []string, kind string) bool {
	return slices.ContainsFunc(kinds, func(k string) bool { return g.is(k, kind) })
}

// inside reports whether something in one zone is in another.
func (g *sugar) inside(zone, outer string) bool {
	for zone != "" {
		if zone == outer {
			return true
		}
		i := slices.IndexFunc(g.zones, func(z *thing) bool { return z.names[0] == zone })
		zone = g.zones[i].zone
	}
	return false
}

func newSugar(rng *rand.Rand) *sugar {
	g := &sugar{rng: rng, kinds: map[string]string{
		"network": "zone", "inner": "network", "person": "actor", "service": "component", "webapp": "service", "store": "component", "open": "component",
		"radio": "flow", "secret": "data", "card": "secret", "password": "credential", "credential": "data", "actor": "party", "component": "party",
	}}
	var outer *thing
	for i := range 3 {
		z := &thing{sort: "zone", names: []string{fmt.Sprintf("Z%d", i)}, kinds: []string{g.pick("network", "inner", "zone")}}
		if outer != nil && g.chance(70) {
			z.outer, z.zone = outer, outer.names[0]
		}
		z.clauses = g.some(25, "has wall", "tier front")
		g.zones = append(g.zones, z)
		outer = z
	}
	zone := func() string { return g.pick("", "Z0", "Z0", "Z1", "Z2") }
	g.things = append(g.things, &thing{sort: "data", names: []string{"D1"}, kinds: []string{"card"}}, &thing{sort: "data", names: []string{"P", "Q"}, kinds: []string{"password"}})
	g.things = append(g.things, &thing{sort: "actor", names: []string{"A", "B"}[:1+rng.Intn(2)], kinds: []string{"person"}, zone: "Z0"})
	components := [][]string{{"C1"}, {"C2", "C3"}, {"C4"}}
	for _, names := range components {
		c := &thing{sort: "component", names: names, zone: zone(), kinds: strings.Split(g.pick("service", "webapp", "store", "webapp, store"), ", ")}
		c.clauses = g.some(30, "has guard", "has guard?", "handles D1", "stores P with crypt", "stores D1", "accepts P", "accepts Q", "port 2", "is open")
		if names[0] != "C1" {
			c.clauses = append(c.clauses, g.some(25, "runs on C1", "feeds C1")...)
		}
		g.things = append(g.things, c)
	}
	ends := []string{"A", "C1", "C2", "C3", "C4"}
	taken := map[string]bool{}
	for range 3 {
		f := &wires{source: g.pick(ends...), over: g.pick("plain", "tls", "mutual"), both: g.chance(25)}
		for _, t := range ends {
			free := !taken[f.source+t] && !(f.both && taken[t+f.source])
			if t != f.source && free && len(f.targets) < 2 && g.chance(40) {
				taken[f.source+t] = true
				taken[t+f.source] = taken[t+f.source] || f.both
				f.targets = append(f.targets, t)
			}
		}
		if len(f.targets) == 0 {
			continue
		}
		if g.chance(10) {
			f.blocked = " blocked"
		}
		f.clauses = g.some(30, "carries D1, P", "returns Q", "has crypt", "has seal?", "is radio", "through C1", "has guard")
		g.flows = append(g.flows, f)
	}
	for range rng.Intn(4) {
		e := each{kind: g.pick("webapp", "service", "component", "store", "open", "flow", "radio", "data", "password", "network")}
		fits := []string{"has guard", "has guard?", "stores D1", "stores D1 with crypt?", "is open", "port 2", "handles Q"}
		switch {
		case e.kind == "flow" || e.kind == "radio":
			fits = []string{"has crypt", "has guard", "has seal?", "carries Q", "is radio"}
		case e.kind == "data" || e.kind == "password":
			fits = []string{"has crypt?", "has crypt"}
		case e.kind == "network":
			fits = []string{"has wall", "has wall?", "is inner"}
			e.zone = g.pick("", "Z0")
		default:
			e.zone = g.pick("", "", "Z0", "Z1")
			e.except = g.some(20, "C1", "C2", "C4")
		}
		if e.kind == "service" || e.kind == "webapp" {
			fits = append(fits, "has filter")
		}
		e.clauses = append(e.clauses, fits[rng.Intn(len(fits))])
		if other := fits[rng.Intn(len(fits))]; g.chance(30) && strings.Fields(other)[0] != strings.Fields(e.clauses[0])[0] {
			e.clauses = append(e.clauses, other)
		}
		g.eaches = append(g.eaches, e)
	}
	g.macros = []macro{
		{"lost", "component", "controls(x) and not x is open or denies(x)"},
		{"held", "component", "exists d: data | x stores d and (knows(d) or tampers(d))"},
		{"apart", "component", "x.zone != Z1 implies x has guard"},
	}
	g.rest = []string{
		"attacker X { in Z0  " + g.pick("", "budget 3", "without exploit", "knows P") + " }", "attacker Y { " + g.pick("controls C2", "controls A  knows Q", "knows P  budget 2", "in Z1, Z2") + " }",
	}
	if g.chance(20) {
		g.rest = append(g.rest, "assume S: "+g.pick("not controls(C4)", "@apart(C2)", "C1 has guard implies not @lost(C1)"))
	}
	for i, p := range []string{
		"never @lost(C1) or @held(C3)", "never @held(C2) and @apart(C2)", "always not @lost(C4)", "@lost(C3) only after @held(C1) or knows(P)", "confidential D1, Q", "integrity D1", "available C1, C2",
		"always @apart(C1) and @apart(C4)", "never exists c: component | @lost(c) and c.port > 1", "possible not @held(C1)",
	} {
		if g.chance(60) {
			against := ""
			if !strings.HasPrefix(p, "possible") && !strings.HasPrefix(p, "always @apart") {
				against = g.pick("", " against X + Y", " against Y, X + Y")
			}
			g.demands = append(g.demands, fmt.Sprintf("require R%d: %s%s%s", i, p, against, g.pick("", " tolerating 1 failure")))
		}
	}
	return g
}

// expand writes the uses of macros: by name, or in full.
func (g *sugar) expand(text string) string {
	return regexp.MustCompile(`@(\w+)\((\w+)\)`).ReplaceAllStringFunc(text, func(use string) string {
		m := regexp.MustCompile(`@(\w+)\((\w+)\)`).FindStringSubmatch(use)
		if g.short {
			return m[1] + "(" + m[2] + ")"
		}
		i := slices.IndexFunc(g.macros, func(x macro) bool { return x.name == m[1] })
		return "(" + regexp.MustCompile(`\bx\b`).ReplaceAllString(g.macros[i].body, m[2]) + ")"
	})
}

// long writes everything out.
func (g *sugar) long() map[string]string {
	type one struct {
		head, root, zone string
		name             string
		kinds            []string
		clauses          []string
	}
	var all []*one
	add := func(t *thing) {
		for _, n := range t.names {
			all = append(all, &one{root: t.sort, zone: t.zone, name: n, kinds: slices.Clone(t.kinds), clauses: slices.Clone(t.clauses)})
		}
	}
	for _, t := range append(slices.Clone(g.zones), g.things...) {
		add(t)
	}
	for _, f := range g.flows {
		for _, t := range f.targets {
			ends := [][2]string{{f.source, t}}
			if f.both {
				ends = append(ends, [2]string{t, f.source})
			}
			for _, e := range ends {
				all = append(all, &one{head: fmt.Sprintf("flow %s -> %s over %s%s", e[0], e[1], f.over, f.blocked), root: "flow", name: e[0] + "->" + e[1], kinds: []string{"flow"}, clauses: slices.Clone(f.clauses)})
			}
		}
	}
	kinds := func(x *one) []string {
		out := slices.Clone(x.kinds)
		for _, c := range x.clauses {
			if k, ok := strings.CutPrefix(c, "is "); ok {
				out = append(out, k)
			}
		}
		return out
	}
	for changed := true; changed; { // what an `each` says may be what makes another one mean an element
		changed = false
		for _, e := range g.eaches {
			for _, x := range all {
				if !g.of(kinds(x), e.kind) || slices.Contains(e.except, x.name) || e.zone != "" && !g.inside(x.zone, e.zone) {
					continue
				}
				for _, c := range e.clauses {
					if !slices.Contains(x.clauses, c) {
						x.clauses, changed = append(x.clauses, c), true
					}
				}
			}
		}
	}
	var b strings.Builder
	b.WriteString("design \"sugar\"\nuse \"all.yaml\"\n")
	for _, x := range all {
		head := x.head
		if head == "" {
			head = fmt.Sprintf("%s %s: %s", x.root, x.name, strings.Join(x.kinds, ", "))
			if x.zone != "" {
				head += " in " + x.zone
			}
		}
		clauses := slices.DeleteFunc(slices.Clone(x.clauses), func(c string) bool { // what is decided is not open any more
			return strings.HasSuffix(c, "?") && slices.Contains(x.clauses, strings.TrimSuffix(c, "?"))
		})
		fmt.Fprintf(&b, "%s {\n  %s\n}\n", head, strings.Join(clauses, "\n  "))
	}
	for _, x := range append(slices.Clone(g.rest), g.demands...) {
		b.WriteString(g.expand(x) + "\n")
	}
	unless := regexp.MustCompile(`when: ([^']*), unless: (.*), then:`)
	text := vocabulary
	for _, r := range rules {
		text += "  - " + fmt.Sprintf(unless.ReplaceAllString(r, "when: ($1) and not ($2), then:"), 1) + "\n"
	}
	return map[string]string{"sugar.vbn": b.String(), "all.yaml": text}
}

// brief writes the same in short.
func (g *sugar) brief() map[string]string {
	g.short = true
	var first, second []string // declarations of the two files
	put := func(text string) {
		if g.chance(50) {
			first = append(first, text)
		} else {
			second = append(second, text)
		}
	}
	body := func(clauses []string, nested string) string {
		clauses = slices.Clone(clauses)
		g.rng.Shuffle(len(clauses), func(i, j int) { clauses[i], clauses[j] = clauses[j], clauses[i] })
		if len(clauses) == 0 && nested == "" {
			return ""
		}
		return " { " + strings.Join(clauses, "  ") + " " + nested + "}"
	}
	write := func(t *thing, in string) string {
		text := fmt.Sprintf("%s %s: %s", t.sort, strings.Join(t.names, ", "), strings.Join(t.kinds, ", "))
		if in != "" {
			text += " in " + in
		}
		return text
	}
	within := map[string]bool{}
	var zone func(z *thing, in string) string
	zone = func(z *thing, in string) string {
		nested := ""
		for _, t := range append(slices.Clone(g.zones), g.things...) {
			if t.zone != z.names[0] || within[t.names[0]] || g.chance(40) {
				continue
			}
			within[t.names[0]] = true
			if t.sort == "zone" {
				nested += zone(t, g.pick("", t.zone)) + " "
			} else {
				nested += write(t, g.pick("", t.zone)) + body(t.clauses, "") + " "
			}
		}
		return write(z, in) + body(z.clauses, nested)
	}
	for _, z := range g.zones {
		if !within[z.names[0]] {
			within[z.names[0]] = true
			put(zone(z, z.zone))
		}
	}
	for _, t := range g.things {
		if !within[t.names[0]] {
			put(write(t, t.zone) + body(t.clauses, ""))
		}
	}
	for _, f := range g.flows {
		arrow := "->"
		if f.both {
			arrow = "<->"
		}
		put(fmt.Sprintf("flow %s %s %s over %s%s%s", f.source, arrow, strings.Join(f.targets, ", "), f.over, f.blocked, body(f.clauses, "")))
	}
	for _, e := range g.eaches {
		text := "each " + e.kind
		if e.zone != "" {
			text += " in " + e.zone
		}
		text += " " + strings.Join(e.clauses, "  ")
		if len(e.except) > 0 {
			text += " except " + strings.Join(e.except, ", ")
		}
		put(text)
	}
	for _, m := range g.macros {
		put(fmt.Sprintf("define %s(x: %s): %s", m.name, m.sort, m.body))
	}
	for _, x := range append(slices.Clone(g.rest), g.demands...) {
		put(g.expand(x))
	}
	for _, list := range [][]string{first, second} {
		g.rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	words, _, _ := strings.Cut(vocabulary, "threats:")
	words = strings.Replace(words, "catalogue: tiny", "catalogue: words", 1)
	mutual := "mutual: {is: tls, gives: [seal]}, "
	words = strings.Replace(words, mutual, "", 1)
	more := "catalogue: more\nprotocols: {" + strings.TrimSuffix(mutual, ", ") + "}\nthreats:\n"
	rest := "catalogue: rest\nextends: [../words.yaml]\nthreats:\n"
	for _, r := range rules {
		r = "  - " + fmt.Sprintf(r, 1) + "\n"
		if g.chance(50) {
			more += r
		} else {
			rest += r
		}
	}
	return map[string]string{
		"sugar.vbn":      "design \"sugar\"\nuse \"more.yaml\"\ninclude \"sub/second.vbn\"\n" + strings.Join(first, "\n"),
		"sub/second.vbn": "use \"rest.yaml\"\n" + strings.Join(second, "\n"),
		"sub/rest.yaml":  rest,
		"words.yaml":     words,
		"more.yaml":      more,
	}
}

// verdicts says what a check finds, in an order that follows from names alone.
func verdicts(t *testing.T, files map[string]string) string {
	t.Helper()
	m := threatstest.Load(t, threatstest.Texts(files), "sugar.vbn")
	r, err := checker.Check(context.Background(), m, checker.Options{AsOf: "2026-01-01"})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, q := range r.Requirements {
		for _, c := range q.Cases {
			text := q.Source.Name
			for _, a := range c.Attackers {
				text += " " + a.Name
			}
			text += " " + string(c.Verdict)
			if c.Attack != nil && !q.Source.Static {
				text += fmt.Sprintf(" cost %d in %d steps", c.Attack.Cost, len(c.Attack.Steps))
			}
			text += fmt.Sprintf(" %d sets", len(c.Sufficient))
			out = append(out, text)
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func TestSugar(t *testing.T) {
	t.Parallel()
	for seed := range int64(*sugared) {
		g := newSugar(rand.New(rand.NewSource(seed)))
		long, brief := g.long(), g.brief()
		if a, b := verdicts(t, long), verdicts(t, brief); a != b {
			t.Fatalf("seed %d: written out\n%s\nin short\n%s\n%s\n%s\n%s", seed, a, b, long["sugar.vbn"], brief["sugar.vbn"], brief["sub/second.vbn"])
		}
	}
}
