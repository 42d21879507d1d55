package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/vauban-verifier/vauban/cmd/internal/cli"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/reports/bundle"
	"github.com/vauban-verifier/vauban/reports/html/browsertest"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/trail"
)

// This file puts the page that audits in a browser beside the command: on everything that is forged in examples/audit, and on the trails of the test vectors, both say the same, byte for byte.

// asked is what the page is asked in one go.
type asked struct {
	Bundle, Trust, Policy []byte
	AsOf                  string
	Signers, Require      []string
	Rerun                 bool
	Trail                 trail.Demands
}

// answered is what the page answers: the texts that it offers to keep, or why it refuses.
type answered struct {
	State, Status string
	Texts         map[string]string
}

// auditPage is the page in a browser.
type auditPage struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	heard  []string
	opened string
}

// openAuditPage has the page written, as a user does, and opens it from the disk, in a browser that tells what it asks for.
func openAuditPage(t *testing.T) *auditPage {
	t.Helper()
	ctx := browsertest.Launch(t)
	file := filepath.Join(t.TempDir(), "audit.html")
	var errs strings.Builder
	if code := cli.Run(t.Context(), []string{"audit", "--html", file}, strings.NewReader(""), &errs, &errs); code != 0 {
		t.Fatalf("exit status %d\n%s", code, &errs)
	}
	if info, err := os.Stat(file); err != nil || info.Size() < 1<<20 || info.Size() > 8<<20 {
		t.Errorf("the page has %d bytes: %v", info.Size(), err)
	}
	p := &auditPage{t: t, ctx: ctx, opened: (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()}
	p.do(chromedp.Evaluate[chromedp.Void]("0"))
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	p.do(chromedp.Navigate(p.opened))
	p.do(chromedp.Evaluate[chromedp.Void](`
		window.state = (want) => new Promise((resolve) => {
			const look = () => want.includes(document.documentElement.dataset.state) && (watch.disconnect(), resolve(document.documentElement.dataset.state));
			const watch = new MutationObserver(look);
			watch.observe(document.documentElement, { attributes: true });
			look();
		});
		window.ask = async (asked) => {
			const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
			for (const id of ["bundle", "trust", "policy"]) {
				document.getElementById(id).value = "";
				document.getElementById(id).dispatchEvent(new Event("change"));
			}
			const drop = new DataTransfer();
			for (const [name, text] of [["it.vaubz", asked.Bundle], ["trust.json", asked.Trust], ["policy.yaml", asked.Policy]])
				if (text !== null) drop.items.add(new File([bytes(text)], name));
			document.dispatchEvent(new DragEvent("drop", { dataTransfer: drop, bubbles: true, cancelable: true }));
			const fill = (id, value) => { document.getElementById(id).value = value; };
			fill("asof", asked.AsOf);
			fill("signers", (asked.Signers || []).join("\n"));
			fill("require", (asked.Require || []).join("\n"));
			for (const [id, value] of Object.entries(asked.Trail)) fill(id, value);
			document.getElementById("rerun").checked = asked.Rerun;
			document.getElementById("go").click();
			await state(["done", "refused"]);
			return { State: document.documentElement.dataset.state, Status: document.getElementById("status").textContent, Texts: document.getElementById("result").data || {} };
		};`))
	if got := p.wait("ready", "broken"); got != "ready" {
		t.Fatalf("the page is %s: %s", got, inPage[string](p, `document.getElementById("status").textContent`))
	}
	return p
}

func (p *auditPage) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		p.heard = append(p.heard, "console: "+string(e.Type))
	case *runtime.EventExceptionThrown:
		p.heard = append(p.heard, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		p.heard = append(p.heard, "log: "+e.Entry.Text)
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; u != p.opened && !strings.HasPrefix(u, "blob:") && !strings.HasPrefix(u, "data:") { // a browser's own icons are data
			p.heard = append(p.heard, "a request for "+u)
		}
	}
}

func (p *auditPage) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// inPage evaluates an expression in the page, and waits for what it promises.
func inPage[T any](p *auditPage, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%.200s: %v", expression, err)
	}
	return v
}

// wait waits until the page is in one of these states, and returns it.
func (p *auditPage) wait(states ...string) string {
	p.t.Helper()
	want, err := json.Marshal(states)
	if err != nil {
		p.t.Fatal(err)
	}
	return inPage[string](p, fmt.Sprintf("state(%s)", want))
}

// ask drops files in, fills in the form and presses the button.
func (p *auditPage) ask(a asked) answered {
	p.t.Helper()
	data, err := json.Marshal(a)
	if err != nil {
		p.t.Fatal(err)
	}
	return inPage[answered](p, fmt.Sprintf("ask(%s)", data))
}

// command asks the command the same, and returns its result as JSON, or why it refuses, with its exit status.
func (a asked) command(t *testing.T, of ...string) (string, int) {
	t.Helper()
	dir := t.TempDir()
	put := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	args := append(of, "--format", "json", "--as-of", a.AsOf)
	if a.Trust != nil {
		args = append(args, "--trust", put("trust.json", a.Trust))
	}
	if of[0] == "audit" {
		for _, s := range a.Signers {
			args = append(args, "--signer", s)
		}
		for _, r := range a.Require {
			args = append(args, "--require", r)
		}
		if a.Policy != nil {
			args = append(args, "--policy", put("policy.yaml", a.Policy))
		}
		if a.Rerun {
			args = append(args, "--rerun")
		}
	} else {
		for flag, value := range map[string]string{"--trail": a.Trail.Trail, "--known": a.Trail.Known, "--max-age": a.Trail.MaxAge, "--salt": a.Trail.Salt} {
			if value != "" {
				args = append(args, flag, value)
			}
		}
	}
	var out, errs strings.Builder
	code := cli.Run(context.Background(), append(args, put("it.vaubz", a.Bundle)), strings.NewReader(""), &out, &errs)
	if code > console.ExitFound {
		return errs.String(), code
	}
	return out.String(), code
}

// forgedCases reads the commands of examples/audit, and makes of each what the page is asked; texts are what the commands say of the loose files.
func forgedCases(t *testing.T) (cases map[string]asked, texts map[string]string) {
	t.Helper()
	dir := filepath.Join("..", "..", "examples", "audit")
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	pages, err := filepath.Glob(filepath.Join(dir, "forged", "*", "audit.txt"))
	if err != nil || len(pages) < 20 {
		t.Fatalf("%d forged versions: %v", len(pages), err)
	}
	cases, texts = map[string]asked{}, map[string]string{}
	for _, page := range append(pages, filepath.Join(dir, "case", "audit.txt")) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		at := strings.Index(string(text), "$ vauban audit ")
		line, says, _ := strings.Cut(string(text)[at+len("$ vauban audit "):], "\n")
		words := strings.Fields(line)
		name := filepath.Base(filepath.Dir(page))
		var (
			a asked
			b bundle.Bundle
		)
		for i := 0; i < len(words); i++ {
			flag := words[i]
			if !strings.HasPrefix(flag, "--") {
				b.Document = read(flag)
				continue
			}
			if flag == "--rerun" {
				a.Rerun = true
				continue
			}
			i++
			value := words[i]
			switch flag {
			case "--as-of":
				a.AsOf = value
			case "--trust":
				a.Trust = read(value)
			case "--signer":
				a.Signers = append(a.Signers, value)
			case "--require":
				a.Require = append(a.Require, value)
			case "--policy":
				a.Policy = read(value)
			case "--statement":
				b.Statement = read(value)
			case "--receipt":
				b.Receipt = read(value)
			case "--design":
				b.Inputs = map[string][]byte{"design/shop.vbn": read(value), "design/mini.yaml": read(filepath.ToSlash(filepath.Join(filepath.Dir(value), "mini.yaml")))}
			case "--history":
				items, _, err := notary.ReadSequence(t.Context(), filepath.Join(dir, value), notary.Histories)
				if err != nil {
					t.Fatal(err)
				}
				for item, err := range items {
					if err != nil {
						t.Fatal(err)
					}
					b.History = append(b.History, item)
				}
			default:
				t.Fatalf("%s has the flag %s", page, flag)
			}
		}
		if a.Bundle, err = b.Bytes(); err != nil {
			t.Fatal(err)
		}
		cases[name], texts[name] = a, says
	}
	return cases, texts
}

// trailCases reads the test vectors of trails. A browser has no ledger to search, nor has the command here.
func trailCases(t *testing.T) map[string]asked {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "reports", "trail", "testdata", "vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Trust   json.RawMessage
		Texts   []string
		Vectors []struct {
			Name, Trail, Salt string
			Entries           [][3]int
			Known             *trail.Head
			Document          int
			AsOf              string `json:"as_of"`
			MaxAge            int    `json:"max_age"`
		}
	}
	if err := json.Unmarshal(data, &v); err != nil || len(v.Vectors) < 20 {
		t.Fatalf("%d vectors: %v", len(v.Vectors), err)
	}
	out := map[string]asked{}
	for _, x := range v.Vectors {
		b := &bundle.Bundle{Document: []byte(v.Texts[x.Document])}
		for i, e := range x.Entries {
			item := &notary.Item{Number: i + 1, Files: [][]byte{[]byte(v.Texts[e[0]]), nil}}
			if e[1] >= 0 {
				item.Receipt = []byte(v.Texts[e[1]])
			}
			if e[2] >= 0 {
				if item.Files[1], err = hex.DecodeString(v.Texts[e[2]]); err != nil {
					t.Fatal(err)
				}
			}
			b.Trail = append(b.Trail, item)
		}
		a := asked{Trust: v.Trust, AsOf: x.AsOf, Trail: trail.Demands{Trail: x.Trail, Salt: x.Salt}}
		if x.MaxAge > 0 {
			a.Trail.MaxAge = fmt.Sprintf("%dd", x.MaxAge)
		}
		if x.Known != nil {
			a.Trail.Known = fmt.Sprintf("%d:%s", x.Known.Number, x.Known.SHA256)
		}
		if a.Bundle, err = b.Bytes(); err != nil {
			t.Fatal(err)
		}
		out[x.Name] = a
	}
	return out
}

// TestAuditPage puts the page beside the command, in one browser.
func TestAuditPage(t *testing.T) {
	p := openAuditPage(t)
	cases, texts := forgedCases(t)
	var spent time.Duration
	for name, a := range cases {
		want, code := a.command(t, "audit")
		begun := time.Now()
		got := p.ask(a)
		spent += time.Since(begun)
		if got.State != "done" || got.Texts["audit.json"] != want {
			t.Errorf("%s: the page is %s, and says %s\n%s\nthe command says\n%s", name, got.State, got.Status, got.Texts["audit.json"], want)
		}
		if got.Texts["audit.txt"] != texts[name] {
			t.Errorf("%s: the page says of the bundle\n%s\nthe command says of the loose files\n%s", name, got.Texts["audit.txt"], texts[name])
		}
		if verdict := inPage[string](p, `document.activeElement.textContent`); strings.HasPrefix(verdict, "✓ All that was asked for passed") != (code == 0) {
			t.Errorf("%s: exit status %d, and %q has the focus", name, code, verdict)
		}
	}
	t.Logf("%d cases of examples/audit in %v", len(cases), spent)

	spent = 0
	trails := trailCases(t)
	for name, a := range trails {
		want, code := a.command(t, "trail", "verify")
		begun := time.Now()
		got := p.ask(a)
		spent += time.Since(begun)
		if code > console.ExitFound { // what cannot be asked
			if got.State != "refused" || !strings.Contains(want, got.Status) {
				t.Errorf("%s: the page is %s: %s\nthe command says\n%s", name, got.State, got.Status, want)
			}
		} else if got.State != "done" || got.Texts["trail.json"] != want {
			t.Errorf("%s: the page is %s, and says %s\n%s\nthe command says\n%s", name, got.State, got.Status, got.Texts["trail.json"], want)
		}
	}
	t.Logf("%d trails in %v", len(trails), spent)
	refusals(p, cases["case"])
	markup(p)
	keyboard(p)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, what := range p.heard {
		t.Errorf("the browser tells of %s", what)
	}
}

// refusals asks for what cannot be audited: the page says why, as the command does, and goes on.
func refusals(p *auditPage, honest asked) {
	p.t.Helper()
	for name, c := range map[string]struct {
		change func(*asked)
		want   string
	}{
		"a zip archive": {func(a *asked) { a.Bundle = append(bytes.Clone(a.Bundle), 0) }, "it has 1 bytes after its end"},
		"no bundle":     {func(a *asked) { a.Bundle = []byte("<img src=x onerror=alert(1)>") }, "it does not begin with a file"},
		"trust":         {func(a *asked) { a.Trust = []byte(`{"schema":"<b>"}`) }, "trust file"},
		"policy":        {func(a *asked) { a.Policy = []byte("schema: vauban.policy/1\nmax_age: soon\n") }, "the policy has errors, in line 2: "},
		"signer":        {func(a *asked) { a.Signers = []string{"Alice"} }, "--signer: "},
		"demand":        {func(a *asked) { a.Require = []string{"CardSecrecy"} }, "expected NAME=holds"},
		"trail":         {func(a *asked) { a.Trail.MaxAge = "30d" }, "the bundle has no trail to verify"},
	} {
		a := honest
		c.change(&a)
		if got := p.ask(a); got.State != "refused" || !strings.Contains(got.Status, c.want) {
			p.t.Errorf("%s: the page is %s: %s, expected %s", name, got.State, got.Status, c.want)
		}
	}
	if got := p.ask(honest); got.State != "done" {
		p.t.Errorf("after that it is %s: %s", got.State, got.Status)
	}
	inPage[bool](p, `(document.getElementById("go").click(), document.getElementById("stop").click(), true)`)
	p.wait("ready")
	if got := inPage[string](p, `document.getElementById("status").textContent`); got == "" || strings.HasPrefix(got, "Done") {
		p.t.Errorf("after a stop: %s", got)
	}
	if got := p.ask(honest); got.State != "done" {
		p.t.Errorf("after a stop it is %s: %s", got.State, got.Status)
	}
}

// markup audits a design whose names are markup: they are shown as they are.
func markup(p *auditPage) {
	p.t.Helper()
	dir := p.t.TempDir()
	const title = `<img src=x onerror=alert(1)>`
	design := "design \"" + title + "\"\nuse \"retail\"\nzone Net: public\ncomponent Shop: webapp in Net\nrequire R: always forall c: webapp | not controls(c)\n"
	if err := os.WriteFile(filepath.Join(dir, "shop.vbn"), []byte(design), 0o600); err != nil {
		p.t.Fatal(err)
	}
	for _, args := range [][]string{{"check", "--quiet", "--format", "json", "--out", filepath.Join(dir, "shop.report.json"), filepath.Join(dir, "shop.vbn")}, {"bundle", filepath.Join(dir, "shop.report.json")}} {
		var out strings.Builder
		if code := cli.Run(p.t.Context(), args, strings.NewReader(""), &out, &out); code > console.ExitFound {
			p.t.Fatalf("%v: exit status %d\n%s", args, code, &out)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "shop.vaubz"))
	if err != nil {
		p.t.Fatal(err)
	}
	if got := p.ask(asked{Bundle: data, AsOf: "2027-01-31"}); got.State != "done" {
		p.t.Errorf("the page is %s: %s", got.State, got.Status)
	}
	if got := inPage[string](p, `document.querySelectorAll("#result img, #result script").length + document.querySelector("#result .lead").textContent`); !strings.HasPrefix(got, "0"+title) {
		p.t.Errorf("markup of a design: %s", got)
	}
}

// axe looks at what is shown, as .ci/axe asks for it.
func (p *auditPage) axe() {
	p.t.Helper()
	name := os.Getenv("VAUBAN_AXE")
	if name == "" {
		return
	}
	axe, err := os.ReadFile(name)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, scheme := range []string{"light", "dark"} {
		if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}); err != nil {
			p.t.Fatal(err)
		}
		p.do(chromedp.Evaluate[chromedp.Void](string(axe)))
		found := inPage[[]string](p, `axe.run().then((r) => r.violations.map((v) => v.impact + " " + v.id + " " + v.nodes[0].html.slice(0, 200)))`)
		p.t.Logf("axe, %s: %d findings", scheme, len(found))
		for _, f := range found {
			if strings.HasPrefix(f, "serious") || strings.HasPrefix(f, "critical") {
				p.t.Errorf("%s: %s", scheme, f)
			} else {
				p.t.Logf("%s: %s", scheme, f)
			}
		}
	}
}

// keyboard goes through the form by keys alone, and finds every control by its label.
func keyboard(p *auditPage) {
	p.t.Helper()
	if bare := inPage[string](p, `[...document.querySelectorAll("input, textarea")].filter((e) => !e.labels.length).map((e) => e.id).join()`); bare != "" {
		p.t.Errorf("without a label: %s", bare)
	}
	p.do(chromedp.Focus("#asof"))
	for range 12 {
		if inPage[string](p, "document.activeElement.id") == "go" {
			break
		}
		p.do(chromedp.KeyEvent(kb.Tab))
	}
	p.do(chromedp.KeyEvent(kb.Enter))
	p.wait("done")
	if got := inPage[string](p, "document.activeElement.id"); got != "verdict" {
		p.t.Errorf("after the audit %q has the focus", got)
	}
	p.axe()
	for _, width := range []int64{1200, 390} {
		p.do(chromedp.EmulateViewport(width, 800))
		if wide := inPage[int](p, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); wide > 0 {
			p.t.Errorf("at %d pixels the page is %d wider than the window", width, wide)
		}
	}
}
