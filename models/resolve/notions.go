package resolve

import (
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

// notions is where the check of all defines of a vocabulary stands.
type notions struct {
	done map[*models.Define]bool
	open []*models.Define // being checked, outermost first
}

// checkDefine checks a define before it is used. It reports one that uses itself.
func (c *checker) checkDefine(d *models.Define, use source.Span) bool {
	if i := slices.Index(c.notions.open, d); i >= 0 {
		var path []string
		for _, on := range c.notions.open[i:] {
			path = append(path, on.Name)
		}
		c.diags.Errorf(codeDefine, use, "define %q uses itself: %s", d.Name, strings.Join(append(path, d.Name), " -> ")).Label(d.Span, "defined here").
			Helpf("what leads on step by step is a closure: {for: {x: SORT, y: SORT}, closure: STEP}")
		d.Body = c.invalid(use)
		return false
	}
	if c.notions.done[d] {
		return !wrong(d)
	}
	c.notions.open = append(c.notions.open, d)
	inner := &checker{v: c.v, names: c.names, diags: c.diags, notions: c.notions}
	if d.Formula == nil {
		inner.begin(d.Params...)
		args := make([]dsl.Expr, len(d.Params))
		for i, p := range d.Params {
			args[i] = &dsl.Ident{At: dsl.At{Span: d.Closes.Span}, Name: dsl.Name{Text: p.Name, Span: d.Closes.Span}}
		}
		if d.Step = inner.step(d, args); d.Step.Op == models.OpInvalid {
			d.Body = d.Step
		}
		d.Static = true
	} else {
		body := inner.instance(d, nil)
		fixed, used := inner.fixed(d, body), inner.used(d, body)
		switch {
		case !fixed || !used || !body.Valid():
			d.Body = inner.invalid(d.Span)
		case !wrong(d) && !d.Generic():
			d.Write(body)
		}
	}
	c.notions.open = c.notions.open[:len(c.notions.open)-1]
	c.notions.done[d] = true
	return !wrong(d)
}

// wrong reports whether something was wrong with a define, so that its uses say nothing more.
func wrong(d *models.Define) bool { return d.Body != nil && d.Body.Op == models.OpInvalid }

// step checks what a closure is the closure of: a relation or a define of the two parameters, which lead from and to things of one sort.
func (c *checker) step(d *models.Define, args []dsl.Expr) *models.Expr {
	at := d.Closes.Span
	if len(d.Params) != 2 || d.Generic() || d.Params[0].Type.Kind.Root() != d.Params[1].Type.Kind.Root() {
		c.diags.Errorf(codeDefine, d.Span, "closure %q has other variables in `for`, expected two of one sort", d.Name)
		return c.invalid(at)
	}
	var x *models.Expr
	if step := c.v.Defines[d.Closes.Text]; step != nil {
		x = c.call(d.Closes, args, at)
	} else {
		x = c.relation(&dsl.Relation{At: dsl.At{Span: at}, X: args[0], Op: d.Closes, Y: args[1]})
	}
	if x.Op == models.OpDefined && !x.Define.Static {
		c.diags.Errorf(codeDefine, at, "%q asks for controls, expected a closure of steps that the design fixes", d.Closes.Text)
		return c.invalid(at)
	}
	return x
}

// instance is a define with the names of the controls that stand for its parameters.
type instance struct {
	define   *models.Define
	controls string
}

// with returns the instance of a define with controls for those parameters that are one. It reports what is wrong with it, and is nil then.
func (c *checker) with(d *models.Define, controls map[string]*models.Control) *models.Define {
	k := instance{define: d}
	for _, p := range d.Params {
		if x := controls[p.Name]; x != nil {
			k.controls += x.Name + " "
		}
	}
	if known := c.names.instances[k]; known != nil {
		return known
	}
	inner := &checker{v: c.v, names: c.names, diags: c.diags, notions: c.notions}
	body := inner.instance(d, controls)
	if !body.Valid() {
		return nil
	}
	c.names.instances[k] = d.Instance(body)
	return c.names.instances[k]
}

// instance checks the body of a define, with controls for those parameters that are one.
func (c *checker) instance(d *models.Define, controls map[string]*models.Control) *models.Expr {
	c.begin(d.Params...)
	c.controls = map[string]*models.Control{}
	for _, p := range d.Params {
		if p.Type.Base != models.ControlType {
			continue
		}
		c.controls[p.Name] = &models.Control{Name: p.Name, Of: c.roots(models.ZoneRoot, models.PartyRoot, models.DataRoot, models.FlowRoot)}
		if controls != nil {
			c.controls[p.Name] = controls[p.Name]
		}
	}
	return c.formula(d.Formula)
}

// fixed reports what changes during a run, and whether nothing does.
func (c *checker) fixed(d *models.Define, body *models.Expr) bool {
	ok := true
	body.Walk(func(x *models.Expr) bool {
		if x.Op == models.OpPredicate {
			c.diags.Errorf(codeDefine, x.Span, "define %q is fixed by the design, but %q changes: let a threat of cost 0 make a predicate true instead", d.Name, x.String())
			ok = false
		}
		return x.Op != models.OpPredicate
	})
	return ok
}

// used reports parameters that a body does not use, and whether it uses all.
func (c *checker) used(d *models.Define, body *models.Expr) bool {
	ok := true
	for _, p := range d.Params {
		used := body.Uses(p) || !body.Valid()
		body.Walk(func(x *models.Expr) bool {
			used = used || x.Control != nil && x.Control == c.controls[p.Name]
			return true
		})
		if !used {
			c.diags.Errorf(codeDefine, p.Span, "define %q does not use its parameter %q: use it, or leave it out", d.Name, p.Name)
			ok = false
		}
	}
	return ok
}

// notion checks a use of a define of a catalogue.
func (c *checker) notion(d *models.Define, name dsl.Name, args []dsl.Expr, span source.Span) *models.Expr {
	if c.notions != nil && !c.checkDefine(d, name.Span) || wrong(d) || !c.arity(name, len(args), len(d.Params)) {
		return c.invalid(span)
	}
	actual := make([]*models.Expr, len(args))
	controls := map[string]*models.Control{}
	for i, p := range d.Params {
		if p.Type.Base == models.ControlType {
			id, ok := args[i].(*dsl.Ident)
			if !ok {
				c.diags.Errorf(codeControl, args[i].Pos(), "%s: expected a control", argumentOf(name, i, len(args)))
				return c.invalid(span)
			}
			k := c.control(id.Name)
			if k == nil {
				return c.invalid(span)
			}
			controls[p.Name] = k
			actual[i] = &models.Expr{Op: models.OpWord, Word: k.Name, Span: id.Span, Type: p.Type}
			continue
		}
		x := c.term(args[i], &p.Type)
		if x.Op == models.OpInvalid {
			return x
		}
		if x.Op == models.OpNone || !c.fits(x, p.Type.Kind) {
			c.diags.Errorf(codeType, x.Span, "%s: expected %s, but %s", argumentOf(name, i, len(args)), article(p.Type.Kind.Name), is(x))
			return c.invalid(span)
		}
		actual[i] = x
	}
	if d.Step != nil {
		out := c.node(models.OpClosure, span, models.Type{}, actual...)
		out.Define = d
		return out
	}
	if d.Generic() {
		if d = c.with(d, controls); d == nil {
			return c.invalid(span)
		}
	}
	out := c.node(models.OpDefined, span, models.Type{}, actual...)
	if out.Op == models.OpDefined {
		out.Define = d
		if !c.spend(out.Size(nil), span) {
			return c.invalid(span)
		}
	}
	return out
}
