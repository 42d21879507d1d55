package files

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// lay makes files below a directory: text, or `-> target` for a link.
func lay(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, ok := strings.CutPrefix(text, "-> "); ok {
			err = os.Symlink(strings.ReplaceAll(target, "DIR", dir), path)
		} else {
			err = os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestTreesReadNothingElse(t *testing.T) {
	dir := t.TempDir()
	lay(t, dir, map[string]string{
		"repo/.git/config":          "token",
		"repo/.env":                 "password",
		"repo/designs/shop.vbn":     "shop",
		"repo/designs/.hidden.vbn":  "own",
		"repo/common/part.vbn":      "part",
		"repo/designs/in.vbn":       "-> ../common/part.vbn",
		"repo/designs/out.vbn":      "-> ../../secret.vbn",
		"repo/designs/absolute.vbn": "-> DIR/secret.vbn",
		"repo/designs/token.vbn":    "-> ../.git/config",
		"repo/designs/env.vbn":      "-> ../.env",
		"repo/designs/nowhere.vbn":  "-> nothing.vbn",
		"repo/designs/self.vbn":     "-> self.vbn",
		"repo/designs/null.vbn":     "-> /dev/null",
		"repo/away":                 "-> ../other",
		"repo/designs/key.vbn":      "// a comment\n  -----BEGIN PRIVATE KEY-----\nMC4=\n",
		"repo/designs/binary.vbn":   "design\x00",
		"repo/designs/wide.vbn":     "\xff\xfed\x00",
		"secret.vbn":                "secret",
		"other/part.vbn":            "other",
		"repository/part.vbn":       "a name that begins alike",
	})
	t.Chdir(filepath.Join(dir, "repo"))
	const (
		outside = "outside of the design's directory and its repository"
		link    = "a link that leads out"
		hidden  = "it is hidden"
	)
	for _, c := range []struct{ name, want, err string }{
		{"designs/shop.vbn", "shop", ""},
		{"common/part.vbn", "part", ""},
		{"designs/in.vbn", "part", ""},
		{"designs/../common/part.vbn", "part", ""},
		{"designs/.hidden.vbn", "own", ""}, // the user named it
		{"designs/out.vbn", "", link},
		{"designs/absolute.vbn", "", link},
		{"designs/null.vbn", "", link},
		{"away/part.vbn", "", link},
		{"../secret.vbn", "", outside},
		{"../repository/part.vbn", "", outside},
		{filepath.ToSlash(dir) + "/secret.vbn", "", outside},
		{"/etc/passwd", "", outside},
		{"/etc/there/is/nothing", "", outside}, // nor is it told whether there is one
		{".git/config", "", hidden},
		{".GIT/config", "", "there is no such file"},
		{".env", "", hidden},
		{"designs/token.vbn", "", hidden},
		{"designs/env.vbn", "", hidden},
		{"designs", "", "it is a directory"},
		{"designs/gone.vbn", "", "there is no such file"},
		{"designs/nowhere.vbn", "", "there is no such file"},
		{"designs/self.vbn", "", "too many levels of symbolic links"},
		{"designs/key.vbn", "", "it looks like a key"},
		{"designs/binary.vbn", "", "there is a NUL byte in it"},
		{"designs/wide.vbn", "", "it is UTF-16"},
	} {
		var trees Trees
		repo := filepath.Join(dir, "repo")
		for _, named := range []string{"designs/shop.vbn", "designs/.hidden.vbn"} {
			if err := trees.Add(Root(filepath.Join(repo, "designs"), "vauban.yaml"), filepath.Join(repo, named)); err != nil {
				t.Fatal(err)
			}
		}
		got, _, err := trees.Read(t.Context(), c.name)
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %q, %v; expected %q, %s", c.name, got, err, c.want, c.err)
		}
	}
}

func TestAllowOutside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lay(t, dir, map[string]string{
		"a/shop.vbn": "shop", "a/link.vbn": "-> ../lib/part.vbn", "lib/part.vbn": "part", "lib/key.vbn": "-----BEGIN CERTIFICATE-----\n", "c/part.vbn": "c", "lib/c.vbn": "-> ../c/part.vbn",
	})
	var trees Trees
	if err := trees.Add(filepath.Join(dir, "a"), filepath.Join(dir, "a", "shop.vbn")); err != nil {
		t.Fatal(err)
	}
	if err := trees.Allow(filepath.Join(dir, "gone")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a directory that is not there: %v", err)
	}
	if err := trees.Allow(filepath.Join(dir, "lib")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, want string
		outside    bool
		fails      bool
	}{
		{"a/shop.vbn", "shop", false, false},
		{"lib/part.vbn", "part", true, false},
		{"a/link.vbn", "part", true, false},
		{"lib/key.vbn", "", true, true},
		{"lib/c.vbn", "", true, true},
		{"c/part.vbn", "", true, true},
	} {
		got, outside, err := trees.Read(t.Context(), filepath.Join(dir, c.name))
		if got != c.want || outside != c.outside || (err != nil) != c.fails {
			t.Errorf("%s: %q, outside %v, %v", c.name, got, outside, err)
		}
	}
}

func TestRoot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lay(t, dir, map[string]string{"git/.git": "gitdir: elsewhere", "git/a/vauban.yaml": "", "git/a/b/x": "", "plain/vauban.yaml": "", "plain/a/b/x": "", "bare/a/x": ""})
	for from, want := range map[string]string{"git/a/b": "git", "plain/a/b": "plain", "plain": "plain", "bare/a": "bare/a"} {
		if got := Root(filepath.Join(dir, from), "vauban.yaml"); got != filepath.Join(dir, want) {
			t.Errorf("%s: %s, expected %s", from, got, want)
		}
	}
}

// stuck never gives anything.
type stuck struct{ release chan struct{} }

func (s stuck) Read([]byte) (int, error) { <-s.release; return 0, io.EOF }

func TestReadsStopWithTheContext(t *testing.T) {
	t.Parallel()
	s := stuck{make(chan struct{})}
	defer close(s.release)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	if _, err := All(ctx, s, 10); !errors.Is(err, context.Canceled) {
		t.Errorf("a reading that was stopped: %v", err)
	}
	if _, err := Read(ctx, "files_test.go", 1<<20); !errors.Is(err, context.Canceled) {
		t.Errorf("a reading after the end: %v", err)
	}
}

func TestReadRegularFilesAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lay(t, dir, map[string]string{"ten": "0123456789", "null": "-> /dev/null", "link": "-> ten"})
	for name, want := range map[string]string{"ten": "", "link": "", "gone": "there is no such file", ".": "it is a directory", "null": "not a regular file"} {
		_, err := Read(t.Context(), filepath.Join(dir, name), 10)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %q", name, err, want)
		}
	}
	if _, err := Read(t.Context(), filepath.Join(dir, "ten"), 9); err == nil || !strings.Contains(err.Error(), "larger than 9 bytes") {
		t.Errorf("a file that is too large: %v", err)
	}
	if _, err := Read(t.Context(), filepath.Join(dir, "gone"), 9); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there cannot be told: %v", err)
	}
	if runtime.GOOS == "linux" {
		for _, name := range []string{"/proc/self/environ", "/proc/kmsg", "/sys/kernel/uevent_seqnum"} {
			if _, err := os.Lstat(name); err != nil {
				t.Logf("no %s here", name)
				continue
			}
			if _, err := Read(t.Context(), name, 1<<20); err == nil {
				t.Errorf("%s was read", name)
			}
		}
	}
}

func TestGuard(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lay(t, dir, map[string]string{
		"shop.vbn": "shop", "link.json": "-> shop.vbn", "dangling.json": "-> new.json", "old.json": "old", "sub/x": "", "away": "-> sub",
		"alice.pem": "-----BEGIN PRIVATE KEY-----\n", "cert.pem": "-----BEGIN CERTIFICATE-----\n", "null": "-> /dev/null",
	})
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.Link(at("shop.vbn"), at("hard.json")); err != nil {
		t.Skip("this file system has no hard links:", err)
	}
	var g Guard
	g.Keep(at("shop.vbn"), at("gone.vbn"), "")
	for _, c := range []struct {
		outputs []string
		want    string
	}{
		{[]string{"old.json", "new.json", "sub/new.json", "cert.pem"}, ""},
		{[]string{"shop.vbn"}, "is an input"},
		{[]string{"sub/../shop.vbn"}, "is an input"},
		{[]string{"link.json"}, "is an input (" + at("shop.vbn") + ")"},
		{[]string{"hard.json"}, "is an input"},
		{[]string{"alice.pem"}, "is a private key"},
		{[]string{"old.json", "old.json"}, "are one file"},
		{[]string{"new.json", "sub/../new.json"}, "are one file"},
		{[]string{"sub/new.json", "away/new.json"}, "are one file"},
		{[]string{"null", "null", "null"}, ""},
		{[]string{"old.json", "new.json", "shop.vbn"}, "is an input"},
	} {
		var outputs []string
		for _, o := range c.outputs {
			outputs = append(outputs, dir+"/"+o)
		}
		err := g.Check(outputs...)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, expected %q", c.outputs, err, c.want)
		}
	}
	if err := g.Write(at("link.json"), []byte("x")); err == nil {
		t.Error("an input was written over")
	}
	if err := g.Write(at("new.json"), []byte("x")); err != nil {
		t.Error(err)
	}
	if err := g.Write(at("dangling.json"), []byte("y")); err == nil || !strings.Contains(err.Error(), "is another output") {
		t.Errorf("an output was written over: %v", err)
	}
	if data, _ := os.ReadFile(at("shop.vbn")); string(data) != "shop" {
		t.Errorf("the input is %q", data)
	}
}

func TestWriteKeepsLinksAndModes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link.json")
	if err := os.Symlink("report.json", link); err != nil {
		t.Skip("this file system has no symbolic links:", err)
	}
	var g Guard
	if err := g.Write(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "new" {
		t.Errorf("%q, %v", data, err)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v: expected the one that the file had", info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%d files are left, expected 2 (%v)", len(entries), err)
	}
}

func TestRewrite(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.vbn")
	if err := os.WriteFile(path, []byte("read"), 0o644); err != nil {
		t.Fatal(err)
	}
	var g Guard
	if err := g.Rewrite(path, "read", "new"); err != nil {
		t.Error(err)
	}
	if err := g.Rewrite(path, "read", "newer"); err == nil || !strings.Contains(err.Error(), "was changed") {
		t.Errorf("what somebody else wrote was lost: %v", err)
	}
	if data, _ := os.ReadFile(path); string(data) != "new" {
		t.Errorf("the file is %q", data)
	}
}
