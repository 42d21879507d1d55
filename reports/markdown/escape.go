package markdown

import (
	"html"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/diag"
)

// special is what has a meaning wherever it stands in a line, and can be escaped by a backslash.
const special = "\\`*_[]|~$"

// Text escapes text from a design for a line of Markdown: it shows as it is. Control characters are shown as escapes, and
// spaces in a row, which HTML shows as one and Markdown may give a meaning to, become one.
func Text(s string) string {
	s = strings.Join(strings.Fields(diag.Escape(s)), " ")
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '@' || r == '#': // the empty comment keeps GitHub from making a mention or a link of what follows
			b.WriteString(`\` + string(r) + "<!-- -->")
		case strings.ContainsRune(special, r), // anywhere
			i == 0 && strings.ContainsRune("+-=", r),               // a list or a heading begins
			i == digits && digits > 0 && (r == '.' || r == ')'),    // "1." begins a list
			r == ':' && strings.HasPrefix(s[i:], "://"),            // a link
			r == '.' && strings.EqualFold(s[max(0, i-3):i], "www"): // a link
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// HTML escapes text from a design for HTML within Markdown.
func HTML(s string) string {
	s = html.EscapeString(diag.Escape(s))
	return strings.NewReplacer("&#", "&#", "@", "@<!-- -->", "#", "#<!-- -->").Replace(s)
}

// Code writes text from a design as code, in as many backquotes as it needs.
func Code(s string) string {
	s = diag.Escape(s)
	longest, run := 0, 0
	for _, r := range s {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.TrimSpace(s) == "" {
		s = " " + s + " "
	}
	return fence + s + fence
}
