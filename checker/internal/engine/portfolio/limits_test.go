package portfolio

import (
	"math/rand"
	"testing"

	"github.com/vauban-verifier/vauban/checker/internal/systemtest"
)

// TestShared checks that however many questions a check has, their searches may not do more together than is said.
func TestShared(t *testing.T) {
	t.Parallel()
	for n := 1; n < 1<<24; n = n*3/2 + 1 {
		if o := (Options{}).Shared(n); int64(n)*searches*o.MaxWork > max(Whole(), int64(n)*searches) {
			t.Errorf("%d questions, each search of which may do %d", n, o.MaxWork)
		}
	}
}

// TestSearchesAreLimited searches for one answer again and again: at some point there is nothing left to do it with.
func TestSearchesAreLimited(t *testing.T) {
	t.Parallel()
	ended := 0
	for seed := range int64(20) {
		d := systemtest.Random(rand.New(rand.NewSource(seed)), true)
		s := &solver{ctx: t.Context(), opt: Options{MaxWork: FirstTurn * IC3Share}.defaults(), q: d.Q}
		for range 4 * searches {
			before := s.spent
			f, err := s.search(d.Q, int(seed%2)<<20) // every other time for attacks of fewer steps, by bounded model checking alone, which may not come to an end
			if err != nil {
				t.Fatal(err)
			}
			if s.spent == before && f.run == nil && f.proof == nil && f.why != "" {
				ended++
			}
			if s.spent > searches*(s.opt.MaxWork+IC3Share) {
				t.Fatalf("seed %d: %d done", seed, s.spent)
			}
		}
	}
	if ended < 10 {
		t.Errorf("%d searches had nothing left", ended)
	}
}
