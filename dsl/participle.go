package dsl

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

func init() { participle.MaxIterations = source.MaxBytes } // items of one list

// reader is the grammar with the place where it reads. The functions that read formulas know no other place to keep the
// parser that they work for, so each run has a reader to itself.
type reader struct {
	grammar    *participle.Parser[file]
	read       map[string]func(*parser) Decl // by the keyword that it begins with; clauses by ""
	exceptions production[exceptions]

	p      *parser
	lexer  *lexer.PeekingLexer
	start  lexer.Checkpoint
	window []lexeme // what lexer reads: some of the tokens, then one that ends them
}

var readers = sync.Pool{New: func() any { return newReader() }}

func newReader() *reader {
	g := &reader{read: map[string]func(*parser) Decl{}}
	g.grammar = participle.MustBuild[file](participle.Lexer(tokens{}), participle.UseLookahead(0),
		participle.Union[declaration](design{}, use{}, include{}, zone{}, party{}, data{}, flow{}, extend{}, each{}, define{},
			attacker{}, require{}, assume{}, waive{}, process{}),
		participle.Union[member](domain{}, value{}, fact{}, variable{}, message{}, step{}),
		participle.Union[head](eachOf{}, processHead{}),
		leaf[formula](g, func(p *parser) formula { return p.formula() }),
		leaf[term](g, func(p *parser) term { return p.term() }),
		leaf[property](g, func(p *parser) property { return p.property() }),
		leaf[item](g, func(p *parser) item { return p.item() }),
		leaf[receipt](g, func(p *parser) receipt { return p.call("a message") }),
		leaf[target](g, func(p *parser) target { return p.call("a fact or a variable") }))
	produce[design](g, "design")
	produce[use](g, "use")
	produce[include](g, "include")
	produce[zone](g, "zone")
	produce[party](g, "actor", "component")
	produce[data](g, "data")
	produce[flow](g, "flow")
	produce[extend](g, "extend")
	produce[eachOf](g, "each")
	produce[define](g, "define")
	produce[attacker](g, "attacker")
	produce[require](g, "require")
	produce[assume](g, "assume")
	produce[waive](g, "waive")
	produce[processHead](g, "process")
	produce[domain](g, "domain")
	produce[value](g, "value")
	produce[fact](g, "fact")
	produce[variable](g, "var")
	produce[message](g, "message")
	produce[step](g, "step")
	produce[clause](g, "")
	g.exceptions = productionOf[exceptions](g)
	return g
}

// leaf has a type of the grammar read by the parser by hand. A syntax error in it unwinds to the driver.
func leaf[T any](g *reader, read func(*parser) T) participle.Option {
	return participle.ParseTypeWith(func(l *lexer.PeekingLexer) (T, error) {
		g.p.pos = l.Peek().Pos.Line
		x := read(g.p)
		forward(l, g.p.pos)
		return x, nil
	})
}

// production is one type of the grammar.
type production[P any] struct {
	*participle.Parser[P]
	name string
}

func productionOf[P any](g *reader) production[P] {
	from, err := participle.ParserForProduction[P](g.grammar)
	if err != nil {
		panic("vauban: internal error: " + err.Error())
	}
	return production[P]{from, reflect.TypeFor[P]().Name()}
}

// produce says that declarations with these keywords are of a production.
func produce[P any, D interface {
	*P
	decl(*parser) Decl
}](g *reader, keywords ...string) {
	from := productionOf[P](g)
	for _, k := range keywords {
		g.read[k] = func(p *parser) Decl { return D(run(p, from)).decl(p) }
	}
}

// tokens says which tokens the grammar knows. It reads no text: a reader is given its lexemes.
type tokens struct{}

func (tokens) Symbols() map[string]lexer.TokenType {
	out := map[string]lexer.TokenType{"EOF": lexer.EOF}
	for name, s := range symbols {
		out[name] = lexer.TokenType(s.kind)
	}
	return out
}

func (tokens) Lex(string, io.Reader) (lexer.Lexer, error) { return nil, errors.ErrUnsupported }

// lexeme makes of the i-th token what participle reads: its place is the indices of its first and last token. A minus and
// the integer behind it are one; a word that begins a declaration at the start of a line is no name.
func (p *parser) lexeme(i int) lexeme {
	t := p.tokens[i]
	out := lexeme{Type: lexer.TokenType(t.kind), Value: p.word(i), Pos: lexer.Position{Line: i, Column: i}}
	switch {
	case t.kind == endToken:
		out.Type = lexer.EOF
	case t.kind == nameToken:
		if meant, ok := p.meant[i]; ok {
			out.Value = meant
		} else if p.atLineStart(i) && p.beginsDeclaration(i) {
			out.Type = lexer.TokenType(headToken)
		}
	case out.Value == "{":
		out.Type = lexer.TokenType(openToken)
	case out.Value == "-" && p.tokens[i+1].kind == intToken:
		out.Type, out.Pos.Column = lexer.TokenType(intToken), i+1
	}
	return out
}

// fill has the lexer begin at the i-th token, with n tokens at least or all that are left.
func (g *reader) fill(i, n int) {
	if n = min(n, len(g.p.tokens)); n >= len(g.window) {
		g.lexer, _ = lexer.Upgrade(&blank{n})
		g.start = g.lexer.MakeCheckpoint()
		g.window = g.lexer.Range(0, lexer.RawCursor(n+1))
	}
	k := 0
	for ; k < len(g.window)-1 && i < len(g.p.tokens)-1; k++ {
		g.window[k] = g.p.lexeme(i)
		i = g.window[k].Pos.Column + 1
	}
	g.window[k] = lexer.EOFToken(lexer.Position{Line: i})
	g.lexer.LoadCheckpoint(g.start)
}

// brace returns the index of the first brace from the i-th token on, or of the end.
func (p *parser) brace(i int) int {
	for ; p.tokens[i].kind != endToken && !p.isPunct(i, "{") && !p.isPunct(i, "}"); i++ {
	}
	return i
}

// blank is a text of n lexemes, to be overwritten.
type blank struct{ n int }

func (b *blank) Next() (lexeme, error) {
	if b.n--; b.n < 0 {
		return lexer.EOFToken(lexer.Position{}), nil
	}
	return lexeme{}, nil
}

// forward goes on to the i-th token, or as far as there are lexemes.
func forward(l *lexer.PeekingLexer, i int) {
	for t := l.Peek(); t.Pos.Line < i && !t.EOF(); t = l.Peek() {
		l.Next()
	}
}

var trailing = participle.AllowTrailing(true)

// run reads a production at the current token, or fails. A keyword that is misspelt is reported and read as if it were right.
func run[P any](p *parser, from production[P]) *P {
	g, first := p.reader, p.pos
	p.first = first
	if forward(g.lexer, first); g.lexer.Peek().Pos.Line != first {
		g.fill(first, 0)
	}
	for {
		out, err := from.ParseFromLexer(g.lexer, trailing)
		stop := *g.lexer.Peek()
		var wrong *participle.UnexpectedTokenError
		if errors.As(err, &wrong) {
			stop = wrong.Unexpected
		} else if err != nil {
			panic("vauban: internal error: " + err.Error())
		}
		if stop.EOF() && stop.Pos.Line < len(p.tokens)-1 { // the window ended before the text did
			if used := max(stop.Pos.Line, p.pos) - first; 2*used < len(g.window) {
				g.fill(first, 0)
			} else {
				g.fill(first, max(2*used, p.brace(first+used)-first)+1)
			}
			continue
		}
		p.pos = stop.Pos.Line
		switch {
		case err != nil:
			if begins, ok := any(out).(interface{ begun(*parser) Decl }); ok {
				p.begun = begins.begun(p)
			}
			p.mend(from.name, expected(wrong))
			p.begun = nil
		case !p.mendEnd(endings[from.name]):
			return out
		}
		g.fill(first, 0)
	}
}

// mend reports a keyword that is misspelt, for it to be read again, and fails on everything else.
func (p *parser) mend(production string, expected []string) {
	code := diag.Code("VAU0001")
	var words, keywords []string
	if len(expected) > 1 && expected[0] == `")"` { // nothing stands in the parentheses yet
		expected = expected[1:]
	}
	for _, e := range expected {
		more := expectations[production+" "+e]
		if literal, err := strconv.Unquote(e); err == nil && more == "" {
			keywords = append(keywords, literal)
		}
		if symbols[e].kind == dateToken {
			code = "VAU0015"
		}
		words = append(words, cmp.Or(more, expectations[e], symbols[e].words, e))
	}
	if p.tok().kind != nameToken || !p.misspelt(keywords) {
		d := p.errorAt(code, p.pos, "found %s, expected %s", p.describe(p.pos), list(words))
		switch {
		case p.tok().kind == stringToken && symbols[expected[0]].kind == nameToken:
			d.Helpf("write names without quotes; `title \"...\"` is for readers")
		case p.pos == p.first+2 && p.tok().kind == nameToken && p.isPunct(p.ahead(1), ":"):
			d.Helpf("a name is one word, such as %s_%s", p.word(p.pos-1), p.word(p.pos))
		}
		panic(bail{})
	}
}

// The keywords that may end a production, or begin its last part, where only a declaration can follow: one that is misspelt is nothing else.
var endings = map[string][]string{"flow": {"over", "blocked"}, "extend": {"blocked"}}

// mendEnd reports whether a production ended too early, at one of its keywords that is misspelt.
func (p *parser) mendEnd(keywords []string) bool {
	return keywords != nil && p.tok().kind == nameToken && p.meant[p.pos] == "" && !p.isPunct(p.pos-1, "{") &&
		!p.mayBeginDeclaration(p.pos) && p.misspelt(keywords)
}

// misspelt reports the current word if it was most likely meant to be one of the keywords, and has it read as that one.
func (p *parser) misspelt(keywords []string) bool {
	meant := diag.Suggest(p.word(p.pos), keywords)
	if meant == "" {
		return false
	}
	p.errorAt("VAU0001", p.pos, "found %s, expected %q", p.describe(p.pos), meant)
	p.mean(p.pos, meant)
	return true
}

// mean has a word read as another.
func (p *parser) mean(i int, word string) {
	if p.meant == nil {
		p.meant = map[int]string{}
	}
	p.meant[i] = word
}

// expected returns what the grammar has where an error is: literals in quotes, symbols and productions. Participle tells
// it in the words of a message alone, as what is left of a sequence.
func expected(e *participle.UnexpectedTokenError) []string {
	rest, ok := strings.CutPrefix(e.Message(), fmt.Sprintf("unexpected token %q (expected ", e.Unexpected))
	if !ok {
		panic("vauban: internal error: nothing is expected: " + e.Message())
	}
	return firsts(rest)
}

// firsts returns with what a text of EBNF begins: the first word of each alternative of the group at its start, or its first word.
func firsts(ebnf string) []string {
	var out []string
	depth, begins := 0, true
	for _, w := range ebnfWord.FindAllString(ebnf, -1) {
		switch w {
		case "(":
			depth++
		case ")":
			depth--
		case "|":
			begins = begins || depth == 1
			continue
		default:
			if begins {
				out = append(out, strings.Trim(w, "<>"))
			}
			begins = false
		}
		if depth == 0 {
			break
		}
	}
	return out
}
