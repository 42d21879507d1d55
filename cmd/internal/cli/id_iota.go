package cli

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/notary/alias"
	"github.com/vauban-verifier/vauban/reports/notary/node"
)

// identityOptions say where a did:iota is.
type identityOptions struct{ tangle, trust, from, funds, coins string }

func (o *identityOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.tangle, "tangle", "", "`URL` of a node of the network of a did:iota, such as http://127.0.0.1:14265")
	f.StringVar(&o.trust, "trust", "", "trust `FILE` of that network, against which receipts are checked")
}

func (o *identityOptions) follows(f *pflag.FlagSet) {
	f.StringVar(&o.from, "from", "", "go on from the state of a did:iota that `FILE` shows")
}

// network connects to the node. The caller closes it.
func (a *app) network(ctx context.Context, o identityOptions) (*alias.Network, func() error, error) {
	if o.tangle == "" || o.trust == "" {
		return nil, nil, console.Failf(console.ExitUsage, "a did:iota is on the network of a node: say which with --tangle URL, and what you believe of it with --trust FILE")
	}
	trust, err := a.readTrust(ctx, o.trust)
	if err != nil {
		return nil, nil, console.Failf(console.ExitUsage, "%v", err)
	}
	l, err := node.Open(o.tangle, node.Options{})
	if err != nil {
		return nil, nil, console.Failf(console.ExitUsage, "--tangle: %v", err)
	}
	name, err := l.Network(ctx)
	if err == nil && name != trust.Network {
		err = fmt.Errorf("the node is of the network %q, the trust file is for %q: give the trust file of that network", name, trust.Network)
	}
	if err != nil {
		return nil, nil, console.Failf(console.ExitUnknown, "%v", errors.Join(err, l.Close()))
	}
	return &alias.Network{Ledger: l, Trust: trust}, l.Close, nil
}

// newIdentity makes a did:iota.
func (a *app) newIdentity(ctx context.Context, o identityOptions, keys []string, out string) (err error) {
	usage := func(err error) error { return console.Failf(console.ExitUsage, "%v", err) }
	if o.funds == "" || out == "" {
		return usage(errors.New("a did:iota needs coins (--funds FILE), and a file to keep what shows it (--out FILE)"))
	}
	var from alias.OutputID
	if o.coins != "" {
		raw, err := hex.DecodeString(strings.TrimPrefix(o.coins, "0x"))
		if err != nil || len(raw) != len(from) {
			return usage(fmt.Errorf("--coins is %q, expected 0x and 68 hexadecimal digits", o.coins))
		}
		from = alias.OutputID(raw)
	}
	purse, _, err := a.keysIn(ctx, []string{o.funds})
	if err != nil {
		return usage(err)
	}
	control, _, err := a.keysIn(ctx, keys[:1])
	if err != nil {
		return usage(err)
	}
	dids, err := a.dids(ctx, keys)
	if err != nil {
		return usage(err)
	}
	if err := a.Guard.Check(out); err != nil {
		return usage(err)
	}
	n, closing, err := a.network(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closing()) }()
	r, i, err := n.Create(ctx, from, purse[0], control[0].Public().(ed25519.PublicKey), dids)
	return a.identity(r, i, out, err)
}

// dids takes each DID as it is, and that of each key in a file.
func (a *app) dids(ctx context.Context, keys []string) (out []string, err error) {
	for _, key := range keys {
		did, err := a.did(ctx, key)
		if err != nil {
			return nil, err
		}
		out = append(out, did)
	}
	return out, nil
}

// identity writes the file of a state, and tells it.
func (a *app) identity(r *notary.Receipt, i *alias.Identity, out string, err error) error {
	if err != nil {
		return console.Failf(console.ExitUnknown, "%v", err)
	}
	data, err := i.File(r)
	if err != nil {
		return err
	}
	if err := a.Deliver(data, out); err != nil {
		return err
	}
	return a.Deliver([]byte(identityText(i)), "")
}

// identityText tells what a state says.
func identityText(i *alias.Identity) string {
	keys := strings.Join(i.Keys, ", ")
	if i.Document == nil {
		keys = "none: it is revoked"
	}
	return fmt.Sprintf("did      %s\nkeys     %s\nstate    %d, on %s since milestone %d of %s\n", i.DID, keys, i.Index, i.Network, i.Milestone, i.Time.UTC().Format(time.RFC3339))
}

// shownIdentity checks a file, offline, and tells what it shows.
func (a *app) shownIdentity(ctx context.Context, data []byte, trustPath string) (string, error) {
	if trustPath == "" {
		return "", errors.New("a receipt means nothing without a trust file: give yours with --trust")
	}
	trust, err := a.readTrust(ctx, trustPath)
	if err != nil {
		return "", err
	}
	_, i, err := alias.Open(data, trust)
	if err != nil {
		return "", err
	}
	return identityText(i), nil
}

// followIdentity goes on from the state that a file shows, and writes that of another one.
func (a *app) followIdentity(ctx context.Context, did string, o identityOptions, out string, step func(context.Context, *alias.Network, *notary.Receipt, *alias.Identity) (*notary.Receipt, *alias.Identity, error)) (err error) {
	if o.from == "" || out == "" {
		return console.Failf(console.ExitUsage, "a node has no index of identities: say which state you have with --from FILE, and where to keep the new one with --out FILE")
	}
	data, err := a.ReadFile(ctx, o.from, alias.MaxFile)
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	if err := a.Guard.Check(out); err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	n, closing, err := a.network(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closing()) }()
	r, i, err := alias.Open(data, n.Trust)
	if err == nil && i.DID != did {
		err = fmt.Errorf("it is of %s", i.DID)
	}
	if err != nil {
		return console.Failf(console.ExitUsage, "%s: %v", o.from, err)
	}
	r, i, err = step(ctx, n, r, i)
	return a.identity(r, i, out, err)
}

// changing is a command that makes the next state of a did:iota.
func (a *app) changing(cmd *cobra.Command, list bool) *cobra.Command {
	var (
		on       identityOptions
		key, out string
		keys     []string
	)
	cmd.Args = cobra.ExactArgs(1)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		control, _, err := a.keysIn(cmd.Context(), []string{key})
		if err != nil {
			return console.Failf(console.ExitUsage, "%v", err)
		}
		dids, err := a.dids(cmd.Context(), keys)
		if err != nil {
			return console.Failf(console.ExitUsage, "%v", err)
		}
		if list && len(dids) == 0 {
			return console.Failf(console.ExitUsage, "say which keys it lists from now on with --list: without one it would be revoked, which `vauban id revoke` does")
		}
		return a.followIdentity(cmd.Context(), args[0], on, out, func(ctx context.Context, n *alias.Network, r *notary.Receipt, i *alias.Identity) (*notary.Receipt, *alias.Identity, error) {
			return n.Update(ctx, r, i, control[0], dids)
		})
	}
	f := cmd.Flags()
	on.flags(f)
	on.follows(f)
	f.StringVar(&key, "key", defaultKey(), "sign with the key in `FILE`: its controller's")
	f.StringVar(&out, "out", "", "write what shows the new state to `FILE` (required)")
	if list {
		f.StringArrayVar(&keys, "list", nil, "list the key in `FILE`, or a did:key; may be repeated (required)")
	}
	return cmd
}

func (a *app) idRotateCommand() *cobra.Command {
	return a.changing(&cobra.Command{
		Use:   "rotate DID",
		Short: "Have a did:iota list other keys",
		Long: `Rotate makes the next state of a did:iota: it lists the keys that you give (--list), and no others. Its controller, the first key that it was made with, stays.

Exit status: 0 done, 2 the command line is invalid or a file cannot be read, 3 the node did not take it.`,
		Example: "  vauban id rotate did:iota:tst:0x7f897835829f83a796f1b9b32eb350228419ede516ac333350e539eed51df1ab --tangle http://127.0.0.1:14265 --trust vauban-tangle/trust.json --from acme.id.json --key auditor.pem --list carrier.pem --out acme.2.id.json",
	}, true)
}

func (a *app) idRevokeCommand() *cobra.Command {
	return a.changing(&cobra.Command{
		Use:   "revoke DID",
		Short: "Deactivate a did:iota: it lists no key any more",
		Long: `Revoke makes the next state of a did:iota, without a document. What its keys signed, and which state it had when, stays on the ledger.

Exit status: 0 done, 2 the command line is invalid or a file cannot be read, 3 the node did not take it.`,
		Example: "  vauban id revoke did:iota:tst:0x7f897835829f83a796f1b9b32eb350228419ede516ac333350e539eed51df1ab --tangle http://127.0.0.1:14265 --trust vauban-tangle/trust.json --from acme.id.json --key auditor.pem --out acme.3.id.json",
	}, false)
}
