package resolve

import (
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/models"
)

// relation checks `x is KIND`, `x has CONTROL`, `c stores d` and their like.
func (c *checker) relation(e *dsl.Relation) *models.Expr {
	if e.With != nil && e.Op.Text != "stores" {
		c.diags.Errorf(codeClause, e.With.Span, "found `with` after %q, expected it after `stores` only", e.Op.Text)
	}
	switch e.Op.Text {
	case "is":
		return c.isKind(e)
	case "has":
		x := c.term(e.X, nil)
		c.operand(x, "has", c.roots(models.ZoneRoot, models.PartyRoot, models.DataRoot, models.FlowRoot))
		out := c.node(models.OpHas, e.Span, models.Type{}, x)
		if word, ok := c.word(e, "a control"); ok {
			out.Control = c.control(word)
		}
		return c.whole(out, out.Control != nil)
	case "over":
		x := c.term(e.X, nil)
		c.operand(x, "over", c.roots(models.FlowRoot))
		out := c.node(models.OpOver, e.Span, models.Type{}, x)
		if word, ok := c.word(e, "a protocol"); ok {
			out.Protocol = c.protocol(word)
		}
		return c.whole(out, out.Protocol != nil)
	}
	if b, ok := models.BaseRelations[e.Op.Text]; ok {
		if none(e.Y) {
			return c.claimsNone(e, e.Op.Text, c.roots(b.Left...))
		}
		x, y := c.term(e.X, nil), c.term(e.Y, nil)
		c.operand(x, e.Op.Text, c.roots(b.Left...))
		c.operand(y, e.Op.Text, c.roots(b.Right))
		out := c.node(b.Op, e.Span, models.Type{}, x, y)
		if e.With != nil {
			out.Control = c.control(*e.With)
		}
		return out
	}
	r := c.v.Relation(e.Op.Text)
	if r == nil {
		candidates := append(words(models.BaseRelations), words(c.v.Relations)...)
		if !c.names.catalogue { // what ends a formula of a design
			candidates = append(candidates, dsl.Words(dsl.LimitWord|dsl.PartWord)...)
		}
		c.names.unknown(c.diags, codeUnknown, "relation", e.Op, candidates)
		return c.invalid(e.Span)
	}
	if none(e.Y) {
		return c.claimsNone(e, r.Name, []*models.Kind{r.From})
	}
	x, y := c.term(e.X, nil), c.term(e.Y, nil)
	c.operand(x, r.Name, []*models.Kind{r.From})
	c.operand(y, r.Name, []*models.Kind{r.To})
	out := c.node(models.OpRelation, e.Span, models.Type{}, x, y)
	out.Relation = r
	return out
}

// none reports whether a term is `none`.
func none(y dsl.Expr) bool {
	id, ok := y.(*dsl.Ident)
	return ok && id.Name.Text == "none"
}

// claimsNone checks `x RELATION none`, which is true where the design says just that: silence is no claim.
func (c *checker) claimsNone(e *dsl.Relation, relation string, kinds []*models.Kind) *models.Expr {
	if e.With != nil {
		c.diags.Errorf(codeClause, e.With.Span, "found `with` after `none`, expected it after the data that is stored")
	}
	x := c.term(e.X, nil)
	c.operand(x, relation, kinds)
	out := c.node(models.OpClaimsNone, e.Span, models.Type{}, x)
	out.Word = relation
	return out
}

// isKind checks `x is KIND`, `f is blocked`, and `x is own`.
func (c *checker) isKind(e *dsl.Relation) *models.Expr {
	x := c.term(e.X, nil)
	word, ok := c.word(e, "a kind")
	if !ok {
		return c.invalid(e.Span)
	}
	if word.Text == "blocked" && (x.Type.Unknown() || c.fits(x, c.v.Kinds[models.FlowRoot])) {
		return c.node(models.OpBlocked, e.Span, models.Type{}, x)
	}
	if word.Text == "own" {
		c.operand(x, "is own", c.roots(models.ZoneRoot, models.PartyRoot, models.DataRoot, models.FlowRoot))
		return c.node(models.OpOwn, e.Span, models.Type{}, x)
	}
	k := c.v.Kind(word.Text)
	if k == nil {
		c.names.unknown(c.diags, codeKind, "kind", word, append(words(c.v.Kinds), "blocked", "own"))
		return c.invalid(e.Span)
	}
	if x.Op != models.OpInvalid && !x.Type.Unknown() && (x.Type.Base != models.ElementType || !meet(x.Type.Kind, k)) {
		c.diags.Errorf(codeType, e.Span, "this is never true: %s, expected something that can be a %s", is(x), k.Name)
		return c.invalid(e.Span)
	}
	out := c.node(models.OpIs, e.Span, models.Type{}, x)
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
func (c *checker) whole(x *models.Expr, ok bool) *models.Expr {
	if !ok {
		return c.invalid(x.Span)
	}
	return x
}

// operand reports a term on one side of a relation that cannot be of the kinds.
func (c *checker) operand(x *models.Expr, relation string, kinds []*models.Kind) {
	if x.Op == models.OpInvalid || c.fits(x, kinds...) {
		return
	}
	c.diags.Errorf(codeType, x.Span, "`%s`: expected %s here, but %s", relation, kindList(kinds), is(x))
}

func (c *checker) roots(names ...string) []*models.Kind {
	out := make([]*models.Kind, len(names))
	for i, n := range names {
		out[i] = c.v.Kinds[n]
	}
	return out
}

// control finds a control by its name, or reports that there is none and returns nil.
func (c *checker) control(name dsl.Name) *models.Control {
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
func (c *checker) protocol(name dsl.Name) *models.Protocol {
	p := c.v.Protocol(name.Text)
	if p == nil {
		all := words(c.v.Protocols)
		c.names.near(c.names.unknown(c.diags, codeProtocol, "protocol", name, all), c.v, name.Text, all, c.v.Synonyms.Protocols, func(n string) string { return c.v.Protocols[n].Title })
	}
	return p
}

// field checks `f.source`, `x.zone`, `x.ATTRIBUTE` and their like.
func (c *checker) field(e *dsl.Field) *models.Expr {
	x := c.term(e.X, nil)
	if x.Op == models.OpInvalid {
		return x
	}
	if x.Type.Unknown() {
		return c.invalid(e.Span)
	}
	party, zone, flow := c.v.Kinds[models.PartyRoot], c.v.Kinds[models.ZoneRoot], c.v.Kinds[models.FlowRoot]
	switch name := e.Name.Text; {
	case name == "source" && c.fits(x, flow):
		return c.node(models.OpSource, e.Span, models.Type{Base: models.ElementType, Kind: party}, x)
	case name == "target" && c.fits(x, flow):
		return c.node(models.OpTarget, e.Span, models.Type{Base: models.ElementType, Kind: party}, x)
	case name == "protocol" && c.fits(x, flow):
		return c.node(models.OpProtocol, e.Span, models.Type{Base: models.ProtocolType}, x)
	case name == "zone" && c.fits(x, party, zone):
		return c.node(models.OpZone, e.Span, models.Type{Base: models.ElementType, Kind: zone, Maybe: true}, x)
	}
	a := c.v.Attributes[e.Name.Text]
	switch {
	case a == nil && (e.Name.Text == "source" || e.Name.Text == "target" || e.Name.Text == "protocol" || e.Name.Text == "zone"):
		c.diags.Errorf(codeAttribute, e.Name.Span, "%s, which has no %s, expected a field that it has", is(x), e.Name.Text)
		return c.invalid(e.Span)
	case a == nil:
		c.names.unknown(c.diags, codeAttribute, "attribute", e.Name, append(words(c.v.Attributes), dsl.Words(dsl.FieldWord)...))
		return c.invalid(e.Span)
	case !c.fits(x, a.Of...):
		c.diags.Errorf(codeAttribute, e.Name.Span, "attribute %q is for another kind: expected %s, but %s", a.Name, kindList(a.Of), is(x))
		return c.invalid(e.Span)
	}
	t := models.Type{Base: models.IntegerType, Maybe: true}
	if a.Words != nil {
		t = models.Type{Base: models.WordType, Words: a.Words, Maybe: true}
	}
	out := c.node(models.OpAttribute, e.Span, t, x)
	out.Attribute = a
	return out
}
