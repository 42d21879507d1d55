package diagram

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
)

// Sketch draws a small design that is given as text, in Mermaid, without what an attack or a proof would add.
func Sketch(design string) (string, error) {
	diags := &diag.List{}
	const name = "sketch.vbn"
	m := threats.Load(func(path string) (string, error) {
		if path != name {
			return "", errors.New("a sketch is one file")
		}
		return design, nil
	}, []string{name}, diags)
	if m == nil {
		var b strings.Builder
		if err := diag.Render(&b, diags.Sorted(), diag.Options{}); err != nil {
			return "", err
		}
		return "", fmt.Errorf("the design has errors\n%s", b.String())
	}
	var b strings.Builder
	if err := Mermaid(&b, m.Design, Scene{}); err != nil {
		return "", err
	}
	return b.String(), nil
}
