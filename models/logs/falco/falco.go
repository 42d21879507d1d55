// Package falco reads alerts of Falco in JSON (`json_output: true`), one on each line. The type of an alert is its rule; `tags` has the references to ATT&CK, and what the
// rule tells is under `output_fields`.
//
// # Limitations
//
// Those of package logs. Alerts have to have their tags (`json_include_tags_property`), or none leads to a threat by its references.
package falco

import (
	"io"

	"github.com/vauban-verifier/vauban/models/logs"
)

// Defaults are the fields that things are in.
var Defaults = logs.Defaults{Case: "hostname", Time: "time", Source: "hostname", Type: "rule"}

// New returns a reader.
func New(r io.Reader) logs.Reader { return logs.NewObjects(r) }
