package threats

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/models"
)

// repairs reads where a change of the structure takes nothing from anybody: `repairs: {close: {for: ..., when: ..., users: ...}}`, each one or a list.
func (b *builder) repairs(p part) {
	for _, x := range p.entries("repairs") {
		i := slices.IndexFunc(models.RepairKinds, func(w models.RepairWay) bool { return string(w.Kind) == x.Key })
		if i < 0 {
			b.diags.Errorf(CodeKey, p.doc.Span(x.At), "unknown repair %q, expected close, refuse, move, forget, withhold or await", x.Key)
			continue
		}
		list := []*yaml.Node{x.Value}
		if x.Value.Kind == yaml.SequenceNode {
			list = x.Value.Content
		}
		for _, n := range list {
			if r := b.repair(p, models.RepairKinds[i].Kind, models.RepairKinds[i].Of, n); r != nil {
				b.v.Repairs[r.Kind] = append(b.v.Repairs[r.Kind], r)
			}
		}
	}
}

// repair reads one, which is about elements of these roots.
func (b *builder) repair(p part, kind models.RepairKind, roots []string, n *yaml.Node) *models.Repair {
	r := &models.Repair{Kind: kind, Cost: 1, Span: p.doc.Span(n)}
	at := read(b, p, n, string(kind), repairKeys, r)
	known := true
	if at["for"] != nil {
		r.Vars, known = b.variables(p, at["for"])
	}
	fits := len(r.Vars) == len(roots)
	for i := 0; known && fits && i < len(roots); i++ {
		k := r.Vars[i].Type.Kind
		fits = k != nil && k.Root().Name == roots[i]
	}
	switch {
	case !known:
		return nil
	case !fits || at["when"] == nil || r.Users == "":
		b.diags.Errorf(CodeKey, r.Span, "`%s` is incomplete, expected `for` with variables for %s, `when` with a condition over the design, and `users` with the effect on them", kind, strings.Join(roots, " and "))
		return nil
	}
	if r.When = b.static(p, at["when"], r.Vars, "a repair"); r.When == nil {
		return nil
	}
	return r
}

// static reads a condition over the design alone.
func (b *builder) static(p part, n *yaml.Node, vars []*models.Var, of string) *models.Expr {
	e := b.formula(p, n, vars, "when")
	if e != nil && e.MentionsFact() {
		b.diags.Errorf(CodeShape, p.doc.Span(n), "the condition of %s speaks of what an attacker gains, expected one over the design alone", of)
		return nil
	}
	return e
}
