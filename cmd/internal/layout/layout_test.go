package layout

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/vauban-verifier/vauban/"

// rooms, each of which may import only itself and those before it.
var rooms = []string{"dsl", "models", "threats", "checker", "reports", "cmd"}

// pkg is what `go list` says of a package.
type pkg struct {
	ImportPath    string
	Imports, Deps []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports,Deps", module+"...").Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// room returns the room of a package of this module, and -1 for packages of others and for the examples.
func room(path string) int {
	rest, own := strings.CutPrefix(path, module)
	if !own {
		return -1
	}
	first, _, _ := strings.Cut(rest, "/")
	return slices.Index(rooms, first)
}

func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for _, p := range packages(t) {
		at := room(p.ImportPath)
		if at < 0 {
			continue
		}
		seen[at] = true
		for _, dep := range p.Deps {
			if room(dep) > at {
				t.Errorf("%s depends on %s, which is behind it", p.ImportPath, dep)
			}
		}
	}
	for i, name := range rooms {
		if !seen[i] {
			t.Errorf("no package in %s: is the list of rooms still right?", name)
		}
	}
}

// Some modules, and the resolver, have one package that imports them: what is behind it can change without the rest.
func TestOneImporter(t *testing.T) {
	t.Parallel()
	for dependency, only := range map[string]string{
		module + "models/resolve":            "threats",
		"github.com/alecthomas/participle":   "dsl",
		"github.com/compose-spec/compose-go": "models/imports/compose",
		"github.com/emicklei/proto":          "models/imports/data",
		"github.com/iotaledger/iota":         "reports/notary/node",
		"github.com/nats-io/nats":            "cmd/internal/fleet",
		"filippo.io/age":                     "reports/sealed",
	} {
		found := false
		for _, p := range packages(t) {
			if !strings.HasPrefix(p.ImportPath, module) {
				continue
			}
			for _, i := range p.Imports {
				switch {
				case !strings.HasPrefix(i, dependency):
				case p.ImportPath == module+only:
					found = true
				default:
					t.Errorf("%s imports %s: only %s may", p.ImportPath, i, only)
				}
			}
		}
		if !found {
			t.Errorf("%s does not import %s: is this test still right?", only, dependency)
		}
	}
}

// The trusted base rests on itself and on what models are made of: on no engine, no solver, no slice, no explanation. Each package may import the listed ones.
func TestTrustedBaseStandsAlone(t *testing.T) {
	t.Parallel()
	model := []string{"dsl", "dsl/diag", "dsl/source", "dsl/yamldoc", "models", "threats"}
	trusted := map[string][]string{
		"checker/system":      nil,
		"checker/certify":     {"checker/system"},
		"checker/ground/term": {"checker/system", "models"},
		"checker/members":     {"models"},
		"checker/ground":      append([]string{"checker/system", "checker/members", "checker/ground/term"}, model...),
		"checker/judge":       {"checker/system", "checker/certify", "checker/ground"},
	}
	found := 0
	for _, p := range packages(t) {
		allowed, ok := trusted[strings.TrimPrefix(p.ImportPath, module)]
		if !ok {
			continue
		}
		found++
		for _, i := range p.Imports {
			name, own := strings.CutPrefix(i, module)
			switch {
			case own && !slices.Contains(allowed, name):
				t.Errorf("%s imports %s: the trusted base stands alone", p.ImportPath, name)
			case !own && strings.Contains(i, "."):
				t.Errorf("%s imports %s, which somebody else wrote", p.ImportPath, i)
			}
		}
	}
	if found != len(trusted) {
		t.Errorf("found %d packages of the trusted base, expected %d", found, len(trusted))
	}
}

// The second verifier has the page about evidence alone in common with the first.
func TestSecondVerifierStandsAlone(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if strings.TrimPrefix(p.ImportPath, module) != "reports/notary/notarytest" {
			continue
		}
		for _, dep := range p.Deps {
			if name, own := strings.CutPrefix(dep, module); own {
				t.Errorf("%s depends on %s", p.ImportPath, name)
			}
		}
		return
	}
	t.Error("there is no second verifier")
}

// What verifies a signature, a receipt, a history, a trail, a bundle or an audit's demands links no grounding, no judge and no engine: whoever is handed evidence can verify it with little code.
func TestEvidenceStandsAlone(t *testing.T) {
	t.Parallel()
	allowed := []string{
		"dsl/source", "dsl/diag", "dsl/yamldoc", "dsl/files", "checker/evidence/form",
		"reports/internal/canonical", "reports/internal/disk", "reports/document", "reports/plain", "reports/attest", "reports/witness", "reports/notary", "reports/notary/alias", "reports/audit", "reports/trail", "reports/bundle",
	}
	found := 0
	for _, p := range packages(t) {
		switch strings.TrimPrefix(p.ImportPath, module) {
		case "reports/document", "reports/attest", "reports/witness", "reports/notary", "reports/notary/alias", "reports/audit", "reports/trail", "reports/bundle":
		default:
			continue
		}
		found++
		for _, dep := range p.Deps {
			if name, own := strings.CutPrefix(dep, module); own && !slices.Contains(allowed, name) {
				t.Errorf("%s depends on %s: evidence stands alone", p.ImportPath, name)
			}
		}
	}
	if found != 8 {
		t.Errorf("found %d packages of evidence, expected 8", found)
	}
}

// What runs in the page that audits has nothing by which it could ask for anything, and of the command line nothing at all.
func TestThePageAsksForNothing(t *testing.T) {
	t.Parallel()
	const page = "cmd/internal/page/"
	cmd := exec.Command("go", "list", "-deps", module+page+"wasm")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, module+"checker/certify") {
		t.Error("the page judges nothing: is this test still right?")
	}
	for _, dep := range deps {
		name, own := strings.CutPrefix(dep, module)
		switch {
		case dep == "net/http", dep == "os/exec", strings.HasPrefix(name, "reports/resolve"), strings.HasPrefix(name, "reports/notary/node"):
			t.Errorf("the page has %s in it: it asks for nothing", dep)
		case own && strings.HasPrefix(name, "cmd/") && name != page+"wasm" && name != page+"answer":
			t.Errorf("the page has %s in it, which is for the command", dep)
		}
	}
}
