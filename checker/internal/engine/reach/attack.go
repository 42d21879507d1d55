package reach

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/internal/engine/trim"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// translation is the slice that an engine works on, with the question that it comes from.
type translation struct {
	*slice.Slice
	original *system.Question
}

// attack makes a plan an attack on the original question. Decisions outside the slice are as aside says, or else for the control. It returns nil
// where no order of the rules replays.
func (h *hitter) attack(t *translation, p *plan, model, aside []system.Lit) *system.Run {
	rules := make([]int32, len(p.rules))
	for i, r := range p.rules {
		rules[i] = t.Rules[r]
	}
	given := slices.Clone(aside)
	for _, l := range h.assign(p.used, model) {
		given = append(given, t.Original(l))
	}
	return trim.Attack(t.original, rules, given)
}
