package questions_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/questions"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

const catalogue = `
catalogue: cat
kinds: {public: {is: zone}, page: {is: component}, script: {is: component}, widget: {is: component}}
classes: {order: {is: data}}
relations:
  loads: {from: component, to: component, title: loads scripts from, ask: {text: "whose scripts do the pages of {0} load?", of: [page], to: [script]}}
  shows: {from: page, to: widget, title: shows, ask: "what do the pages of {0} show?"}
  likes: {from: page, to: page, title: likes}
attributes:
  cookies: {of: [page], type: [open, closed, mixed], ask: "are the cookies of {0} open to scripts?"}
threats:
  - {id: script, for: {p: component, s: component, d: data}, when: present(s.zone) and p loads s and p handles d, then: [knows(d)], says: "{s} reads {d}", cost: 2}
  - {id: cookie, for: {p: page, d: data}, when: "present(p.zone) and not p.cookies = closed and p.cookies = open and p handles d", then: [tampers(d)], says: "changes {d}"}
  - {id: mixed, for: {p: page, d: data}, when: "present(p.zone) and p.cookies = mixed and p handles d", then: [tampers(d)], says: "changes {d}", cost: 4}
  - {id: pair, for: {p: page, w: widget, v: widget}, when: "present(p.zone) and p shows w and p shows v and w != v", then: [controls(p)], says: "two widgets", cost: 1}
`

// ask looks for the questions of a design, and counts its trials.
func ask(t *testing.T, design string, opt questions.Options) (*questions.Found, int) {
	t.Helper()
	trials := 0
	load := func(declarations string) (*threats.Model, error) {
		diags := &diag.List{}
		read := threatstest.Texts(map[string]string{"d.vbn": design, "answers.vbn": declarations, "cat.yaml": catalogue})
		m := threats.Load(read, []string{"d.vbn", "answers.vbn"}, diags)
		if declarations != "" {
			trials++
		}
		if m == nil || diags.HasErrors() {
			return nil, nil //nolint:nilnil // as the interface wants it
		}
		return m, nil
	}
	m, err := load("")
	if err != nil || m == nil {
		t.Fatalf("the design cannot be read: %v\n%s", err, design)
	}
	base, err := checker.Check(t.Context(), m, checker.Options{AsOf: "2026-01-01"})
	if err != nil {
		t.Fatal(err)
	}
	opt.Check = checker.Options{AsOf: "2026-01-01"}
	found, err := questions.Find(t.Context(), base, load, opt)
	if err != nil {
		t.Fatal(err)
	}
	return found, trials
}

const head = `design "d"
use "cat.yaml"
zone Internet: public
data Order: order
attacker Outsider { in Internet }
`

// told writes questions, one a line: what is asked, what breaks, the answers.
func told(f *questions.Found) string {
	var lines []string
	for _, q := range f.Questions {
		var broken []string
		for _, b := range q.Breaks {
			broken = append(broken, fmt.Sprintf("%s %s %d", b.Requirement, b.Verdict, b.Cost))
		}
		lines = append(lines, q.Text+" | "+strings.Join(broken, ", ")+" | "+strings.Join(q.Yes, "; ")+" | "+q.No)
	}
	return strings.Join(lines, "\n")
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, design, want string }{
		{
			"an answer breaks what holds", "component Shop: page in Internet { handles Order  cookies closed }\ncomponent Tags, Help: script in Internet\nrequire Secret: confidential Order\n",
			"whose scripts do the pages of Shop load? | Secret violated 2 | extend Shop { loads Tags }; extend Shop { loads Help } | extend Shop { loads none }",
		},
		{"what does not hold hangs on nothing", "component Shop: page in Internet { handles Order  cookies closed  loads Tags }\ncomponent Other: page in Internet { handles Order  cookies closed }\ncomponent Tags: script in Internet\nrequire Secret: confidential Order\n", ""},
		{"it is stated", "component Shop: page in Internet { handles Order  cookies closed  loads Tags }\ncomponent Tags: script\nrequire Secret: confidential Order\n", ""},
		{"it is denied", "component Shop: page in Internet { handles Order  cookies closed  loads none }\ncomponent Tags: script in Internet\nrequire Secret: confidential Order\n", ""},
		{"nobody could be the answer", "component Shop: page in Internet { handles Order  cookies closed }\nrequire Secret: confidential Order\n", ""},
		{"the kind is not asked", "component Api: script in Internet { handles Order }\ncomponent Tags: script in Internet\nrequire Secret: confidential Order\n", ""},
		{"no answer matters", "component Shop: page in Internet { cookies closed }\ncomponent Tags: script in Internet\nrequire Secret: confidential Order\n", ""},
		{
			"the words of an attribute are one question", "component Shop: page in Internet { handles Order }\nrequire Whole: integrity Order\n",
			"are the cookies of Shop open to scripts? | Whole violated 1 | extend Shop { cookies open }; extend Shop { cookies mixed } | ",
		},
		{
			"answers that matter only together are shown together", "component Shop: page in Internet { cookies closed }\ncomponent Map, Chat: widget\nrequire Safe: never controls(Shop)\n",
			"what do the pages of Shop show? | Safe violated 1 | extend Shop { shows Map shows Chat } | extend Shop { shows none }",
		},
		{
			"the worst comes first",
			"component Shop: page in Internet { handles Order }\ncomponent Tags: script in Internet\nrequire Whole: integrity Order { severity low }\nrequire Secret: confidential Order { severity critical }\n",
			"whose scripts do the pages of Shop load? | Secret violated 2 | extend Shop { loads Tags } | extend Shop { loads none }\n" +
				"are the cookies of Shop open to scripts? | Whole violated 1 | extend Shop { cookies open }; extend Shop { cookies mixed } | ",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			found, _ := ask(t, head+c.design, questions.Options{})
			if got := told(found); got != c.want || !found.Complete {
				t.Errorf("complete %v, asks\n%s\nexpected\n%s", found.Complete, got, c.want)
			}
			// Each question is gone once it is answered with no, and each yes does what is said of it.
			for _, q := range found.Questions {
				if q.No != "" {
					after, _ := ask(t, head+c.design+q.No+"\n", questions.Options{})
					if slices.ContainsFunc(after.Questions, func(x questions.Question) bool { return x.Text == q.Text }) {
						t.Errorf("%q is asked although the design says %s", q.Text, q.No)
					}
				}
			}
		})
	}
}

// TestFewOfMany: where few silences of many matter, few answers are tried.
func TestFewOfMany(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(head + "component Tags: script in Internet\nrequire Secret: confidential Order\n")
	for i := range 64 {
		handles := ""
		if i == 37 {
			handles = "  handles Order"
		}
		fmt.Fprintf(&b, "component P%d: page in Internet { cookies closed%s }\n", i, handles)
	}
	found, trials := ask(t, b.String(), questions.Options{})
	if len(found.Questions) != 1 || found.Questions[0].On.Name != "P37" || found.Silent != 64 {
		t.Fatalf("%d silent, asks\n%s", found.Silent, told(found))
	}
	if trials > 16 {
		t.Errorf("%d trials for one of 64", trials)
	}
}

// TestLimits: a search that ends early says so, and asks nothing that it has not seen break something.
func TestLimits(t *testing.T) {
	t.Parallel()
	design := head + "component Shop, Other: page in Internet { handles Order  cookies closed }\ncomponent Open, Open2: page in Internet { handles Order  cookies open  loads none }\ncomponent Tags: script in Internet\nrequire Secret: confidential Order\n"
	if found, trials := ask(t, design, questions.Options{MaxTrials: 1}); found.Complete || trials > 1 || len(found.Questions) > 0 {
		t.Errorf("with one trial: complete %v after %d: %s", found.Complete, trials, told(found))
	}
	if found, trials := ask(t, design, questions.Options{MaxRules: 1}); found.Complete || trials > 0 {
		t.Errorf("beyond the limit of rules: complete %v after %d trials", found.Complete, trials)
	}
	if found, _ := ask(t, design, questions.Options{}); len(found.Questions) != 2 {
		t.Errorf("without limits: %s", told(found))
	}
}

// TestInterrupted: a context that has ended ends the search.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	m := threatstest.Load(t, threatstest.Texts(map[string]string{"d.vbn": head + "component Shop: page in Internet { handles Order }\nrequire Whole: integrity Order\n", "cat.yaml": catalogue}), "d.vbn")
	base, err := checker.Check(t.Context(), m, checker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	found, err := questions.Find(ctx, base, func(string) (*threats.Model, error) { t.Error("something is tried"); return nil, nil }, questions.Options{})
	if err == nil && (found.Complete || len(found.Questions) > 0) {
		t.Errorf("complete %v: %s", found.Complete, told(found))
	}
}
