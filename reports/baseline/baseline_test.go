package baseline

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/reports/internal/sample"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

func finding(requirement string, cost int, way ...string) Finding {
	return Finding{Design: "shop.vbn", Title: "Shop", Requirement: requirement, Who: "Outsider", Cost: cost, Way: way}
}

func equal(x, y []Finding) bool {
	return slices.EqualFunc(x, y, func(x, y Finding) bool { return x.key() == y.key() && x.Cost == y.Cost && x.Open == y.Open })
}

func TestOf(t *testing.T) {
	t.Parallel()
	data, err := New(append(Of("shop.vbn", sample.Everything()), Of("evil.vbn", sample.Hostile())...)).JSON()
	if err != nil {
		t.Fatal(err)
	}
	sample.Golden(t, "everything.json", data, *update)
	again, err := Parse(string(data))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := again.JSON(); err != nil || string(text) != string(data) {
		t.Errorf("%v: it comes back as %s", err, text)
	}
	if strings.Contains(string(data), "Stopped") {
		t.Error("what is unknown is a known finding")
	}
}

func TestMayOnlyShrink(t *testing.T) {
	t.Parallel()
	l := New([]Finding{finding("A", 3), finding("B", 3), finding("C", 3), {Design: "other.vbn", Requirement: "A"}})
	now := []Finding{finding("A", 2), finding("B", 5), finding("D", 1)}
	if got := l.Unknown(now); !equal(got, []Finding{finding("A", 2), finding("D", 1)}) {
		t.Errorf("not known: %v, expected the cheaper A and D", got)
	}
	if got := l.Gone([]string{"shop.vbn"}, now); !equal(got, []Finding{finding("C", 3)}) {
		t.Errorf("gone: %v, expected C, and nothing of a design that was not looked at", got)
	}
	if !l.Shrink([]string{"shop.vbn"}, now) {
		t.Error("it did not change")
	}
	if want := []Finding{{Design: "other.vbn", Requirement: "A"}, finding("A", 3), finding("B", 5)}; !equal(l.Findings, want) {
		t.Errorf("it has %v, want %v", l.Findings, want)
	}
	if l.Shrink([]string{"shop.vbn"}, now) {
		t.Error("it changes twice")
	}
	if got := l.Unknown([]Finding{finding("B", 4)}); len(got) != 1 {
		t.Errorf("an attack that became more expensive and then cheaper again is known: %v", got)
	}
}

func TestDecidedAgainst(t *testing.T) {
	t.Parallel()
	open := finding("A", 3)
	open.Open = true
	if l := New([]Finding{open}); len(l.Unknown([]Finding{finding("A", 3)})) != 1 || l.Shrink([]string{"shop.vbn"}, []Finding{finding("A", 3)}) {
		t.Error("what depended on a decision is known when it no longer does")
	}
	if l := New([]Finding{finding("A", 3)}); len(l.Unknown([]Finding{open})) != 0 || !l.Shrink([]string{"shop.vbn"}, []Finding{open}) || !l.Findings[0].Open {
		t.Error("what has come to depend on a decision is not known as that alone")
	}
}

// TestWays has a finding known in the same way alone: another hole of the same cost is another finding, and so is one beside it.
func TestWays(t *testing.T) {
	t.Parallel()
	l := New([]Finding{finding("A", 3, "guess(Shop)"), finding("A", 3, "bribe(Clerk)", "exploit(Api)")})
	for _, c := range []struct {
		found Finding
		known bool
	}{
		{finding("A", 3, "guess(Shop)"), true},
		{finding("A", 9, "guess(Shop)"), true}, // more expensive
		{finding("A", 2, "guess(Shop)"), false},
		{finding("A", 3, "guess(Api)"), false}, // another hole
		{finding("A", 3), false},
		{finding("A", 4, "exploit(Api)"), false},               // less to do, though it costs more
		{finding("A", 5, "guess(Shop)", "phish(Clerk)"), true}, // more to do
		{finding("B", 3, "guess(Shop)"), false},
		{Finding{Design: "shop.vbn", Requirement: "A", Who: "Insider", Cost: 3, Way: []string{"guess(Shop)"}}, false},
		{Finding{Design: "copy.vbn", Requirement: "A", Who: "Outsider", Cost: 3, Way: []string{"guess(Shop)"}}, false},
		{Finding{Design: "shop.vbn", Requirement: "A", Who: "Outsider", More: true}, false},
		{Finding{Design: "shop.vbn", Requirement: "A", Who: "Outsider", Cost: 3, Way: []string{"guess(Shop)"}, Failures: 1}, true},
	} {
		if got := len(l.Unknown([]Finding{c.found})) == 0; got != c.known {
			t.Errorf("%s: known %v, want %v", c.found, got, c.known)
		}
	}
	if l := New([]Finding{{Design: "shop.vbn", Requirement: "A", Failures: 1}}); len(l.Unknown([]Finding{{Design: "shop.vbn", Requirement: "A"}})) == 0 {
		t.Error("what takes a failure is known where it takes none")
	}
	if l := New([]Finding{finding("A", 0)}); len(l.Unknown([]Finding{finding("A", 0, "guess(Shop)")})) == 0 {
		t.Error("what goes through by itself hides an attack that has something to do")
	}
	now := []Finding{finding("A", 5, "guess(Shop)", "phish(Clerk)"), finding("A", 7, "bribe(Clerk)", "exploit(Api)")}
	if got := l.Weaker(now); !equal(got, now) {
		t.Errorf("to be tightened: %v", got)
	}
	if gone := l.Gone([]string{"shop.vbn"}, now); gone != nil {
		t.Errorf("gone: %v", gone)
	}
	if !l.Shrink([]string{"shop.vbn"}, now) || !equal(l.Findings, New(now).Findings) || l.Weaker(now) != nil {
		t.Errorf("tightened to %v", l.Findings)
	}
	if len(l.Unknown([]Finding{finding("A", 3, "guess(Shop)")})) == 0 {
		t.Error("what was tightened is known as it was before")
	}
}

// TestMoved has findings follow a design to where it lies now, unless there is any doubt about which it is.
func TestMoved(t *testing.T) {
	t.Parallel()
	nothing := func(string) bool { return false }
	for name, c := range map[string]struct {
		titles map[string]string
		exists func(string) bool
		want   string
	}{
		"moved":         {map[string]string{"new/shop.vbn": "Shop"}, nothing, "new/shop.vbn"},
		"not moved":     {map[string]string{"shop.vbn": "Shop", "copy.vbn": "Shop"}, nothing, "shop.vbn"},
		"copied":        {map[string]string{"copy.vbn": "Shop"}, func(name string) bool { return name == "shop.vbn" }, "shop.vbn"},
		"two of a name": {map[string]string{"a.vbn": "Shop", "b.vbn": "Shop"}, nothing, "shop.vbn"},
		"another":       {map[string]string{"other.vbn": "Other"}, nothing, "shop.vbn"},
	} {
		l := New([]Finding{finding("A", 3, "guess(Shop)")})
		if moved := l.Moved(c.titles, c.exists); l.Findings[0].Design != c.want || moved != (c.want != "shop.vbn") {
			t.Errorf("%s: it lies in %s, %v, want %s", name, l.Findings[0].Design, moved, c.want)
		}
	}
	l := New([]Finding{finding("A", 3), {Design: "b.vbn", Title: "Shop", Requirement: "A"}})
	if l.Moved(map[string]string{"new.vbn": "Shop"}, nothing) {
		t.Error("two designs were moved into one")
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	const good = `{"schema":"vauban.baseline/2","findings":[{"design":"a","requirement":"R","cost":1},{"design":"b","requirement":"R","cost":1}]}`
	if _, err := Parse(good); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"", "{}", "[]", good + "{}",
		strings.Replace(good, "baseline/2", "baseline/1", 1),
		strings.Replace(good, `"cost":1`, `"cost":-1`, 1),
		strings.Replace(good, `"cost":1`, `"price":1`, 1),
		strings.Replace(good, `"design":"a"`, `"design":"c"`, 1),
		strings.Replace(good, `"design":"a"`, `"design":"b"`, 1),
		strings.Replace(good, `"requirement":"R"`, `"requirement":""`, 1),
	} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}
