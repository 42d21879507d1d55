// Command table measures all that Vauban is to be fast at, and prints a table in Markdown: processor time and memory, the median of several runs of each row, beside the peers that are installed
// (clingo, berkeley-abc, cadical, z3), and beside what it is held to. Everything that is measured is generated.
//
//	go run ./checker/bench/table [-runs 3] [-only REGEXP] [-limit 5m] [-aiger DIR]
//
// # Limitations
//
// Linux alone, as the memory is that of its resource usage, in which no process has less than the one that started it. What takes longer than the limit has no figure, and so has no peer that is not installed. Other work on the machine makes figures larger, processor time too.
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
	name, bar string
	command   func(dir string) []string   // writes what it needs into the directory
	peers     func(dir string) [][]string // the same for others, after command
}

// seed is that of the problems.
const seed = 7

func rows(aiger string) []row {
	return slices.Concat(shops(), problems(), processes(), circuits(), formulas(), others(aiger))
}

// shops are designs in all shapes.
func shops() []row {
	var out []row
	for _, secure := range []bool{false, true} {
		for _, of := range []struct {
			shape string
			n     int
			bar   string
		}{
			{"layers", 1000, "3 s"},
			{"layers", 4000, "10 s"},
			{"flat", 4000, "10 s"},
			{"mesh", 4000, "10 s"},
			{"nested", 400, "10 s"},
			{"attackers", 200, "10 s"},
			{"party", 1000, "10 s"},
			{"hub", 4000, "as flat"},
			{"broker", 2000, "linear"},
			{"provider", 4000, "linear"},
			{"admin", 2000, "linear"},
			{"backup", 2000, "linear"},
			{"cache", 1000, "linear"},
			{"carrier", 2000, "linear"},
			{"cdn", 2000, "linear"},
			{"credential", 2000, "linear"},
			{"data", 2000, "linear"},
			{"gateway", 2000, "linear"},
			{"host", 2000, "linear"},
			{"key", 2000, "linear"},
			{"log", 2000, "linear"},
			{"login", 2000, "linear"},
			{"mail", 2000, "linear"},
			{"names", 2000, "linear"},
			{"pipeline", 2000, "linear"},
			{"proxied", 1000, "linear"},
			{"secrets", 2000, "linear"},
			{"store", 1000, "linear"},
			{"wide", 10_000, "2.5 s, 300 MB (with controls)"},
			{"wide", 100_000, "25 s, 2 GB (with controls)"},
		} {
			flags, how := []string{"-shape", of.shape, "-n", strconv.Itoa(of.n)}, "as first drawn"
			if secure {
				flags, how = append(flags, "-secure"), "with controls"
			}
			out = append(out, row{name: fmt.Sprintf("%s %d, %s", of.shape, of.n, how), bar: of.bar, command: func(dir string) []string {
				text, err := exec.Command(filepath.Join(dir, "shopgen"), flags...).Output()
				must(err)
				return check(dir, string(text))
			}})
		}
	}
	return out
}

// problems are about costs and failures alone.
func problems() []row {
	var out []row
	priced := func(n int, seed int64, bar string) {
		out = append(out, row{
			name: fmt.Sprintf("a cost on each of %d rules (seed %d)", n, seed), bar: bar,
			command: func(dir string) []string {
				return []string{filepath.Join(dir, "solve"), "-rules", strconv.Itoa(n), "-priced", "-seed", strconv.FormatInt(seed, 10)}
			},
			peers: func(dir string) [][]string { return asp(dir, problem.Priced(n, seed)) },
		})
	}
	priced(1000, seed, "closed as fast as clingo")
	priced(1000, 3, "closed as fast as clingo")
	priced(10_000, seed, "bounds in 2 s, within 10 % in 10 s")
	priced(100_000, seed, "bounds in 10 s")
	for _, of := range [][2]int{{1000, 173}, {100_000, 120}, {10_000, 600}, {10_000, 1800}} {
		out = append(out, row{
			name: fmt.Sprintf("least failures of %d controls over %d rules", of[1], of[0]), bar: "200 MB, ahead of clingo",
			command: func(dir string) []string {
				return []string{filepath.Join(dir, "solve"), "-rules", strconv.Itoa(of[0]), "-controls", strconv.Itoa(of[1]), "-seed", strconv.Itoa(seed)}
			},
			peers: func(dir string) [][]string { return asp(dir, problem.New(of[0], of[1], seed)) },
		})
	}
	return out
}

// processes are designs of workflows.
func processes() []row {
	var out []row
	design := func(name, bar, text string) {
		out = append(out, row{name: name, bar: bar, command: func(dir string) []string { return check(dir, text) }})
	}
	for _, n := range []int{6, 30} {
		design(fmt.Sprintf("two workers and a stock up to %d", n), "1 s, proved", orders.Counters(n))
	}
	for _, n := range []int{8, 20} {
		design(fmt.Sprintf("a ledger of %d orders", n), "15 s, proved or a bound", orders.Ledger(n))
	}
	for _, n := range []int{8, 24, 48} {
		design(fmt.Sprintf("a stock of 10 for %d orders", n), "15 s, proved", orders.Stock(n, 10))
	}
	for _, n := range []int{8, 16} {
		design(fmt.Sprintf("20 points of %d accounts", n), "15 s, proved", orders.Points(n, 20))
	}
	for _, n := range []int{6, 20} {
		design(fmt.Sprintf("a drawer of %d orders", n), "15 s, proved", orders.Drawer(n))
	}
	for _, n := range []int{8, 16, 32, 64, 128} {
		design(fmt.Sprintf("%d orders and a desk", n), "2 × the engine", orders.Design(n, true))
	}
	return out
}

// circuits are questions about workflows as others read them: engine beside engine.
func circuits() []row {
	var out []row
	export := func(dir string, n int) string {
		file := filepath.Join(dir, "orders.aig")
		must(exec.Command(filepath.Join(dir, "vauban"), "export", "--requirement", "NeverForFree", "--out", file, written(dir, orders.Design(n, true))).Run())
		return file
	}
	for _, n := range []int{8, 16, 32, 64, 128} {
		out = append(out, row{
			name: fmt.Sprintf("IC3, %d orders", n), bar: "ahead of pdr",
			command: func(dir string) []string { return []string{filepath.Join(dir, "modelcheck"), export(dir, n)} },
			peers:   func(dir string) [][]string { return abc(filepath.Join(dir, "orders.aig"), "pdr -T 100") },
		})
	}
	for _, n := range []int{8, 16, 32} {
		for _, depth := range []int{6, 9} {
			out = append(out, row{
				name: fmt.Sprintf("BMC to %d steps, %d orders", depth, n), bar: "half of bmc3",
				command: func(dir string) []string {
					return []string{filepath.Join(dir, "modelcheck"), "-engine", "bmc", "-depth", strconv.Itoa(depth), "-seconds", "100", export(dir, n)}
				},
				peers: func(dir string) [][]string {
					return abc(filepath.Join(dir, "orders.aig"), fmt.Sprintf("bmc3 -F %d -T 100", depth))
				},
			}, row{
				name: fmt.Sprintf("BMC and IC3 in turns to %d steps, %d orders", depth, n), bar: "half of bmc3",
				command: func(dir string) []string {
					return []string{filepath.Join(dir, "modelcheck"), "-engine", "turns", "-depth", strconv.Itoa(depth), "-seconds", "100", export(dir, n)}
				},
				peers: func(dir string) [][]string {
					return abc(filepath.Join(dir, "orders.aig"), fmt.Sprintf("bmc3 -F %d -T 100", depth))
				},
			})
		}
	}
	return out
}

// formulas are what the solver is asked without any engine around it.
func formulas() []row {
	return []row{{
		name: "a random formula, 200 variables, 1000 clauses", bar: "–",
		command: func(dir string) []string {
			file := filepath.Join(dir, "random.cnf")
			must(os.WriteFile(file, problem.Formula(200, 1000, seed), 0o600))
			return []string{filepath.Join(dir, "modelcheck"), "-engine", "sat", file}
		},
		peers: func(dir string) [][]string {
			file := filepath.Join(dir, "random.cnf")
			return [][]string{{"cadical", "-q", "-n", file}, {"z3", "-dimacs", file}}
		},
	}}
}

// others are the AIGER files of a directory.
func others(dir string) []row {
	if dir == "" {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.aig"))
	must(err)
	var out []row
	for _, f := range files {
		for _, engine := range [][2]string{{"ic3", "pdr -T 60"}, {"bmc", "bmc3 -F 100 -T 60"}} {
			out = append(out, row{
				name: engine[0] + ", " + filepath.Base(f), bar: "–",
				command: func(dir string) []string { return []string{filepath.Join(dir, "modelcheck"), "-engine", engine[0], f} },
				peers:   func(string) [][]string { return abc(f, "fold; orpos; "+engine[1]) },
			})
		}
	}
	return out
}

// partSize is what a file of a design has, so that it is not too large to be read: a file may have 16 MB.
const partSize = 8 << 20

// written writes a design of one declaration a line, and returns where. What is larger than one file may be is in others, which it includes.
func written(dir, text string) string {
	file := filepath.Join(dir, "design.vbn")
	for n := 1; len(text) > partSize; n++ {
		at := len(text) - partSize
		at += strings.IndexByte(text[at:], '\n') + 1
		part := fmt.Sprintf("part%d.vbn", n)
		must(os.WriteFile(filepath.Join(dir, part), []byte(text[at:]), 0o600))
		first, rest, _ := strings.Cut(text[:at], "\n")
		text = fmt.Sprintf("%s\ninclude %q\n%s", first, part, rest)
	}
	must(os.WriteFile(file, []byte(text), 0o600))
	return file
}

func check(dir, text string) []string {
	return []string{filepath.Join(dir, "vauban"), "check", written(dir, text)}
}

// asp writes a question for clingo.
func asp(dir string, q *system.Question) [][]string {
	file := filepath.Join(dir, "problem.lp")
	f, err := os.Create(file)
	must(err)
	must(problem.Write(f, q))
	must(f.Close())
	return [][]string{{"clingo", "--opt-strategy=usc,k", "--quiet=2,2,2", file}}
}

func abc(file, commands string) [][]string {
	return [][]string{{"berkeley-abc", "-q", "read_aiger " + file + "; " + commands}}
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
	failed, exit := err.(*exec.ExitError)
	if err != nil && !exit {
		must(err)
	}
	if exit && len(text) == 0 { // what it complains of is its answer
		text = failed.Stderr
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
	aiger := flag.String("aiger", "", "a directory of AIGER files to measure, too")
	flag.Parse()
	pattern, err := regexp.Compile(*only)
	must(err)
	dir, err := os.MkdirTemp("", "table")
	must(err)
	defer os.RemoveAll(dir)
	build := exec.Command("go", "build", "-o", dir+"/", "./cmd/vauban", "./checker/bench/shopgen", "./checker/bench/solve", "./checker/bench/modelcheck")
	build.Stderr = os.Stderr
	must(build.Run())
	fmt.Println("| what | CPU s | MB | answer | peers, CPU s | bar |\n| --- | --- | --- | --- | --- | --- |")
	for _, r := range rows(*aiger) {
		if !pattern.MatchString(r.name) {
			continue
		}
		cpu, memory, said := measure(*runs, *limit, r.command(dir))
		var beside []string
		if r.peers != nil {
			for _, peer := range r.peers(dir) {
				if _, err := exec.LookPath(peer[0]); err == nil {
					took, _, _ := measure(1, *limit, peer)
					beside = append(beside, peer[0]+" "+took)
				}
			}
		}
		fmt.Printf("| %s | %s | %s | %s | %s | %s |\n", r.name, cpu, memory, cmp.Or(summary(said), "none"), strings.Join(beside, ", "), r.bar)
	}
}
