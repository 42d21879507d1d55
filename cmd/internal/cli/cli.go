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
	"runtime/metrics"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
)

// app has the commands.
type app struct{ *console.App }

// quiet is how much memory is taken before garbage is collected, as long as half of that is garbage.
const quiet = 160 << 20

// garbage is how much of it there may be when much is in use, in percent of that. What a large design comes to stays to the end, so that the collector goes through it again and again
// for little: with less garbage it would take more of the time, and with as much as is usual, 100, twice the memory is taken that a check needs.
const garbage = 60

// collectLate has no garbage collected before there is much of it: most commands end before, and a third of their time went there; and what tries one answer after the other leaves
// garbage alone behind. Whoever sets GOGC or GOMEMLIMIT has it as he says.
func collectLate() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	_, limit := debug.SetGCPercent(-1), debug.SetMemoryLimit(quiet)
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	var collected func(struct{})
	collected = func(struct{}) { // after each collection, until much is in use
		if metrics.Read(live); live[0].Value.Uint64() < quiet/2 {
			runtime.AddCleanup(new([16]byte), collected, struct{}{})
			return
		}
		debug.SetGCPercent(garbage)
		debug.SetMemoryLimit(limit)
	}
	runtime.AddCleanup(new([16]byte), collected, struct{}{})
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
		exit(console.ExitTerminated)
		return
	}
	exit(console.ExitInterrupted)
}

// Run runs one command and returns its exit status.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	a := &app{&console.App{Stdin: stdin, Stdout: stdout, Stderr: stderr}}
	defer func() {
		if p := recover(); p != nil {
			code = a.Report(console.Internal(p))
		}
	}()
	root := a.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return console.ExitOK
	}
	var e *console.ExitError
	switch ok := errors.As(err, &e); {
	case ctx.Err() != nil && (!ok || e.Code == console.ExitUsage): // what it could not do, it could not do in time
		err = console.Failf(console.ExitInterrupted, "interrupted")
	case !ok:
		err = console.Failf(console.ExitUsage, "%s\nsee `%s --help`", strings.TrimSpace(err.Error()), cmd.CommandPath())
	}
	return a.Report(err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "vauban",
		Short: "Check the design of an e-commerce service against known threats",
		Long: `Vauban checks the design of an e-commerce service against known threats, before it is built.
Each requirement gets a verdict with its evidence: an attack, step by step, or a proof.

New here? "vauban demo" shows everything on an example.`,
		Example:                    "  vauban demo\n  vauban check shop.vbn",
		Args:                       console.Subcommand,
		Version:                    Version,
		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2,
		CompletionOptions:          cobra.CompletionOptions{DisableNoDescFlag: true},
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(*cobra.Command, []string) error {
			switch a.Color {
			case "auto", "always", "never":
				return nil
			}
			return fmt.Errorf("--color is %q, expected auto, always or never", a.Color)
		},
	}
	root.PersistentFlags().StringVar(&a.Color, "color", "auto", "colour the output `WHEN`: auto, always or never")
	_ = root.RegisterFlagCompletionFunc("color", cobra.FixedCompletions([]string{"auto", "always", "never"}, cobra.ShellCompDirectiveNoFileComp))
	root.SetVersionTemplate(versionLine())
	root.Flags().Bool("version", false, "print the version, and what it was built from")
	root.SetHelpCommand(helpCommand())
	root.AddCommand(
		languageTopic(), keysTopic(), logsTopic(),
		a.initCommand(), a.importCommand(), a.checkCommand(), a.questionsCommand(), a.diffCommand(), a.baselineCommand(), a.registerCommand(), a.reviewCommand(), a.planCommand(), a.mergeCommand(),
		a.graphCommand(), a.exportCommand(), a.simulateCommand(), a.explainCommand(), a.learnCommand(), a.fixCommand(), a.fmtCommand(), a.catalogueCommand(), a.lspCommand(), a.lintCommand(), a.liveCommand(), a.workerCommand(), a.storeCommand(),
		a.keyCommand(), a.idCommand(), a.credentialCommand(), a.notarizeCommand(), a.auditCommand(), a.bundleCommand(), a.historyCommand(), a.trailCommand(), a.witnessCommand(), a.tangleCommand(),
		a.demoCommand(), a.versionCommand(), a.manCommand(),
	)
	return root
}
