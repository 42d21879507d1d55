package conform

import (
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/checker/ground"
)

// claim is what an answer says, as somebody else gets it.
func claim(a *Answer) Claim {
	c := Claim{Verdict: a.Verdict, By: namesOf(a.By), Lost: a.Lost, Fits: a.Events, Honest: a.Honest, Why: a.Why}
	if a.Run != nil {
		c.Cost, c.AtLeast = a.Run.Attack.Cost, a.Run.Attack.CostAtLeast
	}
	for _, q := range a.Asked {
		c.Asked = append(c.Asked, ClaimedAnswer{namesOf(q.By), q.Events, q.Failures, q.Lost, q.Evidence})
	}
	return c
}

// TestRecheck judges answers by their evidence, and refuses what does not follow from it: each forgery is one that somebody might want to have.
func TestRecheck(t *testing.T) {
	t.Parallel()
	m := load(t, "orders/shop.vbn")
	x, err := New(t.Context(), m, ground.Sight{Steps: steps(m)}, Options{Failures: 1, Lost: 1})
	if err != nil {
		t.Fatal(err)
	}
	answer := func(log string) ([]ground.Event, Claim) {
		list := events(t, m, log)
		a, err := x.Explain(t.Context(), list)
		if err != nil {
			t.Fatal(err)
		}
		return list, claim(a)
	}
	honest, normal := answer("Place(o1) Charge(o1,full) Ship(o1,full)")
	cheat, explained := answer("Place(o1) Charge(o1,cent) Ship(o1,cent)")
	odd, unexplained := answer("Ship(o1,full) Ship(o1,full) Ship(o2,full)")
	lossy, lost := answer("Place(o1) Ship(o1,full)")
	if normal.Verdict != Normal || explained.Verdict != Explained || unexplained.Verdict != Unexplained || lost.Lost != 1 {
		t.Fatal(normal.Verdict, explained.Verdict, unexplained.Verdict, lost)
	}
	for name, c := range map[string]struct {
		log  []ground.Event
		make func() Claim
		want string // of the error; "": it is taken
	}{
		"normal":      {honest, func() Claim { return normal }, ""},
		"explained":   {cheat, func() Claim { return explained }, ""},
		"unexplained": {odd, func() Claim { return unexplained }, ""},
		"lost":        {lossy, func() Claim { return lost }, ""},
		"a cheat passes for normal, by his own run": {cheat, func() Claim {
			c := Claim{Verdict: Normal, Asked: []ClaimedAnswer{explained.Asked[1]}}
			c.Asked[0].By, c.Asked[0].Lost = nil, 0
			return c
		}, "the run of an honest run does not leave 3 events"},
		"a cheat passes for normal, by the run of another log": {cheat, func() Claim { return normal }, "no threat has the instance"},
		"an honest customer is accused":                        {honest, func() Claim { return explained }, "whether an honest run leaves 3 events: the evidence is refused"},
		"it is said to cost more": {cheat, func() Claim {
			c := explained
			c.Cost = 3
			return c
		}, "the answer says Cheat, 3 and 0"},
		"somebody else is accused": {cheat, func() Claim {
			c := explained
			c.By = []string{"Outsider"}
			c.Asked = c.Asked[:2]
			return c
		}, "it does not say whether Outsider leaves 3 events"},
		"nobody is accused": {cheat, func() Claim {
			c := unexplained
			c.Fits = 2
			return c
		}, "it answers another question than whether an honest run leaves 3 events"},
		"an attacker is left out": {odd, func() Claim {
			c := unexplained
			c.Asked = c.Asked[:2]
			return c
		}, "it does not say whether Outsider leaves 2 events"},
		"asked with less tolerance": {odd, func() Claim {
			c := unexplained
			c.Asked = append([]ClaimedAnswer(nil), c.Asked...)
			c.Asked[1].Failures = 0
			return c
		}, "it answers another question than whether Cheat leaves 2 events, with 1 controls"},
		"without a proof": {odd, func() Claim {
			c := unexplained
			c.Asked = append([]ClaimedAnswer(nil), c.Asked...)
			c.Asked[1].Answer = &evidence.Answer{}
			return c
		}, "neither an attack nor a proof"},
		"an event was not lost": {lossy, func() Claim {
			c := lost
			c.Lost = 0
			return c
		}, "there is no run of an honest run"},
		"nothing was lost, but an event is said to be": {honest, func() Claim {
			c := normal
			c.Lost, c.Asked = 1, append(append([]ClaimedAnswer(nil), normal.Asked...), normal.Asked...)
			c.Asked[1].Lost = 1
			return c
		}, "an honest run loses fewer events"},
		"a run is left out of those that were found": {cheat, func() Claim {
			c := explained
			c.Asked = append([]ClaimedAnswer(nil), c.Asked...)
			c.Asked = append(c.Asked[:1], c.Asked[2:]...)
			return c
		}, "it answers another question than whether Cheat leaves 3 events"},
		"more than fits": {odd, func() Claim {
			c := unexplained
			c.Fits = 3
			return c
		}, "not in the log"},
		"a run of a shorter log": {odd, func() Claim {
			c := unexplained
			c.Asked = append([]ClaimedAnswer(nil), c.Asked...)
			c.Asked[3].Answer = &evidence.Answer{Attacks: []evidence.Run{{}}}
			return c
		}, "does not leave 1 events"},
		"without the run that fits": {odd, func() Claim {
			c := unexplained
			c.Asked = c.Asked[:3]
			return c
		}, "no run leaves what is said to fit"},
		"how far an honest run comes is not taken from the answer": {odd, func() Claim {
			c := unexplained
			c.Honest = 7
			return c
		}, ""},
		"more than is asked": {honest, func() Claim {
			c := normal
			c.Asked = append(append([]ClaimedAnswer(nil), c.Asked...), explained.Asked[0])
			return c
		}, "more evidence than its verdict follows from"},
		"unknown": {odd, func() Claim { return Claim{Verdict: Unknown, Why: "stopped before it was decided"} }, ""},
		"unknown, by an engine": {odd, func() Claim {
			return Claim{Verdict: Unknown, Why: "whether Cheat leaves it is unknown: the search for an attack reached its limits"}
		}, ""},
		"unknown, for a reason of his": {odd, func() Claim {
			return Claim{Verdict: Unknown, Why: "whether Cheat leaves it is unknown: the shop is to blame"}
		}, "not one of those that engines give"},
		"a verdict of its own": {honest, func() Claim { return Claim{Verdict: "fine"} }, `there is no verdict "fine"`},
		"strangers":            {odd, func() Claim { return Claim{Verdict: Explained, By: []string{"Bob"}, Asked: explained.Asked} }, "the evidence is refused"},
	} {
		_, err := x.Recheck(t.Context(), c.log, c.make())
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, expected %q", name, err, c.want)
		}
	}
}
