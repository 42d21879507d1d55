package checker

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/threats"
)

// Refused is a case whose evidence does not show what it should.
type Refused struct {
	Requirement, Case int // in the order of the design
	Err               error
}

// maxWork bounds the check of all evidence together, in barriers and clauses times the rules and nodes that each is tried with. Ten thousand components
// with twenty requirements take a thousandth of that.
const maxWork = 1 << 34

// errUnanswered says that evidence ends before the questions do.
var errUnanswered = errors.New("the report does not answer all that its verdict depends on")

// Recheck judges a model by evidence alone: no engine runs. Answers are given by requirement and case, both in the order of the design; they may be
// anybody's. Cases whose evidence is refused get no verdict, and are returned beside the result. Errors are those of [Check].
func Recheck(ctx context.Context, m *threats.Model, opt Options, answers func(requirement, at int) *evidence.Answer) (*Result, []Refused, error) {
	var (
		mu      sync.Mutex
		refused []Refused
		once    sync.Once
		words   *evidence.Words
		work    atomic.Int64
	)
	c := &check{opt: opt}
	c.propose = func(ctx context.Context, jb job, _ *system.Question, asked int) (system.Proposal, error) {
		once.Do(func() { words = evidence.NewWords(c.g) })
		if ctx.Err() != nil {
			return system.Proposal{}, ctx.Err()
		}
		e := answers(jb.requirement, jb.index)
		if jb.from.Possible {
			asked++ // it has no question of its own
		}
		if asked > 0 && e != nil {
			if asked > len(e.Further) {
				return system.Proposal{}, errUnanswered
			}
			e = e.Further[asked-1]
		}
		p, err := words.Proposal(e)
		if err == nil && work.Add(evidence.Effort(&p, c.g.System)) > maxWork {
			err = errors.New("the evidence of this report takes more steps to check than an audit makes")
		}
		return p, err
	}
	c.refuse = func(jb job, err error) {
		mu.Lock()
		defer mu.Unlock()
		refused = append(refused, Refused{jb.requirement, jb.index, err})
	}
	result, err := c.model(ctx, m)
	slices.SortFunc(refused, func(a, b Refused) int {
		return cmp.Or(cmp.Compare(a.Requirement, b.Requirement), cmp.Compare(a.Case, b.Case))
	})
	return result, refused, err
}
