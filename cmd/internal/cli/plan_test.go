package cli

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestDivide: each thing is in one part, and no part is more than a third above what the best division has at the least.
func TestDivide(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(0, 100_000), 0, 60).Draw(t, "sizes")
		n := rapid.IntRange(1, 12).Draw(t, "n")
		parts := divide(sizes, n)
		var all []int
		total, largest, most := 0, 0, 0
		for _, p := range parts {
			load := 0
			for _, i := range p {
				load += sizes[i]
			}
			most = max(most, load)
			all = append(all, p...)
			if !slices.IsSorted(p) {
				t.Fatalf("%v is not in order", p)
			}
		}
		slices.Sort(all)
		for i, s := range sizes {
			total, largest = total+s, max(largest, s)
			if i >= len(all) || all[i] != i {
				t.Fatalf("%v divided into %v", sizes, parts)
			}
		}
		if len(all) != len(sizes) || len(parts) != n {
			t.Fatalf("%v divided into %v", sizes, parts)
		}
		if most > largest+total/n { // what a list in any order keeps; the bound of the largest first is against an optimum that nobody knows here
			t.Fatalf("a part of %v has %d, of %d in %d parts", sizes, most, total, n)
		}
	})
}
