package dsl

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// tokenKind tells tokens apart.
type tokenKind uint8

const (
	endToken tokenKind = iota
	nameToken
	intToken
	dateToken // YYYY-MM-DD
	stringToken
	punctToken

	// Only the grammar knows these.
	headToken // a name that begins a declaration at the start of a line
	openToken // the brace that opens a body
)

// mark is what the parser learns about a token that the formatter needs.
type mark uint8

const (
	entryMark mark = 1 << iota // begins a declaration, a clause, a member or an entry of a table
	partMark                   // begins a part of a step
	bodyMark                   // the brace that opens or closes a body
	tightMark                  // no space before it: the parenthesis of arguments, the arrow in the name of a flow
	unaryMark                  // a sign, not a subtraction
)

// token is a lexeme of the text; comments counts those that stand before it.
type token struct {
	kind       tokenKind
	mark       mark
	reported   bool // has an error
	wrong      bool // is read as what was most likely meant, which was reported
	start, end int32
	comments   int32
}

// script is a text in tokens, with what the parser learns about them for the formatter.
type script struct {
	text   string
	tokens []token
	notes  []remark
	steps  map[int]int // the first token of each step to the one behind it
}

// remark is a comment in offsets of the text.
type remark struct{ start, end int32 }

// scanner turns the whole text into tokens. It never fails: what it cannot read it reports and skips.
type scanner struct {
	text   string
	pos    int
	tokens []token
	notes  []remark
	report func(code diag.Code, start, end int, format string, args ...any) *diag.Diagnostic
}

func (l *scanner) run() {
	if i := strings.IndexByte(l.text, 0); i >= 0 {
		l.report("VAU0008", i, i+1, "the text contains a NUL byte, expected UTF-8 text: save the file again")
	}
	if i := invalidUTF8(l.text); i >= 0 {
		l.report("VAU0007", i, i+1, "the text is not valid UTF-8, expected a file saved as UTF-8")
	}
	l.pos = len(l.text) - len(strings.TrimPrefix(l.text, "\ufeff"))
	const eachToken = 4 // bytes that a token takes, as most do or more
	l.tokens = make([]token, 0, len(l.text)/eachToken+1)
	for l.pos < len(l.text) {
		l.next()
	}
	l.emit(endToken, len(l.text), len(l.text))
}

func (l *scanner) emit(kind tokenKind, start, end int) {
	if kind == stringToken {
		l.order("string", start, end)
	}
	l.tokens = append(l.tokens, token{kind: kind, start: int32(start), end: int32(end), comments: int32(len(l.notes))})
	l.pos = end
}

func (l *scanner) next() {
	rest := l.text[l.pos:]
	switch c := rest[0]; {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		l.pos++
	case strings.HasPrefix(rest, "//"):
		end := strings.IndexByte(rest, '\n')
		if end < 0 {
			end = len(rest)
		}
		l.comment(l.pos, l.pos+len(strings.TrimRight(rest[:end], " \t\r")))
	case strings.HasPrefix(rest, "/*"):
		end := strings.Index(rest[2:], "*/")
		if end < 0 {
			l.report("VAU0006", l.pos, l.pos+2, `this comment is never closed, expected "*/"`)
			l.pos = len(l.text)
			return
		}
		l.comment(l.pos, l.pos+2+end+2)
	case c == '"':
		l.quoted()
	case c == '`':
		end := strings.IndexByte(rest[1:], '`')
		if end < 0 {
			l.report("VAU0004", l.pos, l.pos+1, "this string is never closed, expected a backquote")
			l.pos = len(l.text)
			return
		}
		l.emit(stringToken, l.pos, l.pos+1+end+1)
	case isDigit(c):
		l.number()
	default:
		for _, s := range foreign {
			if strings.HasPrefix(rest, s.text) {
				l.report("VAU0003", l.pos, l.pos+len(s.text), "unexpected %q, expected %q", s.text, s.meant)
				l.emit(punctToken, l.pos, l.pos+len(s.text))
				l.tokens[len(l.tokens)-1].wrong = true
				return
			}
		}
		if p := punct(rest); p > 0 {
			l.emit(punctToken, l.pos, l.pos+p)
			return
		}
		if r, _ := utf8.DecodeRuneInString(rest); unicode.IsLetter(r) {
			n := nameRun(rest)
			if name := rest[:n]; !norm.NFC.IsNormalString(name) {
				l.report("VAU0022", l.pos, l.pos+n, "%q has combining accents, and another name can look the same, expected composed letters", name).Helpf("%s", norm.NFC.String(name))
				l.emit(nameToken, l.pos, l.pos+n)
				l.tokens[len(l.tokens)-1].wrong = true
				return
			}
			l.emit(nameToken, l.pos, l.pos+n)
			return
		}
		l.unknown()
	}
}

func (l *scanner) comment(start, end int) {
	l.order("comment", start, end)
	l.notes = append(l.notes, remark{int32(start), int32(end)})
	l.pos = end
}

// order reports a character that makes a reader see the text in another order than it has. An escape for it is seen.
func (l *scanner) order(what string, start, end int) {
	text := l.text[start:end]
	i := strings.IndexFunc(text, func(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) })
	if i >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i:])
		l.report("VAU0023", start, end, "this %s contains %U, which changes the order in which a reader sees it", what, r).Helpf("leave it out")
	}
}

// quoted lexes an interpreted string, which ends on its line.
func (l *scanner) quoted() {
	for i := l.pos + 1; i < len(l.text) && l.text[i] != '\n'; i++ {
		switch l.text[i] {
		case '\\':
			if i+1 < len(l.text) && l.text[i+1] != '\n' {
				i++
			}
		case '"':
			l.emit(stringToken, l.pos, i+1)
			return
		}
	}
	end := len(l.text)
	if i := strings.IndexByte(l.text[l.pos:], '\n'); i >= 0 {
		end = l.pos + i
	}
	l.report("VAU0004", l.pos, end, "this string is never closed, expected a double quote on the same line")
	l.emit(stringToken, l.pos, end)
}

// number lexes an integer or a date; digits that run on into letters are a misspelt name.
func (l *scanner) number() {
	rest := l.text[l.pos:]
	if isDate(rest) {
		l.emit(dateToken, l.pos, l.pos+len("2006-01-02"))
		return
	}
	if n := nameRun(rest); strings.Trim(rest[:n], "0123456789-") != "" {
		l.report("VAU0019", l.pos, l.pos+n, "%q begins with a digit, expected a name that begins with a letter", rest[:n])
		l.emit(nameToken, l.pos, l.pos+n)
		return
	}
	n := 0
	for n < len(rest) && isDigit(rest[n]) {
		n++
	}
	l.emit(intToken, l.pos, l.pos+n)
}

// What to write instead of characters that other languages use.
var insteadOf = map[rune]string{
	'“': "straight double quotes around a string", '”': "straight double quotes around a string",
	'„': "straight double quotes around a string", '\'': "double quotes around a string",
	'&': `"and"`, '!': `"not" or "!="`, ';': "nothing between statements", '#': `"//" before a comment`,
	'[': `"("`, ']': `")"`,
}

// foreign are signs of other languages, with those that are meant.
var foreign = []struct{ text, meant string }{{"-->", "->"}, {"→", "->"}, {"⟶", "->"}, {"==", "="}, {"<>", "!="}}

// unknown reports a run of characters that begin nothing.
func (l *scanner) unknown() {
	rest := l.text[l.pos:]
	if rest[0] == '_' {
		n := nameRun(rest)
		l.report("VAU0019", l.pos, l.pos+n, `%q begins with "_", expected a name that begins with a letter`, rest[:n])
		l.emit(nameToken, l.pos, l.pos+n)
		return
	}
	r, n := utf8.DecodeRuneInString(rest)
	if r == utf8.RuneError && n <= 1 || r == 0 {
		l.pos += n // already reported for the whole text
		return
	}
	for strings.HasPrefix(rest[n:], string(r)) {
		n += utf8.RuneLen(r)
	}
	expected := insteadOf[r]
	if expected != "" {
		expected = ", expected " + expected
	}
	l.report("VAU0003", l.pos, l.pos+n, "unexpected character %q%s", string(r), expected)
	if r == '&' || r == '!' {
		l.emit(nameToken, l.pos, l.pos+n)
		l.tokens[len(l.tokens)-1].wrong = true
		return
	}
	if l.pos += n; r == '#' { // what follows would be a comment
		end := strings.IndexByte(l.text[l.pos:]+"\n", '\n')
		l.pos += end
	}
}

// puncts in the order in which they are tried: the longest first.
var puncts = []string{
	"<->", "->", ":=", "!=", "<=", ">=", "..",
	"{", "}", "(", ")", ",", ":", "=", "<", ">", "+", "-", "*", "|", "?", ".",
}

func punct(s string) int {
	for _, p := range puncts {
		if strings.HasPrefix(s, p) {
			return len(p)
		}
	}
	return 0
}

// nameRun returns how far the characters of names reach; a dash counts only between two others.
func nameRun(s string) int {
	n := 0
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if r == '-' && n > 0 {
			if after, _ := utf8.DecodeRuneInString(s[n+1:]); !isNameRune(after) {
				break
			}
		} else if !isNameRune(r) {
			break
		}
		n += size
	}
	return n
}

func isNameRune(r rune) bool {
	return r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isDate reports whether s begins with dddd-dd-dd and nothing that belongs to a name follows.
func isDate(s string) bool {
	const shape = "dddd-dd-dd"
	if len(s) < len(shape) || nameRun(s) != len(shape) {
		return false
	}
	for i := range len(shape) {
		if isDigit(s[i]) != (shape[i] == 'd') {
			return false
		}
	}
	return true
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return -1
}

// spanned maps offsets of the text to a span of the file.
func spanned(f *source.File, at func(int) int, start, end int) source.Span {
	limit := func(i int) int { return min(max(i, 0), len(f.Text)) }
	s := limit(at(start))
	e := s
	if end > start {
		e = limit(at(end-1) + 1)
	}
	return source.Span{File: f, Start: s, End: max(s, e)}
}
