package checker_test

import (
	"encoding/json"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/bench/shop"
	"github.com/vauban-verifier/vauban/checker/ground"
)

// Why threats have a rule for each pair of what an element is shared by. In both the drawing does not say which of the one goes with which of the other.
const (
	anyKept = "who may ask a service or a store may ask for all that lies there"
	anyPage = "a page that is poisoned meets all that who looks at it sends, and the drawing does not say which request is for which service behind a gateway"
)

// squares are the threats that grow with the square of what shares an element, by shape, with the reason.
var squares = map[string]map[string]string{
	"store":   {"browse-records": anyKept, "excessive-data-exposure": anyKept},
	"cache":   {"browse-records": anyKept, "excessive-data-exposure": anyKept},
	"proxied": {"card-skimming": anyPage, "ride-session": anyPage},
}

// TestSharedElementsTakeLinearWork lets more and more others share one broker, one store, one gateway and so on, with controls and without, and counts what that takes: what joins look at for each threat,
// rules, facts, and the evidence for verdicts. For each of those who are added it takes no more than for those before.
func TestSharedElementsTakeLinearWork(t *testing.T) {
	alone(t)
	t.Parallel()
	for _, shape := range shop.Hubs {
		for _, secure := range []bool{false, true} {
			if secure && len(squares[shape]) > 0 {
				continue // large, and no less argued
			}
			t.Run(shape+map[bool]string{true: " with controls"}[secure], func(t *testing.T) {
				t.Parallel()
				const few = 280 // above what is gone through at once
				one := workOf(t, shop.Plan{Shape: shape, Size: few, Secure: secure})
				two := workOf(t, shop.Plan{Shape: shape, Size: 2 * few, Secure: secure})
				for what, n := range two {
					if n > 5*one[what]/2+5*few && !argued(shape, what) {
						t.Errorf("%s: %d for %d that share it, %d for twice as many", what, one[what], few, n)
					}
				}
			})
		}
	}
}

// workOf counts what a design takes.
func workOf(t *testing.T, p shop.Plan) map[string]int {
	t.Helper()
	text, err := shop.Design(p)
	if err != nil {
		t.Fatal(err)
	}
	m := resolve(t, text, builtin())
	g, err := ground.Ground(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]int{"facts": g.System.Facts()}
	for i, threat := range m.Catalogue.Threats {
		of["looks for "+threat.ID] = g.Looked[i]
	}
	for r := range int32(g.System.Rules()) {
		of["rules of "+g.Threat(r).ID]++
	}
	r, err := checker.Check(t.Context(), m, checker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range r.Requirements {
		for _, c := range q.Cases {
			text, err := json.Marshal(c.Evidence())
			if err != nil {
				t.Fatal(err)
			}
			of["bytes of evidence"] += len(text)
		}
	}
	return of
}

// argued reports whether something may grow with the square in a shape.
func argued(shape, what string) bool {
	for id := range squares[shape] {
		if what == "looks for "+id || what == "rules of "+id {
			return true
		}
	}
	return false
}
