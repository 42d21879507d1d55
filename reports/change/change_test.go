package change

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/reports/internal/sample"
	"github.com/vauban-verifier/vauban/threats"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

// check verifies the shop of testdata with some of its text replaced: pairs of old and new text.
func check(t *testing.T, replace ...string) *checker.Result {
	t.Helper()
	var all string
	for _, name := range []string{"shop.vbn", "mini.yaml"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		all += string(text)
	}
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(all, replace[i]) {
			t.Fatalf("%q is neither in the design nor in its catalogue", replace[i])
		}
	}
	diags := &diag.List{}
	m := threats.Load(func(name string) (string, error) {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		return strings.NewReplacer(replace...).Replace(string(text)), err
	}, []string{"shop.vbn"}, diags)
	if diags.HasErrors() {
		t.Fatal(diags.Sorted())
	}
	r, err := checker.Check(t.Context(), m, checker.Options{AsOf: "2026-11-24", Attacks: checker.MaxAttacks})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func with(replace ...string) []string { return replace }

// TestRemarks makes one change after another and reads what is said about it.
func TestRemarks(t *testing.T) {
	t.Parallel()
	const (
		validates = "has input_validation }"
		waiver    = "require Clear:"
	)
	open := with(validates, "has input_validation? }")
	none := with(validates, "}")
	waived := func(until string) []string {
		return with(waiver, "waive Robust until "+until+" because \"ticket 1\"\nrequire Clear:")
	}
	for name, c := range map[string]struct {
		old, now []string
		want     []string // requirement, kind, trend, and how its text begins
		findings int
	}{
		"nothing":    {nil, nil, nil, 0},
		"a new way":  {nil, none, []string{"Secret attack-new worse Outsider breaks it in 4 steps, cost 3", "Robust attack-cheaper worse with fewer failures, 1 before"}, 2},
		"undecided":  {nil, open, []string{"Secret attack-new worse Outsider breaks it in 4 steps, cost 3, if Shop has no input_validation", "Robust attack-cheaper worse with fewer failures, 1 before"}, 2},
		"decided":    {open, nil, []string{"Secret attack-gone better gone: Outsider breaks it", "Robust attack-dearer better with more failures, 0 before"}, 0},
		"forgotten":  {open, none, []string{"Secret attack-certain worse it depended on open decisions"}, 1},
		"thought of": {none, open, []string{"Secret attack-open better it now depends on open decisions"}, 0},
		"cheaper":    {nil, with("over https", "over http"), []string{"Secret attack-new worse Outsider breaks it in 2 steps, cost 1; Poor can do the same", "Robust attack-new worse Outsider breaks it in 2 steps, cost 1", "Clear break-new worse newly broken by f = Browse"}, 3},
		"dearer":     {with("over https", "over http"), nil, []string{"Secret attack-gone better gone: Outsider breaks it in 2 steps, cost 1, by tap(Browse); the same for Poor", "Robust attack-gone better gone: Outsider breaks it in 2 steps, cost 1", "Clear break-gone better no longer broken by f = Browse"}, 0},
		"rule met":   {nil, with("over sql {", "over sql { has encryption "), []string{"Clear break-gone better no longer broken by f = Save"}, 0},
		"dropped":    {nil, with("require Robust: confidential CardNumber against Outsider tolerating 1 failure", ""), []string{"Robust requirement-dropped worse"}, 0},
		"reworded":   {nil, with("f carries CardNumber implies", "f carries CardNumber and f.source = Shop implies"), []string{"Clear requirement-reworded worse it no longer says: always forall f: flow | f carries CardNumber implies f has encryption; now: "}, 0},
		"another hole": {
			with("has input_validation }", "}", "stores CardNumber }", "stores CardNumber }\ncomponent Api: webapp in Core { has input_validation }\nflow Order: Shopper -> Api over https\nflow Read: Api -> Db over sql { returns CardNumber }"),
			with(validates, "has input_validation }", "stores CardNumber }", "stores CardNumber }\ncomponent Api: webapp in Core\nflow Order: Shopper -> Api over https\nflow Read: Api -> Db over sql { returns CardNumber }"),
			[]string{"Secret attack-new worse Outsider breaks it in 4 steps, cost 3", "Secret attack-gone better gone: Outsider breaks it in 4 steps, cost 3", "Robust attack-cheaper worse with fewer failures, 1 before: Outsider breaks it in 4 steps, cost 3", "Robust attack-dearer better with more failures, 0 before"},
			2,
		},
		"less severe": {nil, with("severity critical", "severity low"), []string{"Secret severity-changed worse its severity is low, critical before"}, 0},
		"tolerates":   {nil, with("tolerating 1", "tolerating 0"), []string{"Robust tolerates-less worse", "Robust attack-gone better"}, 0},
		"fewer cases": {nil, with("Outsider, Poor", "Outsider"), []string{"Secret case-dropped worse no longer checked against Poor"}, 0},
		"more cases":  {with("Outsider, Poor", "Outsider"), nil, []string{"Secret case-new better now also checked against Poor, holds"}, 0},
		"waived":      {nil, waived("2027-01-01"), []string{"Robust waiver-new worse it is waived until 2027-01-01: ticket 1"}, 0},
		"prolonged":   {waived("2027-01-01"), waived("2028-01-01"), []string{"Robust waiver-changed worse"}, 0},
		"shortened":   {waived("2028-01-01"), waived("2027-01-01"), []string{"Robust waiver-changed better"}, 0},
		"unwaived":    {waived("2028-01-01"), nil, []string{"Robust attack-new worse no longer waived: Outsider", "Robust waiver-gone same"}, 1},
		"expired":     {waived("2026-01-01"), waived("2026-01-01"), []string{"Robust waiver-expired same its waiver ended on 2026-01-01"}, 0},
		"unmatched":   {nil, with(waiver, "waive Secret until 2027-01-01 because \"x\"\nrequire Clear:"), []string{"Secret waiver-new worse", "Secret waiver-unmatched same its waiver covers nothing"}, 0},
		"a waived way": {
			nil, append(waived("2027-01-01"), "over https", "over http"),
			[]string{"Secret attack-new worse", "Robust attack-new worse", "Robust waiver-new worse", "Clear break-new worse"},
			2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := Compare("old", "new", []Pair{{Name: "shop.vbn", Old: check(t, c.old...), New: check(t, c.now...)}})
			var got []string
			for _, q := range r.Designs[0].Requirements {
				for _, m := range q.Remarks {
					got = append(got, strings.Join([]string{q.Name, string(m.Kind), string(m.Trend), m.Text}, " "))
				}
			}
			if len(got) != len(c.want) {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			for _, want := range c.want {
				found := false
				for _, g := range got {
					found = found || strings.HasPrefix(g, want)
				}
				if !found {
					t.Errorf("nothing of %q begins with %q", got, want)
				}
			}
			if n := r.Findings(); n != c.findings {
				t.Errorf("%d findings, want %d", n, c.findings)
			}
		})
	}
}

// TestProofs takes one of two controls away, each of which is enough for a proof.
func TestProofs(t *testing.T) {
	t.Parallel()
	stored := func(controls, how string) []string {
		return with("has input_validation }", controls+" stores CardNumber "+how+"}", "over https { carries CardNumber }", "over https", "flow Save: Shop -> Db over sql { carries CardNumber }", "")
	}
	both := check(t, stored("has input_validation", "with encryption ")...)
	say := func(old, now *checker.Result) map[Kind]string {
		out := map[Kind]string{}
		for _, q := range Compare("old", "new", []Pair{{Name: "shop.vbn", Old: old, New: now}}).Designs[0].Requirements {
			for _, m := range q.Remarks {
				if q.Name == "Secret" {
					out[m.Kind] = m.Text
				}
			}
		}
		return out
	}
	rests := func(r *checker.Result) string {
		list, _ := basis(r.Requirements[0])
		return phrases(list)
	}
	var less *checker.Result
	var lost, left string
	switch on := rests(both); on {
	case "Shop has input_validation":
		less, lost, left = check(t, stored("", "with encryption ")...), on, "Shop stores CardNumber with encryption"
	case "Shop stores CardNumber with encryption":
		less, lost, left = check(t, stored("has input_validation", "")...), on, "Shop has input_validation"
	default:
		t.Fatalf("the proof rests on %q", on)
	}
	want := "still proved, but a control that it relied on is gone: " + lost + ". Now it relies on " + left
	if got := say(both, less); len(got) != 1 || got[RestsOnLess] != want {
		t.Errorf("got %q, want %q", got, want)
	}
	want = "still proved, but no longer relies on " + left + ": now on " + lost
	if got := say(less, both); len(got) != 1 || got[RestsOnOther] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestGolden writes one review in all forms, of a change that does a bit of everything.
func TestGolden(t *testing.T) {
	t.Parallel()
	review := Compare("main", "shop.vbn", []Pair{
		{Name: "shop.vbn", Old: check(t), New: check(
			t, "over https", "over http", "over sql", "over https", "zone Core: private", "zone Core: private\nzone Lab: private\ncomponent Probe: webapp in Lab { has input_validation? }",
			"budget 2", "budget 1", "require Robust: confidential CardNumber against Outsider tolerating 1 failure", "require Added: integrity CardNumber against Outsider",
			"stores CardNumber }", "stores CardNumber with encryption }",
		)},
		{Name: "same.vbn", Old: check(t), New: check(t)},
		{Name: "gone.vbn", Old: check(t)},
		{Name: "new.vbn", New: check(t, "has input_validation }", "}")},
	})
	for form, write := range map[string]func(io.Writer, *Review) error{"review.txt": WriteText, "review.md": WriteMarkdown, "review.json": WriteJSON} {
		var out bytes.Buffer
		if err := write(&out, review); err != nil {
			t.Fatal(err)
		}
		sample.Golden(t, form, out.Bytes(), *update)
	}
}

// TestHostile writes a review of names that bite.
func TestHostile(t *testing.T) {
	t.Parallel()
	review := Compare("ma\x1bin", "a\nb", []Pair{{Name: "x\x1b`.vbn", New: sample.Hostile()}, {Name: "y", Old: sample.Everything(), New: sample.Hostile()}})
	for form, write := range map[string]func(io.Writer, *Review) error{"hostile.txt": WriteText, "hostile.md": WriteMarkdown} {
		var out bytes.Buffer
		if err := write(&out, review); err != nil {
			t.Fatal(err)
		}
		sample.Golden(t, form, out.Bytes(), *update)
		if bytes.ContainsAny(out.Bytes(), "\x1b\u202e\r") {
			t.Errorf("%s has control characters", form)
		}
	}
}

func TestMarkdownFitsIntoAComment(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := WriteMarkdown(&out, Compare("old", "new", []Pair{{Name: "shop.vbn", New: sample.Huge()}})); err != nil {
		t.Fatal(err)
	}
	if out.Len() > 65_536 || !strings.Contains(out.String(), "left out here") {
		t.Errorf("%d bytes:\n%.500s", out.Len(), out.String())
	}
}

// TestWeakenings makes one change after another that leaves less to be attacked without a repair: each is named and is for the worse, and back it is not.
func TestWeakenings(t *testing.T) {
	t.Parallel()
	const outsider = "attacker Outsider { in Internet }"
	for name, c := range map[string]struct {
		weaker []string
		want   string
	}{
		"a zone less":      {with(outsider, "attacker Outsider { }"), "attacker-weaker the attacker Outsider has become weaker: not present Internet"},
		"a control less":   {with(outsider, outsider+"\nattacker Owner { controls Shop }"), ""},
		"a lower budget":   {with("budget 2", "budget 1"), "attacker-weaker the attacker Poor has become weaker: budget 1, budget 2 before"},
		"a budget":         {with(outsider, "attacker Outsider { in Internet budget 9 }"), "attacker-weaker the attacker Outsider has become weaker: budget 9, no budget before"},
		"without":          {with(outsider, "attacker Outsider { in Internet without exploit }"), "attacker-weaker the attacker Outsider has become weaker: without exploit"},
		"an attacker less": {with("attacker Poor { in Internet  budget 2 }", "", "Outsider, Poor", "Outsider"), "attacker-weaker the attacker Poor is gone"},
		"an assumption":    {with("require Clear:", "assume Fine: not controls(Shop)\nrequire Clear:"), "assumption-new it now assumes Fine: not controls(Shop)"},
		"a threat less":    {with("  - id: tap\n", "  - id: tap-only\n"), "inputs-changed the threat tap is gone from the catalogue mini"},
		"a threat weaker":  {with("    unless: f has encryption\n    then: [observes(f)]\n    cost: 1", "    unless: f has encryption\n    then: [observes(f)]\n    cost: 2"), "inputs-changed the threat tap of the catalogue mini is different now"},
		"a threat stopped": {with("    unless: c has input_validation", "    unless: c has input_validation or f has encryption"), "inputs-changed the threat exploit of the catalogue mini is different now"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old, now := check(t), check(t, c.weaker...)
			if c.want == "" { // the other way round
				old, now, c.want = now, old, "attacker-weaker the attacker Owner is gone"
			}
			review := Compare("old", "new", []Pair{{Name: "shop.vbn", Old: old, New: now}})
			if !slices.ContainsFunc(review.Designs[0].Remarks, func(m Remark) bool {
				return m.Trend == Worse && strings.HasPrefix(string(m.Kind)+" "+m.Text, c.want)
			}) || review.Worsenings() == 0 {
				t.Errorf("got %v, want %q for the worse", review.Designs[0].Remarks, c.want)
			}
			var out bytes.Buffer
			if err := WriteText(&out, review); err != nil || !strings.Contains(out.String(), "what is checked has become less") {
				t.Errorf("%v: the last line says nothing of it:\n%s", err, out.String())
			}
		})
	}
	same := check(t)
	if review := Compare("old", "new", []Pair{{Name: "shop.vbn", Old: same, New: same, Out: true}}); review.Worsenings() != 1 {
		t.Error("that a design is no longer checked is not for the worse")
	}
}
