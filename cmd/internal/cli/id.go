package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/notary/alias"
	"github.com/vauban-verifier/vauban/reports/resolve"
	"github.com/vauban-verifier/vauban/reports/trail"
)

func (a *app) idCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "id",
		Short: "Have a domain, or a document on a Tangle, vouch for your key: did:web and did:iota",
		Long: `A did:key is a key, and says nothing of whose it is. Two other DIDs have a document that lists keys:

  did:web    a domain vouches for them: its web server has the document
  did:iota   the document is in an Alias Output on the ledger of a node's network. Its controller lists other keys, or none, under the same DID

"vauban id new" makes one, "vauban id fetch" gets the newest document of others, once, "vauban id show" tells what a file says, offline; "vauban id rotate" and "vauban id revoke" change a did:iota. "vauban trail new --web" keeps what was fetched in the genesis of a trail. No
verification asks for it again.

Keys are made by "vauban key new", and replaced and revoked in a trail by "vauban trail add".`,
		Example: "  vauban id show acme.did.json",
		Args:    console.Subcommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.idNewCommand(), a.idShowCommand(), a.idFetchCommand(), a.idRotateCommand(), a.idRevokeCommand())
	return cmd
}

func (a *app) idNewCommand() *cobra.Command {
	var (
		keys []string
		out  string
		on   identityOptions
	)
	cmd := &cobra.Command{
		Use:   "new DID",
		Short: "Write the document of a did:web, for your web server, or make a did:iota",
		Long: `New writes the document of a did:web such as did:web:acme.example, or did:web:acme.example:audit, with the keys that you give, and tells where your web server has to serve it.

With "did:iota" it makes an identity on the network of a node, and writes what shows it: the DID and a receipt. The first key is its controller. Coins pay for the storage: of the key --funds (in the private network of "vauban tangle up" that is faucet.pem beside its trust file), from the output
--coins or where they went since.

To replace a key of a did:web, write the document again with the new one; to take the domain's word back, remove it from the server. A trail keeps what was true at its genesis: there, say so as well, with "vauban trail add rotate" or "vauban trail add revoke".

Exit status: 0 written, 2 the command line is invalid or a file cannot be read, 3 the node did not take it.`,
		Example: `  vauban id new did:web:acme.example --key auditor.pem --out acme.did.json
  vauban id new did:iota --tangle http://127.0.0.1:14265 --trust vauban-tangle/trust.json --funds faucet.pem --key auditor.pem --out acme.id.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(keys) == 0 {
				keys = []string{defaultKey()}
			}
			if args[0] == "did:iota" {
				return a.newIdentity(cmd.Context(), on, keys, out)
			}
			if on != (identityOptions{}) {
				return console.Failf(console.ExitUsage, "--tangle, --trust, --funds and --coins are for a did:iota: for a did:web leave them out")
			}
			w := &attest.Web{DID: args[0]}
			for _, key := range keys {
				did, err := a.did(cmd.Context(), key)
				if err != nil {
					return console.Failf(console.ExitUsage, "%v", err)
				}
				w.Keys = append(w.Keys, did)
			}
			data, err := w.Document()
			if err != nil {
				return console.Failf(console.ExitUsage, "%v", err)
			}
			if err := a.Deliver(data, out); err != nil {
				return err
			}
			url, err := attest.WebURL(w.DID)
			if err != nil {
				return err
			}
			fmt.Fprintf(a.Stderr, "serve it at %s\n", url)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&keys, "key", nil, "list the key in `FILE`, or a did:key; may be repeated (default: the default key)")
	f.StringVar(&out, "out", "", "write to `FILE` (default of a did:web: standard output)")
	on.flags(f)
	f.StringVar(&on.funds, "funds", "", "pay with coins of the key in `FILE`")
	f.StringVar(&on.coins, "coins", "", "the `OUTPUT` with the coins, 0x and 68 digits (default: the first one of a private network)")
	return cmd
}

func (a *app) idShowCommand() *cobra.Command {
	var on identityOptions
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Tell what the document of a did:web says, or what a file shows of a did:iota",
		Long: `Show tells the did:web that a document is of, where its server serves it, its keys, and the SHA-256 of the document. It asks nobody.

Of a did:iota it checks the receipt against your trust file (--trust), and tells the keys, which state it is, and when it was on the ledger. There may be a newer one: "vauban id fetch" asks a node.

Exit status: 0 told, 2 the file cannot be read or shows no such document.`,
		Example: "  vauban id show acme.did.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := a.ReadFile(cmd.Context(), args[0], alias.MaxFile)
			if err != nil {
				return console.Failf(console.ExitUsage, "%v", err)
			}
			text, err := webText(data)
			if bytes.Contains(data, []byte(alias.FileSchema)) {
				text, err = a.shownIdentity(cmd.Context(), data, on.trust)
			}
			if err != nil {
				return console.Failf(console.ExitUsage, "%s: %v", args[0], err)
			}
			return a.Deliver([]byte(text), "")
		},
	}
	cmd.Flags().StringVar(&on.trust, "trust", "", "trust `FILE` of the network of a did:iota")
	return cmd
}

// webText tells what a document says.
func webText(data []byte) (string, error) {
	w, err := attest.ParseWeb(data)
	if err != nil {
		return "", err
	}
	url, err := attest.WebURL(w.DID)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("did      %s\nserver   %s\nkeys     %s\nsha256   %x\n", w.DID, url, strings.Join(w.Keys, ", "), sha256.Sum256(data)), nil
}

func (a *app) idFetchCommand() *cobra.Command {
	var (
		ca, out string
		on      identityOptions
	)
	cmd := &cobra.Command{
		Use:   "fetch DID",
		Short: "Get the document of a did:web from its server, or the newest one of a did:iota from a node, once",
		Long: `Fetch asks the server of a did:web for its document, over HTTPS and nothing else, follows no redirection, and keeps the document as it came, if it is that of the DID and lists an Ed25519 key.

Of a did:iota it follows what --from shows to the newest state that the node has (--tangle), and checks the receipt of each step.

Compare the key with what its owner tells you by another way: the document shows who has the domain now.

Exit status: 0 fetched, 2 the command line is invalid, 3 the server does not give such a document.`,
		Example: "  vauban id fetch did:web:acme.example --out fetched.did.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !strings.HasPrefix(args[0], "did:iota:") {
				return a.idFetch(cmd.Context(), args[0], ca, out)
			}
			return a.followIdentity(cmd.Context(), args[0], on, out, func(ctx context.Context, n *alias.Network, r *notary.Receipt, i *alias.Identity) (*notary.Receipt, *alias.Identity, error) {
				return n.Newest(ctx, r, i)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&ca, "ca", "", "believe servers by the certificates in `FILE` (PEM), and by no others (default: those that the machine trusts)")
	f.StringVar(&out, "out", "", "write to `FILE` (required)")
	on.flags(f)
	on.follows(f)
	return cmd
}

func (a *app) idFetch(ctx context.Context, did, ca, out string) error {
	if _, err := attest.WebURL(did); err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	if out == "" {
		return console.Failf(console.ExitUsage, "say where to keep the document with --out")
	}
	var roots *x509.CertPool
	if ca != "" {
		data, err := a.ReadFile(ctx, ca, 1<<20)
		if err != nil {
			return console.Failf(console.ExitUsage, "%v", err)
		}
		if roots = x509.NewCertPool(); !roots.AppendCertsFromPEM(data) {
			return console.Failf(console.ExitUsage, "%s has no certificate in PEM", ca)
		}
	}
	data, err := resolve.Fetch(ctx, did, roots)
	switch {
	case ctx.Err() != nil:
		return console.Failf(console.ExitInterrupted, "interrupted: nothing was kept")
	case err != nil:
		return console.Failf(console.ExitUnknown, "%v", err)
	}
	if err := a.Deliver(data, out); err != nil {
		return err
	}
	text, err := webText(data)
	if err != nil {
		return err
	}
	return a.Deliver([]byte(text), "")
}

// web puts the documents of parties, NAME=FILE, into a genesis.
func (a *app) web(ctx context.Context, g *trail.Genesis, given []string) error {
	for _, text := range given {
		name, path, _ := strings.Cut(text, "=")
		at := -1
		for i := range g.Parties {
			if g.Parties[i].Name == name && g.Parties[i].Web == nil {
				at = i
			}
		}
		if at < 0 || path == "" {
			return fmt.Errorf("--web is %q, expected NAME=FILE with the name of a party, once", text)
		}
		data, err := a.ReadFile(ctx, path, attest.MaxWebDocument)
		if err != nil {
			return err
		}
		did, err := alias.Named(data)
		if err != nil {
			w, wrong := attest.ParseWeb(data)
			if wrong != nil {
				return fmt.Errorf("%s: %w", path, wrong)
			}
			did = w.DID
		}
		g.Parties[at].Web = &trail.Web{DID: did, Document: string(data)}
	}
	return nil
}
