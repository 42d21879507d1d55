package checker_test

import (
	"context"
	"errors"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/coverage"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/export"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/simulate"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// TestNoVerdictOfADraft: of a design with an error nothing is said to hold, not even by who takes what could be read for a model. What could not be read may be
// what an attack needs.
func TestNoVerdictOfADraft(t *testing.T) {
	t.Parallel()
	const right = `design "D"
zone Net: public
zone Core: private
actor Shopper: customer in Net
component Shop: webapp in Core { has input_validation }
data Card: payment_data
flow Buy: Shopper -> Shop over https { carries Card }
attacker A { in Net }
require Secret: confidential Card against A
`
	files := map[string]string{
		"right.vbn":     right,
		"syntax.vbn":    right + "flow F: Shopper -> over http\n",
		"name.vbn":      right + "flow F: Shopper -> Shp over http\n",
		"control.vbn":   right + "extend Shop { has wfa }\n",
		"attacker.vbn":  right + "attacker B { in Nt }\n",
		"assume.vbn":    right + "assume X: Shop has\n",
		"file.vbn":      right + "include \"none.vbn\"\n",
		"catalogue.vbn": right + "use \"none.yaml\"\n",
		"wrong.vbn":     right + "use \"retail\" use \"wrong.yaml\"\n",
		"wrong.yaml":    "catalogue: wrong\nkinds:\n  x: {is: componnt}\n",
		"part.vbn":      right[len("design \"D\"\n"):],
		"nothing.vbn":   "",
	}
	for name := range files {
		if name == "wrong.yaml" {
			continue
		}
		diags := &diag.List{}
		got := threats.Read(threatstest.Texts(files), []string{name}, diags)
		if name == "right.vbn" {
			if r, err := checker.Check(t.Context(), got.Model, checker.Options{}); err != nil || r.Requirements[0].Verdict != checker.Violated {
				t.Errorf("%s: %v, %v", name, r, err)
			}
			continue
		}
		if got.Model != nil || !diags.HasErrors() {
			t.Errorf("%s: a model, %v", name, diags.Sorted())
		}
		forged := &threats.Model{Design: got.Design, Catalogue: got.Catalogue}
		for what, ask := range map[string]func(ctx context.Context) error{
			"check": func(ctx context.Context) error { _, err := checker.Check(ctx, forged, checker.Options{}); return err },
			"recheck": func(ctx context.Context) error {
				_, _, err := checker.Recheck(ctx, forged, checker.Options{}, nil)
				return err
			},
			"coverage": func(ctx context.Context) error {
				_, err := coverage.Cover(ctx, forged, "", checker.Options{})
				return err
			},
			"simulate": func(ctx context.Context) error { _, err := simulate.New(ctx, forged, nil, nil); return err },
			"export": func(ctx context.Context) error {
				_, err := export.Question(ctx, nil, forged, "Secret", 0, "aiger", 0)
				return err
			},
			"graph": func(ctx context.Context) error { _, err := explain.AttackGraphs(ctx, forged, "Secret"); return err },
		} {
			if err := ask(t.Context()); !errors.Is(err, ground.ErrDraft) {
				t.Errorf("%s of %s: %v", what, name, err)
			}
		}
	}
}
