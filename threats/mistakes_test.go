package threats_test

import (
	"errors"
	"flag"
	"io/fs"
	"math/rand/v2"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/examples"
	"github.com/vauban-verifier/vauban/threats"
)

var mistakes = flag.Int("mistakes", 60, "how many designs lose a token")

var tokens = regexp.MustCompile("//[^\n]*|\"[^\"\n]*\"|\\pL(-?[\\pL\\p{Nd}_])*|\\p{Nd}+|<->|->|:=|\\.\\.|[!<>]=|[^\\s]")

// TestMistakes deletes a token of a design and counts what is said about it: one mistake is one error, or few.
func TestMistakes(t *testing.T) {
	t.Parallel()
	type token struct {
		name, text string
		at         []int
	}
	var all []token // of all designs, so that a large one counts for more
	err := fs.WalkDir(examples.Files, ".", func(name string, _ fs.DirEntry, err error) error {
		if path.Ext(name) == ".vbn" && !strings.HasPrefix(name, "audit/") {
			data, err := examples.Files.ReadFile(name)
			if err != nil {
				return err
			}
			if strings.Contains(string(data), "design \"") {
				for _, at := range tokens.FindAllStringIndex(string(data), -1) {
					if data[at[0]] != '/' {
						all = append(all, token{name, string(data), at})
					}
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	wrong, said, most := 0, 0, 0
	for range *mistakes {
		d := all[rng.IntN(len(all))]
		broken := d.text[:d.at[0]] + d.text[d.at[1]:]
		read := func(name string) (string, error) {
			if name == d.name {
				return broken, nil
			}
			data, err := examples.Files.ReadFile(name)
			if err != nil {
				return "", errors.New("no such file")
			}
			return string(data), nil
		}
		diags := &diag.List{}
		threats.Load(read, []string{d.name}, diags)
		n := 0
		for _, x := range diags.Sorted() {
			if x.Severity == diag.Error {
				n++
			}
		}
		if n > 0 {
			wrong++
			said += n
		}
		if n > most {
			most = n
			t.Logf("%d errors: %s line %d without %q", n, d.name, strings.Count(d.text[:d.at[0]], "\n")+1, d.text[d.at[0]:d.at[1]])
		}
	}
	t.Logf("%d of %d designs are wrong, with %.2f errors in the mean, %d at most", wrong, *mistakes, float64(said)/float64(wrong), most)
	if float64(said) > 2.5*float64(wrong) {
		t.Error("a mistake is said too often")
	}
}
