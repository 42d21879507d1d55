package conform

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/simulate"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// load reads a design, with changes.
func load(t testing.TB, path string, change ...string) *threats.Model {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", path))
	if err != nil {
		t.Fatal(err)
	}
	return model(t, strings.NewReplacer(change...).Replace(string(text)))
}

func model(t testing.TB, text string) *threats.Model {
	t.Helper()
	diags := &diag.List{}
	m := threats.Load(func(string) (string, error) { return text, nil }, []string{"shop.vbn"}, diags)
	if diags.HasErrors() {
		t.Fatal(diags.Sorted()[0].Message)
	}
	return m
}

// steps finds steps by name; without names, all.
func steps(m *threats.Model, names ...string) []*models.Step {
	var out []*models.Step
	for _, p := range m.Design.Processes {
		for _, s := range p.Steps {
			if len(names) == 0 || strings.Contains(" "+strings.Join(names, " ")+" ", " "+s.Name+" ") {
				out = append(out, s)
			}
		}
	}
	return out
}

// events reads a log such as `Place(o1) Charge(o1,cent)`.
func events(t testing.TB, m *threats.Model, log string) []ground.Event {
	t.Helper()
	var out []ground.Event
	for _, one := range strings.Fields(log) {
		name, args, _ := strings.Cut(strings.TrimSuffix(one, ")"), "(")
		list := steps(m, name)
		if len(list) != 1 {
			t.Fatalf("no step %q", name)
		}
		e := ground.Event{Step: list[0], Args: make([]string, len(list[0].Params))}
		if args != "" {
			e.Args = strings.Split(strings.ReplaceAll(args, "_", ""), ",")
		}
		out = append(out, e)
	}
	return out
}

func explainLog(t testing.TB, m *threats.Model, opt Options, log string) *Answer {
	t.Helper()
	x, err := New(context.Background(), m, ground.Sight{Steps: steps(m)}, opt)
	if err != nil {
		t.Fatal(err)
	}
	a, err := x.Explain(context.Background(), events(t, m, log))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// says writes the steps of a run.
func says(steps []explain.Step) string {
	var out []string
	for _, s := range steps {
		out = append(out, s.Says)
	}
	return strings.Join(out, " · ")
}

// leaves returns the events that a run leaves, in the order of its steps.
func leaves(r *Run) []int {
	return slices.DeleteFunc(slices.Clone(r.Leaves), func(n int) bool { return n == 0 })
}

// TestAmount holds what is said of the shop that does not look at the amount.
func TestAmount(t *testing.T) {
	t.Parallel()
	m := load(t, "checkout/amount.vbn")
	for _, c := range []struct {
		log     string
		verdict Verdict
		steps   int    // of the run
		fits    int    // of unexplained
		wants   string // what an honest run lacks
	}{
		{"", Normal, 0, 0, ""},
		{"Place(o1) Charge(o1,full) Ship(o1,full)", Normal, 3, 0, ""},
		{"Place(o1) Charge(o1,_) Ship(o1,_)", Normal, 3, 0, ""},
		{"Place(o2) Place(o1) Charge(o1,full) Charge(o2,full) Ship(o1,full) Ship(o2,full)", Normal, 6, 0, ""},
		{"Place(o1) Charge(o1,cent) Ship(o1,cent)", Explained, 5, 0, "PayRequest(o1, cent) in flight"},
		{"Place(o1) Charge(o1,cent) Ship(o1,full)", Unexplained, 4, 2, "PayRequest(o1, cent) in flight"},
		{"Place(o1) Ship(o1,full)", Unexplained, 1, 1, "PaidNotice(o1, full) in flight"},
		{"Ship(o1,full)", Unexplained, 0, 0, "PaidNotice(o1, full) in flight, placed(o1)"},
		{"Place(o1) Place(o1)", Unexplained, 1, 1, "not placed(o1)"},
	} {
		a := explainLog(t, m, Options{}, c.log)
		n := 0
		if a.Run != nil {
			n = len(a.Run.Attack.Steps)
			if got := leaves(a.Run); len(got) != a.Events && a.Verdict == Unexplained || !slices.IsSorted(got) {
				t.Errorf("%s: the run leaves %v", c.log, got)
			}
		}
		if a.Verdict != c.verdict || n != c.steps || a.Events != c.fits || strings.Join(a.Wants, ", ") != c.wants {
			t.Errorf("%s: %s (%s) in %d steps, %d events fit, lacks %v, expected %+v", c.log, a.Verdict, a.Why, n, a.Events, a.Wants, c)
		}
		if a.Verdict == Explained && (a.By[0].Name != "Cheat" || a.Run.Attack.Cost != 0) {
			t.Errorf("%s: by %s at cost %d", c.log, Names(a.By), a.Run.Attack.Cost)
		}
	}
}

// TestTolerated: without the charge, somebody other than the provider must have sent the notification, which mutual TLS stops unless it fails.
func TestTolerated(t *testing.T) {
	t.Parallel()
	a := explainLog(t, load(t, "checkout/amount.vbn"), Options{Failures: 1}, "Place(o1) Ship(o1,full)")
	if a.Verdict != Explained || len(a.Run.Attack.Failures) != 1 || a.Run.Attack.Failures[0].Control != "mtls" || a.Run.Attack.Failures[0].On != "Notify" {
		t.Errorf("%s, %+v", a.Verdict, a.Run)
	}
	a = explainLog(t, load(t, "checkout/amount.vbn"), Options{Failures: 1}, "Place(o1) Charge(o1,cent) Ship(o1,cent)")
	if a.Verdict != Explained || len(a.Run.Attack.Failures) != 0 {
		t.Errorf("a failure is blamed where none is needed: %+v", a.Run)
	}
}

// TestLost: the fewest lost events are told, and none more than are allowed.
func TestLost(t *testing.T) {
	t.Parallel()
	m := load(t, "checkout/amount.vbn")
	for log, want := range map[string]int{"Place(o1) Charge(o1,full) Ship(o1,full)": 0, "Place(o1) Ship(o1,full)": 1, "Ship(o1,full)": 2, "Ship(o1,full) Ship(o2,full)": -1} {
		a := explainLog(t, m, Options{Lost: 2}, log)
		if want < 0 {
			if a.Verdict != Unexplained {
				t.Errorf("%s: %s", log, a.Verdict)
			}
			continue
		}
		lost := 0
		for _, is := range a.Run.Loses {
			if is {
				lost++
			}
		}
		if a.Verdict != Normal || a.Lost != want || lost != want {
			t.Errorf("%s: %s, %d lost, %d steps that lose one, expected normal with %d", log, a.Verdict, a.Lost, lost, want)
		}
	}
	if a := explainLog(t, m, Options{Lost: 1}, "Place(o1) Ship(o1,cent)"); a.Verdict != Explained || a.Lost != 1 {
		t.Errorf("a cheat of whom one event is lost: %s, %d lost", a.Verdict, a.Lost)
	}
}

// TestForced: the observer is a party of each observed step, so that whoever controls the provider cannot charge, or place, without an event.
func TestForced(t *testing.T) {
	t.Parallel()
	m := load(t, "checkout/amount.vbn", "attacker Cheat { controls Shopper }", "attacker Cheat { controls Psp }")
	for log, want := range map[string]Verdict{"Ship(o1,full)": Unexplained, "Place(o1) Ship(o1,cent)": Explained, "Place(o1) Charge(o1,full) Ship(o1,full)": Normal} {
		if a := explainLog(t, m, Options{}, log); a.Verdict != want {
			t.Errorf("%s: %s, expected %s", log, a.Verdict, want)
		}
	}
}

// TestUnobserved: nothing that is missing counts where it is not observed.
func TestUnobserved(t *testing.T) {
	t.Parallel()
	m := load(t, "checkout/amount.vbn")
	x, err := New(t.Context(), m, ground.Sight{Steps: steps(m, "Place", "Ship")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for log, want := range map[string]Verdict{"Place(o1) Ship(o1,full)": Normal, "Place(o1) Ship(o1,cent)": Explained, "Ship(o1,full)": Unexplained} {
		if a, err := x.Explain(t.Context(), events(t, m, log)); err != nil || a.Verdict != want {
			t.Errorf("%s: %v, %v, expected %s", log, a.Verdict, err, want)
		}
	}
}

// TestSources: between sources nothing is known, unless a clock tells.
func TestSources(t *testing.T) {
	t.Parallel()
	m := load(t, "checkout/amount.vbn")
	x, err := New(t.Context(), m, ground.Sight{Steps: steps(m)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	log := events(t, m, "Charge(o1,full) Place(o1) Ship(o1,full)") // which is normal but for the order
	if a, err := x.Explain(t.Context(), log); err != nil || a.Verdict != Explained || a.Honest != 0 {
		t.Errorf("one source: %v, %v", a, err)
	}
	log[0].Source = 1
	if a, err := x.Explain(t.Context(), log); err != nil || a.Verdict != Normal || !slices.Equal(leaves(a.Run), []int{2, 1, 3}) {
		t.Errorf("two sources: %v, %v", a, err)
	}
	other := events(t, m, "Charge(o1,cent) Place(o1)")
	other[0].Source = 1
	if a, err := x.Explain(t.Context(), other); err != nil || a.Verdict != Explained {
		t.Errorf("all sources count: %v, %v", a, err)
	}
	log[2].After = []int{0, 0} // of the other source nothing is known
	if a, err := x.Explain(t.Context(), log); err != nil || a.Verdict != Normal {
		t.Errorf("two sources, and nothing is known of one: %v, %v", a, err)
	}
	log[1].After = []int{0, 1} // the charge happened before the order for certain
	if a, err := x.Explain(t.Context(), log); err != nil || a.Verdict != Explained {
		t.Errorf("two sources with a clock: %v, %v", a, err)
	}
}

// TestAlerts: an attempt says that the attacker could try, and an effect that he succeeded.
func TestAlerts(t *testing.T) {
	t.Parallel()
	m := load(t, "checkout/amount.vbn")
	var sits, alters *threats.Threat
	for _, x := range m.Catalogue.Threats {
		switch x.ID {
		case "sit-between":
			sits = x
		case "alter-in-transit":
			alters = x
		}
	}
	x, err := New(t.Context(), m, ground.Sight{Steps: steps(m), Attempts: []*threats.Threat{sits, alters}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	place := events(t, m, "Place(o1)")
	for name, c := range map[string]struct {
		event ground.Event
		want  Verdict
		steps int
	}{
		"attempt":           {ground.Event{Attempts: []*threats.Threat{sits}, On: []string{"Redirect"}}, Explained, 2},
		"attempt elsewhere": {ground.Event{Attempts: []*threats.Threat{sits}, On: []string{"Notify"}}, Unexplained, 1},
		"stopped attempt":   {ground.Event{Attempts: []*threats.Threat{alters}, On: []string{"Notify"}}, Explained, 3}, // by https, and it is one
		"effect":            {ground.Event{Effect: "injects(Redirect)"}, Explained, 3},
		"no effect":         {ground.Event{Effect: "injects(Notify)"}, Unexplained, 1},
		"a fact":            {ground.Event{Effect: "placed(o1)"}, Normal, 2},
	} {
		a, err := x.Explain(t.Context(), append(slices.Clone(place), c.event))
		if err != nil || a.Verdict != c.want || len(a.Run.Attack.Steps) != c.steps {
			t.Errorf("%s: %v %v, %s", name, a.Verdict, err, says(a.Run.Attack.Steps))
		}
	}
}

// TestNext: what can follow, and what would still stop it.
func TestNext(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, log string
		outlook   Outlook
		steps     string
	}{
		{"checkout/amount.vbn", "Place(o1) Charge(o1,cent)", Breaks, "Shop takes step Ship(o1, cent)"},
		{"checkout/amount.vbn", "Place(o1) Charge(o1,cent) Ship(o1,cent)", Broken, ""},
		{"checkout/amount.vbn", "Place(o2) Place(o1) Charge(o1,full) Charge(o2,full) Ship(o1,full) Ship(o2,full)", Cannot, ""},
		{"checkout/amount-fixed.vbn", "Place(o1) Charge(o1,cent)", Cannot, ""},
	} {
		m := load(t, c.path)
		a := explainLog(t, m, Options{Stops: true}, c.log)
		if len(a.Next) != 1 || a.Next[0].Requirement.Name != "PaidInFull" || a.Next[0].Outlook != c.outlook {
			t.Errorf("%s after %s: %+v, expected %s", c.path, c.log, a.Next, c.outlook)
			continue
		}
		if f := a.Next[0]; c.steps != "" && (says(f.Attack.Steps) != c.steps || f.Attack.Cost != 0 || f.Stops != nil) {
			t.Errorf("%s after %s: %s, stopped by %v", c.path, c.log, says(f.Attack.Steps), f.Stops)
		}
	}
	// Where an attack is still to come, what stops it is told: here, before anything happened.
	path := "checkout/notification.vbn"
	a := explainLog(t, load(t, path), Options{Stops: true}, "")
	if i := slices.IndexFunc(a.Next, func(f *Follow) bool { return f.Outlook == Breaks }); i < 0 || len(a.Next[i].Stops) == 0 {
		t.Errorf("%s: nothing stops what can follow", path)
	}
}

// TestAfterFailure: what failed before has failed afterwards, too, so that nothing passes for proved that only holds while it works.
func TestAfterFailure(t *testing.T) {
	t.Parallel()
	m := load(t, "orders/shop-fixed.vbn", "attacker Cheat { controls Shopper }", "")
	for _, log := range []string{"Place(o2) Ship(o2,full)", "Place(o1) Place(o2) Ship(o2,full)"} {
		a := explainLog(t, m, Options{Failures: 1}, log)
		if a.Verdict != Explained || len(a.Run.Attack.Failures) != 1 || len(a.Next) != 1 || a.Next[0].Outlook != Broken || a.Next[0].Cases != 1 {
			t.Errorf("%s: %s, %+v", log, a.Verdict, a.Next)
		}
	}
	a := explainLog(t, m, Options{Failures: 1}, "Place(o1) Charge(o1,full)")
	if a.Verdict != Normal || len(a.Next) != 1 || a.Next[0].Outlook != Cannot || !a.Next[0].ByDesign {
		t.Errorf("where all works: %s, %+v", a.Verdict, a.Next)
	}
}

// TestHidden: what no event tells may have happened, so that the state after the run that is shown is not the only one.
func TestHidden(t *testing.T) {
	t.Parallel()
	m := model(t, `design "Badge"
zone Out: public
actor Guard: employee in Out
component Door: service in Out
attacker Thief { in Out }
process Entry {
  fact day = true
  fact copied
  fact inside
  step Copy by Guard when day do copied
  step Close by Guard when day do not day
  step Enter by Door when copied and not day do inside
}
require Shut: never inside
`)
	x, err := New(t.Context(), m, ground.Sight{Steps: steps(m, "Close")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := x.Explain(t.Context(), events(t, m, "Close"))
	if err != nil || a.Verdict != Normal || len(a.Next) != 1 || a.Next[0].Outlook != Hidden || len(a.Next[0].Attack.Steps) != 3 {
		t.Errorf("%v, %+v", err, a)
	}
}

// TestEvidence judges an answer again by its evidence alone: a proof for each who does not leave the log, a run for who does.
func TestEvidence(t *testing.T) {
	t.Parallel()
	m := load(t, "checkout/amount.vbn")
	for log, want := range map[string]string{
		"Place(o1) Charge(o1,full)":               "an honest run leaves 2",
		"Place(o1) Charge(o1,cent) Ship(o1,cent)": "an honest run cannot 3, Cheat leaves 3, Cheat leaves 3", // some run, and the cheapest
		"Place(o1) Charge(o1,cent) Ship(o1,full)": "an honest run cannot 3, Cheat cannot 3, Cheat leaves 2",
	} {
		a := explainLog(t, m, Options{}, log)
		var got []string
		for _, q := range a.Asked {
			switch e := q.Evidence; {
			case e.Holds != nil && len(e.Attacks) == 0 && q.Ruling.Verdict == "holds":
				got = append(got, fmt.Sprintf("%s cannot %d", Names(q.By), q.Events))
			case len(e.Attacks) > 0:
				got = append(got, fmt.Sprintf("%s leaves %d", Names(q.By), q.Events))
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %v, expected %s", log, got, want)
		}
	}
}

// TestIncidentsAreFound breaks what can be broken in each example with a log, and finds in the log of it, among honest cases, just the case in which it was broken, by whom and what.
func TestIncidentsAreFound(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join("..", "..", "examples", "checkout", "*.vbn"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, path := range paths {
		m := load(t, filepath.Join("checkout", filepath.Base(path)))
		result, err := checker.Check(t.Context(), m, checker.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range result.Requirements {
			if q.Verdict != checker.Violated || q.Cases[0].Attack == nil || q.Cases[0].Attack.Honest {
				continue
			}
			by := q.Cases[0].Attackers
			entries, told, err := simulate.Log(t.Context(), m, simulate.LogOptions{Cases: 8, Seed: 4, Incidents: []simulate.Incident{{Requirement: q.Source, Coalition: by}}})
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			x, err := New(t.Context(), m, ground.Sight{Steps: steps(m)}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			logs := map[string][]ground.Event{}
			for _, e := range entries {
				logs[e.Case] = append(logs[e.Case], ground.Event{Step: steps(m, e.Step)[0], Args: e.Args})
			}
			for name, log := range logs {
				a, err := x.Explain(t.Context(), log)
				if err != nil {
					t.Fatal(err)
				}
				if name != told[0].Case {
					if a.Verdict != Normal {
						t.Errorf("%s: the honest case %s is %s", path, name, a.Verdict)
					}
					continue
				}
				found++
				broken := slices.ContainsFunc(a.Next, func(f *Follow) bool { return f.Outlook == Broken && f.Requirement == q.Source })
				if a.Verdict != Explained || !slices.Equal(a.By, by) || !broken {
					t.Errorf("%s: the incident %s is %s by %s, broken: %v", path, q.Source.Name, a.Verdict, Names(a.By), broken)
				}
			}
		}
	}
	if found < 6 {
		t.Errorf("only %d incidents", found)
	}
}

// TestFaults explains logs with which something went wrong, each kind of it: the honest cases that have a fault are found, just these, and what is said of them is what the fault is.
func TestFaults(t *testing.T) {
	t.Parallel()
	m := load(t, "orders/shop.vbn")
	for fault, c := range map[simulate.Fault]struct {
		lost int // may be
		want string
	}{
		"lost":     {1, "normal, 1 lost"},
		"doubled":  {0, "explained"}, // or unexplained: which event it is decides
		"swapped":  {0, "unexplained"},
		"misfiled": {0, "unexplained"},
	} {
		entries, told, err := simulate.Log(t.Context(), m, simulate.LogOptions{Cases: 30, Seed: 11, Per: "Order", Faults: map[simulate.Fault]int{fault: 4}})
		if err != nil || len(told) != 4 {
			t.Fatalf("%s: %v, %v", fault, told, err)
		}
		faulty := map[string]bool{}
		for _, f := range told {
			faulty[f.Case] = true
			if _, next, ok := strings.Cut(f.What, " to "); ok {
				faulty[next] = true
			}
		}
		x, err := New(t.Context(), m, ground.Sight{Steps: steps(m)}, Options{Lost: c.lost})
		if err != nil {
			t.Fatal(err)
		}
		byCase := map[string][]ground.Event{}
		for _, e := range entries {
			byCase[e.Case] = append(byCase[e.Case], ground.Event{Step: steps(m, e.Step)[0], Args: e.Args})
		}
		counts := map[string]int{}
		for name, log := range byCase {
			a, err := x.Explain(t.Context(), log)
			if err != nil {
				t.Fatal(err)
			}
			what := string(a.Verdict)
			if a.Lost > 0 {
				what += fmt.Sprintf(", %d lost", a.Lost)
			}
			if (what != "normal") != faulty[name] {
				t.Errorf("%s: %s is %s: %v", fault, name, what, log)
			}
			counts[what]++
		}
		t.Log(fault, counts, told)
		if counts[c.want] == 0 {
			t.Errorf("%s: %v, expected some that are %s", fault, counts, c.want)
		}
	}
}

// TestStopped: what a domain stops is no proof that nothing leaves a log. It counts where the event is of that step with those arguments, or may be one that is not observed or lost; what an
// attacker could force counts for no observed step.
func TestStopped(t *testing.T) {
	t.Parallel()
	const text = `design "Baskets" use "retail"
zone Core: private
component Shop: storefront in Core
attacker Cheat { controls Shop }
process P {
  domain Items = 0..1
  var basket: Items = 0
  fact shipped
  step Add by Shop do basket := basket + 1
  step Put(n: Items) by Shop do basket := n + 1
  step More by Shop when basket < 1 do basket := basket + 1
  step Ship by Shop when basket = 1 and not shipped do shipped
}
require Ships: possible shipped
`
	m := model(t, text)
	for _, c := range []struct {
		log      string
		observed []string
		lost     int
		want     string
	}{
		{"Ship", nil, 0, "unexplained"},
		{"Ship", nil, 1, "normal, 1 lost"},
		{"Add Ship", nil, 0, "normal"},
		{"Add Add", nil, 0, "unknown: basket"},
		{"Put(0) Ship Ship", nil, 0, "unexplained"}, // that of Put(1) is not observed
		{"Put(1)", nil, 0, "unknown: basket"},
		{"Put() Ship Ship", nil, 0, "unknown: basket"},
		{"Add Ship Ship", nil, 0, "unexplained"},
		{"More More", nil, 0, "unexplained"},         // but for when it is forced
		{"Add Ship Ship", nil, 1, "unknown: basket"}, // one Add more
		{"Ship Ship", []string{"Ship"}, 0, "unknown: basket"},
		{"Ship", []string{"Ship"}, 0, "normal"},
	} {
		x, err := New(t.Context(), m, ground.Sight{Steps: steps(m, c.observed...)}, Options{Lost: c.lost})
		if err != nil {
			t.Fatal(err)
		}
		list := events(t, m, c.log)
		for i := range list {
			if len(list[i].Args) == 0 && len(list[i].Step.Params) > 0 || len(list[i].Args) == 1 && list[i].Args[0] == "" {
				list[i].Args = []string{""}
			}
		}
		a, err := x.Explain(t.Context(), list)
		if err != nil {
			t.Fatal(err)
		}
		got := string(a.Verdict)
		if a.Lost > 0 {
			got += fmt.Sprintf(", %d lost", a.Lost)
		}
		if a.Verdict == Unknown && strings.Contains(a.Why, "basket out of Items") {
			got += ": basket"
		}
		if got != c.want {
			t.Errorf("%s, observed %v, %d lost: %s (%s), expected %s", c.log, c.observed, c.lost, got, a.Why, c.want)
		}
		if _, err := x.Recheck(t.Context(), list, claim(a)); err != nil {
			t.Errorf("%s: %v", c.log, err)
		}
	}
}
