package wording

import (
	"cmp"
	"slices"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/models"
)

// Orders are what requirements can be sorted by.
var Orders = []string{"severity", "verdict"}

// Sorted returns a result with its requirements in one of [Orders]: the worst first, and what is equal in that by the other.
func Sorted(r *checker.Result, by string) *checker.Result {
	out := *r
	out.Requirements = slices.Clone(r.Requirements)
	slices.SortStableFunc(out.Requirements, func(x, y *checker.Requirement) int {
		severity := cmp.Compare(models.SeverityRank(x.Source.Severity), models.SeverityRank(y.Source.Severity))
		verdict := cmp.Compare(y.Verdict.Rank(), x.Verdict.Rank())
		if by == "verdict" {
			return cmp.Or(verdict, severity)
		}
		return cmp.Or(severity, verdict)
	})
	return &out
}
