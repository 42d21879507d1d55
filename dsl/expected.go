package dsl

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// Expectation is something that may stand at a place: a word or a sign of the language, or what a name, a number or a text there means.
type Expectation struct {
	Word    string // "" where something else than a word of the language stands
	Meaning string // of a name, as the grammar calls it: kind, zone, control, relation, variable and so on; of a clause that a catalogue declares, keyword
}

// Expected returns what may stand at an offset of a text, by the grammar and what stands before, in order; the word that is being written there does not count. It
// knows no names: an editor has those of the kind that is meant. Where what stands before is wrong, nothing is expected.
func Expected(f *source.File, offset int) []Expectation {
	text := f.Text[:max(0, min(offset, len(f.Text)))]
	p := begin(source.New(f.Name, text), &diag.List{})
	end := len(p.tokens) - 1
	if last := end - 1; last >= 0 && p.tokens[last].kind == nameToken && int(p.tokens[last].end) == len(text) {
		text, end = text[:p.tokens[last].start], last
	}
	from := 0 // of the declaration at the start of a line
	for i := range end {
		if p.atLineStart(i) && p.beginsDeclaration(i) {
			from = int(p.tokens[i].start)
		}
	}
	p, _ = parse(source.New(f.Name, text[from:]), &diag.List{})
	tokens, around := p.openEntries()
	out := recognizer().expected(p, tokens)
	if i := slices.IndexFunc(out, func(e Expectation) bool { return e.Meaning == "keyword" }); i >= 0 {
		own := map[string]Role{"attacker": AttackerClause, "require": RequireClause}[around]
		out = slices.DeleteFunc(out, func(e Expectation) bool { return IsWord(e.Word, clauseWord) && !IsWord(e.Word, NestedWord) })
		for _, w := range Words(cmp.Or(own, ElementClause)) {
			w, _, _ = strings.Cut(w, " ")
			out = append(out, Expectation{Word: w})
		}
	}
	slices.SortFunc(out, func(a, b Expectation) int {
		return cmp.Or(cmp.Compare(a.Meaning, b.Meaning), cmp.Compare(a.Word, b.Word))
	})
	return slices.Compact(out)
}

// openEntries returns the tokens that what comes next depends on: of each body that is open the beginning of what it belongs to, without the entries before it, and
// the last entry. around is the word that the innermost of these begins with.
func (p *parser) openEntries() (tokens []int, around string) {
	type level struct {
		before int // tokens that stand before the entries
		word   string
	}
	var open []level
	for i := range len(p.tokens) - 1 {
		if p.tokens[i].mark&entryMark != 0 {
			first := 0
			if len(open) > 0 {
				first = open[len(open)-1].before
			}
			tokens = tokens[:first]
		}
		tokens = append(tokens, i)
		switch {
		case p.isPunct(i, "{"):
			word := ""
			if len(open) > 0 {
				word = p.word(tokens[open[len(open)-1].before])
			} else {
				word = p.word(tokens[0])
			}
			open = append(open, level{len(tokens), word})
		case p.isPunct(i, "}") && len(open) > 0:
			tokens = append(tokens[:open[len(open)-1].before], i)
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		around = open[len(open)-1].word
	}
	return tokens, around
}

// earley recognizes beginnings of texts by the printed grammar, as Earley does ("An efficient context-free parsing algorithm", CACM 1970), with what may be empty
// skipped where it is predicted (Aycock and Horspool, "Practical Earley parsing", 2002). Any grammar will do, so this one stays as readers see it.
type earley struct {
	rules    map[string][][]string // alternatives of symbols: a literal in quotes, a <token>, a production
	nullable map[string]bool
}

var recognizer = sync.OnceValue(func() *earley {
	e := &earley{map[string][][]string{}, map[string]bool{}}
	for line := range strings.Lines(EBNF()) {
		name, rest, _ := strings.Cut(line, " = ")
		words := ebnfWord.FindAllString(rest, -1)
		e.rules[name] = e.group(name, &words)
	}
	for grows := true; grows; {
		grows = false
		for name, alternatives := range e.rules {
			empty := slices.ContainsFunc(alternatives, func(a []string) bool {
				return !slices.ContainsFunc(a, func(s string) bool { return !e.nullable[s] })
			})
			grows = grows || empty && !e.nullable[name]
			e.nullable[name] = empty
		}
	}
	return e
})

// group reads alternatives up to their closing parenthesis. What is repeated, or stands in parentheses, becomes a production of its own.
func (e *earley) group(name string, words *[]string) [][]string {
	out := [][]string{nil}
	for len(*words) > 0 {
		w := (*words)[0]
		*words = (*words)[1:]
		last := &out[len(out)-1]
		switch w {
		case ")":
			return out
		case "|":
			out = append(out, nil)
			continue
		case "?", "*", "+":
			x := (*last)[len(*last)-1]
			inner := e.fresh(name)
			switch w {
			case "?":
				e.rules[inner] = [][]string{nil, {x}}
			case "*":
				e.rules[inner] = [][]string{nil, {inner, x}}
			default:
				e.rules[inner] = [][]string{{x}, {inner, x}}
			}
			(*last)[len(*last)-1] = inner
			continue
		case "(":
			inner := e.fresh(name)
			e.rules[inner] = e.group(name, words)
			w = inner
		default:
			if s := symbols[strings.Trim(w, "<>")]; w[0] == '<' && s.kind == intToken { // with its sign
				inner := e.fresh(name)
				e.rules[inner] = [][]string{{w}, {`"-"`, w}}
				w = inner
			}
		}
		*last = append(*last, w)
	}
	return out
}

// fresh returns a name for a part of a production.
func (e *earley) fresh(of string) string {
	name := of + strconv.Itoa(len(e.rules))
	e.rules[name] = nil
	return name
}

// state is a production as far as it was read.
type state struct {
	name           string
	rule, dot, set int // the alternative, how much of it, and where it began
}

// expected reads tokens and returns what may come next.
func (e *earley) expected(p *parser, tokens []int) []Expectation {
	sets := make([][]state, len(tokens)+1)
	seen := make([]map[state]bool, len(sets))
	add := func(k int, s state) {
		if seen[k] == nil {
			seen[k] = map[state]bool{}
		}
		if !seen[k][s] {
			seen[k][s] = true
			sets[k] = append(sets[k], s)
		}
	}
	for i := range e.rules["File"] {
		add(0, state{name: "File", rule: i})
	}
	var out []Expectation
	for k := range sets {
		for i := 0; i < len(sets[k]); i++ {
			s := sets[k][i]
			rule := e.rules[s.name][s.rule]
			if s.dot == len(rule) {
				for _, up := range sets[s.set] {
					if r := e.rules[up.name][up.rule]; up.dot < len(r) && r[up.dot] == s.name {
						add(k, state{up.name, up.rule, up.dot + 1, up.set})
					}
				}
				continue
			}
			next := rule[s.dot]
			after := state{s.name, s.rule, s.dot + 1, s.set}
			switch {
			case next[0] != '"' && next[0] != '<':
				for r := range e.rules[next] {
					add(k, state{next, r, 0, k})
				}
				if e.nullable[next] {
					add(k, after)
				}
			case k < len(tokens):
				if p.matches(tokens[k], next) {
					add(k+1, after)
				}
			case next[0] == '"':
				out = append(out, Expectation{Word: strings.Trim(next, `"`)})
			default:
				out = append(out, Expectation{Meaning: strings.Trim(next, "<>")})
			}
		}
	}
	return out
}

// matches reports whether a token is what a symbol of the grammar stands for.
func (p *parser) matches(i int, symbol string) bool {
	if literal, ok := strings.CutPrefix(symbol, `"`); ok {
		return p.word(i) == strings.TrimSuffix(literal, `"`)
	}
	kind := nameToken
	switch name := strings.Trim(symbol, "<>"); name {
	case "string":
		kind = stringToken
	case "integer":
		kind = intToken
	case "keyword":
		if secondWords[p.word(i)] != "" {
			return false
		}
	default:
		if s, ok := symbols[name]; ok {
			kind = s.kind
		}
	}
	return p.tokens[i].kind == kind
}
