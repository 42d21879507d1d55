package resolve

import "github.com/vauban-verifier/vauban/dsl/diag"

// The codes of what can be wrong with a design.
const (
	CodeHeader      diag.Code = "VAU1001" // `design` is missing, repeated or not first
	codeDuplicate   diag.Code = "VAU1002" // a name is declared twice
	codeUnknown     diag.Code = "VAU1003" // nothing has this name
	codeKind        diag.Code = "VAU1004" // unknown kind, or under another root
	codeControl     diag.Code = "VAU1005" // unknown control, or not made for this
	codeProtocol    diag.Code = "VAU1006" // unknown protocol
	codeClause      diag.Code = "VAU1007" // a clause that does not belong here
	codeSort        diag.Code = "VAU1008" // an element of the wrong sort
	codeCycle       diag.Code = "VAU1009" // zones or hosts form a circle
	codeAttribute   diag.Code = "VAU1010" // an invalid value of an attribute
	codeCredential  diag.Code = "VAU1011" // not a credential
	codeFlowName    diag.Code = "VAU1012" // one name for several flows
	codeTooLarge    diag.Code = "VAU1013" // beyond a limit of size
	codeShadow      diag.Code = "VAU1014" // a variable with the name of something else
	codeType        diag.Code = "VAU1015" // a term or formula of the wrong type
	codeArity       diag.Code = "VAU1016" // a wrong number of arguments
	codeDefine      diag.Code = "VAU1017" // a define that uses itself
	codeNone        diag.Code = "VAU1018" // `none` where there is always a value
	codeAttacker    diag.Code = "VAU1019" // invalid details of an attacker
	codeRequirement diag.Code = "VAU1020" // invalid details of a requirement
	codeWaiver      diag.Code = "VAU1021" // invalid details of a waiver
	codeDomain      diag.Code = "VAU1022" // an empty or ill-formed domain, or a number that it never has
	codeTable       diag.Code = "VAU1023" // a value's table is not total, or not a table
	codeMessage     diag.Code = "VAU1024" // an invalid message
	codeParty       diag.Code = "VAU1025" // a message sent or received by somebody else
	codeEffect      diag.Code = "VAU1026" // an invalid effect of a step
	codeUnused      diag.Code = "VAU1027" // something without any use
	codeState       diag.Code = "VAU1028" // a start value that depends on the state
	codeThen        diag.Code = "VAU1029" // an effect of a threat that is no fact
	codeReserved    diag.Code = "VAU1031" // a name that is a word of every formula
	codeUnsupported diag.Code = "VAU1032" // a part of the language that has no meaning yet
	codeMembers     diag.Code = "VAU1033" // one of many where all may be meant, or the other way round
)
