package reach

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// RestsOn strengthens the proof of a question that holds by closure: it returns a minimal set of failures, ascending, such that the attack
// stays out of reach whatever else fails. As a cut it is a proof again, and it names the controls that the verdict rests on. It returns
// nil where the proof needs no control, or needs more than closure (a budget).
func RestsOn(q *system.Question, opt Options) []system.Lit {
	all := *q
	all.MaxFailures = q.System.Choices()
	t := &translation{slice.Of(&all), &all}
	h := newHitter(t.Question, failures, opt.defaults())
	s := t.Question.System
	for i := range int32(s.Choices()) {
		l := s.Choice(i)
		h.x.turnOn(int32(l.Not()))
		if s.ChoiceKind(i) == system.Decision {
			h.x.turnOn(int32(l))
		}
	}
	if h.x.propagate() {
		return nil
	}
	cut := h.cut(func(int32) int { return 1 })
	out := make([]system.Lit, len(cut))
	for i, a := range cut {
		out[i] = t.Original(system.Lit(a))
	}
	slices.Sort(out)
	return out
}
