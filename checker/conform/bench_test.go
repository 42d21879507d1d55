package conform

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
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

// forged changes an honest log: somebody pays a cent for what begins at an event or later, or an event is there twice.
func forged(log string, at int, twice bool) string {
	list := strings.Fields(log)
	for i := at; i+1 < len(list); i++ {
		switch {
		case twice && list[i] == "Send":
			return strings.Join(slices.Insert(list, i, "Send"), " ")
		case !twice && list[i] == "Charge(full)":
			list[i], list[i+1] = "Charge(cent)", "Book(cent)"
			return strings.Join(list, " ")
		}
	}
	return log
}

// TestLongAttack explains one case of a thousand events with an attack at its beginning, in its middle and at its end, by its least cost; and finds the event that nobody leaves.
func TestLongAttack(t *testing.T) {
	t.Parallel()
	m := shop(t)
	honest := orders(rand.New(rand.NewPCG(1, 2)), 1000)
	for _, opt := range []Options{{}, {Failures: 1, Lost: 1}} {
		x, err := New(t.Context(), m, ground.Sight{Steps: steps(m)}, opt)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []int{0, 500, 960} {
			log := forged(honest, at, false)
			a, err := x.Explain(t.Context(), events(t, m, log))
			if err != nil || a.Verdict != Explained || Names(a.By) != "Cheat" || a.Run.Attack.Cost != 0 || len(a.Run.Attack.Steps) != 1002 {
				t.Fatalf("an attack at %d: %v, %+v", at, err, a)
			}
			if opt.Lost == 0 && (len(a.Also) != 1 || a.Also[0].Attack.Cost != 1 || a.Also[0].Attack.CostAtLeast != 1) {
				t.Errorf("an attack at %d is not explained by Outsider, too: %+v", at, a.Also)
			}
		}
		if opt.Lost > 0 {
			continue
		}
		log := forged(honest, 960, true)
		a, err := x.Explain(t.Context(), events(t, m, log))
		if err != nil || a.Verdict != Unexplained || strings.Fields(log)[a.Events] != "Send" || strings.Fields(log)[a.Events-1] != "Send" {
			t.Fatalf("an event twice: %v, %+v", err, a)
		}
	}
}

// TestLed says the same of logs whose runs are led as of those of which the engines are asked.
func TestLed(t *testing.T) {
	t.Parallel()
	counts := map[Verdict]int{}
	for name, m := range map[string]*threats.Model{"shop": shop(t), "checkout": load(t, "checkout/amount.vbn"), "orders": load(t, "orders/shop.vbn")} {
		rng := rand.New(rand.NewPCG(5, 6))
		for k := range 24 {
			opt := Options{Lost: k % 2, Failures: k / 2 % 2}
			x, err := New(t.Context(), m, ground.Sight{Steps: steps(m)}, opt)
			if err != nil {
				t.Fatal(err)
			}
			led, err := New(t.Context(), m, ground.Sight{Steps: steps(m)}, opt)
			if err != nil {
				t.Fatal(err)
			}
			led.long = -1
			var list []string
			if name == "shop" {
				list = strings.Fields(forged(orders(rng, 14), rng.IntN(9), k%3 == 0))
			} else {
				list = strings.Fields("Place(o1) Charge(o1,full) Ship(o1,full) Place(o2) Charge(o2,full) Ship(o2,full)")
				for range 2 {
					i := rng.IntN(len(list))
					list[i] = strings.Replace(list[i], "full", "cent", 1)
				}
			}
			if i := rng.IntN(len(list) - 1); k%4 == 0 {
				list[i], list[i+1] = list[i+1], list[i]
			} else if k%4 == 1 {
				list = slices.Delete(list, i, i+1)
			}
			log := strings.Join(list, " ")
			a, err := x.Explain(t.Context(), events(t, m, log))
			if err != nil {
				t.Fatal(err)
			}
			b, err := led.Explain(t.Context(), events(t, m, log))
			if err != nil {
				t.Fatal(err)
			}
			counts[a.Verdict]++
			cost := func(a *Answer) string {
				text := fmt.Sprint(a.Verdict, a.Lost, a.Events, a.Honest)
				if a.Verdict == Explained {
					text += fmt.Sprint(" cost ", a.Run.Attack.Cost)
				}
				for _, f := range a.Next {
					text += fmt.Sprint(" ", f.Requirement.Name, f.Outlook)
				}
				return text
			}
			if cost(a) != cost(b) {
				t.Errorf("%s, %s: %s, and led %s", name, log, cost(a), cost(b))
			}
			if a.Verdict == Explained && b.Verdict == Explained && (b.Run.Attack.CostAtLeast > b.Run.Attack.Cost || b.Run.Attack.CostAtLeast > a.Run.Attack.Cost) { // it may be lower: what leads takes of the work that a bound is looked for with
				t.Errorf("%s, %s: cost %d, and led at least %d", name, log, a.Run.Attack.Cost, b.Run.Attack.CostAtLeast)
			}
			if _, err := led.Recheck(t.Context(), events(t, m, log), claim(b)); err != nil {
				t.Errorf("%s, %s: %v", name, log, err)
			}
		}
	}
	t.Log(counts)
	if counts[Explained] < 10 || counts[Unexplained] < 10 || counts[Normal] < 5 {
		t.Error(counts)
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

// BenchmarkLongAttack explains a case of a thousand events with an attack in its middle.
func BenchmarkLongAttack(b *testing.B) {
	m := shop(b)
	x, err := New(b.Context(), m, ground.Sight{Steps: steps(m)}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	log := events(b, m, forged(orders(rand.New(rand.NewPCG(1, 2)), 1000), 500, false))
	for b.Loop() {
		if a, err := x.Explain(b.Context(), log); err != nil || a.Verdict != Explained {
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
