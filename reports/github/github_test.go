package github

import (
	"bytes"
	"flag"
	"regexp"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/internal/sample"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

func write(t *testing.T, outcomes []reports.Outcome) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, outcomes, Options{Path: func(name string) string { return "designs/" + name }}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// command is a whole workflow command: what a name from a design adds stays within its text.
var command = regexp.MustCompile(`^::(error|warning|notice) ((file|line|col|endLine|endColumn|title)=[^:,\n]*,?)+::[^\n]*$`)

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, outcomes := range sample.Outcomes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := write(t, outcomes)
			sample.Golden(t, name+".txt", []byte(out), *update)
			for line := range strings.Lines(out) {
				if line = strings.TrimSuffix(line, "\n"); !command.MatchString(line) {
					t.Errorf("this is no command: %q", line)
				}
			}
		})
	}
}

func TestTenOfAKind(t *testing.T) {
	t.Parallel()
	out := write(t, []reports.Outcome{{Name: "shop.vbn", Result: sample.Huge()}})
	for _, kind := range commands {
		if n := strings.Count(out, "::"+kind+" "); n > maxOfAKind {
			t.Errorf("%d annotations of the kind %s, expected at most %d", n, kind, maxOfAKind)
		}
	}
	if !strings.Contains(out, "R0 is violated") || strings.Contains(out, "Long is violated") {
		t.Errorf("the worst are not the ones shown:\n%s", out)
	}
	if !strings.Contains(out, "::error title=5%2C992 more::") {
		t.Errorf("the rest is not counted:\n%s", out)
	}
	if len(out) > 20*3*maxText {
		t.Errorf("it is %d bytes long", len(out))
	}
}
