package reach_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/checker/bench/problem"
	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/engine/reach"
	"github.com/vauban-verifier/vauban/checker/system"
)

func BenchmarkSolve(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000, 1_000_000} {
		q := problem.New(n, 0, 7)
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			for b.Loop() {
				if p, err := reach.Solve(context.Background(), q, reach.Options{}); err != nil || p.Holds == nil && len(p.Attacks) == 0 {
					b.Fatal(err, p.Incomplete)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/rule")
		})
	}
}

func BenchmarkPriced(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		q := problem.Priced(n, 7)
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			var p system.Proposal
			for b.Loop() {
				var err error
				if p, err = reach.Solve(context.Background(), q, reach.Options{}); err != nil || len(p.Attacks) == 0 {
					b.Fatal(err, p.Incomplete)
				}
			}
			b.ReportMetric(float64(p.AtLeast), "lower")
			trace, err := system.Replay(q, &p.Attacks[0])
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(trace.Cost), "upper")
			for range 3 {
				t := time.Now()
				if err := certify.Proposal(context.Background(), q, &p); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(time.Since(t).Seconds(), "s/certify")
			}
		})
	}
}

func BenchmarkLeastFailures(b *testing.B) {
	for _, n := range []struct{ rules, controls int }{{1_000, 120}, {10_000, 120}, {100_000, 120}, {1_000, 173}} {
		q := problem.New(n.rules, n.controls, 7)
		b.Run(fmt.Sprintf("rules=%d/controls=%d", n.rules, n.controls), func(b *testing.B) {
			for b.Loop() {
				set, least, _, run := reach.LeastFailures(context.Background(), q, reach.Options{})
				if run == nil || len(set) != least {
					b.Fatalf("%d, and at least %d", len(set), least)
				}
				b.ReportMetric(float64(len(set)), "failures")
			}
		})
	}
}

func BenchmarkCertify(b *testing.B) {
	q := problem.New(100_000, 120, 7)
	set, _, cert, run := reach.LeastFailures(context.Background(), q, reach.Options{})
	fewer := *q
	fewer.MaxFailures = len(set) - 1
	for b.Loop() {
		if err := certify.Certificate(context.Background(), &fewer, cert); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(cert.Cuts)), "cuts")
	q.MaxFailures = len(set)
	if _, err := certify.Attack(context.Background(), q, run); err != nil {
		b.Fatal(err)
	}
}
