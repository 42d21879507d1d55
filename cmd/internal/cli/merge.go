package cli

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/markdown"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/portfolio"
	"github.com/vauban-verifier/vauban/threats"
)

// reportExt ends the names of reports that a check writes for several designs.
const reportExt = ".report.json"

// maxReports is how many reports are put together at the most.
const maxReports = 10_000

// mergeOptions are the flags of merge.
type mergeOptions struct{ format, out, since string }

func (a *app) mergeCommand() *cobra.Command {
	opt := mergeOptions{format: "text"}
	cmd := &cobra.Command{
		Use:   "merge DIR...",
		Short: "Put the reports on many designs together: one page, and one exit status",
		Long: `Merge reads the reports that "vauban check --also json=DIR/" has left in directories, one for each shard or all in one, and says which designs hold, the worst first; with --since, what
is otherwise than in earlier reports; and which were checked against built-in catalogues that this version has otherwise.

Where there is a vauban.yaml, each design that it names must have its report, about the files as they are here, and no other design may have one; waivers must have been judged by one day. Merge takes the
verdicts as the reports state them: "vauban audit" checks them. It ignores baselines.

Exit status: 0 everything holds or is waived, 1 something is violated or depends, or a design has no requirement, 2 a report is missing, invalid or about something else, 3 something is unknown.`,
		Example: `  vauban merge reports
  vauban merge --format html --out portfolio.html --since reports reports`,
		Args: console.NeedFiles("a directory with reports, such as `reports`"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.merge(cmd.Context(), args, opt) },
	}
	cmd.Flags().StringVar(&opt.format, "format", opt.format, "`FORMAT`: text, markdown, html or json")
	cmd.Flags().StringVar(&opt.out, "out", "", "write to `FILE` instead of standard output")
	cmd.Flags().StringVar(&opt.since, "since", "", "say what differs from the reports in `DIR`")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "markdown", "html", "json"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.MarkFlagDirname("since")
	a.AllowOutside(cmd)
	return cmd
}

func (a *app) merge(ctx context.Context, dirs []string, opt mergeOptions) error {
	if !slices.Contains([]string{"text", "markdown", "html", "json"}, opt.format) {
		return fmt.Errorf("--format is %q, expected text, markdown, html or json", opt.format)
	}
	now, err := a.reportsIn(ctx, dirs)
	if err != nil {
		return err
	}
	var before map[string]*document.Report
	if opt.since != "" {
		if before, err = a.reportsIn(ctx, []string{opt.since}); err != nil {
			return err
		}
	}
	if err := a.allThere(ctx, now); err != nil {
		return err
	}
	builtin := map[string]string{}
	for _, name := range threats.Builtin() {
		text := threats.BuiltinText(name)
		builtin["builtin:"+name] = document.Digest([]byte(text))
	}
	p, err := portfolio.Of(now, before, builtin)
	if err != nil {
		return console.Internal(err)
	}
	var data []byte
	switch opt.format {
	case "text":
		data = []byte(p.Text())
	case "markdown":
		data = []byte(markdown.Portfolio(p))
	case "html":
		page, err := p.HTML()
		if err != nil {
			return console.Internal(err)
		}
		data = []byte(page)
	case "json":
		if data, err = p.JSON(); err != nil {
			return console.Internal(err)
		}
	}
	if err := a.Deliver(data, opt.out); err != nil {
		return err
	}
	code := console.ExitOK
	for _, d := range p.Designs {
		switch d.Verdict {
		case "unknown":
			code = max(code, console.ExitUnknown)
		case "violated", "depends", portfolio.Empty:
			code = max(code, console.ExitFound)
		}
	}
	if code != console.ExitOK {
		return &console.ExitError{Code: code}
	}
	return nil
}

// reportsIn reads the reports in directories and below, by their paths in them.
func (a *app) reportsIn(ctx context.Context, dirs []string) (map[string]*document.Report, error) {
	out := map[string]*document.Report{}
	from := map[string]string{}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if !entry.Type().IsRegular() || !strings.HasSuffix(name, reportExt) {
				return ctx.Err()
			}
			if len(out) == maxReports {
				return fmt.Errorf("there are more than %s reports: name a directory in it", plain.Thousands(maxReports))
			}
			data, err := a.ReadFile(ctx, name, document.MaxBytes)
			if err != nil {
				return err
			}
			r, err := document.Parse(data)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			rel, err := filepath.Rel(dir, name)
			if err != nil {
				return err
			}
			rel = filepath.ToSlash(rel)
			if old := out[rel]; old != nil && old.Same(data) != nil {
				return fmt.Errorf("%s and %s are two reports on one design", from[rel], name)
			}
			out[rel], from[rel] = r, name
			return nil
		})
		if err != nil {
			return nil, console.Failf(console.ExitUsage, "%s: %v", dir, files.Reason(err))
		}
	}
	if len(out) == 0 {
		return nil, console.Failf(console.ExitUsage, "there are no reports in %s: `vauban check --also json=%s/` leaves some", strings.Join(dirs, ", "), dirs[0])
	}
	return out, nil
}

// allThere checks that each design that vauban.yaml names has its report, that it is about the files as they are here, and that there are no others.
func (a *app) allThere(ctx context.Context, now map[string]*document.Report) error {
	asOf := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		asOf[now[name].Options.AsOf] = name
	}
	if days := slices.Sorted(maps.Keys(asOf)); len(days) > 1 {
		return console.Failf(console.ExitUsage, "%s judges waivers by %s, and %s by %s: give all checks one --as-of", asOf[days[0]], days[0], asOf[days[1]], days[1])
	}
	c, err := a.Configuration(ctx)
	if err != nil {
		return err
	}
	if c == nil {
		fmt.Fprintln(a.Stderr, "there is no vauban.yaml here, so a missing report goes unnoticed")
		return nil
	}
	designs, err := a.Designs(ctx, nil)
	if err != nil {
		return err
	}
	r, err := a.Reader(ctx)
	if err != nil {
		return err
	}
	left := maps.Clone(now)
	for _, d := range designs {
		name := ownName(d[0]) + reportExt
		report := now[name]
		if report == nil {
			return console.Failf(console.ExitUsage, "there is no report on %s, which vauban.yaml names: %s is missing", d[0], name)
		}
		delete(left, name)
		if _, err := r.Named(d); err != nil {
			return err
		}
		for _, in := range report.Inputs {
			if source.Embedded(in.Path) {
				continue
			}
			at := path.Join(path.Dir(filepath.ToSlash(d[0])), in.Path)
			text, err := r.Read(at)
			switch {
			case err != nil:
				return console.Failf(console.ExitUsage, "%s is about %s, which cannot be read: %v", name, at, err)
			case document.Digest([]byte(text)) != in.SHA256:
				return console.Failf(console.ExitUsage, "%s is about another text of %s than there is here: check it again", name, at)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		return console.Failf(console.ExitUsage, "%s is a report on a design that vauban.yaml does not name", name)
	}
	return nil
}
