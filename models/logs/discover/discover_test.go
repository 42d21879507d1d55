package discover

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// process is a process that makes cases: each step is taken after some others, once, some with a chance; some carry an amount.
type process struct {
	names    []string
	before   [][]int // by step: those that it waits for
	optional []bool
	amounts  bool
}

// plan makes a process by chance.
func plan(rng *rand.Rand) process {
	n := 4 + rng.IntN(5)
	p := process{amounts: rng.IntN(2) == 0}
	for i := range n {
		p.names = append(p.names, fmt.Sprintf("S%d", i))
		var before []int
		for k := range i {
			if rng.IntN(3) == 0 {
				before = append(before, k)
			}
		}
		p.before = append(p.before, before)
		p.optional = append(p.optional, i > 0 && i < n-1 && rng.IntN(3) == 0)
	}
	return p
}

// run makes a case.
func (p process) run(rng *rand.Rand, name string, at time.Time) Case {
	c := Case{Name: name, Start: at}
	done, skipped := map[int]bool{}, map[int]bool{}
	amount := fmt.Sprint(10 + rng.IntN(90))
	for {
		var open []int
		for i := range p.names {
			if !done[i] && !skipped[i] && !slices.ContainsFunc(p.before[i], func(k int) bool { return !done[k] && !skipped[k] }) {
				if slices.ContainsFunc(p.before[i], func(k int) bool { return skipped[k] }) {
					skipped[i] = true // what it waits for never comes
					continue
				}
				open = append(open, i)
			}
		}
		if len(open) == 0 {
			return c
		}
		i := open[rng.IntN(len(open))]
		if p.optional[i] && rng.IntN(4) == 0 {
			skipped[i] = true
			continue
		}
		done[i] = true
		e := Event{Name: p.names[i], Fields: map[string]string{}}
		if p.amounts && i < 3 {
			e.Fields["amount"] = amount
		}
		c.Events = append(c.Events, e)
	}
}

func sample(p process, rng *rand.Rand, n int) []Case {
	var out []Case
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		at = at.Add(time.Minute)
		out = append(out, p.run(rng, fmt.Sprintf("c%d", i), at))
	}
	return out
}

// closure returns the precedences that rules amount to.
func closure(rules []Rule, names []string) map[[2]string]bool {
	out := map[[2]string]bool{}
	for _, r := range rules {
		if r.Form == Precedence {
			out[[2]string{r.A, r.B}] = true
		}
	}
	for range names {
		for _, a := range names {
			for _, m := range names {
				for _, b := range names {
					if out[[2]string{a, m}] && out[[2]string{m, b}] {
						out[[2]string{a, b}] = true
					}
				}
			}
		}
	}
	return out
}

// TestPlanted learns from processes made by chance: nearly all rules that were planted are found, and nearly none that a larger log of the same process breaks.
func TestPlanted(t *testing.T) {
	t.Parallel()
	planted, recovered, proposed, wrong := 0, 0, 0, 0
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 9))
		p := plan(rng)
		found, err := Learn(sample(p, rng, 1000))
		if err != nil {
			t.Fatal(err)
		}
		is := closure(found.Proposals, p.names)
		for i, before := range p.before {
			for _, k := range before {
				if planted++; is[[2]string{p.names[k], p.names[i]}] {
					recovered++
				}
			}
		}
		if p.amounts {
			planted += 2
			for _, b := range []string{"S1", "S2"} {
				if slices.ContainsFunc(found.Proposals, func(r Rule) bool { return r.Form == Equality && r.A == "S0" && r.B == b }) {
					recovered++
				}
			}
		}
		truth := sample(p, rng, 4000)
		l := &learner{cases: truth, first: len(truth), rules: map[Pattern]*tally{}}
		if err := l.look(); err != nil {
			t.Fatal(err)
		}
		for i := range truth {
			l.count(&truth[i], 0)
		}
		for _, r := range found.Proposals {
			if proposed++; l.rules[r.Pattern].broken[0] > 0 {
				wrong++
				t.Logf("seed %d: %v, broken in %d of %d", seed, r.Pattern, l.rules[r.Pattern].broken[0], l.rules[r.Pattern].applies[0])
			}
		}
	}
	t.Logf("planted %d, recovered %d; proposed %d, wrong %d", planted, recovered, proposed, wrong)
	if recovered*100 < planted*95 || wrong*100 > proposed*5 || planted < 200 {
		t.Errorf("planted %d, recovered %d; proposed %d, wrong %d", planted, recovered, proposed, wrong)
	}
}

// TestExceptions tells a rule that is broken a few times apart from those that never are, with its cases, and one that does not last.
func TestExceptions(t *testing.T) {
	t.Parallel()
	var cases []Case
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range 1000 {
		events := []Event{{Name: "Receive"}, {Name: "Clear"}, {Name: "Close"}}
		switch {
		case i == 100 || i == 400:
			events[0], events[1] = events[1], events[0]
		case i > 900 && i%10 == 0:
			events = events[:2] // closed before, and no more
			events = append(events, Event{Name: "Close"}, Event{Name: "Close"})
		}
		cases = append(cases, Case{Name: fmt.Sprintf("c%d", i), Start: at.Add(time.Duration(i) * time.Minute), Events: events})
	}
	found, err := Learn(cases)
	if err != nil {
		t.Fatal(err)
	}
	write := func(list []Rule) string {
		var out []string
		for _, r := range list {
			out = append(out, fmt.Sprintf("%v (%d, %d of %d, %s)", r.Pattern, r.Learnt, r.Broken, r.Judged, strings.Join(r.Exceptions, " ")))
		}
		return strings.Join(out, "; ")
	}
	if got, want := write(found.Nearly), "Clear only after Receive (700, 0 of 300, c100 c400)"; got != want {
		t.Errorf("nearly: %s, expected %s", got, want)
	}
	if got, want := write(found.Fleeting), "Close at most once (700, 9 of 300, c910 c920 c930 c940 c950 c960 c970 c980 c990)"; got != want {
		t.Errorf("fleeting: %s, expected %s", got, want)
	}
	if got := write(found.Proposals); !strings.Contains(got, "Close only after Clear (700, 0 of 300, )") || strings.Contains(got, "Clear only after Receive") {
		t.Errorf("proposals: %s", got)
	}
}

// TestClopperPearson compares with published values.
func TestClopperPearson(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		k, n int
		want float64
	}{{0, 100, 0.029513}, {0, 300, 0.009936}, {1, 100, 0.046560}, {5, 50, 0.198837}, {3, 3, 1}, {0, 0, 1}} {
		if got := ClopperPearson(c.k, c.n); math.Abs(got-c.want) > 2e-4 {
			t.Errorf("%d of %d: %f, expected %f", c.k, c.n, got, c.want)
		}
	}
}
