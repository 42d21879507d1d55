package resolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

func (c *checker) ident(e *dsl.Ident, want *models.Type) *models.Expr {
	name := e.Name.Text
	if v := c.bound(name); v != nil {
		x := c.node(models.OpVar, e.Span, v.Type)
		x.Var = v
		return x
	}
	switch name {
	case "true":
		return c.node(models.OpTrue, e.Span, models.Type{})
	case "false":
		return c.node(models.OpFalse, e.Span, models.Type{})
	case "none":
		return c.none(e, want)
	}
	if want != nil && want.Base == models.WordType && slices.Contains(want.Words, name) {
		x := c.node(models.OpWord, e.Span, models.Type{Base: models.WordType, Words: want.Words})
		x.Word = name
		return x
	}
	if want != nil && want.Base == models.ProtocolType {
		if p := c.v.Protocol(name); p != nil {
			x := c.node(models.OpProtocolName, e.Span, models.Type{Base: models.ProtocolType})
			x.Protocol = p
			return x
		}
		c.names.unknown(c.diags, codeProtocol, "protocol", e.Name, words(c.v.Protocols))
		return c.invalid(e.Span)
	}
	return c.call(e.Name, nil, e.Span)
}

func (c *checker) none(e *dsl.Ident, want *models.Type) *models.Expr {
	if want == nil || want.Unknown() {
		return c.node(models.OpNone, e.Span, anyType)
	}
	if !want.Maybe {
		c.diags.Errorf(codeNone, e.Span, "found `none`, expected a value of sort %s", want.String())
		return c.invalid(e.Span)
	}
	return c.node(models.OpNone, e.Span, *want)
}

// call checks a name with its arguments, which may be none: an element, a value, a fact, a define, a predicate.
func (c *checker) call(name dsl.Name, args []dsl.Expr, span source.Span) *models.Expr {
	s := c.names.terms[name.Text]
	if s == nil {
		if p := c.v.Predicates[name.Text]; p != nil {
			return c.predicate(p, name, args, span)
		}
		if d := c.v.Defines[name.Text]; d != nil {
			return c.notion(d, name, args, span)
		}
		return c.unknownName(name, args, span)
	}
	switch {
	case s.element != nil:
		return c.constant(name, args, c.node(models.OpElement, span, models.Type{Base: models.ElementType, Kind: s.element.Kinds[0]}), func(x *models.Expr) { x.Element = s.element })
	case s.member != nil:
		return c.constant(name, args, c.node(models.OpMember, span, s.member.Domain.Type()), func(x *models.Expr) { x.Member = s.member })
	case s.value != nil:
		x := c.node(models.OpValue, span, s.value.Result, c.arguments(name, args, s.value.Params)...)
		x.Value = s.value
		return c.applied(x, len(s.value.Params))
	case s.fact != nil:
		x := c.node(models.OpFact, span, models.Type{}, c.arguments(name, args, s.fact.Params)...)
		x.Fact = s.fact
		return c.applied(x, len(s.fact.Params))
	case s.state != nil:
		x := c.node(models.OpState, span, s.state.Result, c.arguments(name, args, s.state.Params)...)
		x.State = s.state
		return c.applied(x, len(s.state.Params))
	}
	return c.expand(s.define, name, args, span)
}

// applied returns x, or OpInvalid when the number of its arguments was wrong.
func (c *checker) applied(x *models.Expr, params int) *models.Expr {
	if len(x.Args) != params {
		return c.invalid(x.Span)
	}
	return x
}

func (c *checker) constant(name dsl.Name, args []dsl.Expr, x *models.Expr, set func(*models.Expr)) *models.Expr {
	if len(args) > 0 {
		c.diags.Errorf(codeArity, name.Span, "%q is %s, expected no arguments after it", name.Text, c.names.terms[name.Text].what())
		return c.invalid(x.Span)
	}
	set(x)
	return x
}

func (c *checker) unknownName(name dsl.Name, args []dsl.Expr, span source.Span) *models.Expr {
	var candidates []string
	what := "name"
	if args == nil {
		for _, v := range c.scope {
			candidates = append(candidates, v.Name)
		}
		candidates = append(candidates, c.names.candidates(func(*symbol) bool { return true })...)
	} else {
		what = "predicate, fact or value"
		candidates = append(c.names.candidates(func(s *symbol) bool { return s.element == nil && s.member == nil }), append(words(c.v.Predicates), words(c.v.Defines)...)...)
	}
	d := c.names.unknown(c.diags, codeUnknown, what, name, candidates)
	switch lower := strings.ToLower(name.Text); {
	case dsl.IsWord(lower, dsl.QuantifierWord):
		d.Message, d.Help = fmt.Sprintf("%q is not a predicate", name.Text), lower+" x: SORT | ..."
	case args == nil && (lower == "yes" || lower == "no"):
		d.Helpf("write `true` or `false`")
	case args != nil && !strings.Contains(d.Message, "did you mean"):
		d.Helpf("what attackers gain are %s; `vauban catalogue words WORD` finds what a catalogue adds", strings.Join(c.base(), ", "))
	}
	if c.names.catalogue && args == nil {
		d.Helpf("a catalogue speaks of its variables only: declare one in `for`")
	}
	for _, a := range args { // report what is wrong in them, too
		c.expr(a, nil)
	}
	return c.invalid(span)
}

// base are the predicates of the language, in order.
func (c *checker) base() []string {
	return slices.DeleteFunc(words(c.v.Predicates), func(w string) bool { return !c.v.Predicates[w].Base })
}

// arity reports a wrong number of arguments, with their sorts where these are known.
func (c *checker) arity(name dsl.Name, got, want int, sorts ...models.Type) bool {
	if got == want {
		return true
	}
	plural := "s"
	if got == 1 {
		plural = ""
	}
	d := c.diags.Errorf(codeArity, name.Span, "%q has %d argument%s here, expected %d", name.Text, got, plural, want)
	if len(sorts) > 0 && !slices.ContainsFunc(sorts, models.Type.Unknown) {
		var of []string
		for _, t := range sorts {
			of = append(of, t.String())
		}
		d.Helpf("it is declared as %s(%s)", name.Text, strings.Join(of, ", "))
	}
	return false
}

// namesAttacker reports a formula that names an attacker.
func (c *checker) namesAttacker(args []dsl.Expr) bool {
	for _, a := range args {
		if id, ok := a.(*dsl.Ident); ok && c.names.terms[id.Name.Text] == nil && c.names.elsewhere != nil && c.names.elsewhere(id.Name.Text) == anAttacker {
			c.unknownName(id.Name, nil, id.Span)
			return true
		}
	}
	return false
}

// arguments checks the arguments of a name with typed parameters. It returns nil when their number is wrong.
func (c *checker) arguments(name dsl.Name, args []dsl.Expr, params []models.Type) []*models.Expr {
	if !c.arity(name, len(args), len(params), params...) {
		return nil
	}
	out := make([]*models.Expr, len(args))
	for i, a := range args {
		out[i] = c.term(a, &params[i])
		c.accepts(params[i], out[i], argumentOf(name, i, len(args)))
	}
	return out
}

func argumentOf(name dsl.Name, i, n int) string {
	if n == 1 {
		return fmt.Sprintf("the argument of %q", name.Text)
	}
	return fmt.Sprintf("argument %d of %q", i+1, name.Text)
}

func (c *checker) predicate(p *models.Predicate, name dsl.Name, args []dsl.Expr, span source.Span) *models.Expr {
	if c.namesAttacker(args) || !c.arity(name, len(args), len(p.Args)) {
		return c.invalid(span)
	}
	out := make([]*models.Expr, len(args))
	for i, a := range args {
		x := c.term(a, nil)
		if x.Op == models.OpInvalid {
			return x
		}
		if p.Base && p.Name == "knows" && x.Type.Base == models.MemberType {
			return c.knowsValue(x, span)
		}
		if x.Op == models.OpNone || !c.fits(x, p.Ranges(i)...) {
			c.diags.Errorf(codeType, x.Span, "%s: expected %s, but %s", argumentOf(name, i, len(args)), kindList(p.Ranges(i)), is(x))
			return c.invalid(span)
		}
		out[i] = x
	}
	x := c.node(models.OpPredicate, span, models.Type{}, out...)
	x.Predicate = p
	return x
}

func (c *checker) knowsValue(x *models.Expr, span source.Span) *models.Expr {
	if !x.Type.Domain.Secret {
		c.diags.Errorf(codeType, x.Span, "everybody knows the values of %q", x.Type.Domain.Name).
			Label(x.Type.Domain.Span, "not `secret`").Helpf("write `secret` at the end of domain %s", x.Type.Domain.Name)
		return c.invalid(span)
	}
	return c.node(models.OpKnowsValue, span, models.Type{}, x)
}

// kindList names kinds: `a component or a flow`.
func kindList(kinds []*models.Kind) string {
	s := ""
	for i, k := range kinds {
		if i > 0 {
			s += " or "
		}
		if k.Name == models.PartyRoot {
			s += "an actor or a component"
		} else {
			s += article(k.Name)
		}
	}
	return s
}
