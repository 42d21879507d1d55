// Command mutate says what the tests of the trusted code would notice: it changes one thing at a time (a condition is turned round, a conjunct dropped, a
// bound moved by one, a literal no longer negated, a statement left out) and runs the tests. A change that no test notices must stand, with its reason, in
// survivors.txt; it is an error if one does not.
//
//	go run ./checker/bench/mutate [-only certify] [-part RE] [-every K] [-jobs 2]
//
// All changes of a package are compiled into one test binary and chosen by an environment variable. Each test runs alone and without a change first, and tells which changes
// would have made a difference to what it runs: a conjunct counts only where it is false, a bound only where both sides are equal. A change is tried
// with the tests that tell of it, the nearest package first and there the quickest test, until one fails.
//
// # Limitations
//
// A test that takes eight times as much of a processor with a change as without, and two seconds more, counts as one that fails. It needs a POSIX shell. Two changes at once are
// not tried.
//
// Source: DeMillo, Lipton & Sayward, "Hints on test data selection", Computer 11(4), 1978; Untch, Offutt & Harrold, "Mutation analysis using mutant
// schemata", ISSTA 1993.
package main

import (
	"bufio"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const module = "github.com/vauban-verifier/vauban/"

// target is a package whose code is changed, with the tests that should notice, the nearest first.
type target struct {
	name  string
	dir   string
	files []string // nil: all
	tests []suite
}

// suite is some tests of a package. In its arguments DIR is a directory of this run.
type suite struct {
	dir   string
	run   string // which tests; all without it
	args  []string
	keeps bool // in DIR what they need not work out again
}

// grounding are the tests that hold what grounding makes to the language. What the language says is not changed, so the oracle is asked once.
func grounding(designs string) suite {
	return suite{"checker/oracle", "Grounding|Hostile", []string{"-designs", designs, "-answers", "DIR/answers" + designs}, true}
}

// heart are the files of package ground that make rules and questions: all but those that name what was made, survey threats and judge repairs, on which no verdict rests.
var heart = []string{
	"ground.go", "grounding.go", "join.go", "propose.go", "index.go", "notions.go", "eval.go", "state.go", "universe.go", "sums.go", "steps.go", "wire.go", "question.go", "bounds.go",
}

var targets = []target{
	{"certify", "checker/certify", nil, []suite{
		{"checker/certify", "", []string{"-questions", "700", "-puzzles", "20000"}, false},
		{"checker/system", "", nil, false},
	}},
	{"system", "checker/system", []string{"system.go", "replay.go"}, []suite{
		{"checker/system", "", nil, false},
		{"checker/ground/term", "", nil, false},
		{"checker/certify", "", []string{"-questions", "400", "-puzzles", "100"}, false},
		{"checker/judge", "", nil, false},
		grounding("40"),
	}},
	{"term", "checker/ground/term", nil, []suite{{"checker/ground/term", "", nil, false}, grounding("40")}},
	{"members", "checker/members", nil, []suite{{"checker/members", "", nil, false}, {"checker", "Member|One", nil, false}, grounding("40")}},
	{"ground", "checker/ground", heart, []suite{
		grounding("10"),
		{"checker/ground", "", nil, false},
		grounding("40"),
		{"checker", "Fields|Sentences|Bounds|Cashier|Coupon|Notification|Breaks|LargeInt|OneAmong|Cancelled", nil, false},
	}},
	{"log", "checker/ground", []string{"log.go"}, []suite{
		{"checker/conform", "Amount|Tolerated|Lost|Forced|Unobserved|Sources|Alerts|Next|AfterFailure|Hidden|Evidence|Recheck|Stopped", nil, false},
		{"checker/ground", "Log", nil, false},
		{"checker/oracle", "TestLogs", []string{"-designs", "150"}, false},
	}},
	{"judge", "checker/judge", nil, []suite{
		{"checker/judge", "", nil, false},
		{"checker", "Bounds|Cashier|Coupon|Notification|Breaks|Recheck|Closed|Cancelled", nil, false},
	}},
}

//go:embed survivors.txt
var explained string

// options are what is asked for.
type options struct {
	only, part  string
	jobs, every int
}

func main() {
	var o options
	flag.StringVar(&o.only, "only", "", "the target: certify, system, term, members, ground, log or judge; all without it")
	flag.IntVar(&o.jobs, "jobs", 2, "how many tests run at once")
	flag.StringVar(&o.part, "part", "", "only changes in files and functions that this regular expression matches")
	flag.IntVar(&o.every, "every", 1, "only every `k`-th change")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	match, err := regexp.Compile(o.part)
	if err != nil {
		return err
	}
	known := survivors(explained)
	unexplained := 0
	for _, t := range targets {
		if o.only != "" && o.only != t.name {
			continue
		}
		n, err := t.run(o, match, known)
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

// run tries all changes of a target, or every k-th, and returns how many of those that no test noticed are not explained.
func (t *target) run(o options, match *regexp.Regexp, known map[string]string) (unexplained int, err error) {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir) // nothing hangs on what is left
	mutants, overlay, err := instrument(dir, t)
	if err != nil {
		return 0, err
	}
	tests, err := t.prepare(dir, overlay)
	if err != nil {
		return 0, err
	}
	fmt.Printf("## %s: %d changes, %d tests\n", t.name, len(mutants), len(tests))
	results := make([]chan result, len(mutants))
	for i := range results {
		results[i] = make(chan result, 1)
	}
	next := make(chan int)
	go func() {
		defer close(next)
		for i := range mutants {
			next <- i
		}
	}()
	for range o.jobs {
		go func() {
			for i := range next {
				if match.MatchString(mutants[i].place()) && i%o.every == 0 {
					by, err := noticed(tests, mutants[i].id)
					results[i] <- result{by, err}
				}
				close(results[i])
			}
		}()
	}
	tried, by := 0, map[string]int{}
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
			by[r.by]++
			fmt.Printf("%s:%d | %s | %s\n", m.file, m.line, m, r.by)
		case known[m.String()] != "":
			by[""]++
			fmt.Printf("%s:%d | %s | explained: %s\n", m.file, m.line, m, known[m.String()])
		default:
			unexplained++
			fmt.Printf("%s:%d | %s | NOT NOTICED\n", m.file, m.line, m)
		}
	}
	fmt.Printf("## %s: %d of %d noticed, %d explained, %d neither\n", t.name, tried-by[""]-unexplained, tried, by[""], unexplained)
	for _, name := range slices.Sorted(maps.Keys(by)) {
		if name != "" {
			fmt.Printf("%6d %s\n", by[name], name)
		}
	}
	return unexplained, nil
}

// testCase is a test that passes without a change, with what it meets.
type testCase struct {
	suite
	binary string
	name   string
	took   time.Duration // of a processor
	met    map[int]bool  // the changes that would have made a difference to what it runs
}

func (c *testCase) String() string { return filepath.Base(c.dir) + "." + c.name }

// prepare makes the test binaries, one a package, and runs each test alone without a change. It returns the tests of one suite after the other, the quickest of each first.
func (t *target) prepare(dir string, overlay map[string]string) ([]*testCase, error) {
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(config, text, 0o600); err != nil {
		return nil, err
	}
	var out []*testCase
	for _, x := range t.tests {
		bin := filepath.Join(dir, strings.ReplaceAll(x.dir, "/", "-")+".test")
		if text, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", config, "-o", bin, module+x.dir).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%w\n%s", err, text)
		}
		names, err := exec.Command(bin, "-test.list", cmp.Or(x.run, ".")).Output()
		if err != nil {
			return nil, err
		}
		for i, a := range x.args {
			x.args[i] = strings.ReplaceAll(a, "DIR", dir)
		}
		var tests []*testCase
		for _, name := range strings.Fields(string(names)) {
			if !strings.HasPrefix(name, "Test") {
				continue
			}
			c := &testCase{suite: x, binary: bin, name: name, took: patience}
			if err := c.meet(filepath.Join(dir, "met")); err != nil {
				return nil, err
			}
			tests = append(tests, c)
		}
		slices.SortStableFunc(tests, func(a, b *testCase) int { return cmp.Compare(a.took, b.took) })
		out = append(out, tests...)
	}
	return out, nil
}

// meet runs the test without a change: how long it takes, and what it meets.
func (c *testCase) meet(file string) error {
	defer os.Remove(file) // the next test makes its own
	for i := range 2 {
		if i > 0 && !c.keeps {
			break
		}
		took, by, err := c.try(0, "VAUBAN_MUTANTS_MET="+file)
		switch {
		case err != nil:
			return err
		case by != "":
			return fmt.Errorf("a test fails without a change: %s", by)
		}
		c.took = took
	}
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	c.met = map[int]bool{}
	for _, line := range strings.Fields(string(text)) {
		k, err := strconv.Atoi(line)
		if err != nil {
			return err
		}
		c.met[k] = true
	}
	return nil
}

// How long a test may take with a change: some times as much of a processor as without one, and in all cases half an hour.
const (
	limited  = `ulimit -t "$1"; shift; exec "$@"`
	times    = 8
	patience = 30 * time.Minute
)

var failed = regexp.MustCompile(`--- FAIL: (\S+)`)

// noticed runs the tests that meet a change with it, and returns the first that fails; "" where none does.
func noticed(tests []*testCase, mutant int) (string, error) {
	for _, c := range tests {
		if !c.met[mutant] {
			continue
		}
		if _, by, err := c.try(mutant); err != nil || by != "" {
			return by, err
		}
	}
	return "", nil
}

// try runs the test with a change. It returns what of the test fails, "" where it passes.
func (c *testCase) try(mutant int, env ...string) (took time.Duration, by string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	seconds := strconv.Itoa(2 + int(times*c.took.Seconds()))
	cmd := exec.CommandContext(ctx, "sh", append([]string{"-c", limited, "sh", seconds, c.binary, "-test.failfast", "-test.parallel=1", "-test.run", "^" + c.name + "$"}, c.args...)...)
	cmd.Dir = c.dir
	cmd.Env = append(append(os.Environ(), fmt.Sprintf("VAUBAN_MUTANT=%d", mutant), "GOMEMLIMIT=1GiB"), env...)
	text, err := cmd.CombinedOutput()
	if err == nil {
		return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), "", nil
	}
	exit := (*exec.ExitError)(nil)
	switch names := failed.FindAllSubmatch(text, -1); {
	case ctx.Err() == nil && !errors.As(err, &exit):
		return 0, "", err
	case ctx.Err() != nil || len(names) == 0:
		return 0, c.String() + " (does not end, or panics)", nil
	default:
		return 0, c.String(), nil
	}
}
