package cli

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/trail"
)

func (a *app) trailCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trail",
		Short: "Share evidence among many parties: who said what of which version, and whether that is all",
		Long: `A trail is a directory that many parties share. It begins with a genesis: which design it is about, its parties with their keys and roles, the policy by which a
report counts as approved, and a recovery key. Each entry after it is signed, has a number, names the one before it, and is on a Tangle with a receipt.

Roles: an architect adds reports and explanations, an approver or a reviewer approves, they or an auditor object, an auditor countersigns. Any party replaces its own key, and
revokes keys.

Others get the directory, and the ID of the trail and the trust file from you by another way. "vauban trail verify" needs no network. It refuses a trail that was rolled back,
forked or begun again, entries by keys that were revoked or by roles that were over, and documents that the policy does not count as approved.`,
		Example: "  vauban trail show shop.trail",
		Args:    console.Subcommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.trailNewCommand(), a.trailAddCommand(), a.trailOpenCommand(), a.trailHeadCommand(), a.trailShowCommand(), a.trailVerifyCommand())
	return cmd
}

// trailTangle adds the flags that say where a trail is on a Tangle.
func trailTangle(f *pflag.FlagSet, opt *notaryOptions) {
	f.StringVar(&opt.tangle, "tangle", "", "`URL` of a node, such as http://127.0.0.1:14265, or embedded:DIR, a Tangle in a directory (default: embedded, in vauban-tangle beside the trail)")
	f.StringVar(&opt.trust, "trust", "", "trust `FILE` of the network, against which receipts are checked (default: that of the Tangle, if it is embedded)")
}

// trailWriting adds the flags of commands that sign and send.
func trailWriting(f *pflag.FlagSet, opt *notaryOptions, keys *[]string) {
	trailTangle(f, opt)
	f.StringArrayVar(keys, "key", nil, "sign with the key in `FILE`; may be repeated (default: the default key, see \"vauban key\")")
	f.BoolVar(&opt.plain, "plain", false, "put the digest of the entry on the Tangle unblinded")
	f.BoolVar(&opt.remotePoW, "remote-pow", false, "let the node do the proof of work")
}

// newTrail is what a genesis is made of.
type newTrail struct {
	resource, report, policy, recovery string
	parties, issuers, web, keys        []string
}

func (a *app) trailNewCommand() *cobra.Command {
	var (
		opt notaryOptions
		g   newTrail
	)
	cmd := &cobra.Command{
		Use:   "new DIR",
		Short: "Begin a trail: its parties with their keys and roles, and its policy",
		Long: `New begins a trail in a directory, and puts its genesis on a Tangle. It prints the ID of the trail, which the other parties need to know.

A party is NAME=DID,ROLE,ROLE...: a name in small letters, its did:key (or the FILE of a key, whose DID is taken), and its roles: architect, reviewer, approver, auditor. A role
may have days from and until which it is given: approver@2027-01-01..2027-12-31, or approver@..2027-12-31.

With --web NAME=FILE another DID of a party vouches for its key: FILE is the document of a did:web, or what shows a did:iota on the trail's Tangle (see "vauban id"). The genesis keeps it.

An issuer is DID,ROLE,ROLE...: its credentials (see "vauban credential") show such roles, also of a party that is given none here.

A policy is such as "2 of {shop, carrier} and 1 auditor": names of parties, or roles. Each part of it is counted by itself: a party counts for every part that it fits. A document with
an open objection is never approved; the party that objected takes it back by approving in the same role.

The recovery key is for nothing but to revoke keys, and to go on in another trail: keep it apart. After a crash or an error "vauban trail add --resume" goes on.

Exit status: 0 begun, 2 the input is invalid, 3 the Tangle gave no receipt.`,
		Example: `  vauban trail new first.trail --report shop.report.json --party shop=shop.pem,architect,approver --party acme=auditor.pem,auditor --policy "1 shop and 1 auditor" --recovery recovery.pem --key shop.pem`,
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.trailNew(cmd.Context(), args[0], g, opt) },
	}
	f := cmd.Flags()
	f.StringVar(&g.resource, "resource", "", "the `TITLE` of the design that the trail is about")
	f.StringVar(&g.report, "report", "", "take the title from a report in `FILE`")
	f.StringArrayVar(&g.parties, "party", nil, "a `PARTY` NAME=DID,ROLE...; may be repeated")
	f.StringArrayVar(&g.issuers, "issuer", nil, "an `ISSUER` DID,ROLE... whose credentials show roles; may be repeated")
	f.StringArrayVar(&g.web, "web", nil, "what shows the did:web or did:iota of a party, `NAME=FILE`; may be repeated")
	f.StringVar(&g.policy, "policy", "", "the `POLICY` by which a document is approved")
	f.StringVar(&g.recovery, "recovery", "", "the `DID` of the recovery key, or its file")
	trailWriting(f, &opt, &g.keys)
	return cmd
}

// keysIn reads the keys to sign with, and their DIDs.
func (a *app) keysIn(ctx context.Context, paths []string) (keys []ed25519.PrivateKey, dids []string, err error) {
	if len(paths) == 0 {
		paths = []string{defaultKey()}
	}
	for _, path := range paths {
		key, err := attest.ReadKey(ctx, path)
		if err != nil {
			return nil, nil, err
		}
		a.Guard.Keep(path)
		keys, dids = append(keys, key), append(dids, attest.DID(key.Public().(ed25519.PublicKey)))
	}
	return keys, dids, nil
}

// did takes a DID as it is, and the DID of the key in a file.
func (a *app) did(ctx context.Context, text string) (string, error) {
	if strings.HasPrefix(text, "did:") {
		_, err := attest.ParseDID(text)
		return text, err
	}
	_, dids, err := a.keysIn(ctx, []string{text})
	if err != nil {
		return "", err
	}
	return dids[0], nil
}

// party reads NAME=DID,ROLE,ROLE@FROM..UNTIL.
func (a *app) party(ctx context.Context, text string) (p trail.Party, err error) {
	name, rest, ok := strings.Cut(text, "=")
	parts := strings.Split(rest, ",")
	if !ok || rest == "" {
		return p, fmt.Errorf("--party is %q, expected NAME=DID,ROLE such as shop=shop.pem,architect,approver", text)
	}
	if p.DID, err = a.did(ctx, parts[0]); err != nil {
		return p, err
	}
	p.Name = name
	for _, r := range parts[1:] {
		role, span, _ := strings.Cut(r, "@")
		from, until, ok := strings.Cut(span, "..")
		if span != "" && !ok {
			return p, fmt.Errorf("--party %s has the role %q, expected days such as %s@2027-01-01..2027-12-31", name, r, role)
		}
		p.Roles = append(p.Roles, trail.Grant{Role: role, From: from, Until: until})
	}
	return p, nil
}

// genesis makes a genesis of what was given.
func (a *app) genesis(ctx context.Context, n newTrail) (*trail.Genesis, error) {
	nonce := make([]byte, 32)
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	g := &trail.Genesis{Resource: n.resource, Nonce: hex.EncodeToString(nonce)}
	switch {
	case (n.resource == "") == (n.report == ""):
		return nil, errors.New("say what the trail is about, with --resource TITLE or with --report FILE")
	case len(n.parties) == 0 || n.policy == "" || n.recovery == "":
		return nil, errors.New("a trail needs parties (--party), a policy (--policy) and a recovery key (--recovery)")
	case n.report != "":
		_, d, err := a.readDocument(ctx, n.report)
		if err != nil {
			return nil, err
		}
		g.Resource = d.Head().Design
	}
	for _, text := range n.parties {
		p, err := a.party(ctx, text)
		if err != nil {
			return nil, err
		}
		g.Parties = append(g.Parties, p)
	}
	if err := a.web(ctx, g, n.web); err != nil {
		return nil, err
	}
	var err error
	for _, text := range n.issuers {
		parts := strings.Split(text, ",")
		did, err := a.did(ctx, parts[0])
		if err != nil {
			return nil, fmt.Errorf("--issuer: %w", err)
		}
		g.Issuers = append(g.Issuers, trail.Issuer{DID: did, Roles: parts[1:]})
	}
	if g.Policy, err = trail.ParsePolicy(n.policy); err != nil {
		return nil, err
	}
	g.Recovery, err = a.did(ctx, n.recovery)
	return g, err
}

func (a *app) readDocument(ctx context.Context, path string) ([]byte, document.Document, error) {
	data, err := a.ReadFile(ctx, path, document.MaxBytes)
	if err != nil {
		return nil, nil, err
	}
	d, err := document.ParseDocument(data)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, d, nil
}

func (a *app) trailNew(ctx context.Context, dir string, n newTrail, opt notaryOptions) error {
	usage := func(err error) error { return console.Failf(console.ExitUsage, "%v", err) }
	g, err := a.genesis(ctx, n)
	if err != nil {
		return usage(err)
	}
	keys, dids, err := a.keysIn(ctx, n.keys)
	if err != nil {
		return usage(err)
	}
	s, err := notary.OpenSequence(ctx, dir, trail.Form)
	if err != nil {
		return usage(err)
	}
	defer s.Close()
	var trust *notary.Trust // of a network that is there already; an embedded one may be still to make
	if opt.trust != "" {
		if trust, err = a.readTrust(ctx, opt.trust); err != nil {
			return usage(err)
		}
	}
	if err := trail.Begin(s, g, dids, keys, trust, !opt.plain); err != nil {
		return usage(err)
	}
	return a.settleTrail(ctx, s, dir, opt)
}

// settleTrail brings what waits onto the Tangle, and prints the head.
func (a *app) settleTrail(ctx context.Context, s *notary.Sequence, dir string, opt notaryOptions) (err error) {
	ledger, trust, talk, err := a.ledger(ctx, dir, opt)
	if err != nil {
		return console.Failf(console.ExitUnknown, "not on a Tangle yet: %v", err)
	}
	defer func() { err = errors.Join(err, ledger.Close()) }()
	return a.bring(ctx, s, dir, ledger, trust, talk)
}

func (a *app) bring(ctx context.Context, s *notary.Sequence, dir string, ledger notary.Ledger, trust *notary.Trust, talk func(string)) error {
	err := s.Complete(ctx, ledger, trust, func(entry int, s notary.Stage) { talk(fmt.Sprintf("entry %d: %s", entry, s)) })
	switch {
	case ctx.Err() != nil:
		return console.Failf(console.ExitInterrupted, "interrupted: nothing is lost: `vauban trail add --resume %s` goes on", dir)
	case err != nil:
		return console.Failf(console.ExitUnknown, "not on a Tangle yet: %v", err)
	}
	r, err := a.seen(ctx, dir, ledger, trust)
	if err != nil {
		return err
	}
	return a.Deliver([]byte(headText(r)), "")
}

// seen verifies a trail, with what the ledger has of it, if it can be searched. Whether the newest document is approved is not asked.
func (a *app) seen(ctx context.Context, dir string, ledger notary.Ledger, trust *notary.Trust) (*trail.Result, error) {
	in, err := a.trailInput(ctx, dir, trust)
	if err != nil {
		return nil, console.Failf(console.ExitUsage, "%v", err)
	}
	in.Drafting = true
	if err := search(ctx, in, ledger); err != nil {
		return nil, console.Failf(console.ExitUsage, "%v", err)
	}
	r, err := trail.Verify(ctx, in, true)
	if err != nil {
		return nil, console.Failf(console.ExitUsage, "%v", err)
	}
	if r.Waiting > 0 && len(r.Failures()) == 0 && !r.Passed {
		return nil, console.Failf(console.ExitUsage, "no entry of %s is on a Tangle yet: `vauban trail add --resume %s` brings it there", dir, dir)
	}
	if !r.Passed {
		return nil, console.Failf(console.ExitFound, "the trail %s does not hold: %s", dir, strings.Join(r.Failures(), "; "))
	}
	return r, nil
}

// trailInput begins what a verifier of a trail has, from its directory or from a bundle, whose document it has then, too.
func (a *app) trailInput(ctx context.Context, dir string, trust *notary.Trust) (*trail.Input, error) {
	switch b, err := a.readBundle(ctx, dir); {
	case err != nil:
		return nil, err
	case b != nil && b.Trail == nil:
		return nil, fmt.Errorf("the bundle %s has no trail: `vauban bundle --trail DIR` puts one in", dir)
	case b != nil:
		today, err := console.DateOf("")
		return &trail.Input{Entries: b.Entries(), Trust: trust, AsOf: today, Document: b.Document}, err
	}
	items, _, err := notary.ReadSequence(ctx, dir, trail.Form)
	if err != nil {
		return nil, err
	}
	today, err := console.DateOf("")
	return &trail.Input{Entries: items, Trust: trust, AsOf: today}, err
}

// search asks a ledger for records of trails. A node has no index of tags, so there nothing is compared.
func search(ctx context.Context, in *trail.Input, ledger notary.Ledger) (err error) {
	if s, ok := ledger.(notary.Searcher); ok {
		in.Ledger, err = s.Tagged(ctx, []byte(trail.Tag))
		in.Searched = true
	}
	return err
}

// headText tells the newest entry, in a form to keep.
func headText(r *trail.Result) string {
	out := fmt.Sprintf("trail   %s, %s\nhead    entry %d of %s\nknown   %d:%s\n", r.Head.Trail, plain.Clean(r.Resource), r.Head.Number, r.Time, r.Head.Number, r.Head.SHA256)
	if r.Waiting > 0 {
		out += fmt.Sprintf("%d not on the Tangle yet\n", r.Waiting)
	}
	return out
}

// present checks that an embedded Tangle is there, which is only to be read.
func (o *notaryOptions) present(path string) error {
	dir := o.tangleDir(path)
	if dir == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, "trust.json")); err != nil {
		return fmt.Errorf("there is no Tangle in %s: say where the trail is on one with --tangle", dir)
	}
	return nil
}
