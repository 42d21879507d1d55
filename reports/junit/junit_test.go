package junit

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"testing"

	"github.com/vauban-verifier/vauban/reports/internal/sample"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, outcomes := range sample.Outcomes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if err := Write(&out, outcomes); err != nil {
				t.Fatal(err)
			}
			sample.Golden(t, name+".xml", out.Bytes(), *update)
			wellFormed(t, out.Bytes())
		})
	}
}

// wellFormed reads XML as others would, and knows every element by name: none comes out of a design.
func wellFormed(t *testing.T, data []byte) {
	t.Helper()
	known := map[string]bool{"testsuites": true, "testsuite": true, "testcase": true, "failure": true, "error": true, "skipped": true}
	for d := xml.NewDecoder(bytes.NewReader(data)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && !known[e.Name.Local] {
			t.Errorf("there is an element <%s>", e.Name.Local)
		}
	}
}
