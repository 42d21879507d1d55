package reports_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/threats"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// recorder is a fleet in this process that keeps what was said.
type recorder struct {
	mu       sync.Mutex
	messages [][]byte
}

func (r *recorder) Ask(ctx context.Context, _ checker.Key, question []byte, _ bool) ([]byte, error) {
	answer, err := (&checker.Memory{}).Answer(ctx, question)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.messages = append(r.messages, question, answer)
	return answer, err
}

// TestAnsweredElsewhere has every question of designs answered by what sees nothing but its bytes: the reports are the same, evidence included, and no name of the design is in any message.
func TestAnsweredElsewhere(t *testing.T) {
	t.Parallel()
	asked := 0
	for _, path := range []string{"first/first.vbn", "checkout/amount.vbn", "checkout/amount-fixed.vbn", "many/lookup.vbn"} {
		m := threatstest.Load(t, threatstest.Disk, filepath.Join("..", "examples", path))
		report := func(memory *checker.Memory) []byte {
			r, err := checker.Check(t.Context(), m, checker.Options{AsOf: "2026-01-31", Attacks: 3, Memory: memory})
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			out, err := reports.New(r, "test").Canonical()
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		fleet := &recorder{}
		memory := &checker.Memory{Fleet: fleet}
		want := report(nil)
		if got := report(memory); !bytes.Equal(got, want) {
			t.Errorf("%s: answered elsewhere, the report is another one", path)
		}
		tally := memory.Counts()
		if tally.Refused > 0 || tally.Alone > tally.Fleet/4 || tally.Fleet == 0 {
			t.Errorf("%s: %+v", path, tally)
		}
		asked += tally.Fleet
		names := namesOf(m)
		if len(names) < 10 {
			t.Fatalf("%s has the names %q", path, names)
		}
		for _, name := range names {
			for _, message := range fleet.messages {
				if bytes.Contains(bytes.ToLower(message), []byte(name)) {
					t.Errorf("%s: a message has the name %q", path, name)
				}
			}
		}
	}
	t.Logf("%d questions", asked)
}

// namesOf are the words of a design that are names: they have a capital or a low line, and are long enough not to be in a message by chance. Why an engine gave up is said in words that have none.
func namesOf(m *threats.Model) []string {
	seen := map[string]bool{}
	var out []string
	for _, f := range m.Design.Files {
		for _, word := range strings.FieldsFunc(f.Text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }) {
			name := strings.ToLower(word)
			if len(word) >= 5 && !seen[name] && (name != word || strings.Contains(word, "_")) {
				seen[name] = true
				out = append(out, name)
			}
		}
	}
	return out
}
