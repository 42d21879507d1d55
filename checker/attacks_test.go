package checker_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
)

// maze is a catalogue in which each component is taken over in one way or another, so that the minimal sets of components on the ways to a datum are known.
const maze = `
catalogue: maze
kinds: {network: {is: zone}, service: {is: component}}
classes: {secret: {is: data}}
controls: {filter: {of: [service]}, crypt: {of: [flow, data]}}
protocols: {plain: {}}
threats:
  - {id: enter, for: {f: flow}, when: present(f.source.zone), then: [injects(f)], cost: 0}
  - {id: take, for: {f: flow, c: service}, when: injects(f) and f.target = c, unless: c has filter, then: [controls(c)], cost: 2}
  - {id: go, for: {f: flow}, when: controls(f.source), then: [injects(f)], cost: 0}
  - {id: read, for: {c: service, d: data}, when: controls(c) and c handles d, then: [knows(d)], cost: 0}
`

func checkText(t *testing.T, attacks int, design string) *checker.Result {
	t.Helper()
	diags := &diag.List{}
	m := threats.Load(func(name string) (string, error) {
		return map[string]string{"maze.vbn": design, "maze.yaml": maze}[name], nil
	}, []string{"maze.vbn"}, diags)
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags.Sorted(), design)
	}
	r, err := checker.Check(t.Context(), m, checker.Options{AsOf: "2026-11-24", Attacks: attacks})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestAttacksAreAllWays puts the attacks that are found beside all sets of components of random mazes on which a way leads to the datum.
func TestAttacksAreAllWays(t *testing.T) {
	t.Parallel()
	most := 0
	for seed := range 60 {
		const n = 6
		edges := map[[2]int]bool{}
		x := uint64(seed)*2654435761 + 12345
		next := func(limit uint64) int {
			x = x*6364136223846793005 + 1442695040888963407
			return int(x >> 33 % limit)
		}
		for range 15 {
			if a, b := next(n+1), 1+next(n); a != b { // 0 is the customer
				edges[[2]int{a, b}] = true
			}
		}
		var b strings.Builder
		b.WriteString("design \"maze\"\nuse \"maze.yaml\"\nzone Z: network\nzone I: network\ndata D: secret\nactor C0: actor in Z\n")
		for i := range n {
			handles := ""
			if i >= n-2 {
				handles = " { handles D }"
			}
			fmt.Fprintf(&b, "component C%d: service in I%s\n", i+1, handles)
		}
		for a := range n + 1 {
			for c := range n + 1 {
				if edges[[2]int{a, c}] {
					fmt.Fprintf(&b, "flow F%d_%d: C%d -> C%d over plain\n", a, c, a, c)
				}
			}
		}
		b.WriteString("attacker O { in Z }\nrequire R: confidential D\n")
		// Which sets of components are enough to be taken over, and minimal at that?
		enough := func(set int) bool {
			reached := 1
			for range n {
				for e := range edges {
					if reached>>e[0]&1 == 1 && set>>(e[1]-1)&1 == 1 {
						reached |= 1 << e[1]
					}
				}
			}
			return reached>>(n-1)&3 != 0
		}
		var want []string
		for set := range 1 << n {
			minimal := enough(set)
			for i := range n {
				minimal = minimal && (set>>i&1 == 0 || !enough(set&^(1<<i)))
			}
			if minimal {
				var names []string
				for i := range n {
					if set>>i&1 == 1 {
						names = append(names, fmt.Sprintf("take(C%d)", i+1))
					}
				}
				want = append(want, strings.Join(names, " "))
			}
		}
		c := checkText(t, checker.MaxAttacks, b.String()).Requirements[0].Cases[0]
		var got []string
		for i, a := range c.Attacks {
			got = append(got, strings.Join(a.Way, " "))
			if a.Cost != 2*len(a.Way) || a.CostAtLeast != a.Cost || i > 0 && a.Cost < c.Attacks[i-1].Cost {
				t.Errorf("seed %d: attack %d by %v costs %d, at least %d", seed, i, a.Way, a.Cost, a.CostAtLeast)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) || len(want) > 0 && (!c.AllAttacks || c.More != 0) {
			t.Fatalf("seed %d: found %q (all: %v), want %q\n%s", seed, got, c.AllAttacks, want, b.String())
		}
		most = max(most, len(want))
		if len(want) < 2 {
			continue
		}
		two := checkText(t, 2, b.String())
		if c := two.Requirements[0].Cases[0]; len(c.Attacks) != 2 || c.More != len(want)-2 || !c.AllAttacks {
			t.Errorf("seed %d: of %d attacks %d are shown and %d not", seed, len(want), len(c.Attacks), c.More)
		}
	}
	if most < 3 {
		t.Errorf("no maze has more than %d ways", most)
	}
}

// TestHonestRunsAreNobodys asks who breaks what honest runs break.
func TestHonestRunsAreNobodys(t *testing.T) {
	t.Parallel()
	r := checkText(t, 0, `design "shop" use "maze.yaml"
		zone Z: network
		zone I: network
		data D: secret
		component S: service in I { handles D }
		actor C: actor in Z
		flow F: C -> S over plain
		attacker O { in Z }
		attacker P { in I }
		process Orders {
			fact paid
			step Pay by S when not paid do paid
		}
		require R: never paid
		require Q: confidential D`)
	for _, c := range r.Requirements[0].Cases {
		if c.Attack == nil || !c.Attack.Honest {
			t.Errorf("%v: %+v", c.Attackers, c.Attack)
		}
	}
	if c := r.Requirements[1].Cases[0]; c.Attack == nil || c.Attack.Honest {
		t.Errorf("an attack is said to be nobody's: %+v", c.Attack)
	}
}
