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

// Possible tells of a literal whether it can be true in some run, by the relaxation.
func Possible(q *system.Question) func(system.Lit) bool { return forward(q).of }
