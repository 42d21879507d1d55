package layout

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// privateWords are phrases that readers stumbled over, each with the field's word for it.
var privateWords = map[*regexp.Regexp]string{
	regexp.MustCompile(`(?i)\b(rest|rests|rested|resting|hang|hangs|hanging) on\b`): "relies on, depends on",
	regexp.MustCompile(`\banew\b`):                                 "again; resets",
	regexp.MustCompile(`(?i)\bholds? once\b`):                      "holds if",
	regexp.MustCompile(`\bnot settled\b`):                          "unknown",
	regexp.MustCompile(`\bdearer\b`):                               "more expensive",
	regexp.MustCompile(`\b(stands|is there|stands there) twice\b`): "appears twice",
	regexp.MustCompile(`\bis there already\b`):                     "already exists",
	regexp.MustCompile(`\b(design|input|command line|mapping|policy|configuration|catalogue|register) is wrong\b`): "has errors, is invalid",
	regexp.MustCompile(`\b(he|him|his|himself|she|her|herself)\b`):                                                 "they, the attacker",
	regexp.MustCompile(`\bholds of nothing\b`):                                                                     "is vacuous",
	regexp.MustCompile(`\bmisspelt\b`):                                                                             "typo",
	regexp.MustCompile(`(^|[^eot] )(%q|%s|it|this|that|which|who|messages) is no (a |an )?[b-km-z]`):               "is not a", // "is no longer" is
	regexp.MustCompile(`\b(leave|leaves) [-\w]+ away\b`):                                                           "leave out",
}

// saysNext tells a message that says what was expected, or what to do.
var saysNext = regexp.MustCompile("expected|did you mean|%s$|[:;,] (or |and )?(add|call|change|check|choose|compare|copy|expected|fix|give|have|import|install|leave|let|make|move|name|pipe|put|raise|remove|rename|render|renew|restore|resume|run|save|say|send|set|split|start|try|use|wait|widen|write)\\b|`vauban")

// TestWords holds the texts that users read, in the code, the catalogues and the documents, to plain words.
func TestWords(t *testing.T) {
	t.Parallel()
	looked := 0
	say := func(place, text string) {
		looked++
		for private, better := range privateWords {
			if found := private.FindString(text); found != "" {
				t.Errorf("%s: %q in %.120q: better is: %s", place, found, text, better)
			}
		}
	}
	everyFile(t, func(path string, text []byte) {
		switch {
		case strings.Contains(path, "testdata/") || strings.HasSuffix(path, "_test.go") || path == "CHANGELOG.md" || strings.HasPrefix(path, "threats/reference/"):
		case filepath.Ext(path) == ".go" && !forTests(path):
			literals(t, path, text, say)
		case filepath.Ext(path) == ".md" && !strings.HasPrefix(path, "checker/bench/"), filepath.Ext(path) == ".yaml" && strings.HasPrefix(path, "threats/"), filepath.Ext(path) == ".tmpl":
			for i, line := range strings.Split(string(text), "\n") {
				say(path+":"+strconv.Itoa(i+1), line)
			}
		}
	})
	if looked < 5000 {
		t.Fatalf("only %d texts were looked at", looked)
	}
}

// TestDiagnosticsSayWhatToDo holds each diagnostic to its form: one line, lower case, no full stop, short, with what was expected or what to do.
func TestDiagnosticsSayWhatToDo(t *testing.T) {
	t.Parallel()
	looked := 0
	everyFile(t, func(path string, text []byte) {
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testdata/") || forTests(path) {
			return
		}
		files := token.NewFileSet()
		tree, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		helped := map[ast.Node]bool{}  // calls with help in their chain
		later := map[ast.Node]string{} // calls whose diagnostic is kept in a variable, which gets help later
		var helps []string             // the variables that do
		ast.Inspect(tree, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Helpf" {
				if v, ok := s.X.(*ast.Ident); ok {
					helps = append(helps, v.Name)
				}
				for at := ast.Node(s.X); at != nil; at = inner(at) {
					helped[at] = true
				}
			}
			if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == 1 && len(a.Rhs) == 1 {
				if v, ok := a.Lhs[0].(*ast.Ident); ok {
					for at := ast.Node(a.Rhs[0]); at != nil; at = inner(at) {
						later[at] = v.Name
					}
				}
			}
			return true
		})
		ast.Inspect(tree, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			message := reported(c)
			if message == "" {
				return true
			}
			looked++
			place := files.Position(c.Pos()).String()
			first, _ := utf8.DecodeRuneInString(message)
			switch {
			case !saysNext.MatchString(message) && !helped[c] && !slices.Contains(helps, later[c]):
				t.Errorf("%s: %q does not say what was expected or what to do", place, message)
			case unicode.IsUpper(first) || strings.HasSuffix(message, ".") || strings.HasSuffix(message, "!"):
				t.Errorf("%s: %q begins with a capital, or ends with a full stop", place, message)
			case strings.Contains(message, "\n") || utf8.RuneCountInString(message) > 180:
				t.Errorf("%s: %q is longer than a line", place, message)
			case strings.Contains(message, `'%s'`) || strings.Contains(message, `"%s"`):
				t.Errorf("%s: %q quotes a name by hand: use %%q", place, message)
			}
			return true
		})
	})
	if looked < 200 {
		t.Fatalf("only %d diagnostics were looked at", looked)
	}
}

// reported returns the message of a call that reports a diagnostic with a code, or "".
func reported(c *ast.CallExpr) string {
	s, ok := c.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains([]string{"Errorf", "Warnf", "report", "errorAt", "fail"}, s.Sel.Name) || len(c.Args) < 3 {
		return ""
	}
	coded := false
	switch x := c.Args[0].(type) {
	case *ast.BasicLit:
		coded = strings.HasPrefix(x.Value, `"VAU`)
	case *ast.Ident:
		coded = strings.HasPrefix(strings.ToLower(x.Name), "code")
	case *ast.SelectorExpr:
		coded = strings.HasPrefix(x.Sel.Name, "Code")
	}
	if !coded {
		return ""
	}
	for _, a := range c.Args[1:] {
		if l, ok := a.(*ast.BasicLit); ok && l.Kind == token.STRING {
			text, _ := strconv.Unquote(l.Value)
			if !strings.Contains(text, " ") { // a format that puts together what stands elsewhere
				return ""
			}
			return text
		}
	}
	return ""
}

// inner returns the call before the last one of a chain of methods, or nil.
func inner(n ast.Node) ast.Node {
	c, ok := n.(*ast.CallExpr)
	if !ok {
		return nil
	}
	s, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	return s.X
}

// forTests reports whether a file belongs to tests and measurements, which users do not read.
func forTests(path string) bool {
	return strings.HasPrefix(path, "checker/bench/") || strings.HasPrefix(path, "checker/oracle/") || strings.Contains(path, "internal/sample/") ||
		strings.HasSuffix(filepath.Dir(path), "test")
}

// literals says each string of a program that has words in it.
func literals(t *testing.T, path string, text []byte, say func(place, text string)) {
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if s, err := strconv.Unquote(l.Value); err == nil && strings.Contains(s, " ") {
				say(files.Position(l.Pos()).String(), s)
			}
		}
		return true
	})
}

// everyFile calls do with each file of the repository that is not hidden, and its path from the root.
func everyFile(t *testing.T, do func(path string, text []byte)) {
	root := filepath.Join("..", "..", "..")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if (strings.HasPrefix(entry.Name(), ".") && path != root) || entry.Name() == "node_modules" {
				return filepath.SkipDir
			}
			return nil
		}
		switch filepath.Ext(path) {
		case ".go", ".md", ".yaml", ".tmpl":
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			do(filepath.ToSlash(rel), text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
