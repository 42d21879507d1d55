package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/github"
	"github.com/vauban-verifier/vauban/reports/html"
	"github.com/vauban-verifier/vauban/reports/junit"
	"github.com/vauban-verifier/vauban/reports/markdown"
	"github.com/vauban-verifier/vauban/reports/sarif"
	"github.com/vauban-verifier/vauban/reports/text"
)

// format is a form that results can be written in.
type format struct {
	name  string
	about string // for --help, after the name
	one   bool   // it holds one design, that was verified
	by    bool   // it can group what was found by a list
	write func(outcomes []reports.Outcome, opt renderOptions) ([]byte, error)
}

// renderOptions is what a format may want to know.
type renderOptions struct {
	maxIterations int
	color, quiet  bool
}

var formats = []format{
	{name: "text", about: "for people", by: true, write: writeText},
	{name: "json", about: "the canonical report", one: true, by: true, write: writeJSON},
	{name: "html", about: "a page for a design review", one: true, write: writeHTML},
	{name: "sarif", about: "for code scanning", write: writer(func(w io.Writer, o []reports.Outcome) error {
		return sarif.Write(w, o, sarif.Options{Version: Version, Path: fromRoot})
	})},
	{name: "markdown", about: "for step summaries and comments", write: writer(markdown.Write)},
	{name: "github", about: "annotations for GitHub Actions", write: writer(func(w io.Writer, o []reports.Outcome) error {
		return github.Write(w, o, github.Options{Path: fromRoot})
	})},
	{name: "junit", about: "for build servers", write: writer(junit.Write)},
}

// writer makes the write function of a format that says everything by itself, also that nothing was verified.
func writer(write func(io.Writer, []reports.Outcome) error) func([]reports.Outcome, renderOptions) ([]byte, error) {
	return func(outcomes []reports.Outcome, _ renderOptions) ([]byte, error) {
		var b bytes.Buffer
		if err := write(&b, outcomes); err != nil {
			return nil, err
		}
		return b.Bytes(), nil
	}
}

// formatNamed finds a format.
func formatNamed(name string) (format, error) {
	for _, f := range formats {
		if f.name == name {
			return f, nil
		}
	}
	names := formatNames()
	last := len(names) - 1
	return format{}, fmt.Errorf("%q, expected %s or %s", name, strings.Join(names[:last], ", "), names[last])
}

func formatNames() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// formatHelp lists the formats with what they are for.
func formatHelp() string {
	var parts []string
	for _, f := range formats {
		parts = append(parts, f.name+" ("+f.about+")")
	}
	return strings.Join(parts, ", ")
}

// render writes outcomes in a format. It returns nothing where the format has no way to say that nothing was verified.
func (f format) render(outcomes []reports.Outcome, opt renderOptions) ([]byte, error) {
	if f.one {
		if len(outcomes) > 1 {
			return nil, fmt.Errorf("%s holds one design: name one of them", f.name)
		}
		if outcomes[0].Result == nil {
			return nil, nil
		}
	}
	return f.write(outcomes, opt)
}

func writeText(outcomes []reports.Outcome, opt renderOptions) ([]byte, error) {
	var b strings.Builder
	for _, o := range outcomes {
		if o.Result == nil {
			continue // its errors are on standard error
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		if err := text.Write(&b, o.Result, text.Options{Color: opt.color, Quiet: opt.quiet}); err != nil {
			return nil, err
		}
	}
	if b.Len() == 0 {
		return nil, nil
	}
	return []byte(b.String()), nil
}

func writeJSON(outcomes []reports.Outcome, opt renderOptions) ([]byte, error) {
	if outcomes[0].Result.View != nil {
		view := reports.NewView(outcomes[0].Result, Version)
		view.Options.MaxIterations = opt.maxIterations
		return view.Canonical()
	}
	report := reports.New(outcomes[0].Result, Version)
	report.Options.MaxIterations = opt.maxIterations
	return report.Canonical()
}

func writeHTML(outcomes []reports.Outcome, opt renderOptions) ([]byte, error) {
	report := reports.New(outcomes[0].Result, Version)
	report.Options.MaxIterations = opt.maxIterations
	var b bytes.Buffer
	err := html.Write(&b, outcomes[0].Result, report)
	return b.Bytes(), err
}
