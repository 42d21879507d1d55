package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// fmtOptions are the flags of fmt.
type fmtOptions struct{ write, diff, check bool }

func (a *app) fmtCommand() *cobra.Command {
	var opt fmtOptions
	cmd := &cobra.Command{
		Use:   "fmt FILE...",
		Short: "Write design files in the one canonical form",
		Long: `Fmt writes design files in the one canonical form: comments stay, meaning stays, and formatting twice changes nothing.
Without a flag the result goes to standard output. "-" reads standard input.`,
		Example: `  vauban fmt shop.vbn
  vauban fmt -d shop.vbn
  vauban fmt -w shop.vbn
  vauban fmt --check shop.vbn`,
		ValidArgsFunction: console.CompleteDesigns,
		Args:              console.NeedFiles("a design file, such as `vauban fmt -w shop.vbn`"),
		RunE:              func(cmd *cobra.Command, args []string) error { return a.format(cmd.Context(), args, opt) },
	}
	f := cmd.Flags()
	a.AllowOutside(cmd)
	f.BoolVarP(&opt.write, "write", "w", false, "write the result to the file")
	f.BoolVarP(&opt.diff, "diff", "d", false, "print a diff of what would change")
	f.BoolVar(&opt.check, "check", false, "list the files that would change, and exit with 1 if there are any")
	cmd.MarkFlagsMutuallyExclusive("write", "diff", "check")
	return cmd
}

func (a *app) format(ctx context.Context, args []string, opt fmtOptions) error {
	in, err := a.Input(ctx, args)
	if err != nil {
		return err
	}
	diags := &diag.List{}
	changed, wrong := false, false
	for i, name := range in.Names {
		if opt.write && name == console.StdinName {
			return errors.New("standard input cannot be written back: leave out -w")
		}
		text, err := in.Read(name)
		if err != nil {
			return console.Failf(console.ExitUsage, "cannot read %s: %v", name, err)
		}
		before := &diag.List{}
		tree := dsl.Parse(source.New(name, text), before)
		diags.Append(before)
		if before.HasErrors() {
			wrong = true
			continue
		}
		out := dsl.Format(tree)
		changed = changed || out != text
		if err := a.formatted(args[i], name, text, out, opt); err != nil {
			return err
		}
	}
	if wrong {
		in.Withhold(nil, diags)
		return a.misshapen(diags)
	}
	if changed && opt.check {
		return &console.ExitError{Code: console.ExitFound}
	}
	return nil
}

// formatted delivers one formatted file.
func (a *app) formatted(path, name, text, out string, opt fmtOptions) error {
	var err error
	switch {
	case opt.write:
		if out != text {
			if err := a.Guard.Rewrite(path, text, out); err != nil {
				return console.Failf(console.ExitUsage, "%v", err)
			}
		}
	case opt.check:
		if out != text {
			_, err = fmt.Fprintln(a.Stdout, name)
		}
	case opt.diff:
		_, err = a.Stdout.Write(diff.Diff(name, []byte(text), name+" (formatted)", []byte(out)))
	default:
		_, err = fmt.Fprint(a.Stdout, out)
	}
	if err != nil {
		return console.Failf(console.ExitUsage, "cannot write the result: %v", err)
	}
	return nil
}

// misshapen writes the syntax errors of files that could not be formatted.
func (a *app) misshapen(diags *diag.List) error {
	if err := diag.Render(a.Stderr, diags.Sorted(), diag.Options{Color: a.Colored(a.Stderr), Max: console.MaxDiagnostics}); err != nil {
		return console.Failf(console.ExitUsage, "cannot write the errors: %v", err)
	}
	return console.Failf(console.ExitUsage, "a file with errors is left as it is")
}
