package cli

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/witness"
)

func (a *app) keyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Make and show the key that signs reports",
		Long: `Key makes the key that "vauban notarize" signs with: an Ed25519 key in a file that only its owner can read. Its public part is
identified by a did:key, which is all that others need to check signatures.`,
		Example: "  vauban key new alice.pem\n  vauban key show alice.pem",
		Args:    console.Subcommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	file := "`FILE`, or the default place where there is none"
	cmd.AddCommand(&cobra.Command{
		Use:     "new [FILE]",
		Short:   "Make a key, and print its did:key",
		Long:    "New makes a key in " + file + ", and prints its did:key. It never replaces a file.",
		Example: "  vauban key new bob.pem",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.newKey(keyPath(args)) },
	})
	var log, witnessed string
	show := &cobra.Command{
		Use:     "show [FILE]",
		Short:   "Print the did:key of a key",
		Long:    "Show prints the did:key of the key in " + file + `, or the form in which trust files name the key of a log or a witness (see "vauban witness"). The key itself is never printed.`,
		Example: "  vauban key show bob.pem",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.showKey(cmd.Context(), keyPath(args), log, witnessed)
		},
	}
	show.Flags().StringVar(&log, "log", "", "as the key of the log `NAME`")
	show.Flags().StringVar(&witnessed, "witness", "", "as the key of the witness `NAME`")
	show.MarkFlagsMutuallyExclusive("log", "witness")
	cmd.AddCommand(show)
	return cmd
}

// keyPath returns the file that is named, or the default one.
func keyPath(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return defaultKey()
}

// defaultKey returns where the user's key is; "vauban-key.pem" here where there is no directory for such things.
func defaultKey() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "vauban-key.pem"
	}
	return filepath.Join(dir, "vauban", "key.pem")
}

func (a *app) newKey(path string) error {
	if path == defaultKey() {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return console.Failf(console.ExitUsage, "cannot make the directory of %s: %v", path, files.Reason(err))
		}
	}
	did, err := makeKey(path)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.Stderr, "made %s: keep it to yourself, and keep a copy\n", path)
	return a.Deliver([]byte(did+"\n"), "")
}

// makeKey makes a key and returns its did:key.
func makeKey(path string) (string, error) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return "", err
	}
	switch err := attest.WriteKey(path, key); {
	case errors.Is(err, fs.ErrExist):
		return "", console.Failf(console.ExitUsage, "%s already exists, and a key is never replaced: name another one, or use it (`vauban key show %s`)", path, path)
	case err != nil:
		return "", console.Failf(console.ExitUsage, "cannot make the key %s: %v", path, files.Reason(errors.Unwrap(err)))
	}
	return attest.DID(public), nil
}

func (a *app) showKey(ctx context.Context, path, log, witnessed string) error {
	key, err := attest.ReadKey(ctx, path)
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	text := attest.DID(key.Public().(ed25519.PublicKey))
	switch {
	case log != "":
		text, err = witnessKey(key, log, witness.Signs)
	case witnessed != "":
		text, err = witnessKey(key, witnessed, witness.Cosigns)
	}
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	return a.Deliver([]byte(text+"\n"), "")
}
