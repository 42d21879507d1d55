package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/internal/engine/encode"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
)

// Formats are the formats that [Question] writes.
var Formats = []string{"aiger", "aag", "dimacs", "smt2"}

// Error says why what was asked for cannot be exported.
type Error string

func (e Error) Error() string { return string(e) }

func errorf(format string, args ...any) error { return Error(fmt.Sprintf(format, args...)) }

// Exported says what was exported.
type Exported struct {
	Case, Cases int    // which case of the requirement, from 1
	Text        string // whom it is against, and for what
	Possible    bool   // the requirement is met where bad can be reached
}

// Question writes the question of one case of a requirement, counted from 1, in one of [Formats]; depth is the number of steps that dimacs looks at.
func Question(ctx context.Context, w io.Writer, m *threats.Model, requirement string, at int, format string, depth int) (*Exported, error) {
	g, err := ground.Ground(ctx, m)
	if err != nil {
		return nil, err
	}
	var cases []*ground.Case
	var known []string
	for i, r := range m.Design.Requirements {
		known = append(known, r.Name)
		if r.Name == requirement {
			cases = g.Cases[i]
		}
	}
	switch {
	case !slices.Contains(known, requirement):
		return nil, errorf("unknown requirement %q%s", requirement, diag.DidYouMean(requirement, known))
	case len(cases) == 0:
		return nil, errorf("requirement %q is about nothing: it has no case", requirement)
	case at < 1 || at > len(cases):
		return nil, errorf("requirement %q has %d cases, there is no case %d", requirement, len(cases), at)
	}
	c := cases[at-1]
	out := &Exported{Case: at, Cases: len(cases), Possible: c.Possible, Text: describe(c)}
	sl := slice.Of(c.Question)
	e, err := encode.New(sl.Question)
	if errors.Is(err, encode.ErrTooLarge) {
		return nil, errorf("requirement %q is too large for a circuit: try one about less, or with a smaller budget", requirement)
	}
	if err != nil {
		return nil, err
	}
	names := Names{
		Title:   fmt.Sprintf("%s, case %d of %d: %s", requirement, at, len(cases), out.Text),
		Rule:    func(r int32) string { return g.RuleName(sl.Rules[r]) },
		Literal: func(l system.Lit) string { return evidence.Literal(g, sl.Source(g.System, l)) },
	}
	switch format {
	case "aiger", "aag":
		err = AIGER(w, e, names, format == "aiger")
	case "smt2":
		err = SMT2(w, e, names)
	case "dimacs":
		err = DIMACS(w, e, names, depth)
	default:
		err = fmt.Errorf("there is no format %q", format)
	}
	return out, err
}

// describe says whom a case is against, and for what.
func describe(c *ground.Case) string {
	text := "the honest system"
	if len(c.Attackers) > 0 {
		text = "against " + explain.Names(c.Attackers)
	}
	var where []string
	for _, b := range c.Bindings {
		where = append(where, b.Var+" = "+b.Value)
	}
	if len(where) > 0 {
		text += " where " + strings.Join(where, ", ")
	}
	return text
}
