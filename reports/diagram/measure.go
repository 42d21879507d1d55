package diagram

import (
	"strings"
	"unicode/utf8"
)

// helvetica has the widths of the characters from space to tilde, in thousandths of the size of the font.
var helvetica = [95]int{
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
}

// firstWide is where the scripts begin whose signs take a whole square.
const firstWide = 0x1100

// textWidth is how wide a text is at a size, with some room to spare for bold type and other fonts.
func textWidth(s string, size int) int {
	total := 0
	for _, r := range s {
		switch {
		case r >= ' ' && r <= '~':
			total += helvetica[r-' ']
		case r < firstWide:
			total += 620
		default:
			total += 1000
		}
	}
	return (total*size*108 + 99_999) / 100_000
}

// fit cuts a text to a width and shows that it did.
func fit(s string, size, limit int) string {
	if textWidth(s, size) <= limit {
		return s
	}
	runes := []rune(s)
	for n := len(runes) - 1; n > 0; n-- {
		if short := strings.TrimRight(string(runes[:n]), " ,") + "…"; textWidth(short, size) <= limit {
			return short
		}
	}
	return "…"
}

// listFit joins as many items as have room, and counts the others.
func listFit(items []string, size, limit int) string {
	for n := len(items); n > 0; n-- {
		s := strings.Join(items[:n], ", ")
		if n < len(items) {
			s += " +" + itoa(len(items)-n)
		}
		if textWidth(s, size) <= limit {
			return s
		}
	}
	if len(items) == 1 {
		return fit(items[0], size, limit)
	}
	return fit(items[0], size, limit-textWidth(" +999", size)) + " +" + itoa(len(items)-1)
}

// shorten cuts a text to a number of runes.
func shorten(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:limit-1]), " ") + "…"
}
