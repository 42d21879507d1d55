package oracle_test

import (
	"errors"
	"math/rand"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/oracle"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
)

// load resolves a random design; nil where it has a mistake.
func load(text string) (*threats.Model, *diag.List) {
	diags := &diag.List{}
	m := threats.Load(func(name string) (string, error) {
		switch name {
		case "random.vbn":
			return text, nil
		case oracle.CatalogueName:
			return oracle.Catalogue, nil
		}
		return "", errors.New("no such file")
	}, []string{"random.vbn"}, diags)
	if diags.HasErrors() {
		return nil, diags
	}
	return m, diags
}

func TestRandomDesignsResolve(t *testing.T) {
	t.Parallel()
	bad := 0
	for seed := range int64(200) {
		text := oracle.Random(rand.New(rand.NewSource(seed)))
		if m, diags := load(text); m == nil {
			bad++
			var b strings.Builder
			_ = diag.Render(&b, diags.Sorted(), diag.Options{}) // a strings.Builder never fails
			if bad < 4 {
				t.Logf("seed %d\n%s\n%s", seed, text, b.String())
			}
		}
	}
	if bad > 40 {
		t.Errorf("%d of 200 random designs have mistakes", bad)
	}
}
