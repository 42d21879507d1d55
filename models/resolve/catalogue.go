package resolve

import (
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
)

// Catalogue checks what a catalogue says in formulas, over its vocabulary; no elements are in scope. A word that means nothing is reported once.
type Catalogue struct{ checker }

// NewCatalogue returns one for a vocabulary, which may still grow.
func NewCatalogue(v *models.Vocabulary, diags *diag.List) *Catalogue {
	x := &Catalogue{checker{v: v, diags: diags, names: newNames()}}
	x.names.catalogue = true
	return x
}

// Lost notes a word whose declaration was reported as wrong: nothing more is said of its uses.
func (x *Catalogue) Lost(word string) { x.names.broken[word] = true }

// Unknown reports a word that names none of the candidates, unless that was said already.
func (x *Catalogue) Unknown(code diag.Code, what string, at dsl.Name, candidates []string) {
	x.names.unknown(x.diags, code, what, at, candidates)
}

// Formula checks a formula over vars. What is wrong is reported; the result is never nil.
func (x *Catalogue) Formula(e dsl.Expr, vars []*models.Var) *models.Expr {
	x.begin(vars...)
	return x.formula(e)
}

// Fact checks an item of `then`: a predicate over terms, or `not` one (positive is false then). pred is nil where it is wrong.
func (x *Catalogue) Fact(e dsl.Expr, vars []*models.Var) (pred *models.Predicate, args []*models.Expr, positive bool) {
	positive = true
	if not, ok := e.(*dsl.Not); ok {
		e, positive = not.X, false
	}
	f := x.Formula(e, vars)
	if f.Op == models.OpInvalid {
		return nil, nil, positive
	}
	if f.Op != models.OpPredicate {
		x.diags.Errorf(codeThen, f.Span, "a threat makes facts true or false, but %q is fixed by the design", f.String()).
			Helpf("name a predicate, as in `knows(d)` or `not denies(c)`")
		return nil, nil, positive
	}
	return f.Predicate, f.Args, positive
}

// Sort resolves the kind that a variable ranges over. It reports an unknown one and returns false.
func (x *Catalogue) Sort(name dsl.Name) (models.Type, bool) { return x.sort(name) }

// Defines checks all defines, used or not: before any formula that may use them.
func (x *Catalogue) Defines() {
	x.notions = &notions{done: map[*models.Define]bool{}}
	for _, name := range words(x.v.Defines) {
		x.checkDefine(x.v.Defines[name], x.v.Defines[name].Span)
	}
	x.notions = nil
}
