package threats

import (
	"strings"

	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

// Catalogue is everything that a design uses: the catalogues it names and those that they extend, merged.
type Catalogue struct {
	Vocabulary *models.Vocabulary
	Threats    []*Threat // catalogues in the order loaded (extended ones first), threats in the order written
	Inputs     []Input   // every catalogue file, in the order loaded
}

// Input is one catalogue file that took part.
type Input struct {
	Name    string // the catalogue's name
	Path    string // as read; for an embedded one "builtin:NAME"
	File    *source.File
	Extends []string
}

// embeddedPath stands before the name of an embedded catalogue in its path. No file has such a path.
const embeddedPath = "builtin:"

// BuiltIn reports whether the catalogue is an embedded one.
func (in Input) BuiltIn() bool { return strings.HasPrefix(in.Path, embeddedPath) }

// Threat is a rule of a catalogue: where its condition holds, an attacker may make its effects true.
type Threat struct {
	ID        string
	Title     string
	Area      string
	Stride    []string
	Refs      []string
	For       []*models.Var
	When      *models.Expr // `when`, with `unless B` folded in as `and not B`
	Unless    *models.Expr // as written, for documentation and lint; nil when absent
	Then      []Effect
	Cost      int
	Singly    bool // it takes one of many at a time, so that nothing is had of all by it
	Harder    []Harder
	Abuses    []*models.Control // controls that help the attacker here: they occur where having one makes the condition true
	Says      string            // with {variable} for each variable
	Rationale string
	Doc       string
	Catalogue string
	Span      source.Span // of the id
}

// Effect makes a fact true, or false where Set is false. A fact named both ways becomes true.
type Effect struct {
	Predicate *models.Predicate
	Args      []*models.Expr // variables of the threat, or terms over them such as f.target
	Set       bool
}

// Harder adds to the cost where the variable's element has the control.
type Harder struct {
	Var     *models.Var
	Control *models.Control
	Cost    int
}

// Model is a loaded project: the design with the catalogue that it uses.
type Model struct {
	Design    *models.Design
	Catalogue *Catalogue
}
