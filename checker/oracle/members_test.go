package oracle_test

import (
	"errors"
	"math/rand"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/oracle"
)

// few is how many states a design may have that is played with many members.
const few = 120

// TestTwoAgreeWithMore plays designs with two, three and four members of each actor that stands for many: who attacks and who is attacked, and others besides.
// The answers are the same, down to the costs and lengths of attacks.
func TestTwoAgreeWithMore(t *testing.T) {
	alone(t)
	t.Parallel()
	compared := map[string]int{}
	for seed := *first; seed < *first+2*int64(*designs); seed++ {
		text := oracle.Random(rand.New(rand.NewSource(seed)))
		m, _ := load(text)
		if m == nil || m.Design.Lookup("Shopper").Members == nil {
			continue
		}
		g, err := ground.Ground(t.Context(), m)
		if mistakes := (*ground.Mistakes)(nil); errors.As(err, &mistakes) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		for i, r := range m.Design.Requirements {
			if r.Static {
				continue
			}
			for _, c := range g.Cases[i] {
				bindings := texts(c.Bindings)
				two := oracle.New(m, 2).Case(r, c.Attackers, bindings, few)
				for _, n := range []int{3, 4} {
					more := oracle.New(m, n).Case(r, c.Attackers, bindings, few)
					if two.Large || more.Large {
						continue
					}
					compared[two.Within]++
					if two.Within != more.Within || two.Cost != more.Cost || two.Steps != more.Steps {
						t.Errorf("seed %d, %s %v: two members: %s, cost %d in %d steps; %d: %s, %d in %d\n%s", seed, r.Name, bindings, two.Within, two.Cost, two.Steps, n, more.Within, more.Cost, more.Steps, text)
					}
				}
			}
		}
	}
	t.Logf("answers compared: %v", compared)
	if compared["holds"] < *designs/4 || compared["violated"] < *designs/4 {
		t.Errorf("too few to tell: %v", compared)
	}
}

// texts returns the values of bindings as the oracle calls them, which numbers members.
func texts(bindings []ground.Binding) []string {
	var out []string
	for _, b := range bindings {
		if of, own := strings.CutPrefix(b.Value, "own "); own {
			b.Value = of + "#0"
		}
		out = append(out, b.Value)
	}
	return out
}
