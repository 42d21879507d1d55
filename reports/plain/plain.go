package plain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxList is how many items of a list are written out.
const MaxList = 6

// List joins at most limit items and counts the rest.
func List(items []string, limit int) string {
	if len(items) > limit+1 {
		return fmt.Sprintf("%s and %d more", strings.Join(items[:limit], ", "), len(items)-limit)
	}
	return strings.Join(items, ", ")
}

// Shorten cuts a text to a number of runes, and shows that it did.
func Shorten(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:limit-1]), " ") + "…"
}

// Number returns "1 step" or "2 steps".
func Number(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return Thousands(n) + " " + what + "s"
}

// Thousands writes a number in groups of three digits.
func Thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Clean makes text from a design fit for a terminal: control characters, characters that turn the direction of writing,
// and bytes that are not UTF-8 are shown as escapes.
func Clean(s string) string {
	plain := true
	for _, r := range s {
		if unsafe(r) {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unsafe(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unsafe(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// Shell joins words as a shell takes them for just these: a file that is called `my shop.vbn` or `-x` too.
func Shell(words ...string) string {
	var out []string
	for _, w := range words {
		if strings.HasPrefix(w, "-") && w != "-" {
			w = "./" + w
		}
		if w == "" || strings.ContainsFunc(w, func(r rune) bool {
			return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_./:@%+=,", r))
		}) {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}
