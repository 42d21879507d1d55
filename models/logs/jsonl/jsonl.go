// Package jsonl reads JSON Lines: a JSON object on each line.
//
// # Limitations
//
// Those of package logs. Blank lines are skipped; a key that an object has twice is refused.
package jsonl

import (
	"io"

	"github.com/vauban-verifier/vauban/models/logs"
)

// Defaults are the fields that things are in.
var Defaults = logs.Defaults{Case: "case", Time: "time", Source: "source", Type: "step"}

type reader struct{ lines *logs.Lines }

// New returns a reader.
func New(r io.Reader) logs.Reader { return &reader{logs.NewLines(r)} }

func (r *reader) Next() (logs.Record, error) {
	line, number, err := r.lines.Next()
	if err != nil {
		return logs.Record{Line: number}, err
	}
	return logs.JSON(line, number)
}
