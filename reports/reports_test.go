package reports

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/reports/document"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

func written(t *testing.T, dir string) []byte {
	t.Helper()
	data, err := New(fixture(dir), "1.2.3").Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestGolden(t *testing.T) {
	t.Parallel()
	var indented bytes.Buffer
	if err := json.Indent(&indented, written(t, ""), "", "  "); err != nil {
		t.Fatal(err)
	}
	indented.WriteByte('\n')
	golden := filepath.Join("testdata", "report.json")
	if *update {
		if err := os.WriteFile(golden, indented.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(indented.Bytes(), want) {
		t.Errorf("the report differs from %s (-update rewrites it):\n%s", golden, &indented)
	}
}

func TestSameBytesFromEveryDirectory(t *testing.T) {
	t.Parallel()
	want := written(t, "")
	for _, dir := range []string{"./", "sub/", "../", "../../x/", "/tmp/y/", "a/b/../"} {
		if got := written(t, dir); !bytes.Equal(got, want) {
			t.Errorf("from %q:\n%s\nwant\n%s", dir, got, want)
		}
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ base, name, want string }{
		{".", "shop.vbn", "shop.vbn"},
		{"d", "d/sub/x.vbn", "sub/x.vbn"},
		{"d", "x.yaml", "../x.yaml"},
		{"d", "/etc/x.yaml", "/etc/x.yaml"},
		{"/d", "/x.yaml", "../x.yaml"},
		{"d", "builtin:retail", "builtin:retail"},
		{".", "<stdin>", "<stdin>"},
	} {
		if got := (builder{c.base}).path(c.name); got != c.want {
			t.Errorf("path of %q from %q: %q, want %q", c.name, c.base, got, c.want)
		}
	}
	if got := (builder{"../nowhere"}).path("x.vbn"); filepath.IsAbs(got) || !strings.HasPrefix(got, "../") {
		t.Errorf("a path from above the current directory: %q", got)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	data := written(t, "")
	r, err := document.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.Canonical()
	if err != nil || !bytes.Equal(again, data) {
		t.Errorf("%v: it comes back as\n%s", err, again)
	}
	digest, err := r.Digest()
	if err != nil || digest != document.Digest(data) {
		t.Errorf("%v: digest %s, want %s", err, digest, document.Digest(data))
	}
	for _, c := range []struct{ what, old, new string }{
		{"an unknown field", `"design":`, `"colour":1,"design":`},
		{"another schema", "report/1", "report/2"},
		{"an unknown verdict", `"verdict":"holds"`, `"verdict":"proved"`},
		{"a case that is waived", `"verdict":"holds"`, `"verdict":"waived"`},
		{"white space", `{"design"`, `{ "design"`},
		{"another order", `"facts":3,"rules":4`, `"rules":4,"facts":3`},
		{"a field twice", `"facts":3`, `"facts":3,"facts":3`},
		{"a field in capitals", `"facts"`, `"Facts"`},
		{"a number with a fraction", `"facts":3`, `"facts":3.0`},
		{"a negative number", `"facts":3`, `"facts":-3`},
		{"a number above 2^53", `"facts":3`, `"facts":9007199254740992`},
		{"an escape without need", `"design":"D"`, `"design":"\u0044"`},
		{"null for a list", `"removes":[]`, `"removes":null`},
		{"an absent list", `,"removes":[]`, ``},
		{"null for nothing", `"design":"D"`, `"design":"D","extra":null`},
		{"a wrong digest", `"sha256":"`, `"sha256":"X`},
		{"no date", "2026-11-23", "2026-11-31"},
		{"an unknown reach", `"reach":"one"`, `"reach":"few"`},
		{"an impossible bound", `"cost_at_least":2`, `"cost_at_least":4`},
	} {
		bad := strings.Replace(string(data), c.old, c.new, 1)
		if bad == string(data) {
			t.Errorf("%s: %s is not in the report", c.what, c.old)
		} else if _, err := document.Parse([]byte(bad)); err == nil {
			t.Errorf("%s is accepted", c.what)
		}
	}
	for _, bad := range []string{"", "{}", "null", "[]", string(data) + "\n", string(data) + "{}", strings.Repeat("[", 1<<20)} {
		if _, err := document.Parse([]byte(bad)); err == nil {
			t.Errorf("%.20q is accepted", bad)
		}
	}
}

// TestOneByte changes each byte of a report: what is still read is still in its one form, and is another report.
func TestOneByte(t *testing.T) {
	t.Parallel()
	data := written(t, "")
	want := document.Digest(data)
	for i := range data {
		bad := bytes.Clone(data)
		bad[i] ^= 1
		r, err := document.Parse(bad)
		if err != nil {
			continue
		}
		digest, err := r.Digest()
		if err != nil || digest == want || digest != document.Digest(bad) {
			t.Fatalf("byte %d changed: %v, digest %s", i, err, digest)
		}
	}
}

func FuzzParse(f *testing.F) {
	data, err := New(fixture(""), "1").Canonical()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"schema":"vauban.report/1"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := document.Parse(data)
		if err != nil {
			return
		}
		again, err := r.Canonical()
		if err != nil || !bytes.Equal(again, data) {
			t.Fatalf("%v: %q comes back as %q", err, data, again)
		}
	})
}
