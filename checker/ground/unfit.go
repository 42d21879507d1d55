package ground

import (
	"context"

	"github.com/vauban-verifier/vauban/checker/ground/term"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Unfit returns a test of whether a control does not belong at an element of a design, as the catalogue says of it: it would shut out those whom the
// element is for.
func Unfit(m *threats.Model) func(c *models.Control, on *models.Element) bool {
	g := newGrounding(context.Background(), m)
	return func(c *models.Control, on *models.Element) bool {
		for _, u := range c.Unfit {
			if !on.Is(u.Var.Type.Kind) {
				continue
			}
			env := &scope{}
			env.push(u.Var, term.Value{Element: on})
			if g.formula(u.When, env) == system.True {
				return true
			}
		}
		return false
	}
}
