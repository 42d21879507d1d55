package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/trail"
)

func (a *app) credentialCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "credential",
		Short: "Issue, show and check credentials: who says that a key has a role, and until when",
		Long: `A credential says that a key has a role for a time: that it is an auditor's, say. It is a verifiable credential of the W3C in a JWT, signed with the Ed25519 key of its issuer, which
other programs can read.

In a trail whose genesis names the issuer ("vauban trail new --issuer"), a signer shows a credential in the place of a role that the genesis gives ("vauban trail add --credential"). It has to be valid at the
time of the entry's milestone. Its issuer, a founder or the recovery key revokes it with "vauban trail add revoke --credential".`,
		Example: "  vauban credential show acme.jwt",
		Args:    console.Subcommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.credentialIssueCommand(), a.credentialShowCommand(), a.credentialCheckCommand())
	return cmd
}

// grant is a credential to be issued.
type grant struct{ key, subject, role, trail, from, until, out string }

func (a *app) credentialIssueCommand() *cobra.Command {
	var g grant
	cmd := &cobra.Command{
		Use:   "issue",
		Short: "Issue a credential for a role",
		Long: `Issue signs that a key has a role, from a day until a day (UTC, both included), and prints the credential.

With --trail it counts in that trail alone; else it counts in any whose genesis names you as an issuer.

Exit status: 0 issued, 2 the command line is invalid or a file cannot be read.`,
		Example: "  vauban credential issue --key board.pem --subject auditor.pem --role auditor --until 2027-12-31 --out acme.jwt",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.grant(cmd.Context(), g)
			if err != nil {
				return console.Failf(console.ExitUsage, "%v", err)
			}
			return a.Deliver([]byte(c.Text+"\n"), g.out)
		},
	}
	f := cmd.Flags()
	f.StringVar(&g.key, "key", defaultKey(), "sign with the key in `FILE`: yours, the issuer's")
	f.StringVar(&g.subject, "subject", "", "the `DID` that has the role, or the file of its key (required)")
	f.StringVar(&g.role, "role", "", "the `ROLE`: architect, reviewer, approver or auditor (required)")
	f.StringVar(&g.from, "from", "", "the first `DATE` YYYY-MM-DD (default today, UTC)")
	f.StringVar(&g.until, "until", "", "the last `DATE` YYYY-MM-DD (required)")
	f.StringVar(&g.trail, "trail", "", "the `TRAIL` for which it counts, by its ID (default: any)")
	f.StringVar(&g.out, "out", "", "write to `FILE` (default: standard output)")
	return cmd
}

func (a *app) grant(ctx context.Context, g grant) (*attest.Credential, error) {
	if g.subject == "" || g.role == "" || g.until == "" {
		return nil, fmt.Errorf("a credential needs whose it is (--subject), a role (--role) and its last day (--until)")
	}
	if !trail.IsRole(g.role) {
		return nil, fmt.Errorf("--role is %q, expected %s", g.role, strings.Join(trail.GivenRoles, ", "))
	}
	if g.trail != "" {
		if _, err := trail.ParseID(g.trail); err != nil {
			return nil, fmt.Errorf("--trail: %w", err)
		}
	}
	keys, _, err := a.keysIn(ctx, []string{g.key})
	if err != nil {
		return nil, err
	}
	c := &attest.Credential{Role: g.role, Trail: g.trail}
	if c.Subject, err = a.did(ctx, g.subject); err != nil {
		return nil, err
	}
	var days [2]time.Time
	for i, day := range []string{g.from, g.until} {
		if day, err = console.DateOf(day); err == nil {
			days[i], err = time.Parse(time.DateOnly, day)
		}
		if err != nil {
			return nil, err
		}
	}
	c.From, c.Until = days[0].Unix(), days[1].AddDate(0, 0, 1).Unix()
	return c, c.Issue(keys[0])
}

// credentials reads files with a credential each.
func (a *app) credentials(ctx context.Context, paths []string) (out []*attest.Credential, err error) {
	for _, path := range paths {
		data, err := a.ReadFile(ctx, path, attest.MaxCredential+1)
		if err != nil {
			return nil, err
		}
		c, err := attest.ParseCredential(strings.TrimSuffix(string(data), "\n"))
		if err == nil {
			err = c.Check()
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out = append(out, c)
	}
	return out, nil
}

func (a *app) credentialShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show FILE",
		Short: "Tell what a credential says",
		Long: `Show checks the form and the signature of a credential, and tells what it says. Whether its issuer is to be believed, and whether it still counts, is for "vauban credential check" to say.

Exit status: 0 told, 2 the file cannot be read or is no credential that its issuer signed.`,
		Example: "  vauban credential show acme.jwt",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := a.credentials(cmd.Context(), args)
			if err != nil {
				return console.Failf(console.ExitUsage, "%v", err)
			}
			c := all[0]
			of := "any"
			if c.Trail != "" {
				of = c.Trail
			}
			return a.Deliver(fmt.Appendf(nil, "role     %s, %s\nsubject  %s\nissuer   %s\ntrail    %s\nsha256   %s\n", c.Role, c.Span(), c.Subject, c.Issuer, of, c.SHA256()), "")
		},
	}
}

func (a *app) credentialCheckCommand() *cobra.Command {
	var (
		trust, asOf string
		in          string
	)
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Check a credential: its issuer, its time, and that no trail says that it was revoked",
		Long: `Check makes each check of a credential: its issuer has signed it; your trust file names the issuer for the role; it counts on a day; and, with --in, a trail takes it: the trail's genesis names the issuer,
it is not for another trail, and it was not revoked there.

Issuers stand in your trust file, beside the keys of the network: "issuers": [{"did": "did:key:…", "roles": ["auditor"]}].

Exit status: 0 all that was asked for passed, 1 something did not, 2 the command line is invalid or a file cannot be read.`,
		Example: "  vauban credential check --trust issuers.json acme.jwt",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.credentialCheck(cmd.Context(), args[0], trust, asOf, in)
		},
	}
	f := cmd.Flags()
	f.StringVar(&trust, "trust", "", "your trust `FILE`: which issuers you believe (required)")
	f.StringVar(&asOf, "as-of", "", "the `DATE` YYYY-MM-DD on which it has to count, at noon (default today, UTC)")
	f.StringVar(&in, "in", "", "the trail in `DIR` has to take it, after its newest entry")
	return cmd
}

func (a *app) credentialCheck(ctx context.Context, path, trustPath, asOf, in string) error {
	usage := func(err error) error { return console.Failf(console.ExitUsage, "%v", err) }
	if trustPath == "" {
		return usage(fmt.Errorf("anybody can issue credentials: say which issuers you believe with --trust"))
	}
	trust, err := a.readTrust(ctx, trustPath)
	if err != nil {
		return usage(err)
	}
	day, err := console.DateOf(asOf)
	if err != nil {
		return usage(err)
	}
	noon, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return usage(err)
	}
	noon = noon.Add(12 * time.Hour)
	all, err := a.credentials(ctx, []string{path})
	if err != nil {
		return usage(err)
	}
	c := all[0]
	wrong := []string{}
	if !trust.Issues(c.Issuer, c.Role) {
		wrong = append(wrong, fmt.Sprintf("issuer: your trust file does not name %s for the role %s", c.Issuer, c.Role))
	}
	if err := c.Covers(noon); err != nil {
		wrong = append(wrong, "time: "+err.Error())
	}
	if in != "" {
		input, err := a.trailInput(ctx, in, trust)
		if err != nil {
			return usage(err)
		}
		input.Drafting = true
		r, err := trail.Verify(ctx, input, false)
		if err != nil {
			return usage(err)
		}
		if err := r.Takes(c); err != nil {
			wrong = append(wrong, "trail: "+err.Error())
		}
	}
	if len(wrong) > 0 {
		return console.Failf(console.ExitFound, "the credential does not count: %s", plain.Clean(strings.Join(wrong, "; ")))
	}
	return a.Deliver(fmt.Appendf(nil, "%s is %s, %s\n", c.Subject, c.Role, c.Span()), "")
}
