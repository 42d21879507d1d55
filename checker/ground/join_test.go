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

// TestJoinsFollowTheSelectiveSide counts the candidates that joins look at where one element has to do with many: a join that comes from the wrong side looks at
// all pairs of these, to make one rule for each.
func TestJoinsFollowTheSelectiveSide(t *testing.T) {
	t.Parallel()
	for name, line := range hubs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			count := func(n int) (looked, rules int) {
				var b strings.Builder
				b.WriteString("design \"Hub\" use \"retail\"\nzone Net: public\ndata One: personal_data\ndata Key: credential\nactor Person: customer in Net\ncomponent Hub: webapp in Net\n")
				for i := range n {
					fmt.Fprintf(&b, "zone Z%d: private\nactor P%d: customer in Z%d\ncomponent S%d: webapp in Z%d { accepts Key }\n", i, i, i, i, i)
					b.WriteString(line(i))
				}
				b.WriteString("attacker X { in Net }\nrequire R: always forall f: flow | f has encryption\n")
				g, err := Ground(t.Context(), threatstest.Load(t, threatstest.Texts(map[string]string{"hub.vbn": b.String()}), "hub.vbn"))
				if err != nil {
					t.Fatal(err)
				}
				return g.looked, g.System.Rules()
			}
			a, rulesA := count(100)
			b, rulesB := count(200)
			if allowed := max(2, float64(rulesB)/float64(rulesA)); float64(b) > 1.2*allowed*float64(a) {
				t.Errorf("%d candidates for %d rules, for twice the design %d for %d", a, rulesA, b, rulesB)
			}
		})
	}
}
