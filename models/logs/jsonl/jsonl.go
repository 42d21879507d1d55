// Package jsonl reads JSON Lines, a JSON object on each line, and lists of JSON objects.
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

// New returns a reader.
func New(r io.Reader) logs.Reader { return logs.NewObjects(r) }
