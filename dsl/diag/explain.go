package diag

import (
	_ "embed" // the page
	"strings"
)

// Reference is the page of all codes, in Markdown: for each what causes it, an example that gives it, and what to do. Tests run the examples.
//
//go:embed CODES.md
var Reference string

// Explanation is what the page says of a code.
type Explanation struct {
	Cause    string
	Examples []Example // together they give the code
	Remedy   string
}

// Example is a file of an example.
type Example struct {
	Info string // behind the fence: the language, the name of a file, and how the text is to be read
	Text string
}

// Explain returns what the page says of a code; false for one that is not there.
func Explain(code Code) (Explanation, bool) {
	_, rest, ok := strings.Cut(Reference, "\n## "+string(code)+": ")
	if !ok {
		return Explanation{}, false
	}
	_, rest, _ = strings.Cut(rest, "\n")
	rest, _, _ = strings.Cut(rest, "\n## ")
	parts := strings.Split(rest, "```") // text, then in turn an example and text
	out := Explanation{Cause: strings.TrimSpace(parts[0]), Remedy: strings.TrimSpace(parts[len(parts)-1])}
	for i := 1; i < len(parts); i += 2 {
		info, text, _ := strings.Cut(parts[i], "\n")
		out.Examples = append(out.Examples, Example{info, text})
	}
	return out, true
}
