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
	w.steps = append(make([]processRule, 0, len(w.steps)+64), w.steps...) // with room for more
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
