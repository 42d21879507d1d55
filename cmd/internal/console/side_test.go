package console

import (
	"io/fs"
	"math/rand"
	"os"
	"path/filepath"
	"testing"
)

// TestRootAtFirstSight spoils designs at random: what is seen to be a root from its first words alone is one when it is parsed.
func TestRootAtFirstSight(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(1))
	seen, parts := 0, 0
	err := filepath.WalkDir(filepath.Join("..", "..", "..", "examples"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".vbn" {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for n := range 20 {
			text := string(data)
			if n > 0 {
				at := rng.Intn(min(len(text), 400))
				to := min(len(text), at+rng.Intn(30))
				text = text[:at] + []string{"", "design \"", "//", "\n", "\"", "}", "\x00", "design D"}[rng.Intn(8)] + text[to:]
			}
			if first.MatchString(text) {
				if seen++; !parsedRoot(name, text) {
					t.Errorf("%s is no root:\n%s", name, text)
				}
			} else if !parsedRoot(name, text) {
				parts++
			}
		}
		return nil
	})
	if err != nil || seen < 100 || parts == 0 {
		t.Errorf("%d roots, %d parts: %v", seen, parts, err)
	}
}
