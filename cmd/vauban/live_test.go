package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/vauban-verifier/vauban/cmd/internal/cli"
	"github.com/vauban-verifier/vauban/reports/html/browsertest"
)

// TestLive has a browser follow a design: a verdict, another one within a second of a save, a mistake above the last report; what a reader opened stays open.
func TestLive(t *testing.T) {
	t.Parallel()
	browser := browsertest.Launch(t)
	dir := t.TempDir()
	design, err := os.ReadFile(filepath.Join("..", "..", "examples", "first", "first.vbn"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "first.vbn")
	save := func(text string) time.Time {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return time.Now()
	}
	save(string(design))
	ctx, cancel := context.WithCancel(t.Context())
	said, says := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- cli.Run(ctx, []string{"live", file}, strings.NewReader(""), says, io.Discard)
		_ = says.Close()
	}()
	line, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	_, address, _ := strings.Cut(strings.TrimSpace(line), " is at ")
	until := func(what, script string) time.Time {
		t.Helper()
		for range 600 {
			if evaluate[bool](t, browser, script) {
				return time.Now()
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Fatalf("never %s:\n%.2000s", what, evaluate[string](t, browser, `document.body.innerText + "\n" + report.contentDocument.body.innerText`))
		return time.Time{}
	}
	if err := chromedp.Do(browser, chromedp.Navigate(address)); err != nil {
		t.Fatal(err)
	}
	has := func(text string) string {
		return `report.contentDocument.readyState === "complete" && report.contentDocument.body.innerText.includes("` + text + `")`
	}
	until("a report", `report.contentDocument && `+has("CardSecrecyPoor")+` && document.getElementById("state").className === "done"`)
	const details = `report.contentDocument.querySelector("#drawing details")`
	evaluate[bool](t, browser, details+".open = true; report.contentWindow.scrollTo(0, 300); true")

	// A save shows within a second, where somebody was reading.
	at := save(strings.Replace(string(design), "require CardSecrecyPoor:", "require CardSecrecyNow:", 1))
	took := until("the new name", has("CardSecrecyNow")).Sub(at)
	t.Logf("a save showed after %v", took.Round(time.Millisecond))
	until("open", details+".open && report.contentWindow.scrollY === 300")

	// A mistake is told, and the last report stays, as one of an earlier text.
	save(strings.Replace(string(design), ": webapp", ": webap", 1))
	until("the mistake", `errors.innerText.includes("did you mean \"webapp\"") && !stale.hidden`)
	until("the last report", has("CardSecrecyNow"))
	save(string(design))
	until("right again", has("CardSecrecyPoor")+` && errors.hidden && stale.hidden && document.getElementById("state").className === "done"`)

	cancel()
	if code := <-ended; code != 0 {
		t.Errorf("exit status %d", code)
	}
	until("the end", `document.getElementById("state").innerText.includes("has stopped")`)
}

// evaluate runs a script in the page.
func evaluate[T any](t *testing.T, browser context.Context, script string) T {
	t.Helper()
	v, err := chromedp.Run(browser, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatal(err)
	}
	return v
}
