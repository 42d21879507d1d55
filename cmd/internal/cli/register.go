package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/baseline"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/register"
)

// defaultRegister is where a team's register is kept when nothing names a file.
const defaultRegister = "vauban.register.json"

// registerOptions are the flags of register.
type registerOptions struct {
	checkOptions
	file    string
	states  []string
	owner   string
	overdue bool
}

func (a *app) registerCommand() *cobra.Command {
	var opt registerOptions
	cmd := &cobra.Command{
		Use:   "register [FILE...]",
		Short: "Keep a team's list of findings: owner, state, ticket and due date of each",
		Long: `Register checks designs and brings the team's list of findings up to date: new findings are entered as open, or as accepted if a waiver covers them; those that
are gone become fixed; those that come back are open again. What people wrote stays. Then it prints the list, or the part of it that is asked for.

A finding is known as in a baseline: by requirement, attackers, place, and the way of the attack, whatever it costs. The register decides nothing: the
gate goes by verdicts, waivers and the baseline. Keep the file in the repository; "vauban review" shows it in the report.

Exit status: 0; 2 when a design or the register has errors; 3 when something is unknown, and then nothing is written; 130 interrupted.`,
		Example: `  vauban register --register team.json shop.vbn
  vauban register --register team.json --state open --format csv --out findings.csv shop.vbn
  vauban register --register team.json --overdue shop.vbn`,
		ValidArgsFunction: console.CompleteDesigns,
		Args:              cobra.ArbitraryArgs,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.register(cmd.Context(), args, opt) },
	}
	f := cmd.Flags()
	a.AllowOutside(cmd)
	registerFlag(f, &opt.file)
	f.StringVar(&opt.format, "format", "text", "`FORMAT` of the list: text (for people), csv (for spreadsheets), json (for programs)")
	f.StringVar(&opt.out, "out", "", "write the list to `FILE` instead of standard output")
	f.StringSliceVar(&opt.states, "state", nil, "list only findings in these `STATES`: "+strings.Join(register.States, ", "))
	f.StringVar(&opt.owner, "owner", "", "list only the findings that `NAME` owns")
	f.BoolVar(&opt.overdue, "overdue", false, "list only findings that are not done and were due before the day of --as-of")
	f.StringVar(&opt.asOf, "as-of", "", "judge waivers and due dates as of `DATE`, YYYY-MM-DD (default: today, UTC)")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "csv", "json"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(register.States, cobra.ShellCompDirectiveNoFileComp))
	cmd.AddCommand(a.registerSetCommand())
	return cmd
}

func registerFlag(f *pflag.FlagSet, file *string) {
	f.StringVar(file, "register", defaultRegister, "the team's register is `FILE`")
}

func (a *app) registerSetCommand() *cobra.Command {
	var file, owner, state, ticket, due, note string
	cmd := &cobra.Command{
		Use:     "set ID...",
		Short:   "Say who owns findings, in which state they are, their ticket and due date",
		Long:    `Set writes what is given into the entries with these identifiers, and leaves the rest as it is. An empty value clears it.`,
		Example: `  vauban register set --register team.json --owner alice --due 2027-03-31 --ticket SEC-12 4069572d`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("name a finding by its identifier: `vauban register` lists them")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			set := func(e *register.Entry) {
				for name, field := range map[string]struct{ to, from *string }{
					"owner": {&e.Owner, &owner}, "state": {&e.State, &state}, "ticket": {&e.Ticket, &ticket}, "due": {&e.Due, &due}, "note": {&e.Note, &note},
				} {
					if cmd.Flags().Changed(name) {
						*field.to = *field.from
					}
				}
			}
			return a.registerSet(cmd.Context(), file, args, set)
		},
	}
	f := cmd.Flags()
	registerFlag(f, &file)
	f.StringVar(&owner, "owner", "", "`NAME` of the owner")
	f.StringVar(&state, "state", "", "`STATE`: "+strings.Join(register.States, ", "))
	f.StringVar(&ticket, "ticket", "", "`TICKET` that tracks it")
	f.StringVar(&due, "due", "", "due `DATE`, YYYY-MM-DD")
	f.StringVar(&note, "note", "", "`TEXT` that only the CSV shows")
	_ = cmd.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(register.States, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// readRegister reads a register, and returns the text that it was read from. It is [fs.ErrNotExist] when there is no such file.
func (a *app) readRegister(ctx context.Context, path string) (*register.Register, string, error) {
	data, err := files.Read(ctx, path, register.MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", err
	}
	if err == nil {
		var r *register.Register
		if r, err = register.Parse(string(data)); err == nil {
			return r, string(data), nil
		}
	}
	return nil, "", console.Failf(console.ExitUsage, "cannot read the register %s: %v; restore it from the repository", path, err)
}

func (a *app) register(ctx context.Context, paths []string, opt registerOptions) error {
	if err := opt.validate(); err != nil {
		return err
	}
	writers := map[string]func(io.Writer, []register.Entry) error{"csv": register.WriteCSV, "json": register.WriteJSON, "text": func(w io.Writer, list []register.Entry) error { return writeEntries(w, list, opt.asOf) }}
	write := writers[opt.format]
	if write == nil {
		return fmt.Errorf("--format is %q, expected text, csv or json", opt.format)
	}
	for _, s := range opt.states {
		if !slices.Contains(register.States, s) {
			return fmt.Errorf("--state is %q, expected %s", s, strings.Join(register.States, ", "))
		}
	}
	outcomes, err := a.settled(ctx, paths, opt.checkOptions)
	if err != nil {
		return err
	}
	if err := a.Guard.Check(opt.file, opt.out); err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	r, old, err := a.readRegister(ctx, opt.file)
	isNew := errors.Is(err, fs.ErrNotExist)
	if isNew {
		r = register.New()
	} else if err != nil {
		return err
	}
	designs, open := findings(outcomes)
	var waived []baseline.Finding
	severities := map[[2]string]string{}
	for i, o := range outcomes {
		waived = append(waived, baseline.Waived(designs[i], o.Result)...)
		for _, q := range o.Result.Requirements {
			severities[[2]string{designs[i], q.Source.Name}] = q.Source.Severity
		}
	}
	done := r.Update(designs, open, waived, func(design, requirement string) string { return severities[[2]string{design, requirement}] })
	if err := a.keepRegister(opt.file, isNew, old, r); err != nil {
		return err
	}
	fmt.Fprintf(a.Stderr, "%s: %s, %d new, %d fixed, %d reopened\n", opt.file, plain.Number(len(r.Entries), "finding"), done.New, done.Fixed, done.Reopened)
	filter := register.Filter{States: opt.states, Owner: opt.owner}
	if opt.overdue {
		filter.Overdue = opt.asOf
	}
	var b bytes.Buffer
	if err := write(&b, r.Select(filter)); err != nil {
		return err
	}
	return a.Deliver(b.Bytes(), opt.out)
}

// keepRegister writes a register that has changed.
func (a *app) keepRegister(path string, isNew bool, old string, r *register.Register) error {
	data, err := r.JSON()
	if err != nil || string(data) == old {
		return err
	}
	if isNew {
		err = a.Guard.Write(path, data)
	} else {
		err = a.Guard.Rewrite(path, old, string(data))
	}
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	return nil
}

func (a *app) registerSet(ctx context.Context, path string, ids []string, set func(*register.Entry)) error {
	r, old, err := a.readRegister(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return console.Failf(console.ExitUsage, "there is no register %s: write it with `vauban register`", path)
	}
	if err != nil {
		return err
	}
	for _, id := range ids {
		e, err := r.Get(id)
		if err != nil {
			return console.Failf(console.ExitUsage, "%v in %s: `vauban register` lists them", err, path)
		}
		set(e)
		if err := e.Validate(); err != nil {
			return console.Failf(console.ExitUsage, "%s: %v", id, err)
		}
	}
	return a.keepRegister(path, false, old, r)
}

// writeEntries writes a list of findings for people.
func writeEntries(w io.Writer, list []register.Entry, day string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, e := range list {
		due := e.Due
		if e.Overdue(day) {
			due += " overdue"
		}
		cells := []string{e.ID, e.State, e.Severity, e.Owner, e.Ticket, due, e.Finding.String()}
		for i, c := range cells {
			if cells[i] = plain.Clean(c); c == "" {
				cells[i] = "-"
			}
		}
		if _, err := fmt.Fprintln(t, strings.Join(cells, "\t")); err != nil {
			return err
		}
	}
	return t.Flush()
}

// track tells formats what a register says of findings.
func track(r *register.Register, outcome *reports.Outcome, day string) {
	if r == nil || outcome.Result == nil {
		return
	}
	name := designName(outcome.Name)
	outcome.Tracked = reports.Tracked{}
	for _, f := range append(baseline.Of(name, outcome.Result), baseline.Waived(name, outcome.Result)...) {
		if e, ok := r.Of(f); ok {
			outcome.Tracked[f.ID] = reports.Track{ID: e.ID, State: e.State, Owner: e.Owner, Ticket: e.Ticket, Due: e.Due, Overdue: e.Overdue(day)}
		}
	}
}
