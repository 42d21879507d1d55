package dsl

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// Print writes declarations as a design in its canonical layout. They need no places, so that a program can build them; what is
// written has the same tree. Nodes of what was broken are left out.
func Print(decls []Decl) string {
	var p printer
	p.decls(decls)
	return Format(Parse(source.New("", p.String()), &diag.List{}))
}

// printer writes every declaration, clause and member on a line of its own, and leaves the rest to the formatter.
type printer struct{ strings.Builder }

func (p *printer) decls(decls []Decl) {
	for _, d := range decls {
		if doc := d.(interface{ doc() string }).doc(); doc != "" {
			p.put("\n/// ", strings.ReplaceAll(doc, "\n", "\n/// "), "\n")
		}
		p.decl(d)
		p.put("\n")
	}
}

func (p *printer) put(words ...string) {
	for _, w := range words {
		p.WriteString(w)
	}
}

func (p *printer) decl(d Decl) {
	switch d := d.(type) {
	case *Design:
		p.put("design ", strconv.Quote(d.Title.Value))
	case *Use:
		p.put("use ", strconv.Quote(d.Path.Value))
	case *Include:
		p.put("include ", strconv.Quote(d.Path.Value))
	case *Element:
		p.put(d.Sort.Text, " ", series(", ", d.Names, nameText), ": ", series(", ", d.Kinds, nameText), group(" in ", d.In, nameText), group(" of ", optional(d.Of), nameText))
		p.body(d.Body)
	case *Flow:
		p.put("flow ", series(", ", optional(d.Name), nameText), only(d.Name != nil, ": "), series(", ", d.Sources, nameText), only(d.Both, " <"), only(!d.Both, " "), "-> ",
			series(", ", d.Targets, nameText), group(" over ", optional(d.Protocol), nameText), only(d.Blocked, " blocked"))
		p.body(d.Body)
	case *Extend:
		p.put("extend ", series(", ", optional(d.Sort), nameText), " ", series(", ", d.Names, nameText), group(": ", d.Kinds, nameText), only(d.Blocked, " blocked"))
		p.body(d.Body)
	case *Each:
		p.put("each ", d.Kind.Text, group(" in ", optional(d.In), nameText), " ")
		for _, c := range d.Body.Entries {
			p.decl(c)
		}
		p.put(group(" except ", d.Except, nameText))
	case *Define:
		p.put("define ", d.Name.Text, paramsText(d.Params), ": ", exprText(d.Body, asFormula))
	case *Attacker:
		p.put("attacker ", d.Name.Text)
		p.body(d.Body)
	case *Require:
		p.put("require ", d.Name.Text)
		if d.For != nil {
			p.put(" for ", varsText(d.For))
		}
		p.put(": ", propertyText(d.Property))
		for i, c := range d.Against {
			p.put(only(i == 0, " against "), only(i > 0, ", "), series(" + ", c, nameText))
		}
		if d.Tolerating != nil {
			p.put(fmt.Sprintf(" tolerating %d failures", d.Tolerating.Value))
		}
		if d.AtScale.IsValid() {
			p.put(" at scale")
		}
		p.body(d.Body)
	case *Assume:
		p.put("assume ", d.Name.Text, ": ", exprText(d.Formula, asFormula))
	case *Waive:
		p.put("waive ", d.Requirement.Text, " until ", d.Until.Text, " because ", strconv.Quote(d.Because.Value))
	case *Process:
		p.put("process ", d.Name.Text, " {\n")
		p.decls(d.Members)
		p.put("}")
	case *Clause:
		p.put(d.Keyword.Text, only(d.Not, " not"), group(" ", d.Items, itemText), group(" with ", d.With, itemText), " ")
	default:
		p.member(d)
	}
}

func (p *printer) member(d Decl) {
	switch d := d.(type) {
	case *Domain:
		p.put("domain ", d.Name.Text, " = ", series(", ", d.Values, nameText))
		if d.Values == nil {
			p.put(fmt.Sprintf("%d..%d", d.Lo.Value, d.Hi.Value))
		}
		p.put(only(d.Secret, " secret"))
	case *Value:
		p.put("value ", d.Name.Text, paramsText(d.Params), ": ", d.Type.Text, " = ")
		if d.All != nil {
			p.put(exprText(d.All, asTerm))
			return
		}
		p.put("{ ")
		for i, e := range d.Entries {
			p.put(only(i > 0, ", "), "(", series(", ", e.Args, termText), "): ", exprText(e.Result, asTerm))
		}
		p.put(" }")
	case *Fact:
		p.put("fact ", d.Name.Text, paramsText(d.Params), initText(d.Init))
	case *Var:
		p.put("var ", d.Name.Text, paramsText(d.Params), ": ", d.Type.Text, only(d.Maybe, "?"), initText(d.Init), only(d.Bounded, " bounded"))
	case *Message:
		p.put("message ", d.Name.Text, paramsText(d.Fields), " over ", d.Over.Text)
		if d.Signed != nil {
			p.put(" signed by ", exprText(d.Signed, asTerm), group(" except ", d.Except, nameText))
		}
	case *Step:
		p.put("step ", d.Name.Text, paramsText(d.Params), group(" by ", d.By[:min(1, len(d.By))], nameText), group(" with ", d.By[min(1, len(d.By)):], nameText))
		if d.For != nil {
			p.put(" for ", varsText(d.For))
		}
		p.put(group(" receives ", d.Receives, callText))
		if d.When != nil {
			p.put(" when ", exprText(d.When, asFormula))
		}
		p.put(group(" do ", d.Do, effectText), group(" sends ", d.Sends, callText))
	}
}

// only is a text that is there where a condition holds.
func only(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}

// series writes things with something between each two, group a series with something before it unless there is nothing.
func series[T any](between string, xs []T, text func(T) string) string {
	var out []string
	for _, x := range xs {
		out = append(out, text(x))
	}
	return strings.Join(out, between)
}

func group[T any](before string, xs []T, text func(T) string) string {
	return only(len(xs) > 0, before) + series(", ", xs, text)
}

func optional(n *Name) []Name {
	if n == nil {
		return nil
	}
	return []Name{*n}
}

func nameText(n Name) string { return n.Text }

func itemText(x Item) string {
	switch x.Kind {
	case StringItem:
		return strconv.Quote(x.Text)
	case IntItem:
		return strconv.FormatInt(x.Int, 10)
	}
	return x.Text + only(x.Maybe, "?")
}

func paramText(x Param) string {
	return x.Name.Text + only(x.Name.Text != "", ": ") + x.Sort.Text + only(x.Maybe, "?")
}

func varsText(xs []Param) string { return series(", ", xs, paramText) }

func paramsText(xs []Param) string {
	if xs == nil {
		return ""
	}
	return "(" + varsText(xs) + ")"
}

func initText(e Expr) string {
	if e == nil {
		return ""
	}
	return " = " + exprText(e, asTerm)
}

func callText(c *Call) string {
	if len(c.Args) == 0 {
		return c.Name.Text
	}
	return c.Name.Text + "(" + series(", ", c.Args, termText) + ")"
}

func effectText(e *Effect) string {
	var forall, assign string
	if e.Forall != nil {
		forall = "forall " + varsText(e.Forall) + " | "
	}
	if e.Assign != nil {
		assign = " := " + exprText(e.Assign, asFormula)
	}
	return forall + only(e.Not, "not ") + callText(e.Target) + assign
}

func propertyText(p Property) string {
	if p.Kind == OnlyAfter {
		return exprText(p.F, asFormula) + " only after " + exprText(p.G, asFormula)
	}
	if p.F != nil {
		return p.Kind.Word() + " " + exprText(p.F, asFormula)
	}
	return p.Kind.Word() + " " + series(", ", p.Items, nameText)
}

// How strongly an expression must bind where it stands, weakest first.
const (
	asFormula = iota
	asDisjunction
	asConjunction
	asNegation
	asComparison
	asTerm
	asProduct
	asFactor
	asPrimary
)

// operators has for each operator how strongly it binds, and must its operands.
var operators = map[string]struct{ own, left, right int }{
	"implies": {asFormula, asDisjunction, asFormula},
	"or":      {asDisjunction, asDisjunction, asConjunction},
	"and":     {asConjunction, asConjunction, asNegation},
	"+":       {asTerm, asTerm, asProduct}, "-": {asTerm, asTerm, asProduct}, "*": {asProduct, asProduct, asFactor},
	"=": {asComparison, asTerm, asTerm}, "!=": {asComparison, asTerm, asTerm}, "<": {asComparison, asTerm, asTerm},
	"<=": {asComparison, asTerm, asTerm}, ">": {asComparison, asTerm, asTerm}, ">=": {asComparison, asTerm, asTerm},
}

func termText(e Expr) string { return exprText(e, asTerm) }

// exprText writes an expression, in parentheses where it binds less strongly than it must.
func exprText(e Expr, must int) string {
	own, text := asPrimary, ""
	switch e := e.(type) {
	case *Binary:
		op := operators[e.Op]
		own, text = op.own, exprText(e.X, op.left)+" "+e.Op+" "+exprText(e.Y, op.right)
	case *Not:
		own, text = asNegation, "not "+exprText(e.X, asNegation)
	case *Relation:
		own, text = asComparison, exprText(e.X, asTerm)+" "+e.Op.Text+" "+exprText(e.Y, asTerm)+group(" with ", optional(e.With), nameText)
	case *Quantified: // reaches as far as it can
		own, text = asFormula, e.Op+" "+varsText(e.Vars)+" | "
		switch {
		case e.Op != "sum":
			text += exprText(e.Body, asFormula)
		case e.Where != nil:
			text += exprText(e.Body, asTerm) + " where " + exprText(e.Where, asFormula)
		default:
			text += exprText(e.Body, asTerm)
		}
	case *If:
		own, text = asFormula, "if "+exprText(e.Cond, asFormula)+" then "+exprText(e.Then, asTerm)+" else "+exprText(e.Else, asTerm)
	case *Field:
		own, text = asFactor, exprText(e.X, asFactor)+"."+e.Name.Text
	case *Call:
		text = e.Name.Text + "(" + series(", ", e.Args, termText) + ")"
	case *Ident:
		text = e.Name.Text
	case *IntLit:
		text = strconv.FormatInt(e.Value, 10)
	}
	if own < must {
		return "(" + text + ")"
	}
	return text
}

func (p *printer) body(b *Body) {
	if b != nil {
		p.put(" {\n")
		p.decls(b.Entries)
		p.put("}")
	}
}
