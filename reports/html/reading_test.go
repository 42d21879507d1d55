package html

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/html/browsertest"
)

// A page is printed on nine sheets at most, and the attack that is printed of each requirement is drawn large enough to be read.
func printed(t *testing.T, ctx context.Context) {
	for name, data := range map[string][]byte{
		"pharmacy": write(t, check(t, examples+"tofar/pharmacy.vbn", "")), "boutique": write(t, check(t, examples+"online-boutique/no-policies.vbn", "")),
		"large": write(t, check(t, "large.vbn", large())),
	} {
		b := show(t, ctx, data, 1200, 900)
		yes := true
		pdf, err := chromedp.Call(ctx, cdppage.PrintToPDF, cdppage.PrintToPDFParams{PreferCSSPageSize: &yes})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(pdf.Data, -1)); n == 0 || n > 9 {
			t.Errorf("%s is printed on %d sheets", name, n)
		}
		b.quiet()
	}
	b := show(t, ctx, write(t, check(t, examples+"tofar/pharmacy.vbn", "")), 703, 1000) // what a sheet of A4 is wide between its margins
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	// Texts of 12 pixels are 9 points on paper; half of that is what a newspaper's smallest print has.
	small := eval[string](b, `[...document.querySelectorAll("#findings svg.paper-only")].filter((s) => s.getClientRects().length > 0)
		.map((s) => s.getBoundingClientRect().width / s.viewBox.baseVal.width).filter((scale) => scale < 0.5).join()`)
	shown := eval[int](b, `[...document.querySelectorAll("#findings svg.paper-only")].filter((s) => s.getClientRects().length > 0).length`)
	if small != "" || shown != 10 {
		t.Errorf("%d attacks are drawn on paper, want 10, at least at half their size: %s", shown, small)
	}
}

// TestAxe has axe look at the page, where its file is named. See .ci/axe.
func TestAxe(t *testing.T) {
	t.Parallel()
	name := os.Getenv("VAUBAN_AXE")
	if name == "" {
		t.Skip("VAUBAN_AXE names no axe.min.js: .ci/axe fetches it and looks")
	}
	axe, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	ctx := browsertest.Launch(t)
	for name, data := range map[string][]byte{
		"pharmacy": write(t, check(t, examples+"tofar/pharmacy.vbn", "")), "hardened": write(t, check(t, examples+"tofar/pharmacy-hardened.vbn", "")),
		"large": write(t, check(t, "large.vbn", large())),
	} {
		for _, scheme := range []string{"light", "dark"} {
			b := show(t, ctx, data, 1200, 900, &emulation.MediaFeature{Name: "prefers-color-scheme", Value: scheme})
			eval[bool](b, `(() => { document.querySelectorAll("details").forEach((d) => { d.removeAttribute("name"); d.open = true; }); return true })()`)
			b.do(chromedp.Evaluate[chromedp.Void](string(axe) + "; window.found = null; axe.run().then((r) => { window.found = r.violations.map((v) => v.impact + \" \" + v.id + \" \" + v.nodes[0].html.slice(0, 200)) })"))
			if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool]("window.found !== null")); err != nil {
				t.Fatal(err)
			}
			var found []string
			if err := json.Unmarshal(eval[[]byte](b, "window.found"), &found); err != nil {
				t.Fatal(err)
			}
			t.Logf("%s, %s: %d findings", name, scheme, len(found))
			for _, f := range found {
				if strings.HasPrefix(f, "serious") || strings.HasPrefix(f, "critical") {
					t.Errorf("%s, %s: %s", name, scheme, f)
				}
			}
		}
	}
}

// The first page has what is not met, the most severe first, what holds for a poor reason apart, and what changed since an earlier report.
func TestFirstPage(t *testing.T) {
	t.Parallel()
	r := check(t, "x.vbn", `design "X"
zone Net: public
actor A: customer in Net
component C: webapp in Net
component Db: database in Net { stores D }
data D: personal_data
flow F: A -> C over https { carries D }
attacker T { in Net }
require Low: confidential D { severity low }
require High: confidential D { severity high }
require Empty: always forall s: backup_store | s has encryption_at_rest
require Rule: always forall f: flow | f has encryption
`)
	old := &document.Report{Options: document.Options{AsOf: "2026-01-02"}, Requirements: []document.Requirement{
		{Name: "High", Property: "confidential D", Verdict: "holds"},
		{Name: "Low", Property: "confidential D", Verdict: string(r.Requirements[0].Verdict)},
		{Name: "Rule", Property: "always true", Verdict: "violated"},
		{Name: "Gone", Verdict: "holds"},
	}}
	var out bytes.Buffer
	if err := Write(&out, reports.Outcome{Result: r, Since: reports.NewSince("last.json", old, r)}, reports.New(r, "1.2.3")); err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(out.String()[strings.Index(out.String(), `id="verdicts"`):], " ")
	at := 0
	for _, want := range []string{
		"Not met, the most severe first", "High", "Low", "Vacuous", "Empty", "Proved", "Rule",
		"Changes since last.json, as of 2026-01-02", "High", "holds before, violated now", "Empty", "new, holds", "Rule", "violated before, holds now", "says something else now", "Gone", "no longer required",
	} {
		i := strings.Index(text[at:], want)
		if i < 0 {
			t.Fatalf("after %d bytes %q is missing in\n%.3000s", at, want, text)
		}
		at += i
	}
	inert(t, out.Bytes())
}

// The sentence at the top speaks of the verdict that the whole has, and says besides what is broken.
func TestLead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		counts map[checker.Verdict]int
		want   string
	}{
		{map[checker.Verdict]int{checker.Violated: 2, checker.Unknown: 1}, "Some results are unknown: do not rely on them. 2 requirements are broken, whichever way the open decisions go."},
		{map[checker.Verdict]int{checker.Violated: 1, checker.Depends: 1}, "1 requirement is broken, whichever way the open decisions go."},
		{map[checker.Verdict]int{checker.Depends: 1, checker.Waived: 1}, "Some requirements depend on open decisions: 1 requirement."},
	} {
		if got := lead(c.counts, 3); got != c.want {
			t.Errorf("%v: %q, want %q", c.counts, got, c.want)
		}
	}
}
