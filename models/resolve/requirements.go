package resolve

import (
	"slices"
	"strings"
	"time"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/models"
)

func (r *resolver) declareRequirement(d *dsl.Require) {
	if first := r.requirements[d.Name.Text]; first != nil {
		r.diags.Errorf(codeDuplicate, d.Name.Span, "requirement %q is declared twice, expected another name", d.Name.Text).Label(first.Span, "first declared here")
		return
	}
	q := &models.Requirement{Name: d.Name.Text, Doc: d.Doc, Span: d.Name.Span, Text: fold(d.Property.Span)}
	r.requirements[q.Name] = q
	r.d.Requirements = append(r.d.Requirements, q)
	r.requirementDecls = append(r.requirementDecls, d)
}

// formulas resolves everything that needs the elements and the processes: defines, attackers, requirements, assumptions, waivers.
func (r *resolver) formulas() {
	for _, d := range r.defines {
		r.check.check(d, d.decl.Name.Span)
	}
	for i, d := range r.attackerDecls {
		r.attacker(r.d.Attackers[i], d)
	}
	r.belongings()
	for i, d := range r.requirementDecls {
		r.requirement(r.d.Requirements[i], d)
	}
	for _, d := range r.assumptionDecls {
		r.check.begin()
		f := r.check.formula(d.Formula)
		r.numbers(f)
		r.d.Assumptions = append(r.d.Assumptions, &models.Assumption{Name: d.Name.Text, F: f, Span: d.Name.Span, Text: fold(d.Formula.Pos())})
	}
	r.waive()
}

func (r *resolver) requirement(q *models.Requirement, d *dsl.Require) {
	r.check.begin()
	q.For = r.check.bind(d.For)
	r.property(q, d.Property)
	facts, process := q.F.MentionsFact(), q.F.MentionsProcess()
	if q.G != nil {
		facts, process = facts || q.G.MentionsFact(), process || q.G.MentionsProcess()
	}
	q.Static, q.Process = !facts, process
	r.numbers(q.F)
	r.numbers(q.G)
	for _, v := range q.For {
		if q.F.Op != models.OpInvalid && !q.F.Uses(v) && (q.G == nil || !q.G.Uses(v)) {
			r.diags.Warnf(codeUnused, v.Span, "variable %q of requirement %q is not used: leave it out", v.Name, q.Name)
		}
	}
	r.against(q, d)
	r.atScale(q, d)
	if d.Tolerating != nil {
		if d.Tolerating.Value < 0 || d.Tolerating.Value > 1_000_000 {
			r.diags.Errorf(codeRequirement, d.Tolerating.Span, "the number of failures is %d, expected 0 to 1000000", d.Tolerating.Value)
		} else {
			q.Failures = int(d.Tolerating.Value)
		}
	}
	for _, c := range d.Body.Clauses() {
		r.detail(q, c)
	}
}

func (r *resolver) detail(q *models.Requirement, c *dsl.Clause) {
	switch c.Keyword.Text {
	case "title":
		q.Title = r.text(c)
	case "severity":
		if len(c.Items) > 1 {
			r.diags.Errorf(codeRequirement, c.Span, "a requirement has one severity, found %d", len(c.Items)).Helpf("severity %s", c.Items[0].Text)
			return
		}
		if len(c.Items) != 1 || !slices.Contains(models.Severities, c.Items[0].Text) {
			word := dsl.Name{Text: c.Span.Text(), Span: c.Span}
			if len(c.Items) > 0 {
				word = dsl.Name{Text: c.Items[0].Span.Text(), Span: c.Items[0].Span}
			}
			r.names.unknown(r.diags, codeRequirement, "severity", word, models.Severities).Helpf("one of %s", strings.Join(models.Severities, ", "))
			return
		}
		q.Severity = c.Items[0].Text
	case "refs":
		for _, item := range c.Items {
			if item.Kind != dsl.StringItem {
				r.diags.Errorf(codeRequirement, item.Span, "expected a string after `refs`, found %s", item.Span.Text())
				continue
			}
			q.Refs = append(q.Refs, item.Text)
		}
	default:
		r.names.unknown(r.diags, codeClause, "clause of a requirement", c.Keyword, dsl.Words(dsl.RequireClause))
	}
}

// property resolves the form of a requirement; the short forms become `never knows(D) or knows(E)` and their like.
func (r *resolver) property(q *models.Requirement, p dsl.Property) {
	c := r.check
	switch p.Kind {
	case dsl.Never:
		q.Kind, q.F = models.Never, c.formula(p.F)
	case dsl.Always:
		q.Kind, q.F = models.Always, c.formula(p.F)
	case dsl.Possible:
		q.Kind, q.F = models.Possible, c.formula(p.F)
	case dsl.OnlyAfter:
		q.Kind, q.F, q.G = models.OnlyAfter, c.formula(p.F), c.formula(p.G)
	default:
		predicate := models.ShortForms[p.Kind.Word()]
		var any []*models.Expr
		for _, item := range p.Items {
			word := dsl.Name{Text: predicate, Span: item.Span}
			arg := &dsl.Ident{At: dsl.At{Span: item.Span}, Name: item}
			any = append(any, c.predicate(r.v.Predicates[predicate], word, []dsl.Expr{arg}, item.Span))
		}
		q.Short, q.Secret = true, p.Kind == dsl.Confidential
		q.Kind, q.F = models.Never, c.node(models.OpOr, p.Span, models.Type{}, any...)
		if len(any) == 1 {
			q.F = any[0]
		} else {
			q.Each = any
		}
	}
}

// against resolves the coalitions of a requirement.
func (r *resolver) against(q *models.Requirement, d *dsl.Require) {
	if len(d.Against) > 0 && q.Kind == models.Possible {
		r.diags.Errorf(codeRequirement, d.AgainstAt, "`possible` is about runs without any attacker: leave `against` out")
		return
	}
	if len(d.Against) > 0 && q.Static && q.F.Op != models.OpInvalid && (q.G == nil || q.G.Op != models.OpInvalid) {
		r.diags.Warnf(codeRequirement, d.AgainstAt, "requirement %q mentions no fact: it is judged once, without attackers", q.Name).
			Helpf("leave out `against`")
		return
	}
	for _, names := range d.Against {
		var coalition []*models.Attacker
		for _, name := range names {
			a := r.attackers[name.Text]
			switch {
			case a == nil:
				d := r.names.unknown(r.diags, codeUnknown, "attacker", name, words(r.attackers))
				if name.Text == "all" || name.Text == "any" || name.Text == "everybody" {
					d.Helpf("leave out `against`: it is then asked of each attacker")
				}
			case slices.Contains(coalition, a):
				r.diags.Errorf(codeRequirement, name.Span, "attacker %q is named twice in one coalition: leave one out", a.Name)
			default:
				coalition = append(coalition, a)
			}
		}
		if len(coalition) > 0 {
			q.Coalitions = append(q.Coalitions, coalition)
		}
	}
	if len(d.Against) == 0 && q.Kind != models.Possible && !q.Static {
		for _, a := range r.d.Attackers {
			q.Coalitions = append(q.Coalitions, []*models.Attacker{a})
		}
	}
}

func (r *resolver) waive() {
	seen := map[*models.Requirement]*dsl.Waive{}
	for _, d := range r.waiverDecls {
		if _, err := time.Parse(time.DateOnly, d.Until.Text); err != nil {
			r.diags.Errorf(codeWaiver, d.Until.Span, "%q is not a date, expected YYYY-MM-DD", d.Until.Text)
		}
		q := r.requirements[d.Requirement.Text]
		if q == nil {
			r.names.unknown(r.diags, codeUnknown, "requirement", d.Requirement, words(r.requirements))
			continue
		}
		if other := seen[q]; other != nil {
			r.diags.Errorf(codeWaiver, d.Requirement.Span, "requirement %q is waived twice, expected one waiver", q.Name).Label(other.Requirement.Span, "first waived here")
			continue
		}
		seen[q] = d
		r.d.Waivers = append(r.d.Waivers, &models.Waiver{Requirement: q, Until: d.Until.Text, Because: d.Because.Value, Span: d.Requirement.Span})
	}
}
