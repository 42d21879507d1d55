package certify

import (
	"context"
	"fmt"

	"github.com/vauban-verifier/vauban/checker/system"
)

// Attack replays an attack and checks that no step of it can be left out.
func Attack(ctx context.Context, q *system.Question, run *system.Run) (*system.Trace, error) {
	play, err := system.NewPlay(q, run.Choices)
	if err != nil {
		return nil, err
	}
	for i, r := range run.Rules {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if _, err := play.Try(run.Rules[i+1:]); err == nil {
			return nil, fmt.Errorf("the attack works without its step %d", i+1)
		}
		if err := play.Take(r); err != nil {
			return nil, err
		}
	}
	return play.End()
}
