package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/cmd/internal/store"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/reports/plain"
)

func (a *app) storeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "store",
		Short: "Look after a directory of what checks have found",
		Long: `With "vauban check --store DIR", a design that has not changed is not checked again, and of one that has, only the questions that have changed are asked again. Several processes can use a directory at once. What was
not used for longest goes when there is more than a gigabyte. diff, fix, live and lsp take questions from a store, too.

What a store says counts for what can be checked of it, since others may have written into it: an earlier job of a pull request, say.

- An answer to a question is judged like that of an engine: each attack is replayed, each proof is checked.
- A finished report counts only with a code by a key that is not in the store: one of this user on this machine, made at first use, or that of --store-key. On a machine without the key, as in a job of a build server, there are no reports, and answers are judged.
  Whoever has the key can make a gate pass, so a pull request from outside must not get it.
- With --recheck N, so many in a hundred of the reports are made again, and compared.

A store of another version of the program is of no use: each version has its own entries, and the others go in time.`,
		Example: "  vauban store stat .vauban",
		Args:    console.Subcommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	one := func(use, short, example string, do func(context.Context, *store.Store) error) *cobra.Command {
		var opt helperOptions
		c := &cobra.Command{
			Use: use + " DIR", Short: short, Example: example, Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				if !console.Directory(args[0]) {
					return console.Failf(console.ExitUsage, "there is no store %s: `vauban check --store %s` makes one", args[0], plain.Shell(args[0]))
				}
				opt.store = args[0]
				s, err := a.openStore(cmd.Context(), opt)
				if err != nil {
					return err
				}
				err = do(cmd.Context(), s)
				if closed := s.Close(); err == nil {
					err = closed
				}
				return err
			},
		}
		opt.storeFlags(c)
		cmd.AddCommand(c)
		return c
	}
	one("stat", "Say what a store has", "  vauban store stat .vauban", func(_ context.Context, s *store.Store) error { return a.storeStat(s) })
	limit := int64(store.Limit >> 20)
	gc := one("gc", "Drop what was not used for longest", "  vauban store gc --limit 100 .vauban", func(_ context.Context, s *store.Store) error {
		if limit < 0 {
			return fmt.Errorf("--limit is %d, expected a number of megabytes", limit)
		}
		gone, err := s.Collect(limit << 20)
		if err != nil {
			return console.Failf(console.ExitUnknown, "%v", err)
		}
		return a.Deliver([]byte(plain.Number(int(gone>>10), "kilobyte")+" dropped\n"), "")
	})
	gc.Flags().Int64Var(&limit, "limit", limit, "leave at most `N` megabytes")
	one("verify", "Look at each entry, and drop what is broken", "  vauban store verify .vauban", a.storeVerify)
	return cmd
}

func (a *app) storeStat(s *store.Store) error {
	st, err := s.Stat()
	if err != nil {
		return console.Failf(console.ExitUnknown, "%v", err)
	}
	var b strings.Builder
	for _, k := range []string{"report", "proposal"} {
		fmt.Fprintf(&b, "%s, %s\n", plain.Number(int(st.Entries[k]), k), plain.Number(int(st.Bytes[k]>>10), "kilobyte"))
	}
	if !st.Oldest.IsZero() {
		fmt.Fprintf(&b, "the oldest was used on %s\n", st.Oldest.UTC().Format(time.DateOnly))
	}
	return a.Deliver([]byte(b.String()), "")
}

func (a *app) storeVerify(ctx context.Context, s *store.Store) error {
	v, err := s.Verify(ctx)
	if err != nil {
		return console.Failf(console.ExitUnknown, "%v", err)
	}
	text := "good: " + plain.Thousands(v.Good) + "\n"
	if v.Foreign > 0 {
		text += "by another key, which does not count here: " + plain.Thousands(v.Foreign) + "\n"
	}
	for _, name := range v.Broken {
		text += "broken, and dropped: " + diag.Escape(name) + "\n"
	}
	if err := a.Deliver([]byte(text), ""); err != nil {
		return err
	}
	if len(v.Broken) > 0 {
		return &console.ExitError{Code: console.ExitFound}
	}
	return nil
}
