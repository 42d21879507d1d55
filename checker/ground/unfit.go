package ground

import (
	"context"

	"github.com/vauban-verifier/vauban/checker/ground/term"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Fitting judges what a catalogue says about where a change of a design belongs.
type Fitting struct{ g *grounder }

// Fit returns what judges changes of a design, which must be none with errors.
func Fit(m *threats.Model) *Fitting {
	g, err := newGrounder(context.Background(), m)
	if err != nil {
		panic("vauban: internal error: " + err.Error())
	}
	return &Fitting{g}
}

// Unfit reports whether a control does not belong at an element: it would shut out those whom the element is for.
func (f *Fitting) Unfit(c *models.Control, on *models.Element) bool {
	for _, u := range c.Unfit {
		if f.holds(u.When, []*models.Var{u.Var}, on) {
			return true
		}
	}
	return false
}

// Repair returns what says that a change of the structure takes nothing from anybody; nil where nothing says so.
func (f *Fitting) Repair(kind models.RepairKind, of ...*models.Element) *models.Repair {
	for _, r := range f.g.Model.Catalogue.Vocabulary.Repairs[kind] {
		if f.holds(r.When, r.Vars, of...) {
			return r
		}
	}
	return nil
}

// holds reports whether a condition over the design is true of elements that are of the kinds of its variables.
func (f *Fitting) holds(when *models.Expr, vars []*models.Var, of ...*models.Element) bool {
	env := &scope{}
	for i, e := range of {
		if !e.Is(vars[i].Type.Kind) {
			return false
		}
		env.push(vars[i], term.Value{Element: f.g.design.Elements[e.ID]})
	}
	return f.g.formula(when, env) == system.True
}
