package dsl_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

func TestFormatDump(t *testing.T) {
	paths, _ := filepath.Glob("testdata/*.vbn")
	for _, path := range paths {
		text, _ := os.ReadFile(path)
		var diags diag.List
		t.Log(dsl.Format(dsl.Parse(source.New(path, string(text)), &diags)))
	}
}
