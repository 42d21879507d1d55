package threats_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/reports/diagram"
	"github.com/vauban-verifier/vauban/threats"
)

var update = flag.Bool("update", false, "rewrite the reference pages")

// TestReference holds the pages in reference/ to the built-in catalogues.
func TestReference(t *testing.T) {
	t.Parallel()
	c := threats.LoadCatalogue(nil, []string{"retail"}, &diag.List{})
	pages, err := threats.Reference(c, diagram.Sketch)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.RemoveAll("reference"); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir("reference", 0o755); err != nil {
			t.Fatal(err)
		}
		for _, p := range pages {
			if err := os.WriteFile(filepath.Join("reference", p.Name), []byte(p.Text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := os.ReadDir("reference")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !slices.ContainsFunc(pages, func(p threats.Page) bool { return p.Name == f.Name() }) {
			t.Errorf("reference/%s is about nothing in the catalogues: go test ./threats -update", f.Name())
		}
	}
	for _, p := range pages {
		text, err := os.ReadFile(filepath.Join("reference", p.Name))
		if err != nil || string(text) != p.Text {
			t.Errorf("reference/%s is not what the catalogues say (%v): go test ./threats -update, and read the difference", p.Name, err)
		}
	}
}
