package models

import "github.com/vauban-verifier/vauban/dsl/source"

// Op is the operator at the root of an [Expr].
type Op uint8

// The operators. The comment gives the fields of Expr that each uses besides Args.
const (
	OpInvalid Op = iota
	OpTrue
	OpFalse
	OpNot
	OpAnd     // any number of Args
	OpOr      // any number of Args
	OpImplies // 2 Args
	OpForall  // Vars; Args[0] the body
	OpExists  // Vars; Args[0] the body
	OpCount   // Vars; Args[0] the body; an integer
	OpSum     // Vars; Args[0] the term, Args[1] the `where` (left out when there is none); an integer
	OpIf      // cond, then, else
	OpEq
	OpNe
	OpLt
	OpLe
	OpGt
	OpGe
	OpAdd
	OpSub
	OpMul
	OpInt     // Int
	OpNone    // the literal `none`
	OpVar     // Var: a bound variable
	OpElement // Element
	OpMember  // Member: a named value of a process domain
	OpWord    // Word: a value of an enumerated attribute

	OpPredicate  // Predicate; a fact that changes over time (base, catalogue)
	OpFact       // Fact: a process fact
	OpState      // State: a process variable
	OpValue      // Value: a process value function
	OpKnowsValue // knows(x) of a secret domain value

	OpSource    // Args[0] a flow
	OpTarget    // Args[0] a flow
	OpProtocol  // Args[0] a flow
	OpZone      // Args[0] a party or zone; Int the zone's number from 1, or 0 where there is one at most ([Spread]); has no value where the design says nothing
	OpAttribute // Attribute; Args[0]; has no value where the design says nothing

	OpIs            // Kind; `x is KIND`
	OpHas           // Control; `x has CONTROL`
	OpIn            // Args: x, zone
	OpStores        // Args: c, d; Control when `with`
	OpHandles       // Args: c, d
	OpCarries       // Args: f, d
	OpReturns       // Args: f, d
	OpOver          // Protocol; Args[0] a flow
	OpThrough       // Args: f, party
	OpAccepts       // Args: c, credential
	OpAuthenticated // Args: f, credential
	OpRunsOn        // Args: c, host
	OpRelation      // Relation; Args: x, y
	OpBlocked       // Args[0] a flow
	OpOf            // Args: data or component, actor; `x of a`: each of those whom a stands for has one, and x is that of a
	OpOwn           // Args[0] an element; `x is own`: it is the attacker's, of those of whom the attacker is one
	OpClaimsNone    // Word, a relation; Args[0]; `x RELATION none`: the design says that there is none

	OpProtocolName // Protocol: a protocol as a term, as in `f.protocol = https`

	OpDefined // Define; Args: what it is applied to; Written. What it says is [Expr.Body]
	OpClosure // Define, a transitive closure; Args: from, to
)

// Expr is a resolved and type-checked formula or term. Calls of a design's `define` are expanded, their parameters substituted.
// Exprs are immutable and may be shared.
type Expr struct {
	Op   Op
	Args []*Expr
	Vars []*Var // of quantifiers, count and sum
	Span source.Span
	Type Type

	Int       int64
	Var       *Var
	Element   *Element
	Member    *Member
	Word      string
	Predicate *Predicate
	Fact      *ProcessFact
	State     *ProcessVar
	Value     *ProcessValue
	Attribute *Attribute
	Kind      *Kind
	Control   *Control
	Protocol  *Protocol
	Relation  *Relation
	Define    *Define // of a catalogue
	Written   *Expr   // of OpDefined: what it says, where that is about one of several zones ([Spread]); nil otherwise
}

// Var is a bound variable: of a quantifier, a threat, a step or a requirement's `for`.
type Var struct {
	Name string
	Type Type
	Span source.Span
}

// Type is the sort of a term. Exactly one of Kind, Domain, Word is set for an object; Bool and Integer have none.
type Type struct {
	Base   BaseType
	Kind   *Kind          // of ElementType: the sort's kind, `component` or any below a root; also Value kinds
	Domain *ProcessDomain // of MemberType and, when it is a range, of IntegerType
	Words  []string       // of WordType: the attribute's words
	Maybe  bool           // may also be `none`
}

// BaseType is the shape of a type.
type BaseType uint8

// The shapes.
const (
	BoolType BaseType = iota
	IntegerType
	ElementType
	MemberType
	WordType
	ProtocolType
	ControlType // only of a parameter of a catalogue's define
)

// Unknown reports whether nothing is known of the type, as what is of it was reported as wrong.
func (t Type) Unknown() bool { return t.Base == ElementType && t.Kind == nil }
