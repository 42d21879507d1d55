package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/conform"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/logs"
	"github.com/vauban-verifier/vauban/models/logs/logfile"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/html"
	"github.com/vauban-verifier/vauban/reports/markdown"
	"github.com/vauban-verifier/vauban/reports/text"
	"github.com/vauban-verifier/vauban/threats"
)

// explainFormats are the formats of answers.
var explainFormats = []string{"text", "json", "markdown", "html"}

// explainOptions are the flags of explain.
type explainOptions struct {
	mapping    string
	logFormat  string
	lost       int
	tolerating int
	format     string
	out        string
	verify     string
	draft      bool
	follow     bool
	state      string
	idle       time.Duration
	post       string
	quiet      bool
}

func (a *app) explainCommand() *cobra.Command {
	var opt explainOptions
	names := logfile.Names()
	cmd := &cobra.Command{
		Use:   "explain DESIGN LOG...",
		Short: "Say what happened: hold logs of a running system against its design",
		Long: `Explain holds what was observed of a running system, case by case, against the design that was verified:

  normal       an honest run of the processes leaves this log
  explained    no honest run does, and one of a declared attacker does: its steps, and its cost, which is proved to be the least
  unexplained  proved: no declared attacker leaves this log. The first event that does not fit is shown
  unknown      not decided within the limits, or not mapped

and says what can follow: which requirements are broken or can be from here, by which steps, and what would still stop them.

Without --map, each entry of a log names a step of a process and its arguments, and every step is observed:

  {"case": "order-17", "time": "2026-03-01T10:00:00Z", "step": "Place", "args": ["o1"]}

or in CSV, with the columns case, time, step and args ("o1, full"). A mapping says what other logs mean: its keys are in the help of the topic logs.
What a log lacks counts as evidence only for the steps that are observed, which every answer names. Events of one source happened in their order;
those of several only where the mapping says that they share a clock. Each log file is a source of its own, unless its entries name one.

With --follow it is a monitor: each entry gets an answer for its case as it stands, one JSON object on a line; after a crash an answer may be repeated. Its memory depends on the cases that are open.
While a case is honest, an answer works out only what is new; afterwards, or with --lost, --tolerating or several sources, all events of the case, some milliseconds with a thousand. At most
4096 are looked at. Formats whose log is one document (ocel, xes) cannot be followed.

An answer in JSON is evidence: it has the digests of design, catalogues, mapping and logs, every run that was replayed and every proof. --verify judges it again by these
alone, without any engine, and then explains again to compare all of it.

Exit status: 0 every case is normal, 1 some are explained or unexplained, 2 the input is invalid, 3 some are unknown, 130 interrupted.`,
		Example: `  vauban explain checkout.vbn orders.jsonl
  vauban explain checkout.vbn shop.jsonl psp.jsonl --map checkout.map.yaml --tolerating 1 --lost 1
  vauban explain checkout.vbn orders.jsonl --format json --out orders.explained.json`,
		ValidArgsFunction: console.CompleteDesigns,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return errors.New("name a design and a log, such as `vauban explain shop.vbn orders.jsonl`")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.explain(cmd.Context(), args[0], args[1:], opt) },
	}
	a.AllowOutside(cmd)
	f := cmd.Flags()
	f.StringVar(&opt.mapping, "map", "", "what the entries of the logs mean: a mapping in `FILE`")
	f.StringVar(&opt.logFormat, "log-format", "", "the logs are in `FORMAT`: "+strings.Join(names, ", ")+" (default: as the mapping says, or by their names)")
	f.IntVar(&opt.lost, "lost", 0, "up to `N` events of a case may be lost; the fewest are reported")
	f.IntVar(&opt.tolerating, "tolerating", 0, "up to `N` controls may have failed; the fewest are reported")
	f.BoolVar(&opt.follow, "follow", false, "answer for each entry as it comes, as JSON Lines, and wait for more where the file ends")
	f.StringVar(&opt.state, "state", "", "with --follow: keep in `FILE` what is needed to go on after a crash or a restart")
	f.DurationVar(&opt.idle, "idle", 0, "with --follow: a case without events for `TIME`, such as 72h, by the times of the log, is over")
	f.StringVar(&opt.post, "post", "", "with --follow: post each answer that is news to `ADDRESS`: http on this host, https elsewhere")
	f.StringVar(&opt.verify, "verify", "", "judge the answer in `FILE`, which --format json wrote, by its evidence, and explain again to compare the bytes")
	f.BoolVar(&opt.draft, "draft-map", false, "explain nothing, but propose a mapping of the logs, by what names are alike")
	f.StringVar(&opt.format, "format", "text", "write the answer as `FORMAT`: "+strings.Join(explainFormats, ", "))
	f.StringVarP(&opt.out, "out", "o", "", "write to `FILE` instead of standard output")
	f.BoolVarP(&opt.quiet, "quiet", "q", false, "no progress")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(explainFormats, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("log-format", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (o *explainOptions) validate() error {
	switch {
	case o.lost < 0 || o.lost > conform.MaxLost:
		return fmt.Errorf("--lost is %d, expected 0 to %d", o.lost, conform.MaxLost)
	case o.tolerating < 0:
		return fmt.Errorf("--tolerating is %d, expected 0 or more", o.tolerating)
	case !o.follow && (o.state != "" || o.post != "" || o.idle != 0):
		return errors.New("--state, --idle and --post go with --follow")
	case o.follow && (o.draft || o.out != "" || o.format != "text"):
		return errors.New("--follow writes JSON Lines to standard output: leave --draft-map, --format and --out out")
	case o.verify != "" && (o.follow || o.draft || o.out != "" || o.format != "text" || o.lost != 0 || o.tolerating != 0):
		return errors.New("--verify takes what is tolerated from the answer, and writes nothing: leave the other flags out, but for --map")
	case o.draft && o.mapping != "":
		return errors.New("--draft-map proposes a mapping, and --map names one: leave one of them out")
	case !slices.Contains(explainFormats, o.format):
		return fmt.Errorf("--format is %q, expected one of %s", o.format, strings.Join(explainFormats, ", "))
	}
	return nil
}

func (a *app) explain(ctx context.Context, design string, paths []string, opt explainOptions) error {
	if err := opt.validate(); err != nil {
		return err
	}
	in, err := a.InputOnce(ctx, []string{design})
	if err != nil {
		return err
	}
	r, err := a.logsOf(ctx, paths, opt)
	if err != nil {
		return err
	}
	if err := a.Guard.Check(opt.out); opt.out != "" && err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	switch {
	case opt.draft:
		return a.draftMap(ctx, in, r, opt)
	case opt.follow:
		return a.monitor(ctx, in, r, opt)
	case opt.verify != "":
		return a.verifyExplanation(ctx, in, r, opt)
	}
	var result *conform.Result
	outcome, _, err := a.workOn(ctx, in, opt.quiet, func(m *threats.Model, progress func(checker.Progress)) (err error) {
		result, err = r.explain(ctx, m, opt, progress)
		return err
	})
	if err == nil && result == nil {
		err = a.wrong(outcome)
	}
	if err != nil {
		return err
	}
	var out bytes.Buffer
	switch opt.format {
	case "json":
		var data []byte
		if data, err = reports.NewExplanation(result, Version).Canonical(); err == nil {
			out.Write(data)
		}
	case "markdown":
		err = markdown.Explanation(&out, result)
	case "html":
		err = html.Explanation(&out, result)
	default:
		err = text.Explanation(&out, result, opt.out == "" && a.Colored(a.Stdout))
	}
	if err != nil {
		return console.Internal(err)
	}
	if err := a.Deliver(out.Bytes(), opt.out); err != nil {
		return err
	}
	switch code := result.Exit(); {
	case ctx.Err() != nil:
		return console.Failf(console.ExitInterrupted, "interrupted: not all cases were decided")
	case code != console.ExitOK:
		return &console.ExitError{Code: code}
	}
	return nil
}

// draftMap proposes a mapping of the first entries of logs.
func (a *app) draftMap(ctx context.Context, in console.Input, r *logReader, opt explainOptions) error {
	var draft string
	outcome, _, err := a.workOn(ctx, in, true, func(m *threats.Model, _ func(checker.Progress)) error {
		var records []logs.Record
		for i := range r.paths {
			err := r.log(ctx, i).Each(io.Discard, func(rec logs.Record) error {
				if records = append(records, rec); len(records) >= logs.Samples {
					return io.EOF
				}
				return nil
			})
			if err != nil {
				return unread(err, "nothing was explained")
			}
		}
		draft = logs.Draft(m.Design, records, r.formats[0].Name, r.formats[0].Defaults)
		return nil
	})
	if err == nil && draft == "" {
		err = a.wrong(outcome)
	}
	if err != nil {
		return err
	}
	return a.Deliver([]byte(draft), opt.out)
}

// logReader reads logs with a mapping.
type logReader struct {
	*app
	paths   []string
	formats []logfile.Format // of each
	mapping *source.File     // nil: there is none
}

// logsOf finds out how logs are read.
func (a *app) logsOf(ctx context.Context, paths []string, opt explainOptions) (*logReader, error) {
	r := &logReader{app: a, paths: paths}
	named := opt.logFormat
	if opt.mapping != "" {
		data, err := a.ReadFile(ctx, opt.mapping, source.MaxBytes)
		if err != nil {
			return nil, console.Failf(console.ExitUsage, "%v", err)
		}
		r.mapping = source.New(filepath.ToSlash(opt.mapping), string(data))
		if named == "" {
			named = logs.FormatOf(r.mapping.Text)
		}
	}
	for _, path := range paths {
		f, err := logfile.Formats[0], error(nil)
		switch {
		case named != "":
			f, err = logfile.Named(named)
		case path != "-":
			f, err = logfile.Of(path)
		}
		if err != nil {
			return nil, err
		}
		r.formats = append(r.formats, f)
		if path != "-" {
			a.Guard.Keep(path)
		}
	}
	return r, nil
}

// mapped reads the mapping for a model. Its errors are written, and end the command.
func (r *logReader) mapped(m *threats.Model) (*logs.Mapping, error) {
	if r.mapping == nil {
		return logs.Plain(m.Design, r.formats[0].Defaults), nil
	}
	diags := &diag.List{}
	mapping := logs.Parse(r.mapping, m.Design, r.formats[0].Defaults, diags)
	if mapping == nil || diags.HasErrors() {
		if err := diag.Render(r.Stderr, diags.Sorted(), diag.Options{Color: r.Colored(r.Stderr), Max: console.MaxDiagnostics}); err != nil {
			return nil, console.Failf(console.ExitUsage, "cannot write the errors: %v", err)
		}
		return nil, console.Failf(console.ExitUsage, "the mapping has errors: nothing was explained")
	}
	return mapping, nil
}

// explain reads the logs and explains their cases.
func (r *logReader) explain(ctx context.Context, m *threats.Model, opt explainOptions, progress func(checker.Progress)) (*conform.Result, error) {
	mapping, err := r.mapped(m)
	if err != nil {
		return nil, err
	}
	var files []logfile.File
	for i, path := range r.paths {
		l := r.log(ctx, i)
		if path != "-" {
			l.Name = reports.Paths(m)(path)
		}
		files = append(files, l)
	}
	x, out, err := conform.Read(ctx, m, mapping, r.mapping, files, conform.Options{Lost: opt.lost, Failures: opt.tolerating, Stops: true})
	if err != nil {
		return nil, unread(err, "nothing was explained")
	}
	return out, x.Answers(ctx, out, func(done, of int) { progress(checker.Progress{Requirement: "traces", Done: done, Total: of}) })
}

// log returns a log to be read, under its name as it was given.
func (r *logReader) log(ctx context.Context, i int) logfile.File {
	path := r.paths[i]
	if path == "-" {
		return logfile.File{Name: console.StdinName, Format: r.formats[i], Open: func() (io.ReadCloser, error) { return io.NopCloser(files.Until(ctx, r.Stdin)), nil }}
	}
	return logfile.File{Name: filepath.ToSlash(path), Format: r.formats[i], Open: func() (io.ReadCloser, error) { return files.Stream(ctx, path) }}
}

// unread says what stands against reading a log, and what was not done therefore; other errors stay what they are.
func unread(err error, therefore string) error {
	var wrong *logfile.Error
	switch {
	case !errors.As(err, &wrong):
		return err
	case wrong.Line > 0:
		return console.Failf(console.ExitUsage, "%v: %s", err, therefore)
	}
	return console.Failf(console.ExitUsage, "cannot read %v", err)
}
