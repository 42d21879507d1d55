package dsl

import (
	"bytes"
	"flag"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

var mutants = flag.Int("mutants", 4, "how often each design is changed at random")

// outcome is what a parser makes of a text.
type outcome struct {
	decls     []Decl
	broken    []Name
	diags     string
	errors    int
	formatted string
}

func parseWith(f *source.File, old bool) outcome {
	var diags diag.List
	var p *parser
	var out outcome
	if old {
		p = begin(f, &diags)
		out.decls = oldParser{p}.declarations()
	} else {
		p, out.decls = parse(f, &diags)
		forget(out.decls)
	}
	var b bytes.Buffer
	if err := diag.Render(&b, diags.Sorted(), diag.Options{}); err != nil {
		panic(err)
	}
	out.broken, out.diags, out.errors = p.broken, regexp.MustCompile(`(?m)^ *= help.*\n`).ReplaceAllString(b.String(), ""), len(diags.Sorted())
	if !diags.HasErrors() {
		w := writer{script: &p.script}
		out.formatted = w.all()
	}
	return out
}

// forget drops what is known of broken declarations, of which the old parser knew the names alone.
func forget(decls []Decl) {
	for _, d := range decls {
		switch d := d.(type) {
		case *Broken:
			d.Begun = nil
		case *Process:
			forget(d.Members)
		default:
			if b := BodyOf(d); b != nil {
				forget(b.Entries)
			}
		}
	}
}

// designs returns the designs of this repository and, where it lies beside it, of the shared material.
func designs(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, root := range []string{"..", "../../shared"} {
		if _, err := os.Stat(root); err != nil {
			t.Logf("%s is not here", root)
			continue
		}
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			switch filepath.Ext(path) {
			case ".vbn":
				text, err := os.ReadFile(path)
				out[path] = string(text)
				return err
			case ".txtar":
				archive, err := txtar.ParseFile(path)
				if err != nil {
					return err
				}
				for _, f := range archive.Files {
					if filepath.Ext(f.Name) == ".vbn" {
						out[path+":"+f.Name] = string(f.Data)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestOldParser: the grammar reads every design as the parser did that was written by hand.
func TestOldParser(t *testing.T) {
	t.Parallel()
	all := designs(t)
	good := 0
	for name, text := range all {
		f := source.New(filepath.Base(name), text)
		was, is := parseWith(f, true), parseWith(f, false)
		if is.errors == 0 {
			good++
		}
		switch {
		case !reflect.DeepEqual(was.decls, is.decls):
			t.Errorf("%s: the trees differ", name)
		case was.formatted != is.formatted:
			t.Errorf("%s: the formatted texts differ", name)
		case was.errors != is.errors:
			t.Errorf("%s: %d errors, were %d", name, is.errors, was.errors)
		}
	}
	t.Logf("%d designs, %d without errors", len(all), good)
}

// TestMutants changes designs at random: the grammar refuses what the old parser refuses, with as many errors.
func TestMutants(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(uint64(*mutants), 2))
	total, broken, differ := 0, 0, 0
	all := designs(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		text := all[name]
		for range *mutants {
			mutant := mutate(r, text)
			f := source.New(filepath.Base(name), mutant)
			was, is := parseWith(f, true), parseWith(f, false)
			total++
			if was.errors > 0 {
				broken++
			}
			switch {
			case was.errors != is.errors:
				t.Errorf("%s: %d errors, were %d\n%s\nwas\n%s", name, is.errors, was.errors, is.diags, was.diags)
			case was.errors == 0 && !reflect.DeepEqual(was.decls, is.decls), was.formatted != is.formatted:
				t.Errorf("%s: the trees differ of\n%s", name, mutant)
			case was.diags != is.diags:
				differ++
				if testing.Verbose() {
					t.Logf("%s\n%s\nwas\n%s", name, is.diags, was.diags)
				}
			}
		}
	}
	t.Logf("%d mutants, %d of them broken, %d differ in words", total, broken, differ)
}

// FuzzOldParser: what one of the parsers refuses the other refuses, with as many errors; what both accept is the same tree
// in the same layout.
func FuzzOldParser(f *testing.F) {
	for _, text := range designs(f) {
		f.Add(text)
	}
	f.Add("process P { message M over F sign00\"x }") // what is misspelt must not be read as what would have more errors behind it
	f.Add("require A: never a tolerating 0 fAilu 0")  // one word of two is meant
	f.Fuzz(func(t *testing.T, text string) {
		src := source.New("fuzz.vbn", text)
		was, is := parseWith(src, true), parseWith(src, false)
		switch {
		case was.errors != is.errors:
			t.Fatalf("%d errors, were %d\n%s\nwas\n%s", is.errors, was.errors, is.diags, was.diags)
		case was.errors == 0 && !reflect.DeepEqual(was.decls, is.decls):
			t.Fatal("the trees differ")
		case was.formatted != is.formatted:
			t.Fatal("the formatted texts differ")
		}
	})
}

// mutate deletes, repeats, swaps or replaces a token, or misspells one.
func mutate(r *rand.Rand, text string) string {
	var diags diag.List
	p := begin(source.New("a.vbn", text), &diags)
	n := len(p.tokens) - 1
	if n < 2 {
		return text
	}
	at := func() token { return p.tokens[r.IntN(n)] }
	t, u := at(), at()
	if u.start < t.start {
		t, u = u, t
	}
	word := text[t.start:t.end]
	switch r.IntN(6) {
	case 0:
		return text[:t.start] + text[t.end:]
	case 1:
		return text[:t.end] + " " + word + text[t.end:]
	case 2:
		if t.end > u.start {
			return text
		}
		return text[:t.start] + text[u.start:u.end] + text[t.end:u.start] + word + text[u.end:]
	case 3:
		return text[:t.start] + text[u.start:u.end] + text[t.end:]
	case 4:
		all := strings.Fields(`{ } ( ) , : -> <-> = := | ? + - * . .. 1 -3 "x" in over has not runs on by with data zone flow extend each step when do blocked none A`)
		return text[:t.start] + " " + all[r.IntN(len(all))] + " " + text[t.start:]
	default:
		i := r.IntN(len(word))
		return text[:t.start] + word[:i] + word[i+1:] + text[t.end:]
	}
}

func BenchmarkParse(b *testing.B) {
	var all strings.Builder
	for _, name := range []string{"../examples/tofar/pharmacy.vbn", "../examples/online-boutique/boutique.vbn", "../examples/checkout/amount.vbn"} {
		text, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		all.Write(text)
	}
	f := source.New("all.vbn", all.String())
	for name, old := range map[string]bool{"new": false, "old": true} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(f.Text)))
			b.ReportAllocs()
			for b.Loop() {
				var diags diag.List
				if old {
					oldParser{begin(f, &diags)}.declarations()
				} else {
					parse(f, &diags)
				}
			}
		})
	}
}
