package threats

import (
	"strings"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
)

// The codes of lint. They are warnings: the catalogue can be used as it is.
const (
	CodeDead     diag.Code = "VAU2011" // a threat whose condition no rule or start can meet
	CodeShadowed diag.Code = "VAU2012" // a threat that another makes superfluous
	CodeNoRefs   diag.Code = "VAU2013" // a threat without references
	CodeNoSays   diag.Code = "VAU2014" // a threat without a sentence
	CodeIdle     diag.Code = "VAU2015" // a control that no threat mentions
)

// Lint looks for what is legal in a catalogue but hardly meant. It speaks only of the catalogue's own files, not of the built-in ones that it
// extends, unless nothing else was loaded.
func Lint(c *Catalogue) *diag.List {
	l := &diag.List{}
	own := map[string]bool{}
	for _, in := range c.Inputs {
		own[in.Name] = !strings.HasPrefix(in.Path, "builtin:")
	}
	all := true
	for _, in := range c.Inputs {
		all = all && !own[in.Name]
	}
	produced := producible(c)
	for i, t := range c.Threats {
		if !all && !own[t.Catalogue] {
			continue
		}
		lintDead(l, t, produced)
		lintShadowed(l, c, i)
		if len(t.Refs) == 0 {
			l.Warnf(CodeNoRefs, t.Span, "threat %q has no references", t.ID).Helpf("refs: [CAPEC-...]")
		}
		if t.Says == "" {
			l.Warnf(CodeNoSays, t.Span, "threat %q has no sentence for attack paths: its title is used", t.ID)
		}
	}
	lintIdle(l, c, own, all)
	return l
}

// producible tells which predicates some threat makes true; where an attacker may start is always possible.
func producible(c *Catalogue) map[*models.Predicate]bool {
	out := map[*models.Predicate]bool{}
	for _, p := range c.Vocabulary.Predicates {
		if p.Base {
			out[p] = p.Name == "present" || p.Name == "controls" || p.Name == "knows"
		}
	}
	for _, t := range c.Threats {
		for _, e := range t.Then {
			if e.Set {
				out[e.Predicate] = true
			}
		}
	}
	return out
}

// lintDead warns of a threat that needs a fact that nothing makes true.
func lintDead(l *diag.List, t *Threat, produced map[*models.Predicate]bool) {
	var needs func(e *models.Expr) *models.Predicate
	needs = func(e *models.Expr) *models.Predicate {
		switch e.Op {
		case models.OpPredicate:
			if !produced[e.Predicate] {
				return e.Predicate
			}
		case models.OpAnd:
			for _, a := range e.Args {
				if p := needs(a); p != nil {
					return p
				}
			}
		case models.OpOr:
			var last *models.Predicate
			for _, a := range e.Args {
				if last = needs(a); last == nil {
					return nil
				}
			}
			return last
		case models.OpExists:
			return needs(e.Args[0])
		}
		return nil
	}
	if p := needs(t.When); p != nil {
		l.Warnf(CodeDead, t.When.Span, "threat %q needs %q, which no threat makes true", t.ID, p.Name)
	}
}

// lintShadowed warns of a threat that an equal one of at most its cost makes superfluous.
func lintShadowed(l *diag.List, c *Catalogue, i int) {
	t := c.Threats[i]
	for k, other := range c.Threats {
		if k == i || other.Cost > t.Cost || other.Cost == t.Cost && k > i || len(other.Harder) > 0 || signature(other) != signature(t) {
			continue
		}
		l.Warnf(CodeShadowed, t.Span, "threat %q does what %q does for no less", t.ID, other.ID).Label(other.Span, "the other one")
		return
	}
}

// signature is a threat's condition and effects in a form in which equal ones are equal.
func signature(t *Threat) string {
	var b strings.Builder
	for _, v := range t.For {
		b.WriteString(v.Name + ":" + v.Type.String() + ";")
	}
	b.WriteString(t.When.String())
	for _, e := range t.Then {
		b.WriteString(";" + effectText(e))
	}
	return b.String()
}

// lintIdle warns of controls that no condition, cost or protocol mentions.
func lintIdle(l *diag.List, c *Catalogue, own map[string]bool, all bool) {
	used := map[*models.Control]bool{}
	for _, t := range c.Threats {
		t.When.Walk(func(e *models.Expr) bool {
			if e.Control != nil {
				used[e.Control] = true
			}
			return true
		})
		for _, h := range t.Harder {
			used[h.Control] = true
		}
	}
	files := map[string]bool{}
	for _, in := range c.Inputs {
		files[in.File.Name] = all || own[in.Name]
	}
	for _, name := range sortedKeys(c.Vocabulary.Controls) {
		if k := c.Vocabulary.Controls[name]; !used[k] && files[k.Span.File.Name] {
			l.Warnf(CodeIdle, k.Span, "no threat mentions control %q: to have it changes nothing but architecture rules", name)
		}
	}
}
