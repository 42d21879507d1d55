package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/reports/notary/hornet/hornettest"
)

// design brings the designs that the examples speak of into a fresh directory, and goes there.
func design(t *testing.T) {
	t.Helper()
	from := filepath.Join("..", "..", "vauban", "testdata", "designs")
	dir := t.TempDir()
	for to, name := range map[string]string{"shop.vbn": "first.vbn", "old.vbn": "first.vbn", "mini.yaml": "mini.yaml"} {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, to), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	t.Setenv("XDG_CONFIG_HOME", dir)
	t.Setenv("HOME", dir)
}

// notarized makes the evidence that the examples speak of.
func notarized(t *testing.T) {
	t.Helper()
	for _, args := range [][]string{
		{"key", "new", "alice.pem"},
		{"check", "--as-of", "2026-11-23", "--notarize", "--key", "alice.pem", "shop.vbn"},
	} {
		var stderr bytes.Buffer
		if code := Run(t.Context(), args, strings.NewReader(""), io.Discard, &stderr); code != exitOK && code != exitFound {
			t.Fatalf("%v: exit status %d\n%s", args, code, &stderr)
		}
	}
}

// onWrite calls a function when anything is written to it.
type onWrite struct{ call func() }

func (w *onWrite) Write(p []byte) (int, error) {
	w.call()
	return len(p), nil
}

// TestExamplesInHelp runs every example that --help shows.
func TestExamplesInHelp(t *testing.T) {
	design(t)
	notarized(t)
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Name() == "completion" || cmd.Name() == "help" {
			return
		}
		if strings.TrimSpace(cmd.Example) == "" {
			t.Errorf("%s --help has no example", cmd.CommandPath())
		}
		for line := range strings.Lines(cmd.Example) {
			args := strings.Fields(line)
			if args[0] != "vauban" {
				t.Errorf("%s --help has an example that is no command: %s", cmd.CommandPath(), line)
				continue
			}
			t.Run(strings.TrimSpace(line), func(t *testing.T) {
				if args[1] == "key" && args[2] == "new" {
					if err := os.RemoveAll(args[3]); err != nil {
						t.Fatal(err)
					}
				}
				if args[1] == "tangle" {
					hornettest.Binary(t)
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				stdout := io.Discard
				if cmd.Annotations[untilInterrupted] != "" {
					stdout = &onWrite{cancel}
				}
				var stderr bytes.Buffer
				if code := Run(ctx, args[1:], strings.NewReader(""), stdout, &stderr); code != exitOK && code != exitFound {
					t.Errorf("exit status %d\n%s", code, &stderr)
				}
			})
		}
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk((&app{}).root())
}

func TestInterrupted(t *testing.T) {
	design(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	if code := Run(ctx, []string{"check", "--out", "report.txt", "shop.vbn"}, strings.NewReader(""), &stdout, &stderr); code != exitInterrupted {
		t.Errorf("exit status %d, expected %d", code, exitInterrupted)
	}
	if !strings.Contains(stderr.String(), "interrupted") {
		t.Errorf("stderr: %s", &stderr)
	}
	if _, err := os.Stat("report.txt"); err == nil {
		t.Error("an interrupted run has written a report")
	}
}

// TestInterruptedWhileReading stops a run that waits for standard input, which nobody closes.
func TestInterruptedWhileReading(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr bytes.Buffer
	if code := Run(ctx, []string{"check", "-"}, r, io.Discard, &stderr); code != exitInterrupted {
		t.Errorf("exit status %d, expected %d\n%s", code, exitInterrupted, &stderr)
	}
}

// panics is an input that fails inside Vauban.
type panics struct{}

func (panics) Read([]byte) (int, error) { panic("vauban: internal error: the reader broke") }

func TestPanicsAreInternalErrors(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"check", "-"}, {"fmt", "-"}} {
		var stderr bytes.Buffer
		if code := Run(t.Context(), args, panics{}, io.Discard, &stderr); code != exitUnknown {
			t.Errorf("%v: exit status %d, expected %d", args, code, exitUnknown)
		}
		if !strings.HasPrefix(stderr.String(), "vauban: internal error: the reader broke\n") {
			t.Errorf("%v: stderr: %s", args, &stderr)
		}
	}
}

// full is an output that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestFullOutputIsNoSuccess(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	if code := Run(t.Context(), []string{"version"}, strings.NewReader(""), full{}, &stderr); code != exitUsage {
		t.Errorf("exit status %d, expected %d", code, exitUsage)
	}
}

func TestWriteFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link.json")
	if err := os.Symlink("report.json", link); err != nil {
		t.Skip("this file system has no symbolic links:", err)
	}
	if err := writeFile(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "new" {
		t.Errorf("%q, %v", data, err)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v: expected the one that the file had", info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%d files are left, expected 2 (%v)", len(entries), err)
	}
}

// TestHooks runs what .pre-commit-hooks.yaml has pre-commit run, as that does: with the files, or without.
func TestHooks(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "..", ".pre-commit-hooks.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct {
		Entry         string
		PassFilenames *bool `yaml:"pass_filenames"`
	}
	if err := yaml.Unmarshal(data, &hooks); err != nil || len(hooks) < 2 {
		t.Fatalf("%d hooks: %v", len(hooks), err)
	}
	design(t)
	if err := os.WriteFile("vauban.yaml", []byte("designs: [shop.vbn]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, h := range hooks {
		args := strings.Fields(h.Entry)
		if h.PassFilenames == nil || *h.PassFilenames {
			args = append(args, "shop.vbn")
		}
		var stderr bytes.Buffer
		if code := Run(t.Context(), args[1:], strings.NewReader(""), io.Discard, &stderr); args[0] != "vauban" || code > exitFound {
			t.Errorf("%s: exit status %d\n%s", h.Entry, code, &stderr)
		}
	}
}
