package slice

import "github.com/vauban-verifier/vauban/checker/system"

// Live returns how many rules of a question may be taken in some run, by the relaxation: a proof over few live rules deserves a second look
// at the design.
func Live(q *system.Question) int {
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
}

// Reachable tells of each fact whether it can be true in some run, by the relaxation: what it denies is proved, what it grants is not.
func Reachable(q *system.Question) []bool {
	can := forward(q)
	out := make([]bool, q.System.Facts())
	for f := range out {
		out[f] = can.of(q.System.Fact(int32(f)))
	}
	return out
}

// Possible tells of a literal whether it can be true in some run, by the relaxation.
func Possible(q *system.Question) func(system.Lit) bool { return forward(q).of }
