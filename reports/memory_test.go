package reports_test

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/threats"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// TestMemoryChangesNothing edits designs one change after another, and checks each with one memory and without: the reports are the same to the byte, evidence included, and what a change
// has nothing to do with is answered from the memory.
func TestMemoryChangesNothing(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(1))
	memory := &checker.Memory{}
	designs, same := 0, 0
	for _, path := range []string{"first/first.vbn", "tofar/pharmacy.vbn", "tofar/pharmacy-hardened.vbn", "checkout/amount.vbn", "checkout/amount-fixed.vbn", "online-boutique/repaired.vbn", "many/lookup.vbn"} {
		file := filepath.Join("..", "examples", path)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		for n := range 8 {
			edited := edit(rng, text, n)
			load := func() *threats.Model {
				diags := &diag.List{}
				return threats.Load(func(name string) (string, error) {
					if name == file {
						return edited, nil
					}
					return threatstest.Disk(name)
				}, []string{file}, diags)
			}
			m := load()
			if m == nil {
				continue
			}
			designs++
			report := func(m *threats.Model, memory *checker.Memory) []byte {
				r, err := checker.Check(t.Context(), m, checker.Options{AsOf: "2026-01-31", Memory: memory})
				if err != nil {
					t.Fatalf("%s: %v", path, err)
				}
				out, err := reports.New(r, "test").Canonical()
				if err != nil {
					t.Fatal(err)
				}
				return out
			}
			want := report(m, nil)
			for range 2 { // the second time, all is known
				if got := report(load(), memory); !bytes.Equal(got, want) {
					t.Errorf("%s, edit %d: with a memory the report is another one", path, n)
				}
			}
			same++
		}
	}
	tally := memory.Counts()
	asked, answered := tally.Asked, tally.Answered
	t.Logf("%d designs, the same reports; %d of %d questions answered from the memory", designs, answered, asked)
	if designs < 30 || answered < asked/2+asked/10 {
		t.Errorf("%d designs, %d of %d questions", designs, answered, asked)
	}
}

// edit makes a change to a design: what stands before moves all numbers, what stands behind changes what requirements speak of.
func edit(rng *rand.Rand, text string, n int) string {
	switch n {
	case 0:
		return text
	case 1: // an element that nothing has to do with, before all others
		return strings.Replace(text, "\nzone", "\nzone Aside: private\ncomponent Idle: service in Aside\nzone", 1)
	case 2:
		return text + "\ndata Further: personal_data\n"
	default: // a word less: often a control, a flow's data, a requirement
		lines := strings.Split(text, "\n")
		for range 40 {
			i := rng.Intn(len(lines))
			if w := strings.TrimSpace(lines[i]); strings.HasPrefix(w, "has ") || strings.HasPrefix(w, "flow ") || strings.HasPrefix(w, "require ") || strings.HasPrefix(w, "stores ") {
				return strings.Join(append(append([]string{}, lines[:i]...), lines[i+1:]...), "\n")
			}
		}
		return fmt.Sprintf("%s\nzone Z%d: private\n", text, n)
	}
}
