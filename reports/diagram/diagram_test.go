package diagram

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

// load checks a design of the examples.
func load(t *testing.T, name string) *checker.Result {
	t.Helper()
	return loadFrom(t, threatstest.Disk, filepath.ToSlash(filepath.Join("..", "..", "examples", name)))
}

// loadText checks a design that is a text.
func loadText(t *testing.T, text string) *checker.Result {
	t.Helper()
	return loadFrom(t, func(string) (string, error) { return text, nil }, "test.vbn")
}

func loadFrom(t *testing.T, read func(string) (string, error), name string) *checker.Result {
	t.Helper()
	model := threatstest.Load(t, read, name)
	r, err := checker.Check(context.Background(), model, checker.Options{AsOf: "2026-11-23"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// scenes are the scenes of all cases of a result.
func scenes(r *checker.Result) []Scene {
	out := []Scene{{}}
	for _, q := range r.Requirements {
		for _, c := range q.Cases {
			if c.Attack != nil {
				out = append(out, Attack(r.Model.Design, c.Attackers, c.Attack))
			}
			if c.Proof != nil {
				out = append(out, Proof(r.Model.Design, c.Proof))
			}
			if len(c.Breaks) > 0 {
				out = append(out, Broken(c))
			}
		}
	}
	return out
}

// wellFormed reads XML to its end and returns the names of its elements and its texts.
func wellFormed(t *testing.T, data []byte) (elements map[string]int, texts string) {
	t.Helper()
	elements = map[string]int{}
	var all strings.Builder
	for d := xml.NewDecoder(bytes.NewReader(data)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return elements, all.String()
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, data)
		}
		switch x := token.(type) {
		case xml.StartElement:
			elements[x.Name.Local]++
			for _, a := range x.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "style" {
					t.Errorf("an element has the attribute %s", a.Name.Local)
				}
			}
		case xml.CharData:
			all.Write(x)
		}
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	r := load(t, "first/first.vbn")
	first := r.Requirements[0].Cases[0]
	scene := Attack(r.Model.Design, first.Attackers, first.Attack)
	for name, write := range map[string]func(io.Writer) error{
		"first.svg": func(w io.Writer) error { return New(r.Model.Design).SVG(w, scene) },
		"first.dot": func(w io.Writer) error { return DOT(w, r.Model.Design, scene) },
		"first.mmd": func(w io.Writer) error { return Mermaid(w, r.Model.Design, scene) },
	} {
		var out bytes.Buffer
		if err := write(&out); err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), want) {
			t.Errorf("the drawing differs from %s (-update rewrites it):\n%s", golden, &out)
		}
	}
}

// Every scene of the examples is drawn, well-formed, the same twice, and with all that it names.
func TestScenes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"tofar/pharmacy.vbn", "tofar/pharmacy-hardened.vbn", "first/first.vbn"} {
		r := load(t, name)
		g, again := New(r.Model.Design), New(r.Model.Design)
		for i, s := range scenes(r) {
			var a, b bytes.Buffer
			if err := errors.Join(g.SVG(&a, s), again.SVG(&b, s)); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(a.Bytes(), b.Bytes()) {
				t.Errorf("%s, scene %d: two drawings differ", name, i)
			}
			elements, texts := wellFormed(t, a.Bytes())
			if elements["script"]+elements["image"]+elements["foreignObject"]+elements["a"] > 0 {
				t.Errorf("%s, scene %d has %v", name, i, elements)
			}
			for _, e := range r.Model.Design.Elements {
				if party(e) && !strings.Contains(texts, e.Name) {
					t.Errorf("%s, scene %d does not show %s", name, i, e.Name)
				}
			}
			for _, f := range s.Frames {
				if f.Focus != nil && !strings.Contains(a.String(), ">"+f.Badge+"</text>") {
					t.Errorf("%s, scene %d has no badge %s", name, i, f.Badge)
				}
			}
		}
	}
}

// hostile has names and texts that each format could take for its own.
const hostile = `design "</svg><script>alert(1)</script> \" onload=\"x \\"
zone Z: public { title "]]> <b> & ' \" \\N \n line" }
actor A: customer in Z { title "\u202e\u0000 %%{init: {}}%% click" }
component C: webapp in Z { title "<img src=x onerror=alert(1)>"  link "javascript:alert(1)" }
data D: personal_data { title "end\n  click A call x()" }
flow A -> C over https { title "--> |x| \" ]" carries D }
attacker T { in Z }
require R: confidential D { title "<script>" }
`

func TestHostileNamesStayInert(t *testing.T) {
	t.Parallel()
	r := loadText(t, hostile)
	for _, s := range scenes(r) {
		var svg, dot, mermaid bytes.Buffer
		if err := errors.Join(New(r.Model.Design).SVG(&svg, s), DOT(&dot, r.Model.Design, s), Mermaid(&mermaid, r.Model.Design, s)); err != nil {
			t.Fatal(err)
		}
		elements, _ := wellFormed(t, svg.Bytes())
		if elements["svg"] != 1 || elements["script"]+elements["img"]+elements["b"]+elements["a"] > 0 {
			t.Errorf("the SVG has %v", elements)
		}
		for _, out := range []string{svg.String(), dot.String(), mermaid.String()} {
			if strings.ContainsAny(out, "\u202e\x00") || strings.Contains(out, "javascript:") {
				t.Errorf("raw text of the design:\n%s", out)
			}
		}
		for _, line := range strings.Split(mermaid.String(), "\n") {
			if strings.Count(line, `"`)%2 != 0 || strings.Contains(line, "click") || strings.Contains(line, "%%") {
				t.Errorf("Mermaid: %s", line)
			}
		}
	}
}

// shop is a design of n components in zones of ten, each of which calls two others.
func shop(n int) string {
	var b strings.Builder
	b.WriteString("design \"A shop\"\nzone Internet: public\nactor Shopper: customer in Internet\nattacker Outsider { in Internet }\ndata D: personal_data\n")
	for i := range n {
		if i%10 == 0 {
			fmt.Fprintf(&b, "zone Z%d: private\n", i/10)
		}
		fmt.Fprintf(&b, "component C%d: service in Z%d\n", i, i/10)
		if i == 0 {
			b.WriteString("flow Shopper -> C0 over https\n")
			continue
		}
		fmt.Fprintf(&b, "flow F%d: C%d -> C%d over https\nflow G%d: C%d -> C%d over https { carries D }\n", i, i/2, i, i, i*7%n, i)
	}
	b.WriteString("require R: confidential D\n")
	return b.String()
}

// A large design is an overview, each zone of which can be opened, and attacks are drawn over what they go through.
func TestLargeDesign(t *testing.T) {
	t.Parallel()
	r := loadText(t, shop(150))
	d := r.Model.Design
	g := New(d)
	if zones := Foldable(d); len(zones) != 15 || len(g.nodes) != 16 {
		t.Errorf("%d zones are folded, and %d things shown; want 15, and with the shopper 16", len(zones), len(g.nodes))
	}
	zone := d.Lookup("Z3")
	o := Open(d, zone)
	if len(o.nodes) != 16-1+10 || o.zoneOf[zone] == 0 {
		t.Errorf("with Z3 opened %d things are shown", len(o.nodes))
	}
	for _, g := range []*Drawing{g, o} {
		stands := 0
		for _, e := range d.Elements {
			if _, ok := g.nodeOf[e]; ok && party(e) {
				stands++
			}
			if e.Flow != nil && len(g.lineOf[e]) == 0 && g.view.of(e.Flow.Source) != g.view.of(e.Flow.Target) {
				t.Errorf("%s is in no line", e.Name)
			}
		}
		if stands != 151 || g.W > 3*g.H || g.H > 3*g.W {
			t.Errorf("%d of 151 parties stand somewhere in %d by %d", stands, g.W, g.H)
		}
	}
	for _, s := range scenes(r)[1:] {
		g := About(d, s)
		var out bytes.Buffer
		if err := g.SVG(&out, s); err != nil {
			t.Fatal(err)
		}
		if out.Len() > 100_000 {
			t.Errorf("a drawing has %d bytes", out.Len())
		}
		if b := g.Bounds(s); b.X < 0 || b.Y < 0 || b.X+b.W > g.W || b.Y+b.H > g.H {
			t.Errorf("the scene lies in %v, the drawing is %d by %d", b, g.W, g.H)
		}
		if !strings.Contains(out.String(), " of 10 shown") {
			t.Error("it does not say that zones have more in them")
		}
	}
	var overview, part bytes.Buffer
	if err := errors.Join(Mermaid(&overview, d, Scene{}), Mermaid(&part, d, scenes(r)[1])); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(overview.String(), "Z3: 10 in it") || strings.Contains(overview.String(), "C7") || strings.Contains(part.String(), "in it") {
		t.Errorf("in Mermaid it is\n%s\nand of the attack\n%s", &overview, &part)
	}
}

// Attack graphs are drawn in all three forms, and hostile names stay inert in them.
func TestAttackGraph(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*checker.Result{"R": loadText(t, hostile), "CardSecrecy": load(t, "first/first.vbn")} {
		graphs, err := explain.AttackGraphs(t.Context(), r.Model, name)
		if err != nil || len(graphs) == 0 {
			t.Fatal(len(graphs), err)
		}
		g := graphs[0]
		var svg, dot, mermaid bytes.Buffer
		if err := errors.Join(AttackGraphSVG(&svg, name, g), AttackGraphDOT(&dot, name, g), AttackGraphMermaid(&mermaid, name, g)); err != nil {
			t.Fatal(err)
		}
		_, texts := wellFormed(t, svg.Bytes())
		for i, f := range g.Facts {
			if !strings.Contains(texts, f) || !strings.Contains(dot.String(), f) || !strings.Contains(mermaid.String(), fmt.Sprintf("  f%d([", i)) {
				t.Errorf("%s: fact %s is missing", name, f)
			}
		}
		for i, a := range g.Actions {
			if !strings.Contains(texts, a.Says) || !strings.Contains(dot.String(), a.ID) || !strings.Contains(mermaid.String(), fmt.Sprintf("  a%d[", i)) {
				t.Errorf("%s: action %s is missing", name, a.Says)
			}
		}
	}
	large := &explain.AttackGraph{Facts: make([]string, maxGraph+1)}
	if err := AttackGraphSVG(io.Discard, "R", large); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a graph that is too large: %v", err)
	}
}

// Where everything may connect to everything, these flows are drawn only where they stand out.
func TestMesh(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("design \"Mesh\"\nzone Z: private\nattacker T { controls C0 }\nrequire R: always forall f: flow | f.source != C3\n")
	for i := range 8 {
		fmt.Fprintf(&b, "component C%d: service in Z\n", i)
		for k := range 8 {
			if i != k {
				fmt.Fprintf(&b, "flow C%d -> C%d over https\n", i, k)
			}
		}
	}
	r := loadText(t, b.String())
	g := New(r.Model.Design)
	if g.Mesh != 56 {
		t.Errorf("%d flows are taken for a mesh, want 56", g.Mesh)
	}
	var plain, broken bytes.Buffer
	if err := errors.Join(g.SVG(&plain, Scene{}), g.SVG(&broken, Broken(r.Requirements[0].Cases[0]))); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, broken.Bytes())
	if a, b := strings.Count(plain.String(), `data-line=`), strings.Count(broken.String(), `class="line hot direct"`); a != 0 || b != 7 {
		t.Errorf("%d lines are drawn, and %d of the flows from C3 stand out; want 0 and 7", a, b)
	}
	if !strings.Contains(plain.String(), "56 flows without name and data") {
		t.Error("it does not say what is left out")
	}
}

func TestEmptyDesign(t *testing.T) {
	t.Parallel()
	r := loadText(t, `design "Nothing"`)
	var out bytes.Buffer
	if err := New(r.Model.Design).SVG(&out, Scene{}); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, out.Bytes())
}

func TestLetter(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 27: "AB", 52: "BA"} {
		if got := Letter(n); got != want {
			t.Errorf("letter %d is %s, want %s", n, got, want)
		}
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		items []string
		limit int
		want  string
	}{
		{[]string{"Order"}, 100, "Order"},
		{[]string{"Order", "Address"}, 100, "Order, Address"},
		{[]string{"Order", "Address", "Prescription"}, 100, "Order, Address +1"},
		{[]string{"AVeryLongNameOfSomething"}, 60, "AVeryLo…"},
	} {
		got := listFit(c.items, 11, c.limit)
		if got != c.want || textWidth(got, 11) > c.limit {
			t.Errorf("%q in %d: %q, want %q", c.items, c.limit, got, c.want)
		}
	}
}
