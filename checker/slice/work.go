package slice

import (
	"slices"
	"sync"

	"github.com/vauban-verifier/vauban/checker/system"
)

// work is what a slice of a system is made with. It is used again, and cleared where it was used alone, so that a small slice of a large system takes little time.
type work struct {
	pool    *sync.Pool
	seen    []bool       // by node: Bad or an assumption depends on it
	kept    []bool       // by rule
	copied  []system.Lit // by node: its literal in the slice, plus one, or zero
	touched []int32      // nodes that were copied
	visited []int32      // nodes that were seen
	rules   []int32      // that were kept
}

// workOf returns cleared work for a system, to be given back.
func workOf(s *system.System) *work {
	type key struct{}
	pool := s.Derive(key{}, func() any {
		return &sync.Pool{New: func() any {
			return &work{seen: make([]bool, s.Nodes()), kept: make([]bool, s.Rules()), copied: make([]system.Lit, s.Nodes())}
		}}
	}).(*sync.Pool)
	w := pool.Get().(*work)
	w.pool = pool
	return w
}

// done gives the work back.
func (w *work) done() {
	for _, n := range w.touched {
		w.copied[n] = 0
	}
	for _, n := range w.visited {
		w.seen[n] = false
	}
	for _, r := range w.rules {
		w.kept[r] = false
	}
	w.touched, w.visited, w.rules = w.touched[:0], w.visited[:0], w.rules[:0]
	w.pool.Put(w)
}

// backward marks the nodes that Bad and the assumptions depend on, and returns the rules that change a fact among them, ascending.
func (w *work) backward(q *system.Question, can *possible) []int32 {
	s := q.System
	x := s.Index()
	visit := func(l system.Lit) {
		if n := l.Node(); !w.seen[n] && !can.constant(l) {
			w.seen[n] = true
			w.visited = append(w.visited, n)
		}
	}
	visit(q.Bad)
	for _, l := range q.Assume {
		visit(l)
	}
	for next := 0; next < len(w.visited); next++ {
		n := w.visited[next]
		switch kind, ref := s.Node(n); kind {
		case system.GateNode:
			for _, in := range s.Gate(ref) {
				visit(in)
			}
		case system.FactNode:
			for _, r := range x.Changes(ref) {
				if !can.fired[r] {
					continue
				}
				for _, e := range s.Effects(r) {
					if e.Fact != ref || !can.of(e.When) {
						continue
					}
					visit(e.When) // a condition matters only for effects on facts that do
					if w.kept[r] {
						continue
					}
					w.kept[r] = true
					w.rules = append(w.rules, r)
					for _, l := range s.Guard(r) {
						visit(l)
					}
				}
			}
		}
	}
	slices.Sort(w.rules)
	return w.rules
}
