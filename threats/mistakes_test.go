package threats_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/examples"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
	"github.com/vauban-verifier/vauban/threats/threatstest"
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
	had, have, same := 0, 0, 0 // elements of the designs, those that are still there, and those that are as they were
	for range *mistakes {
		d := all[rng.IntN(len(all))]
		broken := d.text[:d.at[0]] + d.text[d.at[1]:]
		read := func(name string) (string, error) {
			if name == d.name {
				return broken, nil
			}
			return examplesDisk(name)
		}
		diags := &diag.List{}
		got := threats.Read(read, []string{d.name}, diags)
		n := 0
		for _, x := range diags.Sorted() {
			if x.Severity == diag.Error {
				n++
			}
		}
		alone := &diag.List{}
		if design := threats.LoadDesign(read, []string{d.name}, alone); (design == nil) != (got.Model == nil) || !reflect.DeepEqual(messages(alone), messages(diags)) {
			t.Fatalf("%s without %q: with the threats\n%s\nwithout\n%s", d.name, d.text[d.at[0]:d.at[1]], messages(diags), messages(alone))
		}
		if (n > 0) != (got.Model == nil) || got.Design.Draft != (n > 0) {
			t.Fatalf("%s: %d errors, draft: %t, model: %v", d.name, n, got.Design.Draft, got.Model)
		}
		if n > 0 {
			wrong++
			said += n
			was := threatstest.Load(t, examplesDisk, d.name)
			for _, e := range was.Design.Elements {
				had++
				if i := slices.IndexFunc(got.Design.Elements, func(x *models.Element) bool { return x.Name == e.Name }); i >= 0 {
					have++
					if now := got.Design.Elements[i]; !now.Wrong && described(now) == described(e) {
						same++
					}
				}
			}
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
	t.Logf("of %d elements of these, %.1f %% are there, %.1f %% as they were", had, 100*float64(have)/float64(had), 100*float64(same)/float64(had))
	if 20*have < 19*had || 10*same < 9*had {
		t.Error("a mistake takes too much with it")
	}
}

// TestLoadDesign: what is said of a design does not hang on the threats of the built-in catalogues, also where a catalogue of its own speaks of them.
func TestLoadDesign(t *testing.T) {
	t.Parallel()
	const own = "catalogue: own\nextends: [retail]\n"
	for name, texts := range map[string][2]string{
		"the built-in one":            {"", `design "D" component A: service`},
		"a word that is taken":        {own + "threats:\n  - {id: phishing, for: {a: actor}, when: a has mfa, then: [controls(a)]}\n", `design "D" use "own.yaml" component A: service`},
		"a threat of its own":         {own + "threats:\n  - {id: other, for: {a: actr}, when: a has mfa, then: [controls(a)]}\n", `design "D" use "own.yaml" component A: service`},
		"a threat that is taken away": {own, `design "D" use "own.yaml" component A: service actor B: customer attacker E { is B without phishing, phising }`},
		"elements in three zones":     {own, `design "D" use "own.yaml" zone X: public zone Y: private zone Z: private component A: service in X, Y, Z component B: service in X flow A -> B`},
		"no such catalogue":           {"", `design "D" use "own.yaml" component A: service`},
	} {
		read := func(path string) (string, error) {
			switch {
			case path == "d.vbn":
				return texts[1], nil
			case path == "own.yaml" && texts[0] != "":
				return texts[0], nil
			}
			return "", errors.New("no such file")
		}
		whole, alone := &diag.List{}, &diag.List{}
		m, d := threats.Load(read, []string{"d.vbn"}, whole), threats.LoadDesign(read, []string{"d.vbn"}, alone)
		if (m == nil) != (d == nil) || !reflect.DeepEqual(messages(whole), messages(alone)) {
			t.Errorf("%s: with the threats\n%s\nwithout\n%s", name, messages(whole), messages(alone))
		}
		t.Logf("%s: %s", name, messages(alone))
	}
}

// messages are diagnostics with their places.
func messages(list *diag.List) []string {
	var out []string
	for _, d := range list.Sorted() {
		out = append(out, fmt.Sprintf("%s:%d: %s %s %s (%s)", d.Primary.Span.File.Name, d.Primary.Span.Start, d.Severity, d.Code, d.Message, d.Help))
	}
	return out
}

func examplesDisk(name string) (string, error) {
	data, err := examples.Files.ReadFile(name)
	if err != nil {
		return "", errors.New("no such file")
	}
	return string(data), nil
}

// described is what a design says of an element, but for places.
func described(e *models.Element) string {
	names := func(list ...*models.Element) string {
		var out []string
		for _, e := range list {
			if e != nil {
				out = append(out, e.Name)
			}
		}
		return strings.Join(out, " ")
	}
	var b strings.Builder
	for _, k := range e.Kinds {
		b.WriteString(k.Name + " ")
	}
	for _, c := range e.Controls {
		fmt.Fprint(&b, c.Control.Name, c.Open, " ")
	}
	for _, s := range e.Stores {
		fmt.Fprint(&b, s.Data.Name, len(s.Controls), " ")
	}
	fmt.Fprint(&b, e.Title, names(e.Zones...), names(e.Handles...), names(e.Accepts...), names(e.RunsOn...))
	if f := e.Flow; f != nil {
		protocol := ""
		if f.Protocol != nil {
			protocol = f.Protocol.Name
		}
		fmt.Fprint(&b, names(f.Source, f.Target), protocol, f.Blocked, f.Idle, names(f.Carries...), names(f.Returns...), names(f.Authenticated...))
	}
	return b.String()
}

// TestOneMessage gives designs with one mistake, about which one thing is said.
func TestOneMessage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"zone Caf\u00e9: public component C: webapp in Cafe\u0301 require R: never controls(C)", "and another name can look the same"},
		{"component C: webapp { title \"a\u202eb\" }", "this string contains U+202E, which changes the order in which a reader sees it"},
		{"component C: webapp // a\u2066b", "this comment contains U+2066, which changes the order in which a reader sees it"},
		{"component C: webapp { title \"a\" title \"b\" }", `"title" is given twice, expected it once`},
		{"component C: webapp require R: never controls(C) { severity high severity low }", `"severity" is given twice, expected it once`},
		{"component C: webapp require R: never controls(C)\ncompnent D: webapp\nflow C -> D over https", `unknown declaration "compnent" — did you mean "component"?`},
		{"attacker A component C: webapp require R: never controls(C) aginst A", `unknown relation "aginst" — did you mean "against"?`},
		{"component C: webapp process P { domain N = 0..3 var n: N = 0 step S by C when n-1 = 0 do n := 1 }", `unknown name "n-1"`},
		{"component C: webapp process P { domain N = 0..3 var n: N = 0 step S by C do n := 99 }", `99 is out of range, expected a value of domain "N", 0..3`},
		{"use \"words.yaml\" component C: shop { has k is none2 } flow C -> D over f", "needs `from` and `to`, each a kind"},
		{"include \"part.vbn\"", "cannot read \"part.vbn\""},
	} {
		diags := &diag.List{}
		threats.Load(func(name string) (string, error) {
			switch name {
			case "d.vbn":
				return "design \"D\"\n" + c.text, nil
			case "words.yaml":
				return "catalogue: words\nkinds: {shop: {is: component}}\nrelations: {r: {}}\ncontrols: {k: {of: [shop]}}\n", nil
			}
			return "", errors.New("no such file")
		}, []string{"d.vbn"}, diags)
		if got := diags.Sorted(); len(got) != 1 || !strings.Contains(got[0].Message, c.want) {
			t.Errorf("%s\nsays %v, want %s", c.text, got, c.want)
		}
	}
	diags := &diag.List{}
	threats.Load(func(string) (string, error) {
		return "component C: checkout in Shop\nflow A -> C over nothing\nrequire R: never knows(D)", nil
	}, []string{"part.vbn"}, diags)
	if got := diags.Sorted(); len(got) != 1 || !strings.Contains(got[0].Message, "this is a part of a design") {
		t.Errorf("a part by itself says %v", got)
	}
}

// FuzzRead reads designs with the catalogues that they use: of one with errors there is a draft, without a model.
func FuzzRead(f *testing.F) {
	const catalogue = "catalogue: words\nkinds: {shop: {is: component}}\nrelations: {r: {from: shop, to: shop}}\ncontrols: {k: {of: [shop]}}\n"
	f.Add("use \"words.yaml\"\nzone Z: zone { component A, B: shop { r B has k? } }\nflow F: A -> B over\nrequire R: never controls(A", catalogue)
	f.Add("zone Z: zone\ncomponent A: component in Z, Y\nextend A->B { has k }\nflow N: A ->\nprocess P { step S by A sends M }", "")
	f.Fuzz(func(t *testing.T, design, words string) {
		diags := &diag.List{}
		got := threats.Read(func(name string) (string, error) {
			switch name {
			case "d.vbn":
				return "design \"D\"\n" + design, nil
			case "words.yaml":
				return words, nil
			}
			return "", errors.New("no such file")
		}, []string{"d.vbn"}, diags)
		if wrong := diags.HasErrors(); wrong != (got.Model == nil) || wrong != got.Design.Draft {
			t.Errorf("errors: %t, draft: %t, model: %v", wrong, got.Design.Draft, got.Model)
		}
		for i, e := range got.Design.Elements {
			if e.ID != i || len(e.Kinds) == 0 || e.Kinds[0] == nil {
				t.Errorf("element %d is %+v", i, e)
			}
			_ = described(e)
		}
	})
}
