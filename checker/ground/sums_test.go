package ground

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/ground/term"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// TestSumsInBinary compares random sums with 0 in binary, by ladders and by all pairs of values, in all states of the variables that they add, and makes terms of
// them in each of these ways.
func TestSumsInBinary(t *testing.T) {
	t.Parallel()
	compared := 0
	for seed := range int64(300) {
		rng := rand.New(rand.NewSource(seed))
		g := &grounder{b: system.NewBuilder()}
		states := [][]int32{nil} // which facts are true
		also := func(choices ...[]int32) {
			var out [][]int32
			for _, s := range states {
				for _, c := range choices {
					out = append(out, append(s[:len(s):len(s)], c...))
				}
			}
			states = out
		}
		var parts []addend
		for range 1 + rng.Intn(4) {
			var values []term.Value
			first, step := int64(rng.Intn(9)-5), int64(1+rng.Intn(4))
			for i := range 1 + rng.Intn(4) {
				values = append(values, term.Value{Number: first + int64(i)*step})
			}
			facts := make([][]int32, len(values))
			v := term.NewVariable(g.b, values, func(i int) int32 {
				f := g.b.Fact()
				facts[i] = []int32{f}
				return f
			})
			also(facts...)
			x := v.Term()
			switch rng.Intn(5) {
			case 0: // sometimes 0
				f := g.b.Fact()
				also(nil, []int32{f})
				x = term.If(g.b, g.b.FactLit(f), x, term.Of(term.Value{}))
			case 1: // sometimes `none`
				f := g.b.Fact()
				also(nil, []int32{f})
				x = term.If(g.b, g.b.FactLit(f), x, term.Of(term.Value{None: true}))
			case 2: // without a value for some of its values
				x = x.Map(g.b, func(v term.Value) (term.Value, bool) { return v, v.Number != first })
			}
			parts = append(parts, addend{x, rng.Intn(2) == 0})
		}
		zero := term.Of(term.Value{})
		ops := []models.Op{models.OpEq, models.OpNe, models.OpLt, models.OpLe, models.OpGt, models.OpGe}
		whole := g.total(parts)
		var binary, paired, climbed []system.Lit
		for _, op := range ops {
			binary = append(binary, g.relatedToZero(op, parts))
			paired = append(paired, g.related(op, whole, zero))
			l, ok := g.climbed(op, g.shifted(parts), maxSumPairs)
			if !ok {
				l = paired[len(paired)-1]
			}
			climbed = append(climbed, l)
		}
		// One half of the parts with the other, as they are and part by part.
		h := len(parts) / 2
		x, y := parts[:h], parts[h:2*h]
		left, right := g.differences(x, y)
		for _, op := range ops {
			want := g.related(op, g.total(x), g.total(y))
			binary, paired, climbed = append(binary, g.related(op, g.total(left), g.total(right))), append(paired, want), append(climbed, want)
		}
		// The sum as a term, with the values of a domain alone, by a ladder and in binary.
		lo, hi := int64(rng.Intn(9)-6), int64(rng.Intn(12)-2)
		ladder := g.sum(parts, lo, hi)
		base, numbers, is := g.shifted(parts).binary(g.b)
		bits := term.Total(g.b, numbers).Term(g.b, base, lo, hi, is)
		for n := lo - 2; n <= hi+2; n++ {
			want := whole.Is(term.Value{Number: n})
			if n < lo || n > hi {
				want = system.False
			}
			for _, x := range []term.Term{ladder, bits} {
				binary, paired, climbed = append(binary, x.Is(term.Value{Number: n})), append(paired, want), append(climbed, want)
			}
		}
		if g.err != nil {
			t.Fatal(g.err)
		}
		s := g.b.System()
		for _, facts := range states {
			st, err := system.NewState(s, facts, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i := range paired {
				compared++
				if want := st.Eval(paired[i]); st.Eval(binary[i]) != want || st.Eval(climbed[i]) != want {
					t.Fatalf("seed %d, facts %v: %d is %v by pairs, %v in binary, %v by ladders", seed, facts, i, want, st.Eval(binary[i]), st.Eval(climbed[i]))
				}
			}
		}
	}
	t.Logf("%d comparisons", compared)
}

// sumOf is a design with a sum of n terms, at a place that %s stands at.
func sumOf(n int, place string) string {
	var b, sum strings.Builder
	b.WriteString("design \"Sum\"\nuse \"core\"\nzone Z: zone\ncomponent Shop: component in Z\nprocess P {\n  domain N = 0..3\n  domain M = 0..9\n  fact done\n")
	for i := range n {
		fmt.Fprintf(&b, "  var n%d: N = 0\n  step S%d by Shop when n%d < 3 do n%d := n%d + 1\n", i, i, i, i, i)
		if i > 0 {
			sum.WriteString(" + ")
		}
		fmt.Fprintf(&sum, "n%d", i)
	}
	return b.String() + strings.ReplaceAll(place, "SUM", sum.String())
}

// TestSumsGrowLinearly counts the gates of sums of many terms, wherever they stand: twice as many terms take about twice as many.
func TestSumsGrowLinearly(t *testing.T) {
	t.Parallel()
	for _, place := range []string{
		"} assume A: SUM <= 1000 require R: never done",
		"} require R: never SUM > 2000",
		"} require R: never SUM != 5",
		"} require R: never 2 * (SUM) - 7 > SUM",
		"  step T by Shop when SUM = 400 do done\n} require R: never done",
		"  step T by Shop when n0 < SUM do done\n} require R: never done",
	} {
		nodes := func(n int) int {
			m := threatstest.Load(t, threatstest.Texts(map[string]string{"sum.vbn": sumOf(n, place)}), "sum.vbn")
			g, err := Ground(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			return g.System.Nodes()
		}
		one, two := nodes(700), nodes(1400)
		t.Logf("%d and %d gates: %s", one, two, place)
		if two > 2*one+one/4 || two > 100*1400 {
			t.Errorf("a sum of 700 terms takes %d gates, one of 1400 takes %d: %s", one, two, place)
		}
	}
}
