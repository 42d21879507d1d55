package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/baseline"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// defaultBaseline is where known findings are written when nothing names a file.
const defaultBaseline = "vauban.baseline.json"

// maxFindings is how many findings are listed.
const maxFindings = 20

func (a *app) baselineCommand() *cobra.Command {
	var opt checkOptions
	cmd := &cobra.Command{
		Use:   "baseline [FILE...]",
		Short: "Record today's findings, so that a gate fails on new ones only",
		Long: `Baseline writes what is violated now, or depends on open decisions, into a file; "vauban check --baseline" then fails for other findings alone,
and for those that became cheaper. A finding is a requirement that is not met against somebody, in one way: the threats that the attack carries out, each with
the element that it could be stopped at. An attack by another way is another finding, whatever it costs. A design that was moved keeps its findings. This lets you turn the gate on before everything is fixed.

Running it again removes fixed findings and never adds new ones. To accept a new risk, waive the requirement in the design, with a reason and an end.

Exit status: 0, or 1 where there are findings that the file does not have; 2 when a design has errors; 3 when something is unknown.`,
		Example: `  vauban baseline --baseline known.json shop.vbn
  vauban check --baseline known.json shop.vbn`,
		ValidArgsFunction: console.CompleteDesigns,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.keep(cmd.Context(), args, opt) },
	}
	f := cmd.Flags()
	a.AllowOutside(cmd)
	f.StringVar(&opt.baseline, "baseline", "", "keep the findings in `FILE` (default: the one that vauban.yaml names, or else "+defaultBaseline+")")
	f.StringVar(&opt.asOf, "as-of", "", "judge waivers as of `DATE`, YYYY-MM-DD (default: today, UTC)")
	return cmd
}

// findings returns those of some designs, with the names of the designs as they stand in a baseline.
func findings(outcomes []reports.Outcome) (designs []string, found []baseline.Finding) {
	for _, o := range outcomes {
		name := designName(o.Name)
		designs = append(designs, name)
		found = append(found, baseline.Of(name, o.Result)...)
	}
	return designs, found
}

// list reads known findings, and returns the text that they were read from. It is an error when there is no such file.
func (b baselineFile) list() (*baseline.List, string, error) {
	text, err := b.read(baseline.MaxBytes)
	if err != nil {
		return nil, "", fmt.Errorf("cannot read the baseline %s: %w", b.path, err)
	}
	l, err := baseline.Parse(string(text))
	if err != nil {
		return nil, "", fmt.Errorf("cannot read the baseline %s: %w; restore it, or remove it and write it again with `vauban baseline`", b.path, err)
	}
	return l, string(text), nil
}

// acceptance is what a check takes no offence at: a baseline with where it comes from. The zero value accepts nothing.
type acceptance struct {
	path string
	list *baseline.List
}

// accepted returns the baseline that a check goes by.
func (a *app) accepted(ctx context.Context, opt checkOptions) (acceptance, error) {
	file, err := a.baselineFile(ctx, opt.baseline)
	if err != nil || file.path == "" {
		return acceptance{}, err
	}
	a.Guard.Keep(file.path)
	list, _, err := file.list()
	if errors.Is(err, fs.ErrNotExist) {
		return acceptance{}, console.Failf(console.ExitUsage, "there is no baseline %s: write it with `vauban baseline`", file.path)
	}
	if err != nil {
		return acceptance{}, console.Failf(console.ExitUsage, "%v", err)
	}
	return acceptance{file.path, list}, nil
}

// mark tells formats which requirements are known not to be met, and in no way that is not known.
func (k acceptance) mark(outcomes []reports.Outcome) {
	for i, o := range outcomes {
		if k.list == nil || o.Result == nil {
			continue
		}
		_, found := findings(outcomes[i : i+1])
		known := reports.Known{}
		for _, f := range found {
			known[wording.Identity{Requirement: f.Requirement}] = true
			known[f.ID] = true
		}
		for _, f := range k.list.Unknown(found) {
			delete(known, wording.Identity{Requirement: f.Requirement})
			delete(known, f.ID)
		}
		outcomes[i].Known = known
	}
}

// moved finds the findings of designs that lie elsewhere now.
func (k acceptance) moved(outcomes []reports.Outcome) bool {
	if k.list == nil {
		return false
	}
	titles := map[string]string{}
	for _, o := range outcomes {
		if o.Result != nil {
			titles[designName(o.Name)] = diag.Escape(o.Result.Model.Design.Title)
		}
	}
	root := "."
	if dir, err := os.Getwd(); err == nil {
		root = console.Repository(dir)
	}
	return k.list.Moved(titles, func(design string) bool {
		_, err := os.Lstat(filepath.Join(root, filepath.FromSlash(design)))
		return err == nil
	})
}

// designName is what a design is called in a baseline.
func designName(name string) string { return console.FromRoot(filepath.ToSlash(filepath.Clean(name))) }

// tell says what a baseline has to do with the findings of a check, and returns whether some are not in it. Without a baseline, none is.
func (a *app) tell(k acceptance, outcomes []reports.Outcome, quiet bool) bool {
	if k.list == nil {
		return true
	}
	designs, found := findings(outcomes)
	news := k.list.Unknown(found)
	if !quiet {
		fmt.Fprintf(a.Stderr, "baseline %s: %d known, %d new\n", k.path, len(found)-len(news), len(news))
		a.listFindings(news)
		if gone := k.list.Gone(designs, found); len(gone) > 0 {
			fmt.Fprintf(a.Stderr, "baseline %s: %d fixed: run `vauban baseline` to remove them\n", k.path, len(gone))
		}
		if weaker := k.list.Weaker(found); len(weaker) > 0 {
			fmt.Fprintf(a.Stderr, "baseline %s: %s more expensive, or weaker in another way, than it says: tighten it with `vauban baseline`\n", k.path, plain.Number(len(weaker), "finding"))
			a.listFindings(weaker)
		}
	}
	return len(news) > 0
}

func (a *app) listFindings(findings []baseline.Finding) {
	for i, f := range findings {
		if i == maxFindings {
			fmt.Fprintf(a.Stderr, "  … and %s\n", plain.Number(len(findings)-i, "more"))
			return
		}
		fmt.Fprintf(a.Stderr, "  %s\n", diag.Escape(f.String()))
	}
}

func (a *app) keep(ctx context.Context, paths []string, opt checkOptions) error {
	if err := opt.validate(); err != nil {
		return err
	}
	file, err := a.baselineFile(ctx, opt.baseline)
	if err != nil {
		return err
	}
	if file.path == "" {
		if file, err = a.baselineFile(ctx, defaultBaseline); err != nil {
			return err
		}
	}
	outcomes, err := a.settled(ctx, paths, opt)
	if err != nil {
		return err
	}
	return a.shrink(file, outcomes)
}

// settled checks designs for all that is to be found in them. It is an error when something is unknown: then nobody knows what there is.
func (a *app) settled(ctx context.Context, paths []string, opt checkOptions) ([]reports.Outcome, error) {
	opt.enumerate = true
	designs, err := a.Designs(ctx, paths)
	if err != nil {
		return nil, err
	}
	var outcomes []reports.Outcome
	code := console.ExitOK
	for _, d := range designs {
		o, err := a.verify(ctx, d, opt)
		if err != nil {
			return nil, err
		}
		if ctx.Err() != nil {
			return nil, console.Failf(console.ExitInterrupted, "interrupted: nothing was written")
		}
		if err := a.wrong(o); err != nil {
			return nil, err
		}
		outcomes = append(outcomes, o)
		code = max(code, o.Result.Exit())
	}
	if code == console.ExitUnknown {
		return nil, console.Failf(console.ExitUnknown, "something is unknown, so what is known is not certain: nothing was written")
	}
	return outcomes, nil
}

// shrink writes a baseline that is not there yet, or drops from it what is gone.
func (a *app) shrink(file baselineFile, outcomes []reports.Outcome) error {
	if err := a.Guard.Check(file.path); err != nil { // not to be told that a design is a spoilt baseline
		return console.Failf(console.ExitUsage, "%v", err)
	}
	names, found := findings(outcomes)
	list, old, err := file.list()
	isNew := errors.Is(err, fs.ErrNotExist)
	var news []baseline.Finding
	changed := true
	switch {
	case isNew:
		list = baseline.New(found)
	case err != nil:
		return console.Failf(console.ExitUsage, "%v", err)
	default:
		moved := acceptance{file.path, list}.moved(outcomes)
		news = list.Unknown(found)
		changed = list.Shrink(names, found) || moved
	}
	if changed {
		data, err := list.JSON()
		if err != nil {
			return err
		}
		if isNew {
			err = a.Guard.Write(file.path, data)
		} else {
			err = a.Guard.Rewrite(file.path, old, string(data))
		}
		if err != nil {
			return console.Failf(console.ExitUsage, "%v", err)
		}
	}
	fmt.Fprintf(a.Stdout, "recorded %s in %s\n", plain.Number(len(list.Findings), "finding"), file.path)
	if len(news) > 0 {
		fmt.Fprintf(a.Stderr, "%s not in the baseline, which never takes any up: fix them, or waive them in the design\n", plain.Number(len(news), "new finding"))
		a.listFindings(news)
		return &console.ExitError{Code: console.ExitFound}
	}
	return nil
}

// baselineFile is where known findings are kept.
type baselineFile struct {
	path string                      // "" where there are none
	read func(int64) ([]byte, error) // at most so many bytes
}

// baselineFile returns the file of known findings: as the command line has it, or else the configuration, which names none outside of its repository.
func (a *app) baselineFile(ctx context.Context, flag string) (baselineFile, error) {
	if flag != "" {
		return baselineFile{flag, func(limit int64) ([]byte, error) { return files.Read(ctx, flag, limit) }}, nil
	}
	c, err := a.Configuration(ctx)
	if err != nil || c == nil || c.Baseline == "" {
		return baselineFile{}, err
	}
	dir, err := os.Getwd()
	if err != nil {
		return baselineFile{}, console.Failf(console.ExitUsage, "cannot tell the current directory: %v", files.Reason(err))
	}
	path := console.Shown(dir, filepath.Join(c.Dir, filepath.FromSlash(c.Baseline)))
	r, err := a.Reader(ctx)
	if err != nil {
		return baselineFile{}, err
	}
	return baselineFile{path, func(limit int64) ([]byte, error) {
		data, _, err := r.Trees.Bytes(ctx, path, limit)
		return data, err
	}}, r.AddDir(c.Dir)
}
