package canonical

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// maxInteger is the largest integer that every JSON reader keeps exactly.
const maxInteger = 1<<53 - 1

// Marshal returns the canonical bytes of a value.
func Marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	err := Write(&out, v)
	return out.Bytes(), err
}

// Write writes the canonical bytes of a value. It writes in pieces of some kilobytes.
func Write(w io.Writer, v any) error {
	e := &encoder{w: w}
	e.value(reflect.ValueOf(v))
	e.flush()
	return e.err
}

// Difference returns where the canonical bytes of a value differ from data, with some bytes that stand there instead; -1 where they do not.
func Difference(v any, data []byte) (at int, instead []byte, err error) {
	c := &comparer{want: data}
	if err := Write(c, v); err != nil && !errors.Is(err, errDiffers) {
		return 0, nil, err
	}
	if !c.differs && c.at == len(data) {
		return -1, nil, nil
	}
	return c.at, c.instead, nil
}

var errDiffers = errors.New("it differs")

// comparer compares what is written with what is there, up to the first difference.
type comparer struct {
	want    []byte
	at      int // so far they are equal
	differs bool
	instead []byte
}

const maxInstead = 30

func (c *comparer) Write(p []byte) (int, error) {
	rest := p
	if !c.differs {
		n := 0
		for n < len(p) && c.at < len(c.want) && p[n] == c.want[c.at] {
			n++
			c.at++
		}
		rest = p[n:]
		if len(rest) == 0 {
			return len(p), nil
		}
		c.differs = true
	}
	c.instead = append(c.instead, rest[:min(len(rest), maxInstead-len(c.instead))]...)
	if len(c.instead) == maxInstead {
		return 0, errDiffers
	}
	return len(p), nil
}

// encoder writes values and keeps the first error.
type encoder struct {
	w   io.Writer
	buf []byte
	err error
}

const piece = 1 << 14

func (e *encoder) flush() {
	if e.err == nil {
		_, e.err = e.w.Write(e.buf)
	}
	e.buf = e.buf[:0]
}

func (e *encoder) put(s string) {
	e.buf = append(e.buf, s...)
	if len(e.buf) >= piece {
		e.flush()
	}
}

func (e *encoder) value(v reflect.Value) {
	if e.err != nil {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			e.put("null")
		} else {
			e.value(v.Elem())
		}
	case reflect.Struct:
		e.structure(v)
	case reflect.Map:
		e.mapping(v)
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.IsNil() {
			e.put("null")
			return
		}
		e.put("[")
		for i := range v.Len() {
			if i > 0 {
				e.put(",")
			}
			e.value(v.Index(i))
		}
		e.put("]")
	case reflect.String:
		e.text(v.String())
	case reflect.Bool:
		e.put(strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.integer(v.Int())
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		e.integer(int64(v.Uint()))
	default:
		e.err = fmt.Errorf("%v has no canonical form here", v.Kind())
	}
}

func (e *encoder) integer(n int64) {
	if n > maxInteger || n < -maxInteger {
		e.err = fmt.Errorf("%d is beyond what JSON readers keep exactly", n)
		return
	}
	e.put(strconv.FormatInt(n, 10))
}

// field is a field of a struct.
type field struct {
	name      string
	index     int
	omitEmpty bool
	omitZero  bool
}

var known sync.Map // by type: its fields in the order of their names

func fields(t reflect.Type) []field {
	if f, ok := known.Load(t); ok {
		return f.([]field)
	}
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		tag, named := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		if !f.IsExported() || tag == "-" {
			continue
		}
		if !named || name == "" || f.Anonymous {
			panic(fmt.Sprintf("vauban: internal error: %v.%s has no name in JSON", t, f.Name))
		}
		k := field{name: name, index: i}
		for o := range strings.SplitSeq(options, ",") {
			k.omitEmpty = k.omitEmpty || o == "omitempty"
			k.omitZero = k.omitZero || o == "omitzero"
		}
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b field) int { return compare(a.name, b.name) })
	known.Store(t, out)
	return out
}

func (e *encoder) structure(v reflect.Value) {
	e.put("{")
	first := true
	for _, f := range fields(v.Type()) {
		x := v.Field(f.index)
		if f.omitEmpty && empty(x) || f.omitZero && x.IsZero() {
			continue
		}
		e.name(f.name, first)
		first = false
		e.value(x)
	}
	e.put("}")
}

// name writes the name of a member.
func (e *encoder) name(name string, first bool) {
	if !first {
		e.put(",")
	}
	e.text(name)
	e.put(":")
}

// empty is what omitempty leaves out.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.String, reflect.Array:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

func (e *encoder) mapping(v reflect.Value) {
	if v.IsNil() {
		e.put("null")
		return
	}
	if v.Type().Key().Kind() != reflect.String {
		e.err = fmt.Errorf("%v has no canonical form here", v.Type())
		return
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return compare(a.String(), b.String()) })
	e.put("{")
	for i, k := range keys {
		e.name(k.String(), i == 0)
		e.value(v.MapIndex(k))
	}
	e.put("}")
}

// compare orders names by their UTF-16 code units.
func compare(a, b string) int {
	for a != "" && b != "" {
		r, n := utf8.DecodeRuneInString(a)
		s, m := utf8.DecodeRuneInString(b)
		if r != s {
			return slices.Compare(utf16.Encode([]rune{r}), utf16.Encode([]rune{s}))
		}
		a, b = a[n:], b[m:]
	}
	return cmp.Compare(len(a), len(b))
}

const hexDigits = "0123456789abcdef"

func (e *encoder) text(s string) {
	e.put(`"`)
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			if r, n := utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || n > 1 {
				if i += n; i-start >= piece {
					e.put(s[start:i])
					start = i
				}
				continue
			}
			e.put(s[start:i]) // as package json has it
			e.put("\uFFFD")
			i++
			start = i
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			if i++; i-start >= piece {
				e.put(s[start:i])
				start = i
			}
			continue
		}
		e.put(s[start:i])
		switch c {
		case '"', '\\':
			e.put(`\` + string(rune(c)))
		case '\b':
			e.put(`\b`)
		case '\t':
			e.put(`\t`)
		case '\n':
			e.put(`\n`)
		case '\f':
			e.put(`\f`)
		case '\r':
			e.put(`\r`)
		default:
			e.put(`\u00` + string([]byte{hexDigits[c>>4], hexDigits[c&15]}))
		}
		i++
		start = i
	}
	e.put(s[start:])
	e.put(`"`)
}
