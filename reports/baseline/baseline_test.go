package baseline

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/reports/internal/sample"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

func finding(requirement string, cost int) Finding {
	return Finding{Design: "shop.vbn", Requirement: requirement, Who: "Outsider", Cost: cost}
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
	if got := l.Unknown(now); !slices.Equal(got, []Finding{finding("A", 2), finding("D", 1)}) {
		t.Errorf("not known: %v, expected the cheaper A and D", got)
	}
	if got := l.Gone([]string{"shop.vbn"}, now); !slices.Equal(got, []Finding{finding("C", 3)}) {
		t.Errorf("gone: %v, expected C, and nothing of a design that was not looked at", got)
	}
	if !l.Shrink([]string{"shop.vbn"}, now) {
		t.Error("it did not change")
	}
	if want := []Finding{{Design: "other.vbn", Requirement: "A"}, finding("A", 3), finding("B", 5)}; !slices.Equal(l.Findings, want) {
		t.Errorf("it has %v, want %v", l.Findings, want)
	}
	if l.Shrink([]string{"shop.vbn"}, now) {
		t.Error("it changes twice")
	}
	if got := l.Unknown([]Finding{finding("B", 4)}); len(got) != 1 {
		t.Errorf("an attack that became dearer and then cheaper again is known: %v", got)
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

func TestParse(t *testing.T) {
	t.Parallel()
	const good = `{"schema":"vauban.baseline/1","findings":[{"design":"a","requirement":"R","cost":1},{"design":"b","requirement":"R","cost":1}]}`
	if _, err := Parse(good); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"", "{}", "[]", good + "{}",
		strings.Replace(good, "baseline/1", "baseline/2", 1),
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
