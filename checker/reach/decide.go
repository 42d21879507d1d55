package reach

import (
	"cmp"
	"slices"

	"github.com/vauban-verifier/vauban/checker/sat"
	"github.com/vauban-verifier/vauban/checker/system"
)

// decide finds all minimal sets of decisions after which the question holds.
//
// An attack relies on a cube of decisions, and a set prevents it exactly when it has the complement of one of them. So the minimal
// sets are the minimal consistent hitting sets of the complements; attacks are found as they are needed: a solver over "the set has
// this literal" proposes a set, the oracle answers with an attack that the set misses or with a proof. A proved set is made minimal literal by
// literal, and its supersets are excluded. When nothing is left, the list is complete.
func (s *solver) decide() error {
	sys := s.t.original.System
	var decisions []system.Lit
	for i, l := range s.t.Choices {
		if s.t.Question.System.ChoiceKind(int32(i)) == system.Decision {
			decisions = append(decisions, l)
		}
	}
	slices.Sort(decisions)
	inner := make(map[system.Lit]system.Lit, len(decisions)) // the slice's literal
	for i, l := range s.t.Choices {
		inner[l] = s.t.Question.System.Choice(int32(i))
	}
	solver := sat.New(2 * len(decisions))
	has := map[system.Lit]sat.Lit{}
	open := func(d system.Lit) {
		yes, no := solver.NewVar(), solver.NewVar()
		has[d], has[d.Not()] = yes, no
		solver.AddClause(yes.Not(), no.Not())
	}
	for _, d := range decisions {
		open(d)
	}
	learn := func(run *system.Run) {
		var clause []sat.Lit
		for _, l := range run.Choices {
			if _, i := sys.Node(l.Node()); sys.ChoiceKind(i) == system.Decision {
				// What a run changes on the side may depend on a decision that does not matter.
				if has[l] == 0 {
					decisions = append(decisions, l&^1)
					open(l &^ 1)
				}
				clause = append(clause, has[l.Not()])
			}
		}
		solver.AddClause(clause...)
	}
	for i := range s.out.Attacks {
		learn(&s.out.Attacks[i])
	}
	// holds asks the oracle; an attack is kept and learnt.
	holds := func(set []system.Lit) (*system.Certificate, error) {
		var fixed []system.Lit
		s.aside = s.aside[:0]
		for _, l := range set {
			if in, ok := inner[l&^1]; ok {
				fixed = append(fixed, in^(l&1))
			} else {
				s.aside = append(s.aside, l)
			}
		}
		run, proof, err := s.ask(fixed)
		if run != nil {
			s.out.Attacks = append(s.out.Attacks, *run)
			learn(run)
		}
		return proof, err
	}
	for {
		st, err := solver.Solve(s.ctx, nil)
		if err != nil {
			return err
		}
		if st != sat.Sat {
			break
		}
		var set []system.Lit
		for _, d := range decisions {
			for _, l := range []system.Lit{d, d.Not()} {
				if solver.Value(has[l]) {
					set = append(set, l)
				}
			}
		}
		proof, err := holds(set)
		if err != nil || s.out.Incomplete != "" {
			return err
		}
		if proof == nil {
			continue
		}
		if len(s.out.Sufficient) == s.opt.MaxSets {
			s.out.Incomplete = manySets
			break
		}
		for i := len(set) - 1; i >= 0; i-- {
			less := slices.Delete(slices.Clone(set), i, i+1)
			p, err := holds(less)
			if err != nil || s.out.Incomplete != "" {
				return err
			}
			if p != nil {
				set, proof = less, p
			}
		}
		s.out.Sufficient = append(s.out.Sufficient, system.Sufficient{Decisions: set, Proof: *proof})
		var block []sat.Lit
		for _, l := range set {
			block = append(block, has[l].Not())
		}
		solver.AddClause(block...)
	}
	slices.SortFunc(s.out.Sufficient, func(a, b system.Sufficient) int {
		return cmp.Or(cmp.Compare(len(a.Decisions), len(b.Decisions)), slices.Compare(a.Decisions, b.Decisions))
	})
	return nil
}
