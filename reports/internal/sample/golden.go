package sample

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
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
	return map[string][]reports.Outcome{
		"everything": {good(Everything())},
		"many":       {good(Many())},
		"hostile":    {good(Hostile())},
		"empty":      {good(Empty())},
		"wrong":      {Wrong()},
		"several":    {good(Many()), Wrong(), good(Empty())},
	}
}
