package diag

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/dsl/source"
)

// Options say how diagnostics look.
type Options struct {
	Color bool // ANSI colours
	Max   int  // how many diagnostics to show; 0 means all
}

const (
	tabWidth  = 4
	lineWidth = 300 // cells of a source line that are shown at most
)

// Render writes diagnostics in the order given, with a blank line between two of them; where opt.Max withholds some, the
// last line says how many. Control characters of messages and source lines are written escaped.
func Render(w io.Writer, diags []Diagnostic, opt Options) error {
	r := renderer{Writer: bufio.NewWriter(w), color: opt.Color}
	shown := diags
	if opt.Max > 0 && len(shown) > opt.Max {
		shown = shown[:opt.Max]
	}
	for i, d := range shown {
		if i > 0 {
			r.line("")
		}
		r.diagnostic(d)
	}
	if n := len(diags) - len(shown); n > 0 {
		r.line("")
		r.line("not shown: " + counts(diags[len(shown):]))
	}
	return r.Flush()
}

// counts says how many errors and warnings there are.
func counts(diags []Diagnostic) string {
	var n [2]int
	for _, d := range diags {
		n[d.Severity]++
	}
	var parts []string
	for _, s := range []Severity{Error, Warning} {
		switch {
		case n[s] == 1:
			parts = append(parts, "1 "+s.String())
		case n[s] > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", n[s], s))
		}
	}
	return strings.Join(parts, ", ")
}

// ANSI styles.
const (
	bold   = "1"
	red    = "1;31"
	yellow = "1;33"
	blue   = "1;34"
	cyan   = "1;36"
)

// renderer writes to a buffer whose error is told by Flush.
type renderer struct {
	*bufio.Writer
	color bool
}

func (r renderer) line(s string) {
	_, _ = r.WriteString(s)
	_ = r.WriteByte('\n')
}

func (r renderer) style(style, s string) string {
	if !r.color || s == "" {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

func (r renderer) diagnostic(d Diagnostic) {
	severity := red
	if d.Severity == Warning {
		severity = yellow
	}
	place := ""
	if s := d.Primary.Span; s.IsValid() {
		p := s.Position()
		place = r.style(bold, fmt.Sprintf("%s:%d:%d:", Escape(s.File.Name), p.Line, p.Column)) + " "
	}
	r.line(fmt.Sprintf("%s%s %s [%s]", place, r.style(severity, d.Severity.String()+":"), r.style(bold, Escape(d.Message)), d.Code))

	gutter := 0
	labels := append([]Label{d.Primary}, d.Others...)
	for _, l := range labels {
		if l.Span.IsValid() {
			gutter = max(gutter, len(strconv.Itoa(l.Span.Position().Line)))
		}
	}
	file := d.Primary.Span.File
	for i, l := range labels {
		if !l.Span.IsValid() {
			continue
		}
		mark, style := "^", severity
		if i > 0 {
			mark, style = "-", blue
		}
		if l.Span.File != file {
			p := l.Span.Position()
			r.line(fmt.Sprintf("%s %s:%d:%d", r.style(blue, strings.Repeat(" ", gutter)+"-->"), Escape(l.Span.File.Name), p.Line, p.Column))
			file = l.Span.File
		}
		if !file.Withheld {
			r.snippet(l, gutter, mark, style)
		}
	}
	if d.Help != "" {
		r.line(fmt.Sprintf("%s %s %s", strings.Repeat(" ", gutter), r.style(cyan, "= help:"), Escape(d.Help)))
	}
}

// snippet shows the line where a label starts and marks what the label covers of it.
func (r renderer) snippet(l Label, gutter int, mark, style string) {
	line := l.Span.Position().Line
	from, to := columns(l.Span, line)
	shown, at, width := layout(l.Span.File.LineText(line), from, to)
	marks := r.style(style, strings.Repeat(mark, max(width, 1)))
	if l.Text != "" {
		marks += " " + r.style(style, Escape(l.Text))
	}
	empty := strings.Repeat(" ", gutter)
	r.line(r.style(blue, empty+" |"))
	r.line(strings.TrimRight(r.style(blue, fmt.Sprintf("%*d |", gutter, line))+" "+shown, " "))
	r.line(r.style(blue, empty+" |") + " " + strings.Repeat(" ", at) + marks)
}

// columns returns which bytes of its first line a span covers.
func columns(s source.Span, line int) (from, to int) {
	start, length := s.File.LineStart(line), len(s.File.LineText(line))
	from = min(s.Start-start, length)
	return from, max(from, min(s.End-start, length))
}

// layout returns how the line looks in a terminal, in which cell its byte from is drawn, and how many cells reach to byte
// to. Of a very long line only what is around the place is shown.
func layout(text string, from, to int) (shown string, at, width int) {
	begin := 0
	if from > lineWidth/2 {
		begin = from - lineWidth/3
		for begin < from && !utf8.RuneStart(text[begin]) {
			begin++
		}
	}
	var b strings.Builder
	cell, end := 0, -1
	if begin > 0 {
		b.WriteString("…")
		cell = 1
	}
	at = -1
	for i, c := range text[begin:] {
		i += begin
		if i >= from && at < 0 {
			at = cell
		}
		if i >= to && end < 0 {
			end = cell
		}
		if cell > lineWidth {
			b.WriteString("…")
			break
		}
		s, n := drawn(text[i:], c, cell)
		b.WriteString(s)
		cell += n
	}
	if at < 0 {
		at = cell
	}
	if end < 0 {
		end = cell
	}
	return b.String(), at, end - at
}

// drawn returns what is written for the rune c at the start of s, and how many cells it takes.
func drawn(s string, c rune, cell int) (string, int) {
	if c == '\t' {
		n := tabWidth - cell%tabWidth
		return strings.Repeat(" ", n), n
	}
	if c == utf8.RuneError && !strings.HasPrefix(s, "\ufffd") {
		e := fmt.Sprintf(`\x%02x`, s[0])
		return e, len(e)
	}
	if isControl(c) {
		e := escaped(c)
		return e, len(e)
	}
	return string(c), runeWidth(c)
}

// Escape writes control characters, bytes that are not UTF-8, and characters that reorder text as Go escapes, so that a
// name from a design cannot steer a terminal.
func Escape(s string) string {
	if strings.IndexFunc(s, func(c rune) bool { return isControl(c) || c == utf8.RuneError }) < 0 {
		return s
	}
	var b strings.Builder
	for i, c := range s {
		switch {
		case c == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case isControl(c):
			b.WriteString(escaped(c))
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// isControl reports control characters, line and paragraph separators, and the marks that change the direction of text.
func isControl(c rune) bool {
	return unicode.IsControl(c) || c == '\u2028' || c == '\u2029' || unicode.Is(unicode.Bidi_Control, c)
}

func escaped(c rune) string { return strings.Trim(strconv.QuoteRuneToASCII(c), "'") }

// runeWidth is the number of cells that terminals draw c in.
func runeWidth(c rune) int {
	switch {
	case unicode.In(c, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.Is(wide, c):
		return 2
	}
	return 1
}

// wide holds the blocks of East Asian Wide and Fullwidth characters (Unicode Standard Annex 11) and of emoji.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115f, Stride: 1}, // Hangul Jamo
		{Lo: 0x2e80, Hi: 0x303e, Stride: 1}, // CJK radicals, punctuation
		{Lo: 0x3041, Hi: 0x33ff, Stride: 1}, // kana, CJK compatibility
		{Lo: 0x3400, Hi: 0x4dbf, Stride: 1}, // CJK extension A
		{Lo: 0x4e00, Hi: 0x9fff, Stride: 1}, // CJK
		{Lo: 0xa000, Hi: 0xa4cf, Stride: 1}, // Yi
		{Lo: 0xa960, Hi: 0xa97f, Stride: 1}, // Hangul Jamo extended A
		{Lo: 0xac00, Hi: 0xd7a3, Stride: 1}, // Hangul syllables
		{Lo: 0xf900, Hi: 0xfaff, Stride: 1}, // CJK compatibility ideographs
		{Lo: 0xfe30, Hi: 0xfe6f, Stride: 1}, // CJK compatibility forms
		{Lo: 0xff00, Hi: 0xff60, Stride: 1}, // fullwidth forms
		{Lo: 0xffe0, Hi: 0xffe6, Stride: 1}, // fullwidth signs
	},
	R32: []unicode.Range32{
		{Lo: 0x1f300, Hi: 0x1f64f, Stride: 1}, // pictographs, emoticons
		{Lo: 0x1f680, Hi: 0x1f6ff, Stride: 1}, // transport
		{Lo: 0x1f900, Hi: 0x1f9ff, Stride: 1}, // more pictographs
		{Lo: 0x20000, Hi: 0x3fffd, Stride: 1}, // CJK extensions
	},
}
