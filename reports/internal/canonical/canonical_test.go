package canonical_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/gowebpki/jcs"
	"pgregory.net/rapid"

	"github.com/vauban-verifier/vauban/reports/internal/canonical"
)

// document has a field of each kind.
type document struct {
	Text    string            `json:"text"`
	Maybe   string            `json:"maybe,omitempty"`
	Number  int               `json:"number"`
	Small   uint32            `json:"small,omitempty"`
	Is      bool              `json:"is"`
	Names   map[string]string `json:"names"`
	Counts  map[string]int    `json:"counts,omitempty"`
	List    []string          `json:"list"`
	Zero    [][]string        `json:"zero,omitzero"`
	Next    *document         `json:"next,omitempty"`
	Always  *document         `json:"always"`
	Parts   []document        `json:"a part,omitempty"`
	Hidden  string            `json:"-"`
	private string
}

func draw(t *rapid.T, depth int) document {
	text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune{0, 7, '\b', '\t', '\n', '\f', '\r', '"', '\\', '/', '<', '&', 127, 0x2028, 0xfffd, 0x1f600, 'é', 'a'})), rapid.Just("a\xffb\xc3"))
	d := document{
		Text: text.Draw(t, "text"), Maybe: text.Draw(t, "maybe"), Number: int(rapid.Int64Range(-1<<53+1, 1<<53-1).Draw(t, "number")), Small: rapid.Uint32().Draw(t, "small"),
		Is: rapid.Bool().Draw(t, "is"), Hidden: "x", private: "y",
		Names:  rapid.MapOf(rapid.String(), text).Draw(t, "names"),
		Counts: rapid.MapOf(rapid.StringOf(rapid.RuneFrom([]rune{'a', 'b', 0xe000, 0xffff, 0x10000, 0x1f600})), rapid.IntRange(0, 9)).Draw(t, "counts"),
		List:   rapid.SliceOf(text).Draw(t, "list"),
	}
	if rapid.Bool().Draw(t, "zero") {
		d.Zero = [][]string{{}, {"x"}}
	}
	if depth > 0 {
		next := draw(t, depth-1)
		d.Next, d.Parts = &next, []document{next, {}}
	}
	return d
}

// What it writes is what the library for canonical JSON makes of what package json writes.
func TestAgreesWithTheLibrary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t, 2)
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		want, err := jcs.Transform(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := canonical.Marshal(d)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%v\n%s\n%s", err, got, want)
		}
		if at, instead, err := canonical.Difference(d, want); at != -1 || instead != nil || err != nil {
			t.Fatalf("it differs from itself at %d: %q, %v", at, instead, err)
		}
		i := rapid.IntRange(0, len(want)-1).Draw(t, "at")
		changed := bytes.Clone(want)
		changed[i] ^= 1
		for name, data := range map[string][]byte{"changed": changed, "cut": want[:i], "longer": append(bytes.Clone(want), '\n')} {
			expected := i
			if name == "longer" {
				expected = len(want)
			}
			if at, _, err := canonical.Difference(d, data); at != expected || err != nil {
				t.Fatalf("%s: it differs at %d, expected %d (%v)", name, at, expected, err)
			}
		}
	})
}

// Long documents are written in pieces, and a difference ends the writing.
func TestPieces(t *testing.T) {
	t.Parallel()
	d := document{Text: strings.Repeat("x", 1<<20), List: []string{"y"}}
	largest := 0
	if err := canonical.Write(writer(func(p []byte) (int, error) {
		largest = max(largest, len(p))
		return len(p), nil
	}), d); err != nil || largest > 1<<15 {
		t.Errorf("a piece of %d bytes, %v", largest, err)
	}
	if at, instead, err := canonical.Difference(d, []byte(`{"always":null,"is":true}`)); at != 20 || !bytes.HasPrefix(instead, []byte(`false,"list"`)) || err != nil {
		t.Errorf("%d, %q, %v", at, instead, err)
	}
}

type writer func(p []byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{"a fraction": 1.5, "too large": int64(1) << 53, "keys that are numbers": map[int]string{1: "x"}, "a channel": make(chan int)} {
		if out, err := canonical.Marshal(v); err == nil {
			t.Errorf("%s is written: %s", name, out)
		}
	}
}
