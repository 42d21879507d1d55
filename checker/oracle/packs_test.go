package oracle_test

import (
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/oracle"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
)

// packed writes a random small design of everyday parts that includes all packs.
func packed(rng *rand.Rand) string {
	pick := func(list ...string) string { return list[rng.Intn(len(list))] }
	var b strings.Builder
	b.WriteString("design \"packed\"\n")
	for _, p := range threats.Packs() {
		fmt.Fprintf(&b, "include \"pack:%s\"\n", p)
	}
	b.WriteString("zone Net: public\nzone Core: private\ndata Card: " + pick("cardholder_data", "order_data", "sensitive_authentication_data") + "\ndata Key: credential\nattacker Outsider { in Net }\n")
	names := []string{"A", "B", "C"}
	for _, n := range names {
		fmt.Fprintf(&b, "component %s: %s in %s {%s%s }\n", n, pick("webapp", "service", "database", "message_broker", "admin_interface", "repository", "third_party"), pick("Net", "Core", "Core", "Core, Net"),
			pick("", "", " stores Card", " stores Key", " stores none"), pick("", "", " has authentication"))
	}
	seen := map[string]bool{}
	for range 3 {
		from, to := pick(names...), pick(names...)
		if from == to || seen[from+to] {
			continue
		}
		seen[from+to] = true
		fmt.Fprintf(&b, "flow %s -> %s%s%s", from, to, pick("", " over https", " over http", " over sql"), pick("", "", " blocked"))
		b.WriteString(pick("", " { is idle }", " { carries Card }", " { returns Card  authenticated by Key }", " { is idle  has encryption }", " { carries Key  has encryption? }") + "\n")
	}
	return b.String()
}

// TestPacks holds what packs require of random designs to the oracle. Of the threats of the catalogue a few take part, so that the oracle can try them all.
func TestPacks(t *testing.T) {
	alone(t)
	t.Parallel()
	cases, verdicts := 0, map[string]int{}
	for seed := range int64(80) {
		rng := rand.New(rand.NewSource(seed))
		text := packed(rng)
		diags := &diag.List{}
		m := threats.Load(func(name string) (string, error) {
			if name == "packed.vbn" {
				return text, nil
			}
			return "", errors.New("no such file")
		}, []string{"packed.vbn"}, diags)
		if m == nil {
			t.Fatalf("%s\n%v", text, diags.Sorted())
		}
		few := *m.Catalogue
		few.Threats = nil
		for len(few.Threats) < 20 {
			if x := m.Catalogue.Threats[rng.Intn(len(m.Catalogue.Threats))]; len(x.For) <= 2 && !slices.Contains(few.Threats, x) {
				few.Threats = append(few.Threats, x)
			}
		}
		m.Catalogue = &few
		result, err := checker.Check(t.Context(), m, checker.Options{})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		o := oracle.New(m, 2)
		for i, q := range result.Requirements {
			for _, c := range q.Cases {
				bindings := texts(c.Bindings)
				want := o.Case(m.Design.Requirements[i], c.Attackers, bindings, 300)
				if want.Large {
					continue
				}
				cases++
				verdicts[want.Verdict]++
				if got := string(c.Verdict); got != want.Verdict {
					t.Fatalf("seed %d: %s %v is %s, the oracle says %s\n%s", seed, q.Source.Name, bindings, got, want.Verdict, text)
				}
			}
		}
	}
	t.Logf("%d cases: %v", cases, verdicts)
	if cases < 500 || verdicts["violated"] < 50 || verdicts["depends"] == 0 {
		t.Errorf("%d cases: %v", cases, verdicts)
	}
}
