package ground

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// hubs are designs in which one element has to do with n others, in each way that there is.
var hubs = map[string]func(i int) string{
	"source":    func(i int) string { return fmt.Sprintf("flow F%d: Hub -> S%d over https { carries One }\n", i, i) },
	"target":    func(i int) string { return fmt.Sprintf("flow F%d: S%d -> Hub over https { carries One }\n", i, i) },
	"person":    func(i int) string { return fmt.Sprintf("flow F%d: Person -> S%d over http\n", i, i) },
	"both ways": func(i int) string { return fmt.Sprintf("flow S%d <-> Hub over http\n", i) },
	"data":      func(i int) string { return fmt.Sprintf("flow F%d: P%d -> S%d over http { carries One }\n", i, i, i) },
	"answers":   func(i int) string { return fmt.Sprintf("flow F%d: P%d -> S%d over http { returns One }\n", i, i, i) },
	"intermediary": func(i int) string {
		return fmt.Sprintf("flow F%d: P%d -> S%d over http { carries One through Hub }\n", i, i, i)
	},
	"credential": func(i int) string {
		return fmt.Sprintf("flow F%d: P%d -> S%d over http { authenticated by Key }\n", i, i, i)
	},
	"person, data": func(i int) string { return fmt.Sprintf("flow F%d: Person -> S%d over http { carries One }\n", i, i) },
	"hub, data": func(i int) string {
		return fmt.Sprintf("flow F%d: S%d -> Hub over http { carries One returns One }\n", i, i)
	},
}

// joined is a catalogue of threats that join flows by both of their ends.
const joined = `catalogue: joined
kinds: {public: {is: zone}, private: {is: zone}, customer: {is: actor}, webapp: {is: component}}
classes: {personal_data: {is: data}}
protocols: {http: {}, https: {}}
relations: {feeds: {from: component, to: component}}
threats:
  - id: enter
    for: {f: flow}
    when: present(f.source.zone)
    then: [observes(f), injects(f)]
  - id: rewrite
    for: {g: flow, c: webapp, p: party, f: flow, d: data}
    when: observes(g) and g.target = c and (p = c or c feeds p) and f.target = p and f.source = g.source and f carries d
    then: [knows(d)]
  - id: answer
    for: {f: flow, g: flow, d: data}
    when: injects(f) and f.target = g.source and g.target = f.source and (g carries d or f returns d)
    then: [tampers(d)]
  - id: relay
    for: {f: flow, p: party, d: data}
    when: controls(p) and f carries d and f through p
    then: [knows(d), denies(f)]
  - id: login
    for: {c: component, k: credential, f: flow}
    when: knows(k) and c accepts k and f.target = c and f authenticated by k
    then: [injects(f)]
`

// TestJoinsFollowTheSelectiveSide counts the candidates that joins look at where one element has to do with many: a join that comes from the wrong side looks at
// all pairs of these, to make one rule for each.
func TestJoinsFollowTheSelectiveSide(t *testing.T) {
	t.Parallel()
	for name, line := range hubs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			count := func(n int) (looked, rules int) {
				var b strings.Builder
				b.WriteString("design \"Hub\" use \"joined.yaml\"\nzone Net: public\ndata One: personal_data\ndata Key: credential\nactor Person: customer in Net\ncomponent Hub: webapp in Net\n")
				for i := range n {
					fmt.Fprintf(&b, "zone Z%d: private\nactor P%d: customer in Z%d\ncomponent S%d: webapp in Z%d { accepts Key }\n", i, i, i, i, i)
					b.WriteString(line(i))
				}
				b.WriteString("attacker X { in Net }\nrequire R: always forall f: flow | f over https\n")
				g, err := newGrounder(t.Context(), threatstest.Load(t, threatstest.Texts(map[string]string{"hub.vbn": b.String(), "joined.yaml": joined}), "hub.vbn"))
				if err != nil {
					t.Fatal(err)
				}
				g.rules()
				g.requirements()
				out, err := g.finish(g.Cases...)
				if err != nil {
					t.Fatal(err)
				}
				return g.looked, out.System.Rules()
			}
			a, rulesA := count(100)
			b, rulesB := count(200)
			if allowed := max(2, float64(rulesB)/float64(rulesA)); float64(b) > 1.2*allowed*float64(a) {
				t.Errorf("%d candidates for %d rules, for twice the design %d for %d", a, rulesA, b, rulesB)
			}
		})
	}
}
