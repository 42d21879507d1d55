package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/checker"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("VAUBAN_STORE_TEST"); dir != "" {
		fill(dir, os.Getenv("VAUBAN_STORE_SEED"))
		return
	}
	os.Exit(m.Run())
}

func open(t *testing.T, dir string, key []byte) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir, key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.root.Close() })
	return s
}

func keyOf(n byte) []byte { return bytes.Repeat([]byte{n}, keyBytes) }

func question(n int) checker.Key { return sha256.Sum256(fmt.Append(nil, n)) }

func TestStore(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "deep", "store")
	s := open(t, dir, keyOf(1))
	if s.Get(question(1)) != nil || s.Report([]byte("a")) != nil {
		t.Error("an empty store has something")
	}
	s.Put(question(1), []byte("one"))
	s.Put(question(2), nil)
	s.Keep([]byte("a"), []byte("report"))
	if got := s.Get(question(1)); string(got) != "one" {
		t.Errorf("%q", got)
	}
	if got := s.Get(question(2)); got == nil || len(got) != 0 {
		t.Errorf("%v", got)
	}
	if got := open(t, dir, keyOf(1)).Report([]byte("a")); string(got) != "report" {
		t.Errorf("%q", got)
	}
	s.Drop(question(1))
	if s.Get(question(1)) != nil {
		t.Error("what was dropped is there")
	}
	if st, err := s.Stat(); err != nil || st.Entries["proposal"] != 1 || st.Entries["report"] != 1 || st.Oldest.IsZero() {
		t.Errorf("%+v, %v", st, err)
	}
}

// TestStranger: who has another key, or none, has no reports of this one, makes none that it believes, and none of its entries can stand for another.
func TestStranger(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mine, other, none := open(t, dir, keyOf(1)), open(t, dir, keyOf(2)), open(t, dir, nil)
	mine.Keep([]byte("a"), []byte("violated"))
	mine.Keep([]byte("b"), []byte("holds"))
	other.Keep([]byte("a"), []byte("holds"))
	none.Keep([]byte("a"), []byte("holds"))
	if got := mine.Report([]byte("a")); string(got) != "violated" {
		t.Errorf("%q", got)
	}
	if none.Report([]byte("a")) != nil {
		t.Error("without a key there are reports")
	}
	at := func(s *Store, of string) string {
		return filepath.Join(dir, filepath.FromSlash(address(report, s.reportName([]byte(of)))))
	}
	read := func(path string) []byte {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	forged := map[string][]byte{
		"of another address": read(at(mine, "b")),
		"by another key":     read(at(other, "a")),
		"changed":            bytes.Replace(read(at(mine, "a")), []byte("violated"), []byte("holds   "), 1),
		"cut off":            read(at(mine, "a"))[:80],
		"empty":              {},
	}
	name := mine.reportName([]byte("a"))
	forged["a digest for a code"] = append([]byte("report "+name+"\n"), append(mine.sum(proposal, "report "+name+"\n", []byte("holds")), "holds"...)...)
	whole := read(at(mine, "a"))
	for what, data := range forged {
		if err := os.WriteFile(at(mine, "a"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := mine.Report([]byte("a")); got != nil {
			t.Errorf("%s: %q is believed", what, got)
		}
		if _, err := os.Stat(at(mine, "a")); err == nil {
			t.Errorf("%s: it is still there", what)
		}
	}
	if err := os.WriteFile(at(mine, "a"), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := mine.Report([]byte("a")); string(got) != "violated" {
		t.Errorf("%q", got)
	}
	// A link in its place leads nowhere.
	outside := filepath.Join(t.TempDir(), "entry")
	if err := os.Rename(at(mine, "a"), outside); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, at(mine, "a")); err != nil {
		t.Skip("there are no links here")
	}
	if got := mine.Report([]byte("a")); got != nil {
		t.Errorf("%q is read through a link", got)
	}
	if v, err := mine.Verify(t.Context()); err != nil || v.Good != 1 || v.Foreign != 1 || len(v.Broken) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestBroken changes entries at random, cuts them off and renames them: what is read is what was written, or nothing.
func TestBroken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, keyOf(1))
	rng := rand.New(rand.NewSource(1))
	broken := 0
	for n := range 300 {
		want := make([]byte, rng.Intn(200))
		rng.Read(want)
		s.Put(question(n), want)
		name := filepath.Join(dir, filepath.FromSlash(address(proposal, fmt.Sprintf("%x", question(n)))))
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		switch rng.Intn(3) {
		case 0:
			data[rng.Intn(len(data))] ^= 1 << rng.Intn(8)
		case 1:
			data = data[:rng.Intn(len(data))]
		case 2:
			data = append(data, byte(rng.Intn(256)))
		}
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if n%2 == 0 {
			continue
		}
		if got := s.Get(question(n)); got != nil {
			t.Fatalf("entry %d: %x is read, and %x was written", n, got, want)
		}
		broken++
	}
	v, err := s.Verify(t.Context())
	if err != nil || v.Good != 0 || len(v.Broken) != 300-broken {
		t.Errorf("%d good, %d broken: %v", v.Good, len(v.Broken), err)
	}
	if v, err = s.Verify(t.Context()); err != nil || len(v.Broken) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestCollect: what was used last stays.
func TestCollect(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, nil)
	for n := range 100 {
		s.Put(question(n), make([]byte, 1000))
		name := address(proposal, fmt.Sprintf("%x", question(n)))
		at := time.Now().Add(time.Duration(n-200) * time.Hour)
		if err := s.root.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if s.Get(question(3)) == nil { // which is a use
		t.Fatal("an entry is gone")
	}
	if err := s.root.WriteFile(pending+"old", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-2 * abandon)
	if err := s.root.Chtimes(pending+"old", long, long); err != nil {
		t.Fatal(err)
	}
	gone, err := s.Collect(50_000)
	if err != nil || gone == 0 {
		t.Fatalf("%d, %v", gone, err)
	}
	st, err := s.Stat()
	if err != nil || st.Bytes["proposal"] > 50_000 || st.Entries["proposal"] < 30 {
		t.Errorf("%+v, %v", st, err)
	}
	for n, want := range map[int]bool{0: false, 3: true, 99: true} {
		if (s.Get(question(n)) != nil) != want {
			t.Errorf("entry %d is there: %t", n, !want)
		}
	}
	if _, err := s.root.Stat(pending + "old"); err == nil {
		t.Error("what was never finished is still there")
	}
}

// fill writes entries for ever.
func fill(dir, seed string) {
	s, err := Open(context.Background(), dir, keyOf(1))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for n := 0; ; n++ {
		s.Put(question(n%50), bytes.Repeat([]byte(seed), 20_000))
		s.Keep(fmt.Append(nil, n%50), bytes.Repeat([]byte(seed), 20_000))
	}
}

// TestKilled has processes write the same entries, and kills them: whatever is read is whole.
func TestKilled(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "store")
	s := open(t, dir, keyOf(1))
	seen := 0
	for round := range 6 {
		var cmds []*exec.Cmd
		for k := range 2 {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "VAUBAN_STORE_TEST="+dir, "VAUBAN_STORE_SEED="+string(rune('a'+2*round+k)))
			cmd.Stderr = os.Stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			cmds = append(cmds, cmd)
		}
		check := func(data []byte) {
			if data == nil {
				return
			}
			seen++
			if len(data) != 20_000 || strings.Trim(string(data), string(data[:1])) != "" {
				t.Fatalf("%d bytes are read, of several processes", len(data))
			}
		}
		for n := 0; n < 2000 && seen < 300*(round+1); n++ {
			check(s.Get(question(n % 50)))
			check(s.Report(fmt.Append(nil, n%50)))
		}
		for _, cmd := range cmds {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	v, err := s.Verify(t.Context())
	if err != nil || len(v.Broken) > 0 || v.Good == 0 || seen == 0 {
		t.Errorf("%+v, %v; read %d", v, err, seen)
	}
}

// TestAtOnce: many goroutines of one process, of which some drop what others write.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), keyOf(1))
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for n := range 100 {
				k := question(n % 7)
				switch (n + g) % 4 {
				case 0:
					s.Drop(k)
				case 1:
					if _, err := s.Collect(100); err != nil {
						t.Error(err)
					}
				case 2:
					s.Put(k, []byte("same"))
				default:
					if got := s.Get(k); got != nil && string(got) != "same" {
						t.Errorf("%q", got)
					}
				}
			}
		})
	}
	wg.Wait()
}

// TestOpen: a directory that is no store is none, and nothing in it is touched.
func TestOpen(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"something else":  {"holiday.jpg": "x"},
		"another version": {marker: "vauban store 2\n"},
	} {
		dir := t.TempDir()
		for file, text := range files {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Open(t.Context(), dir, nil); err == nil {
			t.Errorf("%s is opened", name)
		}
	}
}

func TestKeys(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	t.Setenv("HOME", dir)
	key, err := OwnKey(t.Context())
	if err != nil || len(key) != keyBytes {
		t.Fatalf("%x, %v", key, err)
	}
	again, err := OwnKey(t.Context())
	if err != nil || !bytes.Equal(key, again) {
		t.Errorf("another key: %v", err)
	}
	config, err := os.UserConfigDir()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(config, "vauban", "store.key")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OwnKey(t.Context()); err == nil || !strings.Contains(err.Error(), "can be read by others") {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "short"), []byte("abc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadKey(t.Context(), filepath.Join(dir, "short")); err == nil || !strings.Contains(err.Error(), "64 hexadecimal digits") {
		t.Errorf("%v", err)
	}
}
