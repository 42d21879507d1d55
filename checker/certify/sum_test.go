package certify_test

import (
	"context"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/systemtest"
	"github.com/vauban-verifier/vauban/checker/system"
)

// TestSum holds certificates that are sums to each of their conditions: a forged one fails the one check that it should.
func TestSum(t *testing.T) {
	t.Parallel()
	// start -a(2)-> x -b(3, and 2 more under guard)-> bad, and start -c(4)-> x.
	b := system.NewBuilder()
	start, x, bad := b.Fact(), b.Fact(), b.Fact()
	guard := b.Choice(system.Failure)
	set := func(f int32) []system.Effect { return []system.Effect{{When: system.True, Fact: f, Set: true}} }
	ra := b.Rule([]system.Lit{b.FactLit(start)}, set(x), 2, nil)
	rc := b.Rule([]system.Lit{b.FactLit(start)}, set(x), 4, nil)
	rb := b.Rule([]system.Lit{b.FactLit(x)}, set(bad), 3, []system.Extra{{When: guard.Not(), Cost: 2}})
	q := &system.Question{System: b.System(), Start: []int32{start}, Bad: b.FactLit(bad), Budget: 6}
	cut := func(weight int, rules ...int32) system.Cut { return system.Cut{Rules: rules, Weight: weight} }
	failing := func(q *system.Question) { q.MaxFailures = 1 }
	cheap := func(q *system.Question) { q.Budget = 4 }
	off := func(q *system.Question) { q.Off = []bool{false, true, false} }
	for _, c := range []struct {
		name   string
		change func(*system.Question)
		cuts   []system.Cut
		want   string
	}{
		{"least cost 7", nil, []system.Cut{cut(2, ra, rc), cut(5, rb)}, ""},
		{"in parts", nil, []system.Cut{cut(1, ra, rc), cut(1, ra, rc), cut(2, rb), cut(3, rb)}, ""},
		{"it does not exceed the budget", nil, []system.Cut{cut(1, ra, rc), cut(5, rb)}, "which the budget of 6 allows"},
		{"a rule carries more than it costs", nil, []system.Cut{cut(3, ra, rc), cut(5, rb)}, "its cuts weigh more"},
		{"a rule carries more in two cuts", nil, []system.Cut{cut(2, ra, rc), cut(3, rb), cut(3, rb)}, "its cuts weigh more"},
		{"a rule named twice", nil, []system.Cut{cut(2, ra, rc), {Rules: []int32{rb, rb}, Weight: 5}}, "do not ascend"},
		{"a rule that is off costs nothing to name", off, []system.Cut{cut(2, ra, rc), cut(2, rc), cut(5, rb)}, "does not separate"},
		{"and is not weighed", off, []system.Cut{cut(2, ra, rc), cut(3, rc, rb), cut(2, rb)}, ""},
		{"no cut", nil, []system.Cut{cut(4, rc), cut(5, rb)}, "does not separate"},
		{"choices that cost nothing", nil, []system.Cut{cut(2, ra, rc), {Choices: []system.Lit{guard}, Rules: []int32{rb}, Weight: 5}}, "which cost nothing"},
		{"an extra that may fail", failing, []system.Cut{cut(2, ra, rc), cut(5, rb)}, "its cuts weigh more"},
		{"without it", func(q *system.Question) { failing(q); cheap(q) }, []system.Cut{cut(2, ra, rc), cut(3, rb)}, ""},
		{"an extra that is given away", func(q *system.Question) { failing(q); q.Fixed = []system.Lit{guard} }, []system.Cut{cut(2, ra, rc), cut(5, rb)}, "its cuts weigh more"},
		{"no budget", func(q *system.Question) { q.Budget = -1 }, []system.Cut{cut(2, ra, rc), cut(5, rb)}, "there is no budget"},
		{"weights beyond all costs", nil, []system.Cut{cut(1<<40, ra, rc)}, "weighs too much"},
		{"a negative weight among others", nil, []system.Cut{cut(-9, ra, rc), cut(5, rb)}, "has no weight"},
		{"no weight among others", nil, []system.Cut{cut(2, ra, rc), cut(5, rb), cut(0, rb)}, "has no weight"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			asked := *q
			if c.change != nil {
				c.change(&asked)
			}
			err := certify.Certificate(context.Background(), &asked, &system.Certificate{Cuts: c.cuts})
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestPricesAreLeast puts what a rule costs at the least beside what it costs under all choices that are allowed: a weight passes just where all conditions of extras
// that it counts on are met by every one of them.
func TestPricesAreLeast(t *testing.T) {
	t.Parallel()
	passed, refused, pricey := 0, 0, 0
	for seed := range int64(3000) {
		rng := rand.New(rand.NewSource(seed))
		b := system.NewBuilder()
		bad := b.Fact()
		var decisions, failures []system.Lit
		for range 1 + rng.Intn(2) {
			decisions = append(decisions, b.Choice(system.Decision))
		}
		for range 1 + rng.Intn(3) {
			failures = append(failures, b.Choice(system.Failure))
		}
		choices := slices.Concat(decisions, failures)
		literal := func() system.Lit { return choices[rng.Intn(len(choices))] ^ system.Lit(rng.Intn(2)) }
		exact := true
		var extras []system.Extra
		for range rng.Intn(3) {
			when := literal()
			switch rng.Intn(5) {
			case 0:
				when = b.And(when, literal())
			case 1:
				when, exact = b.Or(when, b.And(literal(), literal())), false
			case 2:
				when, exact = b.And(when, b.FactLit(bad)), false
			}
			extras = append(extras, system.Extra{When: when, Cost: int32(1 + rng.Intn(3))})
		}
		cost := 1 + rng.Intn(3)
		r := b.Rule(nil, []system.Effect{{When: system.True, Fact: bad, Set: true}}, int32(cost), extras)
		q := &system.Question{System: b.System(), Bad: b.FactLit(bad), MaxFailures: rng.Intn(3)}
		for range rng.Intn(3) {
			if l := literal(); !slices.Contains(q.Fixed, l.Not()) {
				q.Fixed = append(q.Fixed, l)
			}
		}
		if rng.Intn(3) == 0 { // said twice is said once
			q.Fixed = append(q.Fixed, q.Fixed...)
		}
		least, sure := -1, cost // over the choices that are allowed; what is due under all of them
		due := make([]bool, len(extras))
		for i := range due {
			due[i] = true
		}
		for mask := range 1 << len(choices) {
			var given []system.Lit
			failed := 0
			for i, l := range choices {
				if mask>>i&1 == 0 {
					l = l.Not()
				} else if i >= len(decisions) {
					failed++
				}
				given = append(given, l)
			}
			if failed > q.MaxFailures || slices.ContainsFunc(q.Fixed, func(l system.Lit) bool { return slices.Contains(given, l.Not()) }) {
				continue
			}
			st, err := system.NewState(q.System, nil, given)
			if err != nil {
				t.Fatal(err)
			}
			here := cost
			for i, x := range extras {
				if due[i] = due[i] && st.Eval(x.When) == system.Yes; st.Eval(x.When) == system.Yes {
					here += int(x.Cost)
				}
			}
			if least < 0 || here < least {
				least = here
			}
		}
		if least < 0 {
			continue // more is given to fail than may
		}
		for i, x := range extras {
			if due[i] {
				sure += int(x.Cost)
			}
		}
		for w := 1; w <= cost+10; w++ {
			q.Budget = w - 1
			err := certify.Certificate(t.Context(), q, &system.Certificate{Cuts: []system.Cut{{Rules: []int32{r}, Weight: w}}})
			switch {
			case err == nil && w > least:
				t.Fatalf("seed %d: a rule that can be had for %d carries %d", seed, least, w)
			case err != nil && w <= sure && exact, err != nil && w <= cost:
				t.Fatalf("seed %d: a rule that costs %d in any case does not carry %d: %v", seed, sure, w, err)
			case err == nil && w > cost:
				pricey++
				passed++
			case err == nil:
				passed++
			default:
				refused++
			}
		}
	}
	if pricey < 200 || refused < 1000 {
		t.Errorf("%d passed, of these %d with extras, %d refused", passed, pricey, refused)
	}
}

// TestUnreachable checks that what is said to be true in no state is true in none, and that nothing is said where there was no time to find out.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	never := 0
	for seed := range int64(300) {
		d := systemtest.Random(rand.New(rand.NewSource(seed)), seed%2 == 0)
		for f, yes := range certify.Unreachable(t.Context(), d.Q) {
			q := *d.Q
			q.Bad = q.System.Fact(int32(f))
			at := d
			at.Q = &q
			if yes && systemtest.Explore(at).Cost >= 0 {
				t.Fatalf("seed %d: fact %d is reached", seed, f)
			}
			if yes {
				never++
			}
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if slices.Contains(certify.Unreachable(ended, d.Q), true) {
			t.Fatalf("seed %d: something is said without time to find out", seed)
		}
	}
	if never < 100 {
		t.Errorf("only %d facts are never true", never)
	}
}

// TestAttackStops checks that the check of an attack ends with its context.
func TestAttackStops(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	f := b.Fact()
	r := b.Rule(nil, []system.Effect{{When: system.True, Fact: f, Set: true}}, 0, nil)
	q := &system.Question{System: b.System(), Bad: b.FactLit(f), Budget: -1}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := certify.Attack(ended, q, &system.Run{Rules: []int32{r}}); err == nil {
		t.Error("an attack was checked without time to")
	}
}
