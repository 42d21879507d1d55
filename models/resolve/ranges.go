package resolve

import (
	"fmt"
	"math"
	"strings"

	"github.com/vauban-verifier/vauban/models"
)

// interval is the integers that a term may be; ok is false where nothing is known of them.
type interval struct {
	lo, hi int64
	ok     bool
}

// far is what intervals are followed to: further out nothing is known.
const far = math.MaxInt32

// integers returns what numbers a term may be.
func integers(x *models.Expr) interval {
	var out interval
	switch x.Op {
	case models.OpInt:
		out = interval{x.Int, x.Int, true}
	case models.OpIf:
		a, b := integers(x.Args[1]), integers(x.Args[2])
		out = interval{min(a.lo, b.lo), max(a.hi, b.hi), a.ok && b.ok}
	case models.OpAdd, models.OpSub, models.OpMul:
		a, b := integers(x.Args[0]), integers(x.Args[1])
		if !a.ok || !b.ok {
			return interval{}
		}
		switch x.Op {
		case models.OpAdd:
			out = interval{a.lo + b.lo, a.hi + b.hi, true}
		case models.OpSub:
			out = interval{a.lo - b.hi, a.hi - b.lo, true}
		default:
			p := [4]int64{a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi}
			out = interval{min(p[0], p[1], p[2], p[3]), max(p[0], p[1], p[2], p[3]), true}
		}
	default:
		if d := x.Type.Domain; x.Type.Base == models.IntegerType && d != nil {
			out = interval{d.Lo, d.Hi, true}
		}
	}
	out.ok = out.ok && out.lo >= -far && out.hi <= far
	return out
}

// sensible reports a comparison of integers that the domains of its sides decide: what never holds, or always, says nothing.
func (c *checker) sensible(x *models.Expr) *models.Expr {
	if x.Op == models.OpInvalid || x.Args[0].Type.Base != models.IntegerType || x.Args[1].Type.Base != models.IntegerType {
		return x
	}
	a, b := integers(x.Args[0]), integers(x.Args[1])
	if !a.ok || !b.ok {
		return x
	}
	apart := a.hi < b.lo || b.hi < a.lo
	var known []string
	for i, of := range []interval{a, b} {
		if t := x.Args[i]; t.Op != models.OpInt {
			known = append(known, t.String()+" is "+of.String())
		}
	}
	bounds := strings.Join(known, ", and ")
	if len(known) == 0 {
		bounds = fmt.Sprintf("%s is not %s", a, b)
	}
	switch {
	case x.Op == models.OpEq && apart:
		c.diags.Errorf(codeDomain, x.Span, "this is never true: %s; expected values in common", bounds)
		return c.invalid(x.Span)
	case x.Op == models.OpNe && apart:
		c.diags.Errorf(codeDomain, x.Span, "this is always true: %s; expected values in common", bounds)
		return c.invalid(x.Span)
	case x.Op == models.OpLt && a.lo >= b.hi, x.Op == models.OpLe && a.lo > b.hi, x.Op == models.OpGt && a.hi <= b.lo, x.Op == models.OpGe && a.hi < b.lo:
		c.diags.Warnf(codeDomain, x.Span, "this is never true: %s; expected a number in reach", bounds)
	case x.Args[0].Type.Maybe || x.Args[1].Type.Maybe: // of `none` no order holds
	case x.Op == models.OpLt && a.hi < b.lo, x.Op == models.OpLe && a.hi <= b.lo, x.Op == models.OpGt && a.lo > b.hi, x.Op == models.OpGe && a.lo >= b.hi:
		c.diags.Warnf(codeDomain, x.Span, "this is always true: %s; leave it out, or compare with a number in reach", bounds)
	}
	return x
}

// String names the numbers as a message does.
func (i interval) String() string {
	if i.lo == i.hi {
		return fmt.Sprint(i.lo)
	}
	return fmt.Sprintf("%d..%d", i.lo, i.hi)
}

// inside reports a number that its domain never has.
func (c *checker) inside(x *models.Expr, t models.Type) bool {
	if t.Base != models.IntegerType || t.Domain == nil {
		return true
	}
	if x.Op == models.OpIf {
		a, b := c.inside(x.Args[1], t), c.inside(x.Args[2], t)
		return a && b
	}
	i := integers(x)
	if !i.ok || i.lo <= t.Domain.Hi && t.Domain.Lo <= i.hi {
		return true
	}
	what := x.String()
	if x.Op != models.OpInt {
		what += ", which is " + i.String() + ","
	}
	c.diags.Errorf(codeDomain, x.Span, "%s is out of range, expected a value of domain %q, %d..%d", what, t.Domain.Name, t.Domain.Lo, t.Domain.Hi).
		Label(t.Domain.Span, "declared here")
	return false
}
