package dsl_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// TestSentences writes random texts that the printed grammar allows: the parser accepts each, so that the grammar
// promises nothing that is not so, and the formatter keeps its tree.
func TestSentences(t *testing.T) {
	t.Parallel()
	g := readEBNF(dsl.EBNF())
	r := rand.New(rand.NewPCG(3, 4))
	seen := map[string]bool{}
	for range 3000 {
		w := sentence{grammar: g, rand: r, seen: seen}
		w.production("File", 12)
		var diags diag.List
		dsl.Parse(source.New("a.vbn", w.text.String()), &diags)
		if diags.HasErrors() {
			t.Fatalf("%s\n%s", w.text.String(), rendered(&diags))
		}
		formatted(t, w.text.String())
	}
	for name := range g {
		if !seen[name] {
			t.Errorf("no sentence has a %s", name)
		}
	}
}

// An EBNF expression: alternatives of sequences of items.
type (
	alternatives [][]ebnfItem
	ebnfItem     struct {
		word   string // a literal in quotes, a <token>, a production
		group  alternatives
		repeat string // "", ?, * or +
	}
)

var ebnfWord = regexp.MustCompile(`"[^"]*"|<\w+>|\w+|[()|?*+]`)

// readEBNF reads productions, one a line.
func readEBNF(text string) map[string]alternatives {
	out := map[string]alternatives{}
	for line := range strings.Lines(text) {
		name, rest, _ := strings.Cut(line, " = ")
		words := ebnfWord.FindAllString(rest, -1)
		out[name] = readAlternatives(&words)
	}
	return out
}

func readAlternatives(words *[]string) alternatives {
	out := alternatives{nil}
	for len(*words) > 0 {
		w := (*words)[0]
		*words = (*words)[1:]
		last := &out[len(out)-1]
		switch w {
		case ")":
			return out
		case "|":
			out = append(out, nil)
		case "(":
			*last = append(*last, ebnfItem{group: readAlternatives(words)})
		case "?", "*", "+":
			(*last)[len(*last)-1].repeat = w
		default:
			*last = append(*last, ebnfItem{word: w})
		}
	}
	return out
}

// sentence writes one random text.
type sentence struct {
	grammar map[string]alternatives
	rand    *rand.Rand
	seen    map[string]bool
	text    strings.Builder
}

func (w *sentence) production(name string, depth int) {
	w.seen[name] = true
	all := w.grammar[name]
	if name == "Item" && strings.HasSuffix(w.text.String(), "has not ") { // `not` is a control, too
		all = all[:1]
	}
	if depth <= 0 { // what says least ends soonest
		all = all[len(all)-1:]
	}
	start := w.text.Len()
	w.one(all, depth)
	if name == "Extend" && !strings.ContainsAny(w.text.String()[start:], ":{") && !strings.HasSuffix(w.text.String(), "blocked ") { // something must be said
		w.text.WriteString("blocked ")
	}
}

func (w *sentence) one(all alternatives, depth int) {
	items := all[w.rand.IntN(len(all))]
	if first := items[0].word; first == "Quantified" || first == `"if"` { // reaches as far as it can, so that parentheses keep it apart
		w.text.WriteString("( ")
		defer w.text.WriteString(") ")
	}
	for _, item := range items {
		n := 1
		switch {
		case item.repeat == "":
		case depth <= 0:
			n = strings.Count(item.repeat, "+")
		case item.repeat == "?":
			n = w.rand.IntN(2)
		default:
			n = w.rand.IntN(3) + strings.Count(item.repeat, "+")
		}
		if item.word == "Limit" || item.word == "Part" { // each of these stands once
			n = min(n, 1)
		}
		for range n {
			if item.group != nil {
				w.one(item.group, depth-1)
			} else {
				w.word(item.word, depth-1)
			}
		}
	}
}

func (w *sentence) word(word string, depth int) {
	if word[0] == '"' {
		fmt.Fprintf(&w.text, "%s ", strings.Trim(word, `"`))
		return
	}
	name, isToken := strings.CutPrefix(word, "<")
	if !isToken {
		w.production(word, depth)
		return
	}
	switch strings.TrimSuffix(name, ">") {
	case "low", "high", "failures", "integer":
		fmt.Fprintf(&w.text, "%d ", w.rand.IntN(9))
	case "date":
		w.text.WriteString("2027-03-01 ")
	case "title", "catalogue", "path", "reason", "string":
		w.text.WriteString(`"a \" b" `)
	default:
		names := []string{"Abc", "carts-db", "x1", "é"}
		fmt.Fprintf(&w.text, "%s ", names[w.rand.IntN(len(names))])
	}
}

// TestWords: the table of words has those of the grammar, but for some that mean something in one place alone.
func TestWords(t *testing.T) {
	t.Parallel()
	every := dsl.Words(^dsl.Role(0))
	var alone []string
	for _, w := range regexp.MustCompile(`"[a-z]+"`).FindAllString(dsl.EBNF(), -1) {
		if w = strings.Trim(w, `"`); !dsl.IsWord(w, ^dsl.Role(0)) && !slices.Contains(alone, w) {
			alone = append(alone, w)
		}
	}
	const want = "for failure failures at scale until because secret bounded only after"
	if got := strings.Join(alone, " "); got != want {
		t.Errorf("not in the table: %s", got)
	}
	slices.Sort(every)
	if n := len(slices.Compact(slices.Clone(every))); n != len(every) {
		t.Errorf("%d words, %d different ones", len(every), n)
	}
}

// TestAt: at every offset of a name stands that name, within what it belongs to.
func TestAt(t *testing.T) {
	t.Parallel()
	text := "/// d\nzone Core: private { component Db: database { stores A, B->C with c } }\nassume X: forall f: flow | f.source = Db and not a"
	f := parse(t, text)
	for _, test := range []struct{ at, want string }{
		{"zone", "*Element *Name"},
		{"Core", "*Element *Name"},
		{"Db:", "*Element *Body *Element *Name"},
		{"stores", "*Element *Body *Element *Body *Clause *Name"},
		{"->C", "*Element *Body *Element *Body *Clause *Item"},
		{"c }", "*Element *Body *Element *Body *Clause *Item"},
		{" }\n", "*Element *Body"},
		{"f: flow", "*Assume *Quantified *Name"},
		{"source", "*Assume *Quantified *Binary *Binary *Field *Name"},
		{"a$", "*Assume *Quantified *Binary *Not *Ident *Name"},
		{"/// d", ""},
	} {
		at := strings.Index(text+"$", test.at)
		var got []string
		for _, n := range f.At(at) {
			got = append(got, strings.ReplaceAll(fmt.Sprintf("%T", n), "dsl.", ""))
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("at %q is %s, want %s", test.at, got, test.want)
		}
	}
}

// TestBroken: what has an error leaves a node that says what was lost, and what is around it stays.
func TestBroken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"zone A: b\ncomponent B, C webapp { has x }\nzone D: e", "zone A; broken component B component C (B C:  in ); zone D"},
		{"zone Core private {\n  component A: b\n  zone C: d { actor E: f }\n}\nzone D: e", "broken zone Core component A zone C actor E (Core:  in ); zone D"},
		{"compnent A b", "broken component A (A:  in )"},
		{"zone A: b { has , x\n title \"t\" component C d }", "zone A { broken; title; broken component C (C:  in ) }"},
		{"design Shop\nwaive A til", "broken design; broken"},
		{"include more", "broken "},
		{"component A: b, c in", "broken component A (A: b c in )"},
		{"component A: b in Z, W of\nactor A: x", "broken component A (A: b in Z W); actor A"},
		{"flow F: A ->", "broken flow F (A -> )"},
		{"flow F: A -> B over {", "broken flow F (A -> B)"},
		{"flow A, B -> C ovr x", "flow"},
		{"process P {\n domain D x = a, b\n fact f\n step S a\n}", "process P { broken domain D value of a domain x value of a domain a value of a domain b; fact; broken step S }"},
		{"process P\n domain D = a, b\n fact f(D)\n}\nzone A: b", "broken process P domain D value of a domain a value of a domain b fact f; zone A"},
	} {
		var diags diag.List
		f := dsl.Parse(source.New("a.vbn", test.text), &diags)
		var describe func(ds []dsl.Decl) string
		describe = func(ds []dsl.Decl) string {
			var out []string
			for _, d := range ds {
				if s := d.Pos(); s.Start >= s.End {
					t.Errorf("%T at %d to %d", d, s.Start, s.End)
				}
				switch d := d.(type) {
				case *dsl.Broken:
					s := "broken"
					for _, n := range d.Names {
						s += " " + strings.TrimSpace(n.Sort+" "+n.Text)
					}
					s += begun(d.Begun)
					out = append(out, s)
				case *dsl.Element:
					s := d.Sort.Text + " " + d.Names[0].Text
					if d.Body != nil {
						s += " { " + describe(d.Body.Entries) + " }"
					}
					out = append(out, s)
				case *dsl.Process:
					out = append(out, "process "+d.Name.Text+" { "+describe(d.Members)+" }")
				default:
					out = append(out, strings.Fields(d.Pos().Text())[0])
				}
			}
			return strings.Join(out, "; ")
		}
		if got := describe(f.Decls); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.text, got, test.want)
		}
	}
}

// begun describes what a broken declaration says before its mistake.
func begun(d dsl.Decl) string {
	words := func(list []dsl.Name) string {
		var out []string
		for _, n := range list {
			out = append(out, n.Text)
		}
		return strings.Join(out, " ")
	}
	switch d := d.(type) {
	case *dsl.Element:
		return fmt.Sprintf(" (%s: %s in %s)", words(d.Names), words(d.Kinds), words(d.In))
	case *dsl.Flow:
		return fmt.Sprintf(" (%s -> %s)", words(d.Sources), words(d.Targets))
	}
	return ""
}

// TestPrintFormulas builds random formulas, without the parentheses that a text has, and prints them: they parse as what they were.
func TestPrintFormulas(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 5000 {
		e := expr(r, 5)
		text := dsl.Print([]dsl.Decl{&dsl.Assume{Name: dsl.Name{Text: "A"}, Formula: e}})
		got := parse(t, text).Decls[0].(*dsl.Assume).Formula
		if dump(got) != dump(e) {
			t.Fatalf("%s\n got %s\nwant %s", text, sexp(got), sexp(e))
		}
	}
}

func expr(r *rand.Rand, depth int) dsl.Expr {
	name := func() dsl.Name { return dsl.Name{Text: []string{"a", "b-c", "A->B"}[r.IntN(3)]} }
	vars := []dsl.Param{{Name: dsl.Name{Text: "x"}, Sort: dsl.Name{Text: "zone"}}}
	sub := func() dsl.Expr { return expr(r, depth-1) }
	if depth == 0 {
		if r.IntN(4) == 0 {
			return &dsl.IntLit{Value: int64(r.IntN(9) - 4)}
		}
		return &dsl.Ident{Name: name()}
	}
	switch r.IntN(9) {
	case 0:
		return &dsl.Not{X: sub()}
	case 1:
		q := &dsl.Quantified{Op: []string{"forall", "exists", "count"}[r.IntN(3)], Vars: vars, Body: sub()}
		return q
	case 2:
		q := &dsl.Quantified{Op: "sum", Vars: vars, Body: sub()}
		if r.IntN(2) == 0 {
			q.Where = sub()
		}
		return q
	case 3:
		return &dsl.If{Cond: sub(), Then: sub(), Else: sub()}
	case 4:
		return &dsl.Call{Name: name(), Args: []dsl.Expr{sub(), sub()}}
	case 5:
		return &dsl.Field{X: sub(), Name: dsl.Name{Text: "f"}}
	case 6:
		x := &dsl.Relation{X: sub(), Op: dsl.Name{Text: []string{"stores", "runs on", "selects"}[r.IntN(3)]}, Y: sub()}
		if x.Op.Text == "stores" && r.IntN(2) == 0 {
			x.With = &dsl.Name{Text: "c"}
		}
		return x
	default:
		ops := []string{"implies", "or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*"}
		return &dsl.Binary{Op: ops[r.IntN(len(ops))], X: sub(), Y: sub()}
	}
}
