package certify_test

import (
	"context"
	"math"
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
	allowed, item, weights := "which the limits allow", "split on what is no item", "do not ascend by cut"
	parts := func(w ...system.Weight) system.Case { return system.Case{Weights: w} }
	of := func(cut int32, units float64) system.Weight {
		return system.Weight{Cut: cut, Parts: int(units * system.Parts)}
	}
	taken := func(r int32) system.Case { return system.Case{Split: q.System.Taken(r)} }
	two := []system.Cut{cut(0, ra, rc), cut(0, rb)}
	may := func(q *system.Question) { q.MaxFailures, q.Budget = 1, -1 }
	for _, c := range []struct {
		name   string
		change func(*system.Question)
		cuts   []system.Cut
		cases  []system.Case
		want   string
	}{
		{"least cost 7", nil, []system.Cut{cut(2, ra, rc), cut(5, rb)}, nil, ""},
		{"in parts", nil, []system.Cut{cut(1, ra, rc), cut(1, ra, rc), cut(2, rb), cut(3, rb)}, nil, ""},
		{"it does not exceed the budget", nil, []system.Cut{cut(1, ra, rc), cut(5, rb)}, nil, allowed},
		{"a rule carries more than it costs, which does not count", nil, []system.Cut{cut(3, ra, rc), cut(4, rb)}, nil, allowed},
		{"a rule carries more in two cuts", nil, []system.Cut{cut(2, ra, rc), cut(2, rb), cut(4, rb)}, nil, ""},
		{"it counts once", nil, []system.Cut{cut(1, ra, rc), cut(3, rb), cut(3, rb)}, nil, allowed},
		{"a rule named twice carries twice", nil, []system.Cut{cut(2, ra, rc), {Rules: []int32{rb, rb}, Weight: 5}}, nil, allowed},
		{"a rule that is off costs nothing to name", off, []system.Cut{cut(2, ra, rc), cut(2, rc), cut(5, rb)}, nil, "does not separate"},
		{"and is not weighed", off, []system.Cut{cut(2, ra, rc), cut(3, rc, rb), cut(2, rb)}, nil, ""},
		{"no cut", nil, []system.Cut{cut(4, rc), cut(5, rb)}, nil, "does not separate"},
		{"choices that cost nothing", nil, []system.Cut{cut(2, ra, rc), {Choices: []system.Lit{guard}, Rules: []int32{rb}, Weight: 5}}, nil, allowed},
		{"an extra that may fail", failing, []system.Cut{cut(2, ra, rc), cut(5, rb)}, nil, allowed},
		{"without it", func(q *system.Question) { failing(q); cheap(q) }, []system.Cut{cut(2, ra, rc), cut(3, rb)}, nil, ""},
		{"an extra that is given away", func(q *system.Question) { failing(q); q.Fixed = []system.Lit{guard} }, []system.Cut{cut(2, ra, rc), cut(5, rb)}, nil, allowed},
		{"no budget", func(q *system.Question) { q.Budget = -1 }, []system.Cut{cut(2, ra, rc), cut(5, rb)}, nil, allowed},
		{"a budget too large to count in", func(q *system.Question) { q.Budget = math.MaxInt }, []system.Cut{cut(2, ra, rc), cut(5, rb)}, nil, allowed},
		{"weights beyond all costs", nil, []system.Cut{cut(1<<40, ra, rc)}, nil, "too much, or less than nothing"},
		{"a negative weight among others", nil, []system.Cut{cut(2, ra, rc), cut(5, rb), cut(-1, rb)}, nil, "too much, or less than nothing"},
		{"weights that wrap around by a rule that is named again and again", nil, []system.Cut{{Rules: slices.Repeat([]int32{ra, rb, rc}, 1<<17), Weight: math.MaxInt32}}, nil, allowed},

		{"fractions", nil, []system.Cut{cut(0, ra, rc), cut(0, rb)}, []system.Case{parts(of(0, 1.75), of(1, 4.5))}, ""},
		{"fractions that do not exceed the budget", nil, two, []system.Case{parts(of(0, 1.5), of(1, 4.5))}, allowed},
		{"weights of cuts do not count where there are cases", nil, []system.Cut{cut(2, ra, rc), cut(5, rb)}, []system.Case{parts()}, allowed},
		{"a case in which all is paid", nil, two, []system.Case{taken(rb), parts(of(0, 2)), parts(of(1, 7))}, ""},
		{"the case that it is not is missing", nil, two, []system.Case{taken(rb), parts(of(0, 2))}, "lacks a case"},
		{"the cases swapped", nil, two, []system.Case{taken(rb), parts(of(1, 7)), parts(of(0, 2))}, allowed},
		{"what is hit is paid once", nil, two, []system.Case{taken(rb), parts(of(1, 2)), parts(of(1, 7))}, allowed},
		{"a case too many", nil, two, []system.Case{taken(rb), parts(of(0, 2)), parts(of(1, 7)), parts()}, "belong to no split"},
		{"split on twice", nil, two, []system.Case{taken(rb), taken(rb), parts(), parts(), parts(of(1, 7))}, item},
		{"split on once more after both cases", nil, two, []system.Case{taken(ra), taken(rb), parts(), parts(of(1, 7)), taken(rb), parts(of(0, 2)), parts(of(1, 7))}, ""},
		{"split on a fact", nil, two, []system.Case{{Split: b.FactLit(x)}, parts(), parts()}, item},
		{"split on a rule that is not there", nil, two, []system.Case{taken(rb + 1), parts(), parts()}, item},
		{"split on that a rule is not taken", nil, two, []system.Case{{Split: q.System.Taken(rb).Not()}, parts(of(1, 7)), parts(of(0, 2))}, item},
		{"a split with weights", nil, two, []system.Case{{Split: q.System.Taken(rb), Weights: []system.Weight{of(0, 9)}}, parts(of(0, 2)), parts(of(1, 7))}, item},
		{"a weight of no cut", nil, two, []system.Case{parts(of(0, 2), of(1, 4), of(2, 7))}, weights},
		{"a cut weighed twice", nil, two, []system.Case{parts(of(1, 5), of(1, 5))}, weights},
		{"a weight less than nothing", nil, two, []system.Case{parts(of(0, 2), system.Weight{Cut: 1, Parts: -1 << 62})}, weights},
		{"a weight of a cut before the first", nil, two, []system.Case{parts(system.Weight{Cut: -1, Parts: 1 << 20})}, weights},
		{"a control that fails", may, []system.Cut{{Choices: []system.Lit{guard}}}, []system.Case{parts(of(0, 9))}, "does not separate"},
		{"what is no cut, whatever the cases", nil, []system.Cut{cut(0, rc)}, []system.Case{taken(rc), parts(), parts(of(0, 9))}, "does not separate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			asked := *q
			if c.change != nil {
				c.change(&asked)
			}
			err := certify.Certificate(context.Background(), &asked, &system.Certificate{Cuts: c.cuts, Cases: c.cases})
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestFailuresAreCounted holds sums over controls that fail to their conditions: of two of three locks, one is given to fail.
func TestFailuresAreCounted(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	bad := b.Fact()
	var locks []system.Lit
	for range 3 {
		locks = append(locks, b.Choice(system.Failure))
	}
	for i := range locks {
		b.Rule([]system.Lit{locks[i], locks[(i+1)%3]}, []system.Effect{{When: system.True, Fact: bad, Set: true}}, 0, nil)
	}
	cuts := []system.Cut{{Choices: locks[:2]}, {Choices: locks[1:]}, {Choices: []system.Lit{locks[0], locks[2]}}}
	half := []system.Case{{Weights: []system.Weight{{Cut: 0, Parts: system.Parts / 2}, {Cut: 1, Parts: system.Parts / 2}, {Cut: 2, Parts: system.Parts / 2}}}}
	q := &system.Question{System: b.System(), Bad: b.FactLit(bad), Budget: -1, MaxFailures: 1}
	for _, c := range []struct {
		name   string
		change func(q *system.Question)
		passes bool
	}{
		{"one and a half exceed one", func(*system.Question) {}, true},
		{"but not two", func(q *system.Question) { q.MaxFailures = 2 }, false},
		{"one of one is given", func(q *system.Question) { q.Fixed = locks[:1] }, true},
		{"one of two is given", func(q *system.Question) { q.MaxFailures, q.Fixed = 2, locks[:1] }, false},
		{"given twice, it counts once", func(q *system.Question) { q.MaxFailures, q.Fixed = 2, []system.Lit{locks[0], locks[0]} }, false},
		{"a budget is another limit", func(q *system.Question) { q.Budget = 0 }, true},
	} {
		asked := *q
		c.change(&asked)
		if err := certify.Certificate(t.Context(), &asked, &system.Certificate{Cuts: cuts, Cases: half}); (err == nil) != c.passes {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestTooManySplits wants a proof refused that decides more and more, whatever it says in the end.
func TestTooManySplits(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	bad := b.Fact()
	const many = 1200
	var cases []system.Case
	var rules []int32
	for range many {
		rules = append(rules, b.Rule(nil, []system.Effect{{When: system.True, Fact: bad, Set: true}}, 1, nil))
	}
	q := &system.Question{System: b.System(), Bad: b.FactLit(bad), Budget: 0}
	for _, r := range rules {
		cases = append(cases, system.Case{Split: q.System.Taken(r)}, system.Case{}) // taken, it costs more than may be paid
	}
	proof := func(n int) *system.Certificate {
		return &system.Certificate{Cuts: []system.Cut{{Rules: rules}}, Cases: append(slices.Clone(cases[:2*n]), system.Case{Weights: []system.Weight{{Parts: system.Parts}}})}
	}
	if err := certify.Certificate(t.Context(), q, proof(1000)); err != nil {
		t.Error(err)
	}
	if err := certify.Certificate(t.Context(), q, proof(many)); err == nil {
		t.Error("it is accepted")
	}
}

// TestCasesAreTrue makes proofs by cases over random cuts of random questions, with weights at random, and changes them. What is accepted must be so by going through all states.
func TestCasesAreTrue(t *testing.T) {
	t.Parallel()
	accepted, refused := map[string]int{}, map[string]int{}
	for seed := range *questions {
		rng := rand.New(rand.NewSource(3e6 + seed))
		d := systemtest.Random(rng, rng.Intn(3) == 0)
		f := &forger{rng, d}
		q := *d.Q
		if tr := systemtest.Explore(d); tr.Cost > 0 && rng.Intn(2) == 0 {
			q.Budget = tr.Cost - 1 - rng.Intn(2)
		}
		var cuts []system.Cut
		for range 20 {
			c := f.cut()
			err := certify.Certificate(t.Context(), &q, &system.Certificate{Cuts: []system.Cut{c}})
			if len(cuts) < 4 && (err == nil || !strings.Contains(err.Error(), "does not separate")) {
				cuts = append(cuts, c)
			}
		}
		cert := &system.Certificate{Cuts: cuts, Cases: f.cases(&q, cuts, nil, nil)}
		holds := func(q *system.Question) bool {
			asked := d
			asked.Q = q
			return systemtest.Explore(asked).Cost < 0
		}
		for n := range 12 {
			how, asked, proof := "as made", &q, cert
			switch {
			case n > 6:
				how, asked = "of another question", f.harder(&q)
			case n > 0:
				how, proof = "with a change", f.changedCases(cert)
			}
			if err := certify.Certificate(t.Context(), asked, proof); err != nil {
				refused[how]++
				continue
			}
			if accepted[how]++; !holds(asked) {
				t.Fatalf("seed %d: a proof %s is accepted of what does not hold\n%+v\n%+v", seed, how, *asked, proof)
			}
		}
	}
	t.Logf("accepted %v, refused %v", accepted, refused)
	if accepted["as made"] < int(*questions)/20 || accepted["with a change"] < int(*questions)/20 || refused["with a change"] < int(*questions)/2 {
		t.Error("too few of one kind")
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
