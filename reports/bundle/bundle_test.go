package bundle

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
)

// example is the finished case for auditors, as a bundle.
func example(t testing.TB) *Bundle {
	t.Helper()
	dir := filepath.Join("..", "..", "examples", "audit", "case")
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	b := &Bundle{
		Document: read("shop.report.json"), Statement: read("shop.statement.json"), Receipt: read("shop.receipt.json"),
		Inputs: map[string][]byte{"design/shop.vbn": read("shop.vbn"), "design/mini.yaml": read("mini.yaml")},
	}
	items, _, err := notary.ReadSequence(t.Context(), filepath.Join(dir, "shop.history"), notary.Histories)
	if err != nil {
		t.Fatal(err)
	}
	for item, err := range items {
		if err != nil {
			t.Fatal(err)
		}
		b.History = append(b.History, item)
	}
	return b
}

func archive(t testing.TB) []byte {
	t.Helper()
	data, err := example(t).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// What is written is read again as it was, and others' programs read it.
func TestBundle(t *testing.T) {
	t.Parallel()
	data := archive(t)
	b, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := b.Bytes(); err != nil || !bytes.Equal(again, data) {
		t.Errorf("written again it is another one: %v", err)
	}
	if len(b.History) != 3 || len(b.Inputs) != 2 {
		t.Errorf("%d entries, %d inputs", len(b.History), len(b.Inputs))
	}
	files, err := Read(data)
	if err != nil {
		t.Fatal(err)
	}
	alike(t, data, files)
}

// alike checks that archive/zip finds the same files in an archive.
func alike(t *testing.T, data []byte, files map[string][]byte) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		from, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(from); err != nil || !bytes.Equal(got, files[f.Name]) {
			t.Errorf("%s: archive/zip reads something else: %v", f.Name, err)
		}
	}
	if want := slices.Sorted(maps.Keys(files)); !slices.Equal(names, want) {
		t.Errorf("archive/zip sees %q, expected %q", names, want)
	}
}

// Each byte is fixed: none can be changed, left out or added without being refused by the form, the checksum or the reader of what it is in. (Checks of contents are the audit's.)
func TestOneForm(t *testing.T) {
	t.Parallel()
	data := archive(t)
	for i := range data {
		changed := bytes.Clone(data)
		changed[i] ^= 1
		if files, err := Read(changed); err == nil {
			t.Errorf("byte %d changed is read: %d files", i, len(files))
		}
		if i%97 != 0 {
			continue
		}
		if _, err := Read(data[:i]); err == nil {
			t.Errorf("the first %d bytes are read", i)
		}
		if _, err := Read(slices.Concat(data[:i], []byte{0}, data[i:])); err == nil {
			t.Errorf("a byte put in at %d is read", i)
		}
	}
}

// raw is a file of a hostile archive.
type raw struct {
	name string
	data string
	edit func(local, central []byte)
}

// hostile writes an archive from files as they come.
func hostile(files ...raw) []byte {
	var out, list []byte
	for _, f := range files {
		at := len(out)
		x := file{name: f.name, data: []byte(f.data), at: at}
		local := x.local(nil)
		whole := directory([]file{x}, 0)
		central := whole[:len(whole)-22]
		if f.edit != nil {
			f.edit(local, central)
		}
		out, list = append(out, local...), append(list, central...)
	}
	end := directory(nil, 0)
	n := uint16(len(files))
	little.PutUint16(end[8:], n)
	little.PutUint16(end[10:], n)
	little.PutUint32(end[12:], uint32(len(list)))
	little.PutUint32(end[16:], uint32(len(out)))
	return slices.Concat(out, list, end)
}

// both changes a field of both headers, whose places differ by two.
func both(at int, value uint32, size int) func(local, central []byte) {
	return func(local, central []byte) {
		for _, to := range [][]byte{local[at:], central[at+2:]} {
			if size == 2 {
				little.PutUint16(to, uint16(value))
			} else {
				little.PutUint32(to, value)
			}
		}
	}
}

// Hostile archives are refused, each for its own reason and by the name of the file that is wrong.
func TestHostile(t *testing.T) {
	t.Parallel()
	if _, err := Read(hostile(raw{name: "a", data: "x"}, raw{name: "b", data: "y"})); err != nil {
		t.Fatalf("the harmless one: %v", err)
	}
	zeros := strings.Repeat("0", 1000)
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"leads out", `the file "../x" has a name that leads out`, hostile(raw{name: "../x"})},
		{"leads out inside", `"a/../../x" has a name that leads out`, hostile(raw{name: "a/../../x"})},
		{"absolute", `"/etc/passwd" has a name that leads out`, hostile(raw{name: "/etc/passwd"})},
		{"drive", `"C:x" has the byte 0x3a in its name`, hostile(raw{name: "C:x"})},
		{"backslash", `has the byte 0x5c in its name`, hostile(raw{name: `..\x`})},
		{"NUL", `has the byte 0x00 in its name`, hostile(raw{name: "a\x00b"})},
		{"control characters", `has the byte 0x1b in its name`, hostile(raw{name: "\x1b[2J"})},
		{"directory", `"design/" has a name that leads out of the bundle or is not the shortest`, hostile(raw{name: "design/"})},
		{"twice", `the file "a" appears twice`, hostile(raw{name: "a", data: "x"}, raw{name: "a", data: "y"})},
		{"not in order", `the file "a" stands after "b"`, hostile(raw{name: "b"}, raw{name: "a"})},
		{"no name", `file 1 has a name of 0 bytes`, hostile(raw{name: ""})},
		{"long name", `file 1 has a name of 600 bytes`, hostile(raw{name: strings.Repeat("a", 600)})},
		{"data descriptor", `the file "a" has a data descriptor`, hostile(raw{name: "a", data: "x", edit: both(6, 8, 2)})},
		{"encrypted", `the file "a" is encrypted`, hostile(raw{name: "a", data: "x", edit: both(6, 1, 2)})},
		{"compressed", `the file "a" is compressed`, hostile(raw{name: "a", data: "x", edit: both(8, 8, 2)})},
		{"bomb", `the file "a" is compressed`, hostile(raw{name: "a", data: "x", edit: both(22, 4<<30-2, 4)})},
		{"4 GB", `the file "a" says that it has 4294967295 bytes, and`, hostile(raw{name: "a", data: "x", edit: func(l, c []byte) {
			both(18, 1<<32-1, 4)(l, c)
			both(22, 1<<32-1, 4)(l, c)
		}})},
		{"checksum", `the file "a" has other contents than its checksum says`, hostile(raw{name: "a", data: "x", edit: both(14, 7, 4)})},
		{"time", `the file "a" has a version, flags, a time or an extra field`, hostile(raw{name: "a", data: "x", edit: both(10, 7, 2)})},
		{"extra field", `the file "a" has a version, flags, a time or an extra field`, hostile(raw{name: "a", data: "x", edit: both(28, 1, 2)})},
		{"other name in the directory", `its directory, from byte`, hostile(raw{name: "a", data: "x", edit: func(_, c []byte) { c[46] = 'b' }})},
		{"hidden file", `its directory, from byte`, func() []byte {
			data := hostile(raw{name: "a", data: zeros}, raw{name: "b", data: zeros})
			at := bytes.LastIndex(data, []byte("PK\x01\x02"))
			return slices.Concat(data[:at], data[len(data)-22:])
		}()},
		{"overlapping", `its directory, from byte`, hostile(raw{name: "a", data: zeros}, raw{name: "b", data: zeros, edit: func(_, c []byte) { little.PutUint32(c[42:], 1) }})},
		{"gap", `its directory, from byte`, func() []byte {
			data := hostile(raw{name: "a", data: zeros})
			return slices.Concat(data[:1031], []byte("gap"), data[1031:])
		}()},
		{"executable", `its directory, from byte`, hostile(raw{name: "a", data: "x", edit: func(_, c []byte) { little.PutUint32(c[38:], 0o755<<16) }})},
		{"comment", `its directory, from byte`, func() []byte {
			data := hostile(raw{name: "a"})
			data[len(data)-2] = 1
			return append(data, '!')
		}()},
		{"trailing bytes", `it has 3 bytes after its end`, append(hostile(raw{name: "a"}), "end"...)},
		{"bytes before", `it does not begin with a file`, append([]byte("#!/bin/sh\n"), hostile(raw{name: "a"})...)},
		{"empty", `it does not begin with a file`, hostile()},
		{"nothing", `it does not begin with a file`, nil},
	} {
		if _, err := Read(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, expected %s", c.name, err, c.want)
		}
	}
}

// Archives in their one form are refused if they are no bundle.
func TestNoBundle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, want string
		edit       func(files map[string][]byte)
	}{
		{"no document", `it has no document.json`, func(f map[string][]byte) { delete(f, "document.json") }},
		{"stowaway", `the file "README.md" is none that a bundle has`, func(f map[string][]byte) { f["README.md"] = nil }},
		{"manifest", `the file "META-INF/manifest.json" is none that a bundle has`, func(f map[string][]byte) { f["META-INF/manifest.json"] = nil }},
		{"not an input", `the file "design/other.vbn" is none that the document is about`, func(f map[string][]byte) { f["design/other.vbn"] = nil }},
		{"not a catalogue in use", `the file "builtin/core.yaml" is none that the document is about`, func(f map[string][]byte) { f["builtin/core.yaml"] = nil }},
		{"catalogue with another name", `the file "builtin/Core.yaml" has a name that no file there has`, func(f map[string][]byte) { f["builtin/Core.yaml"] = nil }},
		{"two names of one path", `the file "design/%73hop.vbn" has a name that stands for no path, or for one that has another name`, func(f map[string][]byte) { f["design/%73hop.vbn"] = nil }},
		{"missing entry", `in document.history/ the entry 0002 is missing`, func(f map[string][]byte) {
			for name := range f {
				if strings.HasPrefix(name, "document.history/0002/") {
					delete(f, name)
				}
			}
		}},
		{"half an entry", `the file "document.history/0002/report.statement.json" is missing`, func(f map[string][]byte) { delete(f, "document.history/0002/report.statement.json") }},
		{"more in an entry", `the file "document.history/0002/more" is none that a bundle has`, func(f map[string][]byte) { f["document.history/0002/more"] = nil }},
		{"large receipt", `the file "document.receipt.json" is larger than 262144 bytes`, func(f map[string][]byte) { f["document.receipt.json"] = make([]byte, notary.MaxReceipt+1) }},
		{"large design", `the file "design/shop.vbn" is larger than 16 MB`, func(f map[string][]byte) { f["design/shop.vbn"] = make([]byte, 16<<20+1) }},
	} {
		files, err := Read(archive(t))
		if err != nil {
			t.Fatal(err)
		}
		c.edit(files)
		data, err := Write(files)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, expected %s", c.name, err, c.want)
		}
	}
	if _, err := Write(map[string][]byte{"a": make([]byte, MaxBytes)}); err == nil || !strings.Contains(err.Error(), "leave logs out") {
		t.Errorf("too large: %v", err)
	}
	if _, err := Read(make([]byte, MaxBytes+1)); err == nil || !strings.Contains(err.Error(), "larger than 256 MB") {
		t.Errorf("too large: %v", err)
	}
}

// A path and the name of its file stand for each other, whatever the path is.
func TestNames(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, path := range []string{"shop.vbn", "../own.yaml", "../../a/..b/c", "/abs/x.vbn", "C:/x.vbn", "<stdin>", "ein Büro.vbn", "%2E%2E/x", "%2Fabs/x.vbn", "a%b", "...", "/"} {
		name, err := Name(document.Input{Path: path, Role: "design"})
		if err != nil {
			t.Errorf("%q: %v", path, err)
			continue
		}
		if other := seen[name]; other != "" {
			t.Errorf("%q and %q are both %q", path, other, name)
		}
		seen[name] = path
		if in, err := input(name); err != nil || in.Path != path || in.Role != "design" {
			t.Errorf("%q is %q, which is %q: %v", path, name, in.Path, err)
		}
		if err := checkName(name); err != nil {
			t.Errorf("%q: %q %v", path, name, err)
		}
	}
	for path, want := range map[string]string{"builtin:retail": "builtin/retail.yaml", "pack:pci": "pack/pci.vbn", "../x": "design/%2E%2E/x"} {
		if got, err := Name(document.Input{Path: path, Role: "catalogue"}); err != nil || got != want {
			t.Errorf("%s is %q, expected %q: %v", path, got, want, err)
		}
	}
	for _, path := range []string{"", "a//b", "./a", "a/", "builtin:../x", "pack:"} {
		if got, err := Name(document.Input{Path: path, Role: "catalogue"}); err == nil {
			t.Errorf("%q is %q", path, got)
		}
	}
}

// What is read is written again as the same bytes, whatever it is, archive/zip reads the same in it, and nothing panics.
func FuzzBundle(f *testing.F) {
	f.Add(archive(f))
	f.Add(hostile(raw{name: "a", data: "x"}, raw{name: "b", data: "y"}))
	f.Add(hostile(raw{name: "document.json", data: "{}"}, raw{name: "trail/0001/entry.json", data: "{}"}))
	f.Fuzz(func(t *testing.T, data []byte) {
		data = bytes.Clone(data)
		for i := 0; i+localSize < len(data); i++ { // let the fuzzer get behind the checksum
			if little.Uint32(data[i:]) == localSignature {
				n, size := int(little.Uint16(data[i+26:])), int(little.Uint32(data[i+22:]))
				if from := i + localSize + n; from+size <= len(data) {
					little.PutUint32(data[i+14:], crc32.ChecksumIEEE(data[from:from+size]))
				}
			}
		}
		files, err := Read(data)
		if err != nil {
			return
		}
		if again, err := Write(files); err != nil || !bytes.Equal(again, data) {
			t.Errorf("written again it is another one: %v", err)
		}
		alike(t, data, files)
		b, err := Parse(data)
		if err != nil {
			return
		}
		if again, err := b.Bytes(); err != nil || !bytes.Equal(again, data) {
			t.Errorf("as a bundle it is another one: %v %s", err, fmt.Sprint(slices.Sorted(maps.Keys(files))))
		}
	})
}
