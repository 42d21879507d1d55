package system_test

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker/internal/systemtest"
	"github.com/vauban-verifier/vauban/checker/system"
)

// TestPlayTakesBack checks on random systems that a run is as it was once steps are taken back, and steps that fail, and what was only tried: whatever goes on
// from there is as in a run that is replayed from the start.
func TestPlayTakesBack(t *testing.T) {
	t.Parallel()
	backs, ends := 0, 0
	for seed := range int64(400) {
		rng := rand.New(rand.NewSource(seed))
		d := systemtest.Random(rng, seed%3 == 0)
		play, err := system.NewPlay(d.Q, nil)
		if err != nil {
			continue
		}
		var taken []int32
		for range 40 {
			rules := make([]int32, 1+rng.Intn(3))
			for i := range rules {
				rules[i] = int32(rng.Intn(d.Q.System.Rules()))
			}
			switch rng.Intn(3) {
			case 0:
				if len(taken) > 0 {
					play.Back()
					taken = taken[:len(taken)-1]
					backs++
				}
			case 1:
				if play.Take(rules[0]) == nil {
					taken = append(taken, rules[0])
				}
			}
			cost, err := play.Try(rules)
			trace, want := system.Replay(d.Q, &system.Run{Rules: append(slices.Clone(taken), rules...)})
			if fmt.Sprint(err) != fmt.Sprint(want) {
				t.Fatalf("seed %d: after %v, %v: %v, replayed %v", seed, taken, rules, err, want)
			}
			if err != nil {
				continue
			}
			if ends++; cost != trace.Cost {
				t.Fatalf("seed %d: after %v, %v costs %d, replayed %d", seed, taken, rules, cost, trace.Cost)
			}
		}
	}
	if backs < 500 || ends < 200 {
		t.Fatalf("%d steps taken back, %d runs ended: hardly anything was tried", backs, ends)
	}
}
