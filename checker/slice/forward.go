package slice

import (
	"crypto/sha256"
	"fmt"

	"github.com/vauban-verifier/vauban/checker/system"
)

// possible is the least set of literals that can hold in some state when deletions only add to what is possible.
type possible struct {
	lit   []bool
	fired []bool
}

func (p *possible) of(l system.Lit) bool       { return p.lit[l] }
func (p *possible) constant(l system.Lit) bool { return !p.lit[l] || !p.lit[l.Not()] }

// forward returns what is possible in a question. It depends on the start, on what is given or off, and on whether anything may fail, which
// questions of one coalition share.
func forward(q *system.Question) *possible {
	return q.System.Derive(beginOf(q), func() any { return explore(q, mayFail(q)) }).(*possible)
}

// begin is what [forward] depends on.
type begin [sha256.Size]byte

func beginOf(q *system.Question) begin {
	h := sha256.New()
	fmt.Fprint(h, q.Start, q.Fixed, mayFail(q))
	off := make([]byte, len(q.Off))
	for i, is := range q.Off {
		if is {
			off[i] = 1
		}
	}
	h.Write(off)
	return begin(h.Sum(nil))
}

// mayFail reports whether more may fail than is given.
func mayFail(q *system.Question) bool {
	left := q.MaxFailures
	for _, l := range q.Fixed {
		if _, i := q.System.Node(l.Node()); !l.Negated() && q.System.ChoiceKind(i) == system.Failure {
			left--
		}
	}
	return left > 0
}

func explore(q *system.Question, mayFail bool) *possible {
	s, x := q.System, q.System.Index()
	p := &possible{lit: make([]bool, 2*s.Nodes()), fired: make([]bool, s.Rules())}
	needGate := make([]int32, s.Nodes())
	for n := range int32(s.Nodes()) {
		if kind, ref := s.Node(n); kind == system.GateNode {
			needGate[n] = int32(len(s.Gate(ref)))
		}
	}
	var queue []system.Lit
	push := func(l system.Lit) {
		if !p.lit[l] {
			p.lit[l] = true
			queue = append(queue, l)
		}
	}
	effects := func(r int32) {
		for _, e := range s.Effects(r) {
			if !p.lit[e.When] {
				continue
			}
			if l := s.Fact(e.Fact); e.Set {
				push(l)
			} else {
				push(l.Not())
			}
		}
	}
	need := make([]int32, s.Rules())
	push(system.True)
	for _, f := range q.Start {
		push(s.Fact(f))
	}
	for f := range int32(s.Facts()) {
		if l := s.Fact(f); !p.lit[l] {
			push(l.Not())
		}
	}
	for _, l := range q.Fixed {
		push(l)
	}
	for i := range int32(s.Choices()) {
		l := s.Choice(i)
		if p.lit[l] || p.lit[l.Not()] {
			continue
		}
		push(l.Not())
		if s.ChoiceKind(i) != system.Failure || mayFail {
			push(l)
		}
	}
	for r := range int32(s.Rules()) {
		need[r] = int32(len(s.Guard(r)))
		if need[r] == 0 && q.Enabled(r) {
			p.fired[r] = true
			effects(r)
		}
	}
	for len(queue) > 0 {
		l := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, in := range x.Inputs(l.Node()) {
			g := in.Node()
			if in.Negated() != l.Negated() {
				push(system.Lit(g)<<1 | 1)
			} else if needGate[g]--; needGate[g] == 0 {
				push(system.Lit(g) << 1)
			}
		}
		for _, u := range x.Uses(l) {
			r := u.Rule()
			if u.Condition() {
				if p.fired[r] {
					effects(r)
				}
			} else if need[r]--; need[r] == 0 && q.Enabled(r) {
				p.fired[r] = true
				effects(r)
			}
		}
	}
	return p
}
