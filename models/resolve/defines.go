package resolve

import (
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

// define is a named formula. Its body is checked once; each use is a copy with the parameters replaced.
type define struct {
	decl   *dsl.Define
	params []*models.Var
	body   *models.Expr // nil until checked
	busy   bool
}

// check checks the body over the parameters. It reports a define that uses itself.
func (c *checker) check(d *define, use source.Span) bool {
	if d.busy {
		path := make([]string, 0, len(c.names.defining)+1)
		for i := len(c.names.defining) - 1; i >= 0; i-- {
			path = append(path, c.names.defining[i].decl.Name.Text)
			if c.names.defining[i] == d {
				break
			}
		}
		for i, j := 0, len(path)-1; i < j; i, j = i+1, j-1 {
			path[i], path[j] = path[j], path[i]
		}
		path = append(path, d.decl.Name.Text)
		c.diags.Errorf(codeDefine, use, "define %q uses itself: %s; expected defines without a cycle", d.decl.Name.Text, strings.Join(path, " -> ")).
			Label(d.decl.Name.Span, "defined here")
		return false
	}
	if d.body != nil {
		return true
	}
	d.busy = true
	c.names.defining = append(c.names.defining, d)
	inner := &checker{v: c.v, names: c.names, diags: c.diags}
	inner.begin()
	d.params = inner.bind(d.decl.Params)
	if d.body = inner.formula(d.decl.Body); !d.body.Valid() {
		d.body = inner.invalid(d.body.Span) // what is wrong in it is told once, not at each use
	}
	c.names.defining = c.names.defining[:len(c.names.defining)-1]
	d.busy = false
	return true
}

// expand replaces a use of a define by its body.
func (c *checker) expand(d *define, name dsl.Name, args []dsl.Expr, span source.Span) *models.Expr {
	if !c.check(d, name.Span) {
		return c.invalid(span)
	}
	types := make([]models.Type, len(d.params))
	for i, p := range d.params {
		types[i] = p.Type
	}
	got := c.arguments(name, args, types)
	if len(got) != len(types) || d.body.Op == models.OpInvalid {
		return c.invalid(span)
	}
	by, sizes := map[*models.Var]*models.Expr{}, map[*models.Var]int{}
	for i, p := range d.params {
		by[p], sizes[p] = got[i], got[i].Size(nil)
	}
	if !c.spend(d.body.Size(sizes), span) {
		return c.invalid(span)
	}
	return models.Substitute(d.body, by)
}
