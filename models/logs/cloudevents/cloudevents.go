// Package cloudevents reads CloudEvents 1.0 in JSON, as webhooks and brokers deliver them: one on each line, or a batch. The fields are those of the event; what it carries is
// under `data`, also where it is JSON in base64.
//
// # Limitations
//
// Those of package logs. Data that is no JSON is one text. Events of other versions are refused.
//
// Source: CloudEvents 1.0.2, JSON event format.
package cloudevents

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/vauban-verifier/vauban/models/logs"
)

// Defaults are the fields that things are in.
var Defaults = logs.Defaults{Case: "subject", Time: "time", Source: "source", Type: "type"}

type reader struct{ in *logs.Objects }

// New returns a reader.
func New(r io.Reader) logs.Reader { return &reader{logs.NewObjects(r)} }

func (r *reader) Next() (logs.Record, error) {
	rec, err := r.in.Next()
	if err != nil {
		return rec, err
	}
	if v := rec.Fields["specversion"]; v != "1.0" {
		return rec, &logs.Unreadable{Line: rec.Line, Text: fmt.Sprintf("specversion is %q, expected a CloudEvent of version 1.0", v)}
	}
	text, ok := rec.Fields["data_base64"]
	if !ok {
		return rec, nil
	}
	for path := range rec.Fields {
		if path == "data" || strings.HasPrefix(path, "data.") {
			return rec, &logs.Unreadable{Line: rec.Line, Text: "it has both data and data_base64"}
		}
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return rec, &logs.Unreadable{Line: rec.Line, Text: "data_base64 is not in base64"}
	}
	delete(rec.Fields, "data_base64")
	if kind := rec.Fields["datacontenttype"]; kind == "" || strings.Contains(kind, "json") {
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		if err := rec.Value(d, "data", 1); err != nil {
			return rec, &logs.Unreadable{Line: rec.Line, Text: "data_base64 is not JSON: " + err.Error()}
		}
	}
	return rec, nil
}
