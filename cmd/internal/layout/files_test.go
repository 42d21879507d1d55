package layout

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// opening are the functions that open a file, or may.
var opening = map[string][]string{
	"os":        {"Open", "OpenFile", "ReadFile", "Create", "CreateTemp", "WriteFile", "OpenRoot", "OpenInRoot", "NewFile", "DirFS", "CopyFS"},
	"io/ioutil": {"ReadFile", "WriteFile", "TempFile"},
	"syscall":   {"Open", "Openat"},
}

// openers are the packages that may open files, with what they may use; nil: everything.
var openers = map[string][]string{
	"dsl/files":             nil,                       // reads what there is to read, and writes outputs
	"reports/internal/disk": nil,                       // writes evidence, so that it survives a crash
	"reports/attest":        {"OpenFile"},              // makes a key where there is no file
	"cmd/internal/store":    {"OpenFile", "OpenRoot"},  // makes a key where there is no file; reads and writes below one directory
	"reports/notary/hornet": {"WriteFile", "OpenFile"}, // writes what the node reads, and its log
	// For tests and measurements, which read files of their own.
	"threats/threatstest":      {"ReadFile"},
	"reports/internal/sample":  {"ReadFile", "WriteFile"},
	"checker/bench/modelcheck": {"Open"},
	"checker/bench/mutate":     {"ReadFile", "WriteFile"}, // the code that it changes
	"checker/bench/table":      {"Create", "WriteFile"},   // what it measures, in a directory of its own
	"checker/bench/workers":    {"ReadFile", "WriteFile"}, // the same, and its reports
}

// TestOneOpener holds the code to opening files in one place, which reads nothing that a stranger's design should not have read, stops with the context, and lets no
// output replace an input.
func TestOneOpener(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..")
	looked, used := 0, map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != root:
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		allowed, known := openers[filepath.ToSlash(rel)]
		if known && allowed == nil {
			return nil
		}
		looked++
		files := token.NewFileSet()
		tree, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		names := map[string]string{} // of packages, in this file
		for _, i := range tree.Imports {
			from := strings.Trim(i.Path.Value, `"`)
			if opening[from] != nil {
				name := from[strings.LastIndexByte(from, '/')+1:]
				if i.Name != nil {
					name = i.Name.Name
				}
				names[name] = from
			}
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok || !slices.Contains(opening[names[x.Name]], sel.Sel.Name) {
				return true
			}
			if used[filepath.ToSlash(rel)+" "+sel.Sel.Name] = true; !slices.Contains(allowed, sel.Sel.Name) {
				t.Errorf("%s: %s.%s: only dsl/files opens files, or say here why this may", files.Position(n.Pos()), x.Name, sel.Sel.Name)
			}
			return true
		})
		return nil
	})
	if err != nil || looked < 100 {
		t.Errorf("looked at %d files: %v", looked, err)
	}
	for name, allowed := range openers {
		for _, f := range allowed {
			if !used[name+" "+f] {
				t.Errorf("%s does not use %s: leave the exception out", name, f)
			}
		}
	}
}

// TestNothingOutsideInTheAction: the action checks what strangers propose, so it never lets a design read more.
func TestNothingOutsideInTheAction(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"action.yml", filepath.Join(".github", "action", "gate.sh")} {
		if strings.Contains(text(t, name), "allow-outside") {
			t.Errorf("%s lets designs read files outside of the repository", name)
		}
	}
}
