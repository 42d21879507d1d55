//go:build unix

package files

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestPipesAreNotOpened would wait for ever for who writes to the pipe.
func TestPipesAreNotOpened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe.vbn")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip("this file system has no pipes:", err)
	}
	if _, err := Read(t.Context(), pipe, 10); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("%v", err)
	}
	var trees Trees
	if err := trees.Add(dir, pipe); err != nil {
		t.Fatal(err)
	}
	if _, _, err := trees.Read(t.Context(), pipe); err == nil || !strings.Contains(err.Error(), "pipe it in") {
		t.Errorf("%v", err)
	}
}
