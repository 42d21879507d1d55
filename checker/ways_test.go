package checker_test

import (
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/threats"
)

// TestWays tells threats that a control stops from those that nobody reaches and from those that fit nothing.
func TestWays(t *testing.T) {
	t.Parallel()
	r := check(t, resolve(t, `design "d"
zone Internet: public
zone Core: private
zone Moon: private
actor Shopper: customer in Internet
component Shop: webapp in Core { has input_validation, output_encoding, rate_limiting }
component Vault: database in Moon { has encryption_at_rest  stores Order }
data Order: order_data
flow Buy: Shopper -> Shop over https
attacker Outsider { in Internet }
require Shop: never controls(Shop)
require Secret: confidential Order
require Static: always exists z: zone | Shop in z
require Reached: never injects(Buy)
`, builtin()))
	ids := func(list []*threats.Threat) (out []string) {
		for _, x := range list {
			out = append(out, x.ID)
		}
		return out
	}
	shop := r.Requirements[0].Ways
	if shop == nil || !slices.Contains(ids(shop.Stopped), "injection") {
		t.Errorf("Shop: %+v, want injection among what controls stop", shop)
	}
	if shop != nil && !slices.Contains(ids(shop.Absent), "have-stolen-goods") && len(shop.Absent) == 0 {
		t.Error("no threat is not applicable to Shop")
	}
	secret := r.Requirements[1].Ways
	if secret == nil || len(secret.OutOfReach) == 0 || slices.Contains(ids(secret.Stopped), "injection") {
		t.Errorf("Secret: %+v, want threats out of reach", secret)
	}
	seen := map[string]bool{}
	for _, w := range [][]*threats.Threat{shop.Stopped, shop.OutOfReach, shop.Absent} {
		for _, id := range ids(w) {
			if seen[id] {
				t.Errorf("%s stands in two lists", id)
			}
			seen[id] = true
		}
	}
	if len(seen) != shop.Len() {
		t.Errorf("%d threats, and Len says %d", len(seen), shop.Len())
	}
	for _, q := range r.Requirements[2:] {
		if q.Ways != nil {
			t.Errorf("%s is %s and has ways", q.Source.Name, q.Verdict)
		}
	}
}
