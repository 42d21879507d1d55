package ground

import (
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// watched grounds a design for logs of some of its steps; without names, of all.
func watched(t *testing.T, text string, names ...string) (*Watched, map[string]*models.Step) {
	t.Helper()
	m := threatstest.Load(t, threatstest.Texts(map[string]string{"f.vbn": text}), "f.vbn")
	steps := map[string]*models.Step{}
	sight := Sight{}
	for _, s := range m.Design.Processes[0].Steps {
		if steps[s.Name] = s; len(names) == 0 || strings.Contains(strings.Join(names, " "), s.Name) {
			sight.Steps = append(sight.Steps, s)
		}
	}
	w, err := Watch(t.Context(), m, sight)
	if err != nil {
		t.Fatal(err)
	}
	return w, steps
}

// names are those of the rules that a log adds.
func names(w *Watched, g *Grounding) (out []string) {
	for r := int32(w.System.Rules()); r < int32(g.System.Rules()); r++ {
		out = append(out, g.RuleName(r))
	}
	return out
}

// TestLogNames names the rules that a log adds after the events that they leave, and what they lose. One log takes nothing from another one that is made after it.
func TestLogNames(t *testing.T) {
	t.Parallel()
	w, steps := watched(t, finished)
	w.steps = append(make([]processRule, 0, len(w.steps)+4096), w.steps...) // with room for more
	events := []Event{{Step: steps["Ask"]}, {Step: steps["Take"], Args: []string{"gold", "2"}}}
	g, err := w.Log(events, 2, true)
	if err != nil {
		t.Fatal(err)
	}
	first := names(w, g)
	text := strings.Join(first, "\n")
	for _, want := range []string{"event 1: step Ask", "event 2: step Take(gold, 2)", "lost 1: step Ask", "lost 2: step Take(silver, 0)", "after: step Ask"} {
		if !strings.Contains(text, want) {
			t.Errorf("no rule is called %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "event 3") || strings.Contains(text, "event 0") || strings.Contains(text, "event 2: step Take(gold, 1)") {
		t.Error(text)
	}
	facts := ""
	for f := int32(w.System.Facts()); f < int32(g.System.Facts()); f++ {
		facts += g.FactName(f) + "; "
	}
	if facts != "event 1 passed; event 2 passed; 1 lost; 2 lost; " {
		t.Errorf("the facts of the log are %s", facts)
	}
	for _, cases := range w.Cases {
		for _, c := range cases {
			for failures, want := range []int{max(0, c.Question.MaxFailures), max(1, c.Question.MaxFailures), 2} {
				if got := g.Follows(c, failures).Question.MaxFailures; got != want {
					t.Errorf("after a log for which %d controls may have failed, %d may", failures, got)
				}
			}
		}
	}
	lost, after := 0, 0
	for r := int32(w.System.Rules()); r < int32(g.System.Rules()); r++ {
		name := g.RuleName(r)
		if g.Loses(r) != strings.HasPrefix(name, "lost ") {
			t.Errorf("%s loses an event: %v", name, g.Loses(r))
		}
		want := -1
		if strings.HasPrefix(name, "event 1:") {
			want = 0
		} else if strings.HasPrefix(name, "event 2:") {
			want = 1
		}
		if g.Leaves(r) != want {
			t.Errorf("%s leaves event %d", name, g.Leaves(r))
		}
		if g.Loses(r) {
			lost++
		} else if want < 0 {
			after++
		}
	}
	if lost == 0 || after == 0 {
		t.Errorf("%d rules lose an event, %d come after", lost, after)
	}
	if _, err := w.Log([]Event{{Step: steps["Take"], Args: []string{"", ""}}}, 0, false); err != nil {
		t.Fatal(err)
	}
	if again := strings.Join(names(w, g), "\n"); again != text {
		t.Errorf("after another log its rules are called\n%s\nbefore\n%s", again, text)
	}
}

// TestLogNamesOwn: an alert about what each of many has is one about that of any of them.
func TestLogNamesOwn(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Cart", "own Cart", "Cart of own Shopper"} {
		if !is(name, "Cart") || is(name, "Car") {
			t.Errorf("%s is Cart: %v, Car: %v", name, is(name, "Cart"), is(name, "Car"))
		}
	}
}

// TestLogMeans: an effect is a fact of the design, or nothing.
func TestLogMeans(t *testing.T) {
	t.Parallel()
	w, _ := watched(t, finished)
	for effect, want := range map[string]bool{"controls(Shop)": true, "paid(gold)": true, "paid(copper)": false, "": false} {
		if w.Means(effect) != want {
			t.Errorf("%q means something: %v", effect, !want)
		}
	}
}
