package layout

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

var pinned = regexp.MustCompile(`^\s*(- )?uses: (\./|[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)`)

// TestWorkflows holds the action and the workflows to what keeps them safe: actions of others are pinned by their commit and say which version that is, and
// no script has an expression in it, as what an expression stands for may be a script, too.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..")
	files, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil || len(files) < 2 {
		t.Fatalf("found %d workflows (%v)", len(files), err)
	}
	for _, file := range append(files, filepath.Join(root, "action.yml")) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		uses := 0
		for i, line := range strings.Split(string(data), "\n") {
			if strings.Contains(line, "uses:") {
				uses++
				if !pinned.MatchString(line) {
					t.Errorf("%s:%d: not pinned by a commit with its version behind it: %s", file, i+1, line)
				}
			}
		}
		if uses == 0 {
			t.Errorf("%s uses nothing: is this test still right?", file)
		}
		var doc yaml.Node
		if err := yaml.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		scripts(&doc, func(script *yaml.Node) {
			if strings.Contains(script.Value, "${{") {
				t.Errorf("%s:%d: an expression in a script: give it through env", file, script.Line)
			}
		})
		if !strings.HasSuffix(file, "action.yml") && !strings.Contains(string(data), "\npermissions:\n  contents: read\n") {
			t.Errorf("%s does not begin with the least permissions", file)
		}
	}
}

// scripts calls f for the value of each key `run`.
func scripts(n *yaml.Node, f func(*yaml.Node)) {
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && n.Content[i-1].Value == "run" {
			f(c)
		}
		scripts(c, f)
	}
}

// TestActionAndScriptAgree holds action.yml to the script that it runs: it gives every setting that the script reads, and its outputs are ones that the
// script writes, by itself or as counts of `vauban check`.
func TestActionAndScriptAgree(t *testing.T) {
	t.Parallel()
	action, script := text(t, "action.yml"), text(t, filepath.Join(".github", "action", "gate.sh"))
	counts := "verdict requirements holds violated depends waived unknown" // TestScripts/gate reads them
	outputs := regexp.MustCompile(`steps\.gate\.outputs\.([\w-]+)`).FindAllStringSubmatch(action, -1)
	settings := regexp.MustCompile(`\$\{(VAUBAN\w*)`).FindAllStringSubmatch(script, -1)
	if len(outputs) < 10 || len(settings) < 8 {
		t.Fatalf("found %d outputs and %d settings", len(outputs), len(settings))
	}
	for _, m := range outputs {
		if !strings.Contains(script, "output "+m[1]+" ") && !slices.Contains(strings.Fields(counts), m[1]) {
			t.Errorf("nothing writes the output %s", m[1])
		}
	}
	for _, m := range settings {
		if !regexp.MustCompile(m[1] + `\b[:=]`).MatchString(action) {
			t.Errorf("action.yml does not give %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`inputs\.([\w-]+)`).FindAllStringSubmatch(action, -1) {
		if !strings.Contains(action, "\n  "+m[1]+":\n") {
			t.Errorf("there is no input %s", m[1])
		}
	}
}

// text is a file of the repository.
func text(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
