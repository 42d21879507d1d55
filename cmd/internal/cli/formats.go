package cli

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/github"
	"github.com/vauban-verifier/vauban/reports/html"
	"github.com/vauban-verifier/vauban/reports/junit"
	"github.com/vauban-verifier/vauban/reports/markdown"
	"github.com/vauban-verifier/vauban/reports/sarif"
	"github.com/vauban-verifier/vauban/reports/text"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// format is a form that results can be written in.
type format struct {
	name    string
	about   string // for --help, after the name
	ext     string // of a file whose name is made up
	one     bool   // it holds one design, that was verified
	attacks int    // of each case, that it shows by itself; 0: one
	lists   bool   // it is for people to read from the top, so its requirements may be sorted
	by      bool   // it has forms for --by and --resilience
	write   func(outcomes []reports.Outcome, opt renderOptions) ([]byte, error)
}

// renderOptions is what a format may want to know.
type renderOptions struct {
	maxIterations int
	attacks       int // as asked for
	sort          string
	all           bool // the designs are those of the configuration
	shard         string
	color, quiet  bool
	resilience    bool
}

// htmlAttacks is how many attacks of a case a page shows.
const htmlAttacks = 3

var formats = []format{
	{name: "text", about: "for people", ext: ".txt", lists: true, by: true, write: writeText},
	{name: "json", about: "the canonical report", ext: ".report.json", one: true, by: true, write: writeJSON},
	{name: "html", about: "a page for a design review", ext: ".html", one: true, attacks: htmlAttacks, write: writeHTML},
	{name: "sarif", about: "for code scanning", ext: ".sarif", write: func(o []reports.Outcome, opt renderOptions) ([]byte, error) {
		var b bytes.Buffer
		err := sarif.Write(&b, o, sarif.Options{Version: Version, Path: console.FromRoot, All: opt.all, Shard: opt.shard})
		return b.Bytes(), err
	}},
	{name: "markdown", about: "for step summaries and comments", ext: ".md", lists: true, write: written(markdown.Write)},
	{name: "github", about: "annotations for GitHub Actions", ext: ".txt", write: written(func(w io.Writer, o []reports.Outcome) error {
		return github.Write(w, o, github.Options{Path: console.FromRoot})
	})},
	{name: "junit", about: "for build servers", ext: ".xml", write: written(junit.Write)},
	{name: "counts", about: "name=number for scripts", ext: ".txt", write: written(writeCounts)},
}

// written makes the write function of a format that says everything by itself, also that nothing was verified.
func written(write func(io.Writer, []reports.Outcome) error) func([]reports.Outcome, renderOptions) ([]byte, error) {
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
	outcomes = f.limited(outcomes, opt.attacks)
	if opt.sort != "" && f.lists {
		outcomes = slices.Clone(outcomes)
		for i, o := range outcomes {
			if o.Result != nil {
				outcomes[i].Result = wording.Sorted(o.Result, opt.sort)
			}
		}
	}
	return f.write(outcomes, opt)
}

// shown is how many attacks of a case a format shows, where so many are asked for; 0: as many as it shows by itself.
func (f format) shown(attacks int) int {
	if attacks > 0 {
		return attacks
	}
	return max(1, f.attacks)
}

// limited returns outcomes with the attacks that a format shows: those asked for, and those that a baseline does not know. The canonical report is the same
// whatever a baseline knows.
func (f format) limited(outcomes []reports.Outcome, attacks int) []reports.Outcome {
	out := slices.Clone(outcomes)
	for i, one := range out {
		if one.Result == nil || one.Result.Attacks < 2 {
			continue
		}
		var keep func(*checker.Requirement, *checker.Case, *explain.Attack) bool
		if one.Known != nil && f.name != "json" {
			keep = func(q *checker.Requirement, c *checker.Case, a *explain.Attack) bool {
				of := *c
				of.Attack = a
				return !one.Known.Has(q, &of, nil)
			}
		}
		out[i].Result = one.Result.Limited(f.shown(attacks), keep)
	}
	return out
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
		if err := text.Write(&b, o.Result, text.Options{Color: opt.color, Quiet: opt.quiet, Known: o.Known, Resilience: opt.resilience, Questions: o.Questions, View: o.View, Files: o.Files}); err != nil {
			return nil, err
		}
	}
	if b.Len() == 0 {
		return nil, nil
	}
	return []byte(b.String()), nil
}

func writeJSON(outcomes []reports.Outcome, opt renderOptions) ([]byte, error) {
	if outcomes[0].View != nil {
		view := reports.NewView(outcomes[0].Result, outcomes[0].View, Version)
		view.Options.MaxIterations = opt.maxIterations
		return view.Canonical()
	}
	if opt.resilience {
		doc := reports.NewResilience(outcomes[0].Result, Version)
		doc.Options.MaxIterations = opt.maxIterations
		return doc.Canonical()
	}
	report := reports.New(outcomes[0].Result, Version)
	report.Options.MaxIterations = opt.maxIterations
	return report.Canonical()
}

func writeHTML(outcomes []reports.Outcome, opt renderOptions) ([]byte, error) {
	report := reports.New(outcomes[0].Result.Limited(opt.attacks, nil), Version)
	report.Options.MaxIterations = opt.maxIterations
	var b bytes.Buffer
	err := html.Write(&b, outcomes[0], report)
	return b.Bytes(), err
}

// writeCounts counts verdicts, in lines that a script reads, or GitHub as outputs of a step. Nothing in them comes from a design.
func writeCounts(w io.Writer, outcomes []reports.Outcome) error {
	var all []finished
	for _, o := range outcomes {
		all = append(all, finish(o))
	}
	_, err := io.WriteString(w, counts(all))
	return err
}

func counts(all []finished) string {
	wrong, empty, total, vacuous := 0, 0, 0, 0
	count := map[checker.Verdict]int{}
	for _, f := range all {
		if f.Wrong {
			wrong++
			continue
		}
		total += f.Requirements
		if f.Requirements == 0 {
			empty++
		}
		vacuous += f.Vacuous
		for v, n := range f.Verdicts {
			count[v] += n
		}
	}
	worst := wording.Overall(count)
	verdict := string(worst)
	switch {
	case wrong > 0:
		verdict = "wrong"
	case empty > 0 && (worst == checker.Holds || worst == checker.Waived): // nothing checked is no success
		verdict = "empty"
	}
	lines := fmt.Sprintf("verdict=%s\ndesigns=%d\nwrong=%d\nempty=%d\nrequirements=%d\n", verdict, len(all), wrong, empty, total)
	for _, v := range wording.Verdicts {
		lines += fmt.Sprintf("%s=%d\n", v, count[v])
	}
	return lines + fmt.Sprintf("vacuous=%d\n", vacuous)
}
