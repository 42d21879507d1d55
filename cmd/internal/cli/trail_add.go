package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/trail"
)

// addition is an entry to be made.
type addition struct {
	as, because, result string
	of, milestone       uint32
	keys, readers       []string
	credentials         []string
	before              predecessor
	resume              bool
}

// predecessor is the trail that another one goes on from.
type predecessor struct{ dir, trust string }

func (a *app) trailAddCommand() *cobra.Command {
	var (
		opt notaryOptions
		add addition
	)
	cmd := &cobra.Command{
		Use:   "add KIND DIR [FILE|DID]",
		Short: "Sign an entry of a trail, and put it on the Tangle",
		Long: `Add signs an entry and puts it at the end of a trail. The trail is verified first, with what an embedded Tangle has of it, and an entry that the trail would refuse is not made.

  report DIR FILE        a report, added by an architect; explanation DIR FILE, the same for logs
  approve DIR            approve the newest report, or the document of entry N (--of N)
  object DIR             object to it, and say why (--because)
  countersign DIR        what an auditor found (--result passed or failed)
  disclose DIR           open a sealed report for everybody: your key opens it, and its digest and salt go into the trail
  rotate DIR             put another key in the place of yours: --key OLD --key NEW
  revoke DIR DID         revoke a key from a milestone on (--from-milestone N), with the keys that replaced it since then
  revoke DIR             the same of a credential (--credential FILE), which its issuer can do, too
  successor DIR          entry 2 of a trail that goes on from another one (--predecessor), whose network was lost: both have the same recovery key

With more than one --key all sign. After a crash, an interrupt or an error, "vauban trail add --resume DIR" brings to the Tangle what waits: nothing is lost, and no record gets there twice.

Exit status: 0 added, 1 the trail does not hold, 2 the input is invalid, 3 the Tangle gave no receipt, 130 interrupted.`,
		Example: `  vauban trail add report shop.trail shop.report.json --key shop.pem
  vauban trail add report shop.trail shop.report.json --readers carrier,acme --key shop.pem
  vauban trail add disclose shop.trail --key shop.pem
  vauban trail add approve shop.trail --key carrier.pem
  vauban trail add object shop.trail --because "no limit on logins" --key carrier.pem
  vauban trail add countersign shop.trail --result passed --key auditor.pem
  vauban trail add --resume shop.trail`,
		Args: cobra.RangeArgs(1, 3),
		RunE: func(cmd *cobra.Command, args []string) error { return a.trailAdd(cmd.Context(), args, add, opt) },
	}
	f := cmd.Flags()
	trailWriting(f, &opt, &add.keys)
	f.StringVar(&add.as, "as", "", "sign in this `ROLE` (default: the first that may sign such an entry and that you have today)")
	f.Uint32Var(&add.of, "of", 0, "be about the document of entry `N` (default: the newest report)")
	f.StringSliceVar(&add.readers, "readers", nil, "seal the document, so that only these `READERS` can open it: names of parties or DIDs, with commas; the signers are added")
	f.StringArrayVar(&add.credentials, "credential", nil, "show the role by the credential in `FILE`, or revoke it; may be repeated")
	f.StringVar(&add.because, "because", "", "the `REASON` of an objection")
	f.StringVar(&add.result, "result", "", "the `RESULT` of an audit: passed or failed")
	f.Uint32Var(&add.milestone, "from-milestone", 0, "the first milestone `N` at which a revoked key counts no more")
	f.StringVar(&add.before.dir, "predecessor", "", "the trail in `DIR` that this one goes on from")
	f.StringVar(&add.before.trust, "predecessor-trust", "", "the trust `FILE` of the predecessor's network (default: that of this one)")
	f.BoolVar(&add.resume, "resume", false, "make no entry, only bring to the Tangle what waits")
	return cmd
}

// fits checks that an addition has what its kind needs, and nothing else.
func (d *addition) fits(kind string, args []string) error {
	want := 0
	switch kind {
	case trail.KindReport, trail.KindExplanation:
		want = 1
	case trail.KindRevoke:
		if len(d.credentials) > 1 {
			return errors.New("a revocation is of one credential: give --credential once")
		}
		want = 1 - len(d.credentials)
	case trail.KindApprove, trail.KindObject, trail.KindCountersign, trail.KindDisclose, trail.KindRotate, trail.KindSuccessor:
	default:
		return fmt.Errorf("%q is not a kind of entry: `vauban trail add --help` lists them", kind)
	}
	about := kind == trail.KindApprove || kind == trail.KindObject || kind == trail.KindCountersign
	for _, f := range []struct {
		name       string
		given, may bool
		must       bool
	}{
		{"--of", d.of != 0, about || kind == trail.KindDisclose, false},
		{"--readers", len(d.readers) > 0, kind == trail.KindReport || kind == trail.KindExplanation, false},
		{"--because", d.because != "", kind == trail.KindObject, true},
		{"--result", d.result != "", kind == trail.KindCountersign, true},
		{"--credential", len(d.credentials) > 0, about || kind == trail.KindReport || kind == trail.KindExplanation || kind == trail.KindRevoke, false},
		{"--from-milestone", d.milestone != 0, kind == trail.KindRevoke, true},
		{"--predecessor", d.before.dir != "", kind == trail.KindSuccessor, true},
	} {
		if f.given && !f.may || f.may && f.must && !f.given {
			return fmt.Errorf("an entry of the kind %s and %s: %s; see `vauban trail add --help`", kind, f.name, map[bool]string{true: "it has none", false: "it needs it"}[f.given])
		}
	}
	if len(args) != want {
		return fmt.Errorf("an entry of the kind %s takes %d arguments after the directory, got %d: see `vauban trail add --help`", kind, want, len(args))
	}
	return nil
}

func (a *app) trailAdd(ctx context.Context, args []string, d addition, opt notaryOptions) (err error) {
	usage := func(err error) error { return console.Failf(console.ExitUsage, "%v", err) }
	if d.resume != (len(args) == 1) {
		return errors.New("say which entry to make, `vauban trail add KIND DIR`, or go on with what waits, `vauban trail add --resume DIR`")
	}
	dir := args[0]
	if !d.resume {
		dir = args[1]
		if err := d.fits(args[0], args[2:]); err != nil {
			return usage(err)
		}
	}
	if _, n, err := notary.ReadSequence(ctx, dir, trail.Form); err != nil || n == 0 {
		return console.Failf(console.ExitUsage, "there is no trail in %s: `vauban trail new` begins one", dir)
	}
	s, err := notary.OpenSequence(ctx, dir, trail.Form)
	if err != nil {
		return usage(err)
	}
	defer s.Close()
	if d.resume {
		return a.settleTrail(ctx, s, dir, opt)
	}
	if err := opt.present(dir); err != nil {
		return usage(err)
	}
	ledger, trust, talk, err := a.ledger(ctx, dir, opt)
	if err != nil {
		return usage(err)
	}
	defer func() { err = errors.Join(err, ledger.Close()) }()
	r, err := a.seen(ctx, dir, ledger, trust)
	if err != nil {
		return err
	}
	keys, dids, err := a.keysIn(ctx, d.keys)
	if err != nil {
		return usage(err)
	}
	shown, err := a.credentials(ctx, d.credentials)
	if err != nil {
		return usage(err)
	}
	for i, c := range shown {
		if args[0] != trail.KindRevoke && !slices.Contains(dids, c.Subject) {
			return usage(fmt.Errorf("%s is the credential of %s, and you sign with another key: a credential is for one key", d.credentials[i], c.Subject))
		}
	}
	now := time.Now()
	e, err := r.Compose(args[0], dids, d.as, shown, now)
	if err != nil {
		return usage(err)
	}
	var closed []byte
	switch {
	case e.Kind == trail.KindDisclose:
		err = a.disclose(ctx, e, r, dir, d.of, keys[0])
	case len(d.readers) > 0:
		closed, err = a.seal(ctx, e, r, args[2], d.readers)
	default:
		err = a.fill(ctx, e, r, args[2:], d, shown, trust)
	}
	if err != nil {
		return usage(err)
	}
	if err := trail.Add(s, r, e, closed, keys, now, !opt.plain); err != nil {
		return usage(err)
	}
	return a.bring(ctx, s, dir, ledger, trust, talk)
}

// fill says in an entry what its kind has.
func (a *app) fill(ctx context.Context, e *trail.Entry, r *trail.Result, args []string, d addition, shown []*attest.Credential, trust *notary.Trust) (err error) {
	switch e.Kind {
	case trail.KindReport, trail.KindExplanation:
		data, err := a.brought(ctx, e.Kind, r, args[0])
		if err != nil {
			return err
		}
		e.Document = document.Digest(data)
	case trail.KindApprove, trail.KindObject, trail.KindCountersign:
		e.Because, e.Result, e.Of = d.because, d.result, d.of
		if d.of != 0 {
			e.Document, err = r.Document(d.of)
		} else {
			e.Of, e.Document, err = r.Newest(trail.KindReport)
		}
	case trail.KindRotate:
		e.Key = e.Signers[len(e.Signers)-1].DID
	case trail.KindRevoke:
		if e.Milestone = d.milestone; len(shown) > 0 {
			e.Withdrawn = shown[0].SHA256()
		} else {
			e.Key, err = a.did(ctx, args[0])
		}
	case trail.KindSuccessor:
		before, err := a.before(ctx, d.before, trust)
		if err != nil {
			return err
		}
		if !before.Passed {
			return fmt.Errorf("the trail %s does not hold: `vauban trail verify` says why", d.before.dir)
		}
		e.Old = &before.Head
	}
	return err
}

// brought reads a document of a kind that is about what the trail is about.
func (a *app) brought(ctx context.Context, kind string, r *trail.Result, path string) ([]byte, error) {
	data, doc, err := a.readDocument(ctx, path)
	if err != nil {
		return nil, err
	}
	if head := doc.Head(); head.Kind != kind || head.Design != r.Resource {
		return nil, fmt.Errorf("%s: %s about %q, expected: %s about %q", path, head.Kind, head.Design, kind, r.Resource)
	}
	return data, nil
}

// before verifies the trail that another one goes on from.
func (a *app) before(ctx context.Context, p predecessor, trust *notary.Trust) (_ *trail.Result, err error) {
	if p.trust != "" {
		if trust, err = a.readTrust(ctx, p.trust); err != nil {
			return nil, err
		}
	}
	in, err := a.trailInput(ctx, p.dir, trust)
	if err != nil {
		return nil, err
	}
	in.Drafting, in.Document = true, nil // it may come from a bundle, which has one
	return trail.Verify(ctx, in, false)
}
