// Command bench writes a benchmark problem as an answer set program, for a peer to solve beside Vauban: see run.sh.
package main

import (
	"fmt"
	"os"

	"github.com/vauban-verifier/vauban/checker/bench/problem"
)

func main() {
	q, _ := problem.Asked()
	if err := problem.Write(os.Stdout, q); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
