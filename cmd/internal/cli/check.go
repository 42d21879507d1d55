package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/coverage"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/questions"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
	"github.com/vauban-verifier/vauban/threats"
)

// grace is how long an interrupted check may take to hand over what it knows.
const grace = time.Second

// checkOptions are the flags of check.
type checkOptions struct {
	format, out, asOf string
	also              []string // FORMAT=FILE
	by                string
	shard             string
	resilience        bool
	strict            bool // or the configuration says so
	sort              string
	attacks           int  // of each case, to be shown; 0: as many as a format shows by itself
	all               bool // the designs are those of the configuration
	enumerate         bool // all attacks are looked for
	maxIterations     int
	baseline          string
	quick             bool
	quiet             bool
	notarize          bool
	notary            notaryOptions
	helpers           helperOptions
	memory            *checker.Memory        // nil: none
	progress          func(checker.Progress) // instead of that on a terminal
}

func (a *app) checkCommand() *cobra.Command {
	var opt checkOptions
	cmd := &cobra.Command{
		Use:   "check [FILE...|DIR...]",
		Short: "Verify the requirements of a design",
		Long: `Check verifies every requirement of a design, which may be spread over several files, and says for each
whether it holds (with what the proof relies on), is violated (with the attack), or depends on what is still open (with what to decide).
"-" reads a design from standard input. A directory stands for each design in it and below. Without a file, the designs that vauban.yaml names are checked.

With a baseline, findings that it lists do not count; see "vauban baseline --help".

A check that ends early (a limit, an interrupt or --quick) reports what it found by then: attacks that were replayed, with bounds on the least cost. The rest is unknown.

A check takes at most:
` + checker.Limits() + `

With --attacks, further attacks are shown, each stopped by other controls than those before it, or by none. The output says if it is proved that there are no others.

Exit status: 0 everything holds or is waived, 1 something is violated or depends, 2 the input is invalid and nothing was
verified, 3 something is unknown or could not be notarized, 130 interrupted.`,
		Example: `  vauban check shop.vbn
  vauban check .
  vauban check --format json --out shop.report.json shop.vbn
  vauban check --also sarif=shop.sarif --also junit=shop.xml shop.vbn
  vauban check --as-of 2027-01-31 --quiet shop.vbn
  vauban check --by pci-dss shop.vbn
  vauban check --attacks 5 shop.vbn
  vauban check --quick shop.vbn
  vauban check --sort severity --quiet shop.vbn
  vauban check --resilience shop.vbn
  vauban check --strict shop.vbn
  vauban check --shard 1/2 .
  vauban check --fleet embedded shop.vbn
  vauban check --store .vauban --recheck 10 shop.vbn
  vauban check --notarize --key alice.pem shop.vbn`,
		ValidArgsFunction: console.CompleteDesigns,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.check(cmd.Context(), args, opt) },
	}
	f := cmd.Flags()
	a.AllowOutside(cmd)
	f.StringVar(&opt.format, "format", "text", "`FORMAT` of the result: "+formatHelp())
	f.StringVar(&opt.out, "out", "", "write to `FILE` instead of standard output")
	f.StringArrayVar(&opt.also, "also", nil, "also write `FORMAT=FILE`, such as sarif=shop.sarif; with a slash at the end, sarif=DIR/, each design has a file in DIR; may be repeated")
	f.StringVar(&opt.asOf, "as-of", "", "judge waivers as of `DATE`, YYYY-MM-DD (default: today, UTC)")
	f.StringVar(&opt.baseline, "baseline", "", "do not count the findings that `FILE` lists (default: the one that vauban.yaml names)")
	f.BoolVar(&opt.strict, "strict", false, "exit with 1 also if a requirement holds vacuously or relies on guesses, or if a design has no requirement")
	f.StringVar(&opt.sort, "sort", "", "list requirements by `ORDER`, severity or verdict, the worst first, in text and markdown (default: in the order of the design)")
	f.IntVar(&opt.attacks, "attacks", 0, fmt.Sprintf("show up to `N` attacks on each case, each stopped by other controls, cheapest first, at most %d (default 1, and %d in html)", checker.MaxAttacks, htmlAttacks))
	f.IntVar(&opt.maxIterations, "max-iterations", 0, "give up on a case after `N` rounds of the solver, with the verdict unknown; 0 is the default limit")
	f.BoolVar(&opt.quick, "quick", false, "look only for what is found at once: a proof, or a first attack, which may not be the cheapest")
	f.StringVar(&opt.shard, "shard", "", "of all designs check only those of `SHARD`, such as 2/4 for the second of four; see \"vauban plan --help\"")
	f.BoolVarP(&opt.quiet, "quiet", "q", false, "print only a line for each requirement, and no progress")
	opt.addBy(cmd)
	f.BoolVar(&opt.notarize, "notarize", false, "write the canonical report, by default to NAME.report.json, and notarize it; see \"vauban notarize --help\"")
	opt.notary.flags(f)
	opt.helpers.flags(cmd)
	opt.helpers.storeFlags(cmd)
	f.IntVar(&opt.helpers.recheck, "recheck", 0, "make `N` in a hundred of the reports that the store has again, and compare them")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("sort", cobra.FixedCompletions(wording.Orders, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// validate checks the flags and fills in the date.
func (o *checkOptions) validate() error {
	if o.maxIterations < 0 {
		return fmt.Errorf("--max-iterations is %d, expected a positive number, or 0 for the default", o.maxIterations)
	}
	if o.sort != "" && !slices.Contains(wording.Orders, o.sort) {
		return fmt.Errorf("--sort is %q, expected %s", o.sort, strings.Join(wording.Orders, " or "))
	}
	if o.attacks < 0 || o.attacks > checker.MaxAttacks {
		return fmt.Errorf("--attacks is %d, expected 1 to %d", o.attacks, checker.MaxAttacks)
	}
	if o.quick && o.attacks > 1 {
		return errors.New("--quick knows one attack on each case: leave out --attacks")
	}
	if o.helpers.recheck < 0 || o.helpers.recheck > 100 {
		return fmt.Errorf("--recheck is %d, expected 0 to 100", o.helpers.recheck)
	}
	var err error
	o.asOf, err = console.DateOf(o.asOf)
	return err
}

func (a *app) check(ctx context.Context, paths []string, opt checkOptions) error {
	if err := opt.validate(); err != nil {
		return err
	}
	outputs, err := opt.outputs()
	if err != nil {
		return err
	}
	if err := opt.grouped(outputs); err != nil {
		return err
	}
	designs, err := a.Designs(ctx, paths)
	if err != nil {
		return err
	}
	opt.all = len(paths) == 0
	if opt.shard != "" {
		if designs, err = a.shardOf(ctx, designs, opt.shard); err != nil {
			return err
		}
		if len(designs) == 0 {
			fmt.Fprintf(a.Stderr, "shard %s has no design: there are fewer designs than shards\n", opt.shard)
			return nil
		}
	}
	if err := a.settings(ctx, &opt); err != nil {
		return err
	}
	known, err := a.accepted(ctx, opt)
	if err != nil {
		return err
	}
	if opt.quick && known.list != nil {
		return console.Failf(console.ExitUsage, "--quick knows one attack on each case, and the baseline %s is about all: leave out --quick", known.path)
	}
	if opt.notarize && len(designs) > 1 {
		return errors.New("--notarize is for one design: name it")
	}
	if opt.notarize && canonical(outputs) == "" {
		root := designs[0][0]
		if root == "-" {
			return errors.New("say where the report goes, with --also json=FILE: a design from standard input has no name")
		}
		json, err := formatNamed("json")
		if err != nil {
			return err
		}
		outputs = append(outputs, output{json, strings.TrimSuffix(root, filepath.Ext(root)) + ".report.json"})
	}
	var names []string
	for _, d := range designs {
		a.Guard.Keep(d...)
		names = append(names, d[0])
	}
	written, err := a.keepInputs(names, outputs, opt)
	if err != nil {
		return err
	}
	h, err := a.helpers(ctx, opt.helpers)
	if err != nil {
		return err
	}
	defer h.done()
	opt.memory = h.memory
	opt.enumerate = known.list != nil || slices.ContainsFunc(outputs, func(o output) bool { return o.format.shown(opt.attacks) > 1 })
	w := &writer{app: a, outputs: outputs, opt: opt, apart: known.list == nil && separable(outputs, designs), helpers: h, recheck: opt.helpers.recheck}
	all, err := w.check(ctx, designs)
	if err != nil {
		return err
	}
	outcomes := w.outcomes
	known.moved(outcomes)
	known.mark(outcomes)
	interrupted := ctx.Err() != nil
	var wrong error
	faulty := 0
	for _, f := range all {
		if !f.Wrong {
			continue
		}
		if err := a.wrong(f.wrong); err != nil {
			wrong = err
			faulty++
		}
	}
	if faulty > 0 && len(all) > 1 {
		wrong = console.Failf(console.ExitUsage, "%d of %s not verified: see the errors above", faulty, plain.Number(len(all), "design"))
	}
	if err := a.Guard.Check(written...); err != nil { // now that all that the designs name has been read
		return console.Failf(console.ExitUsage, "%v", err)
	}
	if err := w.write(all); err != nil {
		return err
	}
	for _, f := range all {
		if f.Questions > 0 && outputs[0].format.name != "text" {
			fmt.Fprintf(a.Stderr, "%s: %s open: `vauban questions %s` lists them\n", f.Name, plain.Number(f.Questions, "question"), f.Name)
		}
	}
	if interrupted {
		return console.Failf(console.ExitInterrupted, "interrupted: what was found by then is written; `unknown` requirements were not decided, and least costs may be lower")
	}
	if wrong != nil {
		return wrong
	}
	if opt.notarize {
		if err := a.notarize(ctx, canonical(outputs), opt.notary, false); err != nil {
			return err
		}
	}
	return a.judged(all, outcomes, known, opt)
}

// asked is how many attacks of a case are looked for.
func (o *checkOptions) asked() int {
	if o.enumerate && !o.quick {
		return checker.MaxAttacks
	}
	return 1
}

// judged ends a check with the status that its verdicts have, apart from findings that are known.
func (a *app) judged(all []finished, outcomes []reports.Outcome, known acceptance, opt checkOptions) error {
	code := console.ExitOK
	for _, f := range all {
		code = max(code, f.Exit)
	}
	if news := a.tell(known, outcomes, opt.quiet); code == console.ExitFound && !news {
		code = console.ExitOK
	}
	if opt.strict && code == console.ExitOK {
		for _, f := range all {
			switch {
			case f.Requirements == 0:
				fmt.Fprintf(a.Stderr, "strict: %s has no requirement\n", f.Name)
			case f.Vacuous > 0:
				fmt.Fprintf(a.Stderr, "strict: %s of %s vacuous\n", plain.Number(f.Vacuous, "requirement"), f.Name)
			case f.Guessed > 0:
				fmt.Fprintf(a.Stderr, "strict: %s of %s relies on guesses: confirm what is right with `extend NAME { sure }`\n", plain.Number(f.Guessed, "requirement"), f.Name)
			default:
				continue
			}
			code = console.ExitFound
		}
	}
	if code != console.ExitOK {
		return &console.ExitError{Code: code}
	}
	return nil
}

// canonical returns the file that the canonical report goes to; "" where there is none.
func canonical(outputs []output) string {
	for _, o := range outputs {
		if o.format.name == "json" && o.path != "" {
			return o.path
		}
	}
	return ""
}

// output is a format with the file that it goes to; no path is standard output.
type output struct {
	format format
	path   string
}

// outputs returns what is to be written.
func (o *checkOptions) outputs() ([]output, error) {
	f, err := formatNamed(o.format)
	if err != nil {
		return nil, fmt.Errorf("--format is %w", err)
	}
	out := []output{{f, o.out}}
	for _, also := range o.also {
		name, path, ok := strings.Cut(also, "=")
		if !ok || path == "" {
			return nil, fmt.Errorf("--also is %q, expected FORMAT=FILE, such as sarif=shop.sarif", also)
		}
		f, err := formatNamed(name)
		if err != nil {
			return nil, fmt.Errorf("--also names the format %w", err)
		}
		out = append(out, output{f, path})
	}
	return out, nil
}

// keepInputs returns the paths of what a check of designs will write, and refuses them before the work where it can tell already that one is an input or another output.
func (a *app) keepInputs(designs []string, outputs []output, opt checkOptions) ([]string, error) {
	var paths []string
	for _, o := range outputs {
		if !o.each() {
			paths = append(paths, o.path)
			continue
		}
		for _, d := range designs {
			if d == "-" {
				d = console.StdinName
			}
			paths = append(paths, o.of(d))
		}
	}
	if opt.notarize {
		report := canonical(outputs)
		a.keepEvidence(report, opt.notary)
		statement, receipt, _ := evidencePaths(report)
		paths = append(paths, statement, receipt)
	}
	if err := a.Guard.Check(paths...); err != nil {
		return nil, console.Failf(console.ExitUsage, "%v", err)
	}
	return paths, nil
}

// each reports whether the path is a directory, in which each design gets a file of its own.
func (o output) each() bool { return strings.HasSuffix(o.path, "/") }

// of is the file of a design in such a directory.
func (o output) of(design string) string {
	return filepath.Join(o.path, filepath.FromSlash(ownName(design)+o.format.ext))
}

// ownName is the path of a design from the root of the repository, without its extension; of one that lies elsewhere, its name.
func ownName(design string) string {
	name := console.FromRoot(filepath.ToSlash(filepath.Clean(design)))
	name = strings.TrimSuffix(name, filepath.Ext(name))
	switch {
	case design == console.StdinName:
		return "stdin"
	case !filepath.IsLocal(filepath.FromSlash(name)):
		return filepath.Base(name)
	}
	return name
}

// verify loads a design and checks it. What is wrong with the design is part of the outcome.
func (a *app) verify(ctx context.Context, paths []string, opt checkOptions) (reports.Outcome, error) {
	in, err := a.Input(ctx, paths)
	if err != nil {
		return reports.Outcome{}, err
	}
	return a.verifyInput(ctx, in, opt)
}

// verifyInput is [app.verify] of a design that may lie elsewhere than in files.
func (a *app) verifyInput(ctx context.Context, in console.Input, opt checkOptions) (reports.Outcome, error) {
	by, err := listNamed(opt.by)
	if err != nil {
		return reports.Outcome{}, err
	}
	var (
		result *checker.Result
		view   *coverage.View
	)
	o, diags, err := a.workOn(ctx, in, opt.quiet, func(m *threats.Model, progress func(checker.Progress)) (err error) {
		if opt.progress != nil {
			progress = opt.progress
		}
		o := checker.Options{AsOf: opt.asOf, MaxIterations: opt.maxIterations, Attacks: opt.asked(), Quick: opt.quick, Resilience: opt.resilience, Memory: opt.memory, Progress: progress}
		if result, err = checker.Check(ctx, m, o); err == nil && by != nil {
			view, err = coverage.By(ctx, result, *by, o)
		}
		return err
	})
	if err != nil || o.Errors != nil {
		return o, err
	}
	if result.Warnings == nil {
		result.Warnings = &diag.List{}
	}
	result.Warnings.Append(diags)
	o.Result, o.View = result, view
	return o, nil
}

// verifyAndAsk is [app.verifyInput] with the questions that a report shows, as far as they are found beside a check.
func (a *app) verifyAndAsk(ctx context.Context, in console.Input, opt checkOptions) (reports.Outcome, error) {
	outcome, err := a.verifyInput(ctx, in, opt)
	if err != nil || outcome.Result == nil || ctx.Err() != nil || opt.quiet || opt.resilience || opt.by != "" {
		return outcome, err
	}
	outcome.Questions, err = a.askBeside(ctx, in, outcome, opt)
	return outcome, err
}

// askBeside looks for the questions that a report shows.
func (a *app) askBeside(ctx context.Context, in console.Input, o reports.Outcome, opt checkOptions) (*questions.Found, error) {
	return a.ask(ctx, in, o, opt, questions.Small)
}

// work loads a design and does something with it beside, so that an interrupt is answered at once, whatever is being done. The errors of a
// design that cannot be loaded are in the outcome; what else there is to say about it is in the list.
func (a *app) work(ctx context.Context, paths []string, quiet bool, do func(*threats.Model, func(checker.Progress)) error) (reports.Outcome, *diag.List, error) {
	in, err := a.Input(ctx, paths)
	if err != nil {
		return reports.Outcome{}, nil, err
	}
	return a.workOn(ctx, in, quiet, do)
}

// workOn is [app.work] on a design that may lie elsewhere than in files.
func (a *app) workOn(ctx context.Context, in console.Input, quiet bool, do func(*threats.Model, func(checker.Progress)) error) (reports.Outcome, *diag.List, error) {
	watch := console.WatchProgress(a.Stderr, quiet)
	defer watch.Stop()

	type outcome struct {
		loaded bool
		diags  *diag.List
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		o := outcome{diags: &diag.List{}}
		defer func() {
			if p := recover(); p != nil {
				o.err = console.Internal(p)
			}
			done <- o
		}()
		model := threats.Load(in.Read, in.Names, o.diags)
		in.Withhold(model, o.diags)
		if model == nil || model.Design == nil || o.diags.HasErrors() {
			return
		}
		o.loaded = true
		o.err = do(model, watch.Update)
	}()
	var o outcome
	select {
	case o = <-done:
	case <-ctx.Done():
		select {
		case o = <-done:
		case <-time.After(grace):
			return reports.Outcome{}, nil, console.Failf(console.ExitInterrupted, "interrupted: nothing was decided yet")
		}
	}
	watch.Stop()
	if m := (*ground.Mistakes)(nil); errors.As(o.err, &m) {
		o.diags.Append(m.Diags)
		o.err, o.loaded = nil, false
	}
	switch {
	case o.err != nil && ctx.Err() != nil:
		return reports.Outcome{}, nil, console.Failf(console.ExitInterrupted, "interrupted: nothing was decided yet")
	case o.err != nil:
		return reports.Outcome{}, nil, broken(o.err)
	case !o.loaded:
		errs := o.diags.Sorted()
		a.Part(ctx, in, errs)
		return reports.Outcome{Name: in.Names[0], Errors: errs}, nil, nil
	}
	out := reports.Outcome{Name: in.Names[0]}
	if !slices.Contains(in.Names, console.StdinName) {
		out.Files = in.Names
	}
	return out, o.diags, nil
}

// wrong writes the errors of a design that was not verified; nil for others.
func (a *app) wrong(o reports.Outcome) error {
	if o.Result != nil {
		return nil
	}
	if err := diag.Render(a.Stderr, o.Errors, diag.Options{Color: a.Colored(a.Stderr), Max: console.MaxDiagnostics}); err != nil {
		return console.Failf(console.ExitUsage, "cannot write the errors: %v", err)
	}
	return console.Failf(console.ExitUsage, "%s: nothing was verified", plain.Number(diag.Errors(o.Errors), "error"))
}

// broken tells errors of the check apart: a design can be too large, everything else is a failure of Vauban.
func broken(err error) error {
	var e *console.ExitError
	switch {
	case errors.As(err, &e):
		return err
	case errors.Is(err, ground.ErrTooLarge):
		return console.Failf(console.ExitUsage, "%v", err)
	}
	return console.Internal(err)
}

// settings fills in the flags that the configuration may set.
func (a *app) settings(ctx context.Context, opt *checkOptions) error {
	c, err := a.Configuration(ctx)
	if err == nil && c != nil {
		opt.strict = opt.strict || c.Strict
	}
	return err
}
