package models

import (
	"slices"

	"github.com/vauban-verifier/vauban/dsl"
)

// baseRelation is a relation of the base language, with the kinds that it holds between.
type baseRelation struct {
	op    Op
	left  []string
	right string
}

// builtin are the relations of the base language that the design states of elements, by their words.
var builtin = map[string]baseRelation{
	"in":               {OpIn, []string{ZoneRoot, PartyRoot}, ZoneRoot},
	"stores":           {OpStores, []string{ComponentRoot}, DataRoot},
	"handles":          {OpHandles, []string{ComponentRoot}, DataRoot},
	"carries":          {OpCarries, []string{FlowRoot}, DataRoot},
	"returns":          {OpReturns, []string{FlowRoot}, DataRoot},
	"through":          {OpThrough, []string{FlowRoot}, PartyRoot},
	"accepts":          {OpAccepts, []string{ComponentRoot}, Credential},
	"authenticated by": {OpAuthenticated, []string{FlowRoot}, Credential},
	"runs on":          {OpRunsOn, []string{ComponentRoot}, ComponentRoot},
}

// relation checks `x is KIND`, `x has CONTROL`, `c stores d` and their like.
func (c *checker) relation(e *dsl.Relation) *Expr {
	if e.With != nil && e.Op.Text != "stores" {
		c.diags.Errorf(codeClause, e.With.Span, "only `stores` has controls, written with `with`; found %q", e.Op.Text)
	}
	switch e.Op.Text {
	case "is":
		return c.isKind(e)
	case "has":
		x := c.term(e.X, nil)
		c.operand(x, "has", c.roots(ZoneRoot, PartyRoot, DataRoot, FlowRoot))
		out := c.node(OpHas, e.Span, Type{}, x)
		if word, ok := c.word(e, "a control"); ok {
			out.Control = c.control(word)
		}
		return c.whole(out, out.Control != nil)
	case "over":
		x := c.term(e.X, nil)
		c.operand(x, "over", c.roots(FlowRoot))
		out := c.node(OpOver, e.Span, Type{}, x)
		if word, ok := c.word(e, "a protocol"); ok {
			out.Protocol = c.protocol(word)
		}
		return c.whole(out, out.Protocol != nil)
	}
	if b, ok := builtin[e.Op.Text]; ok {
		x, y := c.term(e.X, nil), c.term(e.Y, nil)
		c.operand(x, e.Op.Text, c.roots(b.left...))
		c.operand(y, e.Op.Text, c.roots(b.right))
		out := c.node(b.op, e.Span, Type{}, x, y)
		if e.With != nil {
			out.Control = c.control(*e.With)
		}
		return out
	}
	r := c.v.Relation(e.Op.Text)
	if r == nil {
		c.names.unknown(c.diags, codeUnknown, "relation", e.Op, slices.Concat(words(builtin), words(c.v.Relations), dsl.Words(dsl.ScopeWord)))
		return c.invalid(e.Span)
	}
	x, y := c.term(e.X, nil), c.term(e.Y, nil)
	c.operand(x, r.Name, []*Kind{r.From})
	c.operand(y, r.Name, []*Kind{r.To})
	out := c.node(OpRelation, e.Span, Type{}, x, y)
	out.Relation = r
	return out
}

// isKind checks `x is KIND`, and `f is blocked`.
func (c *checker) isKind(e *dsl.Relation) *Expr {
	x := c.term(e.X, nil)
	word, ok := c.word(e, "a kind")
	if !ok {
		return c.invalid(e.Span)
	}
	if word.Text == "blocked" && (x.Type.unknown() || c.fits(x, c.v.Kinds[FlowRoot])) {
		return c.node(OpBlocked, e.Span, Type{}, x)
	}
	k := c.v.Kind(word.Text)
	if k == nil {
		c.names.unknown(c.diags, codeKind, "kind", word, append(words(c.v.Kinds), "blocked"))
		return c.invalid(e.Span)
	}
	if x.Op != OpInvalid && !x.Type.unknown() && (x.Type.Base != ElementType || !meet(x.Type.Kind, k)) {
		c.diags.Errorf(codeType, e.Span, "this is never true: %s, which no %s is", is(x), k.Name)
		return c.invalid(e.Span)
	}
	out := c.node(OpIs, e.Span, Type{}, x)
	out.Kind = k
	return out
}

// word returns the right side of a relation that must be a bare word of the catalogue.
func (c *checker) word(e *dsl.Relation, what string) (dsl.Name, bool) {
	id, ok := e.Y.(*dsl.Ident)
	if !ok {
		c.diags.Errorf(codeType, e.Y.Pos(), "expected the name of %s after `%s`", what, e.Op.Text)
		return dsl.Name{}, false
	}
	return id.Name, true
}

// whole returns x, or OpInvalid where a word of it was wrong.
func (c *checker) whole(x *Expr, ok bool) *Expr {
	if !ok {
		return c.invalid(x.Span)
	}
	return x
}

// operand reports a term on one side of a relation that cannot be of the kinds.
func (c *checker) operand(x *Expr, relation string, kinds []*Kind) {
	if x.Op == OpInvalid || c.fits(x, kinds...) {
		return
	}
	c.diags.Errorf(codeType, x.Span, "`%s` expects %s here, but %s", relation, kindList(kinds), is(x))
}

func (c *checker) roots(names ...string) []*Kind {
	out := make([]*Kind, len(names))
	for i, n := range names {
		out[i] = c.v.Kinds[n]
	}
	return out
}

// control finds a control by its name, or reports that there is none and returns nil.
func (c *checker) control(name dsl.Name) *Control {
	if k := c.controls[name.Text]; k != nil {
		return k
	}
	k := c.v.Control(name.Text)
	if k == nil {
		all := words(c.v.Controls)
		c.names.near(c.names.unknown(c.diags, codeControl, "control", name, all), c.v, name.Text, all, c.v.Synonyms.Controls, func(n string) string { return c.v.Controls[n].Title })
	}
	return k
}

// protocol finds a protocol by its name, or reports that there is none and returns nil.
func (c *checker) protocol(name dsl.Name) *Protocol {
	p := c.v.Protocol(name.Text)
	if p == nil {
		all := words(c.v.Protocols)
		c.names.near(c.names.unknown(c.diags, codeProtocol, "protocol", name, all), c.v, name.Text, all, c.v.Synonyms.Protocols, func(n string) string { return c.v.Protocols[n].Title })
	}
	return p
}

// field checks `f.source`, `x.zone`, `x.ATTRIBUTE` and their like.
func (c *checker) field(e *dsl.Field) *Expr {
	x := c.term(e.X, nil)
	if x.Op == OpInvalid {
		return x
	}
	if x.Type.unknown() {
		return c.invalid(e.Span)
	}
	party, zone, flow := c.v.Kinds[PartyRoot], c.v.Kinds[ZoneRoot], c.v.Kinds[FlowRoot]
	switch name := e.Name.Text; {
	case name == "source" && c.fits(x, flow):
		return c.node(OpSource, e.Span, Type{Base: ElementType, Kind: party}, x)
	case name == "target" && c.fits(x, flow):
		return c.node(OpTarget, e.Span, Type{Base: ElementType, Kind: party}, x)
	case name == "protocol" && c.fits(x, flow):
		return c.node(OpProtocol, e.Span, Type{Base: ProtocolType}, x)
	case name == "zone" && c.fits(x, party, zone):
		return c.node(OpZone, e.Span, Type{Base: ElementType, Kind: zone, Maybe: true}, x)
	}
	a := c.v.Attributes[e.Name.Text]
	switch {
	case a == nil && (e.Name.Text == "source" || e.Name.Text == "target" || e.Name.Text == "protocol" || e.Name.Text == "zone"):
		c.diags.Errorf(codeAttribute, e.Name.Span, "%s, which has no %s", is(x), e.Name.Text)
		return c.invalid(e.Span)
	case a == nil:
		c.names.unknown(c.diags, codeAttribute, "attribute", e.Name, append(words(c.v.Attributes), dsl.Words(dsl.FieldWord)...))
		return c.invalid(e.Span)
	case !c.fits(x, a.Of...):
		c.diags.Errorf(codeAttribute, e.Name.Span, "attribute %q belongs to %s, but %s", a.Name, kindList(a.Of), is(x))
		return c.invalid(e.Span)
	}
	t := Type{Base: IntegerType, Maybe: true}
	if a.Words != nil {
		t = Type{Base: WordType, Words: a.Words, Maybe: true}
	}
	out := c.node(OpAttribute, e.Span, t, x)
	out.Attribute = a
	return out
}
