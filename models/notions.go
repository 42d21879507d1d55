package models

import (
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// Define is a named formula of a catalogue: a notion in whose words threats are written. It is fixed by the design, but for the controls that it asks.
type Define struct {
	Name    string
	Title   string // with {parameter} for each parameter
	Doc     string
	Example string // a design, as text, that shows it
	Params  []*Var // elements, or controls
	Span    source.Span

	// Step is the relation, or the other define, of which this one is the transitive closure: x and y are related where steps lead from x to y, one at
	// least. Exactly one of Step and Body is set.
	Step *Expr // over Params
	Body *Expr // over Params; nil where a parameter is a control

	text    string
	formula dsl.Expr // Body as written; nil of a closure
	closes  dsl.Name // the name that Step was written as
	state   int      // 1 being checked, 2 checked
	wrong   bool
	static  bool
}

// Static reports whether the define depends on nothing but the design, controls neither. It is known when the define is checked.
func (d *Define) Static() bool { return d.static }

// Signature returns the name with the parameters: `reaches(f: flow, c: component)`.
func (d *Define) Signature() string {
	params := make([]string, len(d.Params))
	for i, p := range d.Params {
		params[i] = p.Name + ": " + p.Type.String()
	}
	return d.Name + "(" + strings.Join(params, ", ") + ")"
}

// Text returns what the define says, as written: its formula, or what it is the closure of.
func (d *Define) Text() string { return d.text }

// Formula gives a define its body, which is checked by [Vocabulary.CheckDefines].
func (d *Define) Formula(e dsl.Expr, text string) { d.formula, d.text = e, text }

// Closes makes a define the transitive closure of a relation or another define.
func (d *Define) Closes(name dsl.Name) { d.closes, d.text = name, name.Text }

// Generic reports whether a parameter is a control, so that the body is only known where it is used.
func (d *Define) Generic() bool {
	return slices.ContainsFunc(d.Params, func(p *Var) bool { return p.Type.Base == ControlType })
}

// checkDefine checks a define before it is used. It reports one that uses itself.
func (c *checker) checkDefine(d *Define, use source.Span) bool {
	switch d.state {
	case 1:
		i := slices.Index(c.v.defining, d)
		var path []string
		for _, on := range c.v.defining[i:] {
			path = append(path, on.Name)
		}
		c.diags.Errorf(codeDefine, use, "define %q uses itself: %s", d.Name, strings.Join(append(path, d.Name), " -> ")).Label(d.Span, "defined here").
			Helpf("what leads on step by step is a closure: {for: {x: SORT, y: SORT}, closure: STEP}")
		d.wrong = true
		return false
	case 2:
		return !d.wrong
	}
	d.state = 1
	c.v.defining = append(c.v.defining, d)
	inner := &checker{v: c.v, diags: c.diags}
	if d.formula == nil {
		inner.begin(d.Params...)
		args := make([]dsl.Expr, len(d.Params))
		for i, p := range d.Params {
			args[i] = &dsl.Ident{At: dsl.At{Span: d.closes.Span}, Name: dsl.Name{Text: p.Name, Span: d.closes.Span}}
		}
		d.Step = inner.step(d, args)
		d.wrong = d.wrong || d.Step.Op == OpInvalid
		d.static = true
	} else {
		body := inner.instance(d, nil)
		d.wrong = d.wrong || !body.valid()
		inner.fixed(d, body)
		inner.used(d, body)
		if !d.Generic() {
			d.Body = body
			d.static = !body.any(func(op Op) bool { return op == OpHas || op == OpStores })
		}
	}
	c.v.defining = c.v.defining[:len(c.v.defining)-1]
	d.state = 2
	return !d.wrong
}

// step checks what a closure is the closure of: a relation or a define of the two parameters, which lead from and to things of one sort.
func (c *checker) step(d *Define, args []dsl.Expr) *Expr {
	at := d.closes.Span
	if len(d.Params) != 2 || d.Generic() || d.Params[0].Type.Kind.Root() != d.Params[1].Type.Kind.Root() {
		c.diags.Errorf(codeDefine, d.Span, "closure %q needs two variables of one sort in `for`", d.Name)
		return c.invalid(at)
	}
	var x *Expr
	if step := c.v.Defines[d.closes.Text]; step != nil {
		x = c.call(d.closes, args, at)
	} else {
		x = c.relation(&dsl.Relation{At: dsl.At{Span: at}, X: args[0], Op: d.closes, Y: args[1]})
	}
	if x.Op == OpDefined && !x.Define.Static() {
		c.diags.Errorf(codeDefine, at, "the steps of a closure are fixed by the design, but %q asks for controls", d.closes.Text)
		return c.invalid(at)
	}
	return x
}

// instance checks the body of a define, with controls for those parameters that are one.
func (c *checker) instance(d *Define, controls map[string]*Control) *Expr {
	c.begin(d.Params...)
	c.controls = map[string]*Control{}
	for _, p := range d.Params {
		if p.Type.Base != ControlType {
			continue
		}
		c.controls[p.Name] = &Control{Name: p.Name, Of: c.roots(ZoneRoot, PartyRoot, DataRoot, FlowRoot)}
		if controls != nil {
			c.controls[p.Name] = controls[p.Name]
		}
	}
	return c.formula(d.formula)
}

// fixed reports what changes during a run.
func (c *checker) fixed(d *Define, body *Expr) {
	body.Walk(func(x *Expr) bool {
		if x.Op == OpPredicate {
			c.diags.Errorf(codeDefine, x.Span, "define %q is fixed by the design, but %q changes: let a threat of cost 0 make a predicate true instead", d.Name, x.String())
			d.wrong = true
		}
		return x.Op != OpPredicate
	})
}

// used reports parameters that a body does not use.
func (c *checker) used(d *Define, body *Expr) {
	for _, p := range d.Params {
		used := body.Uses(p) || !body.valid()
		body.Walk(func(x *Expr) bool {
			used = used || x.Control != nil && x.Control == c.controls[p.Name]
			return true
		})
		if !used {
			c.diags.Errorf(codeDefine, p.Span, "define %q does not use its parameter %q", d.Name, p.Name)
			d.wrong = true
		}
	}
}

// valid reports whether nothing in a formula was already reported as wrong.
func (e *Expr) valid() bool { return !e.any(func(op Op) bool { return op == OpInvalid }) }

// notion checks a use of a define of a catalogue.
func (c *checker) notion(d *Define, name dsl.Name, args []dsl.Expr, span source.Span) *Expr {
	if !c.checkDefine(d, name.Span) || !c.arity(name, len(args), len(d.Params)) {
		return c.invalid(span)
	}
	actual := make([]*Expr, len(args))
	controls := map[string]*Control{}
	with := substitution{}
	for i, p := range d.Params {
		if p.Type.Base == ControlType {
			id, ok := args[i].(*dsl.Ident)
			if !ok {
				c.diags.Errorf(codeControl, args[i].Pos(), "%s is a control", argumentOf(name, i, len(args)))
				return c.invalid(span)
			}
			k := c.control(id.Name)
			if k == nil {
				return c.invalid(span)
			}
			controls[p.Name] = k
			actual[i] = &Expr{Op: OpWord, Word: k.Name, Span: id.Span, Type: p.Type}
			continue
		}
		x := c.term(args[i], &p.Type)
		if x.Op == OpInvalid {
			return x
		}
		if x.Op == OpNone || !c.fits(x, p.Type.Kind) {
			c.diags.Errorf(codeType, x.Span, "%s is %s, but %s", argumentOf(name, i, len(args)), article(p.Type.Kind.Name), is(x))
			return c.invalid(span)
		}
		actual[i], with[p] = x, x
	}
	if d.Step != nil {
		out := c.node(OpClosure, span, Type{}, actual...)
		out.Define = d
		return out
	}
	body := d.Body
	if body == nil {
		inner := &checker{v: c.v, diags: c.diags}
		if body = inner.instance(d, controls); !body.valid() {
			return c.invalid(span)
		}
	}
	n := 0
	body = with.apply(body, &n, maxNodes)
	if !c.spend(n, span) || body == nil {
		return c.invalid(span)
	}
	out := c.node(OpDefined, span, Type{}, c.narrowed(d, actual, body))
	out.Define, out.Actual = d, actual
	return out
}

// narrowed makes a define false of what is not of the kinds of its parameters.
func (c *checker) narrowed(d *Define, actual []*Expr, body *Expr) *Expr {
	var is []*Expr
	for i, x := range actual {
		if k := d.Params[i].Type.Kind; k != nil && x.Type.Kind != nil && !x.Type.Kind.Is(k) {
			of := c.node(OpIs, x.Span, Type{}, x)
			of.Kind = k
			is = append(is, of)
		}
	}
	if len(is) == 0 {
		return body
	}
	return c.node(OpAnd, body.Span, Type{}, append(is, body)...)
}

// CheckDefines checks all defines of the vocabulary, used or not.
func (v *Vocabulary) CheckDefines(diags *diag.List) {
	c := &checker{v: v, diags: diags}
	for _, name := range words(v.Defines) {
		c.checkDefine(v.Defines[name], v.Defines[name].Span)
	}
}
