package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/witness"
	"github.com/vauban-verifier/vauban/reports/witness/logbook"
)

// stampOptions are the flags of witness stamp.
type stampOptions struct{ trust, authority, query, reply, out string }

func (a *app) witnessStampCommand() *cobra.Command {
	var opt stampOptions
	cmd := &cobra.Command{
		Use:   "stamp RECEIPT|DIR",
		Short: "Get an authority's time stamp of the milestone of a receipt, or of those of a trail or a history",
		Long: `Stamp has an authority (RFC 3161) stamp the milestone of a receipt, and keeps its answer: NAME.tsr beside the receipt. Of a trail or a history, in a directory, it gets those that are missing. The authority
learns the digest of the milestone, and nothing of the design. The trust file says which authorities count; an answer is kept only if "vauban audit" would pass it.

Without a network, --query writes the request, and --reply takes the answer. Anybody can check it with "openssl ts -verify" as well.

Exit status: 0 kept, 1 the answer is not one that the trust file accepts, 2 the input is invalid, 3 the authority gave no answer.`,
		Example: `  vauban witness stamp shop.receipt.json --trust auditors-trust.json --authority https://tsa.example.org/
  vauban witness stamp shop.receipt.json --query request.tsq
  vauban witness stamp shop.receipt.json --trust auditors-trust.json --reply answer.tsr`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.witnessStamp(cmd.Context(), args[0], opt) },
	}
	f := cmd.Flags()
	f.StringVar(&opt.trust, "trust", "", "trust `FILE` that names the authorities")
	f.StringVar(&opt.authority, "authority", "", "ask the authority at `URL`")
	f.StringVar(&opt.query, "query", "", "only write the request to `FILE`")
	f.StringVar(&opt.reply, "reply", "", "take the answer in `FILE`")
	f.StringVar(&opt.out, "out", "", "write the time stamp to `FILE` (default: NAME.tsr beside the receipt)")
	return cmd
}

func (a *app) witnessStamp(ctx context.Context, path string, opt stampOptions) error {
	usage := func(err error) error { return console.Failf(console.ExitUsage, "%v", err) }
	given := 0
	for _, text := range []string{opt.authority, opt.query, opt.reply} {
		if text != "" {
			given++
		}
	}
	if given != 1 {
		return usage(errors.New("give one of --authority, whom to ask, --query, where to write the request, and --reply, the answer"))
	}
	if opt.query == "" && opt.trust == "" {
		return usage(errors.New("--trust is needed: the trust file that names the authorities"))
	}
	var trust *notary.Trust
	if opt.trust != "" {
		var err error
		if trust, err = a.readTrust(ctx, opt.trust); err != nil {
			return usage(err)
		}
		if trust.Stamps == nil {
			return usage(fmt.Errorf("%s names no authority: `vauban witness --help` shows how one is named", opt.trust))
		}
	}
	a.Guard.Keep(path, opt.trust, opt.reply)
	info, err := os.Stat(path)
	if err != nil {
		return usage(fmt.Errorf("%s: %w", path, files.Reason(err)))
	}
	if info.IsDir() {
		if opt.authority == "" || opt.out != "" {
			return usage(errors.New("--query, --reply and --out are for one receipt: a directory takes --authority"))
		}
		made, err := vouchAll(ctx, path, notary.StampName, func(receipt []byte) ([]byte, error) {
			answer, _, err := a.stamped(ctx, receipt, trust, opt)
			return answer, err
		})
		if err == nil {
			fmt.Fprintf(a.Stderr, "%s: %s\n", path, plain.Number(made, "time stamp"))
		}
		return err
	}
	receipt, err := a.ReadFile(ctx, path, notary.MaxReceipt)
	if err != nil {
		return usage(err)
	}
	if opt.query != "" {
		r, err := notary.ParseReceipt(receipt)
		if err != nil {
			return usage(fmt.Errorf("%s: %w", path, err))
		}
		query, err := witness.Query(r.Milestone)
		if err != nil {
			return err
		}
		return a.Deliver(query, opt.query)
	}
	answer, s, err := a.stamped(ctx, receipt, trust, opt)
	if err != nil {
		return err
	}
	if opt.out == "" {
		opt.out = besideReceipt(path, stampExtension)
	}
	if err := a.Deliver(answer, opt.out); err != nil {
		return err
	}
	fmt.Fprintf(a.Stderr, "%s: stamped at %s by %s\n", opt.out, s.Time.Format(time.RFC3339), s.Authority)
	return nil
}

// stamped gets the time stamp of the milestone of a receipt, from the authority or out of its reply, and checks it.
func (a *app) stamped(ctx context.Context, receipt []byte, trust *notary.Trust, opt stampOptions) ([]byte, *witness.Stamped, error) {
	r, err := notary.ParseReceipt(receipt)
	if err != nil {
		return nil, nil, console.Failf(console.ExitUsage, "%v", err)
	}
	m, err := notary.ParseMilestone(r.Milestone)
	if err != nil {
		return nil, nil, console.Failf(console.ExitUsage, "%v", err)
	}
	var answer []byte
	if opt.reply != "" {
		if answer, err = a.ReadFile(ctx, opt.reply, witness.MaxStamp); err != nil {
			return nil, nil, console.Failf(console.ExitUsage, "%v", err)
		}
	} else {
		query, err := witness.Query(r.Milestone)
		if err != nil {
			return nil, nil, err
		}
		status := 0
		answer, status, err = logbook.Ask(ctx, http.MethodPost, opt.authority, "application/timestamp-query", bytes.NewReader(query), witness.MaxStamp)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("status %d", status)
		}
		if err != nil {
			return nil, nil, console.Failf(console.ExitUnknown, "the authority %s gave no answer: %v", opt.authority, err)
		}
	}
	s, err := trust.Stamps.Verify(answer, r.Milestone, m.Time)
	if err != nil {
		return nil, nil, console.Failf(console.ExitFound, "%v", err)
	}
	return answer, s, nil
}
