package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vauban-verifier/vauban/cmd/internal/cli"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/reports/notary/hornet/hornettest"
	"github.com/vauban-verifier/vauban/threats"
)

var update = flag.Bool("update", false, "rewrite the expected outputs in the scripts and in README.md")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"vauban": main})
}

// The scripts share the designs in testdata/designs, which each gets a copy of.
func TestScripts(t *testing.T) {
	t.Parallel()
	scripts(t, "script", nil)
}

// These scripts need a real node.
func TestScriptsOnARealNode(t *testing.T) {
	t.Parallel()
	n := hornettest.Start(t, 200*time.Millisecond)
	scripts(t, "realnode", map[string]string{"TANGLE": n.URL(), "TRUST": n.TrustFile(), "FAUCET": n.Faucet()})
}

func scripts(t *testing.T, dir string, variables map[string]string) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", dir),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_COLOR", "")
			for name, value := range variables {
				env.Setenv(name, value)
			}
			action, err := filepath.Abs(filepath.Join("..", "..", ".github", "action"))
			if err != nil {
				return err
			}
			consortium, err := filepath.Abs(filepath.Join("..", "..", "examples", "consortium"))
			if err != nil {
				return err
			}
			env.Setenv("CONSORTIUM", consortium)
			env.Setenv("GATE", filepath.Join(action, "gate.sh"))
			env.Setenv("INSTALL", filepath.Join(action, "install.sh"))
			return os.CopyFS(env.WorkDir, os.DirFS(filepath.Join("testdata", "designs")))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status, "pretty": pretty},
	})
}

// status runs a command and checks its exit status: `status 2 vauban check x.vbn`.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE COMMAND ARG...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if err != nil {
		code = -1
		if e, ok := err.(interface{ ExitCode() int }); ok {
			code = e.ExitCode()
		}
	}
	if got := strconv.Itoa(code); got != args[0] {
		ts.Fatalf("exit status %s, expected %s", got, args[0])
	}
}

// pretty indents a JSON file, to be compared and read: `pretty report.json indented.json`.
func pretty(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: pretty FROM TO")
	}
	var out bytes.Buffer
	ts.Check(json.Indent(&out, []byte(ts.ReadFile(args[0])), "", "  "))
	out.WriteByte('\n')
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out.Bytes(), 0o644))
}

// TestReadmeCounts counts the threats and areas that README.md speaks of.
func TestReadmeCounts(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	diags := &diag.List{}
	c := threats.LoadCatalogue(nil, threats.Builtin(), diags)
	areas := map[string]bool{}
	for _, x := range c.Threats {
		areas[x.Area] = true
	}
	if want := fmt.Sprintf("The catalogue has %d threats in %d areas", len(c.Threats), len(areas)); diags.HasErrors() || !strings.Contains(string(data), want) {
		t.Errorf("README.md does not say: %s", want)
	}
}

// TestReadme runs the commands of README.md and of pages of examples: in a block that begins with `$ vauban`, what follows is what comes out.
func TestReadme(t *testing.T) {
	for page, dir := range map[string]string{"README.md": "examples/first", "examples/orders/README.md": "examples/orders"} {
		t.Run(page, func(t *testing.T) { shownRuns(t, page, dir) })
	}
}

// TestReadmePicture draws the picture of README.md.
func TestReadmePicture(t *testing.T) {
	picture, err := filepath.Abs(filepath.Join("..", "attack.svg"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join("..", "..", "examples", "first"))
	var out, wrong bytes.Buffer
	if code := cli.Run(t.Context(), []string{"graph", "--requirement", "CardSecrecyRobust", "--attack", "first.vbn"}, strings.NewReader(""), &out, &wrong); code != 0 {
		t.Fatalf("exit status %d: %s", code, &wrong)
	}
	if *update {
		if err := os.WriteFile(picture, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(picture)
	if err != nil || !bytes.Equal(have, out.Bytes()) {
		t.Errorf("cmd/attack.svg is another picture (%v): run this test with -update", err)
	}
}

// word is a word of a command, maybe in quotes.
var word = regexp.MustCompile(`"[^"]*"|\S+`)

// shownRuns runs the commands of a page in a copy of a directory.
func shownRuns(t *testing.T, page, dir string) {
	page, err := filepath.Abs(filepath.Join("..", "..", page))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(data), "```")
	at := t.TempDir()
	if err := os.CopyFS(at, os.DirFS(filepath.Join("..", "..", dir))); err != nil {
		t.Fatal(err)
	}
	t.Chdir(at)
	found := 0
	for i := 1; i < len(parts); i += 2 {
		head, body, _ := strings.Cut(parts[i], "\n")
		command, want, ok := strings.Cut(body, "\n")
		text, isRun := strings.CutPrefix(command, "$ vauban ")
		if head != "console" || !ok || !isRun {
			continue
		}
		found++
		args := word.FindAllString(text, -1)
		for k := range args {
			args[k] = strings.Trim(args[k], `"`)
		}
		var out strings.Builder
		cli.Run(context.Background(), args, strings.NewReader(""), &out, &out)
		got := strings.TrimRight(out.String(), "\n")
		if got != "" {
			got += "\n"
		}
		if got != want {
			if !*update {
				t.Errorf("%s prints\n%s\nthe page has\n%s", command, got, want)
			}
			parts[i] = head + "\n" + command + "\n" + got
		}
	}
	if found == 0 {
		t.Errorf("%s shows no run", page)
	}
	if *update {
		if err := os.WriteFile(page, []byte(strings.Join(parts, "```")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
