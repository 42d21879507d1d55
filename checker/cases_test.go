package checker_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	resolver "github.com/vauban-verifier/vauban/models/resolve"
	"github.com/vauban-verifier/vauban/threats"
)

// builtin is the catalogue that designs use by default, read once: nothing changes it.
var builtin = sync.OnceValue(func() *threats.Catalogue {
	diags := &diag.List{}
	c := threats.LoadCatalogue(nil, []string{"retail"}, diags)
	if diags.HasErrors() {
		panic("the built-in catalogue has errors")
	}
	return c
})

// resolve reads a design from a text against a catalogue.
func resolve(t *testing.T, text string, c *threats.Catalogue) *threats.Model {
	t.Helper()
	diags := &diag.List{}
	f := dsl.Parse(source.New("case.vbn", text), diags)
	d := resolver.Design([]*dsl.File{f}, c.Vocabulary, diags)
	said := func(d diag.Diagnostic) bool { return d.Code == "VAU1033" } // random designs may leave it to the resolver whose something is
	if list := slices.DeleteFunc(diags.Sorted(), said); len(list) > 0 {
		var b strings.Builder
		_ = diag.Render(&b, list, diag.Options{}) // a strings.Builder never fails
		t.Fatalf("%s", b.String())
	}
	return &threats.Model{Design: d, Catalogue: c}
}

func check(t *testing.T, m *threats.Model) *checker.Result {
	t.Helper()
	r, err := checker.Check(t.Context(), m, checker.Options{AsOf: "2026-11-24"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestCases checks the pairs of examples of every built-in threat: it attacks the one by a step of its own, without it nothing does, and the other,
// which differs by a line or two, holds.
func TestCases(t *testing.T) {
	t.Parallel()
	for _, threat := range builtin().Threats {
		t.Run(threat.ID, func(t *testing.T) {
			t.Parallel()
			rest := *builtin()
			rest.Threats = slices.DeleteFunc(slices.Clone(rest.Threats), func(x *threats.Threat) bool { return x.ID == threat.ID })
			for _, c := range threats.CasesOf(threat.ID) {
				title, _, _ := strings.Cut(c.About, ".")
				if len(c.About) < 60 {
					t.Errorf("%s: the case does not argue why", title)
				}
				if n := changed(c.Attacked, c.Stopped); n == 0 || n > 4 {
					t.Errorf("%s: %d words differ, expected the least change", title, n)
				}
				used := false
				for _, q := range check(t, resolve(t, c.Attacked, builtin())).Requirements {
					if q.Verdict != checker.Violated {
						t.Errorf("%s: attacked design: %s %s", title, q.Source.Name, q.Verdict)
					}
					used = used || uses(q, threat.ID)
				}
				if !used {
					t.Errorf("%s: the attack does not use the threat", title)
				}
				for _, q := range check(t, resolve(t, c.Attacked, &rest)).Requirements {
					if q.Verdict != checker.Holds {
						t.Errorf("%s: attacked design without the threat: %s %s by %s", title, q.Source.Name, q.Verdict, steps(q))
					}
				}
				for _, q := range check(t, resolve(t, c.Stopped, builtin())).Requirements {
					if q.Verdict != checker.Holds {
						t.Errorf("%s: stopped design: %s %s by %s", title, q.Source.Name, q.Verdict, steps(q))
					}
				}
			}
		})
	}
}

// uses says whether an attack on a requirement takes a threat as a step.
func uses(q *checker.Requirement, id string) bool {
	for _, k := range q.Cases {
		if k.Attack == nil {
			continue
		}
		for _, s := range k.Attack.Steps {
			if s.ID == id {
				return true
			}
		}
	}
	return false
}

// steps names the threats of the first attack on a requirement.
func steps(q *checker.Requirement) string {
	for _, k := range q.Cases {
		if k.Attack == nil {
			continue
		}
		var ids []string
		for _, s := range k.Attack.Steps {
			ids = append(ids, s.ID)
		}
		return strings.Join(ids, ", ")
	}
	return "nothing"
}

// changed counts the words of a design that are not in another, in the direction in which there are more: layout is no change.
func changed(a, b string) int {
	words := func(text string) []string {
		return strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("{},:", r) })
	}
	missing := func(a, b []string) int {
		left := slices.Clone(b)
		n := 0
		for _, w := range a {
			if i := slices.Index(left, w); i >= 0 {
				left = slices.Delete(left, i, i+1)
			} else {
				n++
			}
		}
		return n
	}
	return max(missing(words(a), words(b)), missing(words(b), words(a)))
}
