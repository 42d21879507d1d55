package resolve

import (
	"slices"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/models"
)

// message binds the flow, the fields and the signature of a message.
func (r *resolver) message(x *models.Message, m *dsl.Message) {
	r.check.begin()
	x.Fields = r.check.bind(m.Fields)
	x.Unsigned = make([]bool, len(x.Fields))
	if x.Over = r.findOf(m.Over, models.FlowRoot); x.Over != nil && x.Over.Flow.Blocked {
		r.diags.Warnf(codeMessage, m.Over.Span, "flow %q is blocked, so %q never passes: leave `blocked` out, or send it over another flow", x.Over.Name, x.Name).Label(x.Over.Span, "blocked here")
	} else if x.Over != nil && x.Over.Flow.Idle {
		r.diags.Errorf(codeMessage, m.Over.Span, "flow %q is idle, so there is no %q on it: leave `is idle` out, or send it over another flow", x.Over.Name, x.Name).Label(x.Over.Span, "declared here")
	}
	if m.Signed == nil {
		return
	}
	x.Signed = r.check.term(m.Signed, nil)
	if x.Signed.Op != models.OpInvalid && !r.proves(x.Signed) {
		r.diags.Errorf(codeCredential, x.Signed.Span, "expected a credential after `signed by`, but %s", is(x.Signed))
	}
	if x.Signed.MentionsFact() {
		r.diags.Errorf(codeMessage, x.Signed.Span, "the key of %q depends on the state, expected one that the design fixes", x.Name)
	}
	for _, name := range m.Except {
		i := slices.IndexFunc(x.Fields, func(f *models.Var) bool { return f.Name == name.Text })
		if i < 0 {
			var fields []string
			for _, f := range x.Fields {
				fields = append(fields, f.Name)
			}
			r.names.unknown(r.diags, codeMessage, "field", name, fields)
			continue
		}
		x.Unsigned[i] = true
	}
}

// proves reports whether a term is certain to be a credential.
func (r *resolver) proves(x *models.Expr) bool {
	credential := r.v.Kinds[models.Credential]
	switch x.Op {
	case models.OpElement:
		return x.Element.Is(credential)
	case models.OpIf:
		return r.proves(x.Args[1]) && r.proves(x.Args[2])
	}
	return x.Type.Base == models.ElementType && (x.Type.Unknown() || x.Type.Kind.Is(credential))
}

func (r *resolver) step(s *models.Step, m *dsl.Step) {
	c := r.check
	c.begin()
	s.Params = c.bind(m.Params)
	s.For = r.callers(c.bind(m.For))
	known := true
	for _, name := range m.By {
		e := r.findOf(name, models.PartyRoot)
		switch {
		case e == nil:
			known = false
		case slices.Contains(s.By, e):
			r.diags.Errorf(codeDuplicate, name.Span, "%q is named twice as a party of step %q: leave one out", e.Name, s.Name)
		default:
			s.By = append(s.By, e)
		}
	}
	for _, call := range m.Receives {
		s.Receives = r.messageTerm(s.Receives, s, call, known, true)
	}
	s.When = &models.Expr{Op: models.OpTrue, Span: m.Span}
	if m.When != nil {
		s.When = c.formula(m.When)
	}
	for _, e := range m.Do {
		r.effect(s, e)
	}
	for _, call := range m.Sends {
		s.Sends = r.messageTerm(s.Sends, s, call, known, false)
	}
	r.unusedParams(s)
}

// messageTerm appends a message with its arguments to list. It reports a party that is not at the right end of the flow.
func (r *resolver) messageTerm(list []models.MessageTerm, s *models.Step, call *dsl.Call, known, receives bool) []models.MessageTerm {
	m := r.names.messages[call.Name.Text]
	if m == nil {
		r.names.unknown(r.diags, codeMessage, "message", call.Name, words(r.names.messages))
		return list
	}
	types := make([]models.Type, len(m.Fields))
	for i, f := range m.Fields {
		types[i] = f.Type
	}
	args := r.check.arguments(call.Name, call.Args, types)
	if m.Over != nil && known {
		end, verb, role := m.Over.Flow.Source, "sends", "source"
		if receives {
			end, verb, role = m.Over.Flow.Target, "receives", "target"
		}
		if end != nil && !slices.Contains(s.By, end) {
			r.diags.Errorf(codeParty, call.Name.Span, "step %q %s %q, but the %s of flow %q is %q, which is not a party of the step: add it after `by`", s.Name, verb, m.Name, role, m.Over.Name, end.Name).
				Label(m.Span, "the message").Label(m.Over.Span, "its flow")
		}
	}
	if len(args) != len(types) {
		return list
	}
	return append(list, models.MessageTerm{Message: m, Args: args, Span: call.Span})
}

// effect binds what a step sets.
func (r *resolver) effect(s *models.Step, e *dsl.Effect) {
	c := r.check
	depth := len(c.scope)
	vars := c.bind(e.Forall)
	defer func() { c.scope = c.scope[:depth] }()
	name := e.Target.Name
	sym := r.names.terms[name.Text]
	if sym == nil || sym.fact == nil && sym.state == nil {
		r.notSettable(name, sym)
		return
	}
	out := models.Effect{Forall: vars, Span: e.Span}
	var params []models.Type
	if sym.fact != nil {
		out.Fact, params = sym.fact, sym.fact.Params
		out.Value = &models.Expr{Op: models.OpTrue, Span: e.Span}
		switch {
		case e.Assign != nil:
			out.Value = c.formula(e.Assign)
		case e.Not:
			out.Value = &models.Expr{Op: models.OpFalse, Span: e.Span}
		}
	} else {
		out.Var, params = sym.state, sym.state.Params
		if e.Assign == nil {
			if sym.state.Result.Unknown() {
				return
			}
			r.diags.Errorf(codeEffect, e.Span, "%q is a variable, not a fact: it needs a value", name.Text).Helpf("%s := ...", e.Target.Span.Text())
			return
		}
		out.Value = c.term(e.Assign, &sym.state.Result)
		c.accepts(sym.state.Result, out.Value, "the value of \""+name.Text+"\"")
	}
	if e.Not && e.Assign != nil {
		r.diags.Errorf(codeEffect, e.Span, "found `not` and `:=` together, expected `NAME := VALUE` for a variable, or `not FACT`")
	}
	out.Args = c.arguments(name, e.Target.Args, params)
	if len(out.Args) != len(params) {
		return
	}
	for _, v := range vars {
		if !slices.ContainsFunc(out.Args, func(a *models.Expr) bool { return a.Uses(v) }) && out.Var != nil {
			r.diags.Errorf(codeEffect, v.Span, "%q is missing on the left, so one variable would get several values: expected it among the arguments on the left", v.Name)
		}
	}
	r.again(s, out)
	s.Do = append(s.Do, out)
}

func (r *resolver) notSettable(name dsl.Name, sym *symbol) {
	if sym == nil {
		r.names.unknown(r.diags, codeEffect, "fact or variable", name, r.names.candidates(func(s *symbol) bool { return s.fact != nil || s.state != nil }))
		return
	}
	r.diags.Errorf(codeEffect, name.Span, "expected a fact or a variable of a process, but %q is %s", name.Text, sym.what()).Label(sym.span, "declared here")
}

// again reports a variable that a step sets twice with the same arguments.
func (r *resolver) again(s *models.Step, e models.Effect) {
	if e.Var == nil {
		return
	}
	for _, other := range s.Do {
		if other.Var == e.Var && slices.EqualFunc(other.Args, e.Args, func(a, b *models.Expr) bool { return a.String() == b.String() }) {
			r.diags.Errorf(codeEffect, e.Span, "step %q sets %q twice, expected once", s.Name, e.Var.Name).Label(other.Span, "first set here")
			return
		}
	}
}

// unusedParams warns of parameters that only multiply the step.
func (r *resolver) unusedParams(s *models.Step) {
	for _, v := range s.Params { // for whom a step is taken says whose messages it takes, too
		used := s.When.Uses(v)
		for _, t := range append(slices.Clone(s.Receives), s.Sends...) {
			used = used || slices.ContainsFunc(t.Args, func(a *models.Expr) bool { return a.Uses(v) })
		}
		for _, e := range s.Do {
			used = used || e.Value.Uses(v) || slices.ContainsFunc(e.Args, func(a *models.Expr) bool { return a.Uses(v) })
		}
		if !used {
			r.diags.Warnf(codeUnused, v.Span, "parameter %q of step %q is not used: leave it out", v.Name, s.Name)
		}
	}
}
