package dsl_test

import (
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// TestExpectedBefore checks at every token of random texts that it is among what is expected there.
func TestExpectedBefore(t *testing.T) {
	t.Parallel()
	g := readEBNF(dsl.EBNF())
	r := rand.New(rand.NewPCG(5, 6))
	token := regexp.MustCompile(`"(\\.|[^"])*"|\S+`)
	looked := 0
	for range 150 {
		w := sentence{grammar: g, rand: r, seen: map[string]bool{}}
		w.production("File", 9)
		text := w.text.String()
		all := token.FindAllStringIndex(text, -1)
		for range min(len(all), 12) {
			at := all[r.IntN(len(all))]
			word := text[at[0]:at[1]]
			isName := regexp.MustCompile(`^(\pL|\pN|")`).MatchString(word)
			found := dsl.Expected(source.New("a.vbn", text), at[0])
			looked++
			if !slices.ContainsFunc(found, func(e dsl.Expectation) bool { return e.Word == word || isName && e.Meaning != "" }) {
				t.Fatalf("%q is not expected behind\n%s\nbut %v", word, text[:at[0]], found)
			}
		}
	}
	t.Logf("%d places", looked)
}

func TestExpected(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"component Shop: |", "<kind>"},
		{"component Shop: webapp |", `, actor assume attacker component data define design each extend flow in include of process require use waive zone {`},
		{"component Shop: webapp in |", "<zone>"},
		{"component Shop: webapp in Co|", "<zone>"},
		{"flow Buy: A -> B |", `, actor assume attacker blocked component data define design each extend flow include over process require use waive zone {`},
		{"flow Buy: A -> B over |", "<protocol>"},
		{"waive R until |", "<date>"},
		{"attacker A { |", "budget controls in is knows without } <keyword>"},
		{"require R: never a { |", "refs severity title } <keyword>"},
		{"component S: webapp { has waf |", "? -> , accepts authenticated carries from guessed handles has is link owner returns runs stores sure tech through title } <keyword>"},
		{"component S: webapp { has a, b  runs |", "on"},
		{"zone Z: public {\n  component A: b { port 3 }\n  compo|", "accepts actor authenticated carries component from guessed handles has is link owner returns runs stores sure tech through title zone } <keyword>"},
		{"require R: never knows(d) and |", "( - count exists forall if not sum <integer> <name>"},
		{"process P {\n  domain D = a, b\n  step S(x: |", "<sort>"},
		{"process P {\n  fact f\n  |", "( = domain fact message step value var }"},
		{"component = = |", ""},
	} {
		text, _, _ := strings.Cut(c.text, "|")
		var got []string
		for _, e := range dsl.Expected(source.New("a.vbn", strings.Replace(c.text, "|", "", 1)), len(text)) {
			if e.Word != "" {
				got = append(got, e.Word)
			} else {
				got = append(got, "<"+e.Meaning+">")
			}
		}
		want := strings.Fields(c.want)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s\n got %s\nwant %s", c.text, strings.Join(got, " "), strings.Join(want, " "))
		}
	}
}

// FuzzTools asks of any text, at any place, what editors ask.
func FuzzTools(f *testing.F) {
	f.Add("design \"A\"\nzone Z: public { component A: b, c in\n}\nrequire R: never knows(", 30)
	f.Add("process P {\n domain D = a, b\n step S(x: D) by A\n when a", 50)
	f.Add("flow A, B -> C over", 19)
	f.Fuzz(func(t *testing.T, text string, at int) {
		if len(text) > 4096 {
			return
		}
		for _, e := range dsl.Expected(source.New("a.vbn", text), at) {
			if (e.Word == "") == (e.Meaning == "") {
				t.Errorf("%+v", e)
			}
		}
		file := dsl.Parse(source.New("a.vbn", text), &diag.List{})
		names := dsl.NamesOf([]*dsl.File{file})
		for _, n := range file.At(at) {
			if s := reflect.ValueOf(n).Elem().FieldByName("Span").Interface().(source.Span); at < s.Start || s.End <= at {
				t.Errorf("%T at %d, asked at %d", n, s.Start, at)
			}
		}
		if d, here := names.At(file, at); d != nil && (at < here.Span.Start || here.Span.End < at) {
			t.Errorf("%q at %d, asked at %d", here.Text, here.Span.Start, at)
		}
		for _, d := range names.Definitions {
			for _, n := range append([]dsl.Name{d.Name}, d.Uses...) {
				if s := n.Span; s.Start >= s.End || s.End > len(text) {
					t.Errorf("%q from %d to %d", n.Text, s.Start, s.End)
				}
			}
		}
	})
}
