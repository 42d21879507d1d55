// Command table measures what large designs, costs and processes take, and prints a table in Markdown: processor time and memory, the median of several
// runs of each row, beside a peer that is installed where there is one.
//
//	go run ./checker/bench/table [-runs 3] [-only REGEXP] [-limit 5m]
//
// # Limitations
//
// Linux alone, as the memory is that of its resource usage. What takes longer than the limit has no figure.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/vauban-verifier/vauban/checker/bench/orders"
	"github.com/vauban-verifier/vauban/checker/bench/problem"
	"github.com/vauban-verifier/vauban/checker/system"
)

// row is one thing to measure.
type row struct {
	name  string
	shop  []string // flags of shopgen, or:
	text  string   // a design, or:
	solve []string // arguments of bench/solve
	peer  func(dir string) []string
}

func rows() []row {
	var out []row
	for _, secure := range []bool{false, true} {
		for _, of := range []struct {
			shape string
			n     int
		}{
			{"layers", 1000},
			{"layers", 4000},
			{"flat", 4000},
			{"mesh", 4000},
			{"nested", 400},
			{"attackers", 200},
			{"party", 1000},
			{"wide", 10_000},
		} {
			r := row{name: fmt.Sprintf("%s %d, as first drawn", of.shape, of.n), shop: []string{"-shape", of.shape, "-n", strconv.Itoa(of.n)}}
			if secure {
				r.name, r.shop = fmt.Sprintf("%s %d, with controls", of.shape, of.n), append(r.shop, "-secure")
			}
			out = append(out, r)
		}
	}
	for _, n := range []int{1000, 10_000, 100_000} {
		out = append(out, row{
			name: fmt.Sprintf("a cost on each of %d rules", n), solve: []string{"-rules", strconv.Itoa(n), "-priced"},
			peer: func(dir string) []string {
				return asp(filepath.Join(dir, "priced.lp"), problem.Priced(n, seed))
			},
		})
	}
	for _, n := range []int{600, 1800} {
		out = append(out, row{
			name: fmt.Sprintf("least failures of %d controls over 10000 rules", n), solve: []string{"-rules", "10000", "-controls", strconv.Itoa(n)},
			peer: func(dir string) []string {
				return asp(filepath.Join(dir, "failures.lp"), problem.New(10_000, n, seed))
			},
		})
	}
	for _, n := range []int{6, 30} {
		out = append(out, row{name: fmt.Sprintf("two workers and a stock up to %d", n), text: orders.Counters(n)})
	}
	for _, n := range []int{8, 16, 32, 64} {
		out = append(out, row{name: fmt.Sprintf("%d orders and a desk", n), text: orders.Design(n, true)})
	}
	return out
}

// seed is that of the problems.
const seed = 7

// asp writes a question for clingo, and returns the command.
func asp(path string, q *system.Question) []string {
	f, err := os.Create(path)
	must(err)
	must(problem.Write(f, q))
	must(f.Close())
	return []string{"clingo", "--opt-strategy=usc,k", "--quiet=2,2,2", path}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
}

// run measures a command: seconds of processor time, MB, and what it wrote; ok is false where it was stopped.
func run(limit time.Duration, command []string) (cpu float64, memory int64, output string, ok bool) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	text, err := c.Output()
	if _, exit := err.(*exec.ExitError); err != nil && !exit {
		must(err)
	}
	usage := c.ProcessState.SysUsage().(*syscall.Rusage)
	return (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds(), usage.Maxrss >> 10, string(text), ctx.Err() == nil
}

// measure returns the medians of several runs, and what the last one said.
func measure(runs int, limit time.Duration, command []string) (cpu, memory, said string) {
	var times []float64
	var sizes []int64
	for range runs {
		t, m, text, ok := run(limit, command)
		if !ok {
			return fmt.Sprintf("over %.0f", limit.Seconds()), "", ""
		}
		times, sizes, said = append(times, t), append(sizes, m), text
	}
	slices.Sort(times)
	slices.Sort(sizes)
	return fmt.Sprintf("%.2f", times[runs/2]), strconv.FormatInt(sizes[runs/2], 10), said
}

// summary is the line of an answer that says what came of it: how many requirements have which verdict, or the last one.
func summary(said string) string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, " requirements: ") })
	if at < 0 {
		at = len(lines) - 1
	}
	line, _, _ := strings.Cut(lines[at], " · ")
	return line
}

func main() {
	runs := flag.Int("runs", 3, "runs of each row")
	only := flag.String("only", "", "rows whose name matches a regular expression")
	limit := flag.Duration("limit", 5*time.Minute, "of each run, by the clock")
	flag.Parse()
	pattern, err := regexp.Compile(*only)
	must(err)
	dir, err := os.MkdirTemp("", "table")
	must(err)
	defer os.RemoveAll(dir)
	build := exec.Command("go", "build", "-o", dir+"/", "./cmd/vauban", "./checker/bench/shopgen", "./checker/bench/solve")
	build.Stderr = os.Stderr
	must(build.Run())
	fmt.Println("| what | CPU s | MB | answer | peer, CPU s |\n| --- | --- | --- | --- | --- |")
	for _, r := range rows() {
		if !pattern.MatchString(r.name) {
			continue
		}
		design := filepath.Join(dir, "design.vbn")
		command := []string{filepath.Join(dir, "vauban"), "check", design}
		switch {
		case r.solve != nil:
			command = append([]string{filepath.Join(dir, "solve")}, r.solve...)
		case r.shop != nil:
			text, err := exec.Command(filepath.Join(dir, "shopgen"), r.shop...).Output()
			must(err)
			must(os.WriteFile(design, text, 0o600))
		default:
			must(os.WriteFile(design, []byte(r.text), 0o600))
		}
		cpu, memory, said := measure(*runs, *limit, command)
		peer := ""
		if r.peer != nil {
			beside := r.peer(dir)
			if _, err := exec.LookPath(beside[0]); err == nil {
				peer, _, _ = measure(1, *limit, beside)
				peer = beside[0] + " " + peer
			}
		}
		fmt.Printf("| %s | %s | %s | %s | %s |\n", r.name, cpu, memory, cmp.Or(summary(said), "none"), peer)
	}
}
