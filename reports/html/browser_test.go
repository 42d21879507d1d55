package html

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/vauban-verifier/vauban/reports/html/browsertest"
)

// browser is one page in a browser, with all that it complained about and asked for.
type browser struct {
	t   *testing.T
	ctx context.Context
	own string // the URL of the page

	mu       sync.Mutex
	messages []string
	requests []string
}

// TestBrowser clicks through the page in a browser, each time in a tab of its own.
func TestBrowser(t *testing.T) {
	t.Parallel()
	ctx := browsertest.Launch(t)
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as this context
		t.Fatal(err)
	}
	for name, test := range map[string]func(*testing.T, context.Context){
		"every control": everyControl, "playing": playing, "zones open": zonesOpen, "lights": lights, "printed": printed, "without scripts": withoutScripts, "hostile design": hostileDesign,
	} {
		t.Run(name, func(t *testing.T) {
			tab, cancel := chromedp.NewContext(ctx)
			defer cancel()
			test(t, tab)
		})
	}
}

// show opens a page.
func show(t *testing.T, ctx context.Context, data []byte, width, height int64, media ...*emulation.MediaFeature) *browser {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, ctx: ctx, own: (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()}
	b.do(chromedp.EmulateViewport(width, height))
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	for _, enable := range []func() error{
		func() error { _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); return err },
		func() error { _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); return err },
		func() error {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: media})
			return err
		},
	} {
		if err := enable(); err != nil {
			t.Fatal(err)
		}
	}
	b.do(chromedp.Navigate(b.own))
	return b
}

func (b *browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		b.messages = append(b.messages, "console: "+string(e.Type))
	case *runtime.EventExceptionThrown:
		b.messages = append(b.messages, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		b.messages = append(b.messages, "log: "+e.Entry.Text)
	case *network.EventRequestWillBeSent:
		if address, _, _ := strings.Cut(e.Request.URL, "#"); address != b.own {
			b.requests = append(b.requests, e.Request.URL)
		}
	}
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// eval evaluates an expression in the page.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// quiet checks that the page had nothing to complain about and asked for nothing.
func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.messages {
		b.t.Errorf("the browser says: %s", m)
	}
	for _, r := range b.requests {
		b.t.Errorf("the page asks for %s", r)
	}
}

// everyControl clicks on everything that can be clicked, in all sizes and colours.
func everyControl(t *testing.T, ctx context.Context) {
	data := write(t, check(t, examples+"tofar/pharmacy.vbn", ""))
	for _, c := range []struct {
		name   string
		w, h   int64
		scheme string
	}{{"light", 1400, 900, "light"}, {"dark", 1400, 900, "dark"}, {"narrow", 390, 800, "light"}} {
		b := show(t, ctx, data, c.w, c.h,
			&emulation.MediaFeature{Name: "prefers-color-scheme", Value: c.scheme}, &emulation.MediaFeature{Name: "prefers-reduced-motion", Value: "reduce"})
		n := eval[int](b, `(() => {
			let n = 0;
			for (const e of document.querySelectorAll("summary, button, .steps > li, .controls > li, a")) {
				e.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
				n++;
			}
			return n;
		})()`)
		if n < 200 {
			t.Errorf("%s: only %d controls", c.name, n)
		}
		if wide := eval[int](b, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); wide > 0 {
			t.Errorf("%s: the page is %d pixels wider than the window", c.name, wide)
		}
		b.quiet()
	}
}

// state is what a player shows.
type state struct {
	Now, Later, Past int
	Caption, Button  string
	Item             int
}

// playing goes through an attack with buttons and keys.
func playing(t *testing.T, ctx context.Context) {
	b := show(t, ctx, write(t, check(t, examples+"tofar/pharmacy.vbn", "")), 1200, 900,
		&emulation.MediaFeature{Name: "prefers-reduced-motion", Value: "reduce"})
	b.do(chromedp.Evaluate[chromedp.Void](`
		window.article = [...document.querySelectorAll("#findings article")].find((a) => a.querySelector("h3 a").textContent === "SwiftTheft");
		window.section = article.querySelector(".case");
		window.press = (key) => section.querySelector(".stage").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
		window.click = (what) => section.querySelector("[data-do=" + what + "]").click();
		window.state = () => ({
			Now: new Set([...section.querySelectorAll(".frame.now")].map((f) => f.dataset.frame)).size,
			Later: new Set([...section.querySelectorAll(".frame.later")].map((f) => f.dataset.frame)).size,
			Past: new Set([...section.querySelectorAll(".frame.past")].map((f) => f.dataset.frame)).size,
			Caption: section.querySelector(".caption").textContent,
			Button: section.querySelector("[data-do=play]").textContent,
			Item: [...section.querySelectorAll(".steps > li")].findIndex((li) => li.classList.contains("now")) + 1,
		});`))
	expect := func(act string, step, later int) {
		t.Helper()
		var got state
		raw := eval[[]byte](b, "(() => { "+act+"; return state() })()")
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		now := min(step, 1)
		if got.Item != step || got.Now != now || got.Later != later || (got.Caption == "") != (step == 0) {
			t.Errorf("after %q: %+v, want step %d with %d later", act, got, step, later)
		}
	}
	expect("", 0, 0)
	expect(`click("next")`, 1, 3)
	expect(`press("ArrowRight")`, 2, 2)
	expect(`press("End")`, 4, 0)
	expect(`press("ArrowRight")`, 4, 0)
	expect(`press("ArrowLeft")`, 3, 1)
	expect(`click("back")`, 2, 2)
	expect(`section.querySelectorAll(".steps > li")[3].click()`, 4, 0)
	expect(`press("Home")`, 0, 0)
	expect(`click("play")`, 1, 3)
	if text := eval[string](b, "state().Button"); !strings.Contains(text, "Pause") {
		t.Errorf("while it plays the button says %q", text)
	}
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](`state().Item === 2`)); err != nil {
		t.Errorf("it does not go on by itself: %v", err)
	}
	expect(`press(" ")`, 2, 2)
	if text := eval[string](b, "state().Button"); !strings.Contains(text, "Play") {
		t.Errorf("after a pause the button says %q", text)
	}
	full := eval[bool](b, `(() => { click("crop"); return section.querySelector(".stage svg").getAttribute("viewBox") === section.querySelector(".player").dataset.full })()`)
	if !full {
		t.Error("the whole drawing is not shown")
	}
	wider := eval[bool](b, `(() => { const s = section.querySelector(".stage svg"), w = s.getBoundingClientRect().width; click("in"); return s.getBoundingClientRect().width > w })()`)
	if !wider {
		t.Error("zooming in does nothing")
	}
	b.quiet()
}

// large is a design of sixty components in six zones.
func large() string {
	var b strings.Builder
	b.WriteString("design \"Large\"\nzone Internet: public\nactor Shopper: customer in Internet\nattacker Outsider { in Internet }\ndata D: personal_data\n")
	for i := range 60 {
		if i%10 == 0 {
			fmt.Fprintf(&b, "zone Z%d: private\n", i/10)
		}
		fmt.Fprintf(&b, "component C%d: service in Z%d\n", i, i/10)
		if i == 0 {
			b.WriteString("flow Shopper -> C0 over https\n")
		} else {
			fmt.Fprintf(&b, "flow F%d: C%d -> C%d over https { carries D }\n", i, i/2, i)
		}
	}
	b.WriteString("require R: confidential D\n")
	return b.String()
}

// zonesOpen opens the folded zones of a large design one at a time, by mouse and by keyboard.
func zonesOpen(t *testing.T, ctx context.Context) {
	b := show(t, ctx, write(t, check(t, "large.vbn", large())), 1200, 900)
	open := func() string {
		return eval[string](b, `[...document.querySelectorAll(".views details[open] .stage")].map((d) => d.getAttribute("aria-label")).join()`)
	}
	opened := func(name string) string {
		return `[...document.querySelectorAll(".views details[open] .stage")].map((d) => d.getAttribute("aria-label")).join() === "Drawing with ` + name + ` opened"`
	}
	zone := func(name string) string {
		return `[...document.querySelectorAll("#architecture .folded")].find((n) => n.querySelector(".nt").textContent === "` + name + `").querySelector("a")`
	}
	if got := open(); got != "" {
		t.Errorf("%q is open from the start", got)
	}
	eval[bool](b, zone("Z1")+`.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }))`)
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](opened("Z1"))); err != nil {
		t.Errorf("after a click on Z1 %q is open: %v", open(), err)
	}
	eval[bool](b, "(() => { "+zone("Z4")+".focus(); return true })()")
	b.do(chromedp.KeyEvent("\r"))
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](opened("Z4"))); err != nil {
		t.Errorf("after Enter on Z4 %q is open: %v", open(), err)
	}
	if n := eval[int](b, `document.querySelectorAll(".views details[open] [data-node]").length`); n != 16 {
		t.Errorf("with Z4 opened %d things are to be seen, want its ten, five other zones and the shopper", n)
	}
	b.quiet()
}

// lights lights up where data is.
func lights(t *testing.T, ctx context.Context) {
	b := show(t, ctx, write(t, check(t, examples+"tofar/pharmacy.vbn", "")), 1200, 900)
	lit := eval[int](b, `(() => {
		const row = [...document.querySelectorAll("tr")].find((r) => r.querySelector("th")?.firstChild?.textContent === "SwiftPosition");
		row.querySelector(".show").click();
		return document.querySelectorAll(".whole .on[data-node], .whole .on[data-line]").length;
	})()`)
	if lit != 6 { // stored by SwiftDispatch, carried by five flows
		t.Errorf("SwiftPosition lights up %d times, want 6", lit)
	}
	if eval[int](b, `(() => { document.querySelector("[data-do=unlit]").click(); return document.querySelectorAll(".whole .on").length })()`) != 0 {
		t.Error("the lights do not go out")
	}
	b.quiet()
}

// withoutScripts has the page show everything when scripts are off, and no control that would do nothing.
func withoutScripts(t *testing.T, ctx context.Context) {
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1200, 900)); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b := show(t, ctx, write(t, check(t, examples+"tofar/pharmacy.vbn", "")), 1200, 900)
	if n := eval[int](b, `[...document.querySelectorAll("button")].filter((e) => e.getClientRects().length > 0).length`); n > 0 {
		t.Errorf("%d buttons are shown that do nothing", n)
	}
	if n := eval[int](b, `[...document.querySelectorAll("#findings .stage .frame .badge")].filter((e) => e.getClientRects().length === 0).length`); n > 0 {
		t.Errorf("%d badges are not shown", n)
	}
}

// hostileDesign opens a page whose design tries to run scripts, and clicks through it.
func hostileDesign(t *testing.T, ctx context.Context) {
	b := show(t, ctx, write(t, check(t, "x.vbn", hostile)), 1200, 900)
	eval[int](b, `(() => { const all = document.querySelectorAll("summary, button, a, li, .node, .line"); for (const e of all) e.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true })); return all.length })()`)
	if n := eval[int](b, `document.scripts.length`); n != 1 {
		t.Errorf("the page has %d scripts", n)
	}
	if open := eval[bool](b, "location.href.split('#')[0] === "+quote(b.own)); !open {
		t.Error("the page was left")
	}
	b.quiet()
}

func quote(s string) string {
	out, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(out)
}
