package resolve

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

// Draft resolves a design that has errors, as far as it goes: what a declaration says before a syntax error counts, and what an error is about is left out, with
// what it stands in marked as wrong. errors are those that [Design] and whoever read the files found; none are added. The design is never nil, and is a
// [models.Design.Draft].
func Draft(files []*dsl.File, v *models.Vocabulary, errors []diag.Diagnostic) *models.Design {
	r := newResolver(v, &diag.List{})
	r.begun, r.d.Draft = true, true
	r.declareAll(files)
	if !r.overflow {
		r.resolve()
	}
	r.mark(errors)
	return r.d
}

// region is where something is declared or extended.
type region struct {
	at   source.Span
	mark func()
}

// mark marks what errors stand in: of declarations within each other the innermost.
func (r *resolver) mark(errors []diag.Diagnostic) {
	var all []region
	for _, g := range r.groups {
		all = append(all, region{g.decl().Pos(), func() {
			for _, e := range g.elements {
				e.Wrong = true
			}
		}})
	}
	for i, d := range r.attackerDecls {
		all = append(all, region{d.Span, func() { r.d.Attackers[i].Wrong = true }})
	}
	for i, d := range r.requirementDecls {
		all = append(all, region{d.Span, func() { r.d.Requirements[i].Wrong = true }})
	}
	before := func(a, b source.Span) int {
		return cmp.Or(strings.Compare(a.File.Name, b.File.Name), a.Start-b.Start)
	}
	slices.SortStableFunc(all, func(a, b region) int { return before(a.at, b.at) })
	for _, e := range errors {
		at := e.Primary.Span
		if e.Severity != diag.Error || at.File == nil {
			continue
		}
		i, _ := slices.BinarySearchFunc(all, at, func(x region, at source.Span) int { return cmp.Or(before(x.at, at), -1) })
		for i--; i >= 0 && all[i].at.File.Name == at.File.Name; i-- { // regions hold each other or are apart
			if at.Start <= all[i].at.End {
				all[i].mark()
				break
			}
		}
	}
}
