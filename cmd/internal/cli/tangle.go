package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

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
		Args:    subcommand,
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

All is kept in one directory, from where "vauban tangle up" goes on with the same Tangle later. Such a Tangle is worth what the word of those
who have its keys is worth: use it to try things, or as the start of a network that several parties run.`,
		Example: "  vauban tangle up\n  vauban tangle up --dir team-tangle",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.tangleUp(cmd.Context(), dir) },

		Annotations: map[string]string{untilInterrupted: "yes"},
	}
	cmd.Flags().StringVar(&dir, "dir", dir, "where the Tangle is kept")
	return cmd
}

func (a *app) tangleBuildCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "build",
		Short: "Build the node of the private Tangle, if it is not built yet, and print where it is",
		Long: `Build does the part of "vauban tangle up" that takes minutes and needs the network. The node goes into the user's cache directory
(XDG_CACHE_HOME), where all checkouts and versions of Vauban that use the same node share it.`,
		Example: "  vauban tangle build",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := a.buildNode(cmd.Context())
			if err != nil {
				return err
			}
			return a.deliver([]byte(path+"\n"), "")
		},
	}
}

// buildNode builds the node of the private Tangle unless it is there, and says how far it is.
func (a *app) buildNode(ctx context.Context) (string, error) {
	_, built, err := hornet.Binary()
	if err != nil {
		return "", failf(exitUsage, "%v", err)
	}
	if !built {
		fmt.Fprintf(a.stderr, "vauban: building the node (HORNET %s): only this once, but it takes some minutes\n", hornet.Version)
	}
	live, line := isTerminal(a.stderr), ""
	path, err := hornet.Build(ctx, func(done, total int) {
		line = "fetching its modules"
		if total > 0 {
			line = fmt.Sprintf("%d of %d packages", done, total)
		}
		if live {
			fmt.Fprintf(a.stderr, "\r\x1b[K%s", line)
		}
	})
	if live && line != "" {
		fmt.Fprint(a.stderr, "\r\x1b[K")
	}
	switch {
	case ctx.Err() != nil:
		return "", failf(exitInterrupted, "interrupted: what was compiled so far is kept by the go command, so the next build is shorter")
	case err != nil:
		return "", failf(exitUsage, "%v", err)
	}
	return path, nil
}

func (a *app) tangleUp(ctx context.Context, dir string) error {
	binary, err := a.buildNode(ctx)
	if err != nil {
		return err
	}
	n, err := hornet.Start(ctx, binary, dir, privateName, pace)
	if ctx.Err() != nil {
		return failf(exitInterrupted, "interrupted before the Tangle was up")
	}
	if err != nil {
		return failf(exitUsage, "%v", err)
	}
	trust := filepath.Join(dir, filepath.Base(n.TrustFile()))
	_, err = fmt.Fprintf(a.stdout, `The private Tangle %s is up. Ctrl-C stops it.

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
		return failf(exitUnknown, "%v", err)
	}
	_, err = fmt.Fprintf(a.stdout, "\nThe Tangle has stopped. It is kept in %s, and `vauban tangle up --dir %s` goes on with it.\n", dir, dir)
	return err
}
