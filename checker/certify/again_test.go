package certify_test

import (
	"math/rand"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/systemtest"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// TestWorkUsedAgain asks one system one question after the other, whose closures and slices are made with the same memory, and a system of its own each of them: the answers are the same.
func TestWorkUsedAgain(t *testing.T) {
	t.Parallel()
	never, refused, assumed := 0, 0, 0
	for seed := range int64(200) {
		rng := rand.New(rand.NewSource(seed))
		one := func() *system.Question { return systemtest.Random(rand.New(rand.NewSource(seed)), seed%2 == 0).Q }
		first := one()
		for range 5 {
			bad, failures := first.System.Fact(int32(rng.Intn(first.System.Facts()))), rng.Intn(2)
			var off []bool
			for range first.System.Rules() {
				off = append(off, rng.Intn(5) == 0)
			}
			var cut system.Cut
			for r := range int32(len(off)) {
				if rng.Intn(3) == 0 {
					cut.Rules = append(cut.Rules, r)
				}
			}
			ask := func(q system.Question) (unreachable []bool, proved bool, s *slice.Slice) {
				q.Bad, q.MaxFailures, q.Off = bad, failures, off
				return certify.Unreachable(t.Context(), &q), certify.Certificate(t.Context(), &q, &system.Certificate{Cuts: []system.Cut{cut, {}}}) == nil, slice.Of(&q)
			}
			unreachable, proved, s := ask(*first)
			alone, also, of := ask(*one())
			if !slices.Equal(unreachable, alone) || proved != also {
				t.Fatalf("seed %d: of a system that was asked before, %v is unreachable and the proof stands: %v; of one that was not, %v, %v", seed, unreachable, proved, alone, also)
			}
			if !slices.Equal(s.Facts, of.Facts) || !slices.Equal(s.Rules, of.Rules) || !slices.Equal(s.Choices, of.Choices) || s.Question.Bad != of.Question.Bad || !slices.Equal(s.Question.Assume, of.Question.Assume) {
				t.Fatalf("seed %d: the slice of a system that was asked before has the rules %v, of one that was not %v", seed, s.Rules, of.Rules)
			}
			if slices.Contains(unreachable, true) {
				never++
			}
			if !proved {
				refused++
			}
			if len(first.Assume) > 0 {
				assumed++
			}
		}
	}
	if never < 200 || refused < 200 || assumed < 200 {
		t.Errorf("something is unreachable in %d of 1000, %d proofs were refused, and %d questions assume something", never, refused, assumed)
	}
}
