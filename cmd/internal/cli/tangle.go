package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/reports/notary/hornet"
)

const (
	privateName = "vauban-private"
	pace        = time.Second // between the milestones of a private network: the least that their clock can tell apart
)

// untilInterrupted marks commands that run until they are interrupted.
const untilInterrupted = "until interrupted"

func (a *app) tangleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "tangle",
		Short:   "Run a private Tangle of one real node on this machine",
		Example: "  vauban tangle build",
		Args:    console.Subcommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.tangleUpCommand(), a.tangleBuildCommand())
	return cmd
}

func (a *app) tangleUpCommand() *cobra.Command {
	dir := "private-tangle"
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start the private Tangle, and keep it running until Ctrl-C",
		Long: `Up starts a Tangle of one real node (HORNET) and a coordinator with two keys, on this machine, for this machine alone. It builds the node the first
time, which takes minutes and needs the go command and the network. Then it prints the node's address and the trust file that receipts are checked with.

Everything is kept in one directory, and "vauban tangle up" continues the same Tangle there later; faucet.pem there is the key that its coins are of, for "vauban id new did:iota". Such a Tangle is only as
trustworthy as whoever holds its keys: for trials, or as the start of a network that several parties run.`,
		Example: "  vauban tangle up\n  vauban tangle up --dir team-tangle",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.tangleUp(cmd.Context(), dir) },

		Annotations: map[string]string{untilInterrupted: "yes"},
	}
	cmd.Flags().StringVar(&dir, "dir", dir, "keep the Tangle in `DIR`")
	return cmd
}

func (a *app) tangleBuildCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "build",
		Short: "Build the node of the private Tangle, if it is not built yet, and print where it is",
		Long: `Build does the part of "vauban tangle up" that takes long and needs the network: it fetches the node's modules and compiles them.
Expect several minutes, and up to half an hour on a small machine with nothing in its caches; how far it is stands on standard error. The node goes into the user's cache directory
(XDG_CACHE_HOME), where all checkouts and versions of Vauban that use the same node share it.`,
		Example: "  vauban tangle build",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := a.buildNode(cmd.Context())
			if err != nil {
				return err
			}
			return a.Deliver([]byte(path+"\n"), "")
		},
	}
}

// buildNode builds the node of the private Tangle unless it is there, and says how far it is.
func (a *app) buildNode(ctx context.Context) (string, error) {
	_, built, err := hornet.Binary()
	if err != nil {
		return "", console.Failf(console.ExitUsage, "%v", err)
	}
	if built {
		return hornet.Build(ctx, func(hornet.Stage) {})
	}
	fmt.Fprintf(a.Stderr, "vauban: building the node (HORNET %s): only this once; it takes several minutes, half an hour on a small machine with nothing in its caches\n", hornet.Version)
	report := &buildReport{w: a.Stderr, live: console.IsTerminal(a.Stderr), start: time.Now()}
	every := sparse
	if report.live {
		every = console.Rhythm
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	ended := make(chan struct{})
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		report.show(tick.C, ended)
	}()
	path, err := hornet.Build(ctx, report.update)
	close(ended)
	<-shown
	switch {
	case ctx.Err() != nil:
		return "", console.Failf(console.ExitInterrupted, "interrupted: what was compiled so far is kept by the go command, so the next build is shorter")
	case err != nil:
		return "", console.Failf(console.ExitUsage, "%v", err)
	}
	return path, nil
}

// sparse is how often a build says how far it is where nobody watches.
const sparse = time.Minute

// buildReport says how far the build of the node is: on a terminal in a line that changes, elsewhere in a line for each step, and one a minute.
type buildReport struct {
	w     io.Writer
	live  bool
	start time.Time

	mu   sync.Mutex
	last hornet.Stage
}

// update is told each stage.
func (b *buildReport) update(s hornet.Stage) {
	b.mu.Lock()
	defer b.mu.Unlock()
	first := s.Packages > 0 && b.last.Packages == 0 || s == hornet.Stage{}
	if b.last = s; first && !b.live {
		fmt.Fprintf(b.w, "vauban: %s\n", b.line(time.Since(b.start)))
	}
}

// line says how far it is, and how long it has taken.
func (b *buildReport) line(elapsed time.Duration) string {
	took := fmt.Sprintf("%d s", int(elapsed.Seconds()))
	if elapsed >= time.Minute {
		took = fmt.Sprintf("%d min %02d s", int(elapsed.Minutes()), int(elapsed.Seconds())%60)
	}
	switch s := b.last; {
	case s.Packages == 0:
		return fmt.Sprintf("step 1 of 2: fetching modules, %d so far · %s", s.Fetched, took)
	case s.Compiled >= s.Packages:
		return fmt.Sprintf("step 2 of 2: linking · %s", took)
	default:
		return fmt.Sprintf("step 2 of 2: compiled %d of at most %d packages · %s", s.Compiled, s.Packages, took)
	}
}

// show writes a line at each tick, until the end.
func (b *buildReport) show(tick <-chan time.Time, ended <-chan struct{}) {
	for {
		select {
		case <-ended:
			b.end()
			return
		case now := <-tick:
			b.tick(now)
		}
	}
}

func (b *buildReport) tick(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	line := b.line(now.Sub(b.start))
	if b.live {
		fmt.Fprintf(b.w, "\r\x1b[K%s", line)
	} else {
		fmt.Fprintf(b.w, "vauban: %s\n", line)
	}
}

// end clears the line.
func (b *buildReport) end() {
	if b.live {
		fmt.Fprint(b.w, "\r\x1b[K")
	}
}

func (a *app) tangleUp(ctx context.Context, dir string) error {
	binary, err := a.buildNode(ctx)
	if err != nil {
		return err
	}
	n, err := hornet.Start(ctx, binary, dir, privateName, pace)
	if ctx.Err() != nil {
		return console.Failf(console.ExitInterrupted, "interrupted before the Tangle was up")
	}
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	trust := filepath.Join(dir, filepath.Base(n.TrustFile()))
	_, err = fmt.Fprintf(a.Stdout, `The private Tangle %s is up. Ctrl-C stops it.

  node        %s
  trust file  %s
  milestones  one a second, signed by %d keys

In another terminal, in this directory:
  $ vauban notarize --tangle %s --trust %s report.json
`, n.Trust().Network, n.URL(), trust, n.Trust().Threshold, n.URL(), trust)
	if err == nil {
		select {
		case err = <-n.Failed():
		case <-ctx.Done():
		}
	}
	if closed := n.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return console.Failf(console.ExitUnknown, "%v", err)
	}
	_, err = fmt.Fprintf(a.Stdout, "\nThe Tangle has stopped. It is kept in %s, and `vauban tangle up --dir %s` goes on with it.\n", dir, dir)
	return err
}
