package conform

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/threats"
)

func shop(t testing.TB) *threats.Model {
	t.Helper()
	text, err := os.ReadFile("testdata/shop.vbn")
	if err != nil {
		t.Fatal(err)
	}
	return model(t, string(text))
}

// orders writes the log of an honest case of so many events at the least, of which some are not observed.
func orders(rng *rand.Rand, events int) string {
	var out []string
	for len(out) < events {
		basket := 0
		for basket == 0 || rng.IntN(3) > 0 {
			if basket > 0 && rng.IntN(3) == 0 {
				basket--
				out = append(out, "Remove")
			} else if basket < 3 {
				basket++
				out = append(out, "Add")
			}
		}
		out = append(out, "Order", "Charge(full)", "Book(full)", "Fetch", "Send", "Return")
	}
	return strings.Join(out[:events], " ")
}

// TestLong explains one case of a thousand events, and many that are all different: the walk keeps a frontier, and grows with the events alone.
func TestLong(t *testing.T) {
	t.Parallel()
	m := shop(t)
	rng := rand.New(rand.NewPCG(1, 2))
	x, err := New(t.Context(), m, ground.Sight{Steps: steps(m)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	logs := []string{orders(rng, 1000)}
	for range 200 {
		logs = append(logs, orders(rng, 16))
	}
	for _, log := range logs {
		a, err := x.Explain(t.Context(), events(t, m, log))
		if err != nil || a.Verdict != Normal || len(a.Run.Attack.Steps) != len(strings.Fields(log)) {
			t.Fatalf("%v: %v", a, err)
		}
	}
}

func BenchmarkThousandEvents(b *testing.B) {
	m := shop(b)
	x, err := New(b.Context(), m, ground.Sight{Steps: steps(m)}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	log := events(b, m, orders(rand.New(rand.NewPCG(1, 2)), 1000))
	for b.Loop() {
		if a, err := x.Explain(b.Context(), log); err != nil || a.Verdict != Normal {
			b.Fatal(err)
		}
	}
}

// BenchmarkOrder explains an order of sixteen events that is like no other.
func BenchmarkOrder(b *testing.B) {
	m := shop(b)
	x, err := New(b.Context(), m, ground.Sight{Steps: steps(m)}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for b.Loop() {
		if a, err := x.Explain(b.Context(), events(b, m, orders(rng, 16))); err != nil || a.Verdict != Normal {
			b.Fatal(err)
		}
	}
}
