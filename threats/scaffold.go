package threats

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

//go:embed scaffold.txtar
var scaffold string

// Draft is a file of a scaffold.
type Draft struct{ Name, Text string }

// Scaffold returns the files that a threat of one's own begins with: a catalogue that has it, a design that it attacks, and the same design with the
// least change that stops it. They are names of files in one directory.
func Scaffold(id string) ([]Draft, error) {
	if !validID.MatchString(id) {
		return nil, fmt.Errorf("%q is not an id of a threat, expected lower-case words with hyphens, such as late-label-swap", id)
	}
	a := txtar.Parse([]byte(strings.ReplaceAll(scaffold, "THREAT", id)))
	var out []Draft
	for _, f := range a.Files {
		out = append(out, Draft{f.Name, string(f.Data)})
	}
	return out, nil
}
