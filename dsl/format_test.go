package dsl_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// everything has one of each form of the language.
const everything = `design "Shop" use "retail" include "more.vbn"
/// The world.
zone Internet: public { title "All" }
zone Core: private { component Cart: service  zone Data: private { component Db: database { stores A, B with c } } }
actor Shopper: customer in Internet
component user, payment: service in Core { has mtls? runs on Host1 port 8443 selects Cart is a, b }
each database in Core has encryption_at_rest except Cache
data Card, Pan: cardholder_data, secret { title "x" }
flow Order: Shopper -> Cart over https { carries A returns B authenticated by P through Cdn, Gw }
flow Cart -> user, payment over grpc
flow A <-> B over amqp blocked
flow Cart, user -> Db { is idle }
flow Legacy: Cart -> Db blocked
component Gw: gateway in Internet, Core { from "compose.yml:31" guessed kind, zone selects none }
data Orders: order_data of Shopper
attacker Cheat { is Shopper }
extend Db, Cart { has c has not mtls, x sure }
extend A -> B blocked { returns A } extend data Card: secret extend Legacy blocked
define permitted(a: component, b: component): exists f: flow | f.source = a and not f is blocked
attacker Insider { controls D knows M budget 12 without phishing }
assume PspHonest: not controls(Psp)
waive CardSecrecy until 2027-03-01 because "PSP migration"
process P {
  domain Order = o1, o2 domain Amount = -3..6 domain Token = t1 secret
  value price(Order): Amount = { o1: 3, (o2, 1): -2 } value all: Amount = 3
  fact placed(Order) = true var received(Order): Amount? = 0 bounded
  message M(o: Order, Amount) over A->B signed by keyAt(o) except o
  step Place(o: Order) by Shop with Psp receives M(o) when not placed(o) do placed(o), not x, forall i: Item | y(i) := z(i) - 1 sends N
}
require Card: confidential Card, Pan against A, B + C tolerating 1 failure { severity critical refs "PCI", "x" }
require Paid for o: Order: (sum o: Order | price(o) where shipped(o)) > 3 only after if a then b else c
require R: always forall f: flow, g: flow | f has x implies count c: data | c = d or g stores c with e
`

// formatted checks the laws of formatting on a text without errors and returns the result.
func formatted(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string,
) string {
	t.Helper()
	tree := parse(t, text)
	if printed := parse(t, dsl.Print(tree.Decls)); dump(printed.Decls) != dump(tree.Decls) {
		t.Fatalf("printing changed the tree of\n%s\nfrom %s\n  to %s", text, dump(tree.Decls), dump(printed.Decls))
	}
	once := dsl.Format(tree)
	again := parse(t, once)
	if a, b := dump(tree.Decls), dump(again.Decls); a != b {
		t.Fatalf("formatting changed the tree of\n%s\nto\n%s\nfrom %s\n  to %s", text, once, a, b)
	}
	if twice := dsl.Format(again); twice != once {
		t.Fatalf("formatting is not idempotent on\n%s\nfirst\n%s\nthen\n%s", text, once, twice)
	}
	if len(tree.Comments) != len(again.Comments) {
		t.Fatalf("formatting changed the comments of\n%s\nto\n%s", text, once)
	}
	for i, c := range tree.Comments {
		if c.Text != again.Comments[i].Text {
			t.Fatalf("formatting changed the comment %q to %q", c.Text, again.Comments[i].Text)
		}
	}
	return once
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"empty", " \n\n", ""},
		{"only a comment", "\n\n// a\n", "// a\n"},
		{"spaces", "zone   A :b in  C{has x,y ?}", "zone A: b in C { has x, y? }\n"},
		{"extend", "extend  data A : b,c extend a->b blocked{has not x,y sure title \"t\"}", "extend data A: b, c\nextend a -> b blocked { has not x, y  sure  title \"t\" }\n"},
		{"fan-in", "flow a,b->c{is idle}", "flow a, b -> c { is idle }\n"},
		{"zones", "actor A:b in C,D\ndata D:e of A", "actor A: b in C, D\ndata D: e of A\n"},
		{"short body", "component A: b { has x title \"t\" }", "component A: b { has x  title \"t\" }\n"},
		{"long body", "component A: b {\nhas x title \"t\"\n}", "component A: b {\n  has x\n  title \"t\"\n}\n"},
		{
			"too long a body", "component A: b { has " + strings.Repeat("x", 50) + " is " + strings.Repeat("y", 50) + " }",
			"component A: b {\n  has " + strings.Repeat("x", 50) + "\n  is " + strings.Repeat("y", 50) + "\n}\n",
		},
		{"empty body", "component A: b {\n\n}", "component A: b {}\n"},
		{"blank lines", "\nzone A: b\n\n\n\nzone C: d\nzone E: f {\n\nhas x\n\n\nhas y\n\n}", "zone A: b\n\nzone C: d\nzone E: f {\n  has x\n\n  has y\n}\n"},
		{
			"comments", "// a\nzone A: b // c\n// d\n\n// e\nzone C: d { // f\n has x // g\n // h\n} /* i */\n/// j\nzone E: /* k */ f\n// l",
			"// a\nzone A: b  // c\n// d\n\n// e\nzone C: d {  // f\n  has x  // g\n  // h\n} /* i */\n/// j\nzone E: /* k */ f\n// l\n",
		},
		{"nested", "zone A: b {\n component C: d { has e }\n zone F: g {\n has h\n}}", "zone A: b {\n  component C: d { has e }\n  zone F: g {\n    has h\n  }\n}\n"},
		{"one declaration a line", "zone A: b zone C: d", "zone A: b\nzone C: d\n"},
		{"formulas", "assume A: not( a-b=-3 or x . y in z )and p( a,b )implies Cart -> user=c", "assume A: not (a-b = -3 or x.y in z) and p(a, b) implies Cart->user = c\n"},
		{"long formula", "assume A: a and\n        b\n\n  and c", "assume A: a and\n  b\n  and c\n"},
		{"step on one line", "process P {\nstep A by B when c do d\n}", "process P {\n  step A by B  when c  do d\n}\n"},
		{"step on several lines", "process P {\nstep A by B when c\n do d\n}", "process P {\n  step A by B\n    when c\n    do d\n}\n"},
		{"tables", "process P {\nvalue v(A): B = { a: 1,b: -2 }\nvalue v(A): B = { a: 1,\nb: -2 }\n}", "process P {\n  value v(A): B = { a: 1, b: -2 }\n  value v(A): B = {\n    a: 1,\n    b: -2\n  }\n}\n"},
		{"arrows", "flow A->B over c flow D<->E over f", "flow A -> B over c\nflow D <-> E over f\n"},
		{"each", "each a in B has c is d except E", "each a in B has c is d except E\n"},
	} {
		if got := formatted(t, test.text); got != test.want {
			t.Errorf("%s\n got %q\nwant %q", test.name, got, test.want)
		}
	}
}

func TestFormatKeepsErrors(t *testing.T) {
	t.Parallel()
	const text = "zone  A: \n"
	var diags diag.List
	if got := dsl.Format(dsl.Parse(source.New("a.vbn", text), &diags)); got != text {
		t.Errorf("got %q", got)
	}
}

// TestExamples: the designs of the language's own documentation parse, and are written as the formatter writes.
func TestExamples(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/*.vbn")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := formatted(t, string(text)); got != string(text) {
			t.Errorf("%s is formatted to\n%s", path, got)
		}
	}
}

// TestDesigns: formatting and printing keep the trees of the designs that people learn from.
func TestDesigns(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../examples/*/*.vbn")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d designs: %v", len(paths), err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		formatted(t, string(text))
	}
}

// words splits the text of everything at the white space between its tokens.
func words() []string {
	var out []string
	var word strings.Builder
	inString, inComment := false, false
	for _, c := range everything {
		switch {
		case c == '"':
			inString = !inString
		case c == '/' && !inString:
			inComment = true
		}
		if c == '\n' && inComment || (c == ' ' || c == '\n') && !inString && !inComment {
			if word.Len() > 0 {
				s := word.String()
				if inComment {
					s += "\n"
				}
				out = append(out, s)
			}
			inComment = false
			word.Reset()
			continue
		}
		word.WriteRune(c)
	}
	return out
}

// TestFormatLayouts writes the same tokens with any white space and comments between them: each layout has the same tree,
// and formatting keeps it.
func TestFormatLayouts(t *testing.T) {
	t.Parallel()
	all := words()
	gaps := rapid.SampledFrom([]string{
		" ", " ", " ", " ", "\n", "\n", "\n\n", "\n\n\n", "\t", "\r\n", "  ",
		" // c\n", "\n// c\n", "\n\n// c\n\n", " /* c */ ", "\n/* c */ ", " /* c\n c */\n", "\n// c\n// d\n", " /**/\n",
	})
	want := dump(parse(t, everything).Decls)
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		dense := rapid.Bool().Draw(t, "dense")
		for _, w := range all {
			b.WriteString(w)
			if dense && rapid.IntRange(0, 9).Draw(t, "rare") > 0 {
				b.WriteString(" ")
				continue
			}
			b.WriteString(gaps.Draw(t, "gap"))
		}
		if got := dump(parse(t, b.String()).Decls); got != want {
			t.Fatalf("the layout changed the tree of\n%s", b.String())
		}
		formatted(t, b.String())
	})
}

// TestFormatFormulas writes random formulas and checks that formatting keeps their trees.
func TestFormatFormulas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := "assume A: " + formula(t, 4)
		formatted(t, text)
	})
}

// formula writes a random formula of at most a depth.
func formula(t *rapid.T, depth int) string {
	if depth == 0 {
		return rapid.SampledFrom([]string{"a", "carts-db", "-3", "7", "p(x)", "f.source", "A->B", "none", "sum", "ready()"}).Draw(t, "leaf")
	}
	sub := func() string { return formula(t, depth-1) }
	space := rapid.SampledFrom([]string{" ", "\n", "  ", " /* c */ ", " // c\n"}).Draw(t, "space")
	switch rapid.IntRange(0, 8).Draw(t, "form") {
	case 0:
		return "(" + sub() + ")"
	case 1:
		return "not" + space + "(" + sub() + ")"
	case 2:
		op := rapid.SampledFrom([]string{"and", "or", "implies"}).Draw(t, "op")
		return sub() + space + op + " " + sub()
	case 3:
		op := rapid.SampledFrom([]string{"=", "!=", "<", "<=", ">", ">=", "+", "-", "*"}).Draw(t, "op")
		return "(" + sub() + ")" + space + op + space + "(" + sub() + ")"
	case 4:
		op := rapid.SampledFrom([]string{"is", "has", "in", "over", "runs on", "authenticated by", "selects", "stores"}).Draw(t, "op")
		return "(" + sub() + ") " + op + space + "(" + sub() + ")"
	case 5:
		q := rapid.SampledFrom([]string{"forall", "exists", "count"}).Draw(t, "quantifier")
		return "(" + q + " x: zone," + space + "y: flow | " + sub() + ")"
	case 6:
		return "(sum x: Order | (" + sub() + ")" + space + "where " + sub() + ")"
	case 7:
		return "if " + sub() + space + "then (" + sub() + ") else (" + sub() + ")"
	default:
		return "p((" + sub() + ")," + space + "(" + sub() + "))"
	}
}

func FuzzFormat(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string) {
		var diags diag.List
		dsl.Parse(source.New("fuzz.vbn", text), &diags)
		if diags.HasErrors() {
			t.Skip("no design")
		}
		formatted(t, text)
	})
}
