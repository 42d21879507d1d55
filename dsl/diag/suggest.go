package diag

import "strconv"

// Suggest returns the candidate closest to a mistyped word, or "" when none is close: at most a third of its letters may differ, by the
// optimal string alignment distance (insert, delete, replace, swap neighbours). Of equally close ones the first wins.
func Suggest(word string, candidates []string) string {
	best, bestDistance := "", len(word)/3+1
	if len(word) < 3 {
		bestDistance = 2
	}
	for _, c := range candidates {
		if c == word || len(c) > len(word)+bestDistance || len(word) > len(c)+bestDistance {
			continue
		}
		if d := distance(word, c); d < bestDistance || d == bestDistance && best == "" && d <= len(word)/3 {
			best, bestDistance = c, d
		}
	}
	return best
}

func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := last[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(replace, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// DidYouMean returns the end of a message about an unknown word: ` — did you mean "x"?`, or "" when nothing is close.
func DidYouMean(word string, candidates []string) string {
	if s := Suggest(word, candidates); s != "" {
		return " — did you mean " + strconv.Quote(s) + "?"
	}
	return ""
}
