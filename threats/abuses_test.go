package threats

import (
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl/diag"
)

// TestHelpfulControls checks that lint speaks of a control that helps an attacker just where the entry does not: whichever way the formula says it.
func TestHelpfulControls(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, keys string
		helps      bool
	}{
		{"has", "when: injects(f) and f.target = c and c has waf", true},
		{"said", "when: injects(f) and f.target = c and c has waf\nabuses: [waf]", false},
		{"not", "when: injects(f) and f.target = c and not c has waf", false},
		{"not not", "when: injects(f) and f.target = c and not (not c has waf)", true},
		{"unless", "when: injects(f) and f.target = c\nunless: c has waf", false},
		{"unless not", "when: injects(f) and f.target = c\nunless: not c has waf", true},
		{"implied", "when: injects(f) and f.target = c and (controls(c) implies c has waf)", true},
		{"implies", "when: injects(f) and f.target = c and (c has waf implies controls(c))", false},
		{"quantified", "when: \"injects(f) and f.target = c and (exists x: webapp | x has waf)\"", true},
		{"counted", "when: \"injects(f) and f.target = c and (count x: webapp | x has waf) = 0\"", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			diags := &diag.List{}
			text := threat("for: {f: flow, c: webapp}\nrefs: [R-1]\nsays: \"{c}\"\nthen: [controls(c)]\n" + c.keys)
			l := Lint(LoadCatalogue(reader(map[string]string{"t.yaml": text}), []string{"t.yaml"}, diags))
			if diags.HasErrors() {
				t.Fatal(lines(diags))
			}
			if got := strings.Contains(lines(l), string(CodeAbuse)); got != c.helps {
				t.Errorf("warned: %t, expected %t\n%s", got, c.helps, lines(l))
			}
		})
	}
}
