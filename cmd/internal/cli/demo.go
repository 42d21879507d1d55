package cli

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/examples"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/document"
)

// demoDate is the day that the demo's waivers are judged by, so that it shows the same on every day.
const demoDate = "2026-11-23"

func (a *app) demoCommand() *cobra.Command {
	dir := "vauban-demo"
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show everything on an online pharmacy whose parcels can be robbed",
		Long: `Demo checks an online pharmacy: as first drawn, where attacks are found, and hardened, where everything is proved
or waived with a reason. It signs the reports, notarizes them on a Tangle in a directory, and audits one of them. All of it goes into a directory, and
the command that does it is shown with each step.`,
		Example: "  vauban demo\n  vauban demo --dir pharmacy",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context(), dir) },
	}
	cmd.Flags().StringVar(&dir, "dir", dir, "write designs and reports to `DIR`")
	return cmd
}

// act is one part of the demo: a design with what must come out.
type act struct {
	title, design string
	safe          bool // nothing may be violated or open
}

var acts = []act{
	{"The design as first drawn: what can go wrong?", "pharmacy.vbn", false},
	{"The hardened design: is it safe now?", "pharmacy-hardened.vbn", true},
}

func (a *app) demo(ctx context.Context, dir string) error {
	if err := a.unpack(ctx, dir); err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	fmt.Fprintf(a.Stdout, "An online pharmacy: a web shop, a payment provider, prescriptions, and parcels on the road with two carriers.\n"+
		"The designs are in %s: read them, change them, check them again.\n", dir)
	var written []string // reports
	for i, act := range acts {
		path := filepath.Join(dir, act.design)
		fmt.Fprintf(a.Stdout, "\n%d. %s\n   $ vauban check --as-of %s %s\n\n", i+1, act.title, demoDate, path)
		opt := checkOptions{asOf: demoDate, enumerate: true}
		in, err := a.InputOnce(ctx, []string{path})
		if err != nil {
			return err
		}
		outcome, err := a.verifyAndAsk(ctx, in, opt)
		if err != nil {
			return err
		}
		if err := a.wrong(outcome); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return console.Failf(console.ExitInterrupted, "interrupted")
		}
		data, err := made("text", outcome, renderOptions{color: a.Colored(a.Stdout)})
		if err != nil {
			return err
		}
		if err := a.Deliver(data, ""); err != nil {
			return err
		}
		if safe(outcome.Result) != act.safe {
			return console.Failf(console.ExitUnknown, "the verdicts on %s are not those that the demo is about", path)
		}
		if data, err = made("json", outcome, renderOptions{}); err != nil {
			return err
		}
		out := path[:len(path)-len(filepath.Ext(path))] + ".report.json"
		if err := a.Guard.Write(out, data); err != nil {
			return console.Failf(console.ExitUsage, "%v", err)
		}
		page, err := made("html", outcome, renderOptions{})
		if err != nil {
			return err
		}
		shown := path[:len(path)-len(filepath.Ext(path))] + ".report.html"
		if err := a.Guard.Write(shown, page); err != nil {
			return console.Failf(console.ExitUsage, "%v", err)
		}
		fmt.Fprintf(a.Stdout, "\n   $ vauban check --as-of %s --format html --out %s %s\n   open it in a browser: the attacks can be played on the drawing\n", demoDate, shown, path)
		fmt.Fprintf(a.Stdout, "\n   $ vauban check --as-of %s --format json --out %s %s\n   sha256 %s, reproducible: the same inputs always give the same bytes\n", demoDate, out, path, document.Digest(data))
		written = append(written, out)
	}
	if err := a.demoEvidence(ctx, dir, written); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.Stdout, `
Your own design: start from %s, then
   $ vauban check shop.vbn            attacks and proofs
   $ vauban fmt -w shop.vbn           the canonical form
   $ vauban catalogue list            the threats it is checked against
In a checkout, "go run ./cmd/vauban" stands for "vauban", and "go install ./cmd/vauban" installs it.
`, filepath.Join(dir, "first.vbn"))
	return err
}

// made renders an outcome in the format of a name.
func made(name string, outcome reports.Outcome, opt renderOptions) ([]byte, error) {
	f, err := formatNamed(name)
	if err != nil {
		return nil, err
	}
	return f.render([]reports.Outcome{outcome}, opt)
}

// demoEvidence notarizes the reports of the demo, and audits the last one.
func (a *app) demoEvidence(ctx context.Context, dir string, written []string) error {
	key := filepath.Join(dir, "key.pem")
	fmt.Fprintf(a.Stdout, "\n%d. The evidence: signed and put on a Tangle, so the report cannot be swapped later\n   $ vauban key new %s\n", len(acts)+1, key)
	if _, err := os.Stat(key); errors.Is(err, fs.ErrNotExist) {
		if _, err := makeKey(key); err != nil {
			return err
		}
	}
	fmt.Fprintf(a.Stdout, "   (the clock of the demo's Tangle stands at %s, the day that the demo's waivers are judged by)\n", demoDate)
	clock := func() time.Time {
		at, err := time.Parse(time.DateOnly, demoDate)
		if err != nil {
			panic("vauban: internal error: " + err.Error())
		}
		return at.Add(12 * time.Hour)
	}
	for _, report := range written {
		fmt.Fprintf(a.Stdout, "\n   $ vauban notarize --key %s %s\n", key, report)
		if err := a.notarize(ctx, report, notaryOptions{key: key, now: clock}, false); err != nil {
			return err
		}
	}
	private, err := attest.ReadKey(ctx, key)
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	signer := attest.DID(private.Public().(ed25519.PublicKey))
	last := written[len(written)-1]
	_, _, history := evidencePaths(last)
	opt := auditOptions{format: "text", asOf: demoDate, trust: filepath.Join(dir, "vauban-tangle", "trust.json"), history: history, signers: []string{signer}, rerun: true}
	fmt.Fprintf(a.Stdout, "\n%d. The audit: every claim checked again, offline, by someone who trusts nobody\n   $ vauban audit --as-of %s --trust %s --signer %s --history %s --rerun %s\n\n",
		len(acts)+2, demoDate, opt.trust, signer, opt.history, last)
	return a.audit(ctx, last, opt)
}

// safe reports whether no requirement is violated or depends on what is open.
func safe(r *checker.Result) bool {
	for _, q := range r.Requirements {
		if q.Verdict == checker.Violated || q.Verdict == checker.Depends {
			return false
		}
	}
	return true
}

// unpack writes the example designs into a directory. A file that somebody has changed is not overwritten.
func (a *app) unpack(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot make the directory %s: %w", dir, files.Reason(err))
	}
	for _, root := range []string{"first", "tofar"} {
		err := fs.WalkDir(examples.Files, root, func(name string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(root, filepath.FromSlash(name))
			if err != nil {
				return err
			}
			path := filepath.Join(dir, rel)
			if entry.IsDir() {
				return os.MkdirAll(path, 0o755)
			}
			data, err := examples.Files.ReadFile(name)
			if err != nil {
				return err
			}
			switch have, err := files.Read(ctx, path, source.MaxBytes); {
			case err == nil && bytes.Equal(have, data):
				return nil
			case err == nil:
				return fmt.Errorf("%s has been changed: give another --dir, or remove it", path)
			case !errors.Is(err, fs.ErrNotExist):
				return fmt.Errorf("cannot read %s: %w", path, files.Reason(err))
			}
			return a.Guard.Write(path, data)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
