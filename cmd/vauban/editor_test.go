package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestNeovim has an editor's own client show a verdict, complete a word, change a name and repair a design.
func TestNeovim(t *testing.T) {
	t.Parallel()
	nvim, err := exec.LookPath("nvim")
	if err != nil {
		t.Skipf("Neovim is not there: %v", err)
	}
	dir := t.TempDir()
	program := built(t, dir)
	design := `design "Shop"
use "retail"
zone Internet: public
zone Core: private
data Card: payment_data
actor Shopper: customer in Internet
component Shop: storefront in Core
flow Buy: Shopper -> Shop over http { carries Card }
attacker Outsider { in Internet }
require Secret: confidential Card against Outsider
`
	file, seen := filepath.Join(dir, "shop.vbn"), filepath.Join(dir, "seen.txt")
	if err := os.WriteFile(file, []byte(design), 0o600); err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs(filepath.Join("testdata", "editor.lua"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, nvim, "--headless", "-u", "NONE", "-n", "-i", "NONE", "-c", "luafile "+script)
	cmd.Env = append(os.Environ(), "VAUBAN_FILE="+file, "VAUBAN_PROGRAM="+program, "VAUBAN_OUT="+seen, "HOME="+dir, "XDG_STATE_HOME="+dir, "XDG_CACHE_HOME="+dir)
	out, err := cmd.CombinedOutput()
	text, missing := os.ReadFile(seen)
	if missing != nil {
		t.Fatalf("%v, %v\n%s", err, missing, out)
	}
	for _, want := range []string{
		"diagnostic Secret violated: Outsider, cost", "lens violated · Outsider", "completion storefront", "renamed component Front: storefront in Core | flow Buy: Shopper -> Front over http",
		"repaired ",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("Neovim did not see %q:\n%s", want, text)
		}
	}
	t.Logf("%s", text)
}

// built builds the program into a directory.
func built(t *testing.T, dir string) string {
	t.Helper()
	program := filepath.Join(dir, "vauban")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}
