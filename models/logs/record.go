package logs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of what is read.
const (
	MaxBytes  = 1 << 20 // of a record
	MaxFields = 4096    // of a record
	MaxDepth  = 32      // of a record
	MaxEvents = 4 << 20 // of a log
	MaxCase   = 4096    // events of a case
)

// Record is an entry of a log as it is written: its fields by their paths, such as `data.object.amount` or `tags.0`.
type Record struct {
	Line   int // from 1; in formats without lines, which record it is
	Fields map[string]string
}

// Reader gives one record after the other; [io.EOF] after the last. After another error that is an [*Unreadable] it can be asked again.
type Reader interface {
	Next() (Record, error)
}

// Unreadable is the error of a record that cannot be read. What follows it can be.
type Unreadable struct {
	Line int
	Text string // what is wrong, without the place
}

func (u *Unreadable) Error() string { return fmt.Sprintf("line %d: %s", u.Line, u.Text) }

// Defaults are the fields that a format has things in, where a mapping does not say otherwise.
type Defaults struct {
	Case, Time, Source, Type string
	Sorted                   bool // entries are in no order, so that time decides
}

// Lines reads lines of bounded length.
type Lines struct {
	r    io.Reader
	buf  []byte
	seen int // how much of buf has no line end
	line int
	done bool
}

// NewLines returns a reader of lines.
func NewLines(r io.Reader) *Lines { return &Lines{r: r} }

// Next returns the next line that is not blank, with its number from 1. It is valid until the next call.
func (l *Lines) Next() (line []byte, number int, err error) {
	for {
		if i := bytes.IndexByte(l.buf[l.seen:], '\n'); i >= 0 || l.done {
			if i += l.seen; i < l.seen {
				i = len(l.buf)
			}
			line, l.buf, l.seen = l.buf[:i], l.buf[min(i+1, len(l.buf)):], 0
			l.line++
			if line = bytes.TrimSpace(line); len(line) > 0 {
				return line, l.line, nil
			}
			if l.done && len(l.buf) == 0 {
				return nil, l.line, io.EOF
			}
			continue
		}
		if l.seen = len(l.buf); l.seen > MaxBytes {
			return nil, l.line + 1, l.skip()
		}
		if err := l.more(); err != nil {
			return nil, l.line, err
		}
	}
}

const piece = 1 << 15

// more reads on, into what is left of the buffer or into one of twice the size: who writes byte by byte must not have all copied as often.
func (l *Lines) more() error {
	at := len(l.buf)
	if at == cap(l.buf) {
		l.buf = append(make([]byte, 0, max(piece, 2*at)), l.buf...)
	}
	n, err := l.r.Read(l.buf[at:cap(l.buf)])
	l.buf = l.buf[:at+n]
	if errors.Is(err, io.EOF) {
		l.done, err = true, nil
	}
	return err
}

// skip drops a line that is too long.
func (l *Lines) skip() error {
	l.line++
	l.seen = 0
	number := l.line
	for {
		if i := bytes.IndexByte(l.buf, '\n'); i >= 0 {
			l.buf = l.buf[i+1:]
			break
		}
		l.buf = nil
		if l.done {
			break
		}
		if err := l.more(); err != nil {
			return err
		}
	}
	return &Unreadable{number, fmt.Sprintf("the entry is longer than %d MB", MaxBytes>>20)}
}

// JSON returns the fields of a JSON object.
func JSON(data []byte, line int) (Record, error) {
	r := Record{Line: line, Fields: map[string]string{}}
	if !utf8.Valid(data) {
		return r, &Unreadable{line, "the entry is not UTF-8"}
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := r.Value(d, "", 0); err != nil {
		return r, &Unreadable{line, "not a JSON object: " + err.Error()}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return r, &Unreadable{line, "not a JSON object: something follows it"}
	}
	return r, nil
}

// Value adds the value that a decoder reads next, under a path: the fields of an object, or with a path any value. The decoder must use numbers as they are written.
func (r *Record) Value(d *json.Decoder, path string, depth int) error {
	t, err := d.Token()
	if err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	if depth > MaxDepth {
		return fmt.Errorf("it nests deeper than %d levels", MaxDepth)
	}
	switch x := t.(type) {
	case json.Delim:
		for i := 0; d.More(); i++ {
			name := strconv.Itoa(i)
			if x == '{' {
				key, err := d.Token()
				if err != nil {
					return err
				}
				name = key.(string)
			} else if path == "" {
				return errors.New("it is a list")
			}
			if path != "" {
				name = path + "." + name
			}
			if _, twice := r.Fields[name]; twice {
				return fmt.Errorf("%q appears twice", name)
			}
			if err := r.Value(d, name, depth+1); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return err
	case nil:
		return nil // as if it were not there
	case string:
		return r.put(path, x)
	case json.Number:
		return r.put(path, x.String())
	case bool:
		return r.put(path, strconv.FormatBool(x))
	}
	return errors.New("an unknown value")
}

func (r *Record) put(path, text string) error {
	if path == "" {
		return errors.New("it is a single value")
	}
	if len(r.Fields) >= MaxFields {
		return fmt.Errorf("it has more than %d fields", MaxFields)
	}
	r.Fields[path] = text
	return nil
}

// Texts returns what a field has: its text, or the items of the list that it is, in their order.
func (r Record) Texts(path string) []string {
	if path == "" {
		return nil
	}
	if x, ok := r.Fields[path]; ok {
		return []string{x}
	}
	var out []string
	for i := 0; ; i++ {
		x, ok := r.Fields[path+"."+strconv.Itoa(i)]
		if !ok {
			return out
		}
		out = append(out, x)
	}
}
