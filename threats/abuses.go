package threats

import (
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
)

// abuses reads which controls a threat makes use of: each must be one that helps it.
func (b *builder) abuses(p part, t *Threat, n *yaml.Node) {
	helping := map[*models.Control]*models.Expr{}
	helps(t.When, false, helping)
	if n != nil {
		for _, item := range p.doc.List(n, "abuses") {
			c := b.control(p, item)
			switch {
			case c == nil:
			case slices.Contains(t.Abuses, c):
				b.diags.Errorf(CodeTwice, p.doc.Span(item), "`abuses` names control %q twice, expected once", c.Name)
			case helping[c] == nil && t.When.Valid():
				b.diags.Errorf(CodeAbuse, p.doc.Span(item), "threat %q says that it abuses control %q, which never helps it: leave it out", t.ID, c.Name)
			default:
				t.Abuses = append(t.Abuses, c)
			}
		}
	}
}

// lintAbuses warns of a control that helps the attacker where the entry does not say so.
func lintAbuses(l *diag.List, c *Catalogue, t *Threat) {
	helping := map[*models.Control]*models.Expr{}
	helps(t.When, false, helping)
	for _, name := range sortedKeys(c.Vocabulary.Controls) {
		control := c.Vocabulary.Controls[name]
		if e := helping[control]; e != nil && !slices.Contains(t.Abuses, control) {
			l.Warnf(CodeAbuse, e.Span, "having control %q makes threat %q possible, which the entry does not say", name, t.ID).
				Helpf("abuses: [%s]", name)
		}
	}
}

// helps collects the controls that occur where having one can make a formula true (or, negated, false), each with an atom that asks for it.
func helps(e *models.Expr, negated bool, out map[*models.Control]*models.Expr) {
	switch e.Op {
	case models.OpNot:
		helps(e.Args[0], !negated, out)
		return
	case models.OpImplies:
		helps(e.Args[0], !negated, out)
		helps(e.Args[1], negated, out)
		return
	case models.OpDefined:
		helps(e.Define.Body, negated, out)
		return
	case models.OpAnd, models.OpOr, models.OpForall, models.OpExists:
		for _, a := range e.Args {
			helps(a, negated, out)
		}
		return
	}
	// Whatever else there is may compare or count what stands in it: both ways are possible.
	compared := asked(e) == nil
	e.Walk(func(x *models.Expr) bool {
		if asked(x) != nil && (compared || !negated) && out[x.Control] == nil {
			out[x.Control] = x
		}
		return true
	})
}
