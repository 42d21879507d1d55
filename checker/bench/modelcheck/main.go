// Command modelcheck runs one engine on an AIGER file, or the solver that they use on a DIMACS file, for comparison with a peer on the same file: see ../table.
//
// # Limitations
//
// It says how it went and writes no evidence.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/vauban-verifier/vauban/checker/internal/engine/bmc"
	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
	"github.com/vauban-verifier/vauban/checker/internal/engine/ic3"
	"github.com/vauban-verifier/vauban/checker/internal/format/aiger"
	"github.com/vauban-verifier/vauban/checker/internal/format/dimacs"
)

func main() {
	engine := flag.String("engine", "ic3", "ic3, bmc, or sat")
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
	if engine == "sat" {
		return solve(in)
	}
	file, err := aiger.Read(in)
	if err != nil {
		return err
	}
	start := time.Now()
	stop := func() bool { return time.Since(start) > limit }
	if engine == "ic3" {
		k := ic3.New(file.Circuit, stop)
		verdict := []string{"unknown", "safe", "unsafe"}[k.Run(1<<40)]
		fmt.Printf("%s %s, %d clauses, depth %d, %d conflicts, %v\n", filepath.Base(path), verdict, len(k.Invariant()), k.Depth(), k.Conflicts(), time.Since(start).Round(time.Millisecond))
		return nil
	}
	b := bmc.New(file.Circuit, stop)
	st := cdcl.Unsat
	for st == cdcl.Unsat && b.Depth() < depth {
		st, _ = b.Next(1 << 40)
	}
	fmt.Printf("%s %s, depth %d, %d conflicts, %v\n", filepath.Base(path), []string{"unknown", "unsafe", "no violation"}[st], b.Depth(), b.Conflicts(), time.Since(start).Round(time.Millisecond))
	return nil
}

func solve(in io.Reader) error {
	f, err := dimacs.Read(in)
	if err != nil {
		return err
	}
	s := cdcl.New()
	vars := make([]cdcl.Lit, f.Variables+1)
	for v := 1; v < len(vars); v++ {
		vars[v] = s.NewVar()
	}
	for _, c := range f.Clauses {
		var clause []cdcl.Lit
		for _, l := range c {
			if l > 0 {
				clause = append(clause, vars[l])
			} else {
				clause = append(clause, vars[-l].Not())
			}
		}
		s.AddClause(clause...)
	}
	s.Limit = 1 << 40
	fmt.Printf("%s, %d conflicts\n", []string{"unknown", "satisfiable", "unsatisfiable"}[s.Solve(nil)], s.Conflicts)
	return nil
}
