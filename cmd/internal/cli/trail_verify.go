package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/reports/trail"
)

func (a *app) trailHeadCommand() *cobra.Command {
	var opt notaryOptions
	cmd := &cobra.Command{
		Use:   "head DIR",
		Short: "Print the newest entry of a trail, compared with what the Tangle has",
		Long: `Head verifies a trail and prints its ID and its newest entry. Keep the line "known": "vauban trail verify --known" refuses a trail that does not go on from there.

An embedded Tangle is searched for the trail's records: a newer one, or another one with the same number, is an error. A node has no index by which to search.

Exit status: 0 the trail holds, 1 it does not, 2 the command line is invalid or a file cannot be read.`,
		Example: "  vauban trail head shop.trail",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := a.trailSeen(cmd.Context(), args[0], opt)
			if err != nil {
				return err
			}
			return a.Deliver([]byte(headText(r)), "")
		},
	}
	trailTangle(cmd.Flags(), &opt)
	return cmd
}

// trailSeen verifies a trail for somebody who has its Tangle.
func (a *app) trailSeen(ctx context.Context, dir string, opt notaryOptions) (r *trail.Result, err error) {
	if err := opt.present(dir); err != nil {
		return nil, console.Failf(console.ExitUsage, "%v", err)
	}
	ledger, trust, _, err := a.ledger(ctx, dir, opt)
	if err != nil {
		return nil, console.Failf(console.ExitUsage, "%v", err)
	}
	defer func() { err = errors.Join(err, ledger.Close()) }()
	return a.seen(ctx, dir, ledger, trust)
}

func (a *app) trailShowCommand() *cobra.Command {
	var (
		opt    notaryOptions
		format string
	)
	cmd := &cobra.Command{
		Use:   "show DIR",
		Short: "Tell the parties of a trail and each of its entries",
		Long: `Show verifies a trail, and tells its policy, its parties with the keys that they use now, and each entry: when it was on the Tangle, who signed it in which role, and what it says.

Exit status: 0 the trail holds, 1 it does not, 2 the command line is invalid or a file cannot be read.`,
		Example: "  vauban trail show shop.trail\n  vauban trail show --format json shop.trail",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := textOrJSON(format); err != nil {
				return err
			}
			r, err := a.trailSeen(cmd.Context(), args[0], opt)
			if err != nil {
				return err
			}
			var out strings.Builder
			if format == "json" {
				data, err := r.JSON()
				if err != nil {
					return err
				}
				out.Write(data)
			} else if err := r.Tell(&out); err != nil {
				return err
			}
			return a.Deliver([]byte(out.String()), "")
		},
	}
	trailTangle(cmd.Flags(), &opt)
	cmd.Flags().StringVar(&format, "format", "text", "`FORMAT` of the answer: text or json")
	return cmd
}

func textOrJSON(format string) error {
	if format != "text" && format != "json" {
		return fmt.Errorf("--format is %q, expected text or json", format)
	}
	return nil
}

// trailDemands are what a verifier asks for.
type trailDemands struct {
	trail, known, document, salt, maxAge, asOf, tangle, trust, format string
	before                                                            predecessor
}

func (a *app) trailVerifyCommand() *cobra.Command {
	var d trailDemands
	cmd := &cobra.Command{
		Use:   "verify DIR",
		Short: "Check a trail: that nothing is missing, who signed what by which right, and that the newest document is approved",
		Long: `Verify makes each check of a trail, and prints a line for it: passed, FAILED, or - if it was skipped. It believes your trust file and what you name, and needs no network.

--trail is the ID that the parties told you: a trail that was begun again has another one. --known is a head that you have seen: a trail that was rolled back or forked since
then does not go on from there. --tangle has an embedded Tangle searched for newer entries and forks. --document is the report that you were given: it has to be the newest of the
trail. Whether its verdicts are true is for "vauban audit" to say. A bundle that has a trail (see "vauban bundle") stands for its directory and the report.

Exit status: 0 all that was asked for passed, 1 something did not, 2 the command line is invalid or a file cannot be read.`,
		Example: `  vauban trail verify --trust vauban-tangle/trust.json --document shop.report.json shop.trail
  vauban trail verify --trust vauban-tangle/trust.json --tangle embedded:vauban-tangle --max-age 30d --format json shop.trail
  vauban trail verify --trust vauban-tangle/trust.json shop.vaubz`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.trailVerify(cmd.Context(), args[0], d) },
	}
	f := cmd.Flags()
	f.StringVar(&d.trust, "trust", "", "your trust `FILE`: which coordinators' keys you believe (required)")
	f.StringVar(&d.trail, "trail", "", "the `TRAIL` that you expect, by its ID")
	f.StringVar(&d.known, "known", "", "a `HEAD` that you know, as \"vauban trail head\" prints it: the trail must go on from there")
	f.StringVar(&d.document, "document", "", "the report or explanation in `FILE` must be the newest of the trail")
	f.StringVar(&d.salt, "salt", "", "the `SALT` of a sealed document, as \"vauban trail open\" prints it")
	f.StringVar(&d.tangle, "tangle", "", "search this `TANGLE`, embedded:DIR, for newer entries and forks")
	f.StringVar(&d.maxAge, "max-age", "", "the newest entry is at most so many `DAYS` old, such as 30d")
	f.StringVar(&d.asOf, "as-of", "", "the `DATE` YYYY-MM-DD of the verification, by which ages are judged (default today, UTC)")
	f.StringVar(&d.before.dir, "predecessor", "", "the trail in `DIR` that this one goes on from")
	f.StringVar(&d.before.trust, "predecessor-trust", "", "the trust `FILE` of the predecessor's network (default: that of this one)")
	f.StringVar(&d.format, "format", "text", "`FORMAT` of the result: text or json")
	return cmd
}

func (a *app) trailVerify(ctx context.Context, dir string, d trailDemands) error {
	if err := textOrJSON(d.format); err != nil {
		return err
	}
	in, err := a.trailAsked(ctx, dir, d)
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	r, err := trail.Verify(ctx, in, d.format == "json")
	switch {
	case ctx.Err() != nil:
		return console.Failf(console.ExitInterrupted, "interrupted: nothing was shown")
	case err != nil:
		return console.Failf(console.ExitUsage, "%v", err)
	}
	var out strings.Builder
	if d.format == "json" {
		data, err := r.JSON()
		if err != nil {
			return err
		}
		out.Write(data)
	} else if err := r.Text(&out); err != nil {
		return err
	}
	if err := a.Deliver([]byte(out.String()), ""); err != nil {
		return err
	}
	if !r.Passed {
		return &console.ExitError{Code: console.ExitFound}
	}
	return nil
}

// trailAsked reads what there is to verify.
func (a *app) trailAsked(ctx context.Context, dir string, d trailDemands) (*trail.Input, error) {
	if d.trust == "" {
		return nil, errors.New("receipts mean nothing without a trust file: give yours with --trust (that of an embedded Tangle is trust.json in its directory)")
	}
	trust, err := a.readTrust(ctx, d.trust)
	if err != nil {
		return nil, err
	}
	in, err := a.trailInput(ctx, dir, trust)
	if err != nil {
		return nil, err
	}
	if in.AsOf, err = console.DateOf(d.asOf); err != nil {
		return nil, err
	}
	if d.document != "" {
		if in.Document, _, err = a.readDocument(ctx, d.document); err != nil {
			return nil, err
		}
	}
	if err := in.Ask(trail.Demands{Trail: d.trail, Known: d.known, Salt: d.salt, MaxAge: d.maxAge}); err != nil {
		return nil, err
	}
	if d.before.dir != "" {
		if in.Before, err = a.before(ctx, d.before, trust); err != nil {
			return nil, err
		}
	}
	if d.tangle != "" {
		return in, a.searchEmbedded(ctx, in, dir, d.tangle)
	}
	return in, nil
}

// searchEmbedded reads what an embedded Tangle has of trails.
func (a *app) searchEmbedded(ctx context.Context, in *trail.Input, dir, tangle string) (err error) {
	opt := notaryOptions{tangle: tangle}
	if opt.tangleDir(dir) == "" {
		return fmt.Errorf("--tangle is %q, expected embedded:DIR: a node has no index by which to search", tangle)
	}
	if err := opt.present(dir); err != nil {
		return err
	}
	ledger, trust, _, err := a.ledger(ctx, dir, opt)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ledger.Close()) }()
	if trust.Network != in.Trust.Network {
		return fmt.Errorf("the Tangle is the network %q, the trust file is for %q: give the Tangle that the trail is on", trust.Network, in.Trust.Network)
	}
	return search(ctx, in, ledger)
}
