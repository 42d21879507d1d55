package audit_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/audit/verdicts"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/threats"
)

const asOf = "2026-11-24"

func read(name string) (string, error) {
	text, err := os.ReadFile(filepath.FromSlash(name))
	return string(text), err
}

// made makes the report of a design.
func made(t *testing.T, path string) []byte {
	t.Helper()
	return madeWith(t, read, path)
}

func madeWith(t *testing.T, read source.Reader, path string) []byte {
	t.Helper()
	diags := &diag.List{}
	m := threats.Load(read, []string{path}, diags)
	if m == nil {
		t.Fatal(diags.Sorted())
	}
	result, err := checker.Check(t.Context(), m, checker.Options{AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	if result.Warnings == nil {
		result.Warnings = &diag.List{}
	}
	result.Warnings.Append(diags)
	data, err := reports.New(result, "0.1.0").Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func status(t *testing.T, r *audit.Result, name string) audit.Check {
	t.Helper()
	for _, c := range r.Checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no check %q", name)
	return audit.Check{}
}

// Every verdict on the examples, by whichever engine, is shown by what the report has for it.
func TestVerdictsOfExamples(t *testing.T) {
	t.Parallel()
	found := 0
	err := filepath.WalkDir(filepath.Join("..", "..", "examples"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".vbn" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains("\n"+string(text), "\ndesign ") {
			return err // a part of another design
		}
		found++
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			name := filepath.ToSlash(path)
			r, err := audit.Run(t.Context(), &audit.Input{AsOf: asOf, Report: made(t, name), Design: []string{name}, Judge: verdicts.Judge(nil), Read: read})
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{audit.Report, audit.Inputs, audit.Verdicts, audit.Contents} {
				if c := status(t, r, want); c.Status != audit.Passed {
					t.Errorf("%s %s: %s", want, c.Status, c.Detail)
				}
			}
			if r.Passed {
				t.Error("it passed without a statement")
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 5 {
		t.Errorf("only %d examples found", found)
	}
}

// What cannot be used is told, and is no error of the tool.
func TestUnusableInputs(t *testing.T) {
	t.Parallel()
	const design = "../../examples/first/first.vbn"
	report := made(t, design)
	for name, c := range map[string]struct {
		in    audit.Input
		check string
		says  string
	}{
		"no report":             {audit.Input{AsOf: asOf}, audit.Report, "unexpected end of JSON"},
		"a list":                {audit.Input{AsOf: asOf, Report: []byte("[]")}, audit.Report, "cannot unmarshal"},
		"no design":             {audit.Input{AsOf: asOf, Report: report}, audit.Verdicts, "there is no design"},
		"a design not there":    {audit.Input{AsOf: asOf, Report: report, Design: []string{"nothing.vbn"}, Judge: verdicts.Judge(nil), Read: read}, audit.Inputs, "the design does not load"},
		"no statement":          {audit.Input{AsOf: asOf, Report: report, Statement: []byte("{}")}, audit.Signature, `it holds "", expected`},
		"no receipt":            {audit.Input{AsOf: asOf, Report: report, Receipt: []byte("{}")}, audit.Record, "its schema is"},
		"requirements left out": {audit.Input{AsOf: asOf, Report: without(t, report), Design: []string{design}, Judge: verdicts.Judge(nil), Read: read}, audit.Verdicts, "does not have the requirement"},
		"no trust":              {audit.Input{AsOf: asOf, Report: report, History: entries(&notary.Entry{})}, audit.Place, "there is no trust file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := audit.Run(t.Context(), &c.in)
			if err != nil {
				t.Fatal(err)
			}
			if got := status(t, r, c.check); got.Status == audit.Passed || !strings.Contains(got.Detail, c.says) {
				t.Errorf("%s %s: %q, expected %q", got.Name, got.Status, got.Detail, c.says)
			}
			if r.Passed {
				t.Error("it passed")
			}
			var text bytes.Buffer
			if err := r.Text(&text); err != nil || strings.Count(text.String(), "\n") != len(r.Checks)+2 {
				t.Errorf("%v\n%s", err, &text)
			}
		})
	}
}

func entries(list ...*notary.Entry) notary.Entries {
	return func(yield func(*notary.Entry, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// without leaves the first requirement out of a report.
func without(t *testing.T, report []byte) []byte {
	t.Helper()
	r, err := document.Parse(report)
	if err != nil {
		t.Fatal(err)
	}
	r.Requirements = r.Requirements[1:]
	data, err := r.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Entries without a receipt may only be the newest.
func TestChainWithHoles(t *testing.T) {
	t.Parallel()
	trust := &notary.Trust{}
	if links, waiting, err := audit.Chain(entries(&notary.Entry{}, &notary.Entry{}), trust, nil); err != nil || len(links) != 0 || waiting != 2 {
		t.Errorf("nothing notarized yet: %v, %d, %v", links, waiting, err)
	}
	if _, _, err := audit.Chain(entries(&notary.Entry{}, &notary.Entry{Receipt: []byte("{}")}), trust, nil); err == nil || !strings.Contains(err.Error(), "entry 1 has no receipt") {
		t.Errorf("a hole: %v", err)
	}
}
