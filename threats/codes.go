package threats

import (
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/yamldoc"
	"github.com/vauban-verifier/vauban/models/resolve"
)

// The codes of this package.
const (
	CodeRead   diag.Code = "VAU2001"         // a file cannot be read
	CodeKey              = yamldoc.CodeKey   // an unknown, repeated or missing key
	CodeShape            = yamldoc.CodeShape // a value of the wrong shape
	CodeName   diag.Code = "VAU2005"         // an unknown name
	CodeTwice            = yamldoc.CodeTwice // declared twice
	CodeCycle  diag.Code = "VAU2007"         // something is its own ancestor
	CodeUnused diag.Code = "VAU2008"         // a variable without a use
	CodeUnless diag.Code = "VAU2009"         // an unless that can never be met
	CodeEffect diag.Code = "VAU2010"         // an effect or a cost that makes no sense
	CodeAbuse  diag.Code = "VAU2020"         // a control that helps the attacker, and the entry does not say so
)

// CodePart is the code of a part of a design that was loaded by itself, and of other mistakes with `design`.
const CodePart = resolve.CodeHeader
