package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/simulate"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
)

// simulateLogOptions are the flags of `vauban simulate log`.
type simulateLogOptions struct {
	cases     int
	seed      uint64
	per       string
	incidents []string
	faults    []string
	out       string
	quiet     bool
}

// maxSimulated bounds the cases of a log that is made.
const maxSimulated = 1_000_000

func (a *app) simulateLogCommand() *cobra.Command {
	var opt simulateLogOptions
	faults := ""
	for _, f := range simulate.Faults {
		faults += fmt.Sprintf("  %-9s %s\n", f.Fault, f.Means)
	}
	cmd := &cobra.Command{
		Use:   "log [FILE...]",
		Short: "Make a log of a design: honest cases, with incidents and faults of the log hidden among them",
		Long: `Log makes the log that a design would leave: in each case honest parties take steps by chance, until there is none left. Incidents are cases in which attackers break
a requirement, by the first run that is found; what they do besides steps of processes leaves no event. The same seed makes the same log. What is hidden where is written to
standard error, so that an explanation can be held against it.

Faults are of the log, and not of what it is about (--fault KIND=N):

` + faults,
		Example: `  vauban simulate log checkout.vbn --cases 1000 --seed 7 --per Order
  vauban simulate log checkout.vbn --cases 20 --fault lost=1 --fault doubled=2 --out simulated.jsonl`,
		ValidArgsFunction: console.CompleteDesigns,
		RunE:              a.OnDesign(func(ctx context.Context, files []string) error { return a.simulateLog(ctx, files, opt) }),
	}
	a.AllowOutside(cmd)
	f := cmd.Flags()
	f.IntVar(&opt.cases, "cases", 100, "make `N` cases")
	f.Uint64Var(&opt.seed, "seed", 1, "make the log of seed `N`")
	f.StringVar(&opt.per, "per", "", "let each case be about one value of the domain `NAME`, such as one Order")
	f.StringArrayVar(&opt.incidents, "incident", nil, "hide an `INCIDENT`: \"REQUIREMENT by ATTACKERS\", or \"… if CONTROL on ELEMENT fails\"; may be repeated")
	f.StringArrayVar(&opt.faults, "fault", nil, "hide `KIND=N` faults of the log; may be repeated")
	f.StringVarP(&opt.out, "out", "o", "", "write the log to `FILE` instead of standard output")
	f.BoolVarP(&opt.quiet, "quiet", "q", false, "do not say what is hidden")
	return cmd
}

func (a *app) simulateLog(ctx context.Context, paths []string, opt simulateLogOptions) error {
	faults, n, err := faultsOf(opt.faults)
	n += len(opt.incidents)
	switch {
	case err != nil:
		return err
	case opt.cases < 1 || opt.cases > maxSimulated:
		return fmt.Errorf("--cases is %d, expected 1 to %d", opt.cases, maxSimulated)
	case n > opt.cases:
		return fmt.Errorf("%d incidents and faults do not go into %d cases", n, opt.cases)
	}
	var entries []simulate.Entry
	var told []simulate.Told
	done := false
	outcome, _, err := a.work(ctx, paths, true, func(m *threats.Model, _ func(checker.Progress)) error {
		made := simulate.LogOptions{Cases: opt.cases, Seed: opt.seed, Per: opt.per, Faults: faults}
		if len(m.Design.Processes) == 0 {
			return console.Failf(console.ExitUsage, "the design has no process, so it leaves no log: `vauban help language` has what one looks like")
		}
		for _, text := range opt.incidents {
			x, err := incident(m, text)
			if err != nil {
				return console.Failf(console.ExitUsage, "--incident %q: %v", text, err)
			}
			made.Incidents = append(made.Incidents, x)
		}
		var err error
		if entries, told, err = simulate.Log(ctx, m, made); err != nil && ctx.Err() == nil {
			return console.Failf(console.ExitUsage, "%v", err)
		}
		done = err == nil
		return err
	})
	if err == nil && !done {
		err = a.wrong(outcome)
	}
	if err != nil {
		return err
	}
	var out bytes.Buffer
	to := json.NewEncoder(&out)
	to.SetEscapeHTML(false)
	for _, e := range entries {
		if err := to.Encode(e); err != nil {
			return console.Internal(err)
		}
	}
	if err := a.Deliver(out.Bytes(), opt.out); err != nil {
		return err
	}
	if !opt.quiet {
		for _, t := range told {
			fmt.Fprintf(a.Stderr, "%s %s\n", t.Case, t.What)
		}
	}
	return nil
}

// faultsOf reads faults, and how many cases they need.
func faultsOf(list []string) (out map[simulate.Fault]int, cases int, err error) {
	out = map[simulate.Fault]int{}
	var known []string
	for _, f := range simulate.Faults {
		known = append(known, string(f.Fault))
	}
	for _, text := range list {
		kind, number, _ := strings.Cut(text, "=")
		n, err := strconv.Atoi(number)
		switch {
		case !slices.Contains(known, kind):
			return nil, 0, fmt.Errorf("--fault %q: unknown kind, expected one of %s%s", text, strings.Join(known, ", "), diag.DidYouMean(kind, known))
		case err != nil || n < 1 || n > maxSimulated:
			return nil, 0, fmt.Errorf("--fault %q: expected a number from 1 to %d, such as lost=1", text, maxSimulated)
		}
		out[simulate.Fault(kind)] += n
		if kind != string(simulate.Skewed) {
			cases += n
		}
	}
	return out, cases, nil
}

// incident reads `REQUIREMENT by ATTACKERS if CONTROL on ELEMENT fails`.
func incident(m *threats.Model, text string) (simulate.Incident, error) {
	var x simulate.Incident
	name, rest, ok := strings.Cut(text, " by ")
	if !ok {
		return x, errors.New("expected a requirement and attackers, such as \"Paid by Cheat\"")
	}
	who, failing, _ := strings.Cut(rest, " if ")
	var known []string
	for _, r := range m.Design.Requirements {
		if known = append(known, r.Name); r.Name == strings.TrimSpace(name) {
			x.Requirement = r
		}
	}
	if x.Requirement == nil {
		return x, fmt.Errorf("the design has no requirement %q%s", name, diag.DidYouMean(name, known))
	}
	var names []string
	for n := range strings.SplitSeq(who, "+") {
		names = append(names, strings.TrimSpace(n))
	}
	if failing = strings.TrimSpace(failing); failing != "" {
		x.Choices = []string{failing}
	}
	var err error
	x.Coalition, err = coalition(m, names)
	return x, err
}
