package lsp_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.lsp.dev/protocol"
)

// layered is a design of n components in tiers, each of which calls two of the next.
func layered(n int) string {
	var b strings.Builder
	b.WriteString("design \"Layers\"\nuse \"retail\"\nzone Internet: public\nzone Core: private\nactor Shopper: customer in Internet\nattacker Outsider { in Internet }\ndata Card: payment_data\n")
	const tier = 20
	for i := range n {
		fmt.Fprintf(&b, "component C%d: %s in Core { has input_validation has output_encoding }\n", i, []string{"service", "database"}[min(i/(n-tier), 1)])
		if i >= tier {
			for k := range 2 {
				fmt.Fprintf(&b, "flow F%d_%d: C%d -> C%d over https { carries Card }\n", i, k, i-tier, i-i%tier+(i+k*7)%tier)
			}
		}
	}
	b.WriteString("flow Buy: Shopper -> C0 over http { carries Card }\nrequire Secret: confidential Card against Outsider\n")
	return b.String()
}

// keys is how fast somebody types.
const keys = 100 * time.Millisecond

// TestLatency types a comment into designs, ten keys a second, and measures how long diagnostics, completion and, after the last key, verdicts take. The bounds are for machines that
// do much besides; `go test -run Latency -v -count 1` on a quiet one says how it is.
func TestLatency(t *testing.T) {
	read := func(path ...string) string {
		text, err := os.ReadFile(filepath.Join(append([]string{"..", "..", "..", "examples"}, path...)...))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	boutique := strings.NewReplacer(`include "boutique.vbn"`, read("online-boutique", "boutique.vbn"), `include "calls.vbn"`, read("online-boutique", "calls.vbn")).Replace(read("online-boutique", "no-policies.vbn"))
	for _, d := range []struct {
		name, text string
		slow       time.Duration // no median is above it
	}{
		{"first", read("first", "first.vbn"), time.Second},
		{"flagship", read("tofar", "pharmacy.vbn"), time.Second},
		{"Online Boutique", boutique, time.Second},
		{"2,000 components", layered(2000), 10 * time.Second},
	} {
		t.Run(d.name, func(t *testing.T) {
			e := start(t, map[string]string{"carriers.vbn": read("tofar", "carriers.vbn")})
			e.open("x.vbn", d.text)
			first := time.Now()
			e.wait("x.vbn", "verdicts", func(list []protocol.Diagnostic) bool { return slices.ContainsFunc(list, isVerdict) })
			opened := time.Since(first)
			var diagnostics, completions []time.Duration
			at := len(d.text)
			for _, c := range "// while somebody types\nzone Z: public\n" {
				next := time.Now().Add(keys)
				begun := time.Now()
				e.replace("x.vbn", at, at, string(c))
				at++
				e.wait("x.vbn", "diagnostics", func([]protocol.Diagnostic) bool { return true })
				diagnostics = append(diagnostics, time.Since(begun))
				begun = time.Now()
				e.completion("x.vbn")
				completions = append(completions, time.Since(begun))
				time.Sleep(time.Until(next))
			}
			begun := time.Now()
			e.replace("x.vbn", at, at, "\n")
			e.wait("x.vbn", "verdicts", func(list []protocol.Diagnostic) bool { return slices.ContainsFunc(list, isVerdict) })
			verdict := time.Since(begun)
			t.Logf("%d kB: opened to first verdict %v · diagnostics %s · completion %s · last key to first verdict %v", len(d.text)>>10, round(opened), spread(diagnostics), spread(completions), round(verdict))
			if m := median(diagnostics); m > d.slow {
				t.Errorf("diagnostics take %v", m)
			}
			if m := median(completions); m > d.slow {
				t.Errorf("completion takes %v", m)
			}
		})
	}
}

func (e *editor) completion(name string) {
	e.t.Helper()
	if _, err := e.server.Completion(e.t.Context(), &protocol.CompletionParams{TextDocumentPositionParams: e.position(name, "component ", len("component "))}); err != nil {
		e.t.Fatal(err)
	}
}

func isVerdict(d protocol.Diagnostic) bool {
	source, _ := d.Source.Get()
	return source == "vauban verdict"
}

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

func median(list []time.Duration) time.Duration {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

func spread(list []time.Duration) string {
	sorted := slices.Sorted(slices.Values(list))
	return fmt.Sprintf("median %v, p95 %v of %d", round(median(list)), round(sorted[len(sorted)*95/100]), len(list))
}

// TestMemory makes many changes, and holds the server to what it had before.
func TestMemory(t *testing.T) {
	edits := editsOf(t, 1000)
	text, err := os.ReadFile("../../../examples/first/first.vbn")
	if err != nil {
		t.Fatal(err)
	}
	e := start(t, nil)
	e.open("first.vbn", string(text))
	used := func() uint64 {
		e.wait("first.vbn", "verdicts", has("violated"))
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc >> 20
	}
	before := used()
	for i := range edits {
		if i%2 == 0 {
			e.replace("first.vbn", 0, 0, "/")
		} else {
			e.replace("first.vbn", 0, 1, "")
		}
	}
	if edits%2 == 1 {
		e.replace("first.vbn", 0, 1, "")
	}
	after := used()
	t.Logf("%d MB before, %d MB after %d edits", before, after, edits)
	if after > before+32 {
		t.Errorf("%d MB before, %d MB after %d edits", before, after, edits)
	}
}
