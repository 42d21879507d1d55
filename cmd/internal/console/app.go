package console

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/files"
)

// Exit statuses.
const (
	ExitOK          = 0
	ExitFound       = 1 // violated or depends
	ExitUsage       = 2 // the input or the command line is wrong
	ExitUnknown     = 3 // unknown, or Vauban itself failed
	ExitInterrupted = 130
	ExitTerminated  = 143 // at once, by a second signal
)

// ExitError ends a command with a status. Its text may be empty when everything has been said.
type ExitError struct {
	Code int
	text string
}

func (e *ExitError) Error() string { return e.text }

// Failf ends a command with a status, and says why.
func Failf(code int, format string, args ...any) error {
	return &ExitError{code, fmt.Sprintf(format, args...)}
}

// App is what the commands share.
type App struct {
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Color   string
	Outside []string    // directories that designs may read from, too
	Guard   files.Guard // keeps outputs from inputs

	configured *configured // nil until somebody asks
}

// Internal turns a panic into an error of Vauban itself.
func Internal(p any) error {
	text := strings.TrimPrefix(fmt.Sprint(p), "vauban: internal error: ")
	return Failf(ExitUnknown, "internal error: %s\nthis is a bug in vauban, and no verdict was given: please report it with the design and the output of `vauban version`", text)
}

// Report says what went wrong and returns the exit status.
func (a *App) Report(err error) int {
	var e *ExitError
	if !errors.As(err, &e) {
		e = &ExitError{ExitUnknown, err.Error()}
	}
	if e.text != "" {
		lines := strings.Split(e.text, "\n")
		for i, l := range lines {
			lines[i] = diag.Escape(l) // a file may be called anything
		}
		fmt.Fprintf(a.Stderr, "vauban: %s\n", strings.Join(lines, "\n"))
	}
	return e.Code
}

// MaxDiagnostics is how many errors of a design are written out.
const MaxDiagnostics = 50

// NeedFiles demands that a command is given files.
func NeedFiles(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("nothing to read: name %s", what)
		}
		return nil
	}
}

// DateOf returns the date that --as-of gives, and today where it gives none.
func DateOf(asOf string) (string, error) {
	if asOf == "" {
		return time.Now().UTC().Format(time.DateOnly), nil
	}
	if _, err := time.Parse(time.DateOnly, asOf); err != nil {
		return "", fmt.Errorf("--as-of is %q, expected a date such as 2027-01-31", asOf)
	}
	return asOf, nil
}

// Deliver writes a report to a file, or to standard output.
func (a *App) Deliver(data []byte, path string) error {
	if path != "" {
		if err := a.Guard.Write(path, data); err != nil {
			return Failf(ExitUsage, "%v", err)
		}
		return nil
	}
	if err := a.Guard.CheckFile(a.Stdout); err != nil {
		return Failf(ExitUsage, "%v", err)
	}
	if _, err := a.Stdout.Write(data); err != nil {
		return Failf(ExitUsage, "cannot write the result: %v", err)
	}
	return nil
}

// Subcommand refuses arguments of a command that has only subcommands.
func Subcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if s := cmd.SuggestionsFor(args[0]); len(s) > 0 {
		return fmt.Errorf("unknown command %q: did you mean %q?", args[0], s[0])
	}
	return fmt.Errorf("unknown command %q", args[0])
}

// CompleteDesigns completes the names of design files.
func CompleteDesigns(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"vbn"}, cobra.ShellCompDirectiveFilterFileExt
}
