package dsl_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// TestExamples parses the designs of the language's own documentation.
func TestExamples(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/*.vbn")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var diags diag.List
		dsl.Parse(source.New(path, string(text)), &diags)
		for _, d := range diags.Sorted() {
			t.Errorf("%s: %v: %s", path, d.Primary.Span.Position(), d.Message)
		}
	}
}
