package conform

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/system"
)

// Limits of what a monitor keeps of honest runs.
const (
	maxSpots   = 256  // states that honest runs of a case may be in
	maxWindows = 4096 // events whose groundings are kept
)

// frontier is how far honest runs of a case have come: the states that they may be in after its events, in the order in which the walk through the whole log meets them. With it an answer takes
// no more time for a case of many events than for one of few. A case with several sources, lost events or controls that may have failed has none.
type frontier struct {
	key    string // of the trace that led there
	events int
	spots  []spot
}

// spot is a state after the last event, and what happened on the first way there.
type spot struct {
	facts           []int32 // of the design, that hold
	broken, excused map[*ground.Case]bool
}

// key tells spots apart.
func (s *spot) key() string {
	return fmt.Sprint(s.facts, len(s.broken), len(s.excused), s.broken, s.excused)
}

// window is the grounding of a log of one event.
func (x *Explainer) window(e ground.Event) (*ground.Grounding, error) {
	key := e.String()
	if g := x.windows[key]; g != nil {
		return g, nil
	}
	g, err := x.Watched.Log([]ground.Event{e}, 0, false)
	if err != nil {
		return nil, err
	}
	if len(x.windows) >= maxWindows {
		clear(x.windows)
	}
	x.windows[key] = g
	return g, nil
}

// advance takes a frontier to the end of a trace. It reports whether there is one: where not, some event fits no honest run, or it is not for frontiers to say.
func (x *Explainer) advance(ctx context.Context, f *frontier, trace *Trace) (bool, error) {
	if len(trace.Sources) > 1 || x.opt.Lost > 0 || x.opt.Failures > 0 {
		return false, nil
	}
	if f.events > len(trace.Events) || !strings.HasPrefix(trace.Key, f.key) || f.spots == nil {
		*f = frontier{spots: []spot{{broken: map[*ground.Case]bool{}, excused: map[*ground.Case]bool{}}}}
	}
	for ; f.events < len(trace.Events); f.events++ {
		e := trace.Events[f.events]
		e.Source, e.After = 0, nil
		g, err := x.window(e)
		if err != nil {
			return false, err
		}
		if f.spots, err = x.beyond(ctx, g, f.spots, f.events == 0); err != nil || len(f.spots) == 0 {
			f.spots = nil
			return false, err
		}
	}
	f.key = trace.Key
	return true, nil
}

// beyond returns the spots after one more event; none where it fits nowhere, or there are too many.
func (x *Explainer) beyond(ctx context.Context, g *ground.Grounding, from []spot, first bool) ([]spot, error) {
	q := g.Left(nil, 0, 1, 0).Question
	w := newWalk(g, q)
	w.tellAll()
	var layer []int32
	for i := range from {
		if first {
			from[i].facts = slices.Clone(q.Start)
		}
		layer = w.meet(layer, w.stateOf(from[i].facts), visit{parent: -1, next: []int32{0}})
	}
	if len(layer) < len(from) {
		return nil, nil
	}
	var further []int32
	rules, to := g.EventRules(0)
	for i := 0; i < len(layer); i++ {
		at := layer[i]
		for _, r := range w.free {
			layer = w.take(layer, at, r, w.states[at].next)
		}
		for r := rules; r < to; r++ {
			further = w.take(further, at, r, []int32{1})
		}
		if w.open || len(w.states) > maxStates || len(further) > maxSpots || ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	var out []spot
	for _, at := range further {
		root := at
		for w.states[root].parent >= 0 {
			root = w.states[root].parent
		}
		s, err := x.arrive(g, q, &from[root], w.back(at))
		if err != nil {
			return nil, err
		}
		out = append(out, *s)
	}
	return out, nil
}

// arrive replays the way from a spot to one behind an event, and notes what is broken and what is met on it.
func (x *Explainer) arrive(g *ground.Grounding, q *system.Question, from *spot, rules []int32) (*spot, error) {
	st, err := system.NewState(q.System, from.facts, q.Fixed)
	if err != nil {
		return nil, err
	}
	out := &spot{broken: from.broken, excused: from.excused}
	with := func(m map[*ground.Case]bool, c *ground.Case) map[*ground.Case]bool {
		next := map[*ground.Case]bool{c: true}
		for k := range m {
			next[k] = true
		}
		return next
	}
	look := func() {
		for i, cases := range x.Watched.Cases {
			if x.m.Design.Requirements[i].Static {
				continue
			}
			for _, c := range cases {
				if !out.excused[c] && slices.ContainsFunc(c.Question.Assume[:c.Own], func(l system.Lit) bool { return st.Eval(l) != system.Yes }) {
					out.excused = with(out.excused, c)
				}
				if !out.broken[c] && !out.excused[c] && st.Eval(c.Question.Bad) == system.Yes {
					out.broken = with(out.broken, c)
				}
			}
		}
	}
	look()
	for _, r := range rules {
		if _, err := st.Take(r); err != nil {
			return nil, err
		}
		look()
	}
	for f := range int32(x.Watched.System.Facts()) {
		if st.Fact(f) {
			out.facts = append(out.facts, f)
		}
	}
	return out, nil
}

// ahead says what can follow from a spot, as far as a monitor tells it.
func (x *Explainer) ahead(ctx context.Context, s *spot) (*Answer, error) {
	a := &asking{Explainer: x, g: x.Watched.Grounding, out: &Answer{Verdict: Normal, Run: &Run{Attack: &explain.Attack{}}}, fromHere: true}
	broken := map[*ground.Case]int{}
	for c := range s.broken {
		broken[c] = 0
	}
	err := a.follow(ctx, s.facts, broken, s.excused)
	return a.out, err
}
