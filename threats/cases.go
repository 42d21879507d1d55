package threats

import (
	"embed"
	"io/fs"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

//go:embed cases/*.txtar
var embeddedCases embed.FS

// Case is the pair of examples of a built-in threat: a design that it attacks, and the same design with the least change that stops it.
type Case struct {
	About    string // why the one is attacked and the other is not
	Attacked string // a design, as text
	Stopped  string
}

// CaseOf returns the pair of examples of a built-in threat, and false where there is none: for threats of other catalogues.
func CaseOf(id string) (Case, bool) {
	if !validID.MatchString(id) {
		return Case{}, false
	}
	data, err := fs.ReadFile(embeddedCases, "cases/"+id+".txtar")
	if err != nil {
		return Case{}, false
	}
	a := txtar.Parse(data)
	c := Case{About: strings.TrimSpace(string(a.Comment))}
	for _, f := range a.Files {
		switch f.Name {
		case "attacked.vbn":
			c.Attacked = string(f.Data)
		case "stopped.vbn":
			c.Stopped = string(f.Data)
		}
	}
	return c, true
}
