package dsl_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
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
		if item.word == "Scope" || item.word == "Part" { // each of these stands once
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
