// Package ocsf reads events of the Open Cybersecurity Schema Framework in JSON: one on each line, or a list. What refers to techniques of ATT&CK, wherever it stands in an event, is
// in the field `refs` besides, as a list.
//
// # Limitations
//
// Those of package logs. Classes and profiles are not told apart: a mapping says by `type_uid` or any other field what an event means.
//
// Source: OCSF 1.3, the objects attack, technique and sub_technique.
package ocsf

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/vauban-verifier/vauban/models/logs"
)

// Defaults are the fields that things are in.
var Defaults = logs.Defaults{Case: "metadata.correlation_uid", Time: "time", Source: "metadata.product.name", Type: "type_uid"}

type reader struct{ in *logs.Objects }

// New returns a reader.
func New(r io.Reader) logs.Reader { return &reader{logs.NewObjects(r)} }

func (r *reader) Next() (logs.Record, error) {
	rec, err := r.in.Next()
	if err != nil {
		return rec, err
	}
	var refs []string
	for path, text := range rec.Fields {
		if strings.HasSuffix(path, "technique.uid") {
			refs = append(refs, text)
		}
		if path == "refs" || strings.HasPrefix(path, "refs.") { // it is what the techniques are put in
			delete(rec.Fields, path)
		}
	}
	slices.Sort(refs)
	for i, text := range slices.Compact(refs) {
		rec.Fields["refs."+strconv.Itoa(i)] = text
	}
	return rec, nil
}
