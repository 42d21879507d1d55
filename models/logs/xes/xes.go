// Package xes reads logs in XES (IEEE 1849), the exchange format of process mining. A record is an event; its attributes are fields by their keys (`concept:name`), those
// of its trace stand under `trace` (`trace.concept:name`), and those of attributes under these.
//
// # Limitations
//
// Those of package logs. Attributes of a trace count for the events that follow them in it, and the standard puts them before all events. Extensions, classifiers and globals say nothing
// here. XML entities other than those of XML itself are refused.
package xes

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"

	"github.com/vauban-verifier/vauban/models/logs"
)

// Defaults are the fields that things are in.
var Defaults = logs.Defaults{Case: "trace.concept:name", Time: "time:timestamp", Source: "org:group", Type: "concept:name"}

type reader struct {
	bounded *logs.Bounded
	in      *xml.Decoder
	trace   map[string]string // nil outside of one
	began   bool
}

// New returns a reader.
func New(r io.Reader) logs.Reader {
	b := logs.NewBounded(r)
	return &reader{bounded: b, in: xml.NewDecoder(b)}
}

// attributes are the elements that are attributes.
var attributes = map[string]bool{"string": true, "date": true, "int": true, "float": true, "boolean": true, "id": true, "list": true, "container": true, "values": true}

func (r *reader) Next() (logs.Record, error) {
	for {
		r.bounded.Renew()
		t, err := r.in.Token()
		switch {
		case errors.Is(err, io.EOF) && !r.began:
			return logs.Record{Line: 1}, errors.New("there is no log in it: expected an element log")
		case err != nil:
			return logs.Record{Line: r.line()}, r.wrong(err)
		}
		switch x := t.(type) {
		case xml.EndElement:
			if x.Name.Local == "trace" {
				r.trace = nil
			}
		case xml.StartElement:
			switch name := x.Name.Local; {
			case name == "log":
				r.began = true
			case !r.began:
				return logs.Record{Line: r.line()}, fmt.Errorf("line %d: it begins with an element %s, expected log", r.line(), name)
			case name == "trace":
				r.trace = map[string]string{}
			case name == "event":
				return r.event()
			case r.trace != nil && attributes[name]:
				if err := r.attribute(x, "trace", r.trace, 0); err != nil {
					return logs.Record{Line: r.line()}, err
				}
			default:
				if err := r.in.Skip(); err != nil {
					return logs.Record{Line: r.line()}, r.wrong(err)
				}
			}
		}
	}
}

func (r *reader) line() int {
	line, _ := r.in.InputPos()
	return line
}

func (r *reader) wrong(err error) error {
	if errors.Is(err, io.EOF) {
		return err
	}
	return fmt.Errorf("line %d: %w", r.line(), err)
}

// event reads an event to its end.
func (r *reader) event() (logs.Record, error) {
	rec := logs.Record{Line: r.line(), Fields: map[string]string{}}
	maps.Copy(rec.Fields, r.trace) // they count for the limit
	for {
		t, err := r.in.Token()
		if err != nil {
			return rec, r.wrong(io.ErrUnexpectedEOF)
		}
		switch x := t.(type) {
		case xml.EndElement:
			maps.Copy(rec.Fields, r.trace) // whatever the event says of it
			return rec, nil
		case xml.StartElement:
			if err := r.attribute(x, "", rec.Fields, 0); err != nil {
				return rec, err
			}
		}
	}
}

// attribute reads an attribute, with those in it.
func (r *reader) attribute(x xml.StartElement, path string, to map[string]string, depth int) error {
	var key, value string
	has := false
	for _, a := range x.Attr {
		switch a.Name.Local {
		case "key":
			key = a.Value
		case "value":
			value, has = a.Value, true
		}
	}
	if path != "" && key != "" {
		key = path + "." + key
	}
	switch {
	case depth > logs.MaxDepth:
		return fmt.Errorf("line %d: it nests deeper than %d levels", r.line(), logs.MaxDepth)
	case len(to) >= logs.MaxFields:
		return fmt.Errorf("line %d: an event has more than %d attributes", r.line(), logs.MaxFields)
	case key != "" && has && value != "":
		to[key] = value
	}
	if key == "" {
		key = path
	}
	for {
		t, err := r.in.Token()
		if err != nil {
			return r.wrong(io.ErrUnexpectedEOF)
		}
		switch x := t.(type) {
		case xml.EndElement:
			return nil
		case xml.StartElement:
			if err := r.attribute(x, key, to, depth+1); err != nil {
				return err
			}
		}
	}
}
