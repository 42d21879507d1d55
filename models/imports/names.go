package imports

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/vauban-verifier/vauban/dsl"
)

// maxName bounds identifiers, maxTitle what is shown of a name.
const (
	maxName  = 60
	maxTitle = 120
)

// names are the identifiers that are taken.
type names struct{ taken map[string]bool }

// free returns an identifier for what a file calls something: its letters, digits and dashes, with a number behind it where two become the same.
func (n *names) free(raw, sort string) string {
	if n.taken == nil {
		n.taken = map[string]bool{}
	}
	base := Identifier(raw, sort)
	name := base
	for i := 2; n.taken[name]; i++ {
		name = base + "-" + strconv.Itoa(i)
	}
	n.taken[name] = true
	return name
}

// Reserve keeps a name of another file of the design from being given to an element.
func (p *Plan) Reserve(name string) { p.names.reserve(name) }

func (n *names) reserve(name string) {
	if n.taken == nil {
		n.taken = map[string]bool{}
	}
	n.taken[name] = true
}

// Title writes a phrase as a title.
func Title(phrase string) string { return strings.ToUpper(phrase[:1]) + phrase[1:] }

// Identifier makes a name of the language out of any text.
func Identifier(raw, sort string) string {
	var b strings.Builder
	gap := false
	for _, c := range raw {
		switch {
		case c < 0x80 && (unicode.IsLetter(c) || unicode.IsDigit(c) || c == '_'):
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(c)
		default:
			gap = true
		}
		if b.Len() >= maxName {
			break
		}
	}
	name := strings.TrimRight(b.String(), "_")
	name = strings.ReplaceAll(strings.ReplaceAll(name, "_-", "-"), "-_", "-")
	if name == "" || !unicode.IsLetter(rune(name[0])) {
		name = strings.TrimRight(sort+"-"+strings.TrimLeft(name, "_"), "-")
	}
	if dsl.IsWord(name, ^dsl.Role(0)) {
		name += "-" + sort
	}
	return name
}

// Clean returns a text for people: one line, without control characters or marks that change the order of reading, of bounded length.
func Clean(raw string) string {
	var b strings.Builder
	n := 0
	for _, c := range raw {
		switch {
		case c == unicode.ReplacementChar || unicode.Is(unicode.Cf, c) || unicode.Is(unicode.Co, c):
			continue
		case unicode.IsControl(c) || unicode.IsSpace(c):
			c = ' '
		}
		if n++; n > maxTitle {
			return strings.TrimSpace(b.String()) + "…"
		}
		b.WriteRune(c)
	}
	return strings.TrimSpace(b.String())
}
