package dsl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

const (
	maxDepth  = 200  // how deep formulas and declarations may nest
	maxChain  = 4096 // how many operators of one kind may stand in a row
	maxErrors = 1000 // after which the rest of a file is not read
)

// parseContext tells where a formula stands, and so which words end it.
type parseContext uint8

const (
	inRequire parseContext = 1 << iota
	inProcess
)

// mark tells the formatter how to set a token that means something else elsewhere.
type mark uint8

const (
	tightMark mark = iota + 1 // an opening parenthesis without a space before it
	bodyMark                  // a brace of a body
	entryMark                 // the first token of a table's line
	partMark                  // the keyword of a part of a step
)

// parser is a recursive-descent parser over the tokens of one text. A syntax error unwinds by panicking with [bail] to the nearest
// [parser.guard], which goes on with the next declaration or clause.
type parser struct {
	file    *source.File
	text    string
	at      func(int) int // offset in the text to offset in the file
	diags   *diag.List
	tokens  []token
	pos     int
	depth   int
	errors  int
	context parseContext
	marks   map[int]mark // by token
	steps   map[int]int  // of steps: first token to the one after the last
}

// bail unwinds the parser after an error that has been reported.
type bail struct{}

// Parse reads a design file. The tree is never nil; what is in error is left out of it, and every error is reported.
func Parse(f *source.File, diags *diag.List) *File {
	out, _ := parse(f, diags)
	return out
}

// parse also returns the parser, whose tokens and marks the formatter needs.
func parse(f *source.File, diags *diag.List) (*File, *parser) {
	out := &File{Source: f}
	p := newParser(f, f.Text, func(i int) int { return i }, diags)
	if len(f.Text) > source.MaxBytes {
		diags.Errorf("VAU0009", source.Span{File: f}, "the file has %d bytes, expected at most %d", len(f.Text), source.MaxBytes).
			Helpf("split the design with include")
		p.tokens = []token{{kind: endToken}}
		return out, p
	}
	for _, c := range p.lex() {
		s := source.Span{File: f, Start: c.start, End: c.end}
		out.Comments = append(out.Comments, Comment{s.Text(), s})
	}
	p.declarations(out)
	return out, p
}

// ParseFormula reads the formula or term that stands in a part of a file. It returns nil after an error.
func ParseFormula(f *source.File, start, end int, diags *diag.List) Expr {
	return ParseFormulaText(f, f.Text[start:end], func(i int) int { return start + i }, diags)
}

// ParseFormulaText reads a formula or term out of a text that stands in a file in some quoted form: at gives the offset in the file of an
// offset in the text. It returns nil after an error.
func ParseFormulaText(f *source.File, text string, at func(int) int, diags *diag.List) Expr {
	p := newParser(f, text, at, diags)
	p.lex()
	var out Expr
	ok := p.guard(func() {
		out = p.formula()
		if p.tok().kind != endToken {
			p.expected("the end of the formula")
		}
	})
	if !ok || p.errors > 0 {
		return nil
	}
	return out
}

func newParser(f *source.File, text string, at func(int) int, diags *diag.List) *parser {
	return &parser{file: f, text: text, at: at, diags: diags, marks: map[int]mark{}}
}

func (p *parser) lex() []comment {
	l := &lexer{text: p.text, report: func(code diag.Code, start, end int, message string) *diag.Diagnostic {
		if p.errors++; p.errors > maxErrors {
			return &diag.Diagnostic{}
		}
		return p.diags.Errorf(code, p.spanOf(start, end), "%s", message)
	}}
	p.tokens = l.tokens()
	return l.comments
}

func (p *parser) spanOf(start, end int) source.Span {
	from := p.at(start)
	return source.Span{File: p.file, Start: from, End: max(from, p.at(end))}
}

// tokenSpan returns the place of a token.
func (p *parser) tokenSpan(i int) source.Span { return p.spanOf(p.tokens[i].start, p.tokens[i].end) }

// since returns the place from a token up to the last one consumed.
func (p *parser) since(first int) source.Span {
	last := max(p.pos-1, first)
	return p.spanOf(p.tokens[first].start, p.tokens[last].end)
}

func (p *parser) tok() token { return p.tokens[p.pos] }

// ahead returns the index of the token n after the current one, at most the last.
func (p *parser) ahead(n int) int { return min(p.pos+n, len(p.tokens)-1) }

// advance consumes a token; the end is never consumed.
func (p *parser) advance() { p.pos = p.ahead(1) }

func (p *parser) word(i int) string { return p.tokens[i].text }

func (p *parser) isWord(i int, words ...string) bool {
	return p.tokens[i].kind == nameToken && slices.Contains(words, p.tokens[i].text)
}

func (p *parser) isPunct(i int, s string) bool {
	return p.tokens[i].kind == punctToken && p.tokens[i].text == s
}

func (p *parser) accept(punct string) bool {
	if !p.isPunct(p.pos, punct) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) acceptWord(word string) bool {
	if !p.isWord(p.pos, word) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(punct string) {
	if !p.accept(punct) {
		p.expected(strconv.Quote(punct))
	}
}

func (p *parser) expectWord(word string) {
	if p.acceptWord(word) {
		return
	}
	d := p.errorAt("VAU0001", p.pos, "found %s, expected %q", p.describe(p.pos), word)
	if p.tok().kind == nameToken && diag.Suggest(p.word(p.pos), []string{word}) != "" {
		d.Helpf("did you mean %q?", word)
	}
	panic(bail{})
}

// expected fails with what should stand at the current token.
func (p *parser) expected(what string) {
	p.fail("VAU0001", p.pos, "found %s, expected %s", p.describe(p.pos), what)
}

// fail reports an error at a token and unwinds.
func (p *parser) fail(code diag.Code, i int, format string, args ...any) {
	p.errorAt(code, i, format, args...)
	panic(bail{})
}

// errorAt reports an error at a token.
func (p *parser) errorAt(code diag.Code, i int, format string, args ...any) *diag.Diagnostic {
	p.errors++
	switch {
	case p.errors == maxErrors:
		return p.diags.Errorf("VAU0020", p.tokenSpan(i), "more than %d errors, the rest of the file is not read", maxErrors-1)
	case p.errors > maxErrors:
		return &diag.Diagnostic{}
	}
	return p.diags.Errorf(code, p.tokenSpan(i), format, args...)
}

// describe names a token in a message.
func (p *parser) describe(i int) string {
	switch t := p.tokens[i]; t.kind {
	case endToken:
		return "the end of the text"
	case stringToken:
		return "a string"
	default:
		return strconv.Quote(t.text)
	}
}

// guard runs parse and reports whether it got through without a syntax error that unwound it.
func (p *parser) guard(parse func()) (ok bool) {
	depth, context := p.depth, p.context
	defer func() {
		if r := recover(); r != nil {
			if _, is := r.(bail); !is {
				panic(r)
			}
			p.depth, p.context, ok = depth, context, false
		}
	}()
	parse()
	return true
}

// enter guards a recursion; leave ends it.
func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		p.fail("VAU0010", p.pos, "nested more than %d levels deep", maxDepth)
	}
}

func (p *parser) leave() { p.depth-- }

// mark notes how the formatter sets a token.
func (p *parser) mark(i int, m mark) { p.marks[i] = m }

// doc returns the documentation before the current token.
func (p *parser) doc() string { return p.tok().doc }

// node begins a declaration at the current token.
func (p *parser) node() Node { return Node{Span: p.tokenSpan(p.pos), Doc: p.doc()} }

// name reads a name that is being declared, or one that is a word of a catalogue.
func (p *parser) name(what string) Name {
	if p.tok().kind != nameToken {
		p.expected(what)
	}
	n := Name{p.word(p.pos), p.tokenSpan(p.pos)}
	p.advance()
	return n
}

func (p *parser) names(what string) []Name {
	out := []Name{p.name(what)}
	for p.accept(",") {
		out = append(out, p.name(what))
	}
	return out
}

// reference reads the name of something that may be a flow without a name of its own: `Cart->user`, written without white space.
func (p *parser) reference(what string) Name {
	n := p.name(what)
	first := p.pos - 1
	arrow, target := p.pos, p.ahead(1)
	tight := p.isPunct(arrow, "->") && p.tokens[target].kind == nameToken &&
		p.tokens[first].end == p.tokens[arrow].start && p.tokens[arrow].end == p.tokens[target].start
	if tight {
		p.mark(arrow, tightMark)
		p.advance()
		p.advance()
		n = Name{n.Text + "->" + p.word(target), p.since(first)}
	}
	return n
}

func (p *parser) references(what string) []Name {
	out := []Name{p.reference(what)}
	for p.accept(",") {
		out = append(out, p.reference(what))
	}
	return out
}

func (p *parser) str(what string) String {
	if p.tok().kind != stringToken {
		p.expected(what)
	}
	s := String{p.word(p.pos), p.tokenSpan(p.pos)}
	p.advance()
	return s
}

// integer reads digits, maybe behind a minus sign.
func (p *parser) integer(what string) Int {
	first := p.pos
	sign := ""
	if p.accept("-") {
		sign = "-"
		p.mark(first, tightMark)
	}
	if p.tok().kind != intToken {
		p.expected(what)
	}
	n, err := strconv.ParseInt(sign+p.word(p.pos), 10, 64)
	if err != nil {
		p.errorAt("VAU0011", p.pos, "%s does not fit into 64 bits", p.describe(p.pos))
	}
	p.advance()
	return Int{n, p.since(first)}
}

func optionalName(n Name) *Name { return &n }

// quoteList writes `"a", "b" or "c"`.
func quoteList(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strconv.Quote(w)
	}
	last := len(quoted) - 1
	if last < 1 {
		return strings.Join(quoted, "")
	}
	return fmt.Sprintf("%s or %s", strings.Join(quoted[:last], ", "), quoted[last])
}
