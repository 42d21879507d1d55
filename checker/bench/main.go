// Command bench writes a benchmark problem as an answer set program, for a peer to solve beside Vauban: see run.sh.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/vauban-verifier/vauban/checker/bench/problem"
)

func main() {
	rules := flag.Int("rules", 100_000, "ground rules")
	controls := flag.Int("controls", 120, "controls that may fail")
	priced := flag.Bool("priced", false, "a cost on every rule, instead of controls")
	seed := flag.Int64("seed", 7, "seed")
	flag.Parse()
	q := problem.New(*rules, *controls, *seed)
	if *priced {
		q = problem.Priced(*rules, *seed)
	}
	if err := problem.Write(os.Stdout, q); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
