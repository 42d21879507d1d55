package resolve

import (
	"os"
	"testing"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

// FuzzResolve resolves whatever the parser makes of a text, its errors notwithstanding: that never panics.
func FuzzResolve(f *testing.F) {
	for _, name := range []string{"first", "cashier"} {
		text, err := os.ReadFile("testdata/" + name + ".vbn")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
		for i := 0; i < len(text); i += 97 { // broken off anywhere
			f.Add(string(text[:i]))
			f.Add(string(text[:i]) + string(text[min(i+40, len(text)):]))
		}
	}
	f.Add(shop + process + "}\nrequire R for o: Order: always (sum x: Order | price(x) where placed(x)) > (if done then 1 else 0)")
	f.Fuzz(func(t *testing.T, text string) {
		diags := &diag.List{}
		file := dsl.Parse(source.New("t.vbn", text), diags)
		d := Design([]*dsl.File{file}, miniature(), diags)
		if diags.HasErrors() {
			return
		}
		for _, q := range d.Requirements {
			if q.F.Any(func(op models.Op) bool { return op == models.OpInvalid }) {
				t.Errorf("%s is invalid without an error", q.Name)
			}
		}
	})
}
