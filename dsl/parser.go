package dsl

import (
	"slices"
	"strconv"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// maxDepth bounds how deep formulas and nested declarations may go.
const maxDepth = 200

// The codes of this package.
const (
	CodeCharacter diag.Code = "VAU0001"
	CodeString    diag.Code = "VAU0002"
	CodeComment   diag.Code = "VAU0003"
	CodeNumber    diag.Code = "VAU0004"
	CodeExpected  diag.Code = "VAU0005"
	CodeDepth     diag.Code = "VAU0006"
	CodeSize      diag.Code = "VAU0007"
	CodeKeyword   diag.Code = "VAU0008"
)

// parser is a recursive-descent parser over the tokens of one text. A syntax error unwinds to the nearest declaration or clause by
// panicking with [bailout]; everything else goes on from there.
type parser struct {
	file   *source.File
	at     func(int) int // offset in the text to offset in the file
	diags  *diag.List
	toks   []token
	pos    int
	depth  int
	failed bool // set by a syntax error until the parser has found its feet again
}

type bailout struct{}

// Parse reads a design file. The tree is never nil; what is in error is left out of it, and every error is reported.
func Parse(f *source.File, diags *diag.List) *File {
	out := &File{Source: f}
	if len(f.Text) > source.MaxBytes {
		diags.Errorf(CodeSize, source.Span{File: f}, "the file has %d bytes, the largest that is read has %d", len(f.Text), source.MaxBytes).
			Helpf("split the design with include")
		return out
	}
	p := &parser{file: f, at: func(i int) int { return i }, diags: diags}
	for _, c := range p.lex(f.Text) {
		s := source.Span{File: f, Start: c.start, End: c.end}
		out.Comments = append(out.Comments, Comment{s.Text(), s})
	}
	for !p.end() {
		if d := p.recovered(p.decl, p.skipDecl); d != nil {
			out.Decls = append(out.Decls, d)
		}
	}
	return out
}

// ParseFormula reads the formula that stands in a part of a file. It returns nil when there is none without an error.
func ParseFormula(f *source.File, start, end int, diags *diag.List) Expr {
	return ParseFormulaText(f, f.Text[start:end], func(i int) int { return start + i }, diags)
}

// ParseFormulaText reads a formula out of a text that stands in a file in some quoted form: at gives the offset in the file of an offset in the
// text. It returns nil after an error.
func ParseFormulaText(f *source.File, text string, at func(int) int, diags *diag.List) Expr {
	p := &parser{file: f, at: at, diags: diags}
	p.lex(text)
	var out Expr
	p.recovered(func() Decl {
		e := p.expr()
		if !p.end() {
			p.expected("the end of the formula")
		}
		out = e
		return nil
	}, func() {})
	return out
}

func (p *parser) lex(text string) []comment {
	l := &lexer{text: text, report: func(code diag.Code, start, end int, message string) *diag.Diagnostic {
		return p.diags.Errorf(code, p.spanOf(start, end), "%s", message)
	}}
	p.toks = l.tokens()
	return l.comments
}

func (p *parser) spanOf(start, end int) source.Span {
	return source.Span{File: p.file, Start: p.at(start), End: max(p.at(start), p.at(end))}
}

// recovered runs parse; after a syntax error in it, skip finds the place to go on from.
func (p *parser) recovered(parse func() Decl, skip func()) (d Decl) {
	start, depth := p.pos, p.depth
	defer func() {
		switch r := recover(); r.(type) {
		case nil:
		case bailout:
			d = nil
			p.depth = depth
			if p.pos == start && !p.end() {
				p.pos++
			}
			skip()
		default:
			panic(r)
		}
	}()
	return parse()
}

func (p *parser) tok() token { return p.toks[p.pos] }
func (p *parser) end() bool  { return p.tok().kind == endToken }

func (p *parser) peek(n int) token {
	if p.pos+n >= len(p.toks) {
		return p.toks[len(p.toks)-1]
	}
	return p.toks[p.pos+n]
}

// span returns the place of the current token.
func (p *parser) span() source.Span { return p.spanOf(p.tok().start, p.tok().end) }

// since returns the place from the token at index start up to the last one consumed.
func (p *parser) since(start int) source.Span {
	last := max(p.pos-1, start)
	return p.spanOf(p.toks[start].start, p.toks[last].end)
}

func (p *parser) is(symbol string) bool {
	t := p.tok()
	return t.kind == symbolToken && t.text == symbol
}

func (p *parser) isWord(words ...string) bool {
	t := p.tok()
	return t.kind == nameToken && slices.Contains(words, t.text)
}

// accept consumes a symbol when it is there.
func (p *parser) accept(symbol string) bool {
	if p.is(symbol) {
		p.pos++
		return true
	}
	return false
}

// acceptWord consumes a word when it is there.
func (p *parser) acceptWord(word string) bool {
	if p.isWord(word) {
		p.pos++
		return true
	}
	return false
}

func (p *parser) expect(symbol string) {
	if !p.accept(symbol) {
		p.expected(strconv.Quote(symbol))
	}
}

func (p *parser) expectWord(word string) {
	if !p.acceptWord(word) {
		p.expected(strconv.Quote(word), word)
	}
}

// expected reports what should stand here and unwinds. The words are those that a mistyped name may have meant.
func (p *parser) expected(what string, words ...string) {
	d := p.diags.Errorf(CodeExpected, p.span(), "%s, expected %s", describe(p.tok()), what)
	if p.tok().kind == nameToken {
		if s := diag.Suggest(p.tok().text, words); s != "" {
			d.Helpf("did you mean %q?", s)
		}
	}
	panic(bailout{})
}

func describe(t token) string {
	switch t.kind {
	case endToken:
		return "the file ends here"
	case stringToken:
		return "unexpected string"
	case nameToken:
		return "unexpected " + strconv.Quote(t.text)
	}
	return "unexpected " + strconv.Quote(t.text)
}

// enter guards a recursion; leave it with p.depth--.
func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		p.diags.Errorf(CodeDepth, p.span(), "nested deeper than %d levels", maxDepth)
		panic(bailout{})
	}
}

func (p *parser) name(what string) Name {
	t := p.tok()
	if t.kind != nameToken {
		p.expected(what)
	}
	n := Name{t.text, p.span()}
	p.pos++
	return n
}

func (p *parser) names(what string) []Name {
	out := []Name{p.name(what)}
	for p.accept(",") {
		out = append(out, p.name(what))
	}
	return out
}

func (p *parser) str(what string) String {
	t := p.tok()
	if t.kind != stringToken {
		p.expected(what)
	}
	s := String{t.text, p.span()}
	p.pos++
	return s
}

// integer reads digits, maybe after a minus sign.
func (p *parser) integer(what string) Int {
	start := p.pos
	negative := p.accept("-")
	t := p.tok()
	if t.kind != intToken {
		p.expected(what)
	}
	n, err := strconv.ParseInt(t.text, 10, 64)
	if err != nil || n > 1<<53 {
		p.diags.Errorf(CodeNumber, p.span(), "the integer is larger than 2^53")
		n = 0
	}
	p.pos++
	if negative {
		n = -n
	}
	return Int{n, p.since(start)}
}

// params reads `x: SORT, y: SORT?`.
func (p *parser) params() []Param {
	var out []Param
	for {
		n := p.name("a variable")
		p.expect(":")
		out = append(out, Param{Name: n, Sort: p.name("a sort"), Maybe: p.accept("?")})
		if !p.accept(",") {
			return out
		}
	}
}

// fields reads `(SORT, x: SORT)`, where names may be missing, or nothing.
func (p *parser) fields() []Param {
	if !p.accept("(") {
		return nil
	}
	var out []Param
	for !p.is(")") {
		n := p.name("a sort")
		f := Param{Sort: n}
		if p.accept(":") {
			f = Param{Name: n, Sort: p.name("a sort")}
		}
		f.Maybe = p.accept("?")
		out = append(out, f)
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return out
}
