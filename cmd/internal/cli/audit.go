package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/cmd/internal/page"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/audit/verdicts"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/witness"
)

// auditOptions are the flags of audit.
type auditOptions struct {
	statement, receipt, proof, stamp, trust, history, format string
	policy, asOf                                             string
	design, signers, require, logs                           []string
	mapping, html                                            string
	rerun                                                    bool
}

func (a *app) auditCommand() *cobra.Command {
	var opt auditOptions
	cmd := &cobra.Command{
		Use:   "audit REPORT",
		Short: "Check a report or an explanation: who signed it, when it was on the Tangle, and that its verdicts are true",
		Long: `Audit checks everything that a report and its evidence claim, offline. It prints what the evidence claims, then a line for each check: passed,
FAILED, or - if it was skipped, which is not a pass. Audit believes only your own files and flags: --trust says whose milestones count, --signer who may
have signed, --require and --policy what you demand of the verdicts.

Authentic evidence may claim that requirements are violated. To fail then, demand what has to hold: --require CardSecrecy=holds, with more verdicts after commas
(holds, vacuous, violated, depends, waived, unknown). A vacuous requirement (the design has nothing that it is about) does not meet "holds".

Waivers are judged on the day of the milestone, which has to be the report's own date give or take a day, and again on the day of the audit (--as-of).

A policy is a YAML file; each line of it is a check of its own:

  schema: vauban.policy/1
  catalogues: [builtin:retail]     # or sha256: with the digest of a catalogue's file
  assumptions: []                  # names, or {name: N, text: T}; none is accepted here
  require: {CardSecrecy: holds}    # or {verdict: holds, property: P, against: [A, A + B], tolerating: 1}
  max_age: 30d                     # from the milestone to the day of the audit
  waived: no
  signers: ["did:key:z6Mk..."]     # or {did: D, from: 2026-01-01, until: 2026-12-31}

A trust file may name a log of the network's milestones, and witnesses of it ("vauban witness" says how): then the milestone has to be in the log, and a quorum of witnesses has to have
seen it. That refuses a second history, and times that were rewritten, by whoever holds the coordinators' keys.

The verdicts are judged again from the design and the catalogues that you give: every attack is replayed and every certificate checked, without the
engines that found them. Give the design's files as they were given to "vauban check", in the same places; without --design they are looked for
beside the report.

A bundle (see "vauban bundle") stands for the report and all that belongs to it. Its verdicts are judged by the catalogues in it, which may be those of another version: what is not built into this
one, byte for byte, is claimed as the design's own, whatever it is called.

An explanation of logs (made by "vauban explain --format json") is audited in the same way, with the logs and the mapping that it is about: each run is replayed and has to leave
just its log, each proof is checked. An audit vouches that what happened follows from these logs, which it names by their digests; not that the logs are true. What can follow,
but for what is broken already, is judged with --rerun alone.

With --html and no report it writes a page instead, in which a browser audits bundles as this command does: one file that works from a disk and has no connection to anywhere. A release
carries the page; another build has the go command build it from its source.

Exit status: 0 all that was asked for passed, 1 something did not, 2 the command line is invalid or a file cannot be read.`,
		Example: `  vauban audit --trust vauban-tangle/trust.json shop.report.json
  vauban audit --trust vauban-tangle/trust.json --history shop.history --rerun shop.report.json
  vauban audit --trust vauban-tangle/trust.json --require CardSecrecy=holds shop.report.json
  vauban audit --format json --trust vauban-tangle/trust.json --design shop.vbn shop.report.json
  vauban audit --trust vauban-tangle/trust.json shop.vaubz
  vauban audit --html audit.html
  vauban audit --trust vauban-tangle/trust.json --log orders.jsonl orders.explained.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case opt.html != "" && (len(args) > 0 || cmd.Flags().NFlag() > 1):
				return errors.New("--html writes the page that audits, and not a result: give it alone, and choose in the page what to audit")
			case opt.html != "":
				return a.auditPage(cmd.Context(), opt.html)
			case len(args) == 0:
				return errors.New("name the report, the explanation or the bundle to audit")
			}
			return a.audit(cmd.Context(), args[0], opt)
		},
	}
	f := cmd.Flags()
	a.AllowOutside(cmd)
	opt.flags(f, "those that it names, beside it")
	f.StringVar(&opt.trust, "trust", "", "your trust `FILE`: which coordinators' keys you believe")
	f.StringSliceVar(&opt.signers, "signer", nil, "a `DID`, such as did:key:z6Mk..., whose signature is accepted, alone and at any time (a policy has signers with dates); may be repeated (default: any)")
	f.StringArrayVar(&opt.require, "require", nil, "a requirement with the verdict that it must have, `NAME=VERDICT`; may be repeated")
	f.StringVar(&opt.policy, "policy", "", "a YAML `FILE` with what you demand")
	f.StringVar(&opt.asOf, "as-of", "", "the `DATE` YYYY-MM-DD of the audit, by which waivers and ages are judged (default today, UTC)")
	f.StringVar(&opt.history, "history", "", "check the whole chain of the design's notarized reports in `DIR`")
	f.BoolVar(&opt.rerun, "rerun", false, "also verify from scratch, and compare the report byte by byte")
	f.StringVar(&opt.format, "format", "text", "`FORMAT` of the result: text or json")
	f.StringVar(&opt.html, "html", "", "write the page that audits bundles in a browser to `FILE`")
	return cmd
}

// auditPage writes the page in which a browser audits bundles.
func (a *app) auditPage(ctx context.Context, path string) error {
	data := page.Carried()
	if data == nil {
		if err := a.Guard.Check(path); err != nil {
			return console.Failf(console.ExitUsage, "%v", err)
		}
		fmt.Fprintln(a.Stderr, "building the page with the go command: the first time takes a minute")
		var err error
		if data, err = page.Build(ctx, Version); ctx.Err() != nil {
			return console.Failf(console.ExitInterrupted, "interrupted: nothing was written")
		} else if err != nil {
			return console.Failf(console.ExitUsage, "%v", err)
		}
	}
	return a.Deliver(data, path)
}

// flags adds those that say where evidence lies.
func (opt *auditOptions) flags(f *pflag.FlagSet, logs string) {
	f.StringVar(&opt.statement, "statement", "", "`FILE` of the signed statement (default: NAME.statement.json beside the report)")
	f.StringVar(&opt.receipt, "receipt", "", "`FILE` of the receipt (default: NAME.receipt.json beside the report)")
	f.StringVar(&opt.proof, "proof", "", "`FILE` of the proof that the log of the network's milestones has that of the receipt (default: NAME.tlog-proof beside the report)")
	f.StringVar(&opt.stamp, "stamp", "", "`FILE` of an authority's time stamp of that milestone (default: NAME.tsr beside the report)")
	f.StringSliceVar(&opt.design, "design", nil, "a `FILE` of the design, the root first; may be repeated (default: the files that the report names, beside it)")
	f.StringArrayVar(&opt.logs, "log", nil, "of an explanation: a log `FILE`, in its order; may be repeated (default: "+logs+")")
	f.StringVar(&opt.mapping, "map", "", "of an explanation: the mapping in `FILE` (default likewise)")
}

func (a *app) audit(ctx context.Context, path string, opt auditOptions) error {
	if opt.format != "text" && opt.format != "json" {
		return fmt.Errorf("--format is %q, expected text or json", opt.format)
	}
	in, err := a.gather(ctx, path, opt)
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	watch := console.WatchProgress(a.Stderr, false)
	defer watch.Stop()
	in.Judge = verdicts.Judge(watch.Update)
	result, err := audit.Run(ctx, in)
	watch.Stop()
	switch {
	case ctx.Err() != nil:
		return console.Failf(console.ExitInterrupted, "interrupted: nothing was shown")
	case err != nil:
		return broken(err)
	}
	var out []byte
	if opt.format == "json" {
		out, err = result.JSON()
	} else {
		var b strings.Builder
		err = result.Text(&b)
		out = []byte(b.String())
	}
	if err != nil {
		return err
	}
	if err := a.Deliver(out, ""); err != nil {
		return err
	}
	if !result.Passed {
		return &console.ExitError{Code: console.ExitFound}
	}
	return nil
}

// gather reads what there is to audit.
func (a *app) gather(ctx context.Context, path string, opt auditOptions) (*audit.Input, error) {
	statement, receipt, _ := evidencePaths(path)
	r, err := a.Reader(ctx)
	if err != nil {
		return nil, err
	}
	asOf, err := console.DateOf(opt.asOf)
	if err != nil {
		return nil, err
	}
	in := &audit.Input{AsOf: asOf, Version: Version, Rerun: opt.rerun, Read: r.Read}
	if opt.policy != "" {
		if in.Policy, err = a.readPolicy(ctx, opt.policy); err != nil {
			return nil, err
		}
	}
	if err := in.Ask(opt.signers, opt.require); err != nil {
		return nil, err
	}
	if opt.trust != "" {
		if in.Trust, err = a.readTrust(ctx, opt.trust); err != nil {
			return nil, err
		}
	}
	switch b, err := a.readBundle(ctx, path); {
	case err != nil:
		return nil, err
	case b != nil:
		if err := a.gatherBundle(ctx, in, b, path, opt); err != nil {
			return nil, err
		}
		return in, a.gatherLogs(ctx, in, path, opt)
	}
	if in.Report, err = a.ReadFile(ctx, path, document.MaxBytes); err != nil {
		return nil, err
	}
	if in.Statement, err = a.optional(ctx, opt.statement, statement, attest.MaxBytes); err != nil {
		return nil, err
	}
	if in.Receipt, err = a.optional(ctx, opt.receipt, receipt, notary.MaxReceipt); err != nil {
		return nil, err
	}
	if in.Proof, err = a.optional(ctx, opt.proof, besideReceipt(receipt, proofExtension), witness.MaxProof); err != nil {
		return nil, err
	}
	if in.Stamp, err = a.optional(ctx, opt.stamp, besideReceipt(receipt, stampExtension), witness.MaxStamp); err != nil {
		return nil, err
	}
	if opt.history != "" {
		var entries int
		if in.History, entries, err = notary.ReadHistory(ctx, opt.history); err != nil {
			return nil, err
		}
		if entries == 0 {
			return nil, fmt.Errorf("there are no notarized reports in %s", opt.history)
		}
	}
	if in.Design, err = r.Named(opt.design); err != nil {
		return nil, err
	}
	if len(in.Design) == 0 {
		in.Design = beside(path, in.Report, "design")
		if err := r.AddDir(filepath.Dir(path)); err != nil { // what the report names lies there
			return nil, err
		}
	}
	if names := beside(path, in.Report, "log"); len(opt.logs) == 0 {
		opt.logs = names
	}
	if found := beside(path, in.Report, "mapping"); opt.mapping == "" && len(found) == 1 {
		opt.mapping = found[0]
	}
	return in, a.gatherLogs(ctx, in, path, opt)
}

// gatherLogs adds what an explanation is about besides the design.
func (a *app) gatherLogs(ctx context.Context, in *audit.Input, path string, opt auditOptions) error {
	if d, err := document.ParseDocument(in.Report); err == nil && d.Head().Kind == "report" && (len(opt.logs) > 0 || opt.mapping != "") {
		return fmt.Errorf("%s is a report, which is about no logs: leave --log and --map out", path)
	}
	for _, name := range opt.logs {
		a.Guard.Keep(name)
		in.Logs = append(in.Logs, audit.Log{Name: filepath.ToSlash(name), Open: func() (io.ReadCloser, error) { return files.Stream(ctx, name) }})
	}
	if opt.mapping == "" {
		return nil
	}
	data, err := a.ReadFile(ctx, opt.mapping, source.MaxBytes)
	if err == nil {
		in.Mapping = source.New(filepath.ToSlash(opt.mapping), string(data))
	}
	return err
}

// readPolicy reads a policy, and writes what is wrong with it.
func (a *app) readPolicy(ctx context.Context, path string) (*audit.Policy, error) {
	data, err := a.ReadFile(ctx, path, source.MaxBytes)
	if err != nil {
		return nil, err
	}
	diags := &diag.List{}
	p := audit.ParsePolicy(source.New(filepath.ToSlash(path), string(data)), diags)
	if p == nil {
		if err := diag.Render(a.Stderr, diags.Sorted(), diag.Options{Color: a.Colored(a.Stderr), Max: console.MaxDiagnostics}); err != nil {
			return nil, fmt.Errorf("cannot write the errors: %w", err)
		}
		return nil, errors.New("the policy has errors: nothing was audited")
	}
	return p, nil
}

// optional reads a file that was named, or the default one, which need not be there.
func (a *app) optional(ctx context.Context, named, otherwise string, limit int64) ([]byte, error) {
	if named != "" {
		return a.ReadFile(ctx, named, limit)
	}
	if _, err := os.Lstat(otherwise); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return a.ReadFile(ctx, otherwise, limit)
}

// beside returns the files of a role that a report or an explanation names, where they are beside it; nil where they are not. It is not trusted to name files elsewhere.
func beside(path string, report []byte, role string) []string {
	d, err := document.ParseDocument(report)
	if err != nil {
		return nil
	}
	var out []string
	for _, in := range d.Head().Inputs {
		if in.Role != role || source.Embedded(in.Path) || !filepath.IsLocal(filepath.FromSlash(in.Path)) {
			continue
		}
		name := filepath.Join(filepath.Dir(path), filepath.FromSlash(in.Path))
		if _, err := os.Stat(name); err != nil {
			return nil
		}
		out = append(out, filepath.ToSlash(name))
	}
	return out
}
