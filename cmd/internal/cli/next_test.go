package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports"
)

// shellWords splits a command as a shell does, as far as [plain.Shell] makes use of it.
func shellWords(t *testing.T, line string) []string {
	t.Helper()
	var out []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		word := ""
		for line != "" && line[0] != ' ' {
			if line[0] != '\'' {
				word, line = word+line[:1], line[1:]
				continue
			}
			quoted, rest, ok := strings.Cut(line[1:], "'")
			if !ok {
				t.Fatalf("a quote is not closed in %s", line)
			}
			word, line = word+quoted, rest
		}
		out = append(out, word)
	}
	return out
}

// TestNextWorks runs whatever command the last lines of a check name, in the directory in which the check was made: from beside the design, from elsewhere, of a design
// of several files, with a catalogue of its own, and with names that a shell would take apart.
func TestNextWorks(t *testing.T) {
	dir := t.TempDir()
	examples, err := filepath.Abs(filepath.Join("..", "..", "..", "examples"))
	if err != nil {
		t.Fatal(err)
	}
	own, err := filepath.Abs(filepath.Join("..", "..", "vauban", "testdata", "designs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{filepath.Join(examples, "first"), filepath.Join(examples, "many"), own} {
		if err := os.CopyFS(filepath.Join(dir, "my designs", filepath.Base(from)), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	command := regexp.MustCompile("`(vauban [^`]*)`")
	ran := 0
	for _, c := range []struct {
		in   string
		args []string
	}{
		{"my designs/first", []string{"first.vbn"}},
		{".", []string{"my designs/first/first.vbn"}},
		{"my designs/many", []string{"../first/first.vbn"}},
		{"my designs/many", []string{"lookup.vbn"}},
		{".", []string{"my designs/designs/first.vbn"}},
		{"my designs/designs", []string{"./first.vbn"}},
	} {
		t.Chdir(filepath.Join(dir, filepath.FromSlash(c.in)))
		var out, errs bytes.Buffer
		if code := Run(t.Context(), append([]string{"check"}, c.args...), strings.NewReader(""), &out, &errs); code != console.ExitFound {
			t.Fatalf("in %s, check %v: exit status %d\n%s", c.in, c.args, code, &errs)
		}
		for line := range strings.Lines(out.String()) {
			if !strings.HasPrefix(line, "next: ") {
				continue
			}
			for _, m := range command.FindAllStringSubmatch(line, -1) {
				ran++
				errs.Reset()
				if code := Run(t.Context(), shellWords(t, m[1])[1:], strings.NewReader(""), io.Discard, &errs); code != console.ExitOK && code != console.ExitFound {
					t.Errorf("in %s, %s: exit status %d\n%s", c.in, m[1], code, &errs)
				}
			}
		}
	}
	if ran < 10 {
		t.Errorf("only %d commands were named", ran)
	}
}

// TestExamplesFindTheDesign runs every example of a help text that is about shop.vbn without naming it, where vauban.yaml does.
func TestExamplesFindTheDesign(t *testing.T) {
	design(t)
	if err := os.WriteFile("vauban.yaml", []byte("designs: [shop.vbn]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		for line := range strings.Lines(cmd.Example) {
			args := strings.Fields(line)[1:]
			// What formats takes any file; what explains, compares or replays names other files, too; what waits for Ctrl-C and what needs keys have tests of their own.
			if len(args) == 0 || args[len(args)-1] != "shop.vbn" || slices.Contains([]string{"fmt", "diff", "lint", "live"}, args[0]) || slices.Contains(args, "--notarize") || slices.Contains(args, "--since") {
				continue
			}
			args = args[:len(args)-1]
			found[cmd.CommandPath()] = true
			var errs bytes.Buffer
			if code := Run(t.Context(), args, strings.NewReader(""), io.Discard, &errs); code != console.ExitOK && code != console.ExitFound && !(code == console.ExitUnknown && slices.Contains(args, "--quick")) {
				t.Errorf("vauban %s: exit status %d\n%s", strings.Join(args, " "), code, &errs)
			}
		}
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk((&app{&console.App{}}).root())
	for _, want := range []string{"check", "fix", "graph", "export", "questions", "simulate", "catalogue coverage", "baseline", "register", "review"} {
		if !found["vauban "+want] {
			t.Errorf("%s was not tried", want)
		}
	}
}

// The counts for scripts name the verdict that the exit status is that of.
func TestCountsNameTheWorst(t *testing.T) {
	t.Parallel()
	for _, verdicts := range [][]checker.Verdict{
		{checker.Violated, checker.Unknown}, {checker.Unknown, checker.Depends}, {checker.Depends, checker.Violated, checker.Holds}, {checker.Waived, checker.Holds}, {checker.Depends, checker.Waived},
	} {
		r, exit := &checker.Result{}, 0
		for _, v := range verdicts {
			r.Requirements = append(r.Requirements, &checker.Requirement{Verdict: v, Source: &models.Requirement{}})
			exit = max(exit, v.Exit())
		}
		var b bytes.Buffer
		if err := writeCounts(&b, []reports.Outcome{{Result: r}}); err != nil {
			t.Fatal(err)
		}
		_, verdict, _ := strings.Cut(b.String(), "verdict=")
		verdict, _, _ = strings.Cut(verdict, "\n")
		if checker.Verdict(verdict).Exit() != exit {
			t.Errorf("%v: counts name %s, and the exit status is %d", verdicts, verdict, exit)
		}
	}
}
