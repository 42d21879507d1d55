package cli

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/resolve"
	"github.com/vauban-verifier/vauban/reports/trail"
)

func (a *app) idCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "id",
		Short: "Have your domain vouch for your key, as a did:web",
		Long: `A did:key is a key, and says nothing of whose it is. With a did:web a domain vouches for keys: its web server has a document that lists them.

"vauban id new" writes the document for your web server; "vauban id fetch" gets that of others, once; "vauban trail new --web" keeps it in the genesis of a trail. No verification asks for it again.

Keys are made by "vauban key new", and replaced and revoked in a trail by "vauban trail add".`,
		Example: "  vauban id show acme.did.json",
		Args:    console.Subcommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.idNewCommand(), a.idShowCommand(), a.idFetchCommand())
	return cmd
}

func (a *app) idNewCommand() *cobra.Command {
	var (
		keys []string
		out  string
	)
	cmd := &cobra.Command{
		Use:   "new DID",
		Short: "Write the document of a did:web, for your web server",
		Long: `New writes the document of a did:web such as did:web:acme.example, or did:web:acme.example:audit, with the keys that you give, and tells where your web server has to serve it.

To replace a key, write the document again with the new one; to take the domain's word back, remove it from the server. A trail keeps what was true at its genesis: there, say so as well, with "vauban trail add rotate" or "vauban trail add revoke".

Exit status: 0 written, 2 the command line is wrong or a file cannot be read.`,
		Example: "  vauban id new did:web:acme.example --key auditor.pem --out acme.did.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			w := &attest.Web{DID: args[0]}
			if len(keys) == 0 {
				keys = []string{defaultKey()}
			}
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
	f.StringVar(&out, "out", "", "write to `FILE` (default: standard output)")
	return cmd
}

func (a *app) idShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show FILE",
		Short: "Tell what the document of a did:web says",
		Long: `Show tells the did:web that a document is of, where its server serves it, its keys, and the SHA-256 of the document. It asks nobody.

Exit status: 0 told, 2 the file cannot be read or is no such document.`,
		Example: "  vauban id show acme.did.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := a.ReadFile(cmd.Context(), args[0], attest.MaxWebDocument)
			if err != nil {
				return console.Failf(console.ExitUsage, "%v", err)
			}
			text, err := webText(data)
			if err != nil {
				return console.Failf(console.ExitUsage, "%s: %v", args[0], err)
			}
			return a.Deliver([]byte(text), "")
		},
	}
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
	var ca, out string
	cmd := &cobra.Command{
		Use:   "fetch DID",
		Short: "Get the document of a did:web from its server, once",
		Long: `Fetch asks the server of a did:web for its document, over HTTPS and nothing else, follows no redirection, and keeps the document as it came, if it is that of the DID and lists an Ed25519 key.

Compare the key with what its owner tells you by another way: the document shows who has the domain now.

Exit status: 0 fetched, 2 the command line is wrong, 3 the server does not give such a document.`,
		Example: "  vauban id fetch did:web:acme.example --out fetched.did.json",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.idFetch(cmd.Context(), args[0], ca, out) },
	}
	f := cmd.Flags()
	f.StringVar(&ca, "ca", "", "believe servers by the certificates in `FILE` (PEM), and by no others (default: those that the machine trusts)")
	f.StringVar(&out, "out", "", "write to `FILE` (required)")
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
		w, err := attest.ParseWeb(data)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		g.Parties[at].Web = &trail.Web{DID: w.DID, Document: string(data)}
	}
	return nil
}
