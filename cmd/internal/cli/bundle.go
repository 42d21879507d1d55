package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/bundle"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/trail"
	"github.com/vauban-verifier/vauban/reports/witness"
	"github.com/vauban-verifier/vauban/threats"
)

// bundleExtension is what the name of a bundle ends with.
const bundleExtension = ".vaubz"

// bundleOptions are the flags of bundle: those of audit that say where evidence lies, and its own.
type bundleOptions struct {
	auditOptions
	trail, out string
}

func (a *app) bundleCommand() *cobra.Command {
	var opt bundleOptions
	cmd := &cobra.Command{
		Use:   "bundle REPORT",
		Short: "Put a report or an explanation with all its evidence into one file, for any auditor, years later",
		Long: `Bundle writes one file that has all that an audit asks for: the report or explanation, its statement and receipt, the files of the design, and the catalogues in full, built-in
ones too, so that an audit years later does not need this version of Vauban. On request it has the history (--history) and the trail (--trail), which tell of earlier versions, and of an
explanation the logs (--log) and the mapping (--map).

"vauban audit" and "vauban trail verify" take the bundle, and so does the page that "vauban audit --html" writes. The trust file and the policy are the auditor's own and not in it.

A bundle is a zip archive without compression that any tool unpacks, and there is one form of it: the same evidence gives the same bytes. Everything in it can be read by who gets it.

Exit status: 0 written, 2 a file cannot be read, or is not the one that the report is about.`,
		Example: `  vauban bundle shop.report.json
  vauban bundle --history shop.history --trail shop.trail --out shop.vaubz shop.report.json
  vauban bundle --log orders.jsonl orders.explained.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.bundle(cmd.Context(), args[0], opt); err != nil {
				return console.Failf(console.ExitUsage, "%v", err)
			}
			return nil
		},
	}
	f := cmd.Flags()
	a.AllowOutside(cmd)
	opt.flags(f, "none is put in")
	f.StringVar(&opt.history, "history", "", "put in the design's notarized reports in `DIR`")
	f.StringVar(&opt.trail, "trail", "", "put in the trail in `DIR`")
	f.StringVarP(&opt.out, "out", "o", "", "write to `FILE` (default: NAME.vaubz beside the report)")
	return cmd
}

// bundle writes a bundle.
func (a *app) bundle(ctx context.Context, path string, opt bundleOptions) error {
	if opt.out == "" {
		statement, _, _ := evidencePaths(path)
		opt.out = strings.TrimSuffix(statement, ".statement.json") + bundleExtension
	}
	b, d, err := a.evidence(ctx, path, opt)
	if err != nil {
		return err
	}
	data, err := b.Bytes()
	if err != nil {
		return err
	}
	if err := a.Deliver(data, opt.out); err != nil {
		return err
	}
	var has []string
	for _, part := range []struct {
		what  string
		there bool
	}{{"the statement", b.Statement != nil}, {"the receipt", b.Receipt != nil}} {
		if part.there {
			has = append(has, part.what)
		} else {
			has = append(has, "NOT "+part.what)
		}
	}
	has = append(has, plain.Number(len(b.Inputs), "input"))
	for _, part := range []struct {
		what  string
		items []*notary.Item
	}{{"the history", b.History}, {"the trail", b.Trail}} {
		if part.items != nil {
			has = append(has, fmt.Sprintf("%s (%d)", part.what, len(part.items)))
		}
	}
	return a.Deliver(fmt.Appendf(nil, "%s: the %s with %s, %s bytes\n   $ vauban audit --trust TRUST.json %s\n", opt.out, d.Head().Kind, strings.Join(has, ", "), plain.Thousands(len(data)), plain.Shell(opt.out)), "")
}

// evidence reads what goes into a bundle. What a document is about must be what it names.
func (a *app) evidence(ctx context.Context, path string, opt bundleOptions) (*bundle.Bundle, document.Document, error) {
	fail := func(err error) (*bundle.Bundle, document.Document, error) { return nil, nil, err }
	data, d, err := a.readDocument(ctx, path)
	if err != nil {
		return fail(err)
	}
	b := &bundle.Bundle{Document: data, Inputs: map[string][]byte{}}
	statement, receipt, _ := evidencePaths(path)
	if b.Statement, err = a.optional(ctx, opt.statement, statement, attest.MaxBytes); err != nil {
		return fail(err)
	}
	if b.Receipt, err = a.optional(ctx, opt.receipt, receipt, notary.MaxReceipt); err != nil {
		return fail(err)
	}
	if b.Proof, err = a.optional(ctx, opt.proof, besideReceipt(receipt, proofExtension), witness.MaxProof); err != nil {
		return fail(err)
	}
	if b.Stamp, err = a.optional(ctx, opt.stamp, besideReceipt(receipt, stampExtension), witness.MaxStamp); err != nil {
		return fail(err)
	}
	for _, s := range []struct {
		dir  string
		form notary.Form
		to   *[]*notary.Item
	}{{opt.history, notary.Histories, &b.History}, {opt.trail, trail.Form, &b.Trail}} {
		if s.dir == "" {
			continue
		}
		if *s.to, err = a.items(ctx, s.dir, s.form); err != nil {
			return fail(err)
		}
	}
	read, err := a.inputs(ctx, path, opt.auditOptions)
	if err != nil {
		return fail(err)
	}
	logs := opt.logs
	for _, in := range d.Head().Inputs {
		var data []byte
		switch {
		case in.Role == "log" && len(opt.logs) > 0 && len(logs) == 0:
			return fail(fmt.Errorf("the explanation is about more logs than the %d that are given: give all of them, in their order", len(opt.logs)))
		case in.Role == "log" && len(opt.logs) > 0:
			data, err = a.ReadFile(ctx, logs[0], bundle.MaxBytes)
			logs = logs[1:]
		case in.Role == "mapping" && opt.mapping != "":
			data, err = a.ReadFile(ctx, opt.mapping, source.MaxBytes)
		case in.Role == "log" || in.Role == "mapping":
			continue
		default:
			data, err = read(in)
		}
		if err != nil {
			return fail(err)
		}
		if got := document.Digest(data); got != in.SHA256 {
			return fail(fmt.Errorf("%s is another file than the one that %s is about: sha256 %s, expected %s; bring back what was checked, or check again", in.Path, path, got, in.SHA256))
		}
		name, err := bundle.Name(in)
		if err != nil {
			return fail(err)
		}
		b.Inputs[name] = data
	}
	if len(logs) > 0 {
		return fail(fmt.Errorf("%s is not about the log %s: leave it out", path, logs[0]))
	}
	return b, d, nil
}

// inputs reads what a document is about: the design and its catalogues where the document is, or where the design was said to be, and built-in texts from the program.
func (a *app) inputs(ctx context.Context, path string, opt auditOptions) (func(document.Input) ([]byte, error), error) {
	r, err := a.Reader(ctx)
	if err != nil {
		return nil, err
	}
	named, err := r.Named(opt.design)
	if err != nil {
		return nil, err
	}
	base := filepath.Dir(path)
	if len(named) > 0 {
		base = filepath.Dir(filepath.FromSlash(named[0]))
	} else if err := r.AddDir(base); err != nil {
		return nil, err
	}
	return func(in document.Input) ([]byte, error) {
		if source.Embedded(in.Path) {
			text, ok := threats.Embedded(in.Path)
			if !ok {
				return nil, fmt.Errorf("the report is about %s, which this vauban does not have: make the bundle with the vauban that made the report", in.Path)
			}
			if document.Digest([]byte(text)) != in.SHA256 {
				return nil, fmt.Errorf("%s of this vauban is another one than that of the vauban that made the report: make the bundle with that", in.Path)
			}
			return []byte(text), nil
		}
		name := in.Path
		if !filepath.IsAbs(name) {
			name = filepath.ToSlash(filepath.Join(base, filepath.FromSlash(name)))
		}
		text, err := r.Read(name)
		if err != nil {
			return nil, fmt.Errorf("cannot read %s, which the report is about: %w; say where the design is with --design", name, err)
		}
		return []byte(text), nil
	}, nil
}

// items reads all entries of a directory.
func (a *app) items(ctx context.Context, dir string, form notary.Form) ([]*notary.Item, error) {
	items, n, err := notary.ReadSequence(ctx, dir, form)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fmt.Errorf("there are no entries in %s", dir)
	}
	a.Guard.Keep(notary.Files(dir)...)
	var out []*notary.Item
	for item, err := range items {
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

// readBundle reads a file if it is a bundle; nil if it is none, or cannot be read.
func (a *app) readBundle(ctx context.Context, path string) (*bundle.Bundle, error) {
	if console.Directory(path) {
		return nil, nil
	}
	from, err := files.Stream(ctx, path)
	if err != nil {
		return nil, nil
	}
	begin := make([]byte, len(bundle.Magic))
	_, err = io.ReadFull(from, begin)
	from.Close()
	if err != nil || string(begin) != bundle.Magic {
		return nil, nil
	}
	data, err := a.ReadFile(ctx, path, bundle.MaxBytes)
	if err != nil {
		return nil, err
	}
	b, err := bundle.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s is refused as a bundle: %w; ask who made it for one as `vauban bundle` writes it", path, err)
	}
	return b, nil
}

// gatherBundle adds what a bundle has to an audit.
func (a *app) gatherBundle(ctx context.Context, in *audit.Input, b *bundle.Bundle, path string, opt auditOptions) error {
	if opt.statement != "" || opt.receipt != "" || opt.proof != "" || opt.stamp != "" || opt.history != "" || len(opt.design) > 0 {
		return errors.New("a bundle has statement, receipt, history and design in it: leave --statement, --receipt, --proof, --stamp, --history and --design out")
	}
	b.Audit(in)
	if len(in.Logs) > 0 && len(opt.logs) > 0 || in.Mapping != nil && opt.mapping != "" {
		return errors.New("the bundle has the logs and the mapping that you give: leave --log and --map out")
	}
	if b.Trail != nil {
		fmt.Fprintf(a.Stderr, "%s has a trail, too: `vauban trail verify` says who approved this\n", path)
	}
	return nil
}
