// Package problem makes large random questions for benchmarks, and writes them as answer set programs for a peer to solve.
//
// A network of components in layers: from each component some in the next layers are reached, some steps need two components, many are
// stopped by controls that may fail. It is the same for the same numbers.
//
// # Limitations
//
// Random layers are no design; real ones share more structure.
package problem

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"math/rand"
	"strings"

	"github.com/vauban-verifier/vauban/checker/system"
)

// Asked returns the problem that the flags of a command ask for, and whether it is one about costs.
func Asked() (q *system.Question, priced bool) {
	rules := flag.Int("rules", 100_000, "ground rules")
	controls := flag.Int("controls", 120, "controls that may fail")
	flag.BoolVar(&priced, "priced", false, "a cost on every rule, instead of controls")
	seed := flag.Int64("seed", 7, "seed")
	flag.Parse()
	if priced {
		return Priced(*rules, *seed), true
	}
	return New(*rules, *controls, *seed), false
}

// New returns a question with about that many rules, ten for each component, and controls that may fail; without controls, nothing stops the rules.
func New(rules, controls int, seed int64) *system.Question {
	rng := rand.New(rand.NewSource(seed))
	b := system.NewBuilder()
	n := max(rules/10, 20)
	const layers = 10
	width := n / layers
	for range n {
		b.Fact()
	}
	fail := make([]system.Lit, controls)
	for i := range fail {
		fail[i] = b.Choice(system.Failure)
	}
	for range rules {
		to := rng.Intn(n)
		layer := to / width
		var guard []system.Lit
		for range 1 + rng.Intn(2) {
			if layer > 0 {
				from := (layer-1)*width + rng.Intn(width)
				if rng.Intn(3) == 0 {
					from = min(layer*width+rng.Intn(width), n-1)
				}
				guard = append(guard, b.FactLit(int32(from)))
			}
		}
		// A control guards a stretch of one layer, so that some few must fail to pass.
		if controls > 0 {
			c := (layer*controls/layers + rng.Intn(max(1, controls/layers))) % controls
			guard = append(guard, fail[c])
			if rng.Intn(4) == 0 {
				guard = append(guard, fail[rng.Intn(controls)])
			}
		}
		b.Rule(guard, []system.Effect{{When: system.True, Fact: int32(to), Set: true}}, 1, nil)
	}
	q := &system.Question{Budget: -1, MaxFailures: 0, Start: []int32{0, 1, 2}}
	q.Bad = b.FactLit(int32(n - 1))
	q.System = b.System()
	return q
}

// Priced returns a question with about that many rules, each of which costs something, and no controls: what an attack costs at the least is all that there
// is to find. A step needs one component or two, and several of the last layer are wanted.
func Priced(rules int, seed int64) *system.Question {
	rng := rand.New(rand.NewSource(seed))
	b := system.NewBuilder()
	n := max(rules/10, 20)
	const layers, wanted = 10, 4
	width := n / layers
	for range n {
		b.Fact()
	}
	for range rules {
		to := rng.Intn(n)
		layer := to / width
		var guard []system.Lit
		for range 1 + rng.Intn(2) {
			if layer > 0 {
				guard = append(guard, b.FactLit(int32((layer-1)*width+rng.Intn(width))))
			}
		}
		b.Rule(guard, []system.Effect{{When: system.True, Fact: int32(to), Set: true}}, 1+int32(rng.Intn(20)), nil)
	}
	q := &system.Question{Budget: -1}
	var bad []system.Lit
	for i := range wanted {
		bad = append(bad, b.FactLit(int32(n-1-i)))
	}
	q.Bad = b.And(bad...)
	q.System = b.System()
	return q
}

// Write writes the question as an answer set program that minimises how many controls fail, or where there are none, what the rules that are taken cost.
func Write(out io.Writer, q *system.Question) error {
	w := bufio.NewWriter(out)
	s := q.System
	priced := s.Choices() == 0
	for i := range int32(s.Choices()) {
		fmt.Fprintf(w, "{c%d}.\n", i)
	}
	for _, f := range q.Start {
		fmt.Fprintf(w, "f%d.\n", f)
	}
	for r := range int32(s.Rules()) {
		var body []string
		if priced {
			fmt.Fprintf(w, "{r%d}.\n:~ r%d. [%d,%d]\n", r, r, s.Cost(r), r)
			body = append(body, fmt.Sprintf("r%d", r))
		}
		for _, l := range s.Guard(r) {
			kind, ref := s.Node(l.Node())
			name := "f"
			if kind == system.ChoiceNode {
				name = "c"
			}
			body = append(body, fmt.Sprintf("%s%d", name, ref))
		}
		for _, e := range s.Effects(r) {
			fmt.Fprintf(w, "f%d", e.Fact)
			if len(body) > 0 {
				fmt.Fprintf(w, " :- %s", strings.Join(body, ", "))
			}
			fmt.Fprintln(w, ".")
		}
	}
	for _, l := range s.Conjuncts(q.Bad) {
		_, bad := s.Node(l.Node())
		fmt.Fprintf(w, ":- not f%d.\n", bad)
	}
	for i := range s.Choices() {
		fmt.Fprintf(w, ":~ c%d. [1,%d]\n", i, i)
	}
	return w.Flush()
}

// Formula returns a random formula in DIMACS: clauses of three literals each.
func Formula(vars, clauses int, seed int64) []byte {
	rng := rand.New(rand.NewSource(seed))
	out := fmt.Appendf(nil, "p cnf %d %d\n", vars, clauses)
	for range clauses {
		for _, v := range rng.Perm(vars)[:3] {
			if v++; rng.Intn(2) == 0 {
				v = -v
			}
			out = fmt.Appendf(out, "%d ", v)
		}
		out = append(out, "0\n"...)
	}
	return out
}
