package reports_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/examples"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/text"
	"github.com/vauban-verifier/vauban/threats"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

var splits = flag.Int("splits", 60, "how many designs are split into `extend`")

// TestExtend takes clauses, kinds and `blocked` out of the elements of designs at random, and says them by `extend` instead: in any order, at any place, in
// two files. The report must be the same, byte for byte, but for places.
func TestExtend(t *testing.T) {
	t.Parallel()
	designs := everyDesign(t)
	moved := 0
	for seed := range *splits {
		rng := rand.New(rand.NewPCG(uint64(seed), 4))
		read, name := designs[seed%len(designs)].read, designs[seed%len(designs)].name
		whole, err := read(name)
		if err != nil {
			t.Fatal(err)
		}
		split, more, n := splitUp(rng, whole)
		moved += n
		again := func(file string) (string, error) {
			switch file {
			case name:
				return split, nil
			case path.Join(path.Dir(name), "more.vbn"):
				return more, nil
			}
			return read(file)
		}
		if a, b := report(t, read, name), report(t, again, name); a != b {
			t.Fatalf("seed %d, %s\n%s\n--- more.vbn\n%s\n--- in place\n%s\n--- split\n%s", seed, name, split, more, a, b)
		}
	}
	if moved < *splits {
		t.Errorf("only %d clauses were moved in %d designs", moved, *splits)
	}
}

type design struct {
	read source.Reader
	name string
}

// everyDesign returns the examples and the pairs of examples of the threats, mixed.
func everyDesign(t *testing.T) []design {
	t.Helper()
	var out []design
	onDisk := func(name string) (string, error) {
		data, err := examples.Files.ReadFile(name)
		return string(data), err
	}
	err := fs.WalkDir(examples.Files, ".", func(name string, _ fs.DirEntry, err error) error {
		if path.Ext(name) == ".vbn" && !strings.HasPrefix(name, "audit/") {
			if text, _ := onDisk(name); strings.Contains(text, "\ndesign \"") || strings.HasPrefix(text, "design \"") {
				out = append(out, design{onDisk, name})
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range threats.LoadCatalogue(nil, []string{"retail"}, &diag.List{}).Threats {
		for _, c := range threats.CasesOf(x.ID) {
			for _, text := range []string{c.Attacked, c.Stopped} {
				out = append(out, design{func(name string) (string, error) {
					if name != "case.vbn" {
						return "", errors.New("no such file")
					}
					return text, nil
				}, "case.vbn"})
			}
		}
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

var places = regexp.MustCompile(`(?m)  \S+\.vbn:\d+$| · \S+\.vbn:\d+$`)

// report returns the report of a design as JSON and as text, without places and inputs. Warnings stand in the order of their places, so they are sorted.
func report(t *testing.T, read source.Reader, name string) string {
	t.Helper()
	result, err := checker.Check(t.Context(), threatstest.Load(t, read, name), checker.Options{AsOf: "2026-01-01"})
	if err != nil {
		t.Fatal(err)
	}
	r := reports.New(result, "test")
	r.Inputs = nil
	for i := range r.Requirements {
		q := &r.Requirements[i]
		q.Source = nil
		for j := range q.Cases {
			c := &q.Cases[j]
			attacks := slices.Clone(c.Runs)
			if c.Attack != nil {
				attacks = append(attacks, *c.Attack)
			}
			for _, a := range attacks {
				for k := range a.Steps {
					a.Steps[k].Source = nil
				}
			}
			for k := range c.Breaks {
				c.Breaks[k].Sources = nil
			}
		}
	}
	for i := range r.Warnings {
		r.Warnings[i].Source = nil
	}
	slices.SortFunc(r.Warnings, func(a, b document.Warning) int { return strings.Compare(a.Code+a.Message, b.Code+b.Message) })
	canonical, err := r.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	result.Warnings = &diag.List{} // they quote lines of the design; the JSON has what they say
	b := bytes.NewBuffer(append(canonical, '\n'))
	if err := text.Write(b, result, text.Options{}); err != nil {
		t.Fatal(err)
	}
	return places.ReplaceAllString(b.String(), "")
}

// splitUp moves parts of a design into `extend`, some of them into another file, and returns how many.
func splitUp(rng *rand.Rand, whole string) (split, more string, moved int) {
	f := dsl.Parse(source.New("whole.vbn", whole), &diag.List{})
	var edits []dsl.Edit
	var extends []string
	say := func(names []string, what string) {
		moved++
		if rng.IntN(3) == 0 { // one by one
			for _, n := range names {
				extends = append(extends, "extend "+n+what)
			}
			return
		}
		extends = append(extends, "extend "+strings.Join(names, ", ")+what)
	}
	between := func(from, to int, text string) {
		edits = append(edits, dsl.Edit{Span: source.Span{File: f.Source, Start: from, End: to}, Text: text})
	}
	var walk func(decls []dsl.Decl)
	body := func(names []string, b *dsl.Body) {
		for _, c := range b.Clauses() {
			if rng.IntN(5) < 2 {
				continue
			}
			lists := []string{"is", "has", "stores", "handles", "accepts", "runs on", "carries", "returns", "authenticated by", "through"}
			with := ""
			if len(c.With) > 0 {
				with = " with " + source.Span{File: f.Source, Start: c.With[0].Span.Start, End: c.With[len(c.With)-1].Span.End}.Text()
			}
			cut := len(c.Items)
			if slices.Contains(lists, c.Keyword.Text) && rng.IntN(2) == 0 {
				cut = 1 + rng.IntN(len(c.Items))
			}
			clause := func(items []dsl.Item) string {
				var texts []string
				for _, i := range items {
					texts = append(texts, i.Span.Text())
				}
				return c.Keyword.Text + " " + strings.Join(texts, ", ") + with
			}
			say(names, " { "+clause(c.Items[:cut])+" }")
			rest := ""
			if cut < len(c.Items) {
				rest = clause(c.Items[cut:])
			}
			between(c.Span.Start, c.Span.End, rest)
		}
		if b != nil {
			walk(b.Entries)
		}
	}
	walk = func(decls []dsl.Decl) {
		for _, d := range decls {
			switch d := d.(type) {
			case *dsl.Element:
				var names []string
				for _, n := range d.Names {
					names = append(names, n.Text)
				}
				if last := len(d.Kinds) - 1; last > 0 && rng.IntN(2) == 0 {
					from := d.Kinds[rng.IntN(last)].Span.End
					say(names, ": "+strings.TrimLeft(f.Source.Text[from:d.Kinds[last].Span.End], ", "))
					between(from, d.Kinds[last].Span.End, "")
				}
				body(names, d.Body)
			case *dsl.Flow:
				var names []string
				for _, s := range d.Sources {
					for _, t := range d.Targets {
						names = append(names, s.Text+" -> "+t.Text)
						if d.Both {
							names = append(names, t.Text+" -> "+s.Text)
						}
					}
				}
				if d.Name != nil {
					names = []string{d.Name.Text}
				}
				if d.Blocked && d.Protocol != nil && rng.IntN(2) == 0 {
					say(names, " blocked")
					at := d.Protocol.Span.End + strings.Index(f.Source.Text[d.Protocol.Span.End:], "blocked")
					between(at, at+len("blocked"), "")
				}
				body(names, d.Body)
			}
		}
	}
	walk(f.Decls)
	rng.Shuffle(len(extends), func(i, j int) { extends[i], extends[j] = extends[j], extends[i] })
	apart := rng.IntN(len(extends) + 1)
	more = strings.Join(extends[:apart], "\n")
	for _, e := range append(extends[apart:], `include "more.vbn"`) {
		at := len(f.Source.Text)
		if i := 1 + rng.IntN(len(f.Decls)); i < len(f.Decls) {
			at = f.Decls[i].Pos().Start
			for at > 0 && !strings.HasSuffix(f.Source.Text[:at], "\n\n") && strings.HasPrefix(lastLine(f.Source.Text[:at]), "///") { // stay above its documentation
				at -= len(lastLine(f.Source.Text[:at])) + 1
			}
		}
		between(at, at, fmt.Sprintf("%s\n", e))
	}
	return dsl.Apply(f.Source, edits), more, moved
}

// lastLine is the last line that a text ends with a line break behind.
func lastLine(text string) string {
	text = strings.TrimSuffix(text, "\n")
	return text[strings.LastIndexByte(text, '\n')+1:]
}
