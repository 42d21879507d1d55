package checker_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/export"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// peerTime is how long a peer may take for a case. What it does not settle is counted, and no failure.
const peerTime = 10 * time.Second

var everyCase = flag.Int("every-case", 8, "of how many cases of the examples one is given to the peers; 1: all")

// peer is a solver of others.
type peer struct {
	command, format string
	args            []string
	// read returns whether bad can be reached; the second result says that it is settled.
	read func(out string) (reached, ok bool)
}

var peers = []peer{
	{"berkeley-abc", "aiger", []string{"-q", "read_aiger FILE; pdr -T 10"}, func(out string) (bool, bool) {
		reached := strings.Contains(out, "was asserted")
		return reached, reached || strings.Contains(out, "Property proved")
	}},
	{"z3", "smt2", []string{"-T:10", "FILE"}, func(out string) (bool, bool) {
		out = strings.TrimSpace(out)
		return out == "unsat", out == "unsat" || out == "sat"
	}},
	{"cadical", "dimacs", []string{"-q", "-t", "10", "FILE"}, func(out string) (bool, bool) {
		reached := strings.Contains(out, "s SATISFIABLE")
		return reached, reached || strings.Contains(out, "s UNSATISFIABLE")
	}},
}

// TestPeersAgree gives the questions of all examples to solvers of others. The bounded one is asked for the length of the attack, or for a few steps
// where there is none.
func TestPeersAgree(t *testing.T) {
	t.Parallel()
	var paths []string
	for _, root := range []string{"../examples", "../../shared/spec/examples"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && filepath.Ext(path) == ".vbn" {
				paths = append(paths, path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range peers {
		t.Run(p.command, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(p.command); err != nil {
				t.Skipf("the peer is not installed: %v", err)
			}
			counts := map[string]int{}
			seen := 0
			for _, path := range paths {
				for what, n := range compare(t, p, path, &seen) {
					counts[what] += n
				}
			}
			t.Log(counts)
			if counts["reached"] < 3 || counts["not reached"] < 3 {
				t.Errorf("too few of one kind: %v", counts)
			}
		})
	}
}

// compare returns how many cases of a design a peer settled, and how.
func compare(t *testing.T, p peer, path string, seen *int) map[string]int {
	t.Helper()
	counts := map[string]int{}
	m := threats.Load(func(name string) (string, error) {
		b, err := os.ReadFile(name)
		return string(b), err
	}, []string{path}, &diag.List{})
	if m == nil || m.Design == nil {
		return counts
	}
	result, err := checker.Check(t.Context(), m, checker.Options{AsOf: "2026-11-24"})
	if err != nil {
		return counts // an example of what is wrong
	}
	for _, r := range result.Requirements {
		for i, c := range r.Cases {
			ask := func(depth int) (reached, ok bool) {
				var b bytes.Buffer
				if _, err := export.Question(t.Context(), &b, m, r.Source.Name, i+1, p.format, depth); err != nil {
					t.Errorf("%s: %s: %v", path, r.Source.Name, err)
					return false, false
				}
				return p.run(t, b.Bytes())
			}
			if *seen++; c.Verdict == checker.Unknown || *seen%*everyCase != 0 {
				continue
			}
			want := c.Verdict != checker.Holds
			if r.Source.Kind == models.Possible {
				if want {
					continue // perhaps only some decisions make it impossible
				}
				want = true
			}
			depth := 5
			switch {
			case c.Attack != nil:
				depth = len(c.Attack.Steps)
			case len(c.Runs) > 0:
				depth = len(c.Runs[0].Steps)
			}
			got, ok := ask(depth)
			switch {
			case !ok:
				counts["not settled"]++
				continue
			case got != want:
				t.Errorf("%s: %s, case %d: %s reached: %v, want %v", path, r.Source.Name, i+1, p.command, got, want)
			case got:
				counts["reached"]++
			default:
				counts["not reached"]++
			}
		}
	}
	return counts
}

func (p peer) run(t *testing.T, question []byte) (reached, ok bool) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "question")
	if p.format == "aiger" {
		file += ".aig"
	}
	if err := os.WriteFile(file, question, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*peerTime)
	defer cancel()
	var args []string
	for _, a := range p.args {
		args = append(args, strings.ReplaceAll(a, "FILE", file))
	}
	out, err := exec.CommandContext(ctx, p.command, args...).CombinedOutput()
	if e := (*exec.ExitError)(nil); err != nil && !errors.As(err, &e) {
		t.Fatal(err)
	}
	return p.read(string(out))
}
