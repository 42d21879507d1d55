package threats

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// TestCaseFiles checks that there is a pair of examples for each built-in threat and none for anything else, and that they are formatted.
func TestCaseFiles(t *testing.T) {
	t.Parallel()
	c := retail(t)
	files, err := fs.Glob(embeddedCases, "cases/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		id := strings.TrimSuffix(strings.TrimPrefix(name, "cases/"), ".txtar")
		if !slices.ContainsFunc(c.Threats, func(x *Threat) bool { return x.ID == id }) {
			t.Errorf("%s is about no threat", name)
		}
		data, err := fs.ReadFile(embeddedCases, name)
		if err != nil {
			t.Fatal(err)
		}
		a := txtar.Parse(data)
		if len(a.Files) != 2 || a.Files[0].Name != "attacked.vbn" || a.Files[1].Name != "stopped.vbn" {
			t.Errorf("%s: expected attacked.vbn and stopped.vbn", name)
		}
		for _, f := range a.Files {
			diags := &diag.List{}
			if got := dsl.Format(dsl.Parse(source.New(f.Name, string(f.Data)), diags)); got != string(f.Data) && !diags.HasErrors() {
				t.Errorf("%s: %s is not formatted", name, f.Name)
			}
			if !strings.Contains(string(f.Data), "attacker ") {
				t.Errorf("%s: %s has no attacker", name, f.Name)
			}
		}
	}
	for _, x := range c.Threats {
		if _, ok := CaseOf(x.ID); !ok {
			t.Errorf("there is no pair of examples for %s", x.ID)
		}
	}
	for _, id := range []string{"", "..", "no-such-threat", "../catalogues/core"} {
		if _, ok := CaseOf(id); ok {
			t.Errorf("%q has a pair of examples", id)
		}
	}
}
