// Package ocel reads object-centric event logs, OCEL 2.0 in JSON. A record is an event: `id`, `type`, `time`, its attributes by their names, and the objects that it is related to, all of them in
// the list `objects`, those of a type in a list under `object` (`object.order.0`), those with a qualifier under `qualified`.
//
// # Limitations
//
// Those of package logs. What type an object has may stand behind the events, so all events are read before the first record is given: at most as many as are kept of a log at all.
// Attributes of objects, which change over time, are not read, and neither are those of events that are called like the fields of their objects. Events are in no order: their times decide.
//
// Source: Berti et al., "OCEL (Object-Centric Event Log) 2.0 Specification", 2024.
package ocel

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/vauban-verifier/vauban/models/logs"
)

// Defaults are the fields that things are in.
var Defaults = logs.Defaults{Case: "objects", Time: "time", Source: "source", Type: "type", Sorted: true}

type reader struct {
	bounded *logs.Bounded
	in      *json.Decoder
	events  []event
	types   map[string]string // of objects
	done    bool
	given   int
}

type event struct {
	fields  map[string]string
	objects []relation
}

type relation struct{ object, qualifier string }

// New returns a reader.
func New(r io.Reader) logs.Reader {
	b := logs.NewBounded(r)
	return &reader{bounded: b, in: json.NewDecoder(b), types: map[string]string{}}
}

func (r *reader) Next() (logs.Record, error) {
	if !r.done {
		r.in.UseNumber()
		if err := r.all(); err != nil {
			return logs.Record{Line: 1}, err
		}
		r.done = true
	}
	if r.given == len(r.events) {
		return logs.Record{}, io.EOF
	}
	e := r.events[r.given]
	r.events[r.given] = event{}
	r.given++
	rec := logs.Record{Line: r.given, Fields: e.fields}
	of := map[string]int{}
	put := func(path, text string) {
		rec.Fields[path+"."+strconv.Itoa(of[path])] = text
		of[path]++
	}
	for _, o := range e.objects {
		put("objects", o.object)
		if t := r.types[o.object]; t != "" {
			put("object."+t, o.object)
		}
		if o.qualifier != "" {
			put("qualified."+o.qualifier, o.object)
		}
	}
	return rec, nil
}

// all reads the document.
func (r *reader) all() error {
	if t, err := r.in.Token(); err != nil || t != json.Delim('{') {
		return errors.New("it is not a JSON object, expected an OCEL 2.0 document with `events` and `objects`")
	}
	some := false
	for r.in.More() {
		key, err := r.in.Token()
		if err != nil {
			return err
		}
		switch key {
		case "events":
			some = true
			err = r.each(r.event)
		case "objects":
			err = r.each(r.object)
		default:
			err = r.each(nil)
		}
		if err != nil {
			return fmt.Errorf("%v: %w", key, err)
		}
	}
	if _, err := r.in.Token(); err != nil {
		return errors.New("the document does not end")
	}
	if _, err := r.in.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the document")
	}
	if !some {
		return errors.New("the document has no `events`: is it OCEL 2.0?")
	}
	return nil
}

// each reads the items of a list.
func (r *reader) each(take func(logs.Record) error) error {
	if t, err := r.in.Token(); err != nil || t != json.Delim('[') {
		return errors.New("it is not a list")
	}
	for n := 1; r.in.More(); n++ {
		r.bounded.Renew()
		rec := logs.Record{Line: n, Fields: map[string]string{}}
		if err := rec.Value(r.in, "", 0); err != nil {
			return fmt.Errorf("item %d: %w", n, err)
		}
		if take != nil {
			if err := take(rec); err != nil {
				return fmt.Errorf("item %d: %w", n, err)
			}
		}
	}
	_, err := r.in.Token()
	return err
}

func (r *reader) object(rec logs.Record) error {
	id := rec.Fields["id"]
	if id == "" || len(r.types) >= logs.MaxEvents {
		return errors.New("an object without an id, or too many of them")
	}
	r.types[id] = rec.Fields["type"]
	return nil
}

// reserved reports whether a field is one that the relations of an event are in.
func reserved(name string) bool {
	first, _, _ := strings.Cut(name, ".")
	return first == "objects" || first == "object" || first == "qualified"
}

func (r *reader) event(rec logs.Record) error {
	if len(r.events) >= logs.MaxEvents {
		return logs.ErrMany
	}
	e := event{fields: map[string]string{}}
	for _, f := range []string{"id", "type", "time"} {
		if rec.Fields[f] == "" {
			return fmt.Errorf("the event has no %s", f)
		}
		e.fields[f] = rec.Fields[f]
	}
	for i := 0; ; i++ {
		name, ok := rec.Fields[fmt.Sprintf("attributes.%d.name", i)]
		if !ok {
			break
		}
		if _, taken := e.fields[name]; !taken && !reserved(name) {
			e.fields[name] = rec.Fields[fmt.Sprintf("attributes.%d.value", i)]
		}
	}
	for i := 0; ; i++ {
		id, ok := rec.Fields[fmt.Sprintf("relationships.%d.objectId", i)]
		if !ok {
			break
		}
		e.objects = append(e.objects, relation{id, rec.Fields[fmt.Sprintf("relationships.%d.qualifier", i)]})
	}
	r.events = append(r.events, e)
	return nil
}
