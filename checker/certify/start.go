package certify

import (
	"context"
	"maps"
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
)

// NoStart reports whether a question has no runs at all: whatever the choices that it allows, its start breaks an assumption, or also is false,
// a literal over choices. Where that is too hard to tell, or ctx ends before, there are taken to be runs.
func NoStart(ctx context.Context, q *system.Question, also system.Lit) bool {
	e := newEncoding(ctx, q)
	e.states()
	e.add(e.lit(also))
	starts := make(map[int32]bool, len(q.Start))
	for _, f := range q.Start {
		starts[f] = true
	}
	for _, n := range slices.Sorted(maps.Keys(e.nodes)) {
		if kind, ref := q.System.Node(n); kind == system.FactNode {
			l := e.lit(system.Lit(n) << 1)
			if !starts[ref] {
				l = l.Not()
			}
			e.add(l)
		}
	}
	return e.refuteUnder(nil) == nil
}
