// Package csv reads comma-separated values (RFC 4180) whose first line names the columns.
//
// # Limitations
//
// Those of package logs. Columns are separated by commas, or by semicolons where the first line has no comma.
package csv

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/models/logs"
)

// Defaults are the columns that things are in.
var Defaults = logs.Defaults{Case: "case", Time: "time", Source: "source", Type: "step"}

type reader struct {
	from    io.Reader
	bounded *logs.Bounded
	in      *csv.Reader
	names   []string
}

// New returns a reader.
func New(r io.Reader) logs.Reader { return &reader{from: r} }

func (r *reader) Next() (logs.Record, error) {
	if r.in == nil {
		if err := r.header(); err != nil {
			return logs.Record{Line: 1}, err
		}
	}
	r.bounded.Renew()
	values, err := r.in.Read()
	line := 1
	if len(values) > 0 {
		line, _ = r.in.FieldPos(0)
	}
	var wrong *csv.ParseError
	switch {
	case errors.As(err, &wrong):
		return logs.Record{Line: wrong.StartLine}, &logs.Unreadable{Line: wrong.StartLine, Text: wrong.Err.Error()}
	case err != nil:
		return logs.Record{Line: line}, err
	}
	rec := logs.Record{Line: line, Fields: make(map[string]string, len(values))}
	if len(values) != len(r.names) {
		return rec, &logs.Unreadable{Line: line, Text: fmt.Sprintf("the line has %d columns, and the first one names %d", len(values), len(r.names))}
	}
	for i, v := range values {
		if !utf8.ValidString(v) {
			return rec, &logs.Unreadable{Line: line, Text: "the entry is not UTF-8"}
		}
		if v = strings.TrimSpace(v); v != "" { // an empty column is one that is not there
			rec.Fields[r.names[i]] = v
		}
	}
	return rec, nil
}

// header reads the names of the columns.
func (r *reader) header() error {
	r.bounded = logs.NewBounded(r.from)
	in := bufio.NewReader(r.bounded)
	first, err := in.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if bytes.HasPrefix(first, []byte("\xef\xbb\xbf")) {
		if _, err := in.Discard(3); err != nil {
			return err
		}
	}
	head, _, _ := bytes.Cut(first, []byte("\n"))
	r.in = csv.NewReader(in)
	r.in.FieldsPerRecord = -1
	r.in.ReuseRecord = true
	if !bytes.ContainsRune(head, ',') && bytes.ContainsRune(head, ';') {
		r.in.Comma = ';'
	}
	names, err := r.in.Read()
	if err != nil {
		return err
	}
	if len(names) > logs.MaxFields {
		return fmt.Errorf("the first line names more than %d columns", logs.MaxFields)
	}
	seen := map[string]bool{}
	for _, n := range names {
		n = strings.TrimSpace(n)
		if !utf8.ValidString(n) {
			return errors.New("the first line is not UTF-8")
		}
		if n == "" || seen[n] {
			return fmt.Errorf("the first line names the column %q twice, or one without a name: it must name each column", n)
		}
		seen[n] = true
		r.names = append(r.names, n)
	}
	return nil
}
