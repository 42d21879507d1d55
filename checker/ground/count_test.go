package ground_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// TestCounts compares counts with numbers and with each other, in each order and on either side, in all states of ten facts.
func TestCounts(t *testing.T) {
	t.Parallel()
	orders := []struct {
		op    string
		holds func(x, y int) bool
	}{
		{"<", func(x, y int) bool { return x < y }},
		{"<=", func(x, y int) bool { return x <= y }},
		{">", func(x, y int) bool { return x > y }},
		{">=", func(x, y int) bool { return x >= y }},
		{"=", func(x, y int) bool { return x == y }},
		{"!=", func(x, y int) bool { return x != y }},
	}
	type term struct {
		text  string
		value func(as, bs, cs int) int
	}
	terms := []term{
		{"(count d: D | a(d))", func(as, _, _ int) int { return as }},
		{"(count e: E | b(e))", func(_, bs, _ int) int { return bs }},
		{"(count e: E | c(e))", func(_, _, cs int) int { return cs }}, // as many as of b
		{"(count e: E | b(e)) + 1", func(_, bs, _ int) int { return bs + 1 }},
	}
	for _, n := range []int{0, 1, 3, 4, 5, -1} {
		terms = append(terms, term{fmt.Sprint(n), func(int, int, int) int { return n }})
	}
	var text strings.Builder
	text.WriteString("design \"Counts\"\nuse \"core\"\nzone Z: zone\ncomponent Shop: component in Z\nprocess P {\n" +
		"  domain D = d1, d2, d3, d4\n  domain E = e1, e2, e3\n  fact a(D)\n  fact b(E)\n  fact c(E)\n" +
		"  step A(d: D) by Shop do a(d)\n  step B(e: E) by Shop do b(e)\n  step C(e: E) by Shop do c(e)\n}\n")
	var wants []func(as, bs, cs int) bool
	for _, x := range terms {
		for _, y := range terms {
			if !strings.Contains(x.text+y.text, "count") {
				continue // two numbers: the design is warned of what is always so
			}
			for _, o := range orders {
				if (o.op == "=" || o.op == "!=") && apart(x.value, y.value) {
					continue // an error: they are never equal
				}
				fmt.Fprintf(&text, "require R%d: never %s %s %s\n", len(wants), x.text, o.op, y.text)
				wants = append(wants, func(as, bs, cs int) bool { return o.holds(x.value(as, bs, cs), y.value(as, bs, cs)) })
			}
		}
	}
	m := threatstest.Load(t, threatstest.Texts(map[string]string{"counts.vbn": text.String()}), "counts.vbn")
	g, err := ground.Ground(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range wants {
		q := g.Cases[i][0].Question
		for mask := range 1 << 10 {
			var facts []int32
			as, bs, cs := 0, 0, 0
			for f := range int32(q.System.Facts()) {
				name := g.FactName(f)
				switch {
				case strings.HasPrefix(name, "a(d") && mask>>(name[3]-'1')&1 == 1:
					as++
				case strings.HasPrefix(name, "b(e") && mask>>(4+name[3]-'1')&1 == 1:
					bs++
				case strings.HasPrefix(name, "c(e") && mask>>(7+name[3]-'1')&1 == 1:
					cs++
				default:
					continue
				}
				facts = append(facts, f)
			}
			st, err := system.NewState(q.System, facts, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := st.Eval(q.Bad) == system.Yes; got != want(as, bs, cs) {
				t.Fatalf("%s with %d, %d and %d: got %v", m.Design.Requirements[i].Name, as, bs, cs, got)
			}
		}
	}
}

// apart reports whether two terms have no value in common: each is between the least and the greatest of its values.
func apart(x, y func(as, bs, cs int) int) bool {
	bounds := func(of func(as, bs, cs int) int) (lo, hi int) {
		lo, hi = of(0, 0, 0), of(0, 0, 0)
		for as := range 5 {
			for bs := range 4 {
				for cs := range 4 {
					lo, hi = min(lo, of(as, bs, cs)), max(hi, of(as, bs, cs))
				}
			}
		}
		return lo, hi
	}
	xlo, xhi := bounds(x)
	ylo, yhi := bounds(y)
	return xhi < ylo || yhi < xlo
}
