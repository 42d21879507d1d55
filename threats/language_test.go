package threats_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
)

var snippets = regexp.MustCompile("(?s)```vbn\n(.*?)```")

// TestLanguageReference: the snippets of the language's reference are one design without a fault, in the canonical words; every word of the language stands on the page; and its grammar is
// the one that reads designs.
func TestLanguageReference(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, s := range snippets.FindAllStringSubmatch(dsl.Reference, -1) {
		text.WriteString(s[1] + "\n")
	}
	diags := &diag.List{}
	m := threats.Load(func(string) (string, error) { return text.String(), nil }, []string{"LANGUAGE.vbn"}, diags)
	for _, d := range diags.Sorted() {
		if d.Severity == diag.Error {
			at := d.Primary.Span.Position()
			t.Errorf("%d: %s\n%s", at.Line, d.Message, d.Primary.Span.File.LineText(at.Line))
		}
	}
	if m == nil || m.Design == nil || len(m.Design.Requirements) < 10 || len(m.Design.Processes) < 1 {
		t.Fatal("the snippets are no design with requirements and a process")
	}
	for _, w := range dsl.Words(^dsl.Role(0)) {
		if !regexp.MustCompile("(?:^|[^A-Za-z_])" + w + "(?:[^A-Za-z_]|$)").MatchString(dsl.Reference) {
			t.Errorf("the reference says nothing of %q", w)
		}
	}
	_, rest, _ := strings.Cut(dsl.Reference, "```ebnf\n")
	if grammar, _, ok := strings.Cut(rest, "```"); !ok || grammar != dsl.EBNF() {
		if *update {
			head, _, _ := strings.Cut(dsl.Reference, "```ebnf\n")
			if err := os.WriteFile(filepath.Join("..", "dsl", "LANGUAGE.md"), []byte(head+"```ebnf\n"+dsl.EBNF()+"```\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		t.Error("the grammar on the page is not the one that reads designs: run go test ./threats -update")
	}
}
