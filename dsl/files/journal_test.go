package files

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestJournal adds lines, drops one that was cut short, and keeps some.
func TestJournal(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	lines := func() (*Journal, []string) {
		var out []string
		j, err := OpenJournal(path, func(line []byte) error {
			out = append(out, string(line))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return j, out
	}
	j, got := lines()
	for _, l := range []string{"one", "two", "three"} {
		if err := j.Add([]byte(l)); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil || len(got) > 0 {
		t.Fatal(err, got)
	}
	data, err := os.ReadFile(path)
	if err != nil || os.WriteFile(path, data[:len(data)-3], 0o600) != nil {
		t.Fatal(err)
	}
	if j, got = lines(); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("behind a crash: %q", got)
	}
	if err := j.Add([]byte("four")); err != nil {
		t.Fatal(err)
	}
	err = j.Keep(func(line []byte) []byte {
		if string(line) == "two" {
			return nil
		}
		return line
	})
	if err != nil || j.Add([]byte("five")) != nil || j.Close() != nil {
		t.Fatal(err)
	}
	if j, got = lines(); !slices.Equal(got, []string{"one", "four", "five"}) {
		t.Errorf("what is kept: %q", got)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if _, err := OpenJournal(filepath.Dir(path), nil); err == nil {
		t.Error("a directory is a journal")
	}
}
