package compose

import (
	"fmt"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// declared returns what a design declares. It panics where the text has errors of syntax.
func declared(text string) []string {
	diags := &diag.List{}
	var out []string
	for _, d := range dsl.Parse(source.New("x.vbn", text), diags).Decls {
		switch d := d.(type) {
		case *dsl.Element:
			for _, n := range d.Names {
				out = append(out, n.Text)
			}
		case *dsl.Flow:
		default:
			panic(fmt.Sprintf("a generated design has a %T", d))
		}
	}
	if diags.HasErrors() {
		panic(fmt.Sprintf("%v\n%s", diags.Sorted()[0], text))
	}
	return out
}
