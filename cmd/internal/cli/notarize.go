package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/notary/embedded"
	"github.com/vauban-verifier/vauban/reports/notary/node"
)

// notaryOptions say how a report is notarized.
type notaryOptions struct {
	key, tangle, trust, history string
	offline, plain, remotePoW   bool

	now func() time.Time // the clock of an embedded Tangle; nil: the machine's
}

func (o *notaryOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.key, "key", defaultKey(), "sign with the key in `FILE`; \"vauban key new\" makes one")
	f.StringVar(&o.tangle, "tangle", "", "`URL` of a node, such as http://127.0.0.1:14265, or embedded:DIR, a Tangle in a directory (default: embedded, in vauban-tangle beside the report)")
	f.StringVar(&o.trust, "trust", "", "trust `FILE` of the node's network, against which the receipt is checked")
	f.StringVar(&o.history, "history", "", "keep the design's notarized reports in `DIR` (default: NAME.history beside the report)")
	f.BoolVar(&o.offline, "offline", false, "only sign; \"vauban notarize --resume\" does the rest later")
	f.BoolVar(&o.plain, "plain", false, "put the digest of the statement on the Tangle unblinded, so that anyone who has the statement can find it")
	f.BoolVar(&o.remotePoW, "remote-pow", false, "let the node do the proof of work")
}

func (a *app) notarizeCommand() *cobra.Command {
	var (
		opt    notaryOptions
		resume bool
	)
	cmd := &cobra.Command{
		Use:   "notarize REPORT",
		Short: "Sign a report or an explanation and put its digest on a Tangle, for a receipt that auditors can check offline",
		Long: `Notarize signs a report (made by "vauban check --format json"), or an explanation of logs (made by "vauban explain --format json"), and puts a record of it on a Tangle. It adds the report to the design's history, and
writes the statement and the receipt beside it: NAME.statement.json and NAME.receipt.json. The record names the one before it, so that no earlier report can be
dropped unseen.

By default the Tangle is a directory: its receipts show order and integrity to those who trust the key in it, and nothing to others. With a node, they show what that
network's coordinators have signed.

Notarize a report on the day that it was made: it judges waivers by that day, and an audit refuses a record of another day, give or take one.

Nothing is reported as notarized without a receipt that "vauban audit" would pass. After a crash, an interrupt or an error give the same command again, or
--resume: nothing is lost, and nothing is notarized twice.

Exit status: 0 notarized, 2 the input is invalid, 3 the Tangle gave no receipt, 130 interrupted.`,
		Example: `  vauban notarize --key alice.pem shop.report.json
  vauban notarize --key alice.pem --offline shop.report.json
  vauban notarize --resume shop.report.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if resume && opt.offline {
				return errors.New("--resume is for what --offline has left: give one of them")
			}
			return a.notarize(cmd.Context(), args[0], opt, resume)
		},
	}
	opt.flags(cmd.Flags())
	cmd.Flags().BoolVar(&resume, "resume", false, "sign nothing, only get the missing receipts of the report's history")
	return cmd
}

// evidencePaths returns what belongs to a report: shop.report.json has shop.statement.json, shop.receipt.json and shop.history.
func evidencePaths(report string) (statement, receipt, history string) {
	base := strings.TrimSuffix(report, ".json")
	if short := strings.TrimSuffix(base, ".report"); filepath.Base(short) != filepath.Base(base) && !strings.HasSuffix(short, string(filepath.Separator)) {
		base = short
	}
	return base + ".statement.json", base + ".receipt.json", base + ".history"
}

// keepEvidence keeps outputs from what notarizing a report reads, and from what earlier reports have left.
func (a *app) keepEvidence(report string, opt notaryOptions) {
	_, _, history := evidencePaths(report)
	if opt.history != "" {
		history = opt.history
	}
	a.Guard.Keep(opt.key, opt.trust)
	a.Guard.Keep(notary.Files(history)...)
	if dir := opt.tangleDir(report); dir != "" {
		a.Guard.Keep(embedded.Files(dir)...)
	}
}

func (a *app) notarize(ctx context.Context, path string, opt notaryOptions, resume bool) error {
	statementPath, receiptPath, history := evidencePaths(path)
	if opt.history != "" {
		history = opt.history
	}
	report, err := a.ReadFile(ctx, path, document.MaxBytes)
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	a.keepEvidence(path, opt)
	if err := a.Guard.Check(statementPath, receiptPath); err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	if resume {
		if _, err := os.Stat(history); err != nil {
			return console.Failf(console.ExitUsage, "there is nothing to resume in %s: notarize the report first", history)
		}
	}
	if err := a.sameHistory(ctx, receiptPath, history, opt.history != ""); err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	h, err := notary.OpenHistory(ctx, history)
	if err != nil {
		return stopped(ctx, path, console.Failf(console.ExitUsage, "%v", err))
	}
	defer h.Close()
	if !resume {
		if err := a.add(ctx, h, report, opt); err != nil {
			return console.Failf(console.ExitUsage, "%v", err)
		}
	}
	waiting, err := h.Pending()
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	if opt.offline && waiting > 0 {
		return a.Deliver(fmt.Appendf(nil, "signed, not on a Tangle yet: %d waiting in %s\n   $ vauban notarize --resume %s\n", waiting, history, path), "")
	}
	if waiting > 0 {
		if err := a.complete(ctx, h.Sequence, path, opt); err != nil {
			return stopped(ctx, path, console.Failf(console.ExitUnknown, "not notarized: %v", err))
		}
	}
	newest, err := h.Newest(ctx)
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	if newest == nil || string(newest.Report) != string(report) {
		return a.Deliver(fmt.Appendf(nil, "nothing is waiting in %s; this report is not the newest there\n", history), "")
	}
	if err := a.Deliver(newest.Statement, statementPath); err != nil {
		return err
	}
	if err := a.Deliver(newest.Receipt, receiptPath); err != nil {
		return err
	}
	return a.notarized(newest, path, statementPath, receiptPath, opt)
}

// sameHistory looks for entries that were lost: the receipt of an earlier report lies beside the report, and the history does not have it. What is added then begins
// another chain, or a fork of this one, and an auditor who has seen the lost receipts will ask why. With a history named by hand that is meant, and said.
func (a *app) sameHistory(ctx context.Context, receiptPath, history string, named bool) error {
	receipt, err := files.Read(ctx, receiptPath, notary.MaxReceipt) // the new one will replace it
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("cannot read %s: %w", receiptPath, err)
	}
	known, err := notary.Knows(ctx, history, receipt)
	switch {
	case known || err != nil:
		return err
	case named:
		fmt.Fprintf(a.Stderr, "the history %s does not have %s, which stays in another chain: tell your auditors that there are two\n", history, receiptPath)
		return nil
	}
	return fmt.Errorf("entries of the history %s are lost: it does not have %s, and a report added now would begin another chain; bring the directory back from a backup, "+
		"or begin another history for all to see with --history DIR", history, receiptPath)
}

// stopped turns an error into that of an interrupt where there was one.
func stopped(ctx context.Context, path string, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return console.Failf(console.ExitInterrupted, "interrupted: not notarized, and nothing is lost: `vauban notarize --resume %s` goes on", path)
}

// add signs a report and puts it at the end of its history.
func (a *app) add(ctx context.Context, h *notary.History, report []byte, opt notaryOptions) error {
	r, err := document.ParseDocument(report)
	if err != nil {
		return err
	}
	clock := time.Now
	if opt.now != nil {
		clock = opt.now
	}
	if asOf := r.Head().AsOf; asOf != "" {
		if err := audit.Dated(asOf, clock().UTC()); err != nil {
			return fmt.Errorf("the report judges waivers by %s, which is not today, so an audit would refuse its time: check the design again without --as-of", asOf)
		}
	}
	key, err := attest.ReadKey(ctx, opt.key)
	if err != nil {
		return err
	}
	statement, err := attest.Sign(r, key)
	if err != nil {
		return err
	}
	_, added, err := h.Add(ctx, report, statement, !opt.plain)
	if err == nil && !added {
		fmt.Fprintln(a.Stderr, "this report is already the newest of its history")
	}
	return err
}

// tangleDir returns the directory of an embedded Tangle; "" where the Tangle is that of a node.
func (o *notaryOptions) tangleDir(report string) string {
	if o.tangle == "" {
		return filepath.Join(filepath.Dir(filepath.Clean(report)), "vauban-tangle") // of DIR/, too, what is beside it
	}
	dir, _ := strings.CutPrefix(o.tangle, "embedded:")
	if dir == o.tangle {
		return ""
	}
	return dir
}

// complete gets the receipts that are missing in a history.
func (a *app) complete(ctx context.Context, h *notary.Sequence, report string, opt notaryOptions) error {
	ledger, trust, talk, err := a.ledger(ctx, report, opt)
	if err != nil {
		return err
	}
	err = h.Complete(ctx, ledger, trust, func(entry int, s notary.Stage) { talk(fmt.Sprintf("report %d: %s", entry, s)) })
	return errors.Join(err, ledger.Close())
}

// ledger opens the Tangle that is meant for something at a path, with the trust file to check its receipts by. What a person who waits would like to know goes to talk.
func (a *app) ledger(ctx context.Context, path string, opt notaryOptions) (ledger notary.Ledger, trust *notary.Trust, talk func(string), err error) {
	if opt.trust != "" {
		if trust, err = a.readTrust(ctx, opt.trust); err != nil {
			return nil, nil, nil, err
		}
	}
	if dir := opt.tangleDir(path); dir != "" {
		t, err := embedded.Open(ctx, dir, embedded.Options{Now: opt.now})
		if err != nil {
			return nil, nil, nil, err
		}
		if trust == nil {
			trust = t.Trust()
		}
		return t, trust, func(string) {}, nil // it takes no time
	}
	if trust == nil {
		return nil, nil, nil, errors.New("a node's network needs a trust file: give it with --trust, from whom you trust and not from the node")
	}
	talk = func(text string) {
		if console.IsTerminal(a.Stderr) {
			fmt.Fprintln(a.Stderr, text)
		}
	}
	if ledger, err = node.Open(opt.tangle, node.Options{RemotePoW: opt.remotePoW, Notice: talk}); err != nil {
		return nil, nil, nil, fmt.Errorf("--tangle: %w", err)
	}
	return ledger, trust, talk, nil
}

func (a *app) readTrust(ctx context.Context, path string) (*notary.Trust, error) {
	data, err := a.ReadFile(ctx, path, 1<<20)
	if err != nil {
		return nil, err
	}
	trust, err := notary.ParseTrust(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return trust, nil
}

// notarized says what there is now, and what to do with it.
func (a *app) notarized(e *notary.Entry, path, statementPath, receiptPath string, opt notaryOptions) error {
	s, err := attest.Open(e.Statement)
	if err != nil {
		return err
	}
	r, err := notary.ParseReceipt(e.Receipt)
	if err != nil {
		return err
	}
	b, err := notary.ParseBlock(r.Block)
	if err != nil {
		return err
	}
	m, err := notary.ParseMilestone(r.Milestone)
	if err != nil {
		return err
	}
	report, err := document.ParseDocument(e.Report)
	if err != nil {
		return err
	}
	head := report.Head()
	trust := opt.trust
	dir := opt.tangleDir(path)
	if trust == "" {
		trust = filepath.Join(dir, "trust.json")
	}
	var out strings.Builder
	fmt.Fprintf(&out, "notarized: %s %d of its history\n", head.Kind, e.Number)
	fmt.Fprintf(&out, "   statement  %s, signed by %s\n", statementPath, s.Signer)
	fmt.Fprintf(&out, "   receipt    %s, %d bytes\n", receiptPath, len(e.Receipt))
	fmt.Fprintf(&out, "   block      %s\n", b.ID)
	fmt.Fprintf(&out, "   milestone  %d of %s, at %s\n", m.Index, r.Network, m.Time.Format(time.RFC3339))
	if dir != "" {
		fmt.Fprintf(&out, "This Tangle is a directory: the receipt shows order and integrity to those who trust the key in %s.\n", dir)
	}
	if err := audit.Dated(head.AsOf, m.Time); head.AsOf != "" && err != nil {
		fmt.Fprintf(&out, "An audit will refuse its time: %v. Check the design again, and notarize that report.\n", err)
	}
	fmt.Fprintf(&out, "next: `vauban audit --trust %s --signer %s %s` checks it as others will\n", trust, s.Signer, path)
	return a.Deliver([]byte(out.String()), "")
}
