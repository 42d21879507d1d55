package cli

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/trail"
	"github.com/vauban-verifier/vauban/reports/witness"
	"github.com/vauban-verifier/vauban/reports/witness/cosigner"
	"github.com/vauban-verifier/vauban/reports/witness/logbook"
)

func (a *app) witnessCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "witness",
		Short: "Have outsiders see a Tangle's history, so that its coordinators cannot rewrite it",
		Long: `The coordinators of a Tangle can sign a second history with their keys. Witnesses take that from them: a log keeps the ID of each milestone in the place of its index, and a witness signs the
state of the log only if it grew out of the state that it signed last, and says when. The formats are those of C2SP (tlog-tiles, tlog-witness, tlog-proof), so that logs, witnesses and
verifiers of others work with these.

  log    keeps the log of a Tangle, in a directory that any web server can hand out
  serve  is a witness, over HTTP
  sign   is a witness, for a request in a file
  ask    writes such a request
  prove  gets the proof for a receipt, with signatures of witnesses
  stamp  gets a time stamp of an authority (RFC 3161) for the milestone of a receipt: a second clock

An auditor names the log, the witnesses and a quorum of them in the trust file:

  "log": {"key": "example.com/log+...", "first": 1, "witnesses": ["witness.example.org+..."], "quorum": 1, "within": 86400}

first is the index of the milestone that is the log's first leaf, within how many seconds after the time of a milestone the quorum must have seen it (0: at any time). Authorities for time stamps stand there, too, by certificates in PEM:

  "stamps": {"authorities": ["-----BEGIN CERTIFICATE-----\n..."], "within": 86400}
 "vauban key show --log NAME" and
"--witness NAME" print keys in this form.`,
		Example: "  vauban witness log vauban-log --tangle embedded:vauban-tangle --name example.com/log --key log.pem",
		Args:    console.Subcommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.witnessLogCommand(), a.witnessServeCommand(), a.witnessSignCommand(), a.witnessAskCommand(), a.witnessProveCommand(), a.witnessStampCommand())
	return cmd
}

func (a *app) witnessLogCommand() *cobra.Command {
	var (
		opt   notaryOptions
		name  string
		first uint32
	)
	cmd := &cobra.Command{
		Use:   "log DIR",
		Short: "Bring the new milestones of a Tangle into its log",
		Long: `Log adds the milestones that a Tangle has and its log does not, and signs the new state. DIR is made if it is not there; its files are for everybody, and any web server can hand them out. Give the
command again whenever there are new milestones, for instance after each report that is notarized, or by a timer. After a crash give it again, too.

It refuses a Tangle whose history is not the one in the log.

Exit status: 0 the log is up to date, 1 the Tangle has another history, 2 the input is invalid.`,
		Example: "  vauban witness log vauban-log --tangle embedded:vauban-tangle --name example.com/log --key log.pem",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.witnessLog(cmd.Context(), args[0], name, first, opt)
		},
	}
	f := cmd.Flags()
	trailTangle(f, &opt)
	f.StringVar(&opt.key, "key", defaultKey(), "sign with the log's key in `FILE`")
	f.StringVar(&name, "name", "", "the `NAME` of the log, without blanks, such as example.com/log")
	f.Uint32Var(&first, "first", 1, "the `INDEX` of the first milestone in the log")
	return cmd
}

func (a *app) witnessLog(ctx context.Context, dir, name string, first uint32, opt notaryOptions) error {
	key, err := attest.ReadKey(ctx, opt.key)
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	tangle, trust, _, err := a.ledger(ctx, dir, opt)
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	defer tangle.Close()
	from, ok := tangle.(logbook.Milestones)
	if !ok {
		return console.Failf(console.ExitUsage, "this Tangle cannot list its milestones")
	}
	book, err := logbook.Open(ctx, dir, name, key)
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	defer book.Close()
	added, err := book.Follow(ctx, from, trust, first)
	if err != nil {
		return console.Failf(console.ExitFound, "%v", err)
	}
	return a.Deliver([]byte(fmt.Sprintf("%s: %s, %d new\n", book.Key(), plain.Number(int(book.Leaves()), "milestone"), added)), "")
}

// witnessOptions are the flags of a witness.
type witnessOptions struct {
	dir, name, key string
	logs           []string
}

func (o *witnessOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.dir, "state", "vauban-witness", "keep what was seen of each log in `DIR`, which must never be restored from a copy")
	f.StringVar(&o.name, "name", "", "the `NAME` of the witness, without blanks, such as witness.example.org")
	f.StringVar(&o.key, "key", defaultKey(), "sign with the witness's key in `FILE`")
	f.StringArrayVar(&o.logs, "log", nil, "the `KEY` of a log that it signs for, or a file that has it; may be repeated")
}

// open returns the witness.
func (o *witnessOptions) open(ctx context.Context, a *app) (*cosigner.Witness, witness.Signer, error) {
	key, err := attest.ReadKey(ctx, o.key)
	if err != nil {
		return nil, witness.Signer{}, err
	}
	signer, err := witness.NewSigner(o.name, witness.Cosigns, key, func() uint64 { return uint64(time.Now().Unix()) })
	if err != nil {
		return nil, signer, fmt.Errorf("--name: %w", err)
	}
	if len(o.logs) == 0 {
		return nil, signer, errors.New("--log: name the key of a log that the witness signs for, which `vauban witness log` prints")
	}
	var logs []witness.Key
	for _, text := range o.logs {
		k, err := a.logKey(ctx, text)
		if err != nil {
			return nil, signer, fmt.Errorf("--log: %w", err)
		}
		logs = append(logs, k)
	}
	w, err := cosigner.New(o.dir, signer, logs...)
	return w, signer, err
}

// logKey reads the key of a log, or a file that has it: only a key has a plus sign and a number in it.
func (a *app) logKey(ctx context.Context, text string) (witness.Key, error) {
	k, err := witness.ParseKey(text, witness.Signs)
	if err == nil || strings.Contains(text, "+") || text == "" {
		return k, err
	}
	data, wrong := a.ReadFile(ctx, text, 1<<12)
	if wrong != nil {
		return k, wrong
	}
	return witness.ParseKey(strings.TrimSpace(string(data)), witness.Signs)
}

func (a *app) witnessServeCommand() *cobra.Command {
	var (
		opt    witnessOptions
		listen string
	)
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Be a witness over HTTP",
		Long: `Serve answers POST /add-checkpoint, as C2SP tlog-witness has it, until it is interrupted: it signs a checkpoint of a log that it knows if the log only grew since the one that it signed last.
It prints its key, which goes into trust files. For more than this machine put a web server with TLS before it.`,
		Example:     `  vauban witness serve --name witness.example.org --key witness.pem --log log.key`,
		Args:        cobra.NoArgs,
		Annotations: map[string]string{untilInterrupted: "yes"},
		RunE:        func(cmd *cobra.Command, _ []string) error { return a.witnessServe(cmd.Context(), listen, opt) },
	}
	opt.flags(cmd)
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8642", "the `ADDRESS` to listen at")
	return cmd
}

func (a *app) witnessServe(ctx context.Context, listen string, opt witnessOptions) error {
	w, signer, err := opt.open(ctx, a)
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	var config net.ListenConfig
	at, err := config.Listen(ctx, "tcp", listen)
	if err != nil {
		return console.Failf(console.ExitUsage, "--listen: %v", err)
	}
	server := &http.Server{
		Handler: w.Handler(func(err error) { fmt.Fprintf(a.Stderr, "witness: %v\n", err) }), ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, MaxHeaderBytes: 1 << 14,
	}
	fmt.Fprintf(a.Stdout, "%s\nlistening at http://%s/: interrupt to end\n", signer.Key, at.Addr())
	stop := context.AfterFunc(ctx, func() {
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(limit) // what is not answered by then is asked again
	})
	defer stop()
	if err := server.Serve(at); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (a *app) witnessSignCommand() *cobra.Command {
	var (
		opt witnessOptions
		out string
	)
	cmd := &cobra.Command{
		Use:   "sign REQUEST",
		Short: "Be a witness for a request in a file",
		Long: `Sign does for a request in a file what "vauban witness serve" does over HTTP: for a witness that is on no network. "vauban witness ask" writes the request; the line that this prints goes back, for
"vauban witness prove --cosignature".

Exit status: 0 signed, 1 refused: the log did not only grow, 2 the input is invalid.`,
		Example: `  vauban witness sign request.txt --name witness.example.org --key witness.pem --log log.key --out cosignature.txt`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			request, err := a.ReadFile(ctx, args[0], cosigner.MaxRequest)
			if err != nil {
				return console.Failf(console.ExitUsage, "%v", err)
			}
			w, _, err := opt.open(ctx, a)
			if err != nil {
				return console.Failf(console.ExitUsage, "%v", err)
			}
			line, err := w.Add(ctx, request)
			var refusal *cosigner.Refusal
			switch {
			case errors.As(err, &refusal) && (refusal.Status == http.StatusConflict || refusal.Status == http.StatusUnprocessableEntity):
				return console.Failf(console.ExitFound, "%v", err)
			case err != nil:
				return console.Failf(console.ExitUsage, "%v", err)
			}
			return a.Deliver(line, out)
		},
	}
	opt.flags(cmd)
	cmd.Flags().StringVar(&out, "out", "", "write the signature to `FILE` (default: standard output)")
	return cmd
}

func (a *app) witnessAskCommand() *cobra.Command {
	var (
		key, out string
		seen     int64
	)
	cmd := &cobra.Command{
		Use:   "ask LOG",
		Short: "Write a request for a witness that is offline",
		Long: `Ask reads a log, in a directory or at an address, and writes a request that a witness signs its newest state. --seen is how many milestones of the log the witness has seen, which it says when it
refuses. Keep the request: "vauban witness prove" needs it with the answer.`,
		Example: `  vauban witness ask vauban-log --log log.key --seen 0 --out request.txt`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			log, err := a.logKey(ctx, key)
			if err != nil {
				return console.Failf(console.ExitUsage, "--log: %v", err)
			}
			source, err := logbook.At(args[0])
			if err != nil {
				return console.Failf(console.ExitUsage, "%v", err)
			}
			c, signed, err := source.Checkpoint(ctx, log)
			if err != nil {
				return console.Failf(console.ExitUsage, "%v", err)
			}
			path, err := source.Growth(ctx, c, seen)
			if err != nil {
				return console.Failf(console.ExitUsage, "%v", err)
			}
			return a.Deliver(cosigner.Request(seen, path, signed), out)
		},
	}
	f := cmd.Flags()
	f.StringVar(&key, "log", "", "the `KEY` of the log, which \"vauban witness log\" prints, or a file that has it")
	f.Int64Var(&seen, "seen", 0, "how many milestones `N` of the log the witness has seen")
	f.StringVar(&out, "out", "", "write the request to `FILE` (default: standard output)")
	return cmd
}

// proveOptions are the flags of witness prove.
type proveOptions struct {
	trust, log, request, out string
	witnesses, cosignatures  []string
}

func (a *app) witnessProveCommand() *cobra.Command {
	var opt proveOptions
	cmd := &cobra.Command{
		Use:   "prove RECEIPT|DIR",
		Short: "Get the proof that the log has the milestone of a receipt, or those of a trail or a history, with signatures of witnesses",
		Long: `Prove reads the newest state of a log, has witnesses sign it, and writes the proof that the log has the milestone of a receipt: NAME.tlog-proof beside the receipt. Of a trail or a history, in a directory, it makes those that
are missing, beside each receipt. The trust file says which log, and which witnesses. A proof is written only if "vauban audit" would pass it.

Witnesses are asked at the addresses that --witness gives. For witnesses that are offline give the request that they signed, and their answers.

Exit status: 0 written, 1 the log does not have the milestone, or not enough witnesses have signed, 2 the input is invalid.`,
		Example: `  vauban witness prove shop.receipt.json --trust auditors-trust.json --log vauban-log --witness http://127.0.0.1:8642/
  vauban witness prove shop.trail --trust auditors-trust.json --log vauban-log --witness http://127.0.0.1:8642/
  vauban witness prove shop.receipt.json --trust auditors-trust.json --log vauban-log --request request.txt --cosignature cosignature.txt`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.witnessProve(cmd.Context(), args[0], opt) },
	}
	f := cmd.Flags()
	f.StringVar(&opt.trust, "trust", "", "trust `FILE` that names the log and its witnesses")
	f.StringVar(&opt.log, "log", "", "the `LOG`: a directory, or an address")
	f.StringArrayVar(&opt.witnesses, "witness", nil, "ask the witness at `URL`; may be repeated")
	f.StringVar(&opt.request, "request", "", "`FILE` of the request that witnesses who are offline have signed")
	f.StringArrayVar(&opt.cosignatures, "cosignature", nil, "`FILE` of the answer of such a witness; may be repeated")
	f.StringVar(&opt.out, "out", "", "write the proof to `FILE` (default: NAME.tlog-proof beside the receipt)")
	return cmd
}

// What lies beside a receipt, by the ends of names.
const (
	proofExtension = ".tlog-proof"
	stampExtension = ".tsr"
)

// besideReceipt returns where that lies: shop.receipt.json has shop.tlog-proof.
func besideReceipt(receipt, extension string) string {
	return strings.TrimSuffix(strings.TrimSuffix(receipt, ".json"), ".receipt") + extension
}

// prover makes proofs from one state of a log.
type prover struct {
	trust  *notary.Trust
	source *logbook.Source
	state  witness.Checkpoint
	signed []byte
}

// prove makes the proof of the milestone of a receipt.
func (p *prover) prove(ctx context.Context, data []byte) (proof []byte, says string, err error) {
	receipt, err := notary.ParseReceipt(data)
	if err != nil {
		return nil, "", err
	}
	m, err := notary.ParseMilestone(receipt.Milestone)
	if err != nil {
		return nil, "", err
	}
	made := &witness.Proof{Number: int64(m.Index) - int64(p.trust.Log.First), Checkpoint: p.signed}
	if made.Path, err = p.source.Prove(ctx, p.state, made.Number); err != nil {
		return nil, "", fmt.Errorf("%w: `vauban witness log` brings new milestones in", err)
	}
	seen, err := made.Verify(p.trust.Log, m.Index, m.ID, m.Time)
	if err != nil {
		return nil, "", err
	}
	by := "no witness"
	if len(seen.Witnesses) > 0 {
		by = plain.List(seen.Witnesses, plain.MaxList)
	}
	return made.Bytes(), fmt.Sprintf("milestone %d is the leaf %d of %d of %s, seen by %s", m.Index, seen.Number, seen.Leaves, seen.Log, by), nil
}

func (a *app) witnessProve(ctx context.Context, path string, opt proveOptions) error {
	usage := func(err error) error { return console.Failf(console.ExitUsage, "%v", err) }
	if (opt.request == "") != (len(opt.cosignatures) == 0) {
		return usage(errors.New("--request and --cosignature belong together: what was signed, and the signatures"))
	}
	if opt.request != "" && len(opt.witnesses) > 0 {
		return usage(errors.New("--witness asks about the newest state of the log, and --request is about another one: give one of them"))
	}
	if opt.trust == "" || opt.log == "" {
		return usage(errors.New("--trust and --log are needed: the trust file that names the log, and where the log is"))
	}
	p := &prover{}
	var err error
	if p.trust, err = a.readTrust(ctx, opt.trust); err != nil {
		return usage(err)
	}
	if p.trust.Log == nil {
		return usage(fmt.Errorf("%s names no log: `vauban witness --help` shows how one is named", opt.trust))
	}
	if p.source, err = logbook.At(opt.log); err != nil {
		return usage(err)
	}
	a.Guard.Keep(path, opt.trust, opt.request)
	dir, err := os.Stat(path)
	if err != nil {
		return usage(fmt.Errorf("%s: %w", path, files.Reason(err)))
	}
	var receipt []byte
	if !dir.IsDir() {
		if receipt, err = a.ReadFile(ctx, path, notary.MaxReceipt); err != nil {
			return usage(err)
		}
	} else if opt.out != "" {
		return usage(errors.New("--out is for the proof of one receipt: those of a directory go beside its receipts"))
	}
	if err := a.cosigned(ctx, p, opt); err != nil {
		return err
	}
	if dir.IsDir() {
		return a.proveAll(ctx, path, p)
	}
	proof, says, err := p.prove(ctx, receipt)
	if err != nil {
		return console.Failf(console.ExitFound, "%s: %v", path, err)
	}
	out := opt.out
	if out == "" {
		out = besideReceipt(path, proofExtension)
	}
	if err := a.Deliver(proof, out); err != nil {
		return err
	}
	fmt.Fprintf(a.Stderr, "%s: %s\n", out, says)
	return nil
}

// cosigned gets the state of the log that proofs are made from, with the signatures of witnesses.
func (a *app) cosigned(ctx context.Context, p *prover, opt proveOptions) error {
	usage := func(err error) error { return console.Failf(console.ExitUsage, "%v", err) }
	log, witnesses, err := p.trust.Log.Keys()
	if err != nil {
		return usage(err)
	}
	if p.state, p.signed, err = a.checkpoint(ctx, p.source, log, opt.request); err != nil {
		return usage(err)
	}
	var lines []byte
	for _, address := range opt.witnesses {
		line, err := cosigner.Ask(ctx, address, p.source, p.state, p.signed)
		if err != nil { // a quorum may do without it
			fmt.Fprintln(a.Stderr, err)
			continue
		}
		lines = append(lines, line...)
	}
	for _, name := range opt.cosignatures {
		line, err := a.ReadFile(ctx, name, witness.MaxCheckpoint)
		if err != nil {
			return usage(err)
		}
		lines = append(lines, line...)
	}
	if p.signed, err = witness.Cosign(p.signed, log, witnesses, lines); err != nil {
		return console.Failf(console.ExitFound, "%v", err)
	}
	return nil
}

// proveAll makes the proofs that a trail or a history does not have yet.
func (a *app) proveAll(ctx context.Context, dir string, p *prover) error {
	made, err := vouchAll(ctx, dir, notary.ProofName, func(receipt []byte) ([]byte, error) {
		proof, _, err := p.prove(ctx, receipt)
		return proof, err
	})
	if err == nil {
		fmt.Fprintf(a.Stderr, "%s: %s made, of a log with %s\n", dir, plain.Number(made, "proof"), plain.Number(int(p.state.N), "milestone"))
	}
	return err
}

// vouchAll gets what the entries of a trail or a history do not have yet, each for its receipt, and returns how many did not have it.
func vouchAll(ctx context.Context, dir, name string, get func(receipt []byte) ([]byte, error)) (made int, err error) {
	form := trail.Form
	if _, err := os.Stat(filepath.Join(dir, "0001", notary.ReportName)); err == nil {
		form = notary.Histories
	}
	s, err := notary.OpenSequence(ctx, dir, form)
	if err != nil {
		return 0, console.Failf(console.ExitUsage, "%v", err)
	}
	defer s.Close()
	for n := 1; n <= s.Len(); n++ {
		item, err := s.Item(ctx, n)
		if err != nil {
			return made, console.Failf(console.ExitUsage, "%v", err)
		}
		if item.Receipt == nil || slices.ContainsFunc(item.Vouchers(), func(v notary.Voucher) bool { return v.Name == name && *v.Data != nil }) {
			continue
		}
		data, err := get(item.Receipt)
		if err != nil {
			return made, console.Failf(console.ExitFound, "%s, entry %04d: %v", dir, n, err)
		}
		if err := s.Vouch(n, name, data); err != nil {
			return made, err
		}
		made++
	}
	return made, nil
}

// checkpoint returns the newest state of a log, or the one that a request is about.
func (a *app) checkpoint(ctx context.Context, source *logbook.Source, log witness.Key, request string) (witness.Checkpoint, []byte, error) {
	if request == "" {
		return source.Checkpoint(ctx, log)
	}
	data, err := a.ReadFile(ctx, request, cosigner.MaxRequest)
	if err != nil {
		return witness.Checkpoint{}, nil, err
	}
	signed, err := cosigner.Asked(data)
	if err != nil {
		return witness.Checkpoint{}, nil, fmt.Errorf("%s: %w", request, err)
	}
	c, err := witness.OpenCheckpoint(signed, log)
	return c, signed, err
}

// witnessKey returns a key in the form in which trust files name logs and witnesses.
func witnessKey(key ed25519.PrivateKey, name string, kind witness.Kind) (string, error) {
	k, err := witness.NewKey(name, kind, key.Public().(ed25519.PublicKey))
	return k.String(), err
}
