package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// TestParse reads configurations, and holds the published schema to the same opinion of each.
func TestParse(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "..", "vauban.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"designs: [a.vbn]\n", ""},
		{"designs: a.vbn\nbaseline: b.json\n", ""},
		{"designs:\n  - designs/*.vbn\n  - shop\n", ""},
		{"", `1:1: the configuration is empty, expected at least the key "designs"`},
		{"design: [a.vbn]\n", `1:1: unknown key "design" in the configuration — did you mean "designs"?`},
		{"designs: [a.vbn]\nbaselin: b.json\n", `2:1: unknown key "baselin" in the configuration — did you mean "baseline"?`},
		{"designs: [a.vbn]\ndesigns: [b.vbn]\n", `2:1: key "designs" appears twice in the configuration, expected once`},
		{"designs: []\n", `1:1: the configuration names no design, expected the key "designs" with paths`},
		{"baseline: b.json\n", `1:1: the configuration names no design, expected the key "designs" with paths`},
		{"designs: [{a: b}]\n", `1:11: an item of designs is a mapping, expected a text`},
		{"designs: [a.vbn]\nbaseline: [x]\n", `2:11: baseline is a list, expected a text`},
		{"designs: [a.vbn]\nstrict: true\n", ""},
		{"designs: [a.vbn]\nstrict: yes\n", `2:9: strict is "yes", expected true or false`},
		{"designs: [a.vbn]\nstrict: 'true'\n", `2:9: strict is "true", expected true or false`},
		{"designs: [../a.vbn]\n", `1:11: a design is "../a.vbn", expected a path below the directory of the configuration`},
		{"designs: [a/../../b.vbn]\n", `1:11: a design is "a/../../b.vbn", expected a path below the directory of the configuration`},
		{"designs: [/etc/a.vbn]\n", `1:11: a design is "/etc/a.vbn", expected a path below the directory of the configuration`},
		{"designs: [a.vbn]\nbaseline: /b.json\n", `2:11: the baseline is "/b.json", expected a path below the directory of the configuration`},
		{"- a.vbn\n", `1:1: the configuration is a list, expected a mapping`},
		{"designs: [a.vbn\n", `2:1: not valid YAML: did not find expected ',' or ']'`},
		{"designs: &x [a.vbn]\n", `1:10: anchors and aliases are not allowed in a configuration: write the value out`},
	} {
		diags := &diag.List{}
		got := Parse(source.New(Name, c.text), ".", diags)
		said := ""
		if list := diags.Sorted(); len(list) > 0 {
			at := list[0].Primary.Span.Position()
			said = fmt.Sprintf("%d:%d: %s", at.Line, at.Column, list[0].Message)
		}
		if said != c.want || (got == nil) != (c.want != "") {
			t.Errorf("%q: %q, want %q", c.text, said, c.want)
		}
		var value any
		if err := yaml.Unmarshal([]byte(c.text), &value); err != nil {
			continue // the schema is about what YAML lets pass
		}
		if err := schema.Validate(value); (err == nil) != (c.want == "") && !yamlOnly[c.text] {
			t.Errorf("%q: the schema says %v", c.text, err)
		}
	}
}

// yamlOnly are refused for what a schema cannot see.
var yamlOnly = map[string]bool{"designs: &x [a.vbn]\n": true}

func TestBadPattern(t *testing.T) {
	t.Parallel()
	diags := &diag.List{}
	if Parse(source.New(Name, "designs: ['[a.vbn']\n"), ".", diags) != nil || !diags.HasErrors() {
		t.Error("a bracket that is not closed is accepted")
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	deep := filepath.Join(root, "repo", "a", "b")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	repo := filepath.Join(root, "repo")
	outside := filepath.Join(root, Name)
	if err := os.WriteFile(outside, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := Find(deep, repo); got != "" {
		t.Errorf("it finds %s above the repository", got)
	}
	inside := filepath.Join(repo, "a", Name)
	if err := os.WriteFile(inside, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := Find(deep, repo); got != inside {
		t.Errorf("got %q, want %q", got, inside)
	}
	if got := Find(repo, repo); got != "" {
		t.Errorf("it finds %s below the directory", got)
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{
		"shop.vbn", "designs/a.vbn", "designs/b.vbn", "designs/deep/c.vbn", "designs/deep/er/d.vbn", "designs/readme.md", "designs/.hidden/e.vbn", "designs/deep/.f.vbn", "other/a.vbn",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	all := []string{"designs/a.vbn", "designs/b.vbn", "designs/deep/c.vbn", "designs/deep/er/d.vbn"}
	c := &Config{Dir: dir}
	for text, want := range map[string][]string{
		"shop.vbn":              {"shop.vbn"},
		"designs/*.vbn":         {"designs/a.vbn", "designs/b.vbn"},
		"designs/**/*.vbn":      all,
		"**/*.vbn":              append(append([]string{}, all...), "other/a.vbn", "shop.vbn"),
		"**/a.vbn":              {"designs/a.vbn", "other/a.vbn"},
		"{designs,other}/a.vbn": {"designs/a.vbn", "other/a.vbn"},
		"designs/?.vbn":         {"designs/a.vbn", "designs/b.vbn"},
		"designs/[a].vbn":       {"designs/a.vbn"},
		"designs/*/*.vbn":       {"designs/deep/c.vbn"},
		"designs/d*":            {"designs/deep/c.vbn", "designs/deep/er/d.vbn"}, // a directory
		"./designs":             all,
		"designs/":              all,
		".":                     append(append([]string{}, all...), "other/a.vbn", "shop.vbn"),
		"designs/.hidden/*.vbn": {"designs/.hidden/e.vbn"},
		"designs/**/deep/**":    {"designs/deep/c.vbn", "designs/deep/er/d.vbn"},
		"none.vbn":              nil,
		"none/*":                nil,
	} {
		p := Pattern{Text: text}
		found, err := c.Files(p)
		var got []string
		for _, f := range found {
			if got = append(got, f.Name); f.Linked || !p.Match(f.Name) {
				t.Errorf("%s: %s is linked, or does not match", text, f.Name)
			}
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"designs", "designs2/a.vbn", false},
		{"designs", "designs/readme.md", false},
		{"designs/*.vbn", "designs/deep/c.vbn", false},
		{"designs/**/*.vbn", "designs/.git/c.vbn", false},
	} {
		if got := (Pattern{Text: c.pattern}).Match(c.name); got != c.want {
			t.Errorf("%s matches %s: %v", c.pattern, c.name, got)
		}
	}
}

// TestLinks has what is a link under a pattern told, whether it is one to a file or to a directory in which there may be some.
func TestLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"designs", "elsewhere/deep"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(name)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "elsewhere", "a.vbn"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"designs/a.vbn": "../elsewhere/a.vbn", "designs/more": "../elsewhere", "designs/gone.vbn": "nowhere", "designs/readme.md": "../elsewhere/a.vbn"} {
		if err := os.Symlink(filepath.FromSlash(to), filepath.Join(dir, filepath.FromSlash(from))); err != nil {
			t.Skip("no links here: ", err)
		}
	}
	c := &Config{Dir: dir}
	for text, want := range map[string][]string{
		"designs/*.vbn":    {"designs/a.vbn", "designs/gone.vbn"},
		"designs/**/*.vbn": {"designs/a.vbn", "designs/gone.vbn", "designs/more"},
		"designs/*/*.vbn":  {"designs/more"},
		"designs":          {"designs/a.vbn", "designs/gone.vbn", "designs/more"},
	} {
		found, err := c.Files(Pattern{Text: text})
		var got []string
		for _, f := range found {
			if got = append(got, f.Name); !f.Linked {
				t.Errorf("%s: %s is no link", text, f.Name)
			}
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
}
