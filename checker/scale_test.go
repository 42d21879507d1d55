package checker

import (
	"testing"

	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// TestOwnThingsAtScale: what takes one at a time does not count at scale, unless the one whom it takes is the attacker: by what is his own he may come to all.
func TestOwnThingsAtScale(t *testing.T) {
	t.Parallel()
	for threat, want := range map[string]Verdict{
		"confidential Order":          Violated,
		"confidential Order at scale": Violated,
	} {
		m := threatstest.Load(t, func(name string) (string, error) {
			if name == "own.yaml" {
				return `catalogue: own
title: Own
extends: core
predicates:
  opened: {args: [component], title: "{0} is open"}
threats:
  - {id: pick, title: Pick, for: {c: app}, when: "c is app", then: [opened(c)], singly: true, cost: 1, says: "picks {c}", rationale: x}
  - {id: all, title: All, for: {c: app, d: data}, when: "opened(c)", then: [knows(d)], cost: 1, says: "gets {d} by {c}", rationale: x}
`, nil
			}
			return `design "Own things"
use "own.yaml"
zone Internet: zone
actor Shopper: customer in Internet
component App: app in Internet of Shopper
data Order: data of Shopper
attacker Cheat { is Shopper }
require R: ` + threat + "\n", nil
		}, "x.vbn")
		r, err := Check(t.Context(), m, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Requirements[0].Verdict; got != want {
			t.Errorf("%s: %s, want %s", threat, got, want)
		}
	}
}
