package notary

import (
	"slices"
	"strings"
	"testing"
)

// Names of five digits come after those of four, and a hole among them is found.
func TestManyEntries(t *testing.T) {
	t.Parallel()
	const n = 10_020
	var names []string
	for i := 1; i <= n; i++ {
		names = append(names, number(i))
	}
	slices.Sort(names) // as a directory is listed
	if got, err := Numbered(slices.Clone(names)); err != nil || got != n {
		t.Errorf("%d entries, %v", got, err)
	}
	for _, gone := range []int{1, 700, 9999, 10_000, 10_001} {
		left := slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == number(gone) })
		if _, err := Numbered(left); err == nil || !strings.Contains(err.Error(), "the entry "+number(gone)+" is missing") {
			t.Errorf("without %d: %v", gone, err)
		}
	}
}
