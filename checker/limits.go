package checker

import (
	"fmt"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/internal/engine/explicit"
	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/internal/engine/reach"
)

// Limits says what a check takes at the most, as lines of a help text. Each is counted, none is timed, so the same inputs have the same verdicts everywhere.
func Limits() string {
	const million = 1e6
	all := reach.Whole()
	return fmt.Sprintf(`- a design unfolds into up to %d million rules, of which %d million of its processes
- its cases together look at rules up to %d million times, and take up to %d million conflicts of solvers for attacks and their costs
- besides, up to %d million conflicts for processes, and up to %d states of a case; a proof is checked within limits of its own
Few cases get as much as each may use by itself. Many cases share this evenly. A case that reaches its limit keeps what is known of it, or is unknown.`,
		ground.MaxRules>>20, ground.MaxProcessRules>>20, int(float64(all.Visits)/million), int(float64(all.Conflicts)/million), int(float64(portfolio.Whole())/million), explicit.MaxStates)
}

// limits are those of one question.
func (c *check) limits() portfolio.Options {
	return portfolio.Options{Reach: reach.Options{MaxIterations: c.opt.MaxIterations}}.Shared(c.questions)
}
