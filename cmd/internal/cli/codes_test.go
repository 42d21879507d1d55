package cli

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports/audit"
)

// TestCodesHaveEntries holds the page of codes to their register: each code has an entry, with its meaning, in this order.
func TestCodesHaveEntries(t *testing.T) {
	t.Parallel()
	var want []string
	for _, c := range diag.Codes() {
		want = append(want, fmt.Sprintf("## %s: %s", c.Code, c.Meaning))
		if x, ok := diag.Explain(c.Code); !ok || x.Cause == "" || x.Remedy == "" || len(x.Examples) == 0 {
			t.Errorf("%s lacks a cause, an example or a remedy", c.Code)
		}
	}
	if got := regexp.MustCompile(`(?m)^## .*$`).FindAllString(diag.Reference, -1); !slices.Equal(got, want) {
		t.Errorf("CODES.md has\n%s\nexpected\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestCodesByExample gives every code by its example, and no other error.
func TestCodesByExample(t *testing.T) {
	intro, _, _ := strings.Cut(diag.Reference, "\n## ")
	shop := strings.Split(strings.Split(intro, "```vbn\n")[1], "```")[0]
	code := regexp.MustCompile(`(error|warning): .*\[(VAU\d+)\]`)
	for _, c := range diag.Codes() {
		t.Run(string(c.Code), func(t *testing.T) {
			x, _ := diag.Explain(c.Code)
			t.Chdir(t.TempDir())
			var names []string
			for _, e := range x.Examples {
				name, text := exampleFile(t, e, shop)
				names = append(names, name)
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var said bytes.Buffer
			run := func(args ...string) { Run(t.Context(), args, strings.NewReader(""), &said, &said) }
			switch first := names[0]; {
			case first == "policy.yaml":
				diags := &diag.List{}
				text, err := os.ReadFile(first)
				if err != nil {
					t.Fatal(err)
				}
				audit.ParsePolicy(source.New(first, string(text)), diags)
				if err := diag.Render(&said, diags.Sorted(), diag.Options{}); err != nil {
					t.Fatal(err)
				}
			case c.Code < "VAU1000": // some of these files are not even opened by a command
				diags := &diag.List{}
				text, err := os.ReadFile(first)
				if err != nil {
					t.Fatal(err)
				}
				dsl.Parse(source.New(first, string(text)), diags)
				if err := diag.Render(&said, diags.Sorted(), diag.Options{}); err != nil {
					t.Fatal(err)
				}
			case first == "compose.yaml":
				run("import", "compose", first)
			case first == "vauban.yaml":
				run("check")
			case first == "shop.map.yaml":
				if err := os.WriteFile("design.vbn", []byte(shop), 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile("orders.jsonl", nil, 0o600); err != nil {
					t.Fatal(err)
				}
				run("explain", "design.vbn", "orders.jsonl", "--map", first)
			case strings.HasSuffix(first, ".yaml"):
				run("catalogue", "lint", first)
			default:
				run("check", first)
			}
			found := false
			for _, m := range code.FindAllStringSubmatch(said.String(), -1) {
				found = found || m[2] == string(c.Code)
				if m[1] == "error" && m[2] != string(c.Code) && c.Code != "VAU0020" { // which comes after all others
					t.Errorf("the example gives %s, too", m[2])
				}
			}
			if !found || t.Failed() {
				t.Errorf("got\n%.2000s", &said)
			}
		})
	}
}

// exampleFile returns the file that an example stands for.
func exampleFile(t *testing.T, e diag.Example, shop string) (name, text string) {
	t.Helper()
	name, text = "design.vbn", e.Text
	for _, word := range strings.Fields(e.Info)[1:] {
		n, repeated := strings.CutPrefix(word, "repeat=")
		switch {
		case word == "escaped":
			unquoted, err := strconv.Unquote(`"` + strings.ReplaceAll(text, "\n", `\n`) + `"`)
			if err != nil {
				t.Fatal(err)
			}
			text = unquoted
		case repeated:
			times, err := strconv.Atoi(n)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.SplitAfter(text, "\n")
			last := lines[len(lines)-2]
			text = strings.TrimSuffix(text, last) + strings.Repeat(last, times)
		default:
			name = word
		}
	}
	if strings.HasSuffix(name, ".vbn") && name != "part.vbn" && !strings.HasPrefix(text, "design") {
		text = shop + text
	}
	return name, text
}
