package examples

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// TestBoutiqueReachability compares the flows that the two deployments of Online Boutique permit with what its published manifests and
// network policies permit, pair by pair, with the ports.
func TestBoutiqueReachability(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "shared", "data", "designs", "online-boutique")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the published manifests are not here (%v): nothing to compare with", err)
	}
	for design, expected := range map[string]string{
		"no-policies.vbn": "EXPECTED_reachability_no_policies.csv", "network-policies.vbn": "EXPECTED_reachability_with_policies.csv",
	} {
		diags := &diag.List{}
		m := threats.Load(read, []string{"online-boutique/" + design}, diags)
		if m == nil {
			t.Fatal(render(diags))
		}
		f, err := os.Open(filepath.Join(dir, expected))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		drawn := map[[2]string]bool{} // by source and target: whether some flow is not blocked
		for _, e := range m.Design.Elements {
			if e.Flow != nil && e.Flow.Source.Root() == models.ComponentRoot {
				k := [2]string{e.Flow.Source.Name, e.Flow.Target.Name}
				drawn[k] = drawn[k] || !e.Flow.Blocked
			}
		}
		if len(drawn) != len(rows)-1 || len(rows) < 100 {
			t.Errorf("%s: %d pairs are drawn, %d are expected", design, len(drawn), len(rows)-1)
		}
		for _, row := range rows[1:] {
			permitted, ok := drawn[[2]string{row[0], row[1]}]
			if want := row[3] == "True"; !ok || permitted != want {
				t.Errorf("%s: %s to %s: drawn %v, permitted %v, expected %v", design, row[0], row[1], ok, permitted, want)
			}
			port := m.Design.Lookup(row[1]).Attributes[m.Catalogue.Vocabulary.Attributes["port"]].Int
			if want, err := strconv.ParseInt("0"+row[2], 10, 64); err != nil || port != want {
				t.Errorf("%s: %s listens on port %d, expected %q", design, row[1], port, row[2])
			}
		}
	}
}
