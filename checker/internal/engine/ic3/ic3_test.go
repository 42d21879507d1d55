package ic3_test

import (
	"math/rand"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker/internal/engine/bmc"
	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
	"github.com/vauban-verifier/vauban/checker/internal/engine/circuit"
	"github.com/vauban-verifier/vauban/checker/internal/engine/ic3"
	"github.com/vauban-verifier/vauban/checker/internal/kerneltest"
)

// explore returns the number of steps of a shortest violation, or -1, with the states that runs reach.
func explore(c *circuit.Circuit) (int, map[int]bool) {
	seen := map[int]bool{}
	var layer []int
	for m := range 1 << len(c.Latches) {
		ok := true
		for i, l := range c.Latches {
			ok = ok && (l.Init == circuit.Free || m>>i&1 == int(l.Init))
		}
		if ok {
			seen[m] = true
			layer = append(layer, m)
		}
	}
	var values []bool
	of := func(l circuit.Lit) bool { return values[l>>1] != l.Negated() }
	bits := func(m, n int) []bool {
		out := make([]bool, n)
		for i := range out {
			out[i] = m>>i&1 == 1
		}
		return out
	}
	first := -1
	for depth := 0; len(layer) > 0; depth++ {
		var next []int
		for _, m := range layer {
		inputs:
			for in := range 1 << len(c.Inputs) {
				values = c.Eval(bits(m, len(c.Latches)), bits(in, len(c.Inputs)), values)
				for _, l := range c.Constraints {
					if !of(l) {
						continue inputs
					}
				}
				if of(c.Bad) && first < 0 {
					first = depth
				}
				to := 0
				for i, l := range c.Latches {
					if of(l.Next) {
						to |= 1 << i
					}
				}
				if !seen[to] {
					seen[to] = true
					next = append(next, to)
				}
			}
		}
		layer = next
	}
	return first, seen
}

// hints returns cubes that have little to do with a given one.
func hints(rng *rand.Rand, c *circuit.Circuit, cube []circuit.Lit) (out [][]circuit.Lit) {
	for range rng.Intn(4) {
		var hint []circuit.Lit
		for range cube {
			hint = append(hint, c.Latches[rng.Intn(len(c.Latches))].Lit^circuit.Lit(rng.Intn(2)))
		}
		slices.Sort(hint)
		out = append(out, slices.Compact(hint))
	}
	return out
}

// TestAgreesWithExplorer puts IC3, bounded model checking and a breadth-first search beside each other.
func TestAgreesWithExplorer(t *testing.T) {
	t.Parallel()
	safe, unsafe := 0, 0
	for seed := range int64(6000) {
		c := kerneltest.Circuit(rand.New(rand.NewSource(seed)))
		want, reached := explore(c)
		k := ic3.New(c, nil)
		if seed%2 == 0 { // wrong hints must do no harm
			rng := rand.New(rand.NewSource(seed))
			k.Similar = func(cube []circuit.Lit) [][]circuit.Lit { return hints(rng, c, cube) }
		}
		st := ic3.Unknown
		for i := int64(1); st == ic3.Unknown; i++ { // in pieces, so that going on is tested too
			st = k.Run(i * 7)
		}
		if (st == ic3.Unsafe) != (want >= 0) {
			t.Fatalf("seed %d: %v, explorer says %d", seed, st, want)
		}
		if st == ic3.Unsafe {
			unsafe++
			if err := c.Replay(k.Trace()); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if k.Depth() >= max(want, 1) {
				t.Fatalf("seed %d: nothing within %d, explorer says %d", seed, k.Depth(), want)
			}
		} else {
			safe++
			for m := range reached {
				for _, clause := range k.Invariant() {
					ok := false
					for _, l := range clause {
						ok = ok || (m>>c.Index(l.Node())&1 == 1) != l.Negated()
					}
					if !ok {
						t.Fatalf("seed %d: %b is reached, and not in the invariant", seed, m)
					}
				}
			}
		}
		b := bmc.New(c, nil)
		if seed%3 == 0 { // what IC3 has found out need not be looked at
			b.Skip(k.Depth())
		}
		for b.Depth() < 70 {
			st, trace := b.Next(1 << 30)
			if st == cdcl.Sat {
				if err := c.Replay(trace); err != nil || trace.Steps() != want {
					t.Fatalf("seed %d: %d steps, explorer says %d: %v", seed, trace.Steps(), want, err)
				}
				break
			}
		}
		if p := ic3.New(c.Plain(), nil); (p.Run(1<<40) == ic3.Unsafe) != (want >= 0) {
			t.Fatalf("seed %d: the plain circuit, explorer says %d", seed, want)
		}
		if (b.Depth() < 70) != (want >= 0) {
			t.Fatalf("seed %d: depth %d, explorer says %d", seed, b.Depth(), want)
		}
	}
	t.Logf("%d safe, %d unsafe", safe, unsafe)
	if safe < 1000 || unsafe < 1000 {
		t.Fatal("too few of one kind")
	}
}
