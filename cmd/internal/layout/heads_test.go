package layout

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const engines = root + "/checker/internal/engine"

var (
	numbered = regexp.MustCompile(`(?m)^//  [0-9]+\. (.*)$`)
	named    = regexp.MustCompile(`^((?:[a-z]+\.)?[A-Za-z]+(?:, (?:[a-z]+\.)?[A-Za-z]+)*): `)
)

// declared returns the names of all functions and methods of an engine, and of those that functions keep in a variable.
func declared(t *testing.T, engine string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	paths, err := filepath.Glob(filepath.Join(engines, engine, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files of engine %s: %v", engine, err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				out[n.Name.Name] = true
			case *ast.AssignStmt:
				name, isName := n.Lhs[0].(*ast.Ident)
				if _, ok := n.Rhs[0].(*ast.FuncLit); ok && isName {
					out[name.Name] = true
				}
			}
			return true
		})
	}
	return out
}

// TestHeadsOfEngines holds the head of each engine to its form: the algorithm in numbered steps, each of which begins with the functions that take it, in what it differs from the paper,
// and the paper. A function that was renamed or is gone shows here. A circuit is no algorithm.
func TestHeadsOfEngines(t *testing.T) {
	t.Parallel()
	dirs, err := os.ReadDir(engines)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if d.Name() == "circuit" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(engines, d.Name(), "doc.go"))
		if err != nil {
			t.Error(err)
			continue
		}
		steps := numbered.FindAllStringSubmatch(string(text), -1)
		if len(steps) < 3 {
			t.Errorf("the head of %s has %d numbered steps", d.Name(), len(steps))
		}
		for _, m := range steps {
			names := named.FindStringSubmatch(m[1])
			if names == nil {
				t.Errorf("a step of %s does not begin with the names of its functions: %s", d.Name(), m[1])
				continue
			}
			for _, name := range strings.Split(names[1], ", ") {
				engine, function := d.Name(), name
				if of, f, ok := strings.Cut(name, "."); ok {
					engine, function = of, f
				}
				if !declared(t, engine)[function] {
					t.Errorf("the head of %s names %s, which is no function", d.Name(), name)
				}
			}
		}
		for _, want := range []string{"\n// What differs", "\n// # Limitations", "\n// Source"} {
			if !strings.Contains(string(text), want) {
				t.Errorf("the head of %s does not have %q", d.Name(), strings.TrimSpace(want))
			}
		}
	}
}
