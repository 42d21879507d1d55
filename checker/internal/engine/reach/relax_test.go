package reach

import (
	"testing"

	"github.com/vauban-verifier/vauban/checker/bench/problem"
)

func BenchmarkFixpoint(b *testing.B) {
	p := compile(problem.New(200_000, 0, 7), nil)
	x := newFixpoint(p)
	b.ResetTimer()
	for b.Loop() {
		x.undo(0)
		for _, a := range p.start {
			x.turnOn(a)
		}
		for c := range p.rule {
			if x.need[c] == 0 {
				x.fire(int32(c))
			}
		}
		x.propagate()
	}
	b.ReportMetric(float64(len(x.trail)), "atoms")
}
