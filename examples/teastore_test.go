package examples

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
)

// TestTeaStorePorts compares the ways into the two deployments of TeaStore with the ports that the published compose files open on the host.
func TestTeaStorePorts(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "shared", "data", "designs", "teastore")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the published compose files are not here (%v): nothing to compare with", err)
	}
	for _, name := range []string{"default", "https"} {
		text, err := os.ReadFile(filepath.Join(dir, "examples__docker__docker-compose_"+name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var compose struct {
			Services map[string]struct {
				Ports []string `yaml:"ports"`
			} `yaml:"services"`
		}
		if err := yaml.Unmarshal(text, &compose); err != nil {
			t.Fatal(err)
		}
		published := map[string]bool{}
		for service, s := range compose.Services {
			for _, p := range s.Ports {
				port, _, _ := strings.Cut(p, ":")
				published[service+":"+port] = true
			}
		}
		diags := &diag.List{}
		m := threats.Load(read, []string{"teastore/" + name + ".vbn"}, diags)
		if m == nil {
			t.Fatal(render(diags))
		}
		drawn := map[string]bool{}
		for _, e := range m.Design.Elements {
			if e.Flow == nil || e.Flow.Source.Zone() == nil || e.Flow.Source.Zone().Name != "Internet" {
				continue
			}
			service := e.Flow.Target.Name
			if service == "databasePage" { // a page of the webui
				service = "webui"
			}
			drawn[fmt.Sprintf("%s:%d", service, e.Attributes[m.Catalogue.Vocabulary.Attributes["port"]].Int)] = true
		}
		got, want := slices.Sorted(maps.Keys(drawn)), slices.Sorted(maps.Keys(published))
		if !slices.Equal(got, want) || len(want) < 2 {
			t.Errorf("%s: the design has the ways in %v, the compose file publishes %v", name, got, want)
		}
	}
}
