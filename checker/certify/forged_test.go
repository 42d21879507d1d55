package certify_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/systemtest"
	"github.com/vauban-verifier/vauban/checker/system"
)

// world is a small system to forge proofs about. From `in`, a rule of cost 2 that the control d stops leads to `mid`, and a rule of cost 1 to `bad`, unless the
// control f, which may fail, works; `back` takes `mid` back; `swap` puts `left` in the place of `right`.
type world struct {
	b                            *system.Builder
	in, mid, bad, left, right    int32
	d, e, f, g                   system.Lit // d and e are decisions: the control is there; f and g are failures
	enter, lead, back, swap, off int32
}

func newWorld() *world {
	b := system.NewBuilder()
	w := &world{b: b, in: b.Fact(), mid: b.Fact(), bad: b.Fact(), left: b.Fact(), right: b.Fact()}
	w.d, w.e, w.f, w.g = b.Choice(system.Decision), b.Choice(system.Decision), b.Choice(system.Failure), b.Choice(system.Failure)
	set := func(f int32) system.Effect { return system.Effect{When: system.True, Fact: f, Set: true} }
	unset := func(f int32) system.Effect { return system.Effect{When: system.True, Fact: f} }
	w.enter = b.Rule([]system.Lit{w.lit(w.in), w.d.Not()}, []system.Effect{set(w.mid)}, 2, []system.Extra{{When: w.e, Cost: 3}})
	w.lead = b.Rule([]system.Lit{w.lit(w.mid), w.f}, []system.Effect{set(w.bad)}, 1, nil)
	w.back = b.Rule([]system.Lit{w.lit(w.mid)}, []system.Effect{unset(w.mid)}, 0, nil)
	w.swap = b.Rule([]system.Lit{w.lit(w.right)}, []system.Effect{unset(w.right), set(w.left)}, 0, nil)
	w.off = b.Rule([]system.Lit{system.True}, []system.Effect{set(w.bad)}, 0, nil) // every question turns it off
	return w
}

func (w *world) lit(f int32) system.Lit { return w.b.FactLit(f) }

// ask returns the question whether bad can be reached, with changes.
func (w *world) ask(change func(*system.Question)) *system.Question {
	q := &system.Question{Start: []int32{w.in, w.right}, Bad: w.lit(w.bad), Off: []bool{4: true}, Budget: -1}
	if change != nil {
		change(q)
	}
	q.System = w.b.System()
	for q.Off != nil && len(q.Off) < q.System.Rules() {
		q.Off = append(q.Off, false)
	}
	return q
}

func cuts(list ...system.Cut) *system.Certificate { return &system.Certificate{Cuts: list} }

func invariant(clauses ...[]system.Lit) *system.Certificate {
	return &system.Certificate{Invariant: &system.Invariant{Clauses: clauses}}
}

func split(l system.Lit, given, not *system.Certificate) *system.Certificate {
	return &system.Certificate{Split: &system.Split{Choice: l, Given: *given, Not: *not}}
}

// halves splits so many times, into twice as many parts each time.
func halves(l system.Lit, times int) *system.Certificate {
	if times == 0 {
		return cuts(system.Cut{})
	}
	half := halves(l, times-1)
	return split(l, half, half)
}

func told(each []string, of ...system.Lit) *system.Certificate {
	return &system.Certificate{States: &system.States{Of: of, Each: each}}
}

// proofs are genuine and forged. A forged one must be refused, and by the one check that it was forged for, as its message shows.
var proofs = []struct {
	name string
	make func(w *world) (*system.Question, *system.Certificate)
	want string // part of the error; "" where the proof is right
}{
	{"without failures nothing leads on", func(w *world) (*system.Question, *system.Certificate) { return w.ask(nil), cuts(system.Cut{}) }, ""},
	{"a failure cuts", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures = 1 }), cuts(system.Cut{Choices: []system.Lit{w.f}})
	}, "can all be hit"},
	{"each way of a choice has a proof", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Budget = 1, 2 }), split(w.d, cuts(system.Cut{}), cuts(system.Cut{Rules: []int32{w.enter}}, system.Cut{Rules: []int32{w.lead}}))
	}, ""},
	{"the ways of a choice are swapped", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Budget = 1, 2 }), split(w.d, cuts(system.Cut{Rules: []int32{w.enter}}, system.Cut{Rules: []int32{w.lead}}), cuts(system.Cut{}))
	}, "under the complement of a choice: cut 1 of the certificate does not separate"},
	{"one way of a choice is left out", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures = 1 }), split(w.d, cuts(system.Cut{}), cuts())
	}, "under the complement of a choice: the cuts can all be hit"},
	{"the ways of a failure, one of which is out of what may fail", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures = 1 }), split(w.g, cuts(system.Cut{}), split(w.f.Not(), cuts(system.Cut{}), cuts(system.Cut{})))
	}, "under the complement of a choice: under the complement of a choice: cut 1"},
	{"the ways of a failure, with a choice below", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Fixed = 1, []system.Lit{w.d} }), split(w.g, cuts(system.Cut{}), split(w.f.Not(), cuts(system.Cut{}), cuts(system.Cut{})))
	}, ""},
	{"the ways of a fact", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(nil), split(w.lit(w.in), cuts(system.Cut{}), cuts(system.Cut{}))
	}, "by what is not a choice"},
	{"the ways of what lies just behind the circuit", func(w *world) (*system.Question, *system.Certificate) {
		q := w.ask(nil)
		return q, split(q.System.Taken(0), cuts(system.Cut{}), cuts(system.Cut{}))
	}, "by what is not a choice"},
	{"as many parts as there may be", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(nil), halves(w.d, 6)
	}, ""},
	{"more parts than there may be", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(nil), split(w.d, halves(w.d, 6), cuts(system.Cut{}))
	}, "more than 64 parts"},
	{"a decision is given", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Fixed = 1, []system.Lit{w.d} }), cuts(system.Cut{})
	}, ""},
	{"a decision that is open is taken to be given", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures = 1 }), cuts(system.Cut{Choices: []system.Lit{w.d.Not()}})
	}, "can all be hit"},
	{"what is given decides which cuts can be hit", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Fixed = 1, []system.Lit{w.d} }), cuts(system.Cut{Choices: []system.Lit{w.d.Not()}})
	}, ""},
	{"a cut is no barrier", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures = 1 }), cuts(system.Cut{Choices: []system.Lit{w.g}})
	}, "cut 1 of the certificate does not separate"},
	{"the second cut is no barrier", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Budget = 1, 0 }), cuts(system.Cut{Rules: []int32{w.lead}}, system.Cut{Rules: []int32{w.back}})
	}, "cut 2 of the certificate does not separate"},
	{"a cut names the other side of a choice", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures = 1 }), cuts(system.Cut{Choices: []system.Lit{w.f.Not()}}, system.Cut{Choices: []system.Lit{w.f}})
	}, "cut 1 of the certificate does not separate"},
	{"a cut names something that is not a choice", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(nil), cuts(system.Cut{Choices: []system.Lit{1 << 20}})
	}, "cut 1 names something that is not a choice"},
	{"a cut names what lies just behind the circuit", func(w *world) (*system.Question, *system.Certificate) {
		q := w.ask(nil)
		return q, cuts(system.Cut{Choices: []system.Lit{q.System.Taken(0)}})
	}, "cut 1 names something that is not a choice"},
	{"a cut names a fact", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(nil), cuts(system.Cut{Choices: []system.Lit{w.lit(w.in)}})
	}, "cut 1 names something that is not a choice"},
	{"a cut names something that is not a rule", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.Off = nil }), cuts(system.Cut{Rules: []int32{5}})
	}, "cut 1 names something that is not a rule"},
	{"a cut names a rule below all", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(nil), cuts(system.Cut{Rules: []int32{-1}})
	}, "cut 1 names something that is not a rule"},
	{"a rule costs too much", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Budget = 1, 1 }), cuts(system.Cut{Rules: []int32{w.enter}})
	}, ""},
	{"a rule costs just as much as there is", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Budget = 1, 2 }), cuts(system.Cut{Rules: []int32{w.enter}})
	}, "can all be hit"},
	{"two rules cost too much together", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Budget = 1, 2 }), cuts(system.Cut{Rules: []int32{w.enter}}, system.Cut{Rules: []int32{w.lead}})
	}, ""},
	{"one rule hits two cuts and is paid once", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Budget = 1, 3 }), cuts(system.Cut{Rules: []int32{w.enter}}, system.Cut{Rules: []int32{w.enter}}, system.Cut{Rules: []int32{w.lead}})
	}, "can all be hit"},
	{"a rule is more expensive with a control that is there", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Budget, q.Fixed = 1, 4, []system.Lit{w.e} }), cuts(system.Cut{Rules: []int32{w.enter}})
	}, ""},
	{"a rule is more expensive with a control that may be there", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Budget = 1, 4 }), cuts(system.Cut{Rules: []int32{w.enter}})
	}, "can all be hit"},
	{"the rule of a cut needs a failure", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Fixed = 1, []system.Lit{w.g} }), cuts(system.Cut{Rules: []int32{w.lead}})
	}, ""},
	{"a rule that is off hits nothing", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(nil), cuts(system.Cut{Rules: []int32{w.off}})
	}, ""},
	{"no cut", func(w *world) (*system.Question, *system.Certificate) { return w.ask(nil), cuts() }, "can all be hit"},
	{"a fact that is true at the start is forgotten", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.Start = []int32{w.in, w.bad} }), cuts(system.Cut{})
	}, "cut 1 of the certificate does not separate"},
	{"what is taken back was there", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.Bad = w.lit(w.right).Not() }), cuts(system.Cut{})
	}, "cut 1 of the certificate does not separate"},
	{"an assumption excludes a fact under a choice", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) {
			q.MaxFailures, q.Assume = 1, []system.Lit{w.b.And(w.lit(w.mid), w.e.Not()).Not()}
		}), cuts(system.Cut{Choices: []system.Lit{w.e}}, system.Cut{Choices: []system.Lit{w.d.Not()}})
	}, "can all be hit"},
	{"an assumption excludes a fact", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Assume = 1, []system.Lit{w.lit(w.mid).Not()} }), cuts(system.Cut{})
	}, ""},
	{"an assumption that is broken later excludes nothing before", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) {
			q.Bad, q.Assume = w.lit(w.left), []system.Lit{w.b.And(w.lit(w.left), w.lit(w.right)).Not()}
		}), cuts(system.Cut{})
	}, "cut 1 of the certificate does not separate"},
	{"a rule makes true at once what excludes a fact, and what allows it", func(w *world) (*system.Question, *system.Certificate) {
		x, y := w.b.Fact(), w.b.Fact()
		w.b.Rule([]system.Lit{system.True}, []system.Effect{{When: system.True, Fact: x, Set: true}, {When: system.True, Fact: y, Set: true}}, 0, nil)
		return w.ask(func(q *system.Question) {
			q.Bad, q.Assume = w.lit(x), []system.Lit{w.b.And(w.lit(x), w.b.And(w.lit(y), w.d).Not()).Not()}
		}), cuts(system.Cut{})
	}, "cut 1 of the certificate does not separate"},
	{"an assumption demands a fact under a choice that is given", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) {
			q.Bad, q.Fixed, q.Assume = w.lit(w.in), []system.Lit{w.d}, []system.Lit{w.b.Or(w.lit(w.right), w.d.Not())}
		}), cuts(system.Cut{})
	}, "cut 1 of the certificate does not separate"},
	{"a bad state without two facts together", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) {
			q.Bad = w.b.And(w.lit(w.right), w.b.And(w.lit(w.left), w.lit(w.mid)).Not())
		}), cuts(system.Cut{})
	}, "cut 1 of the certificate does not separate"},
	{"a bad state in which a fact that is taken back is false", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Bad = 1, w.b.And(w.lit(w.bad), w.lit(w.mid).Not()) }), cuts(system.Cut{})
	}, "cut 1 of the certificate does not separate"},

	{"one of two", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.Bad = w.b.And(w.lit(w.left), w.lit(w.right)) }), invariant([]system.Lit{w.lit(w.left).Not(), w.lit(w.right).Not()})
	}, ""},
	{"one of two, with one that is not set at once", func(w *world) (*system.Question, *system.Certificate) {
		w.b.Rule([]system.Lit{w.lit(w.left)}, []system.Effect{{When: system.True, Fact: w.right, Set: true}}, 0, nil)
		return w.ask(func(q *system.Question) { q.Bad = w.b.And(w.lit(w.left), w.lit(w.right)) }), invariant([]system.Lit{w.lit(w.left).Not(), w.lit(w.right).Not()})
	}, "rule 5 leads out of clause 1"},
	{"what becomes true wins", func(w *world) (*system.Question, *system.Certificate) {
		w.b.Rule([]system.Lit{w.lit(w.right)}, []system.Effect{{When: system.True, Fact: w.bad}, {When: system.True, Fact: w.bad, Set: true}}, 0, nil)
		return w.ask(nil), invariant([]system.Lit{w.lit(w.bad).Not()})
	}, "rule 5 leads out of clause 1"},
	{"a fact is set under a condition", func(w *world) (*system.Question, *system.Certificate) {
		w.b.Rule([]system.Lit{w.lit(w.right)}, []system.Effect{{When: w.e, Fact: w.bad, Set: true}}, 0, nil)
		return w.ask(nil), invariant([]system.Lit{w.lit(w.bad).Not()})
	}, "rule 5 leads out of clause 1"},
	{"a fact is taken back under a condition", func(w *world) (*system.Question, *system.Certificate) {
		w.b.Rule([]system.Lit{w.lit(w.right)}, []system.Effect{{When: w.e, Fact: w.in}}, 0, nil)
		return w.ask(func(q *system.Question) { q.Bad = w.lit(w.in).Not() }), invariant([]system.Lit{w.lit(w.in)})
	}, "rule 5 leads out of clause 1"},
	{"a fact is taken back", func(w *world) (*system.Question, *system.Certificate) {
		w.b.Rule([]system.Lit{w.lit(w.right)}, []system.Effect{{When: system.True, Fact: w.in}}, 0, nil)
		return w.ask(func(q *system.Question) { q.Bad = w.lit(w.in).Not() }), invariant([]system.Lit{w.lit(w.in)})
	}, "rule 5 leads out of clause 1"},
	{"a fact is set by one effect that never happens, and by one that may", func(w *world) (*system.Question, *system.Certificate) {
		w.b.Rule([]system.Lit{w.lit(w.right)}, []system.Effect{{When: system.False, Fact: w.bad, Set: true}, {When: w.e, Fact: w.bad, Set: true}}, 0, nil)
		return w.ask(nil), invariant([]system.Lit{w.lit(w.bad).Not()})
	}, "rule 5 leads out of clause 1"},
	{"a fact is taken back, and set under a condition", func(w *world) (*system.Question, *system.Certificate) {
		w.b.Rule([]system.Lit{w.lit(w.right)}, []system.Effect{{When: system.True, Fact: w.bad}, {When: w.e, Fact: w.bad, Set: true}}, 0, nil)
		return w.ask(nil), invariant([]system.Lit{w.lit(w.bad).Not()})
	}, "rule 5 leads out of clause 1"},
	{"the states of two facts", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Bad = 1, w.b.And(w.lit(w.left), w.lit(w.right)) }), told([]string{"\x01", "\x02"}, w.lit(w.left), w.lit(w.right))
	}, ""},
	{"the states lack the start", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Bad = 1, w.b.And(w.lit(w.left), w.lit(w.right)) }), told([]string{"\x01"}, w.lit(w.left), w.lit(w.right))
	}, "the states lack a start"},
	{"a rule leads to a state that is left out", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Bad = 1, w.b.And(w.lit(w.left), w.lit(w.right)) }), told([]string{"\x02"}, w.lit(w.left), w.lit(w.right))
	}, "state 1: rule 3 leads out of the set"},
	{"a state is bad", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Bad = 1, w.b.And(w.lit(w.left), w.lit(w.right)) }), told([]string{"\x01", "\x02", "\x03"}, w.lit(w.left), w.lit(w.right))
	}, "state 3 may be bad"},
	{"what is not told is taken to be false", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Bad = 1, w.b.And(w.lit(w.left), w.lit(w.right)) }), told([]string{"\x00", "\x01"}, w.lit(w.left))
	}, "state 2 may be bad"},
	{"what is not told never is", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.Bad = w.b.And(w.lit(w.left), w.lit(w.bad)) }), told([]string{"\x00", "\x01"}, w.lit(w.left))
	}, ""},
	{"states of a fact that is false", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(nil), told([]string{"\x00"}, w.lit(w.bad).Not())
	}, "are not facts or choices"},
	{"states of a fact twice", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(nil), told([]string{"\x00"}, w.lit(w.bad), w.lit(w.bad))
	}, "are not facts or choices"},
	{"states of a conjunction", func(w *world) (*system.Question, *system.Certificate) {
		both := w.b.And(w.lit(w.left), w.lit(w.right))
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Bad = 1, both }), told([]string{"\x00"}, both)
	}, "are not facts or choices"},
	{"states of what lies behind the circuit", func(w *world) (*system.Question, *system.Certificate) {
		q := w.ask(nil)
		return q, told([]string{"\x00"}, q.System.Taken(0))
	}, "are not facts or choices"},
	{"a state tells too little", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(nil), told([]string{"\x00", ""}, w.lit(w.bad))
	}, "state 2 does not tell"},
	{"a state tells too much", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(nil), told([]string{"\x00", "\x00\x00"}, w.lit(w.bad))
	}, "state 2 does not tell"},
	{"a control that may fail does not in the states", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures = 1 }), told([]string{"\x00", "\x01"}, w.lit(w.mid), w.lit(w.bad), w.f)
	}, "the states lack a start"},
	{"a decision that is open is taken in the states", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures = 1 }), told([]string{"\x02"}, w.lit(w.mid), w.d)
	}, "the states lack a start"},
	{"the states under a decision that is given", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Fixed = 1, []system.Lit{w.d} }), told([]string{"\x02"}, w.lit(w.mid), w.d)
	}, ""},
	{"no states where more fails than may", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Bad = 1, w.b.And(w.f, w.g) }), told([]string{"\x00", "\x01", "\x02"}, w.f, w.g)
	}, ""},
	{"no states where as much fails as may", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Bad = 2, w.b.And(w.f, w.g) }), told([]string{"\x00", "\x01", "\x02"}, w.f, w.g)
	}, "the states lack a start"},
	{"a failure that is given is one of those that may be", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Fixed, q.Bad = 1, []system.Lit{w.g}, w.b.And(w.f, w.g) }), told([]string{"\x00"}, w.f)
	}, ""},
	{"another failure than the one that is given", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures, q.Fixed, q.Bad = 2, []system.Lit{w.g}, w.b.And(w.f, w.g) }), told([]string{"\x00"}, w.f)
	}, "the states lack a start"},
	{"a rule whose guard is open", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures = 1 }), told([]string{"\x00"}, w.lit(w.bad))
	}, "state 1: rule 1 leads out of the set"},
	{"a rule that cannot be taken", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(nil), told([]string{"\x00"}, w.lit(w.bad))
	}, ""},
	{"a rule that is off", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.Off = nil }), told([]string{"\x00"}, w.lit(w.bad))
	}, "state 1: rule 4 leads out of the set"},
	{"what a rule does is open", func(w *world) (*system.Question, *system.Certificate) {
		w.b.Rule([]system.Lit{w.lit(w.right)}, []system.Effect{{When: w.lit(w.left), Fact: w.bad, Set: true}}, 0, nil)
		return w.ask(nil), told([]string{"\x00"}, w.lit(w.bad))
	}, "state 1: what rule 5 does is open"},
	{"what a rule clears and sets, it sets", func(w *world) (*system.Question, *system.Certificate) {
		w.b.Rule([]system.Lit{w.lit(w.right)}, []system.Effect{{When: system.True, Fact: w.bad, Set: true}, {When: system.True, Fact: w.bad}}, 0, nil)
		return w.ask(nil), told([]string{"\x00"}, w.lit(w.bad))
	}, "state 1: rule 5 leads out of the set"},
	{"what a rule clears is gone", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.Bad = w.lit(w.right).Not() }), told([]string{"\x01"}, w.lit(w.right))
	}, "state 1: rule 3 leads out of the set"},
	{"an assumption excludes where a rule leads", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.Bad, q.Assume = w.lit(w.left), []system.Lit{w.lit(w.left).Not()} }), told([]string{"\x00"}, w.lit(w.left))
	}, ""},
	{"an assumption that is open excludes nothing", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.Bad, q.Assume = w.lit(w.left), []system.Lit{w.lit(w.mid).Not()} }), told([]string{"\x00"}, w.lit(w.left))
	}, "state 1: rule 3 leads out of the set"},
	{"an assumption excludes the start", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.Bad, q.Assume = w.lit(w.right), []system.Lit{w.lit(w.right).Not()} }), told(nil, w.lit(w.right))
	}, ""},
	{"an assumption excludes what is bad", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.Bad, q.Assume = w.lit(w.left), []system.Lit{w.lit(w.left).Not()} }), told([]string{"\x00", "\x01"}, w.lit(w.left))
	}, ""},
	{"an assumption that is open excludes nothing bad", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.Bad, q.Assume = w.lit(w.left), []system.Lit{w.lit(w.mid).Not()} }), told([]string{"\x00", "\x01"}, w.lit(w.left))
	}, "state 2 may be bad"},
	{"a rule leads to what is excluded, and another one out", func(w *world) (*system.Question, *system.Certificate) {
		x, y := w.b.Fact(), w.b.Fact()
		w.b.Rule([]system.Lit{system.True}, []system.Effect{{When: system.True, Fact: x, Set: true}}, 0, nil)
		w.b.Rule([]system.Lit{w.lit(x).Not()}, []system.Effect{{When: system.True, Fact: y, Set: true}}, 0, nil)
		return w.ask(func(q *system.Question) { q.Bad, q.Assume = w.lit(y), []system.Lit{w.lit(x).Not()} }), told([]string{"\x00"}, w.lit(x), w.lit(y))
	}, "state 1: rule 6 leads out of the set"},
	{"the last of many states is bad", func(w *world) (*system.Question, *system.Certificate) {
		var each []string
		var of []system.Lit
		for i := range 512 {
			each = append(each, string([]byte{byte(i), byte(i >> 8)}))
		}
		for range 9 {
			f := w.b.Fact()
			of = append(of, w.lit(f))
			w.b.Rule([]system.Lit{system.True}, []system.Effect{{When: system.True, Fact: f, Set: true}}, 0, nil)
		}
		return w.ask(func(q *system.Question) { q.Bad = w.b.And(of...) }), told(each, of...)
	}, "state 512 may be bad"},
	{"states of too many choices", func(w *world) (*system.Question, *system.Certificate) {
		var of []system.Lit
		for range 17 {
			of = append(of, w.b.Choice(system.Decision))
		}
		return w.ask(nil), told([]string{"\x00\x00\x00"}, of...)
	}, "more than 16 choices"},
	{"the invariant excludes nothing bad", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures = 1 }), invariant([]system.Lit{w.lit(w.in)})
	}, "does not exclude what is bad"},
	{"a clause is false at the start", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) { q.MaxFailures = 1 }), invariant([]system.Lit{w.lit(w.bad).Not()}, []system.Lit{w.lit(w.in).Not()})
	}, "clause 2 of the invariant does not hold at the start"},
	{"a clause is false at the start under a choice", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(nil), invariant([]system.Lit{w.lit(w.bad).Not()}, []system.Lit{w.d})
	}, "clause 2 of the invariant does not hold at the start"},
	{"a clause speaks of a gate", func(w *world) (*system.Question, *system.Certificate) {
		both := w.b.And(w.lit(w.left), w.lit(w.in))
		return w.ask(func(q *system.Question) { q.Bad = both }), invariant([]system.Lit{both.Not()})
	}, "clause 1 names something that is not a fact, a choice or a rule"},
	{"a clause names what lies behind the rules", func(w *world) (*system.Question, *system.Certificate) {
		q := w.ask(nil)
		return q, invariant([]system.Lit{q.System.Taken(int32(q.System.Rules()))})
	}, "clause 1 names something that is not a fact, a choice or a rule"},
	{"a rule that was not taken before is taken now", func(w *world) (*system.Question, *system.Certificate) {
		q := w.ask(func(q *system.Question) { q.Bad = w.lit(w.left) })
		return q, invariant([]system.Lit{w.lit(w.left).Not()}, []system.Lit{q.System.Taken(w.swap).Not()})
	}, "rule 3 leads out of clause"},
	{"a rule is said never to be taken", func(w *world) (*system.Question, *system.Certificate) {
		q := w.ask(func(q *system.Question) { q.Bad = w.lit(w.left) })
		return q, invariant([]system.Lit{w.lit(w.left).Not(), q.System.Taken(w.swap)}, []system.Lit{q.System.Taken(w.swap).Not()})
	}, "rule 3 leads out of clause 2"},
	{"what was taken is paid", func(w *world) (*system.Question, *system.Certificate) {
		q := w.ask(func(q *system.Question) { q.MaxFailures, q.Budget = 1, 2 })
		return q, invariant([]system.Lit{w.lit(w.mid).Not(), q.System.Taken(w.enter)}, []system.Lit{w.lit(w.bad).Not()})
	}, ""},
	{"what was taken is paid, and there is enough", func(w *world) (*system.Question, *system.Certificate) {
		q := w.ask(func(q *system.Question) { q.MaxFailures, q.Budget = 1, 3 })
		return q, invariant([]system.Lit{w.lit(w.mid).Not(), q.System.Taken(w.enter)}, []system.Lit{w.lit(w.bad).Not()})
	}, "rule 1 leads out of clause 2"},
	{"a state that is assumed away is not entered", func(w *world) (*system.Question, *system.Certificate) {
		return w.ask(func(q *system.Question) {
			q.Bad, q.Assume = w.lit(w.left), []system.Lit{w.b.Or(w.lit(w.right), w.lit(w.left).Not())}
		}), invariant([]system.Lit{w.lit(w.left).Not()})
	}, ""},
}

func TestForgedProofs(t *testing.T) {
	t.Parallel()
	for _, c := range slices.Concat(proofs, lawProofs) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			q, cert := c.make(newWorld())
			err := certify.Certificate(t.Context(), q, cert)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("a right proof is refused: %v", err)
			case c.want != "" && err == nil:
				t.Errorf("it is accepted")
			case c.want != "" && !strings.Contains(err.Error(), c.want):
				t.Errorf("it is refused by another check: %v", err)
			}
			if c.want == "" {
				return
			}
			// A context that ends on the way is no proof either.
			for looks := 1; looks < 12; looks++ {
				if certify.Certificate(systemtest.NewCountdown(looks), q, cert) == nil {
					t.Errorf("it is accepted where the context ends at look %d", looks)
				}
			}
		})
	}
}

// proposals are genuine and forged, all about one question: enter and lead, with the control f failed, for any decision but d.
var proposals = []struct {
	name   string
	change func(w *world, q *system.Question, p *system.Proposal)
	want   string
}{
	{"as found", func(*world, *system.Question, *system.Proposal) {}, ""},
	{"an attack and a proof", func(_ *world, _ *system.Question, p *system.Proposal) { p.Holds = cuts(system.Cut{}) }, "there are attacks"},
	{"an attack that does not go through", func(w *world, _ *system.Question, p *system.Proposal) { p.Attacks[0].Rules = []int32{w.lead} }, "attack 1: step 1"},
	{"a step that is not needed", func(w *world, _ *system.Question, p *system.Proposal) {
		p.Attacks[0].Rules = []int32{w.swap, w.enter, w.lead}
	}, "works without its step 1"},
	{"a last step that is not needed", func(w *world, _ *system.Question, p *system.Proposal) {
		p.Attacks[0].Rules = []int32{w.enter, w.lead, w.swap}
	}, "works without its step 3"},
	{"a bound above the attack", func(_ *world, _ *system.Question, p *system.Proposal) { p.AtLeast = 4 }, "said to be too little"},
	{"a bound without a proof", func(_ *world, _ *system.Question, p *system.Proposal) { p.Bound = nil }, "no proof"},
	{"a bound with a proof of another", func(w *world, _ *system.Question, p *system.Proposal) {
		p.Bound = cuts(system.Cut{Rules: []int32{w.enter}})
	}, "bound: the cuts can all be hit"},
	{"a lower bound is one, too", func(w *world, _ *system.Question, p *system.Proposal) {
		p.AtLeast, p.Bound = 2, cuts(system.Cut{Rules: []int32{w.enter}})
	}, ""},
	{"a set that names a failure", func(w *world, _ *system.Question, p *system.Proposal) {
		p.Sufficient[0].Decisions = []system.Lit{w.f.Not()}
	}, "set 1: it is not a set of decisions"},
	{"a set that names a fact", func(w *world, _ *system.Question, p *system.Proposal) {
		p.Sufficient[0].Decisions = []system.Lit{w.lit(w.in)}
	}, "set 1: it names something that is not a decision"},
	{"a set both ways", func(w *world, _ *system.Question, p *system.Proposal) {
		p.Sufficient[0].Decisions = []system.Lit{w.d, w.d.Not()}
	}, "set 1: it is not a set of decisions"},
	{"a set against what is given", func(w *world, q *system.Question, p *system.Proposal) {
		q.Fixed = []system.Lit{w.e.Not()}
		p.Sufficient[0].Decisions = []system.Lit{w.d, w.e}
	}, "set 1: it is not a set of decisions"},
	{"a set that does not suffice", func(w *world, _ *system.Question, p *system.Proposal) { p.Sufficient[0].Decisions = []system.Lit{w.e} }, "set 1: cut 1 of the certificate does not separate"},
	{"a set with more than it needs", func(w *world, _ *system.Question, p *system.Proposal) {
		p.Sufficient[0].Decisions = []system.Lit{w.d, w.e}
	}, "set 1 may not need all"},
	{"no set", func(_ *world, _ *system.Question, p *system.Proposal) { p.Sufficient = nil }, "leave something out"},
	{"nothing at all", func(_ *world, _ *system.Question, p *system.Proposal) { *p = system.Proposal{} }, "neither an attack nor a proof"},
	{"an attack that relies on nothing that is open", func(w *world, _ *system.Question, p *system.Proposal) {
		p.Attacks[0].Choices = []system.Lit{w.f, w.d.Not(), w.e}
		p.AtLeast, p.Bound = 0, nil
	}, "leave something out"},
	{"given up, with what there is", func(_ *world, _ *system.Question, p *system.Proposal) { p.Sufficient, p.Incomplete = nil, "given up" }, ""},
	{"what is given is no decision that it relies on", func(w *world, q *system.Question, p *system.Proposal) {
		q.Fixed = []system.Lit{w.d.Not(), w.e.Not()}
		p.Attacks[0].Choices = []system.Lit{w.f, w.d.Not(), w.e.Not()}
		p.Sufficient = nil
	}, ""},
}

func TestForgedProposals(t *testing.T) {
	t.Parallel()
	for _, c := range proposals {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			p := &system.Proposal{
				Attacks:    []system.Run{{Choices: []system.Lit{w.f, w.d.Not(), w.e.Not()}, Rules: []int32{w.enter, w.lead}}, {Choices: []system.Lit{w.f, w.d.Not(), w.e}, Rules: []int32{w.enter, w.lead}}},
				Sufficient: []system.Sufficient{{Decisions: []system.Lit{w.d}, Proof: *cuts(system.Cut{})}},
				AtLeast:    3, Bound: cuts(system.Cut{Rules: []int32{w.enter}}, system.Cut{Rules: []int32{w.lead}}),
			}
			q := w.ask(func(q *system.Question) {
				q.MaxFailures = 1
				c.change(w, q, p)
			})
			if len(q.Fixed) > 0 {
				p.Attacks = p.Attacks[:1]
			}
			err := certify.Proposal(t.Context(), q, p)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("a right proposal is refused: %v", err)
			case c.want != "" && err == nil:
				t.Errorf("it is accepted")
			case c.want != "" && !strings.Contains(err.Error(), c.want):
				t.Errorf("it is refused by another check: %v", err)
			}
			for looks := 1; looks < 12; looks++ {
				if c.want != "" && certify.Proposal(systemtest.NewCountdown(looks), q, p) == nil {
					t.Errorf("it is accepted where the context ends at look %d", looks)
				}
			}
		})
	}
}

// TestForgedCover hands in what the other checks do not see: names of choices that are none, and sets, without the proofs.
func TestForgedCover(t *testing.T) {
	t.Parallel()
	w := newWorld()
	q := w.ask(func(q *system.Question) { q.MaxFailures = 1 })
	attack := system.Run{Choices: []system.Lit{w.d.Not()}}
	for name, c := range map[string]struct {
		p    system.Proposal
		want string
	}{
		"right":                   {system.Proposal{Attacks: []system.Run{attack}, Sufficient: []system.Sufficient{{Decisions: []system.Lit{w.d}}}}, ""},
		"an attack names a fact":  {system.Proposal{Attacks: []system.Run{{Choices: []system.Lit{w.lit(w.in)}}}}, "names something that is not a choice"},
		"a set names a failure":   {system.Proposal{Attacks: []system.Run{attack}, Sufficient: []system.Sufficient{{Decisions: []system.Lit{w.d}}, {Decisions: []system.Lit{w.f}}}}, "set 2: it is not a set"},
		"a set that nobody needs": {system.Proposal{Attacks: []system.Run{attack}, Sufficient: []system.Sufficient{{Decisions: []system.Lit{w.d}}, {Decisions: []system.Lit{w.d, w.e}}}}, "set 2 may not need"},
		"one of two attacks is forgotten": {system.Proposal{Attacks: []system.Run{attack, {Choices: []system.Lit{w.e.Not()}}}, Sufficient: []system.Sufficient{
			{Decisions: []system.Lit{w.d, w.e}},
		}}, ""},
		"one attack needs a decision, and one needs it not": {system.Proposal{Attacks: []system.Run{attack, {Choices: []system.Lit{w.d}}}}, ""},
		"the sets leave out a way": {system.Proposal{Attacks: []system.Run{{Choices: []system.Lit{w.d.Not(), w.e.Not()}}}, Sufficient: []system.Sufficient{
			{Decisions: []system.Lit{w.d}},
		}}, "leave something out"},
	} {
		switch err := certify.Cover(t.Context(), q, &c.p); {
		case c.want == "" && err != nil:
			t.Errorf("%s: it is refused: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, expected %q", name, err, c.want)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if certify.Cover(ended, q, &system.Proposal{Attacks: []system.Run{attack}, Sufficient: []system.Sufficient{{Decisions: []system.Lit{w.d}}}}) == nil {
		t.Error("it is accepted without time")
	}
}

// TestNoStart asks whether a question has no runs at all.
func TestNoStart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(w *world, q *system.Question) (also system.Lit)
		want   bool
	}{
		"nothing assumed": {func(*world, *system.Question) system.Lit { return system.True }, false},
		"the start is assumed away": {func(w *world, q *system.Question) system.Lit {
			q.Assume = []system.Lit{w.lit(w.in).Not()}
			return system.True
		}, true},
		"what is not there": {func(w *world, q *system.Question) system.Lit {
			q.Assume = []system.Lit{w.lit(w.mid)}
			return system.True
		}, true},
		"what may be decided": {func(w *world, q *system.Question) system.Lit {
			q.Assume = []system.Lit{w.b.Or(w.d, w.lit(w.mid))}
			return system.True
		}, false},
		"what is decided otherwise":  {func(w *world, q *system.Question) system.Lit { q.Fixed = []system.Lit{w.d.Not()}; return w.d }, true},
		"what must fail and may not": {func(w *world, q *system.Question) system.Lit { return w.f }, true},
		"what must fail and may":     {func(w *world, q *system.Question) system.Lit { q.MaxFailures = 1; return w.f }, false},
	} {
		w := newWorld()
		var also system.Lit
		q := w.ask(func(q *system.Question) { also = c.change(w, q) })
		if got := certify.NoStart(t.Context(), q, also); got != c.want {
			t.Errorf("%s: %v, expected %v", name, got, c.want)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if !c.want && certify.NoStart(ended, q, also) {
			t.Errorf("%s: no runs, for lack of time", name)
		}
	}
}

// TestFarOff asks about what lies behind thousands of nodes, rules and steps: a check that looks at the context now and then must not end there.
func TestFarOff(t *testing.T) {
	t.Parallel()
	const n = 10_000
	b := system.NewBuilder()
	facts := make([]int32, n)
	for i := range facts {
		facts[i] = b.Fact()
	}
	for i := 1; i < n; i++ {
		guard := []system.Lit{b.FactLit(facts[i-1])}
		if i == n-1 {
			guard = []system.Lit{b.Or(guard[0], b.And(b.FactLit(facts[0]), b.FactLit(facts[1]).Not()))} // a gate, behind all other nodes
		}
		b.Rule(guard, []system.Effect{{When: system.True, Fact: facts[i], Set: true}}, 0, nil)
	}
	q := &system.Question{Start: facts[:1], Bad: b.FactLit(facts[n-1]), Budget: -1}
	q.System = b.System()
	if err := certify.Certificate(t.Context(), q, cuts(system.Cut{})); err == nil || !strings.Contains(err.Error(), "does not separate") {
		t.Errorf("a cut that is none: %v", err)
	}
	if certify.Unreachable(t.Context(), q)[n-1] {
		t.Error("the last fact is said to be true nowhere")
	}
	for looks := 1; looks < 12; looks++ {
		if certify.Unreachable(systemtest.NewCountdown(looks), q)[n-1] {
			t.Errorf("the last fact is said to be true nowhere, where the context ends at look %d", looks)
		}
	}
}
