package checker

import (
	"math/rand"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker/internal/engine/explicit"
	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/internal/systemtest"
	"github.com/vauban-verifier/vauban/checker/internal/wire"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// TestStatesAreMoved: states in the numbers of a slice, moved to those of the question, are what the engine says in those, and back again.
func TestStatesAreMoved(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(1))
	moved := 0
	for n := range 300 {
		q := systemtest.Random(rng, false).Q
		a := (&Memory{}).ask(q, wire.Solve, portfolio.Options{})
		x := explicit.New(a.slice.Question)
		if x == nil {
			continue
		}
		x.Run(1 << 20)
		own := a.slice.Question.System
		self := &slice.Slice{Question: a.slice.Question, Facts: make([]int32, own.Facts()), Choices: make([]system.Lit, own.Choices())}
		for i := range self.Facts {
			self.Facts[i] = int32(i)
		}
		for i := range self.Choices {
			self.Choices[i] = own.Choice(int32(i))
		}
		inside, want := x.States(own, self), x.States(q.System, a.slice)
		out, ok := a.outward(system.Proposal{Holds: &system.Certificate{States: inside}})
		if !ok || !same(out.Holds.States, want) {
			t.Fatalf("question %d: moved to %v, expected %v", n, out.Holds.States, want)
		}
		back, ok := a.inward(out)
		if !ok || !same(back.Holds.States, inside) {
			t.Fatalf("question %d: back at %v, expected %v", n, back.Holds.States, inside)
		}
		if len(inside.Each) > 1 && len(inside.Of) > 1 {
			moved++
		}
	}
	if moved < 50 {
		t.Errorf("%d questions have states to move", moved)
	}
}

func same(a, b *system.States) bool { return slices.Equal(a.Of, b.Of) && slices.Equal(a.Each, b.Each) }
