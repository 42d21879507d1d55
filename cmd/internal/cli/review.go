package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/document"
)

// reviewOptions are the flags of review.
type reviewOptions struct {
	checkOptions
	since, register string
	registerGiven   bool
}

func (a *app) reviewCommand() *cobra.Command {
	var opt reviewOptions
	cmd := &cobra.Command{
		Use:   "review [FILE...]",
		Short: "Write the report for a review meeting, as a page or a PDF",
		Long: `Review checks a design and writes the report that a meeting reads. The first page has what is not met, the most severe first; what holds vacuously or by guesses, apart; the
questions that are open; with --since what changed; and what the team's register says of each finding. Then come the architecture, each attack on it, and what the verdicts rely on.

The file that --out names is a web page (.html) or a PDF (.pdf). A PDF is printed by Chromium or Chrome, which must be in the path: it opens the page, which loads nothing.

Exit status: 0 if the report was written, whatever the verdicts; 2 when a design has errors, or nothing prints; 130 interrupted.`,
		Example: `  vauban review --out review.html shop.vbn
  vauban review --since shop.report.json --out review.html shop.vbn`,
		ValidArgsFunction: console.CompleteDesigns,
		RunE: func(cmd *cobra.Command, args []string) error {
			opt.registerGiven = cmd.Flags().Changed("register")
			return a.OnDesign(func(ctx context.Context, files []string) error { return a.review(ctx, files, opt) })(cmd, args)
		},
	}
	f := cmd.Flags()
	a.AllowOutside(cmd)
	f.StringVar(&opt.out, "out", "review.html", "write to `FILE`: a page, or a PDF if it ends with .pdf")
	f.StringVar(&opt.since, "since", "", "say what changed since `REPORT`, which \"vauban check --format json\" wrote")
	registerFlag(f, &opt.register)
	f.StringVar(&opt.asOf, "as-of", "", "judge waivers and due dates as of `DATE`, YYYY-MM-DD (default: today, UTC)")
	f.StringVar(&opt.baseline, "baseline", "", "mark the findings that `FILE` lists as known (default: the one that vauban.yaml names)")
	return cmd
}

func (a *app) review(ctx context.Context, paths []string, opt reviewOptions) error {
	if err := opt.validate(); err != nil {
		return err
	}
	ext := strings.ToLower(filepath.Ext(opt.out))
	if ext != ".html" && ext != ".pdf" {
		return fmt.Errorf("--out is %q, expected a file that ends with .html or .pdf", opt.out)
	}
	browser := ""
	if ext == ".pdf" {
		if browser = chromium(); browser == "" {
			return console.Failf(console.ExitUsage, "a PDF is printed by Chromium or Chrome, and none is in the path: install one, or write review.html and print it from a browser")
		}
	}
	known, err := a.accepted(ctx, opt.checkOptions)
	if err != nil {
		return err
	}
	var old *document.Report
	if opt.since != "" {
		data, err := a.ReadFile(ctx, opt.since, document.MaxBytes)
		if err == nil {
			old, err = document.Parse(data)
		}
		if err != nil {
			return console.Failf(console.ExitUsage, "--since %s is not a report: %v; write one with `vauban check --format json --out %s`", opt.since, err, opt.since)
		}
	}
	register, _, err := a.readRegister(ctx, opt.register)
	if errors.Is(err, fs.ErrNotExist) {
		if opt.registerGiven {
			return console.Failf(console.ExitUsage, "there is no register %s: write it with `vauban register`", opt.register)
		}
	} else if err != nil {
		return err
	} else {
		a.Guard.Keep(opt.register)
	}
	a.Guard.Keep(paths...)
	opt.enumerate = true
	in, err := a.InputOnce(ctx, paths)
	if err != nil {
		return err
	}
	outcome, err := a.verifyAndAsk(ctx, in, opt.checkOptions)
	if err != nil {
		return err
	}
	if err := a.wrong(outcome); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return console.Failf(console.ExitInterrupted, "interrupted: nothing was written")
	}
	outcomes := []reports.Outcome{outcome}
	known.moved(outcomes)
	known.mark(outcomes)
	track(register, &outcomes[0], opt.asOf)
	if old != nil {
		outcomes[0].Since = reports.NewSince(filepath.ToSlash(opt.since), old, outcome.Result)
	}
	page, err := formatNamed("html")
	if err != nil {
		return err
	}
	data, err := page.render(outcomes, renderOptions{})
	if err == nil && browser != "" {
		data, err = a.print(ctx, browser, data)
	}
	if err != nil {
		return err
	}
	if err := a.Deliver(data, opt.out); err != nil {
		return err
	}
	fmt.Fprintf(a.Stderr, "wrote %s\n", opt.out)
	return nil
}

// chromium finds a browser that prints; "" where there is none.
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// maxPDF is the largest PDF that is taken from a browser.
const maxPDF = 64 << 20

// print has a browser make a PDF of a page, in a directory that is removed again.
func (a *app) print(ctx context.Context, browser string, page []byte) ([]byte, error) {
	dir, err := os.MkdirTemp("", "vauban-review-")
	if err != nil {
		return nil, console.Failf(console.ExitUsage, "cannot make a directory to print in: %v", files.Reason(err))
	}
	defer func() { _ = os.RemoveAll(dir) }()
	in, out := filepath.Join(dir, "review.html"), filepath.Join(dir, "review.pdf")
	if err := a.Guard.Write(in, page); err != nil {
		return nil, err
	}
	args := []string{
		"--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--user-data-dir=" + filepath.Join(dir, "profile"),
		"--no-pdf-header-footer", "--print-to-pdf=" + out, (&url.URL{Scheme: "file", Path: filepath.ToSlash(in)}).String(),
	}
	if os.Geteuid() == 0 { // its sandbox refuses to run as root; the page is our own, and its policy lets it load and run nothing else
		args = append([]string{"--no-sandbox"}, args...)
	}
	cmd := exec.CommandContext(ctx, browser, args...)
	if text, err := cmd.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			return nil, console.Failf(console.ExitInterrupted, "interrupted: nothing was written")
		}
		return nil, console.Failf(console.ExitUsage, "%s could not print: %v\n%s", browser, err, strings.TrimSpace(string(text)))
	}
	data, err := files.Read(ctx, out, maxPDF)
	if err != nil {
		return nil, console.Failf(console.ExitUsage, "%s printed nothing: %v", browser, err)
	}
	return data, nil
}
