package threats

import (
	"slices"

	"github.com/vauban-verifier/vauban/models"
)

// The effort spent on the conditions of one threat, in nodes evaluated, and the most atoms that are looked at.
const (
	logicBudget = 200_000
	maxAtoms    = 64
)

// satisfiable reports whether the formulas can all be true at once, as far as propositional logic over their atoms, the
// tree of kinds and what protocols give can tell: quantified formulas and facts are taken to be free. It says true when the budget runs out, and takes what it used from it.
func satisfiable(budget *int, formulas ...*models.Expr) bool {
	s := &search{budget: budget, ids: map[string]int{}}
	all := node{op: models.OpAnd}
	for _, f := range formulas {
		all.args = append(all.args, s.compile(f))
	}
	if len(s.atoms) > maxAtoms {
		return true
	}
	all.args = append(all.args, s.axioms()...)
	s.value = make([]truth, len(s.atoms))
	return s.solve(&all, 0)
}

// truth is a value of three-valued logic.
type truth int8

const (
	no      truth = -1
	unknown truth = 0
	yes     truth = 1
)

// node is a formula over numbered atoms: op is OpTrue, OpFalse, OpNot, OpAnd, OpOr, or OpVar for an atom.
type node struct {
	op   models.Op
	args []*node
	atom int
}

type search struct {
	budget *int
	ids    map[string]int
	atoms  []*models.Expr
	terms  []string // of each atom: what it speaks of
	value  []truth
}

func (s *search) compile(e *models.Expr) *node {
	n := &node{op: e.Op}
	switch e.Op {
	case models.OpTrue, models.OpFalse:
		return n
	case models.OpImplies:
		return &node{op: models.OpOr, args: []*node{{op: models.OpNot, args: []*node{s.compile(e.Args[0])}}, s.compile(e.Args[1])}}
	case models.OpDefined:
		return s.compile(e.Body())
	case models.OpNot, models.OpAnd, models.OpOr:
		for _, a := range e.Args {
			n.args = append(n.args, s.compile(a))
		}
		return n
	}
	if t := fixed(e); t != unknown {
		if t == yes {
			return &node{op: models.OpTrue}
		}
		return &node{op: models.OpFalse}
	}
	key := e.String()
	id, ok := s.ids[key]
	if !ok {
		id = len(s.atoms)
		s.ids[key] = id
		s.atoms = append(s.atoms, e)
		terms := ""
		for _, a := range e.Args {
			terms += a.String() + "\n"
		}
		s.terms = append(s.terms, terms)
	}
	return &node{op: models.OpVar, atom: id}
}

// fixed tells atoms that have one value in every design.
func fixed(e *models.Expr) truth {
	if misfit(e) {
		return no
	}
	if e.Op != models.OpIs {
		return unknown
	}
	if k := e.Args[0].Type.Kind; k != nil && !e.Args[0].Type.Maybe && k.Is(e.Kind) {
		return yes
	}
	return unknown
}

// axioms returns what ties the atoms to each other: `x is webapp` implies `x is service`, a flow has one protocol, which
// gives it controls, and data that is stored with a control is stored.
func (s *search) axioms() []*node {
	var out []*node
	literal := func(i int, positive bool) *node {
		n := &node{op: models.OpVar, atom: i}
		if !positive {
			n = &node{op: models.OpNot, args: []*node{n}}
		}
		return n
	}
	for i, a := range s.atoms {
		for j, b := range s.atoms {
			if i == j || len(a.Args) == 0 || len(a.Args) > 2 || s.terms[i] != s.terms[j] {
				continue
			}
			switch {
			case implied(a, b):
				out = append(out, &node{op: models.OpOr, args: []*node{literal(i, false), literal(j, true)}})
			case a.Op == models.OpOver && b.Op == models.OpOver && i < j && !a.Protocol.Is(b.Protocol) && !b.Protocol.Is(a.Protocol):
				out = append(out, &node{op: models.OpOr, args: []*node{literal(i, false), literal(j, false)}})
			}
		}
	}
	return out
}

// implied reports whether a implies b, two atoms over the same terms.
func implied(a, b *models.Expr) bool {
	switch {
	case a.Op == models.OpIs && b.Op == models.OpIs:
		return a.Kind.Is(b.Kind)
	case a.Op == models.OpOver && b.Op == models.OpOver:
		return a.Protocol.Is(b.Protocol)
	case a.Op == models.OpOver && b.Op == models.OpHas:
		return slices.Contains(a.Protocol.Gives, b.Control)
	case a.Op == models.OpStores && b.Op == models.OpStores:
		return a.Control != nil && b.Control == nil
	}
	return false
}

// solve tries both values of the atoms from next on.
func (s *search) solve(n *node, next int) bool {
	switch s.eval(n) {
	case no:
		return false
	case yes:
		return true
	}
	if *s.budget <= 0 || next == len(s.value) {
		return true
	}
	for _, v := range []truth{yes, no} {
		s.value[next] = v
		if s.solve(n, next+1) {
			return true
		}
	}
	s.value[next] = unknown
	return false
}

func (s *search) eval(n *node) truth {
	*s.budget--
	switch n.op {
	case models.OpTrue:
		return yes
	case models.OpFalse:
		return no
	case models.OpNot:
		return -s.eval(n.args[0])
	case models.OpVar:
		return s.value[n.atom]
	}
	absorbing := no // of a conjunction
	if n.op == models.OpOr {
		absorbing = yes
	}
	out := -absorbing
	for _, a := range n.args {
		switch s.eval(a) {
		case absorbing:
			return absorbing
		case unknown:
			out = unknown
		}
	}
	return out
}
