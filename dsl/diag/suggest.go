package diag

import (
	"fmt"
	"strings"
)

// maxSuggestLength bounds the words that Suggest compares, so that its time does not depend on what is in a file.
const maxSuggestLength = 64

// Suggest returns the candidate that word was most likely meant to be, or "" where none is close. Distance counts
// insertions, deletions, substitutions and swaps of neighbours; a difference of case alone is always close, and where nothing
// else is, so is another ending: "carry" for "carries". Among equally close candidates the alphabetically first wins, so that
// the order of candidates does not matter.
func Suggest(word string, candidates []string) string {
	w := []rune(strings.ToLower(word))
	if len(w) == 0 || len(w) > maxSuggestLength {
		return ""
	}
	best, bestDistance := "", threshold(len(w))+1
	for _, c := range candidates {
		if c == word || len(c) > 4*maxSuggestLength {
			continue
		}
		r := []rune(strings.ToLower(c))
		if max(len(r)-len(w), len(w)-len(r)) > bestDistance {
			continue
		}
		d := distance(w, r)
		if d >= len(r) && d > 0 {
			continue // nothing of the candidate is left
		}
		if d < bestDistance || d == bestDistance && best != "" && c < best {
			best, bestDistance = c, d
		}
	}
	if best != "" {
		return best
	}
	for _, c := range candidates {
		r := []rune(strings.ToLower(c))
		if stem := common(w, r); stem >= 4 && len(w)-stem <= 1 && len(r)-stem <= 3 && (best == "" || c < best) {
			best = c
		}
	}
	return best
}

// common is how many runes two words begin with alike.
func common(a, b []rune) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// DidYouMean returns ` — did you mean "x"?` for the candidate that [Suggest] finds, to be put behind a message, or "".
func DidYouMean(word string, candidates []string) string {
	if s := Suggest(word, candidates); s != "" {
		return fmt.Sprintf(" — did you mean %q?", s)
	}
	return ""
}

// threshold is the largest distance at which a word of n runes still looks like a slip.
func threshold(n int) int {
	switch {
	case n <= 4:
		return 1
	case n <= 8:
		return 2
	default:
		return 3
	}
}

// distance is the optimal string alignment distance (Damerau-Levenshtein without overlapping swaps).
func distance(a, b []rune) int {
	before, previous, current := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, previous, current = previous, current, before
	}
	return previous[len(b)]
}
