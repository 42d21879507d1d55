package text

import (
	"bytes"
	"flag"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/coverage"
	"github.com/vauban-verifier/vauban/reports/internal/sample"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		build func() *checker.Result
		opt   Options
	}{
		"everything": {sample.Everything, Options{}},
		"colour":     {sample.Everything, Options{Color: true}},
		"quiet":      {sample.Everything, Options{Quiet: true}},
		"many":       {sample.Many, Options{}},
		"hostile":    {sample.Hostile, Options{}},
		"empty":      {sample.Empty, Options{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if err := Write(&out, c.build(), c.opt); err != nil {
				t.Fatal(err)
			}
			sample.Golden(t, name+".txt", out.Bytes(), *update)
			if !c.opt.Color && bytes.ContainsRune(out.Bytes(), '\x1b') {
				t.Error("there is an escape character in uncoloured output")
			}
		})
	}
}

// Beside the title of an entry, which names an attack or a defence, a status says whether there is an attack, and not that the title is possible.
func TestStatusesSayWhatTheyMean(t *testing.T) {
	t.Parallel()
	for _, s := range coverage.Statuses {
		if named[s] == "" || strings.Contains(named[s], "possible") {
			t.Errorf("the status %s is called %q", s, named[s])
		}
	}
}
