package certify_test

import (
	"context"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/certify"
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
