package resolve

import (
	"fmt"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/models"
)

var connectives = map[string]models.Op{"implies": models.OpImplies, "or": models.OpOr, "and": models.OpAnd}

var comparisons = map[string]models.Op{"=": models.OpEq, "!=": models.OpNe, "<": models.OpLt, "<=": models.OpLe, ">": models.OpGt, ">=": models.OpGe}

var arithmetic = map[string]models.Op{"+": models.OpAdd, "-": models.OpSub, "*": models.OpMul}

func (c *checker) binary(e *dsl.Binary) *models.Expr {
	if op, ok := connectives[e.Op]; ok {
		a, b := c.formula(e.X), c.formula(e.Y)
		if a.Op == op && op != models.OpImplies { // flat; the node is fresh, so nobody else sees it grow
			a.Args = append(a.Args, b)
			a.Span = e.Span
			return a
		}
		return c.node(op, e.Span, models.Type{}, a, b)
	}
	if op, ok := arithmetic[e.Op]; ok {
		return c.node(op, e.Span, models.Type{Base: models.IntegerType}, c.integer(e.X), c.integer(e.Y))
	}
	op := comparisons[e.Op]
	if op != models.OpEq && op != models.OpNe {
		return c.sensible(c.node(op, e.Span, models.Type{}, c.integer(e.X), c.integer(e.Y)))
	}
	a, b := c.pair(e.X, e.Y, nil)
	if a.Op == models.OpNone && b.Op == models.OpNone {
		c.diags.Errorf(codeNone, e.Span, "`none` is compared with itself, expected a term on one side")
		return c.invalid(e.Span)
	}
	if !c.comparable(a, b) {
		c.diags.Errorf(codeType, e.Span, "%q compares two sorts: %s, %s; expected one sort", e.Op, is(a), is(b))
		return c.invalid(e.Span)
	}
	if a.Op == models.OpNone {
		a, b = b, a
	}
	if b.Op == models.OpNone && !a.Any(func(op models.Op) bool { return op == models.OpState || op == models.OpNone || op == models.OpInvalid }) {
		// What the design does not say has no value, and nothing is equal to it, not even itself.
		there := c.node(models.OpEq, e.Span, models.Type{}, a, a)
		if op == models.OpNe {
			return there
		}
		return c.node(models.OpNot, e.Span, models.Type{}, there)
	}
	return c.sensible(c.node(op, e.Span, models.Type{}, a, b))
}

// pair checks two terms that must be of one sort: the one that tells its sort by itself first, so that the other may be
// a word of an attribute, a protocol, or `none`.
func (c *checker) pair(x, y dsl.Expr, want *models.Type) (a, b *models.Expr) {
	hint := func(e *models.Expr) *models.Type {
		if want != nil || e.Op == models.OpInvalid {
			return want
		}
		return &e.Type
	}
	if c.needsHint(x) && !isNone(y) {
		b = c.term(y, want)
		a = c.term(x, hint(b))
	} else {
		a = c.term(x, want)
		b = c.term(y, hint(a))
	}
	return a, b
}

func (c *checker) needsHint(e dsl.Expr) bool {
	id, ok := e.(*dsl.Ident)
	if !ok || c.bound(id.Name.Text) != nil {
		return false
	}
	return true
}

func isNone(e dsl.Expr) bool {
	id, ok := e.(*dsl.Ident)
	return ok && id.Name.Text == "none"
}

// comparable reports whether two terms may be the same object.
func (c *checker) comparable(a, b *models.Expr) bool {
	if a.Type.Unknown() || b.Type.Unknown() {
		return true
	}
	if a.Type.Base != b.Type.Base {
		return false
	}
	switch a.Type.Base {
	case models.MemberType:
		return a.Type.Domain == b.Type.Domain
	case models.ElementType:
		return c.fits(a, b.Type.Kind.Root()) && c.fits(b, a.Type.Kind.Root())
	case models.WordType:
		for _, w := range a.Type.Words {
			for _, u := range b.Type.Words {
				if w == u {
					return true
				}
			}
		}
		return false
	}
	return true
}

// fits reports whether the term may be an element of one of the kinds. A named element is of a kind or it is not; for anything
// else it is enough that the kinds lie under roots that meet, for an element may have several kinds.
func (c *checker) fits(x *models.Expr, kinds ...*models.Kind) bool {
	if x.Type.Unknown() {
		return true
	}
	if x.Type.Base != models.ElementType {
		return false
	}
	for _, k := range kinds {
		if x.Op == models.OpElement && x.Element.Is(k) || x.Op != models.OpElement && meet(x.Type.Kind, k) {
			return true
		}
	}
	return false
}

// meet reports whether one element may be of both kinds.
func meet(a, b *models.Kind) bool {
	ra, rb := a.Root(), b.Root()
	return ra == rb || ra.Is(rb) || rb.Is(ra)
}

// accepts checks that a term may stand where type want is expected, and reports where not. role says what expects it.
func (c *checker) accepts(want models.Type, x *models.Expr, role string) bool {
	if x.Op == models.OpInvalid || x.Type.Unknown() || want.Unknown() {
		return true
	}
	if x.Op == models.OpNone {
		if want.Maybe {
			return true
		}
		c.diags.Errorf(codeNone, x.Span, "%s is never `none`, expected a value", role)
		return false
	}
	ok := x.Type.Base == want.Base
	switch want.Base {
	case models.ElementType:
		ok = c.fits(x, want.Kind)
	case models.MemberType:
		ok = ok && x.Type.Domain == want.Domain
	}
	if !ok {
		c.diags.Errorf(codeType, x.Span, "%s: expected %s, but %s", role, article(want.String()), is(x))
		return false
	}
	return c.inside(x, want)
}

// is says of what sort a term is: `"Cart" is a component`.
func is(x *models.Expr) string {
	if x.Op == models.OpElement {
		return fmt.Sprintf("%q is %s", x.Element.Name, sortOf(x.Element))
	}
	if x.Op == models.OpMember {
		return fmt.Sprintf("%q is a value of %s", x.Member.Name, x.Member.Domain.Name)
	}
	return fmt.Sprintf("%q is %s", x.String(), article(x.Type.String()))
}
