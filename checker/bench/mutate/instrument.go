package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mutant is one change.
type mutant struct {
	id, line int
	file     string
	function string
	what     string // such as "leave out"
	text     string // what is changed
}

// place is what a change is chosen by.
func (m mutant) place() string { return m.file + " " + m.function }

// String is the change as survivors.txt has it: without the line, which moves.
func (m mutant) String() string {
	text := strings.Join(strings.Fields(m.text), " ")
	if r := []rune(text); len(r) > 90 {
		text = string(r[:90]) + "…"
	}
	return fmt.Sprintf("%s | %s | %s `%s`", m.file, m.function, m.what, text)
}

// support is what the instrumented code calls. Where a file is named, it is told which changes would have made a difference to what runs; else one of them is made.
const support = `package %s

import (
	"os"
	"strconv"
	"sync/atomic"
)

var mutant, _ = strconv.Atoi(os.Getenv("VAUBAN_MUTANT"))

var (
	mutantsMet [%d]atomic.Bool
	mutantsTo  = func() *os.File {
		path := os.Getenv("VAUBAN_MUTANTS_MET")
		if path == "" {
			return nil
		}
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			panic(err)
		}
		return f
	}()
)

func mutantIs(k int) bool {
	if mutantsTo != nil && !mutantsMet[k].Swap(true) {
		if _, err := mutantsTo.WriteString(strconv.Itoa(k) + "\n"); err != nil {
			panic(err)
		}
	}
	return mutant == k
}

func mutantNot[T interface{ Not() T }](k int, x T) T {
	if mutantIs(k) {
		return x
	}
	return x.Not()
}

func mutantPick[T any](k int, as, other T) T {
	if mutantIs(k) {
		return other
	}
	return as
}
`

// instrument writes the changed files of a target to a directory and returns all changes, with which file stands for which.
func instrument(dir string, t *target) ([]mutant, map[string]string, error) {
	paths, err := filepath.Glob(filepath.Join(t.dir, "*.go"))
	if err != nil {
		return nil, nil, err
	}
	w := &writer{fset: token.NewFileSet()}
	overlay := map[string]string{}
	pkg := ""
	put := func(original, text string) error {
		abs, err := filepath.Abs(original)
		if err != nil {
			return err
		}
		overlay[abs] = filepath.Join(dir, filepath.Base(original))
		return os.WriteFile(overlay[abs], []byte(text), 0o600)
	}
	for _, p := range paths {
		name := filepath.Base(p)
		if strings.HasSuffix(name, "_test.go") || name == "doc.go" || t.files != nil && !slices.Contains(t.files, name) {
			continue
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return nil, nil, err
		}
		f, err := parser.ParseFile(w.fset, p, src, 0)
		if err != nil {
			return nil, nil, err
		}
		pkg = f.Name.Name
		if err := put(p, w.rewrite(f, src, t.name+"/"+name)); err != nil {
			return nil, nil, err
		}
	}
	if pkg == "" {
		return nil, nil, fmt.Errorf("nothing to change in %s: run this where go.mod is", t.dir)
	}
	return w.mutants, overlay, put(filepath.Join(t.dir, "zz_mutant.go"), fmt.Sprintf(support, pkg, len(w.mutants)+1))
}

// writer rewrites one file after the other.
type writer struct {
	fset    *token.FileSet
	src     []byte
	base    int
	file    string
	inside  string // the function
	mutants []mutant
}

func (w *writer) rewrite(f *ast.File, src []byte, file string) string {
	w.src, w.file, w.base = src, file, w.fset.File(f.Pos()).Base()
	var b strings.Builder
	at := 0
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil || skipped[fn.Name.Name] {
			continue
		}
		w.inside = fn.Name.Name
		b.Write(src[at:w.offset(fn.Body.Pos())])
		b.WriteString(w.body(fn.Type, fn.Body))
		at = w.offset(fn.Body.End())
	}
	b.Write(src[at:])
	return b.String()
}

// body renders what a function does. Where it returns something, the last return may be left out.
func (w *writer) body(t *ast.FuncType, body *ast.BlockStmt) string {
	out := w.render(body)
	if t.Results != nil {
		out = strings.TrimSuffix(out, "}") + "\npanic(\"nothing is returned\")\n}"
	}
	return out
}

// skipped are functions whose result is only looked at by people.
var skipped = map[string]bool{"String": true, "Error": true}

// text is what stands in the source. The other side of a choice has no changes of its own, which would be two at once.
func (w *writer) text(n ast.Node) string { return string(w.src[w.offset(n.Pos()):w.offset(n.End())]) }

func (w *writer) offset(p token.Pos) int { return int(p) - w.base }

// mutant numbers a change.
func (w *writer) mutant(n ast.Node, what string) int {
	m := mutant{
		id: len(w.mutants) + 1, line: w.fset.Position(n.Pos()).Line, file: w.file, function: w.inside, what: what,
		text: w.text(n),
	}
	w.mutants = append(w.mutants, m)
	return m.id
}

// render returns the text of a node in which every change can be chosen.
func (w *writer) render(n ast.Node) string {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return w.inner(n, n.List)
	case *ast.CaseClause:
		return w.inner(n, n.Body)
	case *ast.FuncLit:
		return string(w.src[w.offset(n.Pos()):w.offset(n.Body.Pos())]) + w.body(n.Type, n.Body)
	case *ast.IfStmt:
		return w.inner(n, nil)
	case *ast.BinaryExpr:
		return w.binary(n)
	case *ast.CallExpr:
		if name := w.text(n.Fun); name == "fmt.Errorf" || name == "panic" {
			return w.text(n) // nobody rests on a text
		}
		if f, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) == 0 && f.Sel.Name == "Not" {
			return fmt.Sprintf("mutantNot(%d, %s)", w.mutant(n, "do not negate"), w.render(f.X))
		}
	case *ast.Ident:
		if n.Name == "true" || n.Name == "false" {
			other := map[string]string{"true": "false", "false": "true"}[n.Name]
			return fmt.Sprintf("mutantPick(%d, %s, %s)", w.mutant(n, "turn round"), n.Name, other)
		}
	case *ast.SelectorExpr:
		return w.render(n.X) + w.text(n)[w.offset(n.X.End())-w.offset(n.Pos()):] // the name is no value
	case *ast.FuncType, *ast.GenDecl:
		return w.text(n)
	}
	return w.inner(n, nil)
}

// inner returns the text of a node with its parts rendered. Of the statements that are given, those that can be are left out in turn.
func (w *writer) inner(n ast.Node, list []ast.Stmt) string {
	var parts []ast.Node
	ast.Inspect(n, func(c ast.Node) bool {
		if c == n {
			return true
		}
		if c != nil {
			parts = append(parts, c)
		}
		return false
	})
	slices.SortStableFunc(parts, func(a, b ast.Node) int { return int(a.Pos() - b.Pos()) })
	var b strings.Builder
	at := w.offset(n.Pos())
	for _, c := range parts {
		from := w.offset(c.Pos())
		if from < at {
			continue
		}
		b.Write(w.src[at:from])
		switch s, isStmt := c.(ast.Stmt); {
		case isStmt && slices.Contains(list, s) && leftOut(s):
			k := w.mutant(c, "leave out")
			fmt.Fprintf(&b, "if !mutantIs(%d) { %s }", k, w.render(c))
		case isCondition(n, c):
			k := w.mutant(c, "turn round")
			fmt.Fprintf(&b, "(%s) != mutantIs(%d)", w.render(c), k)
		default:
			b.WriteString(w.render(c))
		}
		at = w.offset(c.End())
	}
	b.Write(w.src[at:w.offset(n.End())])
	return b.String()
}

// isCondition reports whether a part of a node is the condition of an if, or of a case without a tag that is not a constant.
func isCondition(n, part ast.Node) bool {
	s, ok := n.(*ast.IfStmt)
	return ok && s.Cond == part
}

// leftOut reports whether a statement can be left out, so that what is left compiles.
func leftOut(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ExprStmt, *ast.IncDecStmt, *ast.ReturnStmt:
		return true
	case *ast.AssignStmt:
		return s.Tok != token.DEFINE
	case *ast.BranchStmt:
		return s.Tok == token.CONTINUE || s.Tok == token.BREAK
	}
	return false
}

// binary drops either side of a conjunction or disjunction, and moves bounds by one.
func (w *writer) binary(n *ast.BinaryExpr) string {
	switch n.Op {
	case token.LAND, token.LOR:
		op, with := "||", "mutantIs"
		if n.Op == token.LOR {
			op, with = "&&", "!mutantIs"
		}
		left := w.mutant(n.X, "drop")
		x := w.render(n.X)
		right := w.mutant(n.Y, "drop")
		return fmt.Sprintf("((%s) %s %s(%d)) %s ((%s) %s %s(%d))", x, op, with, left, n.Op, w.render(n.Y), op, with, right)
	case token.LSS, token.GTR:
		k := w.mutant(n, "allow equality in")
		x, y := w.render(n.X), w.render(n.Y)
		return fmt.Sprintf("(%s %s %s || %s == %s && mutantIs(%d))", x, n.Op, y, x, y, k)
	case token.LEQ, token.GEQ:
		k := w.mutant(n, "forbid equality in")
		x, y := w.render(n.X), w.render(n.Y)
		return fmt.Sprintf("(%s %s %s && !(%s == %s && mutantIs(%d)))", x, n.Op, y, x, y, k)
	case token.ADD, token.SUB:
		if l, ok := n.Y.(*ast.BasicLit); ok && l.Kind == token.INT && !strings.Contains(w.text(n), "<<") { // a shift takes its type from around it
			return fmt.Sprintf("mutantPick(%d, %s, %s)", w.mutant(n, "move by one"), w.inner(n, nil), w.text(n.X))
		}
	}
	return w.inner(n, nil)
}
