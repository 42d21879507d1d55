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
	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/internal/format/aiger"
	"github.com/vauban-verifier/vauban/checker/internal/format/dimacs"
)

func main() {
	engine := flag.String("engine", "ic3", "ic3, bmc, turns (of the two, as a check takes them), or sat")
	depth := flag.Int("depth", 100, "how many steps bmc and turns look at")
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
	if engine == "turns" {
		fmt.Printf("%s %s, %v\n", filepath.Base(path), turns(b, ic3.New(file.Circuit, stop), depth, stop), time.Since(start).Round(time.Millisecond))
		return nil
	}
	st := cdcl.Unsat
	for st == cdcl.Unsat && b.Depth() < depth {
		st, _ = b.Next(1 << 40)
	}
	fmt.Printf("%s %s, depth %d, %d conflicts, %v\n", filepath.Base(path), []string{"unknown", "unsafe", "no violation"}[st], b.Depth(), b.Conflicts(), time.Since(start).Round(time.Millisecond))
	return nil
}

// turns says whether there is a violation in fewer steps than depth, by both engines: see package portfolio.
func turns(b *bmc.Checker, k *ic3.Checker, depth int, stop func() bool) string {
	for turn := int64(portfolio.FirstTurn); b.Depth() < depth && !stop(); turn *= 2 {
		for until := b.Conflicts() + turn; b.Depth() < depth && b.Conflicts() < until && !stop(); {
			if st, _ := b.Next(until - b.Conflicts()); st == cdcl.Sat {
				return fmt.Sprintf("unsafe, depth %d, %d conflicts", b.Depth(), b.Conflicts()+k.Conflicts())
			}
		}
		if b.Depth() >= depth {
			break
		}
		switch k.Run(portfolio.IC3Share * turn) {
		case ic3.Safe:
			return fmt.Sprintf("safe, depth %d, %d conflicts", b.Depth(), b.Conflicts()+k.Conflicts())
		case ic3.Unsafe:
			return fmt.Sprintf("unsafe, depth %d or more, %d conflicts", k.Depth(), b.Conflicts()+k.Conflicts())
		}
		b.Skip(k.Depth())
	}
	return fmt.Sprintf("no violation in fewer steps than %d, %d conflicts", b.Depth(), b.Conflicts()+k.Conflicts())
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
