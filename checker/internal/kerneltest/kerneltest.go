// Package kerneltest is what tests of solvers and model checkers share: random circuits, and the files that they compare with.
//
// # Limitations
//
// The files are beside the checkout and not part of it: tests that use them skip where they are not there.
package kerneltest

import (
	"math/rand"
	"os"
	"path/filepath"
	"testing"

	"github.com/vauban-verifier/vauban/checker/internal/engine/circuit"
)

// Circuit returns a small circuit with all kinds of latches and gates, and sometimes a constraint.
func Circuit(rng *rand.Rand) *circuit.Circuit {
	c := circuit.New()
	lits := []circuit.Lit{circuit.True}
	latches := 1 + rng.Intn(6)
	for range latches {
		lits = append(lits, c.Latch(circuit.Init(rng.Intn(8)%3)))
	}
	for range rng.Intn(4) {
		lits = append(lits, c.Input())
	}
	pick := func() circuit.Lit { return lits[rng.Intn(len(lits))] ^ circuit.Lit(rng.Intn(2)) }
	choice := func(s, a, b circuit.Lit) circuit.Lit { return c.Or(c.And(s, a), c.And(s.Not(), b)) }
	for range 5 + rng.Intn(25) {
		l := c.And(pick(), pick())
		switch a := pick(); rng.Intn(8) {
		case 0:
			l = choice(pick(), a, a.Not())
		case 1:
			l = choice(pick(), a, pick())
		}
		lits = append(lits, l)
	}
	for i := range c.Latches {
		if rng.Intn(6) > 0 {
			c.Latches[i].Next = pick()
		}
	}
	c.Bad = c.And(pick(), pick())
	if rng.Intn(3) == 0 {
		c.Constraints = append(c.Constraints, c.Or(pick(), pick()))
	}
	return c
}

// Dir is a folder of test files beside the checkout, for a test of a package of checker/internal/format. Without it the test is skipped.
func Dir(tb testing.TB, name string) string {
	tb.Helper()
	dir := filepath.Join("..", "..", "..", "..", "..", "shared", "data", "kernel", name)
	if _, err := os.Stat(dir); err != nil {
		tb.Skipf("the test files are not there: %v", err)
	}
	return dir
}
