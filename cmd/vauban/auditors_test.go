package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAuditorsPage runs the shell blocks of examples/audit/README.md, one after the other, in a copy: what follows each is what it prints.
func TestAuditorsPage(t *testing.T) {
	for _, tool := range []string{"bash", "jq", "xxd", "sha256sum", "b2sum", "openssl", "python3"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the page for auditors uses %s, which is not here", tool)
		}
	}
	from := filepath.Join("..", "..", "examples", "audit")
	page, err := os.ReadFile(filepath.Join(from, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	const mark = "--- the next block ---"
	script, want := "set -euo pipefail\n", []int{} // the parts that show what comes out
	parts := strings.Split(string(page), "```")
	for i := 1; i < len(parts); i += 2 {
		kind, body, _ := strings.Cut(parts[i], "\n")
		switch kind {
		case "sh":
			script += body + "echo '" + mark + "'\n"
		case "text":
			want = append(want, i)
		default:
			t.Errorf("a block of the kind %q", kind)
		}
	}
	cmd := exec.Command("bash", "-c", script)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("%v\n%s", err, &stderr)
	}
	got := strings.Split(string(out), mark+"\n")
	if len(got) != len(want)+1 || len(want) == 0 {
		t.Fatalf("%d blocks ran, %d are shown\n%s", len(got)-1, len(want), out)
	}
	for k, i := range want {
		if is := "text\n" + got[k]; is != parts[i] {
			if !*update {
				t.Errorf("block %d prints\n%sand the page has\n%s", k+1, got[k], parts[i])
			}
			parts[i] = is
		}
	}
	if *update {
		if err := os.WriteFile(filepath.Join(from, "README.md"), []byte(strings.Join(parts, "```")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
