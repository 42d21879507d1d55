package models

import "github.com/vauban-verifier/vauban/dsl/source"

// Process is the business logic of the design: a state and the steps that change it.
type Process struct {
	Name     string
	Span     source.Span
	Domains  []*ProcessDomain
	Values   []*ProcessValue
	Facts    []*ProcessFact
	Vars     []*ProcessVar
	Messages []*Message
	Steps    []*Step
}

// ProcessDomain is a finite set: named members or a range of integers.
type ProcessDomain struct {
	Name    string
	Members []*Member // nil for a range
	Range   bool
	Lo, Hi  int64
	Secret  bool
	Span    source.Span
}

// Size returns the number of values.
func (d *ProcessDomain) Size() int {
	if d.Range {
		return int(d.Hi - d.Lo + 1)
	}
	return len(d.Members)
}

// Member is a named value of a domain.
type Member struct {
	Name   string
	Index  int
	Domain *ProcessDomain
	Span   source.Span
}

// ProcessValue is a fixed function; Table maps the encoded arguments (see [Key]) to literals.
type ProcessValue struct {
	Name   string
	Params []Type
	Result Type
	All    *Expr            // one literal for all arguments, or nil
	Table  map[string]*Expr // by Key of the literal arguments
	Span   source.Span
}

// ProcessFact is a Boolean of the state.
type ProcessFact struct {
	Name   string
	Params []Type
	Init   bool
	Span   source.Span
}

// ProcessVar is a finite-domain variable of the state.
type ProcessVar struct {
	Name    string
	Params  []Type
	Result  Type
	Init    *Expr // may be a term over ParamVars
	Vars    []*Var
	Bounded bool
	Span    source.Span
}

// Message is what a flow may have in flight.
type Message struct {
	Name     string
	Fields   []*Var
	Over     *Element
	Like     *Message // of a copy for another member: the declared one
	Signed   *Expr    // over the fields; nil: unsigned
	Unsigned []bool   // by field: true when `except` names it
	Span     source.Span
}

// Step is one transition of a process, over its parameters.
type Step struct {
	Name     string
	Params   []*Var
	For      []*Var // members of actors for whom it is taken: the messages that it receives from these actors and sends to them are theirs
	Like     *Step  // of a copy for a member: the declared one
	By       []*Element
	Receives []MessageTerm
	When     *Expr // OpTrue when absent
	Do       []Effect
	Sends    []MessageTerm
	Span     source.Span
	Doc      string
}

// MessageTerm is a message with its arguments.
type MessageTerm struct {
	Message *Message
	Args    []*Expr
	Span    source.Span
}

// Effect sets a fact or a variable, for all values of its bound variables.
type Effect struct {
	Forall []*Var
	Fact   *ProcessFact // one of Fact and Var
	Var    *ProcessVar
	Args   []*Expr
	Value  *Expr // OpTrue, OpFalse, or a formula for a fact; a term for a variable
	Span   source.Span
}

// Type returns the type of the domain's values.
func (d *ProcessDomain) Type() Type {
	if d.Range {
		return Type{Base: IntegerType, Domain: d}
	}
	return Type{Base: MemberType, Domain: d}
}
