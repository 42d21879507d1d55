package reach

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// RestsOn strengthens the proofs of questions that hold by closure: it returns for each a minimal set of failures, ascending, such that the attack
// stays out of reach whatever else fails. As a cut it is a proof again, and it names the controls that the verdict rests on. It is nil
// where the proof needs no control, or needs more than closure (a budget). What questions that differ in Bad alone have in common is worked out once.
func RestsOn(qs []*system.Question, opt Options) [][]system.Lit {
	out := make([][]system.Lit, len(qs))
	for i, q := range qs {
		if q == nil {
			continue // with another one
		}
		with := []int{i}
		for k := i + 1; k < len(qs) && plain(q); k++ {
			if qs[k] != nil && plain(qs[k]) && alike(q, qs[k]) {
				with = append(with, k)
			}
		}
		all := make([]*system.Question, len(with))
		for n, k := range with {
			one := *qs[k]
			one.MaxFailures = one.System.Choices()
			all[n], qs[k] = &one, nil
		}
		r := newResting(all, opt)
		for n, k := range with {
			out[k] = r.on(n)
		}
	}
	return out
}

// plain reports whether a question asks for nothing but that something comes true.
func plain(q *system.Question) bool {
	return len(q.Assume) == 0 && !slices.ContainsFunc(q.System.Conjuncts(q.Bad), system.Lit.Negated)
}

// alike reports whether two questions ask the same, but for Bad and for how much may fail.
func alike(a, b *system.Question) bool {
	return a.System == b.System && a.Budget == b.Budget && slices.Equal(a.Start, b.Start) && slices.Equal(a.Fixed, b.Fixed) && slices.Equal(a.Off, b.Off)
}

// resting is a hitter of questions where nothing fails, and all may be decided.
type resting struct {
	h    *hitter
	t    *translation
	goal []int32 // by question
}

func newResting(qs []*system.Question, opt Options) *resting {
	r := &resting{t: &translation{original: qs[0]}}
	if len(qs) == 1 {
		r.t.Slice = slice.Of(qs[0])
	} else {
		var bad []system.Lit
		r.t.Slice, bad = slice.All(qs)
		r.t.Question.Bad = system.False // so that all that follows is derived
		for _, l := range bad {
			r.goal = append(r.goal, int32(l))
		}
	}
	r.h = newHitter(r.t.Question, failures, opt.defaults())
	if r.goal == nil {
		r.goal = []int32{r.h.p.goal}
	}
	s := r.t.Question.System
	for i := range int32(s.Choices()) {
		l := s.Choice(i)
		r.h.x.turnOn(int32(l.Not()))
		if s.ChoiceKind(i) == system.Decision {
			r.h.x.turnOn(int32(l))
		}
	}
	r.h.x.propagate()
	return r
}

// on returns what one of the questions rests on.
func (r *resting) on(question int) []system.Lit {
	r.h.p.goal = r.goal[question]
	if r.h.x.derived[r.h.p.goal] {
		return nil
	}
	cut := r.h.cut(func(int32) int { return 1 })
	out := make([]system.Lit, len(cut))
	for i, a := range cut {
		out[i] = r.t.Original(system.Lit(a))
	}
	slices.Sort(out)
	return out
}
