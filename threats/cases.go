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

// CasesOf returns the pairs of examples of a built-in threat, and none for threats of other catalogues. The first is cases/ID.txtar; where a threat says
// several things, cases/ID.PART.txtar has a pair for each of the others, in the order of their names.
func CasesOf(id string) []Case {
	var out []Case
	for _, name := range caseFiles(id) {
		data, err := fs.ReadFile(embeddedCases, name)
		if err != nil {
			panic("vauban: internal error: " + err.Error())
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
		out = append(out, c)
	}
	return out
}

// caseFiles names the files with the pairs of examples of a threat.
func caseFiles(id string) []string {
	if !validID.MatchString(id) {
		return nil
	}
	first := "cases/" + id + ".txtar"
	if _, err := fs.Stat(embeddedCases, first); err != nil {
		return nil
	}
	more, err := fs.Glob(embeddedCases, "cases/"+id+".*.txtar")
	if err != nil {
		panic("vauban: internal error: " + err.Error())
	}
	return append([]string{first}, more...)
}
