package models

import (
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
)

// Formula checks a catalogue's formula over vars; no elements are in scope.
func (v *Vocabulary) Formula(e dsl.Expr, vars []*Var, diags *diag.List) *Expr { panic("not yet") }

// Term checks a catalogue's term over vars.
func (v *Vocabulary) Term(e dsl.Expr, vars []*Var, diags *diag.List) *Expr { panic("not yet") }

// Fact checks an item of `then`: a predicate over terms, or `not` one. The predicate is nil where it is wrong.
func (v *Vocabulary) Fact(e dsl.Expr, vars []*Var, diags *diag.List) (pred *Predicate, args []*Expr, positive bool) {
	panic("not yet")
}

// Sort resolves the sort of a variable to a type: a kind. It reports false where the word is unknown.
func (v *Vocabulary) Sort(name dsl.Name, diags *diag.List) (Type, bool) { panic("not yet") }

// Resolve binds every name of a design and checks every formula. files[0] is the root.
func Resolve(files []*dsl.File, v *Vocabulary, diags *diag.List) *Design { panic("not yet") }
