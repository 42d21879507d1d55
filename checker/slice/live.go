package slice

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
)

// Live returns how many rules of a question may be taken in some run, by the relaxation: a proof over few live rules deserves a second look
// at the design.
func Live(q *system.Question) int {
	type key struct{ begin begin }
	return q.System.Derive(key{beginOf(q)}, func() any {
		can := forward(q)
		n := 0
		for r := range int32(q.System.Rules()) {
			live := q.Enabled(r)
			for _, l := range q.System.Guard(r) {
				live = live && can.of(l)
			}
			if live {
				n++
			}
		}
		return n
	}).(int)
}

// Possible tells of a literal whether it can be true in some run, by the relaxation.
func Possible(q *system.Question) func(system.Lit) bool { return forward(q).of }

// freed is what is possible in a question where everything fails and costs are no matter.
func freed(q *system.Question) *possible {
	free := *q
	free.MaxFailures, free.Budget = q.System.Choices(), -1
	return forward(&free)
}

// Bears reports whether some rule bears on a question: it may be taken in some run, whatever fails and whatever it costs, and changes a fact that Bad depends on, directly or
// through further rules, whether or not these can ever be taken. Where none does, nothing that an attacker of the question can do leads towards Bad, and it takes
// neither a control nor the structure of the design to keep it from coming true. Linear in the size of the system.
func Bears(q *system.Question) bool {
	s, x, can := q.System, q.System.Index(), freed(q)
	wanted := make([]bool, 2*s.Nodes())
	var queue []system.Lit
	want := func(l system.Lit) {
		if !wanted[l] {
			wanted[l] = true
			queue = append(queue, l)
		}
	}
	seen := make([]bool, s.Rules())
	want(q.Bad)
	for len(queue) > 0 {
		l := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		switch kind, ref := s.Node(l.Node()); kind {
		case system.GateNode:
			for _, in := range s.Gate(ref) {
				want(in ^ (l & 1))
			}
		case system.FactNode:
			for _, r := range x.Changes(ref) {
				if !q.Enabled(r) {
					continue
				}
				gives := false
				for _, e := range s.Effects(r) {
					if e.Fact == ref && e.Set != l.Negated() {
						gives = true
						want(e.When)
					}
				}
				if !gives || seen[r] {
					continue
				}
				if can.fired[r] {
					return true
				}
				seen[r] = true
				for _, g := range s.Guard(r) {
					want(g)
				}
			}
		}
	}
	return false
}

// Source is a rule that makes one of the facts true that a question's Bad depends on.
type Source struct {
	Rule  int32
	Fires bool // it may be taken in some run where everything fails
}

// Sources returns the rules that make facts of Bad true, in their order.
func Sources(q *system.Question) []Source {
	s, x, can := q.System, q.System.Index(), freed(q)
	var out []Source
	seenNode, seenRule := map[int32]bool{}, map[int32]bool{}
	var walk func(l system.Lit)
	walk = func(l system.Lit) {
		if seenNode[l.Node()] {
			return
		}
		seenNode[l.Node()] = true
		switch kind, ref := s.Node(l.Node()); kind {
		case system.GateNode:
			for _, in := range s.Gate(ref) {
				walk(in)
			}
		case system.FactNode:
			for _, r := range x.Changes(ref) {
				if !seenRule[r] && slices.ContainsFunc(s.Effects(r), func(e system.Effect) bool { return e.Fact == ref && e.Set }) {
					seenRule[r] = true
					out = append(out, Source{r, can.fired[r]})
				}
			}
		}
	}
	walk(q.Bad)
	slices.SortFunc(out, func(a, b Source) int { return int(a.Rule - b.Rule) })
	return out
}
