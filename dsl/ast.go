package dsl

import "github.com/vauban-verifier/vauban/dsl/source"

// File is the syntax tree of one design file.
type File struct {
	Source   *source.File
	Decls    []Decl    // in the order written, `design`, `use` and `include` among them
	Comments []Comment // all of them, in the order written; `///` lines too
	Broken   []Name    // what declarations with syntax errors would have declared; they are not in Decls. One without a text: nobody knows what
}

// Comment is a `//`, `///` or `/* */` comment with its delimiters.
type Comment struct {
	Text string
	Span source.Span
}

// Name is an identifier where it stands.
type Name struct {
	Text string
	Span source.Span
}

// String is a string literal with its unquoted value.
type String struct {
	Value string
	Span  source.Span
}

// Decl is a declaration. Span covers all of it, without its doc comment.
type Decl interface{ Pos() source.Span }

// Node carries what every declaration has.
type Node struct {
	Span source.Span
	Doc  string // the `///` lines before it, joined by "\n", without the slashes
}

// Pos returns where the declaration stands.
func (n Node) Pos() source.Span { return n.Span }

func (n *Node) set(to Node) { *n = to }

func (n Node) doc() string { return n.Doc }

type (
	// Design is `design "Title"`.
	Design struct {
		Node
		Title String
	}
	// Use is `use "catalogue"`.
	Use struct {
		Node
		Path String
	}
	// Include is `include "file.vbn"`.
	Include struct {
		Node
		Path String
	}
	// Element declares zones, actors, components or data: `component A, B: kind, kind in Zone, Zone { body }`,
	// `data A, B: class of Owner { body }`.
	Element struct {
		Node
		Sort  Name // its text is zone, actor, component or data
		Names []Name
		Kinds []Name // kinds, or classes of data
		In    []Name // the zones
		Of    *Name  // of data: whose it is; nil when absent
		Body  *Body  // nil when absent
	}
	// Flow is `flow NAME: Source, Source -> Target, Target over PROTOCOL blocked { body }`.
	Flow struct {
		Node
		Name     *Name // nil: called `Source->Target`
		Sources  []Name
		Targets  []Name
		Both     bool  // `<->`
		Protocol *Name // nil when absent
		Blocked  bool
		Body     *Body
	}
	// Extend is `extend data A, B->C: kind blocked { clauses }`: what is said further of elements that are declared elsewhere.
	Extend struct {
		Node
		Sort    *Name // zone, actor, component, data or flow; nil when absent
		Names   []Name
		Kinds   []Name
		Blocked bool
		Body    *Body
	}
	// Each is `each KIND in Zone CLAUSE... except A, B`.
	Each struct {
		Node
		Kind   Name
		In     *Name
		Body   *Body // the clauses
		Except []Name
	}
	// Define is `define NAME(x: SORT, ...): FORMULA`.
	Define struct {
		Node
		Name   Name
		Params []Param
		Body   Expr
	}
	// Attacker is `attacker NAME { in Z controls X knows D budget N without threat }`.
	Attacker struct {
		Node
		Name Name
		Body *Body
	}
	// Require is `require NAME for x: SORT: PROPERTY at scale against A, B + C tolerating N failures { body }`.
	Require struct {
		Node
		Name       Name
		For        []Param
		Property   Property
		Against    [][]Name // each a coalition
		AgainstAt  source.Span
		Tolerating *Int        // nil when absent
		AtScale    source.Span // of `at scale`; invalid when absent
		Body       *Body
	}
	// Assume is `assume NAME: FORMULA`.
	Assume struct {
		Node
		Name    Name
		Formula Expr
	}
	// Waive is `waive NAME until DATE because "reason"`.
	Waive struct {
		Node
		Requirement Name
		Until       Name // the text of the date, YYYY-MM-DD, checked to be a real date by models
		Because     String
	}
	// Broken stands for a declaration, a clause or a member that has a syntax error.
	Broken struct {
		Node
		Begun Decl   // what it says before the mistake: an *Element or a *Flow, as far as that goes; nil otherwise
		Names []Lost // what it, and what is lost with it, would have declared
	}
	// Lost is what a declaration with a syntax error would have declared.
	Lost struct {
		Name        // "design" for a design, "" where nobody knows
		Sort string // as of a [Definition]; "" for a design, and where nobody knows
	}
	// Process is `process NAME { members }`.
	Process struct {
		Node
		Name    Name
		Members []Decl // Domain, Value, Fact, Var, Message, Step
	}
)

// Body is what stands in braces: clauses, and in a zone also nested declarations, in the order written.
type Body struct {
	Span    source.Span // with the braces
	Entries []Decl      // *Clause, or a nested declaration
}

// Clauses returns the entries that are clauses.
func (b *Body) Clauses() []*Clause {
	if b == nil {
		return nil
	}
	var out []*Clause
	for _, e := range b.Entries {
		if c, ok := e.(*Clause); ok {
			out = append(out, c)
		}
	}
	return out
}

// Clause is a keyword with its items: `has waf, rate_limiting?`, `port 8443`, `stores Orders with encryption`.
// The keywords of two words are `runs on` and `authenticated by`. `budget 12`, `refs "a", "b"`, `title "t"` are clauses too.
type Clause struct {
	Node
	Keyword Name
	Not     bool   // `has not`
	Items   []Item // none after `sure`
	With    []Item // after `stores ... with`
}

// Item is one operand of a clause.
type Item struct {
	Kind  ItemKind
	Text  string // the name, or the value of the string
	Int   int64
	Maybe bool // a name with `?` behind it
	Span  source.Span
}

// ItemKind tells what an item is.
type ItemKind int

// The kinds of items.
const (
	NameItem ItemKind = iota
	StringItem
	IntItem
)

// Int is an integer literal.
type Int struct {
	Value int64
	Span  source.Span
}

// Param is `x: SORT`; in a message field the name may be missing (empty Text).
type Param struct {
	Name  Name
	Sort  Name
	Maybe bool // `x: SORT?`
}

// Property is what a requirement demands.
type Property struct {
	Kind  PropertyKind
	Span  source.Span
	F, G  Expr   // never F, always F, possible F, F only after G
	Items []Name // confidential, integrity, available
}

// PropertyKind is the form of a property.
type PropertyKind int

// The forms of properties.
const (
	Never PropertyKind = iota
	Always
	OnlyAfter
	Possible
	Confidential
	Integrity
	Available
)

// The members of a process.
type (
	// Domain is `domain NAME = a, b secret` or `domain NAME = 0..3`.
	Domain struct {
		Node
		Name   Name
		Values []Name // nil for a range
		Lo, Hi Int
		Secret bool
	}
	// Value is `value NAME(SORT, ...): SORT = TERM` or `= { a: 1, (b, c): 2 }`.
	Value struct {
		Node
		Name    Name
		Params  []Param // their names may be empty
		Type    Name
		All     Expr // one value for all; nil when Entries is used
		Entries []Entry
	}
	// Entry is one line of a value's table.
	Entry struct {
		Args   []Expr // literals
		Result Expr
		Span   source.Span
	}
	// Fact is `fact NAME(SORT, ...) = true`.
	Fact struct {
		Node
		Name   Name
		Params []Param
		Init   Expr // nil: false
	}
	// Var is `var NAME(SORT, ...): SORT? = TERM bounded`.
	Var struct {
		Node
		Name    Name
		Params  []Param
		Type    Name
		Maybe   bool
		Init    Expr // nil is an error that models reports
		Bounded bool
	}
	// Message is `message NAME(FIELD, ...) over FLOW signed by TERM except FIELD, ...`.
	Message struct {
		Node
		Name   Name
		Fields []Param
		Over   Name
		Signed Expr // nil: unsigned
		Except []Name
	}
	// Step is one transition of a process.
	Step struct {
		Node
		Name     Name
		Params   []Param
		By       []Name // `by A with B, C`: all parties, the first is `by`'s
		For      []Param
		Receives []*Call
		When     Expr // nil: true
		Do       []*Effect
		Sends    []*Call
	}
	// Effect is `p(x)`, `not p(x)`, `v(x) := TERM`, or one of these below `forall i: SORT |`.
	Effect struct {
		Node
		Forall []Param
		Target *Call
		Not    bool
		Assign Expr // nil: a plain fact
	}
)

// Expr is a formula or a term: which of the two is for models to say.
type Expr interface{ Pos() source.Span }

// At is the place of an expression.
type At struct{ Span source.Span }

// Pos returns where the expression stands.
func (a At) Pos() source.Span { return a.Span }

type (
	// Binary is `X op Y`: implies or and = != < <= > >= + - *.
	Binary struct {
		At
		Op   string
		X, Y Expr
	}
	// Not is `not X`.
	Not struct {
		At
		X Expr
	}
	// Quantified is forall, exists, count or sum over variables.
	Quantified struct {
		At
		Op    string // forall, exists, count, sum
		Vars  []Param
		Body  Expr
		Where Expr // only of sum; nil when absent
	}
	// If is `if C then T else E`.
	If struct {
		At
		Cond, Then, Else Expr
	}
	// Call is `p(x, y)`; without parentheses it is an [Ident].
	Call struct {
		At
		Name Name
		Args []Expr
	}
	// Ident is a bare name; `none`, `true` and `false` too.
	Ident struct {
		At
		Name Name
	}
	// IntLit is an integer, maybe negative.
	IntLit struct {
		At
		Value int64
	}
	// Field is `x.NAME`.
	Field struct {
		At
		X    Expr
		Name Name
	}
	// Relation is `X op Y` where op is a word: is has in stores handles carries returns over through accepts
	// `authenticated by` `runs on`, or a catalogue's relation. With is for `c stores d with CONTROL`.
	Relation struct {
		At
		X    Expr
		Op   Name
		Y    Expr
		With *Name
	}
)
