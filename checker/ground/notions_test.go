package ground

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// notional is a catalogue whose notions are used of what they are not made for, too, of zones, and with controls in them.
const notional = `catalogue: notional
kinds: {public: {is: zone}, private: {is: zone}, webapp: {is: component}, store: {is: component}}
protocols: {http: {}}
controls: {waf: {of: [component, flow], doc: "a filter", cost: 1}, lock: {of: [component], doc: "a lock", cost: 1}}
relations: {feeds: {from: component, to: component}}
define:
  guarded: {for: {c: webapp, k: control}, is: "c has k or (exists f: flow | f.target = c and f has k)", title: "{c} has {k}"}
  near: {for: {c: webapp, z: public}, is: "exists f: flow | f.target = c and f.source in z", title: "{c} is near {z}"}
  hard: {for: {c: webapp, d: component}, is: "guarded(c, lock) and (c feeds d or near(c, d.zone))", title: "{c} is hard before {d}"}
  fed: {for: {c: component, d: webapp}, is: "c feeds d or d feeds c", title: "{c} and {d} feed each other"}
threats:
  - {id: come, for: {c: component, z: zone}, when: "near(c, z)", then: [denies(c)]}
  - {id: go, for: {c: component, z: zone}, when: "denies(c) and c in z and not near(c, z)", then: [controls(c)]}
  - {id: take, for: {c: component, d: component}, when: "denies(c) and fed(c, d)", unless: "guarded(c, waf) or hard(d, c)", then: [controls(c)]}
  - {id: turn, for: {f: flow, d: component}, when: "fed(f.source, d) and not guarded(f.target, lock)", then: [observes(f)]}
`

// unlike is a design in that catalogue.
const unlike = `design "Unlike" use "notional.yaml"
zone Net: public
zone Open: public
zone Core: private
component A: webapp in Net { has waf? feeds B, C }
component B: store in Core, Net { has lock feeds A }
component C: webapp in Core, Open { has lock? feeds B }
component D: store in Open { feeds C, D }
flow F: A -> C over http { has waf? }
flow G: B -> A over http
flow H: D -> B over http
flow I: C -> D over http
attacker Mallory { in Net }
`

// TestNotionsMeanWhatTheySay grounds designs with the catalogue as it is, whose notions are looked up, and with one in which each notion is written out where it stands: that
// gives the same rules. The designs are examples and some of the pairs of the threats, which between them meet all notions.
func TestNotionsMeanWhatTheySay(t *testing.T) {
	t.Parallel()
	designs := map[string]*threats.Model{}
	for _, path := range []string{"../../examples/first/first.vbn", "../../examples/teastore/https.vbn", "../../examples/many/lookup.vbn"} {
		designs[path] = threatstest.Load(t, threatstest.Disk, path)
	}
	c := designs["../../examples/first/first.vbn"].Catalogue
	texts := map[string]string{"notional.yaml": notional, "unlike": unlike, "apart": strings.NewReplacer("Core, Net", "Core", "Core, Open", "Core").Replace(unlike)}
	for _, name := range []string{"unlike", "apart"} {
		designs[name] = threatstest.Load(t, threatstest.Texts(texts), name)
	}
	const every = 24 // threats; the others say the same in more time
	for i, x := range c.Threats {
		for k, pair := range threats.CasesOf(x.ID) {
			if i%every == 0 {
				designs[fmt.Sprintf("%s %d", x.ID, k)] = threatstest.Load(t, threatstest.Texts(map[string]string{"d.vbn": pair.Attacked}), "d.vbn")
			}
		}
	}
	for name, m := range designs {
		catalogue := *m.Catalogue
		catalogue.Threats = slices.Clone(catalogue.Threats)
		for i, x := range catalogue.Threats {
			plain := *x
			plain.When = writtenOut(x.When)
			catalogue.Threats[i] = &plain
		}
		asked, told := rulesOf(t, m), rulesOf(t, &threats.Model{Design: m.Design, Catalogue: &catalogue})
		if len(asked) == 0 {
			t.Errorf("%s: no rules", name)
		}
		slices.Sort(asked)
		slices.Sort(told)
		if !slices.Equal(asked, told) {
			t.Errorf("%s: with notions there are these rules:\n%s\nand written out these:\n%s", name, strings.Join(asked, "\n"), strings.Join(told, "\n"))
		}
	}
}

// writtenOut puts what the uses of defines say in their place.
func writtenOut(e *models.Expr) *models.Expr {
	if e.Op == models.OpDefined {
		return writtenOut(e.Body())
	}
	out := *e
	out.Args = nil
	for _, a := range e.Args {
		out.Args = append(out.Args, writtenOut(a))
	}
	return &out
}

// rulesOf returns the rules of a design with all that they ask for and change, in words.
func rulesOf(t *testing.T, m *threats.Model) []string {
	g, err := Ground(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	var says func(l system.Lit) string
	says = func(l system.Lit) string {
		text := ""
		switch kind, ref := g.System.Node(l.Node()); kind {
		case system.FactNode:
			text = g.FactName(ref)
		case system.ChoiceNode:
			text = g.ChoiceName(g.System.Choice(ref))
		case system.GateNode:
			var in []string
			for _, x := range g.System.Gate(ref) {
				in = append(in, says(x))
			}
			slices.Sort(in)
			text = "all of (" + strings.Join(in, ", ") + ")"
		}
		if l.Negated() {
			return "not " + text
		}
		return text
	}
	var out []string
	for r := range int32(g.System.Rules()) {
		var guard, effects []string
		for _, l := range g.System.Guard(r) {
			guard = append(guard, says(l))
		}
		for _, e := range g.System.Effects(r) {
			effects = append(effects, fmt.Sprintf("%s: %s %t", says(e.When), g.FactName(e.Fact), e.Set))
		}
		for _, x := range g.System.Extras(r) {
			effects = append(effects, fmt.Sprintf("%s: costs %d", says(x.When), x.Cost))
		}
		slices.Sort(guard)
		slices.Sort(effects)
		out = append(out, fmt.Sprintf("%s costs %d: %s -> %s", g.RuleName(r), g.System.Cost(r), strings.Join(guard, ", "), strings.Join(effects, ", ")))
	}
	return out
}
