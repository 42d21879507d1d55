package checker_test

import (
	"runtime"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/bench/shop"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/threats"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// wide reads a wide design of so many components.
func wide(tb testing.TB, components int, secure bool) *threats.Model {
	tb.Helper()
	text, err := shop.Design(shop.Plan{Shape: "wide", Size: components, Secure: secure})
	if err != nil {
		tb.Fatal(err)
	}
	return threatstest.Load(tb, func(string) (string, error) { return text, nil }, "wide.vbn")
}

// memory is what something takes, in bytes.
type memory struct{ held, allocated uint64 }

// taken measures what f makes, and everything that it allocates on the way.
func taken(f func() any) memory {
	var before, after runtime.MemStats
	collect := func() { // the second time, what pools held
		runtime.GC()
		runtime.GC()
	}
	collect()
	runtime.ReadMemStats(&before)
	made := f()
	runtime.ReadMemStats(&after)
	allocated := after.TotalAlloc - before.TotalAlloc
	collect()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(made)
	return memory{after.HeapAlloc - before.HeapAlloc, allocated}
}

// TestBytesForEachComponent bounds what a component of a large design takes: while it is held, and in all that is allocated on the way, which is what the collector has to do. What a design of
// no components takes is left out, as two sizes are compared.
func TestBytesForEachComponent(t *testing.T) {
	alone(t)
	const n = 1000
	steps := []struct {
		what           string
		held, allocate uint64 // at the most
	}{
		{"the design", 2_700, 31_000},
		{"its grounding", 4_300, 14_500},
		{"a check", 6_450, 32_000},
	}
	measure := func(components int) []memory {
		var m *threats.Model
		var g *ground.Grounding
		var out []memory
		out = append(out, taken(func() any { m = wide(t, components, true); return m }))
		out = append(out, taken(func() any {
			var err error
			if g, err = ground.Ground(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			return g
		}))
		g = nil
		out = append(out, taken(func() any {
			r, err := checker.Check(t.Context(), m, checker.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}))
		return out
	}
	measure(10) // catalogues are read once in a process
	one, two := measure(n), measure(2*n)
	for i, s := range steps {
		held, allocated := (two[i].held-one[i].held)/n, (two[i].allocated-one[i].allocated)/n
		t.Logf("%s: %d bytes held for each component, %d allocated", s.what, held, allocated)
		if held > s.held || allocated > s.allocate {
			t.Errorf("%s takes %d bytes for each component, at most %d expected, and %d are allocated on the way, at most %d expected", s.what, held, s.held, allocated, s.allocate)
		}
	}
}

// BenchmarkGround grounds a design of 10,000 components.
func BenchmarkGround(b *testing.B) {
	m := wide(b, 10_000, true)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ground.Ground(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
}
