package resolve

import (
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/models"
)

func (r *resolver) declareAttacker(d *dsl.Attacker) {
	if first := r.attackers[d.Name.Text]; first != nil {
		r.diags.Errorf(codeDuplicate, d.Name.Span, "attacker %q is declared twice, expected another name", d.Name.Text).Label(first.Span, "first declared here")
		return
	}
	a := &models.Attacker{Name: d.Name.Text, Span: d.Name.Span, Doc: d.Doc, Budget: -1}
	r.attackers[a.Name] = a
	r.d.Attackers = append(r.d.Attackers, a)
	r.attackerDecls = append(r.attackerDecls, d)
}

// attacker reads the clauses of an attacker: what holds for it at the start, what it may spend, what it does not do.
func (r *resolver) attacker(a *models.Attacker, d *dsl.Attacker) {
	for _, c := range d.Body.Clauses() {
		switch keyword := c.Keyword.Text; keyword {
		case "budget":
			if len(c.Items) != 1 || c.Items[0].Kind != dsl.IntItem || c.Items[0].Int < 0 || c.Items[0].Int > math.MaxInt32 {
				r.diags.Errorf(codeAttacker, c.Span, "a budget is one integer from 0 to %d", math.MaxInt32).Helpf("budget 12")
				continue
			}
			if a.Budget >= 0 {
				r.diags.Errorf(codeAttacker, c.Span, "attacker %q has two budgets, expected one", a.Name)
			}
			a.Budget = int(c.Items[0].Int)
		case "without":
			r.without(a, c)
		case "is":
			r.oneOf(a, c)
		case "in":
			r.start(a, c, r.v.Predicates["present"])
		default:
			p := r.v.Predicates[keyword]
			if p == nil || len(p.Args) != 1 {
				candidates := dsl.Words(dsl.AttackerClause)
				for _, w := range words(r.v.Predicates) {
					if len(r.v.Predicates[w].Args) == 1 {
						candidates = append(candidates, w)
					}
				}
				d := r.names.unknown(r.diags, codeClause, "clause of an attacker", c.Keyword, candidates)
				d.Helpf("an attacker has %s, and what a predicate of one argument says", strings.Join(dsl.Words(dsl.AttackerClause), ", "))
				continue
			}
			r.start(a, c, p)
		}
	}
	sort.Strings(a.Without)
	a.Without = slices.Compact(a.Without)
	a.Secrets = unique(a.Secrets)
}

// oneOf reads `is ACTOR`: the attacker is one of the many that an actor stands for.
func (r *resolver) oneOf(a *models.Attacker, c *dsl.Clause) {
	for _, item := range c.Items {
		name, ok := r.itemName(item, "is")
		if !ok {
			continue
		}
		if e := r.findOf(name, models.ActorRoot); e != nil && !slices.Contains(a.Is, e) {
			members(e)
			a.Is = append(a.Is, e)
		}
	}
}

func (r *resolver) without(a *models.Attacker, c *dsl.Clause) {
	for _, item := range c.Items {
		if item.Kind == dsl.IntItem || item.Maybe {
			r.diags.Errorf(codeAttacker, item.Span, "expected the id of a threat after `without`, found %s", item.Span.Text())
			continue
		}
		if !r.v.ThreatIDs[item.Text] {
			r.names.unknown(r.diags, codeAttacker, "threat", dsl.Name{Text: item.Text, Span: item.Span}, words(r.v.ThreatIDs))
			continue
		}
		a.Without = append(a.Without, item.Text)
	}
}

// start reads the elements of a clause such as `controls Dispatcher`: the predicate holds of each from the beginning.
func (r *resolver) start(a *models.Attacker, c *dsl.Clause, p *models.Predicate) {
	for _, item := range c.Items {
		name, ok := r.itemName(item, c.Keyword.Text)
		if !ok {
			continue
		}
		if s := r.names.terms[name.Text]; s != nil && s.member != nil && p.Base && p.Name == "knows" {
			if !s.member.Domain.Secret {
				r.diags.Errorf(codeAttacker, name.Span, "everybody knows %q, a value of %q", name.Text, s.member.Domain.Name).
					Label(s.member.Domain.Span, "not `secret`").Helpf("write `secret` at the end of domain %s", s.member.Domain.Name)
				continue
			}
			a.Secrets = append(a.Secrets, s.member)
			continue
		}
		e := r.find(name, p.Args[0].Name)
		if e == nil {
			continue
		}
		if p.Base && p.Name == "observes" && e.Flow != nil && e.Flow.Idle {
			r.diags.Errorf(codeAttacker, name.Span, "flow %q is idle, so there is nothing to observe, expected a flow that somebody uses", e.Name).Label(e.Span, "declared here")
			continue
		}
		if !p.Accepts(0, e) {
			r.diags.Errorf(codeSort, name.Span, "`%s`: expected %s, but %q is %s", c.Keyword.Text, kindList(p.Ranges(0)), e.Name, sortOf(e)).
				Label(e.Span, "declared here")
			continue
		}
		known := slices.ContainsFunc(a.Start, func(s models.Start) bool { return s.Predicate == p && s.Args[0] == e })
		if !known {
			a.Start = append(a.Start, models.Start{Predicate: p, Args: []*models.Element{e}, Span: name.Span})
		}
	}
}
