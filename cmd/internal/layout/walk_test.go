package layout

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const root = "../../.."

func architecture(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// functions returns the names of the functions and methods that a file declares.
func functions(t *testing.T, path string) map[string]bool {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			out[fn.Name.Name] = true
		}
	}
	return out
}

var (
	stop    = regexp.MustCompile("`([a-z0-9_/]+/[a-z0-9_]+\\.go)`(?:\\]\\([^)]*\\))?(?: `([A-Za-z]+)`)?(?: and `([A-Za-z]+)`)?")
	counted = regexp.MustCompile("(?m)^\\| `(checker/[a-z/]+)` \\| ([0-9]+) \\|$")
)

// TestTheWalkLeadsSomewhere checks that each file that ARCHITECTURE.md names is there, and declares the functions that are named behind it.
func TestTheWalkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	found := 0
	for _, m := range stop.FindAllStringSubmatch(architecture(t), -1) {
		path := filepath.Join(root, m[1])
		if _, err := os.Stat(path); err != nil {
			t.Errorf("ARCHITECTURE.md names a file that is not there: %v", err)
			continue
		}
		for _, name := range m[2:] {
			if name == "" {
				continue
			}
			found++
			if !functions(t, path)[name] {
				t.Errorf("%s has no function %s, which ARCHITECTURE.md leads to", m[1], name)
			}
		}
	}
	if found < 15 {
		t.Errorf("only %d functions are named behind files: has the walk changed its form?", found)
	}
}

// TestTrustedLines counts the trusted base: what ARCHITECTURE.md says of its size is so, within a tenth.
func TestTrustedLines(t *testing.T) {
	t.Parallel()
	found := 0
	for _, m := range counted.FindAllStringSubmatch(architecture(t), -1) {
		found++
		said, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		paths, err := filepath.Glob(filepath.Join(root, m[1], "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		lines := 0
		for _, p := range paths {
			if strings.HasSuffix(p, "_test.go") {
				continue
			}
			text, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			lines += strings.Count(string(text), "\n")
		}
		if lines > said*11/10 || lines < said*9/10 {
			t.Errorf("%s has %d lines, and ARCHITECTURE.md says %d", m[1], lines, said)
		}
	}
	if found != 6 {
		t.Errorf("found the lines of %d packages, expected 6", found)
	}
}
