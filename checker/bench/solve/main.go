// Command solve answers a benchmark problem, and says between what bounds the answer lies: see package problem.
//
// # Limitations
//
// Those of package problem.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/vauban-verifier/vauban/checker/bench/problem"
	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/engine/reach"
	"github.com/vauban-verifier/vauban/checker/system"
)

func main() {
	q, priced := problem.Asked()
	answer := failures
	if priced {
		answer = costs
	}
	if err := answer(q); err != nil {
		fmt.Fprintln(os.Stderr, "solve:", err)
		os.Exit(1)
	}
}

func costs(q *system.Question) error {
	p, err := reach.Solve(context.Background(), q, reach.Options{})
	if err != nil {
		return err
	}
	if err := certify.Proposal(context.Background(), q, &p); err != nil {
		return err
	}
	trace, err := system.Replay(q, &p.Attacks[0])
	if err == nil {
		fmt.Printf("%d to %d\n", p.AtLeast, trace.Cost)
	}
	return err
}

func failures(q *system.Question) error {
	set, _, _, err := reach.LeastFailures(context.Background(), q, reach.Options{})
	if err == nil {
		fmt.Println(len(set))
	}
	return err
}
