package sample

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/questions"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports"
)

// Golden compares an output with testdata/NAME, or rewrites that.
func Golden(t *testing.T, name string, got []byte, update bool) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant (-update rewrites it)\n%s", got, want)
	}
}

// Outcomes are the samples that every format must write, by name.
func Outcomes() map[string][]reports.Outcome {
	good := func(r *checker.Result) reports.Outcome {
		return reports.Outcome{Name: r.Model.Design.Files[0].Name, Result: r}
	}
	// asked has a question with each text of the result's, which breaks its first requirement.
	asked := func(r *checker.Result) reports.Outcome {
		o := good(r)
		title := r.Model.Design.Title
		o.Questions = &questions.Found{Silent: 2, Complete: true, Questions: []questions.Question{{
			On: &models.Element{Name: title, Span: r.Requirements[0].Source.Span}, Text: "whose scripts do the pages of " + title + " load?",
			Yes: []string{"extend " + title + " { loads Tags }", "extend " + title + " { loads Help }"}, No: "extend " + title + " { loads none }",
			Breaks: []questions.Broken{{Requirement: r.Requirements[0].Source.Name, Verdict: checker.Violated, Cost: 3}},
		}}}
		return o
	}
	return map[string][]reports.Outcome{
		"everything": {asked(Everything())},
		"many":       {good(Many())},
		"hostile":    {asked(Hostile())},
		"empty":      {good(Empty())},
		"wrong":      {Wrong()},
		"several":    {good(Many()), Wrong(), good(Empty())},
	}
}
