package certify

import (
	"context"
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
)

// Attack replays an attack and checks that no step of it can be left out.
func Attack(ctx context.Context, q *system.Question, run *system.Run) (*system.Trace, error) {
	trace, err := system.Replay(q, run)
	if err != nil {
		return nil, err
	}
	for i := range run.Rules {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		less := system.Run{Choices: run.Choices, Rules: slices.Delete(slices.Clone(run.Rules), i, i+1)}
		if _, err := system.Replay(q, &less); err == nil {
			return nil, fmt.Errorf("the attack works without its step %d", i+1)
		}
	}
	return trace, nil
}
