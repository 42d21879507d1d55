package threats

import (
	"slices"
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
	CodeNever    diag.Code = "VAU2016" // a threat whose condition contradicts itself
	CodeRef      diag.Code = "VAU2017" // a reference to an entry that its list does not have
	CodeDefine   diag.Code = "VAU2018" // a define that no threat, control or repair uses
	CodeHub      diag.Code = "VAU2021" // a threat whose rules grow with the square of what shares an element
)

// Lint looks for what is legal in a catalogue but hardly meant. It speaks only of the catalogue's own files, not of the built-in ones that it
// extends, unless nothing else was loaded.
func Lint(c *Catalogue) *diag.List {
	l := &diag.List{}
	own := map[string]bool{}
	for _, in := range c.Inputs {
		own[in.Name] = !in.BuiltIn()
	}
	all := true
	for _, in := range c.Inputs {
		all = all && !own[in.Name]
	}
	lists := Lists()
	produced := producible(c)
	for i, t := range c.Threats {
		if !all && !own[t.Catalogue] {
			continue
		}
		lintDead(l, t, produced)
		lintShadowed(l, c, i)
		lintRefs(l, t, lists)
		lintAbuses(l, c, t)
		if !all { // of those of the built-in ones, the tests of package checker say why
			lintHub(l, t)
		}
		if t.Says == "" {
			l.Warnf(CodeNoSays, t.Span, "threat %q has no sentence for attack paths, so its title is used: add `says`", t.ID)
		}
	}
	files := map[string]bool{}
	for _, in := range c.Inputs {
		files[in.File.Name] = all || own[in.Name]
	}
	lintIdle(l, c, files)
	lintDefines(l, c, files)
	return l
}

// lintDefines warns of defines that no threat uses, by itself or by way of others.
func lintDefines(l *diag.List, c *Catalogue, files map[string]bool) {
	var used []*models.Define
	for _, t := range c.Threats {
		used = definesOf(t.When, used)
	}
	for _, k := range c.Vocabulary.Controls {
		for _, u := range k.Unfit {
			used = definesOf(u.When, used)
		}
	}
	for _, list := range c.Vocabulary.Repairs {
		for _, r := range list {
			used = definesOf(r.When, used)
		}
	}
	for _, name := range sortedKeys(c.Vocabulary.Defines) {
		if d := c.Vocabulary.Defines[name]; !slices.Contains(used, d) && files[d.Span.File.Name] {
			l.Warnf(CodeDefine, d.Span, "no threat, control or repair uses define %q: use it, or leave it out", name)
		}
	}
}

// producible tells which predicates can become true: those that an attacker can start with, and those that a threat makes true whose own
// condition can be met. Threats that only feed each other feed nobody.
func producible(c *Catalogue) map[*models.Predicate]bool {
	out := map[*models.Predicate]bool{}
	for _, p := range c.Vocabulary.Predicates {
		if p.Base {
			out[p] = p.Name == "present" || p.Name == "controls" || p.Name == "knows"
		}
	}
	for grows := true; grows; {
		grows = false
		for _, t := range c.Threats {
			if lacks(t.When, out) != nil {
				continue
			}
			for _, e := range t.Then {
				if e.Set && !out[e.Predicate] {
					out[e.Predicate], grows = true, true
				}
			}
		}
	}
	return out
}

// lacks returns a predicate that a condition needs and that cannot become true, or nil.
func lacks(e *models.Expr, produced map[*models.Predicate]bool) *models.Predicate {
	switch e.Op {
	case models.OpPredicate:
		if !produced[e.Predicate] {
			return e.Predicate
		}
	case models.OpAnd:
		for _, a := range e.Args {
			if p := lacks(a, produced); p != nil {
				return p
			}
		}
	case models.OpOr:
		var last *models.Predicate
		for _, a := range e.Args {
			if last = lacks(a, produced); last == nil {
				return nil
			}
		}
		return last
	case models.OpExists:
		return lacks(e.Args[0], produced)
	}
	return nil
}

// lintDead warns of a threat that can never fire: it needs a fact that nothing makes true, or its condition contradicts itself.
func lintDead(l *diag.List, t *Threat, produced map[*models.Predicate]bool) {
	if p := lacks(t.When, produced); p != nil {
		l.Warnf(CodeDead, t.When.Span, "threat %q needs %q, which no threat makes true: add one that does, or change its `when`", t.ID, p.Name)
		return
	}
	budget := logicBudget
	if !satisfiable(&budget, t.When) {
		l.Warnf(CodeNever, t.Condition().Span, "the `when` of threat %q can never hold: %s; change it", t.ID, t.Condition())
	}
}

// lintRefs warns of a threat without references, and of references to what a list does not have.
func lintRefs(l *diag.List, t *Threat, lists []List) {
	if len(t.Refs) == 0 {
		l.Warnf(CodeNoRefs, t.Span, "threat %q has no references", t.ID).Helpf("refs: [CAPEC-...]")
	}
	for _, ref := range t.Refs {
		for _, list := range lists {
			if common := prefix(list); common == "" || !strings.HasPrefix(ref, common) {
				continue
			}
			if !slices.ContainsFunc(list.Items, func(item ListItem) bool { return item.ID == ref }) {
				l.Warnf(CodeRef, t.Span, "threat %q refers to %q, which `--by %s` cannot show: its list has no such id: fix the reference", t.ID, ref, list.ID)
			}
		}
	}
}

// prefix returns what the ids of a list begin with, all of them; "" where they have nothing in common.
func prefix(l List) string {
	if len(l.Items) == 0 {
		return ""
	}
	common := l.Items[0].ID
	for _, item := range l.Items {
		for !strings.HasPrefix(item.ID, common) {
			common = common[:len(common)-1]
		}
	}
	return strings.TrimRight(common, "0123456789")
}

// lintIdle warns of controls that no condition, cost or protocol mentions.
func lintIdle(l *diag.List, c *Catalogue, files map[string]bool) {
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
	for _, name := range sortedKeys(c.Vocabulary.Controls) {
		if k := c.Vocabulary.Controls[name]; !used[k] && files[k.Span.File.Name] {
			l.Warnf(CodeIdle, k.Span, "no threat mentions control %q, so only architecture rules can notice it: add it to an `unless`, or leave it out", name)
		}
	}
}
