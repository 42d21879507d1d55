// Command modelcheck runs one engine on an AIGER file, for comparison with a peer on the same file: see ../peers.sh.
//
// # Limitations
//
// It says how it went and writes no evidence.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/vauban-verifier/vauban/checker/internal/engine/bmc"
	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
	"github.com/vauban-verifier/vauban/checker/internal/engine/ic3"
	"github.com/vauban-verifier/vauban/checker/internal/format/aiger"
)

func main() {
	engine := flag.String("engine", "ic3", "ic3 or bmc")
	depth := flag.Int("depth", 100, "how many steps bmc looks at")
	seconds := flag.Int("seconds", 60, "when to give up")
	flag.Parse()
	if err := run(*engine, *depth, time.Duration(*seconds)*time.Second, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(engine string, depth int, limit time.Duration, path string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	file, err := aiger.Read(in)
	if err != nil {
		return err
	}
	start := time.Now()
	stop := func() bool { return time.Since(start) > limit }
	if engine == "ic3" {
		k := ic3.New(file.Circuit, stop)
		verdict := []string{"unknown", "safe", "unsafe"}[k.Run(1<<40)]
		fmt.Printf("%s %s, %d clauses, depth %d, %d conflicts, %v\n", path, verdict, len(k.Invariant()), k.Depth(), k.Conflicts(), time.Since(start).Round(time.Millisecond))
		return nil
	}
	b := bmc.New(file.Circuit, stop)
	st := cdcl.Unsat
	for st == cdcl.Unsat && b.Depth() < depth {
		st, _ = b.Next(1 << 40)
	}
	fmt.Printf("%s %s, depth %d, %d conflicts, %v\n", path, []string{"unknown", "unsafe", "no violation"}[st], b.Depth(), b.Conflicts(), time.Since(start).Round(time.Millisecond))
	return nil
}
