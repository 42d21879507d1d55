package checker

import (
	"testing"

	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// TestBothSidesOfAnImplication: what is looked for where an implication is broken is what its first side proposes, not what its second does.
func TestBothSidesOfAnImplication(t *testing.T) {
	t.Parallel()
	m := threatstest.Load(t, func(name string) (string, error) {
		if name == "own.yaml" {
			return `catalogue: own
title: Own
extends: core
predicates:
  opened: {args: [component], title: "{0} is open"}
  left: {args: [component], title: "{0} was left"}
threats:
  - {id: enter, title: Enter, for: {c: component, x: app}, when: "forall g: flow | g.target = c implies g.source = x", then: [opened(c)], cost: 1, says: "enters {c}", rationale: x}
  - {id: leave, title: Leave, for: {c: component, x: app}, when: "not (forall g: flow | g.target = c implies g.source = x)", then: [left(c)], cost: 1, says: "leaves {c}", rationale: x}
`, nil
		}
		return `design "Both sides"
use "own.yaml"
zone Core: zone
component Front: app in Core
component Gate, Shop, Store, Quiet: component in Core
flow A: Front -> Gate
flow B: Gate -> Shop
flow C: Shop -> Store
flow D: Front -> Store
attacker Outsider { in Core }
require OnlyGate: always forall f: flow | f.target = Store implies f.source = Front
require Ends: always forall f: flow | f.source = Front implies f.target = Gate or f.target = Store
require GateOpen: never opened(Gate)
require StoreOpen: never opened(Store)
require ShopOpen: never opened(Shop)
require QuietOpen: never opened(Quiet)
require GateLeft: never left(Gate)
require StoreLeft: never left(Store)
require ShopLeft: never left(Shop)
require QuietLeft: never left(Quiet)
`, nil
	}, "x.vbn")
	r, err := Check(t.Context(), m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Verdict{
		"OnlyGate": Violated, "Ends": Holds,
		"GateOpen": Violated, "StoreOpen": Holds, "ShopOpen": Holds, "QuietOpen": Violated,
		"GateLeft": Holds, "StoreLeft": Violated, "ShopLeft": Violated, "QuietLeft": Holds,
	}
	for _, q := range r.Requirements {
		if q.Verdict != want[q.Source.Name] {
			t.Errorf("%s: %s, want %s", q.Source.Name, q.Verdict, want[q.Source.Name])
		}
	}
}
