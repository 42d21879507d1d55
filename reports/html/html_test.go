package html

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/vauban-verifier/vauban/checker"
	draw "github.com/vauban-verifier/vauban/checker/bench/shop"
	"github.com/vauban-verifier/vauban/checker/questions"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

const examples = "../../examples/"

// check checks a design; text "" reads the file of that name.
func check(t testing.TB, name, text string) *checker.Result {
	t.Helper()
	read := source.Reader(threatstest.Disk)
	if text != "" {
		read = func(string) (string, error) { return text, nil }
	}
	model := threatstest.Load(t, read, name)
	r, err := checker.Check(context.Background(), model, checker.Options{AsOf: "2026-11-23"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func write(t testing.TB, r *checker.Result) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, reports.Outcome{Result: r}, reports.New(r, "1.2.3")); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// elements are the elements of a page by name.
type elements map[string][]*html.Node

func parse(t *testing.T, data []byte) elements {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	out := elements{}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			out[n.Data] = append(out[n.Data], n)
		}
	}
	return out
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// inert checks that a page does nothing but what its own script and style sheet do, and that its policy allows just these.
func inert(t *testing.T, data []byte) {
	t.Helper()
	all := parse(t, data)
	for name := range all {
		switch name {
		case "img", "iframe", "object", "embed", "form", "input", "base", "link", "audio", "video", "image", "foreignobject":
			t.Errorf("the page has an element %s", name)
		}
	}
	if len(all["script"]) != 1 || len(all["style"]) != 1 {
		t.Fatalf("the page has %d scripts and %d style sheets", len(all["script"]), len(all["style"]))
	}
	ids := map[string]bool{}
	for _, list := range all {
		for _, n := range list {
			if id, ok := attribute(n, "id"); ok {
				if ids[id] {
					t.Errorf("two elements have the id %s", id)
				}
				ids[id] = true
			}
		}
	}
	for _, list := range all {
		for _, n := range list {
			for _, a := range n.Attr {
				switch {
				case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "src", a.Key == "srcset":
					t.Errorf("element %s has the attribute %s", n.Data, a.Key)
				case a.Key == "href" && !(strings.HasPrefix(a.Val, "#") && ids[a.Val[1:]]):
					t.Errorf("a link leads to %q", a.Val)
				}
			}
		}
	}
	policy := ""
	for _, n := range all["meta"] {
		if what, _ := attribute(n, "http-equiv"); what == "Content-Security-Policy" {
			policy, _ = attribute(n, "content")
		}
	}
	hash := func(n *html.Node) string {
		sum := sha256.Sum256([]byte(n.FirstChild.Data))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	want := fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'", hash(all["style"][0]), hash(all["script"][0]))
	if policy != want {
		t.Errorf("the policy is %s\nwant %s", policy, want)
	}
}

// The page names each requirement, each step, each control of a proof; it is inert, and the same twice.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"tofar/pharmacy.vbn", "tofar/pharmacy-hardened.vbn", "first/first.vbn"} {
		r := check(t, examples+name, "")
		data := write(t, r)
		inert(t, data)
		if !bytes.Equal(data, write(t, check(t, examples+name, ""))) {
			t.Errorf("%s: two pages differ", name)
		}
		var texts strings.Builder
		root, _ := html.Parse(bytes.NewReader(data))
		for n := range root.Descendants() {
			if n.Type == html.TextNode {
				texts.WriteString(n.Data)
			}
		}
		all := texts.String()
		digest, err := reports.New(r, "1.2.3").Digest()
		if err != nil || !strings.Contains(all, digest) {
			t.Errorf("%s: the digest %s is not on the page (%v)", name, digest, err)
		}
		for _, q := range r.Requirements {
			if !strings.Contains(all, q.Source.Name) || !strings.Contains(all, q.Source.Title) {
				t.Errorf("%s: %s is not on the page", name, q.Source.Name)
			}
			for _, c := range q.Cases {
				if c.Attack != nil && c == q.Cases[0] {
					for _, s := range c.Attack.Steps {
						if !strings.Contains(all, s.Says) {
							t.Errorf("%s: a step of %s is not on the page: %s", name, q.Source.Name, s.Says)
						}
					}
				}
				if c.Proof != nil && c == q.Cases[0] {
					for _, x := range c.Proof.RestsOn {
						if !strings.Contains(all, x.Control) {
							t.Errorf("%s: a control that %s rests on is not on the page: %s", name, q.Source.Name, x.Control)
						}
					}
				}
			}
		}
	}
}

// The page does not tell where the design lay, or from where it was named.
func TestSamePageFromEverywhere(t *testing.T) {
	t.Parallel()
	want := write(t, check(t, examples+"tofar/pharmacy.vbn", ""))
	absolute, err := filepath.Abs(examples + "tofar/pharmacy.vbn")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(write(t, check(t, filepath.ToSlash(absolute), "")), want) {
		t.Error("the page of a design that is named by its absolute path differs")
	}
}

func TestWhatStopsAStep(t *testing.T) {
	t.Parallel()
	r := check(t, examples+"tofar/pharmacy.vbn", "")
	page := string(write(t, r))
	for _, want := range []string{
		"WebShop has object_authorization (cost 2)",
		"SwiftTelemetry has encryption (cost 1)",
		"WebShop has subresource_integrity (cost 1)", // open is not there
	} {
		if !strings.Contains(page, ">"+want+"<") {
			t.Errorf("no step is said to be stopped by %q", want)
		}
	}
}

const hostile = `design "</title><script>alert(1)</script><!--"
zone Z: public { title "]]> <b> & ' \" </svg>" }
/// </td></table><img src=x onerror=alert(1)> {{.}} ${x}
actor A: customer in Z { title "\u202e\u0000"  owner "</style><script>alert(2)</script>" }
component C: webapp in Z { title "<img src=x onerror=alert(3)>"  link "javascript:alert(4)"  has input_validation? }
data D: personal_data { title "\"><svg onload=alert(5)>" }
flow A -> C over https { title "' onmouseover='alert(6)"  carries D }
attacker T { in Z }
/// <script>alert(7)</script>
require R: confidential D { title "<script>alert(8)</script>"  refs "javascript:alert(9)" }
assume Q: not (controls(C) and not controls(C))
waive R until 2027-01-01 because "<a href=javascript:alert(10)>"
`

func TestHostileNamesStayInert(t *testing.T) {
	t.Parallel()
	data := write(t, check(t, "x.vbn", hostile))
	inert(t, data)
	if bytes.ContainsAny(data, "\u202e\x00") {
		t.Error("control characters of the design are on the page")
	}
}

func TestNothingToSay(t *testing.T) {
	t.Parallel()
	data := write(t, check(t, "x.vbn", `design "Nothing"`))
	inert(t, data)
	if !bytes.Contains(data, []byte("no requirement")) {
		t.Error("it does not say that nothing was verified")
	}
}

// TestQuestions: what a design is silent about stands on the page, each proof says what it hangs on, and names stay inert.
func TestQuestions(t *testing.T) {
	t.Parallel()
	const evil = "<script>alert(1)</script>"
	r := check(t, "x.vbn", `design "Asked"
zone Core, Elsewhere: private
data Order: order_data
component Shop: webapp in Core { handles Order }
component Other: service in Elsewhere
attacker Outsider { controls Other }
require Secret: confidential Order against Outsider
`)
	o := reports.Outcome{Result: r, Questions: &questions.Found{Silent: 1, Questions: []questions.Question{{
		On: r.Model.Design.Lookup("Shop"), Text: "whose scripts do the pages of " + evil + " load?", Yes: []string{"extend Shop { loads " + evil + " }"}, No: "extend Shop { loads none }",
		Breaks: []questions.Broken{{Requirement: "Secret", Verdict: checker.Violated, Cost: 2}},
	}}}}
	var b bytes.Buffer
	if err := Write(&b, o, reports.New(r, "1.2.3")); err != nil {
		t.Fatal(err)
	}
	inert(t, b.Bytes())
	for _, want := range []string{
		`<a href="#questions">Questions</a>`, `<li id="q0"><strong>whose scripts do the pages of &lt;script&gt;`, `<a href="#r0">Secret (cost 2)</a>`, `<code>extend Shop { loads none }</code> says no`,
		`<strong>Depends on</strong> <a href="#q0">whose scripts`, `not all answers were tried`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if data := write(t, r); bytes.Contains(data, []byte(`id="questions"`)) {
		t.Error("a page of a design that nobody asked about has questions")
	}
}

// shop is a shop of n components in zones of ten, with a requirement for every third zone.
func shop(n int) string {
	var b strings.Builder
	b.WriteString("design \"A shop\"\nzone Internet: public\nactor Shopper: customer in Internet\nattacker Outsider { in Internet }\n")
	for i := range n {
		if i%10 == 0 {
			fmt.Fprintf(&b, "zone Z%d: private\ndata D%d: personal_data\n", i/10, i/10)
			if i%30 == 0 {
				fmt.Fprintf(&b, "require R%d: confidential D%d\n", i/10, i/10)
			}
		}
		fmt.Fprintf(&b, "component C%d: service in Z%d { handles D%d }\n", i, i/10, i/10)
		if i == 0 {
			b.WriteString("flow Shopper -> C0 over https\n")
			continue
		}
		fmt.Fprintf(&b, "flow F%d: C%d -> C%d over https\nflow G%d: C%d -> C%d over sql { carries D%d }\n", i, i/2, i, i, i*7%n, i, i/10)
	}
	return b.String()
}

// The bars are a second and two megabytes; the time is printed, not judged, as the machine may be busy.
func TestLargeDesign(t *testing.T) {
	t.Parallel()
	r := check(t, "x.vbn", shop(150))
	start := time.Now()
	data := write(t, r)
	t.Logf("%d bytes in %v", len(data), time.Since(start))
	if len(data) > 2_000_000 {
		t.Errorf("the page has %d bytes", len(data))
	}
	inert(t, data)
}

// TestProofsOfManyControls checks a design whose proofs rely on more controls than a person reads: the page has the first ones, says how many there are besides, and draws none of it.
func TestProofsOfManyControls(t *testing.T) {
	t.Parallel()
	text, err := draw.Design(draw.Plan{Shape: "wide", Size: 400, Secure: true})
	if err != nil {
		t.Fatal(err)
	}
	r := check(t, "x.vbn", text)
	relied := len(r.Requirements[0].Cases[0].Proof.RestsOn)
	if relied <= maxRelied {
		t.Fatalf("the proof relies on %d controls, too few to try this", relied)
	}
	data := write(t, r)
	if want := fmt.Sprintf("<p>and %d more in the JSON report</p>", relied-maxRelied); !bytes.Contains(data, []byte(want)) {
		t.Errorf("%q is not on the page", want)
	}
	_, proof, _ := bytes.Cut(data, []byte(`<ul class="controls">`))
	proof, _, _ = bytes.Cut(proof, []byte("</ul>"))
	if n := bytes.Count(proof, []byte("<li>")); n != maxRelied {
		t.Errorf("the proof lists %d controls, expected %d", n, maxRelied)
	}
	if len(data) > 3_000_000 {
		t.Errorf("the page has %d bytes", len(data))
	}
	inert(t, data)
}

func BenchmarkLargeDesign(b *testing.B) {
	r := check(b, "x.vbn", shop(150))
	for b.Loop() {
		b.SetBytes(int64(len(write(b, r))))
	}
}
