package source

import (
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxBytes is the largest file that Vauban reads.
const MaxBytes = 16 << 20

// File is one input with its text and the offsets at which its lines begin.
type File struct {
	Name string // as the user wrote it, slash-separated; never an absolute path made up by the tool
	Text string

	// Withheld files lie outside of what a design may show: no line of theirs is written anywhere.
	Withheld bool

	lines   []int
	origins map[[2]int]Origin
}

// Origin is a line of another file, that a piece of a file was made from.
type Origin struct {
	File string // slash-separated, from where the name of the file that has the piece is told
	Line int    // from 1; 0 when only the file is known
}

// String names the place as a message does.
func (o Origin) String() string {
	if o.Line == 0 {
		return o.File
	}
	return o.File + ":" + strconv.Itoa(o.Line)
}

// SetOrigin notes where what stands at a span was made from. It is not for use by several goroutines.
func (s Span) SetOrigin(o Origin) {
	if s.File.origins == nil {
		s.File.origins = map[[2]int]Origin{}
	}
	s.File.origins[[2]int{s.Start, s.End}] = o
}

// Origin returns where what stands at the span was made from.
func (s Span) Origin() (Origin, bool) {
	if s.File == nil {
		return Origin{}, false
	}
	o, ok := s.File.origins[[2]int{s.Start, s.End}]
	return o, ok
}

// New indexes the lines of text.
func New(name, text string) *File {
	f := &File{Name: name, Text: text, lines: []int{0}}
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' {
			f.lines = append(f.lines, i+1)
		}
	}
	return f
}

// Span is a half-open byte range of a file. The zero Span points nowhere.
type Span struct {
	File       *File
	Start, End int
}

// IsValid reports whether the span points into a file.
func (s Span) IsValid() bool { return s.File != nil }

// Text returns the text that the span covers.
func (s Span) Text() string {
	if s.File == nil {
		return ""
	}
	return s.File.Text[s.Start:s.End]
}

// To returns the span from the start of s to the end of t; both lie in the same file.
func (s Span) To(t Span) Span {
	if s.File == nil {
		return t
	}
	if t.File != s.File || t.End < s.Start {
		return s
	}
	return Span{s.File, s.Start, t.End}
}

// Position is a place that a person reads: 1-based line and column, the column counted in runes.
type Position struct {
	Line, Column int
}

// Position returns the place where the span starts.
func (s Span) Position() Position {
	if s.File == nil {
		return Position{}
	}
	return s.File.Position(s.Start)
}

// Position converts a byte offset to a line and a rune column.
func (f *File) Position(offset int) Position {
	line := f.line(offset)
	start := f.lines[line]
	return Position{line + 1, utf8.RuneCountInString(f.Text[start:min(offset, len(f.Text))]) + 1}
}

// UTF16 converts a byte offset to a 0-based line and a column counted in UTF-16 code units, as the language server protocol wants it.
func (f *File) UTF16(offset int) (line, column int) {
	line = f.line(offset)
	for _, r := range f.Text[f.lines[line]:min(offset, len(f.Text))] {
		column++
		if r > 0xFFFF {
			column++
		}
	}
	return line, column
}

// Offset converts a 0-based line and a UTF-16 column to a byte offset, clamped to the file.
func (f *File) Offset(line, column int) int {
	if line < 0 {
		return 0
	}
	if line >= len(f.lines) {
		return len(f.Text)
	}
	text := f.LineText(line + 1)
	units := 0
	for i, r := range text {
		if units >= column {
			return f.lines[line] + i
		}
		units++
		if r > 0xFFFF {
			units++
		}
	}
	return f.lines[line] + len(text)
}

// LineText returns a line (1-based) without its line ending, or "" past the end.
func (f *File) LineText(line int) string {
	if line < 1 || line > len(f.lines) {
		return ""
	}
	end := len(f.Text)
	if line < len(f.lines) {
		end = f.lines[line] - 1
	}
	return strings.TrimSuffix(f.Text[f.lines[line-1]:end], "\r")
}

// LineStart returns the byte offset where a line (1-based) begins.
func (f *File) LineStart(line int) int { return f.lines[line-1] }

// Lines returns the number of lines.
func (f *File) Lines() int { return len(f.lines) }

func (f *File) line(offset int) int {
	return sort.Search(len(f.lines), func(i int) bool { return f.lines[i] > offset }) - 1
}

// Reader returns the text of an input by the name that a user or a file gave it. It refuses files above [MaxBytes].
type Reader func(name string) (string, error)

// Embedded reports whether a name stands for a text that is no file: "builtin:NAME" a catalogue and "pack:NAME" a pack of the program, "<NAME>" what
// comes from elsewhere.
func Embedded(name string) bool {
	return strings.HasPrefix(name, "builtin:") || strings.HasPrefix(name, "pack:") || strings.HasPrefix(name, "<")
}
