package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/gowebpki/jcs"
	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/portfolio"
)

func (a *app) historyCommand() *cobra.Command {
	var trust, format string
	cmd := &cobra.Command{
		Use:   "history REPORT|DIR",
		Short: "Show a design's verdicts over time, from its receipts",
		Long: `History tells what was claimed of a design and when, as its receipts show it: each report that was notarized, with the time on the Tangle, how many
requirements had which verdict, and which verdicts changed. It takes a report, or the directory of its history, and checks the whole chain first, against your trust file.
Whether the verdicts are true is for "vauban audit" to say.

Exit status: 0 the chain holds, 1 it does not, 2 the command line is invalid or a file cannot be read.`,
		Example: "  vauban history --trust vauban-tangle/trust.json shop.report.json\n  vauban history --format json --trust vauban-tangle/trust.json shop.history",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.history(cmd.Context(), args[0], trust, format) },
	}
	cmd.Flags().StringVar(&trust, "trust", "", "your trust `FILE`: which coordinators' keys you believe (required)")
	cmd.Flags().StringVar(&format, "format", "text", "`FORMAT` of the result: text or json")
	return cmd
}

// event is a notarized report or explanation.
type event struct {
	Number    int            `json:"number"`
	Time      string         `json:"time"` // RFC 3339, UTC: of the milestone
	Milestone uint32         `json:"milestone"`
	Block     string         `json:"block"`
	Signer    string         `json:"signer"`
	Report    string         `json:"report_sha256"`
	Kind      string         `json:"kind"` // report or explanation
	AsOf      string         `json:"as_of,omitempty"`
	Verdicts  map[string]int `json:"verdicts"` // how many requirements, or cases of logs, have each
	Changes   []string       `json:"changes"`  // since the report before
}

// order is that of verdicts on a line.
var order = []string{"violated", "unexplained", "explained", "unknown", "depends", "waived", "holds", "normal"}

func (a *app) history(ctx context.Context, path, trustPath, format string) error {
	if format != "text" && format != "json" {
		return fmt.Errorf("--format is %q, expected text or json", format)
	}
	if trustPath == "" {
		return fmt.Errorf("receipts mean nothing without a trust file: give yours with --trust (that of an embedded Tangle is trust.json in its directory)")
	}
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		_, _, path = evidencePaths(path)
	}
	trust, err := a.readTrust(ctx, trustPath)
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	entries, n, err := notary.ReadHistory(ctx, path)
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	links, _, err := audit.Chain(entries, trust, nil)
	if err != nil {
		return console.Failf(console.ExitFound, "the history %s does not hold: %v", path, err)
	}
	events := []event{}
	var before *document.Report
	for i, l := range links {
		e := event{
			Number: i + 1, Time: l.Proven.Time.Format(time.RFC3339), Milestone: l.Proven.Index, Block: l.Proven.Block.String(),
			Signer: l.Signer, Report: l.SHA256, Kind: l.Head.Kind, AsOf: l.Head.AsOf, Verdicts: l.Head.Verdicts, Changes: []string{},
		}
		if l.Report != nil {
			if before != nil {
				for _, c := range portfolio.Changes(before, l.Report) {
					e.Changes = append(e.Changes, c.String())
				}
			}
			before = l.Report
		}
		events = append(events, e)
	}
	if format == "json" {
		data, err := json.Marshal(events)
		if err != nil {
			return err
		}
		if data, err = jcs.Transform(data); err != nil {
			return err
		}
		return a.Deliver(data, "")
	}
	return a.Deliver([]byte(timeline(links, events, n)), "")
}

// timeline tells events to people.
func timeline(links []audit.Link, events []event, entries int) string {
	var out strings.Builder
	if len(links) > 0 {
		fmt.Fprintf(&out, "%s: %d notarized, one chain, on %s\n", plain.Clean(links[0].Head.Design), len(links), plain.Clean(links[0].Proven.Network))
	}
	signer := ""
	for _, e := range events {
		var counts []string
		for _, v := range order {
			if n := e.Verdicts[v]; n > 0 {
				counts = append(counts, fmt.Sprintf("%d %s", n, v))
			}
		}
		what := strings.Join(counts, ", ")
		if e.Kind != "report" {
			what = e.Kind + ": " + what
		}
		fmt.Fprintf(&out, "%4d  %s  %s\n", e.Number, e.Time, what)
		for _, c := range e.Changes {
			fmt.Fprintf(&out, "      %s\n", plain.Clean(c))
		}
		if e.Signer != signer {
			signer = e.Signer
			fmt.Fprintf(&out, "      signed by %s\n", signer)
		}
	}
	if n := entries - len(events); n > 0 {
		fmt.Fprintf(&out, "%d not on the Tangle yet: `vauban notarize --resume` gets the receipts\n", n)
	}
	return out.String()
}
