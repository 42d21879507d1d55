package judge_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/internal/systemtest"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/checker/system"
)

func ask(ctx context.Context, q *system.Question) (system.Proposal, error) {
	return portfolio.Solve(ctx, q, portfolio.Options{})
}

// sets writes sets of decisions in an order of their own.
func sets(lists [][]system.Lit) string {
	var out []string
	for _, l := range lists {
		out = append(out, fmt.Sprint(slices.Sorted(slices.Values(l))))
	}
	slices.Sort(out)
	return fmt.Sprint(out)
}

// TestPossibleIsTrue puts what is said to be possible beside all choices and all states of small systems.
func TestPossibleIsTrue(t *testing.T) {
	t.Parallel()
	count := map[judge.Verdict]int{}
	branches := 0
	for seed := range int64(1500) {
		d := systemtest.Random(rand.New(rand.NewSource(seed)), seed%3 == 0)
		d.Q.Budget = -1
		if len(d.Q.Fixed) > 0 {
			continue
		}
		truth := systemtest.Possible(d)
		r, err := judge.Decide(t.Context(), &ground.Case{Question: d.Q, Frozen: system.True, Possible: true}, ask)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		count[r.Verdict]++
		want := judge.Depends
		switch {
		case !slices.Contains(truth, false):
			want = judge.Holds
		case !slices.Contains(truth, true):
			want = judge.Violated
		}
		if r.Verdict != want {
			t.Fatalf("seed %d: %s %q, and it is %s: %v", seed, r.Verdict, r.Why, want, truth)
		}
		if (r.Reach.Wanting != nil) != (want != judge.Holds && r.Empty == "") {
			t.Fatalf("seed %d: %s, and the combination without a run is %v", seed, want, r.Reach.Wanting)
		}
		if w := r.Reach.Wanting; w != nil {
			if err := certify.Certificate(t.Context(), w, r.Reach.Proof); err != nil {
				t.Fatalf("seed %d: that no run gets there under the first combination: %v", seed, err)
			}
		}
		if len(r.Reach.Runs) > 0 { // the first relies on nothing that it does without
			run := r.Reach.Runs[0].Run
			for i := range run.Choices {
				less := system.Run{Rules: run.Rules, Choices: slices.Delete(slices.Clone(run.Choices), i, i+1)}
				if system.Always(d.Q, &less) == nil {
					t.Fatalf("seed %d: the first run does without choice %d of %v", seed, i, run.Choices)
				}
			}
		}
		if branches = max(branches, len(r.Further)); want != judge.Depends {
			continue
		}
		var minimal [][]system.Lit
		not := make([]bool, len(truth))
		for i, yes := range truth {
			not[i] = !yes
		}
		for _, p := range systemtest.Minimal(len(d.Decisions), not) {
			var set []system.Lit
			for i, l := range d.Decisions {
				if p.Mask>>i&1 == 1 {
					set = append(set, l^system.Lit(1-p.Val>>i&1))
				}
			}
			minimal = append(minimal, set)
		}
		if !slices.IsSortedFunc(r.Reach.Sufficient, func(a, b []system.Lit) int { return len(a) - len(b) }) {
			t.Fatalf("seed %d: the smallest set is not the first: %v", seed, r.Reach.Sufficient)
		}
		if got, want := sets(r.Reach.Sufficient), sets(minimal); got != want {
			t.Fatalf("seed %d: sufficient are %s, and it is %s", seed, got, want)
		}
	}
	t.Logf("%v; at most %d questions", count, branches)
	for _, v := range []judge.Verdict{judge.Holds, judge.Violated, judge.Depends} {
		if count[v] < 40 {
			t.Errorf("only %d are %s", count[v], v)
		}
	}
	if branches < 4 {
		t.Errorf("no question was asked in more than %d branches", branches)
	}
}

// truth is the verdict on a question where a domain stops a step in the states that the literal is true in.
func truth(d systemtest.Design, stop system.Lit) judge.Verdict {
	found := systemtest.Explore(d)
	there := d
	q := *d.Q
	q.Bad = stop
	there.Q = &q
	sets := systemtest.Minimal(len(d.Decisions), found.Attacked) // of what holds, the empty set
	for dm, yes := range systemtest.Explore(there).Attacked {
		if yes && slices.ContainsFunc(sets, func(p systemtest.Partial) bool { return dm&p.Mask == p.Val }) {
			return judge.Unknown
		}
	}
	return judge.Verdict(found.Verdict(d))
}

// TestBoundsAreSeen gives small systems a state where a domain stops a step. What holds, or would with some decisions, is unknown exactly where a run gets there.
func TestBoundsAreSeen(t *testing.T) {
	t.Parallel()
	count := map[judge.Verdict]int{}
	for seed := range int64(1500) {
		rng := rand.New(rand.NewSource(seed))
		d := systemtest.Random(rng, seed%3 == 0)
		if d.Decided() {
			continue
		}
		stop := d.Q.System.Fact(int32(rng.Intn(d.Q.System.Facts())))
		from := &ground.Case{Question: d.Q, Frozen: system.True, Bound: stop, Bounds: []ground.Bound{{When: system.False}, {When: stop}}, Own: min(rng.Intn(2), len(d.Q.Assume))}
		r, err := judge.Decide(t.Context(), from, ask)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if r.Verdict == judge.Unknown && r.Bound == nil { // an engine gave up
			continue
		}
		want := truth(d, stop)
		if r.Empty != "" {
			want = judge.Holds
		}
		if r.Verdict != want || want == judge.Unknown && r.Bound != &from.Bounds[1] {
			t.Fatalf("seed %d: %s, and it is %s", seed, r.Verdict, want)
		}
		count[r.Verdict]++
	}
	t.Logf("%v", count)
	for _, v := range []judge.Verdict{judge.Holds, judge.Violated, judge.Depends, judge.Unknown} {
		if count[v] < 20 {
			t.Errorf("only %d are %s", count[v], v)
		}
	}
}

// TestBroken checks which instances are said to break an architecture rule: those that can, with the failures that are tolerated.
func TestBroken(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	decision, failure := b.Choice(system.Decision), b.Choice(system.Failure)
	whens := []system.Lit{system.True, decision, failure, b.And(decision, failure)}
	bad := b.Or(whens...)
	s := b.System()
	for _, x := range []struct {
		failures int
		fixed    []system.Lit
		want     string
	}{
		{0, nil, "0 1?"},
		{1, nil, "0 1? 2? 3?"},
		{0, []system.Lit{decision.Not()}, "0"},
		{0, []system.Lit{decision}, "0 1"},
	} {
		from := &ground.Case{Question: &system.Question{System: s, Bad: bad, Fixed: x.fixed, MaxFailures: x.failures, Budget: -1}, Frozen: system.True}
		for i, l := range whens {
			from.Breaks = append(from.Breaks, ground.Break{What: fmt.Sprint(i), When: l})
		}
		r, err := judge.Decide(t.Context(), from, ask)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range r.Broken {
			if got = append(got, w.What); w.Open {
				got[len(got)-1] += "?"
			}
		}
		if strings.Join(got, " ") != x.want {
			t.Errorf("%d failures, %v given: %v, expected %s", x.failures, x.fixed, got, x.want)
		}
	}
}

// TestVerdicts pins the order and the exit statuses of verdicts, of what is none as well.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	for v, exit := range map[judge.Verdict]int{judge.Holds: 0, judge.Waived: 0, judge.Violated: 1, judge.Depends: 1, judge.Unknown: 3, "": 3, "fine": 3} {
		if v.Exit() != exit {
			t.Errorf("%q: exit status %d, expected %d", v, v.Exit(), exit)
		}
	}
	order := []judge.Verdict{judge.Holds, judge.Waived, judge.Depends, judge.Unknown, judge.Violated}
	for i, v := range order {
		if v.Rank() != i || judge.Worst(order[:i+1]...) != v {
			t.Errorf("%q: rank %d, expected %d; the worst of %v is %s", v, v.Rank(), i, order[:i+1], judge.Worst(order[:i+1]...))
		}
	}
	if judge.Verdict("fine").Rank() < judge.Violated.Rank() {
		t.Error("what is no verdict is better than the worst")
	}
}

// TestClosed checks that closures rule on just what no run reaches.
func TestClosed(t *testing.T) {
	t.Parallel()
	ruled, left := 0, 0
	for seed := range int64(400) {
		d := systemtest.Random(rand.New(rand.NewSource(seed)), seed%3 == 0)
		c := judge.NewClosed(t.Context(), d.Q)
		for f := range int32(d.Q.System.Facts()) {
			q := *d.Q
			q.Bad = d.Q.System.Fact(f)
			r := c.Rule(t.Context(), &ground.Case{Question: &q, Frozen: system.True}, f)
			if other := (f + 1) % int32(d.Q.System.Facts()); c.Rule(t.Context(), &ground.Case{Question: &q, Frozen: system.True}, other) != nil {
				t.Fatalf("seed %d: fact %d was ruled on by the closure of another", seed, f)
			}
			if r == nil {
				left++
				continue
			}
			ruled++
			at := d
			at.Q = &q
			if !c.Never(f) || r.Verdict != judge.Holds || systemtest.Explore(at).Cost >= 0 {
				t.Fatalf("seed %d: fact %d is said to be %s, and it is reached", seed, f, r.Verdict)
			}
		}
	}
	if ruled < 100 || left < 100 {
		t.Errorf("%d ruled on, %d left", ruled, left)
	}
}

// TestLiarsAreRefused answers with what was found for other questions, with parts left out, and with nothing: there must be an error, or a verdict that is true.
func TestLiarsAreRefused(t *testing.T) {
	t.Parallel()
	refused, ruled := 0, map[judge.Verdict]int{}
	for seed := range int64(1500) {
		rng := rand.New(rand.NewSource(seed))
		d := systemtest.Random(rng, seed%3 == 0)
		if len(d.Q.Fixed) > 0 {
			continue
		}
		from := &ground.Case{Question: d.Q, Frozen: system.True, Possible: seed%2 == 0}
		stop := system.False
		if from.Possible {
			d.Q.Budget = -1
		} else if rng.Intn(2) == 0 {
			stop = d.Q.System.Fact(int32(rng.Intn(d.Q.System.Facts())))
			from.Bound, from.Bounds, from.Own = stop, []ground.Bound{{When: stop}}, min(rng.Intn(2), len(d.Q.Assume))
		}
		lie := func(ctx context.Context, q *system.Question) (system.Proposal, error) {
			other := *q
			switch rng.Intn(6) {
			case 0:
				other.MaxFailures = max(0, q.MaxFailures-1)
			case 1:
				other.Fixed = nil
			case 2:
				other.Assume = nil
			case 3:
				other.Bad = system.False
			}
			p, err := ask(ctx, &other)
			switch rng.Intn(8) {
			case 0:
				p.Sufficient = nil
			case 1:
				p.Attacks = p.Attacks[:min(1, len(p.Attacks))]
			case 2:
				p.Incomplete, p.Holds, p.AtLeast, p.Bound = "tired", nil, 0, nil
			case 3:
				p.Holds, p.Attacks, p.Sufficient = &system.Certificate{}, nil, nil
			case 4:
				p.AtLeast++
			}
			return p, err
		}
		r, err := judge.Decide(t.Context(), from, lie)
		if err != nil {
			refused++
			continue
		}
		ruled[r.Verdict]++
		if r.Verdict == judge.Unknown {
			continue
		}
		want := judge.Verdict("")
		switch reached := systemtest.Possible(d); {
		case r.Empty != "":
			continue
		case !from.Possible:
			want = truth(d, stop)
		case !slices.Contains(reached, false):
			want = judge.Holds
		case !slices.Contains(reached, true):
			want = judge.Violated
		default:
			want = judge.Depends
		}
		if r.Verdict != want {
			t.Fatalf("seed %d: a lie made it %s, and it is %s", seed, r.Verdict, want)
		}
	}
	t.Logf("%d refused; %v", refused, ruled)
	if refused < 100 || ruled[judge.Holds] < 20 || ruled[judge.Violated] < 20 {
		t.Errorf("too few lies, or too few that do no harm: %d refused, %v", refused, ruled)
	}
}

// TestErrorsAndLimits fails at each question, and gives up from each question on: an error must come out, and nothing may be settled.
func TestErrorsAndLimits(t *testing.T) {
	t.Parallel()
	failing := errors.New("no answer")
	var failed, gaveUp int
	for seed := range int64(250) {
		rng := rand.New(rand.NewSource(seed))
		d := systemtest.Random(rng, seed%3 == 0)
		if len(d.Q.Fixed) > 0 {
			continue
		}
		from := &ground.Case{Question: d.Q, Frozen: system.True, Possible: seed%2 == 0}
		if from.Possible {
			d.Q.Budget = -1
		}
		stop := d.Q.System.Fact(int32(rng.Intn(d.Q.System.Facts())))
		from.Bound, from.Bounds, from.Own = stop, []ground.Bound{{When: stop}}, min(rng.Intn(2), len(d.Q.Assume))
		asked := 0
		count := func(ctx context.Context, q *system.Question) (system.Proposal, error) {
			asked++
			return ask(ctx, q)
		}
		if _, err := judge.Decide(t.Context(), from, count); err != nil {
			t.Fatal(err)
		}
		for k := range asked {
			n := 0
			_, err := judge.Decide(t.Context(), from, func(ctx context.Context, q *system.Question) (system.Proposal, error) {
				if n++; n == k+1 {
					return system.Proposal{}, failing
				}
				return ask(ctx, q)
			})
			if failed++; !errors.Is(err, failing) {
				t.Fatalf("seed %d: question %d of %d had no answer, and the error is %v", seed, k+1, asked, err)
			}
			n = 0
			r, err := judge.Decide(t.Context(), from, func(ctx context.Context, q *system.Question) (system.Proposal, error) {
				if n++; n > k {
					return system.Proposal{Incomplete: "tired", Sufficient: []system.Sufficient{{}}, Depth: 3}, nil
				}
				return ask(ctx, q)
			})
			if gaveUp++; err != nil || r.Verdict != judge.Unknown || !strings.HasSuffix(r.Why, "tired") {
				t.Fatalf("seed %d: given up from question %d of %d on: %+v, %v", seed, k+1, asked, r, err)
			}
			if p := r.Answer; p != nil && k == 0 && (len(p.Sufficient) > 0 || r.Within != 2) {
				t.Fatalf("seed %d: what was given up claims something: %+v", seed, r)
			}
		}
	}
	if failed < 300 || gaveUp < 300 {
		t.Errorf("%d failed, %d given up", failed, gaveUp)
	}
}

// TestGivenUpWithAnAttack checks what an attack proves where more was not found: it is one whatever is decided where it relies on no decision.
func TestGivenUpWithAnAttack(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	f := b.Fact()
	d := b.Choice(system.Decision)
	always := b.Rule(nil, []system.Effect{{When: system.True, Fact: f, Set: true}}, 0, nil)
	given := b.Rule([]system.Lit{d}, []system.Effect{{When: system.True, Fact: f, Set: true}}, 0, nil)
	q := &system.Question{System: b.System(), Bad: b.FactLit(f), Budget: -1}
	for want, run := range map[judge.Verdict]system.Run{
		judge.Violated: {Rules: []int32{always}},
		judge.Unknown:  {Rules: []int32{given}, Choices: []system.Lit{d}},
	} {
		r, err := judge.Decide(t.Context(), &ground.Case{Question: q, Frozen: system.True}, func(context.Context, *system.Question) (system.Proposal, error) {
			return system.Proposal{Attacks: []system.Run{run}, Incomplete: "tired"}, nil
		})
		if err != nil || r.Verdict != want || r.Why != "tired" {
			t.Errorf("%+v, %v, expected %s", r, err, want)
		}
	}
}

// TestPossibleGivesUp pins the limits of `possible`: eight decisions that it hangs on, and many that it does not.
func TestPossibleGivesUp(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]judge.Verdict{8: judge.Depends, 9: judge.Unknown} {
		b := system.NewBuilder()
		f := b.Fact()
		var all []system.Lit
		for range n {
			all = append(all, b.Choice(system.Decision))
		}
		b.Rule(all, []system.Effect{{When: system.True, Fact: f, Set: true}}, 0, nil)
		q := &system.Question{System: b.System(), Bad: b.FactLit(f), Budget: -1}
		r, err := judge.Decide(t.Context(), &ground.Case{Question: q, Frozen: system.True, Possible: true}, ask)
		if err != nil || r.Verdict != want {
			t.Errorf("%d decisions: %+v, %v, expected %s", n, r, err, want)
		}
	}
	for n, want := range map[int]judge.Verdict{6: judge.Holds, 13: judge.Unknown} { // what a run changes on the side hangs on each
		b := system.NewBuilder()
		f := b.Fact()
		effects := []system.Effect{{When: system.True, Fact: f, Set: true}}
		for range n {
			effects = append(effects, system.Effect{When: b.Choice(system.Decision), Fact: b.Fact(), Set: true})
		}
		b.Rule(nil, effects, 0, nil)
		q := &system.Question{System: b.System(), Bad: b.FactLit(f), Budget: -1}
		r, err := judge.Decide(t.Context(), &ground.Case{Question: q, Frozen: system.True, Possible: true}, ask)
		if err != nil || r.Verdict != want || want == judge.Holds && len(r.Reach.Runs) != 1 {
			t.Errorf("%d decisions on the side: %s %q, %v, expected %s", n, r.Verdict, r.Why, err, want)
		}
	}
}

// TestFreeOfBounds rules on what is not possible, and on several sets of decisions, where the first look, without the requirement's own assumption, finds that no domain
// stops anything.
func TestFreeOfBounds(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	f, g := b.Fact(), b.Fact()
	q := &system.Question{System: b.System(), Bad: b.FactLit(f), Assume: []system.Lit{b.FactLit(g).Not()}, Budget: -1}
	from := &ground.Case{Question: q, Frozen: system.True, Possible: true, Own: 1, Bound: b.FactLit(g), Bounds: []ground.Bound{{When: b.FactLit(g)}}}
	if r, err := judge.Decide(t.Context(), from, ask); err != nil || r.Verdict != judge.Violated || len(r.Further) != 2 {
		t.Errorf("%+v, %v", r, err)
	}

	b = system.NewBuilder()
	f, g = b.Fact(), b.Fact()
	d, e := b.Choice(system.Decision), b.Choice(system.Decision)
	b.Rule([]system.Lit{d.Not(), e.Not()}, []system.Effect{{When: system.True, Fact: f, Set: true}}, 0, nil)
	b.Rule([]system.Lit{e, d.Not()}, []system.Effect{{When: system.True, Fact: g, Set: true}}, 0, nil) // a domain stops it with the second set
	q = &system.Question{System: b.System(), Bad: b.FactLit(f), Assume: []system.Lit{b.Or(b.FactLit(f).Not(), system.True)}, Budget: -1}
	from = &ground.Case{Question: q, Frozen: system.True, Own: 1, Bound: b.FactLit(g), Bounds: []ground.Bound{{When: b.FactLit(g)}}}
	if r, err := judge.Decide(t.Context(), from, ask); err != nil || r.Verdict != judge.Unknown || r.Bound == nil {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestJudgedInTheEnd judges what was found before there was no more time.
func TestJudgedInTheEnd(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	f := b.Fact()
	r := b.Rule(nil, []system.Effect{{When: system.True, Fact: f, Set: true}}, 0, nil)
	q := &system.Question{System: b.System(), Bad: b.FactLit(f), Budget: -1}
	ctx, cancel := context.WithCancel(t.Context())
	ruling, err := judge.Decide(ctx, &ground.Case{Question: q, Frozen: system.True}, func(context.Context, *system.Question) (system.Proposal, error) {
		cancel()
		return system.Proposal{Attacks: []system.Run{{Rules: []int32{r}}}, Incomplete: "stopped"}, nil
	})
	if err != nil || ruling.Verdict != judge.Violated || ruling.Why != "stopped" {
		t.Errorf("%+v, %v", ruling, err)
	}
}

// TestStopsNowhere refuses a run to where a domain is said to stop a step that ends where none does.
func TestStopsNowhere(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	f, g := b.Fact(), b.Fact()
	b.Rule(nil, []system.Effect{{When: system.True, Fact: f, Set: true}}, 0, nil)
	q := &system.Question{System: b.System(), Bad: b.FactLit(g), Budget: -1}
	from := &ground.Case{Question: q, Frozen: system.True, Bound: b.FactLit(f), Bounds: []ground.Bound{{When: b.FactLit(g)}}}
	if r, err := judge.Decide(t.Context(), from, ask); err == nil {
		t.Errorf("%+v", r)
	}
}

// TestNoRuns checks that what cannot start at all is vacuously so, and is not possible.
func TestNoRuns(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	f := b.Fact()
	q := &system.Question{System: b.System(), Bad: b.FactLit(f), Assume: []system.Lit{b.FactLit(f)}, Budget: -1}
	never := func(context.Context, *system.Question) (system.Proposal, error) {
		return system.Proposal{}, errors.New("nothing is to be asked")
	}
	for possible, want := range map[bool]judge.Verdict{false: judge.Holds, true: judge.Violated} {
		r, err := judge.Decide(t.Context(), &ground.Case{Question: q, Frozen: system.True, Possible: possible}, never)
		if err != nil || r.Verdict != want || r.Empty != judge.NoRuns {
			t.Errorf("possible %v: %+v, %v", possible, r, err)
		}
	}
	// Where only the requirement's own assumption is broken, what must come first is so from the start.
	mine := &ground.Case{Question: q, Frozen: system.True, Own: 1}
	if r, err := judge.Decide(t.Context(), mine, never); err != nil || r.Verdict != judge.Holds || r.Empty != judge.FromStart {
		t.Errorf("%+v, %v", r, err)
	}
	other := *q
	other.Assume = append(slices.Clone(q.Assume), q.Assume...)
	if r, err := judge.Decide(t.Context(), &ground.Case{Question: &other, Frozen: system.True, Own: 1}, never); err != nil || r.Empty != judge.NoRuns {
		t.Errorf("%+v, %v", r, err)
	}
	// A closure leaves that to who tells it apart.
	if r := judge.NewClosed(t.Context(), q).Rule(t.Context(), &ground.Case{Question: q, Frozen: system.True}, f); r != nil {
		t.Errorf("%+v", r)
	}
}

// TestCertified asks whether a certificate proves a question.
func TestCertified(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	f := b.FactLit(b.Fact())
	nothing := &system.Certificate{Cuts: []system.Cut{{}}}
	q := &system.Question{System: b.System(), Bad: f, Budget: -1}
	if !judge.Certified(t.Context(), q, nothing) {
		t.Error("what nothing makes true is not proved to stay false")
	}
	q.Bad = f.Not()
	if judge.Certified(t.Context(), q, nothing) {
		t.Error("what is so from the start is proved never to be")
	}
}
