// Package threatstest loads designs for tests, and ends a test with the diagnostics of one that does not load.
//
// # Limitations
//
// It is for tests alone.
package threatstest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/threats"
)

// Texts reads files that are written out, by name.
func Texts(files map[string]string) source.Reader {
	return func(name string) (string, error) {
		text, ok := files[name]
		if !ok {
			return "", errors.New("no such file")
		}
		return text, nil
	}
}

// Disk reads files, by their slash-separated paths.
func Disk(name string) (string, error) {
	text, err := os.ReadFile(filepath.FromSlash(name))
	return string(text), err
}

// Load loads the design of that name. The test ends where it has errors, with what they are and the text.
func Load(tb testing.TB, read source.Reader, name string) *threats.Model {
	tb.Helper()
	diags := &diag.List{}
	m := threats.Load(read, []string{name}, diags)
	if m == nil {
		var b strings.Builder
		_ = diag.Render(&b, diags.Sorted(), diag.Options{}) // a strings.Builder never fails
		text, _ := read(name)
		tb.Fatalf("%s\n%s", b.String(), text)
	}
	return m
}
