package main

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// TestVSCode installs what the extension is made of, has its grammar colour all examples, drives the language server by the editor's own library, and packs the extension.
func TestVSCode(t *testing.T) {
	t.Parallel()
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skipf("npm is not there: %v", err)
	}
	dir := t.TempDir()
	program := built(t, dir)
	extension := filepath.Join(dir, "vscode")
	if err := os.CopyFS(extension, os.DirFS(filepath.Join("..", "..", "editors", "vscode"))); err != nil {
		t.Fatal(err)
	}
	names := filepath.Join(dir, "names.json")
	if err := os.WriteFile(names, examplesNames(t), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	run := func(args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, npm, args...)
		cmd.Dir, cmd.WaitDelay = extension, 5*time.Second
		cmd.Env = append(os.Environ(), "VAUBAN_PROGRAM="+program, "VAUBAN_NAMES="+names, "NO_COLOR=1", "NO_UPDATE_NOTIFIER=1")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run("ci", "--ignore-scripts", "--no-audit", "--no-fund"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
		t.Skipf("the packages of the extension cannot be had: %v\n%s", err, out)
	}
	out, err := run("test")
	t.Log(out)
	if err != nil || !strings.Contains(out, "# fail 0") && !strings.Contains(out, "ℹ fail 0") || strings.Contains(out, "# SKIP") {
		t.Errorf("the tests of the extension: %v", err)
	}
	if out, err := run("run", "package"); err != nil {
		t.Errorf("vsce: %v\n%s", err, out)
	}
	packed, err := os.Stat(filepath.Join(extension, "vauban.vsix"))
	if err != nil || packed.Size() > 4<<20 {
		t.Errorf("%+v, %v", packed, err)
	}
}

// examplesNames says where names are defined in the designs of all examples: for each file its text, and line, column in UTF-16 and name, from 0.
func examplesNames(t *testing.T) []byte {
	t.Helper()
	type file struct {
		Text string   `json:"text"`
		At   [][3]any `json:"at"`
	}
	var out []file
	err := filepath.WalkDir(filepath.Join("..", "..", "examples"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".vbn" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f := dsl.Parse(source.New(path, string(text)), &diag.List{})
		one := file{Text: string(text), At: [][3]any{}}
		for _, d := range dsl.NamesOf([]*dsl.File{f}).Definitions {
			line, column := f.Source.UTF16(d.Name.Span.Start)
			one.At = append(one.At, [3]any{line, column, d.Name.Text})
		}
		out = append(out, one)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
