package decide

import (
	"cmp"
	"context"
	"slices"

	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
	"github.com/vauban-verifier/vauban/checker/internal/engine/sat"
	"github.com/vauban-verifier/vauban/checker/internal/reason"
	"github.com/vauban-verifier/vauban/checker/system"
)

// Oracle answers whether a question holds under given decisions: with an attack, or with a proof. When it gives up, it has neither.
type Oracle func(decisions []system.Lit) (*system.Run, *system.Certificate, error)

// Limits of the search for the next set, in conflicts and in looks at clauses.
const (
	maxConflicts = 1 << 20
	maxLooks     = 1 << 34
	maxAsked     = 1 << 12 // questions of the oracle
)

// Sets completes a proposal that has attacks: with the minimal sets of decisions, at most that many, and with attacks for what they leave.
// Decisions are tried in the given order. It stops where the oracle gives up, which has to say why.
func Sets(ctx context.Context, sys *system.System, decisions []system.Lit, most int, p *system.Proposal, ask Oracle) error {
	decisions = slices.Clone(decisions)
	solver := sat.New(maxConflicts, maxLooks)
	has := map[system.Lit]cdcl.Lit{}
	open := func(d system.Lit) {
		yes, no := solver.NewVar(), solver.NewVar()
		has[d], has[d.Not()] = yes, no
		solver.AddClause(yes.Not(), no.Not())
	}
	for _, d := range decisions {
		open(d)
	}
	learn := func(run *system.Run) {
		var clause []cdcl.Lit
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
	for i := range p.Attacks {
		learn(&p.Attacks[i])
	}
	// holds asks the oracle; an attack is kept and learnt.
	asked := 0
	holds := func(set []system.Lit) (*system.Certificate, bool, error) {
		if asked++; asked > maxAsked {
			p.Incomplete = reason.Limits
			return nil, false, nil
		}
		run, proof, err := ask(set)
		if run != nil {
			p.Attacks = append(p.Attacks, *run)
			learn(run)
		}
		return proof, run != nil || proof != nil, err
	}
	for {
		st := solver.Solve(ctx, nil)
		if st == cdcl.Unknown {
			p.Incomplete = reason.Limits
		}
		if st != cdcl.Sat {
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
		proof, answered, err := holds(set)
		if err != nil || !answered {
			return err
		}
		if proof == nil {
			continue
		}
		if len(p.Sufficient) == most {
			p.Incomplete = reason.ManySets
			break
		}
		for i := len(set) - 1; i >= 0; i-- {
			less := slices.Delete(slices.Clone(set), i, i+1)
			shorter, answered, err := holds(less)
			if err != nil || !answered {
				return err
			}
			if shorter != nil {
				set, proof = less, shorter
			}
		}
		p.Sufficient = append(p.Sufficient, system.Sufficient{Decisions: set, Proof: *proof})
		var block []cdcl.Lit
		for _, l := range set {
			block = append(block, has[l].Not())
		}
		solver.AddClause(block...)
	}
	slices.SortFunc(p.Sufficient, func(a, b system.Sufficient) int {
		return cmp.Or(cmp.Compare(len(a.Decisions), len(b.Decisions)), slices.Compare(a.Decisions, b.Decisions))
	})
	return nil
}
