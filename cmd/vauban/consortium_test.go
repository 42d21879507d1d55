package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestConsortium runs the script of examples/consortium on an embedded Tangle: what it prints is what its page says happens.
func TestConsortium(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"bash", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the consortium uses %s, which is not here", tool)
		}
	}
	dir := filepath.Join("..", "..", "examples", "consortium")
	script, page := filepath.Join(dir, "run.sh"), filepath.Join(dir, "README.md")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", script, t.TempDir())
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "TANGLE=", "TRUST=", "NO_COLOR=")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, &stderr)
	}
	const from, until = "\n## What happens\n", "\n## What refuses what\n"
	before, rest, ok := strings.Cut(string(text), from)
	_, after, there := strings.Cut(rest, until)
	if !ok || !there {
		t.Fatalf("the page does not have the headings %q and %q", from, until)
	}
	if want := before + from + string(out) + until + after; want != string(text) {
		if !*update {
			t.Errorf("the script prints\n%s\nand the page has something else: run this test with -update", out)
		} else if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
