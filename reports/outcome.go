package reports

import (
	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
)

// Outcome is what came of one design: a result, or the errors because of which nothing was verified.
type Outcome struct {
	Name   string            // the root file, as the user named it
	Result *checker.Result   // nil: nothing was verified
	Errors []diag.Diagnostic // in their order; warnings stand among them
	Known  map[string]bool   // requirements that are not met, and in no way that a baseline does not have
}
