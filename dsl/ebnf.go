package dsl

import (
	"regexp"
	"strings"
)

// EBNF returns the grammar of designs, one production a line. A literal stands in quotes; <kind> is a token by what it
// means there, a name if nothing else is said; `?` is at most once, `*` any number of times, `+` at least once. What
// declarations look like is printed from the grammar that reads them; bodies and formulas, which are read by hand, are
// written here and held to the parser by a test.
func EBNF() string {
	r := readers.Get().(*reader)
	defer readers.Put(r)
	var out []string
	for line := range strings.Lines(r.grammar.String()) {
		words := ebnfWord.FindAllString(strings.NewReplacer("<body>", "Body", "<area>", "Area").Replace(line), -1)
		name := words[0]
		words = words[1:]
		text, _, _ := tidy(&words)
		out = append(out, name+" = "+text+" .\n")
	}
	return strings.Join(out, "") + byHand
}

const byHand = `Area = "{" (Clause | Zone | Party)* "}" .
Body = "{" Clause* "}" .
Item = Reference "?"? | <string> | "-"? <integer> .
Reference = <name> ("->" <name>)? .
Property = ("never" | "always" | "possible") Formula | ("confidential" | "integrity" | "available") Reference ("," Reference)* | Formula "only" "after" Formula .
Receipt = <message> Arguments? .
Target = <fact_or_variable> Arguments? .
Formula = Disjunction ("implies" Formula)? .
Disjunction = Conjunction ("or" Conjunction)* .
Conjunction = Negation ("and" Negation)* .
Negation = "not" Negation | Comparison .
Comparison = Term (("=" | "!=" | "<" | "<=" | ">" | ">=") Term | "stores" Term ("with" <control>)? | Relation Term)? .
Relation = "is" | "has" | "in" | "handles" | "carries" | "returns" | "over" | "through" | "accepts" | "authenticated" "by" | "runs" "on" | "of" | <relation> .
Term = Product (("+" | "-") Product)* .
Product = Factor ("*" Factor)* .
Factor = Primary ("." <field>)* .
Primary = "-"? <integer> | "(" Formula ")" | Quantified | "if" Formula "then" Term "else" Term | Reference Arguments? .
Quantified = ("forall" | "exists" | "count") Param ("," Param)* "|" Formula | "sum" Param ("," Param)* "|" Term ("where" Formula)? .
Arguments = "(" (Term ("," Term)*)? ")" .
`

var ebnfWord = regexp.MustCompile(`"(\\.|[^"\\])*"|<\w+>|\w+|\(\?[=!]|[()|?*+~]`)

// tidy writes the group of EBNF that words begin with, up to its parenthesis or their end, and leaves the words behind it:
// without parentheses that say nothing, and without what only looks ahead.
func tidy(words *[]string) (text string, pieces int, alternatives bool) {
	var out []string
	for len(*words) > 0 {
		w := (*words)[0]
		*words = (*words)[1:]
		switch w {
		case ")":
			return strings.Join(out, " "), len(out), alternatives
		case "|":
			alternatives = true
		case "?", "*", "+":
			out[len(out)-1] += w
			continue
		case "(?=", "(?!":
			tidy(words)
			continue
		case "(":
			inner, n, either := tidy(words)
			repeated := len(*words) > 0 && strings.Contains("?*+", (*words)[0])
			if w = inner; either || repeated && n > 1 {
				w = "(" + inner + ")"
			}
		}
		out = append(out, w)
	}
	return strings.Join(out, " "), len(out), alternatives
}
