// Command mutate says what the tests of the trusted code would notice: it changes one thing at a time (a condition is turned round, a conjunct dropped, a
// bound moved by one, a literal no longer negated, a statement left out) and runs the tests. A change that no test notices must stand, with its reason, in
// survivors.txt; it is an error if one does not.
//
//	go run ./checker/bench/mutate [-only certify] [-jobs 2]
//
// All changes of a package are compiled into one test binary and chosen by an environment variable, so that one costs what running the tests costs.
//
// # Limitations
//
// A change that makes tests take more than a minute of a processor counts as noticed. It needs a POSIX shell. Two changes at once are not tried.
//
// Source: DeMillo, Lipton & Sayward, "Hints on test data selection", Computer 11(4), 1978; Untch, Offutt & Harrold, "Mutation analysis using mutant
// schemata", ISSTA 1993.
package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

const module = "github.com/vauban-verifier/vauban/"

// target is a package whose code is changed, with the tests that should notice, the quickest first.
type target struct {
	name  string
	dir   string
	files []string // nil: all
	tests []test
}

type test struct {
	dir  string
	args []string
}

var targets = []target{
	{"certify", "checker/certify", nil, []test{
		{"checker/certify", []string{"-questions", "700", "-puzzles", "6000"}},
		{"checker/system", nil},
	}},
	{"system", "checker/system", []string{"system.go", "replay.go"}, []test{
		{"checker/ground/term", nil},
		{"checker/certify", []string{"-questions", "400", "-puzzles", "100"}},
		{"checker/system", nil},
		{"checker/oracle", []string{"-designs", "40"}},
	}},
	{"term", "checker/ground/term", nil, []test{{"checker/ground/term", nil}, {"checker/oracle", []string{"-designs", "40"}}}},
	{"ground", "checker/ground", []string{"eval.go", "state.go", "steps.go", "wire.go", "bounds.go", "question.go", "universe.go"}, []test{
		{"checker/ground", nil},
		{"checker/oracle", []string{"-designs", "60"}},
		{"checker", []string{"-test.run", "Fields|Sentences|Bounds|Cashier|Coupon|Notification|Breaks|LargeInt|Designs"}},
	}},
	{"judge", "checker/judge", nil, []test{
		{"checker/judge", nil},
		{"checker", []string{"-test.run", "Bounds|Cashier|Coupon|Notification|Breaks|Recheck|Closed|Cancelled"}},
	}},
}

//go:embed survivors.txt
var explained string

func main() {
	only := flag.String("only", "", "the target: certify, system, term, ground or judge; all without it")
	jobs := flag.Int("jobs", 2, "how many tests run at once")
	part := flag.String("part", "", "only changes in files and functions that this regular expression matches")
	flag.Parse()
	if err := run(*only, *jobs, *part); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(only string, jobs int, part string) error {
	match, err := regexp.Compile(part)
	if err != nil {
		return err
	}
	known := survivors(explained)
	unexplained := 0
	for _, t := range targets {
		if only != "" && only != t.name {
			continue
		}
		n, err := t.run(jobs, match, known)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		unexplained += n
	}
	if unexplained > 0 {
		return fmt.Errorf("%d changes were not noticed and are not explained in survivors.txt", unexplained)
	}
	return nil
}

// survivors reads the changes that are explained: lines of what and why, separated by " : ".
func survivors(text string) map[string]string {
	out := map[string]string{}
	for s := bufio.NewScanner(strings.NewReader(text)); s.Scan(); {
		if what, why, ok := strings.Cut(s.Text(), " : "); ok && !strings.HasPrefix(what, "#") {
			out[strings.TrimSpace(what)] = strings.TrimSpace(why)
		}
	}
	return out
}

// result is which test noticed a change.
type result struct {
	by  string
	err error
}

// run tries all changes of a target and returns how many of those that no test noticed are not explained.
func (t *target) run(jobs int, match *regexp.Regexp, known map[string]string) (unexplained int, err error) {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir) // nothing hangs on what is left
	mutants, overlay, err := instrument(dir, t)
	if err != nil {
		return 0, err
	}
	binaries, err := t.build(dir, overlay)
	if err != nil {
		return 0, err
	}
	if by, err := t.noticed(binaries, 0); err != nil || by != "" {
		return 0, fmt.Errorf("the tests fail without a change: %s %w", by, err)
	}
	fmt.Printf("## %s: %d changes\n", t.name, len(mutants))
	results := make([]chan result, len(mutants))
	slots := make(chan struct{}, jobs)
	for i, m := range mutants {
		results[i] = make(chan result, 1)
		if !match.MatchString(m.place()) {
			close(results[i])
			continue
		}
		go func() {
			slots <- struct{}{}
			by, err := t.noticed(binaries, m.id)
			results[i] <- result{by, err}
			<-slots
		}()
	}
	tried, noticed := 0, 0
	for i, m := range mutants {
		r, ok := <-results[i]
		if !ok {
			continue
		}
		tried++
		switch {
		case r.err != nil:
			return 0, r.err
		case r.by != "":
			noticed++
			fmt.Printf("%s:%d | %s | %s\n", m.file, m.line, m, r.by)
		case known[m.String()] != "":
			fmt.Printf("%s:%d | %s | explained: %s\n", m.file, m.line, m, known[m.String()])
		default:
			unexplained++
			fmt.Printf("%s:%d | %s | NOT NOTICED\n", m.file, m.line, m)
		}
	}
	fmt.Printf("## %s: %d of %d noticed, %d explained, %d neither\n", t.name, noticed, tried, tried-noticed-unexplained, unexplained)
	return unexplained, nil
}

// build makes the test binaries, one a package.
func (t *target) build(dir string, overlay map[string]string) (map[string]string, error) {
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(config, text, 0o600); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, x := range t.tests {
		if out[x.dir] != "" {
			continue
		}
		bin := filepath.Join(dir, strings.ReplaceAll(x.dir, "/", "-")+".test")
		if text, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", config, "-o", bin, module+x.dir).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%w\n%s", err, text)
		}
		out[x.dir] = bin
	}
	return out, nil
}

// How long tests may take with a change: a minute of a processor, whatever else it does, and in all cases some minutes.
const (
	limited  = `ulimit -t 60; exec "$0" "$@"`
	patience = 5 * time.Minute
)

var failed = regexp.MustCompile(`--- FAIL: (\S+)`)

// noticed runs the tests with a change, and returns which of them failed; "" where none did.
func (t *target) noticed(binaries map[string]string, mutant int) (string, error) {
	for _, x := range t.tests {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		cmd := exec.CommandContext(ctx, "sh", append([]string{"-c", limited, binaries[x.dir], "-test.failfast", "-test.parallel=1"}, x.args...)...)
		cmd.Dir = x.dir
		cmd.Env = append(os.Environ(), fmt.Sprintf("VAUBAN_MUTANT=%d", mutant), "GOMEMLIMIT=1GiB")
		text, err := cmd.CombinedOutput()
		if err == nil {
			continue
		}
		exit := (*exec.ExitError)(nil)
		switch names := failed.FindAllSubmatch(text, -1); {
		case ctx.Err() != nil:
			return filepath.Base(x.dir) + " (no end)", nil
		case !errors.As(err, &exit):
			return "", err
		case len(names) > 0:
			return filepath.Base(x.dir) + "." + string(names[len(names)-1][1]), nil
		default:
			return filepath.Base(x.dir) + " (panic)", nil
		}
	}
	return "", nil
}
