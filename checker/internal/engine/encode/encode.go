package encode

import (
	"errors"
	"math/bits"

	"github.com/vauban-verifier/vauban/checker/internal/engine/circuit"
	"github.com/vauban-verifier/vauban/checker/system"
)

// ErrTooLarge says that a question is too large to be encoded.
var ErrTooLarge = errors.New("the question is too large for a circuit")

// Limits of an encoding, in gates.
const (
	maxCounter = 4 << 20
	maxRules   = 1 << 20
)

// Encoding is a question as a circuit. Its latches are, in this order, the facts, the choices, and the rules that may cost.
type Encoding struct {
	Question *system.Question
	Circuit  *circuit.Circuit
	rules    []int32 // the rules that may be taken: input number i takes rule rules[i]
	taken    []int32 // the rules with a latch
	literals []circuit.Lit
}

// New encodes a question. Choices that are given become constants.
func New(q *system.Question) (*Encoding, error) {
	s := q.System
	c := circuit.New()
	e := &Encoding{Question: q, Circuit: c, literals: make([]circuit.Lit, s.Nodes())}
	starts := make([]bool, s.Facts())
	for _, f := range q.Start {
		starts[f] = true
	}
	facts := make([]circuit.Lit, s.Facts())
	for f := range facts {
		init := circuit.Zero
		if starts[f] {
			init = circuit.One
		}
		facts[f] = c.Latch(init)
	}
	choices := make([]circuit.Lit, s.Choices())
	for i := range choices {
		choices[i] = c.Latch(circuit.Free)
	}
	for _, l := range q.Fixed {
		_, i := s.Node(l.Node())
		choices[i] = circuit.True ^ circuit.Lit(l&1)
	}
	for r := range int32(s.Rules()) {
		if q.Enabled(r) {
			e.rules = append(e.rules, r)
		}
	}
	if len(e.rules) > maxRules {
		return nil, ErrTooLarge
	}
	e.nodes(facts, choices)
	fires := e.selection()
	e.transitions(facts, fires)
	for _, l := range q.Assume {
		e.constrain(e.Lit(l))
	}
	var failures []circuit.Lit
	var ones []int
	for i, l := range choices {
		if s.ChoiceKind(int32(i)) == system.Failure {
			failures = append(failures, l)
			ones = append(ones, 1)
		}
	}
	if q.MaxFailures < len(failures) {
		if err := e.atMost(failures, ones, q.MaxFailures); err != nil {
			return nil, err
		}
	}
	if q.Budget >= 0 {
		if err := e.budget(fires); err != nil {
			return nil, err
		}
	}
	c.Bad = e.Lit(q.Bad)
	return e, nil
}

func (e *Encoding) constrain(l circuit.Lit) {
	if l != circuit.True {
		e.Circuit.Constraints = append(e.Circuit.Constraints, l)
	}
}

func (e *Encoding) atMost(lits []circuit.Lit, weights []int, most int) error {
	if len(lits)*(most+2) > maxCounter {
		return ErrTooLarge
	}
	e.constrain(e.Circuit.AtMost(lits, weights, most))
	return nil
}

// nodes makes the circuit's literal of each node of the system.
func (e *Encoding) nodes(facts, choices []circuit.Lit) {
	s := e.Question.System
	for n := range e.literals {
		switch kind, ref := s.Node(int32(n)); kind {
		case system.ConstNode:
			e.literals[n] = circuit.True
		case system.FactNode:
			e.literals[n] = facts[ref]
		case system.ChoiceNode:
			e.literals[n] = choices[ref]
		case system.GateNode:
			e.literals[n] = e.all(s.Gate(ref))
		}
	}
}

// Lit returns the circuit's literal for one of the system.
func (e *Encoding) Lit(l system.Lit) circuit.Lit {
	return e.literals[l.Node()] ^ circuit.Lit(l&1)
}

func (e *Encoding) all(in []system.Lit) circuit.Lit {
	lits := make([]circuit.Lit, len(in))
	for i, l := range in {
		lits[i] = e.Lit(l)
	}
	return e.Circuit.All(lits)
}

// selection returns, for each rule that may be taken, the literal that says that it is.
func (e *Encoding) selection() []circuit.Lit {
	c := e.Circuit
	width := bits.Len(uint(len(e.rules))) // one number at least is no rule
	in := make([]circuit.Lit, width)
	for i := range in {
		in[i] = c.Input()
	}
	fires := make([]circuit.Lit, len(e.rules))
	var decode func(bit, base int, under circuit.Lit)
	decode = func(bit, base int, under circuit.Lit) {
		if base >= len(e.rules) {
			return
		}
		if bit < 0 {
			fires[base] = c.And(under, e.all(e.Question.System.Guard(e.rules[base])))
			return
		}
		decode(bit-1, base, c.And(under, in[bit].Not()))
		decode(bit-1, base|1<<bit, c.And(under, in[bit]))
	}
	decode(width-1, 0, circuit.True)
	return fires
}

// transitions sets what the facts become.
func (e *Encoding) transitions(facts, fires []circuit.Lit) {
	c, s := e.Circuit, e.Question.System
	set, clear := make([][]circuit.Lit, len(facts)), make([][]circuit.Lit, len(facts))
	for i, r := range e.rules {
		for _, x := range s.Effects(r) {
			l := c.And(fires[i], e.Lit(x.When))
			if x.Set {
				set[x.Fact] = append(set[x.Fact], l)
			} else {
				clear[x.Fact] = append(clear[x.Fact], l)
			}
		}
	}
	for f, l := range facts {
		c.Latches[f].Next = c.Or(c.Any(set[f]), c.And(l, c.Any(clear[f]).Not()))
	}
}

// budget adds a latch for each rule that may cost, and the constraint that what was taken costs no more than allowed.
func (e *Encoding) budget(fires []circuit.Lit) error {
	c, s := e.Circuit, e.Question.System
	var lits []circuit.Lit
	var weights []int
	weigh := func(l circuit.Lit, w int32) {
		if w > 0 && l != circuit.False {
			lits, weights = append(lits, l), append(weights, int(w))
		}
	}
	for i, r := range e.rules {
		costs := s.Cost(r) > 0
		for _, x := range s.Extras(r) {
			costs = costs || x.Cost > 0
		}
		if !costs {
			continue
		}
		l := c.Latch(circuit.Zero)
		c.Latches[len(c.Latches)-1].Next = c.Or(l, fires[i])
		e.taken = append(e.taken, r)
		weigh(l, s.Cost(r))
		for _, x := range s.Extras(r) {
			weigh(c.And(l, e.Lit(x.When)), x.Cost)
		}
	}
	return e.atMost(lits, weights, e.Question.Budget)
}

// rule returns the rule that inputs choose.
func (e *Encoding) rule(inputs []bool) (int32, bool) {
	n := 0
	for i, yes := range inputs {
		if yes {
			n |= 1 << i
		}
	}
	if n >= len(e.rules) {
		return 0, false
	}
	return e.rules[n], true
}

// Rules returns the rules by the number that the inputs choose them with.
func (e *Encoding) Rules() []int32 { return e.rules }

// Latch returns the literal of the question that a latch stands for: of a fact, of a choice, or that a rule was taken.
func (e *Encoding) Latch(i int) system.Lit {
	s := e.Question.System
	switch {
	case i < s.Facts():
		return s.Fact(int32(i))
	case i < s.Facts()+s.Choices():
		return s.Choice(int32(i - s.Facts()))
	}
	return s.Taken(e.taken[i-s.Facts()-s.Choices()])
}

// Run returns the run that a trace of the circuit stands for. Steps that change nothing are left out.
func (e *Encoding) Run(t *circuit.Trace) (*system.Run, error) {
	s := e.Question.System
	run := &system.Run{}
	for i := range int32(s.Choices()) {
		l := s.Choice(i)
		if c := e.literals[l.Node()]; c == circuit.True || c != circuit.False && t.Latches[s.Facts()+int(i)] {
			run.Choices = append(run.Choices, l)
		} else {
			run.Choices = append(run.Choices, l.Not())
		}
	}
	st, err := system.NewState(s, e.Question.Start, run.Choices)
	if err != nil {
		return nil, err
	}
	for _, in := range t.Inputs[:t.Steps()] {
		if r, ok := e.rule(in); ok {
			if _, err := st.Take(r); err == nil {
				run.Rules = append(run.Rules, r)
			}
		}
	}
	return run, nil
}
