//go:build unix

package hornet

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestBuildTellsEachStage builds with a go command that only pretends.
func TestBuildTellsEachStage(t *testing.T) {
	dir := t.TempDir()
	script := `#!/bin/sh
if [ "$1" = list ]; then
	echo "go: downloading example.com/a v1.0.0" >&2
	echo "go: downloading example.com/b v1.0.0" >&2
	echo a; echo b; echo c
	exit
fi
echo a >&2; echo b >&2
while [ "$1" != -o ]; do shift; done
: >"$2"
`
	if err := os.WriteFile(filepath.Join(dir, "go"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	t.Setenv("HOME", dir)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	var got []Stage
	path, err := Build(t.Context(), func(s Stage) { got = append(got, s) })
	if err != nil {
		t.Fatal(err)
	}
	want := []Stage{{}, {1, 0, 0}, {2, 0, 0}, {2, 0, 3}, {2, 1, 3}, {2, 2, 3}}
	if !slices.Equal(got, want) {
		t.Errorf("stages %v, expected %v", got, want)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}
