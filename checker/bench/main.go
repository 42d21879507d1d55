// Command bench writes a benchmark problem as an answer set program, for a peer to solve beside Vauban: see run.sh.
//
// # Limitations
//
// Only the least number of failures is exported.
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
	seed := flag.Int64("seed", 7, "seed")
	flag.Parse()
	if err := problem.Write(os.Stdout, problem.New(*rules, *controls, *seed)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
