package oracle

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
)

// Catalogue is the catalogue of random designs; they use it by this name.
const (
	CatalogueName = "random.yaml"
	Catalogue     = `catalogue: random
kinds:
  public: {is: zone}
  customer: {is: actor}
  crowd: {is: customer, many: true}
  business: {is: actor}
  webapp: {is: component}
  server: {is: component}
  risky: {is: component}
  tool: {is: component, each: true}
  hook: {is: flow}
classes:
  record: {is: data}
  note: {is: record, each: true}
controls:
  guard: {of: [component], title: A guard}
  seal: {of: [component, data], title: A seal}
  lock: {of: [flow], title: A lock}
protocols:
  https: {}
  mtls: {is: https, gives: [lock]}
relations:
  feeds: {from: component, to: component}
attributes:
  port: {of: [component, flow], type: integer}
  tier: {of: [component, zone], type: [front, back]}
predicates:
  marked: {args: [component]}
  asks: {args: [flow], common: true}
define:
  neighbours: {for: {a: component, b: component}, is: a.zone = b.zone and a != b}
  reaches: {for: {a: component, b: component}, closure: feeds}
  fitted: {for: {c: component, k: control}, is: c has k}
  hears: {for: {c: component, k: data}, is: "c stores k or exists f: flow | f.target = c and (f carries k or f authenticated by k)"}
synonyms:
  kinds: {database: server}
  controls: {sealed: seal}
  protocols: {tls: https}
  relations: {pushes_to: feeds}
threats:
  - id: enter
    for: {f: flow, z: zone}
    when: present(z) and f.source in z
    then: [injects(f)]
    cost: 0
  - id: exploit
    for: {f: flow, c: webapp}
    when: injects(f) and f.target = c
    unless: fitted(c, guard)
    then: [controls(c)]
    cost: 3
  - id: sit
    for: {f: flow, x: party}
    when: controls(x) and (f.source = x or f through x)
    then: [injects(f), observes(f)]
    cost: 0
  - id: tap
    for: {f: flow, z: zone}
    when: present(z) and f.target in z
    then: [observes(f)]
    cost: 1
  - id: lose
    for: {c: webapp, k: credential}
    when: controls(c) and knows(k)
    unless: c has seal
    then: [not knows(k), denies(c)]
    cost: 1
  - id: jump
    for: {a: component, b: component}
    when: controls(a) and (reaches(a, b) or b runs on a)
    unless: b has guard
    then: [controls(b)]
    cost: 1
    harder: {b: {seal: 2}}
  - id: spill
    for: {c: component, k: record}
    when: controls(c) and c stores k
    unless: c stores k with seal
    then: [knows(k)]
    cost: 1
  - id: mark
    for: {a: component, b: component}
    when: controls(a) and neighbours(a, b) and b.port > 0 and not b is risky
    then: [marked(if b.tier = front then b else a)]
    cost: 0
  - id: overhear
    for: {f: flow, k: record}
    when: (observes(f) or present(f.source.zone)) and f over https and (f carries k or f returns k)
    unless: f has lock
    then: [knows(k)]
    cost: 1
  - id: ask
    for: {f: flow}
    when: injects(f)
    then: [asks(f)]
    cost: 0
  - id: look-up
    for: {f: flow, k: record}
    when: asks(f) and f returns k
    unless: f.target has guard
    then: [knows(k)]
    cost: 1
  - id: trick
    for: {f: flow, a: customer, k: credential}
    when: asks(f) and k of a and f.source = a
    then: [knows(k)]
    cost: 1
    singly: true
  - id: spend
    for: {f: flow, k: credential}
    when: knows(k) and asks(f) and f authenticated by k and not k is own
    then: [denies(f.target)]
    cost: 1
  - id: relay
    for: {a: component, b: component}
    when: "controls(a) and (exists f: flow | f.source = a and f.target = b and not f is blocked and not f over mtls)"
    unless: b has guard or b has seal
    then: [controls(b)]
    cost: 2
  - id: gather
    for: {c: component, k: record}
    when: controls(c) and hears(c, k)
    unless: c has seal
    then: [knows(k)]
    cost: 2
  - id: dig
    for: {c: webapp, k: credential}
    when: controls(c) and denies(c)
    then: [knows(k), not denies(c)]
    cost: 2
`
)

// Random writes a small design. Most are well-formed; some have a mistake that only shows when they are resolved or unfolded.
func Random(rng *rand.Rand) string {
	g := &generator{Rand: rng}
	return g.design()
}

// variable is a bound variable of a domain.
type variable struct{ name, domain string }

type generator struct {
	*rand.Rand
	b        strings.Builder
	domains  []string // D of names, N and M of integers, T of secrets, and the kinds actor and credential
	facts    map[string][]string
	vars     map[string][]string // parameters, then the domain of the value
	maybe    map[string]bool
	values   map[string][]string
	messages map[string][]string
	over     map[string]int
	order    []string // of facts and variables
	two      bool     // there is w2
	many     bool     // Shopper may stand for many
	each     []string // data that each Shopper has
	fresh    int
	left     int // controls that may still be open or fail: all worlds are gone through
}

var flows = []struct{ name, source, target string }{
	{"Order", "Shop", "Psp"},
	{"Notify", "Psp", "Shop"},
	{"Browse", "Shopper", "Shop"},
}

func (g *generator) chance(percent int) bool { return g.Intn(100) < percent }

// mostly returns the first, and now and then the second.
func (g *generator) mostly(first, second int) int {
	if g.chance(30) {
		return second
	}
	return first
}

func (g *generator) pick(list []string) string { return list[g.Intn(len(list))] }

func (g *generator) printf(format string, args ...any) { fmt.Fprintf(&g.b, format, args...) }

func (g *generator) members(domain string) []string {
	switch domain {
	case "D":
		return []string{"a", "b"}
	case "T":
		return []string{"t1", "t2"}
	case "actor":
		return []string{"Shopper", "Psp"}
	case "Shopper":
		return []string{"Shopper"}
	case "component":
		return []string{"Shop", "Db"}
	case "party":
		return []string{"Psp", "Shop", "Db"}
	case "flow":
		return []string{"Order", "Notify", "Browse", "Spare"}[:g.openFlows()]
	case "zone":
		return []string{"Net", "Inside", "Vault"}
	case "credential":
		return []string{"K1", "K2"}
	case "M":
		return []string{"-1", "0", "1"}
	}
	return []string{"0", "1", "2"}
}

// openFlows returns how many flows there are to name.
func (g *generator) openFlows() int {
	if strings.Contains(g.b.String(), "flow Spare:") {
		return 4
	}
	return 3
}

func (g *generator) domain() string { return g.pick(g.domains) }

func (g *generator) design() string {
	g.facts, g.vars, g.values, g.messages = map[string][]string{}, map[string][]string{}, map[string][]string{}, map[string][]string{}
	g.maybe, g.over = map[string]bool{}, map[string]int{}
	g.printf("design \"random\"\nuse %q\n", CatalogueName)
	g.many = g.chance(40)
	g.architecture()
	secret := g.chance(30)
	if !g.chance(20) {
		if g.chance(20) {
			g.printf("attacker Mallory { %s%s }\n", g.pick([]string{"in Inside  knows K2", "observes Notify", "injects Order  knows K1", "controls Psp"}),
				g.pick([]string{"", "", "  budget 1", "  without exploit, dig"}))
		}
		starts := []string{"controls Shopper", "in Net", "controls Shopper  in Net", "in Inside", "controls Shop", "observes Order, Notify", "injects Notify  observes Notify"}
		if g.many {
			starts = []string{"is Shopper", "is Shopper", "is Shopper  in Net", "is Shopper, Psp", "controls Shopper", "in Net"}
		}
		g.printf("attacker Eve { %s%s%s }\n", g.pick(starts),
			g.pick([]string{"", "", "  knows K1"})+map[bool]string{true: g.pick([]string{"", "  knows t1"})}[secret], g.pick([]string{"", "", "  budget 3", "  without exploit", "  without tap, lose", "  budget 0"}))
	}
	g.process(secret)
	g.requirements()
	return g.b.String()
}

// architecture writes the elements, with what the design says of them.
func (g *generator) architecture() {
	g.left = 3
	control := func(names ...string) string {
		if g.left == 0 || !g.chance(50) {
			return ""
		}
		g.left--
		return " has " + g.pick(names) + g.pick([]string{"", "?"})
	}
	maybe := func(percent int, texts ...string) string {
		if g.chance(percent) {
			return " " + g.pick(texts)
		}
		return ""
	}
	sealed := ""
	stores := maybe(40, "stores K2", "stores D1", "stores D1, K1")
	if stores != "" && g.left > 0 && g.chance(50) {
		g.left--
		sealed = " with seal" + g.pick([]string{"", "?"})
	}
	db := g.pick([]string{"server", "server", "database"})
	if g.chance(30) {
		db += ", risky"
	}
	inner := fmt.Sprintf("component Db: %s%%s {%s%s%s%s%s }", db, control("guard", "seal", "sealed"), maybe(50, "port 0", "port 1"), maybe(40, "tier back", "tier front"), maybe(40, "feeds Shop", "pushes_to Shop", "feeds none"), maybe(20, "accepts K1"))
	g.printf("zone Net: public {%s }\n", maybe(50, "tier front", "tier back"))
	if g.chance(50) { // nested by braces
		g.printf("zone Inside: zone%s { zone Vault: zone {%s %s } }\n", maybe(30, "in Net"), maybe(50, "tier back"), fmt.Sprintf(inner, ""))
	} else {
		g.printf("zone Inside: zone%s\nzone Vault: zone in Inside {%s }\n", maybe(30, "in Net"), maybe(50, "tier back"))
		g.printf("%s\n", fmt.Sprintf(inner, g.pick([]string{" in Vault", " in Inside", "", " in Inside, Net"})))
	}
	of := func(data string) string {
		if !g.many || !g.chance(50) {
			return ""
		}
		g.each = append(g.each, data)
		return " of Shopper"
	}
	shopper, record := "customer", "record"
	if g.many {
		shopper, record = g.pick([]string{"customer", "crowd"}), g.pick([]string{"record", "note"})
	}
	g.printf("actor Shopper: %s in Net\nactor Psp: business in Inside\ndata K1: credential%s\ndata K2: credential\ndata D1: %s%s\n", shopper, of("K1"), record, of("D1"))
	if g.many && g.chance(30) {
		g.printf("component Pad: tool in Net%s\nflow Shopper -> Pad over https\nflow Pad -> Shop over https { returns D1 }\n", g.pick([]string{"", " of Shopper"}))
	}
	g.printf("component Shop: webapp in Inside {%s%s%s%s%s%s%s%s%s }\n", control("guard"), control("seal"), stores+sealed, maybe(30, "is risky"), maybe(40, "port 1", "port 2"),
		maybe(30, "tier front"), maybe(30, "handles K2", "handles K2, D1"), maybe(30, "runs on Db"), maybe(35, "feeds Db", "feeds none"))
	for range 2 { // what counts as if written at the element
		g.printf("%s", g.pick([]string{
			"", "", "extend Shop { accepts K2 }\n", "extend Notify blocked\n", "extend Order { returns D1 }\n", "extend component Shop: risky\n",
			"extend Shop, Db { has not seal }\n", "extend Shop { has not guard }\n", "extend Db { from \"compose.yml:3\"  guessed kind, zone }\n", "extend Browse { sure  title \"Browsing\" }\n",
		}))
	}
	if g.left > 0 && g.chance(25) {
		g.left--
		g.printf("each server in Inside has %s%s\n", g.pick([]string{"guard", "seal"}), g.pick([]string{"", "?", " except Shop"}))
	}
	flow := func() string {
		return fmt.Sprintf(" over %s%s {%s%s%s%s%s%s", g.pick([]string{"https", "https", "mtls"}), g.pick([]string{"", "", "", "", "", " blocked"}), maybe(30, "carries K1", "carries D1", "carries D1, K2"), maybe(25, "returns D1"),
			maybe(25, "authenticated by K1"), maybe(25, "port 1", "port 2"), maybe(20, "is hook"), control("lock"))
	}
	g.printf("flow Order: Shop -> Psp%s through Shopper }\nflow Notify: Psp -> Shop%s }\nflow Browse: Shopper -> Shop%s }\n", flow(), flow(), flow())
	g.printf("%s", g.pick([]string{
		"", "", "flow Shopper, Psp -> Db over https\n", "flow Shop <-> Db over mtls\n", "flow Psp -> Shop, Db over tls\n", "flow Psp -> Db\n",
		"flow Psp -> Db over https\nextend Psp->Db { has lock  carries D1 }\n",
	}))
	if g.chance(40) {
		g.printf("flow Spare: %s%s { is idle%s }\n", g.pick([]string{"Psp -> Db", "Shopper -> Shop", "Db -> Shop"}), g.pick([]string{" over https", " over mtls", ""}), maybe(30, "port 1", "through Db", "authenticated by K1"))
	}
	g.printf("define owned(x: component): controls(x) and not x has guard\ndefine uses(x: component, f: flow): f.target = x or f through x\n")
}

func (g *generator) process(secret bool) {
	g.domains = []string{"D", "N"}
	g.printf("process P {\n  domain D = a, b\n  domain N = 0..2\n")
	if secret {
		g.domains = append(g.domains, "T")
		g.printf("  domain T = t1, t2 secret\n")
	}
	for _, kind := range []string{"actor", "credential", "component", "party", "flow", "zone"} {
		if g.chance(22) {
			g.domains = append(g.domains, kind)
		}
	}
	if g.chance(60) { // what a field or a relation is of depends on the state then
		if kind := g.pick([]string{"component", "party", "flow", "flow", "zone"}); !slices.Contains(g.domains, kind) {
			g.domains = append(g.domains, kind, kind)
		}
	}
	if g.many && g.chance(60) {
		g.domains = append(g.domains, "Shopper", "Shopper")
	}
	if g.chance(25) {
		g.domains = append(g.domains, "M")
		g.printf("  domain M = -1..1\n")
	}
	params := func(n int) []string {
		var out []string
		for range g.Intn(n + 1) {
			out = append(out, g.domain())
		}
		return out
	}
	if g.chance(50) {
		g.values["w"] = []string{"D", "N"}
		g.printf("  value w(D): N = { a: %d, b: %d }\n", g.Intn(3), g.Intn(3))
		if g.chance(30) {
			g.two = true
			g.printf("  value w2(D, N): N = { (a, 0): %d, (a, 1): %d, (a, 2): 0, (b, 0): %d, (b, 1): 2, (b, 2): %d }\n", g.Intn(3), g.Intn(3), g.Intn(3), g.Intn(3))
		}
	}
	g.printf("  value key(D): credential = { a: K%d, b: K%d }\n", 1+g.Intn(2), 1+g.Intn(2))
	for i := range 1 + g.Intn(2) {
		f := fmt.Sprintf("f%d", i)
		g.facts[f] = params(1 + g.Intn(2))
		g.order = append(g.order, f)
		g.printf("  fact %s%s%s\n", f, list(g.facts[f]), g.pick([]string{"", "", " = true"}))
	}
	for i := range g.Intn(3) {
		v := fmt.Sprintf("v%d", i)
		p, result := params(1), g.domain()
		g.vars[v] = append(p, result)
		g.maybe[v] = g.chance(30)
		init, mark := g.pick(g.members(result)), ""
		if g.maybe[v] {
			mark = "?"
			if g.chance(50) {
				init = "none"
			}
		} else if result == "N" && len(g.values) > 0 && slices.Equal(p, []string{"D"}) {
			p, init = []string{"i: D"}, "w(i)"
		}
		g.order = append(g.order, v)
		g.printf("  var %s%s: %s%s = %s%s\n", v, list(p), result, mark, init, g.pick([]string{"", "", " bounded"}))
	}
	for i := range g.Intn(3) {
		m := fmt.Sprintf("M%d", i)
		fields := params(2)
		g.messages[m], g.over[m] = fields, g.Intn(len(flows))
		var named []string
		for k, d := range fields {
			named = append(named, fmt.Sprintf("x%d%d: %s", i, k, d))
		}
		signed := ""
		switch g.Intn(4) {
		case 0:
			signed = " signed by K1"
		case 1:
			if slices.Contains(fields, "D") {
				signed = fmt.Sprintf(g.pick([]string{" signed by (if x%d%d = a then K1 else K2)", " signed by key(x%d%d)"}), i, slices.Index(fields, "D"))
			}
			if slices.Contains(fields, "credential") && g.chance(60) {
				signed = fmt.Sprintf(" signed by x%d%d", i, slices.Index(fields, "credential"))
			}
		}
		if signed != "" && len(fields) > 0 && g.chance(50) {
			signed += fmt.Sprintf(" except x%d%d", i, g.Intn(len(fields)))
		}
		g.printf("  message %s%s over %s%s\n", m, list(named), flows[g.over[m]].name, signed)
	}
	for i := range 2 + g.Intn(3) {
		if i == 1 && g.chance(25) { // what is in one process is known in all
			g.printf("}\nprocess Q {\n")
		}
		g.step(i)
	}
	g.printf("}\n")
}

func list(items []string) string {
	if len(items) == 0 {
		return ""
	}
	return "(" + strings.Join(items, ", ") + ")"
}

func (g *generator) step(i int) {
	var scope []variable
	var params []string
	for k := range g.Intn(3) {
		v := variable{fmt.Sprintf("p%d", k), g.domain()}
		scope = append(scope, v)
		params = append(params, v.name+": "+v.domain)
	}
	caller := g.many && g.chance(40)
	if caller {
		scope = append(scope, variable{"s", "Shopper"}, variable{"s", "actor"})
	}
	var parties, receives, sends []string
	names := g.sorted(g.messages)
	for _, m := range names {
		f := flows[g.over[m]]
		party, into := f.target, &receives
		if g.chance(50) {
			party, into = f.source, &sends
		}
		if !g.chance(45) || len(parties) > 0 && !slices.Contains(parties, party) && !g.chance(20) {
			continue
		}
		if !slices.Contains(parties, party) {
			parties = append(parties, party)
		}
		var args []string
		for _, d := range g.messages[m] {
			args = append(args, g.term(d, scope, 1))
		}
		*into = append(*into, m+list(args))
	}
	if len(parties) == 0 {
		parties = []string{g.pick([]string{"Shop", "Psp", "Shopper"})}
	}
	g.printf("  step S%d%s by %s", i, list(params), strings.Join(parties, ", "))
	if caller {
		g.printf(" for s: Shopper")
	}
	if len(receives) > 0 {
		g.printf(" receives %s", strings.Join(receives, ", "))
	}
	if g.chance(50) {
		g.printf(" when %s", g.formula(scope, 2))
	}
	var effects []string
	for range g.Intn(3) {
		effects = append(effects, g.effect(scope))
	}
	if len(effects) > 0 {
		g.printf(" do %s", strings.Join(effects, ", "))
	}
	if len(sends) > 0 {
		g.printf(" sends %s", strings.Join(sends, ", "))
	}
	g.printf("\n")
}

func (g *generator) effect(scope []variable) string {
	target := g.pick(g.order)
	prefix := ""
	params, isFact := g.facts[target]
	if !isFact {
		params = g.vars[target][:len(g.vars[target])-1]
	}
	var args []string
	for _, d := range params {
		if prefix == "" && g.chance(25) {
			g.fresh++
			v := variable{fmt.Sprintf("q%d", g.fresh), d}
			prefix = "forall " + v.name + ": " + d + " | "
			scope = append(slices.Clone(scope), v)
			args = append(args, v.name)
			continue
		}
		args = append(args, g.term(d, scope, 1))
	}
	call := prefix + target
	if isFact && prefix == "" && g.chance(25) {
		return "not " + target + list(args)
	}
	call += list(args)
	if isFact {
		if g.chance(25) {
			return call + " := " + g.formula(scope, 1)
		}
		return call
	}
	if g.maybe[target] && g.chance(30) {
		return call + " := none"
	}
	return call + " := " + g.term(g.vars[target][len(params)], scope, 2)
}

func (g *generator) sorted(m map[string][]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// term writes a term of a domain. One of N may be outside it.
func (g *generator) term(domain string, scope []variable, depth int) string {
	var of []string
	for _, v := range scope {
		if v.domain == domain {
			of = append(of, v.name, v.name)
		}
	}
	of = append(of, g.pick(g.members(domain)))
	if depth > 0 {
		for _, v := range g.sorted(g.vars) {
			if p := g.vars[v]; p[len(p)-1] == domain {
				of = append(of, v+list(g.terms(p[:len(p)-1], scope)))
			}
		}
		if (domain == "N" || domain == "M") && g.chance(25) {
			of = append(of, g.term(g.pick([]string{"component", "flow"}), scope, depth-1)+".port")
		}
		if domain == "party" && g.chance(50) {
			of = append(of, g.term("flow", scope, depth-1)+g.pick([]string{".source", ".target"}))
		}
		if domain == "zone" && g.chance(50) {
			of = append(of, g.term(g.pick([]string{"component", "party", "actor", "zone"}), scope, depth-1)+".zone")
		}
		if domain == "N" || domain == "M" {
			of = append(of, g.term(domain, scope, depth-1)+g.pick([]string{" + ", " - ", " * "})+g.term(domain, scope, 0))
			if g.two {
				of = append(of, "w2("+g.term("D", scope, 0)+", "+g.term("N", scope, 0)+")")
			}
			if g.chance(20) {
				g.fresh++
				v := variable{fmt.Sprintf("q%d", g.fresh), g.domain()}
				of = append(of, "(count "+v.name+": "+v.domain+" | "+g.formula(append(slices.Clone(scope), v), depth-2)+")")
			}
			if len(g.values) > 0 {
				of = append(of, "w("+g.term("D", scope, 0)+")")
			}
		}
		if g.chance(20) && domain != "party" { // whose members have no common kind below it
			of = append(of, "(if "+g.formula(scope, depth-2)+" then "+g.term(domain, scope, 0)+" else "+g.term(domain, scope, 0)+")")
		}
	}
	return g.pick(of)
}

// comparisons are the signs between integers.
var comparisons = []string{"=", "!=", "<", "<=", ">", ">="}

func (g *generator) terms(domains []string, scope []variable) []string {
	var out []string
	for _, d := range domains {
		out = append(out, g.term(d, scope, 0))
	}
	return out
}

// bound are variables as they are bound: `q1: D, q2: component`.
func bound(vars []variable) string {
	var out []string
	for _, v := range vars {
		out = append(out, v.name+": "+v.domain)
	}
	return strings.Join(out, ", ")
}

// counts compares a count with a number or with another count, on either side.
func (g *generator) counts(bound, body string, inner, scope []variable) string {
	count := "(count " + bound + " | " + body + ")"
	other := g.pick([]string{"0", "1", "2", "5", g.term("N", scope, 1), "(count " + bound + " | " + g.formula(inner, 0) + ")"})
	op := g.pick([]string{" < ", " <= ", " > ", " >= ", " = ", " != "})
	if g.chance(50) {
		return other + op + count
	}
	return count + op + other
}

func (g *generator) formula(scope []variable, depth int) string {
	if depth > 0 && g.chance(50) {
		a, b := g.formula(scope, depth-1), g.formula(scope, depth-1)
		switch g.Intn(5) {
		case 0:
			return "(" + a + " and " + b + ")"
		case 1:
			return "(" + a + " or " + b + ")"
		case 2:
			return "not (" + a + ")"
		case 3:
			return "(" + a + " implies " + b + ")"
		}
		var vars []variable
		for range g.mostly(1, 2) {
			g.fresh++
			vars = append(vars, variable{fmt.Sprintf("q%d", g.fresh), g.domain()})
		}
		inner := slices.Concat(scope, vars)
		of, body := bound(vars), g.formula(inner, len(vars)-1)
		return g.pick([]string{
			"(forall " + of + " | " + body + ")", "(exists " + of + " | " + body + ")",
			g.counts(of, body, inner, scope),
			fmt.Sprintf("(sum %s | %s where %s) %s %d", of, g.term("N", inner, 1), body, g.pick(comparisons), g.Intn(3)),
			fmt.Sprintf("(sum %s | %s) %s %d", of, g.term("N", inner, 1), g.pick(comparisons), g.Intn(4)),
		})
	}
	var of []string
	for _, f := range g.sorted(g.facts) {
		of = append(of, f+list(g.terms(g.facts[f], scope)), "not "+f+list(g.terms(g.facts[f], scope)))
	}
	for _, v := range g.sorted(g.vars) {
		p := g.vars[v]
		d := p[len(p)-1]
		call := v + list(g.terms(p[:len(p)-1], scope))
		of = append(of, call+g.pick([]string{" = ", " != "})+g.term(d, scope, 0))
		if d == "N" || d == "M" {
			of = append(of, call+g.pick([]string{" < ", " >= ", " <= ", " > "})+g.term(d, scope, min(1, depth+1)))
		}
		if g.maybe[v] {
			of = append(of, call+g.pick([]string{" = none", " != none"}))
		}
	}
	of = append(of, g.pick([]string{"Shop has guard", "Shop has seal", "not Shop has guard"}))
	atom := g.atom(scope, max(depth, 0))
	if of = append(of, atom); depth >= 0 && g.chance(25) {
		return g.atom(scope, 1) // of one element or another, by the state
	}
	if g.chance(30) {
		of = append(of, g.pick([]string{"knows(K1)", "not knows(K2)", "controls(Shop)", "not observes(Order)", "injects(Notify)", "denies(Shop)"}))
	}
	if len(scope) > 0 {
		v := scope[g.Intn(len(scope))]
		of = append(of, v.name+g.pick([]string{" = ", " != "})+g.term(v.domain, scope, 0))
	}
	if slices.Contains(g.domains, "actor") {
		of = append(of, "controls("+g.term("actor", scope, min(1, depth+1))+")")
	}
	if slices.Contains(g.domains, "T") {
		of = append(of, "knows("+g.term("T", scope, 0)+")")
	}
	return g.pick(of)
}

// atom writes what the design says of elements, which may be one or another by the state; and where there are many, whose they are.
func (g *generator) atom(scope []variable, depth int) string {
	c, f, z, p := g.term("component", scope, depth), g.term("flow", scope, depth), g.term("zone", scope, depth), g.term("party", scope, depth)
	equal := g.pick([]string{" = ", " != "})
	if g.many && g.chance(15) {
		of := g.term(g.pick([]string{"Shopper", "actor"}), scope, depth)
		return g.pick([]string{g.term("credential", scope, depth) + " of " + of, "D1 of " + of, of + " is own", f + " is own", g.term("credential", scope, 0) + " is own", c + " is own"})
	}
	return g.pick([]string{
		f + ".source" + equal + p, f + ".source = " + p, f + ".target" + equal + c, f + ".protocol" + equal + "https", f + ".protocol" + equal + g.term("flow", scope, 0) + ".protocol",
		c + ".zone" + equal + z, p + ".zone" + equal + g.term("component", scope, 0) + ".zone", c + ".port" + g.pick([]string{" = ", " < ", " >= ", " != "}) + g.term("N", scope, 0),
		f + ".port = " + c + ".port", c + ".tier" + equal + g.pick([]string{"front", "back"}), z + ".tier" + equal + c + ".tier", f + ".target.zone.tier = front",
		c + " is webapp", g.term("component", scope, 0) + " is server", "not " + c + " is risky", f + " is hook", c + " in " + z, z + " in " + g.term("zone", scope, 0),
		c + " stores " + g.pick([]string{"K1", "D1"}), c + " stores D1 with seal", c + " stores " + g.term("credential", scope, 0), c + " handles K2", f + " carries D1", f + " carries " + g.term("credential", scope, depth),
		f + " returns D1", f + " over mtls", "not " + f + " over https", f + " through " + p, c + " accepts " + g.term("credential", scope, 0), f + " authenticated by K1",
		c + " runs on " + g.term("component", scope, 0), g.pick([]string{c + " feeds " + g.term("component", scope, depth), c + " feeds none"}), f + " is blocked", f + " has lock", c + " has seal",
		"owned(" + c + ")", "uses(" + c + ", " + f + ")", "reaches(" + c + ", " + g.term("component", scope, 0) + ")", "neighbours(" + c + ", " + g.term("component", scope, 0) + ")",
		"marked(" + c + ")", "controls(" + p + ")", "present(" + z + ")", "(if " + g.pick([]string{"Shop has seal", "controls(Shop)"}) + " then " + c + " else Db) = Shop",
	})
}

// requirements asks some questions. Those called R mention all of the state, so that every step that a domain stops matters to them. Of those called L
// not all steps need matter.
func (g *generator) requirements() {
	var all []string
	for _, x := range g.order {
		var args []string
		if p, ok := g.facts[x]; ok {
			for _, d := range p {
				args = append(args, g.members(d)[0])
			}
			all = append(all, fmt.Sprintf("(%s%s or not %s%s)", x, list(args), x, list(args)))
			continue
		}
		p := g.vars[x]
		for _, d := range p[:len(p)-1] {
			args = append(args, g.members(d)[0])
		}
		all = append(all, fmt.Sprintf("(%s%s = %s or not %s%s = %s)", x, list(args), g.members(p[len(p)-1])[0], x, list(args), g.members(p[len(p)-1])[0]))
	}
	for i := range 3 {
		scope, bind := []variable(nil), ""
		if g.chance(30) {
			scope = []variable{{"r", g.domain()}, {"rb", g.domain()}}[:g.mostly(1, 2)]
			bind = " for " + bound(scope)
		}
		property := ""
		called, f := "R", g.formula(scope, 2)
		if g.chance(25) {
			called = "L"
		} else {
			f += " and " + strings.Join(all, " and ")
		}
		switch g.Intn(5) {
		case 0:
			property = "always not (" + f + ")"
		case 1:
			property = "(" + f + ") only after (" + g.formula(scope, 1) + ")"
		case 2:
			property = "possible " + f
		default:
			property = "never " + f
		}
		if strings.Contains(g.b.String(), "Mallory") && !strings.HasPrefix(property, "possible") && g.chance(50) {
			property += g.pick([]string{" against Eve + Mallory", " against Mallory, Eve + Mallory"})
		}
		g.printf("require %s%d%s: %s%s\n", called, i, bind, property, g.pick([]string{"", "", " tolerating 1 failure", " tolerating 2 failures"}))
	}
	if g.many && g.chance(70) {
		property := g.pick([]string{"confidential D1", "confidential K1, D1", "integrity D1", "confidential K1"})
		if len(g.each) > 0 && g.chance(60) {
			property = "confidential " + strings.Join(g.each, ", ") + " at scale"
		}
		g.printf("require L3: %s\n", property)
	}
	for i := range 2 {
		if g.chance(15) {
			g.printf("assume A%d: %s\n", i, g.formula(nil, 1))
		}
	}
}
