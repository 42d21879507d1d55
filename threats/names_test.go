package threats_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/threats"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// TestNamesCanBeChanged gives each thing that an example defines another name, wherever it is spoken of. The design must still be read: a use that was missed would
// speak of nothing, and one too many would speak of something else.
func TestNamesCanBeChanged(t *testing.T) {
	t.Parallel()
	roots, err := filepath.Glob("../examples/*/*.vbn")
	if err != nil {
		t.Fatal(err)
	}
	changed := 0
	for _, root := range roots {
		root = filepath.ToSlash(root)
		diags := &diag.List{}
		m := threats.Load(threatstest.Disk, []string{root}, diags)
		if m == nil {
			continue // a part of a design
		}
		var files []*dsl.File
		texts := map[string]string{}
		for _, f := range m.Design.Files {
			files = append(files, dsl.Parse(f, &diag.List{}))
			texts[f.Name] = f.Text
		}
		names := dsl.NamesOf(files)
		for i, d := range names.Definitions {
			if testing.Short() && i%5 > 0 {
				continue
			}
			const fresh = "Quite_another"
			edited := maps.Clone(texts)
			for _, f := range files {
				var edits []dsl.Edit
				for _, n := range append([]dsl.Name{d.Name}, d.Uses...) {
					if n.Span.File == f.Source {
						edits = append(edits, dsl.Edit{Span: n.Span, Text: fresh})
					}
				}
				edited[f.Source.Name] = dsl.Apply(f.Source, edits)
			}
			read := func(name string) (string, error) {
				if text, ok := edited[name]; ok {
					return text, nil
				}
				return threatstest.Disk(name)
			}
			again := &diag.List{}
			if threats.Load(read, []string{root}, again) == nil {
				var b strings.Builder
				_ = diag.Render(&b, again.Sorted()[:1], diag.Options{})
				t.Errorf("%s: %s %s with another name: %s", root, d.Sort, d.Name.Text, b.String())
			}
			changed++
		}
	}
	if changed < 300 {
		t.Errorf("only %d names were changed", changed)
	}
	t.Logf("%d names were changed", changed)
}

// TestNamesStandSomewhere finds each definition from each of its places.
func TestNamesStandSomewhere(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../examples/tofar/pharmacy.vbn")
	if err != nil {
		t.Fatal(err)
	}
	f := dsl.Parse(source.New("pharmacy.vbn", string(text)), &diag.List{})
	names := dsl.NamesOf([]*dsl.File{f})
	for _, d := range names.Definitions {
		for _, n := range append([]dsl.Name{d.Name}, d.Uses...) {
			got, at := names.At(f, n.Span.Start)
			if got != d || at != n || n.Span.Text() != d.Name.Text {
				t.Errorf("%s at %v: %v, %v", d.Name.Text, n.Span.Position(), got, at)
			}
		}
	}
	if !slices.ContainsFunc(names.Definitions, func(d *dsl.Definition) bool { return d.Sort == "parameter" && len(d.Uses) > 0 }) {
		t.Error("no parameter is used")
	}
}
