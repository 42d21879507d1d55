package conform

import (
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/checker/ground"
)

// claim is what an answer says, as somebody else gets it.
func claim(a *Answer) Claim {
	c := Claim{Verdict: a.Verdict, By: namesOf(a.By), Lost: a.Lost, Fits: a.Events}
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
			c.Asked[0].By = nil
			return c
		}, "the honest run does not leave the log"},
		"a cheat passes for normal, by the run of another log": {cheat, func() Claim { return normal }, "no threat has the instance"},
		"an honest customer is accused":                        {honest, func() Claim { return explained }, "that an honest run does not leave it"},
		"it is said to cost more": {cheat, func() Claim {
			c := explained
			c.Cost = 3
			return c
		}, "the answer says 3"},
		"somebody else is accused": {cheat, func() Claim {
			c := explained
			c.By = []string{"Outsider"}
			c.Asked = c.Asked[:2]
			return c
		}, "there is no run of Outsider that leaves the log"},
		"nobody is accused": {cheat, func() Claim {
			c := unexplained
			c.Fits = 2
			return c
		}, "asked with less than is tolerated, or of other events"},
		"an attacker is left out": {odd, func() Claim {
			c := unexplained
			c.Asked = c.Asked[:2]
			return c
		}, "nothing says that Outsider does not leave it"},
		"asked with less tolerance": {odd, func() Claim {
			c := unexplained
			c.Asked = append([]ClaimedAnswer(nil), c.Asked...)
			c.Asked[1].Failures = 0
			return c
		}, "asked with less than is tolerated"},
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
		}, "needs one honest run"},
		"a verdict of its own": {honest, func() Claim { return Claim{Verdict: "fine"} }, `there is no verdict "fine"`},
		"strangers":            {odd, func() Claim { return Claim{Verdict: Explained, By: []string{"Bob"}, Asked: explained.Asked} }, "that an honest run does not leave it"},
	} {
		err := x.Recheck(t.Context(), c.log, c.make())
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, expected %q", name, err, c.want)
		}
	}
}
