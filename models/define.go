package models

import (
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
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
	Body *Expr // over Params; nil where a parameter is a control, but for its instances, and OpInvalid where something was wrong with the define

	Text    string   // what it says, as written: its formula, or what it is the closure of
	Formula dsl.Expr // Body as written; nil of a closure
	Closes  dsl.Name // the name that Step was written as
	Static  bool     // it depends on nothing but the design, controls neither
	Asks    bool     // it asks for controls
	Binds   bool     // its body binds variables
	Of      *Define  // of an instance, in whose body controls stand for the parameters that are one: what it is an instance of; nil otherwise

	nodes  int   // of Body, with every define in it written out, but for the parameters
	occurs []int // by parameter: how often it stands there
}

// Write gives a define its body.
func (d *Define) Write(body *Expr) {
	d.Body = body
	d.Static = !body.Any(func(op Op) bool { return op == OpHas || op == OpStores })
	none := map[*Var]int{}
	for _, p := range d.Params {
		none[p] = 0
	}
	d.nodes, d.occurs = body.Size(none), make([]int, len(d.Params))
	for i, p := range d.Params {
		none[p] = 1
		d.occurs[i] = body.Size(none) - d.nodes
		none[p] = 0
	}
	d.Asks, d.Binds = false, false
	body.Walk(func(x *Expr) bool {
		d.Asks = d.Asks || x.Op == OpHas || x.Op == OpStores && x.Control != nil
		d.Binds = d.Binds || len(x.Vars) > 0
		return true
	})
}

// Instance returns the define with a body in which controls stand for parameters.
func (d *Define) Instance(body *Expr) *Define {
	out := *d
	out.Of = d
	out.Write(body)
	return &out
}

// Declared returns the define that one is, or is an instance of.
func (d *Define) Declared() *Define {
	if d.Of != nil {
		return d.Of
	}
	return d
}

// Signature returns the name with the parameters: `reaches(f: flow, c: component)`.
func (d *Define) Signature() string {
	params := make([]string, len(d.Params))
	for i, p := range d.Params {
		params[i] = p.Name + ": " + p.Type.String()
	}
	return d.Name + "(" + strings.Join(params, ", ") + ")"
}

// Generic reports whether a parameter is a control, so that the body is only known where it is used.
func (d *Define) Generic() bool {
	return slices.ContainsFunc(d.Params, func(p *Var) bool { return p.Type.Base == ControlType })
}
