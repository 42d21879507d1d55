package explicit_test

import (
	"math/rand"
	"testing"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/engine/explicit"
	"github.com/vauban-verifier/vauban/checker/internal/systemtest"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// TestVerdicts puts the engine beside all choices and all states of random systems: attacks replay and have the fewest steps, states are certified.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	safe, unsafe, steps := 0, 0, 0
	for seed := range int64(3000) {
		rng := rand.New(rand.NewSource(seed))
		d := systemtest.Random(rng, false)
		d.Q.Budget = -1
		sl := slice.Of(d.Q)
		if sl.Question.MaxFailures < 0 {
			continue
		}
		x := explicit.New(sl.Question)
		st := explicit.Unknown
		for range 1000 {
			if st = x.Run(1 + int64(rng.Intn(50))); st != explicit.Unknown {
				break
			}
		}
		attacked := systemtest.Explore(d).Cost >= 0
		switch {
		case st == explicit.Safe && !attacked:
			safe++
			if err := certify.Certificate(t.Context(), d.Q, &system.Certificate{States: x.States(d.Q.System, sl)}); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		case st == explicit.Unsafe && attacked:
			unsafe++
			run := x.Attack()
			if _, err := system.Replay(sl.Question, run); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			steps = max(steps, len(run.Rules))
		default:
			t.Fatalf("seed %d: %v, attacked %v", seed, st, attacked)
		}
	}
	t.Logf("%d safe, %d unsafe, up to %d steps", safe, unsafe, steps)
	if safe < 300 || unsafe < 300 || steps < 4 {
		t.Error("hardly anything was asked")
	}
}

// TestGivesUp wants what has too many states, or starts, to be given up.
func TestGivesUp(t *testing.T) {
	t.Parallel()
	counter := system.NewBuilder()
	for range 20 { // every set of facts is a state
		f := counter.Fact()
		counter.Rule(nil, []system.Effect{{When: system.True, Fact: f, Set: true}}, 0, nil)
	}
	x := explicit.New(&system.Question{System: counter.System(), Bad: system.False, Budget: -1})
	if st := x.Run(1 << 40); st != explicit.GaveUp || x.Met() > explicit.MaxStates+1 {
		t.Errorf("%v after %d states", st, x.Met())
	}
	open := system.NewBuilder()
	for range 17 {
		open.Choice(system.Decision)
	}
	if st := explicit.New(&system.Question{System: open.System(), Bad: system.False, Budget: -1}).Run(1); st != explicit.GaveUp {
		t.Errorf("%v with 2^17 starts", st)
	}
}
