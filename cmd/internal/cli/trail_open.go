package cli

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/sealed"
	"github.com/vauban-verifier/vauban/reports/trail"
)

func (a *app) trailOpenCommand() *cobra.Command {
	var (
		opt      notaryOptions
		of       uint32
		key, out string
	)
	cmd := &cobra.Command{
		Use:   "open DIR",
		Short: "Open a sealed report of a trail, as one of its readers",
		Long: `Open verifies a trail, opens the report that an entry has sealed for your key, and checks that it is what the entry commits to. A report is sealed with "vauban trail add report --readers".

It prints the salt as well. Whoever has the report and the salt can check both against the trail, with "vauban trail verify --document FILE --salt SALT", and no key. "vauban trail add disclose" puts
the salt into the trail, for everybody.

Exit status: 0 opened, 1 the trail does not hold, 2 the command line is invalid, a file cannot be read, or the report is not sealed for this key.`,
		Example: "  vauban trail open shop.trail --key auditor.pem --out opened.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := a.trailSeen(cmd.Context(), args[0], opt)
			if err != nil {
				return err
			}
			keys, _, err := a.keysIn(cmd.Context(), []string{key})
			if err != nil {
				return console.Failf(console.ExitUsage, "%v", err)
			}
			e, doc, salt, err := a.open(cmd.Context(), r, args[0], of, keys[0])
			if err != nil {
				return console.Failf(console.ExitUsage, "%v", err)
			}
			a.Guard.Keep(notary.Files(args[0])...)
			if err := a.Deliver(doc, out); err != nil {
				return err
			}
			fmt.Fprintf(a.Stderr, "entry %d commits to this %s, with the salt %x\n", e.Number, e.Kind, salt)
			return nil
		},
	}
	f := cmd.Flags()
	trailTangle(f, &opt)
	f.Uint32Var(&of, "of", 0, "open what entry `N` has sealed (default: the newest report)")
	f.StringVar(&key, "key", defaultKey(), "open with the key in `FILE`")
	f.StringVar(&out, "out", "", "write the report to `FILE` (default: standard output)")
	return cmd
}

// seal seals a document for readers and for the signers of its entry, and says so in the entry.
func (a *app) seal(ctx context.Context, e *trail.Entry, r *trail.Result, path string, readers []string) ([]byte, error) {
	data, err := a.brought(ctx, e.Kind, r, path)
	if err != nil {
		return nil, err
	}
	var dids []string
	seen := map[string]bool{}
	add := func(did string) {
		if !seen[did] {
			dids = append(dids, did)
		}
		seen[did] = true
	}
	for _, name := range readers {
		add(r.Reader(name))
	}
	for _, s := range e.Signers {
		add(s.DID)
	}
	commitment, file, err := sealed.Seal(data, dids)
	if err != nil {
		return nil, fmt.Errorf("--readers: %w: expected names of parties, or a did:key", err)
	}
	sum := sha256.Sum256(file)
	e.Document, e.Sealed = hex.EncodeToString(commitment[:]), &trail.Sealed{SHA256: hex.EncodeToString(sum[:]), Readers: dids}
	return file, nil
}

// open opens what an entry has sealed; 0 is the newest report.
func (a *app) open(ctx context.Context, r *trail.Result, dir string, of uint32, key ed25519.PrivateKey) (e *trail.Entry, doc, salt []byte, err error) {
	if of == 0 {
		if of, _, err = r.Newest(trail.KindReport); err != nil {
			return nil, nil, nil, err
		}
	}
	if e, err = r.Seal(of); err != nil {
		return nil, nil, nil, err
	}
	items, _, err := notary.ReadSequence(ctx, dir, trail.Form)
	if err != nil {
		return nil, nil, nil, err
	}
	for item, err := range items {
		if err != nil {
			return nil, nil, nil, err
		}
		if int64(item.Number) != int64(of) {
			continue
		}
		if doc, salt, err = sealed.Open(item.Files[1], key); err == nil {
			err = e.Opens(doc, salt)
		}
		return e, doc, salt, err
	}
	return nil, nil, nil, fmt.Errorf("the trail in %s has no entry %d any more", dir, of)
}

// disclose says in an entry what opens a sealed document for everybody.
func (a *app) disclose(ctx context.Context, e *trail.Entry, r *trail.Result, dir string, of uint32, key ed25519.PrivateKey) error {
	from, doc, salt, err := a.open(ctx, r, dir, of, key)
	if err != nil {
		return err
	}
	e.Of, e.Document, e.Salt = from.Number, document.Digest(doc), hex.EncodeToString(salt)
	return nil
}
