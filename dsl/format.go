package dsl

import (
	"strings"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/dsl/diag"
)

const (
	indentWidth = 2
	formatWidth = 100 // columns that a body or a step on one line may reach
)

// Format returns the text of a file in its canonical layout: two spaces for each level, one declaration, clause, member
// and part of a step a line; bodies and steps that stand on one line stay there where they fit, and long formulas keep
// their line breaks. Comments stay where they are; of several blank lines one is kept. Formatting changes no token, so
// the formatted text has the same tree, and formatting it again changes nothing. A text with syntax errors is returned
// as it is.
func Format(f *File) string {
	var diags diag.List
	p, _ := parse(f.Source, &diags)
	if diags.HasErrors() {
		return f.Source.Text
	}
	w := writer{script: &p.script}
	return w.all()
}

// writer writes the tokens and comments of a parsed text one behind the other. It needs nothing of the parser but the marks
// that it left at the tokens.
type writer struct {
	*script
	out      strings.Builder
	column   int
	bodies   []bool // for each open body, the innermost last: whether its entries stand on lines of their own
	parts    bool   // whether the parts of the current step stand on lines of their own
	end      int    // where in the source the last piece, a token or a comment, ended
	previous piece
}

// piece tells what was written last.
type piece int

const (
	nothing piece = iota
	tokenPiece
	openingPiece // the brace of a body whose entries stand on lines of their own
	blockPiece   // a block comment
	linePiece    // a line comment
)

func (w *writer) all() string {
	for i, t := range w.tokens {
		for _, n := range w.before(i) {
			w.comment(n, i)
		}
		if t.kind != endToken {
			w.token(i)
		}
	}
	if w.previous != nothing {
		w.out.WriteByte('\n')
	}
	return w.out.String()
}

// before returns the comments between a token and the one before it.
func (w *writer) before(i int) []remark {
	from := int32(0)
	if i > 0 {
		from = w.tokens[i-1].comments
	}
	return w.notes[from:w.tokens[i].comments]
}

// comment writes a comment that stands before token i: on the line where it is, or on one of its own.
func (w *writer) comment(n remark, i int) {
	text := w.text[n.start:n.end]
	breaks := strings.Count(w.text[w.end:n.start], "\n")
	switch {
	case w.previous == nothing:
	case breaks == 0:
		w.write(commentGap(text))
	case w.beginsLine(i):
		w.newline(w.level(), breaks > 1)
	default:
		w.newline(w.level()+1, false)
	}
	w.write(text)
	w.end = int(n.end)
	w.previous = blockPiece
	if strings.HasPrefix(text, "//") {
		w.previous = linePiece
	}
}

// commentGap is what stands between a comment and what is before it on its line.
func commentGap(text string) string {
	if strings.HasPrefix(text, "//") {
		return "  "
	}
	return " "
}

// token writes a token with the white space that belongs before it.
func (w *writer) token(i int) {
	t := w.tokens[i]
	breaks := strings.Count(w.text[w.end:t.start], "\n")
	switch {
	case w.previous == nothing:
	case w.beginsLine(i) && w.closes(i):
		w.newline(w.level()-1, false)
	case w.beginsLine(i):
		w.newline(w.level(), breaks > 1)
	case w.parts && t.mark&partMark != 0,
		w.previous == linePiece,
		breaks > 0 && t.mark&bodyMark == 0:
		w.newline(w.level()+1, false)
	default:
		w.write(w.gap(i))
	}
	if end, ok := w.steps[i]; ok {
		w.parts = !w.fits(i, end-1)
	}
	w.previous = tokenPiece
	switch {
	case w.opens(i):
		broken := !w.isEmpty(i) && !w.fits(i, len(w.tokens)-1)
		w.bodies = append(w.bodies, broken)
		if broken {
			w.previous = openingPiece
		}
	case w.closes(i):
		w.bodies = w.bodies[:len(w.bodies)-1]
	}
	w.write(w.word(i))
	w.end = int(t.end)
}

// beginsLine reports whether a token always has a line of its own to begin: an entry or the closing brace of a broken
// body, a declaration, the end of the text.
func (w *writer) beginsLine(i int) bool {
	broken := len(w.bodies) == 0 || w.bodies[len(w.bodies)-1]
	return broken && (w.tokens[i].mark&entryMark != 0 || w.tokens[i].kind == endToken || w.closes(i))
}

func (w *writer) opens(i int) bool { return w.tokens[i].mark&bodyMark != 0 && w.isPunct(i, "{") }

func (w *writer) closes(i int) bool { return w.tokens[i].mark&bodyMark != 0 && w.isPunct(i, "}") }

// isEmpty reports whether a body that opens at i has nothing in it, not even a comment.
func (w *writer) isEmpty(i int) bool { return w.closes(i+1) && len(w.before(i+1)) == 0 }

// fits reports whether the tokens from first to last, or to the end of the body that first opens, stand on one line of
// the source and fit on the current line.
func (w *writer) fits(first, last int) bool {
	column := w.column
	depth := 0
	end := int(w.tokens[first].start)
	for i := first; i <= last; i++ {
		t := w.tokens[i]
		if i > first {
			for _, n := range w.before(i) {
				text := w.text[n.start:n.end]
				column += len(commentGap(text)) + utf8.RuneCountInString(text)
			}
			column += len(w.gap(i))
		}
		column += utf8.RuneCountInString(w.word(i))
		if column > formatWidth || strings.Contains(w.text[end:t.end], "\n") {
			return false
		}
		end = int(t.end)
		switch {
		case w.opens(i):
			depth++
		case w.closes(i):
			if depth--; depth == 0 && w.opens(first) {
				return true
			}
		}
	}
	return true
}

// gap is the white space between a token and the token or comment before it on the same line.
func (w *writer) gap(i int) string {
	if len(w.before(i)) > 0 {
		return " "
	}
	t, q := w.tokens[i], w.tokens[i-1]
	switch {
	case t.mark&tightMark != 0,
		q.mark&unaryMark != 0,
		q.mark&tightMark != 0, // a parenthesis or an arrow
		w.isPunct(i-1, "("), w.isPunct(i-1, "."), w.isPunct(i-1, ".."),
		w.opens(i-1) && w.closes(i):
		return ""
	case t.mark&(entryMark|partMark) != 0 && !w.opens(i-1) && !w.isPunct(i-1, ","):
		return "  " // sets the clauses of a body on one line apart
	}
	if t.kind == punctToken {
		switch w.word(i) {
		case ",", ":", "?", ")", ".", "..":
			return ""
		}
	}
	return " "
}

// level is how many of the open bodies have their entries on lines of their own.
func (w *writer) level() int {
	n := 0
	for _, broken := range w.bodies {
		if broken {
			n++
		}
	}
	return n
}

// newline begins a line at a level of indentation, after an empty one if blank is set and something stands above it.
func (w *writer) newline(level int, blank bool) {
	if blank && w.previous != openingPiece {
		w.out.WriteByte('\n')
	}
	w.out.WriteByte('\n')
	w.column = 0
	w.write(strings.Repeat(" ", indentWidth*level))
}

func (w *writer) write(s string) {
	w.out.WriteString(s)
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		w.column, s = 0, s[i+1:]
	}
	w.column += utf8.RuneCountInString(s)
}
