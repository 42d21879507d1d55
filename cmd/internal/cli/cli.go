package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/files"
)

// Exit statuses.
const (
	exitOK          = 0
	exitFound       = 1 // violated or depends
	exitUsage       = 2 // the input or the command line is wrong
	exitUnknown     = 3 // unknown, or Vauban itself failed
	exitInterrupted = 130
	exitTerminated  = 143 // at once, by a second signal
)

// exitError ends a command with a status. Its text may be empty when everything has been said.
type exitError struct {
	code int
	text string
}

func (e *exitError) Error() string { return e.text }

func failf(code int, format string, args ...any) error {
	return &exitError{code, fmt.Sprintf(format, args...)}
}

// app is what the commands share.
type app struct {
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	color   string
	outside []string    // directories that designs may read from, too
	guard   files.Guard // keeps outputs from inputs

	configured *configured // nil until somebody asks
}

// firstCollection is at how much memory garbage is collected for the first time.
const firstCollection = 64 << 20

// collectLate has no garbage collected before there is much of it: most commands end before, and a third of their time went there. Whoever sets GOGC or GOMEMLIMIT has it as he says.
func collectLate() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	percent, limit := debug.SetGCPercent(-1), debug.SetMemoryLimit(firstCollection)
	runtime.AddCleanup(new([16]byte), func(struct{}) { // once, by the first collection
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}, struct{}{})
}

// Main runs the command line of the process and returns its exit status.
func Main() int {
	collectLate()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go obey(signals, cancel, os.Exit)
	return Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// obey has the command stop at the first signal, and ends the process at the second: then it does not stop, or not soon enough.
func obey(signals <-chan os.Signal, cancel func(), exit func(int)) {
	<-signals
	cancel()
	if <-signals == syscall.SIGTERM {
		exit(exitTerminated)
		return
	}
	exit(exitInterrupted)
}

// Run runs one command and returns its exit status.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	a := &app{stdin: stdin, stdout: stdout, stderr: stderr}
	defer func() {
		if p := recover(); p != nil {
			code = a.report(internal(p))
		}
	}()
	root := a.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	var e *exitError
	switch ok := errors.As(err, &e); {
	case ctx.Err() != nil && (!ok || e.code == exitUsage): // what it could not do, it could not do in time
		err = failf(exitInterrupted, "interrupted")
	case !ok:
		err = failf(exitUsage, "%s\nsee `%s --help`", strings.TrimSpace(err.Error()), cmd.CommandPath())
	}
	return a.report(err)
}

// internal turns a panic into an error of Vauban itself.
func internal(p any) error {
	text := strings.TrimPrefix(fmt.Sprint(p), "vauban: internal error: ")
	return failf(exitUnknown, "internal error: %s\nthis is a bug in vauban, and no verdict was given: please report it with the design and the output of `vauban version`", text)
}

// report says what went wrong and returns the exit status.
func (a *app) report(err error) int {
	var e *exitError
	if !errors.As(err, &e) {
		e = &exitError{exitUnknown, err.Error()}
	}
	if e.text != "" {
		lines := strings.Split(e.text, "\n")
		for i, l := range lines {
			lines[i] = diag.Escape(l) // a file may be called anything
		}
		fmt.Fprintf(a.stderr, "vauban: %s\n", strings.Join(lines, "\n"))
	}
	return e.code
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "vauban",
		Short: "Check the design of an e-commerce service against known threats",
		Long: `Vauban checks the design of an e-commerce service against known threats, before it is built.
Each requirement gets a verdict with its evidence: an attack, step by step, or a proof.

New here? "vauban demo" shows everything on an example.`,
		Example:                    "  vauban demo\n  vauban check shop.vbn",
		Args:                       subcommand,
		Version:                    Version,
		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2,
		CompletionOptions:          cobra.CompletionOptions{DisableNoDescFlag: true},
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(*cobra.Command, []string) error {
			switch a.color {
			case "auto", "always", "never":
				return nil
			}
			return fmt.Errorf("--color is %q, expected auto, always or never", a.color)
		},
	}
	root.PersistentFlags().StringVar(&a.color, "color", "auto", "colour the output `WHEN`: auto, always or never")
	_ = root.RegisterFlagCompletionFunc("color", cobra.FixedCompletions([]string{"auto", "always", "never"}, cobra.ShellCompDirectiveNoFileComp))
	root.SetVersionTemplate(versionLine())
	root.Flags().Bool("version", false, "print the version, and what it was built from")
	root.SetHelpCommand(helpCommand())
	root.AddCommand(
		languageTopic(), keysTopic(), logsTopic(),
		a.initCommand(), a.importCommand(), a.checkCommand(), a.questionsCommand(), a.diffCommand(), a.baselineCommand(), a.graphCommand(), a.exportCommand(), a.simulateCommand(), a.explainCommand(), a.learnCommand(), a.fixCommand(), a.fmtCommand(), a.catalogueCommand(), a.lspCommand(), a.lintCommand(), a.liveCommand(),
		a.keyCommand(), a.notarizeCommand(), a.auditCommand(), a.historyCommand(), a.tangleCommand(),
		a.demoCommand(), a.versionCommand(), a.manCommand(),
	)
	return root
}

// subcommand refuses arguments of a command that has only subcommands.
func subcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if s := cmd.SuggestionsFor(args[0]); len(s) > 0 {
		return fmt.Errorf("unknown command %q: did you mean %q?", args[0], s[0])
	}
	return fmt.Errorf("unknown command %q", args[0])
}

// completeDesigns completes the names of design files.
func completeDesigns(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"vbn"}, cobra.ShellCompDirectiveFilterFileExt
}
