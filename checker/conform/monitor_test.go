package conform

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/models/logs"
	"github.com/vauban-verifier/vauban/models/logs/jsonl"
	"github.com/vauban-verifier/vauban/threats"
)

// takes has a monitor take the events of a log, all of one case.
func takes(t *testing.T, x *Explainer, m *threats.Model, log []string) (out []Told) {
	t.Helper()
	mapping := logs.Plain(m.Design, jsonl.Defaults)
	monitor, in := NewMonitor(x, mapping, 0), logs.NewInterpreter(mapping, m.Design, nil)
	for i, text := range log {
		name, args, _ := strings.Cut(strings.TrimSuffix(text, ")"), "(")
		fields := map[string]string{"case": "a", "step": name}
		if args != "" {
			fields["args"] = args
		}
		told, err := monitor.Take(t.Context(), in.Mean(logs.Record{Line: i + 1, Fields: fields}, "log"), i+1)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, *told)
	}
	return out
}

// TestMonitorGoesOn: what a monitor says of a case from where its honest runs were is what it would say if it looked at all its events again, event after event.
func TestMonitorGoesOn(t *testing.T) {
	t.Parallel()
	counts := map[Verdict]int{}
	ahead := 0
	for name, m := range map[string]*threats.Model{
		"shop": shop(t), "amount": load(t, "checkout/amount.vbn"), "fixed": load(t, "checkout/amount-fixed.vbn"), "orders": load(t, "orders/shop.vbn"),
	} {
		rng := rand.New(rand.NewPCG(3, 4))
		for k := range 6 {
			list := strings.Fields("Place(o1) Place(o2) Charge(o1,full) Ship(o1,full) Charge(o2,full) Ship(o2,full)")
			if name == "shop" {
				list = strings.Fields(orders(rng, 16))
			}
			if i := rng.IntN(len(list) - 1); k%3 == 1 {
				list[i], list[i+1] = list[i+1], list[i]
			} else if k%3 == 2 {
				list = slices.Delete(list, i, i+1)
			}
			x, err := New(t.Context(), m, ground.Sight{Steps: steps(m)}, Options{Stops: k == 0})
			if err != nil {
				t.Fatal(err)
			}
			for i, told := range takes(t, x, m, list) {
				a, err := x.Explain(t.Context(), events(t, m, strings.Join(list[:i+1], " ")))
				if err != nil {
					t.Fatal(err)
				}
				want := summary(a)
				told.Entry, told.Case, told.Event, told.Changed = 0, nil, "", false
				counts[told.Verdict]++
				ahead += len(told.CanBreak)
				got, _ := json.Marshal(told)
				if text, _ := json.Marshal(want); string(got) != string(text) {
					t.Fatalf("%s: after %v the monitor says\n%s\nand of all events\n%s", name, list[:i+1], got, text)
				}
			}
		}
	}
	t.Log(counts, ahead)
	if counts[Normal] < 50 || counts[Explained]+counts[Unexplained] < 10 || ahead < 20 {
		t.Error(counts, ahead)
	}
}

// TestMonitorLong: an answer takes no longer for a case of thousands of events than for one of few: of each event only what is new of it is worked out.
func TestMonitorLong(t *testing.T) {
	t.Parallel()
	m := shop(t)
	x, err := New(t.Context(), m, ground.Sight{Steps: steps(m)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	list := strings.Fields(orders(rand.New(rand.NewPCG(1, 2)), 2000))
	for i, told := range takes(t, x, m, list) {
		if told.Verdict != Normal || told.Entry != i+1 {
			t.Fatal(fmt.Sprint(i), told)
		}
	}
	if len(x.windows) > 10 {
		t.Errorf("%d kinds of events", len(x.windows))
	}
}
