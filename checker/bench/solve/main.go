// Command solve answers a benchmark problem, and says between what bounds the answer lies: see package problem.
//
// # Limitations
//
// Those of package problem.
package main

import (
	"context"
	"errors"
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

// patience is for the least failures: by then there are bounds, if not the number.
var patience = reach.Effort{Visits: 20e6, Conflicts: 50_000, Looks: 50e6}

func failures(q *system.Question) error {
	set, least, proof, run := reach.LeastFailures(context.Background(), q, reach.Options{Any: patience})
	if run == nil {
		return errors.New("no attack was found")
	}
	all, fewer := *q, *q
	all.MaxFailures, fewer.MaxFailures = len(set), least-1
	if _, err := certify.Attack(context.Background(), &all, run); err != nil {
		return err
	}
	proved := "proved"
	if err := certify.Certificate(context.Background(), &fewer, proof); errors.Is(err, certify.ErrLimit) {
		proved = "too hard to check"
	} else if err != nil {
		return err
	}
	fmt.Printf("%d to %d, %s\n", least, len(set), proved)
	return nil
}
