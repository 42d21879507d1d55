// Command workers measures what workers beside each other win, and what they cost, and prints a table in Markdown: hard questions that are split, and many designs, each checked by one process, and then with a fleet of one, two and
// four workers on this machine. In the last rows a worker is killed every second. Each report is compared with that of the one process, byte by byte.
//
//	go run ./checker/bench/workers [-designs 500] [-only REGEXP] [-runs 3]
//
// # Limitations
//
// Linux alone, as the processor time is that of its resource usage: of the check, and of all workers with the server, which is in the first one. Workers beyond the processors of the machine win nothing. Other work on the machine makes
// figures larger, processor time too; what the check and the busiest worker take together is about the time on a quiet one.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/vauban-verifier/vauban/checker/bench/corpus"
	"github.com/vauban-verifier/vauban/checker/bench/orders"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "workers:", err)
		os.Exit(1)
	}
}

// bench is where everything is: the program, designs, and their reports.
type bench struct {
	dir, program string
	runs         int
}

// design writes files of a design into a directory of its own.
func design(dir string, files map[string]string) {
	must(os.MkdirAll(dir, 0o700))
	for file, text := range files {
		must(os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600))
	}
}

// set is a directory of designs.
type set struct {
	name, dir string
	size      int
}

// hard are designs of one question each, which is split.
func (b *bench) hard() []set {
	var out []set
	add := func(name, text, requirement string) {
		var lines []string
		for _, line := range strings.Split(text, "\n") {
			if !strings.HasPrefix(line, "require ") || strings.HasPrefix(line, "require "+requirement+":") {
				lines = append(lines, line)
			}
		}
		of := set{name, filepath.Join(b.dir, "designs", fmt.Sprint(len(out))), 1}
		design(of.dir, map[string]string{"design.vbn": strings.Join(lines, "\n")})
		out = append(out, of)
	}
	add("a stock up to 60, 4 safeguards", orders.Safeguards{There: 4, Failing: 3}.Counters(60), "NothingLost")
	add("a stock up to 100, 6 safeguards", orders.Safeguards{There: 6, Failing: 5}.Counters(100), "Counted")
	add("a ledger of 30 orders, 4 safeguards", orders.Safeguards{There: 4, Failing: 3}.Ledger(30), "Balanced")
	return out
}

// many are designs of which none is hard.
func (b *bench) many(n int) set {
	models, err := corpus.Designs(threatstest.Disk, ".", n)
	must(err)
	out := set{fmt.Sprintf("%d designs", n), filepath.Join(b.dir, "designs", "many"), n}
	for i, m := range models {
		texts := map[string]string{fmt.Sprintf("%04d.vbn", i): m.Design.Files[0].Text}
		for _, f := range m.Design.Files[1:] { // what it includes
			texts[filepath.Base(f.Name)] = f.Text
		}
		design(filepath.Join(out.dir, fmt.Sprintf("%04d", i)), texts)
	}
	return out
}

// took is wall-clock time, and processor time of the check, of all workers, and of the busiest of them, in seconds.
type took struct{ wall, check, others, busiest float64 }

func cpu(s *os.ProcessState) float64 { return (s.UserTime() + s.SystemTime()).Seconds() }

// check checks designs, and returns what that took and all reports.
func (b *bench) check(of set, flags ...string) (took, []byte) {
	out, err := os.MkdirTemp(b.dir, "reports")
	must(err)
	defer os.RemoveAll(out)
	c := exec.Command(b.program, slices.Concat([]string{"check", "--quiet", "--as-of", "2026-01-31", "--also", "json=" + out + "/"}, flags, []string{of.dir})...)
	c.Stderr = os.Stderr
	began := time.Now()
	if err := c.Run(); err != nil && c.ProcessState == nil {
		must(err)
	}
	t := took{time.Since(began).Seconds(), cpu(c.ProcessState), 0, 0}
	var reports bytes.Buffer
	files, err := filepath.Glob(filepath.Join(out, "*"))
	must(err)
	if len(files) != of.size {
		must(fmt.Errorf("%d reports of %s", len(files), of.name))
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		must(err)
		fmt.Fprintf(&reports, "%s %d\n%s", filepath.Base(f), len(data), data)
	}
	return t, reports.Bytes()
}

// fleet is workers beside each other, the first of which has the server.
type fleet struct {
	all     []*exec.Cmd
	spent   float64 // by those that have ended
	busiest float64
}

func (f *fleet) start(c *exec.Cmd) {
	must(c.Start())
	f.all = append(f.all, c)
}

// end ends a worker, by a signal.
func (f *fleet) end(c *exec.Cmd, how os.Signal) {
	must(c.Process.Signal(how))
	if err := c.Wait(); err != nil && c.ProcessState == nil {
		must(err)
	}
	f.spent += cpu(c.ProcessState)
	f.busiest = max(f.busiest, cpu(c.ProcessState))
}

// with checks designs with a fleet; with kill, its last worker is killed every second, and started again.
func (b *bench) with(workers int, kill bool, of set) (took, []byte, int) {
	f := &fleet{}
	first := exec.Command(b.program, "worker", "--slots", "1")
	said, err := first.StdoutPipe()
	must(err)
	f.start(first)
	address := ""
	for lines := bufio.NewScanner(said); lines.Scan(); {
		if _, at, ok := strings.Cut(lines.Text(), "--fleet "); ok {
			address = at
		}
		if strings.HasPrefix(lines.Text(), "Ctrl-C") {
			break
		}
	}
	if address == "" {
		must(errors.New("the worker does not say where it is"))
	}
	more := func() *exec.Cmd { return exec.Command(b.program, "worker", "--slots", "1", "--fleet", address) }
	for range workers - 1 {
		f.start(more())
	}
	time.Sleep(time.Second) // until they are there
	killed := 0
	stop := make(chan struct{})
	var wg sync.WaitGroup
	if kill {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(time.Second):
					f.end(f.all[len(f.all)-1], syscall.SIGKILL)
					f.all = f.all[:len(f.all)-1]
					f.start(more())
					killed++
				}
			}
		})
	}
	t, reports := b.check(of, "--fleet", address)
	close(stop)
	wg.Wait()
	for _, c := range slices.Backward(f.all) {
		f.end(c, syscall.SIGINT)
	}
	t.others, t.busiest = f.spent, f.busiest
	return t, reports, killed
}

// row measures several times, and prints the run that took the median time.
func (b *bench) row(name, how string, measure func() (took, string)) {
	var all []took
	said := ""
	for range b.runs {
		t, s := measure()
		all = append(all, t)
		said = s
	}
	slices.SortFunc(all, func(x, y took) int { return cmp.Compare(x.wall, y.wall) })
	t := all[len(all)/2]
	fmt.Printf("| %s | %s | %.2f | %.2f | %.2f | %.2f | %s |\n", name, how, t.wall, t.check, t.others, t.busiest, said)
}

func main() {
	designs := flag.Int("designs", 500, "how many designs")
	only := flag.String("only", "", "rows whose name matches a regular expression")
	runs := flag.Int("runs", 1, "runs of each row")
	flag.Parse()
	pattern, err := regexp.Compile(*only)
	must(err)
	b := &bench{runs: *runs}
	b.dir, err = os.MkdirTemp("", "workers")
	must(err)
	defer os.RemoveAll(b.dir)
	b.program = filepath.Join(b.dir, "vauban")
	build := exec.Command("go", "build", "-o", b.program, "./cmd/vauban")
	build.Stderr = os.Stderr
	must(build.Run())
	fmt.Println("| what | by | wall s | CPU s of the check | of the workers | of the busiest | reports |\n| --- | --- | --- | --- | --- | --- | --- |")
	for _, what := range append(b.hard(), b.many(*designs)) {
		if !pattern.MatchString(what.name) {
			continue
		}
		var want []byte
		b.row(what.name, "one process", func() (t took, said string) {
			t, want = b.check(what)
			return t, fmt.Sprintf("%d bytes", len(want))
		})
		for _, of := range []struct {
			workers int
			kill    bool
		}{{1, false}, {2, false}, {4, false}, {2, true}} {
			how := fmt.Sprintf("%d workers", of.workers)
			if of.kill {
				how += ", one killed every second"
			}
			b.row(what.name, how, func() (took, string) {
				t, got, killed := b.with(of.workers, of.kill, what)
				said := "the same bytes"
				if !bytes.Equal(got, want) {
					said = "OTHER BYTES"
				}
				if of.kill {
					said += fmt.Sprintf(", %d killed", killed)
				}
				return t, said
			})
		}
	}
}
