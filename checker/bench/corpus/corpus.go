// Package corpus makes many designs out of those of the examples: copies that have lost some words, as designs of an organisation that are alike. They are the same for the same number.
//
// # Limitations
//
// They are more alike than those of an organisation are, so what is kept of one helps more with the next.
package corpus

import (
	"math/rand"
	"path"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/threats"
)

// Designs returns that many designs, made of examples that are read below a root. It is an error where an example cannot be read.
func Designs(read source.Reader, root string, n int) ([]*threats.Model, error) {
	var texts, files []string
	for _, name := range []string{"first/first.vbn", "tofar/pharmacy.vbn", "tofar/pharmacy-hardened.vbn", "checkout/amount.vbn", "checkout/amount-fixed.vbn", "online-boutique/repaired.vbn", "many/lookup.vbn"} {
		file := path.Join(root, "examples", name)
		text, err := read(file)
		if err != nil {
			return nil, err
		}
		texts, files = append(texts, text), append(files, file)
	}
	rng := rand.New(rand.NewSource(1))
	var out []*threats.Model
	for len(out) < n {
		i := len(out) % len(texts)
		lines := strings.Split(texts[i], "\n")
		for range rng.Intn(3) { // words less: controls, flows, requirements
			at := rng.Intn(len(lines))
			if w := strings.TrimSpace(lines[at]); strings.HasPrefix(w, "has ") || strings.HasPrefix(w, "flow ") || strings.HasPrefix(w, "stores ") {
				lines[at] = ""
			}
		}
		text := strings.Join(lines, "\n")
		m := threats.Load(func(name string) (string, error) {
			if name == files[i] {
				return text, nil
			}
			return read(name)
		}, []string{files[i]}, &diag.List{})
		if m != nil {
			out = append(out, m)
		}
	}
	return out, nil
}
