// Package kerneltest finds the solver and model-checking files that tests compare with.
//
// # Limitations
//
// The files are beside the checkout and not part of it: tests that use them skip where they are not there.
package kerneltest

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir is a folder of test files beside the checkout, for a test of a package directly below checker. Without it the test is skipped.
func Dir(tb testing.TB, name string) string {
	tb.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data", "kernel", name)
	if _, err := os.Stat(dir); err != nil {
		tb.Skipf("the test files are not there: %v", err)
	}
	return dir
}
