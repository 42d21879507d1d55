package oracle_test

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/conform"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/oracle"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// tampered changes a log in one place: an event goes, comes twice, changes places with the next one, or says something else.
func tampered(rng *rand.Rand, list []oracle.Entry) []oracle.Entry {
	out := append([]oracle.Entry(nil), list...)
	if len(out) == 0 {
		return out
	}
	i := rng.Intn(len(out))
	switch k := rng.Intn(4); {
	case k == 0:
		out = append(out[:i], out[i+1:]...)
	case k == 1:
		out = append(out[:i+1], out[i:]...)
	case k == 2 && i+1 < len(out):
		out[i], out[i+1] = out[i+1], out[i]
	default:
		out[i] = list[rng.Intn(len(list))]
	}
	return out
}

// entries are events as package ground has them. Of an argument that is an element the log does not tell.
func entries(list []oracle.Entry) []ground.Event {
	var out []ground.Event
	for _, e := range list {
		x := ground.Event{Source: e.Source, After: e.After, Step: e.Step}
		for i, a := range e.Args {
			if e.Step.Params[i].Type.Base == models.ElementType {
				a, e.Args[i] = "", ""
			}
			x.Args = append(x.Args, a)
		}
		out = append(out, x)
	}
	return out
}

func many(m *threats.Model) bool {
	for _, e := range m.Design.Elements {
		if e.Members != nil {
			return true
		}
	}
	return false
}

// TestLogs holds what is said of logs to brute force, on random designs with random logs, of which half are tampered with: whether an honest run leaves one, which attackers
// do, at which least cost, with how few lost events. Each run that is shown leaves just the log.
func TestLogs(t *testing.T) {
	rng := rand.New(rand.NewSource(*first + 2)) // of the first few, the one with most attacks
	const limit = 2000
	counts := map[string]int{}
	logs := 0
	for logs < *designs {
		m, diags := load(oracle.Random(rng))
		if diags.HasErrors() || len(m.Design.Processes) == 0 || many(m) {
			continue
		}
		sight := ground.Sight{}
		observed := map[*models.Step]bool{}
		for _, p := range m.Design.Processes {
			for _, s := range p.Steps {
				if rng.Intn(4) > 0 {
					sight.Steps, observed[s] = append(sight.Steps, s), true
				}
			}
		}
		o := oracle.New(m, 2)
		lost, failures := rng.Intn(2), rng.Intn(2)
		x, err := conform.New(t.Context(), m, sight, conform.Options{Lost: lost, Failures: failures})
		if err != nil || len(x.Coalitions) == 0 || len(sight.Steps) == 0 {
			continue
		}
		for k := range 4 {
			var who []*models.Attacker
			if len(x.Coalitions) > 0 && rng.Intn(4) > 0 {
				who = x.Coalitions[rng.Intn(len(x.Coalitions))]
			}
			moves := 8
			if len(who) > 0 {
				moves = 24
			}
			list := o.Walk(rng, who, observed, moves)
			if k%2 == 1 {
				list = tampered(rng, list)
			}
			if rng.Intn(3) == 0 {
				for i := range list {
					list[i].Source = rng.Intn(2)
				}
			}
			events := entries(list)
			logs++
			a, err := x.Explain(t.Context(), events)
			if err != nil {
				t.Fatalf("%v\n%v", err, events)
			}
			counts[string(a.Verdict)]++
			if a.Verdict == conform.Unknown {
				if !strings.Contains(a.Why, "domain") && !strings.Contains(a.Why, "leaves its") {
					counts["unknown: "+a.Why]++
				}
				continue
			}
			if a.Verdict != conform.Unexplained {
				if err := justThisLog(a.Run, events); err != nil {
					t.Fatalf("%s: %v\n%v\n%v", a.Verdict, err, events, m.Design.Files[0].Text)
				}
			}
			want, by, least, large := bruteLog(o, x, oracle.Log{Events: list, Observed: observed}, failures, lost, limit)
			if large {
				counts["large"]++
				continue
			}
			if string(a.Verdict) != want || a.Verdict != conform.Unexplained && a.Lost != least.lost {
				t.Fatalf("%s, %d lost: expected %s %v, %+v\n%v\n%v", a.Verdict, a.Lost, want, by, least, events, m.Design.Files[0].Text)
			}
			if a.Verdict == conform.Explained && (a.Run.Attack.Cost < least.cost || a.Run.Attack.CostAtLeast > least.cost || a.Run.Attack.CostAtLeast == a.Run.Attack.Cost && a.Run.Attack.Cost != least.cost) {
				t.Fatalf("cost %d, at least %d, expected %+v of %v\n%v\n%v", a.Run.Attack.Cost, a.Run.Attack.CostAtLeast, least, by, events, m.Design.Files[0].Text)
			}
		}
	}
	t.Log(logs, "logs:", counts)
	for _, v := range conform.WorstFirst[:2] {
		if counts[string(v)] < logs/50 {
			t.Errorf("only %d of %d logs are %s", counts[string(v)], logs, v)
		}
	}
}

// justThisLog checks of a run that it leaves each event of a log once, by the step that the event tells of and with its arguments, those of a source in their order and after those that came
// before for certain; all that it shows besides is not observed or lost.
func justThisLog(run *conform.Run, events []ground.Event) error {
	gone := map[int]int{} // by source
	next := map[int][]int{}
	for i, e := range events {
		next[e.Source] = append(next[e.Source], i)
	}
	left := 0
	for k, at := range run.Leaves {
		if at == 0 {
			continue
		}
		e, step := events[at-1], run.Attack.Steps[k]
		if n := gone[e.Source]; n >= len(next[e.Source]) || next[e.Source][n] != at-1 {
			return fmt.Errorf("step %d leaves event %d, which is not the next one of its source", k+1, at)
		}
		for source, n := range e.After {
			if source != e.Source && gone[source] < n {
				return fmt.Errorf("step %d leaves event %d before others that came first", k+1, at)
			}
		}
		gone[e.Source]++
		left++
		if step.ID != e.Step.Name || run.Loses[k] {
			return fmt.Errorf("step %d is %s and leaves event %d", k+1, step.ID, at)
		}
		for i, b := range step.Bindings {
			if i < len(e.Args) && e.Args[i] != "" && e.Args[i] != b.Value {
				return fmt.Errorf("step %d has %s = %s and leaves event %d", k+1, b.Var, b.Value, at)
			}
		}
	}
	if left != len(events) {
		return fmt.Errorf("%d events are left, expected %d", left, len(events))
	}
	return nil
}

type leastOf struct{ cost, lost int }

// bruteLog returns the verdict by brute force.
func bruteLog(o *oracle.Oracle, x *conform.Explainer, l oracle.Log, failures, lost, limit int) (verdict, by string, least leastOf, large bool) {
	for l.Lost = 0; l.Lost <= lost; l.Lost++ {
		switch f := o.Leaves(nil, l, failures, limit); {
		case f.Large:
			return "", "", least, true
		case f.Cost >= 0:
			return "normal", "", leastOf{0, l.Lost}, false
		}
	}
	for n := 0; n <= failures; n++ {
		for l.Lost = 0; l.Lost <= lost; l.Lost++ {
			least = leastOf{-1, l.Lost}
			for _, c := range x.Coalitions {
				switch f := o.Leaves(c, l, n, limit); {
				case f.Large:
					return "", "", least, true
				case f.Cost >= 0 && (least.cost < 0 || f.Cost < least.cost):
					least.cost, by = f.Cost, fmt.Sprint(conform.Names(c))
				}
			}
			if least.cost >= 0 {
				return "explained", by, least, false
			}
		}
	}
	return "unexplained", "", least, false
}
