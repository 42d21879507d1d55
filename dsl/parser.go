package dsl

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

const (
	maxDepth  = 200    // nested bodies, parentheses, quantifiers
	maxChain  = 10_000 // operators in a row, which make a tree as deep as there are operators
	maxErrors = 1000   // per file
)

// Parse reads a design file. It reports every error to diags and always returns a tree, which holds the declarations
// without errors.
func Parse(f *source.File, diags *diag.List) *File {
	p, decls := parse(f, diags)
	file := &File{Source: f, Decls: decls, Broken: p.broken}
	for _, n := range p.notes {
		s := p.span(int(n.start), int(n.end))
		file.Comments = append(file.Comments, Comment{s.Text(), s})
	}
	return file
}

func parse(f *source.File, diags *diag.List) (*parser, []Decl) {
	p := begin(f, diags)
	p.reader = readers.Get().(*reader)
	defer readers.Put(p.reader)
	p.reader.p = p
	p.reader.fill(0, 512)
	return p, p.declarations()
}

// begin scans a file.
func begin(f *source.File, diags *diag.List) *parser {
	p := &parser{file: f, script: script{text: f.Text}, at: func(i int) int { return i }, diags: diags}
	if len(f.Text) > source.MaxBytes {
		p.text = ""
		p.report("VAU0009", 0, 0, "the file has %d bytes, expected at most %d", len(f.Text), source.MaxBytes)
	}
	p.lex()
	return p
}

// ParseFormula reads the formula at f.Text[start:end]. It returns nil where the formula has an error, which diags tells.
func ParseFormula(f *source.File, start, end int, diags *diag.List) Expr {
	return ParseFormulaText(f, f.Text[start:end], func(i int) int { return start + i }, diags)
}

// ParseFormulaText is [ParseFormula] for a text that does not stand in f as it is, such as a quoted YAML scalar: at maps
// an offset of text to the offset of f where that byte comes from.
func ParseFormulaText(f *source.File, text string, at func(i int) int, diags *diag.List) Expr {
	p := &parser{file: f, script: script{text: text}, at: at, diags: diags}
	if len(text) > source.MaxBytes {
		p.report("VAU0009", 0, 0, "the formula has %d bytes, expected at most %d", len(text), source.MaxBytes)
		return nil
	}
	p.lex()
	var e Expr
	ok := p.guard(func() {
		e = p.formula()
		if p.tok().kind != endToken {
			p.expected("the end of the formula")
		}
	})
	if !ok || p.errors > 0 {
		return nil
	}
	return e
}

// parser is the state of one run over one text. A syntax error unwinds to the nearest guard.
type parser struct {
	file  *source.File
	at    func(int) int // from offsets of text to offsets of file
	diags *diag.List

	script
	pos    int
	broken []Name
	begun  Decl // what was read of a declaration that has an error

	reader *reader
	first  int            // where the current production begins
	meant  map[int]string // the words that are misspelt, as they are read

	depth   int
	context context
	errors  int
}

// context says which words end a formula here.
type context uint8

const (
	inProcess context = 1 << iota
	inRequire
)

// bail unwinds to the nearest guard after an error was reported.
type bail struct{}

// guard runs f and reports whether it came through without a syntax error.
func (p *parser) guard(f func()) (ok bool) {
	depth, context := p.depth, p.context
	defer func() {
		p.depth, p.context = depth, context
		switch r := recover().(type) {
		case nil:
		case bail:
			ok = false
		default:
			panic(r)
		}
	}()
	f()
	return true
}

func (p *parser) lex() {
	l := scanner{text: p.text, report: p.report}
	l.run()
	p.tokens, p.notes = l.tokens, l.notes
}

// report adds an error; the last one that a file may have says that no more follow.
func (p *parser) report(code diag.Code, start, end int, format string, args ...any) *diag.Diagnostic {
	p.errors++
	switch {
	case p.errors < maxErrors:
		return p.diags.Errorf(code, p.span(start, end), format, args...)
	case p.errors == maxErrors:
		return p.diags.Errorf("VAU0020", p.span(start, end), "%d errors up to here, the rest of the file was not read: fix these first", maxErrors-1)
	default:
		return &diag.Diagnostic{}
	}
}

// errorAt reports an error at a token, of which one is enough for each.
func (p *parser) errorAt(code diag.Code, at int, format string, args ...any) *diag.Diagnostic {
	t := p.tokens[at]
	if t.reported {
		return &diag.Diagnostic{}
	}
	p.tokens[at].reported = true
	if t.kind == endToken && at > 0 { // what is missing there belongs behind the last token
		t.start, t.end = p.tokens[at-1].end, p.tokens[at-1].end
	}
	return p.report(code, int(t.start), int(t.end), format, args...)
}

// fail reports an error at a token and unwinds.
func (p *parser) fail(code diag.Code, at int, format string, args ...any) {
	p.errorAt(code, at, format, args...)
	panic(bail{})
}

// expected fails at the current token.
func (p *parser) expected(what string) {
	p.fail("VAU0001", p.pos, "found %s, expected %s", p.describe(p.pos), what)
}

// describe names a token as a message does.
func (p *parser) describe(i int) string {
	switch p.tokens[i].kind {
	case endToken:
		return "the end of the text"
	case stringToken:
		return "a string"
	default:
		return strconv.Quote(p.word(i))
	}
}

// enter counts one level of nesting until leave.
func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		p.fail("VAU0010", p.pos, "nested too deeply, expected at most %d levels", maxDepth)
	}
}

func (p *parser) leave() { p.depth-- }

func (p *parser) tok() token { return p.tokens[p.pos] }

// within keeps the index of a token within the text: behind the end there is the end.
func (p *parser) within(i int) int { return min(i, len(p.tokens)-1) }

// ahead returns the index of the n-th token from here.
func (p *parser) ahead(n int) int { return p.within(p.pos + n) }

func (p *parser) advance() { p.pos = p.ahead(1) }

// word is the text of a token.
func (p *script) word(i int) string {
	t := p.tokens[i]
	if t.wrong {
		return meantBy(p.text[t.start:t.end])
	}
	return p.text[t.start:t.end]
}

// meantBy is what a token was meant to be that is written wrongly: the word for a sign, the sign for another, or the name with composed letters.
func meantBy(text string) string {
	switch text[0] {
	case '&':
		return "and"
	case '!':
		return "not"
	}
	for _, s := range foreign {
		if s.text == text {
			return s.meant
		}
	}
	return norm.NFC.String(text)
}

func (p *script) mark(i int, m mark) { p.tokens[i].mark |= m }

func (p *parser) span(start, end int) source.Span { return spanned(p.file, p.at, start, end) }

// tokenSpan is the place of a token.
func (p *parser) tokenSpan(i int) source.Span {
	t := p.tokens[i]
	return p.span(int(t.start), int(t.end))
}

// since is the span from a token to the last one that was read.
func (p *parser) since(first int) source.Span {
	return p.span(int(p.tokens[first].start), int(p.tokens[max(first, p.pos-1)].end))
}

func (p *script) isPunct(i int, s string) bool {
	return p.tokens[i].kind == punctToken && p.word(i) == s
}

func (p *parser) isWord(i int, words ...string) bool {
	return p.tokens[i].kind == nameToken && slices.Contains(words, p.word(i))
}

// accept reads a punctuation mark if it is next.
func (p *parser) accept(s string) bool {
	if !p.isPunct(p.pos, s) {
		return false
	}
	p.advance()
	return true
}

// acceptWord reads a keyword if it is next.
func (p *parser) acceptWord(s string) bool {
	if !p.isWord(p.pos, s) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(s string) {
	if !p.accept(s) {
		p.expected(strconv.Quote(s))
	}
}

// expectWord reads a keyword; one that is misspelt is reported and read as if it were right.
func (p *parser) expectWord(s string) {
	if p.acceptWord(s) {
		return
	}
	if p.tok().kind != nameToken || diag.Suggest(p.word(p.pos), []string{s}) == "" {
		p.expected(strconv.Quote(s))
	}
	p.errorAt("VAU0001", p.pos, "found %s, expected %q", p.describe(p.pos), s)
	p.advance()
}

// name reads a name; what says what it names.
func (p *parser) name(what string) Name {
	if p.tok().kind != nameToken || p.atLineStart(p.pos) && p.beginsDeclaration(p.pos) {
		p.expected(what)
	}
	n := Name{p.word(p.pos), p.tokenSpan(p.pos)}
	p.advance()
	return n
}

// reference reads a name, or `A->B`, which is what a flow without a name is called.
func (p *parser) reference(what string) Name {
	first := p.pos
	n := p.name(what)
	if p.isPunct(p.pos, "->") && p.tokens[p.ahead(1)].kind == nameToken {
		p.mark(p.pos, tightMark)
		p.advance()
		n.Text += "->" + p.name(what).Text
		n.Span = p.since(first)
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

func (p *parser) unquote(i int) string {
	raw := p.word(i)
	v, err := strconv.Unquote(raw)
	if err == nil {
		return v
	}
	if len(raw) > 1 && raw[len(raw)-1] == raw[0] { // one without a closing quote was reported by the lexer
		p.errorAt("VAU0005", i, `unknown escape in a string, expected one of Go's such as \n or \u00e9`)
	}
	return strings.Trim(raw, `"`)
}

// integer reads an integer, maybe with a sign.
func (p *parser) integer(what string) Int {
	first := p.pos
	sign := ""
	if p.isPunct(p.pos, "-") && p.tokens[p.ahead(1)].kind == intToken {
		p.mark(p.pos, unaryMark)
		p.advance()
		sign = "-"
	}
	if p.tok().kind != intToken {
		p.expected(what)
	}
	v, err := strconv.ParseInt(sign+p.word(p.pos), 10, 64)
	if err != nil {
		p.errorAt("VAU0011", p.pos, "%s%s is out of range, expected an integer of 64 bits", sign, p.word(p.pos))
	}
	p.advance()
	return Int{v, p.since(first)}
}

// doc joins the `///` lines between the last token and the current one.
func (p *parser) doc() string {
	from := int32(0)
	if p.pos > 0 {
		from = p.tokens[p.pos-1].comments
	}
	var lines []string
	for _, n := range p.notes[from:p.tok().comments] {
		text := p.text[n.start:n.end]
		if strings.HasPrefix(text, "///") && !strings.HasPrefix(text, "////") {
			lines = append(lines, strings.TrimPrefix(text[len("///"):], " "))
		}
	}
	return strings.Join(lines, "\n")
}

// list joins words as a message lists them: a, b or c.
func list(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func quoteList(words []string) string {
	var quoted []string
	for _, w := range words {
		quoted = append(quoted, strconv.Quote(w))
	}
	return list(quoted)
}
