package markdown

import (
	"bytes"
	"html"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	htmlrenderer "github.com/yuin/goldmark/renderer/html"
	"pgregory.net/rapid"

	"github.com/vauban-verifier/vauban/dsl/diag"
)

var renderer = goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(htmlrenderer.WithUnsafe()))

// rendered is what a renderer of Markdown makes of a text in some place: the HTML in the element that the place has.
func rendered(t *rapid.T, source, begin, end string) string {
	var out bytes.Buffer
	if err := renderer.Convert([]byte(source), &out); err != nil {
		t.Fatal(err)
	}
	s := out.String()
	_, s, ok := strings.Cut(s, begin)
	i := strings.LastIndex(s, end)
	if !ok || i < 0 {
		t.Fatalf("%q became %q", source, out.String())
	}
	return s[:i]
}

// folded is a text as a reader of HTML sees it.
func folded(s string) string { return strings.Join(strings.Fields(s), " ") }

// TestInert writes any text into every kind of place: what a reader then sees is the text, and nothing of it has become markup.
func TestInert(t *testing.T) {
	t.Parallel()
	pieces := rapid.SampledFrom(strings.Split("a 1 . ) - + = * _ ` ~ | < > & ; # @ ! [ ] ( ) { } : / \\ \" ' $ % ^ http:// https://a.example www.a.example a@b.example x:y ftp://z <b> </b> <!-- --> &lt; &#35; `` ``` ~~ ** __ \t \n \r \u00a0 \u202e é 漢 \x00", " "))
	words := rapid.Custom(func(t *rapid.T) string {
		sep := rapid.SampledFrom([]string{"", " ", "    "}).Draw(t, "separator")
		return strings.Join(rapid.SliceOfN(rapid.OneOf(pieces, rapid.StringN(0, 4, -1)), 1, 8).Draw(t, "pieces"), sep)
	})
	places := []struct{ name, before, after, begin, end string }{
		{"paragraph", "", "\n", "<p>", "</p>"},
		{"heading", "## ", "\n", "<h2>", "</h2>"},
		{"item", "1. ", "\n", "<li>", "</li>"},
		{"nested", "- a\n  - b ", "\n", "<li>b ", "</li>\n</ul>\n</li>"},
		{"cell", "| a |\n|---|\n| ", " |\n", "<td>", "</td>"},
		{"bold", "x **", "** y\n", "<p>x <strong>", "</strong> y</p>"},
	}
	rapid.Check(t, func(t *rapid.T) {
		in := words.Draw(t, "text")
		want := folded(diag.Escape(in))
		if want == "" {
			return
		}
		for _, p := range places {
			if p.name == "bold" {
				in, want = "N"+in+"N", folded(diag.Escape("N"+in+"N")) // emphasis takes no spaces at its ends
			}
			got := rendered(t, p.before+Text(in)+p.after, p.begin, p.end)
			got = strings.ReplaceAll(got, "<!-- -->", "")
			if strings.Contains(got, "<") {
				t.Fatalf("%s: %q has markup: %q", p.name, in, got)
			}
			if got = folded(html.UnescapeString(got)); got != want {
				t.Fatalf("%s: %q reads %q, want %q", p.name, in, got, want)
			}
		}
		code := rendered(t, "x "+Code(in)+" y\n", "<p>x <code>", "</code> y</p>")
		if strings.Contains(code, "<") || folded(html.UnescapeString(code)) != want {
			t.Fatalf("%q as code reads %q", in, code)
		}
	})
}
