package dsl

import (
	"strconv"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/dsl/diag"
)

// tokenKind is the class of a token.
type tokenKind uint8

const (
	endToken tokenKind = iota
	nameToken
	stringToken
	intToken
	dateToken
	punctToken
	badToken // already reported
)

// token is a word of the language. Its text is the name, the value of the string, the digits, or the symbol.
type token struct {
	kind       tokenKind
	text       string
	start, end int
	doc        string // the `///` lines before it
}

// symbols are the punctuation, longest first.
var symbols = []string{"<->", "->", ":=", "..", "!=", "<=", ">=", "{", "}", "(", ")", ",", ":", "?", ".", "=", "<", ">", "+", "-", "*", "|"}

// lexer cuts a text into tokens. Offsets are in the text; report maps them to the file.
type lexer struct {
	text     string
	at       int
	report   func(code diag.Code, start, end int, message string) *diag.Diagnostic
	comments []comment
}

type comment struct{ start, end int }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// tokens returns all tokens; the last one is the end.
func (l *lexer) tokens() []token {
	var out []token
	for {
		doc := l.space()
		t := l.next()
		t.doc = doc
		if t.kind != badToken {
			out = append(out, t)
		}
		if t.kind == endToken {
			return out
		}
	}
}

// space skips white space and comments and returns the documentation lines among them.
func (l *lexer) space() string {
	doc, some := "", false
	for l.at < len(l.text) {
		switch c := l.text[l.at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
			l.at++
		case l.has("//"):
			start := l.at
			for l.at < len(l.text) && l.text[l.at] != '\n' {
				l.at++
			}
			end := l.at
			for end > start && l.text[end-1] == '\r' {
				end--
			}
			l.comments = append(l.comments, comment{start, end})
			if line := l.text[start:end]; len(line) >= 3 && line[2] == '/' && (len(line) == 3 || line[3] != '/') {
				line = line[3:]
				if len(line) > 0 && line[0] == ' ' {
					line = line[1:]
				}
				if some {
					doc += "\n"
				}
				doc, some = doc+line, true
			}
		case l.has("/*"):
			start := l.at
			l.at += 2
			for l.at < len(l.text) && !l.has("*/") {
				l.at++
			}
			if l.at >= len(l.text) {
				l.report("VAU0006", start, start+2, "comment is not closed").Helpf("end it with */")
			} else {
				l.at += 2
			}
			l.comments = append(l.comments, comment{start, l.at})
		default:
			return doc
		}
	}
	return doc
}

func (l *lexer) has(s string) bool {
	return len(l.text)-l.at >= len(s) && l.text[l.at:l.at+len(s)] == s
}

func (l *lexer) next() token {
	start := l.at
	if start >= len(l.text) {
		return token{kind: endToken, start: start, end: start}
	}
	switch c := l.text[start]; {
	case isLetter(c):
		l.name()
		return token{kind: nameToken, text: l.text[start:l.at], start: start, end: l.at}
	case isDigit(c):
		return l.number()
	case c == '"' || c == '`':
		return l.stringLiteral()
	}
	for _, s := range symbols {
		if l.has(s) {
			l.at += len(s)
			return token{kind: punctToken, text: s, start: start, end: l.at}
		}
	}
	r, size := utf8.DecodeRuneInString(l.text[start:])
	l.at += size
	switch {
	case r == 0:
		l.report("VAU0008", start, l.at, "the file contains a NUL byte")
	case r == utf8.RuneError && size == 1:
		l.report("VAU0007", start, l.at, "the file is not valid UTF-8 here")
	default:
		l.report("VAU0003", start, l.at, "unexpected character "+strconv.QuoteRune(r))
	}
	return token{kind: badToken}
}

// name consumes letters, digits, `_`, and `-` between two of these.
func (l *lexer) name() {
	for l.at < len(l.text) {
		c := l.text[l.at]
		inner := c == '-' && l.at+1 < len(l.text) && (isLetter(l.text[l.at+1]) || isDigit(l.text[l.at+1]) || l.text[l.at+1] == '_')
		if !isLetter(c) && !isDigit(c) && c != '_' && !inner {
			return
		}
		l.at++
	}
}

// number consumes digits, or a date.
func (l *lexer) number() token {
	start := l.at
	digits := func(n int) bool {
		for i := range n {
			if l.at+i >= len(l.text) || !isDigit(l.text[l.at+i]) {
				return false
			}
		}
		return true
	}
	if digits(4) && len(l.text)-start >= 10 && l.text[start+4] == '-' && l.text[start+7] == '-' {
		l.at = start + 5
		if digits(2) {
			l.at = start + 8
			if digits(2) {
				l.at = start + 10
				return token{kind: dateToken, text: l.text[start:l.at], start: start, end: l.at}
			}
		}
	}
	l.at = start
	for l.at < len(l.text) && isDigit(l.text[l.at]) {
		l.at++
	}
	if l.at < len(l.text) && (isLetter(l.text[l.at]) || l.text[l.at] == '_') {
		l.name()
		l.report("VAU0019", start, l.at, "a name begins with a letter, not with a digit")
		return token{kind: nameToken, text: l.text[start:l.at], start: start, end: l.at}
	}
	return token{kind: intToken, text: l.text[start:l.at], start: start, end: l.at}
}

func (l *lexer) stringLiteral() token {
	start, quote := l.at, l.text[l.at]
	l.at++
	for l.at < len(l.text) && l.text[l.at] != quote && (quote == '`' || l.text[l.at] != '\n') {
		if quote == '"' && l.text[l.at] == '\\' && l.at+1 < len(l.text) && l.text[l.at+1] != '\n' {
			l.at++
		}
		l.at++
	}
	if l.at >= len(l.text) || l.text[l.at] != quote {
		l.at = min(l.at, len(l.text))
		l.report("VAU0004", start, l.at, "string is not closed on its line")
		return token{kind: stringToken, start: start, end: l.at}
	}
	l.at++
	value, err := strconv.Unquote(l.text[start:l.at])
	if err != nil {
		l.report("VAU0005", start, l.at, "string has an escape that is not one of Go's")
	}
	return token{kind: stringToken, text: value, start: start, end: l.at}
}
