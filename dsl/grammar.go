package dsl

import (
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/vauban-verifier/vauban/dsl/source"
)

// The grammar: one production a type, in the notation of participle. A literal is a word or a mark; a lower-case word is a
// token and says what it means here (see symbols); @ keeps what was read, @@ what the field's own production read. Text is
// read from left to right and never twice, so that an error stands at the first token that fits nowhere; (?= ) and (?! )
// look ahead. Bodies and members are read entry by entry by the driver, so that one mistake costs one entry.
type (
	design struct {
		Title lexeme `parser:"'design' @title"`
	}
	use struct {
		Path lexeme `parser:"'use' @catalogue"`
	}
	include struct {
		Path lexeme `parser:"'include' @path"`
	}
	zone struct {
		Sort  lexeme  `parser:"@'zone'"`
		Names lexemes `parser:"@( name ( ',' name )* )"`
		Kinds lexemes `parser:"':' @( kind ( ',' kind )* )"`
		In    lexemes `parser:"( 'in' @( zone ( ',' zone )* ) )?"`
		Body  lexemes `parser:"@area?"`
	}
	party struct {
		Sort  lexeme  `parser:"@( 'actor' | 'component' )"`
		Names lexemes `parser:"@( name ( ',' name )* )"`
		Kinds lexemes `parser:"':' @( kind ( ',' kind )* )"`
		In    lexemes `parser:"( 'in' @( zone ( ',' zone )* ) )?"`
		Of    lexemes `parser:"( 'of' @owner )?"`
		Body  lexemes `parser:"@body?"`
	}
	data struct {
		Sort  lexeme  `parser:"@'data'"`
		Names lexemes `parser:"@( name ( ',' name )* )"`
		Kinds lexemes `parser:"':' @( kind ( ',' kind )* )"`
		Of    lexemes `parser:"( 'of' @owner )?"`
		Body  lexemes `parser:"@body?"`
	}
	flow struct {
		First    lexeme  `parser:"'flow' @name_or_source"`
		Sources  lexemes `parser:"( ':' @( source ( ',' source )* )"`
		More     lexemes `parser:"| @( ( ',' source )+ ) )?"`
		Both     bool    `parser:"( '->' | @'<->' )"`
		Targets  lexemes `parser:"@( target ( ',' target )* )"`
		Protocol lexemes `parser:"( 'over' @protocol )?"`
		Blocked  bool    `parser:"@'blocked'?"`
		Body     lexemes `parser:"@body?"`
	}
	extend struct {
		Sort    lexemes `parser:"'extend' ( (?= ( 'zone' | 'actor' | 'component' | 'data' | 'flow' ) element_name ) (?! ~'{' 'blocked' ) @( 'zone' | 'actor' | 'component' | 'data' | 'flow' ) )?"`
		Names   lexemes `parser:"@( element_name ( '->' target )? ( ',' element_name ( '->' target )? )* )"`
		Kinds   lexemes `parser:"( ':' @( kind ( ',' kind )* ) )?"`
		Blocked bool    `parser:"@'blocked'?"`
		Body    lexemes `parser:"@body?"`
	}
	eachOf struct {
		Kind lexeme  `parser:"'each' @kind"`
		In   lexemes `parser:"( 'in' @zone )?"`
	}
	exceptions struct {
		Except lexemes `parser:"'except' @( exception ( '->' target )? ( ',' exception ( '->' target )? )* )"`
	}
	define struct {
		Name lexeme `parser:"'define' @formula_name"`
		parameters[param]
		Body formula `parser:"':' @@"`
	}
	attacker struct {
		Name lexeme  `parser:"'attacker' @attacker_name"`
		Body lexemes `parser:"@body?"`
	}
	require struct {
		Name     lexeme   `parser:"'require' @requirement_name"`
		For      []param  `parser:"( 'for' @@ ( ',' @@ )* )?"`
		Property property `parser:"':' @@"`
		Parts    []limit  `parser:"@@*"`
		Body     lexemes  `parser:"@body?"`
	}
	limit struct { // each at most once
		Against    lexemes `parser:"  'against' @( attacker ( '+' attacker )* ( ',' attacker ( '+' attacker )* )* )"`
		Tolerating lexemes `parser:"| 'tolerating' @failures ( 'failure' | 'failures' )"`
		Scale      lexemes `parser:"| 'at' @'scale'"`
		Tokens     lexemes
	}
	assume struct {
		Name    lexeme  `parser:"'assume' @assumption_name"`
		Formula formula `parser:"':' @@"`
	}
	waive struct {
		Name    lexeme `parser:"'waive' @requirement"`
		Until   lexeme `parser:"'until' @date"`
		Because lexeme `parser:"'because' @reason"`
	}
	processHead struct {
		Name lexeme  `parser:"'process' @process_name"`
		Open lexemes `parser:"@'{'"`
	}
	domain struct {
		Name   lexeme  `parser:"'domain' @domain_name"`
		Values lexemes `parser:"'=' ( @( item ( ',' item )* )"`
		Lo     lexemes `parser:"    | @low '..'"`
		Hi     lexemes `parser:"      @high )"`
		Secret bool    `parser:"@'secret'?"`
	}
	value struct {
		Name lexeme `parser:"'value' @value_name"`
		parameters[field]
		Type  lexeme  `parser:"':' @sort"`
		Open  lexemes `parser:"'=' ( @'{'"`
		Table []entry `parser:"      ( (?! '}' ) @@ ( (?! ',' '}' ) ',' @@ )* ','? )?"`
		Close lexemes `parser:"      @'}'"`
		All   term    `parser:"    | @@ )"`
	}
	entry struct {
		Args   []term `parser:"( '(' @@ ( ',' @@ )* ')' | @@ )"`
		Result term   `parser:"':' @@"`
		Tokens lexemes
	}
	fact struct {
		Name lexeme `parser:"'fact' @fact_name"`
		parameters[field]
		Init term `parser:"( '=' @@ )?"`
	}
	variable struct {
		Name lexeme `parser:"'var' @variable_name"`
		parameters[field]
		Type    lexeme `parser:"':' @sort"`
		Maybe   bool   `parser:"@'?'?"`
		Init    term   `parser:"( '=' @@ )?"`
		Bounded bool   `parser:"@'bounded'?"`
	}
	message struct {
		Name lexeme `parser:"'message' @message_name"`
		parameters[field]
		Over   lexemes `parser:"'over' @( flow_name ( '->' flow_name )? )"`
		Signed term    `parser:"( 'signed' 'by' @@"`
		Except lexemes `parser:"  ( 'except' @( field_name ( ',' field_name )* ) )? )?"`
	}
	step struct {
		Name lexeme `parser:"'step' @step_name"`
		parameters[param]
		By    lexemes `parser:"'by' @( party ( ',' party )* ( 'with' party ( ',' party )* )? )"`
		For   []param `parser:"( 'for' @@ ( ',' @@ )* )?"`
		Parts []part  `parser:"@@*"`
	}
	part struct { // each at most once
		Receives []receipt `parser:"  'receives' @@ ( ',' @@ )*"`
		When     formula   `parser:"| 'when' @@"`
		Do       []effect  `parser:"| 'do' @@ ( ',' @@ )*"`
		Sends    []receipt `parser:"| 'sends' @@ ( ',' @@ )*"`
		Tokens   lexemes
	}
	effect struct {
		Forall []param `parser:"( (?= 'forall' name ( ':' | ',' | '|' ) ) 'forall' @@ ( ',' @@ )* '|' )?"`
		Not    target  `parser:"( (?= 'not' name ) (?! 'not' ( 'domain' | 'value' | 'fact' | 'var' | 'message' | 'step' | 'by' | 'receives' | 'when' | 'do' | 'sends' ) ) 'not' @@"`
		Target target  `parser:"| @@"`
		Assign formula `parser:"  ( ':=' @@ )? )"`
		Tokens lexemes
	}
	clause struct {
		Alone   lexemes `parser:"  @'sure'"`
		Stores  lexemes `parser:"| @'stores'"`
		Stored  []item  `parser:"    @@ ( ',' @@ )*"`
		With    []item  `parser:"    ( 'with' @@ ( ',' @@ )* )?"`
		Keyword lexemes `parser:"| @( 'has' ( (?= 'not' name ) 'not' )? | 'runs' 'on' | 'authenticated' 'by' | keyword )"`
		Items   []item  `parser:"    @@ ( ',' @@ )*"`
	}
	parameters[P interface{ param(*parser) Param }] struct {
		Params []P `parser:"( '(' ( ')' | @@ ( ',' @@ )* ')' ) )?"`
	}
	param struct {
		Name  lexeme `parser:"@variable"`
		Sort  lexeme `parser:"':' @sort"`
		Maybe bool   `parser:"@'?'?"`
	}
	field struct { // its name may be missing
		First  lexeme  `parser:"@sort"`
		Second lexemes `parser:"( ':' @sort )?"`
		Maybe  bool    `parser:"@'?'?"`
	}
)

// How these hang together: what the driver reads piece by piece, written as productions for readers.
type (
	file struct {
		Declarations []declaration `parser:"@@*"`
	}
	declaration any
	each        struct {
		eachOf
		Clauses []clause     `parser:"@@+"`
		Except  []exceptions `parser:"@@?"`
	}
	process struct {
		processHead
		Members []member `parser:"@@* '}'"`
	}
	member any
	head   any // the beginnings that the driver reads
)

// What the parser of formulas reads, which knows the context: where a formula ends, and how strongly operators bind.
type (
	formula  interface{ Pos() source.Span } // an Expr
	term     interface{ Pos() source.Span } // an Expr
	property any                            // a Property
	item     any                            // an Item
	receipt  any                            // a *Call
	target   any                            // a *Call
)

type (
	lexeme  = lexer.Token
	lexemes = []lexer.Token
)

// symbols are the tokens of the grammar by what they mean where they stand, with the words for a reader.
var symbols = map[string]struct {
	kind  tokenKind
	words string
}{
	"name":             {nameToken, "a name"},
	"kind":             {nameToken, "a kind"},
	"zone":             {nameToken, "a zone"},
	"owner":            {nameToken, "the actor that each has one of"},
	"name_or_source":   {nameToken, "the name or the source of the flow"},
	"source":           {nameToken, "the source of the flow"},
	"target":           {nameToken, "the target of the flow"},
	"protocol":         {nameToken, "a protocol"},
	"element_name":     {nameToken, "the name of an element"},
	"exception":        {nameToken, "the name of an exception"},
	"formula_name":     {nameToken, "the name of the formula"},
	"attacker_name":    {nameToken, "the name of the attacker"},
	"attacker":         {nameToken, "an attacker"},
	"requirement_name": {nameToken, "the name of the requirement"},
	"requirement":      {nameToken, "the name of a requirement"},
	"assumption_name":  {nameToken, "the name of the assumption"},
	"process_name":     {nameToken, "the name of the process"},
	"domain_name":      {nameToken, "the name of the domain"},
	"item":             {nameToken, "a value"},
	"value_name":       {nameToken, "the name of the value"},
	"fact_name":        {nameToken, "the name of the fact"},
	"variable_name":    {nameToken, "the name of the variable"},
	"message_name":     {nameToken, "the name of the message"},
	"flow_name":        {nameToken, "a flow"},
	"field_name":       {nameToken, "a field"},
	"step_name":        {nameToken, "the name of the step"},
	"party":            {nameToken, "a party"},
	"variable":         {nameToken, "a variable"},
	"sort":             {nameToken, "a kind or a domain"},
	"keyword":          {nameToken, "a keyword"},
	"low":              {intToken, `a range such as "0..3"`},
	"high":             {intToken, "the last integer of the range"},
	"failures":         {intToken, "a number of failures"},
	"date":             {dateToken, `a date such as "2027-03-01"`},
	"title":            {stringToken, "the title of the design as a string"},
	"catalogue":        {stringToken, "the name or the path of a catalogue as a string"},
	"path":             {stringToken, "the path of a file as a string"},
	"reason":           {stringToken, "the reason as a string"},
	"area":             {openToken, `"{"`},
	"body":             {openToken, `"{"`},
}

// expectations says more than the grammar where a production goes on with a mark or a production.
var expectations = map[string]string{
	`zone ":"`:  `":" and a kind, or "," and another name`,
	`party ":"`: `":" and a kind, or "," and another name`,
	`data ":"`:  `":" and a kind, or "," and another name`,
	`step "by"`: `"by" and who takes the step`,
	`flow "->"`: `":" behind the name of the flow, "->"`,
	`value "}"`: `"," or "}"`,
	`")"`:       `"," or ")"`,
	`Param`:     "a variable",
	`Field`:     "a kind or a domain",
}
