package certify

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
)

// Certificate checks that a certificate proves that no run violates a question. Where ctx ends before, the error is its own.
func Certificate(ctx context.Context, q *system.Question, cert *system.Certificate) error {
	return Within(ctx, q, cert, maxConflicts)
}

// Within is [Certificate] that gives up with [ErrLimit] where cuts are not refuted, or what breaks an invariant is not, after that many conflicts.
func Within(ctx context.Context, q *system.Question, cert *system.Certificate, conflicts int) error {
	switch {
	case cert.Invariant != nil:
		return invariant(ctx, q, cert.Invariant, conflicts)
	case cert.States != nil:
		return states(ctx, q, cert.States)
	case cert.Split != nil:
		return split(ctx, q, cert, conflicts)
	}
	s := q.System
	var c *closure
	refined := false
	for i := range cert.Cuts {
		cut := &cert.Cuts[i]
		for _, l := range cut.Choices {
			if !choice(s, l) {
				return fmt.Errorf("cut %d names something that is not a choice", i+1)
			}
		}
		for _, r := range cut.Rules {
			if r < 0 || int(r) >= s.Rules() {
				return fmt.Errorf("cut %d names something that is not a rule", i+1)
			}
		}
		if c == nil {
			c = newClosure(ctx, q)
			defer c.done()
		}
		reached := c.reaches(cut)
		if reached && !refined {
			c.refine()
			refined, reached = true, c.reaches(cut)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case reached:
			return fmt.Errorf("cut %d of the certificate does not separate the initial states from those that the requirement forbids", i+1)
		}
	}
	if len(cert.Cases) > 0 || slices.ContainsFunc(cert.Cuts, func(c system.Cut) bool { return c.Weight != 0 }) {
		return sums(ctx, q, cert)
	}
	e := encode(ctx, q, cert)
	e.conflict = maxConflicts - conflicts
	if err := e.refute(); errors.Is(err, errSatisfiable) {
		return errors.New("the cuts can all be hit within the limits")
	} else {
		return err
	}
}

// maxParts bounds the parts of a proof, each of which is checked within limits of its own.
const maxParts = 64

// split checks a proof by two: a run leaves a decision open only where it goes through either way, and a failure that it does not name does not happen. So each run of
// the question is one under the choice or under its complement, and what holds under both holds.
func split(ctx context.Context, q *system.Question, cert *system.Certificate, conflicts int) error {
	parts := 0
	for range cert.Leaves {
		parts++
	}
	x := cert.Split
	if parts > maxParts || !choice(q.System, x.Choice) {
		return fmt.Errorf("the proof is split into more than %d parts, or by what is not a choice", maxParts)
	}
	part := *q
	part.Fixed = append(slices.Clone(q.Fixed), x.Choice)
	if err := Within(ctx, &part, &x.Given, conflicts); err != nil {
		return fmt.Errorf("under a choice: %w", err)
	}
	part.Fixed = append(slices.Clone(q.Fixed), x.Choice.Not())
	if err := Within(ctx, &part, &x.Not, conflicts); err != nil {
		return fmt.Errorf("under the complement of a choice: %w", err)
	}
	return nil
}

func choice(s *system.System, l system.Lit) bool {
	if int(l.Node()) >= s.Nodes() {
		return false
	}
	kind, _ := s.Node(l.Node())
	return kind == system.ChoiceNode
}

// encoding turns what is claimed into clauses: over facts, choices, the gates above them that matter, and rules.
type encoding struct {
	*solver
	q        *system.Question
	nodes    map[int32]system.Lit
	rules    map[int32]system.Lit
	failures *limit
	cost     *limit
}

func newEncoding(ctx context.Context, q *system.Question) *encoding {
	e := &encoding{
		solver: &solver{ctx: ctx}, q: q, nodes: map[int32]system.Lit{}, rules: map[int32]system.Lit{},
		failures: &limit{most: q.MaxFailures},
	}
	e.limits = append(e.limits, e.failures)
	if q.Budget >= 0 {
		e.cost = &limit{most: q.Budget}
		e.limits = append(e.limits, e.cost)
	}
	return e
}

func encode(ctx context.Context, q *system.Question, cert *system.Certificate) *solver {
	e := newEncoding(ctx, q)
	// The cuts come first, as the solver's bound reads clauses in order; what they mean follows.
	for _, cut := range cert.Cuts {
		var clause []system.Lit
		for _, l := range cut.Choices {
			clause = append(clause, e.lit(l))
		}
		for _, r := range cut.Rules {
			if q.Enabled(r) {
				clause = append(clause, e.rule(r))
			}
		}
		e.add(clause...)
	}
	for _, l := range q.Fixed {
		e.add(e.lit(l))
	}
	return e.solver
}

// lit returns the literal for one of the system. Facts are variables like choices.
func (e *encoding) lit(l system.Lit) system.Lit {
	n := l.Node()
	v, ok := e.nodes[n]
	if !ok {
		v = e.newVar()
		e.nodes[n] = v
		switch kind, ref := e.q.System.Node(n); kind {
		case system.ConstNode:
			e.add(v)
		case system.ChoiceNode:
			if e.q.System.ChoiceKind(ref) == system.Failure {
				e.weigh(e.failures, v, 1)
			}
		case system.GateNode:
			all := []system.Lit{v}
			for _, in := range e.q.System.Gate(ref) {
				x := e.lit(in)
				e.add(v.Not(), x)
				all = append(all, x.Not())
			}
			e.add(all...)
		}
	}
	return v ^ (l & 1)
}

// rule returns the literal for "rule r is taken": its guard held then, and it was paid for.
func (e *encoding) rule(r int32) system.Lit {
	v, ok := e.rules[r]
	if ok {
		return v
	}
	v = e.newVar()
	e.rules[r] = v
	for _, l := range e.q.System.Guard(r) {
		if e.q.System.Frozen(l) {
			e.add(v.Not(), e.lit(l))
		}
	}
	if e.cost == nil {
		return v
	}
	e.weigh(e.cost, v, int(e.q.System.Cost(r)))
	for _, x := range e.q.System.Extras(r) {
		paid := e.newVar()
		e.weigh(e.cost, paid, int(x.Cost))
		e.add(v.Not(), e.lit(x.When).Not(), paid)
	}
	return v
}

// Proposal checks everything that a proposal claims. With Incomplete set, it checks what is there.
func Proposal(ctx context.Context, q *system.Question, p *system.Proposal) error {
	if p.Holds != nil {
		if len(p.Attacks) > 0 {
			return errors.New("there are attacks on what is said to hold")
		}
		return Certificate(ctx, q, p.Holds)
	}
	for i := range p.Attacks {
		trace, err := Attack(ctx, q, &p.Attacks[i])
		if err != nil {
			return fmt.Errorf("attack %d: %w", i+1, err)
		}
		if trace.Cost < p.AtLeast {
			return fmt.Errorf("attack %d costs %d, which is said to be too little", i+1, trace.Cost)
		}
	}
	if p.AtLeast > 0 {
		if p.Bound == nil {
			return errors.New("the bound on the cost has no proof")
		}
		less := *q
		less.Budget = p.AtLeast - 1
		if err := Certificate(ctx, &less, p.Bound); err != nil {
			return fmt.Errorf("bound: %w", err)
		}
	}
	for i, set := range p.Sufficient {
		if err := decisions(q, set.Decisions); err != nil {
			return fmt.Errorf("set %d: %w", i+1, err)
		}
		decided := *q
		decided.Fixed = append(append([]system.Lit(nil), q.Fixed...), set.Decisions...)
		if err := Certificate(ctx, &decided, &p.Sufficient[i].Proof); err != nil {
			return fmt.Errorf("set %d: %w", i+1, err)
		}
	}
	if p.Incomplete != "" {
		return nil
	}
	if len(p.Attacks) == 0 {
		return errors.New("neither an attack nor a proof")
	}
	return Cover(ctx, q, p)
}
