package threats

import (
	"regexp"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/dsl/yamldoc"
	"github.com/vauban-verifier/vauban/models"
)

// lexical is what names of a design look like.
var lexical = regexp.MustCompile(`^\pL(-?[\pL\p{Nd}_])*$`)

// clauseWords may begin something in the braces of an element, or follow a term, where relations and attributes stand, too.
const clauseWords = dsl.DeclarationWord | dsl.ElementClause | dsl.RelationWord | dsl.FieldWord | dsl.PlaceWord

// names reports words that could not be written in a design or a formula.
func (b *builder) names(p part) {
	quiet := part{doc: &yamldoc.Document{File: p.doc.File, Diags: &diag.List{}}, fields: p.fields} // duplicates are reported by who reads the section
	clauses := map[string]yamldoc.Field{}
	for _, of := range sections {
		s := of.head()
		for _, x := range quiet.entries(s.key) {
			at := p.doc.Span(x.At)
			switch other, taken := clauses[x.Key]; {
			case !lexical.MatchString(x.Key):
				b.diags.Errorf(CodeShape, at, "%s %q is not a name, expected a letter, then letters, digits, \"_\", and \"-\" between two of these", s.what, x.Key)
			case dsl.IsWord(x.Key, dsl.FormulaWord|s.taken):
				b.diags.Errorf(CodeTwice, at, "a %s is called %q, a word of the language; expected another name", s.what, x.Key)
			case taken && s.key == "attributes":
				b.diags.Errorf(CodeTwice, at, "attribute %q has the name of a relation, expected another name", x.Key).Label(p.doc.Span(other.At), "the relation")
			case s.key == "relations":
				clauses[x.Key] = x
			}
		}
	}
}

// roots reports kinds of data, and classes of anything else.
func roots(b *builder, s section[*models.Kind], entries []entry[*models.Kind]) {
	for _, e := range entries {
		if b.v.Kinds[e.Key] != e.of {
			continue
		}
		switch root := e.of.Root().Name; {
		case e.of.Parent.Name == models.PartyRoot:
			b.diags.Errorf(CodeShape, e.of.Span, "kind %q is a party, expected an actor or a component", e.Key)
		case s.key == "classes" && root != models.DataRoot:
			b.diags.Errorf(CodeShape, e.of.Span, "class %q is a %s, expected data", e.Key, root).Helpf("declare it in `kinds`")
		case s.key == "kinds" && root == models.DataRoot:
			b.diags.Errorf(CodeShape, e.of.Span, "kind %q is data", e.Key).Helpf("declare it in `classes`")
		}
	}
}

// forFlows reports a control that a protocol cannot give.
func (b *builder) forFlows(p part, n *yaml.Node, c *models.Control) {
	if len(c.Of) > 0 && !canHave(b.v.Kinds[models.FlowRoot], c) {
		b.diags.Errorf(CodeUnless, p.doc.Span(n), "a protocol gives %q, expected a control that is made for flows", c.Name).Label(c.Span, "declared here")
	}
}

// placeholders reports each {word} of a text that stands for nothing, and lonely braces.
func (b *builder) placeholders(p part, n *yaml.Node, expected string, known func(string) bool) {
	at := p.doc.Offsets(n)
	for _, m := range placeholder.FindAllStringIndex(n.Value, -1) {
		word := n.Value[m[0]:m[1]]
		if len(word) > 2 && word[0] == '{' && word[len(word)-1] == '}' && known(word[1:len(word)-1]) {
			continue
		}
		span := source.Span{File: p.doc.File, Start: at(m[0]), End: at(m[1])}
		b.diags.Errorf(CodeName, span, "unknown placeholder %q, %s", word, expected)
	}
}

// addHarder adds a surcharge, unless the threat has it already.
func (b *builder) addHarder(p part, t *Threat, x yamldoc.Field, h Harder) {
	if slices.ContainsFunc(t.Harder, func(o Harder) bool { return o.Var == h.Var && o.Control == h.Control }) {
		b.diags.Errorf(CodeTwice, p.doc.Span(x.At), "`harder` has control %q of %q twice, expected once", h.Control.Name, h.Var.Name)
		return
	}
	t.Harder = append(t.Harder, h)
}

// meetable reports an `unless`, or one of its alternatives, that never holds: it promises a remedy that is none.
func (b *builder) meetable(t *Threat) {
	if b.misfits(t) || !t.When.Valid() || !t.Unless.Valid() {
		return
	}
	budget := logicBudget
	alternatives := []*models.Expr{t.Unless}
	if t.Unless.Op == models.OpOr {
		alternatives = t.Unless.Args
	}
	for _, a := range alternatives {
		switch {
		case !satisfiable(&budget, a):
			b.diags.Errorf(CodeUnless, a.Span, "the `unless` of threat %q can never be met: %s; change it, or leave it out", t.ID, a.String())
		case !satisfiable(&budget, t.When, a):
			b.diags.Errorf(CodeUnless, a.Span, "the `unless` of threat %q can never be met if its `when` holds: %s; change it, or leave it out", t.ID, a.String())
		}
	}
}

// misfits reports controls in an `unless` that are not made for what they are asked of.
func (b *builder) misfits(t *Threat) bool {
	some := false
	t.Unless.WalkWritten(func(x *models.Expr) bool {
		if x.Op == models.OpDefined && x.Define.Generic() {
			return false // it asks for the control wherever it could be
		}
		if misfit(x) {
			some = true
			of := asked(x)[0]
			b.diags.Errorf(CodeUnless, x.Span, "the `unless` of threat %q can never be met: control %q is not made for %q, a %s; name another control", t.ID, x.Control.Name, of.String(), of.Type.Kind.Name).
				Label(x.Control.Span, "declared here")
		}
		return true
	})
	return some
}

// asked returns the terms that an atom asks a control of: where data is stored `with` it, the data and what stores it, as it may be made for either.
func asked(x *models.Expr) []*models.Expr {
	if x.Control == nil || x.Op != models.OpHas && x.Op != models.OpStores {
		return nil
	}
	out := slices.Clone(x.Args)
	slices.Reverse(out)
	return out
}

// misfit reports whether an atom asks for a control of what can never have it.
func misfit(x *models.Expr) bool {
	of := asked(x)
	return of != nil && !slices.ContainsFunc(of, func(e *models.Expr) bool { return canHave(e.Type.Kind, x.Control) })
}

// canHave reports whether some element of the kind could have the control: an element may have several kinds below one root.
func canHave(k *models.Kind, c *models.Control) bool {
	return k == nil || slices.ContainsFunc(c.Of, func(of *models.Kind) bool {
		x, y := k.Root(), of.Root()
		return x == y || x.Is(y) || y.Is(x)
	})
}

// uses reports variables that the threat does not use, and placeholders that are no variables.
func (b *builder) uses(p part, t *Threat, says *yaml.Node) {
	for _, v := range t.For {
		used := t.When.Uses(v)
		for _, e := range t.Then {
			used = used || slices.ContainsFunc(e.Args, func(a *models.Expr) bool { return a.Uses(v) })
		}
		if !used && t.When.Valid() && len(t.Then) > 0 {
			b.diags.Errorf(CodeUnused, v.Span, "variable %q of threat %q is not used in `when`, `unless` or `then`: leave it out", v.Name, t.ID)
		}
	}
	if says != nil {
		b.placeholders(p, says, "expected a variable of threat \""+t.ID+"\" in braces", func(s string) bool {
			return slices.ContainsFunc(t.For, func(v *models.Var) bool { return v.Name == s })
		})
	}
}
