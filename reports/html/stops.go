package html

import (
	"fmt"

	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/wording"
	"github.com/vauban-verifier/vauban/threats"
)

// maxStops is how many ways to stop a step are told.
const maxStops = 6

// remedy is a set of controls that together stop a step.
type remedy struct {
	controls []explain.Choice
	cost     int
}

// stops tells which controls, added at their places, would make the condition of a step false. Each is for this step alone.
func stops(t *threats.Threat, s explain.Step) []string {
	env := map[*models.Var]*models.Element{}
	for i, v := range t.For {
		if i < len(s.Elements) {
			env[v] = s.Elements[i]
		}
	}
	var out []string
	for _, r := range falsify(t.When, env) {
		if len(out) == maxStops {
			break
		}
		out = append(out, fmt.Sprintf("%s (cost %d)", wording.Choices(r.controls), r.cost))
	}
	return out
}

// falsify finds controls that make a formula false by being there.
func falsify(e *models.Expr, env map[*models.Var]*models.Element) []remedy {
	switch e.Op {
	case models.OpDefined:
		return falsify(e.Body(), env)
	case models.OpNot:
		return satisfy(e.Args[0], env)
	case models.OpAnd:
		return either(e.Args, env, falsify)
	case models.OpOr:
		return together(e.Args, env, falsify)
	}
	return nil
}

// satisfy finds controls that make a formula true by being there.
func satisfy(e *models.Expr, env map[*models.Var]*models.Element) []remedy {
	switch e.Op {
	case models.OpDefined:
		return satisfy(e.Body(), env)
	case models.OpNot:
		return falsify(e.Args[0], env)
	case models.OpOr:
		return either(e.Args, env, satisfy)
	case models.OpAnd:
		return together(e.Args, env, satisfy)
	case models.OpHas:
		at := value(e.Args[0], env)
		if at == nil || !e.Control.Fits(at.Kinds) || has(at.Controls, e.Control) {
			return nil
		}
		return []remedy{{[]explain.Choice{{Control: e.Control.Name, On: at.Name, Is: true}}, e.Control.Cost}}
	case models.OpStores:
		at, data := value(e.Args[0], env), value(e.Args[1], env)
		if e.Control == nil || at == nil || data == nil {
			return nil
		}
		for _, s := range at.Stores {
			if s.Data == data && !has(s.Controls, e.Control) {
				return []remedy{{[]explain.Choice{{Control: e.Control.Name, On: at.Name, Data: data.Name, Is: true}}, e.Control.Cost}}
			}
		}
	}
	return nil
}

type finder func(*models.Expr, map[*models.Var]*models.Element) []remedy

// either is any remedy for any of the formulas.
func either(list []*models.Expr, env map[*models.Var]*models.Element, find finder) []remedy {
	var out []remedy
	for _, e := range list {
		for _, r := range find(e, env) {
			if !contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// together is the first remedy for each of the formulas, all at once.
func together(list []*models.Expr, env map[*models.Var]*models.Element, find finder) []remedy {
	var all remedy
	for _, e := range list {
		found := find(e, env)
		if len(found) == 0 {
			return nil
		}
		all.controls = append(all.controls, found[0].controls...)
		all.cost += found[0].cost
	}
	return []remedy{all}
}

func contains(list []remedy, r remedy) bool {
	for _, x := range list {
		if wording.Choices(x.controls) == wording.Choices(r.controls) {
			return true
		}
	}
	return false
}

// has reports whether a control is there already; one that is still open is not.
func has(list []models.ControlState, c *models.Control) bool {
	for _, x := range list {
		if x.Control == c && !x.Open {
			return true
		}
	}
	return false
}

// value evaluates a term to an element, or nil.
func value(e *models.Expr, env map[*models.Var]*models.Element) *models.Element {
	switch e.Op {
	case models.OpVar:
		return env[e.Var]
	case models.OpElement:
		return e.Element
	case models.OpSource, models.OpTarget:
		f := value(e.Args[0], env)
		switch {
		case f == nil || f.Flow == nil:
			return nil
		case e.Op == models.OpSource:
			return f.Flow.Source
		}
		return f.Flow.Target
	case models.OpZone:
		if at := value(e.Args[0], env); at != nil {
			return at.Place(e)
		}
	}
	return nil
}

// show is the command that shows a threat.
func (b *builder) show(t *threats.Threat) string {
	from := ""
	for _, in := range b.r.Model.Catalogue.Inputs {
		if in.Name == t.Catalogue && !in.BuiltIn() {
			from = " --catalogue " + b.path(in.Path)
		}
	}
	return "vauban catalogue show" + from + " " + t.ID
}
