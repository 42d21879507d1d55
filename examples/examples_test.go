// Package examples holds designs that people learn from. Each says at its top which verdicts and warnings it must get:
//
//	// expect: CardSecrecy holds
//	// warns: VAU3001
package examples

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
)

// asOf is the date that waivers in the examples are judged by.
const asOf = "2026-11-24"

// expected is what a design says of itself.
type expected struct {
	verdicts map[string]string // by requirement
	warnings []string          // their codes
}

// designs returns the examples that are designs of their own, not parts that others include, with what they expect.
func designs(t *testing.T) map[string]expected {
	t.Helper()
	out := map[string]expected{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".vbn" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		want, root := expected{verdicts: map[string]string{}}, false
		for line := range strings.Lines(string(text)) {
			if s, ok := strings.CutPrefix(line, "// expect: "); ok {
				name, verdict, _ := strings.Cut(strings.TrimSpace(s), " ")
				want.verdicts[name] = verdict
			}
			if s, ok := strings.CutPrefix(line, "// warns: "); ok {
				want.warnings = append(want.warnings, strings.TrimSpace(s))
			}
			root = root || strings.HasPrefix(line, "design ")
		}
		if root {
			out[path] = want
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) == 0 {
		t.Fatal("no examples found")
	}
	return out
}

func read(name string) (string, error) {
	text, err := os.ReadFile(name)
	return string(text), err
}

func render(list *diag.List) string {
	var b strings.Builder
	_ = diag.Render(&b, list.Sorted(), diag.Options{}) // a strings.Builder never fails
	return b.String()
}

// TestExpected checks that every example gets the verdicts that it states, for all its requirements, without a diagnostic.
func TestExpected(t *testing.T) {
	t.Parallel()
	for path, want := range designs(t) {
		t.Run(filepath.ToSlash(path), func(t *testing.T) {
			t.Parallel()
			diags := &diag.List{}
			m := threats.Load(read, []string{path}, diags)
			if len(diags.Sorted()) > 0 {
				t.Errorf("unexpected diagnostics:\n%s", render(diags))
			}
			if m == nil {
				return
			}
			r, err := checker.Check(t.Context(), m, checker.Options{AsOf: asOf})
			if err != nil {
				t.Fatal(err)
			}
			var codes []string
			for _, d := range r.Warnings.Sorted() {
				codes = append(codes, string(d.Code))
			}
			if !slices.Equal(codes, want.warnings) {
				t.Errorf("warnings, expected %v:\n%s", want.warnings, render(r.Warnings))
			}
			if len(want.verdicts) != len(r.Requirements) {
				t.Errorf("%d requirements, but %d expectations", len(r.Requirements), len(want.verdicts))
			}
			for _, q := range r.Requirements {
				if got, expected := string(q.Verdict), want.verdicts[q.Source.Name]; got != expected {
					t.Errorf("%s: got %s, expected %q", q.Source.Name, got, expected)
				}
			}
		})
	}
}
