package markdown

import (
	"bytes"
	"flag"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/internal/sample"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

func write(t *testing.T, outcomes []reports.Outcome) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, outcomes); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, outcomes := range sample.Outcomes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sample.Golden(t, name+".md", []byte(write(t, outcomes)), *update)
		})
	}
}

func TestFitsIntoAComment(t *testing.T) {
	t.Parallel()
	out := write(t, []reports.Outcome{{Name: "shop.vbn", Result: sample.Huge()}})
	if n := utf8.RuneCountInString(out); n > 65_536 {
		t.Errorf("%d characters, expected at most 65,536", n)
	}
	for _, want := range []string{"3,002 requirements: 3,002 violated", "2,902 more requirements not listed", "left out here"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in it:\n%.3000s", want, out)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain words, as they are.": "plain words, as they are.",
		"a_b*c":                     `a\_b\*c`,
		"# heading":                 `\#<!-- --> heading`,
		"- item":                    `\- item`,
		"a-b = c":                   "a-b = c",
		"1. item":                   `1\. item`,
		"12) item":                  `12\) item`,
		"version 1.2":               "version 1.2",
		"@user":                     `\@<!-- -->user`,
		"https://a.example":         `https\://a.example`,
		"www.a.example":             `www\.a.example`,
		"<b>&":                      "&lt;b&gt;&amp;",
		"a\nb":                      `a\\nb`,
		"[x](y)":                    `\[x\](y)`,
		"a | b":                     `a \| b`,
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCode(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"a": "`a`", "a`b": "``a`b``", "`": "`` ` ``", "": "`  `", "a | b\n": "`a | b\\n`"} {
		if got := Code(in); got != want {
			t.Errorf("Code(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestHTML(t *testing.T) {
	t.Parallel()
	if got, want := HTML("it's <b>@user #1</b>"), "it&#39;s &lt;b&gt;@<!-- -->user #<!-- -->1&lt;/b&gt;"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
