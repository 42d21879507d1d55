package dimacs_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/internal/format/dimacs"
	"github.com/vauban-verifier/vauban/checker/internal/kerneltest"
)

// TestMalformed wants errors for all files that are made to be refused, except those that only other tools' options in comments make so.
func TestMalformed(t *testing.T) {
	t.Parallel()
	right := []string{
		"kissat__embeddednegative", "kissat__embeddedoptiocrnl", "kissat__embeddedoptionametoolong", "kissat__emptyheadercrnl",
		"kissat__eofbodycomment", "kissat__invalidembeddedoption", "kissat__tabs",
	}
	entries, err := os.ReadDir(kerneltest.Dir(t, "malformed"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".aag") {
			continue
		}
		b, err := os.ReadFile(filepath.Join(kerneltest.Dir(t, "malformed"), e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		_, err = dimacs.Read(bytes.NewReader(b))
		if (err == nil) != slices.Contains(right, e.Name()) {
			t.Errorf("%s: %v", e.Name(), err)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "read DIMACS: line ") {
			t.Errorf("%s: the error has no place: %v", e.Name(), err)
		}
	}
}

func TestReadAndWrite(t *testing.T) {
	t.Parallel()
	f, err := dimacs.Read(strings.NewReader("c hello\n\nc\np cnf  3 3\n1 -2\n0 c3 is not a comment here? no: see below\n"))
	if err == nil {
		t.Fatal("a comment within a line passes", f)
	}
	f, err = dimacs.Read(strings.NewReader("c hello\n\nc\np cnf  3 3\n1 -2\n0\nc between\n 0 3\t0\n"))
	want := &dimacs.Formula{Variables: 3, Clauses: [][]int32{{1, -2}, {}, {3}}}
	if err != nil || !reflect.DeepEqual(f, want) {
		t.Fatal(f, err)
	}
	var b bytes.Buffer
	if err := dimacs.Write(&b, f, "one\ntwo"); err != nil {
		t.Fatal(err)
	}
	if b.String() != "c one two\np cnf 3 3\n1 -2 0\n0\n3 0\n" {
		t.Errorf("%q", b.String())
	}
}

// FuzzRead wants an error or a formula that is written and read as the same.
func FuzzRead(f *testing.F) {
	f.Add([]byte("c x\np cnf 3 2\n1 -2 0\n3 0\n"))
	f.Add([]byte("p cnf 0 1\r\n0"))
	f.Fuzz(func(t *testing.T, in []byte) {
		g, err := dimacs.Read(bytes.NewReader(in))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := dimacs.Write(&b, g); err != nil {
			t.Fatal(err)
		}
		h, err := dimacs.Read(&b)
		if err != nil || !reflect.DeepEqual(g, h) {
			t.Fatal(err)
		}
	})
}
