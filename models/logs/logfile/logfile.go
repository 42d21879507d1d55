// Package logfile reads logs in the formats that there are, each of which has a package of its own.
//
// # Limitations
//
// Which format a file has is told by its name, by the mapping, or by whoever asks. What it holds is not looked at for that.
package logfile

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models/logs"
	"github.com/vauban-verifier/vauban/models/logs/cloudevents"
	"github.com/vauban-verifier/vauban/models/logs/csv"
	"github.com/vauban-verifier/vauban/models/logs/falco"
	"github.com/vauban-verifier/vauban/models/logs/jsonl"
	"github.com/vauban-verifier/vauban/models/logs/modsecurity"
	"github.com/vauban-verifier/vauban/models/logs/ocel"
	"github.com/vauban-verifier/vauban/models/logs/ocsf"
	"github.com/vauban-verifier/vauban/models/logs/xes"
)

// Format is a format of logs.
type Format struct {
	Name     string
	Title    string
	Open     func(io.Reader) logs.Reader
	Defaults logs.Defaults
	Closed   bool // a log is one document, which is whole only at its end: nobody appends to it

	exts []string // of files that are taken to have it
}

// Formats are all of them, the default one first.
var Formats = []Format{
	{"jsonl", "JSON Lines", jsonl.New, jsonl.Defaults, false, []string{".jsonl", ".ndjson"}},
	{"csv", "comma-separated values", csv.New, csv.Defaults, false, []string{".csv"}},
	{"ocel", "object-centric event logs, OCEL 2.0 in JSON", ocel.New, ocel.Defaults, true, []string{".jsonocel", ".ocel.json"}},
	{"xes", "XES, of process mining", xes.New, xes.Defaults, true, []string{".xes"}},
	{"cloudevents", "CloudEvents, as webhooks deliver them", cloudevents.New, cloudevents.Defaults, false, nil},
	{"ocsf", "OCSF, of security tools", ocsf.New, ocsf.Defaults, false, nil},
	{"falco", "alerts of Falco", falco.New, falco.Defaults, false, nil},
	{"modsecurity", "audit logs of ModSecurity and Coraza", modsecurity.New, modsecurity.Defaults, false, nil},
}

// Names returns the names of all formats.
func Names() []string {
	var out []string
	for _, f := range Formats {
		out = append(out, f.Name)
	}
	return out
}

// Named returns the format of a name.
func Named(name string) (Format, error) {
	for _, f := range Formats {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("unknown format of logs %q, expected one of %s%s", name, strings.Join(Names(), ", "), diag.DidYouMean(name, Names()))
}

// Of returns the format that the name of a file tells.
func Of(path string) (Format, error) {
	for _, f := range Formats {
		for _, ext := range f.exts {
			if strings.HasSuffix(strings.ToLower(path), ext) {
				return f, nil
			}
		}
	}
	return Format{}, fmt.Errorf("%s: its name does not tell its format: say it with --log-format, one of %s", path, strings.Join(Names(), ", "))
}

// File is a log to be read.
type File struct {
	Name   string // as answers tell it
	Format Format
	Open   func() (io.ReadCloser, error)
}

// Stdin is what a log from standard input is called.
const Stdin = "<stdin>"

// Error is what stands against reading a log.
type Error struct {
	Log  string
	Line int // 0: it is none of a line
	Err  error
}

func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %v", e.Log, e.Line, e.Err)
	}
	return fmt.Sprintf("%s: %v", e.Log, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Each gives one record after the other, until take returns [io.EOF]. All that is read is written to a sum, too. What stands against reading it, and errors of take, are [*Error].
func (l File) Each(sum io.Writer, take func(logs.Record) error) error {
	from, err := l.Open()
	if err != nil {
		return &Error{l.Name, 0, err}
	}
	defer from.Close()
	in := l.Format.Open(io.TeeReader(from, sum))
	for {
		rec, err := in.Next()
		var wrong *logs.Unreadable
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &wrong):
			return &Error{l.Name, wrong.Line, errors.New(wrong.Text)}
		case err != nil:
			return &Error{l.Name, 0, err}
		}
		switch err := take(rec); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return &Error{l.Name, 0, err}
		}
	}
}
