package resolve

import (
	"slices"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

// The largest formula, and all formulas of a design together, in nodes after the expansion of every define.
const (
	maxNodes      = 100_000
	maxTotalNodes = 2_000_000
)

// checker turns syntax into typed expressions. What is wrong is reported once and becomes OpInvalid, which fits everywhere.
type checker struct {
	v     *models.Vocabulary
	names *names
	diags *diag.List
	scope []*models.Var // the bound variables, innermost last
	made  int           // nodes of the formula at hand

	notions  *notions                   // while the defines of a catalogue are checked; else nil
	controls map[string]*models.Control // by parameter, in the body of a catalogue's define
}

// begin starts a formula of its own: the budget of nodes is full again, and only vars are in scope.
func (c *checker) begin(vars ...*models.Var) {
	c.made = 0
	c.scope = append(c.scope[:0:0], vars...)
}

// node makes an expression, within the budget.
func (c *checker) node(op models.Op, span source.Span, t models.Type, args ...*models.Expr) *models.Expr {
	if !c.spend(1, span) {
		return &models.Expr{Op: models.OpInvalid, Span: span, Type: anyType}
	}
	return &models.Expr{Op: op, Span: span, Type: t, Args: args}
}

func (c *checker) invalid(span source.Span) *models.Expr {
	return &models.Expr{Op: models.OpInvalid, Span: span, Type: anyType}
}

// spend takes n nodes from the budgets and reports once when one is exceeded.
func (c *checker) spend(n int, span source.Span) bool {
	before := c.made
	if c.made += n; c.made > maxNodes {
		if before <= maxNodes {
			c.diags.Errorf(codeTooLarge, span, "this formula is too large, expected at most %d parts with every `define` in it expanded", maxNodes)
		}
		return false
	}
	before = c.names.nodes
	if c.names.nodes += n; c.names.nodes > maxTotalNodes {
		if before <= maxTotalNodes {
			c.diags.Errorf(codeTooLarge, span, "the formulas of this design are too large, expected at most %d parts with every `define` expanded", maxTotalNodes)
		}
		return false
	}
	return true
}

// formula checks an expression that must be true or false.
func (c *checker) formula(e dsl.Expr) *models.Expr {
	x := c.expr(e, nil)
	if x.Op != models.OpInvalid && x.Type.Base != models.BoolType {
		if x.Type.Unknown() { // so is its sort, which was reported
			return c.invalid(x.Span)
		}
		c.diags.Errorf(codeType, x.Span, "expected a formula, but %s", is(x))
		return c.invalid(x.Span)
	}
	return x
}

// term checks an expression that must be an object or a number. want tells which words fit where there is a choice; it may be nil.
func (c *checker) term(e dsl.Expr, want *models.Type) *models.Expr {
	x := c.expr(e, want)
	if x.Op != models.OpInvalid && x.Type.Base == models.BoolType {
		if want != nil && want.Unknown() || slices.ContainsFunc(x.Args, func(a *models.Expr) bool { return a.Op == models.OpInvalid }) { // which was reported
			return c.invalid(x.Span)
		}
		c.diags.Errorf(codeType, x.Span, "expected a term, but %q is a formula", x.String())
		return c.invalid(x.Span)
	}
	return x
}

func (c *checker) expr(e dsl.Expr, want *models.Type) *models.Expr {
	switch e := e.(type) {
	case nil: // the parser has reported what is missing here
		return c.invalid(source.Span{})
	case *dsl.Ident:
		return c.ident(e, want)
	case *dsl.IntLit:
		x := c.node(models.OpInt, e.Span, models.Type{Base: models.IntegerType})
		x.Int = e.Value
		return x
	case *dsl.Call:
		return c.call(e.Name, e.Args, e.Span)
	case *dsl.Field:
		return c.field(e)
	case *dsl.Relation:
		return c.relation(e)
	case *dsl.Not:
		return c.node(models.OpNot, e.Span, models.Type{}, c.formula(e.X))
	case *dsl.Quantified:
		return c.quantified(e)
	case *dsl.If:
		return c.conditional(e, want)
	case *dsl.Binary:
		return c.binary(e)
	}
	panic("vauban: internal error: an expression of unknown form")
}

var quantifiers = map[string]models.Op{"forall": models.OpForall, "exists": models.OpExists, "count": models.OpCount, "sum": models.OpSum}

func (c *checker) quantified(e *dsl.Quantified) *models.Expr {
	depth := len(c.scope)
	vars := c.bind(e.Vars)
	var args []*models.Expr
	t := models.Type{}
	if e.Op == "sum" {
		args = append(args, c.integer(e.Body))
		if e.Where != nil {
			args = append(args, c.formula(e.Where))
		}
	} else {
		args = append(args, c.formula(e.Body))
	}
	if e.Op == "sum" || e.Op == "count" {
		t.Base = models.IntegerType
	}
	c.scope = c.scope[:depth]
	x := c.node(quantifiers[e.Op], e.Span, t, args...)
	x.Vars = vars
	return x
}

func (c *checker) conditional(e *dsl.If, want *models.Type) *models.Expr {
	cond := c.formula(e.Cond)
	a, b := c.pair(e.Then, e.Else, want)
	t := a.Type
	if a.Op == models.OpNone {
		t = b.Type
	}
	if !t.Maybe && (a.Type.Maybe || b.Type.Maybe) {
		t.Maybe = true
	}
	if t.Base == models.IntegerType && a.Type.Domain != b.Type.Domain {
		t.Domain = nil
	}
	if !c.comparable(a, b) {
		c.diags.Errorf(codeType, e.Span, "the branches of `if` have two sorts: %s, %s; expected one sort", is(a), is(b))
		return c.invalid(e.Span)
	}
	return c.node(models.OpIf, e.Span, t, cond, a, b)
}

// integer checks a term that must be a number.
func (c *checker) integer(e dsl.Expr) *models.Expr {
	x := c.term(e, &models.Type{Base: models.IntegerType})
	if x.Op != models.OpInvalid && x.Type.Base != models.IntegerType && !x.Type.Unknown() {
		c.diags.Errorf(codeType, x.Span, "expected an integer, but %s", is(x))
		return c.invalid(x.Span)
	}
	return x
}
