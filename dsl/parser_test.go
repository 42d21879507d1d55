package dsl_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// parse parses text, which must be free of errors.
func parse(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string,
) *dsl.File {
	t.Helper()
	var diags diag.List
	f := dsl.Parse(source.New("test.vbn", text), &diags)
	if diags.HasErrors() {
		t.Fatalf("%s\nin\n%s", rendered(&diags), text)
	}
	return f
}

func rendered(diags *diag.List) string {
	var b bytes.Buffer
	if err := diag.Render(&b, diags.Sorted(), diag.Options{}); err != nil {
		panic(err)
	}
	return b.String()
}

// dump writes a tree without its places, so that two trees can be compared and a table can say what is meant.
func dump(v any) string {
	var b strings.Builder
	dumpValue(&b, reflect.ValueOf(v))
	return b.String()
}

func dumpValue(b *strings.Builder, v reflect.Value) {
	switch x := v; x.Kind() {
	case reflect.Pointer, reflect.Interface:
		if x.IsNil() {
			b.WriteString("nil")
			return
		}
		dumpValue(b, x.Elem())
	case reflect.Slice:
		b.WriteString("[")
		for i := range x.Len() {
			if i > 0 {
				b.WriteString(" ")
			}
			dumpValue(b, x.Index(i))
		}
		b.WriteString("]")
	case reflect.Struct:
		if n, ok := x.Interface().(dsl.Name); ok {
			b.WriteString(n.Text)
			return
		}
		b.WriteString(x.Type().Name() + "{")
		first := true
		for i := range x.NumField() {
			f := x.Field(i)
			if f.Type() == reflect.TypeFor[source.Span]() || f.Type() == reflect.TypeFor[dsl.At]() || f.IsZero() {
				continue
			}
			if !first {
				b.WriteString(" ")
			}
			first = false
			fmt.Fprintf(b, "%s:", x.Type().Field(i).Name)
			dumpValue(b, f)
		}
		b.WriteString("}")
	case reflect.String:
		fmt.Fprintf(b, "%q", x.String())
	default:
		fmt.Fprint(b, x.Interface())
	}
}

// sexp writes an expression so that its structure can be read.
func sexp(e dsl.Expr) string {
	list := func(es []dsl.Expr) string {
		var b strings.Builder
		for _, e := range es {
			b.WriteString(" " + sexp(e))
		}
		return b.String()
	}
	switch e := e.(type) {
	case *dsl.Binary:
		return fmt.Sprintf("(%s %s %s)", e.Op, sexp(e.X), sexp(e.Y))
	case *dsl.Not:
		return fmt.Sprintf("(not %s)", sexp(e.X))
	case *dsl.Quantified:
		s := "(" + e.Op
		for _, v := range e.Vars {
			s += " " + v.Name.Text + ":" + v.Sort.Text
		}
		s += " | " + sexp(e.Body)
		if e.Where != nil {
			s += " where " + sexp(e.Where)
		}
		return s + ")"
	case *dsl.If:
		return fmt.Sprintf("(if %s %s %s)", sexp(e.Cond), sexp(e.Then), sexp(e.Else))
	case *dsl.Call:
		return fmt.Sprintf("%s(%s)", e.Name.Text, strings.TrimSpace(list(e.Args)))
	case *dsl.Ident:
		return e.Name.Text
	case *dsl.IntLit:
		return fmt.Sprint(e.Value)
	case *dsl.Field:
		return fmt.Sprintf("%s.%s", sexp(e.X), e.Name.Text)
	case *dsl.Relation:
		s := fmt.Sprintf("[%s %s %s", sexp(e.X), e.Op.Text, sexp(e.Y))
		if e.With != nil {
			s += " with " + e.With.Text
		}
		return s + "]"
	}
	return "nil"
}

func TestFormulas(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"a", "a"},
		{"carts-db", "carts-db"},
		{"a - b", "(- a b)"},
		{"a -b", "(- a b)"},
		{"a - -3", "(- a -3)"},
		{"a + b * c - d", "(- (+ a (* b c)) d)"},
		{"a implies b implies c", "(implies a (implies b c))"},
		{"a or b and not c", "(or a (and b (not c)))"},
		{"not a = b", "(not (= a b))"},
		{"not not a", "(not (not a))"},
		{"(a or b) and c", "(and (or a b) c)"},
		{"a = b or a != c", "(or (= a b) (!= a c))"},
		{"a <= b and b >= 3 and 3 > c and c < -1", "(and (and (and (<= a b) (>= b 3)) (> 3 c)) (< c -1))"},
		{"forall f: flow | f has encryption and a", "(forall f:flow | (and [f has encryption] a))"},
		{"a and exists x: zone, y: data | x = y implies b", "(and a (exists x:zone y:data | (implies (= x y) b)))"},
		{"(count x: data | knows(x)) > 2", "(> (count x:data | knows(x)) 2)"},
		{"sum o: Order | price(o) + 1 where shipped(o) and a", "(sum o:Order | (+ price(o) 1) where (and shipped(o) a))"},
		{"sum o: Order | price(o) > 3", "(> (sum o:Order | price(o)) 3)"},
		{"(sum o: Order | price(o) where shipped(o)) > (sum o: Order | received(o))", "(> (sum o:Order | price(o) where shipped(o)) (sum o:Order | received(o)))"},
		{"x = if a and b then 1 else 2 + 3", "(= x (if (and a b) 1 (+ 2 3)))"},
		{"f.source = c and f.source in z", "(and (= f.source c) [f.source in z])"},
		{"x.zone.tier = web", "(= x.zone.tier web)"},
		{"c stores d with encryption and a", "(and [c stores d with encryption] a)"},
		{"f authenticated by d or a runs on b", "(or [f authenticated by d] [a runs on b])"},
		{"gateway selects cart", "[gateway selects cart]"},
		{"not f is blocked", "(not [f is blocked])"},
		{"f over https and f through x and c accepts d", "(and (and [f over https] [f through x]) [c accepts d])"},
		{"observes(Cart->user)", "observes(Cart->user)"},
		{"observes(Cart -> user)", "observes(Cart->user)"},
		{"ready()", "ready()"},
		{"count(x) = sum", "(= count(x) sum)"},
		{"controls(not)", "controls(not)"},
		{"a /* why */ and // because\n b", "(and a b)"},
	} {
		var diags diag.List
		e := dsl.ParseFormula(source.New("test.yaml", "when: "+test.text), len("when: "), len("when: ")+len(test.text), &diags)
		if got := sexp(e); got != test.want {
			t.Errorf("%s\n got %s\nwant %s\n%s", test.text, got, test.want, rendered(&diags))
		}
	}
}

func TestDeclarations(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{`design "A \"b\""`, `Design{Title:String{Value:"A \"b\""}}`},
		{"use `retail`", `Use{Path:String{Value:"retail"}}`},
		{`include "carriers.vbn"`, `Include{Path:String{Value:"carriers.vbn"}}`},
		{"zone Internet: public", `Element{Sort:zone Names:[Internet] Kinds:[public]}`},
		{"component Title, gateway: service, webapp in zone", `Element{Sort:component Names:[Title gateway] Kinds:[service webapp] In:[zone]}`},
		{
			"zone Core: private { component Cart: service  zone Data: private { component Db: database } }",
			`Element{Sort:zone Names:[Core] Kinds:[private] Body:Body{Entries:[Element{Sort:component Names:[Cart] Kinds:[service]} ` +
				`Element{Sort:zone Names:[Data] Kinds:[private] Body:Body{Entries:[Element{Sort:component Names:[Db] Kinds:[database]}]}}]}}`,
		},
		{
			`component C: webapp { title "x"  owner "y" is webhook has a, b? stores A, B with c runs on H port -8443  selects A->B accepts P }`,
			`Element{Sort:component Names:[C] Kinds:[webapp] Body:Body{Entries:[` +
				`Clause{Keyword:title Items:[Item{Kind:1 Text:"x"}]} Clause{Keyword:owner Items:[Item{Kind:1 Text:"y"}]} ` +
				`Clause{Keyword:is Items:[Item{Text:"webhook"}]} Clause{Keyword:has Items:[Item{Text:"a"} Item{Text:"b" Maybe:true}]} ` +
				`Clause{Keyword:stores Items:[Item{Text:"A"} Item{Text:"B"}] With:[Item{Text:"c"}]} Clause{Keyword:runs on Items:[Item{Text:"H"}]} ` +
				`Clause{Keyword:port Items:[Item{Kind:2 Int:-8443}]} Clause{Keyword:selects Items:[Item{Text:"A->B"}]} ` +
				`Clause{Keyword:accepts Items:[Item{Text:"P"}]}]}}`,
		},
		{"each database in Core has encryption is big except Cache, Log", `Each{Kind:database In:Core Body:Body{Entries:[` +
			`Clause{Keyword:has Items:[Item{Text:"encryption"}]} Clause{Keyword:is Items:[Item{Text:"big"}]}]} Except:[Cache Log]}`},
		{"flow Order: A -> B over https { authenticated by P }", `Flow{Name:Order Sources:[A] Targets:[B] Protocol:https ` +
			`Body:Body{Entries:[Clause{Keyword:authenticated by Items:[Item{Text:"P"}]}]}}`},
		{"flow Cart -> user, payment over grpc", `Flow{Sources:[Cart] Targets:[user payment] Protocol:grpc}`},
		{"flow A<->B over amqp blocked", `Flow{Sources:[A] Targets:[B] Both:true Protocol:amqp Blocked:true}`},
		{"flow N: A, B -> C, D blocked", `Flow{Name:N Sources:[A B] Targets:[C D] Blocked:true}`},
		{"flow A -> B { is idle }\nflow B->C\nzone Z: b in C, D", `Flow{Sources:[A] Targets:[B] Body:Body{Entries:[Clause{Keyword:is Items:[Item{Text:"idle"}]}]}} ` +
			`Flow{Sources:[B] Targets:[C]} Element{Sort:zone Names:[Z] Kinds:[b] In:[C D]}`},
		{"data A, B: b, c of D { title \"x\" }", `Element{Sort:data Names:[A B] Kinds:[b c] Of:D Body:Body{Entries:[Clause{Keyword:title Items:[Item{Kind:1 Text:"x"}]}]}}`},
		{"extend a, A->B { has x has not y, z stores none }", `Extend{Names:[a A->B] Body:Body{Entries:[Clause{Keyword:has Items:[Item{Text:"x"}]} ` +
			`Clause{Keyword:has Not:true Items:[Item{Text:"y"} Item{Text:"z"}]} Clause{Keyword:stores Items:[Item{Text:"none"}]}]}}`},
		{"extend api -> db blocked extend data content-db: x, y", `Extend{Names:[api->db] Blocked:true} Extend{Sort:data Names:[content-db] Kinds:[x y]}`},
		{"extend data { sure } extend flow blocked extend flow A { from \"f:1\" guessed kind, zone }", `Extend{Names:[data] Body:Body{Entries:[Clause{Keyword:sure}]}} ` +
			`Extend{Names:[flow] Blocked:true} Extend{Sort:flow Names:[A] Body:Body{Entries:[Clause{Keyword:from Items:[Item{Kind:1 Text:"f:1"}]} ` +
			`Clause{Keyword:guessed Items:[Item{Text:"kind"} Item{Text:"zone"}]}]}}`},
		{"component A: b { has not }", `Element{Sort:component Names:[A] Kinds:[b] Body:Body{Entries:[Clause{Keyword:has Items:[Item{Text:"not"}]}]}}`},
		{"define p(a: component, b: component): a = b", `Define{Name:p Params:[Param{Name:a Sort:component} Param{Name:b Sort:component}] ` +
			`Body:Binary{Op:"=" X:Ident{Name:a} Y:Ident{Name:b}}}`},
		{"attacker I { controls D  knows M  budget 12  without phishing }", `Attacker{Name:I Body:Body{Entries:[` +
			`Clause{Keyword:controls Items:[Item{Text:"D"}]} Clause{Keyword:knows Items:[Item{Text:"M"}]} ` +
			`Clause{Keyword:budget Items:[Item{Kind:2 Int:12}]} Clause{Keyword:without Items:[Item{Text:"phishing"}]}]}}`},
		{
			`require R for x: zone, y: flow: confidential A, B against M, N + O tolerating 2 failures { severity critical refs "a", "b" }`,
			`Require{Name:R For:[Param{Name:x Sort:zone} Param{Name:y Sort:flow}] Property:Property{Kind:4 Items:[A B]} ` +
				`Against:[[M] [N O]] Tolerating:Int{Value:2} Body:Body{Entries:[Clause{Keyword:severity Items:[Item{Text:"critical"}]} ` +
				`Clause{Keyword:refs Items:[Item{Kind:1 Text:"a"} Item{Kind:1 Text:"b"}]}]}}`,
		},
		{"require R: a only after b tolerating 1 failure", `Require{Name:R Property:Property{Kind:2 F:Ident{Name:a} G:Ident{Name:b}} Tolerating:Int{Value:1}}`},
		{"require R: available(x) only after b", `Require{Name:R Property:Property{Kind:2 F:Call{Name:available Args:[Ident{Name:x}]} G:Ident{Name:b}}}`},
		{"require R: never a\nassume S: b\nwaive R until 2027-03-01 because \"x\"", `Require{Name:R Property:Property{F:Ident{Name:a}}} ` +
			`Assume{Name:S Formula:Ident{Name:b}} Waive{Requirement:R Until:2027-03-01 Because:String{Value:"x"}}`},
		{"/// One.\n/// Two.\nzone A: b", `Element{Node:Node{Doc:"One.\nTwo."} Sort:zone Names:[A] Kinds:[b]}`},
	} {
		got := strings.ReplaceAll(dump(parse(t, test.text).Decls), "Node:Node{} ", "")
		if want := "[" + test.want + "]"; got != want {
			t.Errorf("%s\n got %s\nwant %s", test.text, got, want)
		}
	}
}

func TestProcesses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"domain Order = o1, o2", `Domain{Name:Order Values:[o1 o2]}`},
		{"domain Token = t1, t2 secret", `Domain{Name:Token Values:[t1 t2] Secret:true}`},
		{"domain Amount = -3..6", `Domain{Name:Amount Lo:Int{Value:-3} Hi:Int{Value:6}}`},
		{"value price(Order): Amount = { o1: 3, (usd, 1): -2 }", `Value{Name:price Params:[Param{Sort:Order}] Type:Amount Entries:[` +
			`Entry{Args:[Ident{Name:o1}] Result:IntLit{Value:3}} Entry{Args:[Ident{Name:usd} IntLit{Value:1}] Result:IntLit{Value:-2}}]}`},
		{"value all: Amount = 3 fact ready", `Value{Name:all Type:Amount All:IntLit{Value:3}} Fact{Name:ready}`},
		{"fact placed(Order, x: Item) = true", `Fact{Name:placed Params:[Param{Sort:Order} Param{Name:x Sort:Item}] Init:Ident{Name:true}}`},
		{"var session: Order? = none bounded", `Var{Name:session Type:Order Maybe:true Init:Ident{Name:none} Bounded:true}`},
		{"message PaidNotice(o: Order, memo: Text?) over A->B signed by keyAt(u) except memo", `Message{Name:PaidNotice Fields:[` +
			`Param{Name:o Sort:Order} Param{Name:memo Sort:Text Maybe:true}] Over:A->B Signed:Call{Name:keyAt Args:[Ident{Name:u}]} Except:[memo]}`},
		{
			"step S(o: Order) by Shop with Psp, Bank receives M(o) when a and not b do c(o), not d, e := f, forall i: Item | g(i) := h(i) sends N, O(o)",
			`Step{Name:S Params:[Param{Name:o Sort:Order}] By:[Shop Psp Bank] Receives:[Call{Name:M Args:[Ident{Name:o}]}] ` +
				`When:Binary{Op:"and" X:Ident{Name:a} Y:Not{X:Ident{Name:b}}} Do:[Effect{Target:Call{Name:c Args:[Ident{Name:o}]}} ` +
				`Effect{Target:Call{Name:d} Not:true} Effect{Target:Call{Name:e} Assign:Ident{Name:f}} ` +
				`Effect{Forall:[Param{Name:i Sort:Item}] Target:Call{Name:g Args:[Ident{Name:i}]} Assign:Call{Name:h Args:[Ident{Name:i}]}}] ` +
				`Sends:[Call{Name:N} Call{Name:O Args:[Ident{Name:o}]}]}`,
		},
		{"step A by B when c step D by E", `Step{Name:A By:[B] When:Ident{Name:c}} Step{Name:D By:[E]}`},
	} {
		process, ok := parse(t, "process P { "+test.text+" }").Decls[0].(*dsl.Process)
		if !ok {
			t.Fatalf("%s is no process", test.text)
		}
		got := strings.ReplaceAll(dump(process.Members), "Node:Node{} ", "")
		if want := "[" + test.want + "]"; got != want {
			t.Errorf("%s\n got %s\nwant %s", test.text, got, want)
		}
	}
}

// TestFormulaPlaces checks that places in a text with another layout are mapped to the file.
func TestFormulaPlaces(t *testing.T) {
	t.Parallel()
	f := source.New("c.yaml", "when: 'a  and )'\n")
	var diags diag.List
	e := dsl.ParseFormulaText(f, "a and )", func(i int) int {
		if i >= 2 {
			i++
		}
		return i + len("when: '")
	}, &diags)
	if e != nil {
		t.Errorf("a broken formula gave %s", sexp(e))
	}
	if got := diags.Sorted()[0].Primary.Span; got.Text() != ")" {
		t.Errorf("the error is at %q", got.Text())
	}
}

// TestDiagnostics compares what is said about each broken design of testdata/errors with what was reviewed.
func TestDiagnostics(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/errors/*.vbn")
	if err != nil || len(paths) < 15 {
		t.Fatalf("%d broken designs: %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var diags diag.List
			dsl.Parse(source.New(filepath.Base(path), string(text)), &diags)
			golden(t, strings.TrimSuffix(path, ".vbn")+".txt", rendered(&diags))
		})
	}
}

// TestEBNF compares the grammar with what was reviewed.
func TestEBNF(t *testing.T) {
	t.Parallel()
	golden(t, "testdata/grammar.ebnf", dsl.EBNF())
}

// golden compares a text with a file.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestCodes checks that every code that this package uses is in the register.
func TestCodes(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, c := range diag.Codes() {
		known[string(c.Code)] = true
	}
	paths, _ := filepath.Glob("*.go")
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(text), `"VAU`)[1:] {
			code, _, _ := strings.Cut(part, `"`)
			if !known["VAU"+code] {
				t.Errorf("%s: VAU%s is not registered", path, code)
			}
		}
	}
}

// TestBounds gives the parser what is made to make it slow or deep.
func TestBounds(t *testing.T) {
	t.Parallel()
	const size = 1 << 18
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, text := range map[string]string{
		"parentheses":   "assume A: " + fill("("),
		"nots":          "assume A: " + fill("not "),
		"implications":  "assume A: a " + fill("implies a "),
		"conjunctions":  "assume A: a " + fill("and a "),
		"fields":        "assume A: a" + fill(".a"),
		"zones":         fill("zone A: b { "),
		"zone lines":    fill("zone A: b {\n"),
		"processes":     fill("process P { "),
		"closing":       fill("} "),
		"opening":       fill("{ "),
		"garbage":       fill("§ a "),
		"NUL":           fill("\x00"),
		"not UTF-8":     fill("\xff"),
		"words":         fill("a "),
		"comments":      fill("/* "),
		"strings":       fill("\"\n"),
		"clauses":       "component A: b { " + fill("has , "),
		"declarations":  fill("zone A: b\n"),
		"empty lines":   fill("\n"),
		"spaces":        "zone" + fill(" "),
		"broken":        fill("flow A -> \n"),
		"one body":      "component A: b { " + fill("has c "),
		"names":         "component A" + fill(", c") + ": b",
		"effects":       "process P { step A by B do a" + fill(", c") + " }",
		"table":         "process P { value v(A): B = { a: 1" + fill(", c: 1") + " } }",
		"attackers":     "require P: never a against A" + fill(", c"),
		"scopes":        "require P: never a" + fill(" against c"),
		"long list":     "component A: b { has c" + fill(", c") + " }",
		"too large":     strings.Repeat(" ", source.MaxBytes+1),
		"deep, in line": fill("zone A: b {") + fill("}"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var diags diag.List
			f := dsl.Parse(source.New("big.vbn", text), &diags)
			if n := len(diags.Sorted()); n > 1001 {
				t.Errorf("%d diagnostics", n)
			}
			dsl.Format(f)
		})
	}
}

func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string) {
		var diags diag.List
		file := dsl.Parse(source.New("fuzz.vbn", text), &diags)
		if file == nil || file.Source == nil {
			t.Fatal("no tree")
		}
		for _, d := range file.Decls {
			if s := d.Pos(); s.Start >= s.End || s.End > len(text) {
				t.Fatalf("a declaration at %d to %d of %d", s.Start, s.End, len(text))
			}
		}
		rendered(&diags)
		dsl.ParseFormula(file.Source, 0, len(text), &diags)
	})
}

// seed adds the examples and the broken designs to a corpus.
func seed(f *testing.F) {
	f.Helper()
	for _, pattern := range []string{"testdata/*.vbn", "testdata/errors/*.vbn"} {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text))
		}
	}
	f.Add(everything)
}
