package diag_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// at returns the place of the n-th occurrence (from 1) of part in a file.
func at(f *source.File, part string, n int) source.Span {
	i := 0
	for ; n > 0; n-- {
		i += strings.Index(f.Text[i:], part) + 1
	}
	return source.Span{File: f, Start: i - 1, End: i - 1 + len(part)}
}

func render(t *testing.T, diags []diag.Diagnostic, opt diag.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := diag.Render(&b, diags, opt); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRender(t *testing.T) {
	t.Parallel()
	shop := source.New("shop.vbn", strings.Repeat("\n", 3)+"zone Internet: public\n"+strings.Repeat("\n", 7)+
		"flow Save: Shop -> Db over sql { carries CardNumber }\n")
	var list diag.List
	d := list.Errorf("VAU1003", at(shop, "flow", 1), "flow %q carries CardNumber in clear over zone %q", "Save", "Internet")
	d.Primary = diag.Label{Span: at(shop, "sql", 1), Text: "sql gives no encryption"}
	d.Label(at(shop, "Internet", 1), "the attacker is here").
		Helpf("add `has encryption` to Save (cheapest repair: cost 1, proved)")
	odd := source.New("odd\x1b.vbn", "\t内部 x\u202e\x00\xff y\r\nshort")
	other := source.New("other.vbn", "zone A: b\n")

	for _, test := range []struct {
		name, want string
		diag       diag.Diagnostic
	}{
		{"labels and help", `shop.vbn:12:28: error: flow "Save" carries CardNumber in clear over zone "Internet" [VAU1003]
   |
12 | flow Save: Shop -> Db over sql { carries CardNumber }
   |                            ^^^ sql gives no encryption
   |
 4 | zone Internet: public
   |      ^^^^^^^^ the attacker is here
   = help: add ` + "`has encryption`" + ` to Save (cheapest repair: cost 1, proved)
`, list.Sorted()[0]},
		{"wide runes, tabs and control characters", `odd\x1b.vbn:1:10: warning: a\nb\u2028 [VAU0001]
  |
1 |     内部 x\u202e\x00\xff y
  |                          ^
`, diag.Diagnostic{Severity: diag.Warning, Code: "VAU0001", Message: "a\nb\u2028", Primary: diag.Label{Span: at(odd, "y", 1)}}},
		{"a wide span", `odd\x1b.vbn:1:2: error: m [VAU0001]
  |
1 |     内部 x\u202e\x00\xff y
  |     ^^^^
`, diag.Diagnostic{Code: "VAU0001", Message: "m", Primary: diag.Label{Span: at(odd, "内部", 1)}}},
		{"several lines", `odd\x1b.vbn:1:10: error: m [VAU0001]
  |
1 |     内部 x\u202e\x00\xff y
  |                          ^
`, diag.Diagnostic{Code: "VAU0001", Message: "m", Primary: diag.Label{Span: at(odd, "y\r\nshort", 1)}}},
		{"the end", `other.vbn:2:1: error: m [VAU0001]
  |
2 |
  | ^ here
`, diag.Diagnostic{Code: "VAU0001", Message: "m", Primary: diag.Label{Span: source.Span{File: other, Start: 10, End: 10}, Text: "here"}}},
		{"another file", `other.vbn:1:6: error: m [VAU0001]
   |
 1 | zone A: b
   |      ^
  --> shop.vbn:12:6
   |
12 | flow Save: Shop -> Db over sql { carries CardNumber }
   |      ---- there
`, diag.Diagnostic{
			Code: "VAU0001", Message: "m", Primary: diag.Label{Span: at(other, "A", 1)},
			Others: []diag.Label{{Span: at(shop, "Save", 1), Text: "there"}},
		}},
		{"no place", "error: m [VAU0001]\n = help: h\n", diag.Diagnostic{Code: "VAU0001", Message: "m", Help: "h"}},
	} {
		want := test.want
		if test.name == "labels and help" {
			want = strings.Replace(want, "^^^^^^^^", "--------", 1)
		}
		if got := render(t, []diag.Diagnostic{test.diag}, diag.Options{}); got != want {
			t.Errorf("%s\ngot\n%swant\n%s", test.name, got, want)
		}
	}
}

func TestRenderLongLine(t *testing.T) {
	t.Parallel()
	f := source.New("a", strings.Repeat("é", 10_000)+"X"+strings.Repeat("é", 10_000))
	lines := strings.Split(render(t, []diag.Diagnostic{{Code: "VAU0001", Primary: diag.Label{Span: at(f, "X", 1)}}}, diag.Options{}), "\n")
	shown, marks := []rune(lines[2]), []rune(lines[3])
	if len(shown) > 400 || shown[len(marks)-1] != 'X' {
		t.Errorf("the line is shown as\n%s\n%s", lines[2], lines[3])
	}
}

func TestRenderMax(t *testing.T) {
	t.Parallel()
	diags := []diag.Diagnostic{{Code: "VAU0001"}, {Code: "VAU0002"}, {Code: "VAU0003", Severity: diag.Warning}, {Code: "VAU0004"}}
	got := render(t, diags, diag.Options{Max: 1})
	if want := "error:  [VAU0001]\n\nnot shown: 2 errors, 1 warning\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := render(t, diags, diag.Options{Max: 4}); strings.Contains(got, "not shown") {
		t.Errorf("got %q", got)
	}
}

func TestRenderColor(t *testing.T) {
	t.Parallel()
	f := source.New("a.vbn", "zone A: b")
	diags := []diag.Diagnostic{{Code: "VAU0001", Message: "m", Primary: diag.Label{Span: at(f, "A", 1), Text: "l"}, Help: "h"}}
	colored := render(t, diags, diag.Options{Color: true})
	plain := render(t, diags, diag.Options{})
	for _, code := range []string{"0", "1", "1;31", "1;33", "1;34", "1;36"} {
		colored = strings.ReplaceAll(colored, "\x1b["+code+"m", "")
	}
	if colored != plain {
		t.Errorf("without its colours the output is\n%s, not\n%s", colored, plain)
	}
}

// TestRenderIsSafe renders any text at any place: the output has no control characters but line feeds.
func TestRenderIsSafe(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := source.New(rapid.String().Draw(t, "name"), string(rapid.SliceOf(rapid.Byte()).Draw(t, "text")))
		start := rapid.IntRange(0, len(f.Text)).Draw(t, "start")
		end := rapid.IntRange(start, len(f.Text)).Draw(t, "end")
		d := diag.Diagnostic{
			Code: "VAU0001", Message: rapid.String().Draw(t, "message"), Help: rapid.String().Draw(t, "help"),
			Primary: diag.Label{Span: source.Span{File: f, Start: start, End: end}, Text: rapid.String().Draw(t, "label")},
		}
		var b bytes.Buffer
		if err := diag.Render(&b, []diag.Diagnostic{d}, diag.Options{}); err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(b.String(), "\n", "")
		if diag.Escape(text) != text {
			t.Fatalf("unsafe output %q", b.String())
		}
	})
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		word       string
		candidates []string
		want       string
	}{
		{"input_validaton", []string{"waf", "input_validation"}, "input_validation"},
		{"compnent", []string{"zone", "component"}, "component"},
		{"Waf", []string{"waf"}, "waf"},
		{"fwa", []string{"waf", "fwd"}, "fwd"},
		{"zoen", []string{"zone"}, "zone"},
		{"x", []string{"y"}, ""},
		{"", []string{"a"}, ""},
		{"abcd", []string{"wxyz"}, ""},
		{"cart", []string{"card", "carts", "cars"}, "card"},
		{"waf", []string{"waf"}, ""},
		{strings.Repeat("a", 100), []string{strings.Repeat("a", 101)}, ""},
	} {
		if got := diag.Suggest(test.word, test.candidates); got != test.want {
			t.Errorf("Suggest(%q, %q) = %q, want %q", test.word, test.candidates, got, test.want)
		}
	}
	if got, want := diag.DidYouMean("waff", []string{"waf"}), ` — did you mean "waf"?`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSuggestOrder checks that the order of candidates does not matter.
func TestSuggestOrder(t *testing.T) {
	t.Parallel()
	word := rapid.StringMatching(`[a-cA-C]{1,5}`)
	rapid.Check(t, func(t *rapid.T) {
		w, candidates := word.Draw(t, "word"), rapid.SliceOf(word).Draw(t, "candidates")
		shuffled := rapid.Permutation(candidates).Draw(t, "shuffled")
		if a, b := diag.Suggest(w, candidates), diag.Suggest(w, shuffled); a != b {
			t.Fatalf("%q or %q", a, b)
		}
	})
}

func TestCodes(t *testing.T) {
	t.Parallel()
	codes := diag.Codes()
	if !slices.IsSortedFunc(codes, func(a, b diag.CodeInfo) int { return strings.Compare(string(a.Code), string(b.Code)) }) {
		t.Error("the codes are not in order")
	}
	seen := map[diag.Code]bool{}
	for _, c := range codes {
		if seen[c.Code] || c.Meaning == "" || len(c.Code) != len("VAU0001") {
			t.Errorf("%s: %q", c.Code, c.Meaning)
		}
		seen[c.Code] = true
	}
}
