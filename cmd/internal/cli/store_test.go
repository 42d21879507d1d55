package cli

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/cmd/internal/store"
)

// shopOf are the files of a small design with an include and a catalogue of its own.
var shopOf = map[string]string{
	"a/shop.vbn": `design "Shop"
use "own.yaml"
include "parts.vbn"
actor Customer: customer in Net
component Shop: webapp in Net { has output_encoding, rate_limiting }
data Card: cardholder_data
flow Pay: Customer -> Shop over https { carries Card }
attacker Outsider { in Net }
require Secret: confidential Card against Outsider
require Poor: confidential Card against Thief
`,
	"a/parts.vbn": "zone Net: public\nattacker Thief { in Net  budget 3 }\n",
	"a/own.yaml":  "catalogue: own\ntitle: One\nextends: [core, retail]\nkinds:\n  gadget: {is: webapp}\n",
	"b/other.vbn": "design \"Other\"\nzone Net: public\nactor U: customer in Net\ncomponent S: webapp in Net\nattacker O { in Net }\nrequire Up: available S against O\nwaive Up until 2026-06-01 \"known\"\n",
}

func writeAll(t *testing.T, all map[string]string) {
	t.Helper()
	for name, text := range all {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStoreChangesNothing changes files and options at random, breaks the store now and then, and checks with it and without: the exit status, all outputs and all that is said are the same.
func TestStoreChangesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, ".config"))
	t.Setenv("HOME", dir)
	writeAll(t, shopOf)
	rng := rand.New(rand.NewSource(1))
	flags := []string{"--quiet", "--strict", "--as-of=2026-05-01", "--as-of=2026-07-01", "--sort=verdict", "--attacks=2", "--format=html", "--format=json", "--format=sarif", "--also=json=out/", "--also=counts=out/counts.txt", "--also=markdown=out/one.md", "--also=junit=out/", "--quick", "--by=pci-dss", "--resilience"}
	edits := map[string][]string{
		"a/shop.vbn":  {"over https", "over http", "has output_encoding, rate_limiting", "has output_encoding", "carries Card", "", "webapp in", "gadget in"},
		"a/parts.vbn": {"budget 3", "budget 9", "zone Net: public", "zone Net: private"},
		"a/own.yaml":  {"title: One", "title: Two", "gadget", "gizmo"},
		"b/other.vbn": {"webapp in Net", "webapp in Net { has rate_limiting, ddos_protection }", "until 2026-06-01", "until 2026-08-01", "design", "desing"},
	}
	names := []string{"a/shop.vbn", "a/parts.vbn", "a/own.yaml", "b/other.vbn"}
	// Without the directory of outputs, which is part of what is compared.
	run := func(args []string) string {
		if err := os.RemoveAll("out"); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir("out", 0o755); err != nil {
			t.Fatal(err)
		}
		var stdout, stderr bytes.Buffer
		code := Run(t.Context(), args, strings.NewReader(""), &stdout, &stderr)
		said := fmt.Sprintf("%d\n%s\n%s\n", code, &stdout, &stderr)
		err := filepath.WalkDir("out", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(name)
			said += name + "\n" + string(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return said
	}
	for n := range 30 {
		if name := names[rng.Intn(len(names))]; n%3 > 0 {
			pairs := edits[name]
			i := 2 * rng.Intn(len(pairs)/2)
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Replace(string(data), pairs[i], pairs[i+1], 1)
			if text == string(data) || rng.Intn(3) == 0 {
				text = shopOf[name] // as it was
			}
			writeAll(t, map[string]string{name: text})
		}
		args := []string{"check"}
		for range rng.Intn(3) {
			args = append(args, flags[rng.Intn(len(flags))])
		}
		args = append(args, [][]string{{"."}, {"a/shop.vbn"}, {"b/other.vbn"}}[rng.Intn(3)]...)
		if n%10 == 9 {
			_ = filepath.WalkDir(".store", func(name string, d fs.DirEntry, err error) error {
				if err == nil && d.Type().IsRegular() && filepath.Ext(name) != "" && rng.Intn(2) == 0 {
					if data, err := os.ReadFile(name); err == nil && len(data) > 0 {
						data[rng.Intn(len(data))] ^= 4
						_ = os.WriteFile(name, data, 0o600)
					}
				}
				return nil
			})
		}
		want := run(args)
		for range 2 {
			if got := run(append([]string{args[0], "--store", ".store"}, args[1:]...)); got != want {
				t.Fatalf("run %d: %q\nwith a store:\n%s\nwithout:\n%s", n, args, got, want)
			}
		}
		if got := run(append([]string{args[0], "--store", ".store", "--recheck", "100"}, args[1:]...)); got != want {
			t.Fatalf("run %d: %q\nmade again:\n%s\nwithout:\n%s", n, args, got, want)
		}
	}
	key, err := store.OwnKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), ".store", key)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if st, err := s.Stat(); err != nil || st.Entries["report"] < 15 || st.Entries["proposal"] < 5 {
		t.Errorf("%+v, %v", st, err)
	}
}

// TestRecheck: a report that has the right code and says something else is found by making it again.
func TestRecheck(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, ".config"))
	t.Setenv("HOME", dir)
	writeAll(t, shopOf)
	run := func(args ...string) (int, string) {
		var stdout, stderr bytes.Buffer
		code := Run(t.Context(), append([]string{"check", "--quiet", "--store", ".store"}, args...), strings.NewReader(""), &stdout, &stderr)
		return code, stdout.String() + stderr.String()
	}
	code, said := run("a/shop.vbn")
	if code != 0 && code != 1 {
		t.Fatal(said)
	}
	key, err := store.OwnKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// Whoever has the key says that everything holds.
	forged := 0
	err = filepath.WalkDir(".store", func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".report" {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		at := bytes.IndexByte(data, '\n') + 1
		head, body := data[:at], data[at+sha256.Size:]
		if !bytes.Contains(body, []byte("violated")) {
			return nil
		}
		forged++
		code := hmac.New(sha256.New, key)
		body = bytes.ReplaceAll(body, []byte("violated"), []byte("holds   "))
		code.Write(append(bytes.Clone(head), body...))
		return os.WriteFile(name, append(code.Sum(bytes.Clone(head)), body...), 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	if forged == 0 {
		t.Fatalf("nothing to forge: %s", said)
	}
	if _, got := run("a/shop.vbn"); got == said {
		t.Fatal("the forged report is not what is shown: this test shows nothing")
	}
	if code, got := run("--recheck", "100", "a/shop.vbn"); code != 3 || !strings.Contains(got, "the report in the store is not what is found now") {
		t.Errorf("exit status %d: %s", code, got)
	}
}
