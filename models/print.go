package models

import (
	"strconv"
	"strings"
)

// The binding strengths of formulas, weakest first.
const (
	bindQuantifier = iota
	bindImplies
	bindOr
	bindAnd
	bindNot
	bindCompare
	bindSum
	bindProduct
	bindAtom
)

// infix holds the operators that stand between their arguments.
var infix = map[Op]struct {
	word string
	bind int
}{
	OpImplies: {"implies", bindImplies}, OpOr: {"or", bindOr}, OpAnd: {"and", bindAnd},
	OpEq: {"=", bindCompare}, OpNe: {"!=", bindCompare}, OpLt: {"<", bindCompare}, OpLe: {"<=", bindCompare},
	OpGt: {">", bindCompare}, OpGe: {">=", bindCompare},
	OpAdd: {"+", bindSum}, OpSub: {"-", bindSum}, OpMul: {"*", bindProduct},
}

func init() {
	for word, b := range BaseRelations {
		infix[b.Op] = struct {
			word string
			bind int
		}{word, bindCompare}
	}
}

// String prints the expression as one would write it, with every define of the design expanded, and those of catalogues by their names.
func (e *Expr) String() string {
	var b strings.Builder
	e.print(&b, bindQuantifier)
	return b.String()
}

func (e *Expr) print(b *strings.Builder, outer int) {
	if own := e.bind(); own < outer {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	switch e.Op {
	case OpNot:
		if e.Args[0].says() {
			e.Args[0].Args[0].print(b, bindSum)
			b.WriteString(" = none")
			return
		}
		b.WriteString("not ")
		e.Args[0].print(b, bindNot)
	case OpForall, OpExists, OpCount, OpSum:
		e.printQuantified(b)
	case OpIf:
		for i, word := range []string{"if ", " then ", " else "} {
			b.WriteString(word)
			e.Args[i].print(b, bindSum)
		}
	case OpPredicate:
		printCall(b, e.Predicate.Name, e.Args)
	case OpFact:
		printCall(b, e.Fact.Name, e.Args)
	case OpState:
		printCall(b, e.State.Name, e.Args)
	case OpValue:
		printCall(b, e.Value.Name, e.Args)
	case OpKnowsValue:
		printCall(b, "knows", e.Args)
	case OpDefined, OpClosure:
		printCall(b, e.Define.Name, e.Args)
	case OpSource, OpTarget, OpProtocol, OpZone, OpAttribute:
		e.Args[0].print(b, bindAtom)
		b.WriteString("." + e.field())
	case OpIs, OpHas, OpOver, OpBlocked, OpOwn, OpClaimsNone:
		e.Args[0].print(b, bindSum)
		b.WriteString(" " + e.property())
	default:
		if e.says() {
			e.Args[0].print(b, bindSum)
			b.WriteString(" != none")
		} else if op, ok := infix[e.Op]; ok {
			e.printInfix(b, op.word, op.bind)
		} else if e.Op == OpRelation {
			e.printInfix(b, e.Relation.Name, bindCompare)
		} else {
			b.WriteString(e.leaf())
		}
	}
}

// says reports whether the expression only asks for a value: a term is equal to itself where the design says one.
func (e *Expr) says() bool { return e.Op == OpEq && e.Args[0] == e.Args[1] }

// bind returns how strongly the root of e holds its arguments together.
func (e *Expr) bind() int {
	switch e.Op {
	case OpForall, OpExists, OpCount, OpSum, OpIf:
		return bindQuantifier
	case OpAnd, OpOr:
		if len(e.Args) < 2 {
			return bindAtom
		}
	case OpNot:
		if e.Args[0].says() {
			return bindCompare
		}
		return bindNot
	case OpIs, OpHas, OpOver, OpBlocked, OpOwn, OpClaimsNone, OpRelation:
		return bindCompare
	case OpInt:
		if e.Int < 0 {
			return bindProduct
		}
	}
	if op, ok := infix[e.Op]; ok {
		return op.bind
	}
	return bindAtom
}

func (e *Expr) printInfix(b *strings.Builder, word string, bind int) {
	if len(e.Args) == 0 { // an empty conjunction or disjunction
		b.WriteString(map[Op]string{OpAnd: "true", OpOr: "false"}[e.Op])
		return
	}
	for i, a := range e.Args {
		if i > 0 {
			b.WriteString(" " + word + " ")
		}
		// One stronger on the side where the operator does not associate; `and`, `or` are flat.
		strength := bind
		switch {
		case e.Op == OpImplies && i == 0, e.Op == OpSub && i == 1, bind == bindCompare:
			strength = bind + 1
		case len(e.Args) == 1:
			strength = bindQuantifier
		case (e.Op == OpAnd || e.Op == OpOr || e.Op == OpMul) && i > 0:
			strength = bind + 1
		}
		a.print(b, strength)
	}
	if e.Op == OpStores && e.Control != nil {
		b.WriteString(" with " + e.Control.Name)
	}
}

func (e *Expr) printQuantified(b *strings.Builder) {
	b.WriteString(map[Op]string{OpForall: "forall ", OpExists: "exists ", OpCount: "count ", OpSum: "sum "}[e.Op])
	for i, v := range e.Vars {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(v.Name + ": " + v.Type.String())
	}
	b.WriteString(" | ")
	e.Args[0].print(b, bindQuantifier)
	if e.Op == OpSum && len(e.Args) > 1 {
		b.WriteString(" where ")
		e.Args[1].print(b, bindQuantifier)
	}
}

func printCall(b *strings.Builder, name string, args []*Expr) {
	b.WriteString(name)
	if len(args) == 0 {
		return
	}
	b.WriteByte('(')
	for i, a := range args {
		if i > 0 {
			b.WriteString(", ")
		}
		a.print(b, bindQuantifier)
	}
	b.WriteByte(')')
}

func (e *Expr) field() string {
	switch e.Op {
	case OpSource:
		return "source"
	case OpTarget:
		return "target"
	case OpProtocol:
		return "protocol"
	case OpZone:
		return "zone"
	}
	return e.Attribute.Name
}

func (e *Expr) property() string {
	switch e.Op {
	case OpIs:
		return "is " + e.Kind.Name
	case OpHas:
		return "has " + e.Control.Name
	case OpOver:
		return "over " + e.Protocol.Name
	case OpOwn:
		return "is own"
	case OpClaimsNone:
		return e.Word + " none"
	}
	return "is blocked"
}

func (e *Expr) leaf() string {
	switch e.Op {
	case OpTrue:
		return "true"
	case OpFalse:
		return "false"
	case OpNone:
		return "none"
	case OpInt:
		return strconv.FormatInt(e.Int, 10)
	case OpVar:
		return e.Var.Name
	case OpElement:
		return e.Element.Name
	case OpMember:
		return e.Member.Name
	case OpWord:
		return e.Word
	case OpProtocolName:
		return e.Protocol.Name
	}
	return "?"
}

// String names the type as diagnostics and reports do: `component`, `Order`, `integer`, `Order?`.
func (t Type) String() string {
	s := t.name()
	if t.Maybe {
		return s + "?"
	}
	return s
}

func (t Type) name() string {
	switch t.Base {
	case BoolType:
		return "formula"
	case IntegerType:
		if t.Domain != nil {
			return t.Domain.Name
		}
		return "integer"
	case ElementType:
		if t.Kind == nil {
			return "?"
		}
		return t.Kind.Name
	case MemberType:
		return t.Domain.Name
	case ProtocolType:
		return "protocol"
	case ControlType:
		return "control"
	}
	return strings.Join(t.Words, "|")
}
