package diagram

import (
	"cmp"
	"html"
	"maps"
	"slices"

	"github.com/vauban-verifier/vauban/reports/plain"
)

// maxLabel is how much of a name or sentence is written at most, in runes.
const maxLabel = 300

// label makes text from a design fit to be shown: no control characters, not endless.
func label(s string) string { return shorten(plain.Clean(s), maxLabel) }

// escape makes text fit for XML, as content and in an attribute.
func escape(s string) string { return html.EscapeString(label(s)) }

// sortedBy returns the keys of a map by a name.
func sortedBy[K comparable, V any](m map[K]V, name func(K) string) []K {
	return slices.SortedFunc(maps.Keys(m), func(a, b K) int { return cmp.Compare(name(a), name(b)) })
}
