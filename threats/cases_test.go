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

// TestCaseFiles checks that there are pairs of examples for each built-in threat and none for anything else, and that they are formatted.
func TestCaseFiles(t *testing.T) {
	t.Parallel()
	c := retail(t)
	files, err := fs.Glob(embeddedCases, "cases/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		id, part, parts := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(name, "cases/"), ".txtar"), ".")
		if parts && !validID.MatchString(part) {
			t.Errorf("%s: %q is no name for a part", name, part)
		}
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
	read := 0
	for _, x := range c.Threats {
		pairs := CasesOf(x.ID)
		if len(pairs) == 0 {
			t.Errorf("there is no pair of examples for %s", x.ID)
		}
		read += len(pairs)
	}
	if read != len(files) {
		t.Errorf("%d pairs belong to threats, of %d files", read, len(files))
	}
	for _, id := range []string{"", "..", "no-such-threat", "../catalogues/core", "tap.*"} {
		if len(CasesOf(id)) > 0 {
			t.Errorf("%q has a pair of examples", id)
		}
	}
}
