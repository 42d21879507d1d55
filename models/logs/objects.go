package logs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Bounded ends reading where one record takes too much. Renew it before each.
type Bounded struct {
	r    io.Reader
	left int
}

// NewBounded returns a reader of at most [MaxBytes] until it is renewed, and some that a buffer has read ahead.
func NewBounded(r io.Reader) *Bounded { return &Bounded{r, MaxBytes} }

// Renew lets the next record be read.
func (b *Bounded) Renew() { b.left = MaxBytes }

func (b *Bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("an entry is longer than %d MB", MaxBytes>>20)
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// Objects reads JSON objects: one on each line, or the items of a list.
type Objects struct {
	from    io.Reader
	lines   *Lines
	bounded *Bounded
	list    *json.Decoder
	read    int
}

// NewObjects returns a reader.
func NewObjects(r io.Reader) *Objects { return &Objects{from: r} }

// Next is that of [Reader].
func (o *Objects) Next() (Record, error) {
	if o.lines == nil && o.list == nil {
		if err := o.begin(); err != nil {
			return Record{Line: 1}, err
		}
	}
	if o.lines != nil {
		line, number, err := o.lines.Next()
		if err != nil {
			return Record{Line: number}, err
		}
		return JSON(line, number)
	}
	o.bounded.Renew()
	if !o.list.More() {
		if _, err := o.list.Token(); err != nil {
			return Record{}, errors.New("the list of entries does not end")
		}
		if _, err := o.list.Token(); !errors.Is(err, io.EOF) {
			return Record{}, errors.New("something follows the list of entries: put all of them into one list, or each on a line of its own")
		}
		return Record{}, io.EOF
	}
	o.read++
	r := Record{Line: o.read, Fields: map[string]string{}}
	if err := r.Value(o.list, "", 0); err != nil {
		return r, fmt.Errorf("entry %d: %w", o.read, err)
	}
	return r, nil
}

// maxBlank bounds the blanks before the first entry.
const maxBlank = 4096

// begin looks whether there is a list.
func (o *Objects) begin() error {
	o.bounded = NewBounded(o.from)
	in := bufio.NewReader(o.bounded)
	for n := 1; ; n++ {
		ahead, err := in.Peek(n)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(ahead) == n && n < maxBlank && bytes.IndexByte([]byte(" \t\r\n"), ahead[n-1]) >= 0 {
			continue
		}
		if len(ahead) < n || ahead[n-1] != '[' {
			break
		}
		o.list = json.NewDecoder(in)
		o.list.UseNumber()
		_, err = o.list.Token()
		return err
	}
	ahead, err := in.Peek(in.Buffered())
	o.lines = NewLines(io.MultiReader(bytes.NewReader(bytes.Clone(ahead)), o.from))
	return err
}
