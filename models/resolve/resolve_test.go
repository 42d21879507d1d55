package resolve

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

// describe prints what a requirement became.
func describe(q *models.Requirement) string {
	kinds := []string{"never ", "always ", "", "possible "}
	s := kinds[q.Kind] + q.F.String()
	if q.G != nil {
		s += " only after " + q.G.String()
	}
	for i, c := range q.Coalitions {
		s += []string{", ", " against "}[min(1, 1-min(i, 1))]
		for j, a := range c {
			if j > 0 {
				s += " + "
			}
			s += a.Name
		}
	}
	if q.Static {
		s += " static"
	}
	if q.Process {
		s += " process"
	}
	return s
}

func TestRequirements(t *testing.T) {
	t.Parallel()
	cases := []struct{ text, want string }{
		{"confidential Card, Key", "never knows(Card) or knows(Key) against Outsider"},
		{"integrity Card", "never tampers(Card) against Outsider"},
		{"available Shop, Buy", "never denies(Shop) or denies(Buy) against Outsider"},
		{"confidential t1", "never knows(t1) against Outsider process"},
		{"never placed(o1) and price(o1) < 2", "never placed(o1) and price(o1) < 2 against Outsider process"},
		{"placed(o1) only after done", "placed(o1) only after done against Outsider process"},
		{"possible done", "possible done process"},
		{"always forall f: flow | f has encryption or f is blocked", "always forall f: flow | f has encryption or f is blocked static"},
		{"always forall f: flow | f.protocol = https implies f over http", "always forall f: flow | f.protocol = https implies f over http static"},
		{"always Core.tier = app and Shop.zone = Core and Internet.zone = none", "always Core.tier = app and Shop.zone = Core and Internet.zone = none static"},
		{"always Core.tier != none and not Db.port = none", "always Core.tier != none and not Db.port = none static"},
		{"always Shop selects none or not Db stores none", "always Shop selects none or not Db stores none static"},
		{"always app = Core.tier", "always app = Core.tier static"},
		{"always (count c: component | c in Core) >= 2", "always (count c: component | c in Core) >= 2 static"},
		{"never (sum o: Order | price(o) where placed(o)) > 3", "never (sum o: Order | price(o) where placed(o)) > 3 against Outsider process"},
		{"never session != none and paid(o1) + 1 * 2 - -1 > (if done then 1 else 0)", "never session != none and paid(o1) + 1 * 2 - -1 > (if done then 1 else 0) against Outsider process"},
		{"always Db stores Card with encryption implies not Shop selects Db", "always Db stores Card with encryption implies not Shop selects Db static"},
		{"never secretive(Buy.target)", "never exists d: data | knows(d) and Buy.target stores d against Outsider"},
		{"never (controls(Shop) or controls(Db)) and not (observes(Buy) and injects(Buy))", "never (controls(Shop) or controls(Db)) and not (observes(Buy) and injects(Buy)) against Outsider"},
		{"always Buy authenticated by Key or Buy through Psp or Shop accepts Key or Shop runs on Db", "always Buy authenticated by Key or Buy through Psp or Shop accepts Key or Shop runs on Db static"},
		{"always Buy carries Card and not Buy returns Card and not Shop handles Card", "always Buy carries Card and not Buy returns Card and not Shop handles Card static"},
	}
	for _, c := range cases {
		d := good(t, shop+process+"}\ndefine secretive(c: component): exists d: data | knows(d) and c stores d\nrequire R: "+c.text)
		if got := describe(d.Requirements[0]); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

// TestPrinting checks that what a formula prints as means the same: it parses and prints as itself.
func TestPrinting(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"(controls(Shop) implies controls(Db)) implies controls(Psp)",
		"controls(Shop) implies controls(Db) implies controls(Psp)",
		"not (exists f: flow | observes(f)) and controls(Shop)",
		"(forall f: flow | observes(f)) or controls(Shop)",
		"paid(o1) - (paid(o2) - 1) = 0",
		"(paid(o1) + 1) * 2 = 4",
		"not (not done) and (done or done) and (done and done)",
	} {
		print := func(f string) string {
			return good(t, shop+process+"}\nrequire R: never "+f).Requirements[0].F.String()
		}
		once := print(text)
		if twice := print(once); once != twice {
			t.Errorf("%s prints as %s, which prints as %s", text, once, twice)
		}
	}
}

func controls(e *models.Element) string {
	var out []string
	for _, c := range e.Controls {
		s := c.Control.Name
		if c.Open {
			s += "?"
		}
		if c.Given {
			s += "!"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestElements(t *testing.T) {
	t.Parallel()
	d := good(t, shop+`
component A, B: webapp in Inner { is entrypoint selects Shop, Db, Shop title "T" }
each component in Core has input_validation except B
each webapp has input_validation?
each entrypoint is database
flow Shop -> A, Psp over http { is webhook }
flow A <-> B over https blocked { has encryption?, pinning? has pinning }`)
	for name, want := range map[string]string{
		"Shop": "input_validation", "Db": "input_validation", "A": "input_validation", "B": "input_validation?",
		"A->B": "encryption! pinning", "B->A": "encryption! pinning", "Buy": "encryption!", "Shop->A": "",
	} {
		e := d.Lookup(name)
		if e == nil {
			t.Fatalf("no element %q", name)
		}
		if got := controls(e); got != want {
			t.Errorf("%s has %q, want %q", name, got, want)
		}
	}
	v := d.Vocabulary
	a := d.Lookup("A")
	if a.Title != "T" || len(a.Relations[v.Relations["selects"]]) != 2 || !a.Is(v.Kinds["database"]) || !a.Inside(d.Lookup("Core")) {
		t.Errorf("invalid details of A: %+v", a)
	}
	if f := d.Lookup("B->A").Flow; f.Source.Name != "B" || f.Target.Name != "A" || !f.Blocked {
		t.Errorf("wrong ends of B->A: %+v", f)
	}
	if k := d.Lookup("Shop->A").Kinds; len(k) != 1 || k[0].Name != "webhook" {
		t.Errorf("wrong kinds of a webhook")
	}
	var dbs []string
	for _, e := range d.Of(v.Kinds["database"]) {
		dbs = append(dbs, e.Name)
	}
	if got := strings.Join(dbs, " "); got != "Db A B" {
		t.Errorf("databases are %s", got)
	}
	if s := d.Lookup("Db").Stores; len(s) != 1 || !s[0].Controls[0].Open {
		t.Errorf("wrong stores of Db")
	}
	if d.Lookup("Shop").Attributes[v.Attributes["port"]].Int != 8443 {
		t.Errorf("wrong port of Shop")
	}
}

func TestAttackers(t *testing.T) {
	t.Parallel()
	d := good(t, shop+process+`}
attacker A { controls Psp, Psp observes Buy injects Buy denies Buy knows Key, t2 poisoned Db budget 12 without sniff }
require R: never controls(Db) against A, Outsider + A tolerating 2 failures { severity high refs "X" title "T" }
assume Honest: not controls(Psp)
waive R until 2030-01-01 because "later"`)
	a := d.Attackers[1]
	var start []string
	for _, s := range a.Start {
		start = append(start, s.Predicate.Name+" "+s.Args[0].Name)
	}
	if got := strings.Join(start, ", "); got != "controls Psp, observes Buy, injects Buy, denies Buy, knows Key, poisoned Db" {
		t.Errorf("A starts with %s", got)
	}
	if a.Budget != 12 || len(a.Secrets) != 1 || a.Secrets[0].Name != "t2" || len(a.Without) != 1 || d.Attackers[0].Budget != -1 {
		t.Errorf("invalid details of A: %+v", a)
	}
	q := d.Requirements[0]
	if len(q.Coalitions) != 2 || len(q.Coalitions[1]) != 2 || q.Failures != 2 || q.Severity != "high" || q.Title != "T" || len(q.Refs) != 1 {
		t.Errorf("invalid details of R: %+v", q)
	}
	if d.Assumptions[0].Text != "not controls(Psp)" || d.Waivers[0].Requirement != q {
		t.Errorf("wrong assumption or waiver")
	}
}

func TestProcess(t *testing.T) {
	t.Parallel()
	d := good(t, shop+process+`
  value both(Order, Amount): Order = o2
  value keyAt(Token): credential = Key
  var snap(o: Order): Amount = price(o) bounded
  message Reply(t: Token) over Notify signed by keyAt(t)
  step Pay(o: Order, a: Amount) by Psp with Shop receives Paid(o, a) when o != session
    do forall i: Order | snap(i) := paid(i), paid(o) := paid(o) + a, not placed(o), done := placed(o) sends Paid(o, 1), Reply(t1)
}`)
	p := d.Processes[0]
	if got := p.Values[0].At(&models.Expr{Op: models.OpMember, Member: p.Domains[0].Members[1]}); got.Int != 1 {
		t.Errorf("price(o2) = %s", got)
	}
	if m := p.Messages[0]; m.Signed.Element.Name != "Key" || m.Unsigned[0] || !m.Unsigned[1] {
		t.Errorf("wrong signature of Paid")
	}
	s := p.Steps[1]
	if len(s.By) != 2 || len(s.Do) != 4 || len(s.Sends) != 2 || len(s.Do[0].Forall) != 1 || s.Do[2].Value.Op != models.OpFalse || s.Do[3].Value.Op != models.OpFact {
		t.Errorf("wrong step: %+v", s)
	}
	if !p.Vars[2].Bounded || p.Vars[2].Init.String() != "price(o)" || p.Vars[2].Init.Args[0].Var != p.Vars[2].Vars[0] {
		t.Errorf("wrong variable: %+v", p.Vars[2])
	}
}

// TestDefineBudget checks that defines which double at each level are refused, not expanded.
func TestDefineBudget(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(shop + "define d0(c: component): controls(c)\n")
	for i := 1; i <= 60; i++ {
		fmt.Fprintf(&b, "define d%d(c: component): d%d(c) or not d%d(c)\n", i, i-1, i-1)
	}
	b.WriteString("require R: never d60(Shop)")
	_, diags := resolve(t, b.String())
	if got := render(diags); !strings.Contains(got, "this formula is too large, expected at most 100000 parts with every `define` in it expanded [VAU1013]") {
		t.Errorf("got:\n%s", got)
	}
}

// TestFreshVariables checks that two uses of one define share no bound variable.
func TestFreshVariables(t *testing.T) {
	t.Parallel()
	d := good(t, shop+"define p(c: component): exists f: flow | f.target = c\nrequire R: always p(Shop) and p(Db)")
	f := d.Requirements[0].F
	if f.Args[0].Vars[0] == f.Args[1].Vars[0] {
		t.Error("the variable is shared")
	}
}

func TestDeterminism(t *testing.T) {
	t.Parallel()
	text := shop + process + "}\nzone Core: private\ncomponent C: webap { has encrption }\nrequire R: never contrls(Shop)"
	_, diags := resolve(t, text)
	want := render(diags)
	for range 20 {
		_, diags := resolve(t, text)
		if got := render(diags); got != want {
			t.Fatalf("diagnostics differ:\n%s\n%s", got, want)
		}
	}
}

// large returns the syntax of a design of n components with a flow between each two neighbours, all of it wrong on request.
func large(n int, protocol string) *dsl.File {
	f := &dsl.File{Source: source.New("large.vbn", " ")}
	span := source.Span{File: f.Source, Start: 0, End: 1}
	name := func(s string) dsl.Name { return dsl.Name{Text: s, Span: span} }
	node := dsl.Node{Span: span}
	core, over := name("Core"), name(protocol)
	f.Decls = append(f.Decls,
		&dsl.Design{Node: node, Title: dsl.String{Value: "Large", Span: span}},
		&dsl.Element{Node: node, Sort: name("zone"), Names: []dsl.Name{core}, Kinds: []dsl.Name{name("private")}},
		&dsl.Each{Node: node, Kind: name("webapp"), In: &core, Body: &dsl.Body{Entries: []dsl.Decl{
			&dsl.Clause{Node: node, Keyword: name("has"), Items: []dsl.Item{{Text: "input_validation", Span: span}}},
		}}})
	for i := range n {
		f.Decls = append(f.Decls, &dsl.Element{Node: node, Sort: name("component"), Names: []dsl.Name{name(fmt.Sprint("C", i))}, Kinds: []dsl.Name{name("webapp")}, In: []dsl.Name{core}})
		f.Decls = append(f.Decls, &dsl.Flow{Node: node, Sources: []dsl.Name{name(fmt.Sprint("C", i))}, Targets: []dsl.Name{name(fmt.Sprint("C", (i+1)%n))}, Protocol: &over})
	}
	return f
}

func TestLarge(t *testing.T) {
	t.Parallel()
	diags := &diag.List{}
	d := Design([]*dsl.File{large(100_000, "https")}, miniature(), diags)
	if diags.HasErrors() || len(d.Elements) != 200_001 || len(d.Of(d.Vocabulary.Kinds["webapp"])) != 100_000 {
		t.Errorf("%d elements:\n%s", len(d.Elements), render(diags))
	}
}

// TestLargeWrong checks that suggestions for many errors take no quadratic time.
func TestLargeWrong(t *testing.T) {
	t.Parallel()
	diags := &diag.List{}
	f := large(20_000, "https")
	f.Decls = append(f.Decls[:3], f.Decls[4:]...)
	for _, decl := range f.Decls {
		if flow, ok := decl.(*dsl.Flow); ok {
			flow.Sources[0].Text += "x"
		}
	}
	Design([]*dsl.File{f}, miniature(), diags)
	if !diags.HasErrors() {
		t.Error("no errors")
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	f := &dsl.File{Source: source.New("t.vbn", " ")}
	names := make([]dsl.Name, maxElements+1)
	for i := range names {
		names[i] = dsl.Name{Text: "C", Span: source.Span{File: f.Source, End: 1}}
	}
	r := &resolver{v: miniature(), d: &models.Design{Elements: make([]*models.Element, maxElements)}, diags: &diag.List{}, names: newNames()}
	r.declareElements(&dsl.Element{Sort: dsl.Name{Text: "data"}, Names: names}, nil)
	if got := render(r.diags); !strings.Contains(got, "the design is too large, expected at most 2000000 elements [VAU1013]") || strings.Count(got, "\n") != 1 {
		t.Errorf("got:\n%s", got)
	}
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	v := miniature()
	sort := func(name string) models.Type {
		typ, ok := NewCatalogue(v, &diag.List{}).Sort(dsl.Name{Text: name})
		if !ok {
			t.Fatalf("no sort %s", name)
		}
		return typ
	}
	vars := []*models.Var{{Name: "f", Type: sort("flow")}, {Name: "d", Type: sort("data")}}
	cases := []struct{ text, want, errors string }{
		{"observes(f) and f carries d", "observes(f) and f carries d", ""},
		{"not (f has encryption) and denies(f.target)", "not f has encryption and denies(f.target)", ""},
		{"observes(g)", "", `unknown name "g"`},
		{"observes(d)", "", `the argument of "observes": expected a flow, but "d" is data`},
	}
	for _, c := range cases {
		diags := &diag.List{}
		src := source.New("c.yaml", c.text)
		e := dsl.ParseFormula(src, 0, len(c.text), diags)
		got := NewCatalogue(v, diags).Formula(e, vars)
		if c.errors == "" && (got.String() != c.want || diags.HasErrors()) || !strings.Contains(render(diags), c.errors) {
			t.Errorf("%s: %s\n%s", c.text, got, render(diags))
		}
	}
	fact := func(text string) (string, *diag.List) {
		diags := &diag.List{}
		e := dsl.ParseFormula(source.New("c.yaml", text), 0, len(text), diags)
		p, args, positive := NewCatalogue(v, diags).Fact(e, vars)
		if p == nil {
			return "", diags
		}
		return fmt.Sprint(p.Name, args, positive), diags
	}
	if got, _ := fact("not denies(f.target)"); got != "denies[f.target] false" {
		t.Error(got)
	}
	if got, _ := fact("knows(d)"); got != "knows[d] true" {
		t.Error(got)
	}
	if _, diags := fact("f carries d"); !strings.Contains(render(diags), `a threat makes facts true or false, but "f carries d" is fixed by the design [VAU1029]`) {
		t.Error(render(diags))
	}
}

func TestAccepts(t *testing.T) {
	t.Parallel()
	d := good(t, shop)
	denies := d.Vocabulary.Predicates["denies"]
	for name, want := range map[string]bool{"Shop": true, "Buy": true, "Shopper": false, "Card": false} {
		if denies.Accepts(0, d.Lookup(name)) != want {
			t.Errorf("denies(%s): want %t", name, want)
		}
	}
}
