package checker_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
)

// sentencesCatalogue is what the designs of TestSentences are made of.
const sentencesCatalogue = `
catalogue: tiny
kinds: {net: {is: zone}, web: {is: component}, person: {is: actor}, radio: {is: flow}}
controls: {filter: {of: [component]}, guard: {of: [component, flow]}}
protocols: {plain: {}}
threats:
  - {id: enter, for: {f: flow, z: net}, when: present(z) and f.source in z, then: [injects(f)]}
  - {id: take, for: {f: flow}, when: injects(f), then: ["controls(if f has guard then f.source else f.target)"]}
  - {id: flee, for: {f: flow, g: flow, c: web}, when: denies(c) and injects(f) and g.target = c and not injects(g), then: ["not injects(if controls(c) then f else g)", "observes(if controls(c) then f else g)"]}
`

// sentencesStart is what they begin with.
const sentencesStart = `design "Sentence"
use "tiny.yaml"
zone Z: net
actor A: person in Z
component C: web
flow Guarded: A -> C over plain { has guard }
flow Decided: A -> C over plain { has guard? }
`

// TestSentences holds verdicts to single sentences of the definition, each in a design for which the verdict follows by hand.
func TestSentences(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name, text string
		verdicts   string   // by requirement
		warnings   []string // code and what must be part of the message
	}{
		{
			name: "what a threat makes true may be one element or another, by a control",
			text: `attacker X { in Z }
require Source: never controls(A)
require Target: never controls(C)
require Careful: never controls(C) tolerating 1 failure`,
			verdicts: "Source violated, Target depends, Careful violated",
		},
		{
			name: "what a threat makes true or false may depend on a fact",
			text: `attacker With { denies C  controls C  injects Guarded }
attacker Without { denies C  injects Guarded }
require Own: never observes(Guarded) against With
require Other: never observes(Decided) against With
require NoOwn: never observes(Guarded) against Without
require NoOther: never observes(Decided) against Without
require Lost: observes(Guarded) only after not injects(Guarded)
require Kept: always injects(Guarded) against Without`,
			verdicts: "Own violated, Other holds, NoOwn holds, NoOther violated, Lost holds, Kept holds",
		},
		{
			name: "an assumption over controls that is false excludes everything",
			text: `attacker X { in Z }
assume Filtered: C has filter
require Never: never injects(Guarded)
require Possible: possible not injects(Guarded)`,
			verdicts: "Never holds, Possible violated",
			warnings: []string{`VAU3002 "Never" is vacuous: the assumptions Filtered rule out the initial state of X`},
		},
		{
			name: "assumptions that contradict each other exclude everything, whatever is decided",
			text: `component D: web { has filter? }
attacker X { in Z }
assume One: D has filter or Decided has guard
assume Neither: not D has filter
assume Nor: not Decided has guard
require Never: never injects(Guarded)`,
			verdicts: "Never holds",
			warnings: []string{`VAU3002 "Never" is vacuous: the assumptions`},
		},
		{
			name: "assumptions that some decision meets exclude nothing",
			text: `component D: web { has filter? }
attacker X { in Z }
assume One: D has filter or Decided has guard
assume Neither: not D has filter
require Never: never injects(Guarded)`,
			verdicts: "Never depends",
		},
		{
			name: "an assumption that the failures exclude",
			text: `attacker X { in Z }
assume Fails: not Guarded has guard
require Never: never injects(Guarded)
require Careful: never injects(Guarded) tolerating 1 failure`,
			verdicts: "Never holds, Careful violated",
			warnings: []string{`VAU3002 "Never" is vacuous: the assumptions`},
		},
		{
			name: "without attackers, too",
			text: `process P {
  fact f
  step S by C do f
}
assume No: C has filter
require Never: never f`,
			verdicts: "Never holds",
			warnings: []string{`VAU3002 "Never" is vacuous: the assumptions No rule out the initial state of the honest system`},
		},
		{
			name: "a requirement for what there is none of",
			text: `attacker X { in Z }
require None for r: radio: never injects(r)
require Possible for r: radio: possible injects(r)
require Exists: never exists r: radio | injects(r)`,
			verdicts: "None holds, Possible holds, Exists holds",
			warnings: []string{`VAU3001 "None" is vacuous: the design has no radio`, `VAU3001 "Possible" is vacuous: the design has no radio`, `VAU3001 "Exists" is vacuous: the design has no radio`},
		},
		{
			name:     "an architecture rule names what breaks it, whatever its form",
			text:     `require After: C has filter or Guarded has guard only after C has filter`,
			verdicts: "After violated",
		},
		{
			name: "an honest run may change what depends on decisions, without a bearing on what it reaches",
			text: `component D: web { has filter? }
process P {
  domain N = 0..2
  fact f
  fact g
  var n: N = 0
  step S by C do f, g := D has filter, n := if Decided has guard then 1 else 2
}
require One: possible f
require Careful: possible f tolerating 2 failures
require Both: possible f and g
require Never: never f`,
			verdicts: "One holds, Careful holds, Both depends, Never violated",
		},
		{
			name: "no count is more than the last integer",
			text: `process P {
  domain O = a, b
  fact f(O)
  step S(o: O) by C do f(o)
}
require More: never (count o: O | f(o)) > 9223372036854775807
require AtMost: never (count o: O | f(o)) <= 9223372036854775807
require Less: never (count o: O | f(o)) < -9223372036854775808
require All: never (count o: O | f(o)) >= 2`,
			verdicts: "More holds, AtMost violated, Less holds, All violated",
		},
		{
			name: "the last integers that there are",
			text: `process P {
  domain N = 9223372036854775806..9223372036854775807
  var n: N = 9223372036854775806
  step S by C do n := 9223372036854775807
}
require Never: never n = 9223372036854775807`,
			verdicts: "Never violated",
		},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			r := check(t, load(t, map[string]string{"design.vbn": sentencesStart + x.text, "tiny.yaml": sentencesCatalogue}, "design.vbn"))
			var got []string
			for _, q := range r.Requirements {
				got = append(got, fmt.Sprintf("%s %s", q.Source.Name, q.Verdict))
				if q.Source.Static && q.Verdict == checker.Violated && len(q.Cases[0].Breaks) == 0 {
					t.Errorf("%s: nothing breaks it", q.Source.Name)
				}
			}
			if text := strings.Join(got, ", "); text != x.verdicts {
				t.Errorf("%s, expected %s", text, x.verdicts)
			}
			var warnings []string
			for _, d := range r.Warnings.Sorted() {
				if d.Code == explain.CodeSilent || d.Code == explain.CodeNoRuns {
					warnings = append(warnings, fmt.Sprintf("%s %s", d.Code, d.Message))
				}
			}
			for _, want := range x.warnings {
				if !slices.ContainsFunc(warnings, func(w string) bool { return strings.HasPrefix(w, want) }) {
					t.Errorf("no warning %q among %q", want, warnings)
				}
			}
			if len(x.warnings) == 0 && slices.ContainsFunc(warnings, func(w string) bool { return strings.HasPrefix(w, string(explain.CodeNoRuns)) }) {
				t.Errorf("warnings %q", warnings)
			}
		})
	}
}

// TestLargeIntegers checks that integers which grow too large are refused: one that wraps around would be taken for a small one.
func TestLargeIntegers(t *testing.T) {
	t.Parallel()
	for _, term := range []string{
		"n * 4294967296 * 4294967296 > 0", "n * 4611686018427387904 * 4 > 0", "n + 9223372036854775807 > 0", "0 - 9007199254740992 - n < 0",
		"n * 9007199254740992 * -9007199254740992 < 0", "(sum o: O | w(o) * 4294967296) > 0",
	} {
		m := load(t, map[string]string{"design.vbn": sentencesStart + `process P {
  domain N = 1..3
  domain O = a, b
  domain Large = 2147483648..2147483649
  value w(O): Large = 2147483648
  var n: N = 1
  step S by C do n := 2
}
require Large: never ` + term, "tiny.yaml": sentencesCatalogue}, "design.vbn")
		if _, err := checker.Check(t.Context(), m, checker.Options{}); !errors.Is(err, ground.ErrTooLarge) {
			t.Errorf("%s: %v", term, err)
		}
	}
}
