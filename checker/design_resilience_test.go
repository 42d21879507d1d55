package checker_test

import (
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// leastFailures returns how many controls must fail for a case to be violated under some decisions; -1 when no number does.
func leastFailures(m *threats.Model, r *models.Requirement, coalition []*models.Attacker, at env) (least int, ok bool) {
	for n := range len(places(m.Design)) + 1 {
		q := *r
		q.Failures = n
		switch tr := read(m, &q, coalition, at); {
		case tr.tooLarge:
			return 0, false
		case tr.cost >= 0:
			return n, true
		}
	}
	return -1, true
}
