package models

import (
	"fmt"

	"github.com/vauban-verifier/vauban/dsl"
)

var connectives = map[string]Op{"implies": OpImplies, "or": OpOr, "and": OpAnd}

var comparisons = map[string]Op{"=": OpEq, "!=": OpNe, "<": OpLt, "<=": OpLe, ">": OpGt, ">=": OpGe}

var arithmetic = map[string]Op{"+": OpAdd, "-": OpSub, "*": OpMul}

func (c *checker) binary(e *dsl.Binary) *Expr {
	if op, ok := connectives[e.Op]; ok {
		a, b := c.formula(e.X), c.formula(e.Y)
		if a.Op == op && op != OpImplies { // flat; the node is fresh, so nobody else sees it grow
			a.Args = append(a.Args, b)
			a.Span = e.Span
			return a
		}
		return c.node(op, e.Span, Type{}, a, b)
	}
	if op, ok := arithmetic[e.Op]; ok {
		return c.node(op, e.Span, Type{Base: IntegerType}, c.integer(e.X), c.integer(e.Y))
	}
	op := comparisons[e.Op]
	if op != OpEq && op != OpNe {
		return c.sensible(c.node(op, e.Span, Type{}, c.integer(e.X), c.integer(e.Y)))
	}
	a, b := c.pair(e.X, e.Y, nil)
	if a.Op == OpNone && b.Op == OpNone {
		c.diags.Errorf(codeNone, e.Span, "`none` is compared with itself")
		return c.invalid(e.Span)
	}
	if !c.comparable(a, b) {
		c.diags.Errorf(codeType, e.Span, "%q never compares two sorts: %s, %s", e.Op, is(a), is(b))
		return c.invalid(e.Span)
	}
	if a.Op == OpNone {
		a, b = b, a
	}
	if b.Op == OpNone && !a.any(func(op Op) bool { return op == OpState || op == OpNone || op == OpInvalid }) {
		// What the design does not say has no value, and nothing is equal to it, not even itself.
		there := c.node(OpEq, e.Span, Type{}, a, a)
		if op == OpNe {
			return there
		}
		return c.node(OpNot, e.Span, Type{}, there)
	}
	return c.sensible(c.node(op, e.Span, Type{}, a, b))
}

// pair checks two terms that must be of one sort: the one that tells its sort by itself first, so that the other may be
// a word of an attribute, a protocol, or `none`.
func (c *checker) pair(x, y dsl.Expr, want *Type) (a, b *Expr) {
	hint := func(e *Expr) *Type {
		if want != nil || e.Op == OpInvalid {
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
func (c *checker) comparable(a, b *Expr) bool {
	if a.Type.unknown() || b.Type.unknown() {
		return true
	}
	if a.Type.Base != b.Type.Base {
		return false
	}
	switch a.Type.Base {
	case MemberType:
		return a.Type.Domain == b.Type.Domain
	case ElementType:
		return c.fits(a, b.Type.Kind.Root()) && c.fits(b, a.Type.Kind.Root())
	case WordType:
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
func (c *checker) fits(x *Expr, kinds ...*Kind) bool {
	if x.Type.unknown() {
		return true
	}
	if x.Type.Base != ElementType {
		return false
	}
	for _, k := range kinds {
		if x.Op == OpElement && x.Element.Is(k) || x.Op != OpElement && meet(x.Type.Kind, k) {
			return true
		}
	}
	return false
}

// meet reports whether one element may be of both kinds.
func meet(a, b *Kind) bool {
	ra, rb := a.Root(), b.Root()
	return ra == rb || ra.Is(rb) || rb.Is(ra)
}

// accepts checks that a term may stand where type want is expected, and reports where not. role says what expects it.
func (c *checker) accepts(want Type, x *Expr, role string) bool {
	if x.Op == OpInvalid || x.Type.unknown() || want.unknown() {
		return true
	}
	if x.Op == OpNone {
		if want.Maybe {
			return true
		}
		c.diags.Errorf(codeNone, x.Span, "%s is never `none`", role)
		return false
	}
	ok := x.Type.Base == want.Base
	switch want.Base {
	case ElementType:
		ok = c.fits(x, want.Kind)
	case MemberType:
		ok = ok && x.Type.Domain == want.Domain
	}
	if !ok {
		c.diags.Errorf(codeType, x.Span, "%s is %s, but %s", role, article(want.String()), is(x))
		return false
	}
	return c.inside(x, want)
}

// is says of what sort a term is: `"Cart" is a component`.
func is(x *Expr) string {
	if x.Op == OpElement {
		return fmt.Sprintf("%q is %s", x.Element.Name, article(x.Element.Kinds[0].Name))
	}
	if x.Op == OpMember {
		return fmt.Sprintf("%q is a value of %s", x.Member.Name, x.Member.Domain.Name)
	}
	return fmt.Sprintf("%q is %s", x.String(), article(x.Type.String()))
}
