//go:build auditpage

package page

import _ "embed"

// A release builds the page first, puts it here, and has it built into the program.
//
//go:embed built/vauban-audit.html
var carried []byte

// Carried returns the page that this program carries; nil if it carries none.
func Carried() []byte { return carried }
