package checker_test

import (
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/coverage"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// load reads a model from files by name, or from the file system where there are none.
func load(t *testing.T, files map[string]string, name string) *threats.Model {
	t.Helper()
	if files == nil {
		return threatstest.Load(t, threatstest.Disk, name)
	}
	return threatstest.Load(t, threatstest.Texts(files), name)
}

const coverageCatalogue = `
catalogue: small
kinds: {webapp: {is: component}, robot: {is: component}}
controls: {guard: {of: [component, flow]}, lock: {of: [component, data]}}
protocols: {http: {}, https: {gives: [guard]}}
relations: {needs: {from: component, to: component}}
threats:
  - {id: enter, for: {f: flow}, when: present(f.source.zone), unless: f has guard, then: [injects(f)], cost: 0}
  - {id: take, for: {f: flow, c: webapp}, when: injects(f) and f.target = c, unless: c has guard, then: [controls(c)], cost: 2}
  - {id: read, for: {c: component, d: data}, when: controls(c) and c stores d, unless: c stores d with lock, then: [knows(d)]}
  - {id: robots, for: {r: robot}, when: controls(r), then: [denies(r)]}
  - {id: needs, for: {c: component, n: component}, when: denies(n) and c needs n, then: [denies(c)]}
  - {id: homeless, for: {z: zone}, when: present(z.zone), then: [present(z)]}
  - {id: bribe, for: {a: actor}, when: present(a.zone), then: [controls(a)], cost: 9}
  - {id: talk, for: {a: actor, f: flow}, when: controls(a) and f.source = a, then: [observes(f)], cost: 1}
`

const coverageDesign = `
design "coverage"
use "small.yaml"
zone Net: zone  zone Inner: zone
actor Clerk: actor in Inner
component Shop: webapp in Inner { has guard?  stores Orders with lock }
component Old: webapp in Inner { has guard  stores Orders }
data Orders: data
flow A: Clerk -> Shop over http
flow B: Shop -> Old over https
component Edge: component in Net
flow C: Edge -> Shop over http
attacker Thief { in Net  budget 5  without bribe }
attacker Insider { controls Clerk  without bribe }
`

func TestCoverage(t *testing.T) {
	t.Parallel()
	files := map[string]string{"small.yaml": coverageCatalogue, "design.vbn": coverageDesign}
	c, err := coverage.Cover(t.Context(), load(t, files, "design.vbn"), "", checker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		verdict            checker.Verdict
		instances, stopped int
		because            coverage.Because
		why                string
	}
	want := map[string]row{
		"enter":    {checker.Violated, 3, 1, "", ""},
		"take":     {checker.Depends, 3, 1, "", ""},
		"read":     {checker.Holds, 2, 1, coverage.OutOfReach, "stopped in 1 of 2 places by lock (Orders in Shop); no attacker gains controls(Old)"},
		"robots":   {checker.Holds, 0, 0, coverage.Absent, "the design has no robot"},
		"needs":    {checker.Holds, 0, 0, coverage.Absent, "nothing in the design meets `c needs n` for c: component, n: component"},
		"homeless": {checker.Holds, 0, 0, coverage.Absent, "nothing in the design meets `present(z.zone)` for z: zone"},
		"bribe":    {checker.Holds, 1, 0, coverage.Excluded, "every attacker is declared without it, or excluded by an assumption"},
		"talk":     {checker.Violated, 1, 0, "", ""},
	}
	for _, x := range c.Threats {
		if got := (row{x.Verdict, x.Instances, x.Stopped, x.Because, x.Why}); got != want[x.Threat.ID] {
			t.Errorf("%s: got %+v, expected %+v", x.Threat.ID, got, want[x.Threat.ID])
		}
	}
	if best := c.Threats[1].Cheapest(); best == nil || best.Attackers[0].Name != "Thief" || best.Attack.Cost != 2 {
		t.Errorf("cheapest attack of take: %+v", best)
	}
}

// TestCoverageWithoutAttackers checks that nothing passes for impossible where nobody was asked.
func TestCoverageWithoutAttackers(t *testing.T) {
	t.Parallel()
	files := map[string]string{"small.yaml": coverageCatalogue, "design.vbn": "design \"d\"\nuse \"small.yaml\"\n"}
	c, err := coverage.Cover(t.Context(), load(t, files, "design.vbn"), "", checker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range c.Threats {
		if x.Verdict != checker.Unknown || x.Why != "the design declares no attacker" {
			t.Errorf("%s: %s, %q", x.Threat.ID, x.Verdict, x.Why)
		}
	}
}

// TestCoverageAgreesWithCheck checks that what an attack on a requirement does, coverage grants to the same attackers.
func TestCoverageAgreesWithCheck(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pharmacy.vbn", "pharmacy-hardened.vbn"} {
		m := load(t, nil, "../examples/tofar/"+name)
		c, err := coverage.Cover(t.Context(), m, "", checker.Options{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := checker.Check(t.Context(), m, checker.Options{AsOf: "2026-11-24"})
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for _, q := range r.Requirements {
			for _, k := range q.Cases {
				if k.Attack == nil || len(k.Attack.Failures) > 0 {
					continue
				}
				at := slices.IndexFunc(c.Coalitions, func(o []*models.Attacker) bool { return slices.Equal(o, k.Attackers) })
				for _, s := range k.Attack.Steps {
					if s.Threat == nil { // a step of a process
						continue
					}
					i := slices.IndexFunc(c.Threats, func(x *coverage.Considered) bool { return x.Threat == s.Threat })
					seen++
					if v := c.Threats[i].Cases[at].Verdict; v != checker.Violated && v != checker.Depends {
						t.Errorf("%s: %s uses %s in an attack on %s, but coverage says %s", name, k.Attackers[0].Name, s.ID, q.Source.Name, v)
					}
				}
			}
		}
		if seen == 0 {
			t.Errorf("%s: no attack to compare with", name)
		}
	}
}

// TestCoverageGivesUpHonestly checks that an engine with hardly any rounds may leave threats open, but decides none otherwise.
func TestCoverageGivesUpHonestly(t *testing.T) {
	t.Parallel()
	m := load(t, nil, "../examples/tofar/pharmacy.vbn")
	full, err := coverage.Cover(t.Context(), m, "", checker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	hasty, err := coverage.Cover(t.Context(), m, "", checker.Options{MaxIterations: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range hasty.Threats {
		if want := full.Threats[i].Verdict; x.Verdict != want && x.Verdict != checker.Unknown {
			t.Errorf("%s: %s in one round, %s in all", x.Threat.ID, x.Verdict, want)
		}
		if x.Verdict == checker.Unknown && x.Why == "" {
			t.Errorf("%s is unknown, and nothing says why", x.Threat.ID)
		}
	}
}
