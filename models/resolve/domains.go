package resolve

import (
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

// The largest domain, and all domains of a design together, in values. Engines enumerate them.
const (
	maxDomain  = 65_536
	maxDomains = 1_000_000
)

// processDecl is a process with its members by sort, each slice in step with that of the Process.
type processDecl struct {
	process  *models.Process
	domains  []*dsl.Domain
	values   []*dsl.Value
	facts    []*dsl.Fact
	vars     []*dsl.Var
	messages []*dsl.Message
	steps    []*dsl.Step
}

// declareProcess enters the names of a process and its members.
func (r *resolver) declareProcess(d *dsl.Process) {
	p := &processDecl{process: &models.Process{Name: d.Name.Text, Span: d.Name.Span}}
	r.d.Processes = append(r.d.Processes, p.process)
	r.processDecls = append(r.processDecls, p)
	for _, member := range d.Members {
		switch m := member.(type) {
		case *dsl.Domain:
			r.declareDomain(p, m)
		case *dsl.Value:
			x := &models.ProcessValue{Name: m.Name.Text, Span: m.Name.Span}
			r.enter(m.Name, &symbol{value: x})
			p.values, p.process.Values = append(p.values, m), append(p.process.Values, x)
		case *dsl.Fact:
			x := &models.ProcessFact{Name: m.Name.Text, Span: m.Name.Span}
			r.enter(m.Name, &symbol{fact: x})
			p.facts, p.process.Facts = append(p.facts, m), append(p.process.Facts, x)
		case *dsl.Var:
			x := &models.ProcessVar{Name: m.Name.Text, Span: m.Name.Span, Bounded: m.Bounded}
			r.enter(m.Name, &symbol{state: x})
			p.vars, p.process.Vars = append(p.vars, m), append(p.process.Vars, x)
		case *dsl.Message:
			x := &models.Message{Name: m.Name.Text, Span: m.Name.Span}
			if other := r.names.messages[x.Name]; other != nil {
				r.twice("message", m.Name, other.Span)
			} else {
				r.names.messages[x.Name] = x
			}
			p.messages, p.process.Messages = append(p.messages, m), append(p.process.Messages, x)
		case *dsl.Step:
			x := &models.Step{Name: m.Name.Text, Span: m.Name.Span, Doc: m.Doc}
			if other, ok := r.names.steps[x.Name]; ok {
				r.twice("step", m.Name, other)
			} else {
				r.names.steps[x.Name] = x.Span
			}
			p.steps, p.process.Steps = append(p.steps, m), append(p.process.Steps, x)
		}
	}
}

func (r *resolver) twice(what string, name dsl.Name, first source.Span) {
	r.diags.Errorf(codeDuplicate, name.Span, "%s %q is declared twice, expected another name", what, name.Text).Label(first, "first declared here")
}

// declareDomain enters a domain and the names of its values.
func (r *resolver) declareDomain(p *processDecl, m *dsl.Domain) {
	d := &models.ProcessDomain{Name: m.Name.Text, Span: m.Name.Span, Secret: m.Secret}
	p.domains, p.process.Domains = append(p.domains, m), append(p.process.Domains, d)
	if other := r.names.domains[d.Name]; other != nil {
		r.twice("domain", m.Name, other.Span)
	} else {
		r.names.domains[d.Name] = d
	}
	switch {
	case r.v.Kinds[d.Name] == nil:
	case models.NewVocabulary().Kinds[d.Name] != nil:
		r.diags.Errorf(codeShadow, m.Name.Span, "%q is a kind of the language, which a domain cannot hide", d.Name).Helpf("give it another name")
	default:
		r.diags.Warnf(codeShadow, m.Name.Span, "domain %q hides the kind of the same name: rename it if formulas need the kind", d.Name)
	}
	if m.Values != nil {
		for _, name := range m.Values {
			if len(d.Members) == maxDomain {
				r.diags.Errorf(codeTooLarge, name.Span, "the domain is too large, expected at most %d values", maxDomain)
				break
			}
			v := &models.Member{Name: name.Text, Index: len(d.Members), Domain: d, Span: name.Span}
			if r.enter(name, &symbol{member: v}) {
				d.Members = append(d.Members, v)
			}
		}
	} else {
		r.declareRange(d, m)
	}
	before := r.values
	if r.values += d.Size(); r.values > maxDomains && before <= maxDomains {
		r.diags.Errorf(codeTooLarge, m.Name.Span, "the domains of this design are too large, expected at most %d values together", maxDomains)
	}
}

func (r *resolver) declareRange(d *models.ProcessDomain, m *dsl.Domain) {
	d.Range, d.Lo, d.Hi = true, m.Lo.Value, m.Hi.Value
	switch {
	case d.Lo > d.Hi:
		r.diags.Errorf(codeDomain, m.Lo.Span.To(m.Hi.Span), "domain %q is empty: %d is more than %d; expected the smaller one first", d.Name, d.Lo, d.Hi)
	case uint64(d.Hi)-uint64(d.Lo) >= maxDomain:
		r.diags.Errorf(codeTooLarge, m.Lo.Span.To(m.Hi.Span), "the domain is too large, expected at most %d values", maxDomain)
	default:
		if m.Secret {
			r.diags.Errorf(codeDomain, m.Name.Span, "integers can be guessed, expected names: only named values may be `secret`")
		}
		return
	}
	d.Hi = d.Lo // one value, so that nothing after this counts far
}

// processes resolves all processes: first what members look like, then what they say, for they may speak of each other.
func (r *resolver) processes() {
	for _, p := range r.processDecls {
		for i, m := range p.values {
			v := p.process.Values[i]
			v.Params, v.Result = r.types(m.Params), r.typeOf(m.Type, false)
		}
		for i, m := range p.facts {
			p.process.Facts[i].Params = r.types(m.Params)
		}
		for i, m := range p.vars {
			v := p.process.Vars[i]
			v.Params, v.Result = r.types(m.Params), r.typeOf(m.Type, m.Maybe)
		}
	}
	for _, p := range r.processDecls {
		for i, m := range p.values {
			r.value(p.process.Values[i], m)
		}
	}
	for _, p := range r.processDecls {
		for i, m := range p.messages {
			r.message(p.process.Messages[i], m)
		}
	}
	for _, p := range r.processDecls {
		for i, m := range p.facts {
			r.fact(p.process.Facts[i], m)
		}
		for i, m := range p.vars {
			r.variable(p.process.Vars[i], m)
		}
		for i, m := range p.steps {
			r.step(p.process.Steps[i], m)
		}
	}
}

// types resolves the sorts of parameters.
func (r *resolver) types(params []dsl.Param) []models.Type {
	out := make([]models.Type, len(params))
	for i, p := range params {
		out[i], _ = r.check.sort(p.Sort)
		if p.Maybe {
			r.diags.Errorf(codeNone, p.Sort.Span, "found `?` after the sort of an argument, expected %q alone: only a `var` may be `none`", p.Sort.Text)
		}
	}
	return out
}

func (r *resolver) typeOf(name dsl.Name, maybe bool) models.Type {
	t, _ := r.check.sort(name)
	t.Maybe = maybe
	return t
}

// fact reads the start value of a fact.
func (r *resolver) fact(f *models.ProcessFact, m *dsl.Fact) {
	id, _ := m.Init.(*dsl.Ident)
	switch {
	case m.Init == nil || id != nil && id.Name.Text == "false":
	case id != nil && id.Name.Text == "true":
		f.Init = true
	default:
		r.diags.Errorf(codeState, m.Init.Pos(), "expected `true` or `false` as the start of fact %q", f.Name)
	}
}

// variable reads the start value of a variable of the state.
func (r *resolver) variable(v *models.ProcessVar, m *dsl.Var) {
	r.check.begin()
	v.Vars = r.check.bind(m.Params)
	if m.Init == nil {
		r.diags.Errorf(codeState, m.Name.Span, "variable %q has no start value", v.Name).Helpf("write `= VALUE` after its type")
		return
	}
	v.Init = r.check.term(m.Init, &v.Result)
	r.check.accepts(v.Result, v.Init, "the start value of \""+v.Name+"\"")
	if v.Init.MentionsFact() {
		r.diags.Errorf(codeState, v.Init.Span, "the start value of %q depends on the state, expected one that the design fixes", v.Name)
	}
}
